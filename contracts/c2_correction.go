package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// correctCustody undoes what an event did to custody, when its author declares it
// wrong (the rules' reading of an errorDeclaration is in c1_correction.go):
//
//   - A shipment: what is still on its way is with its sender, or on its way to it again
//     where it shipped on what it had not received; what was received stays with the
//     receiver, with a FLAG. Nothing is on its way in it again. A receipt that it was
//     matched with waits for its shipment again, and the case that it settled is open for
//     what has not been handed on.
//   - A receipt or a sale that another of the same author has followed: that stands in its place.
//   - Any other receipt: the goods are held as before, on their way again where they were, or in
//     the late shipment that it was matched with, and the cases that it opened are settled
//     by it. Where its holder has shipped them on, they are on their way in that, with a
//     FLAG: it stands for the receipt. Declared wrong too, it has nobody hold them by either.
//   - A void: the goods are on their way again.
//   - A birth, a sale, an unpacking: the goods are held as before.
//
// What a later record moved on stays where it is, with a FLAG. Another's hand-over
// is not declared wrong (REJECT).
func (c *hearing) correctCustody() error {
	e := c.record.Event
	if e.ID == "" {
		return nil
	}
	u := undoing{hearing: c, mark: c.turn().Event}
	for _, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Children, e.Outputs} {
		for i := range list {
			it, err := c.item(&list[i])
			if err != nil {
				return err
			}
			if it == nil || it.handed {
				continue
			}
			it.handed = true
			way := it.state.Transit
			if err := u.unit(it); err != nil {
				return err
			}
			if it.state.Transit != way {
				if err := u.sender(it); err != nil {
					return err
				}
			}
		}
	}
	if err := u.lots(e); err != nil {
		return err
	}
	u.report()
	return nil
}

// undoing is the correction of one event.
type undoing struct {
	*hearing
	mark                     [16]byte
	undone, orphaned, others tally
}

// own reports whether the signer wrote what it declares wrong.
func (u *undoing) own(author string, f trace.Fact) bool {
	if author != u.signer.ID {
		u.others.add(f)
	}
	return author == u.signer.ID
}

func (u *undoing) unit(it *item) error {
	way, held := it.state.Transit, it.state.Custody
	if matched, before := it.matchedBy(u.mark); matched != nil {
		return u.match(it, matched, before)
	}
	if way != nil && way.Before != nil && way.Before.Event == u.mark {
		if err := u.shippedOn(it, way); err != nil {
			return err
		}
		way = it.state.Transit
	}
	switch {
	case way != nil && way.Event == u.mark:
		if on, err := u.shipment(it, way); err != nil || !on {
			return err
		}
		if held != nil && held.Event == u.mark { // it claimed custody too
			u.restore(it)
		} else if held != nil && held.Before != nil && held.Before.Event == u.mark {
			kept := *held
			kept.Before = nil
			it.state.Custody = &kept
		}
	case held != nil && held.Packed && held.Event == u.mark:
		if held.Holder == u.signer.ID { // else rule C7 refuses it
			it.state.Custody, it.changed = held.Before, true
		}
	case held != nil && held.Event == u.mark:
		return u.receipt(it, way, held)
	case held != nil && held.Again != nil && held.Again.Event == u.mark && held.Again.Organisation == u.signer.ID:
		u.undone.add(it.heldFact())
		kept := *held
		kept.Again = nil
		it.state.Custody, it.changed = &kept, true
	case held != nil && held.Before != nil && held.Before.Event == u.mark && held.Before.author() == u.signer.ID && held.Before.Again != nil:
		return u.another(it, held.Before, true)
	case held != nil && held.Before != nil && held.Before.Event == u.mark && held.Before.author() == u.signer.ID:
		if !held.Before.Packed {
			u.orphaned.add(it.heldFact())
		}
		kept := *held
		kept.Before = nil
		it.state.Custody, it.changed = &kept, true
		if err := u.waitsNot(held.Before); err != nil {
			return err
		}
		return u.corrected(it, held.Before.Seq)
	case way != nil && way.Ended != nil && way.Ended.Event == u.mark:
		return u.void(it, way)
	}
	return nil
}

