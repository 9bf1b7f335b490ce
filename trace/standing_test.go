package trace_test

import (
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/waymark-ledger/waymark/trace"
)

// stands gives an item the state that contracts would have left it in.
func (m *memory) stands(t *testing.T, id string, state map[int]any) {
	t.Helper()
	b, err := cbor.Marshal(state)
	if err != nil {
		t.Fatal(err)
	}
	m.states[trace.Key{NS: trace.NSItem, ID: id}] = b
}

// turn is an event as states have it.
func turn(seq uint64) map[int]any { return map[int]any{1: seq, 2: orgA, 3: 0, 4: 0} }

// scans are more records of a container than a walk looks back.
func (m *memory) scans(t *testing.T, when, container string) {
	t.Helper()
	for range 80 {
		m.event(t, orgB, object("OBSERVE", "storing", when, container))
	}
}

// What locks a container still is told of what is put into it, however long ago it was
// recorded, and not of what had left by then; nor is a component's lock told of another.
func TestWhatLocksAContainerIsToldOfWhatIsInIt(t *testing.T) {
	m := newMemory()
	bag, early := item(1, "A"), item(1, "B")
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag, early))
	m.event(t, orgA, pack("ADD", at(1, 1), sscc(1), early))
	m.event(t, orgA, pack("DELETE", at(1, 2), sscc(1), early))
	other := m.event(t, orgA, pack("ADD", at(1, 3), sscc(1), item(1, "C")))
	hold := m.event(t, orgB, object("OBSERVE", "holding", at(2, 0), sscc(1))+citing(declaration))
	m.stands(t, sscc(1), map[int]any{10: []map[int]any{{1: trace.CodeComponentLocked, 2: other}, {1: 4205, 2: hold}}})
	m.scans(t, at(3, 0), sscc(1))
	packed := m.event(t, orgA, pack("ADD", at(4, 0), sscc(1), bag))
	for id, want := range map[string]bool{bag: true, early: false} {
		j := walk(t, m, id, trace.Options{})
		if got := seqs(j); slices.Contains(got, hold) != want || slices.Contains(got, other) {
			t.Errorf("%s: records %v", id, got)
		}
	}
	j := walk(t, m, bag, trace.Options{})
	for _, n := range j.Graph.Nodes {
		if n.ID == declaration {
			t.Error("the document of that time is part of the journey")
		}
	}
	// As of before the hold, and the packing, there was none.
	if then, err := trace.Walk(trace.AsOf(m, hold), early, trace.Options{}); err != nil || slices.Contains(seqs(then), hold) {
		t.Errorf("as of before: %v, %v", err, seqs(then))
	}
	if then, err := trace.Walk(trace.AsOf(m, packed+1), bag, trace.Options{}); err != nil || !slices.Contains(seqs(then), hold) {
		t.Errorf("as of the packing: %v, %v", err, seqs(then))
	}
}

// What a container is in since long before something is put into it is part of the journey;
// what it had left by then is not.
func TestWhatAContainerIsInSinceLongBefore(t *testing.T) {
	for name, left := range map[string]bool{"it is in there": false, "it had left": true} {
		m := newMemory()
		m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A")))
		in := m.event(t, orgA, pack("ADD", at(1, 1), sscc(2), sscc(1)))
		recall := m.event(t, orgA, object("OBSERVE", "holding", at(1, 2), sscc(2))+calledBack)
		bond := map[int]any{1: sscc(2), 2: turn(in)}
		if left {
			bond[3] = turn(m.event(t, orgA, pack("DELETE", at(1, 3), sscc(2), sscc(1))))
		}
		m.stands(t, sscc(1), map[int]any{8: bond})
		m.scans(t, at(3, 0), sscc(1))
		m.event(t, orgA, pack("ADD", at(4, 0), sscc(1), item(1, "A")))
		j := walk(t, m, item(1, "A"), trace.Options{})
		if got := findEdge(j, trace.EdgeInside, sscc(1), sscc(2)) != nil; got == left {
			t.Errorf("%s: edges %+v", name, j.Graph.Edges)
		}
		if got := slices.Contains(seqs(j), recall); got == left {
			t.Errorf("%s: records %v", name, seqs(j))
		}
	}
}

