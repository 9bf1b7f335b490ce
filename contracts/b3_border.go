package contracts

import (
	"errors"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// B3 border gate. An item that departs from or arrives at a place in another customs
// territory than the one it departed from or arrived in before has crossed a border:
// it needs a released export or transit declaration of the territory that it left,
// and an import or transit declaration, not withdrawn or seized, of the one that it
// entered.
//
//   - Each authority says by a gate record how its country takes goods without one:
//     "flag", "reject" or "off". From the authority's first decision on, "flag" holds.
//     Before that nothing is judged: a country whose authority records nothing here
//     gives no release that could be missed.
//   - A foreign item is never refused.
//   - The country of a place is that of its master data: countryCode, else the first
//     two letters of its UN/LOCODE. A place without one is no border.
//   - An event that happened before the last crossing and is only recorded after it
//     moves nothing. Where it was in a third territory, on the way between the two or
//     before the first, what it lacks there is flagged, whatever the gate.
//   - A crossing that its author declares wrong is undone.
//   - A crossing on a declaration, or a decision on it, that was signed with a
//     compromised key (rule A7) is flagged, where no other declaration serves. A gate
//     that such a key set is as the authority's last good word has it, "flag" where none
//     is remembered, until it sets it anew; who is judged by it is flagged.
//   - What is inside a container crosses with it, and is where that is once it came out:
//     the declaration names the container, or what that is in. Where the container has crossed again since,
//     from elsewhere than the item was by itself, nobody knows where it came out.
//   - Where a decision was on some of the goods, each item is judged by its own part.
//   - A declaration serves one crossing: whoever comes back needs another.
func (c *hearing) border() error {
	switch e := c.record.Event; {
	case c.record.Customs != nil:
		return c.gate(c.record.Customs)
	case e == nil:
		return nil
	case e.Correction != nil:
		return c.uncross(e)
	case e.BizStep == epcis.NamespaceCBV+"BizStep-departing" || e.BizStep == epcis.NamespaceCBV+"BizStep-arriving":
		return c.cross(e)
	}
	return nil
}

// gate keeps how an authority takes goods without a declaration.
func (c *hearing) gate(r *epcis.Customs) error {
	policy := "flag"
	switch {
	case !c.authority(r.Country): // refused by A3, or a declaration
		return nil
	case r.Action == epcis.CustomsGate:
		policy = r.Policy
	case !r.Decides():
		return nil
	}
	var before BorderState
	known, err := c.read(trace.BorderKey(r.Country), &before)
	if err != nil || known && r.Action != epcis.CustomsGate {
		return err
	}
	facts := []trace.Fact{fact("country", r.Country), fact("policy", policy)}
	if known {
		doubt, err := c.doubtfulGate(r.Country, &before)
		if err != nil {
			return err
		}
		if doubt != nil {
			facts = append(facts, *doubt)
		}
	}
	c.find(trace.Finding{
		Severity: trace.Info, Code: CodeGate,
		Title: "goods that cross the border without a declaration: " + policy,
		Facts: facts,
	})
	return c.write(trace.BorderKey(r.Country), before.set(policy, c.position.Seq))
}

// doubtfulGate says that the authority's gate was set with a key that was compromised
// by then; nil otherwise.
func (c *hearing) doubtfulGate(country string, s *BorderState) (*trace.Fact, error) {
	if err := c.readCompromised(); err != nil || s.Policy == "" || len(c.compromises) == 0 {
		return nil, err
	}
	signer, _, err := c.signed(s.Seq)
	if err != nil {
		return nil, err
	}
	authority, err := c.organisationOfKey(signer)
	if err != nil {
		return nil, err
	}
	return c.doubtful(claim{"gate of " + country, s.Policy + ", set by " + authority, authority, s.Seq})
}

// A gate is how a country's authority takes goods without a declaration, and what is
// doubtful about that.
type gate struct {
	BorderState
	doubt *trace.Fact
	told  bool
}

// gateOf is a country's, read once.
func (x *crossing) gateOf(country string) (*gate, error) {
	if g := x.gates[country]; g != nil {
		return g, nil
	}
	g := &gate{}
	if _, err := x.read(trace.BorderKey(country), &g.BorderState); err != nil {
		return nil, err
	}
	var err error
	if g.doubt, err = x.doubtfulGate(country, &g.BorderState); g.doubt != nil {
		err = x.lastGood(country, &g.BorderState)
	}
	x.gates[country] = g
	return g, err
}

// lastGood puts the latest setting that no compromised key signed in the place of one that
// such a key did: "flag", where none is remembered.
func (x *crossing) lastGood(country string, s *BorderState) error {
	for i := len(s.Before) - 1; i >= 0; i-- {
		good := BorderState{Policy: s.Before[i].Policy, Seq: s.Before[i].Seq}
		doubt, err := x.doubtfulGate(country, &good)
		if err != nil {
			return err
		}
		if doubt == nil {
			*s = good
			return nil
		}
	}
	s.Policy = "flag"
	return nil
}

// A crossing is one event that takes items over a border.
type crossing struct {
	*hearing
	event   *epcis.Event
	country string
	all     declarations
	gates   map[string]*gate // by country; never ranged over
	tallies [4]tally         // by code, from CodeNoExport on
	doubted tally
	unset   tally     // gates that a compromised key set
	after   *Crossing // of the item, where it happened later than the event; nil else
}

func (c *hearing) cross(e *epcis.Event) error {
	if e.ReadPoint.IsZero() {
		return nil
	}
	key := trace.Key{NS: trace.NSPlace, ID: e.ReadPoint.URI}
	place, err := c.described(key)
	if err != nil || place == nil || place.Country == "" {
		return err
	}
	if err := c.relies(key, place, "its country"); err != nil {
		return err
	}
	x := crossing{hearing: c, event: e, country: place.Country, all: c.declarations(), gates: map[string]*gate{}}
	for _, list := range [...][]epcis.ID{{e.Parent}, e.EPCs} {
		for i := range list {
			it, err := c.item(&list[i])
			if err != nil {
				return err
			}
			if it == nil {
				continue
			}
			if err := x.item(it); err != nil {
				return err
			}
		}
	}
	x.report()
	return nil
}

// item judges that an item is in the country now, and remembers it.
func (x *crossing) item(it *item) error {
	at, along, err := x.lastPlace(it)
	if err != nil || along {
		return err
	}
	next := &Crossing{Country: x.country, By: *x.turn()}
	if at != nil {
		if at.Country == x.country {
			return nil
		}
		if x.event.Time.Before(at.By.Time()) {
			return x.before(it, at)
		}
		next.From = at.Country
		from, to := customsTerritory(at.Country), customsTerritory(x.country)
		if from != to {
			if err := errors.Join(x.left(it, at.Country), x.entered(it, x.country)); err != nil {
				return err
			}
			if err := x.shed(it, next, from); err != nil {
				return err
			}
		}
	}
	it.customs().At = next
	return nil
}

// lastPlace is where an item was last: by itself, or with a container that crossed while it
// was in there; nil where the ledger does not say. along: it crosses with a container that
// the event names, too.
func (x *crossing) lastPlace(it *item) (at *Crossing, along bool, err error) {
	if it.state.Customs != nil {
		at = it.state.Customs.At
	}
	var from, until uint64 // while it was in what is looked at; until 0: it still is
	within := it
	for range maxDepth {
		bond := within.state.Parent
		if bond == nil {
			break
		}
		h, err := x.holderAt(bond.Holder)
		if err != nil {
			return nil, false, err
		}
		left, known, err := x.leftAt(within, h, bond)
		if err != nil || !known {
			return nil, false, err
		}
		if bond.In != nil {
			from = max(from, bond.In.Seq)
		}
		if until == 0 || left != 0 && left < until {
			until = left
		}
		if until == 0 && x.names(h) {
			return nil, true, nil
		}
		if h.state.Customs != nil && h.state.Customs.At != nil {
			with := h.state.Customs.At
			switch seq := with.By.Seq; {
			case seq < from || at != nil && seq < at.By.Seq:
			case until == 0 || seq < until:
				at = with
			case at == nil || at.By.Seq > until:
			case with.From != at.Country: // it crossed since, from where the item may have come out
				return nil, false, nil
			}
		}
		within = h
	}
	return at, false, nil
}

// names reports whether the event names an item as what departs or arrives.
func (x *crossing) names(it *item) bool {
	return x.event.Parent.URI == it.id || slices.ContainsFunc(x.event.EPCs, func(id epcis.ID) bool { return id.URI == it.id })
}

// before judges that an item was in the country before it came to where it was last
// seen: it came from there, or on the way. What the later crossing was asked for then is
// not asked for again.
func (x *crossing) before(it *item, at *Crossing) error {
	here := customsTerritory(x.country)
	if here == customsTerritory(at.Country) || at.From != "" && here == customsTerritory(at.From) {
		return nil
	}
	to := at.Country
	if at.From != "" {
		to = x.country
	}
	x.after = at
	err := errors.Join(x.left(it, x.country), x.entered(it, to))
	x.after = nil
	return err
}

// left asks for a released declaration for the item to leave a country's territory.
func (x *crossing) left(it *item, country string) error {
	from := customsTerritory(country)
	return x.judge(it, country, CodeNoExport, func(n naming) bool {
		return customsTerritory(n.Country) == from && n.Flow != "import" && n.part.Status == ClearanceReleased
	})
}

// entered asks for a declaration for the item to enter a country's territory.
func (x *crossing) entered(it *item, country string) error {
	to := customsTerritory(country)
	return x.judge(it, country, CodeNoImport, func(n naming) bool {
		return customsTerritory(n.Country) == to && n.Flow != "export" && (n.part.open() || n.part.Status == ClearanceReleased)
	})
}

// judge asks for a declaration of the item, as the country's authority wants it.
func (x *crossing) judge(it *item, country string, code uint32, is func(naming) bool) error {
	gate, err := x.gateOf(country)
	if err != nil {
		return err
	}
	if gate.Policy == "" || gate.Policy == "off" {
		return nil
	}
	var doubt *trace.Fact
	var failed error
	good := func(n naming) bool {
		if failed != nil || n.Declared == nil || !is(n) {
			return false
		}
		why, err := x.doubtfulClearance(n)
		if why != nil {
			doubt = why
		}
		failed = err
		return why == nil && err == nil
	}
	holders, err := x.holders(it)
	if err != nil {
		return err
	}
	for _, of := range append([]*item{it}, holders...) {
		found, err := x.all.naming(of, good)
		if err := errors.Join(err, failed); err != nil || found != nil {
			return err
		}
	}
	if doubt != nil {
		x.doubted.add(*doubt)
		return nil
	}
	foreign, err := x.isForeign(epcis.Canonical(it.id))
	if err != nil {
		return err
	}
	if foreign || x.after != nil || gate.Policy != "reject" {
		code += CodeNoExportFlag - CodeNoExport
	}
	facts := &x.tallies[code-CodeNoExport]
	facts.add(factAt(it.id, "gate of "+country+": "+gate.Policy, gate.Seq))
	if x.after != nil {
		facts.add(factAt(it.id, "before it came to "+x.after.Country, x.after.By.Seq))
	}
	if gate.doubt != nil && !gate.told {
		gate.told = true
		x.unset.add(*gate.doubt)
	}
	return nil
}

// doubtfulClearance says that a declaration, or the decision on it, was signed with a
// key that was compromised by then; nil otherwise.
func (x *crossing) doubtfulClearance(n naming) (*trace.Fact, error) {
	doubt, err := x.doubtfulDecision(n.id, n.Country, &n.part)
	if doubt != nil || err != nil {
		return doubt, err
	}
	return x.doubtful(claim{trace.PrintedID(n.id), "declared by " + n.Declared.Organisation, n.Declared.Organisation, n.Declared.Seq})
}

// shed takes from the item the declarations of the territory that it left, those
// that nobody waits for any more.
func (x *crossing) shed(it *item, next *Crossing, from string) error {
	customs := it.customs()
	var kept []string
	for _, id := range customs.Declarations {
		s, err := x.all.of(id)
		if err != nil {
			return err
		}
		if s != nil {
			if p := s.of(it.id); customsTerritory(s.Country) != from || p.open() || p.locks() {
				kept = append(kept, id)
				continue
			}
		}
		next.Served = append(next.Served, id)
	}
	customs.Declarations = kept
	return nil
}

func (x *crossing) report() {
	for i, finding := range [len(x.tallies)]trace.Finding{
		{Code: CodeNoExport,
			Next: "Declare the export, wait for the release, and record the event then."},
		{Code: CodeNoImport,
			Next: "Declare the goods to the authority, and record the event then."},
		{Code: CodeNoExportFlag,
			Next: "Have the declaration recorded that released the goods, or ask the authority."},
		{Code: CodeNoImportFlag,
			Next: "Declare the goods to the authority, or have the declaration recorded."},
	} {
		x.tallies[i].found(x.hearing, finding)
	}
	x.doubted.found(x.hearing, trace.Finding{
		Code: CodeDoubtfulGate,
		Next: "Ask the authority to decide anew, with a good key, or have the goods declared again.",
	})
	x.unset.found(x.hearing, trace.Finding{
		Code: CodeGateUnset,
		Next: "Ask the authority to set its gate anew, with a good key. Until then its last good word holds; where none is remembered, goods without a declaration are flagged.",
	})
}

// uncross undoes a crossing by the event that is declared wrong.
func (c *hearing) uncross(e *epcis.Event) error {
	if e.ID == "" {
		return nil
	}
	mark := c.turn().Event
	for _, list := range [...][]epcis.ID{{e.Parent}, e.EPCs} {
		for i := range list {
			it, err := c.item(&list[i])
			if err != nil {
				return err
			}
			if it == nil || it.state.Customs == nil {
				continue
			}
			at := it.state.Customs.At
			if at == nil || at.By.Event != mark || at.By.Organisation != c.signer.ID {
				continue
			}
			customs := it.customs()
			customs.Declarations = append(slices.Clone(at.Served), customs.Declarations...)
			customs.At = nil
			if at.From != "" {
				customs.At = &Crossing{Country: at.From}
			}
		}
	}
	return nil
}

// countryOfPlace is the country that a place's master data states, ISO 3166-1
// alpha-2: its countryCode, else that of its UN/LOCODE (UN/ECE Recommendation 16).
func countryOfPlace(m *epcis.MasterData) string {
	var located string
	for _, a := range m.Attributes {
		if a.Value == nil || a.Value.Kind != epcis.String {
			continue
		}
		switch s := a.Value.Str; a.ID {
		case epcis.NamespaceCBVMD + "countryCode", "urn:epcglobal:cbv:mda#countryCode", epcis.NamespaceGS1 + "countryCode", epcis.Vocabulary + "countryCode":
			if isCountry(s) {
				return s
			}
		case epcis.Vocabulary + "unLocode":
			if len(s) >= 5 && isCountry(s[:2]) {
				located = s[:2]
			}
		}
	}
	return located
}

func isCountry(s string) bool {
	return len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z'
}

func borderContract() Contract {
	return Contract{
		Rule: "B3", Version: 1, Name: "border gate", Kinds: happeningKinds(), judge: (*hearing).border,
		Says: "What crosses from one customs territory into another has a released export declaration of the one and an import or " +
			"transit declaration of the other. From the first decision of a country's authority on, what lacks one is flagged; it " +
			"is refused where that authority has said so, and not judged where it has switched its gate off. What crosses on a " +
			"declaration or decision that was signed with a compromised key is flagged; a gate that such a key set stands as the " +
			"authority last set it with a good one. Of a declaration that was decided in parts, that of the item counts. An event that is dated " +
			"before the last crossing, in a third territory, is flagged where it lacks a declaration. What is in a container crosses with it.",
		Source: "practice of single windows (declaration before departure and arrival)",
		Reads:  append(bondStates(), trace.NSTransaction, trace.NSPlace, trace.NSParam),
		Writes: []trace.Namespace{trace.NSItem, trace.NSParam},
		Finds: []Declared{
			{CodeNoExport, trace.Reject, "left a customs territory without a released export declaration"},
			{CodeNoImport, trace.Reject, "entered a customs territory without an import or transit declaration"},
			{CodeNoExportFlag, trace.Flag, "left a customs territory without a released export declaration"},
			{CodeNoImportFlag, trace.Flag, "entered a customs territory without an import or transit declaration"},
			{CodeDoubtfulGate, trace.Flag, "crossed a border on a declaration or decision that was signed with a compromised key"},
			{CodeGateUnset, trace.Flag, "judged by a border gate that was set with a compromised key"},
			{CodeGate, trace.Info, "how goods that cross the border without a declaration are taken"},
		},
	}
}
