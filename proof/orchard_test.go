package proof

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// The members of the orchard's ledger, by GS1's demonstration prefixes.
var (
	grower    = party("9521101")
	carrier   = party("9521103")
	shop      = party("9521104")
	customs   = party("9521105")
	certifier = party("9521106")
)

func checked(digits string) string {
	check, err := epcis.CheckDigit(digits)
	if err != nil {
		panic(err)
	}
	return digits + string(check)
}

const link = "https://id.gs1.org/"

func party(prefix string) string         { return link + "417/" + checked(prefix+"00000") }
func place(prefix string) string         { return link + "414/" + checked(prefix+"00001") }
func class(n int) string                 { return link + "01/" + checked(fmt.Sprintf("09521101%05d", n)) }
func itemOf(n int, serial string) string { return class(n) + "/21/" + serial }
func lotOf(n int, number string) string  { return class(n) + "/10/" + number }

// What the orchard's ledger is about.
var (
	apples      = lotOf(1, "ORCHARD1")
	bag         = itemOf(2, "A")
	sibling     = itemOf(2, "B")
	late        = itemOf(3, "LATE")
	crate       = link + "00/" + checked("39521101000000001")
	stack       = link + "00/" + checked("39521103000000009")
	rack        = link + "00/" + checked("39521103000000010")
	organic     = link + "253/" + checked("952110600000") + "ORG1"
	declaration = "urn:epcglobal:cbv:bt:9521105000005:26DE7"
)

func event(when, body string) string {
	return `{"@context":["` + epcis.ContextURL + `",{"wm":"` + epcis.Vocabulary + `","cbvmda":"urn:epcglobal:cbv:mda:"}],"eventTime":"` + when +
		`","eventTimeZoneOffset":"+00:00",` + body + `}`
}

