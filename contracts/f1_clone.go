package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// F1 clone: one serial on two things. Flagged, and the serial is disputed, when
//
//   - an item that was sold to a consumer is sold again and did not come back in
//     between (disposition returned). Two records of one sale, at the same
//     eventTime, are one. A sale is the step retail_selling; the disposition
//     retail_sold alone, at another step, says only what has become of the item;
//   - an item is born a second time and no rule refused it (of foreign items C1
//     flags a second birth), unless the two records are the same bytes;
//   - another than its holder, who signed to hold it, sees it later than that and nobody
//     has recorded a hand-over: where rule C2 says that another is known to hold it. The
//     licensee of the prefix that finds it conformant sees it wherever it is.
//     A business transaction alone is no sighting, and what circulates is on no label;
//   - two organisations see it in the same minute at two readPoints, unless the
//     ledger knows both positions and they are within 50 km, or the event names the
//     other one as source or destination: then it is handed over.
//
// Clocks and scanners err, so nothing is refused. A dispute stands until the
// licensee of the prefix has inspected the item and finds it conformant, or the
// author of the event that began it declares that event wrong, or the author of the
// sighting, birth or packing that it does not go with declares that wrong; where several
// did, the author of each. What began for want of a hand-over ends as well once its
// author has it by a receipt.
func (c *hearing) clone() error {
	e := c.record.Event
	if e == nil {
		return nil
	}
	if e.Correction != nil {
		return c.serialised(e, c.undispute)
	}
	here, err := c.readPoint()
	if err != nil {
		return err
	}
	k := cloneCheck{hearing: c, event: e, here: here, turn: c.turn()}
	if err := c.serialised(e, k.judge); err != nil {
		return err
	}
	born := trace.Born(e)
	for i := range born {
		if it := c.items.loaded(born[i].URI); it != nil && it.state.Born != nil && it.state.Born.Seq != k.turn.Seq && !c.corroborates && !c.verdict.Rejected() {
			k.dispute(it, &k.born, factAt(it.id, "born before by "+it.state.Born.Organisation, it.state.Born.Seq), Dispute{With: it.state.Born})
		}
	}
	k.report()
	return nil
}

// Uniqueness is what an item's state knows of its serial.
type Uniqueness struct {
	Sold     *Turn `cbor:"1,keyasint,omitempty"` // to a consumer, and not come back since
	Disputed *Turn `cbor:"2,keyasint,omitempty"` // the event that began the dispute
	Sale     bool  `cbor:"3,keyasint,omitempty"` // that event is a second sale
	// Later are the events that would have begun it after that one, the first maxLater
	// of them: one of those does, where that is declared wrong.
	Later []Dispute `cbor:"4,keyasint,omitempty"`
	// With is the sighting, the birth or the packing that the event does not go with: where that
	// is declared wrong, the event disputes nothing.
	With *Turn `cbor:"5,keyasint,omitempty"`
	// Unheld: the author of the event was not known to hold the item.
	Unheld bool `cbor:"6,keyasint,omitempty"`
}

// Dispute is an event that disputes a serial.
type Dispute struct {
	By   Turn  `cbor:"1,keyasint"`
	Sale bool  `cbor:"2,keyasint,omitempty"` // it is a second sale
	With *Turn `cbor:"3,keyasint,omitempty"` // see Uniqueness

	Unheld bool `cbor:"4,keyasint,omitempty"` // see Uniqueness
}

func (d *Dispute) by() *Turn { return &d.By }

// end forgets the event that began the dispute; the next one has begun it then.
func (u *Uniqueness) end() {
	u.Disputed, u.Sale, u.With, u.Unheld = nil, false, nil, false
	if next := nextLater(&u.Later); next != nil {
		u.Disputed, u.Sale, u.With, u.Unheld = &next.By, next.Sale, next.With, next.Unheld
	}
}

// IsDisputed reports whether the serial is disputed.
func (u *Uniqueness) IsDisputed() bool { return u != nil && u.Disputed != nil }

// unique is the item's own, made when it is first needed.
func (it *item) unique() *Uniqueness {
	if it.state.Uniqueness == nil {
		it.state.Uniqueness = &Uniqueness{}
	}
	it.changed = true
	return it.state.Uniqueness
}

type cloneCheck struct {
	hearing *hearing
	event   *epcis.Event
	here    *place
	turn    *Turn

	sold, born, seen, strange, before, handed, settled tally
}

