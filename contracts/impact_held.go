package contracts

import (
	"github.com/waymark-ledger/waymark/trace"
)

// holding is who has what is in a container: who has the outermost one.
type holding struct {
	top    string // the outermost
	holder string // "" where nobody is known to have the container
	gone   bool
	seen   uint64
}

// heldIn is who has what a bond put into a container, nil where the bond is over and
// the ledger does not know how, or the container is not known.
func (w *impactWalk) heldIn(in string, b *Bond, t tie) (*holding, error) {
	id := in
	var chain holding
	for range maxDepth + 1 {
		s, err := w.item(id)
		if err != nil {
			return nil, err
		}
		if s == nil {
			return nil, nil
		}
		if b != nil {
			switch contents := *s.contents(t); contents.standing(b) {
			case over:
				emptied, err := w.emptied(id, contents, b, t)
				if err != nil || emptied == nil && id == in {
					return nil, err
				}
				if emptied != nil {
					chain.leave(&emptied.Turn, emptied.Custody)
				}
				return &chain, nil
			case aside:
				chain.leave(&contents.Emptied.Turn, contents.Emptied.Custody)
				return &chain, nil
			}
		}
		p := placeOf(s)
		if chain.top = id; s.Custody != nil { // else who has what is inside is all that is known
			chain.holder, chain.gone = p.Holder, p.Gone
		}
		chain.seen = max(chain.seen, latest(s))
		if p.In == "" {
			return &chain, nil
		}
		t = packed
		if p.Attached {
			t = attached
		}
		b, id = *s.bond(t), p.In
	}
	return &chain, nil
}

// emptied is the emptying that ended a bond with a container, nil where the ledger
// does not know it.
func (w *impactWalk) emptied(id string, s *Contents, b *Bond, t tie) (*EmptiedState, error) {
	if s == nil || b.In == nil || b.Out != nil {
		return nil, nil
	}
	return s.emptiedAfter(b.In.Seq, func(n uint32) (*EmptiedState, error) {
		var e EmptiedState
		_, err := w.state(emptiedKey(id, t, n), &e)
		return &e, err
	})
}

// leave is that the next container was emptied: who had it then has what was in it,
// else who emptied it.
func (h *holding) leave(emptied *Turn, had *Custody) {
	h.seen = max(h.seen, emptied.Seq)
	h.holder, h.gone = emptied.Organisation, false
	if had != nil {
		h.holder, h.gone = had.author(), had.Holder == ""
		if had.Holder != "" {
			h.holder = had.Holder
		}
	}
}

// latest is the last record that an item's state rests on.
func latest(s *ItemState) uint64 {
	seq := s.First
	for _, t := range [...]*Turn{s.Born, s.Ended, s.Parent.last(), s.Assembly.last()} {
		if t != nil {
			seq = max(seq, t.Seq)
		}
	}
	if s.Custody != nil {
		seq = max(seq, s.Custody.Seq)
	}
	if s.LastSeen != nil {
		seq = max(seq, s.LastSeen.Turn.Seq)
	}
	return seq
}

// standing is who has what is at a place. Containers are asked once for each bond.
func (w *impactWalk) standing(p *trace.Place) (*holding, error) {
	own := &holding{holder: p.Holder, gone: p.Gone}
	if p.In == "" {
		return own, nil
	}
	key := bondID{p.In, p.Bond, p.Attached}
	at, ok := w.tops[key]
	if !ok {
		t := packed
		if p.Attached {
			t = attached
		}
		var err error
		if at, err = w.heldIn(p.In, &Bond{Holder: p.In, In: &Turn{Seq: p.Bond}}, t); err != nil {
			return nil, err
		}
		w.tops[key] = at
	}
	switch {
	case at == nil:
		return own, nil
	case at.holder == "" && !at.gone:
		return &holding{top: at.top, holder: p.Holder, gone: p.Gone, seen: at.seen}, nil
	}
	return at, nil
}
