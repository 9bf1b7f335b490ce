package contracts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// ImpactEntry is one item, or one lot of which somebody has amounts.
type ImpactEntry struct {
	ID        string
	Kind      string // "item", "lot", "class" or "assembly"
	Lot       string // of an item
	Condition string // of an item
	Holder    string // organisation, "" for nobody known
	Gone      bool   // it left the members' hands with the holder
	In        string // the outermost container or assembly it is in
	// Seen is the latest record that its state, or that of what it is in, rests on;
	// [trace.Unmarked] where no state says it.
	Seen uint64
	Impacted
}

// ImpactCursor is a place in the list of entries.
type ImpactCursor struct {
	Part  int    `json:"p"`           // of those near
	Key   string `json:"k,omitempty"` // of the part, behind those near
	Born  uint64 `json:"b"`           // batch
	At    int    `json:"i"`           // within the batch
	After string `json:"h,omitempty"` // of amounts: the last holder that was listed
}

// Entries returns up to limit entries from a cursor on, nil to begin, and the cursor
// behind them, nil at the end.
func (i *Impact) Entries(from *ImpactCursor, limit int) (entries []ImpactEntry, next *ImpactCursor, err error) {
	at := ImpactCursor{}
	if from != nil {
		at = *from
	}
	w := i.impactWalk
	for ; at.Part < w.near; at = (ImpactCursor{Part: at.Part + 1}) {
		if full, err := w.partEntries(&entries, limit, w.list[at.Part], &at); err != nil || full {
			return entries, &at, err
		}
	}
	if w.partial {
		return entries, nil, nil // with more reading, more would be near
	}
	far := slices.Clone(w.list[w.near:])
	slices.SortFunc(far, func(a, b *part) int { return strings.Compare(a.order(), b.order()) })
	for _, p := range far {
		order := p.order()
		if order < at.Key {
			continue
		}
		if order != at.Key {
			at = ImpactCursor{Part: w.near, Key: order}
		}
		if full, err := w.partEntries(&entries, limit, p, &at); err != nil || full {
			return entries, &at, err
		}
	}
	return entries, nil, nil
}

// order is where a part stands behind those near: whatever else is reached, it stays.
func (p *part) order() string {
	return fmt.Sprintf("%s %s %d %020d", p.key.NS, p.key.ID, p.kind, p.born)
}

// partEntries lists what a part covers from a place on, and moves at there.
func (w *impactWalk) partEntries(entries *[]ImpactEntry, limit int, p *part, at *ImpactCursor) (full bool, err error) {
	if p.kind == single || p.kind == assembly {
		s, err := w.item(p.key.ID)
		if err != nil {
			return false, err
		}
		return w.oneEntry(entries, limit, p, p.key.ID, s)
	}
	for {
		found, err := w.batches(p, at.Born)
		if err != nil {
			return false, err
		}
		for _, born := range found {
			if born > at.Born {
				at.Born, at.At = born, 0
			}
			if full, err := w.bornEntries(entries, limit, p, at); full || err != nil {
				return full, err
			}
		}
		if len(found) < batchesAtOnce {
			break
		}
		at.Born, at.At = at.Born+1, 0
	}
	if p.kind == batch {
		return false, nil
	}
	return w.amountEntries(entries, limit, p, at)
}

// batches are the next batches of a part from one on, up to batchesAtOnce. Their items
// are in the records that bore them, or were the first to name them.
func (w *impactWalk) batches(p *part, from uint64) (found []uint64, err error) {
	from = max(from, p.born)
	if from < trace.Sighted {
		err = w.reader.Places(p.key, from, func(m trace.Move) (bool, error) {
			if m.Born >= trace.Sighted || p.kind == batch && m.Born != p.born {
				return false, nil
			}
			if w.covers(p, m.Born) && (len(found) == 0 || found[len(found)-1] != m.Born) {
				found = append(found, m.Born)
			}
			return len(found) < batchesAtOnce, nil
		})
	}
	if err != nil || p.kind == batch || len(found) == batchesAtOnce {
		return found, err
	}
	sighted, err := w.reader.Sighted(p.key, max(from, trace.Sighted), batchesAtOnce-len(found))
	for _, born := range sighted {
		if w.covers(p, born) {
			found = append(found, born)
		}
	}
	return found, err
}

// batchesAtOnce is how many batches are listed in one step.
const batchesAtOnce = 64

