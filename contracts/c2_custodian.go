package contracts

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// C2 single custodian: an item has at most one holder, and who records an event
// about it holds it.
//
//   - A member that gives birth to an item holds it, unless somebody is known to
//     hold it already, or what it is in (a birth that is recorded late).
//   - Who observes, packs, uses or ends an item that another is known to hold gets
//     a FLAG, and the holder stays. An end is refused where the holder signed to
//     have received the item.
//   - While an item is on its way its sender, its receiver and the carrier that the
//     shipment names may record events about it; but that it goes into a transformation
//     gets a FLAG, whoever says so: it is in nobody's hands.
//   - Customs and certifiers inspect what others hold, and a recall names items
//     wherever they are.
//   - Who packs what it signed to hold into a logistic unit of which nobody knows holds that.
//   - What is in a container is held as that is (c2_within.go). What the holder of a container
//     unpacks, or packs into another, is held by the holder of the container,
//     and so is what was in there when all was taken out at once; but for what a stranger
//     had packed there.
//   - What is sold to a consumer leaves the hands of members.
//   - Of an item that nobody is known to hold nothing is said.
//
// Hand-overs are rules C3, C4 and C6, corrections of them c2_correction.go. Of a
// foreign item, one whose GS1 company prefix no member licenses, nothing is refused:
// what would be gets a FLAG, and the holder stays. The same goes for what circulates,
// such as freight containers and returnable boxes: they come back empty without
// anybody recording it. These rules say nothing of a record that is refused already.
//
// What is a FLAG above only because no receipt contradicts it, a ruleset may refuse:
// c2_gaps.go says of what.
func (c *hearing) custodian(p gapPolicy) error {
	e := c.record.Event
	if e == nil || c.verdict.Rejected() {
		return nil
	}
	if e.Correction != nil {
		return c.correctCustody()
	}
	for i, n := 0, len(c.items.list); i < n; i++ {
		it := c.items.list[i]
		if err := c.leftBehind(it); err != nil {
			return err
		}
		if it.bornNow {
			if err := c.birth(it); err != nil {
				return err
			}
		}
	}
	if c.inspects(e) {
		return nil
	}
	w := custodyCheck{hearing: c, policy: p}
	handled, err := w.handled(e)
	if err != nil {
		return err
	}
	for _, list := range handled {
		for i := range list {
			it, err := c.item(&list[i])
			if err != nil {
				return err
			}
			if it == nil || it.bornNow {
				continue
			}
			if err := w.check(it); err != nil {
				return err
			}
		}
	}
	if err := w.pack(e); err != nil {
		return err
	}
	if err := w.unpack(e); err != nil {
		return err
	}
	if err := w.sell(e); err != nil {
		return err
	}
	w.report()
	return nil
}

// birth makes the author of a birth the holder.
func (c *hearing) birth(it *item) error {
	unit, err := c.unitOf(it)
	switch held := it.state.Custody; {
	case err != nil || unit != it:
		return err
	case held == nil, !held.Signed && !it.inTransit():
		c.hand(it, c.mine(true))
	}
	return nil
}

// inspects reports whether the event may be about what others hold.
func (c *hearing) inspects(e *epcis.Event) bool {
	if slices.ContainsFunc(c.signer.Roles, func(r identity.Role) bool { return r == identity.Certifier || isCustoms(r) }) {
		return true
	}
	return e.Disposition == dispositionRecalled || slices.Contains(e.Set, dispositionRecalled)
}

// handled lists what an event says that its author has in hand. Of a container
// that is observed or unpacked it is the container: what is inside follows it.
// What is handed over is judged by the rules of handing over, and what settles a
// case is about what the other party holds.
func (w *custodyCheck) handled(e *epcis.Event) (list [3][]epcis.ID, err error) {
	w.parent[0] = e.Parent
	switch {
	case e.Type == epcis.AggregationEvent || e.Type == epcis.AssociationEvent:
		if e.Action == epcis.Add {
			return [3][]epcis.ID{w.parent[:], e.Children}, nil
		}
		return [3][]epcis.ID{w.parent[:]}, nil
	case e.Type == epcis.TransformationEvent:
		return [3][]epcis.ID{e.Inputs}, nil
	}
	others := false // another rule judges it
	switch {
	case handsOver(e) && e.Action != epcis.Delete:
		if others = true; w.policy == refuseGaps {
			nothing, err := w.handsNothing(e)
			if others = !nothing; err != nil {
				return list, err
			}
		}
	case settles(e):
		if others = true; w.policy == refuseGaps {
			if others, err = w.ownsCase(e); err != nil {
				return list, err
			}
		}
	}
	if others {
		return list, nil
	}
	return [3][]epcis.ID{w.parent[:], e.EPCs}, nil
}

// handsOver reports whether the event's step is one of the rules of handing over.
func handsOver(e *epcis.Event) bool {
	return e.BizStep == stepShipping || e.BizStep == stepVoidShipping || receives(e)
}

