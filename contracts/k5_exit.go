package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What comes out of recalled containers by one event, and what is put beside what came
// out before: each remembers the recalls that it is under from then on. See k5_left.go
// for what is remembered, and k5_left_amount.go for amounts.

// recallExit is what comes out of recalled containers by one event.
type recallExit struct {
	*hearing
	left, from, forgotten tally

	of, to  *item // of what recalls are: what is left, and for what
	recalls []Leaving
}

// keepRecalls has what leaves recalled containers by this event remember their recalls.
func (c *hearing) keepRecalls(e *epcis.Event) error {
	if e.Correction != nil {
		return c.neverLeft(e)
	}
	out := recallExit{hearing: c}
	if e.Type == epcis.AggregationEvent {
		judge := out.packed
		if e.Action == epcis.Delete {
			judge = out.unpacked
		}
		if err := judge(e); err != nil {
			return err
		}
	}
	for i, n := 0, len(c.items.list); i < n; i++ {
		it := c.items.list[i]
		if err := out.leaves(it); err != nil {
			return err
		}
		if it.forgets {
			out.forgotten.add(fact(it.id, "left more recalls than are remembered"))
		}
	}
	if e.Type == epcis.AssociationEvent && e.Action != epcis.Delete {
		if err := out.attached(e); err != nil {
			return err
		}
	}
	out.left.facts = append(out.left.facts, out.from.facts...)
	out.left.found(c, trace.Finding{
		Code: CodeLeavesRecalled,
		Next: "Hold it: it stays under the recall outside. Whoever recalled the container ends the recall, or frees this item alone by naming it with recalled in persistentDisposition.unset.",
	})
	out.forgotten.found(c, trace.Finding{
		Code: CodeRecallsForgotten,
		Next: "Hold it until all of these recalls have ended, and ask whoever made them to recall it by its own serial.",
	})
	return nil
}

// unpacked is about what a DELETE names, whether or not anybody recorded that it was
// there.
func (out *recallExit) unpacked(e *epcis.Event) error {
	parent, err := out.item(&e.Parent)
	if err != nil || parent == nil {
		return err
	}
	holders, err := out.holders(parent)
	if err != nil {
		return err
	}
	around, err := out.recallsAround(append([]*item{parent}, holders...))
	if err != nil {
		return err
	}
	list := around.standing
	for _, left := range [...][]Leaving{parent.state.Left, parent.under, around.ended} {
		for _, l := range left {
			list, _ = leaving(list, l)
		}
	}
	if len(list) == 0 {
		return nil
	}
	for i := range list {
		list[i].By = *out.turn()
	}
	for i := range e.Children {
		it, err := out.item(&e.Children[i])
		if err != nil {
			return err
		}
		if it == nil || len(it.holders) > 0 && it.holders[0] == parent {
			continue // of what was there, see leaves
		}
		for _, l := range list {
			if l.Amount {
				continue
			}
			l.Told = true
			if err := out.leave(it, l); err != nil {
				return err
			}
		}
	}
	for i := range e.ChildQuantities {
		if err := out.leaveAmount(e.ChildQuantities[i].Class, list); err != nil {
			return err
		}
	}
	return nil
}

// attached has an assembly remember the recalls that its components left before: what
// holds for a part holds for the whole. It stays under them when the component is taken
// out, until they end or whoever recalled frees it: nothing counts which of its components
// are under one.
func (out *recallExit) attached(e *epcis.Event) error {
	parent, err := out.item(&e.Parent)
	if err != nil || parent == nil || trace.IsVessel(parent.id) {
		return err
	}
	for i := range e.Children {
		it, err := out.item(&e.Children[i])
		if err != nil {
			return err
		}
		if it == nil || len(it.state.Left) == 0 {
			continue
		}
		h, t, err := out.holder(it)
		if err != nil {
			return err
		}
		if h != parent || t != attached {
			continue
		}
		left, err := out.stillBinding(it.state.Left)
		if err != nil {
			return err
		}
		for assembly, t := parent, attached; t == attached && len(left) > 0; {
			if err := out.passOn(assembly, left); err != nil {
				return err
			}
			if assembly, t, err = out.holder(assembly); err != nil {
				return err
			}
		}
	}
	return nil
}

// passOn has a container or an assembly remember the recalls that what is put there left.
func (out *recallExit) passOn(to *item, left []leftRecall) error {
	for _, l := range left {
		if err := out.leave(to, Leaving{Of: l.Of, Recall: l.Recall, By: *out.turn(), Told: true, Amount: true}); err != nil {
			return err
		}
	}
	return nil
}

// leaves is about an item that is no longer where the record found it.
func (out *recallExit) leaves(it *item) error {
	if !it.traced || it.state.Ended != nil || len(it.holders)+len(it.under) == 0 {
		return nil
	}
	h, _, err := out.holder(it)
	if err != nil || len(it.holders) > 0 && h == it.holders[0] {
		return err
	}
	if h == nil && len(it.holders) == 0 {
		if emptied, _, err := out.cameOut(it); err != nil || emptied != nil {
			return err // its holder still tells
		}
	}
	list, err := out.recallsOutside(it, h)
	if err != nil {
		return err
	}
	for _, left := range [...][]Leaving{list, it.under} {
		for _, l := range left {
			if err := out.leave(it, l); err != nil {
				return err
			}
		}
	}
	return nil
}

// recallsOutside are those of what an item was in and is no longer, those in force first;
// h is what it is in now. What leaves together leaves the same.
func (out *recallExit) recallsOutside(it, h *item) ([]Leaving, error) {
	if len(it.holders) == 0 {
		return nil, nil
	}
	if out.of == it.holders[0] && out.to == h {
		return out.recalls, nil
	}
	gone := it.holders
	if h != nil {
		chain, err := out.above(h)
		if err != nil {
			return nil, err
		}
		gone = slices.DeleteFunc(slices.Clone(gone), func(h *item) bool { return slices.Contains(chain, h) })
	}
	around, err := out.recallsAround(gone)
	if err != nil {
		return nil, err
	}
	it.forgets = it.forgets || !around.room
	out.of, out.to, out.recalls = it.holders[0], h, append(around.standing, around.ended...)
	return out.recalls, nil
}

// leave has an item remember a recall, and tells that it stays under it.
func (out *recallExit) leave(it *item, l Leaving) error {
	fresh, err := out.keepRecall(it, l)
	if err != nil || !fresh {
		return err
	}
	return out.tell(fact("item", it.id), &l)
}

// tell notes that something stays under a recall that it leaves, if that is in force.
func (out *recallExit) tell(what trace.Fact, l *Leaving) error {
	r, err := out.stillStanding(l)
	if err == nil && r != nil {
		out.left.add(what)
		out.from.add(factAt(l.key().ID, "recalled", l.Recall))
	}
	return err
}

// recallsOfContents are the recalls that what an item holds leaves when it is emptied
// at once: those around it, and those that they have left.
func (c *hearing) recallsOfContents(it *item) ([]Leaving, error) {
	holders, err := c.holders(it)
	if err != nil {
		return nil, err
	}
	around, err := c.recallsAround(append([]*item{it}, holders...))
	if err != nil {
		return nil, err
	}
	list, room := around.standing, around.room
	for _, left := range [...][]Leaving{it.state.Left, it.under} {
		for _, l := range left {
			if l.Amount {
				continue
			}
			fits := false
			list, fits = leaving(list, l)
			room = room && fits
		}
	}
	it.forgets = it.forgets || !room
	for _, l := range around.ended {
		list, _ = leaving(list, l)
	}
	return list, nil
}
