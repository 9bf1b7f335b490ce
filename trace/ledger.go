package trace

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// An entry is a record that a walk has read: each is read and decoded once.
type entry struct {
	rec   *Recorded
	event *epcis.Event     // nil for other kinds, and for refused bytes that do not decode
	other *epcis.Record    // of another kind than event
	roles map[string]roles // by canonical id: how the event or customs declaration names it
	about map[string]bool  // nodes of the journey that it concerns
	order []string         // the same, in the order of reaching them

	decoded  bool
	included bool
	aside    bool // included for what it says of a document or class, not of the thing itself
	ground   bool // included for what rests on it, not for what it says
	voided   bool // its author declared it wrong
	upheld   bool // voided, by nothing but records that a compromised key signed
}

// roles says where an event names a thing.
type roles uint8

const (
	asObject roles = 1 << iota
	asParent
	asChild
	asInput
	asOutput
)

// time is when it happened: the eventTime, for kinds without one the block time.
func (e *entry) time() epcis.Instant {
	switch {
	case e.event != nil:
		return e.event.Time
	case e.customs() != nil:
		return e.other.Customs.Time
	case e.acknowledgement() != nil:
		return e.other.Acknowledgement.Time
	}
	return e.rec.Time
}

// customs is the customs record, nil for other kinds.
func (e *entry) customs() *epcis.Customs {
	if e.other == nil {
		return nil
	}
	return e.other.Customs
}

// ledger reads records and histories for one walk and remembers them.
type ledger struct {
	reader    Reader
	entries   map[uint64]*entry
	histories map[Key][]uint64
	decoder   epcis.Decoder
	short     []Gap // histories that were not read to their end
}

// How much of one key's history a walk looks at. A gap names what is longer.
const (
	maxHistory = 20_000
	// Of a document that is only cited, and of a class for recalls, so many of the
	// first: every one that is read stands in the dossier. Whoever asks for the document
	// itself reads all.
	maxAside = 200
)

// seqs returns the positions of the records that touch k, ascending.
func (l *ledger) seqs(k Key) ([]uint64, error) {
	if seqs, ok := l.histories[k]; ok {
		return seqs, nil
	}
	seqs, err := l.beginning(k, 0, maxHistory)
	if err != nil {
		return nil, err
	}
	l.histories[k] = seqs
	return seqs, nil
}

// beginning returns the first limit seqs of k's history from from on. What lies
// behind them becomes a gap.
func (l *ledger) beginning(k Key, from uint64, limit int) ([]uint64, error) {
	seqs, err := l.reader.History(k, from, limit+1)
	if err != nil {
		return nil, fmt.Errorf("history of %s %s: %w", k.NS, k.ID, err)
	}
	if len(seqs) > limit {
		seqs = seqs[:limit]
		l.cutShort(k, seqs[limit-1], limit)
	}
	return seqs, nil
}

func (l *ledger) cutShort(k Key, last uint64, limit int) {
	what := k.ID
	switch k.NS {
	case NSRefused:
		accepted, _ := k.Accepted()
		what = accepted.ID
	case NSRecall:
		_, what, _ = strings.Cut(k.ID, ":")
	}
	about := fmt.Sprintf("Complete up to record %d: what was recorded of it later, a hold perhaps, is not read here.", last)
	if limit == maxAside {
		about += " Ask for it by its own id."
	}
	l.short = append(l.short, Gap{ID: what, Seq: last, About: about, Unread: true})
}

// record returns the record at seq, not decoded.
func (l *ledger) record(seq uint64) (*entry, error) {
	if e, ok := l.entries[seq]; ok {
		return e, nil
	}
	rec, err := l.reader.Record(seq)
	if err != nil {
		return nil, fmt.Errorf("record %d: %w", seq, err)
	}
	e := &entry{rec: rec}
	l.entries[seq] = e
	return e, nil
}

// entry returns the record at seq, decoded. Bytes that do not decode are an
// error unless the record was refused.
func (l *ledger) entry(seq uint64) (*entry, error) {
	e, err := l.record(seq)
	if err != nil || e.decoded {
		return e, err
	}
	e.decoded = true
	r := e.rec.Decoded
	if r == nil {
		r, err = l.decoder.Decode(e.rec.Kind, e.rec.Bytes)
	}
	switch {
	case err == nil && r.Event != nil:
		e.event = r.Event
		e.roles = rolesOf(r.Event)
	case err == nil:
		e.other = r
		e.roles = declaredRoles(r.Customs)
	case !e.rec.Rejected():
		return nil, fmt.Errorf("record %d does not decode: %w", seq, err)
	}
	return e, nil
}

// history returns the decoded records that touch k, in seq order, and marks
// those that their author declared wrong.
func (l *ledger) history(k Key) ([]*entry, error) {
	seqs, err := l.seqs(k)
	if err != nil {
		return nil, err
	}
	return l.load(seqs)
}