// settles reports whether the event is an observation that says how a case is settled.
func settles(e *epcis.Event) bool {
	return e.Type == epcis.ObjectEvent && e.Action == epcis.Observe && !handsOver(e) &&
		e.BizStep != stepDestroying && e.BizStep != stepDecommissioning && len(extension(e, "case")) > 0
}

// within reports whether the records before this one have an item in a container.
func (c *hearing) within(it, container *item) (bool, error) {
	holder, how, err := c.standing(it, packed)
	return holder == container && container != nil && how == holds, err
}

// custodyCheck is C2 over the items of one event.
type custodyCheck struct {
	*hearing
	policy gapPolicy
	gaps   gap
	others tally
	onWay  tally
}

func (w *custodyCheck) check(it *item) error {
	unit, err := w.unitOf(it)
	if err != nil {
		return err
	}
	holder, uses := unit.heldBy(), w.record.Event.Type == epcis.TransformationEvent
	if holder == "" || holder == w.signer.ID && !uses {
		return nil
	}
	t, err := w.transferOf(unit)
	if err != nil {
		return err
	}
	if holder == w.signer.ID {
		if t != nil {
			w.onWay.add(it.inUnit(unit, factAt(unit.id, "on its way to "+t.state.To, t.id)))
		}
		return nil
	}
	if t != nil && !uses && (w.signer.ID == t.state.From || w.signer.ID == t.state.To || w.signer.ID == t.state.Carrier) {
		return nil
	}
	if w.record.Event.BizStep == stepVoidShipping && unit.state.Transit != nil {
		return nil // rule C6 knows who shipped it
	}
	forgot := t != nil && w.signer.ID == t.state.To // to sign for it: the holder's receipt contradicts nothing
	if ends := it.state.Ended != nil && !it.gone; ends && unit.received() && !forgot {
		return w.refuse(&w.others, &w.gaps.flagged, it, it.inUnit(unit, unit.heldFact()))
	}
	if e := w.record.Event; unit.state.Custody.Signed && !handsOver(e) && !settles(e) {
		it.strange = unit.state.Custody
		if own := it.state.Custody; unit != it && (own == nil || own.Seq != it.strange.Seq) {
			_, t, err := w.holder(it)
			if err != nil {
				return err
			}
			it.strangeIn = (*it.state.bond(t)).In
		}
	}
	return w.gaps.add(w.hearing, w.policy, it, unit, it.inUnit(unit, unit.heldFact()))
}

// pack gives a logistic unit of which nobody knows to who packs into it what it signed to hold:
// else whoever signed for the unit first would have that, too. Of what circulates, which comes
// back empty without anybody recording it, it says nothing.
func (w *custodyCheck) pack(e *epcis.Event) error {
	if e.Type != epcis.AggregationEvent || e.Action != epcis.Add {
		return nil
	}
	parent, err := w.item(&e.Parent)
	if err != nil || parent == nil || needsBirth(parent.id) || circulates(parent.id) || parent.state.Custody != nil || !parent.unbound() {
		return err
	}
	for i := range e.Children {
		it, err := w.item(&e.Children[i])
		if err != nil {
			return err
		}
		if it == nil {
			continue
		}
		unit, err := w.unitOf(it)
		if err != nil {
			return err
		}
		if unit.heldBy() == w.signer.ID && unit.state.Custody.Signed {
			mine := w.mine(true)
			mine.Packed = true
			w.hand(parent, mine)
			return nil
		}
	}
	return nil
}

// unpack gives what comes out of a container to who holds the container: whoever
// had packed it there had handed it over with the container. What a stranger had packed
// there stays with its holder, and so does what another member signed to have received and
// nobody recorded in there; where gaps are refused, also what it brought to life. Who came to hold it by other records while it was in there holds
// it by this one, too: those may be declared wrong.
func (w *custodyCheck) unpack(e *epcis.Event) error {
	if (e.Type != epcis.AggregationEvent && e.Type != epcis.AssociationEvent) || e.Action != epcis.Delete {
		return nil
	}
	parent, err := w.item(&e.Parent)
	if err != nil {
		return err
	}
	var unit *item
	var held *Custody
	if parent != nil {
		if unit, err = w.unitOf(parent); err != nil {
			return err
		}
		held = unit.state.Custody
	}
	for i := range e.Children {
		it, err := w.item(&e.Children[i])
		if err != nil {
			return err
		}
		if it == nil {
			continue
		}
		had := false // by who packed it there
		within, err := w.within(it, parent)
		if err != nil {
			return err
		}
		if within {
			if had, err = w.takesAlong(it.state.Parent.In, it); err != nil {
				return err
			}
		}
		own := it.heldBy() == w.signer.ID
		if own && !(within && held != nil && held.Holder == w.signer.ID && it.heldSince(it.state.Parent.In.Seq)) {
			continue
		}
		kept := !had && (within || it.received() || w.policy == refuseGaps && w.contradicts(it, it))
		if held == nil || held.Holder != w.signer.ID || !own && (it.ownWay() || kept) {
			if err := w.check(it); err != nil {
				return err
			}
			continue
		}
		w.hand(it, Custody{Holder: w.signer.ID, Seq: held.Seq, Signed: held.Signed, Event: w.turn().Event, Time: e.Time.Seconds})
		if it.inTransit() && !it.ownWay() && !(unit.inTransit() && unit.state.Transit.Transfer == it.state.Transit.Transfer) {
			it.leave(w.ending()) // it was named beside what it came with, and that is on its way no more
		}
	}
	return nil
}

