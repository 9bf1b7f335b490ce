package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// Where all that is in force at a product class are recalls of ranges of its serials (see
// k5_serials.go), its impact begins at the items in these. A range of some thousands is looked
// up serial by serial. A wider one is found batch by batch: one that lies in it whole is one
// part, however many items it has, and of any other each item in it is one.

// maxSerialsAsked is how many serials are looked up one by one.
const maxSerialsAsked = 5000

// limitedTo are the ranges that all matters at a class together are limited to; nil where one
// of them is about all of it, or there is none.
func limitedTo(found []Matter) (ranges []string) {
	for _, m := range found {
		if len(m.Serials) == 0 {
			return nil
		}
		ranges = append(ranges, m.Serials...)
	}
	slices.Sort(ranges)
	return slices.Compact(ranges)
}

// inRanges reaches the items of a class in ranges of its serials, and what is in them, or was
// from a record on.
func (w *impactWalk) inRanges(class trace.Key, ranges []string, since uint64) error {
	if ids, ok := trace.SerialsIn(ranges, class.ID, maxSerialsAsked); ok {
		for _, id := range ids {
			s, err := w.item(id)
			if err != nil {
				return err
			}
			if s != nil && s.First < w.size {
				w.opened(trace.Key{NS: trace.NSItem, ID: id}, 0, since)
			}
		}
		return nil
	}
	lots, err := w.reader.Lots(class, maxLots+1)
	if err != nil {
		return err
	}
	w.cut = len(lots) > maxLots
	keys := []trace.Key{class}
	for _, lot := range lots[:min(len(lots), maxLots)] {
		if lot.Seq < w.size {
			keys = append(keys, trace.Key{NS: trace.NSLot, ID: lot.ID})
		}
	}
	for _, k := range keys {
		if err := w.batchesInRanges(k, ranges, since); err != nil || w.cut {
			return err
		}
	}
	return nil
}

// batchesInRanges reaches those of a class or lot.
func (w *impactWalk) batchesInRanges(k trace.Key, ranges []string, since uint64) error {
	all := &part{partID: partID{key: k, kind: whole}}
	for from := uint64(0); ; {
		found, err := w.batches(all, from)
		if err != nil {
			return err
		}
		for _, born := range found {
			if w.spent() {
				w.cut = true
				return nil
			}
			if err := w.batchInRanges(trace.Batch{Of: k, Born: born}, ranges, since); err != nil {
				return err
			}
			from = born + 1
		}
		if len(found) < batchesAtOnce {
			return nil
		}
	}
}

func (w *impactWalk) batchInRanges(b trace.Batch, ranges []string, since uint64) error {
	r, err := w.read(trace.FirstRecord(b.Born))
	if err != nil || r == nil {
		return err
	}
	var within []string // items of the batch, each once
	of := 0             // so many the record names
	class := epcis.Canonical(b.Of.ID).Class().URI
	for _, key := range trace.Touches(r.record) {
		if key.NS != trace.NSItem {
			continue
		}
		id := epcis.Canonical(key.ID)
		if id.Class().URI != class {
			continue
		}
		of++
		if trace.InSerials(ranges, id) {
			within = append(within, key.ID)
		}
	}
	if of == len(within) && of > 0 && b.Born < trace.Sighted {
		w.openedAll(partID{key: b.Of, kind: batch, born: b.Born}, since)
		return nil
	}
	for _, id := range within {
		s, err := w.item(id)
		if err != nil {
			return err
		}
		if s != nil && batchBefore(id, s, w.size) == b {
			w.opened(trace.Key{NS: trace.NSItem, ID: id}, 0, since)
		}
	}
	return nil
}