// match has a receipt wait again for the shipment that is declared wrong.
func (u *undoing) match(it *item, matched *Custody, before bool) error {
	f := factAt(it.id, "received by "+matched.Holder+", without a shipment", matched.Seq)
	if !u.own(matched.Matched.Organisation, f) {
		return nil
	}
	t, err := u.transfer(matched.Seq)
	if err != nil {
		return err
	}
	t.state.Left, t.changed = t.state.Left+1, true
	if matched.Settled && !before && !it.inTransit() {
		if err := u.reopen(it, CaseID{matched.Seq, ProductWithoutData}); err != nil {
			return err
		}
	}
	awaits := *matched
	awaits.Awaits, awaits.Matched, awaits.Settled = true, nil, false
	it.holdAs(awaits, before)
	it.cameNot(matched)
	u.undone.add(f)
	return nil
}

// sender has who sends what is on its way again hold it, as shipping it says: of who held
// it before, the state may have forgotten.
func (u *undoing) sender(it *item) error {
	if !it.ownWay() {
		return nil
	}
	t, err := u.transferOf(it)
	if t != nil && it.heldBy() != t.state.From {
		u.hand(it, Custody{Holder: t.state.From, Seq: t.id, Event: t.state.Event})
	}
	return err
}

// shipment takes the item out of the transfer that is declared wrong; on says that
// it was in there.
func (u *undoing) shipment(it *item, way *Transit) (on bool, err error) {
	t, err := u.transfer(way.Transfer)
	if err != nil {
		return false, err
	}
	f := factAt(it.id, "shipped to "+t.state.To, t.id)
	switch {
	case !u.own(t.state.From, f):
	case way.Ended == nil:
		if !way.Beside {
			t.less()
		}
		u.undone.add(f)
		return true, u.earlier(it, way)
	default:
		if way.Ended.Organisation == t.state.To {
			u.orphaned.add(factAt(it.id, "received by "+t.state.To, way.Ended.Seq))
		}
		ended := *way
		ended.Wrong = true
		it.state.Transit, it.changed = &ended, true
	}
	return false, nil
}

// shippedOn remembers that a shipment is wrong which another has followed: that one,
// declared wrong too, puts nothing on its way again.
func (u *undoing) shippedOn(it *item, way *Transit) error {
	t, err := u.transfer(way.Before.Transfer)
	if err != nil || t.state.From != u.signer.ID {
		return err
	}
	u.orphaned.add(factAt(it.id, "shipped on", way.Transfer))
	wrong, kept := *way.Before, *way
	wrong.Wrong, kept.Before = true, &wrong
	it.state.Transit, it.changed = &kept, true
	return nil
}

// earlier puts the item back in the transfer before a shipment that is declared wrong,
// on its way there where that shipment took it from it.
func (u *undoing) earlier(it *item, way *Transit) error {
	it.state.Transit, it.changed = way.Before, true
	if before := way.Before; before != nil && before.Ended != nil && before.Ended.Seq == way.Transfer {
		return u.again(it, before)
	}
	return nil
}

// receipt gives the item back to who held it before a receipt, or before another
// record by which custody moved, and puts it on its way again where it was.
func (u *undoing) receipt(it *item, way *Transit, held *Custody) error {
	if !u.own(held.author(), it.heldFact()) {
		return nil
	}
	if held.Again != nil {
		if err := u.another(it, held, false); err != nil {
			return err
		}
		return u.corrected(it, held.Seq)
	}
	onWay := it.ownWay()
	if err := u.waitsNot(held); err != nil {
		return err
	}
	if way != nil && way.Ended != nil && way.Ended.Event == u.mark {
		if err := u.again(it, way); err != nil {
			return err
		}
	}
	if err := u.corrected(it, held.Seq); err != nil {
		return err
	}
	if onWay { // its holder has shipped it since
		u.orphaned.add(factAt(it.id, "shipped on", way.Transfer))
		return u.implied(it, way, held)
	}
	u.restore(it)
	return nil
}