func (l *ledger) load(seqs []uint64) ([]*entry, error) {
	out := make([]*entry, 0, len(seqs))
	for _, seq := range seqs {
		e, err := l.entry(seq)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	markVoided(out)
	return out, nil
}

// between returns the decoded records touching k that can speak of something
// that happened in [since, until]: an event's record stands no earlier than its
// eventTime less the skew that rule A5 grants, and is waited for until the end
// plus the longest lateness limit. until nil has no end. Before those it returns up to
// lead records that precede the range.
func (l *ledger) between(k Key, since epcis.Instant, until *epcis.Instant, o Options, lead int) (before, within []*entry, err error) {
	if until != nil {
		latest := until.Add(o.Lateness)
		until = &latest
	}
	first, rest, err := l.reader.Window(k, since.Add(-o.FutureSkew), until, lead, maxHistory+1)
	if err != nil {
		return nil, nil, fmt.Errorf("history of %s %s: %w", k.NS, k.ID, err)
	}
	if len(rest) > maxHistory {
		rest = rest[:maxHistory]
		l.cutShort(k, rest[maxHistory-1], maxHistory)
	}
	if within, err = l.load(rest); err != nil {
		return nil, nil, err
	}
	before, err = l.load(first)
	return before, within, err
}

// markVoided finds, among the records of one history, the events that a later
// record of the same organisation declares wrong: it keeps their eventID.
func markVoided(entries []*entry) {
	var declared map[declaration]*declarations
	for _, e := range entries {
		if e.event == nil || e.event.Correction == nil || e.event.ID == "" {
			continue
		}
		of := declaration{e.event.ID, e.rec.Organisation}
		d := declared[of]
		if d == nil {
			if declared == nil {
				declared = map[declaration]*declarations{}
			}
			d = &declarations{}
			declared[of] = d
		}
		d.last = max(d.last, e.rec.Seq)
		if !e.rec.Compromised {
			d.lastSound = max(d.lastSound, e.rec.Seq)
		}
	}
	if declared == nil {
		return
	}
	for _, e := range entries {
		if e.event == nil || e.event.Correction != nil {
			continue
		}
		if d := declared[declaration{e.event.ID, e.rec.Organisation}]; d != nil && e.rec.Seq < d.last {
			e.upheld = e.rec.Seq >= d.lastSound && (e.upheld || !e.voided)
			e.voided = true
		}
	}
}

// A declaration names what an organisation declares wrong.
type declaration struct{ event, organisation string }

// declarations are the last seqs of those of one event: of all, and of those that no
// compromised key signed.
type declarations struct{ last, lastSound uint64 }

// happened sorts a copy by eventTime, then seq.
func happened(entries []*entry) []*entry {
	out := slices.Clone(entries)
	slices.SortStableFunc(out, func(a, b *entry) int {
		if c := a.time().Compare(b.time()); c != 0 {
			return c
		}
		return cmp.Compare(a.rec.Seq, b.rec.Seq)
	})
	return out
}

func rolesOf(e *epcis.Event) map[string]roles {
	m := make(map[string]roles, len(e.EPCs)+len(e.Children)+len(e.Inputs)+len(e.Outputs)+len(e.Quantities)+4)
	add := func(ids []epcis.ID, quantities []epcis.Quantity, r roles) {
		for i := range ids {
			m[ids[i].URI] |= r
		}
		for i := range quantities {
			m[quantities[i].Class.URI] |= r
		}
	}
	add(e.EPCs, e.Quantities, asObject)
	if !e.Parent.IsZero() {
		m[e.Parent.URI] |= asParent
	}
	add(e.Children, e.ChildQuantities, asChild)
	add(e.Inputs, e.InputQuantities, asInput)
	add(e.Outputs, e.OutputQuantities, asOutput)
	return m
}

// bonds reports whether the event packs, unpacks, attaches or detaches.
func bonds(e *epcis.Event) bool {
	return e.Type == epcis.AggregationEvent || e.Type == epcis.AssociationEvent
}

// unbindsAll reports a DELETE that names no children: all of them leave
// (EPCIS 2.0, section 7.4.3).
func unbindsAll(e *epcis.Event) bool {
	return bonds(e) && e.Action == epcis.Delete && len(e.Children) == 0 && len(e.ChildQuantities) == 0
}

// ends reports whether the event ends the life of its objects.
func ends(e *epcis.Event) bool {
	if e.Type != epcis.ObjectEvent || e.Action == epcis.Add {
		return false
	}
	return e.Action == epcis.Delete || e.BizStep == stepPrefix+"destroying" || e.BizStep == stepPrefix+"decommissioning"
}

// amountOf is the quantity that a list states of a class or lot, in all of its entries
// that have the unit of the first.
func amountOf(list []epcis.Quantity, uri string) (amount *epcis.Decimal, unit string) {
	for i := range list {
		switch q := &list[i]; {
		case q.Class.URI != uri || q.Amount == nil:
		case amount == nil:
			amount, unit = q.Amount, q.Unit
		case q.Unit == unit:
			sum := amount.Add(*q.Amount)
			amount = &sum
		}
	}
	return amount, unit
}

const stepPrefix = epcis.NamespaceCBV + "BizStep-"
