package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// An item is one serialised item that the record names: its state as the record
// found it, changed as contracts change it. Each is read once, whichever contract
// names it first, and written once, when all contracts have judged.
type item struct {
	id      string
	state   ItemState
	known   bool // the ledger held a state before
	changed bool

	// Of rule C1.
	bornNow, gone bool // gone: ended before this event, or ended twice by it
	observed      bool

	pass uint8 // the last one over a transformation's items that met it

	holders []*item // what it was in when the record came, once traced
	traced  bool

	handed bool // of rules C2 to C6: among the units that are handed over
}

// items are those of one record.
type items struct {
	list []*item
	at   map[string]*item // of list, by canonical id, once they are many
}

// item loads the state of a named item, once; nil for what is no serialised item.
func (c *hearing) item(id epcis.ID) (*item, error) {
	key := trace.ObjectKey(id)
	if key.NS != trace.NSItem {
		return nil, nil
	}
	return c.itemAt(key.ID)
}

// itemAt is item for the canonical id of a serialised item. What the record does
// not name itself (a container of what it names) is loaded and written with it.
func (c *hearing) itemAt(id string) (*item, error) {
	if it := c.items.loaded(id); it != nil {
		return it, nil
	}
	it := &item{id: id}
	known, err := c.read(trace.Key{NS: trace.NSItem, ID: id}, &it.state)
	if err != nil {
		return nil, err
	}
	it.known = known
	if !known {
		it.state = ItemState{Condition: Seen, First: c.position.Seq}
		it.changed = true
	}
	it.gone = it.state.Ended != nil
	c.items.list = append(c.items.list, it)
	if c.items.at != nil {
		c.items.at[it.id] = it
	}
	return it, nil
}

// scanned is up to how many items a scan finds one sooner than a map does.
const scanned = 8

// loaded is an item that was loaded before, by its canonical id.
func (s *items) loaded(id string) *item {
	if len(s.list) <= scanned {
		for _, it := range s.list {
			if it.id == id {
				return it
			}
		}
		return nil
	}
	if s.at == nil {
		s.at = make(map[string]*item, 2*len(s.list))
		for _, it := range s.list {
			s.at[it.id] = it
		}
	}
	return s.at[id]
}

// writeItems writes those that changed.
func (c *hearing) writeItems() error {
	for _, it := range c.items.list {
		if !it.changed {
			continue
		}
		if err := c.put(trace.Key{NS: trace.NSItem, ID: it.id}, it.state); err != nil {
			return err
		}
	}
	return nil
}
