package contracts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// movesRecalled judges shipping and selling: each serial, and each lot and class
// once however many serials of it there are.
func (c *hearing) movesRecalled(e *epcis.Event) error {
	m := movement{seen: map[trace.Key]bool{}}
	for _, t := range c.things() {
		lot := ""
		switch t.key.NS {
		case trace.NSItem:
			it, err := c.item(&t.id)
			if err != nil {
				return err
			}
			if err := c.recallsOfItem(&m, t.id, it); err != nil {
				return err
			}
			if err := c.recalledWithin(&m, it, t.id); err != nil {
				return err
			}
			if lot = it.state.Lot; lot == "" {
				lot = c.lotOf(&t.id, "")
			}
		case trace.NSLot:
			lot = t.key.ID
			left, err := c.amountLeft(lot)
			if err != nil {
				return err
			}
			if err := c.movesLeft(&m, t.id, left); err != nil {
				return err
			}
		}
		if err := c.recalledAs(&m, t.id, lot, t.id); err != nil {
			return err
		}
	}
	if err := c.recalledInside(&m); err != nil {
		return err
	}
	c.reportMovement(&m)
	return nil
}

// recalledAs judges a thing by the recalls of a lot and of the class of an identifier:
// its own, or what it is in.
func (c *hearing) recalledAs(m *movement, id epcis.ID, lot string, of epcis.ID) error {
	for _, k := range [...]trace.Key{{NS: trace.NSLot, ID: lot}, {NS: trace.NSClass, ID: of.Class().URI}} {
		if k.ID == "" || m.seen[k] {
			continue
		}
		m.seen[k] = true
		if err := c.recallsOf(m, id, k); err != nil {
			return err
		}
	}
	return c.movesInRange(m, id, of)
}

// recalledWithin judges an item by the recalls of what it is in, and of its lot and class.
func (c *hearing) recalledWithin(m *movement, it *item, id epcis.ID) error {
	holders, err := c.holders(it)
	if err != nil {
		return err
	}
	for _, h := range holders {
		k := trace.Key{NS: trace.NSItem, ID: h.id}
		if m.seen[k] {
			continue
		}
		m.seen[k] = true
		if err := c.recallsOfItem(m, id, h); err != nil {
			return err
		}
		of := epcis.Canonical(h.id)
		if err := c.recalledAs(m, id, c.lotOfThing(of, h), of); err != nil {
			return err
		}
	}
	left, err := c.recallsLeft(it)
	if err != nil {
		return err
	}
	return c.movesLeft(m, id, left)
}

// recalledInside judges what the contents of what is named are recalled for: nobody has to
// name them for the event to move them.
func (c *hearing) recalledInside(m *movement) error {
	for _, t := range c.things() {
		it, err := c.item(&t.id)
		if err != nil {
			return err
		}
		if it == nil || it.state.Contents == nil && it.state.Components == nil {
			continue
		}
		within, more, err := c.markedWithin(it)
		if err != nil {
			return err
		}
		m.in = it.id
		for _, x := range within {
			if err := c.recalledMark(m, x); err != nil {
				return err
			}
		}
		for _, s := range c.inside(it) {
			if s == nil {
				continue
			}
			if err := c.recalledGoods(m, s.Goods); err != nil {
				return err
			}
			for i := range s.Packed {
				if err := c.recalledQuantity(m, s.Packed[i].Of); err != nil {
					return err
				}
			}
			if s.Unlisted {
				m.unseen.add(fact(it.id, "holds amounts of more lots and classes than are looked into"))
			}
			if n := s.Others; n > 0 {
				m.unseen.add(fact(it.id, fmt.Sprintf("holds %d of more lots and classes than are looked into", n)))
			}
		}
		if more {
			m.unseen.add(fact(it.id, "holds more that is locked or recalled than is looked into"))
		}
	}
	m.in = ""
	return nil
}

// recalledMark judges a marked thing inside by the recalls of its serial, and by those that
// it left.
func (c *hearing) recalledMark(m *movement, x *item) error {
	k := trace.Key{NS: trace.NSItem, ID: x.id}
	if m.seen[k] || c.namesItem(x) {
		return nil
	}
	m.seen[k] = true
	id := epcis.Canonical(x.id)
	if err := c.recallsOfItem(m, id, x); err != nil {
		return err
	}
	left, err := c.stillBinding(x.state.Left)
	if err != nil {
		return err
	}
	return c.movesLeft(m, id, left)
}

// recalledQuantity judges a lot or class, by its canonical id, of which something is inside.
func (c *hearing) recalledQuantity(m *movement, of string) error {
	id, lot := epcis.Canonical(of), ""
	if trace.QuantityKey(id).NS == trace.NSLot {
		lot = of
	}
	return c.recalledAs(m, id, lot, id)
}

// recalledGoods judges the lots and classes of what is inside. That some serials of a class are
// recalled does not say whether these are among them.
func (c *hearing) recalledGoods(m *movement, goods []Goods) error {
	e := c.record.Event
	for i := range goods {
		g := &goods[i]
		if err := c.recalledQuantity(m, g.Of); err != nil {
			return err
		}
		id := epcis.Canonical(g.Of)
		for _, r := range m.ranged[id.Class().URI] {
			if !e.Time.Before(r.By.Time()) && !leavesMarket(e, r.By.Organisation) {
				m.unsure.add(factAt(m.in, fmt.Sprintf("holds %d of %s, of which serials %s are recalled by %s", g.Count, g.Of, strings.Join(r.Serials, ", "), r.By.Organisation), r.By.Seq))
			}
		}
	}
	return nil
}

