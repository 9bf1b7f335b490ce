package trace

import (
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// A window is a time that a thing spent inside a container.
type window struct {
	parent Key
	since  epcis.Instant
	until  *epcis.Instant
	seq    uint64 // of the record that begins it
	amount *epcis.Decimal
	unit   string
	last   epcis.Instant // when it was last said to be inside
	seen   bool          // begun by an observation: nobody recorded the packing
	left   uint64        // seq of the record that ends it, 0 for none
}

// lead is how far before a container's window its own packing is looked for, beside its state.
const lead = 64

// containers finds when a thing was inside what, and reaches those containers.
func (w *walker) containers(t task, entries []*entry) error {
	windows, gaps, err := w.windows(t.key(), happened(entries))
	if err != nil {
		return err
	}
	for _, g := range gaps {
		w.gap(g.ID, g.Seq, g.About)
	}
	c := Certain
	if t.NS != NSItem {
		c = spread(t.ID, entries, windows)
	}
	for i := range windows {
		w.enter(t, &windows[i], c, nil, nil, 0)
	}
	return nil
}

// enter reaches the container of a window, cut to [since, until] where given, and to
// the record left, by which what it is about left with what was in the container.
func (w *walker) enter(t task, in *window, c Certainty, since, until *epcis.Instant, left uint64) {
	from, to := in.since, in.until
	if since != nil && from.Before(*since) {
		from = *since
	}
	if until != nil && (to == nil || until.Before(*to)) {
		to = until
	}
	if to != nil && to.Before(from) {
		return
	}
	if in.until == nil && until == nil {
		w.gap(t.ID, in.seq, "No record says when it left "+in.parent.ID+".")
	}
	if in.seen {
		w.gap(t.ID, in.seq, "Seen inside "+in.parent.ID+"; no record says when it was put there.")
	}
	begin := in.since
	edge := Edge{Kind: EdgeInside, From: t.ID, To: in.parent.ID, Seq: in.seq, Certainty: c, Since: &begin, Until: in.until}
	if in.amount != nil {
		edge.Quantity, edge.Unit = in.amount.String(), in.unit
	}
	if left == 0 || in.left != 0 && in.left < left {
		left = in.left
	}
	next := task{NS: in.parent.NS, ID: in.parent.ID, Depth: t.Depth + 1, Mode: inside, Child: t.ID, Since: ptr(from), From: left}
	if to != nil {
		next.Until = ptr(*to)
	}
	w.reach(next, edge)
}

// windows reads, from a thing's own records in the order in which they happened,
// when it was inside what. A serialised item is in one container at a time, and
// its ADD elsewhere, its consumption or its end closes the window; parts of a lot
// may be in several. A window that nothing closes is closed by what happened to
// the container (all its contents taken out, its own end), else by the first
// receipt that names the thing, unless its state has it in there still, or had as of
// when is asked: a receipt that names its container as well takes nothing out.
func (w *walker) windows(k Key, entries []*entry) (all []window, gaps []Gap, err error) {
	serial := k.NS == NSItem
	open := func(parent Key) int {
		for i := range all {
			if all[i].until == nil && all[i].parent == parent {
				return i
			}
		}
		return -1
	}
	closeAll := func(e *entry, but Key) {
		for i := range all {
			if all[i].until == nil && all[i].parent != but {
				all[i].end(e)
			}
		}
	}
	for _, e := range entries {
		if !live(e) {
			continue
		}
		r := e.roles[k.ID]
		switch ev := e.event; {
		case bonds(ev) && r&asChild != 0:
			parent := ObjectKey(ev.Parent)
			if parent.ID == "" || IsVessel(parent.ID) {
				continue
			}
			at := open(parent)
			if ev.Action == epcis.Delete {
				if at >= 0 {
					all[at].end(e)
				} else {
					gaps = append(gaps, Gap{ID: k.ID, Seq: e.rec.Seq, About: "Taken out of " + parent.ID + "; no record says when it was put there."})
					amount, unit := amountOf(ev.ChildQuantities, k.ID)
					in := window{parent: parent, since: ev.Time, last: ev.Time, seq: e.rec.Seq, amount: amount, unit: unit}
					in.end(e)
					all = append(all, in)
				}
				continue
			}
			if serial {
				closeAll(e, parent)
			}
			amount, unit := amountOf(ev.ChildQuantities, k.ID)
			if at >= 0 {
				all[at].last = ev.Time
				all[at].more(ev, amount, unit)
				continue
			}
			all = append(all, window{parent: parent, since: ev.Time, last: ev.Time, seq: e.rec.Seq, amount: amount, unit: unit, seen: ev.Action == epcis.Observe})
		case serial && (r&asInput != 0 || r&asObject != 0 && ends(ev)):
			closeAll(e, Key{})
		}
	}
	now, err := w.standing(k)
	if err != nil {
		return nil, nil, err
	}
	for i := range all {
		if err := w.closeByContainer(&all[i]); err != nil {
			return nil, nil, err
		}
		if all[i].until != nil || now.Parent.in(all[i].parent) || now.Assembly.in(all[i].parent) {
			continue
		}
		e := receipt(k.ID, entries, all[i].last, serial)
		if e == nil {
			continue
		}
		in, err := w.inThen(now, all[i].parent)
		if err != nil {
			return nil, nil, err
		}
		if !in {
			all[i].end(e)
		}
	}
	return all, gaps, nil
}

// end ends a window by an event.
func (in *window) end(e *entry) { in.until, in.left = &e.event.Time, e.rec.Seq }

// more adds what an event puts into the container beside what is inside of it.
func (in *window) more(ev *epcis.Event, amount *epcis.Decimal, unit string) {
	if ev.Action == epcis.Add && amount != nil && in.amount != nil && in.unit == unit {
		sum := in.amount.Add(*amount)
		in.amount = &sum
	}
}

// closeByContainer ends a window at what happened to the whole container since the thing was
// last said to be inside.
func (w *walker) closeByContainer(in *window) error {
	_, entries, err := w.between(in.parent, in.last, in.until, w.o, 0)
	if err != nil {
		return err
	}
	id := in.parent.ID
	for _, e := range happened(entries) {
		if !live(e) || e.event.Time.Before(in.last) {
			continue
		}
		if in.until != nil && !e.event.Time.Before(*in.until) {
			return nil
		}
		r := e.roles[id]
		if unbindsAll(e.event) && r&asParent != 0 || r&asInput != 0 || r&asObject != 0 && ends(e.event) {
			in.end(e)
			return nil
		}
	}
	return nil
}

// receipt is when the thing itself, not its container, is received after since;
// for a lot, also when it is used.
func receipt(id string, entries []*entry, since epcis.Instant, serial bool) *entry {
	for _, e := range entries {
		if !live(e) || e.event.Time.Before(since) {
			continue
		}
		r := e.roles[id]
		if r&asObject != 0 && e.event.BizStep == stepPrefix+"receiving" || !serial && r&asInput != 0 {
			return e
		}
	}
	return nil
}

// IsVessel knows what carries and never contains: a journey shows it as a detail
// of the steps aboard, and no custody follows from it.
func IsVessel(uri string) bool { return strings.HasPrefix(uri, "urn:epc:id:imovn:") }

// spread says whether all of a lot was in each of its containers: certain only
// where there is one container, and in it as much as was ever made.
func spread(id string, entries []*entry, windows []window) Certainty {
	for i := range windows {
		for j := range i {
			if windows[i].parent != windows[j].parent {
				if a, b := windows[i], windows[j]; overlap(a, b) {
					return Possible
				}
			}
		}
	}
	var made *epcis.Decimal
	var unit string
	for _, e := range entries {
		if !live(e) {
			continue
		}
		list := e.event.OutputQuantities
		if e.event.Type == epcis.ObjectEvent && e.event.Action == epcis.Add {
			list = e.event.Quantities
		}
		amount, u := amountOf(list, id)
		switch {
		case amount == nil:
		case made == nil:
			made, unit = amount, u
		case u != unit:
			return Possible
		default:
			sum := made.Add(*amount)
			made = &sum
		}
	}
	for i := range windows {
		if made == nil || windows[i].amount == nil || windows[i].unit != unit || windows[i].amount.Cmp(*made) < 0 {
			return Possible
		}
	}
	return Certain
}

func overlap(a, b window) bool {
	return (a.until == nil || b.since.Before(*a.until)) && (b.until == nil || a.since.Before(*b.until))
}

// container walks a container while something was inside: its own records of
// that time, and its own containers. What else it held is not followed.
func (w *walker) container(t task) error {
	since, until := t.Since.Instant(), t.Until.instant()
	before, within, err := w.between(t.key(), since, until, w.o, lead)
	if err != nil {
		return err
	}
	for _, e := range within {
		if e.event == nil && e.customs() == nil {
			w.include(e, t.ID)
			continue
		}
		if e.time().Before(since) || until != nil && until.Before(e.time()) {
			continue
		}
		if e.event != nil && bonds(e.event) && e.roles[t.ID]&(asParent|asChild) == asParent && e.roles[t.Child]&asChild == 0 && !unbindsAll(e.event) {
			continue // it packs or unpacks something else
		}
		w.include(e, t.ID)
	}
	if err := w.refusalsBetween(t.key(), since, until); err != nil {
		return err
	}
	if err := w.recallsInside(t); err != nil {
		return err
	}
	now, err := w.standing(t.key())
	if err != nil {
		return err
	}
	if err := w.locksInside(t, now); err != nil {
		return err
	}
	w.handedOver(t, now)
	if err := w.cameOut(t, now); err != nil {
		return err
	}
	if err := w.recallsLeft(t, now.Left); err != nil {
		return err
	}
	if err := w.lotInside(t, now); err != nil {
		return err
	}
	// Gaps of the container itself are not this journey's: what it did before and
	// after is cut off here.
	all, err := w.withBonds(append(before, within...), t, now)
	if err != nil {
		return err
	}
	markVoided(all)
	windows, _, err := w.windows(t.key(), happened(all))
	if err != nil {
		return err
	}
	for i := range windows {
		w.enter(t, &windows[i], Certain, &since, until, t.From)
	}
	return nil
}

// contents reaches what a container held: the start of a walk, what a document
// names, and what those held in turn.
func (w *walker) contents(t task) error {
	since, until := t.Since.instant(), t.Until.instant()
	var entries []*entry
	var err error
	if entries, err = w.history(t.key()); err != nil {
		return err
	}
	held := map[Key]int{}
	var all []struct {
		key Key
		window
	}
	for _, e := range happened(entries) {
		if !live(e) || !bonds(e.event) || e.roles[t.ID]&asParent == 0 {
			continue
		}
		ev := e.event
		if unbindsAll(ev) {
			for i := range all {
				if all[i].until == nil {
					all[i].until = &ev.Time
				}
			}
			held = map[Key]int{}
			continue
		}
		for _, child := range appendParts(nil, ev.Children, ev.ChildQuantities) {
			at, in := held[child.key]
			switch {
			case ev.Action == epcis.Delete && in:
				all[at].until = &ev.Time
				delete(held, child.key)
			case in:
				all[at].more(ev, child.amount, child.unit)
			case ev.Action != epcis.Delete:
				held[child.key] = len(all)
				all = append(all, struct {
					key Key
					window
				}{child.key, window{parent: t.key(), since: ev.Time, seq: e.rec.Seq, amount: child.amount, unit: child.unit}})
			}
		}
	}
	for i := range all {
		c := &all[i]
		from, to := c.since, c.until
		if since != nil && from.Before(*since) {
			from = *since
		}
		if until != nil && (to == nil || until.Before(*to)) {
			to = until
		}
		if to != nil && to.Before(from) {
			continue
		}
		edge := Edge{Kind: EdgeInside, From: c.key.ID, To: t.ID, Seq: c.seq, Certainty: Certain, Since: &c.since, Until: c.until}
		if c.key.NS != NSItem {
			edge.Certainty = Possible
		}
		if c.amount != nil {
			edge.Quantity, edge.Unit = c.amount.String(), c.unit
		}
		next := task{NS: c.key.NS, ID: c.key.ID, Depth: t.Depth + 1, Mode: t.Mode, Since: ptr(from)}
		if to != nil {
			next.Until = ptr(*to)
		}
		w.reach(next, edge)
	}
	return nil
}