func (k *cloneCheck) judge(it *item) error {
	u := it.state.Uniqueness
	if err := k.handedOver(it); err != nil {
		return err
	}
	if u.IsDisputed() && u.Disputed.Seq != k.turn.Seq {
		if settles, err := k.settles(it); err != nil {
			return err
		} else if settles {
			k.settled.add(factAt(it.id, "disputed", u.Disputed.Seq))
			*it.unique() = Uniqueness{Sold: u.Sold}
		} else {
			k.before.add(factAt(it.id, "disputed", u.Disputed.Seq))
		}
	}
	k.sale(it)
	if s := it.state.LastSeen; s != nil && k.elsewhere(s) {
		k.dispute(it, &k.seen, factAt(it.id, "seen by "+s.Turn.Organisation+" at "+s.Turn.Time().String(), s.Turn.Seq), Dispute{With: &s.Turn})
	}
	if held := it.strange; held != nil && needsBirth(it.id) && k.sights() && k.event.Time.Seconds >= held.Time {
		if vouches, err := k.settles(it); err != nil || vouches {
			return err
		}
		with := it.strangeIn
		if with == nil {
			with = &Turn{Seq: held.Seq, Organisation: held.author(), Seconds: held.Time, Event: held.Event}
		}
		k.dispute(it, &k.strange, factAt(it.id, "held by "+held.Holder, held.Seq), Dispute{With: with, Unheld: true})
	}
	return nil
}

// sights reports whether the event says that its author has seen the items: not when it gives
// birth to them, and when it repeats another's record.
func (k *cloneCheck) sights() bool {
	e := k.event
	return e.Type != epcis.TransactionEvent && !(e.Type == epcis.ObjectEvent && e.Action == epcis.Add) && !k.hearing.corroborates && !k.hearing.verdict.Rejected()
}

// handedOver ends what began for want of a hand-over, once who saw the item holds it.
func (k *cloneCheck) handedOver(it *item) error {
	u := it.state.Uniqueness
	if !u.IsDisputed() || !u.Unheld {
		return nil
	}
	unit, err := k.hearing.unitOf(it)
	if err != nil {
		return err
	}
	for n := 0; n <= maxLater && u.IsDisputed() && u.Unheld && unit.received() && unit.heldBy() == u.Disputed.Organisation; n++ {
		k.handed.add(factAt(it.id, "disputed", u.Disputed.Seq))
		it.unique().end()
	}
	return nil
}

// sale keeps who sold the item, and finds the second one who does.
func (k *cloneCheck) sale(it *item) {
	u := it.state.Uniqueness
	switch {
	case disposed(k.event, "returned"):
		if u != nil && u.Sold != nil && !k.event.Time.Before(u.Sold.Time()) {
			it.unique().Sold = nil
		}
	case !step(k.event, "retail_selling") || k.hearing.corroborates:
	case u == nil || u.Sold == nil:
		it.unique().Sold = k.turn
	case u.Sold.Seq != k.turn.Seq && u.Sold.Time() != k.event.Time:
		k.dispute(it, &k.sold, factAt(it.id, "sold by "+u.Sold.Organisation+" at "+u.Sold.Time().String(), u.Sold.Seq), Dispute{Sale: true})
	}
}

// dispute has the event dispute the item's serial; d is without its By.
func (k *cloneCheck) dispute(it *item, t *tally, f trace.Fact, d Dispute) {
	t.add(f)
	d.By = *k.turn
	switch u := it.unique(); {
	case u.Disputed == nil:
		u.Disputed, u.Sale, u.With, u.Unheld = k.turn, d.Sale, d.With, d.Unheld
	case u.Disputed.Seq == k.turn.Seq:
		u.With, u.Unheld = nil, false // with several: declared wrong, one leaves the others
	default:
		if n := len(u.Later); !addLater(&u.Later, d) && n > 0 && u.Later[n-1].By.Seq == k.turn.Seq {
			last := slices.Clone(u.Later)
			last[n-1].With, last[n-1].Unheld = nil, false
			u.Later = last
		}
	}
}

func (k *cloneCheck) elsewhere(s *Sighting) bool {
	if s.Turn.Seq == k.turn.Seq || s.Turn.Organisation == k.turn.Organisation || k.here.mark == [16]byte{} || s.Place == k.here.mark ||
		abs(s.Turn.Seconds-k.turn.Seconds) > int64(k.hearing.limits.SameMoment) {
		return false
	}
	for _, parties := range [...][]epcis.Party{k.event.Sources, k.event.Destinations} {
		if slices.ContainsFunc(parties, func(p epcis.Party) bool { return p.ID.URI == s.Turn.Organisation }) {
			return false
		}
	}
	return s.Position == nil || k.here.position == nil || metres(*s.Position, *k.here.position) > int64(k.hearing.limits.FreeDistance)
}

