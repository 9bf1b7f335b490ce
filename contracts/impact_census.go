package contracts

import (
	"maps"
	"slices"

	"github.com/waymark-ledger/waymark/trace"
)

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

// countPart counts what parts cover, and reaches the assemblies that some of it is
// attached to.
func (w *impactWalk) countPart(c *census, p *part) error {
	if p.kind == single || p.kind == assembly {
		s, err := w.item(p.key.ID)
		if err != nil || s == nil {
			return err
		}
		if p.kind == assembly && w.listedBefore(p, p.key.ID, s) || w.partOfItem(p.key.ID, s) != nil {
			return nil // it is counted with that
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
		w.attached(m.Place, p.Depth)
		return true, nil
	})
}

// countAmount counts an organisation that has an account of a lot, while something is
// left in it, and one that named it and has none: nobody can tell what it has left.
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
	return err == nil && (!known || a.UnclearIn > 0 || a.has().Cmp(a.gone()) > 0), err
}

// tally fills in the totals and the holders.
func (w *impactWalk) tally(i *Impact, now int64) error {
	c := census{conditions: map[string]uint64{}, holders: map[string]*ImpactHolder{}, lots: map[trace.Key]bool{}}
	for n := 0; n < len(w.list); n++ { // it grows by assemblies
		if err := w.countPart(&c, w.list[n]); err != nil {
			return err
		}
		if n == len(w.list)-1 && !w.partial && w.assemble() {
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
	p, err := parametersIn(w.reader)
	return int64(p.AnswerTerm), err
}

// answers says which matter a holder has to acknowledge by when, and whether it has. An
// answer counts for what was recorded before it, at its own key and at narrower ones: who
// answers for a class has answered for its lots. Of several matters the first without an
// answer counts, so that a later recall puts off no deadline; of none such, the latest.
func (w *impactWalk) answers(i *Impact, h *ImpactHolder, term, now int64) error {
	if len(i.Matters) == 0 {
		return nil
	}
	given, err := w.given(i, h)
	if err != nil {
		return err
	}
	due := &i.Matters[len(i.Matters)-1]
	open := slices.IndexFunc(i.Matters, func(m Matter) bool {
		return !slices.ContainsFunc(given, func(a holderAnswer) bool { return !a.doubted && a.answers(&m) })
	})
	if open >= 0 {
		due = &i.Matters[open]
	}
	h.Deadline, h.Asks = due.Recorded.Add(term).Seconds, due.By
	for _, a := range given {
		if a.answers(due) && (h.Answer == nil || h.Doubted && !a.doubted || h.Doubted == a.doubted && a.Seq > h.Answer.Seq) {
			h.Answer, h.Doubted = &a.AnswerState, a.doubted
		}
	}
	h.Escalated = open >= 0 && now > h.Deadline
	return nil
}

// holderAnswer is one of them.
type holderAnswer struct {
	AnswerState
	key     trace.Key
	doubted bool // a compromised key signed it: nobody has answered
}

func (a *holderAnswer) answers(m *Matter) bool {
	return a.Seq > m.Seq && (a.key == m.Key || breadth(m.Key) >= 0 && breadth(a.key) > breadth(m.Key))
}

// breadth orders the keys that one impact has matters at: of an item also its lot and class; -1 for
// what is none of them.
func breadth(k trace.Key) int {
	return slices.Index([]trace.Namespace{trace.NSItem, trace.NSLot, trace.NSClass}, k.NS)
}

// given reads a holder's answers at the keys of the matters.
func (w *impactWalk) given(i *Impact, h *ImpactHolder) (all []holderAnswer, err error) {
	if h.ID == "" {
		return nil, nil
	}
	for n := range i.Matters {
		key := i.Matters[n].Key
		if slices.ContainsFunc(i.Matters[:n], func(m Matter) bool { return m.Key == key }) {
			continue
		}
		a := holderAnswer{key: key}
		known, err := w.state(trace.AnswerKey(key, h.ID), &a.AnswerState)
		if err != nil {
			return nil, err
		}
		if !known {
			continue
		}
		record, err := w.reader.Record(a.Seq)
		if err != nil {
			return nil, err
		}
		a.doubted = record.Compromised
		all = append(all, a)
	}
	return all, nil
}
