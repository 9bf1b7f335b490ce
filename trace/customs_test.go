package trace_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

func customsRecord(action, mrn, when, more string) string {
	return fmt.Sprintf(`{"@context":["%s",{"wm":"%s"}],"type":"wm:CustomsDeclaration","action":%q,"mrn":%q,"country":"DE","eventTime":%q%s}`,
		epcis.ContextURL, epcis.Vocabulary, action, mrn, when, more)
}

func declare(mrn, when, hs string, goods ...string) string {
	return customsRecord("declaration", mrn, when, fmt.Sprintf(`,"flow":"import","procedure":"4000","hsCode":%q,"origin":"ET",
		"parties":[{"role":"declarant","id":"DE123456789012345"},{"role":"consignee","id":%q}],"epcList":%s,
		"quantityList":[{"epcClass":%q,"quantity":60.50,"uom":"KGM"}],"bizTransactionList":[{"type":"inv","bizTransaction":"urn:inv:1"}]`,
		hs, orgB, list(goods...), gtin(1)))
}

func TestTouchesOfCustoms(t *testing.T) {
	for record, want := range map[string][]trace.Key{
		declare(import1, at(1, 0), "090111", box, item(1, "A"), lot(1, "L"), box): {
			{NS: trace.NSItem, ID: item(1, "A")}, {NS: trace.NSItem, ID: box}, {NS: trace.NSLot, ID: lot(1, "L")}, {NS: trace.NSTransaction, ID: import1},
		},
		customsRecord("hold", import1, at(1, 0), `,"reason":"x","bizTransactionList":[{"bizTransaction":"urn:inv:1"}]`): {{NS: trace.NSTransaction, ID: import1}},
		customsRecord("release", import1, at(1, 0), `,"epcList":`+list(lot(1, "L"), item(1, "A"))):                      {{NS: trace.NSItem, ID: item(1, "A")}, {NS: trace.NSLot, ID: lot(1, "L")}, {NS: trace.NSTransaction, ID: import1}},
		strings.Replace(customsRecord("gate", "", at(1, 0), `,"policy":"off"`), `"mrn":"",`, ``, 1):                     {trace.BorderKey("DE")},
	} {
		r, err := epcis.Decode(epcis.KindCustoms, []byte(record))
		if err != nil {
			t.Fatal(err)
		}
		if got := trace.Touches(r); !slices.Equal(got, want) {
			t.Errorf("%s\n got %v\nwant %v", record, got, want)
		}
	}
}

