package lane

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
)

// object is a JSON object under construction; encoding/json writes its members
// in the order of their names.
type object = map[string]any

// contextTerms is the JSON-LD context of every document of a lane.
func contextTerms() []any {
	return []any{epcis.ContextURL, object{"wm": epcis.Vocabulary, "cbvmda": "urn:epcglobal:cbv:mda:"}}
}

// author writes the documents of one script, or of what goes before a lane.
type author struct {
	now   time.Time
	acts  []Act
	aside bool // nothing later rests on the acts that come now
	err   error
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
	a.acts = append(a.acts, Act{Row: row, Member: member, Title: title, Kind: epcis.KindEvent, Document: doc, Aside: a.aside})
	a.keep(err)
}

// A leg is one step of a carriage, hours before now, in the zone with that many
// hours east of Greenwich.
type leg struct {
	title, step, place string
	hoursAgo, zone     int
	vessel             string // IMO number as a URI, where the goods are aboard
}

// legs adds one act of the carrier a leg: it observes the units that it carries.
func (a *author) legs(row int, carrier string, units []string, papers []object, legs []leg) {
	for _, l := range legs {
		e := object{"action": "OBSERVE", "epcList": units, "bizTransactionList": papers}
		if l.vessel != "" {
			e["wm:vessel"] = l.vessel
		}
		a.capture(row, carrier, l.title, a.event(epcis.ObjectEvent, l.hoursAgo, l.zone, l.step, "in_transit", l.place, e))
	}
}

// unpack is the event that takes the children out of their parent.
func (a *author) unpack(hoursAgo, zone int, place, parent string, children []string) object {
	return a.event(epcis.AggregationEvent, hoursAgo, zone, "unpacking", "in_progress", place, object{
		"action": "DELETE", "parentID": parent, "childEPCs": children,
	})
}

// pack is the event that puts the children into their parent.
func (a *author) pack(hoursAgo, zone int, place, parent string, children []string) object {
	return a.event(epcis.AggregationEvent, hoursAgo, zone, "packing", "in_progress", place, object{
		"action": "ADD", "parentID": parent, "childEPCs": children,
	})
}

// record adds an act: the member's records of a kind of Waymark's own.
func (a *author) record(row int, member, title string, kind epcis.Kind, records ...object) {
	act := Act{Row: row, Member: member, Title: title, Kind: kind, Aside: a.aside}
	for _, r := range records {
		r["@context"] = contextTerms()
		b, err := json.Marshal(r)
		a.keep(err)
		act.Records = append(act.Records, b)
	}
	a.acts = append(a.acts, act)
}

// A validity is how many hours before now a certificate begins and ends to hold.
type validity struct{ from, until int }

// thisYear is the validity of a certificate that holds for all of a lane.
var thisYear = validity{365 * 24, -365 * 24}

// certificate adds an act: the certifier issues a certificate.
func (a *author) certificate(certifier, title, id, scheme, subject string, v validity, scope []string) {
	a.record(0, certifier, title, epcis.KindCertificate, a.issue(id, scheme, subject, v, scope))
}

func (a *author) issue(id, scheme, subject string, v validity, scope []string) object {
	from, _ := a.at(v.from, 0)
	until, _ := a.at(v.until, 0)
	return object{
		"type": "wm:Certificate", "action": "issue", "id": id, "scheme": scheme, "subject": subject, "scope": scope,
		"validFrom": from, "validUntil": until,
	}
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
