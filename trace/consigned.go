package trace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// consignment reads one group of units and documents.
func (f *freight) consignment(members []carriage) Consignment {
	c := Consignment{Parties: []ConsignmentParty{}, Means: []Claim{}, Route: []Call{}, Documents: []ConsignedDocument{},
		Declarations: []Declaration{}, Differences: []Difference{}}
	var units []carriage
	for _, m := range members {
		if m.filling >= 0 {
			units = append(units, m)
		}
	}
	slices.SortFunc(units, func(a, b carriage) int {
		return cmp.Or(strings.Compare(a.id, b.id), cmp.Compare(a.filling, b.filling))
	})
	seals := make([]Stated, len(units))
	parties := make([]Stated, len(roleNames()))
	var means Stated
	for at, e := range f.events {
		about := slices.DeleteFunc(f.units(at), func(u carriage) bool { return !slices.Contains(units, u) })
		if len(about) == 0 {
			continue
		}
		for i, u := range units {
			if slices.Contains(about, u) {
				f.seals(&seals[i], e)
			}
		}
		f.parties(parties, e)
		for _, v := range extension(e.event.Extensions, "vessel", "vehicle") {
			means.say(v, "", epcis.Canonical(v).URI, e.rec.Seq)
		}
		c.documents(e)
		if step, ok := moves(e.event.BizStep); ok {
			call := Call{Event: eventOf(e)}
			call.BizStep, call.Locode = step, f.locode(call.Place)
			c.Route = append(c.Route, call)
		}
	}
	for _, e := range f.customs {
		if slices.Contains(members, carriage{e.other.Customs.MRN.URI, -1}) {
			c.customs(e, parties)
		}
	}
	for i, u := range units {
		seals[i].inOrder()
		c.Equipment = append(c.Equipment, Equipment{ID: u.id, Seals: emptied(seals[i])})
	}
	for i, role := range roleNames() {
		if parties[i].inOrder(); len(parties[i]) > 0 {
			c.Parties = append(c.Parties, ConsignmentParty{Role: role, Who: parties[i]})
		}
	}
	c.Means = append(c.Means, means...)
	f.pack(&c, units)
	c.differences()
	return c
}

func emptied(s Stated) Stated {
	if s == nil {
		return Stated{}
	}
	return s
}

func eventOf(e *entry) Event {
	return Event{Seq: e.rec.Seq, Time: e.event.Time, BizStep: e.event.BizStep, Disposition: e.event.Disposition,
		Place: placeOf(e.event), Organisation: e.rec.Organisation}
}

// moves reports the steps that are calls of a means of transport.
func moves(bizStep string) (string, bool) {
	switch strings.TrimPrefix(bizStep, stepPrefix) {
	case "departing", "arriving", "loading", "unloading", "transporting", "staging_outbound":
		return bizStep, true
	}
	return "", false
}

// extension returns the texts of an event's own fields of these names, in any
// vocabulary, our own first of all.
func extension(o *epcis.Object, names ...string) []string {
	if o == nil {
		return nil
	}
	var out []string
	for i := range o.Members {
		if m := &o.Members[i]; slices.Contains(names, strings.TrimPrefix(m.Name, epcis.Vocabulary)) {
			out = append(out, texts(m.Value)...)
		}
	}
	return out
}

func texts(v *epcis.Value) []string {
	if v == nil {
		return nil
	}
	switch v.Kind {
	case epcis.String, epcis.Number:
		return []string{v.Str}
	case epcis.Array:
		var out []string
		for _, item := range v.Items {
			if item.Kind == epcis.String {
				out = append(out, item.Str)
			}
		}
		return out
	}
	return nil
}

func (f *freight) seals(s *Stated, e *entry) {
	for _, v := range extension(e.event.Extensions, "seal", "sealNumber") {
		s.say(v, "", strings.ToUpper(strings.TrimSpace(v)), e.rec.Seq)
	}
}

// roleNames are the parties of a consignment, in the order in which they are told.
func roleNames() []string { return []string{"consignor", "consignee", "seller", "buyer", "carrier"} }

func (f *freight) parties(parties []Stated, e *entry) {
	say := func(role int, id epcis.ID) { parties[role].say(id.URI, "", id.URI, e.rec.Seq) }
	for i, list := range [...][]epcis.Party{e.event.Sources, e.event.Destinations} {
		for _, p := range list {
			switch strings.TrimPrefix(p.Type, epcis.NamespaceCBV+"SDT-") {
			case "possessing_party":
				say(i, p.ID)
			case "owning_party":
				say(2+i, p.ID)
			}
		}
	}
	for _, v := range extension(e.event.Extensions, "carrier") {
		say(4, epcis.Canonical(v))
	}
}

