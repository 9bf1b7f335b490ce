package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// C3 ship: the holder hands goods to another member. An event of the step shipping
// names exactly one source and one destination of the type possessing_party; the
// source is its author and holds the goods. It opens a transfer to the destination;
// the sender stays the holder until the destination signs a receipt (C4).
//
//   - Only top-level units count: what is inside a container travels with it, also where it
//     is named beside it.
//     Lots and classes travel by quantity.
//   - What is in a container is held, and on its way, as that is (c2_within.go): who holds
//     it ships one of the contents by itself.
//   - What nobody is known to hold the sender claims by shipping it.
//   - Refused is what is on its way from the sender already, what another member
//     signed to have received, and what is locked by an open case, or holds what is,
//     unless it goes back to the owner of the case.
//   - What another is merely known to hold, or signed for later than the shipment
//     happened, gets a FLAG and does not move.
//   - A receiver that ships on what it never signed for gets a FLAG; its receipt is
//     taken to be implied.
//   - A ruleset may refuse what both of these flag, and the shipment that does not name its
//     author and its receiver: c2_gaps.go.
//   - What goes to who is no member opens no transfer: nobody here would sign for it.
//   - A shipment of what its destination has received before is matched with that
//     receipt, and settles the case that waits for it.
func (c *hearing) ship(p gapPolicy) error {
	e := c.handOver()
	if e == nil || e.BizStep != stepShipping || e.Action == epcis.Delete {
		return nil
	}
	from, to, problem, err := c.parties(e)
	if err != nil {
		return err
	}
	if !c.corroborates && (problem != "" || from == to && from == c.signer.ID) {
		c.handover.ships = withinOneself
	}
	if problem != "" {
		return c.names(p, e, trace.Finding{
			Code: CodeShipParties, Facts: []trace.Fact{fact("parties", problem)},
			Next: "Name one source and one destination of type possessing_party, so that the receiver can sign for the goods.",
		})
	}
	if from != c.signer.ID && !c.corroborates {
		return c.names(p, e, trace.Finding{
			Code:  CodeShipForOther,
			Facts: []trace.Fact{fact("source", from), fact("signer", c.signer.ID)},
			Next:  "Have the source record the shipment: it moves nothing under another's signature.",
		})
	}
	if from == to || from != c.signer.ID {
		return nil
	}
	receiver, err := c.member(to)
	if err != nil {
		return err
	}
	c.handover.ships = toAnother
	s := shipment{hearing: c, policy: p, to: to, leaves: len(receiver.Intervals) == 0}
	s.transfer = c.open(from, to)
	units, err := c.handedUnits(e)
	if err != nil {
		return err
	}
	if err := s.units(units); err != nil {
		return err
	}
	if !s.leaves {
		if err := s.lots(e); err != nil {
			return err
		}
	}
	s.report()
	return nil
}

// shipment is C3 over the units of one event.
type shipment struct {
	*hearing
	policy   gapPolicy
	to       string
	leaves   bool // the destination is no member
	transfer *transfer

	locked, twice, others, left, matched tally
	gaps                                 gap
	uncounted                            int
}

// units ships what is named. What is named beside what it is in goes with that, as the records
// before this one have it.
func (s *shipment) units(units []*item) error {
	var rest []*item
	var along []alongside
	for _, it := range units {
		if it.state.Ended != nil {
			continue // rule C1 has said so
		}
		if matched, err := s.match(it); err != nil || matched {
			if err != nil {
				return err
			}
			continue
		}
		with, err := s.together(it)
		if err != nil {
			return err
		}
		if with == nil {
			rest = append(rest, it)
			continue
		}
		along = append(along, alongside{it, with})
	}
	goes := make([]bool, len(along))
	for i, a := range along {
		var err error
		if goes[i], err = s.beside(a); err != nil {
			return err
		}
	}
	for _, it := range rest {
		if err := s.unit(it); err != nil {
			return err
		}
	}
	for i, a := range along {
		if !goes[i] {
			continue
		}
		a.item.moved, a.item.before = a.with.moved, a.with.before
		if a.with.inTransit() && a.with.state.Transit.Transfer == s.transfer.id {
			s.send(a.item, true)
		}
	}
	return nil
}

