package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// C4 receive: the receiver of a transfer signs for what arrived. An event of the
// step receiving or accepting (or destroying, of what arrives beyond use) moves
// custody of what it names; what it does not name stays on its way.
//
//   - What is on its way to the signer is held by the signer from then on.
//   - What is in a container that is on its way, or that somebody holds, is on its way, or
//     held, as that is (c2_within.go). What is received so out of a container, by itself,
//     leaves that on its way with the rest.
//   - What is on its way to another stays so, with a FLAG.
//   - What nobody is known to hold is held by the signer, with a FLAG: its shipment
//     may be recorded later, and is matched then.
//   - What the stated source holds and did not ship moves as well, and is locked by a
//     case (C5) until the source records the shipment.
//   - What another member signed to have received is refused: of two that sign for
//     the same goods exactly one wins. Behind a FLAG stays what another brought to
//     life and neither shipped nor is named as source. A ruleset may refuse this, what is
//     on its way to another, and the receipt in the name of another: c2_gaps.go.
//   - Of lots what arrives is taken from the transfers to the signer, the first of
//     them first. A weight may differ by the network's receiptTolerance, a count by nothing.
//     What is more than that, of a lot that was born here, a ruleset may refuse where the
//     receipt names nobody as its source, who would have to answer for it.
func (c *hearing) receive(p gapPolicy) error {
	e := c.handOver()
	if e == nil || !receives(e) && e.BizStep != stepDestroying || c.inspects(e) {
		return nil
	}
	r := receipt{hearing: c, policy: p, destroys: e.BizStep == stepDestroying}
	var err error
	if source, n := possessing(e.Sources); n == 1 {
		if r.source, err = c.organisationOf(source); err != nil {
			return err
		}
	}
	if destination, n := possessing(e.Destinations); n == 1 && !r.destroys {
		to, err := c.organisationOf(destination)
		if err != nil {
			return err
		}
		if to != c.signer.ID && c.corroborates {
			return nil
		}
		if to != c.signer.ID {
			return c.names(p, e, trace.Finding{
				Code:  CodeReceivedForOther,
				Facts: []trace.Fact{fact("destination", to), fact("signer", c.signer.ID)},
				Next:  "Have the destination sign for the goods: a receipt moves nothing to another.",
			})
		}
	}
	units, err := c.handedUnits(e)
	if err != nil {
		return err
	}
	if err := r.units(units); err != nil {
		return err
	}
	if !r.destroys {
		if err := r.lots(e); err != nil {
			return err
		}
	}
	r.report()
	return nil
}

// receives reports whether the event is a receipt by its step.
func receives(e *epcis.Event) bool { return e.BizStep == stepReceiving || e.BizStep == stepAccepting }

// receipt is C4 over the units of one event.
type receipt struct {
	*hearing
	policy   gapPolicy
	source   string // organisation that the event names, "" for none
	destroys bool   // goods are destroyed instead of being taken in

	transfers []*transfer // that it takes from
	arrived   tally
	gaps      gap
	unshipped gap
	locked    tally
	others    tally
	uncounted int
	waits     *transfer // of what it receives without a shipment
}

// units receives what is on its way to the signer first: that tells who sent what
// no shipment names. What is named beside what it is in comes with that.
func (r *receipt) units(units []*item) error {
	var rest []*item
	var along []alongside
	for _, it := range units {
		with, err := r.together(it)
		if err != nil {
			return err
		}
		unit, t, err := r.wayOf(it)
		switch {
		case err != nil:
			return err
		case with != nil:
			along = append(along, alongside{it, with})
		case t != nil && t.state.To == r.signer.ID:
			if err := r.take(it, unit, t); err != nil {
				return err
			}
		case r.destroys || it.state.Ended != nil:
		case t != nil && !r.yields(unit, t):
			if err := r.gap(it, unit, it.inUnit(unit, factAt(unit.id, "on its way to "+t.state.To, t.id))); err != nil {
				return err
			}
		default:
			rest = append(rest, it)
		}
	}
	for _, a := range along {
		if err := r.beside(a); err != nil {
			return err
		}
	}
	r.handover.sender = r.source
	if r.source == "" && len(r.transfers) > 0 {
		r.handover.sender = r.transfers[0].state.From
	}
	for _, it := range rest {
		if t, err := r.transferOf(it); err != nil {
			return err
		} else if t != nil { // it yields
			r.leave(it, it, t)
		}
		if err := r.unexpected(it); err != nil {
			return err
		}
	}
	return nil
}

