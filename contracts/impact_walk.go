package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// partKind says what a part of a closure covers.
type partKind uint8

const (
	whole     partKind = iota // all of a lot or class: amounts and items
	amountsOf                 // amounts of a lot or class, and the items that were numbered out of them
	batch                     // the items that one record bore into a lot or class
	single                    // one item
	assembly                  // an item to which something of it is attached
)

// partID tells parts apart. born is that of a batch.
type partID struct {
	key  trace.Key
	kind partKind
	born uint64
}

// part is a part of the closure.
type part struct {
	partID
	Impacted
	at     int            // its place in the list
	origin bool           // the matter is about it: its share is 1
	mixed  bool           // it grew on other plots as well: nobody can say how much, or which of it
	opened bool           // a container, or a lot of such, whose contents belong to the closure
	since  uint64         // of one that is opened: what left it by an earlier record does not
	until  *epcis.Instant // nor does what was put in after this; nil for no such end
	only   *trace.Limits  // of one that is opened: the certificate's, which is about some of what is in it; nil for all
	makers []*making      // that made it of something in the closure
	shared bool           // Share is known, or known to be unknown
	asking bool           // it is being computed
}

// making is a transformation: all records with its transformationID.
type making struct {
	records   []made
	used      map[*part]uint64 // how many of its inputs are of a part
	users     []*part          // the keys of used, in the order of finding them
	loose     []trace.Key      // lots of which amounts went in and items are in the closure
	Impacted                   // of its outputs
	shared    bool
	asking    bool
	announced bool // its outputs were reached
}

// made is one record of a transformation.
type made struct {
	seq   uint64
	event *epcis.Event
}

// impactWalk finds a closure. It is nearest first, so what limits leave out is the
// farthest.
type impactWalk struct {
	reader ImpactReader
	size   uint64 // of the log that is followed
	limits ImpactLimits

	parts map[partID]*part
	list  []*part // in the order of reaching them
	next  int     // of list, to be followed
	// near is how many of list follow from the records before size alone: every page of
	// an answer finds them in the same order, and with more reading more behind them. What
	// follows them was reached through assemblies, which change.
	near    int
	partial bool                // not all of those near were found
	pending map[string]*pending // assemblies to be reached, by their ids
	makings map[uint64]*making
	order   []*making
	bornBy  map[trace.Key]map[uint64]bool // batches that transformations bore
	strays  map[partID]bool               // whether another record bore some of a batch
	records int                           // decoded
	events  map[uint64]*recordedEvent
	weights map[string]string // by class: net weight of a piece
	places  int               // counted
	cut     bool
	held    map[trace.Place]*holding // by place, without its condition
	custody *hearing                 // what asks it, once asked
}

// pending is how an assembly is reached.
type pending struct {
	via   uint64
	depth int
}

func newImpactWalk(r ImpactReader, size uint64, limits ImpactLimits) *impactWalk {
	return &impactWalk{
		reader: r, size: size, limits: limits, parts: map[partID]*part{}, makings: map[uint64]*making{},
		bornBy: map[trace.Key]map[uint64]bool{}, events: map[uint64]*recordedEvent{}, weights: map[string]string{}, held: map[trace.Place]*holding{},
		pending: map[string]*pending{}, strays: map[partID]bool{},
	}
}

// origin reaches a part that the matter is about.
func (w *impactWalk) origin(id partID, via uint64) *part {
	p := w.reach(id, nil, via, 0)
	p.origin = true
	return p
}

// quantityPart is the part that a quantity of a key is.
func quantityPart(k trace.Key) partID {
	if k.NS == trace.NSItem {
		return partID{key: k, kind: single}
	}
	return partID{key: k, kind: amountsOf}
}

// partOf is the part that an object of an event is: of what the event bears, its
// batch.
func (w *impactWalk) partOf(e *epcis.Event, seq uint64, id epcis.ID) (partID, error) {
	key := trace.ObjectKey(id)
	if key.NS == trace.NSItem && slices.ContainsFunc(trace.Born(e), func(b epcis.ID) bool { return b.URI == id.URI }) {
		return w.bornPart(e, seq, id)
	}
	return quantityPart(key), nil
}

