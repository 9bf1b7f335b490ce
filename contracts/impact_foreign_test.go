package contracts_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/trace"
)

// What no member licenses: a foreign coffee, its lots and its bags.
const (
	strangeClass = "https://id.gs1.org/01/04012345000009"
	strangeBag   = strangeClass + "/21/"
	strangeLot   = strangeClass + "/10/"
)

// bagOf is a foreign bag beside its lot.
func bagOf(lot, serial string) string { return strangeLot + lot + "/21/" + serial }

// Items that nobody recorded the birth of are in the impact of their class, and of the lot
// that stood beside the serial; so is what was made of them. Who named one that nobody is
// known to hold is asked for it.
func TestImpactReachesItemsThatNobodyRecordedTheBirthOf(t *testing.T) {
	s := impactLedger(t)
	first := s.play(t, `roaster event {"bizStep":"receiving","epcList":["`+bagOf("L", "1")+`","`+bagOf("L", "2")+`","`+strangeBag+`3"]}`)
	s.play(t, `shop event {"bizStep":"storing","epcList":["`+bagOf("L", "4")+`"]}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputEPCList":["`+strangeBag+`1"],"outputEPCList":["`+bag+`1"],"ilmd":{"cbvmda:lotNumber":"R"}}`)
	s.play(t, `customs event {"disposition":"recalled","bizStep":"holding","quantityList":[{"epcClass":"`+strangeLot+`L"}]}`)
	i := s.impact(t, strangeLot+"L")
	same(t, told(t, s, i), `
		item 1 1 certain roaster consumed
		item 2 1 certain roaster seen
		item 4 1 certain ? seen
		lot L 1 certain shop
		item 1 1 certain roaster active
		? has 1 items, 0 lots, open
		shop has 0 items, 1 lots, open
		roaster has 2 items, 0 lots, open
`)
	for _, e := range entries(t, i, 2)[:2] {
		if len(e.Via) != 1 || e.Via[0] != first || e.Lot != strangeLot+"L" {
			t.Errorf("%s of lot %q came by %v", e.ID, e.Lot, e.Via)
		}
	}
	same(t, told(t, s, s.impact(t, strangeClass)), `
		item 3 1 certain roaster seen
		item 1 1 certain roaster consumed
		item 2 1 certain roaster seen
		item 4 1 certain ? seen
		lot L 1 certain shop
		item 1 1 certain roaster active
		? has 1 items, 0 lots
		shop has 0 items, 1 lots
		roaster has 3 items, 0 lots
`)
	// A recall of the lot is in force on the item, too.
	if i := s.impact(t, strangeBag+"4"); len(i.Matters) != 1 || i.Matters[0].Key.ID != strangeLot+"L" {
		t.Errorf("of one of its items: %+v", i.Matters)
	}
	// Once somebody names the lot of the third, it is of it as well.
	s.play(t, `shop event {"bizStep":"receiving","epcList":["`+bagOf("L", "3")+`"]}`)
	if i := s.impact(t, strangeLot+"L"); i.Totals.Items != 5 {
		t.Errorf("with the third: %+v", i.Totals)
	}
}

// A birth that is recorded after the item was used reaches what was made of it.
func TestImpactOfABirthThatIsRecordedLate(t *testing.T) {
	s := impactLedger(t)
	const grown = "https://id.gs1.org/01/09521102000015/21/"
	s.play(t, `roaster event {"bizStep":"receiving","epcList":["`+grown+`1","`+grown+`2"]}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputEPCList":["`+grown+`1","`+grown+`2"],"outputEPCList":["`+bag+`1"]}`)
	s.play(t, `grower event {"eventTime":"2026-05-01T10:00:00Z","action":"ADD","bizStep":"commissioning","epcList":["`+grown+`1"],"ilmd":{"cbvmda:lotNumber":"A"}}`)
	same(t, told(t, s, s.impact(t, green+"A")), `
		item 1 1 certain roaster consumed
		item 1 ? certain roaster active
		roaster has 1 items, 0 lots
`)
	// Of the class, both went in, and all of the bag is of it.
	same(t, told(t, s, s.impact(t, "https://id.gs1.org/01/09521102000015")), `
		item 2 1 certain roaster consumed
		item 1 1 certain roaster consumed
		item 1 1 certain roaster active
		roaster has 1 items, 0 lots
`)
}

