package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What is shipped or sold is a pallet as often as a bag, and what is the matter with a
// container's contents is the matter with the container on its way. Nobody reads a list of
// them: there is none. So a holder knows, beside how much it holds, what is to be asked of its
// contents. These are the things in it that are marked: that are locked, that are or were
// recalled by their serial, that left something under a recall, or that hold what is marked.
// Each holder knows those that are directly in it; whoever asks walks down along them. And
// recalls and locks are of lots and classes, too: those of all that is inside, at every level,
// are counted in every holder.
//
// Amounts of lots see amounts_inside.go. All have room for so many. What goes beyond is counted as well, and whoever ships it is told
// that not all was looked into.

// maxMarks bounds how many marked things a holder's state names.
const maxMarks = 32

// maxWithin bounds how many marked things inside of one that is named are looked at.
const maxWithin = 64

// marked reports whether something is to be asked of an item, or of what it holds, when
// that is used.
func (it *item) marked() bool {
	s := &it.state
	return len(s.Locks)+len(s.Left) > 0 || s.Recalled ||
		s.Contents != nil && s.Contents.Now.Marked > 0 || s.Components != nil && s.Components.Now.Marked > 0
}

// mark counts a thing that is marked; unmark takes it back.
func (t *Tally) mark(id string) {
	t.Marked++
	if len(t.Marks) < maxMarks {
		t.Marks = append(t.Marks, id)
	}
}

func (t *Tally) unmark(id string) {
	t.Marked--
	if i := slices.Index(t.Marks, id); i >= 0 {
		t.Marks = slices.Delete(t.Marks, i, i+1)
	}
	if len(t.Marks) == 0 {
		t.Marks = nil
	}
}

// heldBy is what a holder held when the record came that may have emptied it; nil for nothing.
func (c *hearing) heldBy(s *Contents) *Tally {
	switch {
	case s == nil:
		return nil
	case s.Emptied != nil && s.Emptied.Turn.Seq == c.position.Seq:
		return &s.Emptied.Held
	}
	return &s.Now
}

// inside is what an item held then, in it and attached to it.
func (c *hearing) inside(it *item) [ties]*Tally {
	return [...]*Tally{packed: c.heldBy(it.state.Contents), attached: c.heldBy(it.state.Components)}
}

// markedWithin are the marked things inside of an item, at every level; more says that there
// are others, which the states do not name or which are too many.
func (c *hearing) markedWithin(it *item) (list []*item, more bool, err error) {
	if s := &it.state; s.Contents == nil && s.Components == nil {
		return nil, false, nil
	}
	more, err = c.descend(it, &list)
	return list, more, err
}

func (c *hearing) descend(it *item, list *[]*item) (more bool, err error) {
	for t := range ties {
		s := c.heldBy(*it.state.contents(t))
		if s == nil {
			continue
		}
		more = more || s.Marked > uint64(len(s.Marks))
		for _, id := range s.Marks {
			if len(*list) == maxWithin {
				return true, nil
			}
			x, err := c.itemAt(id)
			if err != nil {
				return false, err
			}
			*list = append(*list, x)
			deeper, err := c.descend(x, list)
			if err != nil {
				return false, err
			}
			more = more || deeper
		}
	}
	return more, nil
}

// Goods are how many things inside are of a lot, or are of a class and no lot. A lot is the
// one that was fixed by a thing's birth.
type Goods struct {
	Of    string `cbor:"1,keyasint"` // canonical id of the lot, or the class
	Count uint64 `cbor:"2,keyasint"`
}

func (g *Goods) key() trace.Key { return trace.QuantityKey(epcis.Canonical(g.Of)) }

// maxGoods bounds how many lots and classes a holder's state counts.
const maxGoods = 32

// shares are what is put somewhere, or taken away, of lots and classes.
type shares struct {
	goods    []Goods
	others   uint64
	packed   []Packed
	unlisted bool
}

func (s *shares) none() bool {
	return len(s.goods)+len(s.packed) == 0 && s.others == 0 && !s.unlisted
}