// waitsNot has a receipt wait for no shipment any more.
func (u *undoing) waitsNot(held *Custody) error {
	if !held.Awaits {
		return nil
	}
	t, err := u.transfer(held.Seq)
	if err == nil {
		t.less()
	}
	return err
}

// corrected settles the cases that a receipt had opened.
func (u *undoing) corrected(it *item, receipt uint64) error {
	for _, id := range it.cases() {
		if id.Seq == receipt {
			if err := u.settle(it, id, Correct); err != nil {
				return err
			}
		}
	}
	return nil
}

// another has the next receipt of the same holder stand in the place of one that is declared
// wrong: of the item's custody, or of the one before it.
func (u *undoing) another(it *item, held *Custody, before bool) error {
	by, stands := *held.Again, *held
	f := factAt(it.id, "received by "+held.Holder+" all the same", by.Seq)
	if held.Holder == "" {
		f = factAt(it.id, "left the members all the same", by.Seq)
	}
	u.undone.add(f)
	stands.Seq, stands.Event, stands.Again, stands.Settled = by.Seq, by.Event, nil, false
	it.holdAs(stands, before)
	if way := it.state.Transit; way != nil {
		now := *way
		if before := now.Before; before != nil && before.Ended != nil && before.Ended.Event == u.mark {
			kept := *before
			kept.Ended, now.Before = &by, &kept
		}
		if now.Ended != nil && now.Ended.Event == u.mark {
			now.Ended = &by
		}
		it.state.Transit = &now
	}
	if !held.Awaits && held.Matched == nil {
		return nil
	}
	from, err := u.transfer(held.Seq)
	if err != nil {
		return err
	}
	to, err := u.transfer(by.Seq)
	if err != nil {
		return err
	}
	if !to.known {
		to.known, to.state = true, from.state
		to.state.Event, to.state.Count, to.state.Left, to.state.Items, to.state.Lots = by.Event, 0, 0, nil, nil
	}
	if to.count(it); held.Awaits {
		from.less()
		to.state.Left++
	}
	to.changed = true
	return nil
}

// implied has the shipment by which its holder shipped an item on stand for the receipt
// before it, as if that had never been said (rule C3): declared wrong too, it gives back both.
func (u *undoing) implied(it *item, way *Transit, held *Custody) error {
	t, err := u.transfer(way.Transfer)
	if err != nil || t.state.From != held.Holder {
		return err
	}
	by := Custody{Holder: held.Holder, Seq: t.id, Event: t.state.Event, Time: held.Time}
	if before := way.Before; before != nil && before.Ended != nil && before.Ended.Event == u.mark {
		came, on := *before, *way
		came.Ended, on.Before = &Ending{Seq: t.id, Organisation: held.Holder, Event: t.state.Event}, &came
		it.state.Transit, by.Signed = &on, true
	}
	it.state.Custody = held.Before
	u.hand(it, by)
	return nil
}

// restore makes the holder before the holder. That a birth is undone rule C1 says.
func (u *undoing) restore(it *item) {
	if e := u.record.Event; e.Type != epcis.TransformationEvent && (e.Type != epcis.ObjectEvent || e.Action != epcis.Add) {
		u.undone.add(it.heldFact())
	}
	it.state.Custody, it.changed = it.state.Custody.Before, true
}

// void puts an item on its way again, unless it moved on.
func (u *undoing) void(it *item, way *Transit) error {
	f := factAt(it.id, "no longer on its way", way.Ended.Seq)
	if !u.own(way.Ended.Organisation, f) {
		return nil
	}
	if it.heldBy() != u.signer.ID && !way.Beside {
		u.orphaned.add(it.heldFact())
		return nil
	}
	u.undone.add(f)
	return u.again(it, way)
}

