package trace

import (
	"cmp"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// classed is a thing of a class, and the first record of the journey about it.
type classed struct {
	id    string
	since uint64
}

// recalls reads the histories of the product classes of the journey's items and
// lots, from when each began: a recall of a whole class names none of them, nor does
// the event that lifts it. Other events of a class are about goods that nobody numbered.
func (w *walker) recalls() error {
	since := map[string]uint64{} // by thing
	for _, e := range w.records {
		for _, id := range e.order {
			if first, ok := since[id]; !ok || e.rec.Seq < first {
				since[id] = e.rec.Seq
			}
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
	entries, err := w.saidOf(class, from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.event == nil || !tells(e) || !recalls(e.event) {
			continue
		}
		for _, m := range members {
			if m.since <= e.rec.Seq {
				w.includeAside(e, m.id)
			}
		}
	}
	return nil
}
