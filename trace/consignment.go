package trace

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// Consignment is one carriage of goods as an officer, a forwarder or a bank asks
// for it: what was declared, what it weighs, how it is packed and sealed, between
// whom and under which documents. The words are those of the UN/CEFACT
// Multi-Modal Transport Reference Data Model and of the WCO Data Model (goods
// item, transport equipment, consignor).
//
// Nothing in it is judged. Every value names the records that state it, and a
// value that two records state differently is there twice.
type Consignment struct {
	Equipment    []Equipment         `json:"transportEquipment"`
	Declarations []Declaration       `json:"declarations"`
	Goods        []GoodsItem         `json:"goodsItems"`
	Packaging    []Packaging         `json:"packaging"`
	NetWeight    *Amount             `json:"netWeight,omitempty"` // of all goods items; nil where one is unknown
	Parties      []ConsignmentParty  `json:"parties"`
	Means        []Claim             `json:"transportMeans"`
	Route        []Call              `json:"route"`
	Documents    []ConsignedDocument `json:"documents"`
	Differences  []Difference        `json:"differences"` // what records state differently
}

// Stated is what records state of one thing: one claim when they agree, several
// when they do not, in the order of their first records.
type Stated []Claim

// Claim is a value and the records that state it, ascending.
type Claim struct {
	Value string   `json:"value"` // as the first of the records writes it; identifiers are canonical
	Unit  string   `json:"unit,omitempty"`
	Seqs  []uint64 `json:"records"`

	same string // equal for values that mean the same
}

// Amount is an exact decimal with its UN/ECE Recommendation 20 unit.
type Amount struct {
	Value string `json:"value"`
	Unit  string `json:"unit"`
}

// Equipment is what carries the goods: a container, a logistic unit, or the
// goods themselves where nothing holds them.
type Equipment struct {
	ID    string `json:"id"`
	Seals Stated `json:"seals"`
}

// Declaration is a customs declaration and what the records that cite it say.
type Declaration struct {
	ID             string  `json:"id"`
	Number         string  `json:"number"`         // MRN
	Classification Stated  `json:"classification"` // commodity code, Harmonized System
	Events         []Event `json:"events"`         // as they happened

	// Of a customs record that declares.
	Country    string             `json:"country,omitempty"` // of the authority
	Flow       string             `json:"flow,omitempty"`    // "import", "export" or "transit"
	Procedure  string             `json:"procedure,omitempty"`
	Origin     Stated             `json:"countryOfOrigin,omitempty"` // ISO 3166-1 alpha-2
	Parties    []ConsignmentParty `json:"parties,omitempty"`         // "declarant", "exporter", …
	Quantities []DeclaredQuantity `json:"quantities,omitempty"`
	// ValueCommitment commits to the value declared: see [epcis.CustomsValue].
	ValueCommitment string `json:"valueCommitment,omitempty"`
}

// DeclaredQuantity is how much of a class or lot a declaration states.
type DeclaredQuantity struct {
	ID    string `json:"id"`
	Value string `json:"value"`
	Unit  string `json:"unit,omitempty"`
}

// Event is a step of an officer or carrier.
type Event struct {
	Seq          uint64        `json:"record"`
	Time         epcis.Instant `json:"eventTime"`
	BizStep      string        `json:"bizStep,omitempty"`
	Disposition  string        `json:"disposition,omitempty"`
	Place        string        `json:"place,omitempty"`
	Organisation string        `json:"organisation"` // that signed it
	// OnlyOf are the goods of a declaration that a decision is on, where it is not on all.
	OnlyOf []string `json:"onlyOf,omitempty"`
}

// GoodsItem is one product of a consignment.
type GoodsItem struct {
	Class          string   `json:"class"`
	Lots           []string `json:"lots"`
	Pieces         uint64   `json:"pieces"`             // with a serial
	Quantities     []Amount `json:"quantities"`         // without one, by unit
	Classification Stated   `json:"classification"`     // commodity code, Harmonized System
	Net            Stated   `json:"netWeight"`          // of one piece
	Gross          Stated   `json:"grossWeight"`        // of one piece
	Origin         Stated   `json:"countryOfOrigin"`    // ISO 3166-1 alpha-2
	Total          *Amount  `json:"totalNet,omitempty"` // pieces times net weight, or the quantities; nil where unknown
	Seqs           []uint64 `json:"records"`            // that pack or carry it

	sums []sum // of Quantities
}

