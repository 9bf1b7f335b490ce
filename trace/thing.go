package trace

import (
	"github.com/waymark-ledger/waymark/epcis"
)

// maxPending is how many more things may wait for a continuation before a walk
// stops in the middle of a thing's records.
const maxPending = 4096

// thing walks an item, lot or class: its own records, its containers, what it
// was made from and into, its lot. Every other kind of key (a place, a
// certificate) has only records of its own.
func (w *walker) thing(t task) error {
	if w.again(t) {
		if t.Mode&contents != 0 {
			return w.contents(t) // in another window
		}
		return nil
	}
	all, err := w.history(t.key())
	if err != nil {
		return err
	}
	if err := w.refusals(t.key()); err != nil {
		return err
	}
	classLevel := t.NS != NSItem
	entries := all
	if classLevel {
		entries = w.upTo(all, t)
	}
	for _, e := range entries {
		if t.NS == NSLot && t.Mode&down == 0 && e.event != nil && e.roles[t.ID] == 0 && t.Depth > 0 {
			continue // it bears an item of the lot, which is another item's journey
		}
		w.include(e, t.ID)
	}
	if t.NS != NSItem && t.NS != NSLot && t.NS != NSClass {
		return nil
	}
	born := w.bornBy(t.ID, entries)
	if len(born) == 0 {
		born = w.bornBy(t.ID, all) // made, by the clocks of its maker, after it was used
	}
	if t.Mode&up != 0 {
		if err := w.upstream(t, born); err != nil {
			return err
		}
	}
	if t.NS == NSItem {
		now, err := w.standing(t.key())
		if err != nil {
			return err
		}
		itself := task{NS: t.NS, ID: t.ID}
		w.handedOver(itself, now)
		for _, l := range now.Locks {
			w.ground(itself, l.Seq)
		}
		if err := w.cameOut(itself, now); err != nil {
			return err
		}
		if err := w.recallsLeft(itself, now.Left); err != nil {
			return err
		}
		if err := w.lotOf(t, entries, len(born) > 0); err != nil {
			return err
		}
	}
	if t.Mode&batch == 0 {
		w.origin(t, entries, len(born) > 0)
		if err := w.containers(t, entries); err != nil {
			return err
		}
	}
	if t.Mode&contents != 0 {
		if err := w.contents(t); err != nil {
			return err
		}
	}
	if t.Mode&down != 0 {
		return w.downstream(t, entries)
	}
	return nil
}

// again reports whether the thing was walked in this mode before, in whatever
// window, and remembers that it is now.
func (w *walker) again(t task) bool {
	t.Since, t.Until, t.Mode = nil, nil, t.Mode&^contents
	id := t.identity()
	if w.walked[id] {
		return true
	}
	w.walked[id] = true
	return false
}

// upTo keeps, of a lot's records, those up to its use, and later ones that speak
// of all of it.
func (w *walker) upTo(entries []*entry, t task) []*entry {
	if t.Before == nil {
		return entries
	}
	var out []*entry
	for _, e := range entries {
		if e.event == nil && e.customs() == nil || !t.Before.Instant().Before(e.time()) || e.event != nil && speaksOfAll(e.event) {
			out = append(out, e)
		}
	}
	return out
}

// speaksOfAll reports an event about every part of a lot, wherever it is by now.
func speaksOfAll(e *epcis.Event) bool {
	return recalls(e) || e.Correction != nil
}

// bornBy lists the transformations that put out the thing.
func (w *walker) bornBy(id string, entries []*entry) []*entry {
	var out []*entry
	for _, e := range entries {
		if live(e) && e.event.Type == epcis.TransformationEvent && e.roles[id]&asOutput != 0 {
			out = append(out, e)
		}
	}
	return out
}

// live reports an event that moves things: neither a correction nor voided.
func live(e *entry) bool { return e.event != nil && !e.voided && e.event.Correction == nil }

// A part is one input or output of a transformation.
type part struct {
	key        Key
	classLevel bool
	amount     *epcis.Decimal
	unit       string
}

