package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What locks a container locks what is in it: nothing is written to the contents, so
// whoever uses one of them by itself is judged by the containers that it was in when
// the record came. So is an item of a lot, or of a class, that is recalled.

// holders are the containers that an item was in when the record came, from the
// inside out, and the assemblies that it was attached to. Contracts that move items
// ask after those that need the answer, or before they have moved anything.
func (c *hearing) holders(it *item) ([]*item, error) {
	if !it.traced {
		chain, err := c.above(it)
		if err != nil {
			return nil, err
		}
		it.holders, it.traced = chain[1:], true
	}
	return it.holders, nil
}

// traceHolders has every item that the record names so far remember its holders.
func (c *hearing) traceHolders() error {
	for i, n := 0, len(c.items.list); i < n; i++ {
		it := c.items.list[i]
		if it.state.Parent == nil && it.state.Assembly == nil {
			continue
		}
		if _, err := c.holders(it); err != nil {
			return err
		}
	}
	return nil
}

// lockedWithin adds the records that lock an item's containers to a tally. That an
// assembly is locked because another component is says nothing of this one.
func (c *hearing) lockedWithin(it *item, t *tally) error {
	holders, err := c.holders(it)
	if err != nil {
		return err
	}
	for _, h := range holders {
		for _, l := range h.state.Locks {
			if l.Code != CodeComponentLocked {
				t.add(factAt(it.id, "in "+h.id+", which is locked", l.Seq))
			}
		}
	}
	return nil
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
	list := c.used[:0]
	add := func(it *item) {
		if it.pass != c.pass {
			it.pass = c.pass
			list = append(list, it)
		}
	}
	for t := range things(e) {
		if t.key.NS != trace.NSItem {
			continue
		}
		it, err := c.item(t.id)
		if err != nil {
			return nil, err
		}
		add(it)
		holders, err := c.holders(it)
		if err != nil {
			return nil, err
		}
		for _, h := range holders {
			add(h)
		}
	}
	c.used = list
	return list, nil
}

// recalledLot adds the recalls in force of the lot and class of what is used to a
// tally. lot is the one fixed at an item's birth, "" where the identifier says all.
func (c *hearing) recalledLot(id epcis.ID, lot string, t *tally) error {
	if lot == "" {
		lot = trace.LotOf(id, "")
	}
	if lot == "" && id.Level == epcis.Lot {
		lot = trace.QuantityKey(id).ID
	}
	for _, k := range [...]trace.Key{{NS: trace.NSLot, ID: lot}, {NS: trace.NSClass, ID: id.Class().URI}} {
		if k.ID == "" {
			continue
		}
		recalls, err := c.recallsAt(k)
		if err != nil {
			return err
		}
		for _, r := range recalls {
			if r.Ended == nil && !c.record.Event.Time.Before(r.By.Time()) {
				t.add(factAt(id.URI, "recalled by "+r.By.Organisation+", with "+k.ID, r.By.Seq))
			}
		}
	}
	return nil
}

// recallsAt are the recalls of a lot or class, read once: the inputs of one event
// share a few.
func (c *hearing) recallsAt(k trace.Key) ([]Recall, error) {
	if recalls, ok := c.recallsRead[k]; ok {
		return recalls, nil
	}
	var state RecallState
	if _, err := c.read(stateOf(trace.NSRecall, k), &state); err != nil {
		return nil, err
	}
	if c.recallsRead == nil {
		c.recallsRead = map[trace.Key][]Recall{}
	}
	c.recallsRead[k] = state.Recalls
	return state.Recalls, nil
}