// Of what one record bore, another may say that it made it: a foreign thing is flagged, not
// refused, and it is of both.
func TestImpactOfWhatTwoRecordsBore(t *testing.T) {
	s := impactLedger(t)
	s.play(t, `shop event {"action":"ADD","bizStep":"commissioning","epcList":["`+strangeBag+`1","`+strangeBag+`2"],"ilmd":{"cbvmda:lotNumber":"L"}}`)
	s.play(t, `grower event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+`A","quantity":60,"uom":"KGM"}]}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputQuantityList":[{"epcClass":"`+green+`A","quantity":60,"uom":"KGM"}],"outputEPCList":["`+strangeBag+`1","`+strangeBag+`9"],"ilmd":{"cbvmda:lotNumber":"L"}}`)
	if got := told(t, s, s.impact(t, green+"A")); !strings.Contains(got, "item 1 1 certain") || !strings.Contains(got, "item 9 1 certain") || strings.Contains(got, "item 2 ") {
		t.Errorf("of what went in\n%s", got)
	}
	// Of the lot, all, once each.
	i := s.impact(t, strangeLot+"L")
	ids := map[string]int{}
	for _, e := range entries(t, i, 2) {
		ids[e.ID]++
	}
	if len(ids) != 3 || ids[strangeBag+"1"] != 1 || i.Totals.Items != 3 {
		t.Errorf("of the lot %v, %+v", ids, i.Totals)
	}
}

// Amounts that no account is kept of, of foreign lots and of classes, are with whoever
// named them last or before: nobody can tell, so that all of them answer. Who recalls, and
// an authority that looks at the goods, has none.
func TestImpactReachesHoldersOfAmountsWithoutAccount(t *testing.T) {
	s := impactLedger(t)
	s.play(t, `roaster event {"bizStep":"receiving","quantityList":[{"epcClass":"`+strangeLot+`L","quantity":30,"uom":"KGM"}]}`)
	s.play(t, `shop event {"bizStep":"storing","quantityList":[{"epcClass":"`+strangeClass+`","quantity":5,"uom":"KGM"}]}`)
	s.play(t, `customs event {"bizStep":"inspecting","quantityList":[{"epcClass":"`+strangeLot+`L","quantity":30,"uom":"KGM"}]}`)
	s.play(t, `customs event {"disposition":"recalled","bizStep":"holding","quantityList":[{"epcClass":"`+strangeClass+`"}]}`)
	i := s.impact(t, strangeClass)
	same(t, told(t, s, i), `
		class 04012345000009 1 certain shop
		lot L 1 certain roaster
		shop has 0 items, 1 lots, open
		roaster has 0 items, 1 lots, open
`)
	for _, e := range entries(t, i, 9) {
		if at, _, err := i.Seen(e.Seen); err != nil || at.Seconds != 0 {
			t.Errorf("%s was seen at %v, which no state says: %v", e.ID, at, err)
		}
	}
	// A member that stores some of a lot whose receipt it did not record has it, too.
	s.play(t, `grower event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+`A","quantity":60,"uom":"KGM"}]}`)
	s.play(t, `shop event {"bizStep":"storing","quantityList":[{"epcClass":"`+green+`A","quantity":5,"uom":"KGM"}]}`)
	s.play(t, `grower event {"disposition":"recalled","bizStep":"holding","quantityList":[{"epcClass":"`+green+`A"}]}`)
	if got := told(t, s, s.impact(t, green+"A")); !strings.Contains(got, "shop has 0 items, 1 lots, open") || !strings.Contains(got, "grower has 0 items, 1 lots, open") {
		t.Errorf("of the grower's lot\n%s", got)
	}
}

