package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// inheritCold locks what comes out of what a broken cold chain locks: what a DELETE
// takes out of it, or of something in it, and whatever else leaves it.
func (c *hearing) inheritCold(e *epcis.Event) error {
	in := coldExit{hearing: c}
	if e.Type == epcis.AggregationEvent && e.Action == epcis.Delete {
		if err := in.unpacked(e); err != nil {
			return err
		}
	}
	for i, n := 0, len(c.items.list); i < n; i++ {
		if it := c.items.list[i]; len(it.holders) > 0 || it.left != nil {
			if err := in.leaves(it); err != nil {
				return err
			}
		}
	}
	in.locked.facts = append(in.locked.facts, in.from.facts...)
	in.locked.found(c, trace.Finding{
		Code: CodeColdInherited,
		Next: "Hold the goods. The brand owner or an authority inspects them and records conformant, or they are destroyed.",
	})
	return nil
}

// coldExit is what comes out of broken cold chains by one event.
type coldExit struct {
	*hearing
	locked, from tally
	told         *item  // whose locks from tells
	emptied      uint64 // the seq of the lock of what was emptied that it tells
}

// unpacked locks what a DELETE names, whether or not anybody recorded that it was there.
func (in *coldExit) unpacked(e *epcis.Event) error {
	parent, err := in.item(&e.Parent)
	if err != nil || parent == nil {
		return err
	}
	holders, err := in.holders(parent)
	if err != nil {
		return err
	}
	broken, lock, err := in.brokenOf(append([]*item{parent}, holders...))
	if err == nil && lock == nil {
		lock, err = in.brokenLeft(parent)
	}
	if err != nil || lock == nil {
		return err
	}
	for i := range e.Children {
		it, err := in.item(&e.Children[i])
		if err != nil {
			return err
		}
		if it == nil {
			continue
		}
		if err := in.lock(it, broken, lock); err != nil {
			return err
		}
	}
	for i := range e.ChildQuantities {
		if err := in.lockLot(e.ChildQuantities[i].Class, parent, lock); err != nil {
			return err
		}
	}
	return nil
}

// leaves locks an item that is no longer in what is broken, or in what came out of that
// when it was emptied. What it was packed in itself may have left with it: then that is
// locked.
func (in *coldExit) leaves(it *item) error {
	if it.state.Ended != nil {
		return nil
	}
	h, _, err := in.holder(it)
	if err != nil || len(it.holders) > 0 && h == it.holders[0] {
		return err
	}
	broken, lock, err := in.brokenOf(it.holders)
	if err == nil && lock == nil {
		lock, err = in.brokenLeft(it)
	}
	if err != nil || lock == nil {
		return err
	}
	chain, err := in.above(it)
	if err != nil || broken != nil && slices.Contains(chain, broken) {
		return err
	}
	if broken == nil {
		if e, _, err := in.cameOut(chain[len(chain)-1]); err != nil || e.broken() != nil {
			return err // its holder still tells
		}
	}
	return in.lock(it, broken, lock)
}

// lock locks an item that comes out of a broken one; or, where that is nil, that came
// out before of what was emptied with a lock.
func (in *coldExit) lock(it, broken *item, lock *Lock) error {
	if _, err := in.unpack(thing{epcis.Canonical(it.id), trace.Key{NS: trace.NSItem, ID: it.id}}); err != nil {
		return err
	}
	if it.lockedBy(CodeNonConformant) != nil {
		return nil
	}
	it.lock(CodeNonConformant, in.position.Seq)
	in.locked.add(fact("item", it.id))
	switch {
	case broken == nil && in.emptied != lock.Seq:
		in.emptied = lock.Seq
		in.from.add(factAt(it.id, "was in what is locked, until that was emptied", lock.Seq))
	case broken != nil && in.told != broken:
		in.told = broken
		if broken.lockedBy(CodeNonConformant) == nil {
			in.from.add(factAt(broken.id, "of a lot that is locked", lock.Seq))
			break
		}
		broken.lockFacts(&in.from)
	}
	return nil
}

// unpack remembers that a thing came out of what is broken, so that it can be declared
// wrong; anew says that nothing had broken its own cold chain before.
func (in *coldExit) unpack(t thing) (anew bool, err error) {
	s, found, err := in.coldState(t)
	if err != nil {
		return false, err
	}
	if !found { // it was never shipped by itself: no limits are bound to it
		s.Void = true
	}
	turn := in.turn()
	if n := len(s.Unpacked); n > 0 && s.Unpacked[n-1].Seq == turn.Seq { // named twice
		return false, nil
	}
	if len(s.Unpacked) < maxUnpacked {
		s.Unpacked = append(slices.Clip(s.Unpacked), *turn)
	}
	if s.Broken == nil {
		s.Broken, anew = turn, true
	}
	for _, chain := range in.cold {
		if chain.thing.key == t.key {
			chain.state = s
		}
	}
	in.chilled(t)
	return anew, in.write(t.of(trace.NSColdChain), s)
}

