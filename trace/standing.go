package trace

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// CodeComponentLocked is the finding of rule C9 that locks an assembly because of one of
// its components. It says nothing of the others.
const CodeComponentLocked uint32 = 1912

// standing is what a walk reads of an item's or a container's state (contracts.ItemState):
// what counts of it still, however long ago it was recorded.
type standing struct {
	Lot        string            `cbor:"3,keyasint"` // fixed by Born
	Born       *standingTurn     `cbor:"4,keyasint"`
	Custody    *standingCustody  `cbor:"6,keyasint"`
	Transit    *standingWay      `cbor:"7,keyasint"`
	Parent     *standingBond     `cbor:"8,keyasint"` // to the container it is in, or was last in
	Assembly   *standingBond     `cbor:"9,keyasint"`
	Locks      []standingLock    `cbor:"10,keyasint"`
	Left       []standingLeft    `cbor:"16,keyasint"`
	Contents   *standingContents `cbor:"18,keyasint"`
	Components *standingContents `cbor:"19,keyasint"`
}

// standingCustody is who holds it, by the record at Seq. One without the mark of an event
// is by the birth, which says the rest.
type standingCustody struct {
	Seq   uint64 `cbor:"2,keyasint"`
	Event []byte `cbor:"4,keyasint"`
}

// standingWay is the last transfer that it was in, and what ended that.
type standingWay struct {
	Transfer uint64        `cbor:"1,keyasint"` // seq
	Ended    *standingTurn `cbor:"3,keyasint"`
}

type standingBond struct {
	Holder string        `cbor:"1,keyasint"`
	In     *standingTurn `cbor:"2,keyasint"`
	Out    *standingTurn `cbor:"3,keyasint"` // nil while it lasts
	Before *standingBond `cbor:"4,keyasint"` // the one that it took the place of
}

func (b *standingBond) before() *standingBond {
	if b == nil {
		return nil
	}
	return b.Before
}

// in reports a bond to a container, or an assembly, that lasts.
func (b *standingBond) in(holder Key) bool {
	return b != nil && b.Out == nil && holder.NS == NSItem && b.Holder == holder.ID
}

type standingTurn struct {
	Seq uint64 `cbor:"1,keyasint"`
}

type standingLock struct {
	Code uint32 `cbor:"1,keyasint"`
	Seq  uint64 `cbor:"2,keyasint"`
}

// standingLeft is that it left something under a recall, and stays under that.
type standingLeft struct {
	Of     string        `cbor:"1,keyasint"` // what is recalled, as the id of its recalls' key
	Recall uint64        `cbor:"2,keyasint"` // seq
	By     *standingTurn `cbor:"3,keyasint"`
	Freed  *standingTurn `cbor:"6,keyasint"` // the recall ended for it alone
}

// standing reads the state of an item or a container.
func (w *walker) standing(k Key) (*standing, error) {
	s := w.standings[k]
	if s != nil {
		return s, nil
	}
	s = &standing{}
	if k.NS == NSItem {
		if err := w.state(k, s); err != nil {
			return nil, err
		}
		if s.Custody != nil && len(s.Custody.Event) == 0 && s.Born != nil {
			s.Custody.Seq = s.Born.Seq
		}
	}
	w.standings[k] = s
	return s, nil
}

// state reads what a key's state says into v; nothing where it has none.
func (w *walker) state(k Key, v any) error {
	state, err := w.reader.State(k)
	if err == nil && state != nil {
		err = cbor.Unmarshal(state, v)
	}
	if err != nil {
		return fmt.Errorf("state of %s %s: %w", k.NS, k.ID, err)
	}
	return nil
}

// stated is the record at a seq that a state names; nil as of a time before it.
func (w *walker) stated(seq uint64) (*entry, error) {
	e, err := w.entry(seq)
	if errors.Is(err, ErrUnknown) {
		return nil, nil
	}
	return e, err
}

