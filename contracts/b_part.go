package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/trace"
)

// A Part is goods of a declaration that stand alike, by one decision: those that it
// named, or all that nobody named.
type Part struct {
	Status ClearanceStatus `cbor:"1,keyasint"`
	Since  Turn            `cbor:"2,keyasint"` // the record that gave the status
	// Goods are places in the declaration's Goods and, behind those, its Lots;
	// ascending.
	Goods []uint32 `cbor:"3,keyasint,omitempty"`
}

// open reports goods that wait for the authority.
func (p *Part) open() bool {
	return p.Status == ClearanceDeclared || p.Status == ClearanceInspecting || p.Status == ClearanceHeld
}

// locks reports goods that are not to be moved.
func (p *Part) locks() bool { return p.Status == ClearanceHeld || p.Status == ClearanceSeized }

// divided is a declaration as its decisions divide it: each of its goods has its part,
// and the rest is the part of what no decision named.
type divided struct {
	state *DeclarationState
	rest  *Part
	at    []*Part // by place
}

func (s *DeclarationState) divide() *divided {
	d := &divided{state: s, rest: &Part{Status: s.Status, Since: s.Since}, at: make([]*Part, len(s.Goods)+len(s.Lots))}
	for i := range d.at {
		d.at[i] = d.rest
	}
	for i := range s.Apart {
		p := &Part{Status: s.Apart[i].Status, Since: s.Apart[i].Since}
		for _, place := range s.Apart[i].Goods {
			d.at[place] = p
		}
	}
	return d
}

// key is that of the goods at a place.
func (d *divided) key(place int) trace.Key {
	if n := len(d.state.Goods); place >= n {
		return trace.Key{NS: trace.NSLot, ID: d.state.Lots[place-n]}
	}
	return trace.Key{NS: trace.NSItem, ID: d.state.Goods[place]}
}

// place is that of goods, by their canonical id; -1 for what the declaration does not
// name.
func (d *divided) place(id string) int {
	if at := slices.Index(d.state.Goods, id); at >= 0 {
		return at
	}
	if at := slices.Index(d.state.Lots, id); at >= 0 {
		return len(d.state.Goods) + at
	}
	return -1
}

// name adds an item or lot to the goods of the declaration, once, and says whether
// there is room.
func (d *divided) name(k trace.Key, p *Part) bool {
	switch {
	case d.place(k.ID) >= 0:
	case len(d.at) >= maxDeclared:
		return false
	case k.NS == trace.NSLot:
		d.state.Lots = append(d.state.Lots, k.ID)
		d.at = append(d.at, p)
	default:
		d.at = slices.Insert(d.at, len(d.state.Goods), p)
		d.state.Goods = append(d.state.Goods, k.ID)
	}
	return true
}

// left reports that there is a rest: goods that no decision named, or goods that the
// declaration has no list of.
func (d *divided) left() bool {
	return d.state.Declared == nil || len(d.at) == 0 || slices.Contains(d.at, d.rest)
}

// parts are those of the declaration, each once: the rest first, the others in the
// order of their goods.
func (d *divided) parts() (all []*Part) {
	if d.left() {
		all = append(all, d.rest)
	}
	for _, p := range d.at {
		if !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// join writes the parts into the state. Where nothing is left that no decision named,
// the declaration stands as what waits for the authority the most.
func (d *divided) join() {
	if !d.left() {
		d.rest = slices.MinFunc(d.at, func(a, b *Part) int { return a.Status.urgency() - b.Status.urgency() })
	}
	s := d.state
	s.Status, s.Since, s.Apart = d.rest.Status, d.rest.Since, nil
	var apart []*Part
	for place, p := range d.at {
		if p == d.rest {
			continue
		}
		i := slices.Index(apart, p)
		if i < 0 {
			i = len(apart)
			apart = append(apart, p)
			s.Apart = append(s.Apart, Part{Status: p.Status, Since: p.Since})
		}
		s.Apart[i].Goods = append(s.Apart[i].Goods, uint32(place))
	}
}

// urgency orders the statuses, what waits for the authority first.
func (s ClearanceStatus) urgency() int {
	return slices.Index([]ClearanceStatus{ClearanceDeclared, ClearanceInspecting, ClearanceHeld, ClearanceSeized, ClearanceReleased, ClearanceWithdrawn}, s)
}

// of is the part that an item of the declaration belongs to.
func (s *DeclarationState) of(id string) Part {
	if len(s.Apart) > 0 {
		place := uint32(slices.Index(s.Goods, id))
		for i := range s.Apart {
			if _, found := slices.BinarySearch(s.Apart[i].Goods, place); found {
				return s.Apart[i]
			}
		}
	}
	return Part{Status: s.Status, Since: s.Since}
}

// locked are the parts that are not to be moved, the latest decision first.
func (s *DeclarationState) locked() (parts []*Part) {
	parts = slices.DeleteFunc(s.divide().parts(), func(p *Part) bool { return !p.locks() })
	slices.SortFunc(parts, func(a, b *Part) int { return compareSeq(b.Since.Seq, a.Since.Seq) })
	return parts
}

// withdrawn reports a declaration of which nothing stands any more.
func (s *DeclarationState) withdrawn() bool {
	return s.Status == ClearanceWithdrawn && len(s.Apart) == 0
}

// unheard reports a declaration that nobody recorded and of which the authority's word
// on some goods is known, on the others not.
func (s *DeclarationState) unheard() bool { return s.Declared == nil && s.Status == ClearanceDeclared }
