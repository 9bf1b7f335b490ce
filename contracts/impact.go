package contracts

import (
	"fmt"
	"math/big"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// ImpactReader is a ledger at one height with its forward index.
type ImpactReader interface {
	trace.Reader
	// Uses returns up to limit records that used some of a lot or class, or cite a
	// certificate, by batch and seq, those behind after.
	Uses(of trace.Key, after *trace.Use, limit int) ([]trace.Use, error)
	// Places calls each for where the batches of a lot or class are, from born on, until
	// it says no.
	Places(of trace.Key, born uint64, each func(trace.Move) (more bool, err error)) error
	// Made returns up to limit batches that transformations bore.
	Made(of trace.Key, limit int) ([]uint64, error)
	// Sighted returns up to limit batches of items that nobody had recorded the birth of,
	// from one on, ascending.
	Sighted(of trace.Key, from uint64, limit int) ([]uint64, error)
	// Stray reports whether a record names things of a lot or class as born that another
	// record bore.
	Stray(of trace.Key, seq uint64) (bool, error)
	// Lots returns up to limit lots of a class, in the order of their ids.
	Lots(class trace.Key, limit int) ([]trace.LotSince, error)
	// ByEventID returns up to limit accepted records with this eventID, ascending.
	ByEventID(eventID string, limit int) ([]uint64, error)
}

// ImpactLimits bound what is read for one answer.
type ImpactLimits struct {
	Records int // that are decoded to find what was made of what
	Places  int // of batches that are counted
	// Stop, when not nil, says that enough time was spent.
	Stop func() bool
}

// Impact is the forward closure of a thing, certificate, declaration or plot at one height:
// what came of it, and who has that now. It is derived, and nobody signs it; the
// dossier of each item in it proves the same from the item's side.
type Impact struct {
	ID      string
	Matters []Matter // in force, the latest last; what nobody recalled has an impact as well
	Totals  ImpactTotals
	Holders []ImpactHolder
	// Complete says that everything was followed. Else a limit was reached: totals,
	// holders and shares are of what was found, and no less than that.
	Complete bool

	*impactWalk
}

// ImpactTotals count the closure.
type ImpactTotals struct {
	Items           uint64
	Conditions      []ConditionCount // of the items
	Lots            uint64           // of which amounts or items are in it
	Transformations uint64           // that carried it on
}

// ConditionCount is how many items are in a condition.
type ConditionCount struct {
	Condition string
	Items     uint64
}

// ImpactHolder is an organisation that has some of it, or from whose hands it left
// the members. ID is "" for what nobody is known to have.
type ImpactHolder struct {
	ID      string
	Items   uint64 // that it has
	Gone    uint64 // that left the members' hands with it
	Lots    uint64 // of which it has, or had, amounts
	Answer  *AnswerState
	Doubted bool // a compromised key signed Answer (rule A7): nobody has answered
	// Deadline is in block time, Unix seconds; 0 while nothing is in force.
	Deadline  int64
	Asks      string // the author of the matter that has to be answered by then
	Escalated bool   // nobody answered by the deadline
}

// FindImpact derives the impact of an id, any spelling of it. Records from the seq
// size on are left out, so that all pages of an answer follow the same closure; now
// is block time, Unix seconds. trace.ErrUnknown for what the ledger knows nothing of.
func FindImpact(r ImpactReader, id string, size uint64, now int64, limits ImpactLimits) (*Impact, error) {
	w := newImpactWalk(r, size, limits)
	i := &Impact{ID: epcis.Canonical(id).URI, impactWalk: w}
	keys, err := w.starts(epcis.Canonical(id))
	if err != nil {
		return nil, fmt.Errorf("impact of %s: %w", id, err)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s: %w", i.ID, trace.ErrUnknown)
	}
	for _, k := range keys {
		found, err := w.mattersOf(k)
		if err == nil {
			i.Matters = append(i.Matters, found...)
			err = w.begin(k, found)
		}
		if err != nil {
			return nil, fmt.Errorf("impact of %s: %w", id, err)
		}
	}
	slices.SortFunc(i.Matters, func(a, b Matter) int { return compareSeq(a.Seq, b.Seq) })
	if err := w.run(); err != nil {
		return nil, fmt.Errorf("impact of %s: %w", id, err)
	}
	w.near, w.partial = len(w.list), w.cut
	if err := w.shares(); err != nil {
		return nil, fmt.Errorf("impact of %s: %w", id, err)
	}
	if err := w.tally(i, now); err != nil {
		return nil, fmt.Errorf("impact of %s: %w", id, err)
	}
	i.Complete = !w.cut
	return i, nil
}

func compareSeq(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// starts are the keys that an id names and the ledger knows.
func (w *impactWalk) starts(id epcis.ID) (keys []trace.Key, err error) {
	var namespaces []trace.Namespace
	switch id.Level {
	case epcis.Item:
		namespaces = []trace.Namespace{trace.NSItem}
	case epcis.Lot:
		namespaces = []trace.Namespace{trace.NSLot}
	case epcis.Class:
		namespaces = []trace.Namespace{trace.NSClass}
	case epcis.Document, epcis.Opaque:
		namespaces = []trace.Namespace{trace.NSItem, trace.NSLot, trace.NSClass, trace.NSCertificate, trace.NSTransaction, trace.NSPlot}
	case epcis.Place:
		namespaces = []trace.Namespace{trace.NSPlot}
	}
	for _, ns := range namespaces {
		k := trace.Key{NS: ns, ID: id.URI}
		known, err := w.known(k)
		if err != nil {
			return nil, err
		}
		if known {
			keys = append(keys, k)
		}
	}
	return keys, nil
}

func (w *impactWalk) known(k trace.Key) (bool, error) {
	if state, err := w.reader.State(k); err != nil || state != nil {
		return state != nil, err
	}
	seqs, err := w.reader.History(k, 0, 1)
	if err != nil || len(seqs) > 0 {
		return len(seqs) > 0 && seqs[0] < w.size, err
	}
	if k.NS == trace.NSPlot {
		uses, err := w.reader.Uses(k, nil, 1)
		return len(uses) > 0, err
	}
	if k.NS == trace.NSClass { // one that only its lots and items tell of
		lots, err := w.reader.Lots(k, 1)
		if err != nil || len(lots) > 0 {
			return len(lots) > 0, err
		}
	} else if k.NS != trace.NSLot {
		return false, nil
	}
	any := false
	err = w.reader.Places(k, 0, func(trace.Move) (bool, error) { any = true; return false, nil })
	return any, err
}

// mattersOf lists what is in force at a key: of a serial, also at its lot and class;
// of a lot, at its class.
func (w *impactWalk) mattersOf(k trace.Key) ([]Matter, error) {
	kind, keys := epcis.MatterRecall, []trace.Key{k}
	switch k.NS {
	case trace.NSCertificate:
		kind = epcis.MatterCertificate
	case trace.NSTransaction:
		kind = epcis.MatterCustoms
	case trace.NSItem:
		state, err := w.item(k.ID)
		if err != nil {
			return nil, err
		}
		if state != nil && state.lot() != "" {
			keys = append(keys, trace.Key{NS: trace.NSLot, ID: state.lot()})
		}
	}
	if class := epcis.Canonical(k.ID).Class().URI; kind == epcis.MatterRecall && k.NS != trace.NSClass && class != "" {
		keys = append(keys, trace.Key{NS: trace.NSClass, ID: class})
	}
	var all []Matter
	for _, at := range keys {
		found, err := matters(at, kind, w)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if k.NS == trace.NSClass || trace.InSerials(m.Serials, epcis.Canonical(k.ID)) {
				all = append(all, m)
			}
		}
	}
	for i := range all {
		r, err := w.reader.Record(all[i].Seq)
		if err != nil {
			return nil, err
		}
		all[i].Recorded = r.Time
		if r.Compromised && kind != epcis.MatterRecall {
			all[i].Doubtful = &all[i].Seq
		}
	}
	return all, nil
}

// effect is that of a recall; nil where it has ended (rule A7 as a court has it).
func (w *impactWalk) effect(_ string, r *Recall) (*effect, error) {
	on, _ := r.last()
	record, err := w.reader.Record(on.Seq)
	switch {
	case err != nil:
		return nil, err
	case record.Compromised:
		if r.Ended != nil && r.Confirmed != nil {
			again, err := w.reader.Record(r.Confirmed.Seq)
			if err != nil || !again.Compromised {
				return nil, err
			}
		}
		return &effect{doubt: &trace.Fact{Seq: &on.Seq}}, nil
	case r.Ended == nil:
		return &effect{}, nil
	}
	return nil, nil
}

// state decodes a key's state into v and says whether there is one.
func (w *impactWalk) state(k trace.Key, v any) (bool, error) {
	b, err := w.reader.State(k)
	if err != nil || b == nil {
		return false, err
	}
	if err := decodeState(b, v); err != nil {
		return false, fmt.Errorf("read %s %s: %w", k.NS, k.ID, err)
	}
	if s, ok := v.(*trace.CertificateState); ok { // rule A7 as a court has it
		if err := s.UnreinstatedIn(w.reader); err != nil {
			return false, err
		}
	}
	return true, nil
}

// item is an item's state, nil for none.
func (w *impactWalk) item(id string) (*ItemState, error) {
	var s ItemState
	known, err := w.state(trace.Key{NS: trace.NSItem, ID: id}, &s)
	if err != nil || !known {
		return nil, err
	}
	return &s, nil
}

// An Impacted is one part of the closure, as its share says.
type Impacted struct {
	// Share is how much of its mass came from what the matter is about; nil where no
	// record says it.
	Share *big.Rat
	// Certain is false where only some of the lot came from there, and nobody can tell
	// which: each part of it possibly did.
	Certain bool
	Via     []uint64 // records that carried it here, the first of them
	Depth   int      // transformations from the start
}