// inThen reports whether a thing that its state does not have in a container was in there as
// of a time before. Of what it was in before all that its state remembers, its records alone
// tell; the state of today answers no, and all that it remembers is known.
func (w *walker) inThen(s *standing, holder Key) (bool, error) {
	forgotten := false
	for _, b := range [...]*standingBond{s.Parent, s.Assembly} {
		since := b
		for ; since != nil; since = since.Before {
			began, err := w.turned(cmp.Or(since.In, since.Out))
			if err != nil {
				return false, err
			}
			if began {
				break
			}
		}
		switch {
		case since == nil:
			forgotten = forgotten || b != nil
		case since.Holder == holder.ID && holder.NS == NSItem:
			ended, err := w.turned(since.Out)
			return !ended, err
		}
	}
	return forgotten, nil
}

// turned reports whether a turn that a state names is one of the records that there are:
// as of a time before it, it is none.
func (w *walker) turned(t *standingTurn) (bool, error) {
	if t == nil {
		return false, nil
	}
	e, err := w.stated(t.Seq)
	return e != nil, err
}

// locksInside includes the records that locked a container, and lock it still, if they were
// recorded before what was inside left.
func (w *walker) locksInside(t task, s *standing) error {
	for _, l := range s.Locks {
		if l.Code == CodeComponentLocked || t.From != 0 && l.Seq > t.From {
			continue
		}
		e, err := w.stated(l.Seq)
		if err != nil {
			return err
		}
		if e != nil {
			w.includeAside(e, t.ID)
		}
	}
	return nil
}

// handedOver notes the records by which a thing came to who has it, and was last put on its
// way, if they were recorded before what was inside left. Whoever takes it out of what was
// handed over comes to hold it by the hand-over, which does not name it.
func (w *walker) handedOver(t task, s *standing) {
	if s.Custody != nil {
		w.ground(t, s.Custody.Seq)
	}
	if way := s.Transit; way != nil {
		w.ground(t, way.Transfer)
		if way.Ended != nil {
			w.ground(t, way.Ended.Seq)
		}
	}
}

// recallsLeft includes the recalls of what an item was in that it is under still: what is
// inside of it now is under them, too, wherever that was by then.
func (w *walker) recallsLeft(t task, left []standingLeft) error {
	for i := range left {
		l := &left[i]
		if l.By == nil || t.From != 0 && l.By.Seq > t.From {
			continue
		}
		if l.Freed != nil {
			if e, err := w.stated(l.Freed.Seq); err != nil {
				return err
			} else if e != nil && !e.rec.Compromised {
				continue
			}
		}
		entries, err := w.history(Key{NSRecall, l.Of})
		if err != nil {
			return err
		}
		at := slices.IndexFunc(entries, func(e *entry) bool { return e.rec.Seq == l.Recall && calls(e) })
		if at < 0 {
			continue
		}
		_, id, _ := strings.Cut(l.Of, ":")
		w.tellRecall(entries[at:], t, id)
		w.left[id] = true
	}
	return nil
}

// withBonds puts before the records that were read of a container those by which it was
// put into what it is in, or was in last or before that, where it was put there before them
// all, had not left by then, and what is asked for was still inside.
func (w *walker) withBonds(entries []*entry, t task, s *standing) ([]*entry, error) {
	first := Latest
	if len(entries) > 0 {
		first = entries[0].rec.Seq
	}
	for _, b := range [...]*standingBond{s.Parent, s.Parent.before(), s.Assembly, s.Assembly.before()} {
		if b == nil || b.In == nil || b.In.Seq >= first || t.From != 0 && b.In.Seq > t.From || b.Out != nil && b.Out.Seq < first {
			continue
		}
		e, err := w.stated(b.In.Seq)
		if err != nil {
			return nil, err
		}
		if e != nil {
			entries = append([]*entry{e}, entries...)
		}
	}
	return entries, nil
}

// lotInside reaches the lot of a container, where a record speaks of it: what locks the lot,
// or a recall of it, binds what is inside as well.
func (w *walker) lotInside(t task, s *standing) error {
	if s.Lot == "" || s.Born == nil {
		return nil
	}
	spoken, err := w.spokenOf(s.Lot)
	if err != nil || !spoken {
		return err
	}
	if e, err := w.stated(s.Born.Seq); err != nil || e == nil {
		return err
	}
	edge := Edge{Kind: EdgeLot, From: t.ID, To: s.Lot, Seq: s.Born.Seq, Certainty: Certain}
	w.reach(task{NS: NSLot, ID: s.Lot, Depth: t.Depth + 1, Mode: batch}, edge)
	return nil
}
