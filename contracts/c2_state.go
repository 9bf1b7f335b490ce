package contracts

import "github.com/waymark-ledger/waymark/trace"

// Custody says who holds an item, and the record that says so. The bytes of a state do not
// repeat what its Born says ([ItemState]).
type Custody struct {
	Holder string   `cbor:"1,keyasint,omitempty"` // organisation id; "" when it left the hands of members
	Seq    uint64   `cbor:"2,keyasint,omitempty"` // of the record that says so
	Signed bool     `cbor:"3,keyasint,omitempty"` // the holder's own receipt, birth or packing says so; else its shipment claimed it
	Event  [16]byte `cbor:"4,keyasint,omitzero"`  // eventMark of that record
	By     string   `cbor:"5,keyasint,omitempty"` // who signed it, where that is not the holder
	Awaits bool     `cbor:"6,keyasint,omitempty"` // received without a shipment: the transfer of Seq waits for one
	Time   int64    `cbor:"7,keyasint,omitempty"` // eventTime of that record, Unix seconds
	Before *Custody `cbor:"8,keyasint,omitempty"` // what it was before, without its own Before
	// Matched is the shipment that it waited for, and Settled says that it settled the case:
	// declared wrong, it has the receipt wait again, and the case open.
	Matched *Ending `cbor:"9,keyasint,omitempty"`
	Settled bool    `cbor:"10,keyasint,omitempty"`
	// Again is the holder's next receipt (receiving, then accepting), or the seller's next sale,
	// which stands in the place of this one if that is declared wrong.
	Again *Ending `cbor:"11,keyasint,omitempty"`
	// Beside says that the receipt named the item beside what it was in: it goes on with that.
	Beside bool `cbor:"12,keyasint,omitempty"`
	// Packed says that no birth or receipt of the unit says so, but that the holder packed into
	// it what it signed to hold.
	Packed bool `cbor:"13,keyasint,omitempty"`
}

// Transit is the last transfer that an item was in. It is on its way while Ended
// is nil; beside what it was in, while no later record handed it over.
type Transit struct {
	Transfer uint64   `cbor:"1,keyasint"` // id of the transfer: the seq of its record
	Event    [16]byte `cbor:"2,keyasint"` // eventMark of the shipment
	Ended    *Ending  `cbor:"3,keyasint,omitempty"`
	// Wrong is a shipment that was declared wrong after it had ended: what ended it, declared
	// wrong too, puts nothing on its way again.
	Wrong bool `cbor:"4,keyasint,omitempty"`
	// Before is the transfer before it, which counts again if this shipment is declared
	// wrong: on its way there, where this shipment took the item from it. It has no Before
	// of its own, so that a state stays bounded.
	Before *Transit `cbor:"5,keyasint,omitempty"`
	// Beside says that the shipment named the item beside what it was in: it goes with that,
	// while it is in there, and the transfer counts that alone.
	Beside bool `cbor:"6,keyasint,omitempty"`
}

// Ending is what took an item out of a transfer: its receipt, or a void.
type Ending struct {
	Seq          uint64   `cbor:"1,keyasint"`
	Organisation string   `cbor:"2,keyasint"`
	Event        [16]byte `cbor:"3,keyasint"`
}

// takenAlong reports whether what a record put an item into takes it along, as far as the
// item's own state knows: not of what was on its way then.
func (s *ItemState) takenAlong(in *Turn) (along, known bool) {
	switch held := s.Custody; {
	case s.apartSince(in.Seq):
		return false, true
	case held == nil || held.Holder == "" || held.Holder == in.Organisation:
		return true, true
	case held.Seq > in.Seq: // beside what it was in
		return true, true
	}
	return false, !s.inTransit()
}

// matchedBy is the item's custody, or the one before it, whose receipt a shipment was
// matched with; nil for none.
func (it *item) matchedBy(event [16]byte) (held *Custody, before bool) {
	for held = it.state.Custody; held != nil; held, before = held.Before, true {
		if held.Matched != nil && held.Matched.Event == event {
			return held, before
		}
	}
	return nil, false
}

// who is whose custody it is; gone says that it left the hands of members with them.
func (c *Custody) who() (holder string, gone bool) {
	switch {
	case c == nil:
		return "", false
	case c.Holder == "":
		return c.author(), true
	}
	return c.Holder, false
}

// author is who signed the record that custody rests on.
func (c *Custody) author() string {
	if c.By != "" {
		return c.By
	}
	return c.Holder
}

