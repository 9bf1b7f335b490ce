package contracts

import (
	"maps"
	"math/big"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What a walk reaches through containers and assemblies, and which part an item is listed
// with that more than one covers.

// open reaches what a container holds, or held when the matter came into force. packings are
// the events that put something into it, found it there, or took it out.
func (w *impactWalk) open(p *part, packings []made) error {
	if len(packings) == 0 {
		return nil
	}
	holder, err := w.item(p.key.ID)
	if err != nil || holder == nil {
		return err
	}
	for i, r := range packings {
		if r.event.Action == epcis.Delete || p.until != nil && p.until.Before(r.event.Time) {
			continue
		}
		for _, child := range r.event.Children {
			key := trace.ObjectKey(child)
			if key.NS != trace.NSItem {
				continue
			}
			out, err := w.excluded(p.only, r.event, child)
			if err != nil {
				return err
			}
			in, err := w.wasInside(p, holder, key, packings[i:])
			if err != nil {
				return err
			}
			if in && !out {
				inner := w.reach(partID{key: key, kind: single}, nil, r.seq, p.Depth)
				inner.origin, inner.opened, inner.since, inner.until, inner.only = true, true, p.since, p.until, p.only
			}
		}
	}
	return w.openAmounts(p, holder, packings)
}

// openHolders reaches the items of a lot or batch that hold something, or did.
func (w *impactWalk) openHolders(p *part) error {
	return w.uses(trace.HolderKey(p.key), p.born, func(u trace.Use) (bool, error) {
		if p.kind == batch && u.Born != p.born {
			return false, nil
		}
		if !w.covers(p, u.Born) {
			return true, nil
		}
		r, err := w.read(u.Seq)
		if err != nil || r == nil {
			return true, err
		}
		of := trace.Batch{Of: p.key, Born: u.Born}
		if e := r.record.Event; e != nil && packs(e) {
			return true, w.openHolder(p, of, trace.ObjectKey(e.Parent), u.Seq, false)
		}
		for _, k := range trace.Touches(r.record) { // one of them came into the batch as it was
			if err := w.openHolder(p, of, k, u.Seq, true); err != nil {
				return false, err
			}
		}
		return true, nil
	})
}

// openHolder reaches an item if it is of a batch; where holding says so, only one whose state
// has contents.
func (w *impactWalk) openHolder(p *part, of trace.Batch, k trace.Key, via uint64, holding bool) error {
	if k.NS != trace.NSItem || w.parts[partID{key: k, kind: single}] != nil {
		return nil
	}
	s, err := w.item(k.ID)
	if err == nil && s != nil && batchBefore(k.ID, s, w.size) == of && (!holding || s.holding()) {
		w.opened(k, via, p.since)
	}
	return err
}

// wasInside reports whether an item is in a container, or left it by a record that is not
// earlier than since. The first of packings put it there.
func (w *impactWalk) wasInside(p *part, holder *ItemState, child trace.Key, packings []made) (bool, error) {
	state, err := w.item(child.ID)
	if err != nil || state == nil {
		return false, err
	}
	for t := range ties {
		if in, err := w.inside(p, holder, state, t); err != nil || in {
			return in, err
		}
	}
	if packings[0].event.Action == epcis.Observe {
		return false, nil // it was not there, or what put it there tells of it
	}
	if gone, err := w.emptiedBefore(p, holder, packings[0].seq); err != nil || gone {
		return false, err
	}
	return w.leftSince(p, child, packings)
}

// leftSince is wasInside of an item that went on: its state forgets what it was in long ago.
func (w *impactWalk) leftSince(p *part, child trace.Key, packings []made) (bool, error) {
	first := packings[0].seq
	r, err := w.read(first)
	if err != nil || r == nil || slices.ContainsFunc(r.recorded.Findings, notApplied) {
		return false, err
	}
	is := func(id epcis.ID) bool { return trace.ObjectKey(id) == child }
	at := slices.IndexFunc(packings[1:], func(m made) bool {
		e := m.event
		return e.Action == epcis.Delete && (len(e.Children)+len(e.ChildQuantities) == 0 || slices.ContainsFunc(e.Children, is))
	})
	if at >= 0 && packings[1+at].seq < p.since {
		return false, nil
	}
	seqs, err := w.reader.History(child, first+1, maxOfItem)
	if err != nil {
		return false, err
	}
	for _, seq := range seqs {
		if seq >= w.size {
			return true, nil // it went on later
		}
		e, err := w.event(seq)
		if err != nil {
			return false, err
		}
		if e != nil && leaves(e, is) {
			return seq >= p.since, nil
		}
	}
	return at >= 0, nil // else nobody knows how it left
}

// notApplied reports a finding about a packing that put something nowhere.
func notApplied(f trace.Finding) bool {
	switch f.Code {
	case CodePackedLate, CodeForeignPacking, CodeAttachedLate, CodeForeignAttachment:
		return true
	}
	return false
}

// leaves reports an event after which a thing that it names is no more in what it was in.
func leaves(e *epcis.Event, is func(epcis.ID) bool) bool {
	switch e.Type {
	case epcis.TransformationEvent:
		return slices.ContainsFunc(e.Inputs, is)
	case epcis.AggregationEvent, epcis.AssociationEvent:
		return e.Action != epcis.Observe && slices.ContainsFunc(e.Children, is)
	}
	return e.Type == epcis.ObjectEvent && e.Action == epcis.Delete && slices.ContainsFunc(e.EPCs, is)
}

// openAmounts reaches the lots of which a container holds amounts, or held when the matter
// came into force: all but those that were taken out before, whole or with all else.
func (w *impactWalk) openAmounts(p *part, holder *ItemState, packings []made) error {
	type amounts struct {
		lot     trace.Key
		by      []uint64 // that put some in
		left    big.Rat  // what is known to be there
		unit    string
		unclear bool
	}
	var list []*amounts // in the order of the records
	for _, r := range packings {
		if len(r.event.ChildQuantities) == 0 {
			continue
		}
		gone, err := w.emptiedBefore(p, holder, r.seq)
		if err != nil {
			return err
		}
		in := r.event.Action != epcis.Delete
		if gone || in && p.until != nil && p.until.Before(r.event.Time) || r.seq >= p.since && !in {
			continue
		}
		for i := range r.event.ChildQuantities {
			q := &r.event.ChildQuantities[i]
			key := trace.QuantityKey(q.Class)
			at := slices.IndexFunc(list, func(a *amounts) bool { return a.lot == key })
			out, err := w.excluded(p.only, r.event, q.Class)
			if err != nil {
				return err
			}
			if key.NS != trace.NSLot || at < 0 && !in || out {
				continue
			}
			if r.event.Action == epcis.Observe && at >= 0 {
				continue // what put it there is counted
			}
			if at < 0 {
				at, list = len(list), append(list, &amounts{lot: key})
			}
			a := list[at]
			m, unit, ok := massOf(q)
			if a.unclear = a.unclear || !ok || a.unit != "" && a.unit != unit; a.unclear {
				m = new(big.Rat)
			}
			if a.unit = unit; in {
				a.by = append(a.by, r.seq)
				a.left.Add(&a.left, m)
			} else {
				a.left.Sub(&a.left, m)
			}
		}
	}
	for _, a := range list {
		if !a.unclear && a.left.Sign() <= 0 {
			continue
		}
		for _, seq := range a.by {
			inner := w.reach(quantityPart(a.lot), nil, seq, p.Depth)
			inner.origin = inner.origin || len(inner.makers) == 0
		}
	}
	return nil
}

// emptiedBefore reports whether a container was emptied after a record and before what left it
// still belongs to the closure.
func (w *impactWalk) emptiedBefore(p *part, holder *ItemState, seq uint64) (bool, error) {
	contents, in := *holder.contents(packed), &Bond{Holder: p.key.ID, In: &Turn{Seq: seq}}
	switch contents.standing(in) {
	case holds:
		return false, nil
	case aside:
		return contents.Emptied.Turn.Seq < p.since, nil
	}
	emptied, err := w.emptied(p.key.ID, contents, in, packed)
	return emptied != nil && emptied.Turn.Seq < p.since, err
}

// inside reports whether an item is in a container, or left it by a record that is not
// earlier than since.
func (w *impactWalk) inside(p *part, holder, child *ItemState, t tie) (bool, error) {
	contents := *holder.contents(t)
	for b := *child.bond(t); b != nil; b = b.Before {
		if b.Holder != p.key.ID || b.In == nil || b.In.Seq >= w.size || p.until != nil && p.until.Before(b.In.Time()) {
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