// lockLot locks a lot, of which an amount comes out of what is broken: nobody tells it
// from the rest.
func (in *coldExit) lockLot(id epcis.ID, parent *item, lock *Lock) error {
	t := thing{id, trace.QuantityKey(id)}
	if t.key.NS != trace.NSLot {
		return nil
	}
	anew, err := in.unpack(t)
	if anew {
		in.locked.add(fact("lot", id.URI))
		in.from.add(factAt(parent.id, "locked, or was in what is", lock.Seq))
	}
	return err
}

// brokenOf is the first of some items that a broken cold chain locks, by itself or with
// its lot, and that lock; nil for none.
func (c *hearing) brokenOf(items []*item) (*item, *Lock, error) {
	for _, it := range items {
		if l := it.lockedBy(CodeNonConformant); l != nil {
			return it, l, nil
		}
		if it.state.Lot == "" {
			continue
		}
		lot, err := c.brokenLot(epcis.ID{}, it)
		if err != nil {
			return nil, nil, err
		}
		if l := lot.lock(); l != nil {
			if free, err := c.foundConformant(it, l.Seq); err != nil || free {
				return nil, nil, err
			}
			return it, l, nil
		}
	}
	return nil, nil, nil
}

// brokenAround is the lock of a broken cold chain on an item or what it was in when the
// record came, or on the lot of either; else on what the outermost was in until that was
// emptied. nil for none.
func (c *hearing) brokenAround(it *item) (*Lock, error) {
	holders, err := c.holders(it)
	if err != nil {
		return nil, err
	}
	if _, l, err := c.brokenOf(append([]*item{it}, holders...)); err != nil || l != nil {
		return l, err
	}
	return c.brokenLeft(it)
}

// brokenLeft is the lock on what an item, or the outermost that it is in, was in until
// that was emptied: nil where one of them was inspected since.
func (c *hearing) brokenLeft(it *item) (*Lock, error) {
	holders, err := c.holders(it)
	if err != nil || it.left == nil {
		return nil, err
	}
	for _, h := range append([]*item{it}, holders...) {
		if free, err := c.foundConformant(h, it.left.Seq); err != nil || free {
			return nil, err
		}
	}
	return it.left, nil
}

// lock is that of a cold chain that was broken.
func (s *ColdChainState) lock() *Lock {
	if s == nil || s.Broken == nil {
		return nil
	}
	return &Lock{CodeNonConformant, s.Broken.Seq}
}

// releaseCold lifts the lock of what somebody entitled finds conformant, and settles what
// was doubtful.
func (c *hearing) releaseCold(e *epcis.Event) error {
	var released tally
	for _, t := range c.things() {
		if t.key.NS != trace.NSItem && t.key.NS != trace.NSLot {
			continue
		}
		state, found, err := c.coldState(t)
		if err != nil {
			return err
		}
		it, err := c.item(&t.id)
		if err != nil {
			return err
		}
		lot, err := c.brokenLot(t.id, it)
		if err != nil {
			return err
		}
		inherits := lot != nil
		if it != nil && !inherits {
			if _, err := c.holders(it); err != nil {
				return err
			}
			inherits = it.left != nil
		}
		locked := it != nil && it.lockedBy(CodeNonConformant) != nil || state.Broken != nil
		doubtful := found && !state.Void && (state.doubtful() || state.Received != nil && state.unknown())
		if !locked && !inherits && !doubtful && state.Found == nil {
			continue
		}
		entitled, err := c.mayRecall(t.id)
		if err != nil {
			return err
		}
		bound := found && state.Bound.Organisation == c.signer.ID || lot != nil && lot.Bound.Organisation == c.signer.ID
		if !entitled && !bound {
			continue
		}
		if locked || inherits || doubtful {
			released.add(fact(string(t.key.NS), t.id.URI))
		}
		if it != nil {
			it.unlock(CodeNonConformant)
		}
		if !found && inherits { // of an item that was never shipped by itself: no limits are bound to it
			state, found = ColdChainState{Void: true}, true
			c.chilled(t)
		}
		if found {
			if locked || inherits {
				state.clear(c.turn())
			} else {
				state.settle(c.turn())
			}
			if err := c.write(t.of(trace.NSColdChain), state); err != nil {
				return err
			}
		}
	}
	released.found(c, trace.Finding{Code: CodeColdReleased})
	return nil
}