// settles: the licensee inspected the item and finds it conformant.
func (k *cloneCheck) settles(it *item) (bool, error) {
	if !step(k.event, "inspecting") || !disposed(k.event, "conformant") {
		return false, nil
	}
	licensee, err := k.hearing.licensee(epcis.Canonical(it.id))
	return licensee == k.turn.Organisation, err
}

// undispute undoes what an event of the same author did. Of two sales of which
// the first is declared wrong, the second is the sale. What several events dispute, none
// settles alone.
func (c *hearing) undispute(it *item) error {
	u := it.state.Uniqueness
	if u == nil {
		return nil
	}
	if c.declaredWrong(u.Sold) {
		u.Sold, it.changed = nil, true
		if u.Disputed != nil && u.Sale {
			u.Sold = u.Disputed
			u.end()
		} else if at := slices.IndexFunc(u.Later, func(d Dispute) bool { return d.Sale }); at >= 0 {
			next := u.Later[at]
			u.Sold = &next.By
			if len(u.Later) < maxLater {
				u.Later = slices.Delete(slices.Clone(u.Later), at, at+1)
			}
		}
	}
	if dropLater(c, &u.Later) != nil {
		it.changed = true
	}
	if with := func(d Dispute) bool { return c.declaredWrong(d.With) }; len(u.Later) < maxLater && slices.ContainsFunc(u.Later, with) {
		u.Later, it.changed = slices.DeleteFunc(slices.Clone(u.Later), with), true
	}
	if c.declaredWrong(u.Disputed) || c.declaredWrong(u.With) {
		it.changed = true
		u.end()
	}
	return nil
}

func (k *cloneCheck) report() {
	const next = "Hold the item and show it to the brand owner: of two things with one serial, one is not genuine. If an event was recorded by mistake, its author declares it wrong."
	k.sold.found(k.hearing, trace.Finding{Code: CodeSoldTwice, Next: next})
	k.born.found(k.hearing, trace.Finding{Code: CodeBornElsewhere, Next: next})
	k.seen.found(k.hearing, trace.Finding{Code: CodeTwoPlaces, Next: next})
	k.strange.found(k.hearing, trace.Finding{Code: CodeTwoCustodians,
		Next: "If it was handed over, have the holder record the shipment and record your receipt. If not, hold it and show it to the brand owner: of two things with one serial, one is not genuine."})
	k.before.found(k.hearing, trace.Finding{Code: CodeDisputed})
	k.handed.found(k.hearing, trace.Finding{Code: CodeDisputeHandedOver})
	k.settled.found(k.hearing, trace.Finding{Code: CodeDisputeSettled})
}

func cloneContract() Contract {
	return Contract{
		Rule: "F1", Version: 1, Name: "clone", Kinds: []epcis.Kind{epcis.KindEvent}, judge: (*hearing).clone,
		Says: "One serial is on one thing: it is sold to a consumer once, unless it came back, it is born once, two " +
			"organisations do not see it at two places at one time, and who sees it when another signed to hold it was handed it. " +
			"Otherwise the serial is disputed until the brand owner has inspected the item, one of the two events is declared wrong, " +
			"or the hand-over that was missing is recorded, by the receipt of who saw it.",
		Source: "GS1 General Specifications (serialisation); CBV 2.0, section 7.2 (retail_sold, returned, conformant)",
		Reads:  append(bondStates(), trace.NSTransfer, trace.NSPlace),
		Writes: []trace.Namespace{trace.NSItem},
		Finds: []Declared{
			{CodeSoldTwice, trace.Flag, "sold to a consumer twice: the serial is disputed"},
			{CodeBornElsewhere, trace.Flag, "born a second time: the serial is disputed"},
			{CodeTwoPlaces, trace.Flag, "at two places at the same time: the serial is disputed"},
			{CodeTwoCustodians, trace.Flag, "seen by another than its holder, and nobody handed it over: the serial is disputed"},
			{CodeDisputed, trace.Info, "the serial is disputed"},
			{CodeDisputeSettled, trace.Info, "the brand owner finds the item conformant"},
			{CodeDisputeHandedOver, trace.Info, "the hand-over that was missing is recorded: the serial is no longer disputed"},
		},
	}
}
