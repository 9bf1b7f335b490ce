package epcis

import (
	"slices"
	"strings"
)

// CustomsType is the type of a customs record.
const CustomsType = Vocabulary + "CustomsDeclaration"

// The actions of a customs record. A declaration opens; inspection, release,
// hold and seizure are the authority's decisions on it; a withdrawal ends one that
// should not stand. A gate is no word on any declaration: by it an authority says
// what happens to goods that cross its border without one.
const (
	CustomsDeclared  = "declaration"
	CustomsInspected = "inspection"
	CustomsReleased  = "release"
	CustomsHeld      = "hold"
	CustomsSeized    = "seizure"
	CustomsWithdrawn = "withdrawal"
	CustomsGate      = "gate"
)

// Customs is a customs record: a declaration, what the authority decided on it, or
// how its border gate stands.
//
// JSON: {"@context":…,"type":"wm:CustomsDeclaration","action":"declaration"|"inspection"|"release"|
// "hold"|"seizure"|"withdrawal"|"gate","mrn":"<URI of the declaration>","country":"DE",
// "eventTime":"…","readPoint":{"id":"…"},"reason":"…","hsCode":"090111","dueDiligenceReference":"…",
// "bizTransactionList":[…]} and of a declaration "flow":"import"|"export"|"transit",
// "procedure":"4000","origin":"ET","parties":[{"role":"declarant","id":"<party GLN, EORI number or URI>"},…],
// "epcList":["<item, lot or container>",…],"quantityList":[…],"valueCommitment":"sha-256:<hex>"; of a gate
// "policy":"flag"|"reject"|"off" alone. The lists of EPCIS have the form that they
// have in events. An inspection, release, hold or seizure may have an "epcList": those
// of the declared items, lots and containers that it is on, each once. Without one it
// is on all.
type Customs struct {
	Action       string
	MRN          ID     // identifies the declaration, as events cite it; its number is printed on papers
	Country      string // of the authority; ISO 3166-1 alpha-2
	Time         Instant
	Place        ID // readPoint
	Reason       string
	HSCode       string // digits; of the Harmonized System the first six
	DueDiligence string // reference of a due diligence statement
	Documents    []Transaction

	Flow       string // "import", "export" or "transit"
	Procedure  string
	Origin     string // country of origin; ISO 3166-1 alpha-2
	Commitment string // valueCommitment: to the value of the goods, which [CustomsValue] opens
	Parties    []CustomsParty
	Goods      []ID       // items, lots and containers: declared, or decided on alone
	Quantities []Quantity // of lots and classes: all have an amount

	Policy string // of a gate: "flag", "reject" or "off"
}

// CustomsParty is a party to a declaration, in the words of the WCO Data Model.
type CustomsParty struct {
	Role string // "declarant", "exporter", …
	ID   ID     // a party GLN, an EORI number, or another URI
}

func (d *decoder) customs(v *Value) *Customs {
	d.ownType(v, CustomsType)
	c := &Customs{}
	for i := range v.Obj.Members {
		m := &v.Obj.Members[i]
		p := top(m.Name)
		switch m.Name {
		case "@context", "type":
		case "action":
			c.Action = d.str(m.Value, p)
		case "mrn":
			c.MRN = d.leveled(m.Value, p, "must identify a document", Opaque, Document)
		case "country":
			c.Country = d.country(m.Value, p)
		case "eventTime":
			c.Time = d.instant(m.Value, p)
		case "readPoint":
			c.Place = d.location(m.Value, m.Name)
		case "reason":
			c.Reason = d.text(m.Value, p)
		case "hsCode":
			c.HSCode = d.hsCode(m.Value, p)
		case "dueDiligenceReference":
			c.DueDiligence = d.text(m.Value, p)
		case "bizTransactionList":
			c.Documents = d.transactions(m.Value, m.Name)
		case "flow":
			c.Flow = d.oneOf(m.Value, p, "import", "export", "transit")
		case "procedure":
			c.Procedure = d.procedure(m.Value, p)
		case "origin":
			c.Origin = d.country(m.Value, p)
		case "parties":
			c.Parties = d.customsParties(m.Value, m.Name)
		case "epcList":
			c.Goods = d.declaredGoods(m.Value, m.Name)
		case "quantityList":
			c.Quantities = d.declaredQuantities(m.Value, m.Name)
		case "valueCommitment":
			c.Commitment = d.commitment(m.Value, p)
		case "policy":
			c.Policy = d.oneOf(m.Value, p, "flag", "reject", "off")
		default:
			d.unknown(m, place{}, "@context", "type", "action", "mrn", "country", "eventTime", "readPoint", "reason", "hsCode",
				"dueDiligenceReference", "bizTransactionList", "flow", "procedure", "origin", "parties", "epcList", "quantityList",
				"valueCommitment", "policy")
		}
		if d.fault != nil {
			return nil
		}
	}
	d.requiredOfCustoms(c, v)
	return c
}

