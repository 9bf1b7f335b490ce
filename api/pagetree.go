package api

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// branch is a thing and what it was made of, or what became of it.
type branch struct {
	Name     string
	Amount   string // that went into the step which joins it to the thing above
	Possible bool   // a lot that was split may have gone elsewhere
	Inner    []branch
	More     int // things of the same kind that are not listed
}

const (
	mostBranches = 12  // listed under one thing
	mostInTree   = 400 // in the whole tree
)

// tree follows the transformations from the journey's thing, upstream or
// downstream. A thing is opened once, so a cycle ends where it closes.
func (b *pageBuilder) tree(d trace.Direction) []branch {
	next := map[string][]trace.Edge{}
	for _, e := range b.journey.Graph.Edges {
		switch {
		case e.Kind == trace.EdgeInput && d == trace.Upstream:
			next[e.To] = append(next[e.To], e)
		case e.Kind == trace.EdgeInput:
			next[e.From] = append(next[e.From], e)
		case e.Kind == trace.EdgeLot && d == trace.Upstream:
			next[e.From] = append(next[e.From], e) // an item came from its lot
		case e.Kind == trace.EdgeLot:
			next[e.To] = append(next[e.To], e)
		}
	}
	opened := map[string]bool{}
	total := 0
	var open func(id string) ([]branch, int)
	open = func(id string) (list []branch, more int) {
		if opened[id] {
			return nil, 0
		}
		opened[id] = true
		seen := map[string]bool{}
		for _, e := range next[id] {
			other := e.From
			if (e.Kind == trace.EdgeInput) != (d == trace.Upstream) {
				other = e.To
			}
			if e.Kind == trace.EdgeLot {
				if other = e.To; d != trace.Upstream {
					other = e.From
				}
			}
			if seen[other] || e.Kind == trace.EdgeLot && len(next[other]) == 0 {
				continue // a lot that leads nowhere says nothing here
			}
			seen[other] = true
			if len(list) == mostBranches || total == mostInTree {
				more++
				continue
			}
			total++
			one := branch{Name: b.name(other), Possible: e.Certainty == trace.Possible}
			if epcis.Canonical(e.From).Level != epcis.Item { // of an item, the quantity is that of what it became
				one.Amount = b.in.amount(e.Quantity, e.Unit)
			}
			one.Inner, one.More = open(other)
			list = append(list, one)
		}
		return list, more
	}
	list, more := open(b.journey.ID)
	if len(list) == 0 {
		return nil
	}
	return []branch{{Name: b.name(b.journey.ID), Inner: list, More: more}}
}
