package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A holder that is emptied at once names none of its contents, so nothing is written
// to them: whoever names one later reads at the holder who had it then. The last
// emptying stands in the holder's own state ([Emptied]). Those that another one has
// followed stand in states of their own, by their number, however many there are: a
// box that circulates is filled and emptied for years.

// EmptiedState is the state of such an emptying (namespace emptied).
type EmptiedState struct {
	Turn    Turn      `cbor:"1,keyasint"`
	From    uint64    `cbor:"2,keyasint"`           // it ended the bonds of this seq to its own
	Custody *Custody  `cbor:"3,keyasint,omitempty"` // as in Emptied
	Broken  *Lock     `cbor:"4,keyasint,omitempty"` // as in Emptied
	Void    bool      `cbor:"5,keyasint,omitempty"` // declared wrong: the next emptying took out what was there
	Left    []Leaving `cbor:"6,keyasint,omitempty"` // as in Emptied
}

// emptiedKey is the key of a holder's nth emptying, from 0, that another has followed.
func emptiedKey(id string, t tie, n uint32) trace.Key {
	what := [ties]string{packed: "contents", attached: "components"}
	return trace.Key{NS: trace.NSEmptied, ID: fmt.Sprintf("%s|%d|%s", what[t], n, id)}
}

// empty sets aside all that is held by one tie. The contents stay with who had the
// item, or what it is in; nil says that nobody is known to.
func (c *hearing) empty(it *item, t tie, turn *Turn, with *Custody) error {
	place := it.state.contents(t)
	if *place == nil {
		*place = &Contents{Seconds: turn.Seconds, Nanos: turn.Nanos}
	}
	s := *place
	broken, err := c.brokenAround(it)
	if err != nil {
		return err
	}
	left, err := c.recallsOfContents(it)
	if err != nil {
		return err
	}
	if err := c.spread(it, c.sharesIn(&s.Now), (*Tally).take); err != nil {
		return err
	}
	if e := s.Emptied; e != nil {
		past := &EmptiedState{Turn: e.Turn, From: s.From, Custody: e.Custody, Broken: e.Broken, Left: e.Left}
		if err := c.putEmptying(it, t, s.Past, past); err != nil {
			return err
		}
		s.From, s.Past = e.Turn.Seq+1, s.Past+1
	}
	s.Emptied, s.Now, it.changed = &Emptied{Turn: *turn, Held: s.Now, Custody: with, Broken: broken, Left: left}, Tally{}, true
	return nil
}

// putEmptying keeps an emptying that another has followed.
func (c *hearing) putEmptying(h *item, t tie, n uint32, state *EmptiedState) error {
	k := emptiedKey(h.id, t, n)
	if c.emptyings.get(k.ID) == nil {
		c.emptyings.add(k.ID, state)
	}
	return c.write(k, state)
}

// emptying reads one, once for a record.
func (c *hearing) emptying(h *item, t tie, n uint32) (*EmptiedState, error) {
	k := emptiedKey(h.id, t, n)
	if state := c.emptyings.get(k.ID); state != nil {
		return state, nil
	}
	state := &EmptiedState{}
	if _, err := c.read(k, state); err != nil {
		return nil, err
	}
	c.emptyings.add(k.ID, state)
	return state, nil
}

// maxVoid bounds how many emptyings in a row are declared wrong, and passed over, and how
// far back of the last one is looked for that is: earlier ones stand, with a finding.
const maxVoid = trace.MaxVoid

// followedAfter is the number of the first emptying after a seq, of those that another
// has followed: they are in the order of their seqs. read reads one of them.
func (s *Contents) followedAfter(in uint64, read func(n uint32) (*EmptiedState, error)) (uint32, error) {
	return trace.FirstEmptying(s.Past, in, func(n uint32) (uint64, error) {
		e, err := read(n)
		if err != nil {
			return 0, err
		}
		return e.Turn.Seq, nil
	})
}

