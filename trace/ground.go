package trace

import "slices"

// A ground is a record that something about a thing of the journey rests on, though it need
// not name that thing.
type ground struct {
	seq uint64
	of  string
}

// ground notes that what is said of a thing rests on the record at a seq, unless that was
// recorded after what was inside of it had left.
func (w *walker) ground(t task, seq uint64) {
	if t.From == 0 || seq <= t.From {
		w.resting = append(w.resting, ground{seq, t.ID})
	}
}

// grounds includes what the states of the journey's things rest on, and what the verdicts on
// its records do, if that is not part of it already: whoever reads that a record was refused,
// flagged or locks something finds why. What a verdict says of another thing that the record
// names is that one's journey; of a record that tells of a document or a class only what names
// a thing of this one counts. Of the records that are included nothing further is read.
func (w *walker) grounds() error {
	ours := map[string]bool{}
	for _, n := range w.list {
		ours[n.ID] = true
	}
	for _, e := range w.records {
		for _, f := range e.rec.Findings {
			if f.Severity == Info {
				continue
			}
			for _, fact := range f.Facts {
				switch {
				case fact.Seq == nil:
				case ours[fact.Name]:
					w.resting = append(w.resting, ground{*fact.Seq, fact.Name})
				case e.roles[fact.Name] == 0 && !e.aside:
					for _, id := range e.order {
						w.resting = append(w.resting, ground{*fact.Seq, id})
					}
				}
			}
		}
	}
	for _, g := range w.resting {
		e, err := w.stated(g.seq)
		if err != nil {
			return err
		}
		if e == nil || e.included && !e.ground || slices.Contains(e.order, g.of) {
			continue
		}
		e.ground = true
		w.includeAside(e, g.of)
	}
	return nil
}
