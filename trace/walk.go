package trace

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// ErrUnknown is returned for an id, or a seq, that the ledger holds nothing of.
var ErrUnknown = errors.New("unknown to this ledger")

// ErrContinuation is returned for a continuation that no walk of this id and
// direction has issued.
var ErrContinuation = errors.New("continuation is not of this walk")

// The defaults of [Options].
const (
	DefaultMaxNodes   = 2000
	DefaultMaxDepth   = 32
	DefaultFutureSkew = 600
	DefaultLateness   = 90 * 86_400
)

// Walk follows the records from id to its journey. id is any spelling of an
// item, lot, class, container, business document or certificate.
//
// The journey of an item is its own records; those of every container while it
// was inside, nested; upstream, the inputs of the transformation that made it,
// recursively; downstream, what it was made into. A container or document at the
// start stands for what it held or names. Nothing else in a container, and no
// other output of a transformation, becomes part of it: the journey of one bag
// does not grow with the number of its siblings.
//
// Of a lot that is walked through to an earlier or later thing, only the records
// up to its use count, and later ones that speak of all of it (a recall).
//
// What a container was itself put into is looked for among its records while the thing was
// inside and the 64 before, and in its state: what it is in now, was in last or before that.
// What binds it is part of the journey whenever it was recorded: a recall that stood, and what
// ended that; what locks it still; its lot, where a record speaks of that; a recall under which
// it came out of something. So is a recall of a whole class that stood when a thing of it began.
//
// The records by which the states of things and containers have them held and locked, and
// those that the verdicts of the journey's records name, are part of it, and lead no further.
//
// The walk goes nearest first. When it reaches MaxNodes or Stop says so, the
// journey so far carries a continuation: a walk of the same id and direction with
// it yields the rest, in which nodes and records of the first part may come
// again; whoever joins them goes by node id and seq. Past MaxDepth nothing is
// followed, and a gap says so.
func Walk(r Reader, id string, o Options) (*Journey, error) {
	o = o.withDefaults()
	w := &walker{
		o:       o,
		ledger:  &ledger{reader: r, entries: map[uint64]*entry{}, histories: map[Key][]uint64{}},
		id:      epcis.Canonical(id).URI,
		nodes:   map[Key]*node{},
		done:    map[taskID]bool{},
		walked:  map[taskID]bool{},
		waiting: map[taskID]int{},
		joined:  map[edgeID]bool{},
		left:    map[string]bool{},

		standings: map[Key]*standing{},
	}
	if err := w.start(epcis.Canonical(id)); err != nil {
		return nil, err
	}
	// What has a node is walked, or no part of a walk would get anywhere; the rest
	// waits. Only a flood of new things ends a part before that.
	w.limit = len(w.pending) + maxPending
	if err := w.run(); err != nil {
		return nil, err
	}
	w.documents()
	if err := w.run(); err != nil {
		return nil, err
	}
	return w.journey()
}

// run does what is queued, until nothing is or there is a reason to end the part.
func (w *walker) run() error {
	for len(w.queue) > 0 && len(w.pending) <= w.limit {
		// At least one thing is done, or a reader's next part would be this one again.
		w.stopped = w.stopped || w.tasks > 0 && (w.tasks == w.o.MaxTasks || w.o.Stop != nil && w.o.Stop())
		if w.stopped {
			return nil
		}
		w.tasks++
		t := w.queue[0]
		w.queue = w.queue[1:]
		if err := w.do(t); err != nil {
			return err
		}
	}
	return nil
}

func (o Options) withDefaults() Options {
	if o.Direction == "" {
		o.Direction = Both
	}
	if o.MaxNodes <= 0 {
		o.MaxNodes = DefaultMaxNodes
	}
	if o.MaxDepth <= 0 {
		o.MaxDepth = DefaultMaxDepth
	}
	if o.MaxTasks <= 0 {
		o.MaxTasks = math.MaxInt
	}
	if o.FutureSkew <= 0 {
		o.FutureSkew = DefaultFutureSkew
	}
	if o.Lateness <= 0 {
		o.Lateness = DefaultLateness
	}
	return o
}

// walker is one walk.
type walker struct {
	*ledger
	o  Options
	id string // canonical

	nodes  map[Key]*node
	list   []*node // in the order of reaching them
	edges  []Edge
	joined map[edgeID]bool
	gaps   []Gap

	queue   []task
	pending []task          // not walked for want of room; the continuation
	limit   int             // of pending
	waiting map[taskID]int  // places in pending
	done    map[taskID]bool // queued
	walked  map[taskID]bool // things walked, whatever the window
	deep    bool            // MaxDepth was reached
	full    bool            // MaxNodes was
	tasks   int             // done
	stopped bool            // by MaxTasks or Stop, before all was done
	records []*entry
	left    map[string]bool // recalled, and what the things of the journey or their containers came out of

	standings map[Key]*standing
	resting   []ground
}

type node struct {
	Node
	key     Key
	context bool // a lot that was reached only because an item belongs to it
}

// mode says what to do at a node.
type mode uint8

const (
	up       mode = 1 << iota // follow to what it was made from
	down                      // follow to what was made from it
	contents                  // follow to what it holds: the start, and what that held
	inside                    // a container: its records while something was inside
	batch                     // the lot of an item
	document                  // a document: what it names
	cited                     // a document: what was said of it, for those that cite it
)

// A task is one thing to do.
type task struct {
	NS     Namespace
	ID     string
	Depth  int
	Mode   mode
	Child  string  // of inside: what was in it
	Since  *Moment // of inside and contents: the window
	Until  *Moment
	Before *Moment // of a lot: when it was used
	From   uint64  // records before this seq were followed already; of inside: the seq by which child left, 0 for none
	Edges  []Edge  // those that lead here, where the walk had no room for the node
}