// emptiedAfter finds the emptying that ended the bond of a seq, which is over: the
// first one after it that was not declared wrong. nil says that the ledger does not
// know it.
func (s *Contents) emptiedAfter(in uint64, read func(n uint32) (*EmptiedState, error)) (*EmptiedState, error) {
	from, err := s.followedAfter(in, read)
	if err != nil {
		return nil, err
	}
	for n := from; n < s.Past && n < from+maxVoid; n++ {
		e, err := read(n)
		switch {
		case err != nil:
			return nil, err
		case n == from && in < e.From:
			return nil, nil
		case !e.Void:
			return e, nil
		}
	}
	if e := s.Emptied; e != nil && from < s.Past && s.Past <= from+maxVoid {
		return &EmptiedState{Turn: e.Turn, From: s.From, Custody: e.Custody, Broken: e.Broken, Left: e.Left}, nil
	}
	return nil, nil
}

// tookOut is the emptying that ended an item's bond of a tie, which is over; nil for one
// that the ledger does not know.
func (c *hearing) tookOut(it, h *item, t tie) (*EmptiedState, error) {
	return (*h.state.contents(t)).emptiedAfter((*it.state.bond(t)).In.Seq, func(n uint32) (*EmptiedState, error) {
		return c.emptying(h, t, n)
	})
}

// saidToBeOut is the first emptying after an item was put there, declared wrong or not:
// where the ledger does not know which one took it out, it has not come out of what
// locked it there. nil for none.
func (c *hearing) saidToBeOut(it, h *item, t tie) (*EmptiedState, error) {
	s, in := *h.state.contents(t), (*it.state.bond(t)).In.Seq
	n, err := s.followedAfter(in, func(n uint32) (*EmptiedState, error) { return c.emptying(h, t, n) })
	if err != nil || n == s.Past {
		return nil, err
	}
	e, err := c.emptying(h, t, n)
	if err != nil || in < e.From {
		return nil, err
	}
	return e, nil
}

// leftBehind gives an item that was in a container when all was taken out of it to
// who had the container then. Nothing was written to the item at that time. Where the
// container was emptied again since, that is for good: the item's bond ends.
func (c *hearing) leftBehind(it *item) error {
	if it.unbound() {
		return nil
	}
	for t := range ties {
		h, how, err := c.standing(it, t)
		if err != nil {
			return err
		}
		if h == nil || how == holds || it.ownWay() || *h.state.contents(t) == nil {
			continue
		}
		along, err := c.takesAlong((*it.state.bond(t)).In, it)
		if err != nil {
			return err
		}
		if how == aside {
			e := (*h.state.contents(t)).Emptied
			if along {
				c.stays(it, &e.Turn, e.Custody)
			}
			if err := c.stayedWith(it, h, t, e.Turn.Seq); err != nil {
				return err
			}
			continue
		}
		e, err := c.tookOut(it, h, t)
		if err != nil {
			return err
		}
		if e == nil {
			if own := it.state.Custody; along && own != nil && own.Seq < (*h.state.contents(t)).From {
				it.state.Custody, it.changed = nil, true
			}
			continue
		}
		if along {
			c.stays(it, &e.Turn, e.Custody)
		}
		if err := c.stayedWith(it, h, t, e.Turn.Seq); err != nil {
			return err
		}
		if e.Broken != nil && it.lockedBy(e.Broken.Code) == nil {
			free, err := c.foundConformant(it, e.Broken.Seq)
			if err != nil {
				return err
			}
			if !free {
				it.lock(e.Broken.Code, e.Broken.Seq)
			}
		}
		b := *it.state.bond(t)
		for _, l := range e.Left {
			if l.By.Seq > b.In.Seq {
				if _, err := c.keepRecall(it, l); err != nil {
					return err
				}
			}
		}
		*it.state.bond(t), it.changed = c.bonded(Bond{Holder: b.Holder, In: b.In, Out: &e.Turn}), true
	}
	return nil
}

// stays gives an item that its container took along to who had that when it was emptied.
func (c *hearing) stays(it *item, emptied *Turn, had *Custody) {
	own := it.state.Custody
	if had == nil || own != nil && (own.Seq >= emptied.Seq || had.Holder == own.Holder) {
		return
	}
	with := *had
	with.Event, with.Time, with.Awaits, with.Matched, with.Settled, with.Again = emptied.Event, emptied.Seconds, false, nil, false, nil
	with.Beside = true // should it turn out to be in there still
	c.hand(it, with)
}