// documents takes in what an event cites.
func (c *Consignment) documents(e *entry) {
	for _, t := range e.event.Transactions {
		if t.Type == declarationType {
			c.declared(t.ID.URI, e)
			continue
		}
		c.document(t.Type, t.ID.URI, shortID(t.ID.URI), e.rec.Seq)
	}
	for _, name := range [...]string{dueDiligence, "certificateOfInspection"} {
		for _, v := range extension(e.event.Extensions, name) {
			c.document(epcis.Vocabulary+name, v, v, e.rec.Seq)
		}
	}
}

func (c *Consignment) document(kind, id, number string, seq uint64) {
	at := slices.IndexFunc(c.Documents, func(d ConsignedDocument) bool { return d.Type == kind && d.ID == id })
	if at < 0 {
		at = len(c.Documents)
		c.Documents = append(c.Documents, ConsignedDocument{Type: kind, ID: id, Number: number})
	}
	c.Documents[at].Seqs = withSeq(c.Documents[at].Seqs, seq)
}

// declaration is the one of that id, made when it is met first.
func (c *Consignment) declaration(id string) *Declaration {
	at := slices.IndexFunc(c.Declarations, func(d Declaration) bool { return d.ID == id })
	if at < 0 {
		at = len(c.Declarations)
		c.Declarations = append(c.Declarations, Declaration{ID: id, Number: shortID(id), Classification: Stated{}, Events: []Event{}})
	}
	return &c.Declarations[at]
}

func (c *Consignment) declared(id string, e *entry) {
	d := c.declaration(id)
	d.Events = append(d.Events, eventOf(e))
	for _, code := range extension(e.event.Extensions, hsCode) {
		d.Classification.say(code, "", digitsOf(code), e.rec.Seq)
	}
}

const hsCode = "hsCode"

// digitsOf leaves the digits: codes are written with points and spaces, too.
func digitsOf(code string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, code)
}

// attribute lists what the master data of id states under one of the names.
func (f *freight) attribute(id string, visit func(seq uint64, v *epcis.Value), names ...string) {
	for _, e := range f.master {
		if e.other.MasterData.ID.URI != id {
			continue
		}
		for _, a := range e.other.MasterData.Attributes {
			if slices.Contains(names, plainName(a.ID)) {
				visit(e.rec.Seq, a.Value)
			}
		}
	}
}

// plainName is the name of an attribute or field without its vocabulary: our own,
// CBV's master data in both spellings, GS1's.
func plainName(iri string) string {
	for _, p := range [...]string{epcis.Vocabulary, epcis.NamespaceCBVMD, "urn:epcglobal:cbv:mda#", epcis.NamespaceGS1, "https://gs1.org/voc/"} {
		if name, ok := strings.CutPrefix(iri, p); ok {
			return name
		}
	}
	return iri
}

func (f *freight) locode(place string) string {
	var code string
	f.attribute(place, func(_ uint64, v *epcis.Value) {
		if t := texts(v); len(t) > 0 {
			code = t[0]
		}
	}, "unLocode")
	return code
}

// differences lists what the records state differently, the declared commodity
// codes against those of the goods included.
func (c *Consignment) differences() {
	add := func(what, about string, claims []Claim) {
		if len(claims) > 1 {
			c.Differences = append(c.Differences, Difference{what, about, claims})
		}
	}
	var declared Stated
	var origins Stated
	for _, d := range c.Declarations {
		add("commodity code of the declaration", d.ID, d.Classification)
		declared = append(declared, d.Classification...)
		for _, o := range d.Origin {
			origins.say(o.Value, "", o.same, o.Seqs[0])
		}
	}
	add("country of origin of the declarations", "", origins)
	for i, d := range c.Declarations {
		if i > 0 && !sameCodes(d.Classification, c.Declarations[0].Classification) {
			add("commodity code of the declarations", "", declared)
			break
		}
	}
	for _, g := range c.Goods {
		add("commodity code", g.Class, g.Classification)
		if len(declared) > 0 && len(g.Classification) > 0 && !sameCodes(g.Classification, declared) {
			add("commodity code, of the goods and as declared", g.Class, slices.Concat(g.Classification, declared))
		}
		add("net weight of one piece", g.Class, g.Net)
		add("gross weight of one piece", g.Class, g.Gross)
		add("country of origin", g.Class, g.Origin)
		if len(origins) == 1 && len(g.Origin) == 1 && origins[0].same != g.Origin[0].same {
			add("country of origin, of the goods and as declared", g.Class, slices.Concat(g.Origin, origins))
		}
	}
	for _, e := range c.Equipment {
		add("seal", e.ID, e.Seals)
	}
	for _, p := range c.Parties {
		add(p.Role, "", p.Who)
	}
}

// sameCodes reports whether each of a's codes is one of b's, or begins one, or
// goes on from one: countries add digits to the six of the Harmonized System.
func sameCodes(a, b Stated) bool {
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y Claim) bool {
			return strings.HasPrefix(x.same, y.same) || strings.HasPrefix(y.same, x.same)
		}) {
			return false
		}
	}
	return true
}