// bornPart is the part that an item of an event is which says that it bears it: its
// batch there, or itself where another record bore it.
func (w *impactWalk) bornPart(e *epcis.Event, seq uint64, id epcis.ID) (partID, error) {
	itself, in := partID{key: trace.ObjectKey(id), kind: single}, partID{key: batchKey(e, id), kind: batch, born: seq}
	if in.key.ID == "" {
		return itself, nil
	}
	stray, asked := w.strays[in]
	if !asked {
		var err error
		if stray, err = w.reader.Stray(in.key, seq); err != nil {
			return in, err
		}
		w.strays[in] = stray
	}
	if !stray {
		return in, nil
	}
	s, err := w.item(itself.key.ID)
	if err == nil && (s == nil || s.Born == nil || s.Born.Seq != seq) {
		return itself, nil
	}
	return in, err
}

// batchKey is the lot of an item that an event bears, else its class.
func batchKey(e *epcis.Event, id epcis.ID) trace.Key {
	if lot := trace.LotOf(id, trace.BirthLot(e)); lot != "" {
		return trace.Key{NS: trace.NSLot, ID: lot}
	}
	return trace.Key{NS: trace.NSClass, ID: id.Class().URI}
}

// maxVia bounds how many records an entry names.
const maxVia = 8

// reach adds a part, or what covers it already.
func (w *impactWalk) reach(id partID, by *making, via uint64, depth int) *part {
	all := id
	all.kind, all.born = whole, 0
	p := w.parts[all]
	if p == nil {
		p = w.parts[id]
	}
	if p == nil && id.kind == batch {
		amounts := partID{key: id.key, kind: amountsOf}
		if covering := w.parts[amounts]; covering != nil && w.bornBy[id.key] != nil && !w.bornBy[id.key][id.born] {
			p = covering
		}
	}
	if p == nil {
		p = &part{partID: id, at: len(w.list), Impacted: Impacted{Depth: depth}}
		w.parts[id] = p
		w.list = append(w.list, p)
	}
	if via != 0 || by != nil {
		if len(p.Via) < maxVia && !slices.Contains(p.Via, via) {
			p.Via = append(p.Via, via)
		}
	}
	if by != nil && !slices.Contains(p.makers, by) {
		p.makers = append(p.makers, by)
	}
	return p
}

// run follows parts until none is left or a limit is reached.
func (w *impactWalk) run() error {
	for ; w.next < len(w.list); w.next++ {
		if w.spent() {
			w.cut = true
			return nil
		}
		if err := w.follow(w.list[w.next]); err != nil {
			return err
		}
	}
	return nil
}

// spent reports that a limit is reached.
func (w *impactWalk) spent() bool {
	return w.records > w.limits.Records || w.limits.Stop != nil && w.limits.Stop()
}

func (w *impactWalk) follow(p *part) error {
	if p.kind == single || p.kind == assembly {
		return w.followItem(p)
	}
	if p.opened {
		if err := w.openHolders(p); err != nil {
			return err
		}
	}
	if p.kind == batch {
		err := w.uses(p.key, p.born, func(u trace.Use) (bool, error) {
			if u.Born != p.born {
				return false, nil
			}
			return true, w.usedBy(p, u)
		})
		if err != nil || p.key.NS != trace.NSLot {
			return err
		}
		return w.uses(p.key, trace.Unmarked, func(u trace.Use) (bool, error) {
			t, err := w.making(u.Seq)
			if err == nil && t != nil {
				if !slices.Contains(t.loose, p.key) {
					t.loose = append(t.loose, p.key)
				}
				err = w.announce(t, p.Depth+1)
			}
			return true, err
		})
	}
	if p.kind == amountsOf {
		if err := w.loadMade(p.key); err != nil {
			return err
		}
	}
	return w.uses(p.key, 0, func(u trace.Use) (bool, error) {
		if !w.covers(p, u.Born) {
			return true, nil
		}
		return true, w.usedBy(p, u)
	})
}

// covers reports whether a part of amounts, or a whole, has a batch in it: not one
// that a transformation bore, nor one that is a part of its own.
func (w *impactWalk) covers(p *part, born uint64) bool {
	switch p.kind {
	case whole:
		return born == trace.Unmarked || trace.FirstRecord(born) < w.size
	case amountsOf:
		return born == trace.Unmarked || trace.FirstRecord(born) < w.size && !w.bornBy[p.key][born] && w.parts[partID{key: p.key, kind: batch, born: born}] == nil
	}
	return born == p.born
}

