package contracts

import (
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A recall of a product class, and its end, may be limited to ranges of serials. It stands
// in the state of the class, beside those of all of it: whoever ships or sells an item reads
// that anyway, and so does the item's journey. It binds the items in the range, also as
// holders of others; amounts and lots of the class have no serials, and it does not bind
// them. A recall ends by naming the same class with the same ranges.
//
// Ranges that do not read refuse the record, at once and to its author: taken for all of the
// class they would stop what nobody meant, taken for none of it they would let everything go.

// serialsOf are the ranges that the record limits what it says of a thing to.
func (c *hearing) serialsOf(t thing) []string {
	if t.key.NS != trace.NSClass {
		return nil
	}
	return trace.Serials(c.record.Event)
}

// serialsUnclear refuses ranges that do not read.
func (c *hearing) serialsUnclear(e *epcis.Event) bool {
	var classes []string
	for _, t := range c.recallable() {
		if t.key.NS == trace.NSClass {
			classes = append(classes, t.key.ID)
		}
	}
	fault := trace.SerialsFault(e, classes)
	if fault == "" {
		return false
	}
	c.find(trace.Finding{
		Code: CodeSerialsUnclear, Facts: []trace.Fact{fact("serials", fault)},
		Next: "Name the GTIN in quantityList, and in wm:serials up to 16 ranges first..last: of equal length, the same up to where both go on in digits. Others are named one by one.",
	})
	return true
}

// covers reports whether a recall of the class of a thing binds it.
func (r *Recall) covers(id epcis.ID) bool { return trace.InSerials(r.Serials, id) }

// movesInRange judges a thing by the recalls of ranges of its class's serials.
func (c *hearing) movesInRange(m *movement, id, of epcis.ID) error {
	for _, r := range m.ranged[of.Class().URI] {
		if !r.covers(of) {
			continue
		}
		if err := c.movesUnder(m, id, factAt(of.URI, "recalled by "+r.By.Organisation+", serials "+strings.Join(r.Serials, ", "), r.By.Seq), r); err != nil {
			return err
		}
	}
	return nil
}
