package trace

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// maxPacking bounds how many levels of packing are opened.
const maxPacking = 16

// pack tells what the units hold, level by level, and describes the products.
func (f *freight) pack(c *Consignment, units []carriage) {
	c.Packaging, c.Goods = []Packaging{}, []GoodsItem{}
	p := packer{freight: f, seen: map[string]bool{}}
	for _, u := range units {
		p.seen[u.id] = true
	}
	for _, u := range units {
		p.goods(u.id)
	}
	for at, e := range f.events { // lots that travel without a unit that holds them
		if !slices.ContainsFunc(e.event.Transactions, func(t epcis.Transaction) bool { return joins(t.Type) }) {
			continue // as harvested or made, not as carried
		}
		for i, q := range e.event.Quantities {
			if slices.Contains(units, f.filling(q.Class.URI, at)) {
				p.quantity(&e.event.Quantities[i], e)
			}
		}
	}
	for level := 1; len(units) > 0 && level <= maxPacking; level++ {
		units = p.open(c, level, units)
	}
	for i := range p.items {
		f.describe(&p.items[i])
	}
	c.Goods = append(c.Goods, p.items...)
	c.NetWeight = netWeight(c)
}

type packer struct {
	*freight
	seen    map[string]bool // units told
	items   []GoodsItem
	carried []string // "<class>|<lot>" whose quantity a shipment stated
}

// open tells what is directly in the units and returns what may hold more.
func (p *packer) open(c *Consignment, level int, units []carriage) []carriage {
	var next []carriage
	var kinds []Packaging
	opened := uint64(0)
	for _, u := range units {
		holds := false
		for at, e := range p.events {
			if e.event.Type != epcis.AggregationEvent || e.event.Action != epcis.Add || p.filling(e.event.Parent.URI, at) != u {
				continue
			}
			holds = true
			for i := range e.event.Children {
				id := e.event.Children[i]
				if p.seen[id.URI] {
					continue
				}
				p.seen[id.URI] = true
				count(&kinds, level, id.Class().URI, e.rec.Seq)
				p.goods(id.URI)
				next = append(next, p.filling(id.URI, at))
			}
			for i := range e.event.ChildQuantities {
				p.quantity(&e.event.ChildQuantities[i], e)
			}
		}
		if holds {
			opened++
		}
	}
	for _, k := range kinds {
		k.Opened, k.Of = opened, uint64(len(units))
		c.Packaging = append(c.Packaging, k)
	}
	return next
}

func count(kinds *[]Packaging, level int, class string, seq uint64) {
	at := slices.IndexFunc(*kinds, func(k Packaging) bool { return k.Class == class })
	if at < 0 {
		at = len(*kinds)
		*kinds = append(*kinds, Packaging{Level: level, Class: class})
	}
	(*kinds)[at].Number++
	(*kinds)[at].Seqs = withSeq((*kinds)[at].Seqs, seq)
}

// item is the goods item of a product class, made when it is met first.
func (p *packer) item(class string) *GoodsItem {
	at := slices.IndexFunc(p.items, func(g GoodsItem) bool { return g.Class == class })
	if at < 0 {
		at = len(p.items)
		p.items = append(p.items, GoodsItem{Class: class, Lots: []string{}, Quantities: []Amount{}, Seqs: []uint64{},
			Classification: Stated{}, Net: Stated{}, Gross: Stated{}, Origin: Stated{}})
	}
	return &p.items[at]
}

// goods counts a piece, if it is a product, as its birth describes it.
func (p *packer) goods(id string) {
	piece := epcis.Canonical(id)
	if piece.Level != epcis.Item || piece.Class().IsZero() {
		return
	}
	g := p.item(piece.Class().URI)
	g.Pieces++
	for _, e := range p.events {
		if e.roles[id]&(asObject|asOutput) == 0 || !slices.ContainsFunc(Born(e.event), func(b epcis.ID) bool { return b.URI == id }) {
			continue
		}
		g.born(e)
		if lot := LotOf(idIn(e.event, id), BirthLot(e.event)); lot != "" && !slices.Contains(g.Lots, lot) {
			g.Lots = append(g.Lots, lot)
		}
	}
}

// quantity takes in an amount of a lot or class. Packing, shipping and receiving
// state the same amount again: the first counts.
func (p *packer) quantity(q *epcis.Quantity, by *entry) {
	class := q.Class.Class()
	if class.IsZero() || q.Amount == nil {
		return
	}
	g := p.item(class.URI)
	g.Seqs = withSeq(g.Seqs, by.rec.Seq)
	key := q.Class.URI + "|" + by.event.Parent.URI
	if slices.Contains(p.carried, key) {
		return
	}
	p.carried = append(p.carried, key)
	if q.Class.Level == epcis.Lot && !slices.Contains(g.Lots, q.Class.URI) {
		g.Lots = append(g.Lots, q.Class.URI)
	}
	at := slices.IndexFunc(g.sums, func(s sum) bool { return s.unit == q.Unit })
	if at < 0 {
		at = len(g.sums)
		g.sums = append(g.sums, sum{unit: q.Unit})
	}
	g.sums[at].amount = g.sums[at].amount.Add(*q.Amount)
	for _, e := range p.events {
		outputs := e.event.OutputQuantities
		if e.event.Type == epcis.ObjectEvent && e.event.Action == epcis.Add {
			outputs = e.event.Quantities
		}
		if slices.ContainsFunc(outputs, func(o epcis.Quantity) bool { return o.Class.URI == q.Class.URI }) {
			g.born(e)
		}
	}
}