func (w *impactWalk) loadMade(k trace.Key) error {
	if w.bornBy[k] != nil {
		return nil
	}
	born, err := w.reader.Made(k, w.limits.Places)
	if err != nil {
		return err
	}
	w.cut = w.cut || len(born) == w.limits.Places
	w.bornBy[k] = make(map[uint64]bool, len(born))
	for _, b := range born {
		w.bornBy[k][b] = true
	}
	return nil
}

func (w *impactWalk) usedBy(p *part, u trace.Use) error {
	t, err := w.making(u.Seq)
	if err != nil || t == nil {
		return err
	}
	if u.Born != trace.Unmarked && u.Born >= trace.Sighted && p.key.NS != trace.NSCertificate {
		if u.Count, err = w.sightedUse(t, p.key, u); err != nil || u.Count == 0 {
			return err
		}
	}
	return w.use(t, p, u.Count)
}

// sightedUse counts anew how many of a batch that nobody had recorded the birth of a
// record used: those that were born since, or whose lot was named, are of another.
func (w *impactWalk) sightedUse(t *making, of trace.Key, u trace.Use) (n uint64, err error) {
	for _, r := range t.records {
		if r.seq != u.Seq {
			continue
		}
		for _, id := range r.event.Inputs {
			key := trace.ObjectKey(id)
			if key.NS != trace.NSItem {
				continue
			}
			s, err := w.item(key.ID)
			if err != nil {
				return 0, err
			}
			if s != nil && batchBefore(key.ID, s, w.size) == (trace.Batch{Of: of, Born: u.Born}) {
				n++
			}
		}
	}
	return n, nil
}

func (w *impactWalk) use(t *making, p *part, count uint64) error {
	if _, again := t.used[p]; !again {
		t.users = append(t.users, p)
	}
	t.used[p] += count
	return w.announce(t, p.Depth+1)
}

// announce reaches what a transformation made, once.
func (w *impactWalk) announce(t *making, depth int) error {
	if t.announced {
		return nil
	}
	t.announced = true
	for _, r := range t.records {
		for _, q := range r.event.OutputQuantities {
			if key := trace.QuantityKey(q.Class); key.ID != "" {
				w.reach(quantityPart(key), t, r.seq, depth)
			}
		}
		var last partID
		for i, id := range r.event.Outputs {
			if trace.ObjectKey(id).ID == "" {
				continue
			}
			next := quantityPart(trace.ObjectKey(id))
			if next.kind == single {
				var err error
				if next, err = w.bornPart(r.event, r.seq, id); err != nil {
					return err
				}
			}
			if i == 0 || next != last {
				w.reach(next, t, r.seq, depth)
			}
			last = next
		}
	}
	return nil
}

// followItem follows one item by its own records: what was made of it, what it holds
// where the matter is about a container, and what it is attached to.
func (w *impactWalk) followItem(p *part) error {
	seqs, err := w.reader.History(p.key, 0, maxOfItem+1)
	if err != nil {
		return err
	}
	w.cut = w.cut || len(seqs) > maxOfItem
	var packings []made // events that put something into it, found it there, or took it out
	for _, seq := range seqs[:min(len(seqs), maxOfItem)] {
		if seq >= w.size {
			break
		}
		if w.spent() {
			w.cut = true
			return nil
		}
		e, err := w.event(seq)
		if err != nil {
			return err
		}
		if e == nil {
			continue
		}
		is := func(id epcis.ID) bool { return trace.ObjectKey(id) == p.key }
		if e.Type == epcis.TransformationEvent && slices.ContainsFunc(e.Inputs, is) {
			t, err := w.making(seq)
			if err != nil {
				return err
			}
			if t != nil {
				if err := w.use(t, p, 1); err != nil {
					return err
				}
			}
		}
		if p.opened && is(e.Parent) && (e.Type == epcis.AggregationEvent || e.Type == epcis.AssociationEvent) {
			packings = append(packings, made{seq, e})
		}
	}
	if err := w.open(p, packings); err != nil {
		return err
	}
	state, err := w.item(p.key.ID)
	if err != nil || state == nil {
		return err
	}
	w.attached(placeOf(state), p.Depth)
	return nil
}

// maxOfItem bounds how much of one item's history is followed.
const maxOfItem = 5000
