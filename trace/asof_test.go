package trace_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/waymark-ledger/waymark/trace"
)

// However many entries are cut off, the journey is the one that a ledger which
// never had them tells.
func TestAsOfIsTheJourneyOfThatDay(t *testing.T) {
	whole := laneLedger(t)
	for _, id := range []string{laneBag, laneContainer, laneMRN} {
		then := newMemory()
		then.states = whole.states
		for size, r := range whole.records {
			want, err := tell(then, id)
			if err != nil {
				t.Fatal(err)
			}
			got, err := tell(trace.AsOf(whole, uint64(size)), id)
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Fatalf("%s as of %d entries: %s", id, size, firstDifference(got, want))
			}
			then.add(t, r.Organisation, r.Kind, r.Time.String(), string(r.Bytes))
			then.states = whole.states
		}
	}
}

func tell(r trace.Reader, id string) (string, error) {
	j, err := trace.Walk(r, id, trace.Options{})
	if errors.Is(err, trace.ErrUnknown) {
		return "unknown", nil
	}
	if err != nil {
		return "", err
	}
	b, err := json.MarshalIndent(j, "", " ")
	return string(b), err
}
