package epcis

// AcknowledgementType is the type of an acknowledgement.
const AcknowledgementType = Vocabulary + "Acknowledgement"

// What an acknowledgement is an answer to.
const (
	MatterRecall      = "recall"      // of a serial, lot or class
	MatterCertificate = "certificate" // suspended or revoked
	MatterCustoms     = "customs"     // a hold or seizure under a declaration
)

// The measures that a holder takes.
const (
	MeasureQuarantined = "quarantined"
	MeasureReturned    = "returned"
	MeasureDestroyed   = "destroyed"
	MeasureNotFound    = "not_found" // it has none of it
	MeasureSoldOn      = "sold_on"   // it is out of its hands
)

// Acknowledgement is a holder's answer to a recall, to the suspension or revocation
// of a certificate, or to a hold or seizure by customs: that it knows, and what it
// has done.
//
// JSON: {"@context":…,"type":"wm:Acknowledgement","matter":"recall"|"certificate"|"customs",
// "about":"<URI of the serial, lot or class; of the certificate; or of the declaration>",
// "eventTime":"…","measure":"quarantined"|"returned"|"destroyed"|"not_found"|"sold_on"} and, of
// what it holds, "epcList":["<item, lot or container>",…],"quantityList":[…], in the form that they
// have in events, and "note":"…".
type Acknowledgement struct {
	Matter     string
	About      ID
	Time       Instant // when the measure was taken
	Measure    string
	Note       string
	Goods      []ID       // items, lots and containers
	Quantities []Quantity // of lots and classes: all have an amount
}

func (d *decoder) acknowledgement(v *Value) *Acknowledgement {
	d.ownType(v, AcknowledgementType)
	a := &Acknowledgement{}
	for i := range v.Obj.Members {
		m := &v.Obj.Members[i]
		p := top(m.Name)
		switch m.Name {
		case "@context", "type":
		case "matter":
			a.Matter = d.oneOf(m.Value, p, MatterRecall, MatterCertificate, MatterCustoms)
		case "about":
			a.About = d.id(m.Value, p)
		case "eventTime":
			a.Time = d.instant(m.Value, p)
		case "measure":
			a.Measure = d.oneOf(m.Value, p, MeasureQuarantined, MeasureReturned, MeasureDestroyed, MeasureNotFound, MeasureSoldOn)
		case "note":
			a.Note = d.text(m.Value, p)
		case "epcList":
			a.Goods = d.declaredGoods(m.Value, m.Name)
		case "quantityList":
			a.Quantities = d.declaredQuantities(m.Value, m.Name)
		default:
			d.unknown(m, place{}, "@context", "type", "matter", "about", "eventTime", "measure", "note", "epcList", "quantityList")
		}
		if d.fault != nil {
			return nil
		}
	}
	for _, name := range [...]string{"matter", "about", "eventTime", "measure"} {
		if v.Obj.Get(name) == nil {
			d.fail(v, place{}, "an acknowledgement needs "+name)
		}
	}
	if d.fault == nil && !answers(a.Matter, a.About.Level) {
		d.fail(v.Obj.Get("about"), top("about"), "must name what the matter is about: a serial, lot or class that was recalled, a certificate, or a declaration")
	}
	return a
}

// answers reports whether an identifier of a level can be what the matter is about.
func answers(matter string, l Level) bool {
	switch l {
	case Place, PartyID:
		return false
	case Document, Opaque:
		return true
	}
	return matter == MatterRecall
}