// Where it has been put elsewhere since, its state remembers what it was in before that.
func TestWhatAContainerWasInUntilItWasPutElsewhere(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A")))
	in := m.event(t, orgA, pack("ADD", at(1, 1), sscc(2), sscc(1)))
	m.scans(t, at(3, 0), sscc(1))
	m.event(t, orgA, pack("ADD", at(4, 0), sscc(1), item(1, "A")))
	elsewhere := turn(m.event(t, orgA, pack("ADD", at(5, 0), sscc(3), sscc(1))))
	m.stands(t, sscc(1), map[int]any{8: map[int]any{1: sscc(3), 2: elsewhere, 4: map[int]any{1: sscc(2), 2: turn(in), 3: elsewhere}}})
	j := walk(t, m, item(1, "A"), trace.Options{})
	was, is := findEdge(j, trace.EdgeInside, sscc(1), sscc(2)), findEdge(j, trace.EdgeInside, sscc(1), sscc(3))
	if was == nil || was.Until == nil || *was.Until != instant(t, at(5, 0)) || is == nil {
		t.Errorf("edges %+v", j.Graph.Edges)
	}
}

// A receipt that names a thing beside its container takes it out of there no more than the
// rules do, which its state follows; one that names it alone does.
func TestWhatIsReceivedBesideItsContainerIsInThereStill(t *testing.T) {
	for still, want := range map[bool]int{true: 1, false: 0} {
		m := newMemory()
		bag := item(1, "A")
		m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag))
		in := m.event(t, orgA, pack("ADD", at(2, 0), sscc(1), bag))
		bond := map[int]any{1: sscc(1), 2: turn(in)}
		received := m.event(t, orgB, object("OBSERVE", "receiving", at(3, 0), bag, sscc(1)))
		if !still {
			bond[3] = turn(received)
		}
		m.stands(t, bag, map[int]any{8: bond})
		m.event(t, orgB, object("OBSERVE", "holding", at(4, 0), sscc(1))+calledBack)
		if j := walk(t, m, bag, trace.Options{}); len(j.Recalls) != want {
			t.Errorf("in there still %v: recalls %+v", still, j.Recalls)
		}
	}
}

// The hand-over of a container names none of its contents: whoever takes one out holds it by
// that, and so does who had it when all was taken out.
func TestByWhatAThingIsHeldIsTold(t *testing.T) {
	m := newMemory()
	bag, rest := item(1, "A"), item(1, "B")
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag, rest))
	in := m.event(t, orgA, pack("ADD", at(1, 1), sscc(1), rest))
	received := m.event(t, orgB, object("OBSERVE", "receiving", at(2, 0), sscc(1)))
	m.scans(t, at(3, 0), sscc(1))
	m.event(t, orgB, pack("DELETE", at(4, 0), sscc(1), bag))
	emptied := m.event(t, orgB, pack("DELETE", at(4, 1), sscc(1), []string{}...))
	m.event(t, orgB, pack("DELETE", at(4, 2), sscc(1), []string{}...))
	shipped := m.event(t, orgB, object("OBSERVE", "shipping", at(5, 0), sscc(1)))
	custody := map[int]any{1: orgB, 2: received, 4: make([]byte, 16)}
	m.stands(t, bag, map[int]any{6: custody})
	m.stands(t, rest, map[int]any{8: map[int]any{1: sscc(1), 2: turn(in)}})
	m.stands(t, sscc(1), map[int]any{6: custody, 7: map[int]any{1: shipped}, 18: map[int]any{4: emptied + 1, 5: map[int]any{1: turn(emptied + 1)}, 6: 1}})
	b, err := cbor.Marshal(map[int]any{1: turn(emptied), 2: 0, 3: custody})
	if err != nil {
		t.Fatal(err)
	}
	m.states[trace.Key{NS: trace.NSEmptied, ID: "contents|0|" + sscc(1)}] = b
	for _, id := range []string{bag, rest} {
		j := walk(t, m, id, trace.Options{})
		at := slices.IndexFunc(j.Steps, func(s trace.Step) bool { return s.Seq == received })
		if at < 0 || j.Steps[at].Basis != (id == bag) || slices.Contains(seqs(j), shipped) {
			t.Errorf("%s: steps %+v", id, j.Steps)
		}
		for _, g := range j.Gaps {
			if g.Seq == received && id == bag {
				t.Errorf("%s: %+v", id, g)
			}
		}
	}
}

