package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// Which shipments bind limits, and which receipts end what they bind: those that move the
// goods. A cold chain that anybody could begin anew would forget the time outside that it had
// summed, and one that anybody could end would hear of no more.
//
//   - An item is moved by the shipment that rule C3 puts it on its way with, or that takes
//     it out of the hands of members; what an AggregationEvent ships moves with its parent.
//     Where C3 flags that another holds it, or that it is on its way already, it stays where
//     it is, and so do its limits, whatever its prefix and whoever licenses it. If the
//     shipper proves right, once the records of before are there, it ships again.
//   - A shipment that is recorded after its receipt moved what it was matched with, from its
//     eventTime to that receipt; not what was shipped on since under other limits.
//   - Of a shipment that does not say who ships to whom, or that goes to its own source (from
//     one place to another), nobody signs for the receipt. It binds limits of what its
//     author holds, or nobody is known to, unless the goods are under way with limits
//     already.
//   - Of a lot amounts travel, with many at a time, and nobody knows their custodian. Its
//     cold chain is that of the last that was shipped by who is known to have had some: the
//     licensee of its prefix, who bound its limits before, and to whom some was shipped, or
//     who received some. Others bind limits only where there are none.

// bindLimits binds a shipment's limits to a thing, and says whether they do bind it.
func (c *hearing) bindLimits(chain *coldChain, limits trace.TemperatureLimits) (bool, error) {
	t, s := chain.thing, &chain.state
	starts, receipt, err := c.starts(t, s)
	if !starts || err != nil {
		return false, err
	}
	if err := c.endLeg(chain); err != nil {
		return false, err
	}
	s.bind(limits, c.turn())
	if chain.changed = true; receipt != nil && receipt.Time >= s.Bound.Seconds {
		chain.late = true
		s.Received = &Turn{Seq: receipt.Seq, Organisation: receipt.author(), Seconds: receipt.Time, Event: receipt.Event}
	}
	c.chilled(t)
	return true, nil
}

// endLeg ends a leg that nobody received at the shipment that is judged: who ships on had
// come to hold the goods. Of a lot others of its amounts may be on their way yet, but not
// when it is who they were shipped to that ships on.
func (c *hearing) endLeg(chain *coldChain) error {
	s := &chain.state
	if s.Bound.Organisation == "" || s.Void || s.Received != nil || c.record.Event.Time.Before(s.Bound.Time()) {
		return nil
	}
	if chain.thing.key.NS == trace.NSLot {
		t, err := c.transfer(s.Bound.Seq)
		if err != nil || !t.known || t.state.To != c.signer.ID {
			return err
		}
	}
	// Where reports are missing no verdict is said, so that nothing need be doubted.
	chain.arrive(c.turn(), func(doubt, *report) {})
	chain.ended, chain.added = true, 0
	return nil
}

// starts reports whether the shipment that is judged begins the cold chain of a thing; where
// it is told of after its receipt, with that.
func (c *hearing) starts(t thing, s *ColdChainState) (bool, *Custody, error) {
	bound := s.Bound.Organisation != "" && !s.Void
	switch {
	case c.handover.ships == movesNothing, c.handover.ships == withinOneself && bound && s.Received == nil:
		return false, nil, nil
	case t.key.NS == trace.NSLot:
		starts, err := c.startsLot(t, s, bound)
		return starts, nil, err
	}
	id := c.carries(t)
	it, err := c.item(&id)
	switch {
	case it == nil || err != nil:
		return false, nil, err
	case c.handover.ships == withinOneself:
		unit, t, err := c.wayOf(it)
		if err != nil {
			return false, nil, err
		}
		held := unit.heldBy()
		return it.state.Ended == nil && t == nil && (held == "" || held == c.signer.ID), nil, nil
	case it.before != nil:
		return !bound || s.Bound.Seq < it.before.Seq, it.before, nil
	}
	return it.moved, nil, nil
}

// ends reports whether the receipt that is judged ends the cold chain of a thing: of an item
// where its author holds it by then (rule C4), of a lot where the limits are those of a
// shipment to its author, or to nobody that C3 knows of.
func (c *hearing) ends(chain *coldChain) (bool, error) {
	if chain.thing.key.NS == trace.NSLot {
		t, err := c.transfer(chain.state.Bound.Seq)
		return err == nil && (!t.known || t.state.To == c.signer.ID), err
	}
	id := c.carries(chain.thing)
	it, err := c.item(&id)
	if it == nil || err != nil {
		return false, err
	}
	unit, t, err := c.wayOf(it)
	return t == nil && err == nil && unit.heldBy() == c.signer.ID, err
}

// voids reports whether the event takes back the shipment that bound the limits of a thing
// (rule C6): of a lot all that has not arrived.
func (c *hearing) voids(chain *coldChain) (bool, error) {
	by := chain.state.Bound.Seq
	if chain.thing.key.NS == trace.NSLot {
		t, err := c.transfer(by)
		return err == nil && t.known && !slices.ContainsFunc(t.state.Lots, func(p LotPart) bool {
			return p.Class == chain.thing.key.ID && t.state.arrives(&p)
		}), err
	}
	it, err := c.item(&chain.thing.id)
	if it == nil || err != nil {
		return false, err
	}
	way := it.state.Transit
	return way != nil && way.Transfer == by && way.Ended != nil && way.Ended.Seq == c.position.Seq, nil
}

// carries is what the event moves a thing with: an AggregationEvent its parent.
func (c *hearing) carries(t thing) epcis.ID {
	if e := c.record.Event; e.Type == epcis.AggregationEvent || e.Type == epcis.AssociationEvent {
		return e.Parent
	}
	return t.id
}

// startsLot is starts of a lot.
func (c *hearing) startsLot(t thing, s *ColdChainState, bound bool) (bool, error) {
	switch {
	case !bound:
		return true, nil
	case c.record.Event.Time.Before(s.Bound.Time()): // told late: the limits of a later one bind
		return false, nil
	case s.Bound.Organisation == c.signer.ID:
		return true, nil
	}
	licensee, err := c.licensee(t.id)
	if err != nil || licensee == c.signer.ID {
		return err == nil, err
	}
	return c.hadSome(t.key.ID)
}

// hadSome reports whether some of a lot was shipped to the signer, and not taken back, or
// received by it.
func (c *hearing) hadSome(lot string) (bool, error) {
	list, err := c.lotsTo(c.signer.ID, lot)
	if err != nil {
		return false, err
	}
	for _, id := range list.state.Transfers {
		t, err := c.transfer(id)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(t.state.Lots, func(p LotPart) bool { return p.Class == lot && t.state.arrives(&p) }) {
			return true, nil
		}
	}
	return false, nil
}

// arrives reports whether some of a part came to the destination, or may come.
func (t *TransferState) arrives(p *LotPart) bool {
	if p.Wrong {
		return false
	}
	received := func(by LotTurn) bool { return by.Organisation == t.To }
	return t.Awaiting || p.Left.Sign() > 0 || p.Last != nil && received(*p.Last) || slices.ContainsFunc(p.Before, received)
}
