package contracts

import (
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
)

// Where several events said one thing, it stands until each is declared wrong, and for good
// once there are more of them than are remembered.
func TestLaterEventsStandInThePlaceOfTheFirst(t *testing.T) {
	for events, stands := range map[int]bool{1: false, 2: false, maxLater: false, maxLater + 1: true, maxLater + 4: true} {
		mark := func(i int) [16]byte { return [16]byte{byte(i + 1)} }
		first := &Turn{Seq: 1, Event: mark(0)}
		var later []Turn
		for i := 1; i < events; i++ {
			one := Turn{Seq: uint64(i + 1), Event: mark(i)}
			if grown := addLater(&later, one); grown != (i <= maxLater) {
				t.Errorf("event %d: grown %t", i, grown)
			}
			if addLater(&later, one) {
				t.Errorf("event %d stands there twice", i)
			}
		}
		for i := range events {
			if first == nil {
				t.Errorf("gone before %d of %d are declared wrong", i+1, events)
			}
			c := &hearing{
				record: &epcis.Record{Event: &epcis.Event{ID: "urn:x", Correction: &epcis.ErrorDeclaration{}}},
				stamp:  &Turn{Event: mark(i)},
			}
			dropLater(c, &later)
			if c.declaredWrong(first) {
				first = nextLater(&later)
			}
		}
		if (first != nil) != stands {
			t.Errorf("after %d events, all declared wrong: %+v", events, first)
		}
	}
}