// again opens the item's transfer again for it, unless that is declared wrong itself.
func (u *undoing) again(it *item, way *Transit) error {
	if way.Wrong {
		return u.earlier(it, way)
	}
	t, err := u.transfer(way.Transfer)
	if err != nil {
		return err
	}
	open := *way
	open.Ended = nil
	it.state.Transit, it.changed = &open, true
	if !way.Beside {
		t.state.Left, t.changed = t.state.Left+1, true
	}
	return nil
}

// lots undoes the shipment, the receipts and the voids of lots.
func (u *undoing) lots(e *epcis.Event) error {
	destination, n := possessing(e.Destinations)
	to := u.signer.ID
	if n == 1 {
		var err error
		if to, err = u.organisationOf(destination); err != nil {
			return err
		}
	}
	var done []string
	for i := range e.Quantities {
		class := trace.QuantityKey(e.Quantities[i].Class).ID
		if class == "" || slices.Contains(done, class) || len(done) == maxTransferLots {
			continue
		}
		done = append(done, class)
		list, err := u.lotsTo(to, class)
		if err != nil {
			return err
		}
		for _, id := range list.state.Transfers {
			t, err := u.transfer(id)
			if err != nil {
				return err
			}
			for at := range t.state.Lots {
				if p := &t.state.Lots[at]; p.Class == class {
					if err := u.lot(t, p); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func (u *undoing) lot(t *transfer, p *LotPart) error {
	opener := t.state.From
	if t.state.Awaiting {
		opener = t.state.To
	}
	switch {
	case t.state.Event == u.mark && u.own(opener, factAt(p.Class, "opened by "+opener, t.id)):
		if p.Last != nil && p.Last.Organisation == t.state.To && p.Last.Seq > t.id { // not one that waits again
			u.orphaned.add(factAt(p.Class, "received by "+t.state.To, p.Last.Seq))
		}
		p.Left, p.Wrong, t.changed = epcis.Decimal{}, true, true
		u.undone.add(factAt(p.Class, p.text(p.Amount), t.id))
		if t.state.Awaiting {
			for _, class := range [...]ClassNumber{ProductWithoutData, DataError} {
				k, err := u.caseOf(CaseID{t.id, class})
				if err != nil {
					return err
				}
				if k.known {
					u.settleLot(k, p.Class, Correct)
				}
			}
		}
	case p.Last != nil && p.Last.Event == u.mark && !u.own(p.Last.Organisation, factAt(p.Class, "of "+p.Last.Organisation, p.Last.Seq)):
	default:
		was, found := p.untake(u.mark, u.signer.ID)
		if !found {
			return nil
		}
		t.changed = true
		opened, now := "shipment", " on its way again"
		if t.state.Awaiting {
			opened, now = "receipt", " received without a shipment"
		}
		if p.Wrong {
			u.undone.add(factAt(p.Class, p.text(was.Amount)+" of a "+opened+" that is declared wrong", t.id))
			return nil
		}
		u.undone.add(factAt(p.Class, p.text(was.Amount)+now, t.id))
		if p.Left = p.Left.Add(was.Amount); was.Settled {
			return u.reopenLot(p.Class, CaseID{t.id, ProductWithoutData})
		}
	}
	return nil
}

func (p *LotPart) text(d epcis.Decimal) string { return amount{unit: p.Unit, value: d}.String() }

func (u *undoing) report() {
	u.others.found(u.hearing, trace.Finding{
		Code: CodeCustodyOfOther,
		Next: "Ask the organisation that recorded it to correct it.",
	})
	u.orphaned.found(u.hearing, trace.Finding{
		Code: CodeCustodyOrphaned,
		Next: "Whoever recorded the later hand-over should check it.",
	})
	u.undone.found(u.hearing, trace.Finding{
		Code: CodeCustodyCorrected,
		Next: "Record what happened instead, if anything did, with an eventID of its own.",
	})
}