// heldBy is the organisation that holds the item, "" when nobody is known to.
func (it *item) heldBy() string {
	if it.state.Custody == nil {
		return ""
	}
	return it.state.Custody.Holder
}

// heldSince reports whether the item came to its holder after a record.
func (it *item) heldSince(seq uint64) bool {
	return it.state.Custody != nil && it.state.Custody.Seq > seq
}

// inTransit reports whether the item is on its way.
func (it *item) inTransit() bool { return it.state.inTransit() }

// ownWay reports whether it is on its way by itself, whatever it is in.
func (it *item) ownWay() bool { return it.state.ownWay() }

func (s *ItemState) inTransit() bool {
	way := s.Transit
	return way != nil && way.Ended == nil && !(way.Beside && s.Custody != nil && s.Custody.Seq > way.Transfer)
}

func (s *ItemState) ownWay() bool { return s.inTransit() && !s.Transit.Beside }

// apartSince reports whether an item was handed over, or put on its way, by itself after a
// record.
func (s *ItemState) apartSince(seq uint64) bool {
	return s.Custody != nil && s.Custody.Seq > seq && !s.Custody.Beside || s.ownWay() && s.Transit.Transfer > seq
}

// received reports whether custody rests on a receipt that the holder signed.
func (it *item) received() bool {
	held := it.state.Custody
	return held != nil && held.Holder != "" && held.Signed && !held.Packed && (it.state.Born == nil || it.state.Born.Seq != held.Seq)
}

// hand gives the item to a holder.
func (c *hearing) hand(it *item, to Custody) {
	h := &c.handed
	if before := it.state.Custody; h.custody == nil || h.before != before || h.to != to {
		*h = handed{before, to, c.coder.shelf.custodies.take()}
		*h.custody = to
		if before != nil {
			h.custody.Before = c.coder.shelf.custodies.take()
			*h.custody.Before = *before
			h.custody.Before.Before = nil
		}
	}
	it.state.Custody, it.changed = h.custody, true
}

// handed is a change of custody, which items share.
type handed struct {
	before  *Custody
	to      Custody
	custody *Custody
}

// holdAs puts to in the place of the item's custody, or of the one before it.
func (it *item) holdAs(to Custody, before bool) {
	held := &to
	if before {
		now := *it.state.Custody
		held, now.Before = &now, held
	}
	it.state.Custody, it.changed = held, true
}

// cameBy has the item have come by a transfer that is told of after its receipt, and before
// what it was shipped on with since.
func (it *item) cameBy(way Transit) {
	now := it.state.Transit
	if now != nil && (now.Ended == nil || now.Transfer > way.Ended.Seq) {
		on := *now
		on.Before = &way
		it.state.Transit, it.changed = &on, true
		return
	}
	if now != nil {
		before := *now
		before.Before = nil
		way.Before = &before
	}
	it.state.Transit, it.changed = &way, true
}

// cameNot forgets that it came by the shipment that a receipt was matched with.
func (it *item) cameNot(matched *Custody) {
	came := func(way *Transit) bool {
		return way != nil && way.Event == matched.Matched.Event && way.Ended != nil && way.Ended.Seq == matched.Seq
	}
	switch way := it.state.Transit; {
	case way == nil:
	case came(way):
		it.state.Transit, it.changed = way.Before, true
	case came(way.Before):
		on := *way
		on.Before = nil
		it.state.Transit, it.changed = &on, true
	}
}

// leave ends the item's way in its transfer.
func (it *item) leave(end Ending) {
	transit := *it.state.Transit
	transit.Ended = &end
	it.state.Transit, it.changed = &transit, true
}

// heldFact says who holds the item, by which record.
func (it *item) heldFact() trace.Fact {
	held := it.state.Custody
	switch {
	case held == nil:
		return fact(it.id, "held by nobody that is known")
	case held.Holder == "":
		return factAt(it.id, "left the members", held.Seq)
	case it.received():
		return factAt(it.id, "received by "+held.Holder, held.Seq)
	}
	return factAt(it.id, "held by "+held.Holder, held.Seq)
}

// ending is this record as what ends a transit.
func (c *hearing) ending() Ending {
	return Ending{Seq: c.position.Seq, Organisation: c.signer.ID, Event: c.turn().Event}
}

// mine is custody of the signer by this record.
func (c *hearing) mine(signed bool) Custody {
	e := c.record.Event
	return Custody{Holder: c.signer.ID, Seq: c.position.Seq, Signed: signed, Event: c.turn().Event, Time: e.Time.Seconds}
}