// sum is an amount while it is added up.
type sum struct {
	amount epcis.Decimal
	unit   string
}

// Packaging is one level of packing: how many units of a kind stand in those of
// the level above.
type Packaging struct {
	Level  int      `json:"level"` // 1 is directly in the transport equipment
	Class  string   `json:"class,omitempty"`
	Number uint64   `json:"number"`
	Opened uint64   `json:"opened"` // units of the level above whose packing a record tells
	Of     uint64   `json:"of"`     // units of the level above
	Seqs   []uint64 `json:"records"`
}

// ConsignmentParty is a role and who has it, by party identifier.
type ConsignmentParty struct {
	Role string `json:"role"` // "consignor", "consignee", "seller", "buyer", "carrier"
	Who  Stated `json:"who"`
}

// Call is a place on the way.
type Call struct {
	Event
	Locode string `json:"unLocode,omitempty"` // as the place's master data states it
}

// ConsignedDocument is a document that the consignment's records cite. Type is
// the expanded CBV BTT URI, or the name of the extension field that holds the
// number.
type ConsignedDocument struct {
	Type   string   `json:"type"`
	ID     string   `json:"id"`
	Number string   `json:"number"`
	Seqs   []uint64 `json:"records"`
}

// Difference says what the records state differently.
type Difference struct {
	What   string  `json:"what"`            // "net weight of one piece"
	About  string  `json:"about,omitempty"` // an identifier
	Claims []Claim `json:"claims"`
}

// Consignments reads the carriages of goods out of a journey's records: the
// units that a record names together with a customs declaration, a bill of lading
// or a despatch advice, from loading to receipt. A container that is filled anew
// begins another consignment. Refused records and those that their author
// declared wrong count for nothing.
//
// It is a pure function of the journey; an error means that a record does not
// decode, which a verified journey rules out.
func (j *Journey) Consignments() ([]Consignment, error) {
	f := &freight{journey: j, lives: map[string]*life{}, groups: map[carriage]int{}}
	if err := f.read(); err != nil {
		return nil, err
	}
	f.group()
	out := []Consignment{}
	for _, members := range f.members {
		out = append(out, f.consignment(members))
	}
	return out, nil
}

// freight gathers what the records of a journey say of carriages.
type freight struct {
	journey *Journey
	events  []*entry // those that count, as they happened
	customs []*entry // customs records, as they happened; voided: a declaration that was withdrawn
	master  []*entry // master data
	lives   map[string]*life

	groups  map[carriage]int // place in members
	members [][]carriage     // of one consignment each; nil when joined to another
}

// carriage is one filling of a unit, or a document, whose filling is -1.
type carriage struct {
	id      string
	filling int
}

// life is when a unit was filled.
type life struct {
	filled []int // places in events
	inside map[string]bool
}

func (f *freight) read() error {
	aside := map[uint64]bool{}
	for _, s := range f.journey.Steps {
		aside[s.Seq] = s.Voided || s.Basis
	}
	var events []*entry
	for _, r := range f.journey.Records {
		if r.Rejected() || aside[r.Seq] {
			continue
		}
		record, err := epcis.Decode(r.Kind, r.Bytes)
		if err != nil {
			return fmt.Errorf("record %d does not decode: %w", r.Seq, err)
		}
		switch {
		case record.Event != nil && record.Event.Correction == nil:
			events = append(events, &entry{rec: r, event: record.Event, roles: rolesOf(record.Event)})
		case record.MasterData != nil:
			f.master = append(f.master, &entry{rec: r, other: record})
		case record.Customs != nil:
			f.customs = append(f.customs, &entry{rec: r, other: record})
		}
	}
	f.events, f.customs = happened(events), happened(f.customs)
	f.withdraw()
	for at, e := range f.events {
		if e.event.Type == epcis.AggregationEvent && !e.event.Parent.IsZero() {
			f.life(e.event.Parent.URI).aggregate(at, e.event)
		}
	}
	return nil
}

func (f *freight) life(id string) *life {
	l, ok := f.lives[id]
	if !ok {
		l = &life{inside: map[string]bool{}}
		f.lives[id] = l
	}
	return l
}