// Pages go on with the closure as the first one found it, whatever is recorded meanwhile:
// together they list all of it, once each.
func TestImpactPagesWhileTheLedgerGrows(t *testing.T) {
	s := impactLedger(t)
	const class = "https://id.gs1.org/01/09521104000013"
	machine := "https://id.gs1.org/01/09521104000020/21/"
	for n := range 6 {
		lot := string(rune('C' + 2*n))
		s.play(t, fmt.Sprintf(`roaster event {"action":"ADD","bizStep":"commissioning","epcList":["%sn%da","%sn%db"],"ilmd":{"cbvmda:lotNumber":"%s"}}`, bag, n, bag, n, lot))
		s.play(t, fmt.Sprintf(`roaster event {"bizStep":"receiving","quantityList":[{"epcClass":"%s%s","quantity":1,"uom":"KGM"}]}`, roasted, lot))
		s.play(t, fmt.Sprintf(`shop event {"bizStep":"receiving","epcList":["%ss%da","%ss%db"]}`, bag, n, bag, n))
		s.play(t, fmt.Sprintf(`roaster event {"type":"AssociationEvent","action":"ADD","bizStep":"assembling","parentID":"%s%d","childEPCs":["%sn%da"]}`, machine, 5+n, bag, n))
	}
	size, term := s.seq, s.time.Seconds
	find := func() *contracts.Impact {
		t.Helper()
		i, err := contracts.FindImpact(s, class, size, term, contracts.ImpactLimits{Records: 10_000, Places: 10_000})
		if err != nil || !i.Complete {
			t.Fatalf("%v, complete: %v", err, i != nil && i.Complete)
		}
		return i
	}
	want := map[string]bool{}
	line := func(e *contracts.ImpactEntry) string {
		if e.Kind == "lot" {
			return e.ID + " with " + e.Holder
		}
		return e.Kind + " " + e.ID
	}
	for _, e := range entries(t, find(), 1000) {
		want[line(&e)] = true
	}
	if len(want) != 36 {
		t.Fatalf("%d entries: %v", len(want), want)
	}
	got, cursor := map[string]bool{}, (*contracts.ImpactCursor)(nil)
	for page := 0; ; page++ {
		found, next, err := find().Entries(cursor, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found {
			if l := line(&e); got[l] {
				t.Errorf("page %d has %s again", page, l)
			} else if !want[l] && e.Kind == "lot" {
				got[l] = true // who has amounts is told as it is now
			} else if !want[l] {
				t.Errorf("page %d has %s, which came later", page, l)
			} else {
				got[l] = true
			}
		}
		if next == nil {
			break
		}
		if cursor = next; page >= 12 {
			continue
		}
		// A lot that sorts before the others, more of each, holders of amounts and another
		// assembly; what nobody had borne is born, into a lot.
		n := page % 6
		for _, line := range []string{
			fmt.Sprintf(`roaster event {"action":"ADD","bizStep":"commissioning","epcList":["%sx%d"],"ilmd":{"cbvmda:lotNumber":"B%d"}}`, bag, page, page),
			fmt.Sprintf(`grower event {"bizStep":"receiving","quantityList":[{"epcClass":"%s%c","quantity":1,"uom":"KGM"}],"eventID":"urn:uuid:g%d"}`, roasted, rune('C'+2*n), page),
			fmt.Sprintf(`roaster event {"type":"AssociationEvent","action":"ADD","bizStep":"assembling","parentID":"%s0%d","childEPCs":["%sn%db"],"eventID":"urn:uuid:m%d"}`, machine, page, bag, n, page),
			fmt.Sprintf(`roaster event {"eventTime":"2026-05-01T10:00:00Z","action":"ADD","bizStep":"commissioning","epcList":["%ss%d%c"],"ilmd":{"cbvmda:lotNumber":"C"}}`, bag, n, rune('a'+page/6)),
			fmt.Sprintf(`shop event {"bizStep":"storing","epcList":["%s10/D/21/q%d"]}`, strings.TrimSuffix(bag, "21/"), page),
		} {
			s.play(t, line)
		}
	}
	for l := range want {
		if !got[l] {
			t.Errorf("no page has %s", l)
		}
	}
}

// A plot reaches what grew there and what was made of that, by the id that births name it
// with; of an id that none names nothing is known.
func TestImpactOfAPlot(t *testing.T) {
	s := impactLedger(t)
	plot := func(id string) string {
		return `"ilmd":{"wm:plots":[{"plot_id":"` + id + `","area":"2","geometry":{"type":"Point","coordinates":[38.123456,6.123456]}}]}`
	}
	s.play(t, `grower event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+`A","quantity":60,"uom":"KGM"}],`+plot("ET-7")+`}`)
	s.play(t, `grower event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+`B","quantity":60,"uom":"KGM"}],`+plot("ET-8")+`}`)
	s.play(t, `roaster event {"bizStep":"receiving","quantityList":[{"epcClass":"`+green+`A","quantity":20,"uom":"KGM"},{"epcClass":"`+green+`B","quantity":60,"uom":"KGM"}]}`)
	s.play(t, `roaster event {"type":"TransformationEvent","inputQuantityList":[{"epcClass":"`+green+`A","quantity":20,"uom":"KGM"},{"epcClass":"`+green+`B","quantity":60,"uom":"KGM"}],"outputQuantityList":[{"epcClass":"`+roasted+`R","quantity":64,"uom":"KGM"}]}`)
	same(t, told(t, s, s.impact(t, "ET-7")), `
		lot A 1 certain grower
		lot R 1/4 certain roaster
		grower has 0 items, 1 lots
		roaster has 0 items, 1 lots
`)
	// Of what grew on several plots nobody can say which is of this one.
	s.play(t, `grower event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+`C","quantity":60,"uom":"KGM"}],`+
		strings.Replace(plot("ET-1"), "}}]", `}},{"plot_id":"ET-2","area":"2","geometry":{"type":"Point","coordinates":[38.223456,6.223456]}}]`, 1)+`}`)
	same(t, told(t, s, s.impact(t, "ET-2")), `
		lot C ? possible grower
		grower has 0 items, 1 lots
`)
	if _, err := contracts.FindImpact(s, "ET-9", s.seq, 0, contracts.ImpactLimits{Records: 10, Places: 10}); !errors.Is(err, trace.ErrUnknown) {
		t.Errorf("a plot that nobody named: %v", err)
	}
}