// Whoever asks for a bag in a declared container finds the declaration and every
// decision on it, refused ones too, and none on the container's next load.
func TestJourneyShowsWhatCustomsDecided(t *testing.T) {
	m := newMemory()
	const authority = "https://id.gs1.org/417/9521105000004"
	bag := item(1, "A")
	m.event(t, orgA, object("ADD", "commissioning", at(1, 1), bag))
	m.event(t, orgA, pack("ADD", at(2, 0), box, bag))
	said := func(organisation, when, record string, findings ...trace.Finding) uint64 {
		return m.add(t, organisation, epcis.KindCustoms, when, record, findings...)
	}
	before := said(orgB, at(1, 5), declare("urn:mrn:before", at(1, 5), "090111", box))
	declared := said(orgB, at(3, 0), declare(import1, at(3, 0), "09011100", box))
	inspected := said(authority, at(4, 0), customsRecord("inspection", import1, at(4, 0), `,"hsCode":"090121"`))
	refused := said(orgA, at(4, 5), customsRecord("release", import1, at(4, 5), ``), trace.Finding{Severity: trace.Reject, Rule: "A3"})
	held := said(authority, at(5, 0), customsRecord("hold", import1, at(5, 0), `,"reason":"wrong code","readPoint":{"id":"https://id.gs1.org/414/9521105000011"}`))
	released := said(authority, at(6, 0), customsRecord("release", import1, at(6, 0), ``))
	m.event(t, orgB, pack("DELETE", at(7, 0), box, bag))
	after := said(orgB, at(8, 0), declare("urn:mrn:after", at(8, 0), "090111", box))

	j := walk(t, m, bag, trace.Options{})
	told := map[uint64]trace.Step{}
	for _, s := range j.Steps {
		told[s.Seq] = s
	}
	for seq, want := range map[uint64]string{
		declared: "customs declaration", inspected: "inspecting", refused: "accepting: customs released (refused)",
		held: "holding: customs held", released: "accepting: customs released",
	} {
		if s, ok := told[seq]; !ok || s.Told() != want || !slices.Contains(s.About, box) || s.Documents[0].ID != import1 {
			t.Errorf("record %d: %q %+v, want %q", seq, s.Told(), s, want)
		}
	}
	if s := told[held]; s.Organisation != authority || s.Place != "https://id.gs1.org/414/9521105000011" || !slices.Contains(s.Details, trace.Detail{Name: epcis.Vocabulary + "country", Value: "DE"}) {
		t.Errorf("the hold does not say who, where and which country: %+v", s)
	}
	for _, seq := range []uint64{before, after} {
		if _, ok := told[seq]; ok {
			t.Errorf("record %d is about another load", seq)
		}
	}

	c := consignments(t, j)
	if len(c) != 1 || len(c[0].Declarations) != 1 {
		t.Fatalf("%+v", c)
	}
	var out strings.Builder
	if err := c[0].Write(&out, map[string]string{authority: "Customs of Germany"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"customs declaration (MRN)  26DE585000000001R5  #3 #4 #6 #7\n", "  procedure                import 4000, DE\n", "  declarant                DE123456789012345  #3\n",
		"  country of origin        ET  #3\n", "  declared                 60.5 kg of (01)", "  commodity code (HS)      ≠ 09011100  #3\n", "  commodity code (HS)      ≠ 090121  #4\n",
		"  2026-03-05 00:00         holding: customs held · ", " · Customs of Germany  #6\n", "accepting: customs released · Customs of Germany  #7\n", "invoice", "consignee",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// A declaration that was withdrawn declares nothing any more; that it was made and
// withdrawn is told.
func TestWithdrawnDeclarationDeclaresNothing(t *testing.T) {
	m := newMemory()
	m.event(t, orgA, pack("ADD", at(2, 0), box, item(1, "A")))
	m.add(t, orgB, epcis.KindCustoms, at(3, 0), declare(import1, at(3, 0), "180100", box))
	m.add(t, orgB, epcis.KindCustoms, at(3, 1), customsRecord("withdrawal", import1, at(3, 1), `,"reason":"wrong code"`))
	m.add(t, orgB, epcis.KindCustoms, at(3, 2), declare(import1, at(3, 2), "090111", box))
	c := consignments(t, walk(t, m, box, trace.Options{}))
	if len(c) != 1 || len(c[0].Declarations) != 1 {
		t.Fatalf("%+v", c)
	}
	d := c[0].Declarations[0]
	if len(d.Events) != 3 || len(d.Classification) != 1 || d.Classification[0].Value != "090111" || len(c[0].Differences) != 0 {
		t.Errorf("%+v, differences %+v", d, c[0].Differences)
	}
}

// A decision that names some goods is told of those alone, in their journeys and among
// the decisions on the declaration.
func TestDecisionOnPartIsToldOfThatPart(t *testing.T) {
	m := newMemory()
	a, b, pallet := item(1, "A"), item(1, "B"), item(2, "P")
	m.event(t, orgA, object("ADD", "commissioning", at(1, 1), a, b, item(1, "C")))
	m.event(t, orgA, pack("ADD", at(2, 0), pallet, item(1, "C")))
	said := func(when, record string) uint64 { return m.add(t, orgB, epcis.KindCustoms, when, record) }
	said(at(3, 0), declare(import1, at(3, 0), "090111", a, b, pallet))
	inspected := said(at(4, 0), customsRecord("inspection", import1, at(4, 0), ``))
	held := said(at(5, 0), customsRecord("hold", import1, at(5, 0), `,"reason":"x","epcList":`+list(b, pallet)))
	released := said(at(6, 0), customsRecord("release", import1, at(6, 0), `,"epcList":`+list(a)))
	m.event(t, orgB, pack("DELETE", at(7, 0), pallet, item(1, "C")))
	last := said(at(8, 0), customsRecord("seizure", import1, at(8, 0), `,"reason":"x","epcList":`+list(pallet)))

	for id, want := range map[string][]uint64{
		a: {inspected, released}, b: {inspected, held}, item(1, "C"): {inspected, held, last}, import1: {inspected, held, released, last},
	} {
		j := walk(t, m, id, trace.Options{Direction: trace.Upstream})
		for _, seq := range []uint64{inspected, held, released, last} {
			told := slices.ContainsFunc(j.Steps, func(s trace.Step) bool { return s.Seq == seq })
			if told != slices.Contains(want, seq) {
				t.Errorf("%s: record %d is told: %v", id, seq, told)
			}
		}
		for _, s := range j.Steps {
			if s.Seq == held && (slices.Contains(s.About, a) || !slices.Contains(s.Details, trace.Detail{Name: epcis.Vocabulary + "onlyOf", Value: "serial B and 1 more"})) {
				t.Errorf("%s: the hold is about %v: %v", id, s.About, s.Details)
			}
			if s.Seq == inspected && slices.ContainsFunc(s.Details, func(d trace.Detail) bool { return d.Name == epcis.Vocabulary+"onlyOf" }) {
				t.Errorf("the inspection is of all: %v", s.Details)
			}
		}
	}
	c := consignments(t, walk(t, m, import1, trace.Options{}))
	if len(c) != 1 || len(c[0].Declarations) != 1 {
		t.Fatalf("%+v", c)
	}
	var some [][]string
	for _, e := range c[0].Declarations[0].Events {
		some = append(some, e.OnlyOf)
	}
	if want := [][]string{nil, nil, {b, pallet}, {a}, {pallet}}; !slices.EqualFunc(some, want, slices.Equal) {
		t.Errorf("the decisions are on %v, want %v", some, want)
	}
	var out strings.Builder
	if err := c[0].Write(&out, nil); err != nil || !strings.Contains(out.String(), "holding: customs held · only of serial B and 1 more") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// What is withdrawn after some of the goods were released still declares those.
func TestWithdrawalOfTheRestLeavesWhatWasReleased(t *testing.T) {
	m := newMemory()
	a, b := item(1, "A"), item(1, "B")
	m.add(t, orgB, epcis.KindCustoms, at(3, 0), declare(import1, at(3, 0), "090111", a, b))
	m.add(t, orgB, epcis.KindCustoms, at(4, 0), customsRecord("release", import1, at(4, 0), `,"epcList":`+list(a)))
	m.add(t, orgB, epcis.KindCustoms, at(5, 0), customsRecord("withdrawal", import1, at(5, 0), `,"reason":"wrong serial"`))
	c := consignments(t, walk(t, m, a, trace.Options{}))
	if len(c) != 1 || len(c[0].Declarations) != 1 || c[0].Declarations[0].Procedure != "4000" {
		t.Fatalf("%+v", c)
	}
}

// A long name does not hide that a decision is on some of the goods only.
func TestDecisionOnLongNamesIsStillOnSome(t *testing.T) {
	m := newMemory()
	long := "urn:x:" + strings.Repeat("y", 250)
	m.add(t, orgB, epcis.KindCustoms, at(3, 0), declare(import1, at(3, 0), "090111", long, item(1, "A")))
	held := m.add(t, orgB, epcis.KindCustoms, at(4, 0), customsRecord("hold", import1, at(4, 0), `,"reason":"x","epcList":`+list(long)))
	for _, s := range walk(t, m, import1, trace.Options{}).Steps {
		if s.Seq == held && !slices.Contains(s.Details, trace.Detail{Name: epcis.Vocabulary + "onlyOf", Value: "1 of its goods"}) {
			t.Errorf("%+v", s.Details)
		}
	}
}
