package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// begin reaches what a matter at a key is about.
func (w *impactWalk) begin(k trace.Key, found []Matter) error {
	switch k.NS {
	case trace.NSLot:
		w.openedAll(partID{key: k, kind: whole}, sinceOf(found, w.size))
		return nil
	case trace.NSItem:
		w.opened(k, 0, sinceOf(found, w.size))
		return nil
	case trace.NSClass:
		if ranges := limitedTo(found); len(ranges) > 0 {
			return w.inRanges(k, ranges, sinceOf(found, w.size))
		}
		since := sinceOf(found, w.size)
		w.openedAll(partID{key: k, kind: whole}, since)
		lots, err := w.reader.Lots(k, maxLots+1)
		if err != nil {
			return err
		}
		w.cut = len(lots) > maxLots
		for _, lot := range lots[:min(len(lots), maxLots)] {
			if lot.Seq < w.size {
				w.openedAll(partID{key: trace.Key{NS: trace.NSLot, ID: lot.ID}, kind: whole}, since)
			}
		}
		return nil
	case trace.NSCertificate, trace.NSPlot:
		return w.citing(k, found)
	}
	return w.declaring(k)
}

// maxLots bounds the lots of one class that are followed.
const maxLots = 20_000

// opened reaches an item with what is in it, or was from a record on.
func (w *impactWalk) opened(k trace.Key, via, since uint64) {
	p := w.origin(partID{key: k, kind: single}, via)
	p.opened, p.since = true, since
}

// openedAll reaches a lot or a batch of items, with what is in these, or was from a record on.
func (w *impactWalk) openedAll(id partID, since uint64) {
	p := w.origin(id, 0)
	p.opened, p.since = true, since
}

// sinceOf is the first record of matters, or size without one: what was in a container
// then belongs to its closure, though it was taken out since.
func sinceOf(found []Matter, size uint64) uint64 {
	for _, m := range found {
		size = min(size, m.Seq)
	}
	return size
}

// citing reaches the goods of events that name a plot, or cite a certificate that is about them:
// from when its end has effect, where it has ended. What was in a container
// that an event of objects names is of them.
func (w *impactWalk) citing(k trace.Key, found []Matter) error {
	var from *epcis.Instant
	if len(found) > 0 {
		last := found[len(found)-1]
		from = last.Effective
		if from == nil {
			from = &last.Recorded
		}
	}
	var limits *trace.Limits // of a certificate
	if k.NS == trace.NSCertificate {
		var s trace.CertificateState
		if _, err := w.state(k, &s); err != nil {
			return err
		}
		limits = s.Limits()
	}
	return w.uses(k, 0, func(u trace.Use) (bool, error) {
		e, err := w.event(u.Seq)
		if err != nil || e == nil || from != nil && e.Time.Before(*from) {
			return true, err
		}
		mixed := k.NS == trace.NSPlot && len(trace.PlotKeys(e)) > 1
		for i, id := range objectsOf(e) {
			part, err := w.partOf(e, u.Seq, id)
			if err != nil {
				return false, err
			}
			if out, err := w.excluded(limits, e, id); err != nil || out || part.key.ID == "" {
				if err != nil {
					return false, err
				}
				continue
			}
			if part.kind == batch && limits != nil { // a serial alone may be certified
				if out, err := w.excluded(limits, e, epcis.Canonical(part.key.ID)); err != nil {
					return false, err
				} else if out {
					part = partID{key: trace.ObjectKey(id), kind: single}
				}
			}
			p := w.origin(part, u.Seq)
			p.mixed = p.mixed || mixed
			if limits != nil && part.kind == single && i < len(e.EPCs) {
				p.openedBy(u.Seq, e.Time, limits)
			}
		}
		for _, q := range append(slices.Clone(e.Quantities), e.OutputQuantities...) {
			out, err := w.excluded(limits, e, q.Class)
			if err != nil {
				return false, err
			}
			if key := trace.QuantityKey(q.Class); key.ID != "" && !out {
				p := w.origin(quantityPart(key), u.Seq)
				p.mixed = p.mixed || mixed
			}
		}
		return true, nil
	})
}

// excluded reports a thing that an event names and that its certificate is not about.
func (w *impactWalk) excluded(limits *trace.Limits, e *epcis.Event, id epcis.ID) (bool, error) {
	if limits == nil {
		return false, nil
	}
	return limits.Exclude(id, func() (string, error) {
		s, err := w.item(id.URI)
		if err != nil {
			return "", err
		}
		if s != nil && s.lot() != "" {
			return s.lot(), nil
		}
		if slices.ContainsFunc(trace.Born(e), func(b epcis.ID) bool { return b.URI == id.URI }) {
			return trace.LotOf(id, trace.BirthLot(e)), nil
		}
		return trace.LotOf(id, ""), nil
	})
}

// openedBy has what was in a container, when one of these events happened, be of the closure.
func (p *part) openedBy(seq uint64, at epcis.Instant, only *trace.Limits) {
	if !p.opened {
		p.opened, p.since, p.until, p.only = true, seq, &at, only
		return
	}
	p.since = min(p.since, seq)
	if p.until != nil && p.until.Before(at) {
		p.until = &at
	}
}

// objectsOf are what an event is about, its EPCs first; of a transformation what it made.
func objectsOf(e *epcis.Event) []epcis.ID {
	ids := slices.Concat(e.EPCs, e.Children, e.Outputs)
	if !e.Parent.IsZero() {
		ids = append(ids, e.Parent)
	}
	return ids
}

// declaring reaches the goods of a customs declaration, with what is in them, or was since they
// were declared: of one of which some are held or seized, those, since they are.
func (w *impactWalk) declaring(k trace.Key) error {
	var s DeclarationState
	known, err := w.state(k, &s)
	if err != nil || !known {
		return err
	}
	seq := s.Since.Seq
	if s.Declared != nil {
		seq = s.Declared.Seq
	}
	goods, locked := s.divide(), len(s.locked()) > 0
	for place, p := range goods.at {
		if locked && !p.locks() {
			continue
		}
		if key := goods.key(place); key.NS == trace.NSLot {
			w.origin(partID{key: key, kind: whole}, seq)
		} else {
			w.opened(key, seq, min(w.size, declaredFrom(&s, p)))
			if in := w.parts[partID{key: key, kind: single}]; !p.open() && !p.locks() {
				ended := p.Since.Time() // the next goods in the same container are of another declaration
				in.until = &ended
			}
		}
	}
	return nil
}

// declaredFrom is the record from which on what is in a container is of the declaration.
func declaredFrom(s *DeclarationState, p *Part) uint64 {
	if s.Declared == nil || p.locks() {
		return p.Since.Seq
	}
	return s.Declared.Seq
}