func list(ids ...string) string {
	b, err := json.Marshal(ids)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func object(action, step string, ids ...string) string {
	return fmt.Sprintf(`"type":"ObjectEvent","action":%q,"bizStep":%q,"epcList":%s`, action, step, list(ids...))
}

func pack(action, parent string, ids ...string) string {
	return fmt.Sprintf(`"type":"AggregationEvent","action":%q,"bizStep":"packing","parentID":%q,"childEPCs":%s`, action, parent, list(ids...))
}

func citing(document string) string {
	return fmt.Sprintf(`,"bizTransactionList":[{"bizTransaction":%q}]`, document)
}

func own(typ, rest string) string {
	return `{"@context":["` + epcis.ContextURL + `",{"wm":"` + epcis.Vocabulary + `"}],"type":"wm:` + typ + `",` + rest + `}`
}

func named(vocabulary, id, name string) string {
	return own("MasterData", fmt.Sprintf(`"vocabulary":%q,"id":%q,"attributes":[{"id":"urn:epcglobal:cbv:mda:descriptionShort","attribute":%q},{"id":"https://gs1.org/voc/name","attribute":%q}]`,
		vocabulary, id, name, name))
}

// orchard is a small ledger with one of everything: apples of a lot are packed
// into bags under a certificate, travel in a crate past customs, and are sold.
// Afterwards the certificate is revoked, the declaration held, and the crate is
// used for other things. Somebody tried to bring the bag into being a second time.
type orchard struct {
	*book
	sold                           uint64 // height of the day of sale
	pressed, cloned, held, revoked uint64 // seqs
}

func newOrchard(t testing.TB) *orchard {
	t.Helper()
	o := &orchard{book: newBook(t, "2026-03-01T00:00:00Z", map[string]string{
		grower: "Hill Orchard", carrier: "Two Seas", shop: "Corner Shop", customs: "Customs (demonstration)", certifier: "Green Seal"})}
	old := testKey(t, 100) // of the grower, revoked later
	o.register(old, grower, 0, seq(9))
	o.block(t, grower, epcis.KindMasterData, named(epcis.VocabularyClass, class(2), "Apples, bag of 1 kg"), named(epcis.VocabularyPlace, place("9521101"), "Hill Orchard, gate"))
	o.block(t, shop, epcis.KindMasterData, named(epcis.VocabularyParty, shop, "Corner Shop, Main Street"))
	validity := `"validFrom":"2026-01-01T00:00:00Z","validUntil":"2026-12-31T00:00:00Z"`
	o.block(t, certifier, epcis.KindCertificate, own("Certificate", fmt.Sprintf(`"action":"issue","id":%q,"scheme":%q,"subject":%q,"scope":[%q,%q],`+validity,
		organic, epcis.Vocabulary+"Scheme-organic", grower, class(1), class(2))))
	o.at(t, "2026-03-02T08:00:00Z")
	o.judged(t, old, grower, epcis.KindEvent, nil,
		event("2026-03-02T08:00:00Z", fmt.Sprintf(`"type":"ObjectEvent","action":"ADD","bizStep":"creating_class_instance","readPoint":{"id":%q},"quantityList":[{"epcClass":%q,"quantity":500,"uom":"KGM"}],"ilmd":{"wm:plot":{"type":"Feature","properties":{"id":"plot 7"},"geometry":{"type":"Point","coordinates":[9.99,53.55]}}}`, place("9521101"), apples)),
		event("2026-03-02T08:10:00Z", fmt.Sprintf(`"type":"ObjectEvent","action":"ADD","bizStep":"creating_class_instance","quantityList":[{"epcClass":%q,"quantity":80,"uom":"KGM"}]`, lotOf(1, "ORCHARD2"))),
		event("2026-03-02T08:20:00Z", fmt.Sprintf(`"type":"ObjectEvent","action":"ADD","bizStep":"creating_class_instance","quantityList":[{"epcClass":%q,"quantity":90,"uom":"KGM"}]`, lotOf(1, "ORCHARD3"))))
	o.pressed = o.at(t, "2026-03-03T08:00:00Z").judged(t, old, grower, epcis.KindEvent, nil,
		event("2026-03-03T08:00:00Z", fmt.Sprintf(`"type":"TransformationEvent","bizStep":"commissioning","inputQuantityList":[{"epcClass":%q,"quantity":2,"uom":"KGM"}],"outputEPCList":%s,"certificationInfo":%q,"ilmd":{"cbvmda:lotNumber":"L1"}`,
			apples, list(bag, sibling), organic)))
	o.at(t, "2026-03-03T12:00:00Z").block(t, grower, epcis.KindEvent, event("2026-03-03T12:00:00Z", pack("ADD", crate, bag, sibling)))
	o.at(t, "2026-03-04T08:00:00Z").block(t, grower, epcis.KindEvent,
		event("2026-03-04T08:00:00Z", object("OBSERVE", "shipping", crate)+citing(declaration)+
			fmt.Sprintf(`,"sourceList":[{"type":"possessing_party","source":%q}],"destinationList":[{"type":"possessing_party","destination":%q}]`, grower, shop)))
	o.cloned = o.at(t, "2026-03-04T09:00:00Z").refuse(t, carrier, epcis.KindEvent, event("2026-03-04T09:00:00Z", object("ADD", "commissioning", bag)))
	o.at(t, "2026-03-05T08:00:00Z").block(t, carrier, epcis.KindEvent, event("2026-03-05T08:00:00Z", object("OBSERVE", "departing", crate)))
	o.at(t, "2026-03-06T08:00:00Z").block(t, customs, epcis.KindEvent,
		event("2026-03-06T08:00:00Z", object("OBSERVE", "inspecting", crate)+citing(declaration)+fmt.Sprintf(`,"disposition":%q`, epcis.Vocabulary+"Disp-customs_released")))
	o.at(t, "2026-03-07T08:00:00Z").block(t, shop, epcis.KindEvent,
		event("2026-03-07T08:00:00Z", object("OBSERVE", "receiving", crate)),
		event("2026-03-07T09:00:00Z", pack("DELETE", crate, bag, sibling)))
	o.at(t, "2026-03-09T08:00:00Z").block(t, shop, epcis.KindEvent, event("2026-03-09T08:00:00Z", object("OBSERVE", "retail_selling", bag)))
	o.sold = o.height
	o.held = o.at(t, "2026-03-10T08:00:00Z").block(t, customs, epcis.KindEvent,
		event("2026-03-10T08:00:00Z", `"type":"TransactionEvent","action":"OBSERVE","bizStep":"holding","epcList":[]`+citing(declaration)))
	o.revoked = o.at(t, "2026-03-11T08:00:00Z").block(t, certifier, epcis.KindCertificate,
		own("Certificate", fmt.Sprintf(`"action":"revoke","id":%q,"reason":"pesticides found","effectiveFrom":"2026-03-01T00:00:00Z"`, organic)))
	for i := range 6 { // the crate's next journeys, past the lateness limit
		when := fmt.Sprintf("2026-07-%02dT08:00:00Z", i+1)
		o.at(t, when).block(t, carrier, epcis.KindEvent, event(when, object("OBSERVE", "storing", crate)), event(when, object("OBSERVE", "storing", itemOf(3, fmt.Sprint(i)))))
	}
	return o
}

// reused are the records that bind what is put into the crate long after them.
type reused struct {
	recall, locked uint64
	held           uint64 // by which its holder came to have it
	rack           uint64 // the recall of what it came out of when that was emptied at once
}

// reuse has the crate attached to a recalled rack that is emptied at once, and again, received,
// recalled, locked for another reason and put into another, then seen more often than a walk looks
// back, and at last has something put into it.
func (o *orchard) reuse(t testing.TB) (r reused) {
	const then, now = "2026-07-08T08:00:00Z", "2026-07-20T08:00:00Z"
	tie := func(action string, ids ...string) string {
		return event(then, fmt.Sprintf(`"type":"AssociationEvent","action":%q,"bizStep":"installing","parentID":%q,"childEPCs":%s`, action, rack, list(append([]string{}, ids...)...)))
	}
	turn := func(seq uint64) map[int]any { return map[int]any{1: seq} }
	r.rack = o.at(t, then).block(t, grower, epcis.KindEvent, event(then, object("OBSERVE", "holding", rack)+`,"disposition":"recalled"`))
	tied := o.block(t, carrier, epcis.KindEvent, tie("ADD", crate))
	emptied := o.block(t, carrier, epcis.KindEvent, tie("DELETE"), tie("DELETE"))
	r.held = o.block(t, carrier, epcis.KindEvent, event(then, object("OBSERVE", "receiving", crate)))
	r.recall = o.block(t, grower, epcis.KindEvent, event(then, object("OBSERVE", "holding", crate)+`,"disposition":"recalled"`))
	r.locked = o.block(t, customs, epcis.KindEvent, event(then, object("OBSERVE", "inspecting", crate)))
	stacked := o.block(t, carrier, epcis.KindEvent, event(then, pack("ADD", stack, crate)))
	o.states[crateKey] = mustMarshal(map[int]any{6: map[int]any{1: carrier, 2: r.held}, 8: map[int]any{1: stack, 2: turn(stacked)},
		9: map[int]any{1: rack, 2: turn(tied)}, 10: []map[int]any{{1: 4205, 2: r.locked}}})
	o.states[trace.Key{NS: trace.NSItem, ID: rack}] = mustMarshal(map[int]any{19: map[int]any{4: emptied + 1, 5: map[int]any{1: turn(emptied + 1)}, 6: 1}})
	o.states[rackEmptied] = mustMarshal(map[int]any{1: turn(emptied), 2: 0, 6: []map[int]any{{1: "item:" + rack, 2: r.rack, 3: turn(emptied)}}})
	o.block(t, carrier, epcis.KindEvent, slices.Repeat([]string{event(then, object("OBSERVE", "storing", crate))}, 70)...)
	o.at(t, now).block(t, carrier, epcis.KindEvent, event(now, pack("ADD", crate, late)))
	return r
}

var rackEmptied = trace.Key{NS: trace.NSEmptied, ID: "components|0|" + rack}

// newLane is the coffee lane in memory, each record at the block time of its
// event and in an envelope of its own.
func newLane(t testing.TB) *book {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "trace", "testdata", "lane.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	type line struct {
		Organisation string
		Kind         epcis.Kind
		Record       string
	}
	var all []line
	names := map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		names[l.Organisation] = "Member " + l.Organisation[len(l.Organisation)-7:]
		all = append(all, l)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	b := newBook(t, "2026-08-30T00:00:00Z", names)
	for _, l := range all {
		r, err := epcis.Decode(l.Kind, []byte(l.Record))
		if err != nil {
			t.Fatal(err)
		}
		if r.Event != nil {
			b.at(t, r.Event.Time.String())
		}
		b.block(t, l.Organisation, l.Kind, l.Record)
	}
	return b
}

const (
	laneBag       = "https://id.gs1.org/01/09521104000020/21/R2600000001"
	laneContainer = "urn:epc:id:bic:WMKU2047188"
	laneMRN       = "urn:epcglobal:cbv:bt:9521105000005:26DE585000000000R7"
)

var _ = trace.Both
