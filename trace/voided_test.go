package trace

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/epcis"
)

func someEntry(seq uint64, id, organisation string, corrects, compromised bool) *entry {
	e := &entry{event: &epcis.Event{ID: id}, rec: &Recorded{Seq: seq, Organisation: organisation, Compromised: compromised}}
	if corrects {
		e.event.Correction = &epcis.ErrorDeclaration{}
	}
	return e
}

// An event is voided where any later declaration of its organisation means it, and upheld
// where all of those are of compromised keys and nothing had voided it before.
func TestVoidedIsWhatALaterDeclarationMeans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var entries []*entry
		for seq := range rapid.IntRange(0, 12).Draw(t, "entries") {
			e := someEntry(uint64(seq), rapid.SampledFrom([]string{"", "urn:x:1", "urn:x:2"}).Draw(t, "id"), rapid.SampledFrom([]string{"a", "b"}).Draw(t, "organisation"),
				rapid.Bool().Draw(t, "corrects"), rapid.Bool().Draw(t, "compromised"))
			e.voided = rapid.Bool().Draw(t, "voided")
			e.upheld = e.voided && rapid.Bool().Draw(t, "upheld")
			entries = append(entries, e)
		}
		entries = rapid.Permutation(entries).Draw(t, "order")
		want := map[*entry]string{}
		for _, e := range entries {
			voided, upheld := e.voided, e.upheld || !e.voided
			for _, c := range entries {
				if e.event.Correction == nil && c.event.Correction != nil && c.event.ID != "" && c.event.ID == e.event.ID &&
					c.rec.Organisation == e.rec.Organisation && c.rec.Seq > e.rec.Seq {
					voided, upheld = true, upheld && c.rec.Compromised
				}
			}
			want[e] = fmt.Sprint(voided, voided && upheld)
		}
		markVoided(entries)
		for _, e := range entries {
			if got := fmt.Sprint(e.voided, e.upheld); got != want[e] {
				t.Fatalf("record %d is %s, want %s", e.rec.Seq, got, want[e])
			}
		}
	})
}

// Whoever declares one event wrong over and over makes no walk cost the square of that.
func TestManyDeclarationsOfOneEventAreCheap(t *testing.T) {
	var entries []*entry
	for seq := range uint64(200_000) {
		entries = append(entries, someEntry(seq, "urn:x:1", "a", seq%2 == 1, false))
	}
	before := time.Now()
	markVoided(entries)
	if took := time.Since(before); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	if !entries[0].voided || entries[0].upheld {
		t.Error("the first event is not voided")
	}
}
