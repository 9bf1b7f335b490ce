package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A tie is the kind of a bond. An item has one holder at a time, whatever the tie:
// what is installed has left its box, and what is packed by itself is attached to
// nothing. So holders form trees.
type tie uint8

const (
	packed   tie = iota // in a container (C7)
	attached            // to an assembly (C9)
	ties                // how many there are
)

func (s *ItemState) bond(t tie) **Bond {
	if t == attached {
		return &s.Assembly
	}
	return &s.Parent
}

func (s *ItemState) contents(t tie) **Contents {
	if t == attached {
		return &s.Components
	}
	return &s.Contents
}

// holding reports an item that holds other items, or did.
func (s *ItemState) holding() bool {
	for t := range ties {
		if *s.contents(t) != nil {
			return true
		}
	}
	return false
}

// bondStates is what is read to say what an item is in, who has it and what locks it there or
// where it was.
func bondStates() []trace.Namespace {
	return []trace.Namespace{trace.NSItem, trace.NSEmptied, trace.NSColdChain, trace.NSRecall}
}

// maxDepth bounds how many holders an item may have above it: a bag in a box on a
// pallet in a container has three.
const maxDepth = 16

// standing loads the holder of an item's bond and says how the bond stands.
func (c *hearing) standing(it *item, t tie) (*item, standing, error) {
	b := *it.state.bond(t)
	if !b.open() {
		return nil, over, nil
	}
	h, err := c.holderAt(b.Holder)
	if err != nil {
		return nil, over, err
	}
	return h, (*h.state.contents(t)).standing(b), nil
}

// unbound reports that the item is in nothing and attached to nothing, and never was.
func (it *item) unbound() bool { return it.state.Parent == nil && it.state.Assembly == nil }

// holder is what the item is in or attached to, nil for nothing.
func (c *hearing) holder(it *item) (*item, tie, error) {
	if it.unbound() {
		return nil, packed, nil
	}
	for t := range ties {
		h, how, err := c.standing(it, t)
		if err != nil || how == holds {
			return h, t, err
		}
	}
	return nil, packed, nil
}

// above lists an item and its holders, from the inside out. The list is good as long
// as the hearing.
func (c *hearing) above(it *item) ([]*item, error) {
	from := len(c.chains)
	for it != nil && len(c.chains)-from <= maxDepth {
		c.chains = append(c.chains, it)
		var err error
		if it, _, err = c.holder(it); err != nil {
			return nil, err
		}
	}
	return c.chains[from:len(c.chains):len(c.chains)], nil
}

// height is how many levels of things are below the item, at most.
func (it *item) height() (levels uint8) {
	for t := range ties {
		if s := *it.state.contents(t); s != nil {
			levels = max(levels, s.Now.Height)
		}
	}
	return levels
}

// fits says whether an item may go into what chain begins with: not into itself,
// and not too deep.
func fits(chain []*item, it *item) (itself, deep bool) {
	for _, h := range chain {
		if h == it {
			return true, false
		}
	}
	return false, len(chain)+int(it.height()) > maxDepth
}

// join binds an item to what chain begins with. It has no holder now, and fits.
func (c *hearing) join(chain []*item, it *item, t tie, b *Bond) error {
	h := chain[0]
	place := h.state.contents(t)
	if *place == nil {
		*place = &Contents{Seconds: b.In.Seconds, Nanos: b.In.Nanos}
	}
	s := *place
	if at := (epcis.Instant{Seconds: s.Seconds, Nanos: s.Nanos}); at.Before(b.In.Time()) {
		s.Seconds, s.Nanos = b.In.Seconds, b.In.Nanos
	}
	b.Locked, b.Marked = t == attached && len(it.state.Locks) > 0, it.marked()
	s.Now.add(it.id, c.sum(it), it.height(), b)
	*it.state.bond(t) = c.bonded(*b)
	it.changed, h.changed, it.lot = true, true, it.state.Lot
	goes := c.sharesOf(it)
	s.Now.put(goes)
	if err := c.spread(h, goes, (*Tally).put); err != nil {
		return err
	}
	return c.raise(chain)
}

// bonded is a bond for an item's state: the last one again, if they are the same.
func (c *hearing) bonded(b Bond) *Bond {
	if c.bond == nil || *c.bond != b {
		c.bond = c.coder.shelf.bonds.take()
		*c.bond = b
	}
	return c.bond
}