// beside reports whether an item may go with what it is in: it is held as that is, or by
// nobody else.
func (s *shipment) beside(a alongside) (bool, error) {
	if free, err := s.free(a.item); err != nil || !free {
		return false, err
	}
	unit, err := s.unitOf(a.item)
	if err != nil {
		return false, err
	}
	of, err := s.unitOf(a.with)
	if err != nil || unit == of || unit.heldBy() == "" || unit.heldBy() == s.signer.ID {
		return err == nil, err
	}
	return s.ofOther(a.item, unit)
}

// free reports whether no open case locks a unit here: it may go back to the case's owner.
func (s *shipment) free(it *item) (bool, error) {
	cases, err := s.casesWithin(it)
	if err != nil {
		return false, err
	}
	for _, id := range cases {
		k, err := s.caseOf(id)
		if err != nil {
			return false, err
		}
		if k.state.Owner != s.to {
			return false, s.refuse(&s.locked, &s.gaps.flagged, it, factAt(it.id, "locked by case "+id.String(), id.Seq))
		}
	}
	within, _, err := s.markedWithin(it)
	if err != nil {
		return false, err
	}
	for _, x := range within {
		for _, id := range x.cases() {
			k, err := s.caseOf(id)
			if err != nil {
				return false, err
			}
			if k.state.Owner != s.to {
				return false, s.refuse(&s.locked, &s.gaps.flagged, x, factAt(it.id, "holds "+x.id+", locked by case "+id.String(), id.Seq))
			}
		}
	}
	return true, nil
}

// ofOther judges a unit that another is known to hold; claimed says that this is only what a
// shipment claimed.
func (s *shipment) ofOther(it, unit *item) (claimed bool, err error) {
	held, f := unit.state.Custody, it.inUnit(unit, unit.heldFact())
	if unit.received() && s.record.Event.Time.Seconds >= held.Time { // else it is a late record, of before that receipt
		return false, s.refuse(&s.others, &s.gaps.flagged, it, f)
	}
	return !held.Signed, s.gap(it, unit, f)
}

func (s *shipment) gap(it, unit *item, f trace.Fact) error {
	return s.gaps.add(s.hearing, s.policy, it, unit, f)
}

func (s *shipment) unit(it *item) error {
	if free, err := s.free(it); err != nil || !free {
		return err
	}
	if moves, err := s.onItsWay(it); err != nil || !moves {
		return err
	}
	unit, err := s.unitOf(it)
	if err != nil {
		return err
	}
	switch {
	case unit.heldBy() == s.signer.ID && unit != it:
		s.takeOver(it, unit)
	case unit.heldBy() == s.signer.ID:
	case unit.heldBy() == "":
		s.hand(it, s.mine(false))
	default:
		if claimed, err := s.ofOther(it, unit); err != nil || !claimed {
			return err
		}
		s.hand(it, s.mine(false))
	}
	if s.leaves {
		gone := s.mine(false)
		gone.Holder, gone.By = "", s.signer.ID
		s.hand(it, gone)
		s.left.add(fact(it.id, "no member receives it"))
		it.moved = true
		return nil
	}
	s.send(it, false)
	it.moved = true
	s.transfer.add(it)
	return nil
}

// send puts an item on its way, by itself or beside what it is in.
func (s *shipment) send(it *item, beside bool) {
	way := &Transit{Transfer: s.transfer.id, Event: s.transfer.state.Event, Beside: beside}
	if before := it.state.Transit; before != nil {
		kept := *before
		kept.Before = nil
		way.Before = &kept
	}
	it.state.Transit, it.changed = way, true
}

// onItsWay judges a unit that is in an open transfer, or in a container that is; moves says
// that it may go into this one.
func (s *shipment) onItsWay(it *item) (moves bool, err error) {
	unit, t, err := s.wayOf(it)
	if t == nil || err != nil {
		return true, err
	}
	way := it.inUnit(unit, factAt(unit.id, "on its way to "+t.state.To, t.id))
	switch {
	case t.state.To == s.signer.ID:
		if err := s.gap(it, unit, way); err != nil {
			return false, err
		}
		s.leave(it, unit, t)
		s.hand(it, s.mine(true))
		return true, nil
	case t.state.From == s.signer.ID:
		return false, s.refuse(&s.twice, &s.gaps.flagged, it, way)
	case s.yields(unit, t):
		s.gaps.flagged.add(way)
		s.leave(it, unit, t)
		return true, nil
	}
	return false, s.gap(it, unit, way)
}

