package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What locks a container locks what is in it: nothing is written to the contents, so
// whoever uses one of them by itself is judged by the containers that it was in when
// the record came. What locks a lot locks its items: see lock_lot.go.

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
	list    []useLock
}

type useLock struct {
	code   uint32
	fact   trace.Fact // names the thing, and the record that locks it
	before bool       // the thing was used before the event that locked it
}

func (u *lockedUse) add(code uint32, f trace.Fact, before bool) {
	if u.judges == nil || u.judges(code) {
		u.list = append(u.list, useLock{code, f, before})
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
	return err
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

// usedItems are the items that an event names and, after each, what it was in.
func (c *hearing) usedItems(e *epcis.Event) ([]*item, error) {
	c.pass++
	c.used = c.used[:0]
	for _, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Children, e.Inputs, e.Outputs} {
		for i := range list {
			if err := c.use(&list[i]); err != nil {
				return nil, err
			}
		}
	}
	for _, list := range [...][]epcis.Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for i := range list {
			if id := &list[i].Class; id.Level == epcis.Item { // a serial, where a class is expected
				if err := c.use(id); err != nil {
					return nil, err
				}
			}
		}
	}
	return c.used, nil
}

// use adds an item to those used, and what it was in.
func (c *hearing) use(id *epcis.ID) error {
	it, err := c.item(id)
	if err != nil || it == nil {
		return err
	}
	holders, err := c.holders(it)
	if err != nil {
		return err
	}
	if it.pass != c.pass {
		it.pass = c.pass
		c.used = append(c.used, it)
	}
	for _, h := range holders {
		if h.pass != c.pass {
			h.pass = c.pass
			c.used = append(c.used, h)
		}
	}
	return nil
}