// raise tells the holders above the first of chain how high it is now. The
// outermost may have been set aside: where it was, it would be as high.
func (c *hearing) raise(chain []*item) error {
	for _, it := range chain {
		for t := range ties {
			h, how, err := c.standing(it, t)
			if err != nil {
				return err
			}
			if how == over {
				continue
			}
			s := (*h.state.contents(t)).tally(how)
			if s.Height > it.height() {
				return nil
			}
			s.Height, h.changed = it.height()+1, true
		}
	}
	return nil
}

// release ends every bond of an item that holds or is set aside. out is written
// as the end of the one that holds, which it returns with its tie; nil for none.
func (c *hearing) release(it *item, out *Turn) (was *Bond, from tie, err error) {
	for t := range ties {
		b, err := c.untie(it, t, out)
		if err != nil {
			return nil, packed, err
		}
		if b != nil {
			was, from = b, t
		}
	}
	return was, from, nil
}

// untie is release for one tie.
func (c *hearing) untie(it *item, t tie, out *Turn) (was *Bond, err error) {
	h, how, err := c.standing(it, t)
	if err != nil || how == over {
		return nil, err
	}
	b := *it.state.bond(t)
	(*h.state.contents(t)).tally(how).remove(it.id, c.sum(it), b)
	if err := c.spread(it, c.sharesOf(it), (*Tally).take); err != nil {
		return nil, err
	}
	it.changed, h.changed = true, true
	if how == aside {
		*it.state.bond(t) = nil
		return nil, nil
	}
	*it.state.bond(t) = c.bonded(Bond{Holder: b.Holder, In: b.In, Out: out})
	was = c.coder.shelf.bonds.take()
	*was = Bond{Holder: b.Holder, In: b.In}
	return was, nil
}

// custodyOf is who has an item, by what it is in; nil when nobody is known to.
func (c *hearing) custodyOf(it *item) (*Custody, error) {
	unit, err := c.unitOf(it)
	if err != nil || unit.state.Custody == nil {
		return nil, err
	}
	held := *unit.state.Custody
	held.Before = nil
	return &held, nil
}

// refill undoes empty. It reports false, and does nothing, where the item's life
// has ended since, or what was set aside holds the item itself by now, or would
// lie too deep.
func (c *hearing) refill(it *item, t tie) (bool, error) {
	s := *it.state.contents(t)
	if it.state.Ended != nil {
		return false, nil
	}
	chain, err := c.above(it)
	if err != nil {
		return false, err
	}
	if held := s.Emptied.Held; held.Count > 0 || len(held.Packed) > 0 || held.Unlisted {
		outermost := chain[len(chain)-1]
		b := *outermost.state.bond(t)
		if b != nil && b.Holder == it.id && s.standing(b) == aside || len(chain)-1+int(held.Height) > maxDepth {
			return false, nil
		}
		s.Now.merge(&held)
		back := c.sharesIn(&held)
		s.Now.put(back)
		if err := c.spread(it, back, (*Tally).put); err != nil {
			return false, err
		}
	}
	s.Emptied, it.changed = nil, true
	return true, c.raise(chain)
}

// restore lets a bond hold again that something ended: the item goes back, unless
// its life or its holder's has ended, a later record put it elsewhere, the holder
// was emptied since, or it does not fit there any more.
func (c *hearing) restore(it *item, t tie, b *Bond) (bool, error) {
	*it.state.bond(t), it.changed = nil, true
	other := *it.state.bond(ties - 1 - t)
	now, _, err := c.holder(it)
	if err != nil || now != nil || it.state.Ended != nil || other != nil && other.In != nil && other.In.Seq > b.In.Seq {
		return false, err
	}
	if _, _, err := c.release(it, nil); err != nil { // only what is set aside is left
		return false, err
	}
	h, err := c.itemAt(b.Holder)
	if err != nil || h.state.Ended != nil {
		return false, err
	}
	b = &Bond{Holder: b.Holder, In: b.In}
	if (*h.state.contents(t)).standing(b) != holds {
		return false, nil
	}
	chain, err := c.above(h)
	if err != nil {
		return false, err
	}
	if itself, deep := fits(chain, it); itself || deep {
		return false, nil
	}
	return true, c.join(chain, it, t, b)
}