func (t *task) key() Key { return Key{t.NS, t.ID} }

// taskID tells tasks apart, so that none is done twice and cycles end.
type taskID struct {
	key                  Key
	mode                 mode
	child                string
	since, until, before Moment
}

type edgeID struct {
	kind, from, to string
	seq            uint64
}

func (t *task) identity() taskID {
	id := taskID{key: t.key(), mode: t.Mode, child: t.Child}
	for _, m := range [...]struct {
		from *Moment
		to   *Moment
	}{{t.Since, &id.since}, {t.Until, &id.until}, {t.Before, &id.before}} {
		if m.from != nil {
			*m.to = *m.from
		}
	}
	return id
}

// start finds what the id names and queues it, or what a continuation left.
func (w *walker) start(id epcis.ID) error {
	if w.o.Continue != "" {
		tasks, err := tasksOf(w.o.Continue, w.id, w.o.Direction)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			edges := t.Edges
			t.Edges = nil
			w.reach(t, edges...)
		}
		return nil
	}
	found := false
	for _, ns := range namespacesOf(id.Level) {
		k := Key{ns, id.URI}
		known, err := w.known(k)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		found = true
		m := w.direction() | contents
		if ns == NSTransaction {
			m = w.direction() | document
		}
		w.reach(task{NS: ns, ID: id.URI, Mode: m})
	}
	if !found {
		return fmt.Errorf("%s: %w", id.URI, ErrUnknown)
	}
	return nil
}

func (w *walker) known(k Key) (bool, error) {
	for _, k := range [...]Key{k, k.Refused()} {
		seqs, err := w.seqs(k)
		if err != nil || len(seqs) > 0 {
			return len(seqs) > 0, err
		}
	}
	return false, nil
}

func (w *walker) direction() mode {
	switch w.o.Direction {
	case Upstream:
		return up
	case Downstream:
		return down
	}
	return up | down
}

// namespacesOf lists where something of that level may stand.
func namespacesOf(l epcis.Level) []Namespace {
	switch l {
	case epcis.Item:
		return []Namespace{NSItem}
	case epcis.Lot:
		return []Namespace{NSLot}
	case epcis.Class:
		return []Namespace{NSClass}
	case epcis.Place:
		return []Namespace{NSPlace}
	case epcis.PartyID:
		return []Namespace{NSOrganisation}
	case epcis.Document:
		return []Namespace{NSItem, NSTransaction, NSCertificate}
	}
	return []Namespace{NSItem, NSLot, NSClass, NSTransaction, NSCertificate, NSPlace, NSOrganisation}
}

// reach adds the node of a task with the edges that lead to it, and queues the
// task unless it was done. Where there is no room left, they wait together for
// the continuation.
func (w *walker) reach(t task, edges ...Edge) {
	id := t.identity()
	n, known := w.nodes[t.key()]
	switch {
	case t.Depth > w.o.MaxDepth && t.Mode&cited == 0:
		if !w.deep {
			w.deep = true
			w.leave(Gap{ID: t.ID, About: fmt.Sprintf("Not followed further: %d steps from the start. Ask for it by its own id.", w.o.MaxDepth), Unread: true})
		}
		return
	case !known && len(w.list) >= w.o.MaxNodes:
		w.full = true
		at, waiting := w.waiting[id]
		if !waiting {
			at = len(w.pending)
			w.waiting[id] = at
			w.pending = append(w.pending, t)
		}
		for _, e := range edges {
			if w.first(e) {
				w.pending[at].Edges = append(w.pending[at].Edges, e)
			}
		}
		return
	case !known:
		n = &node{Node: Node{ID: t.ID, Namespace: t.NS, Depth: t.Depth}, key: t.key(), context: true}
		w.nodes[n.key] = n
		w.list = append(w.list, n)
	}
	n.Depth = min(n.Depth, t.Depth)
	n.context = n.context && t.Mode&batch != 0
	for _, e := range edges {
		w.join(e)
	}
	if !w.done[id] {
		w.done[id] = true
		w.queue = append(w.queue, t)
	}
}

// first reports whether the edge is met for the first time.
func (w *walker) first(e Edge) bool {
	id := edgeID{e.Kind, e.From, e.To, e.Seq}
	if w.joined[id] {
		return false
	}
	w.joined[id] = true
	return true
}

func (w *walker) join(e Edge) {
	if w.first(e) {
		w.edges = append(w.edges, e)
	}
}

// include makes a record part of the journey, as one that concerns id.
func (w *walker) include(e *entry, id string) {
	if !e.included {
		e.included = true
		e.about = map[string]bool{}
		w.records = append(w.records, e)
	}
	if id != "" && !e.about[id] {
		e.about[id] = true
		e.order = append(e.order, id)
	}
}

// includeAside makes a record part of the journey that names a document or a
// class, not the thing itself.
func (w *walker) includeAside(e *entry, id string) {
	e.aside = e.aside || !e.included
	w.include(e, id)
}

func (w *walker) gap(id string, seq uint64, about string) {
	w.leave(Gap{ID: id, Seq: seq, About: about})
}

func (w *walker) leave(g Gap) {
	if !slices.Contains(w.gaps, g) {
		w.gaps = append(w.gaps, g)
	}
}

func (w *walker) do(t task) error {
	switch {
	case t.Mode&cited != 0:
		return w.cited(t)
	case t.Mode&document != 0:
		return w.document(t)
	case t.Mode&inside != 0:
		return w.container(t)
	}
	return w.thing(t)
}

func ptr(t epcis.Instant) *Moment {
	m := moment(t)
	return &m
}

// instant is the moment or nil.
func (m *Moment) instant() *epcis.Instant {
	if m == nil {
		return nil
	}
	t := m.Instant()
	return &t
}
