package trace

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// DeclarationKey is the key of a customs declaration, the one that events touch
// which cite it. Its state is the contracts' own.
func DeclarationKey(mrn epcis.ID) Key { return Key{NSTransaction, mrn.URI} }

// BorderKey is where the ledger keeps how a country's customs authority takes goods
// that cross its border without a declaration. Its state is the contracts' own.
func BorderKey(country string) Key { return Key{NSParam, "border/" + country} }

func customsKeys(c *epcis.Customs) []Key {
	if c.Action == epcis.CustomsGate {
		return []Key{BorderKey(c.Country)}
	}
	keys := make([]Key, 0, 1+len(c.Goods)+len(c.Quantities))
	keys = append(keys, DeclarationKey(c.MRN))
	for _, p := range declaredParts(c) {
		keys = append(keys, p.key)
	}
	return keys
}

// declaredParts are the things that a customs record declares, or decides on alone:
// items, containers and lots. A class says what they are of; every declaration of such
// goods names it.
func declaredParts(c *epcis.Customs) []part {
	return slices.DeleteFunc(appendParts(nil, c.Goods, c.Quantities), func(p part) bool { return p.key.NS == NSClass })
}

// declaredRoles says what a customs record declares or decides on alone; nil of no such record.
func declaredRoles(c *epcis.Customs) map[string]roles {
	if c == nil {
		return nil
	}
	m := make(map[string]roles, len(c.Goods)+len(c.Quantities))
	for _, p := range declaredParts(c) {
		m[p.key.ID] = asObject
	}
	return m
}

// customsTerms are an action as a business step and disposition: those of CBV where
// it has them. What an authority decides reads alike, whether it wrote a customs
// record or an event.
func customsTerms(action string) (bizStep, disposition string) {
	switch action {
	case epcis.CustomsInspected:
		return stepPrefix + "inspecting", ""
	case epcis.CustomsReleased:
		return stepPrefix + "accepting", epcis.Vocabulary + "Disp-customs_released"
	case epcis.CustomsHeld:
		return stepPrefix + "holding", epcis.Vocabulary + "Disp-customs_held"
	case epcis.CustomsSeized:
		return stepPrefix + "holding", epcis.Vocabulary + "Disp-customs_seized"
	}
	return epcis.Vocabulary + "BizStep-customs_" + action, ""
}

// customs tells a customs record as a step.
func (s *Step) customs(c *epcis.Customs) {
	s.What = "customs " + c.Action
	s.BizStep, s.Disposition = customsTerms(c.Action)
	s.Place = c.Place.URI
	s.Documents = []DocumentRef{{Type: declarationType, ID: c.MRN.URI}}
	for _, t := range c.Documents {
		s.Documents = append(s.Documents, DocumentRef{Type: t.Type, ID: t.ID.URI})
	}
	for _, d := range [...]Detail{
		{"country", c.Country}, {"flow", c.Flow}, {"procedure", c.Procedure}, {hsCode, c.HSCode}, {"origin", c.Origin},
		{dueDiligence, c.DueDiligence}, {"valueCommitment", c.Commitment}, {"reason", c.Reason},
	} {
		if d.Value != "" && len(d.Value) <= 200 {
			s.Details = append(s.Details, Detail{epcis.Vocabulary + d.Name, d.Value})
		}
	}
	if some := someOf(c); some != "" {
		s.Details = append(s.Details, Detail{epcis.Vocabulary + onlyOf, some})
	}
}

// onlyOf is the detail that says on which goods of a declaration a decision is.
const onlyOf = "onlyOf"

// someOf says in a few words which goods of its declaration a decision is on: "serial A1
// and 3 more"; "" for one on all.
func someOf(c *epcis.Customs) string {
	if !c.Decides() {
		return ""
	}
	some := namedThings(c.Goods, nil)
	if len(some) > 200 {
		return fmt.Sprintf("%d of its goods", len(c.Goods))
	}
	return some
}

// customsPhrase is a customs record in a few words: "hold of serial A1, of the
// declaration 26DE585000000001R6".
func customsPhrase(c *epcis.Customs) string {
	if c.Action == epcis.CustomsGate {
		return "border gate of " + c.Country + ": " + c.Policy
	}
	some := someOf(c)
	switch {
	case c.Action == epcis.CustomsDeclared:
		return c.Flow + " declaration " + shortID(c.MRN.URI) + " to customs of " + c.Country
	case some != "":
		return c.Action + " of " + some + ", of the declaration " + shortID(c.MRN.URI) + " to customs of " + c.Country
	}
	return c.Action + " of the declaration " + shortID(c.MRN.URI) + " to customs of " + c.Country
}