// Who bore a container holds it by its birth, as long as its state names no other event.
func TestByItsBirthAThingIsHeld(t *testing.T) {
	m := newMemory()
	bag := item(1, "A")
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag))
	born := m.event(t, orgA, object("ADD", "commissioning", at(1, 1), sscc(1)))
	packed := m.event(t, orgA, pack("ADD", at(1, 2), sscc(1), bag))
	for _, since := range []bool{false, true} {
		custody := map[int]any{3: true}
		if since {
			custody = map[int]any{1: orgA, 2: packed, 4: make([]byte, 16)}
		}
		m.stands(t, sscc(1), map[int]any{4: turn(born), 6: custody})
		j := walk(t, m, bag, trace.Options{})
		if told := slices.ContainsFunc(j.Steps, func(s trace.Step) bool { return s.Seq == born }); told == since {
			t.Errorf("steps %+v", j.Steps)
		}
	}
}

// What a verdict says of a thing rests on records that stand in its journey, whatever they name;
// what it says of another is that one's.
func TestWhatAVerdictRestsOnIsTold(t *testing.T) {
	m := newMemory()
	bag, other := item(1, "A"), item(1, "B")
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag, other))
	locked := m.event(t, orgB, object("OBSERVE", "holding", at(2, 0), sscc(1))+calledBack)
	theirs := m.event(t, orgB, object("OBSERVE", "holding", at(2, 1), sscc(2)))
	limit := m.event(t, orgB, object("OBSERVE", "holding", at(2, 2), sscc(3)))
	idle := m.event(t, orgB, object("OBSERVE", "holding", at(2, 3), sscc(4)))
	refusal := func(severity trace.Severity, seqs ...uint64) trace.Finding {
		f := trace.Finding{Severity: severity, Rule: "C3", Version: 1, Code: 1306, Title: "no"}
		for i, name := range []string{bag, other, "deadline"}[:len(seqs)] {
			f.Facts = append(f.Facts, trace.Fact{Name: name, Value: "why", Seq: &seqs[i]})
		}
		return f
	}
	m.event(t, orgA, object("OBSERVE", "shipping", at(3, 0), bag, other), refusal(trace.Reject, locked, theirs, limit), refusal(trace.Info, idle))
	j := walk(t, m, bag, trace.Options{})
	for seq, want := range map[uint64]bool{locked: true, theirs: false, limit: true, idle: false} {
		if got := slices.ContainsFunc(j.Steps, func(s trace.Step) bool { return s.Seq == seq && s.Basis }); got != want {
			t.Errorf("record %d is told: %v", seq, got)
		}
	}
	if len(j.Recalls) > 0 || len(j.Graph.Nodes) != 1 {
		t.Errorf("of what it names: %+v, %+v", j.Recalls, j.Graph.Nodes)
	}
}

