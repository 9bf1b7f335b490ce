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
