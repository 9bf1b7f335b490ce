package contracts

import (
	"slices"

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
	Seen      uint64 // the latest record that its state, or that of what it is in, rests on
	Impacted
}

// ImpactCursor is a place in the list of entries.
type ImpactCursor struct {
	Part int    `json:"p"`
	Born uint64 `json:"b"` // batch
	At   int    `json:"i"` // within the batch
}

// Entries returns up to limit entries from a cursor on, nil to begin, and the cursor
// behind them, nil at the end.
func (i *Impact) Entries(from *ImpactCursor, limit int) (entries []ImpactEntry, next *ImpactCursor, err error) {
	at := ImpactCursor{}
	if from != nil {
		at = *from
	}
	w := i.impactWalk
	for ; at.Part < w.listed; at = (ImpactCursor{Part: at.Part + 1}) {
		p := w.list[at.Part]
		if p.kind == single || p.kind == assembly {
			e, err := w.itemEntry(p, epcis.Canonical(p.key.ID))
			if err != nil {
				return nil, nil, err
			}
			if len(entries) == limit {
				return entries, &at, nil
			}
			entries = append(entries, *e)
			continue
		}
		full, err := w.batchEntries(&entries, limit, p, &at)
		if err != nil {
			return nil, nil, err
		}
		if full {
			return entries, &at, nil
		}
	}
	return entries, nil, nil
}

// batchEntries lists what a part of a lot covers from a place on, and moves at there.
func (w *impactWalk) batchEntries(entries *[]ImpactEntry, limit int, p *part, at *ImpactCursor) (full bool, err error) {
	type listed struct {
		born   uint64
		holder string
	}
	for {
		// The next batches; their items are in the records that bore them.
		var found []listed
		err := w.reader.Places(p.key, max(at.Born, p.born), func(m trace.Move) (bool, error) {
			switch {
			case p.kind == batch && m.Born != p.born:
				return false, nil
			case !w.covers(p, m.Born):
				return true, nil
			case m.Born == trace.Unmarked:
				found = append(found, listed{m.Born, m.Holder})
			case len(found) == 0 || found[len(found)-1].born != m.Born:
				found = append(found, listed{m.Born, ""})
			}
			return len(found) < batchesAtOnce || m.Born == trace.Unmarked, nil
		})
		if err != nil {
			return false, err
		}
		for n, b := range found {
			if b.born == trace.Unmarked {
				return w.amountEntries(entries, limit, p, at, func(f func(string) (bool, error)) (bool, error) {
					for _, l := range found[n:] {
						if stop, err := f(l.holder); stop || err != nil {
							return stop, err
						}
					}
					return false, nil
				})
			}
			if b.born > at.Born {
				at.Born, at.At = b.born, 0
			}
			if full, err = w.bornEntries(entries, limit, p, at); full || err != nil {
				return full, err
			}
		}
		if len(found) < batchesAtOnce {
			return false, nil
		}
		at.Born, at.At = at.Born+1, 0
	}
}

// batchesAtOnce is how many batches are listed in one step.
const batchesAtOnce = 64

// bornEntries lists the items that the record at.Born bore into the part's lot or
// class.
func (w *impactWalk) bornEntries(entries *[]ImpactEntry, limit int, p *part, at *ImpactCursor) (full bool, err error) {
	r, err := w.read(at.Born)
	if err != nil || r == nil || r.record.Event == nil {
		return false, err
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
		if len(*entries) == limit {
			return true, nil
		}
		e, err := w.itemEntry(p, id)
		if err != nil {
			return false, err
		}
		if len(e.Via) == 0 {
			e.Via = []uint64{at.Born}
		}
		*entries = append(*entries, *e)
	}
	return false, nil
}

// amountEntries lists who has amounts of the part's lot.
func (w *impactWalk) amountEntries(entries *[]ImpactEntry, limit int, p *part, at *ImpactCursor, holders func(func(string) (bool, error)) (bool, error)) (full bool, err error) {
	skip := 0
	if at.Born == trace.Unmarked {
		skip = at.At
	}
	at.Born, at.At = trace.Unmarked, skip
	return holders(func(organisation string) (bool, error) {
		if skip > 0 {
			skip--
			return false, nil
		}
		if len(*entries) == limit {
			return true, nil
		}
		at.At++
		left, err := w.leftOf(p.key, organisation)
		if err != nil || !left {
			return false, err
		}
		var a Account
		if _, err := w.state(trace.Key{NS: trace.NSBalance, ID: p.key.ID + "|" + organisation}, &a); err != nil {
			return false, err
		}
		*entries = append(*entries, ImpactEntry{ID: p.key.ID, Kind: string(p.key.NS), Holder: organisation, Seen: a.Seq, Impacted: p.Impacted})
		return false, nil
	})
}

// itemEntry is an item of a part.
func (w *impactWalk) itemEntry(p *part, id epcis.ID) (*ImpactEntry, error) {
	e := &ImpactEntry{ID: id.URI, Kind: "item", Impacted: p.Impacted}
	if p.kind == assembly {
		e.Kind = "assembly"
	}
	s, err := w.item(id.URI)
	if err != nil || s == nil {
		return e, err
	}
	place := placeOf(s)
	at, err := w.standing(&place)
	if err != nil {
		return nil, err
	}
	e.Lot, e.Condition, e.Holder, e.Gone, e.In = s.Lot, string(s.Condition), at.holder, at.gone, at.top
	e.Seen = max(latest(s), at.seen)
	return e, nil
}

// End is the cursor behind the parts that were found: a limit may have left out more.
func (i *Impact) End() *ImpactCursor { return &ImpactCursor{Part: i.listed} }

// Seen is when and where the record at seq says that things were: its eventTime, else
// its block time, and its readPoint, else its bizLocation.
func (i *Impact) Seen(seq uint64) (at epcis.Instant, place string, err error) {
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