// sell takes what is sold to consumers out of the hands of members.
func (w *custodyCheck) sell(e *epcis.Event) error {
	if !sells(e) {
		return nil
	}
	for i := range e.EPCs {
		it := w.items.loaded(e.EPCs[i].URI)
		if it == nil {
			continue
		}
		unit, t, err := w.wayOf(it)
		if err != nil {
			return err
		}
		if held := it.state.Custody; held != nil && held.Holder == "" && held.By == w.signer.ID && held.Again == nil && held.Event != w.turn().Event {
			again, kept := w.ending(), *held
			kept.Again = &again
			it.state.Custody, it.changed = &kept, true
		}
		if t == nil && unit.heldBy() == w.signer.ID {
			sold := w.mine(false)
			sold.Holder, sold.By = "", w.signer.ID
			w.hand(it, sold)
		}
	}
	return nil
}

func (w *custodyCheck) report() {
	w.gaps.found(w.hearing, CodeCustodyGap,
		"If it was handed over, have the holder record the shipment and record your receipt. If not, check the identifier.",
		"If it was handed over, record your receipt first, with the holder as source, then this again. If not, check the identifier.")
	w.onWay.found(w.hearing, trace.Finding{
		Code: CodeUsedOnItsWay,
		Next: "If it was not sent, void the shipment (void_shipping). If it was, declare this event wrong: its receiver will miss it.",
	})
	w.others.found(w.hearing, trace.Finding{
		Code: CodeHeldByOther,
		Next: "Only its holder ends it. If it was handed over to you, record your receipt first, with the holder as source.",
	})
}

// handOver is the event of a record that the rules of hand-overs judge, nil for
// others: errorDeclarations are undone by C2, and a refused record hands nothing over.
func (c *hearing) handOver() *epcis.Event {
	if e := c.record.Event; e != nil && e.Correction == nil && !c.verdict.Rejected() {
		return e
	}
	return nil
}

// refuse notes what refuses the event, or only flags it where the item is foreign or
// circulates.
func (c *hearing) refuse(reject, flag *tally, it *item, f trace.Fact) error {
	foreign, err := c.isForeign(epcis.Canonical(it.id))
	if foreign || circulates(it.id) {
		reject = flag
	}
	reject.add(f)
	return err
}

// circulates reports whether an identifier stays with a thing that is used again by
// others: returnable assets, freight containers and vessels. An SSCC is not used again.
func circulates(uri string) bool {
	return !needsBirth(uri) && !strings.HasPrefix(uri, "https://id.gs1.org/00/")
}

// extension reads an extension field of our vocabulary as texts: a string, a
// number or a list of strings.
func extension(e *epcis.Event, name string) []string {
	if e.Extensions == nil {
		return nil
	}
	var out []string
	for i := range e.Extensions.Members {
		m := &e.Extensions.Members[i]
		if rest, ok := strings.CutPrefix(m.Name, epcis.Vocabulary); !ok || rest != name || m.Value == nil {
			continue
		}
		switch m.Value.Kind {
		case epcis.String, epcis.Number:
			out = append(out, m.Value.Str)
		case epcis.Array:
			for _, v := range m.Value.Items {
				if v.Kind == epcis.String {
					out = append(out, v.Str)
				}
			}
		}
	}
	return out
}

// The vocabulary of hand-overs (CBV 2.0, sections 7.1.2, 7.2 and 7.4).
const (
	stepShipping      = epcis.NamespaceCBV + "BizStep-shipping"
	stepReceiving     = epcis.NamespaceCBV + "BizStep-receiving"
	stepVoidShipping  = epcis.NamespaceCBV + "BizStep-void_shipping"
	stepRetailSelling = epcis.NamespaceCBV + "BizStep-retail_selling"

	dispositionDamaged    = epcis.NamespaceCBV + "Disp-damaged"
	dispositionDispensed  = epcis.NamespaceCBV + "Disp-dispensed"
	dispositionRecalled   = epcis.NamespaceCBV + "Disp-recalled"
	dispositionRetailSold = epcis.NamespaceCBV + "Disp-retail_sold"

	possessingParty = epcis.NamespaceCBV + "SDT-possessing_party"
	owningParty     = epcis.NamespaceCBV + "SDT-owning_party"
)
