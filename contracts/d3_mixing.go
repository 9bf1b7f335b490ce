package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// D3 no mixing. Of goods in scope (rule D1) the ledger keeps for each lot, and for
// each item that belongs to none, whether it is known where they grew: their birth
// tells plots, or a due-diligence reference; or it tells nothing. What is made from
// inputs in scope inherits that. What is made from known AND unknown inputs is
// mixed, all of it, and locked: there is no mass balance between them. An input in
// scope of which the ledger has no birth is unknown; one out of scope does not
// count. Goods whose class has no commodity code are in scope when they are made
// from such that are.
//
// The events of one transformationID count together: what an output inherits is
// what the inputs recorded so far say. Inputs that come after outputs and make
// them mixed are flagged.
//
// The lock is lifted by the errorDeclaration of the transformation by its author; where
// several mixed it, by that of each.
func (c *hearing) mixing() error {
	e := c.record.Event
	if e == nil || e.Type != epcis.TransformationEvent && (e.Type != epcis.ObjectEvent || e.Action != epcis.Add) {
		return nil
	}
	if e.Type == epcis.ObjectEvent && e.Correction == nil && c.plotsTold == nil {
		return nil // D1 found nothing in scope
	}
	m := mixing{diligence: c.diligence(), event: e}
	var err error
	switch {
	case e.Correction != nil:
		err = m.unmake()
	case e.Type == epcis.ObjectEvent:
		err = m.grow()
	default:
		err = m.make()
	}
	if err != nil {
		return err
	}
	return m.write()
}

// origin says whether it is known where goods grew. It stands in states: a number
// keeps its meaning.
type origin uint8

const (
	originUnsaid  origin = 0
	originKnown   origin = 1
	originUnknown origin = 2
	originMixed   origin = 3 // known and unknown: the bits of both
)

type mixing struct {
	*diligence
	event   *epcis.Event
	sources []thing // inputs in scope that a reference may be known of, the first maxRoots
}

// keeper is the key that keeps the origin of a thing: its lot, else itself; the
// zero Key for a class, which is no goods.
func keeper(t *thing, lot string) trace.Key {
	switch {
	case t.key.NS == trace.NSClass:
		return trace.Key{}
	case t.key.NS == trace.NSItem && lot != "":
		return trace.Key{NS: trace.NSLot, ID: lot}
	}
	return t.key
}

// grow: goods come into being from the ground, or from what nobody recorded. An
// event that adds serials to a lot without telling plots again changes nothing.
func (m *mixing) grow() error {
	hs := statedCommodity(m.event)
	batch := trace.BirthLot(m.event)
	told := *m.hearing.plotsTold > 0 || dueDiligence(m.event) != ""
	for _, t := range m.hearing.bornThings() {
		of := hs
		if of == "" {
			var err error
			if of, err = m.hearing.commodityOf(t); err != nil {
				return err
			}
		}
		k := keeper(&t, m.hearing.lotOf(&t.id, batch))
		if k.ID == "" || !inScope(of) {
			continue
		}
		state, err := m.of(k)
		if err != nil {
			return err
		}
		switch {
		case told && state.Origin&originKnown == 0:
			m.say(k, state, originKnown)
		case !told && state.Origin == originUnsaid:
			m.say(k, state, originUnknown)
		case told && state.Origin == originKnown || !told && state.Origin == originUnknown:
			m.hears(k, state, state.Origin)
		}
	}
	return nil
}

func (m *mixing) say(k trace.Key, state *DiligenceState, o origin) {
	if state.Grown != nil && state.Grown.Seq == m.turn.Seq && state.Origin == o {
		return
	}
	state.Before, state.Origin, state.Grown = state.Origin, o, m.turn
	m.change(k)
}

// hears has a state say what an event makes of it. One that would have made the same of it
// without the other is remembered: what two say, neither takes back alone.
func (m *mixing) hears(k trace.Key, state *DiligenceState, from origin) {
	all := state.Origin | from
	if all != state.Origin {
		m.say(k, state, all)
		return
	}
	if state.Before|from == state.Origin && state.Grown != nil && state.Grown.Seq != m.turn.Seq && addLater(&state.Also, *m.turn) {
		m.change(k)
	}
}