// Of the lot of a container a journey tells where a record speaks of it.
func TestTheLotOfAContainerThatIsSpokenOf(t *testing.T) {
	m := newMemory()
	box := item(2, "BOX")
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A")))
	born := m.event(t, orgA, object("ADD", "commissioning", at(1, 1), box)+`,"ilmd":{"cbvmda:lotNumber":"L"}`)
	m.stands(t, box, map[int]any{3: lot(2, "L"), 4: turn(born)})
	m.scans(t, at(3, 0), box)
	m.event(t, orgA, pack("ADD", at(4, 0), box, item(1, "A")))
	if j := walk(t, m, item(1, "A"), trace.Options{}); slices.Contains(things(j), lot(2, "L")) {
		t.Errorf("nobody spoke of it: %v", things(j))
	}
	recall := m.event(t, orgA, holding(lot(2, "L"), at(5, 0), calledBack))
	j := walk(t, m, item(1, "A"), trace.Options{})
	if findEdge(j, trace.EdgeLot, box, lot(2, "L")) == nil || len(j.Recalls) != 1 || j.Recalls[0].Seq != recall {
		t.Errorf("recalls %+v, edges %+v", j.Recalls, j.Graph.Edges)
	}
}

// What came out of a recalled container stays under the recall, and what is put into it
// later is: until that ends, or ends for it alone.
func TestTheRecallThatAContainerCameOutUnder(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A")))
	m.event(t, orgA, pack("ADD", at(1, 1), sscc(2), sscc(1)))
	recall := m.event(t, orgA, object("OBSERVE", "holding", at(1, 2), sscc(2))+calledBack)
	out := m.event(t, orgA, pack("DELETE", at(1, 3), sscc(2), sscc(1)))
	m.scans(t, at(3, 0), sscc(1))
	m.event(t, orgA, pack("ADD", at(4, 0), sscc(1), item(1, "A")))
	freed := m.event(t, orgA, object("OBSERVE", "holding", at(5, 0), sscc(1))+liftedNow)
	left := map[int]any{1: "item:" + sscc(2), 2: recall, 3: turn(out)}
	told := func() []trace.Recall { return walk(t, m, item(1, "A"), trace.Options{}).Recalls }
	m.stands(t, sscc(1), map[int]any{16: []map[int]any{left}})
	if got := told(); len(got) != 1 || got[0].Of != sscc(2) || got[0].Seq != recall || got[0].Lifted != nil {
		t.Errorf("recalls %+v", got)
	}
	left[6] = turn(freed)
	m.stands(t, sscc(1), map[int]any{16: []map[int]any{left}})
	if got := told(); len(got) != 0 {
		t.Errorf("freed alone, it is under %+v", got)
	}
	m.signedBadly(freed)
	if got := told(); len(got) != 1 {
		t.Errorf("freed by a thief, it is under %+v", got)
	}
	delete(left, 6)
	m.stands(t, sscc(1), map[int]any{16: []map[int]any{left}})
	lifted := m.event(t, orgA, object("OBSERVE", "holding", at(6, 0), sscc(2))+liftedNow)
	if got := told(); len(got) != 1 || got[0].Lifted == nil || got[0].Lifted.Seq != lifted {
		t.Errorf("lifted, it is under %+v", got)
	}
}

// A recall that its author made again stands in the place of the one it declares wrong,
// also for what had left by then.
func TestARecallOfAContainerMadeAgainAndTheFirstDeclaredWrong(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), item(1, "A")))
	m.event(t, orgA, pack("ADD", at(2, 0), sscc(1), item(1, "A")))
	first := object("OBSERVE", "holding", at(3, 0), sscc(1)) + calledBack + `,"eventID":"urn:uuid:1"`
	m.event(t, orgA, first)
	m.event(t, orgA, pack("DELETE", at(4, 0), sscc(1), item(1, "A")))
	again := m.event(t, orgA, object("OBSERVE", "holding", at(5, 0), sscc(1))+calledBack)
	if got := walk(t, m, item(1, "A"), trace.Options{}).Recalls; len(got) != 1 || got[0].Seq == again {
		t.Errorf("recalls %+v", got)
	}
	m.event(t, orgA, first+wrong)
	if got := walk(t, m, item(1, "A"), trace.Options{}).Recalls; len(got) != 1 || got[0].Seq != again {
		t.Errorf("the first declared wrong, recalls %+v", got)
	}
}