// namesItem reports whether the event names an item itself.
func (c *hearing) namesItem(it *item) bool {
	return slices.ContainsFunc(c.things(), func(t thing) bool { return t.id.URI == it.id })
}

// movesLeft judges a thing by the recalls that it left.
func (c *hearing) movesLeft(m *movement, id epcis.ID, left []leftRecall) error {
	for _, l := range left {
		k := trace.Key{NS: trace.NSRecall, ID: fmt.Sprintf("%d %s", l.Recall, l.Of)}
		if m.seen[l.key()] || m.seen[k] {
			continue
		}
		m.seen[k] = true
		if err := c.movesUnder(m, id, m.recalledBy(l.key(), l.recall), l.recall); err != nil {
			return err
		}
	}
	return nil
}

// A movement is a shipment or sale against the recalls of what it moves.
type movement struct {
	seen                               map[trace.Key]bool         // lots and classes
	ranged                             map[string][]bindingRecall // by class: those of ranges of its serials
	in                                 string                     // what is named, while its contents are judged
	refused, before, foreign, returned tally
	unseen                             tally // holds what nobody looked into
	unsure                             tally // holds some of a class of which serials are recalled
}

// recallsOfItem judges a thing by the recalls of a serial: its own, or what it is in.
func (c *hearing) recallsOfItem(m *movement, id epcis.ID, it *item) error {
	if may, err := c.mayBind(it); err != nil || !may {
		return err
	}
	return c.recallsOf(m, id, trace.Key{NS: trace.NSItem, ID: it.id})
}

// recallsOf holds the event against the recalls of a key that the thing falls under.
func (c *hearing) recallsOf(m *movement, id epcis.ID, k trace.Key) error {
	var state RecallState
	if _, err := c.read(stateOf(trace.NSRecall, k), &state); err != nil {
		return err
	}
	list, err := c.bindingOf(k.ID, state.Recalls)
	if err != nil {
		return err
	}
	for _, r := range list {
		if len(r.Serials) > 0 {
			if m.ranged == nil {
				m.ranged = map[string][]bindingRecall{}
			}
			m.ranged[k.ID] = append(m.ranged[k.ID], r)
			continue
		}
		if err := c.movesUnder(m, id, m.recalledBy(k, r), r); err != nil {
			return err
		}
	}
	return nil
}

// recalledBy is the fact that a recall of a key is in force.
func (m *movement) recalledBy(k trace.Key, r bindingRecall) trace.Fact {
	if m.in != "" {
		return factAt(m.in, "holds "+k.ID+", recalled by "+r.By.Organisation, r.By.Seq)
	}
	return factAt(k.ID, "recalled by "+r.By.Organisation, r.By.Seq)
}

// movesUnder holds it against one recall in force; what says which.
func (c *hearing) movesUnder(m *movement, id epcis.ID, what trace.Fact, r bindingRecall) error {
	e := c.record.Event
	c.rely(r.doubt)
	switch {
	case e.Time.Before(r.By.Time()):
		m.before.add(what)
	case r.believed(e):
	case step(e, "shipping") && leavesMarket(e, r.By.Organisation):
		m.returned.add(what)
	default:
		stranger, err := c.isForeign(id)
		if err != nil {
			return err
		}
		if stranger {
			m.foreign.add(what)
		} else {
			m.refused.add(what)
		}
	}
	return nil
}

func (c *hearing) reportMovement(m *movement) {
	m.refused.found(c, trace.Finding{
		Code: CodeMovesRecalled,
		Next: "Hold it. Ship it only to whoever recalled it, under a return authorisation (rma), or with the disposition recalled, returned, destroyed or disposed.",
	})
	m.before.found(c, trace.Finding{
		Code: CodeMovedBefore,
		Next: "Tell whoever has it now that it is recalled.",
	})
	m.foreign.found(c, trace.Finding{
		Code: CodeMovesForeign,
		Next: "No member vouches for this identifier: ask the authority that recalled whether it means these goods, and hold them until then.",
	})
	m.returned.found(c, trace.Finding{Code: CodeRecalledReturned})
	m.unsure.found(c, trace.Finding{
		Code: CodeHoldsInRange,
		Next: "Compare the serials inside with those that are recalled, and take those out before the rest goes.",
	})
	m.unseen.found(c, trace.Finding{
		Code: CodeHoldsUnseen,
		Next: "Look for recalls of what is inside before it goes: unpack it, or name its contents.",
	})
}

// leavesMarket reports whether a shipment goes where recalled goods may go.
func leavesMarket(e *epcis.Event, recaller string) bool {
	for _, word := range [...]string{"recalled", "returned", "destroyed", "disposed"} {
		if disposed(e, word) {
			return true
		}
	}
	return slices.ContainsFunc(e.Transactions, func(t epcis.Transaction) bool { return t.Type == epcis.NamespaceCBV+"BTT-rma" }) ||
		slices.ContainsFunc(e.Destinations, func(p epcis.Party) bool {
			return p.ID.URI == recaller && p.Type != epcis.NamespaceCBV+"SDT-location"
		})
}