// yields reports whether an item may be taken out of a transfer by others than its
// parties: its sender only claimed to hold it, and the deadline has passed. A
// shipment of what is not one's own binds for that long at most.
func (c *hearing) yields(it *item, t *transfer) bool {
	held := it.state.Custody
	return (held == nil || !held.Signed) && c.block.Time.Seconds > t.state.Deadline
}

// match joins a late shipment with the receipt that came before it.
func (s *shipment) match(it *item) (bool, error) {
	held, on := it.state.Custody, false
	if held != nil && !(held.Awaits && held.Holder == s.to) {
		held, on = held.Before, true // the receiver may have handed it on
	}
	if held == nil || !held.Awaits || held.Holder != s.to {
		return false, nil
	}
	t, err := s.hearing.transfer(held.Seq)
	if err != nil || !t.known || t.state.From != "" && t.state.From != s.signer.ID {
		return false, err
	}
	t.less()
	by, matched := s.ending(), *held
	matched.Awaits, matched.Matched = false, &by
	s.matched.add(factAt(it.id, "received by "+held.Holder, held.Seq))
	for _, id := range it.cases() {
		if id.Seq == held.Seq && id.Class == ProductWithoutData {
			if err := s.settle(it, id, Correct); err != nil {
				return false, err
			}
			matched.Settled = true
		}
	}
	it.holdAs(matched, on)
	it.cameBy(Transit{
		Transfer: s.transfer.id, Event: by.Event,
		Ended: &Ending{Seq: held.Seq, Organisation: held.Holder, Event: held.Event},
	})
	s.transfer.count(it)
	it.moved, it.before = true, held
	return true, nil
}

// lots puts quantities into the transfer, but for what was received before.
func (s *shipment) lots(e *epcis.Event) error {
	list, n := amounts(e.Quantities)
	s.uncounted = n
	for _, q := range list {
		rest, err := s.matchLot(q)
		if err != nil {
			return err
		}
		if rest.value.Sign() <= 0 {
			continue
		}
		added, err := s.addLot(s.transfer, rest)
		if err != nil {
			return err
		}
		if !added {
			s.uncounted++
		}
	}
	return nil
}

// matchLot takes from the receipts of the lot that wait for a shipment, the first
// of them first, and returns what is left of the quantity.
func (s *shipment) matchLot(q amount) (amount, error) {
	waiting, err := s.openLots(s.to, q, func(t *TransferState) bool {
		return t.Awaiting && (t.From == "" || t.From == s.signer.ID)
	})
	if err != nil {
		return q, err
	}
	for _, w := range waiting {
		part := &w.transfer.state.Lots[w.at]
		taken := least(part.Left, q.value)
		part.take(LotTurn{Ending: s.ending(), Amount: taken})
		q.value = q.value.Sub(taken)
		w.transfer.changed = true
		if err := s.cameBefore(amount{q.class, q.unit, taken}, w.transfer); err != nil {
			return q, err
		}
		s.matched.add(factAt(q.class, amount{unit: q.unit, value: taken}.String()+" received by "+s.to, w.transfer.id))
		if w.transfer.state.done(part) {
			k, err := s.caseOf(CaseID{w.transfer.id, ProductWithoutData})
			if err != nil {
				return q, err
			}
			part.Last.Settled = s.settleLot(k, q.class, Correct)
		}
		if q.value.Sign() <= 0 || q.value.Cmp(w.transfer.state.tolerated(taken, q.unit)) <= 0 {
			q.value = epcis.Decimal{}
			break
		}
	}
	return q, nil
}

// cameBefore keeps in the transfer what a receipt before it took.
func (s *shipment) cameBefore(q amount, receipt *transfer) error {
	added, err := s.addLot(s.transfer, q)
	if !added {
		return err
	}
	list := s.transfer.state.Lots
	at := slices.IndexFunc(list, func(p LotPart) bool { return p.Class == q.class && p.Unit == q.unit })
	list[at].take(LotTurn{Ending: Ending{Seq: receipt.id, Organisation: receipt.state.To, Event: receipt.state.Event}, Amount: q.value})
	return nil
}

