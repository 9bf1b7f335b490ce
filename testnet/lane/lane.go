// Package lane holds trade lanes to play on a testnet: who takes part, what
// they make and where, and every event in order.
//
// Its promise: real identifiers. GS1 keys stand under GS1's demonstration
// prefixes with right check digits, containers under ISO 6346, places under
// UN/LOCODE, goods under the Harmonized System. Organisations and people are
// made up.
package lane

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// Member is an organisation of a lane. Name is its short name on the command
// line and in directories; Node says whether it runs a node of its own.
type Member struct {
	Name         string
	Node         bool
	Through      string // a member without a node signs through this one's
	Organisation identity.Organisation
}

// Act is what one member records at one point of the lane: one EPCIS document,
// or records of one of Waymark's own kinds.
type Act struct {
	Row      int    // of the lane's table; 0 for what goes before
	Member   string // short name
	Title    string
	Kind     epcis.Kind
	Document []byte   // of KindEvent: an EPCISDocument
	Records  [][]byte // of every other kind
}

// Script is one container's way through the lane.
type Script struct {
	Acts []Act
	// Bag is the retail item whose journey the lane tells.
	Bag string
	// Upstream is every item, lot and container of the bag's journey back to
	// the plots, the bag included, and no other.
	Upstream []string
	// Certificate is what the journey's events cite.
	Certificate string
	// Container, MRN and BillOfLading lead to the same journey from elsewhere.
	Container, MRN, BillOfLading string
}

// object is a JSON object under construction; encoding/json writes its members
// in the order of their names.
type object = map[string]any

// contextTerms is the JSON-LD context of every document of a lane.
func contextTerms() []any {
	return []any{epcis.ContextURL, object{"wm": epcis.Vocabulary, "cbvmda": "urn:epcglobal:cbv:mda:"}}
}

// author writes the documents of one script.
type author struct {
	now  time.Time
	acts []Act
	err  error
}

// at is the instant that many hours before now, to the second, in the zone
// with that many hours east of Greenwich.
func (a *author) at(hoursAgo, zone int) (eventTime, offset string) {
	offset = fmt.Sprintf("%+03d:00", zone)
	t := a.now.Add(-time.Duration(hoursAgo) * time.Hour).In(time.FixedZone(offset, zone*3600))
	return t.Format("2006-01-02T15:04:05.000Z07:00"), offset
}

// event completes an event's common fields.
func (a *author) event(kind epcis.EventType, hoursAgo, zone int, bizStep, disposition, place string, more object) object {
	eventTime, offset := a.at(hoursAgo, zone)
	e := object{"type": kind, "eventTime": eventTime, "eventTimeZoneOffset": offset, "bizStep": bizStep}
	if disposition != "" {
		e["disposition"] = disposition
	}
	if place != "" {
		e["readPoint"] = object{"id": place}
	}
	for name, value := range more {
		e[name] = value
	}
	return e
}

// capture adds an act: the member's events as one EPCISDocument.
func (a *author) capture(row int, member, title string, events ...object) {
	created, _ := a.at(0, 0)
	doc, err := json.Marshal(object{
		"@context":      contextTerms(),
		"type":          "EPCISDocument",
		"schemaVersion": "2.0",
		"creationDate":  created,
		"epcisBody":     object{"eventList": events},
	})
	a.acts = append(a.acts, Act{Row: row, Member: member, Title: title, Kind: epcis.KindEvent, Document: doc})
	a.keep(err)
}

// record adds an act: the member's records of a kind of Waymark's own.
func (a *author) record(row int, member, title string, kind epcis.Kind, records ...object) {
	act := Act{Row: row, Member: member, Title: title, Kind: kind}
	for _, r := range records {
		r["@context"] = contextTerms()
		b, err := json.Marshal(r)
		a.keep(err)
		act.Records = append(act.Records, b)
	}
	a.acts = append(a.acts, act)
}

func (a *author) keep(err error) {
	if a.err == nil {
		a.err = err
	}
}

// quantity is an amount of a class or lot in a UN/ECE Rec 20 unit. The amount
// is written as it stands, so it stays exact.
func quantity(class, amount, unit string) object {
	return object{"epcClass": class, "quantity": json.Number(amount), "uom": unit}
}

// transaction is an entry of a bizTransactionList.
func transaction(kind, id string) object { return object{"type": kind, "bizTransaction": id} }

// handOver is the sourceList and destinationList of a change of possession.
func handOver(e object, from, to string) object {
	e["sourceList"] = []object{{"type": "possessing_party", "source": from}}
	e["destinationList"] = []object{{"type": "possessing_party", "destination": to}}
	return e
}
