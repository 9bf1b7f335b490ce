package node

import (
	"errors"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
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
	same, err := Replay(t.Context(), c, ReplayOptions{Ruleset: contracts.Ruleset().Name})
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
		len(late.ByRule) != 1 || late.ByRule[0] != (Tally{"A5", 3}) || late.Changes[0].About[0] == "" {
		t.Errorf("no lateness allowed: %+v", late)
	}
	after, err := Replay(t.Context(), c, ReplayOptions{Parameters: map[string]string{"lateness": "0"}, From: late.Height + 1})
	if err != nil || after.Compared != 0 || after.Changed != 0 {
		t.Errorf("from a height to come: %+v, %v", after, err)
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