const dueDiligence = "dueDiligenceReference"

// withdraw marks what was recorded of a declaration before it was withdrawn: it
// declares nothing any more. Where some of its goods were released or seized before
// that, the declaration still stands for those.
func (f *freight) withdraw() {
	last := map[string]uint64{} // seq of the withdrawal, by declaration
	done := map[string]bool{}   // declarations of which goods were released or seized
	for _, e := range f.inOrder() {
		switch c := e.other.Customs; c.Action {
		case epcis.CustomsReleased, epcis.CustomsSeized:
			done[c.MRN.URI] = true
		case epcis.CustomsWithdrawn:
			if !done[c.MRN.URI] {
				last[c.MRN.URI] = e.rec.Seq
			}
		}
	}
	for _, e := range f.customs {
		e.voided = e.rec.Seq < last[e.other.Customs.MRN.URI]
	}
}

// inOrder are the customs records in the order in which they were recorded.
func (f *freight) inOrder() []*entry {
	list := slices.Clone(f.customs)
	slices.SortFunc(list, func(a, b *entry) int { return cmp.Compare(a.rec.Seq, b.rec.Seq) })
	return list
}

// declared lists the units that a customs record declares, in the filling of that
// time.
func (f *freight) declared(e *entry) []carriage {
	c := e.other.Customs
	if e.voided || c.Action != epcis.CustomsDeclared {
		return nil
	}
	after, _ := slices.BinarySearchFunc(f.events, e.time(), func(ev *entry, t epcis.Instant) int {
		return cmp.Or(ev.time().Compare(t), -1)
	})
	var units []carriage
	for _, p := range declaredParts(c) {
		units = append(units, f.filling(p.key.ID, after-1))
	}
	return units
}

// customs takes in what a customs record says of its declaration. One that was
// withdrawn counts as something that happened, and no more. parties are those of
// the consignment, in the order of [roleNames].
func (c *Consignment) customs(e *entry, parties []Stated) {
	r, d := e.other.Customs, c.declaration(e.other.Customs.MRN.URI)
	event := Event{Seq: e.rec.Seq, Time: r.Time, Place: r.Place.URI, Organisation: e.rec.Organisation}
	event.BizStep, event.Disposition = customsTerms(r.Action)
	if r.Decides() {
		for i := range r.Goods {
			event.OnlyOf = append(event.OnlyOf, r.Goods[i].URI)
		}
	}
	d.Events = append(d.Events, event)
	slices.SortStableFunc(d.Events, func(a, b Event) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Seq, b.Seq))
	})
	if e.voided {
		return
	}
	if r.HSCode != "" {
		d.Classification.say(r.HSCode, "", r.HSCode, e.rec.Seq)
	}
	for _, t := range r.Documents {
		c.document(t.Type, t.ID.URI, shortID(t.ID.URI), e.rec.Seq)
	}
	if r.DueDiligence != "" {
		c.document(epcis.Vocabulary+dueDiligence, r.DueDiligence, r.DueDiligence, e.rec.Seq)
	}
	if r.Action != epcis.CustomsDeclared {
		return
	}
	d.Country, d.Flow, d.Procedure = r.Country, r.Flow, r.Procedure
	d.ValueCommitment = r.Commitment
	d.Origin.say(r.Origin, "", r.Origin, e.rec.Seq)
	for _, p := range r.Parties {
		if i := slices.Index(roleNames(), p.Role); i >= 0 {
			parties[i].say(p.ID.URI, "", p.ID.URI, e.rec.Seq)
			continue
		}
		d.party(p, e.rec.Seq)
	}
	for _, q := range r.Quantities {
		d.Quantities = append(d.Quantities, DeclaredQuantity{q.Class.URI, q.Amount.String(), q.Unit})
	}
}

func (d *Declaration) party(p epcis.CustomsParty, seq uint64) {
	at := slices.IndexFunc(d.Parties, func(x ConsignmentParty) bool { return x.Role == p.Role })
	if at < 0 {
		at = len(d.Parties)
		d.Parties = append(d.Parties, ConsignmentParty{Role: p.Role})
	}
	d.Parties[at].Who.say(p.ID.URI, "", p.ID.URI, seq)
}
