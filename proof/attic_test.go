package proof

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What the attic's ledger is about.
var (
	jam      = itemOf(5, "J%2F1%26") // a serial that a Digital Link has to escape
	fruit    = lotOf(4, "F1")
	juice    = lotOf(6, "JUICE")
	box      = link + "8003/" + checked("0952110100002") + "B1"
	pallet   = link + "00/" + checked("39521101000000002")
	odd      = "urn:example:odd:\u2028<&>\"\\\u00e9"
	wide     = "urn:epcglobal:cbv:bt:9521101000009:BLANKET"
	unissued = "https://example.org/certificates/none"
)

// newAttic is a ledger of everything out of the ordinary that a walk has to tell:
// corrections, split lots, transformations in several events, containers that
// nobody closed or filled, recalls of a class, documents cited too often to be
// read, and names that are hard to write.
func newAttic(t testing.TB) *book {
	t.Helper()
	b := newBook(t, "2026-04-01T00:00:00Z", map[string]string{grower: "Attic \u2028 & Söhne", carrier: "Two Seas", shop: "Corner <Shop>", certifier: "Green Seal"})
	minute := 0
	at := func() string {
		minute++
		return fmt.Sprintf("2026-04-%02dT%02d:%02d:00Z", 2+minute/1440, minute/60%24, minute%60)
	}
	do := func(who string, bodies ...string) uint64 {
		var records []string
		for _, body := range bodies {
			records = append(records, event(at(), body))
		}
		b.at(t, fmt.Sprintf("2026-04-%02dT%02d:%02d:30Z", 2+minute/1440, minute/60%24, minute%60))
		return b.block(t, who, epcis.KindEvent, records...)
	}
	amount := func(class, kg string) string {
		return fmt.Sprintf(`{"epcClass":%q,"quantity":%s,"uom":"KGM"}`, class, kg)
	}

	b.block(t, grower, epcis.KindMasterData, named(epcis.VocabularyClass, class(5), "Jam, \"best\" \u2029 of 2026"), named(epcis.VocabularyPlace, place("9521101"), "Attic"))
	b.block(t, grower, epcis.KindMasterData, named(epcis.VocabularyDocument, wide, "Blanket order"))
	b.block(t, certifier, epcis.KindCertificate, own("Certificate", fmt.Sprintf(`"action":"issue","id":%q,"scheme":%q,"subject":%q,"scope":[%q],"validFrom":"2026-01-01T00:00:00Z","validUntil":"2026-04-02T00:00:00Z"`,
		organic, epcis.Vocabulary+"Scheme-organic", place("9521101"), class(9))))
	b.refuse(t, shop, epcis.KindCertificate, own("Certificate", fmt.Sprintf(`"action":"revoke","id":%q,"reason":"envy"`, organic)))

	// A lot with land in its ilmd, split over two containers and two juices.
	do(grower, fmt.Sprintf(`"type":"ObjectEvent","action":"ADD","bizStep":"creating_class_instance","bizLocation":{"id":%q},"quantityList":[%s],"ilmd":{"wm:land":{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"plotId":"north","area":"2.50"},"geometry":{"type":"Polygon","coordinates":[[[9.90,53.5],[9.91,53.5],[9.91,53.51],[9.90,53.5]]]}}]}}`,
		place("9521101"), amount(fruit, "100.50")))
	do(grower, fmt.Sprintf(`"type":"AggregationEvent","action":"ADD","parentID":%q,"childQuantityList":[%s]`, box, amount(fruit, "60.25")),
		fmt.Sprintf(`"type":"AggregationEvent","action":"ADD","parentID":%q,"childQuantityList":[%s]`, pallet, amount(fruit, "40.25")))
	do(grower, fmt.Sprintf(`"type":"AggregationEvent","action":"ADD","parentID":%q,"childEPCs":%s`, "urn:epc:id:imovn:9521100", list(pallet)))
	do(carrier, object("OBSERVE", "arriving", box)+`,"wm:mileage":12.50,"wm:vessel":"urn:epc:id:imovn:9521100"`)
	b.refuse(t, shop, epcis.KindEvent, event("2026-04-02T00:05:30Z", object("OBSERVE", "arriving", box)))
	do(carrier, fmt.Sprintf(`"type":"AggregationEvent","action":"DELETE","bizStep":"unloading","parentID":%q`, box))

	// One transformation in two events; another juice of the same lot.
	do(grower, fmt.Sprintf(`"type":"TransformationEvent","transformationID":"urn:example:press:1","inputQuantityList":[%s],"outputQuantityList":[%s]`, amount(fruit, "50"), amount(juice, "40")),
		fmt.Sprintf(`"type":"TransformationEvent","transformationID":"urn:example:press:1","inputEPCList":%s,"outputQuantityList":[%s]`, list(odd), amount(lotOf(7, "POMACE"), "9.5")),
		fmt.Sprintf(`"type":"TransformationEvent","inputQuantityList":[%s],"outputQuantityList":[%s]`, amount(fruit, "20"), amount(juice, "15")))
	do(grower, fmt.Sprintf(`"type":"TransformationEvent","inputQuantityList":[%s],"outputEPCList":%s,"certificationInfo":%s,"ilmd":{"cbvmda:lotNumber":"JAM1"}`,
		amount(juice, "1"), list(jam, itemOf(5, "J2")), list(organic, unissued))+citing(wide))

	// Packed by mistake, and said so; somebody else's word does not count.
	wrong := `"eventID":"urn:uuid:00000000-0000-4000-8000-000000000001",` + pack("ADD", pallet, jam)
	right := `"eventID":"urn:uuid:00000000-0000-4000-8000-000000000002",` + pack("ADD", box, jam)
	declares := func(body string) string {
		return body + `,"errorDeclaration":{"declarationTime":"2026-04-02T02:00:00Z","reason":"did_not_occur"}`
	}
	do(grower, wrong, declares(wrong))
	do(grower, right)
	do(carrier, declares(right))
	do(carrier, fmt.Sprintf(`"type":"AggregationEvent","action":"OBSERVE","parentID":%q,"childEPCs":%s`, pallet, list(box)))
	do(grower, object("OBSERVE", "shipping", jam)+citing(wide)+`,"persistentDisposition":{"set":["completeness_verified"]}`)
	do(carrier, object("OBSERVE", "shipping", jam))
	do(shop, pack("DELETE", link+"00/"+checked("39521101000000003"), jam))
	do(shop, object("OBSERVE", "receiving", jam), object("OBSERVE", "receiving", jam))

	// A recall of the whole class, one that was refused, and one of before.
	recall := fmt.Sprintf(`"type":"ObjectEvent","action":"OBSERVE","bizStep":"holding","disposition":"recalled","quantityList":[{"epcClass":%q}]`, class(5))
	do(grower, recall)
	b.refuse(t, shop, epcis.KindEvent, event(at(), recall))
	do(shop, fmt.Sprintf(`"type":"ObjectEvent","action":"OBSERVE","bizStep":"stocking","quantityList":[{"epcClass":%q,"quantity":3}]`, class(5)))
	do(shop, object("DELETE", "destroying", box))
	return b
}