// parts lists the inputs and outputs of the transformation that e records,
// those of the other events with its transformationID included.
func (w *walker) parts(e *entry) (in, out []part, joined []*entry, err error) {
	joined = []*entry{e}
	if id := e.event.TransformationID; id != "" {
		k := TransformationKey(id)
		others, err := w.history(k)
		if err != nil {
			return nil, nil, nil, err
		}
		if _, err := w.seqs(k.Refused()); err != nil { // counted; each stands with what it names, too
			return nil, nil, nil, err
		}
		for _, o := range others {
			if o != e && live(o) && o.event.Type == epcis.TransformationEvent && o.event.TransformationID == id {
				joined = append(joined, o)
			}
		}
	}
	for _, j := range joined {
		in = appendParts(in, j.event.Inputs, j.event.InputQuantities)
		out = appendParts(out, j.event.Outputs, j.event.OutputQuantities)
	}
	return in, out, joined, nil
}

func appendParts(parts []part, ids []epcis.ID, quantities []epcis.Quantity) []part {
	for i := range ids {
		if k := ObjectKey(ids[i]); k.ID != "" {
			parts = append(parts, part{key: k, classLevel: k.NS != NSItem})
		}
	}
	for i := range quantities {
		if k := QuantityKey(quantities[i].Class); k.ID != "" {
			parts = append(parts, part{k, k.NS != NSItem, quantities[i].Amount, quantities[i].Unit})
		}
	}
	return parts
}

func find(parts []part, k Key) part {
	for _, p := range parts {
		if p.key == k {
			return p
		}
	}
	return part{key: k, classLevel: k.NS != NSItem}
}

// input is the edge of a transformation. A class-level end gives the quantity:
// what went in where the input is a lot or class, else what came out.
func input(from, to part, seq uint64, c Certainty) Edge {
	e := Edge{Kind: EdgeInput, From: from.key.ID, To: to.key.ID, Seq: seq, Certainty: Certain}
	q := from
	if !from.classLevel {
		q = to
	}
	if from.classLevel || to.classLevel {
		e.Certainty = c
	}
	if q.amount != nil {
		e.Quantity, e.Unit = q.amount.String(), q.unit
	}
	return e
}

// upstream follows the inputs of the transformations that made the thing. A lot
// or class that several transformations put out may, where only part of it is
// meant, come from any of them.
func (w *walker) upstream(t task, born []*entry) error {
	c := Certain
	if t.NS != NSItem && len(born) > 1 && t.Depth > 0 {
		c = Possible
	}
	for _, e := range born {
		in, out, joined, err := w.parts(e)
		if err != nil {
			return err
		}
		for _, j := range joined {
			w.include(j, t.ID)
		}
		to := find(out, t.key())
		for _, from := range in {
			if from.key == to.key {
				continue
			}
			edge := input(from, to, e.rec.Seq, c)
			next := task{NS: from.key.NS, ID: from.key.ID, Depth: t.Depth + 1, Mode: up}
			if from.classLevel {
				next.Before = ptr(e.event.Time)
			}
			w.reach(next, edge)
		}
	}
	return nil
}

// downstream follows the outputs of the transformations that used the thing, and
// from a lot the items that were born into it.
func (w *walker) downstream(t task, entries []*entry) error {
	uses := 0
	for _, e := range entries {
		if live(e) && e.event.Type == epcis.TransformationEvent && e.roles[t.ID]&asInput != 0 {
			uses++
		}
	}
	c := Certain
	if t.NS != NSItem && uses > 1 && t.Depth > 0 {
		c = Possible
	}
	for _, e := range entries {
		if !live(e) || e.rec.Seq < t.From {
			continue
		}
		if len(w.pending) > w.limit {
			t.From = e.rec.Seq
			w.pending = append(w.pending, t)
			return nil
		}
		if e.event.Type == epcis.TransformationEvent && e.roles[t.ID]&asInput != 0 {
			in, out, joined, err := w.parts(e)
			if err != nil {
				return err
			}
			for _, j := range joined {
				w.include(j, t.ID)
			}
			from := find(in, t.key())
			for _, to := range out {
				if to.key == from.key {
					continue
				}
				edge := input(from, to, e.rec.Seq, c)
				w.reach(task{NS: to.key.NS, ID: to.key.ID, Depth: t.Depth + 1, Mode: down}, edge)
			}
		}
		if t.NS == NSLot {
			w.itemsOf(t, e)
		}
	}
	return nil
}

// itemsOf reaches the items that an event bears into a lot.
func (w *walker) itemsOf(t task, e *entry) {
	number := BirthLot(e.event)
	for _, id := range Born(e.event) {
		if LotOf(id, number) == t.ID {
			edge := Edge{Kind: EdgeLot, From: id.URI, To: t.ID, Seq: e.rec.Seq, Certainty: Certain}
			w.reach(task{NS: NSItem, ID: id.URI, Depth: t.Depth + 1, Mode: down}, edge)
		}
	}
}