// stayedWith ends the way of an item that was named beside what it was in, where that was no
// longer on its way when it was emptied. What another shipment of that, since, has put in the
// place of the one before is not known any more: then the item is on its way still.
func (c *hearing) stayedWith(it, h *item, t tie, emptied uint64) error {
	if !it.inTransit() || it.ownWay() {
		return nil
	}
	in, way := (*it.state.bond(t)).In.Seq, it.state.Transit.Transfer
	chain, err := c.above(h)
	if err != nil {
		return err
	}
	for _, with := range chain {
		for was := with.state.Transit; was != nil; was = was.Before {
			if end := was.Ended; was.Transfer == way && end != nil && end.Seq > in && end.Seq < emptied {
				it.leave(*end)
				return nil
			}
		}
	}
	return nil
}

// cameOut is the emptying by which an item came out of what it was in, and the seq of
// its bond there; nil for none.
func (c *hearing) cameOut(it *item) (*EmptiedState, uint64, error) {
	for t := range ties {
		h, how, err := c.standing(it, t)
		if err != nil {
			return nil, 0, err
		}
		if h == nil || how == holds || *h.state.contents(t) == nil {
			continue
		}
		in := (*it.state.bond(t)).In.Seq
		if how == aside {
			e := (*h.state.contents(t)).Emptied
			return &EmptiedState{Turn: e.Turn, Broken: e.Broken, Left: e.Left}, in, nil
		}
		e, err := c.tookOut(it, h, t)
		if e == nil && err == nil {
			e, err = c.saidToBeOut(it, h, t)
		}
		if err != nil || e != nil {
			return e, in, err
		}
	}
	return nil, 0, nil
}

// leftAt is the seq of the record that took an item out of what it is or was packed in, 0
// while it is there. known is false where the ledger does not know it.
func (c *hearing) leftAt(it, h *item, bond *Bond) (seq uint64, known bool, err error) {
	contents := h.state.Contents
	switch {
	case bond.Out != nil:
		return bond.Out.Seq, true, nil
	case contents == nil || bond.In == nil:
		return 0, true, nil
	}
	switch contents.standing(bond) {
	case holds:
		return 0, true, nil
	case aside:
		return contents.Emptied.Turn.Seq, true, nil
	}
	e, err := c.tookOut(it, h, packed)
	if err != nil || e == nil {
		return 0, false, err
	}
	return e.Turn.Seq, true, nil
}

func (e *EmptiedState) broken() *Lock {
	if e == nil {
		return nil
	}
	return e.Broken
}

func (e *EmptiedState) recalls() []Leaving {
	if e == nil {
		return nil
	}
	return e.Left
}

// undoPast passes over an emptying that its author declares wrong although another one
// has followed: that one took out what was there. It looks among the latest. What it
// does not find there, and what would make too many in a row, stands.
func (b *binding) undoPast(it *item, t tie) error {
	s := *it.state.contents(t)
	row := uint32(0) // declared wrong, one after the other, up to n
	for n := s.Past; n > 0 && n+maxVoid > s.Past; n-- {
		e, err := b.emptying(it, t, n-1)
		if err != nil {
			return err
		}
		switch mine := b.meant(it, &e.Turn); {
		case e.Void && mine:
			return nil
		case e.Void:
			row++
			continue
		case !mine:
			row = 0
			continue
		}
		for before := n - 1; before > 0 && row < maxVoid-1; before-- {
			past, err := b.emptying(it, t, before-1)
			if err != nil {
				return err
			}
			if !past.Void {
				break
			}
			row++
		}
		if row == maxVoid-1 {
			b.note(bondForgotten, factAt(it.id, "was emptied then, and as often as can be passed over that is wrong", e.Turn.Seq))
			return nil
		}
		e.Void = true
		b.note(bondUndone, factAt(it.id, "was not emptied then", e.Turn.Seq))
		return b.putEmptying(it, t, n-1, e)
	}
	if s.Past <= maxVoid || !b.takesAll(it, t) {
		return nil
	}
	oldest, err := b.emptying(it, t, s.Past-maxVoid)
	if err == nil {
		b.note(bondForgotten, factAt(it.id, fmt.Sprintf("emptied %d times since", maxVoid+1), oldest.Turn.Seq))
	}
	return err
}

// takesAll reports whether the event takes all out of an item.
func (b *binding) takesAll(it *item, t tie) bool {
	e := b.event
	return e.Action == epcis.Delete && len(e.Children)+len(e.ChildQuantities) == 0 && e.Parent.URI == it.id &&
		(t == packed && e.Type == epcis.AggregationEvent || t == attached && e.Type == epcis.AssociationEvent)
}