// blanket cites the attic's order more often than a walk reads.
func blanket(t testing.TB, b *book) {
	t.Helper()
	var many []string
	for i := range 205 {
		many = append(many, strings.Replace(event("2026-04-05T08:00:00Z", object("OBSERVE", "storing", itemOf(3, "X"))+citing(wide)), "08:00:00Z", fmt.Sprintf("08:%02d:%02dZ", i/60, i%60), 1))
	}
	b.at(t, "2026-04-05T09:00:00Z").block(t, shop, epcis.KindEvent, many...)
}

// lift ends the recall of the attic's class, by a record that names no jar.
func lift(t testing.TB, b *book) {
	t.Helper()
	b.at(t, "2026-04-06T09:00:00Z").block(t, grower, epcis.KindEvent, event("2026-04-06T08:00:00Z", fmt.Sprintf(
		`"type":"ObjectEvent","action":"OBSERVE","bizStep":"holding","persistentDisposition":{"unset":["recalled"]},"quantityList":[{"epcClass":%q}]`, class(5))))
}

// steal has it known that the grower's key was compromised when it lifted the recall,
// declared that of a jar wrong, and recalled the juice.
func steal(t testing.TB, b *book) {
	t.Helper()
	jar := `"eventID":"urn:uuid:00000000-0000-4000-8000-000000000003",` + object("OBSERVE", "holding", jam) + `,"disposition":"recalled"`
	b.at(t, "2026-04-05T09:00:00Z").block(t, grower, epcis.KindEvent, event("2026-04-05T08:00:00Z", jar))
	lift(t, b)
	b.at(t, "2026-04-06T10:00:00Z").block(t, grower, epcis.KindEvent,
		event("2026-04-05T08:00:00Z", jar+`,"errorDeclaration":{"declarationTime":"2026-04-06T09:30:00Z","reason":"did_not_occur"}`),
		event("2026-04-06T09:40:00Z", fmt.Sprintf(`"type":"ObjectEvent","action":"OBSERVE","bizStep":"holding","disposition":"recalled","quantityList":[{"epcClass":%q}]`, juice)))
	b.compromise(b.keys[grower], instant(t, "2026-04-06T00:00:00Z").Seconds)
	b.commit()
}

