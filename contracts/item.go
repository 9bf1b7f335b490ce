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
	index   int // in the list
	state   ItemState
	known   bool // the ledger held a state before
	changed bool
	alike   bool // its state is that of the changed one before it, once compared

	// Of rule C1.
	bornNow, gone bool // gone: ended before this event, or ended twice by it
	observed      bool
	told          bool // that no birth of it is recorded

	pass uint32 // the last one over the record's items that met it

	lot     string    // by which it is counted in what it is in: its own, as the ledger has it (inside.go)
	was     located   // as the record found it
	holders []*item   // what it was in when the record came, once traced
	left    *Lock     // of T1, on what it, or the outermost of those, was in until that was emptied
	under   []Leaving // of K5: recalls that it left with one of those, or when the outermost's holder was emptied
	forgets bool      // of K5: a recall that it leaves is not remembered
	traced  bool

	strange *Custody // of C2: of another, who signed to hold it, though the author says that it has it
	// strangeIn put the item into what that is the custody of, nil of its own.
	strangeIn *Turn

	handed bool      // of rules C2 to C6: among the units that are handed over
	moved  bool      // of C3: this shipment moves it
	before *Custody  // of C3: the receipt that this shipment is told of after
	came   *transfer // of C4: what this receipt took it from
}

// items are those of one record. Their memory is used again for the next.
type items struct {
	list     []*item
	next     int              // where in list the next that is asked for most often stands
	greatest string           // of the ids
	holder   *item            // the last that was asked for as one
	passed   int              // over how many a search went
	at       map[string]*item // by canonical id, once searches have become long
	mapped   int              // how many of list it has
	pool     pool[item]
}

// clear makes room for those of another record.
func (s *items) clear() {
	clear(s.list)
	s.pool.clear()
	if len(s.at) > maxItemsKept {
		s.at = nil
	} else if s.mapped > 0 {
		clear(s.at)
	}
	*s = items{list: s.list[:0], at: s.at, pool: s.pool}
}

// maxItemsKept bounds what is kept for the next record.
const maxItemsKept = poolRoom * maxRooms

// item loads the state of a named item, once; nil for what is no serialised item.
func (c *hearing) item(id *epcis.ID) (*item, error) {
	if !trace.NamesItem(id) {
		return nil, nil
	}
	return c.itemAt(id.URI)
}

// itemAt is item for the canonical id of a serialised item. What the record does
// not name itself (a container of what it names) is loaded and written with it.
func (c *hearing) itemAt(id string) (*item, error) {
	if it := c.items.loaded(id); it != nil {
		return it, nil
	}
	it := c.items.pool.take()
	it.id, it.index = id, len(c.items.list)
	known, err := c.read(trace.Key{NS: trace.NSItem, ID: id}, &it.state)
	if err != nil {
		return nil, err
	}
	it.known, it.lot = known, it.state.Lot
	if !known {
		it.state.Condition, it.state.First, it.changed = Seen, c.position.Seq, true
	}
	it.gone = it.state.Ended != nil
	if known {
		it.was = locate(id, &it.state)
	}
	c.items.add(it)
	return it, nil
}

func (s *items) add(it *item) {
	s.list = append(s.list, it)
	s.greatest = max(s.greatest, it.id)
}

// holderAt is itemAt for what holds an item: many have the same.
func (c *hearing) holderAt(id string) (*item, error) {
	if h := c.items.holder; h != nil && h.id == id {
		return h, nil
	}
	h, err := c.itemAt(id)
	c.items.holder = h
	return h, err
}

// loaded is an item that was loaded before, by its canonical id. Contract after
// contract goes through the record's lists in the order in which they were loaded,
// so it is mostly the one after the last that was asked for.
func (s *items) loaded(id string) *item {
	if s.next < len(s.list) && s.list[s.next].id == id {
		s.next++
		return s.list[s.next-1]
	}
	it := s.find(id)
	if it != nil {
		s.next = it.index + 1
	}
	return it
}

// scanned is up to how many items a scan finds one sooner than a map does.
const scanned = 8

// find searches. Records mostly name items in the order of their ids, so that one which
// is not there comes after all that are.
func (s *items) find(id string) *item {
	if id > s.greatest {
		return nil
	}
	if n := len(s.list); n <= scanned || s.passed < 4*n {
		for i, it := range s.list {
			if it.id == id {
				s.passed += i
				return it
			}
		}
		s.passed += len(s.list)
		return nil
	}
	if s.at == nil {
		s.at = make(map[string]*item, 2*len(s.list))
	}
	for ; s.mapped < len(s.list); s.mapped++ {
		s.at[s.list[s.mapped].id] = s.list[s.mapped]
	}
	return s.at[id]
}

// writeItems writes those that changed. What one event does to many is the same, and
// coded once.
func (c *hearing) writeItems() error {
	for _, it := range c.items.list {
		if !it.changed {
			continue
		}
		k := trace.Key{NS: trace.NSItem, ID: it.id}
		if it.alike {
			w := c.written[len(c.written)-1]
			c.written = append(c.written, written{k, w.from, w.end})
			continue
		}
		if err := c.put(k, &it.state); err != nil {
			return err
		}
	}
	return nil
}

// compare notes which items the record leaves as the one before: it is done with them.
func (s *items) compare() {
	var last *ItemState
	for _, it := range s.list {
		if it.changed {
			it.alike = last != nil && last.alike(&it.state)
			last = &it.state
		}
	}
}
