package node

import (
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/trace"
)

// A finding that only rests on other facts is told apart from itself by those.
func TestReplayTellsTheFactsThatDiffer(t *testing.T) {
	over := func(code uint32, facts ...string) trace.Finding {
		f := trace.Finding{Severity: trace.Reject, Rule: "M2", Code: code, Title: "more comes out than went in"}
		for i := 0; i < len(facts); i += 2 {
			f.Facts = append(f.Facts, trace.Fact{Name: facts[i], Value: facts[i+1]})
		}
		return f
	}
	was := []trace.Finding{over(3201, "in", "900 KGM", "tolerance", "0.005"), over(3202, "in", "1 KGM"), over(3203)}
	would := []trace.Finding{over(3201, "in", "900 KGM", "tolerance", "0.1"), over(3203)}
	const name = "REJECT M2 3201 more comes out than went in"
	if got, want := without(was, would), []string{name + " (tolerance: 0.005)", "REJECT M2 3202 more comes out than went in"}; !slices.Equal(got, want) {
		t.Errorf("was %q", got)
	}
	if got, want := without(would, was), []string{name + " (tolerance: 0.1)"}; !slices.Equal(got, want) {
		t.Errorf("would %q", got)
	}
	many := []trace.Finding{over(3201, "a", "1", "b", "1", "c", "1", "d", "1", "e", "1")}
	if got, want := without(many, would), []string{name + " (a: 1; b: 1; c: 1; and 2 more)"}; !slices.Equal(got, want) {
		t.Errorf("many facts: %q", got)
	}
}
