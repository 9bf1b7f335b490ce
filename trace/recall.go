package trace

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// classed is a thing of a class, and the first record of the journey about it.
type classed struct {
	id    string
	since uint64
}

// recalls reads the histories of the product classes of the journey's items and
// lots, from when each began, and before that for recalls that bound by then: one of a
// whole class names none of them, nor does the event that lifts it. Other events of a
// class are about goods that nobody numbered.
func (w *walker) recalls() error {
	since := map[string]uint64{} // by thing
	for _, e := range w.records {
		for _, id := range e.order {
			if first, ok := since[id]; !ok || e.rec.Seq < first {
				since[id] = e.rec.Seq
			}
		}
	}
	for _, e := range w.edges { // a container of which nothing was recorded meanwhile
		if first, ok := since[e.To]; e.Kind == EdgeInside && (!ok || e.Seq < first) {
			since[e.To] = e.Seq
		}
	}
	members := map[string][]classed{} // by class
	var classes []string
	for _, n := range w.list {
		first, told := since[n.ID]
		if class := epcis.Canonical(n.ID).Class().URI; told && class != "" && class != n.ID {
			if members[class] == nil {
				classes = append(classes, class)
			}
			members[class] = append(members[class], classed{n.ID, first})
		}
	}
	slices.Sort(classes)
	for _, class := range classes {
		if err := w.recallsOf(Key{NSClass, class}, members[class]); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) recallsOf(class Key, members []classed) error {
	from := slices.MinFunc(members, func(a, b classed) int { return cmp.Compare(a.since, b.since) }).since
	before, err := w.saidBefore(class, from)
	if err != nil {
		return err
	}
	entries, err := w.saidOf(class, from)
	if err != nil {
		return err
	}
	all := append(before, entries...)
	markVoided(all)
	for i, e := range all {
		if e.event == nil || !tells(e) || !recalls(e.event) {
			continue
		}
		for _, m := range members {
			if !InSerials(Serials(e.event), epcis.Canonical(m.id)) {
				continue
			}
			if m.since <= e.rec.Seq || binds(e, class.ID) && standsAt(all[i:], m.since, class.ID) {
				w.includeAside(e, m.id)
			}
		}
	}
	return nil
}

// saidBefore returns the first records about a key that the journey only refers to, up
// to a seq.
func (w *walker) saidBefore(k Key, seq uint64) ([]*entry, error) {
	if seq == 0 {
		return nil, nil
	}
	seqs, err := w.reader.History(k, 0, maxAside+1)
	if err != nil {
		return nil, fmt.Errorf("history of %s %s: %w", k.NS, k.ID, err)
	}
	n, _ := slices.BinarySearch(seqs, seq)
	if n > maxAside {
		n = maxAside
		w.cutShort(k, seqs[n-1], maxAside)
	}
	return w.load(seqs[:n])
}

// recallable lists what an event is about by which a recall begins or ends, or which
// declares such an event wrong: of a transformation what it made. None of any other event.
func recallable(e *epcis.Event) []part {
	switch {
	case !disposed(e, dispositionRecalled) && !slices.Contains(e.Unset, dispositionRecalled):
		return nil
	case e.Type == epcis.TransformationEvent:
		return appendParts(nil, e.Outputs, e.OutputQuantities)
	}
	parts := appendParts(nil, []epcis.ID{e.Parent}, nil)
	parts = appendParts(parts, e.EPCs, e.Quantities)
	return appendParts(parts, e.Children, e.ChildQuantities)
}

// binds reports a record that begins a recall of a thing which binds somebody: anybody may
// say that something is recalled.
func binds(e *entry, id string) bool { return calls(e) && !recallsOthers(e.rec.Findings, id) }

// calls reports a record that begins a recall, lifts one that ends it.
func calls(e *entry) bool {
	return e.event != nil && e.event.Correction == nil && !e.rec.Rejected() && disposed(e.event, dispositionRecalled)
}

func lifts(e *entry) bool {
	return live(e) && !e.rec.Rejected() && !disposed(e.event, dispositionRecalled) && slices.Contains(e.event.Unset, dispositionRecalled)
}

// lifting is the record by which the author of the first of some records about a thing,
// which recalls it, or some of its serials, ended that, or declared it wrong; nil for none.
// What a compromised key signed ends nothing (rule A7).
func lifting(entries []*entry, of string) *entry {
	first := entries[0]
	for _, e := range entries[1:] {
		if e.event == nil || e.rec.Rejected() || e.rec.Compromised || e.rec.Organisation != first.rec.Organisation {
			continue
		}
		if lifts(e) && sameSerials(first, e, of) || e.event.Correction != nil && e.event.ID != "" && e.event.ID == first.event.ID {
			return e
		}
	}
	return nil
}

// sameSerials reports whether two records are about the same serials of a thing.
func sameSerials(a, b *entry, of string) bool {
	return slices.Equal(serialsOf(a.event, of), serialsOf(b.event, of))
}

// standsAt reports whether the recall that is the first of some records stood at a seq.
func standsAt(entries []*entry, seq uint64, of string) bool {
	end := lifting(entries, of)
	return end == nil || end.rec.Seq >= seq
}

// recallsInside includes the recalls of a container that what was inside is under: those
// that bound while it was in there, and were recorded before it left; and what ended
// them. Both may have been recorded at any time: all that is said of its recalls is read.
// What binds nobody is part of the journey where it was said meanwhile, as anything else is.
func (w *walker) recallsInside(t task) error {
	entries, err := w.history(t.key().Recalls())
	if err != nil {
		return err
	}
	for i, e := range entries {
		if binds(e, t.ID) && (t.From == 0 || e.rec.Seq <= t.From) {
			w.tellRecall(entries[i:], t, t.ID)
		}
	}
	return nil
}

// tellRecall includes the recall that is the first of some records, and what ended it, unless
// that was before the task's window. Where it was declared wrong, the one that its author had
// made again meanwhile stands in its place (rule K5). of is what is recalled.
func (w *walker) tellRecall(entries []*entry, t task, of string) {
	e, end := entries[0], lifting(entries, of)
	if end != nil && end.event.Correction != nil {
		again := func(a *entry) bool {
			return binds(a, of) && a.rec.Organisation == e.rec.Organisation && a.rec.Seq < end.rec.Seq && sameSerials(e, a, of)
		}
		if i := slices.IndexFunc(entries[1:], again); i >= 0 {
			w.tellRecall(entries[1+i:], t, of)
		}
	}
	if end != nil && t.Since != nil && end.event.Time.Before(t.Since.Instant()) {
		return
	}
	w.include(e, t.ID)
	if end != nil {
		w.include(end, t.ID)
	}
}
