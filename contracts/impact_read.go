package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What a walk reads: uses, records, the events that stand, and transformations. It
// reads each record once, and counts them.

// recordedEvent is a record that was read.
type recordedEvent struct {
	recorded *trace.Recorded
	record   *epcis.Record
}

// usesAtOnce is how many uses are read in one step.
const usesAtOnce = 256

// uses calls f for the uses of a key from a batch on, those of records that are
// followed, until it says no.
func (w *impactWalk) uses(k trace.Key, born uint64, f func(trace.Use) (more bool, err error)) error {
	var after *trace.Use
	if born > 0 {
		after = &trace.Use{Born: born - 1, Seq: trace.Unmarked}
	}
	for {
		page, err := w.reader.Uses(k, after, usesAtOnce)
		if err != nil {
			return err
		}
		for i := range page {
			if page[i].Seq >= w.size {
				continue
			}
			if w.spent() {
				w.cut = true
				return nil
			}
			if more, err := f(page[i]); err != nil || !more {
				return err
			}
		}
		if len(page) < usesAtOnce {
			return nil
		}
		after = &page[len(page)-1]
	}
}

// read returns a record, decoded; nil for one that is refused.
func (w *impactWalk) read(seq uint64) (*recordedEvent, error) {
	if r, ok := w.events[seq]; ok {
		return r, nil
	}
	recorded, err := w.reader.Record(seq)
	if err != nil {
		return nil, err
	}
	w.records++
	var r *recordedEvent
	if !recorded.Rejected() {
		record := recorded.Decoded
		if record == nil {
			if record, err = epcis.Decode(recorded.Kind, recorded.Bytes); err != nil {
				return nil, err
			}
		}
		r = &recordedEvent{recorded, record}
	}
	w.events[seq] = r
	return r, nil
}

// event is the event that a record has, nil for none that stands: one that its author
// declared wrong moves nothing.
func (w *impactWalk) event(seq uint64) (*epcis.Event, error) {
	r, err := w.read(seq)
	if err != nil || r == nil || r.record.Event == nil || r.record.Event.Correction != nil {
		return nil, err
	}
	e := r.record.Event
	if e.ID == "" {
		return e, nil
	}
	same, err := w.reader.ByEventID(e.ID, maxSame)
	if err != nil {
		return nil, err
	}
	for _, s := range same {
		if s == seq || s >= w.size {
			continue
		}
		other, err := w.read(s)
		if err != nil {
			return nil, err
		}
		if other != nil && other.record.Event != nil && other.record.Event.Correction != nil && other.recorded.Organisation == r.recorded.Organisation {
			return nil, nil
		}
	}
	return e, nil
}

// maxSame bounds how many records with one eventID are looked at.
const maxSame = 16

// making is the transformation of a record, nil where the record is none that stands.
func (w *impactWalk) making(seq uint64) (*making, error) {
	if t, ok := w.makings[seq]; ok {
		return t, nil
	}
	w.makings[seq] = nil
	e, err := w.event(seq)
	if err != nil || e == nil || e.Type != epcis.TransformationEvent {
		return nil, err
	}
	t := &making{records: []made{{seq, e}}, used: map[*part]uint64{}}
	if id := e.TransformationID; id != "" {
		seqs, err := w.reader.History(trace.TransformationKey(id), 0, maxJoined+1)
		if err != nil {
			return nil, err
		}
		w.cut = w.cut || len(seqs) > maxJoined
		for _, s := range seqs[:min(len(seqs), maxJoined)] {
			if s == seq || s >= w.size {
				continue
			}
			other, err := w.event(s)
			if err != nil {
				return nil, err
			}
			if other != nil && other.Type == epcis.TransformationEvent && other.TransformationID == id {
				t.records = append(t.records, made{s, other})
			}
		}
	}
	slices.SortFunc(t.records, func(a, b made) int { return compareSeq(a.seq, b.seq) })
	for _, r := range t.records {
		w.makings[r.seq] = t
	}
	w.order = append(w.order, t)
	return t, nil
}

// maxJoined bounds the records of one transformation.
const maxJoined = 1000
