package contracts

import (
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// The terms of our vocabulary, and of those that name the same, by which records
// state weights and what rules M1 to M3 need.
const (
	termFinal      = epcis.Vocabulary + "final"            // true: the last event of its transformationID
	termLoss       = epcis.Vocabulary + "loss"             // "0.8 KGM": what a transformation loses
	termWaste      = epcis.Vocabulary + "waste"            // "0.8 KGM"
	termYield      = epcis.Vocabulary + "recipeYield"      // "0.75 0.9": of a product class
	termModel      = epcis.Vocabulary + "chainOfCustody"   // see custodyModel
	termClaim      = epcis.Vocabulary + "claim"            // a name for what is claimed under a scheme
	termConversion = epcis.Vocabulary + "conversionFactor" // of certified input into claimable output

	termCredit         = epcis.Vocabulary + "creditStatus"   // what becomes of the credit that an event cites (rule M3)
	termCreditQuantity = epcis.Vocabulary + "creditQuantity" // "40 KGM": how much of it is transferred
)

// isNetWeight knows the net weight in our vocabulary, CBV's master data in both
// spellings (CBV 2.0, section 9.2) and the GS1 Web Vocabulary.
func isNetWeight(name string) bool {
	switch name {
	case epcis.Vocabulary + "netWeight", epcis.NamespaceCBVMD + "netWeight", "urn:epcglobal:cbv:mda#netWeight",
		epcis.NamespaceGS1 + "netWeight", "https://gs1.org/voc/netWeight":
		return true
	}
	return false
}

// stated reads an amount and its unit: "60 KGM", or an object of both (GS1 Web
// Vocabulary: QuantitativeValue; CBV: Measurement).
func stated(v *epcis.Value) (amount epcis.Decimal, unit string, ok bool) {
	var text string
	switch {
	case v == nil:
		return amount, "", false
	case v.Kind == epcis.String:
		text, unit, _ = strings.Cut(strings.TrimSpace(v.Str), " ")
	case v.Kind == epcis.ObjectValue:
		for i := range v.Obj.Members {
			m := &v.Obj.Members[i]
			if m.Value == nil || m.Value.Kind != epcis.String && m.Value.Kind != epcis.Number {
				continue
			}
			switch strings.TrimPrefix(m.Name, epcis.NamespaceGS1) {
			case "value", "measurement", epcis.Vocabulary + "value", epcis.NamespaceCBVMD + "measurement":
				text = m.Value.Str
			case "unitCode", "measurementUnitCode", "uom", epcis.Vocabulary + "unitCode", epcis.Vocabulary + "uom",
				epcis.NamespaceCBVMD + "measurementUnitCode":
				unit = m.Value.Str
			}
		}
	default:
		return amount, "", false
	}
	amount, err := epcis.ParseDecimal(text)
	return amount, strings.TrimSpace(unit), err == nil
}

// netKilograms reads a stated weight in kilograms, "" for none that can be counted.
func netKilograms(v *epcis.Value) string {
	amount, code, ok := stated(v)
	if !ok {
		return ""
	}
	if x, unit, ok := convert(amount, code); ok && unit == kilogram && x.Sign() > 0 {
		return x.String()
	}
	return ""
}

// weigh keeps what a product class's master data states of weights.
func weigh(d *trace.DescriptionState, m *epcis.MasterData) {
	for i := range m.Attributes {
		switch a := &m.Attributes[i]; {
		case d.NetWeight == "" && isNetWeight(a.ID):
			d.NetWeight = netKilograms(a.Value)
		case d.YieldFrom == "" && a.ID == termYield && a.Value != nil && a.Value.Kind == epcis.String:
			from, to, _ := strings.Cut(strings.TrimSpace(a.Value.Str), " ")
			low, err := epcis.ParseDecimal(from)
			high, other := epcis.ParseDecimal(strings.TrimSpace(to))
			if err == nil && other == nil && countable(low) && countable(high) && low.Cmp(high) <= 0 {
				d.YieldFrom, d.YieldTo = low.String(), high.String()
			}
		}
	}
}

// A product is a class that the record names, by its master data.
type product struct {
	class string
	trace.DescriptionState
	made    epcis.Decimal // kilograms that this event made of it
	unclear bool          // and some that do not count in kilograms
}

// product is the class of an item or lot; nil for what has none. Of a foreign class
// nobody vouches for a description: one by another organisation would refuse what
// the signer knows better, and counts for nothing here.
func (c *hearing) product(id *epcis.ID) (*product, error) {
	if last := len(c.classes.list) - 1; last >= 0 && isOfClass(id, c.classes.ids[last]) {
		return c.classes.list[last], nil
	}
	class := id.Class()
	if class.IsZero() {
		return nil, nil
	}
	if p := c.classes.get(class.URI); p != nil {
		return p, nil
	}
	p := &product{class: class.URI}
	key := trace.Key{NS: trace.NSClass, ID: class.URI}
	d, err := c.described(key)
	if err != nil {
		return nil, err
	}
	if d != nil {
		p.DescriptionState = *d
	}
	if p.DescriptionState.NetWeight+p.YieldFrom != "" && p.Organisation != c.signer.ID {
		foreign, err := c.isForeign(class)
		if err != nil {
			return nil, err
		}
		if foreign {
			p.DescriptionState.NetWeight, p.YieldFrom = "", ""
		}
	}
	if p.DescriptionState.NetWeight+p.YieldFrom != "" {
		if err := c.relies(key, d, "its weight"); err != nil {
			return nil, err
		}
	}
	c.classes.add(class.URI, p)
	return p, nil
}

// netWeight is what one piece weighs in kilograms: what its own record of birth
// said, else what the master data of its class says; "" when neither does. Of a
// foreign item another organisation's birth counts for nothing here either.
func (c *hearing) netWeight(it *item, id *epcis.ID) (string, error) {
	if it.state.NetWeight != "" {
		if it.state.Born != nil && it.state.Born.Organisation == c.signer.ID {
			return it.state.NetWeight, nil
		}
		foreign, err := c.isForeign(*id)
		if err != nil || !foreign {
			return it.state.NetWeight, err
		}
	}
	p, err := c.product(id)
	if err != nil || p == nil {
		return "", err
	}
	return p.DescriptionState.NetWeight, nil
}

// weighBirths keeps the net weight that a birth states in ilmd, for items whose
// class has none in its master data: tuna weighs what the fish weighed. A birth
// that was undone takes its weight with it.
func (c *hearing) weighBirths(e *epcis.Event) error {
	if e.Correction != nil {
		for _, it := range c.items.list {
			if it.state.Born == nil && it.state.NetWeight != "" {
				it.state.NetWeight, it.changed = "", true
			}
		}
		return nil
	}
	weight := ""
	if e.ILMD != nil {
		for i := range e.ILMD.Members {
			if isNetWeight(e.ILMD.Members[i].Name) {
				weight = netKilograms(e.ILMD.Members[i].Value)
			}
		}
	}
	if weight == "" {
		return nil
	}
	born := trace.Born(e)
	for i := range born {
		id := &born[i]
		it := c.items.loaded(id.URI)
		if it == nil || !it.bornNow {
			continue
		}
		p, err := c.product(id)
		if err != nil {
			return err
		}
		if p == nil || p.DescriptionState.NetWeight == "" {
			it.state.NetWeight, it.changed = weight, true
		}
	}
	return nil
}

// A weightOf is a weight as states keep it, and as a number: pieces of one class
// weigh the same.
type weightOf struct {
	text   string
	amount epcis.Decimal
	err    error
}

// A portion is one thing that goes into a transformation or comes out of it, in a
// base unit. clear is false where nobody says how much it is in a unit that
// converts; what then holds what was stated.
type portion struct {
	id     *epcis.ID
	amount epcis.Decimal
	unit   string
	clear  bool
	what   string
	weight string // of a piece: its amount as states keep it
}

// portions calls f for each of the items and quantities of one side of a
// transformation; an item that is named twice counts once.
func (c *hearing) portions(ids []epcis.ID, quantities []epcis.Quantity, f func(*portion) error) error {
	c.pass++
	var p portion
	for i := range ids {
		p = portion{id: &ids[i], what: "no net weight"}
		it, err := c.item(&ids[i])
		switch {
		case err != nil:
			return err
		case it == nil:
			p.what = "no amount"
		case it.pass == c.pass:
			continue
		default:
			it.pass = c.pass
			weight, err := c.netWeight(it, &ids[i])
			if err != nil {
				return err
			}
			if weight != c.weight.text {
				c.weight.text = weight
				c.weight.amount, c.weight.err = epcis.ParseDecimal(weight)
			}
			if weight != "" && c.weight.err == nil {
				p.amount, p.unit, p.clear, p.weight = c.weight.amount, kilogram, true, weight
			}
		}
		if err := f(&p); err != nil {
			return err
		}
	}
	for i := range quantities {
		p = portionOf(&quantities[i])
		if err := f(&p); err != nil {
			return err
		}
	}
	return nil
}

func portionOf(q *epcis.Quantity) portion {
	p := portion{id: &q.Class, what: "no amount"}
	switch {
	case q.Amount == nil:
	case q.Unit == "":
		p.what = withUnit(*q.Amount, "") + ", no unit"
	default:
		p.what = withUnit(*q.Amount, q.Unit)
		p.amount, p.unit, p.clear = convert(*q.Amount, q.Unit)
	}
	return p
}
