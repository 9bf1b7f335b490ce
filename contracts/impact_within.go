package contracts

import (
	"maps"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What a walk reaches through containers and assemblies, and which part an item is listed
// with that more than one covers.

// open reaches what a container holds, or held when the matter came into force, of what
// a record put in.
func (w *impactWalk) open(p *part, e *epcis.Event, seq uint64) error {
	holder, err := w.item(p.key.ID)
	if err != nil || holder == nil {
		return err
	}
	for _, child := range e.Children {
		key := trace.ObjectKey(child)
		if key.NS != trace.NSItem {
			continue
		}
		state, err := w.item(key.ID)
		if err != nil {
			return err
		}
		if state == nil {
			continue
		}
		for t := range ties {
			in, err := w.inside(p, holder, state, t)
			if err != nil {
				return err
			}
			if in {
				inner := w.reach(partID{key: key, kind: single}, nil, seq, p.Depth)
				inner.origin, inner.opened, inner.since = true, true, p.since
			}
		}
	}
	for _, q := range e.ChildQuantities {
		if key := trace.QuantityKey(q.Class); key.NS == trace.NSLot {
			inner := w.reach(quantityPart(key), nil, seq, p.Depth)
			inner.origin = inner.origin || len(inner.makers) == 0
		}
	}
	return nil
}

// inside reports whether an item is in a container, or left it by a record that is not
// earlier than since.
func (w *impactWalk) inside(p *part, holder, child *ItemState, t tie) (bool, error) {
	contents := *holder.contents(t)
	for b := *child.bond(t); b != nil; b = b.Before {
		if b.Holder != p.key.ID || b.In == nil || b.In.Seq >= w.size {
			continue
		}
		if b.Out != nil {
			return b.Out.Seq >= p.since, nil
		}
		switch contents.standing(b) {
		case holds:
			return true, nil
		case aside:
			return contents.Emptied.Turn.Seq >= p.since, nil
		}
		emptied, err := w.emptied(p.key.ID, contents, b, t)
		return emptied != nil && emptied.Turn.Seq >= p.since, err
	}
	return false, nil
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

// attached notes the assembly that something of the closure is part of, to be reached
// when all else was.
func (w *impactWalk) attached(at trace.Place, depth int) {
	if at.Attached && at.In != "" && at.Bond < w.size && w.pending[at.In] == nil {
		w.pending[at.In] = &pending{at.Bond, depth}
	}
}

// assemble reaches the assemblies that were noted; false when there is none.
func (w *impactWalk) assemble() (more bool) {
	for _, id := range slices.Sorted(maps.Keys(w.pending)) {
		part := partID{key: trace.Key{NS: trace.NSItem, ID: id}, kind: assembly}
		if w.parts[part] == nil {
			w.reach(part, nil, w.pending[id].via, w.pending[id].depth)
			more = true
		}
	}
	return more
}

// listedBefore reports whether an item is listed with a part that stands before one.
func (w *impactWalk) listedBefore(p *part, id string, s *ItemState) bool {
	if alone := w.parts[partID{key: trace.Key{NS: trace.NSItem, ID: id}, kind: single}]; alone != nil && alone != p && (alone.at < p.at || p.kind == assembly) {
		return true
	}
	if p.kind != single && p.kind != assembly {
		return false
	}
	in := w.partOfItem(id, s)
	return in != nil && (in.at < p.at || p.kind == assembly)
}