// unsay takes back what the event that is declared wrong said, and returns which record
// that was; nil for none.
func (m *mixing) unsay(k trace.Key, state *DiligenceState) *Turn {
	was := state.Grown
	if !m.hearing.declaredWrong(was) {
		was = dropLater(m.hearing, &state.Also)
	} else if state.Grown = nextLater(&state.Also); state.Grown == nil { // else it is so all the same
		state.Origin, state.Before = state.Before, originUnsaid
	}
	if was != nil {
		m.change(k)
	}
	return was
}

// make: goods come into being from others.
func (m *mixing) make() error {
	from, facts, err := m.inputs()
	if err != nil {
		return err
	}
	from, roots, err := m.together(from, m.madeFrom(m.sources), facts)
	if err != nil {
		return err
	}
	stated := statedCommodity(m.event)
	batch := trace.BirthLot(m.event)
	var mixed, unknown tally
	var known trace.Key // the last that is neither mixed nor unknown: most things are of one lot
	born := m.hearing.bornThings()
	for i := range born {
		t := &born[i]
		k := keeper(t, m.hearing.lotOf(&t.id, batch))
		if k.ID == "" || k == known {
			continue
		}
		hs := stated
		if hs == "" {
			if hs, err = m.hearing.commodityOf(*t); err != nil {
				return err
			}
		}
		if hs != "" && !inScope(hs) || hs == "" && from == originUnsaid {
			continue
		}
		state, err := m.of(k)
		if err != nil {
			return err
		}
		inherits := from
		if inherits == originUnsaid {
			inherits = originUnknown
		}
		m.hears(k, state, inherits)
		m.roots(k, state, roots, true)
		switch state.Origin {
		case originMixed:
			mixed.add(fact(string(t.key.NS), t.id.URI))
			if it := m.hearing.items.loaded(t.id.URI); it != nil {
				it.lock(CodeMixed, m.turn.Seq)
			}
		case originUnknown:
			unknown.add(fact(string(t.key.NS), t.id.URI))
		case originKnown:
			known = k
		}
	}
	if mixed.n > 0 {
		m.hearing.find(trace.Finding{
			Code:  CodeMixed,
			Facts: append(mixed.facts, facts...),
			Next:  "Keep it off the market of the European Union. If an input was recorded by mistake, declare the transformation wrong and record it again.",
		})
	}
	unknown.found(m.hearing, trace.Finding{Code: CodeUnknownOrigin})
	return nil
}

// inputs is what the inputs in scope say together, with an example of each.
func (m *mixing) inputs() (from origin, facts []trace.Fact, err error) {
	seen := map[trace.Key]bool{}
	for _, t := range m.hearing.inputs() {
		lot := m.hearing.lotOf(&t.id, "")
		if it := m.hearing.items.loaded(t.id.URI); it != nil && it.state.Lot != "" {
			lot = it.state.Lot
		}
		k := keeper(&t, lot)
		hs, err := m.hearing.commodityOf(t)
		if err != nil {
			return 0, nil, err
		}
		if k.ID == "" && inScope(hs) { // an amount of a class: nobody knows which
			k = t.key
		}
		if k.ID == "" || hs != "" && !inScope(hs) {
			continue
		}
		if m.isSource(&t, seen[k]) {
			m.sources = append(m.sources, t)
		}
		if seen[k] {
			continue
		}
		seen[k] = true
		state, err := m.of(k)
		if err != nil {
			return 0, nil, err
		}
		o := state.Origin
		referred := false
		if o != originMixed && o != originKnown {
			if referred, err = m.knownOf(t); err != nil {
				return 0, nil, err
			}
		}
		switch {
		case referred:
			o = originKnown
		case o == originUnsaid && hs == "":
			continue
		case o == originUnsaid:
			o = originUnknown
		}
		if from|o != from {
			f := fact(k.ID, [...]string{originKnown: "known", originUnknown: "unknown", originMixed: "mixed"}[o])
			if state.Grown != nil {
				f = factAt(f.Name, f.Value, state.Grown.Seq)
			}
			facts = append(facts, f)
		}
		from |= o
	}
	return from, facts, nil
}

