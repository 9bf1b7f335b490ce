package epcis

import (
	"reflect"
	"strings"
	"testing"
)

// A governance record reads back as it was written.
func TestGovernanceReadsBack(t *testing.T) {
	since, err := ParseInstant("2026-05-30T00:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	id, subject := Canonical("urn:uuid:p1"), Canonical("https://id.gs1.org/417/9521109000001")
	member := &GovernedMember{ID: subject.URI, Name: "Harbour \"Trading\"", Country: "NL", Roles: []string{"trader", "customs:NL"},
		Schemes: []string{"https://example.org/organic"}, Prefixes: []string{"9521109"}, Keys: []string{"0x02"}, Peer: "12D3", NodeID: "ab"}
	for _, g := range []Governance{
		{Action: Propose, ID: id, Change: ChangeAdmit, Member: member, Reason: "as agreed"},
		{Action: Propose, ID: id, Change: ChangeAmend, Subject: subject, Member: &GovernedMember{ID: subject.URI}},
		{Action: Propose, ID: id, Change: ChangeSuspend, Subject: subject},
		{Action: Propose, ID: id, Change: ChangeParameters, Parameters: []GovernedParameter{{"lateness", "9007199254740992"}, {"futureSkew", "0"}, {"massTolerance", "0.01"}, {"prefixAuthority", "reject"}}},
		{Action: Propose, ID: id, Change: ChangeValidator, Validator: &GovernedValidator{Organisation: subject.URI, Key: "aa", Power: 3}},
		{Action: Propose, ID: id, Change: ChangeRuleset, Ruleset: &GovernedRuleset{Name: "waymark-2", Release: "0.2.0", Height: 9}},
		{Action: Propose, ID: id, Change: ChangeScheme, Scheme: &GovernedScheme{Scheme: "https://example.org/organic", HSCodes: []string{"0901"}, Classes: []string{"https://id.gs1.org/01/09521102000015"}}},
		{Action: Propose, ID: id, Change: ChangeScheme, Scheme: &GovernedScheme{Scheme: "urn:s"}},
		{Action: Propose, ID: id, Change: ChangePrefix, Prefix: &GovernedPrefix{Prefix: "9521109", Licensee: subject.URI}},
		{Action: Propose, ID: id, Change: ChangePrefix, Prefix: &GovernedPrefix{Prefix: "9521109"}},
		{Action: Propose, ID: id, Change: ChangePlace, Place: &GovernedPlace{ID: "https://id.gs1.org/414/9521103000014", Grant: []string{subject.URI}, Withdraw: []string{"urn:x:1", "urn:x:2"}}},
		{Action: Propose, ID: id, Change: ChangePlace, Place: &GovernedPlace{ID: "https://id.gs1.org/414/9521103000014", Withdraw: []string{subject.URI}}},
		{Action: Vote, ID: id, Yes: true},
		{Action: Vote, ID: id, Reason: "see the replay"},
		{Action: Withdraw, ID: id},
		{Action: AddKey, Key: "0x02"},
		{Action: AddKey, Key: "0x02", Next: "0xab"},
		{Action: AddKey, Key: "0x02", Kinds: []string{"masterdata", "epcis"}, Next: "0xab", Reason: "a scanner"},
		{Action: CommitKey, Next: "0xab"},
		{Action: RevokeKey, Key: "0xab", Reason: "stolen", CompromisedSince: &since},
	} {
		b := g.JSON()
		r, err := Decode(KindGovernance, b)
		if err != nil {
			t.Errorf("%s: %v", b, err)
			continue
		}
		if !reflect.DeepEqual(*r.Governance, g) {
			t.Errorf("%s reads as %+v", b, r.Governance)
		}
	}
}

// What is missing, or does not belong, is named with its place.
func TestGovernanceIsRefused(t *testing.T) {
	for body, want := range map[string]string{
		`"action":"vote","id":"urn:x:1"`:                                                      "needs vote",
		`"action":"vote","id":"urn:x:1","vote":"maybe"`:                                       "/vote",
		`"action":"vote","id":"urn:x:1","vote":"yes","change":"admit"`:                        "/change",
		`"action":"propose","id":"urn:x:1","change":"admit"`:                                  "needs member",
		`"action":"propose","id":"urn:x:1","change":"conquer"`:                                "/change",
		`"action":"propose","id":"urn:x:1","change":"parameters","parameters":{}`:             "/parameters",
		`"action":"propose","id":"urn:x:1","change":"parameters","parameters":{"a":true}`:     "/parameters/a",
		`"action":"propose","id":"urn:x:1","change":"parameters","parameters":{"a":""}`:       "/parameters/a",
		`"action":"propose","id":"urn:x:1","change":"parameters","parameters":{"a":-1}`:       "/parameters/a",
		`"action":"propose","id":"urn:x:1","change":"parameters","parameters":{"a":1e30}`:     "/parameters/a",
		`"action":"propose","id":"urn:x:1","change":"admit","member":{"id":"u","king":true}`:  "/member/king",
		`"action":"propose","id":"urn:x:1","change":"scheme","scheme":{"scheme":"s","hs":[]}`: "/scheme/hs",
		`"action":"propose","id":"urn:x:1","change":"scheme","scheme":{"scheme":"a b"}`:       "/scheme/scheme",
		`"action":"propose","id":"urn:x:1","change":"prefix"`:                                 "needs prefix",
		`"action":"propose","id":"urn:x:1","change":"prefix","prefix":{"to":"x"}`:             "/prefix/to",
		`"action":"propose","id":"urn:x:1","change":"place","place":{"gln":"x"}`:              "/place/gln",
		`"action":"propose","id":"urn:x:1","change":"place","place":{"grant":[7]}`:            "/place/grant",
		`"action":"revokeKey","key":"0xab"`:                                                   "needs reason",
		`"action":"addKey","key":"0x02","kinds":[]`:                                           "/kinds",
		`"action":"addKey","key":"0x02","kinds":["epcis","epcis"]`:                            "/kinds",
		`"action":"addKey","key":"0x02","kinds":["events"]`:                                   "each once: epcis, certificate, masterdata, governance, customs, acknowledgement",
		`"action":"revokeKey","key":"0xab","reason":"r","kinds":["epcis"]`:                    "/kinds",
		`"action":"rule"`: "/action",
		`"id":"urn:x:1"`:  "needs an action",
	} {
		_, err := Decode(KindGovernance, []byte(`{"@context":["`+ContextURL+`",{"wm":"`+Vocabulary+`"}],"type":"wm:Governance",`+body+`}`))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", body, err)
		}
	}
}
