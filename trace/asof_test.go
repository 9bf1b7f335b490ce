package trace_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"

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

// What a thing was in is told as of a past height as it was told then: that a receipt named
// it beside its container took it out of there no more than it does while it is inside,
// whatever became of it since.
func TestAsOfAThingIsInWhatItWasInThen(t *testing.T) {
	bag := item(1, "A")
	for name, since := range map[string]func(m *memory, in uint64) map[int]any{
		"taken out": func(m *memory, in uint64) map[int]any {
			return map[int]any{1: sscc(1), 2: turn(in), 3: turn(m.event(t, orgB, pack("DELETE", at(5, 0), sscc(1), bag)))}
		},
		"put elsewhere": func(m *memory, in uint64) map[int]any {
			elsewhere := turn(m.event(t, orgB, pack("ADD", at(5, 0), sscc(2), bag)))
			return map[int]any{1: sscc(2), 2: elsewhere, 4: map[int]any{1: sscc(1), 2: turn(in), 3: elsewhere}}
		},
		"taken out, and elsewhere by now": func(m *memory, in uint64) map[int]any {
			m.event(t, orgB, pack("DELETE", at(5, 0), sscc(1), bag))
			return map[int]any{1: sscc(2), 2: turn(m.event(t, orgB, pack("ADD", at(5, 1), sscc(2), bag)))}
		},
		"attached since, too": func(m *memory, in uint64) map[int]any {
			return map[int]any{1: sscc(1), 2: turn(in), 3: turn(m.event(t, orgB, pack("DELETE", at(5, 0), sscc(1), bag)))}
		},
	} {
		m := newMemory()
		m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag))
		in := m.event(t, orgA, pack("ADD", at(2, 0), sscc(1), bag))
		m.event(t, orgB, object("OBSERVE", "receiving", at(3, 0), bag, sscc(1)))
		stored := m.event(t, orgB, object("OBSERVE", "storing", at(4, 0), sscc(1)))
		m.stands(t, bag, map[int]any{8: map[int]any{1: sscc(1), 2: turn(in)}})
		want, err := tell(m, bag)
		if err != nil {
			t.Fatal(err)
		}
		if told := seqs(walk(t, m, bag, trace.Options{})); !slices.Contains(told, stored) {
			t.Fatalf("%s: records %v", name, told)
		}
		state := map[int]any{8: since(m, in)}
		if name == "attached since, too" {
			state[9] = map[int]any{1: sscc(3), 2: turn(m.event(t, orgB, `"type":"AssociationEvent",`+pack("ADD", at(6, 0), sscc(3), bag)[len(`"type":"AggregationEvent",`):]))}
		}
		m.stands(t, bag, state)
		got, err := tell(trace.AsOf(m, stored+1), bag)
		if err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: %s", name, firstDifference(got, want))
		}
	}
}

// That a key was compromised is known from the record on that says so.
func TestAsOfAKeyIsGoodUntilItsRevocation(t *testing.T) {
	m := newMemory()
	bag := item(1, "A")
	born := m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag))
	recall := m.event(t, orgA, object("OBSERVE", "holding", at(2, 0), bag)+calledBack)
	first := m.event(t, orgB, object("OBSERVE", "storing", at(3, 0), item(2, "B"))) // stands for the revocation
	second := m.event(t, orgB, object("OBSERVE", "storing", at(4, 0), item(2, "B")))
	m.event(t, orgB, object("OBSERVE", "storing", at(5, 0), bag))
	for _, seq := range []uint64{born, recall} {
		m.signedBadly(seq)
		m.records[seq].Signer = "0x01"
	}
	interval := func(from uint64, since any) map[int]any {
		standing := map[int]any{1: "revoked", 2: orgA}
		if since != nil {
			standing[4] = since
		}
		return map[int]any{1: from, 3: standing}
	}
	state, err := cbor.Marshal(map[int]any{1: []any{interval(0, nil), interval(first, m.records[recall].Time.Seconds), interval(second, m.records[born].Time.Seconds)}})
	if err != nil {
		t.Fatal(err)
	}
	m.states[trace.Key{NS: trace.NSKey, ID: "0x01"}] = state
	for size, want := range map[uint64][]uint64{first: {}, first + 1: {recall}, second + 1: {born, recall}, second + 2: {born, recall}} {
		j, err := trace.Walk(trace.AsOf(m, size), bag, trace.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := []uint64{}
		for _, s := range j.Steps {
			if s.Compromised {
				got = append(got, s.Seq)
			}
		}
		if !slices.Equal(got, want) || len(j.Recalls) != 1 || j.Recalls[0].Compromised != (size > first) {
			t.Errorf("as of %d records: %v, recalls %+v", size, got, j.Recalls)
		}
	}
}