func (d *decoder) requiredOfCustoms(c *Customs, v *Value) {
	const what = "a customs record"
	d.need(v, what, "action", "country", "eventTime")
	switch c.Action {
	case CustomsDeclared:
		d.need(v, what, "mrn", "flow", "procedure", "hsCode", "origin", "parties")
		if !slices.ContainsFunc(c.Parties, func(p CustomsParty) bool { return p.Role == "declarant" }) {
			d.fail(v, place{}, "a declaration names its declarant among the parties")
		}
		if len(c.Goods)+len(c.Quantities) == 0 {
			d.fail(v, place{}, "a declaration needs an epcList or a quantityList")
		}
	case CustomsHeld, CustomsSeized, CustomsWithdrawn:
		d.need(v, what, "mrn", "reason")
	case CustomsInspected, CustomsReleased:
		d.need(v, what, "mrn")
	case CustomsGate:
		d.need(v, what, "policy")
		d.never(v, what, "another", "mrn", "readPoint", "hsCode", "dueDiligenceReference", "bizTransactionList")
	default:
		if action := v.Obj.Get("action"); action != nil {
			d.fail(action, top("action"), "must be declaration, inspection, release, hold, seizure, withdrawal or gate")
		}
	}
	if c.Action != CustomsDeclared {
		d.never(v, what, CustomsDeclared, "flow", "procedure", "origin", "parties", "quantityList", "valueCommitment")
		d.decidedGoods(c, v)
	}
	if c.Action != CustomsGate {
		d.never(v, what, CustomsGate, "policy")
	}
}

// text reads a string that is not empty.
func (d *decoder) text(v *Value, p place) string {
	s := d.str(v, p)
	if s == "" {
		d.fail(v, p, "must not be empty")
	}
	return s
}

func (d *decoder) oneOf(v *Value, p place, words ...string) string {
	s := d.str(v, p)
	if !slices.Contains(words, s) {
		d.fail(v, p, "must be one of "+strings.Join(words, ", "))
	}
	return s
}

// leveled reads an identifier of one of these levels.
func (d *decoder) leveled(v *Value, p place, reason string, levels ...Level) ID {
	id := d.id(v, p)
	if !slices.Contains(levels, id.Level) {
		d.fail(v, p, reason)
	}
	return id
}

func (d *decoder) country(v *Value, p place) string {
	s := d.str(v, p)
	if len(s) != 2 || !all(s, isCapital) {
		d.fail(v, p, "must be a country: two capital letters (ISO 3166-1 alpha-2)")
	}
	return s
}

// hsCode reads a commodity code: countries add digits to the six of the
// Harmonized System. Its chapters are 01 to 97, of which 77 is reserved; 98 and 99
// are for national use.
func (d *decoder) hsCode(v *Value, p place) string {
	s := d.str(v, p)
	if len(s) < 6 || len(s) > 12 || !all(s, isDigit) || s[:2] == "00" || s[:2] == "77" {
		d.fail(v, p, "must be a commodity code: 6 to 12 digits, the first two a chapter of the Harmonized System")
	}
	return s
}

func (d *decoder) procedure(v *Value, p place) string {
	s := d.str(v, p)
	if s == "" || len(s) > 8 || !all(s, isCapitalOrDigit) {
		d.fail(v, p, "must be a procedure code: up to 8 capital letters and digits")
	}
	return s
}

