package contracts_test

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// answerTerm is the default of the network's parameter.
const answerTerm = 86_400

const (
	green   = "https://id.gs1.org/01/09521102000015/10/" // lots of the grower
	roasted = "https://id.gs1.org/01/09521104000013/10/" // of the roaster
	bag     = "https://id.gs1.org/01/09521104000013/21/"
)

// lane is a ledger with a grower, a roaster and a shop.
func impactLedger(t *testing.T) *script {
	t.Helper()
	s := &script{memory: newMemory()}
	for _, line := range []string{
		"rules X", "member grower producer prefix=9521102", "member roaster manufacturer prefix=9521104", "member shop retailer prefix=9521101",
		"member certifier certifier prefix=9521106 scheme=https://example.org/organic", "member customs customs:DE prefix=9521105",
		"time 2026-06-01T10:00:00Z",
	} {
		s.play(t, line)
	}
	return s
}

// play is a line of a script that is accepted.
func (s *script) play(t *testing.T, line string) uint64 {
	t.Helper()
	s.expected = true
	if err := s.line(t, line); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if s.last != nil && s.last.Rejected() {
		t.Fatalf("%s: %+v", line, s.last.Findings)
	}
	return s.seq - 1
}

func (s *script) impact(t testing.TB, id string) *contracts.Impact {
	t.Helper()
	i, err := contracts.FindImpact(s, id, s.seq, s.time.Seconds, contracts.ImpactLimits{Records: 10_000, Places: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	if !i.Complete {
		t.Error("it is not complete")
	}
	return i
}

// entries reads all pages of a size.
func entries(t testing.TB, i *contracts.Impact, limit int) (all []contracts.ImpactEntry) {
	t.Helper()
	for from := (*contracts.ImpactCursor)(nil); ; {
		page, next, err := i.Entries(from, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > limit || len(page) == 0 && next != nil {
			t.Fatalf("a page of %d, limit %d", len(page), limit)
		}
		all = append(all, page...)
		if next == nil {
			return all
		}
		from = next
	}
}

// told is an impact in lines.
func told(t testing.TB, s *script, i *contracts.Impact) string {
	t.Helper()
	name := func(id string) string {
		for n, o := range s.members {
			if o.ID == id {
				return n
			}
		}
		return "?" + id
	}
	var b strings.Builder
	for _, e := range entries(t, i, 3) {
		share, certain := "?", "possible"
		if e.Share != nil {
			share = e.Share.RatString()
		}
		if e.Certain {
			certain = "certain"
		}
		id := e.ID[strings.LastIndexByte(e.ID, '/')+1:]
		fmt.Fprintf(&b, "%s %s %s %s %s", e.Kind, id, share, certain, name(e.Holder))
		if e.Condition != "" {
			b.WriteString(" " + e.Condition)
		}
		if e.In != "" {
			b.WriteString(" in " + e.In[strings.LastIndexByte(e.In, '/')+1:])
		}
		b.WriteString("\n")
	}
	for _, h := range i.Holders {
		fmt.Fprintf(&b, "%s has %d items, %d lots", name(h.ID), h.Items, h.Lots)
		if h.Gone > 0 {
			fmt.Fprintf(&b, ", %d gone", h.Gone)
		}
		switch {
		case h.Answer != nil:
			b.WriteString(", " + h.Answer.Measure)
		case h.Escalated:
			b.WriteString(", escalated")
		case h.Deadline > 0:
			b.WriteString(", open")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if want = strings.ReplaceAll(strings.TrimLeft(want, "\n"), "\t", ""); got != want {
		t.Errorf("it tells\n%swant\n%s", got, want)
	}
}

// A lot of green coffee is recalled; part of it was roasted with as much of another
// lot, packed in bags, put on a pallet and received by a shop.
func TestImpactOfALot(t *testing.T) {
	s := impactLedger(t)
	s.play(t, `grower event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+`A","quantity":60,"uom":"KGM"},{"epcClass":"`+green+`B","quantity":90,"uom":"KGM"}]}`)
	s.play(t, `roaster event {"bizStep":"receiving","quantityList":[{"epcClass":"`+green+`A","quantity":40,"uom":"KGM"},{"epcClass":"`+green+`B","quantity":90,"uom":"KGM"}]}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputQuantityList":[{"epcClass":"`+green+`A","quantity":30,"uom":"KGM"},{"epcClass":"`+green+`B","quantity":60000,"uom":"GRM"}],"outputQuantityList":[{"epcClass":"`+roasted+`R","quantity":72,"uom":"KGM"}]}`)
	s.play(t, `roaster event {"action":"ADD","bizStep":"commissioning","epcList":["`+bag+`1","`+bag+`2","`+bag+`3"],"ilmd":{"cbvmda:lotNumber":"R"}}`)
	s.play(t, `roaster event {"type":"AggregationEvent","action":"ADD","bizStep":"packing","parentID":"https://id.gs1.org/00/395211040000000014","childEPCs":["`+bag+`1","`+bag+`2"]}`)
	s.play(t, `roaster event {"bizStep":"shipping","epcList":["https://id.gs1.org/00/395211040000000014"],"sourceList":[{"type":"possessing_party","source":"`+s.members["roaster"].ID+`"}],"destinationList":[{"type":"possessing_party","destination":"`+s.members["shop"].ID+`"}]}`)
	s.play(t, `shop event {"bizStep":"receiving","epcList":["https://id.gs1.org/00/395211040000000014"]}`)
	// Nobody recalled it yet: there is an impact, and nobody has to answer.
	same(t, told(t, s, s.impact(t, green+"A")), `
		lot A 1 certain grower
		lot A 1 certain roaster
		item 1 1/3 certain shop active in 395211040000000014
		item 2 1/3 certain shop active in 395211040000000014
		item 3 1/3 certain roaster active
		lot R 1/3 certain roaster
		shop has 2 items, 0 lots
		grower has 0 items, 1 lots
		roaster has 1 items, 2 lots
`)
	s.play(t, `grower event {"disposition":"recalled","bizStep":"holding","quantityList":[{"epcClass":"`+green+`A"}]}`)
	s.play(t, `shop acknowledgement {"about":"`+green+`A","measure":"quarantined"}`)
	i := s.impact(t, green+"A")
	if got := told(t, s, i); !strings.HasSuffix(got, "shop has 2 items, 0 lots, quarantined\ngrower has 0 items, 1 lots, open\nroaster has 1 items, 2 lots, open\n") {
		t.Errorf("it tells\n%s", got)
	}
	if len(i.Matters) != 1 || i.Matters[0].What != "recalled" || i.Holders[0].Deadline != s.time.Seconds+answerTerm || i.Totals.Items != 3 || i.Totals.Lots != 2 || i.Totals.Transformations != 1 {
		t.Errorf("matters %+v, totals %+v", i.Matters, i.Totals)
	}
	s.time = s.time.Add(answerTerm)
	if got := told(t, s, s.impact(t, green+"A")); strings.Contains(got, "escalated") {
		t.Errorf("at the deadline\n%s", got)
	}
	s.time = s.time.Add(1)
	if got := told(t, s, s.impact(t, green+"A")); strings.Count(got, "escalated") != 2 || !strings.Contains(got, "0 lots, quarantined") {
		t.Errorf("after the deadline\n%s", got)
	}
	// Of a bag of the lot, the impact is the bag: the pallet holds it, and is not of it.
	same(t, told(t, s, s.impact(t, bag+"1")), `
		item 1 1 certain shop active in 395211040000000014
		shop has 1 items, 0 lots
`)
	// Of the pallet, what it holds.
	same(t, told(t, s, s.impact(t, "https://id.gs1.org/00/395211040000000014")), `
		item 395211040000000014 1 certain shop seen
		item 1 1 certain shop active in 395211040000000014
		item 2 1 certain shop active in 395211040000000014
		shop has 3 items, 0 lots
`)
	if _, err := contracts.FindImpact(s, green+"NONE", s.seq, 0, contracts.ImpactLimits{Records: 10, Places: 10}); !errors.Is(err, trace.ErrUnknown) {
		t.Errorf("an unknown lot: %v", err)
	}
}

// Several recalls reach the same goods. Each holder answers the first one that it has not
// answered, to whoever made that: the next recall puts off no deadline. An answer for the
// class is one for the lot, and not the other way round.
func TestImpactOfSeveralRecalls(t *testing.T) {
	s := impactLedger(t)
	class := strings.TrimSuffix(green, "/10/")
	s.play(t, `grower event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+`A","quantity":60,"uom":"KGM"}]}`)
	s.play(t, `roaster event {"bizStep":"receiving","quantityList":[{"epcClass":"`+green+`A","quantity":40,"uom":"KGM"}]}`)
	began := s.time.Seconds
	s.play(t, `grower event {"disposition":"recalled","bizStep":"holding","quantityList":[{"epcClass":"`+green+`A"}]}`)
	s.time = s.time.Add(3600)
	s.play(t, `customs event {"disposition":"recalled","bizStep":"holding","quantityList":[{"epcClass":"`+class+`"}]}`)
	holder := func(name string) contracts.ImpactHolder {
		t.Helper()
		i := s.impact(t, green+"A")
		if len(i.Matters) != 2 {
			t.Fatalf("matters %+v", i.Matters)
		}
		for _, h := range i.Holders {
			if h.ID == s.members[name].ID {
				return h
			}
		}
		t.Fatalf("%s is no holder: %+v", name, i.Holders)
		return contracts.ImpactHolder{}
	}
	expect := func(name, asks string, deadline int64, escalated bool, measure string) {
		t.Helper()
		h := holder(name)
		got := ""
		if h.Answer != nil {
			got = h.Answer.Measure
		}
		if h.Asks != s.members[asks].ID || h.Deadline != deadline || h.Escalated != escalated || got != measure {
			t.Errorf("%s: %+v, answer %q", name, h, got)
		}
	}
	expect("roaster", "grower", began+answerTerm, false, "")
	s.time = s.time.Add(answerTerm - 3599) // past the first deadline, before the second
	expect("roaster", "grower", began+answerTerm, true, "")
	s.play(t, `roaster acknowledgement {"about":"`+green+`A","measure":"returned"}`)
	expect("roaster", "customs", began+3600+answerTerm, false, "")
	expect("grower", "grower", began+answerTerm, true, "")
	s.play(t, `roaster acknowledgement {"about":"`+class+`","measure":"quarantined"}`)
	expect("roaster", "customs", began+3600+answerTerm, false, "quarantined")
	s.play(t, `grower acknowledgement {"about":"`+class+`","measure":"not_found"}`)
	expect("grower", "customs", began+3600+answerTerm, false, "not_found")
	s.time = s.time.Add(2 * answerTerm)
	expect("roaster", "customs", began+3600+answerTerm, false, "quarantined")
}

// A pallet circulates: what was on it stays with who had it then, however often it was
// filled and emptied since, and what is in a carton of it, too.
func TestImpactOfWhatCameOffAPalletThatCirculates(t *testing.T) {
	const pallet, carton = "https://id.gs1.org/00/395211040000000014", "https://id.gs1.org/00/395211040000000021"
	s := impactLedger(t)
	from := func(a, b string) string {
		return `"sourceList":[{"type":"possessing_party","source":"` + s.members[a].ID + `"}],"destinationList":[{"type":"possessing_party","destination":"` + s.members[b].ID + `"}]`
	}
	hand := func(a, b string) {
		s.play(t, a+` event {"bizStep":"shipping","epcList":["`+pallet+`"],`+from(a, b)+`,"eventID":"urn:uuid:ship-`+fmt.Sprint(s.seq)+`"}`)
		s.play(t, b+` event {"bizStep":"receiving","epcList":["`+pallet+`"],`+from(a, b)+`,"eventID":"urn:uuid:take-`+fmt.Sprint(s.seq)+`"}`)
	}
	pack := func(who, parent string, children string) {
		s.play(t, who+` event {"type":"AggregationEvent","action":"ADD","bizStep":"packing","parentID":"`+parent+`","childEPCs":[`+children+`],"eventID":"urn:uuid:pack-`+fmt.Sprint(s.seq)+`"}`)
	}
	empty := func(who string) {
		s.play(t, who+` event {"type":"AggregationEvent","action":"DELETE","bizStep":"unpacking","parentID":"`+pallet+`","eventID":"urn:uuid:empty-`+fmt.Sprint(s.seq)+`"}`)
	}
	s.play(t, `roaster event {"action":"ADD","bizStep":"commissioning","epcList":["`+bag+`1","`+bag+`2","`+bag+`3"],"ilmd":{"cbvmda:lotNumber":"R"}}`)
	pack("roaster", carton, `"`+bag+`2"`)
	pack("roaster", pallet, `"`+bag+`1","`+carton+`"`)
	hand("roaster", "shop")
	empty("shop")
	for range 3 {
		hand("shop", "roaster")
		pack("roaster", pallet, `"`+bag+`3"`)
		empty("roaster")
		hand("roaster", "shop")
		empty("shop")
	}
	want := `
		item 1 1 certain shop active
		item 2 1 certain shop active in 395211040000000021
		item 3 1 certain roaster active
		shop has 2 items, 0 lots
		roaster has 1 items, 0 lots
`
	same(t, told(t, s, s.impact(t, roasted+"R")), want)
	// And it is the same when the states say so themselves.
	s.play(t, `shop event {"bizStep":"storing","epcList":["`+bag+`1","`+bag+`2"]}`)
	s.play(t, `roaster event {"bizStep":"storing","epcList":["`+bag+`3"]}`)
	same(t, told(t, s, s.impact(t, roasted+"R")), want)
}

// Items go into items: each output has the share of its own record, whatever else is
// in its lot; what is consumed is nobody's any more.
func TestImpactOfItems(t *testing.T) {
	s := impactLedger(t)
	s.play(t, `roaster masterdata {"vocabulary":"urn:epcglobal:epcis:vtype:EPCClass","id":"https://id.gs1.org/01/09521104000013","attributes":[{"id":"wm:netWeight","attribute":"2 KGM"}]}`)
	s.play(t, `roaster event {"action":"ADD","bizStep":"commissioning","epcList":["`+bag+`1","`+bag+`2"],"ilmd":{"cbvmda:lotNumber":"P"}}`)
	s.play(t, `roaster event {"action":"ADD","bizStep":"storing","epcList":["`+bag+`3","`+bag+`4","`+bag+`5"],"ilmd":{"cbvmda:lotNumber":"Q"}}`)
	one := s.play(t, `roaster event {"type":"TransformationEvent","inputEPCList":["`+bag+`1","`+bag+`3","`+bag+`4"],"outputEPCList":["`+bag+`11","`+bag+`12"],"ilmd":{"cbvmda:lotNumber":"M"}}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputEPCList":["`+bag+`5"],"outputEPCList":["`+bag+`13"],"ilmd":{"cbvmda:lotNumber":"M"}}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputEPCList":["`+bag+`11","`+bag+`13"],"outputEPCList":["`+bag+`21"]}`)
	s.play(t, `roaster event {"bizStep":"retail_selling","disposition":"retail_sold","epcList":["`+bag+`12"]}`)
	i := s.impact(t, roasted+"P")
	got := told(t, s, i)
	want := "item 1 1 certain roaster consumed\nitem 2 1 certain roaster active\nitem 11 1/3 certain roaster consumed\nitem 12 1/3 certain roaster active\nitem 21 1/6 certain roaster active\n"
	if !strings.HasPrefix(got, want) || strings.Contains(got, "item 13") {
		t.Errorf("it tells\n%swant\n%s", got, want)
	}
	for _, e := range entries(t, i, 100) {
		if strings.HasSuffix(e.ID, "/11") && !slices.Equal(e.Via, []uint64{one}) {
			t.Errorf("%s came by %v, want %d", e.ID, e.Via, one)
		}
	}
	// The class has all of them, once each.
	all := s.impact(t, "https://id.gs1.org/01/09521104000013")
	if all.Totals.Items != 9 {
		t.Errorf("the class has %+v", all.Totals)
	}
	ids := map[string]int{}
	for _, e := range entries(t, all, 2) {
		ids[e.ID]++
	}
	if len(ids) != 9 {
		t.Errorf("items of the class: %v", ids)
	}
	// Declared wrong, it made nothing.
	s.play(t, `roaster event {"eventID":"urn:uuid:x","type":"TransformationEvent","inputEPCList":["`+bag+`2"],"outputEPCList":["`+bag+`31"]}`)
	if got := told(t, s, s.impact(t, roasted+"P")); !strings.Contains(got, "item 31 1 certain") {
		t.Errorf("before the correction\n%s", got)
	}
	s.play(t, `roaster event {"eventID":"urn:uuid:x","type":"TransformationEvent","inputEPCList":["`+bag+`2"],"outputEPCList":["`+bag+`31"],"errorDeclaration":{"declarationTime":"2026-06-01T10:00:00Z","reason":"did_not_occur"}}`)
	if got := told(t, s, s.impact(t, roasted+"P")); strings.Contains(got, "item 31") || !strings.Contains(got, "item 2 1 certain roaster active") {
		t.Errorf("after the correction\n%s", got)
	}
}

// Of a lot that two transformations made, an amount has their mean, and any part of it
// may be of the other; and where only items of a lot are of the closure, nobody knows
// what an amount of the lot was taken from.
func TestImpactOfWhatNobodyCanTell(t *testing.T) {
	s := impactLedger(t)
	s.play(t, `grower event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+`A","quantity":60,"uom":"KGM"},{"epcClass":"`+green+`B","quantity":90,"uom":"KGM"}]}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputQuantityList":[{"epcClass":"`+green+`A","quantity":10,"uom":"KGM"}],"outputQuantityList":[{"epcClass":"`+roasted+`R","quantity":8,"uom":"KGM"}]}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputQuantityList":[{"epcClass":"`+green+`B","quantity":30,"uom":"KGM"}],"outputQuantityList":[{"epcClass":"`+roasted+`R","quantity":24,"uom":"KGM"}]}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputQuantityList":[{"epcClass":"`+roasted+`R","quantity":16,"uom":"KGM"}],"outputQuantityList":[{"epcClass":"`+roasted+`Q","quantity":16,"uom":"KGM"}]}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputQuantityList":[{"epcClass":"`+green+`A","quantity":10,"uom":"KGM"}],"outputEPCList":["`+bag+`1"],"ilmd":{"cbvmda:lotNumber":"M"}}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputQuantityList":[{"epcClass":"`+roasted+`M","quantity":1,"uom":"KGM"}],"outputQuantityList":[{"epcClass":"`+roasted+`N","quantity":1,"uom":"KGM"}]}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputQuantityList":[{"epcClass":"`+green+`A","quantity":5},{"epcClass":"`+green+`B","quantity":1,"uom":"LTR"}],"outputQuantityList":[{"epcClass":"`+roasted+`U","quantity":5,"uom":"KGM"}]}`)
	same(t, told(t, s, s.impact(t, green+"A")), `
lot A 1 certain grower
lot R 1/4 possible roaster
item 1 1 certain roaster active
lot U ? certain roaster
lot Q 1/4 possible roaster
lot N ? possible roaster
grower has 0 items, 1 lots
roaster has 1 items, 4 lots
`)
}

// A certificate reaches what cites it from when its end has effect; a declaration the
// container that it declares and what that holds.
func TestImpactOfCertificatesAndDeclarations(t *testing.T) {
	s := impactLedger(t)
	const cert = "https://id.gs1.org/253/9521106000011ORG1"
	s.play(t, `certifier certificate {"action":"issue","id":"`+cert+`","scheme":"https://example.org/organic","subject":"`+s.members["roaster"].ID+`","validFrom":"2026-01-01T00:00:00Z","validUntil":"2026-12-31T00:00:00Z"}`)
	s.play(t, `roaster event {"eventTime":"2026-05-01T10:00:00Z","action":"ADD","bizStep":"commissioning","epcList":["`+bag+`1"],"certificationInfo":"`+cert+`","ilmd":{"cbvmda:lotNumber":"P"}}`)
	s.play(t, `roaster event {"eventTime":"2026-05-20T10:00:00Z","action":"ADD","bizStep":"commissioning","epcList":["`+bag+`2","`+bag+`3"],"certificationInfo":"`+cert+`","ilmd":{"cbvmda:lotNumber":"P"}}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputEPCList":["`+bag+`2"],"outputEPCList":["`+bag+`12"]}`)
	s.play(t, `certifier certificate {"action":"revoke","id":"`+cert+`","reason":"fraud","effectiveFrom":"2026-05-10T00:00:00Z"}`)
	s.play(t, `roaster acknowledgement {"matter":"certificate","about":"`+cert+`"}`)
	same(t, told(t, s, s.impact(t, cert)), `
item 2 1 certain roaster consumed
item 3 1 certain roaster active
item 12 1 certain roaster active
roaster has 2 items, 0 lots, quarantined
`)
	const paper, box = "urn:epcglobal:cbv:bt:9521105000005:26DE585000000001R6", "urn:epc:id:bic:WMKU2047188"
	s.play(t, `roaster event {"type":"AggregationEvent","action":"ADD","bizStep":"packing","parentID":"`+box+`","childEPCs":["`+bag+`3","`+bag+`12"]}`)
	s.play(t, `roaster customs {"action":"declaration","mrn":"`+paper+`","country":"DE","flow":"import","procedure":"4000","hsCode":"090111","origin":"ET","parties":[{"role":"declarant","id":"DE123456789012345"}],"epcList":["`+box+`"]}`)
	s.play(t, `customs customs {"action":"inspection","mrn":"`+paper+`","country":"DE"}`)
	s.play(t, `customs customs {"action":"hold","mrn":"`+paper+`","country":"DE","reason":"x"}`)
	got := told(t, s, s.impact(t, paper))
	if !strings.Contains(got, "item 3 1 certain roaster active in "+box) || !strings.Contains(got, "item 12 1 certain") || !strings.Contains(got, "roaster has 2 items, 0 lots, open") {
		t.Errorf("of the declaration it tells\n%s", got)
	}
	// Of a declaration that is held in part, what is held; once nothing is, all.
	const parts = "urn:epcglobal:cbv:bt:9521105000005:26DE585000000002R5"
	s.play(t, `roaster customs {"action":"declaration","mrn":"`+parts+`","country":"DE","flow":"import","procedure":"4000","hsCode":"090111","origin":"ET","parties":[{"role":"declarant","id":"DE123456789012345"}],"epcList":["`+bag+`3","`+bag+`12"]}`)
	s.play(t, `customs customs {"action":"inspection","mrn":"`+parts+`","country":"DE"}`)
	s.play(t, `customs customs {"action":"hold","mrn":"`+parts+`","country":"DE","reason":"x","epcList":["`+bag+`12"]}`)
	if got := told(t, s, s.impact(t, parts)); !strings.Contains(got, "item 12 1 certain") || strings.Contains(got, "item 3 ") || !strings.Contains(got, "roaster has 1 items, 0 lots, open") {
		t.Errorf("of the part that is held it tells\n%s", got)
	}
	s.play(t, `customs customs {"action":"release","mrn":"`+parts+`","country":"DE"}`)
	if i := s.impact(t, parts); len(i.Matters) != 0 || i.Totals.Items != 2 {
		t.Errorf("released, it has %v and %+v", i.Matters, i.Totals)
	}
}

// A declared container stands for what was in it from the declaration to its end, though it was
// taken out since: not for what it had held before, nor for what went in afterwards.
func TestImpactOfADeclaredContainerThatWasUnpacked(t *testing.T) {
	const paper, box = "urn:epcglobal:cbv:bt:9521105000005:26DE585000000001R6", "urn:epc:id:bic:WMKU2047188"
	s := impactLedger(t)
	pack := func(action, at, what string) {
		s.play(t, `roaster event {"type":"AggregationEvent","action":"`+action+`","bizStep":"packing","parentID":"`+box+`","eventTime":"2026-06-01T0`+at+`:00Z",`+what+`}`)
	}
	s.play(t, `roaster event {"eventTime":"2026-06-01T01:00:00Z","action":"ADD","bizStep":"commissioning","epcList":["`+bag+`1","`+bag+`2","`+bag+`3","`+bag+`4"]}`)
	s.play(t, `roaster event {"eventTime":"2026-06-01T01:00:00Z","action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+roasted+`A","quantity":60,"uom":"KGM"},{"epcClass":"`+roasted+`B","quantity":60,"uom":"KGM"}]}`)
	pack("ADD", "2:00", `"childEPCs":["`+bag+`1"],"childQuantityList":[{"epcClass":"`+roasted+`A","quantity":10,"uom":"KGM"}]`)
	pack("DELETE", "3:00", `"childEPCs":[]`)
	pack("ADD", "4:00", `"childEPCs":["`+bag+`2"]`)
	s.play(t, `roaster customs {"eventTime":"2026-06-01T05:00:00Z","action":"declaration","mrn":"`+paper+`","country":"DE","flow":"import","procedure":"4000","hsCode":"090111","origin":"ET","parties":[{"role":"declarant","id":"DE123456789012345"}],"epcList":["`+box+`"]}`)
	s.play(t, `customs customs {"eventTime":"2026-06-01T06:00:00Z","action":"release","mrn":"`+paper+`","country":"DE"}`)
	pack("ADD", "4:30", `"childEPCs":["`+bag+`3"]`) // recorded late
	pack("DELETE", "7:00", `"childEPCs":[]`)
	pack("ADD", "8:00", `"childEPCs":["`+bag+`4"],"childQuantityList":[{"epcClass":"`+roasted+`B","quantity":10,"uom":"KGM"}]`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputEPCList":["`+bag+`2"],"outputEPCList":["`+bag+`12"]}`)
	same(t, told(t, s, s.impact(t, paper)), `
		item urn:epc:id:bic:WMKU2047188 1 certain ? seen
		item 2 1 certain roaster consumed
		item 3 1 certain roaster active
		item 12 1 certain roaster active
		? has 1 items, 0 lots
		roaster has 2 items, 0 lots
`)
}

// Of the amounts of lots in a container those are in its impact that were there when it was
// recalled, or went in since: not what was taken out before.
func TestImpactOfAmountsInAContainer(t *testing.T) {
	const pallet = "https://id.gs1.org/00/395211040000000014"
	s := impactLedger(t)
	pack := func(action, lot, kilograms string) {
		what := ""
		if lot != "" {
			what = `,"childQuantityList":[{"epcClass":"` + green + lot + `","quantity":` + kilograms + `,"uom":"KGM"}]`
		}
		s.play(t, `grower event {"type":"AggregationEvent","action":"`+action+`","bizStep":"packing","parentID":"`+pallet+`","eventID":"urn:uuid:`+fmt.Sprint(s.seq)+`"`+what+`}`)
	}
	lots := func() string {
		var in []string
		for _, e := range entries(t, s.impact(t, pallet), 10) {
			if e.Kind == "lot" {
				in = append(in, e.ID[len(green):])
			}
		}
		return strings.Join(in, " ")
	}
	for _, lot := range []string{"A", "B", "C", "D", "E"} {
		s.play(t, `grower event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+lot+`","quantity":60,"uom":"KGM"}]}`)
	}
	pack("ADD", "A", "10")
	if got := lots(); got != "A" {
		t.Errorf("in it are %q", got)
	}
	pack("DELETE", "", "")
	pack("ADD", "B", "10")
	pack("DELETE", "B", "4")
	pack("ADD", "C", "10")
	pack("DELETE", "C", "10")
	pack("ADD", "D", "10")
	if got := lots(); got != "B D" {
		t.Errorf("in it are %q", got)
	}
	s.play(t, `roaster event {"disposition":"recalled","bizStep":"holding","epcList":["`+pallet+`"]}`)
	pack("DELETE", "D", "10")
	pack("DELETE", "", "")
	pack("ADD", "E", "10")
	if got := lots(); got != "B D E" {
		t.Errorf("under the recall are %q", got)
	}
}

// What was in a container when it was recalled belongs to its impact, whatever became of it:
// destroyed, packed elsewhere, or seen outside first.
func TestImpactOfWhatWentOnFromARecalledContainer(t *testing.T) {
	const pallet, other = "https://id.gs1.org/00/395211040000000014", "https://id.gs1.org/00/395211040000000021"
	s := impactLedger(t)
	n := 0
	event := func(what string) {
		n++
		s.play(t, fmt.Sprintf(`roaster event {"eventID":"urn:uuid:%d",%s}`, n, what))
	}
	pack := func(action, parent string, bags ...string) {
		for i := range bags {
			bags[i] = `"` + bag + bags[i] + `"`
		}
		event(`"type":"AggregationEvent","action":"` + action + `","bizStep":"packing","parentID":"` + parent + `","childEPCs":[` + strings.Join(bags, ",") + `]`)
	}
	var all []string
	for i := range 8 {
		all = append(all, fmt.Sprintf("%q", bag+fmt.Sprint(i)))
	}
	event(`"action":"ADD","bizStep":"commissioning","epcList":[` + strings.Join(all, ",") + `]`)
	pack("ADD", pallet, "0", "1", "2", "3", "4", "5")
	pack("DELETE", pallet, "0") // left before
	pack("ADD", other, "0")
	event(`"type":"TransformationEvent","inputEPCList":["` + bag + `1"],"outputEPCList":["` + bag + `11"]`) // before, and nobody unpacked it
	s.play(t, `roaster event {"disposition":"recalled","bizStep":"holding","epcList":["`+pallet+`"]}`)
	destroy := func(id string) {
		event(`"action":"DELETE","bizStep":"destroying","epcList":["` + bag + id + `"]`)
	}
	event(`"bizStep":"storing","epcList":["` + bag + `2"]`)
	destroy("2")
	pack("DELETE", pallet, "3")
	pack("ADD", other, "3")
	pack("DELETE", other, "3")
	pack("DELETE", pallet)
	pack("ADD", other, "4")
	destroy("5")
	pack("ADD", pallet, "6")
	pack("DELETE", pallet)
	destroy("6")
	var ids []string
	for _, e := range entries(t, s.impact(t, pallet), 4) {
		ids = append(ids, e.ID[strings.LastIndexByte(e.ID, '/')+1:])
	}
	if got := strings.Join(ids, " "); got != "395211040000000014 2 3 4 5 6" {
		t.Errorf("the impact has %s", got)
	}
}

// Limits leave out what is farthest, and say so.
func TestImpactLimits(t *testing.T) {
	s := impactLedger(t)
	s.play(t, `roaster event {"action":"ADD","bizStep":"commissioning","epcList":["`+bag+`0"],"ilmd":{"cbvmda:lotNumber":"P"}}`)
	for n := range 20 {
		s.play(t, fmt.Sprintf(`roaster event {"type":"TransformationEvent","inputEPCList":["%s%d"],"outputEPCList":["%s%d"]}`, bag, n, bag, n+1))
	}
	i, err := contracts.FindImpact(s, roasted+"P", s.seq, s.time.Seconds, contracts.ImpactLimits{Records: 5, Places: 100})
	if err != nil || i.Complete || i.Totals.Items < 3 || i.Totals.Items > 8 {
		t.Errorf("%v, %+v", err, i)
	}
	// With more reading, a later page goes on where that ended, and lists all once.
	ids := map[string]int{}
	few, cursor, err := i.Entries(nil, 100)
	if err != nil || cursor != nil || len(few) < 3 {
		t.Fatalf("%d entries, more: %v, %v", len(few), cursor, err)
	}
	cursor = i.End()
	all := s.impact(t, roasted+"P")
	rest, _, err := all.Entries(cursor, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range append(few, rest...) {
		ids[e.ID]++
	}
	if len(ids) != 21 || len(few)+len(rest) != 21 {
		t.Errorf("%d and %d entries are %d things", len(few), len(rest), len(ids))
	}
	i, err = contracts.FindImpact(s, roasted+"P", s.seq, s.time.Seconds, contracts.ImpactLimits{Records: 100, Places: 100, Stop: func() bool { return true }})
	if err != nil || i.Complete {
		t.Errorf("without time it is complete: %v", err)
	}
	// Of a ledger that has grown since, pages go on with the closure as it was.
	i, err = contracts.FindImpact(s, roasted+"P", 6, s.time.Seconds, contracts.ImpactLimits{Records: 100, Places: 100})
	if err != nil || !i.Complete || i.Totals.Items != 6 {
		t.Errorf("%v, %+v", err, i.Totals)
	}
}

// Mass that is tainted is neither made nor lost: over random mixings, the tainted mass
// of what each transformation puts out is that of what it takes in, less the same share
// of what it loses. Shares are compared with a model that goes forward in order.
func TestTaintIsConserved(t *testing.T) {
	histories(t, 2000, func(rt *rapid.T) {
		below := func(n int64, what string) int64 { return rapid.Int64Range(0, n-1).Draw(rt, what) }
		s := impactLedger(t)
		type stock struct {
			left  *big.Rat
			share *big.Rat
		}
		lots := map[string]*stock{}
		var names []string
		kg := func(r *big.Rat) string { return r.FloatString(6) }
		for _, name := range []string{"A", "B", "C"} {
			share := new(big.Rat)
			if name == "A" {
				share = big.NewRat(1, 1)
			}
			lots[green+name] = &stock{big.NewRat(1000+below(1000, "sevenths of a kilogram"), 7), share}
			amount, _ := new(big.Rat).SetString(kg(lots[green+name].left))
			lots[green+name].left = amount
			names = append(names, green+name)
			s.play(t, `grower event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+name+`","quantity":`+kg(amount)+`,"uom":"KGM"}]}`)
		}
		for n := range rapid.IntRange(1, 12).Draw(rt, "transformations") {
			in, tainted := new(big.Rat), new(big.Rat)
			var inputs []string
			mixed := rapid.Permutation(names).Draw(rt, "inputs")[:1+below(3, "more inputs")]
			for _, name := range mixed {
				from := lots[name]
				part, _ := new(big.Rat).SetString(new(big.Rat).Mul(from.left, big.NewRat(1+below(9, "twentieths"), 20)).FloatString(6))
				if part.Sign() == 0 {
					continue
				}
				from.left = new(big.Rat).Sub(from.left, part)
				in.Add(in, part)
				tainted.Add(tainted, new(big.Rat).Mul(part, from.share))
				inputs = append(inputs, `{"epcClass":"`+name+`","quantity":`+kg(part)+`,"uom":"KGM"}`)
			}
			if len(inputs) == 0 {
				continue
			}
			share := new(big.Rat).Quo(tainted, in)
			lost := big.NewRat(below(20, "percent lost"), 100)
			rest, _ := new(big.Rat).SetString(new(big.Rat).Mul(in, new(big.Rat).Sub(big.NewRat(1, 1), lost)).FloatString(6))
			half, _ := new(big.Rat).SetString(new(big.Rat).Quo(rest, big.NewRat(2+below(5, "one part of"), 1)).FloatString(6))
			var outputs []string
			out := new(big.Rat)
			for i, amount := range []*big.Rat{half, new(big.Rat).Sub(rest, half)} {
				if amount.Sign() == 0 {
					continue
				}
				id := fmt.Sprintf("%s%d-%d", roasted, n, i)
				lots[id] = &stock{amount, share}
				names = append(names, id)
				outputs = append(outputs, `{"epcClass":"`+id+`","quantity":`+kg(amount)+`,"uom":"KGM"}`)
				out.Add(out, new(big.Rat).Mul(amount, share))
			}
			s.play(t, `roaster event {"type":"TransformationEvent","inputQuantityList":[`+strings.Join(inputs, ",")+`],"outputQuantityList":[`+strings.Join(outputs, ",")+`]}`)
			loss := new(big.Rat).Mul(share, new(big.Rat).Sub(in, rest))
			if new(big.Rat).Add(out, loss).Cmp(tainted) != 0 {
				rt.Fatalf("the model itself: out %v and lost %v of %v", out, loss, tainted)
			}
		}
		impact := s.impact(t, green+"A")
		shares := contracts.SharesOf(impact)
		left := new(big.Rat) // what is tainted and still there, by the ledger's shares
		for _, id := range names {
			want := lots[id].share
			got := shares[id]
			if got == nil {
				got = new(big.Rat)
			}
			if got.Cmp(want) != 0 {
				rt.Fatalf("the share of %s is %v, want %v", id, got, want)
			}
			left.Add(left, new(big.Rat).Mul(got, lots[id].left))
		}
		in, out, lost := contracts.TaintedMasses(impact)
		first := s.mass(t, green+"A")
		if sum := new(big.Rat).Add(out, lost); sum.Cmp(in) != 0 {
			rt.Fatalf("%v went in, %v came out, %v was lost", in, out, lost)
		}
		if sum := new(big.Rat).Add(left, lost); sum.Cmp(first) != 0 {
			rt.Fatalf("of %v there are %v and %v was lost", first, left, lost)
		}
	})
}

// mass is what was born of a lot, in kilograms.
func (s *script) mass(t *testing.T, lot string) *big.Rat {
	t.Helper()
	var a contracts.Account
	if err := identity.UnmarshalStrict(s.states[trace.Key{NS: trace.NSBalance, ID: lot + "|"}], &a); err != nil {
		t.Fatal(err)
	}
	r, _ := new(big.Rat).SetString(a.In.String())
	return r
}