// take receives an item from the transfer that it is in, or the unit that it is in.
func (r *receipt) take(it, unit *item, t *transfer) error {
	r.leave(it, unit, t)
	r.hand(it, r.mine(true))
	it.came = t
	r.handover.took = append(r.handover.took, it)
	r.from(t)
	r.arrived.add(it.inUnit(unit, factAt(unit.id, "shipped by "+t.state.From, t.id)))
	if r.source != "" && r.source != t.state.From {
		r.hearing.except(DataError, it.id, it, factAt(it.id, "shipped by "+t.state.From+", received from "+r.source, t.id))
	}
	return r.returned(it)
}

// beside receives what comes with what it is in. Where the shipment named it as well, it is held
// by this receipt also if it should turn out that it was not in there.
func (r *receipt) beside(a alongside) error {
	it, t := a.item, a.with.came
	if t == nil {
		return nil
	}
	it.came = t
	r.handover.took = append(r.handover.took, it)
	if it.inTransit() && it.state.Transit.Transfer == t.id {
		t.without(it, r.ending())
		held := r.mine(true)
		held.Beside = true
		r.hand(it, held)
	}
	return r.returned(it)
}

// returned settles the cases of goods that come back to the owner of their case.
func (r *receipt) returned(it *item) error {
	for _, id := range it.cases() {
		k, err := r.caseOf(id)
		if err != nil {
			return err
		}
		if k.state.Owner == r.signer.ID && id.Seq != r.position.Seq {
			if err := r.settle(it, id, Return); err != nil {
				return err
			}
		}
	}
	return nil
}

// from notes that the receipt takes from a transfer, once for each.
func (r *receipt) from(t *transfer) {
	if slices.Contains(r.transfers, t) {
		return
	}
	r.transfers = append(r.transfers, t)
	if now := r.block.Time.Seconds; now > t.state.Deadline {
		r.handover.late.add(factAt("deadline", epcis.Instant{Seconds: t.state.Deadline}.String(), t.id))
	}
}

// unexpected receives an item that is in no transfer to the signer.
func (r *receipt) unexpected(it *item) error {
	unit, err := r.unitOf(it)
	if err != nil {
		return err
	}
	holder, held := unit.heldBy(), unit.state.Custody
	f := it.inUnit(unit, unit.heldFact())
	switch {
	case holder == r.signer.ID && held.Signed && unit != it: // it comes out of what the signer holds
		if r.record.Event.BizStep == stepReceiving {
			r.takeOver(it, unit)
		}
		return nil
	case holder == r.signer.ID && held.Signed: // receiving, then accepting
		if it.received() && held.Again == nil && held.Event != r.turn().Event {
			again, kept := r.ending(), *held
			kept.Again = &again
			it.state.Custody, it.changed = &kept, true
		}
		return nil
	case holder == "" || holder == r.signer.ID || !held.Signed:
		expects, err := r.expects(r.handover.sender)
		if err != nil {
			return err
		}
		if expects {
			r.hearing.except(ProductWithoutData, it.id, it, f)
		}
		r.unshipped.flagged.add(f)
	case holder == r.handover.sender:
		if len(it.cases()) > 0 {
			return r.refuse(&r.locked, &r.gaps.flagged, it, f)
		}
		r.hearing.except(ProductWithoutData, it.id, it, f)
		r.unshipped.flagged.add(f)
	case unit.received():
		return r.refuse(&r.others, &r.gaps.flagged, it, f)
	default:
		return r.gap(it, unit, f)
	}
	mine := r.mine(true)
	mine.Awaits = true
	r.hand(it, mine)
	r.waiting().add(it)
	return nil
}

func (r *receipt) gap(it, unit *item, f trace.Fact) error {
	return r.gaps.add(r.hearing, r.policy, it, unit, f)
}

// expects reports whether the sender is another member, who can record a shipment.
func (r *receipt) expects(sender string) (bool, error) {
	if sender == "" || sender == r.signer.ID {
		return false, nil
	}
	member, err := r.member(sender)
	return len(member.Intervals) > 0, err
}

// waiting is the transfer that waits for the shipment.
func (r *receipt) waiting() *transfer {
	if r.waits == nil {
		r.waits = r.open(r.handover.sender, r.signer.ID)
		r.waits.state.Awaiting = true
	}
	return r.waits
}

// lots receives quantities.
func (r *receipt) lots(e *epcis.Event) error {
	list, n := amounts(e.Quantities)
	r.uncounted = n
	for _, q := range list {
		if err := r.lot(q); err != nil {
			return err
		}
	}
	return nil
}

