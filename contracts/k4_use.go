package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// K4 use of what is locked. A lock blocks goods until it is settled, whatever rule
// set it. That a transformation takes none of them is rule M1; here it is about what
// is shipped and what is sold to consumers: the item's own locks, those of what it is
// in, and those of the lot of either; of an amount, those of its lot. Of a container also those
// of what is in it, and of the lots of that (inside.go): of a lot's lock that each of its items
// may be free of by itself, which no count says, it is a FLAG.
//
//   - Selling it is refused. What was made from goods of known and of unknown plots is
//     locked for one market (rule D3), and foreign things nobody here vouches for:
//     both are flagged.
//   - Shipping it is flagged: goods go to where they are inspected. On the way out of
//     the market (rule K5) nothing is said.
//   - What was shipped or sold before the event that locked its lot, and is recorded
//     after it, is flagged.
//
// Recalls, holds and seizures by customs, and the shipment of what an open case locks,
// are judged by the rules that know the way out of each: K5, B2, C3.
func (c *hearing) lockedGoods() error {
	e := c.record.Event
	if e == nil || e.Correction != nil {
		return nil
	}
	sale := sells(e)
	if !sale && (!step(e, "shipping") || e.Action == epcis.Delete || leavesMarket(e, "")) {
		return nil
	}
	used := lockedUse{judges: func(code uint32) bool { return judgedHere(code, sale) }}
	var refused, flagged, before tally
	for _, t := range c.things() {
		used.list = used.list[:0]
		if err := c.lockedThing(&used, t); err != nil {
			return err
		}
		if len(used.list) == 0 {
			continue
		}
		foreign, err := c.isForeign(t.id)
		if err != nil {
			return err
		}
		for i := range used.list {
			l := &used.list[i]
			flags, err := c.flagsOnly(l, foreign)
			if err != nil {
				return err
			}
			switch {
			case l.before:
				before.add(l.fact)
			case sale && !flags && l.code != CodeMixed:
				refused.add(l.fact)
			default:
				flagged.add(l.fact)
			}
		}
	}
	refused.found(c, trace.Finding{
		Code: CodeSellsLocked,
		Next: "Hold it, and settle what locked it, as the finding of that record says.",
	})
	flagged.found(c, trace.Finding{
		Code: CodeMovesLocked,
		Next: "Look at the record that locked it, and tell whoever receives the goods.",
	})
	before.found(c, trace.Finding{
		Code: CodeMovedUnaware,
		Next: "Tell whoever has it now that it is locked.",
	})
	return nil
}

// judgedHere reports whether no other rule judges that something with a lock of the
// code is sold, or shipped.
func judgedHere(code uint32, sale bool) bool {
	switch code {
	case CodeRecalled, CodeHeld, CodeSeized:
		return false
	}
	_, isCase := classOf(code)
	return sale || !isCase
}

// lockedThing notes what locks an item, or an amount of a lot.
func (c *hearing) lockedThing(u *lockedUse, t thing) error {
	it, err := c.item(&t.id)
	if err != nil {
		return err
	}
	if it != nil {
		return c.lockedItem(u, t.id, it)
	}
	if t.key.NS != trace.NSLot {
		return nil
	}
	return c.lockedLot(u, t.id, nil)
}

// sells reports whether an event takes goods to consumers: it sells them, or dispenses all
// or part of them (CBV 2.0, sections 7.1 and 7.2).
func sells(e *epcis.Event) bool {
	return e.BizStep == stepRetailSelling || step(e, "dispensing") || e.Disposition == dispositionRetailSold ||
		e.Disposition == dispositionDispensed || isWord(e.Disposition, epcis.NamespaceCBV+"Disp-", "partially_dispensed")
}

func lockedGoodsContract() Contract {
	return Contract{
		Rule: "K4", Version: 1, Name: "use of what is locked", Kinds: eventKind(), judge: (*hearing).lockedGoods,
		Says: "What is locked is neither sold nor dispensed: an item by its own locks, by those of what it is in, or by those of the lot of either; " +
			"an amount by those of its lot; a container by those of what is in it, too. Shipping it is flagged, but for its way out of the market. " +
			"A lock for one market, one of a lot inside of a container from which its items may be free, and foreign things are flagged.",
		Source: "practice of recalls and quarantine (Regulation (EC) 178/2002, articles 18 and 19)",
		Reads:  append(bondStates(), trace.NSBalance, trace.NSDiligence),
		Finds: []Declared{
			{CodeSellsLocked, trace.Reject, "sells what is locked"},
			{CodeMovesLocked, trace.Flag, "ships what is locked, or sells it where that is not refused"},
			{CodeMovedUnaware, trace.Flag, "moved before its lot was locked, recorded after it"},
		},
	}
}
