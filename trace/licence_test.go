package trace_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// However often a prefix goes from one to another: who licenses it now issues for any moment
// at which it did, and the state says no more of the past than it has room for.
func TestLicencesHoldForTheirTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type span struct {
			organisation string
			from, until  int64 // of the present one until is far away
		}
		const never, far = int64(-1 << 40), int64(1 << 40)
		var s trace.PrefixState
		var all []span
		now := int64(1_000)
		for seq := range uint64(rapid.IntRange(1, 40).Draw(t, "changes")) {
			to := rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "to")
			before := s.Organisation
			s.Change(to, seq, epcis.Instant{Seconds: now})
			if to != before {
				if n := len(all); before != "" {
					all[n-1].until = now
				}
				if to != "" {
					from := now
					if len(all) == 0 {
						from = never
					}
					all = append(all, span{to, from, far})
				}
			}
			now += int64(rapid.IntRange(0, 3).Draw(t, "later"))
		}
		if len(s.Past) > trace.MaxLicences {
			t.Fatalf("%d licences are remembered", len(s.Past))
		}
		if n := len(all); n > 0 && s.Last() != all[n-1].organisation || n == 0 && s.Last() != "" {
			t.Fatalf("it was last that of %q: %+v", s.Last(), all)
		}
		known := all[max(0, len(all)-trace.MaxLicences-1):] // and the one that holds
		for at := int64(995); at <= now+5; at++ {
			want := slices.ContainsFunc(known, func(l span) bool {
				return s.Organisation != "" && l.organisation == s.Organisation && l.from <= at && at <= l.until
			})
			if got := s.Holds(epcis.Instant{Seconds: at}); got != want {
				t.Fatalf("at %d it holds for %q: %v; %+v", at, s.Organisation, got, all)
			}
		}
	})
}