// brokenLot is the cold chain of the lot that an item was born as of, nil where that
// was kept.
func (c *hearing) brokenLot(id epcis.ID, it *item) (*ColdChainState, error) {
	if it == nil {
		return nil, nil
	}
	lot := c.lotOfThing(id, it)
	if lot == "" {
		return nil, nil
	}
	cold, err := c.lotCold(trace.Key{NS: trace.NSLot, ID: lot})
	if err != nil || cold.state.Broken == nil {
		return nil, err
	}
	return &cold.state, nil
}

// foundConformant reports whether an item was inspected by itself since a record, and
// found conformant.
func (c *hearing) foundConformant(it *item, since uint64) (bool, error) {
	if !it.state.Chilled {
		return false, nil
	}
	var own ColdChainState
	_, err := c.read(stateOf(trace.NSColdChain, trace.Key{NS: trace.NSItem, ID: it.id}), &own)
	return own.clearedSince(since), err
}

// chilled has an item say that it has a cold chain of its own. Lots do not say so.
func (c *hearing) chilled(t thing) {
	if it := c.items.loaded(t.id.URI); it != nil && !it.state.Chilled {
		it.state.Chilled, it.changed = true, true
	}
}

// coldState is the state of a thing's cold chain as this event leaves it so far.
func (c *hearing) coldState(t thing) (state ColdChainState, found bool, err error) {
	for _, chain := range c.cold {
		if chain.thing.key == t.key {
			return chain.state, true, nil
		}
	}
	found, err = c.readCold(t, &state)
	return state, found, err
}

// takeBackReports undoes what an event of the same author did to cold chains.
func (c *hearing) takeBackReports(e *epcis.Event) error {
	if !step(e, "shipping") && e.Sensors == nil && !receives(e) && e.BizStep != stepVoidShipping && !step(e, "inspecting") && len(e.ChildQuantities)+len(e.Children) == 0 {
		return nil
	}
	var undone, kept tally
	var verdict afresh
	for _, t := range c.things() {
		var s ColdChainState
		found, err := c.readCold(t, &s)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		bound, unknown := s.Bound.Seq, s.Received != nil && s.unknown()
		lost, err := c.lose(t, &s)
		if err != nil {
			return err
		}
		if lost.unpacked != nil {
			undone.add(factAt(t.id.URI, "no amount came out of what is locked", lost.unpacked.Seq))
		}
		if lost.kept != nil {
			kept.add(factAt(t.id.URI, "an amount came out of what is locked", lost.kept.Seq))
		}
		if lost.cleared != nil {
			undone.add(factAt(t.id.URI, "not found conformant", lost.cleared.Seq))
		} else if lost.changed || lost.told && lost.exact {
			undone.add(factAt(t.id.URI, "limits bound", bound))
		} else if !lost.told {
			continue
		}
		if lost.told && !lost.exact {
			verdict.mixed.add(factAt(t.id.URI, "limits bound", bound))
		}
		if lost.again {
			verdict.broken.add(factAt(t.id.URI, "broken", s.Broken.Seq))
		}
		switch {
		case lost.told && lost.exact:
			if err := c.judgeAnew(t, &s, &verdict); err != nil {
				return err
			}
		case lost.cleared != nil && s.Broken == nil && !s.Void && s.Received != nil && !unknown && s.unknown():
			verdict.unknown.add(factAt(t.id.URI, "received", s.Received.Seq))
		}
		if err := c.write(t.of(trace.NSColdChain), s); err != nil {
			return err
		}
	}
	verdict.report(c)
	undone.found(c, trace.Finding{Code: CodeColdWithdrawn})
	kept.found(c, trace.Finding{
		Code: CodeColdKept,
		Next: "The lot stays locked. The brand owner or an authority inspects it and records conformant.",
	})
	return nil
}

// broken reports whether the cold chain is still broken, once a report, the limits or
// the unpacking at a seq are taken back; where something else breaks it, Broken says what.
func (s *ColdChainState) broken(taken uint64) bool {
	outside := s.outOfLimits()
	of := s.Broken.Seq
	known := slices.ContainsFunc(s.Unpacked, func(u Turn) bool { return u.Seq == of })
	switch {
	case of != taken && (outside || known || of < s.Bound.Seq && !s.unbrokenBefore()):
	case len(s.Unpacked) > 0:
		first := s.Unpacked[0]
		s.Broken = &first
	case outside:
		bound := s.Bound
		s.Broken = &bound
	default:
		return false
	}
	return true
}

// unbrokenBefore reports whether what broke the cold chain was reported of the shipment before
// this one, and is taken back. That of a shipment before both stays.
func (s *ColdChainState) unbrokenBefore() bool {
	before := s.Before
	return before != nil && s.Broken.Seq > before.Bound.Seq && !before.exceeded()
}
