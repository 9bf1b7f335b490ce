package contracts

import "github.com/waymark-ledger/waymark/trace"

// What is in a container is handed over with it: a receipt of the container names none of
// its contents, and nothing is written to them. So whose custody an item's is follows from
// what it is in, at any depth.
//
//   - What was handed over by itself since it was put there has gone its own way. What was
//     named beside what it is in goes with that; taken out of it, it is on its way, and
//     held, as the record that named it says.
//   - What was put there by who did not have it has not been handed over with it: nobody
//     takes another's goods by packing them into what is handed to somebody.
//   - A container that has not been handed over since something was put into it has taken it
//     nowhere; but where nobody is known to hold what is in it, its holder does.

// A carrier is what an item moves with, and the seq of the last bond between the two.
type carrier struct {
	*item
	since uint64
}

// carriers are what an item moves with, from the inside out.
func (c *hearing) carriers(it *item) (list []carrier, err error) {
	since := uint64(0)
	for at := it; len(list) < maxDepth; {
		h, t, err := c.holder(at)
		if err != nil || h == nil {
			return list, err
		}
		in := (*at.state.bond(t)).In
		if along, err := c.takesAlong(in, at); err != nil || !along {
			return list, err
		}
		if err := c.leftBehind(h); err != nil {
			return list, err
		}
		since = max(since, in.Seq)
		list, at = append(list, carrier{h, since}), h
	}
	return list, nil
}

// unitOf is the item whose custody an item's is: itself, or the outermost of what it moves
// with that was handed over, or is on its way, since it was put there.
func (c *hearing) unitOf(it *item) (*item, error) {
	if it.unbound() {
		return it, nil
	}
	unit, err := c.carrierOf(it)
	return unit.item, err
}

// carrierOf is unitOf with the seq since when the item moves with it, 0 for the item itself.
func (c *hearing) carrierOf(it *item) (carrier, error) {
	carriers, err := c.carriers(it)
	unit := carrier{item: it}
	for _, h := range carriers {
		if h.movedSince(h.since) || unit.heldBy() == "" && h.heldBy() != "" {
			unit = h
		}
	}
	return unit, err
}

// together is the outermost of what an item moves with that the event hands over as well:
// then it has no way of its own. nil for nothing.
func (c *hearing) together(it *item) (with *item, err error) {
	if it.ownWay() {
		return nil, nil
	}
	carriers, err := c.carriers(it)
	for _, h := range carriers {
		if h.handed {
			with = h.item
		}
	}
	return with, err
}

// alongside is an item that an event names beside what it moves with, and that.
type alongside struct{ item, with *item }

// wayOf is the transfer that an item is in, by itself or in what it moves with, and which of
// them is; nil for none.
func (c *hearing) wayOf(it *item) (unit *item, t *transfer, err error) {
	unit = it
	if !it.ownWay() {
		if unit, err = c.unitOf(it); err != nil {
			return nil, nil, err
		}
	}
	t, err = c.transferOf(unit)
	return unit, t, err
}

// leave takes an item out of the transfer that a unit is in. What is in the unit leaves that
// alone: the unit stays on its way.
func (c *hearing) leave(it, unit *item, t *transfer) {
	if it == unit || it.inTransit() && it.state.Transit.Transfer == t.id {
		t.without(it, c.ending())
	}
}

// without ends an item's way in the transfer.
func (t *transfer) without(it *item, end Ending) {
	if !it.state.Transit.Beside {
		t.less()
	}
	it.leave(end)
}

// takesAlong reports whether what a record put an item into takes it along: who put it there
// holds it, or nobody is known to, or it was on its way to them or with them.
func (c *hearing) takesAlong(in *Turn, it *item) (bool, error) {
	along, known := it.state.takenAlong(in)
	if known {
		return along, nil
	}
	t, err := c.transferOf(it)
	return t != nil && (t.state.To == in.Organisation || t.state.Carrier == in.Organisation), err
}

// movedSince reports whether an item was handed over, or put on its way, after a record: by
// itself, or beside what it was in.
func (it *item) movedSince(seq uint64) bool {
	return it.heldSince(seq) || it.inTransit() && it.state.Transit.Transfer > seq
}

// takeOver has an item that is held as a unit is be held so by itself, by this record.
func (c *hearing) takeOver(it, unit *item) {
	held := unit.state.Custody
	c.hand(it, Custody{Holder: held.Holder, Seq: held.Seq, Signed: held.Signed, Event: c.turn().Event, Time: held.Time})
}

// inUnit is a fact of an item, from one of the unit whose custody its is.
func (it *item) inUnit(unit *item, f trace.Fact) trace.Fact {
	if it != unit {
		f.Name, f.Value = it.id, short("in "+unit.id+", "+f.Value)
	}
	return f
}
