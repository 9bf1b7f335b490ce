package node

import (
	"bytes"
	"strings"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// draft is the ledger as records that are only tried out would leave it: a view
// that keeps what they write in memory, over one that nothing writes to. It
// belongs to one goroutine.
type draft struct {
	ledger contracts.View // nil for nothing
	past   pastRecords
	next   uint64 // the seq that the next record would have
	states byKey[*draftState]
	firsts
	events map[uint64]string // eventIDs of those that the ledger has refused
	slab   []draftState      // the next of states, allocated together
	names  *strings.Builder  // the next of their keys' ids, the same way
}

// newDraft is a draft that will keep about so many states.
func newDraft(ledger contracts.View, next uint64, states int) *draft {
	d := &draft{ledger: ledger, next: next, states: newByKey[*draftState](states), names: new(strings.Builder), firsts: newFirsts()}
	if ledger != nil {
		d.past = ledger
	}
	return d
}

// append applies the verdict on the next record, as a block stages it.
func (d *draft) append(p contracts.Position, v *contracts.Verdict) {
	d.next++
	if v.Rejected() {
		return
	}
	var kept keptState
	for _, w := range v.Writes {
		d.set(w.Key, kept.of(w.State))
	}
	d.note(p, v)
}

// accept keeps the eventID of a record that the ledger has refused.
func (d *draft) accept(one *replayed) {
	if one.record == nil || one.record.Event == nil {
		return
	}
	if d.events == nil {
		d.events = map[uint64]string{}
	}
	d.events[one.Entry.Seq] = strings.Clone(one.record.Event.ID) // a part of the whole record's text
}

// keptState copies states that a court wrote. What is written for many items is often
// one and the same: it is kept once.
type keptState struct{ last, kept []byte }

func (k *keptState) of(state []byte) []byte {
	if len(k.last) != len(state) || &k.last[0] != &state[0] {
		k.last, k.kept = state, bytes.Clone(state)
	}
	return k.kept
}

// draftState is a state that a draft keeps. Nobody changes its bytes.
type draftState struct{ bytes []byte }

// set keeps a state, which nobody changes.
func (d *draft) set(k trace.Key, state []byte) { d.stateOf(k).bytes = state }

// stateOf is where the state of k is kept.
func (d *draft) stateOf(k trace.Key) *draftState {
	s, ok := d.states.get(k)
	if !ok {
		if len(d.slab) == 0 {
			d.slab = make([]draftState, 64)
		}
		s, d.slab = &d.slab[0], d.slab[1:]
		k.ID = d.name(k.ID)
		d.states.put(k, s)
	}
	return s
}

// name is a copy of a key's id, which is often a part of a whole record's text: that
// is not to stay.
func (d *draft) name(id string) string {
	if d.names.Cap()-d.names.Len() < len(id) {
		d.names = new(strings.Builder)
		d.names.Grow(max(namesRoom, len(id)))
	}
	from := d.names.Len()
	d.names.WriteString(id)
	return d.names.String()[from:]
}

// namesRoom is the room for ids that is made at a time.
const namesRoom = 4 << 10

// State returns the canonical state of k, nil when it has none.
func (d *draft) State(k trace.Key) ([]byte, error) {
	if s, ok := d.states.get(k); ok {
		return s.bytes, nil
	}
	if d.ledger == nil {
		return nil, nil
	}
	return d.ledger.State(k)
}

// Accepted returns the seq of the record with this hash that was accepted from
// this organisation, "" for any: then the first of all.
func (d *draft) Accepted(organisation string, record identity.Hash, content string) (uint64, bool, error) {
	if d.ledger != nil {
		if seq, ok, err := d.ledger.Accepted(organisation, record, content); ok || err != nil {
			return seq, ok, err
		}
	}
	seq, ok := d.accepted(organisation, record)
	return seq, ok, nil
}

// SameContent returns the first accepted event with this CBV event hash.
func (d *draft) SameContent(cbvHash string) (uint64, bool, error) {
	if d.ledger != nil {
		if seq, ok, err := d.ledger.SameContent(cbvHash); ok || err != nil {
			return seq, ok, err
		}
	}
	seq, ok := d.content[cbvHash]
	return seq, ok, nil
}

// Signed returns who signed an earlier record: one that stands on the ledger, for
// what is tried out beside it the court remembers.
func (d *draft) Signed(seq uint64) (identity.Address, int64, error) { return d.past.Signed(seq) }

// IsEvent reports whether an earlier record is an accepted event with this eventID: one that
// stands on the ledger, too.
func (d *draft) IsEvent(seq uint64, eventID string) (bool, error) {
	if id, ok := d.events[seq]; ok {
		return id == eventID, nil
	}
	return d.past.IsEvent(seq, eventID)
}

// pastRecords tell of the records that stand on a ledger.
type pastRecords interface {
	Signed(seq uint64) (identity.Address, int64, error)
	IsEvent(seq uint64, eventID string) (bool, error)
}