// meddle has the carrier recall what it may not: the class of the jar, and the jar with a
// box that it may.
func meddle(t testing.TB, b *book) {
	t.Helper()
	of := func(id string) trace.Finding {
		return trace.Finding{Severity: trace.Flag, Rule: "K5", Version: 1, Code: trace.CodeRecallOfOthers, Title: "says recalled, and may not recall",
			Facts: []trace.Fact{{Name: id, Value: "recalled by " + carrier}}}
	}
	binds := trace.Finding{Severity: trace.Lock, Rule: "K5", Version: 1, Code: trace.CodeRecalled, Title: "recalled",
		Facts: []trace.Fact{{Name: "item", Value: box}}}
	b.at(t, "2026-04-05T09:00:00Z").judged(t, b.keys[carrier], carrier, epcis.KindEvent, []trace.Finding{of(class(5))}, event("2026-04-05T08:00:00Z",
		fmt.Sprintf(`"type":"ObjectEvent","action":"OBSERVE","bizStep":"holding","disposition":"recalled","quantityList":[{"epcClass":%q}]`, class(5))))
	b.judged(t, b.keys[carrier], carrier, epcis.KindEvent, []trace.Finding{binds, of(jam)}, event("2026-04-05T08:10:00Z",
		object("OBSERVE", "holding", jam, box)+`,"disposition":"recalled"`))
}

func TestAtticHasWhatItIsMadeFor(t *testing.T) {
	b := newAttic(t)
	v := b.verify(t, b.dossier(t, jam, BuildOptions{}), Options{ID: jam})
	voided, refused, possible := 0, 0, 0
	for _, s := range v.Journey.Steps {
		if s.Voided {
			voided++
		}
		if s.Refused {
			refused++
		}
	}
	for _, e := range v.Journey.Graph.Edges {
		if e.Certainty == trace.Possible {
			possible++
		}
	}
	if voided != 1 || refused < 3 || possible < 2 || len(v.Journey.Gaps) < 3 || len(v.Journey.Certificates) != 2 || len(v.Journey.Plots) != 1 {
		t.Errorf("%d voided, %d refused, %d possible, certificates %+v, %d plots, gaps %+v",
			voided, refused, possible, v.Journey.Certificates, len(v.Journey.Plots), v.Journey.Gaps)
	}
}