// born takes what the record of the goods' birth says of them.
func (g *GoodsItem) born(e *entry) {
	g.Seqs = withSeq(g.Seqs, e.rec.Seq)
	if e.event.ILMD == nil {
		return
	}
	for i := range e.event.ILMD.Members {
		m := &e.event.ILMD.Members[i]
		g.stated(plainName(m.Name), m.Value, e.rec.Seq)
	}
}

// describe adds what the product's master data states, and adds up.
func (f *freight) describe(g *GoodsItem) {
	for _, name := range [...]string{hsCode, "netWeight", "grossWeight", "countryOfOrigin"} {
		f.attribute(g.Class, func(seq uint64, v *epcis.Value) { g.stated(name, v, seq) }, name)
	}
	for _, s := range [...]Stated{g.Classification, g.Net, g.Gross, g.Origin} {
		s.inOrder()
	}
	slices.Sort(g.Lots)
	for _, s := range g.sums {
		g.Quantities = append(g.Quantities, Amount{s.amount.String(), s.unit})
	}
	if kg, ok := g.kilograms(); ok {
		g.Total = &Amount{kg.String(), "KGM"}
	}
}

func (g *GoodsItem) stated(name string, v *epcis.Value, seq uint64) {
	switch name {
	case hsCode:
		for _, t := range texts(v) {
			g.Classification.say(t, "", digitsOf(t), seq)
		}
	case "netWeight":
		weigh(&g.Net, v, seq)
	case "grossWeight":
		weigh(&g.Gross, v, seq)
	case "countryOfOrigin":
		for _, t := range texts(v) {
			g.Origin.say(t, "", strings.ToUpper(t), seq)
		}
	}
}

// weigh adds a weight: "60 KGM", or an object of a value and a unit code (GS1 Web
// Vocabulary: QuantitativeValue; CBV: Measurement).
func weigh(s *Stated, v *epcis.Value, seq uint64) {
	var amount, unit string
	switch {
	case v != nil && v.Kind == epcis.ObjectValue:
		for i := range v.Obj.Members {
			m := &v.Obj.Members[i]
			switch t := texts(m.Value); plainName(m.Name) {
			case "value", "measurement":
				amount = strings.Join(t, "")
			case "unitCode", "measurementUnitCode", "uom":
				unit = strings.Join(t, "")
			}
		}
	default:
		amount, unit, _ = strings.Cut(strings.TrimSpace(strings.Join(texts(v), "")), " ")
	}
	x, err := epcis.ParseDecimal(amount)
	if err != nil {
		return
	}
	same := amount + " " + unit
	if kg, ok := kilograms(x, unit); ok {
		same = kg.String() + " KGM"
	}
	s.say(amount, unit, same, seq)
}

// kilograms converts exactly from the metric units of mass of Rec 20.
func kilograms(x epcis.Decimal, unit string) (epcis.Decimal, bool) {
	factor := ""
	switch unit {
	case "KGM":
		return x, true
	case "GRM":
		factor = "0.001"
	case "TNE":
		factor = "1000"
	default:
		return epcis.Decimal{}, false
	}
	by, err := epcis.ParseDecimal(factor)
	return x.Mul(by), err == nil
}

// kilograms is the net weight of all of the item; false where the records do not
// state it or state it differently.
func (g *GoodsItem) kilograms() (epcis.Decimal, bool) {
	all := epcis.DecimalFromInt(0)
	if g.Pieces > 0 {
		if len(g.Net) != 1 {
			return all, false
		}
		each, err := epcis.ParseDecimal(g.Net[0].Value)
		if err != nil {
			return all, false
		}
		kg, ok := kilograms(each, g.Net[0].Unit)
		if !ok {
			return all, false
		}
		all = kg.Mul(epcis.DecimalFromInt(int64(g.Pieces)))
	}
	for _, s := range g.sums {
		kg, ok := kilograms(s.amount, s.unit)
		if !ok {
			return all, false
		}
		all = all.Add(kg)
	}
	return all, true
}

// netWeight adds up the goods items; nil where one is unknown, or where units
// stand unopened.
func netWeight(c *Consignment) *Amount {
	if len(c.Goods) == 0 {
		return nil
	}
	for _, p := range c.Packaging {
		if p.Opened < p.Of && !holdsProducts(c, p.Level-1) {
			return nil
		}
	}
	all := epcis.DecimalFromInt(0)
	for i := range c.Goods {
		kg, ok := c.Goods[i].kilograms()
		if !ok {
			return nil
		}
		all = all.Add(kg)
	}
	return &Amount{all.String(), "KGM"}
}

// holdsProducts reports whether every kind of unit at that level of packing is a
// product itself, which need not be opened.
func holdsProducts(c *Consignment, level int) bool {
	for _, p := range c.Packaging {
		if p.Level == level && p.Class == "" {
			return false
		}
	}
	return level > 0
}
