package contracts

import (
	"fmt"
	"maps"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
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

// holding is who has what is in a container: who has the outermost one.
type holding struct {
	top    string // the outermost
	holder string // "" where nobody is known to have the container
	gone   bool
	seen   uint64
}

// heldIn is who has what a bond put into a container, nil where the bond is over and
// the ledger does not know how, or the container is not known.
func (w *impactWalk) heldIn(in string, b *Bond, t tie) (*holding, error) {
	id := in
	var chain holding
	for range maxDepth + 1 {
		s, err := w.item(id)
		if err != nil {
			return nil, err
		}
		if s == nil {
			return nil, nil
		}
		if b != nil {
			switch contents := *s.contents(t); contents.standing(b) {
			case over:
				emptied, err := w.emptied(id, contents, b, t)
				if err != nil || emptied == nil && id == in {
					return nil, err
				}
				if emptied != nil {
					chain.leave(&emptied.Turn, emptied.Custody)
				}
				return &chain, nil
			case aside:
				chain.leave(&contents.Emptied.Turn, contents.Emptied.Custody)
				return &chain, nil
			}
		}
		p := placeOf(s)
		if chain.top = id; s.Custody != nil { // else who has what is inside is all that is known
			chain.holder, chain.gone = p.Holder, p.Gone
		}
		chain.seen = max(chain.seen, latest(s))
		if p.In == "" {
			return &chain, nil
		}
		t = packed
		if p.Attached {
			t = attached
		}
		b, id = *s.bond(t), p.In
	}
	return &chain, nil
}

// emptied is the emptying that ended a bond with a container, nil where the ledger
// does not know it.
func (w *impactWalk) emptied(id string, s *Contents, b *Bond, t tie) (*EmptiedState, error) {
	if s == nil || b.In == nil || b.Out != nil {
		return nil, nil
	}
	return s.emptiedAfter(b.In.Seq, func(n uint32) (*EmptiedState, error) {
		var e EmptiedState
		_, err := w.state(emptiedKey(id, t, n), &e)
		return &e, err
	})
}

// leave is that the next container was emptied: who had it then has what was in it,
// else who emptied it.
func (h *holding) leave(emptied *Turn, had *Custody) {
	h.seen = max(h.seen, emptied.Seq)
	h.holder, h.gone = emptied.Organisation, false
	if had != nil {
		h.holder, h.gone = had.author(), had.Holder == ""
		if had.Holder != "" {
			h.holder = had.Holder
		}
	}
}

// latest is the last record that an item's state rests on.
func latest(s *ItemState) uint64 {
	seq := s.First
	for _, t := range [...]*Turn{s.Born, s.Ended, s.Parent.last(), s.Assembly.last()} {
		if t != nil {
			seq = max(seq, t.Seq)
		}
	}
	if s.Custody != nil {
		seq = max(seq, s.Custody.Seq)
	}
	if s.LastSeen != nil {
		seq = max(seq, s.LastSeen.Turn.Seq)
	}
	return seq
}

// standing is who has what is at a place. Containers are asked once for each bond.
func (w *impactWalk) standing(p *trace.Place) (*holding, error) {
	own := &holding{holder: p.Holder, gone: p.Gone}
	if p.In == "" {
		return own, nil
	}
	key := bondID{p.In, p.Bond, p.Attached}
	at, ok := w.tops[key]
	if !ok {
		t := packed
		if p.Attached {
			t = attached
		}
		var err error
		if at, err = w.heldIn(p.In, &Bond{Holder: p.In, In: &Turn{Seq: p.Bond}}, t); err != nil {
			return nil, err
		}
		w.tops[key] = at
	}
	switch {
	case at == nil:
		return own, nil
	case at.holder == "" && !at.gone:
		return &holding{top: at.top, holder: p.Holder, gone: p.Gone, seen: at.seen}, nil
	}
	return at, nil
}

// bondID tells bonds apart, as far as who has what they hold depends on them.
type bondID struct {
	in       string
	seq      uint64
	attached bool
}

// census counts who has what.
type census struct {
	conditions map[string]uint64
	holders    map[string]*ImpactHolder
	lots       map[trace.Key]bool
	items      uint64
}

func (c *census) holder(id string) *ImpactHolder {
	h := c.holders[id]
	if h == nil {
		h = &ImpactHolder{ID: id}
		c.holders[id] = h
	}
	return h
}

// take counts items at a place.
func (c *census) take(condition string, h *holding, n uint64) {
	c.items += n
	c.conditions[condition] += n
	if ended(Condition(condition)) {
		return
	}
	if h.gone {
		c.holder(h.holder).Gone += n
	} else {
		c.holder(h.holder).Items += n
	}
}

func ended(c Condition) bool {
	switch c {
	case Consumed, Destroyed, Decommissioned, Deleted:
		return true
	}
	return false
}

// countParts counts what parts cover, and reaches the assemblies that some of it is
// attached to.
func (w *impactWalk) countPart(c *census, p *part) error {
	if p.kind == single || p.kind == assembly {
		s, err := w.item(p.key.ID)
		if err != nil || s == nil {
			return err
		}
		place := placeOf(s)
		at, err := w.standing(&place)
		if err == nil && p.kind == single {
			c.take(place.Condition, at, 1)
		} else if err == nil && !ended(s.Condition) {
			c.holder(at.holder)
		}
		return err
	}
	if p.key.NS == trace.NSLot {
		c.lots[p.key] = true
	}
	if err := w.loadMade(p.key); err != nil { // of a part that was reached and not followed
		return err
	}
	return w.reader.Places(p.key, p.born, func(m trace.Move) (bool, error) {
		if p.kind == batch && m.Born != p.born {
			return false, nil
		}
		if !w.covers(p, m.Born) {
			return true, nil
		}
		if w.places++; w.places > w.limits.Places {
			w.cut = true
			return false, nil
		}
		if m.Born == trace.Unmarked {
			return true, w.countAmount(c, p.key, m.Holder)
		}
		at, err := w.standing(&m.Place)
		if err != nil {
			return false, err
		}
		c.take(m.Condition, at, uint64(m.By))
		return true, w.attached(m.Place, p.Depth)
	})
}

// countAmount counts an organisation that has an account of a lot, while something is
// left in it, or nobody can tell.
func (w *impactWalk) countAmount(c *census, lot trace.Key, organisation string) error {
	left, err := w.leftOf(lot, organisation)
	if err == nil && left {
		c.holder(organisation).Lots++
	}
	return err
}

func (w *impactWalk) leftOf(lot trace.Key, organisation string) (bool, error) {
	var a Account
	known, err := w.state(trace.Key{NS: trace.NSBalance, ID: lot.ID + "|" + organisation}, &a)
	return known && (a.UnclearIn > 0 || a.has().Cmp(a.gone()) > 0), err
}

// tally fills in the totals and the holders.
func (w *impactWalk) tally(i *Impact, now int64) error {
	c := census{conditions: map[string]uint64{}, holders: map[string]*ImpactHolder{}, lots: map[trace.Key]bool{}}
	for n := 0; n < len(w.list); n++ { // it grows by assemblies
		if err := w.countPart(&c, w.list[n]); err != nil {
			return err
		}
		if n == len(w.list)-1 && w.next < len(w.list) {
			if err := w.run(); err != nil {
				return err
			}
		}
	}
	if err := w.shares(); err != nil {
		return err
	}
	i.Totals = ImpactTotals{Items: c.items, Lots: uint64(len(c.lots)), Transformations: uint64(len(w.order)), Conditions: []ConditionCount{}}
	for _, condition := range [...]Condition{Seen, Active, Consumed, Destroyed, Decommissioned, Deleted} {
		if n := c.conditions[string(condition)]; n > 0 {
			i.Totals.Conditions = append(i.Totals.Conditions, ConditionCount{string(condition), n})
		}
	}
	i.Holders = []ImpactHolder{}
	term, err := w.answerTerm()
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(c.holders)) {
		h := *c.holders[id]
		if err := w.answers(i, &h, term, now); err != nil {
			return err
		}
		i.Holders = append(i.Holders, h)
	}
	return nil
}

// answerTerm is the network's parameter, in seconds of block time. Whoever has not
// answered by then is escalated, in the derived view alone.
func (w *impactWalk) answerTerm() (int64, error) {
	b, err := w.reader.State(trace.ParametersKey())
	if err != nil {
		return 0, fmt.Errorf("read the parameters: %w", err)
	}
	p := identity.DefaultParameters()
	if b != nil {
		if p, err = identity.DecodeParameters(b); err != nil {
			return 0, err
		}
	}
	return int64(p.AnswerTerm), nil
}

// answers says by when a holder has to acknowledge the latest matter, and whether it
// has: an answer that was recorded before does not count.
func (w *impactWalk) answers(i *Impact, h *ImpactHolder, term, now int64) error {
	if len(i.Matters) == 0 {
		return nil
	}
	last := &i.Matters[len(i.Matters)-1]
	h.Deadline = last.Recorded.Add(term).Seconds
	if h.ID != "" {
		var s AnswerState
		known, err := w.state(trace.AnswerKey(last.Key, h.ID), &s)
		if err != nil {
			return err
		}
		if known && s.Seq > last.Seq {
			h.Answer = &s
		}
	}
	h.Escalated = h.Answer == nil && now > h.Deadline
	return nil
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