func (d *decoder) customsParties(v *Value, name string) []CustomsParty {
	var parties []CustomsParty
	for i, item := range d.items(v, top(name)) {
		p := top(name).in(i)
		o := d.object(item, p)
		if o == nil {
			return nil
		}
		var party CustomsParty
		for j := range o.Members {
			switch m := &o.Members[j]; m.Name {
			case "role":
				party.Role = d.oneOf(m.Value, p.at(m.Name), "declarant", "representative", "exporter", "importer",
					"consignor", "consignee", "carrier", "seller", "buyer")
			case "id":
				party.ID = d.leveled(m.Value, p.at(m.Name), "must be a party GLN, an EORI number or another URI", PartyID, Opaque)
				if party.ID.Level == Opaque && !strings.Contains(party.ID.URI, ":") && !isEORI(party.ID.URI) {
					d.fail(m.Value, p.at(m.Name), "must be a party GLN, an EORI number or another URI")
				}
			default:
				d.fail(m.Value, p.at(m.Name), "is neither role nor id")
			}
		}
		if party.Role == "" || party.ID.IsZero() {
			d.fail(item, p, "a party needs a role and an id")
		}
		if d.fault != nil {
			return nil
		}
		parties = append(parties, party)
	}
	return parties
}

// isEORI reports the form of an Economic Operators Registration and Identification
// number: a country and up to 15 characters of its own.
func isEORI(s string) bool {
	return len(s) >= 3 && len(s) <= 17 && all(s[:2], isCapital) && all(s[2:], isCapitalOrDigit)
}

func (d *decoder) declaredGoods(v *Value, name string) []ID {
	ids := d.ids(v, name)
	for i := range ids {
		if level := ids[i].Level; level != Item && level != Lot && level != Opaque {
			d.fail(v.Items[i], top(name).in(i), "must name an item, a lot or a container")
		}
	}
	return ids
}

// decidedGoods checks the goods that a decision names. None is a mistake, not all: what
// the authority means must not hang on an empty list.
func (d *decoder) decidedGoods(c *Customs, v *Value) {
	const name = "epcList"
	if !c.Decides() {
		d.never(v, "a customs record", "declaration, inspection, release, hold or seizure", name)
		return
	}
	list := v.Obj.Get(name)
	if list == nil || d.fault != nil {
		return
	}
	if len(c.Goods) == 0 {
		d.fail(list, top(name), "must name goods: without the list the decision is on all")
	}
	named := make(map[string]bool, len(c.Goods))
	for i := range c.Goods {
		if uri := c.Goods[i].URI; named[uri] {
			d.fail(list.Items[i], top(name).in(i), "is named twice")
		} else {
			named[uri] = true
		}
	}
}

// Decides reports an authority's word on a declaration, or on part of one.
func (c *Customs) Decides() bool {
	switch c.Action {
	case CustomsInspected, CustomsReleased, CustomsHeld, CustomsSeized:
		return true
	}
	return false
}

func (d *decoder) declaredQuantities(v *Value, name string) []Quantity {
	quantities := d.quantities(v, name)
	if d.fault != nil {
		return nil
	}
	for i := range quantities {
		q, p := &quantities[i], top(name).in(i)
		switch {
		case q.Class.Level != Class && q.Class.Level != Lot && q.Class.Level != Opaque:
			d.fail(v.Items[i], p, "must name a class or a lot")
		case q.Amount == nil || q.Amount.Sign() <= 0:
			d.fail(v.Items[i], p, "needs a quantity of more than zero")
		case q.Unit != "" && (len(q.Unit) < 2 || len(q.Unit) > 3 || !all(q.Unit, isCapitalOrDigit)):
			d.fail(v.Items[i], p, "needs a uom of UN/ECE Recommendation 20: two or three capital letters and digits")
		}
	}
	return quantities
}

func all(s string, is func(byte) bool) bool {
	for i := range len(s) {
		if !is(s[i]) {
			return false
		}
	}
	return true
}

func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }

func isCapitalOrDigit(c byte) bool { return isCapital(c) || isDigit(c) }