// isSource reports whether an input is to be asked for a reference: one of those that
// belong to a lot together, and which nothing else is known of, is enough.
func (m *mixing) isSource(t *thing, seen bool) bool {
	if len(m.sources) == maxRoots || t.key.NS == trace.NSClass {
		return false
	}
	it := m.hearing.items.loaded(t.id.URI)
	return !seen || it != nil && (it.state.Customs != nil || it.state.Parent != nil)
}

// together adds what earlier events of the same transformation said. Its own key is the root
// of all that it makes: inputs may be recorded after outputs.
func (m *mixing) together(from origin, roots []string, facts []trace.Fact) (origin, []string, error) {
	if m.event.TransformationID == "" {
		return from, roots, nil
	}
	k := trace.TransformationKey(m.event.TransformationID)
	state, err := m.of(k)
	if err != nil {
		return 0, nil, err
	}
	m.roots(k, state, roots, true)
	all := state.Origin | from
	if all == originMixed && state.Origin != originMixed && state.Origin != originUnsaid {
		m.hearing.find(trace.Finding{
			Code:  CodeMixedTooLate,
			Facts: append([]trace.Fact{factAt("transformation", k.ID, state.Grown.Seq)}, facts...),
			Next:  "Outputs recorded before are as mixed as those recorded now: hold them as well.",
		})
	}
	m.hears(k, state, from)
	return all, []string{stateOf(trace.NSDiligence, k).ID}, nil
}

// unmake undoes what an event of the same author said.
func (m *mixing) unmake() error {
	var undone tally
	var keys []trace.Key
	seen := map[trace.Key]bool{}
	if id := m.event.TransformationID; id != "" {
		keys = append(keys, trace.TransformationKey(id))
	}
	batch := trace.BirthLot(m.event)
	for _, t := range m.hearing.bornThings() {
		if k := keeper(&t, m.hearing.lotOf(&t.id, batch)); k.ID != "" && !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
		if it := m.hearing.items.loaded(t.id.URI); it != nil {
			// C1 has undone the birth when the author is the same.
			if it.state.Born == nil {
				it.unlock(CodeMixed)
			}
		}
	}
	for _, k := range keys {
		state, err := m.of(k)
		if err != nil {
			return err
		}
		if was := m.unsay(k, state); was != nil {
			undone.add(factAt(k.ID, "as before", was.Seq))
		}
		m.unroot(k, state)
	}
	undone.found(m.hearing, trace.Finding{Code: CodeMixWithdrawn})
	return nil
}

func mixingContract() Contract {
	return Contract{
		Rule: "D3", Version: 1, Name: "no mixing", Kinds: []epcis.Kind{epcis.KindEvent}, judge: (*hearing).mixing,
		Says: "What is made from goods in scope of which it is known where they grew, and from such of which it is not, is mixed, " +
			"all of it, and locked.",
		Source: "practice under Regulation (EU) 2023/1115: no mass balance",
		Reads:  []trace.Namespace{trace.NSDiligence, trace.NSClass, trace.NSItem, trace.NSTransaction, trace.NSEmptied},
		Writes: []trace.Namespace{trace.NSDiligence, trace.NSItem},
		Finds: []Declared{
			{CodeMixed, trace.Lock, "made from inputs with known plots and from inputs without"},
			{CodeMixWithdrawn, trace.Info, "what was said of the plots is declared wrong"},
			{CodeMixedTooLate, trace.Flag, "inputs that come later make the transformation mixed"},
			{CodeUnknownOrigin, trace.Info, "nothing says on which plots what it was made from grew"},
		},
	}
}
