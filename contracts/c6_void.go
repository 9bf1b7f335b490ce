package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/trace"
)

// C6 void shipping: the sender takes back what it shipped and nobody has received.
// An event of the step void_shipping names the goods, and of lots the destination;
// what it names leaves the transfer, and the sender holds it as before. What was
// received is not voided (REJECT): it comes back by a shipment of its holder. Only
// the sender voids (REJECT). The same goes for what is in a container that was shipped; but
// by itself only what the shipment named beside it is taken back; else (FLAG) the container is
// voided, or unpacked.
func (c *hearing) void() error {
	e := c.handOver()
	if e == nil || e.BizStep != stepVoidShipping {
		return nil
	}
	v := voiding{hearing: c}
	units, err := c.handedUnits(e)
	if err != nil {
		return err
	}
	for _, it := range units {
		if err := v.unit(it); err != nil {
			return err
		}
	}
	for _, a := range v.along {
		if end := a.with.state.Transit; end != nil && end.Ended != nil && end.Ended.Seq == v.position.Seq && end.Transfer == a.item.state.Transit.Transfer {
			a.item.leave(v.ending())
		}
	}
	if destination, n := possessing(e.Destinations); n == 1 {
		to, err := c.organisationOf(destination)
		if err != nil {
			return err
		}
		list, uncounted := amounts(e.Quantities)
		v.uncounted = uncounted
		for _, q := range list {
			if err := v.lot(to, q); err != nil {
				return err
			}
		}
	} else {
		v.uncounted = len(e.Quantities)
	}
	v.report()
	return nil
}

// voiding is C6 over the goods of one event.
type voiding struct {
	*hearing
	received, others, nothing, voided tally
	uncounted                         int
	along                             []alongside // on their way beside what the event names as well
}

func (v *voiding) unit(it *item) error {
	if with, err := v.together(it); err != nil || with != nil {
		if err == nil && it.inTransit() {
			v.along = append(v.along, alongside{it, with})
		}
		return err
	}
	in := carrier{item: it}
	if !it.ownWay() {
		var err error
		if in, err = v.carrierOf(it); err != nil {
			return err
		}
	}
	unit, way := in.item, in.state.Transit
	if way == nil || way.Transfer < in.since {
		v.nothing.add(it.inUnit(unit, fact(unit.id, "not on its way")))
		return nil
	}
	t, err := v.hearing.transfer(way.Transfer)
	if err != nil {
		return err
	}
	shipped := factAt(unit.id, "shipped to "+t.state.To, t.id)
	switch {
	case t.state.From != v.signer.ID && way.Ended == nil:
		return v.refuse(&v.others, &v.nothing, it, it.inUnit(unit, factAt(unit.id, "shipped by "+t.state.From, t.id)))
	case t.state.From == v.signer.ID && way.Ended != nil && way.Ended.Organisation == t.state.To:
		return v.refuse(&v.received, &v.nothing, it, it.inUnit(unit, factAt(unit.id, "received by "+t.state.To, way.Ended.Seq)))
	case unit != it && way.Ended == nil && it.inTransit() && it.state.Transit.Transfer == way.Transfer: // it was named, too
		t.without(it, v.ending())
		v.hand(it, v.mine(unit.received()))
		v.voided.add(factAt(it.id, "shipped to "+t.state.To, t.id))
	case unit != it: // what was shipped is the unit
		v.nothing.add(it.inUnit(unit, shipped))
	case way.Ended == nil:
		t.without(it, v.ending())
		v.voided.add(shipped)
	default:
		v.nothing.add(factAt(it.id, "no longer on its way", way.Ended.Seq))
	}
	return nil
}

func (v *voiding) lot(to string, q amount) error {
	open, err := v.openLots(to, q, func(t *TransferState) bool { return !t.Awaiting && t.From == v.signer.ID })
	if err != nil {
		return err
	}
	if len(open) == 0 {
		v.nothing.add(fact(q.class, "not on its way to "+to))
		return nil
	}
	for _, o := range open {
		part := &o.transfer.state.Lots[o.at]
		taken := least(part.Left, q.value)
		turn := LotTurn{Ending: v.ending(), Amount: taken}
		part.take(turn)
		q.value = q.value.Sub(taken)
		o.transfer.changed = true
		v.voided.add(factAt(q.class, amount{unit: q.unit, value: taken}.String()+" shipped to "+to, o.transfer.id))
		if q.value.Sign() <= 0 {
			break
		}
	}
	return nil
}

func (v *voiding) report() {
	v.received.found(v.hearing, trace.Finding{
		Code: CodeVoidReceived,
		Next: "Have the receiver ship it back, or declare its receipt wrong.",
	})
	v.others.found(v.hearing, trace.Finding{
		Code: CodeVoidOfOther,
		Next: "Ask the sender to void it.",
	})
	v.nothing.found(v.hearing, trace.Finding{
		Code: CodeVoidNothing,
		Next: "Check the identifiers; name the goods as the shipment named them, and of lots the destination.",
	})
	v.voided.found(v.hearing, trace.Finding{Code: CodeShipmentVoid})
	if v.uncounted > 0 {
		v.find(trace.Finding{
			Code:  CodeVoidUncounted,
			Facts: []trace.Fact{fact("quantities", fmt.Sprint(v.uncounted))},
			Next:  "State a positive amount of each lot, and the destination (possessing_party) as the shipment did.",
		})
	}
}
