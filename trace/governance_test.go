package trace

import (
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
)

// An explanation says what a governance record proposes, votes on or does to a key, and so
// does that of a vote which rests on it.
func TestExplanationSaysWhatIsProposed(t *testing.T) {
	const mill = "https://id.gs1.org/417/9521109000001"
	id, subject := epcis.Canonical("urn:uuid:p"), epcis.Canonical(mill)
	since := epcis.Instant{Seconds: 86400}
	propose := func(change string, g epcis.Governance) epcis.Governance {
		g.Action, g.ID, g.Change = epcis.Propose, id, change
		return g
	}
	member := &epcis.GovernedMember{ID: mill, Name: "Mill", Country: "ET", Roles: []string{"trader", "carrier"}, Prefixes: []string{"9521109"}, Keys: []string{"0x02ab"}}
	amended := &epcis.GovernedMember{ID: mill, Name: "Mill", Country: "ET", Roles: []string{"carrier"}, Prefixes: []string{"9521109"}, Peer: "12D3", NodeID: "ab"}
	for want, g := range map[string]epcis.Governance{
		"the proposal to admit Mill, " + mill + "; roles trader, carrier; country ET; prefixes 9521109; keys 0x02ab": propose(epcis.ChangeAdmit, epcis.Governance{Member: member}),
		"the proposal to describe " + mill + " anew as Mill; roles carrier; country ET; prefixes 9521109; peer 12D3; node ab (moved)": propose(epcis.ChangeAmend,
			epcis.Governance{Subject: subject, Member: amended, Reason: "moved"}),
		"the proposal to suspend " + mill + " (late)": propose(epcis.ChangeSuspend, epcis.Governance{Subject: subject, Reason: "late"}),
		"the proposal to reinstate " + mill:           propose(epcis.ChangeReinstate, epcis.Governance{Subject: subject}),
		"the proposal to remove " + mill:              propose(epcis.ChangeRemove, epcis.Governance{Subject: subject}),
		"the proposal to set futureSkew to 0, prefixAuthority to reject": propose(epcis.ChangeParameters,
			epcis.Governance{Parameters: []epcis.GovernedParameter{{Name: "futureSkew", Value: "0"}, {Name: "prefixAuthority", Value: "reject"}}}),
		"the proposal to give the validator " + strings.Repeat("a", 64) + " of " + mill + " the power 10": propose(epcis.ChangeValidator,
			epcis.Governance{Validator: &epcis.GovernedValidator{Organisation: mill, Key: strings.Repeat("a", 64), Power: 10}}),
		"the proposal to take out the validator " + strings.Repeat("a", 64) + " of " + mill: propose(epcis.ChangeValidator,
			epcis.Governance{Validator: &epcis.GovernedValidator{Organisation: mill, Key: strings.Repeat("a", 64)}}),
		"the proposal to have the ruleset waymark-strict of release 0.1.0 judge from height 9 on": propose(epcis.ChangeRuleset,
			epcis.Governance{Ruleset: &epcis.GovernedRuleset{Name: "waymark-strict", Release: "0.1.0", Height: 9}}),
		"the proposal to make the scheme urn:x:organic mandatory for HS 0901, https://id.gs1.org/01/09521109000011": propose(epcis.ChangeScheme,
			epcis.Governance{Scheme: &epcis.GovernedScheme{Scheme: "urn:x:organic", HSCodes: []string{"0901"}, Classes: []string{"https://id.gs1.org/01/09521109000011"}}}),
		"the proposal to make the scheme urn:x:organic mandatory for no goods any more": propose(epcis.ChangeScheme,
			epcis.Governance{Scheme: &epcis.GovernedScheme{Scheme: "urn:x:organic"}}),
		"the proposal to have " + mill + " license the prefix 9521108": propose(epcis.ChangePrefix,
			epcis.Governance{Prefix: &epcis.GovernedPrefix{Prefix: "9521108", Licensee: mill}}),
		"the proposal to have nobody any more license the prefix 9521108": propose(epcis.ChangePrefix,
			epcis.Governance{Prefix: &epcis.GovernedPrefix{Prefix: "9521108"}}),
		"the proposal to let " + mill + " use the place https://id.gs1.org/414/9521108000002 and let urn:x:other no longer use the place https://id.gs1.org/414/9521108000002": propose(epcis.ChangePlace,
			epcis.Governance{Place: &epcis.GovernedPlace{ID: "https://id.gs1.org/414/9521108000002", Grant: []string{mill}, Withdraw: []string{"urn:x:other"}}}),
		"a vote for the proposal urn:uuid:p":          {Action: epcis.Vote, ID: id, Yes: true},
		"a vote against the proposal urn:uuid:p (no)": {Action: epcis.Vote, ID: id, Reason: "no"},
		"the withdrawal of the proposal urn:uuid:p":   {Action: epcis.Withdraw, ID: id},
		"the registration of the key 0x02" + strings.Repeat("a", 64) + " for the kinds epcis, of the next one by its hash 0x" + strings.Repeat("b", 64): {Action: epcis.AddKey,
			Key: "0x02" + strings.Repeat("a", 64), Kinds: []string{"epcis"}, Next: "0x" + strings.Repeat("b", 64)},
		"the revocation of the key 0xd2281fCd77Fb6ec0CB741acA8c3254A97AFbA878, compromised since 1970-01-02T00:00:00Z (lost)": {Action: epcis.RevokeKey,
			Key: "0xd2281fCd77Fb6ec0CB741acA8c3254A97AFbA878", Reason: "lost", CompromisedSince: &since},
		"the announcement of the next key by its hash 0x" + strings.Repeat("b", 64): {Action: epcis.CommitKey, Next: "0x" + strings.Repeat("b", 64)},
	} {
		zero := uint64(0)
		l := told{
			{Kind: epcis.KindGovernance, Organisation: "urn:org:Mill", Bytes: g.JSON()},
			{Seq: 1, Kind: epcis.KindGovernance, Organisation: "urn:org:Port", Findings: []Finding{{Severity: Info, Rule: "G1", Facts: []Fact{{Name: "proposal", Value: "urn:uuid:p", Seq: &zero}}}}},
		}
		if text, err := explained(t, l, 0); err != nil || !strings.HasPrefix(text, "Record 0: "+want+".\n") {
			t.Errorf("want %s\n%s (%v)", want, text, err)
		}
		if text, err := explained(t, l, 1); err != nil || !strings.Contains(text, "So says record 0, "+want+", signed by Mill") {
			t.Errorf("a vote: want %s\n%s (%v)", want, text, err)
		}
	}
}