// bornEntries lists the items of the part's lot or class that the record at.Born bore, or
// was the first to name.
func (w *impactWalk) bornEntries(entries *[]ImpactEntry, limit int, p *part, at *ImpactCursor) (full bool, err error) {
	r, err := w.read(trace.FirstRecord(at.Born))
	if err != nil || r == nil {
		return false, err
	}
	if at.Born >= trace.Sighted {
		return w.sightedEntries(entries, limit, p, at, r.record)
	}
	if r.record.Event == nil {
		return false, nil
	}
	ids := trace.Born(r.record.Event)
	for ; at.At < len(ids); at.At++ {
		id := ids[at.At]
		if trace.ObjectKey(id).NS != trace.NSItem || batchKey(r.record.Event, id) != p.key {
			continue
		}
		if slices.ContainsFunc(ids[:at.At], func(x epcis.ID) bool { return x.URI == id.URI }) {
			continue // named twice
		}
		s, err := w.item(id.URI)
		if err != nil {
			return false, err
		}
		if s != nil && (s.Born == nil || s.Born.Seq != at.Born && s.Born.Seq < w.size) {
			continue // another record bore it, or none: its birth is declared wrong
		}
		if full, err := w.oneEntry(entries, limit, p, id.URI, s); full || err != nil {
			return full, err
		}
	}
	return false, nil
}

// sightedEntries are bornEntries of a record that was the first to name the items.
func (w *impactWalk) sightedEntries(entries *[]ImpactEntry, limit int, p *part, at *ImpactCursor, r *epcis.Record) (full bool, err error) {
	keys := trace.Touches(r)
	for ; at.At < len(keys); at.At++ {
		if keys[at.At].NS != trace.NSItem {
			continue
		}
		id := keys[at.At].ID
		s, err := w.item(id)
		if err != nil {
			return false, err
		}
		if s == nil || batchBefore(id, s, w.size) != (trace.Batch{Of: p.key, Born: at.Born}) {
			continue
		}
		if full, err := w.oneEntry(entries, limit, p, id, s); full || err != nil {
			return full, err
		}
	}
	return false, nil
}

// amountEntries lists who has amounts of the part's lot, in the order of their ids.
func (w *impactWalk) amountEntries(entries *[]ImpactEntry, limit int, p *part, at *ImpactCursor) (full bool, err error) {
	var holders []string
	err = w.reader.Places(p.key, trace.Unmarked, func(m trace.Move) (bool, error) {
		if m.Holder > at.After {
			holders = append(holders, m.Holder)
		}
		return true, nil
	})
	if err != nil {
		return false, err
	}
	slices.Sort(holders)
	at.Born, at.At = trace.Unmarked, 0
	for _, organisation := range holders {
		var a Account
		known, err := w.state(trace.Key{NS: trace.NSBalance, ID: p.key.ID + "|" + organisation}, &a)
		if err != nil {
			return false, err
		}
		left, err := w.leftOf(p.key, organisation)
		if err != nil {
			return false, err
		}
		if !left {
			continue
		}
		if len(*entries) == limit {
			return true, nil
		}
		e := ImpactEntry{ID: p.key.ID, Kind: string(p.key.NS), Holder: organisation, Seen: a.Seq, Impacted: p.Impacted}
		if !known {
			e.Seen = trace.Unmarked
		}
		*entries, at.After = append(*entries, e), organisation
	}
	return false, nil
}

// oneEntry lists an item of a part, unless an earlier part has it.
func (w *impactWalk) oneEntry(entries *[]ImpactEntry, limit int, p *part, id string, s *ItemState) (full bool, err error) {
	if w.listedBefore(p, id, s) {
		return false, nil
	}
	if len(*entries) == limit {
		return true, nil
	}
	e, err := w.itemEntry(p, id, s)
	if err != nil {
		return false, err
	}
	*entries = append(*entries, *e)
	return false, nil
}

// itemEntry is an item of a part, whose state is given, nil for none.
func (w *impactWalk) itemEntry(p *part, id string, s *ItemState) (*ImpactEntry, error) {
	e := &ImpactEntry{ID: id, Kind: "item", Impacted: p.Impacted}
	if p.kind == assembly {
		e.Kind = "assembly"
	}
	if s == nil {
		return e, nil
	}
	if len(e.Via) == 0 && p.kind != single && p.kind != assembly {
		e.Via = []uint64{trace.FirstRecord(batchBefore(id, s, w.size).Born)}
	}
	place := placeOf(s)
	at, err := w.standing(&place)
	if err != nil {
		return nil, err
	}
	e.Lot = s.lot()
	e.Condition, e.Holder, e.Gone, e.In = string(s.Condition), at.holder, at.gone, at.top
	e.Seen = max(latest(s), at.seen)
	return e, nil
}

// End is the cursor behind the parts that were found: a limit may have left out more.
func (i *Impact) End() *ImpactCursor { return &ImpactCursor{Part: i.near} }

// Seen is when and where the record at seq says that things were: its eventTime, else
// its block time, and its readPoint, else its bizLocation. Nothing of [trace.Unmarked].
func (i *Impact) Seen(seq uint64) (at epcis.Instant, place string, err error) {
	if seq == trace.Unmarked {
		return at, "", nil
	}
	r, err := i.read(seq)
	if err != nil || r == nil {
		return at, "", err
	}
	switch e := r.record.Event; {
	case e != nil && e.ReadPoint.URI != "":
		return e.Time, e.ReadPoint.URI, nil
	case e != nil:
		return e.Time, e.BizLocation.URI, nil
	}
	return r.recorded.Time, "", nil
}