func (r *receipt) lot(q amount) error {
	open, err := r.openLots(r.signer.ID, q, func(t *TransferState) bool {
		return !t.Awaiting && (r.source == "" || t.From == r.source)
	})
	if err != nil {
		return err
	}
	within := false // what the last part had lies within its tolerance
	for _, o := range open {
		part := &o.transfer.state.Lots[o.at]
		taken := least(part.Left, q.value)
		turn := LotTurn{Ending: r.ending(), Amount: taken}
		part.take(turn)
		q.value = q.value.Sub(taken)
		o.transfer.changed = true
		r.from(o.transfer)
		r.arrived.add(factAt(q.class, amount{unit: q.unit, value: taken}.String()+" shipped by "+o.transfer.state.From, o.transfer.id))
		if within = q.value.Cmp(o.transfer.state.tolerated(part.Amount, q.unit)) <= 0; q.value.Sign() <= 0 || within {
			break
		}
	}
	if q.value.Sign() <= 0 || within {
		return nil
	}
	sender := r.source
	if sender == "" && len(r.transfers) > 0 {
		sender = r.transfers[0].state.From
	}
	r.handover.sender = sender
	f := fact(q.class, q.String()+" more than was shipped to the signer")
	expects, err := r.expects(sender)
	if err != nil {
		return err
	}
	if expects {
		class := ProductWithoutData
		if other, err := r.otherUnit(q); err != nil {
			return err
		} else if other != "" {
			class, f = DataError, fact(q.class, "received in "+q.unit+", shipped in "+other)
		}
		r.hearing.except(class, q.class, nil, f)
	}
	if refused, err := r.refusesFrom(sender, q.class); err != nil {
		return err
	} else if refused {
		r.unshipped.refused.add(f)
		return nil
	}
	r.unshipped.flagged.add(f)
	added, err := r.addLot(r.waiting(), q)
	if !added {
		r.uncounted++
	}
	return err
}

// lotAt is a part of a transfer.
type lotAt struct {
	transfer *transfer
	at       int
}

// openLots lists the parts of open transfers to an organisation that hold the same
// lot in the same unit, in the order in which they were opened.
func (c *hearing) openLots(to string, q amount, fits func(*TransferState) bool) ([]lotAt, error) {
	list, err := c.lotsTo(to, q.class)
	if err != nil {
		return nil, err
	}
	var open []lotAt
	for _, id := range list.state.Transfers {
		if id == c.position.Seq {
			continue // this record's own
		}
		t, err := c.transfer(id)
		if err != nil {
			return nil, err
		}
		if !t.known || !fits(&t.state) {
			continue
		}
		for i := range t.state.Lots {
			if p := &t.state.Lots[i]; p.Class == q.class && p.Unit == q.unit && !t.state.done(p) {
				open = append(open, lotAt{t, i})
			}
		}
	}
	return open, nil
}

// otherUnit is the unit in which an open transfer to the signer holds the lot, ""
// for none: shipment and receipt cannot be compared then.
func (r *receipt) otherUnit(q amount) (string, error) {
	list, err := r.lotsTo(r.signer.ID, q.class)
	if err != nil {
		return "", err
	}
	for _, id := range list.state.Transfers {
		if id == r.position.Seq {
			continue
		}
		t, err := r.hearing.transfer(id)
		if err != nil {
			return "", err
		}
		for i := range t.state.Lots {
			p := &t.state.Lots[i]
			if p.Class == q.class && p.Unit != q.unit && !t.state.done(p) && !t.state.Awaiting {
				return amount{unit: p.Unit, value: p.Amount}.String(), nil
			}
		}
	}
	return "", nil
}

func (r *receipt) report() {
	r.unshipped.found(r.hearing, CodeReceivedUnshipped,
		"Ask the sender to record the shipment: it is matched with this receipt.",
		"Name the party that you received it from as source: until it records the shipment a case is open. Or have it record the shipment first.")
	const next = "Name the party that you received it from as source, or have the holder record the shipment to you."
	r.gaps.found(r.hearing, CodeReceiptGap, next, next)
	r.locked.found(r.hearing, trace.Finding{
		Code: CodeReceiptLocked,
		Next: "Have the holder settle the case and record the shipment, then record the receipt again.",
	})
	r.others.found(r.hearing, trace.Finding{
		Code: CodeReceivedByOther,
		Next: "Check the identifier. If that member handed it on to you, name it as source (possessing_party).",
	})
	if r.uncounted > 0 {
		r.find(trace.Finding{
			Code:  CodeReceiptUncounted,
			Facts: []trace.Fact{fact("quantities", fmt.Sprint(r.uncounted))},
			Next:  fmt.Sprintf("State a positive amount of each lot, and at most %d lots in one receipt.", maxTransferLots),
		})
	}
	if r.waits != nil {
		r.keep(r.waits)
	}
	if !r.verdict.Rejected() {
		r.arrived.found(r.hearing, trace.Finding{Code: CodeReceived})
	}
}
