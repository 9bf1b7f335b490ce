package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// A history judged again by the rules that judged it gives the same verdicts; by
// others, those that differ are named.
func TestReplayNamesTheVerdictsThatWouldChange(t *testing.T) {
	c := network(t, 1, nil)[0]
	r := run(t, c)
	r.awaitReady(t)
	for _, o := range [][]byte{observation(t, 1), observation(t, 2), observation(t, 3)} {
		capture(t, r, o)
	}
	if _, err := Replay(t.Context(), c, ReplayOptions{}); !errors.Is(err, ErrInUse) {
		t.Errorf("a running node: %v", err)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	same, err := Replay(t.Context(), c, ReplayOptions{Ruleset: contracts.First().Name()})
	if err != nil {
		t.Fatal(err)
	}
	if same.Records != 3 || same.Compared != 3 || same.Changed != 0 || len(same.Changes) != 0 {
		t.Errorf("the same rules: %+v", same)
	}
	late, err := Replay(t.Context(), c, ReplayOptions{Parameters: map[string]string{"lateness": "0"}, MaxChanges: 1})
	if err != nil {
		t.Fatal(err)
	}
	if late.Changed != 3 || len(late.Changes) != 1 || late.Changes[0].Accepted != "" || len(late.Changes[0].Was) != 0 ||
		len(late.ByRule) != 1 || late.ByRule[0] != (Tally{"A5", 3}) || late.Changes[0].About[0] == "" ||
		len(late.ByItem) != 1 || late.ByItem[0].Records == 0 || late.Items < 1 {
		t.Errorf("no lateness allowed: %+v", late)
	}
	if _, err := Replay(t.Context(), c, ReplayOptions{From: late.Height + 1}); !errors.Is(err, ErrFromAhead) {
		t.Errorf("from a height to come: %v", err)
	}
	if end, err := Replay(t.Context(), c, ReplayOptions{From: late.Height}); err != nil || end.Changed != 0 {
		t.Errorf("from the last height: %+v, %v", end, err)
	}
	for name, value := range map[string]string{"latenes": "1", "lateness": "x", "futureSkew": "1000000"} {
		if _, err := Replay(t.Context(), c, ReplayOptions{Parameters: map[string]string{name: value}}); err == nil {
			t.Errorf("parameter %s=%s is taken", name, value)
		}
	}
	if _, err := Replay(t.Context(), c, ReplayOptions{Ruleset: "other"}); !errors.Is(err, ErrUnknownRuleset) {
		t.Errorf("a ruleset that is not there: %v", err)
	}
}

// Parameters that members voted for hold in a replay as they did, but for those that
// are proposed.
func TestReplayKeepsTheParametersThatWereVoted(t *testing.T) {
	c := network(t, 1, nil)[0]
	r := run(t, c)
	r.awaitReady(t)
	capture(t, r, observation(t, 1))
	adopt(t, []*running{r}, epcis.Governance{ID: epcis.Canonical("urn:uuid:late"), Change: epcis.ChangeParameters,
		Parameters: []epcis.GovernedParameter{{Name: "lateness", Value: "0"}}})
	capture(t, r, observation(t, 2))
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	for value, changed := range map[string]uint64{"": 0, "massTolerance=0.01": 0, "lateness=0": 1, "lateness=2592000": 1} {
		o := ReplayOptions{}
		if name, to, ok := strings.Cut(value, "="); ok {
			o.Parameters = map[string]string{name: to}
		}
		report, err := Replay(t.Context(), c, o)
		if err != nil {
			t.Fatal(err)
		}
		if report.Changed != changed || report.Records != 3 {
			t.Errorf("with %q: %+v", value, report)
		}
		proposed := identity.Parameters(report.Parameters)
		if text, _ := proposed.Get("lateness"); text != "0" && value != "lateness=2592000" {
			t.Errorf("with %q: lateness %s", value, text)
		}
		// Also one that was never voted on.
		if text, err := json.Marshal(report); err != nil || !strings.Contains(string(text), `"alertDeadline":604800`) {
			t.Errorf("with %q: %s, %v", value, text, err)
		}
	}
}

// What was refused, and is accepted under other parameters, is declared wrong by its eventID
// as well.
func TestReplayKnowsTheEventIDsOfWhatWasRefused(t *testing.T) {
	strict := identity.DefaultParameters()
	strict.MalformedIdentifiers = identity.PolicyReject
	c := newChronicle(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), strict)
	const wrong = `"errorDeclaration":{"declarationTime":"2026-11-20T11:00:00Z"},`
	for i, declared := range []string{"", wrong, ""} {
		// The check digit of the GTIN is another.
		c.record(t, c.keys["exporter"], epcis.KindEvent, fmt.Appendf(nil, `{"@context":%q,"type":"ObjectEvent","action":"OBSERVE",%s"eventTime":"2026-11-20T11:00:00Z",`+
			`"eventTimeZoneOffset":"+00:00","eventID":"urn:uuid:%d","bizStep":"storing","epcList":["https://id.gs1.org/01/09521102000016/21/A"]}`,
			epcis.ContextURL, declared, i/2))
		c.commit(t)
	}
	r := judged(t, c, ReplayOptions{Parameters: map[string]string{"malformedIdentifiers": "flag"}, MaxChanges: 3}, 2, 2)
	if r.report.Changed != 3 {
		t.Fatalf("%+v", r.report)
	}
	for _, change := range r.report.Changes {
		if change.Accepted != NowAccepted || slices.ContainsFunc(change.Would, func(line string) bool { return strings.Contains(line, " 603 ") }) {
			t.Errorf("%+v", change)
		}
	}
}

// A history of which a ruleset judged a part that this build does not have is not judged again by
// another one, unless that is asked for.
func TestReplayLacksTheRulesetOfAHeight(t *testing.T) {
	c := newChronicle(t, time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), identity.DefaultParameters())
	c.ruleset = contracts.First()
	event := func(n int) {
		c.record(t, c.keys["exporter"], epcis.KindEvent, fmt.Appendf(nil, `{"@context":%q,"type":"ObjectEvent","action":"OBSERVE","eventTime":"2026-11-20T11:00:%02dZ",`+
			`"eventTimeZoneOffset":"+00:00","eventID":"urn:uuid:%d","bizStep":"storing","epcList":["https://id.gs1.org/01/09521102000015/21/A"]}`, epcis.ContextURL, n, n))
		c.commit(t)
	}
	id := epcis.Canonical("urn:uuid:next")
	c.record(t, c.keys["exporter"], epcis.KindGovernance, (&epcis.Governance{Action: epcis.Propose, ID: id, Change: epcis.ChangeRuleset,
		Ruleset: &epcis.GovernedRuleset{Name: "waymark-next", Release: "9.9.9", Height: 4}}).JSON())
	for name, key := range c.keys {
		if name != "exporter" {
			c.record(t, key, epcis.KindGovernance, (&epcis.Governance{Action: epcis.Vote, ID: id, Yes: true}).JSON())
		}
	}
	for n := range 4 {
		event(n)
	}
	if _, err := ReplayLedger(t.Context(), c.ledger, c.genesis, ReplayOptions{}); !errors.Is(err, ErrLacksRuleset) || !strings.Contains(err.Error(), "install release 9.9.9") {
		t.Errorf("by what was in force: %v", err)
	}
	if r, err := ReplayLedger(t.Context(), c.ledger, c.genesis, ReplayOptions{Ruleset: "waymark-1"}); err != nil || r.Changed != 0 || r.Ruleset.Name != "waymark-1" {
		t.Errorf("by the first: %+v, %v", r, err)
	}
}
