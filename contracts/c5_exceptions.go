package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// C5 exceptions: where a shipment and its receipt differ, a case is opened. It has
// a class, an owner (the sender), a deadline in block time and the resolutions that
// the class allows; its items are locked until it is settled.
//
//   - product_without_data: received, and no shipment says so (C4).
//   - data_without_product: shipped, and not received by the deadline. No record has
//     to say so: it follows from the transfer and the block time (CaseAt).
//   - data_error: the receipt names another sender or another unit of measure.
//   - damage: the receipt's disposition is damaged, its extension wm:damaged names
//     what is, or what arrives is destroyed.
//
// A case is settled by what is right: the missing shipment, an errorDeclaration of
// the receipt, the goods' return to its owner; or by its owner's record of it: an
// ObjectEvent OBSERVE that names the goods, wm:case and wm:resolution
// (accept_overage, accept_damage). Goods that were destroyed meanwhile cannot be
// named; such a record settles them as well.
func (c *hearing) exceptions() error {
	e := c.handOver()
	if e == nil {
		return nil
	}
	c.handover.late.found(c, trace.Finding{
		Code: CodeDataWithoutProduct,
	})
	c.damage(e)
	for n := range c.handover.found {
		if x := &c.handover.found[n]; x.count > 0 {
			c.openCase(ClassNumber(n), x)
		}
	}
	if err := c.resolve(e); err != nil {
		return err
	}
	c.settled(c.handover.cases)
	return nil
}

// exception is what C4 and C5 found of one class.
type exception struct {
	count       uint32
	items       []*item
	names, lots []string // the first of the items, all of the lots
	facts       tally
}

func (x *exception) add(id string, it *item, f trace.Fact) {
	switch {
	case it != nil:
		x.items = append(x.items, it)
		if len(x.names) < maxTransferItems {
			x.names = append(x.names, short(it.id))
		}
	case slices.Contains(x.lots, id) || len(x.lots) == maxTransferLots:
		return
	default:
		x.lots = append(x.lots, id)
	}
	x.count++
	x.facts.add(f)
}

// endedInCases notes in their cases that locked items have ended: nothing names them any
// more, so the owner's record settles them with the rest. The rules that refuse to use or
// to sell what is locked have judged before it.
func (c *hearing) endedInCases() error {
	if c.handOver() == nil {
		return nil
	}
	var changed []*openCase
	for _, it := range c.items.list {
		if it.state.Ended == nil || it.gone || len(it.state.Locks) == 0 {
			continue
		}
		for _, id := range it.cases() {
			k, err := c.caseOf(id)
			if err != nil {
				return err
			}
			it.unlock(id.Class.code())
			k.state.Gone, k.changed = k.state.Gone+1, true
			if !slices.Contains(changed, k) {
				changed = append(changed, k)
			}
		}
	}
	c.settled(changed)
	return nil
}

// except notes an exception of an item, or of a lot where it is nil. An item that a
// case of the class locks already is in no other.
func (c *hearing) except(class ClassNumber, id string, it *item, f trace.Fact) {
	if it != nil && (len(it.state.Locks) == maxLocks ||
		slices.ContainsFunc(it.cases(), func(open CaseID) bool { return open.Class == class })) {
		return
	}
	c.handover.found[class].add(id, it, f)
}

// damage finds what arrived damaged: of what this record took from a transfer.
func (c *hearing) damage(e *epcis.Event) {
	all := e.Disposition == dispositionDamaged || e.BizStep == stepDestroying
	var named []string
	if !all && len(c.handover.took) > 0 {
		for _, s := range extension(e, "damaged") {
			named = append(named, epcis.Canonical(s).URI)
		}
		slices.Sort(named)
	}
	for _, it := range c.handover.took {
		if _, ok := slices.BinarySearch(named, it.id); all || ok {
			c.except(Damage, it.id, it, factAt(it.id, "shipped", it.came.id))
		}
	}
}

// openCase opens the case of a class and locks its items.
func (c *hearing) openCase(class ClassNumber, x *exception) {
	owner := c.handover.sender
	if owner == "" || class == DataError && len(c.handover.took) > 0 {
		owner = c.senderOf(x)
	}
	now := c.block.Time.Seconds
	k := &openCase{id: CaseID{c.position.Seq, class}, known: true, changed: true, state: CaseState{
		Owner: owner, Party: c.signer.ID, Opened: now, Deadline: now + int64(c.limits.CaseTerm),
		Count: x.count, Items: x.names, Lots: x.lots,
	}}
	severity := trace.Flag
	for _, it := range x.items {
		if it.state.Ended != nil {
			k.state.Left++
			k.state.Gone++
			continue
		}
		it.lock(class.code(), c.position.Seq)
		k.state.Left++
		severity = trace.Lock
	}
	c.handover.cases = append(c.handover.cases, k)
	facts := []trace.Fact{fact("case", k.id.String()), fact("owner", owner), fact("deadline", epcis.Instant{Seconds: k.state.Deadline}.String())}
	x.facts.found(c, trace.Finding{
		Severity: severity, Code: class.code(), Title: class.title(), Facts: facts, Next: class.next(k.id),
	})
}