// clear makes them those of nothing, in the same memory.
func (s *shares) clear() {
	*s = shares{goods: s.goods[:0], packed: s.packed[:0]}
}

// tally adds what a tally counts.
func (s *shares) tally(t *Tally) {
	s.goods, s.others = append(s.goods, t.Goods...), s.others+t.Others
	s.packed, s.unlisted = append(s.packed, t.Packed...), s.unlisted || t.Unlisted
}

// sharesOf are an item and what is inside of it. They are good until the next are made.
func (c *hearing) sharesOf(it *item) *shares {
	s := &c.shares
	s.clear()
	s.own(it.id, it.lot)
	for _, held := range [...]*Contents{it.state.Contents, it.state.Components} {
		if held != nil {
			s.tally(&held.Now)
		}
	}
	return s
}

// own is one item of a lot, or of none.
func (s *shares) own(id, lot string) {
	if lot == "" {
		lot = classOfItem(id)
	}
	if lot != "" {
		s.goods = append(s.goods, Goods{lot, 1})
	}
}

// sharesIn are what a tally counts.
func (c *hearing) sharesIn(t *Tally) *shares {
	s := &c.shares
	s.clear()
	s.tally(t)
	return s
}

// put counts what is put in. What it has no room for it counts among the others, and so do
// all above it: shares are left as they were counted. So what is taken out later is what each
// of them counted of it, and their counts are exact.
func (t *Tally) put(s *shares) {
	t.putPacked(s)
	t.Others += s.others
	kept := s.goods[:0]
	for _, g := range s.goods {
		i := t.of(g.Of)
		switch {
		case i >= 0:
			t.Goods[i].Count += g.Count
		case len(t.Goods) < maxGoods:
			t.Goods = append(t.Goods, g)
		default:
			t.Others += g.Count
			s.others += g.Count
			continue
		}
		kept = append(kept, g)
	}
	s.goods = kept
}

// take takes back what was put in. What was put in before states counted it is not there.
func (t *Tally) take(s *shares) {
	t.takePacked(s)
	s.others = min(s.others, t.Others)
	t.Others -= s.others
	kept := s.goods[:0]
	for _, g := range s.goods {
		named := uint64(0)
		if i := t.of(g.Of); i >= 0 {
			named = min(g.Count, t.Goods[i].Count)
			if t.Goods[i].Count -= named; t.Goods[i].Count == 0 {
				t.Goods = slices.Delete(t.Goods, i, i+1)
			}
		}
		rest := min(g.Count-named, t.Others)
		t.Others -= rest
		s.others += rest
		if named > 0 {
			kept = append(kept, Goods{g.Of, named})
		}
	}
	s.goods = kept
}

// of is where a lot or class is counted, -1 for nowhere.
func (t *Tally) of(id string) int {
	return slices.IndexFunc(t.Goods, func(g Goods) bool { return g.Of == id })
}

// spread has all that an item is in count what was put into it, or taken out. What it was in
// until that was emptied counts it aside, and nothing above that does.
func (c *hearing) spread(it *item, s *shares, count func(*Tally, *shares)) error {
	if s.none() {
		return nil
	}
	for it != nil && !it.unbound() {
		next := (*item)(nil)
		for t := range ties {
			h, how, err := c.standing(it, t)
			if err != nil {
				return err
			}
			if how == over {
				continue
			}
			count((*h.state.contents(t)).tally(how), s)
			if h.changed = true; how == holds {
				next = h
			}
			break
		}
		it = next
	}
	return nil
}

// recount moves an item to the lot that its birth has fixed since it was packed, or back where
// that birth was declared wrong.
func (c *hearing) recount(it *item) error {
	was := it.lot
	if was == it.state.Lot {
		return nil
	}
	it.lot = it.state.Lot
	if it.unbound() { // as most that are born
		return nil
	}
	s := &c.shares
	s.clear()
	s.own(it.id, was)
	if err := c.spread(it, s, (*Tally).take); err != nil {
		return err
	}
	s.clear()
	s.own(it.id, it.lot)
	return c.spread(it, s, (*Tally).put)
}
