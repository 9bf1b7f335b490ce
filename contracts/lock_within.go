package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What locks a container locks what is in it: nothing is written to the contents, so
// whoever uses one of them by itself is judged by the containers that it was in when
// the record came. What locks a lot locks its items: see lock_lot.go. And who uses a container
// uses what is in it: the container is not locked by that, but judged by it (inside.go).

// holders are the containers that an item was in when the record came, from the
// inside out, and the assemblies that it was attached to. Contracts that move items
// ask after those that need the answer, or before they have moved anything.
func (c *hearing) holders(it *item) ([]*item, error) {
	if !it.traced && it.unbound() {
		it.traced = true
	}
	if !it.traced {
		chain, err := c.above(it)
		if err != nil {
			return nil, err
		}
		emptied, in, err := c.cameOut(chain[len(chain)-1])
		if err != nil {
			return nil, err
		}
		it.left, it.under = emptied.broken(), leftAbove(chain, in, emptied.recalls())
		it.holders, it.traced = chain[1:], true
	}
	return it.holders, nil
}

// traceHolders has every item that the record names so far remember its holders.
func (c *hearing) traceHolders() error {
	for i, n := 0, len(c.items.list); i < n; i++ {
		it := c.items.list[i]
		if it.unbound() {
			continue
		}
		if _, err := c.holders(it); err != nil {
			return err
		}
	}
	return nil
}

// A lockedUse is one thing that is used, and what locks it.
type lockedUse struct {
	recalls bool                   // of lots and classes are judged, too
	judges  func(code uint32) bool // which locks are, by the code of their finding; nil: all
	of      string                 // what of it is judged now, as of useLock
	many    bool                   // that is a lot
	list    []useLock
}

type useLock struct {
	code   uint32
	fact   trace.Fact // names the thing, and the record that locks it
	before bool       // the thing was used before the event that locked it
	of     string     // canonical id of what it locks, where that is inside of the thing; "" for the thing
	unsure bool       // of a lot inside, and each of the things may be free of it by itself
}

func (u *lockedUse) add(code uint32, f trace.Fact, before bool) {
	if u.judges == nil || u.judges(code) {
		u.list = append(u.list, useLock{code, f, before, u.of, u.many && clears(code)})
	}
}

// lockedItem notes what locks an item: its own locks, those of what it was in, and
// those of their lots. That an assembly is locked because another component is says
// nothing of this one. What a broken cold chain locked is locked, too, when it was
// emptied at once, which is written to none of its contents.
func (c *hearing) lockedItem(u *lockedUse, id epcis.ID, it *item) error {
	for _, l := range it.state.Locks {
		u.add(l.Code, factAt(it.id, "locked", l.Seq), false)
	}
	if u.recalls {
		if err := c.recalledItem(u, it); err != nil {
			return err
		}
		left, err := c.recallsLeft(it)
		if err != nil {
			return err
		}
		for _, l := range left {
			c.bind(u, l.recall, l.fact(it.id))
		}
	}
	if err := c.lockedLot(u, id, it); err != nil {
		return err
	}
	holders, err := c.holders(it)
	if err != nil {
		return err
	}
	for _, h := range holders {
		for _, l := range h.state.Locks {
			if l.Code != CodeComponentLocked {
				u.add(l.Code, factAt(it.id, "in "+h.id+", which is locked", l.Seq), false)
			}
		}
		if u.recalls {
			if err := c.recalledItem(u, h); err != nil {
				return err
			}
		}
		if err := c.lockedLot(u, epcis.Canonical(h.id), h); err != nil {
			return err
		}
	}
	left, err := c.brokenLeft(it)
	if left != nil {
		u.add(left.Code, factAt(it.id, "was in what is locked, until that was emptied", left.Seq), false)
	}
	if err != nil {
		return err
	}
	return c.lockedWithin(u, it)
}

// lockedWithin notes what locks the contents of an item, which are used with it.
func (c *hearing) lockedWithin(u *lockedUse, it *item) error {
	within, _, err := c.markedWithin(it)
	if err != nil {
		return err
	}
	defer func() { u.of, u.many = "", false }()
	for _, x := range within {
		u.of = x.id
		for _, l := range x.state.Locks {
			if l.Code != CodeComponentLocked {
				u.add(l.Code, factAt(it.id, "holds "+x.id+", which is locked", l.Seq), false)
			}
		}
		if !u.recalls {
			continue
		}
		if err := c.recalledItem(u, x); err != nil {
			return err
		}
		left, err := c.stillBinding(x.state.Left)
		if err != nil {
			return err
		}
		for _, l := range left {
			c.bind(u, l.recall, l.fact(x.id))
		}
	}
	for _, s := range c.inside(it) {
		if s == nil {
			continue
		}
		u.many = false
		for i := range s.Packed {
			u.of = s.Packed[i].Of
			if err := c.lockedGoodsIn(u, it, s.Packed[i].key()); err != nil {
				return err
			}
		}
		u.many = true
		for i := range s.Goods {
			u.of = s.Goods[i].Of
			if err := c.lockedGoodsIn(u, it, s.Goods[i].key()); err != nil {
				return err
			}
		}
	}
	return nil
}