// senderOf is who shipped the first item of an exception.
func (c *hearing) senderOf(x *exception) string {
	for _, it := range x.items {
		if it.came != nil {
			return it.came.state.From
		}
	}
	return c.handover.sender
}

func (n ClassNumber) title() string {
	switch n {
	case ProductWithoutData:
		return "goods arrived that no shipment says were sent"
	case DataError:
		return "shipment and receipt contradict each other"
	}
	return "goods arrived damaged"
}

func (n ClassNumber) next(id CaseID) string {
	switch n {
	case ProductWithoutData:
		return fmt.Sprintf("The owner records the shipment, or accepts the overage (wm:case %s, wm:resolution accept_overage); or the goods go back.", id)
	case DataError:
		return "Whoever erred declares its record wrong (errorDeclaration) and records it again; or the goods go back."
	}
	return fmt.Sprintf("The owner accepts the damage (wm:case %s, wm:resolution accept_damage), or the goods go back.", id)
}

// resolve applies an owner's record that settles a case.
func (c *hearing) resolve(e *epcis.Event) error {
	cited := extension(e, "case")
	if len(cited) == 0 {
		return nil
	}
	if !settles(e) {
		c.notSettled("only an observation settles a case so", fact("case", cited[0]))
		return nil
	}
	id, ok := ParseCaseID(cited[0])
	if !ok {
		c.notSettled("there is no such case", fact("case", cited[0]))
		return nil
	}
	k, err := c.caseOf(id)
	if err != nil {
		return err
	}
	named := extension(e, "resolution")
	how := Resolution("")
	if len(named) > 0 {
		how = Resolution(named[0])
	}
	switch {
	case !k.known:
		c.notSettled("there is no such case", fact("case", id.String()))
	case k.state.Closed != nil:
		c.notSettled("the case is settled already", factAt("settled", string(k.state.Closed.Resolution), k.state.Closed.Seq))
	case k.state.Owner != c.signer.ID:
		c.notSettled("only the owner of the case settles it so", factAt("owner", k.state.Owner, id.Seq))
	case how != AcceptOverage && how != AcceptDamage || !slices.Contains(id.Class.Resolutions(), how):
		c.notSettled("the case does not allow this resolution", factAt("class", id.Class.String(), id.Seq), fact("resolution", string(how)))
	default:
		return c.accept(e, k, how)
	}
	return nil
}

// accept settles what the owner's record names.
func (c *hearing) accept(e *epcis.Event, k *openCase, how Resolution) error {
	n := 0
	units, err := c.handedUnits(e)
	if err != nil {
		return err
	}
	for _, it := range units {
		if slices.Contains(it.cases(), k.id) {
			n++
			if err := c.settle(it, k.id, how); err != nil {
				return err
			}
		}
	}
	for i := range e.Quantities {
		if lot := trace.QuantityKey(e.Quantities[i].Class).ID; slices.Contains(k.state.Lots, lot) {
			n++
			c.settleLot(k, lot, how)
		}
	}
	if gone := k.state.Gone; gone > 0 && k.state.Closed == nil {
		n++
		k.state.Left, k.state.Gone = k.state.Left-gone, 0
		c.closeSettled(k, how)
	}
	if n == 0 {
		c.notSettled("the record names nothing that the case is about", factAt("case", k.id.String(), k.id.Seq))
	}
	return nil
}

func (c *hearing) notSettled(title string, facts ...trace.Fact) {
	c.find(trace.Finding{
		Severity: trace.Flag, Code: CodeCaseNotSettled, Title: title, Facts: facts,
		Next: "Look the case up (waymark cases): its owner, its class and the goods that it is about.",
	})
}

// settled reports those of the cases that this record has settled, wholly or in part.
func (c *hearing) settled(cases []*openCase) {
	var t tally
	for _, k := range cases {
		switch {
		case !k.changed || k.id.Seq == c.position.Seq:
		case k.state.Closed != nil:
			t.add(factAt("case "+k.id.String(), "settled: "+string(k.state.Closed.Resolution), k.id.Seq))
		default:
			t.add(factAt("case "+k.id.String(), fmt.Sprintf("%d items and %d lots are left", k.state.Left, len(k.state.Lots)), k.id.Seq))
		}
	}
	t.found(c, trace.Finding{Code: CodeCaseSettled})
}