func (s *shipment) report() {
	s.locked.found(s.hearing, trace.Finding{
		Code: CodeShipLocked,
		Next: "Settle the case first (waymark cases), or send the item back to the owner of the case.",
	})
	s.twice.found(s.hearing, trace.Finding{
		Code: CodeShippedTwice,
		Next: "Wait for the receipt, or void the first shipment (void_shipping).",
	})
	s.others.found(s.hearing, trace.Finding{
		Code: CodeShipNotHeld,
		Next: "Check the identifier. If it was handed over to you, record your receipt first, with the holder as source.",
	})
	s.gaps.found(s.hearing, CodeShipGap,
		"Have who held it record the shipment to you, and record your receipt.",
		"Have who holds it record the shipment to you, record your receipt, then ship it.")
	s.left.found(s.hearing, trace.Finding{
		Code:  CodeShipLeaves,
		Facts: []trace.Fact{fact("destination", s.to)},
	})
	s.matched.found(s.hearing, trace.Finding{
		Code: CodeShipMatched,
	})
	if s.uncounted > 0 {
		s.find(trace.Finding{
			Code:  CodeShipUncounted,
			Facts: []trace.Fact{fact("quantities", fmt.Sprint(s.uncounted))},
			Next:  fmt.Sprintf("State a positive amount of each lot, and at most %d lots in one shipment.", maxTransferLots),
		})
	}
	lots := 0
	for i := range s.transfer.state.Lots {
		lots += s.transfer.state.Lots[i].Left.Sign()
	}
	if t := s.transfer; s.keep(t) && t.state.Left+uint32(lots) > 0 && !s.verdict.Rejected() {
		s.find(trace.Finding{
			Code: CodeShipped,
			Facts: []trace.Fact{
				fact("transfer", fmt.Sprint(t.id)), fact("to", t.state.To), fact("items", fmt.Sprint(t.state.Left)),
				fact("lots", fmt.Sprint(lots)), fact("deadline", epcis.Instant{Seconds: t.state.Deadline}.String()),
			},
		})
	}
}

// parties reads the one source and the one destination that possess the goods, as
// organisations; problem says why there are not exactly these.
func (c *hearing) parties(e *epcis.Event) (from, to, problem string, err error) {
	source, n := possessing(e.Sources)
	destination, m := possessing(e.Destinations)
	if n != 1 || m != 1 {
		return "", "", fmt.Sprintf("%d sources, %d destinations of type possessing_party", n, m), nil
	}
	if from, err = c.organisationOf(source); err == nil {
		to, err = c.organisationOf(destination)
	}
	return from, to, "", err
}

// possessing is the first possessing party of a list, and how many there are.
func possessing(list []epcis.Party) (party epcis.ID, n int) { return partyOf(list, possessingParty) }

// partyOf is the first party of a type in a list, and how many there are.
func partyOf(list []epcis.Party, kind string) (party epcis.ID, n int) {
	for i := range list {
		if list[i].Type != kind {
			continue
		}
		if n++; n == 1 {
			party = list[i].ID
		}
	}
	return party, n
}

// organisationOf is the member that a party's identifier stands for: the member of
// that id, or the licensee of its GS1 company prefix; else the identifier itself.
func (c *hearing) organisationOf(id epcis.ID) (string, error) {
	member, err := c.member(id.URI)
	if err != nil || len(member.Intervals) > 0 {
		return id.URI, err
	}
	licensee, err := c.licensee(id)
	if err != nil || licensee != "" {
		return licensee, err
	}
	return short(id.URI), nil
}

// handedUnits are the top-level items that an event hands over, each once.
func (c *hearing) handedUnits(e *epcis.Event) ([]*item, error) {
	list := e.EPCs
	if len(list) == 0 {
		list = []epcis.ID{e.Parent}
	}
	units := make([]*item, 0, len(list))
	for i := range list {
		it, err := c.item(&list[i])
		if err != nil {
			return nil, err
		}
		if it != nil && !it.handed {
			it.handed = true
			units = append(units, it)
		}
	}
	return units, nil
}

func least(a, b epcis.Decimal) epcis.Decimal {
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}