// lotOf reaches the lot an item belongs to: as fixed at its birth, else as some
// record names it. An item that no transformation made may come from one that
// made its lot. The lot of another item than the start is a node only where a
// record speaks of the lot itself (it was made, moved or recalled); being named
// at the birth of its items adds nothing to the journey.
func (w *walker) lotOf(t task, entries []*entry, made bool) error {
	var lot string
	var seq uint64
	for _, e := range entries {
		if !live(e) {
			continue
		}
		number, birth := "", false
		if r := e.roles[t.ID]; r&asOutput != 0 || r&asObject != 0 && e.event.Type == epcis.ObjectEvent && e.event.Action == epcis.Add {
			number, birth = BirthLot(e.event), true
		}
		if lot != "" && !birth {
			continue
		}
		if l := LotOf(idIn(e.event, t.ID), number); l != "" {
			lot, seq = l, e.rec.Seq
			if birth {
				break
			}
		}
	}
	if lot == "" {
		return nil
	}
	if t.Depth > 0 {
		spoken, err := w.spokenOf(lot)
		if err != nil || !spoken {
			return err
		}
	}
	next := task{NS: NSLot, ID: lot, Depth: t.Depth + 1, Mode: batch}
	if t.Mode&up != 0 && !made {
		next.Mode |= up
	}
	edge := Edge{Kind: EdgeLot, From: t.ID, To: lot, Seq: seq, Certainty: Certain}
	w.reach(next, edge)
	return nil
}

// spokenOf reports whether any record names the lot itself, a refused one too.
func (w *walker) spokenOf(lot string) (bool, error) {
	k := Key{NSLot, lot}
	refused, err := w.seqs(k.Refused())
	if err != nil || len(refused) > 0 {
		return len(refused) > 0, err
	}
	entries, err := w.history(k)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if e.event == nil || e.roles[lot] != 0 {
			return true, nil
		}
	}
	return false, nil
}

// idIn finds an item as an event names it, with the lot beside its serial.
func idIn(e *epcis.Event, uri string) epcis.ID {
	for _, list := range [...][]epcis.ID{e.EPCs, e.Children, e.Inputs, e.Outputs} {
		for i := range list {
			if list[i].URI == uri {
				return list[i]
			}
		}
	}
	if e.Parent.URI == uri {
		return e.Parent
	}
	return epcis.ID{}
}

// origin reports a thing that no record brings into being. Logistic units and
// other things without a product class need no birth.
func (w *walker) origin(t task, entries []*entry, made bool) {
	id := epcis.Canonical(t.ID)
	if made || t.NS == NSClass || id.Class().IsZero() || len(entries) == 0 {
		return
	}
	for _, e := range entries {
		if !live(e) {
			continue
		}
		if e.event.Type == epcis.ObjectEvent && e.event.Action == epcis.Add && (e.roles[t.ID]&asObject != 0 || t.NS == NSLot) {
			return
		}
		if t.NS == NSLot && e.roles[t.ID] == 0 {
			return // items are born into it
		}
	}
	w.gap(t.ID, 0, "No record says where this was made.")
}

// refusals includes the refused records that touch k. A repeated submission is
// no step of a journey.
func (w *walker) refusals(k Key) error {
	entries, err := w.history(k.Refused())
	if err != nil {
		return err
	}
	for _, e := range entries {
		if tells(e) {
			w.include(e, k.ID)
		}
	}
	return nil
}

// refusalsBetween includes those of them that speak of that time.
func (w *walker) refusalsBetween(k Key, since epcis.Instant, until *epcis.Instant) error {
	_, entries, err := w.between(k.Refused(), since, until, w.o, 0)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if tells(e) && !e.time().Before(since) && (until == nil || !until.Before(e.time())) {
			w.include(e, k.ID)
		}
	}
	return nil
}

// tells reports a record that can be read and is no mere repetition.
func tells(e *entry) bool { return (e.event != nil || e.other != nil) && !onlyRepeats(e.rec) }

func onlyRepeats(r *Recorded) bool {
	if !r.Rejected() {
		return false
	}
	for _, f := range r.Findings {
		if f.Severity == Reject && f.Rule != "A6" {
			return false
		}
	}
	return true
}