func (l *life) aggregate(at int, e *epcis.Event) {
	children := childrenOf(e)
	switch e.Action {
	case epcis.Add:
		if len(l.inside) == 0 {
			l.filled = append(l.filled, at)
		}
		for _, id := range children {
			l.inside[id] = true
		}
	case epcis.Delete:
		for _, id := range children {
			delete(l.inside, id)
		}
		if len(children) == 0 { // all of them (EPCIS 2.0, section 7.4.3)
			clear(l.inside)
		}
	}
}

func childrenOf(e *epcis.Event) []string {
	var ids []string
	for i := range e.Children {
		ids = append(ids, e.Children[i].URI)
	}
	for i := range e.ChildQuantities {
		ids = append(ids, e.ChildQuantities[i].Class.URI)
	}
	return ids
}

// filling says into which filling of the unit the event at that place falls: the
// last that had begun, or the first.
func (f *freight) filling(id string, at int) carriage {
	l, ok := f.lives[id]
	if !ok {
		return carriage{id: id}
	}
	n, began := slices.BinarySearch(l.filled, at)
	if !began {
		n--
	}
	return carriage{id, max(n, 0)}
}

// units lists what the event at that place speaks of as a whole.
func (f *freight) units(at int) []carriage {
	e := f.events[at].event
	var out []carriage
	if !e.Parent.IsZero() {
		out = append(out, f.filling(e.Parent.URI, at))
	}
	for i := range e.EPCs {
		out = append(out, f.filling(e.EPCs[i].URI, at))
	}
	for i := range e.Quantities {
		out = append(out, f.filling(e.Quantities[i].Class.URI, at))
	}
	return out
}

// group joins the units and the documents that records name together.
func (f *freight) group() {
	for at, e := range f.events {
		var together []carriage
		for _, t := range e.event.Transactions {
			if joins(t.Type) {
				together = append(together, carriage{t.ID.URI, -1})
			}
		}
		units := f.units(at)
		if len(together) == 0 || len(units) == 0 {
			continue
		}
		together = append(together, units...)
		for _, c := range together {
			f.join(together[0], c)
		}
	}
	for _, e := range f.customs {
		for _, unit := range f.declared(e) {
			f.join(carriage{e.other.Customs.MRN.URI, -1}, unit)
		}
	}
	f.members = slices.DeleteFunc(f.members, func(m []carriage) bool { return m == nil })
}

// joins reports a document that stands for one carriage.
func joins(documentType string) bool {
	switch documentType {
	case declarationType, epcis.NamespaceCBV + "BTT-bol", epcis.NamespaceCBV + "BTT-desadv":
		return true
	}
	return false
}

const declarationType = epcis.Vocabulary + "BTT-customs_declaration"

func (f *freight) join(a, b carriage) {
	to, from := f.place(a), f.place(b)
	if to == from {
		return
	}
	to, from = min(to, from), max(to, from) // the earlier keeps its place
	for _, c := range f.members[from] {
		f.groups[c] = to
	}
	f.members[to] = append(f.members[to], f.members[from]...)
	f.members[from] = nil
}

func (f *freight) place(c carriage) int {
	at, ok := f.groups[c]
	if !ok {
		at = len(f.members)
		f.groups[c] = at
		f.members = append(f.members, []carriage{c})
	}
	return at
}

// say adds that a record states a value. same is equal for values that mean the
// same.
func (s *Stated) say(value, unit, same string, seq uint64) {
	at := slices.IndexFunc(*s, func(c Claim) bool { return c.same == same })
	if at < 0 {
		at = len(*s)
		*s = append(*s, Claim{Value: value, Unit: unit, same: same})
	}
	(*s)[at].Seqs = withSeq((*s)[at].Seqs, seq)
}

func withSeq(seqs []uint64, seq uint64) []uint64 {
	at, found := slices.BinarySearch(seqs, seq)
	if found {
		return seqs
	}
	return slices.Insert(seqs, at, seq)
}

// inOrder sorts the claims by their first records.
func (s Stated) inOrder() {
	slices.SortStableFunc(s, func(a, b Claim) int { return cmp.Compare(a.Seqs[0], b.Seqs[0]) })
}
