package trace_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

func consignments(t *testing.T, j *trace.Journey) []trace.Consignment {
	t.Helper()
	c, err := j.Consignments()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestConsignmentOfTheLane(t *testing.T) {
	m := laneLedger(t)
	for name, id := range map[string]string{"consignment.bag": laneBag, "consignment.container": laneContainer} {
		j := walk(t, m, id, trace.Options{Direction: trace.Upstream, Now: instant(t, laneNow)})
		c := consignments(t, j)
		if len(c) != 1 {
			t.Fatalf("%s: %d consignments, want 1", id, len(c))
		}
		var out bytes.Buffer
		if err := c[0].Write(&out, j.Names); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".txt", out.Bytes())
		b, err := json.MarshalIndent(c, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", append(b, '\n'))
	}
}

const (
	box     = "urn:epc:id:bic:WMKU2047188"
	bill    = "urn:epcglobal:cbv:bt:9521101000009:BL-1"
	bill2   = "urn:epcglobal:cbv:bt:9521101000009:BL-2"
	import1 = "urn:epcglobal:cbv:bt:9521102000008:26DE585000000001R5"
)

func under(event, documentType, document string) string {
	return event + fmt.Sprintf(`,"bizTransactionList":[{"type":%q,"bizTransaction":%q}]`, documentType, document)
}

func declared(event, document, hs string) string {
	return under(event, epcis.Vocabulary+"BTT-customs_declaration", document) + fmt.Sprintf(`,"wm:hsCode":%q`, hs)
}

func between(event, from, to string) string {
	return event + fmt.Sprintf(`,"sourceList":[{"type":"possessing_party","source":%q}],"destinationList":[{"type":"possessing_party","destination":%q}]`, from, to)
}

// What records state differently stands there twice, each with its records.
func TestConsignmentShowsWhatRecordsStateDifferently(t *testing.T) {
	m := newMemory()
	bag := item(1, "A")
	m.add(t, orgA, epcis.KindMasterData, at(1, 0), `{"@context":["`+epcis.ContextURL+`",{"wm":"`+epcis.Vocabulary+`","cbvmda":"urn:epcglobal:cbv:mda:"}],
		"type":"wm:MasterData","vocabulary":"`+epcis.VocabularyClass+`","id":"`+gtin(1)+`","attributes":[
		{"id":"cbvmda:tradeItemDescription","attribute":"Coffee"},{"id":"wm:hsCode","attribute":"0901.11"},
		{"id":"cbvmda:netWeight","attribute":{"value":"60000","measurementUnitCode":"GRM"}},{"id":"cbvmda:countryOfOrigin","attribute":"ET"}]}`)
	m.event(t, orgA, object("ADD", "commissioning", at(1, 1), bag)+`,"ilmd":{"wm:hsCode":"090121","wm:netWeight":"60 KGM"}`)
	m.event(t, orgA, pack("ADD", at(2, 0), box, bag)+`,"wm:seal":"S1"`)
	m.event(t, orgA, between(under(object("OBSERVE", "shipping", at(3, 0), box), "bol", bill), orgA, orgB))
	m.event(t, orgB, declared(object("OBSERVE", "inspecting", at(4, 0), box), import1, "09011100")+`,"wm:seal":"S2"`)
	m.event(t, orgB, between(under(object("OBSERVE", "receiving", at(5, 0), box), "bol", bill), orgA, "https://id.gs1.org/417/9521103000007"))

	c := consignments(t, walk(t, m, box, trace.Options{}))
	if len(c) != 1 {
		t.Fatalf("%d consignments", len(c))
	}
	got := map[string]string{}
	for _, d := range c[0].Differences {
		var said []string
		for _, claim := range d.Claims {
			said = append(said, fmt.Sprint(claim.Value, claim.Seqs))
		}
		got[d.What] = strings.Join(said, " ")
	}
	want := map[string]string{
		"commodity code": "0901.11[0] 090121[1]",
		"commodity code, of the goods and as declared": "0901.11[0] 090121[1] 09011100[4]",
		"seal":      "S1[2] S2[4]",
		"consignee": orgB + "[3] https://id.gs1.org/417/9521103000007[5]",
	}
	if !maps.Equal(got, want) {
		t.Errorf("differences\n got %v\nwant %v", got, want)
	}
	g := c[0].Goods[0]
	if len(g.Net) != 1 || !slices.Equal(g.Net[0].Seqs, []uint64{0, 1}) {
		t.Errorf("60 kg and 60,000 g are the same: %+v", g.Net)
	}
	if g.Total == nil || *g.Total != (trace.Amount{Value: "60", Unit: "KGM"}) {
		t.Errorf("total %v", g.Total)
	}
	if len(g.Origin) != 1 || g.Origin[0].Value != "ET" {
		t.Errorf("origin %v", g.Origin)
	}
	var out strings.Builder
	if err := c[0].Write(&out, nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "≠ S2  #4") {
		t.Errorf("the text does not mark what differs:\n%s", out.String())
	}
}

// A container that is emptied and filled anew is another consignment.
func TestConsignmentEndsWhenTheContainerIsFilledAnew(t *testing.T) {
	m := newMemory()
	for i, document := range []string{bill, bill2} {
		goods := item(1, fmt.Sprint(i))
		m.event(t, orgA, object("ADD", "commissioning", at(1+10*i, 0), goods))
		m.event(t, orgA, pack("ADD", at(2+10*i, 0), box, goods)+fmt.Sprintf(`,"wm:seal":"S%d"`, i))
		m.event(t, orgA, under(object("OBSERVE", "shipping", at(3+10*i, 0), box), "bol", document))
		m.event(t, orgB, under(object("OBSERVE", "receiving", at(4+10*i, 0), box), "bol", document))
		m.event(t, orgB, pack("DELETE", at(5+10*i, 0), box, goods))
	}
	c := consignments(t, walk(t, m, box, trace.Options{}))
	if len(c) != 2 {
		t.Fatalf("%d consignments, want 2", len(c))
	}
	for i := range c {
		if len(c[i].Documents) != 1 || len(c[i].Equipment[0].Seals) != 1 || c[i].Equipment[0].Seals[0].Value != fmt.Sprint("S", i) ||
			len(c[i].Goods) != 1 || c[i].Goods[0].Pieces != 1 {
			t.Errorf("consignment %d: %+v", i, c[i])
		}
	}
}

// Lots without a container are goods and what carries them, counted once.
func TestConsignmentOfALotInBulk(t *testing.T) {
	m := newMemory()
	l := lot(1, "L")
	m.event(t, orgA, fmt.Sprintf(`"type":"ObjectEvent","action":"ADD","bizStep":"creating_class_instance","eventTime":%q,"quantityList":[%s],"ilmd":{"wm:hsCode":"0901"}`, at(1, 0), of(l, 500)))
	for hour, step := range []string{"shipping", "receiving"} {
		m.event(t, orgA, under(fmt.Sprintf(`"type":"ObjectEvent","action":"OBSERVE","bizStep":%q,"eventTime":%q,"quantityList":[%s]`, step, at(2, hour), of(l, 300)), "desadv", bill))
	}
	c := consignments(t, walk(t, m, l, trace.Options{}))
	if len(c) != 1 || len(c[0].Goods) != 1 || c[0].NetWeight == nil {
		t.Fatalf("%+v", c)
	}
	if *c[0].NetWeight != (trace.Amount{Value: "300", Unit: "KGM"}) || c[0].Goods[0].Classification[0].Value != "0901" {
		t.Errorf("%+v", c[0])
	}
}

// What was refused, declared wrong, or carried under no document states nothing.
func TestConsignmentLeavesOutWhatDoesNotCount(t *testing.T) {
	m := newMemory()
	bag := item(1, "A")
	m.event(t, orgA, object("ADD", "commissioning", at(1, 0), bag))
	m.event(t, orgA, object("OBSERVE", "shipping", at(2, 0), bag))
	if c := consignments(t, walk(t, m, bag, trace.Options{})); len(c) != 0 {
		t.Fatalf("a consignment without a document: %+v", c)
	}
	m.event(t, orgA, under(object("OBSERVE", "shipping", at(2, 1), bag), "bol", bill), trace.Finding{Severity: trace.Reject, Rule: "A1"})
	m.event(t, orgA, `"eventID":"urn:uuid:1",`+under(object("OBSERVE", "shipping", at(2, 2), bag), "bol", bill2))
	m.event(t, orgA, `"eventID":"urn:uuid:1",`+under(object("OBSERVE", "shipping", at(2, 2), bag), "bol", bill2)+
		`,"errorDeclaration":{"declarationTime":"2026-03-03T00:00:00Z","reason":"did_not_occur"}`)
	if c := consignments(t, walk(t, m, bag, trace.Options{})); len(c) != 0 {
		t.Errorf("%+v", c)
	}
}
