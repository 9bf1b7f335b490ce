package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A binding carries one event about bonds (C7, C9) over the states of the items
// that it names.
type binding struct {
	*hearing
	event   *epcis.Event
	tie     tie
	parent  *item // nil: it names none that can hold
	turn    *Turn
	noted   bool
	tallies [bindings]tally
}

// The problems of bonds, each one finding however many items share it: their
// codes are 1701, or 1901, and so on.
const (
	heldElsewhere = iota
	inItself
	tooDeep
	notHeld
	heldByOther
	boundLate
	seenHeld
	bondUndone
	bondOrphaned
	bondOfOther
	foreignBond
	seenPacked
	bondForgotten
	bindings // how many there are
)

func (c *hearing) binding(t tie) *binding {
	e := c.record.Event
	return &binding{hearing: c, event: e, tie: t, turn: c.turn()}
}

func (b *binding) note(problem int, fact trace.Fact) {
	b.noted = true
	b.tallies[problem].add(fact)
}

// refuse notes a problem that refuses the event, unless the item or its parent is
// foreign: then the bond is not applied.
func (b *binding) refuse(problem int, it *item, fact trace.Fact) error {
	for _, id := range [...]string{it.id, b.parent.id} {
		foreign, err := b.isForeign(epcis.Canonical(id))
		if err != nil {
			return err
		}
		if foreign {
			problem = foreignBond
		}
	}
	b.note(problem, fact)
	return nil
}

// apply does what the event does to bonds.
func (b *binding) apply() error {
	var err error
	if b.parent, err = b.item(&b.event.Parent); err != nil {
		return err
	}
	if b.parent == nil || trace.IsVessel(b.parent.id) || b.parent.state.Ended != nil { // of an end C1 has spoken
		return nil
	}
	e := b.event
	if e.Action == epcis.Delete && len(e.Children) == 0 && len(e.ChildQuantities) == 0 {
		return b.takeAll()
	}
	chain, err := b.above(b.parent)
	if err != nil {
		return err
	}
	for i := range e.Children {
		it, err := b.item(&e.Children[i])
		switch {
		case err != nil:
			return err
		case it == nil || it.state.Ended != nil:
			continue
		case e.Action == epcis.Delete:
			err = b.take(it)
		default:
			err = b.put(it, chain)
		}
		if err != nil {
			return err
		}
	}
	return b.amounts()
}

// late is what is recorded already and happened after the event: the last that
// is said of where the item is, or of the parent's emptying.
func (b *binding) late(it *item) (*Turn, error) {
	for t := range ties {
		h, how, err := b.standing(it, t)
		if err != nil {
			return nil, err
		}
		last := (*it.state.bond(t)).last()
		if how == aside {
			last = &(*h.state.contents(t)).Emptied.Turn
		}
		if last != nil && b.event.Time.Before(last.Time()) {
			return last, nil
		}
	}
	if s := *b.parent.state.contents(b.tie); s != nil && s.Emptied != nil && b.event.Time.Before(s.Emptied.Turn.Time()) {
		return &s.Emptied.Turn, nil
	}
	return nil, nil
}

// put binds an item to the parent. That it is seen there says the same, and that
// its packing was not recorded.
func (b *binding) put(it *item, chain []*item) error {
	h, t, err := b.holder(it)
	if err != nil {
		return err
	}
	later, err := b.late(it)
	if err != nil {
		return err
	}
	same := h == b.parent && t == b.tie
	seen := b.event.Action == epcis.Observe
	switch {
	case same && (seen || (*it.state.bond(t)).In.Seq == b.turn.Seq):
		return nil
	case same && later != nil:
		b.besides(it)
		return nil
	case later != nil:
		b.note(boundLate, factAt(it.id, "at "+later.Time().String(), later.Seq))
		return nil
	}
	if itself, deep := fits(chain, it); itself {
		return b.refuse(inItself, it, b.withinFact(it))
	} else if deep {
		return b.refuse(tooDeep, it, fact(it.id, "with what is in it, more than 16 levels"))
	}
	unit, err := b.unitOf(it)
	if err != nil {
		return err
	}
	was, from, err := b.release(it, b.turn)
	if err != nil {
		return err
	}
	if unit != it && !same && unit.heldBy() == b.signer.ID && !unit.inTransit() { // taken out of what the signer has
		b.takeOver(it, unit)
		if it.inTransit() && !it.ownWay() {
			it.leave(b.ending()) // it was named beside what it comes out of, and that is on its way no more
		}
	}
	next := &Bond{Holder: b.parent.id, In: b.turn}
	switch {
	case was == nil && seen:
		b.note(seenHeld, fact(it.id, "seen at "+b.parent.id))
	case was != nil && !same:
		b.note(heldElsewhere, factAt(it.id, "was at "+was.Holder, was.In.Seq))
	}
	if was != nil && from == b.tie {
		next.Before = was // of another tie, the end that release wrote is enough to restore it
	}
	return b.join(chain, it, b.tie, next)
}