// lockedGoodsIn notes what locks a lot, or a class, of which something is in an item.
func (c *hearing) lockedGoodsIn(u *lockedUse, it *item, k trace.Key) error {
	if u.recalls {
		for i, k := range [...]trace.Key{{NS: trace.NSClass, ID: epcis.Canonical(k.ID).Class().URI}, k} {
			if k.ID == "" || i == 1 && k.NS == trace.NSClass {
				continue
			}
			list, err := c.recallsBinding(k)
			if err != nil {
				return err
			}
			for _, r := range list {
				if len(r.Serials) == 0 {
					c.bind(u, r, factAt(it.id, "holds "+u.of+", recalled by "+r.By.Organisation, r.By.Seq))
				}
			}
		}
	}
	if k.NS != trace.NSLot {
		return nil
	}
	locks, err := c.locksOf(k.ID)
	if err != nil {
		return err
	}
	for _, l := range locks.list {
		u.add(l.code, factAt(it.id, "holds "+k.ID+", which is locked", l.seq), c.precedes(l.since))
	}
	return nil
}

// flagsOnly reports whether a lock flags, and refuses nothing: what it is of is foreign (foreign
// says whether the thing that is used is), or is a lot, and things of it may be free.
func (c *hearing) flagsOnly(l *useLock, foreign bool) (bool, error) {
	if l.unsure {
		return true, nil
	}
	if l.of == "" {
		return foreign, nil
	}
	return c.isForeign(epcis.Canonical(l.of))
}

// casesWithin are the open cases that lock the item or what it is in.
func (c *hearing) casesWithin(it *item) ([]CaseID, error) {
	holders, err := c.holders(it)
	if err != nil {
		return nil, err
	}
	ids := it.cases()
	for _, h := range holders {
		ids = append(ids, h.cases()...)
	}
	return ids, nil
}

// usedItems are the items that an event names and, after each, what it was in, and what is
// marked of what goes with it (inside.go).
func (c *hearing) usedItems(e *epcis.Event) ([]*item, error) {
	c.pass++
	c.used = c.used[:0]
	for _, list := range [...]struct {
		ids  []epcis.ID
		with bool // its contents go with it
	}{{e.EPCs, true}, {[]epcis.ID{e.Parent}, parentGoes(e)}, {e.Children, true}, {e.Inputs, true}, {e.Outputs, false}} {
		for i := range list.ids {
			if err := c.use(&list.ids[i], list.with); err != nil {
				return nil, err
			}
		}
	}
	for _, list := range [...][]epcis.Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for i := range list {
			if id := &list[i].Class; id.Level == epcis.Item { // a serial, where a class is expected
				if err := c.use(id, true); err != nil {
					return nil, err
				}
			}
		}
	}
	return c.used, nil
}

// parentGoes reports whether what is in the parent of an event goes with it: not where one
// thing is put in or taken out and the parent stays where it is.
func parentGoes(e *epcis.Event) bool {
	switch {
	case e.Type != epcis.AggregationEvent && e.Type != epcis.AssociationEvent:
		return true
	case e.Action == epcis.Delete && len(e.Children)+len(e.ChildQuantities) == 0: // all is taken out
		return true
	}
	return movingStep(e)
}

// use adds an item to those used, and what it was in; with says that its contents are, too.
func (c *hearing) use(id *epcis.ID, with bool) error {
	it, err := c.item(id)
	if err != nil || it == nil {
		return err
	}
	holders, err := c.holders(it)
	if err != nil {
		return err
	}
	c.useOnce(it)
	for _, h := range holders {
		c.useOnce(h)
	}
	if !with {
		return nil
	}
	within, _, err := c.markedWithin(it)
	for _, x := range within {
		c.useOnce(x)
	}
	return err
}

func (c *hearing) useOnce(it *item) {
	if it.pass != c.pass {
		it.pass = c.pass
		c.used = append(c.used, it)
	}
}