// besides remembers, of an item that is in the parent already, that this event says so, too,
// of an earlier time: that stands where the other is declared wrong, whatever was before.
func (b *binding) besides(it *item) {
	place := it.state.bond(b.tie)
	if bond := *place; bond.Before == nil || bond.Before.Holder != bond.Holder {
		kept := *bond
		kept.Before = &Bond{Holder: bond.Holder, In: b.turn}
		*place, it.changed = &kept, true
	}
}

// withinFact says that the parent is the item, or by which record it is in it.
func (b *binding) withinFact(it *item) trace.Fact {
	for t := range ties {
		if bond := *b.parent.state.bond(t); b.parent != it && bond.open() {
			return factAt(b.parent.id, "is at "+bond.Holder, bond.In.Seq)
		}
	}
	return fact(it.id, "is its own parent")
}

// take takes an item out of the parent.
func (b *binding) take(it *item) error {
	h, t, err := b.holder(it)
	if err != nil {
		return err
	}
	if h != nil {
		in := (*it.state.bond(t)).In
		switch {
		case b.event.Time.Before(in.Time()):
			b.note(boundLate, factAt(it.id, "at "+h.id+" since "+in.Time().String(), in.Seq))
		case h == b.parent && t == b.tie:
			_, _, err = b.release(it, b.turn)
			return err
		case t == b.tie && in.Organisation != b.turn.Organisation:
			return b.refuse(heldByOther, it, factAt(it.id, "is at "+h.id, in.Seq))
		default:
			b.note(notHeld, factAt(it.id, "is at "+h.id, in.Seq))
		}
		return nil
	}
	later, err := b.late(it)
	if err != nil {
		return err
	}
	bond := it.state.bond(b.tie)
	switch {
	case *bond == nil:
		b.note(notHeld, fact(it.id, "nobody recorded that it was put there"))
	case (*bond).Out != nil && (*bond).Out.Seq == b.turn.Seq: // named twice
		return nil
	case (*bond).Out != nil:
		b.note(notHeld, factAt(it.id, "left "+(*bond).Holder, (*bond).Out.Seq))
	default:
		b.note(notHeld, factAt(it.id, "was at "+(*bond).Holder+" until that was emptied", (*bond).In.Seq))
	}
	if later == nil && (*bond == nil || (*bond).In == nil) {
		*bond, it.changed = &Bond{Holder: b.parent.id, Out: b.turn}, true
	}
	return nil
}

// takeAll takes everything out of the parent.
func (b *binding) takeAll() error {
	if s := *b.parent.state.contents(b.tie); s != nil {
		latest := epcis.Instant{Seconds: s.Seconds, Nanos: s.Nanos}
		if s.Now.Count > 0 && b.event.Time.Before(latest) {
			b.note(boundLate, fact(b.parent.id, "was filled at "+latest.String()))
			return nil
		}
		if s.Emptied != nil && b.event.Time.Before(s.Emptied.Turn.Time()) {
			return nil // it has been empty since
		}
	}
	with, err := b.custodyOf(b.parent)
	if err != nil {
		return err
	}
	return b.empty(b.parent, b.tie, b.turn, with)
}

// end takes an item whose life this event ends out of its holder, and all that is
// in it out of it.
func (b *binding) end(it *item) error {
	with, err := b.custodyOf(it)
	if err != nil {
		return err
	}
	if _, _, err := b.release(it, b.turn); err != nil {
		return err
	}
	for t := range ties {
		if s := *it.state.contents(t); s != nil && s.Now.Count > 0 {
			if err := b.empty(it, t, b.turn, with); err != nil {
				return err
			}
		}
	}
	return nil
}
