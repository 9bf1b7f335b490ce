package contracts_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
)

const custodyClass = "https://id.gs1.org/01/09521102000015"

// custodyThings are items of one class, and what they are put into.
var custodyThings = []string{
	itemURI(0), itemURI(1), itemURI(2),
	"https://id.gs1.org/00/395211020000000016", "https://id.gs1.org/00/395211020000000023", "https://id.gs1.org/8003/09521102000039BOX",
}

// moving draws a record of a history in which anybody puts anything into anything.
func moving(t *rapid.T, m *memory, n int) (string, map[string]any) {
	member := rapid.SampledFrom(traders).Draw(t, "member")
	party := rapid.SampledFrom([]string{m.party("exporter"), m.party("roaster"), m.party("shop")})
	thing := rapid.SampledFrom(custodyThings)
	units := rapid.SliceOfNDistinct(thing, 1, 3, rapid.ID).Draw(t, "units")
	e := map[string]any{}
	bonds := func(kind, action string) {
		e["type"], e["action"] = kind, action
		e["parentID"] = rapid.SampledFrom(custodyThings[2:]).Draw(t, "parent")
		e["childEPCs"] = units
		units = nil
	}
	switch step := rapid.SampledFrom([]string{"shipping", "shipping", "receiving", "receiving", "accepting", "void_shipping", "storing",
		"commissioning", "retail_selling", "packing", "packing", "packing", "packing", "unpacking", "emptying", "installing", "removing"}).Draw(t, "step"); step {
	case "shipping":
		e = handOver(m.party(member), party.Draw(t, "to"))
		e["bizStep"] = step
		if rapid.IntRange(0, 4).Draw(t, "carried") == 0 {
			e["wm:carrier"] = party.Draw(t, "carrier")
		}
	case "receiving", "accepting":
		from := ""
		if rapid.Bool().Draw(t, "from somebody") {
			from = party.Draw(t, "from")
		}
		e = handOver(from, "")
		e["bizStep"] = step
	case "commissioning":
		e["action"], e["bizStep"] = "ADD", step
	case "packing":
		bonds("AggregationEvent", "ADD")
		e["bizStep"] = step
	case "unpacking", "emptying":
		bonds("AggregationEvent", "DELETE")
		e["bizStep"] = "unpacking"
		if step == "emptying" {
			e["childEPCs"] = []string{}
		}
	case "installing":
		bonds("AssociationEvent", "ADD")
	case "removing":
		bonds("AssociationEvent", "DELETE")
	default:
		e["bizStep"] = step
	}
	name(t, m, n, e, units)
	return member, e
}

// Who has an item of what is recalled, as an impact says, is who has custody of it as the
// contracts say, whatever strangers packed, and however it is counted.
func TestWhoHasWhatIsRecalledIsWhoseCustodyItIs(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := market()
		for n := range rapid.IntRange(1, 30).Draw(rt, "records") {
			m.time.Seconds += int64(rapid.SampledFrom([]int{1, 1, 1, 60 * 86_400}).Draw(rt, "later"))
			member, e := moving(rt, m, n)
			m.record(t, member, e)
		}
		i, err := contracts.FindImpact(m, custodyClass, m.seq, m.time.Seconds, contracts.ImpactLimits{Records: 10_000, Places: 10_000})
		if err != nil {
			return // nobody named any
		}
		counts := map[string]contracts.ImpactHolder{}
		for _, e := range entries(t, i, 100) {
			holder, gone, err := contracts.CustodyOf(m, m.block(), m.seq, e.ID)
			if err != nil {
				rt.Fatal(err)
			}
			if e.Kind != "item" || e.Condition == string(contracts.Consumed) {
				continue
			}
			if e.Holder != holder || e.Gone != gone {
				rt.Fatalf("%s is with %q (gone: %v), and its impact says with %q (gone: %v), in %q", e.ID, holder, gone, e.Holder, e.Gone, e.In)
			}
			h := counts[holder]
			if gone {
				h.Gone++
			} else {
				h.Items++
			}
			counts[holder] = h
		}
		for _, h := range i.Holders {
			if want := counts[h.ID]; h.Lots == 0 && (h.Items != want.Items || h.Gone != want.Gone) {
				rt.Fatalf("%q has %d and %d gone, as counted; of the list %d and %d", h.ID, h.Items, h.Gone, want.Items, want.Gone)
			}
			delete(counts, h.ID)
		}
		if len(counts) > 0 {
			rt.Fatalf("not counted: %+v", counts)
		}
	})
}

// A stranger's pallet, one that has not been handed over since it was loaded, and a bag that
// went its own way.
func TestImpactAsksWhoHasCustodyOfWhatIsPacked(t *testing.T) {
	s := impactLedger(t)
	const pallet, box = "https://id.gs1.org/00/395211010000000019", "https://id.gs1.org/00/395211020000000023"
	party := func(name string) string { return s.members[name].ID }
	from, to := `"sourceList":[{"type":"possessing_party","source":"`+party("roaster")+`"}]`, `"destinationList":[{"type":"possessing_party","destination":"`+party("shop")+`"}]`
	s.play(t, `roaster event {"action":"ADD","bizStep":"commissioning","epcList":["`+bag+`1","`+bag+`2","`+bag+`3","`+bag+`4"],"ilmd":{"cbvmda:lotNumber":"R"}}`)
	s.play(t, `shop event {"bizStep":"receiving","epcList":["`+pallet+`"]}`)
	s.play(t, `shop event {"type":"AggregationEvent","action":"ADD","bizStep":"packing","parentID":"`+pallet+`","childEPCs":["`+bag+`1"]}`)
	s.play(t, `roaster event {"type":"AggregationEvent","action":"ADD","bizStep":"packing","parentID":"`+pallet+`","childEPCs":["`+bag+`2"]}`)
	s.play(t, `roaster event {"type":"AggregationEvent","action":"ADD","bizStep":"packing","parentID":"`+box+`","childEPCs":["`+bag+`3","`+bag+`4"]}`)
	s.play(t, `roaster event {"bizStep":"shipping","epcList":["`+box+`"],`+from+`,`+to+`}`)
	s.play(t, `shop event {"bizStep":"accepting","epcList":["`+bag+`4"],`+from+`,`+to+`}`)
	s.play(t, `roaster event {"bizStep":"void_shipping","epcList":["`+box+`"],`+from+`,`+to+`}`)
	same(t, told(t, s, s.impact(t, roasted+"R")), `
		item 1 1 certain roaster active in 395211010000000019
		item 2 1 certain roaster active in 395211010000000019
		item 3 1 certain roaster active in 395211020000000023
		item 4 1 certain shop active in 395211020000000023
		shop has 1 items, 0 lots
		roaster has 3 items, 0 lots
`)
	// What its holder loaded goes with the pallet from here on.
	s.play(t, `shop event {"bizStep":"shipping","epcList":["`+pallet+`"],"sourceList":[{"type":"possessing_party","source":"`+party("shop")+`"}],"destinationList":[{"type":"possessing_party","destination":"`+party("roaster")+`"}]}`)
	same(t, told(t, s, s.impact(t, roasted+"R")), `
		item 1 1 certain roaster active in 395211010000000019
		item 2 1 certain shop active in 395211010000000019
		item 3 1 certain roaster active in 395211020000000023
		item 4 1 certain shop active in 395211020000000023
		shop has 2 items, 0 lots
		roaster has 2 items, 0 lots
`)
}

// A correction that names one of two items which an event bore leaves the other where it is,
// and lists each once.
func TestImpactListsOnceWhatIsBornNoMore(t *testing.T) {
	s := impactLedger(t)
	birth := `"eventID":"urn:uuid:b","action":"ADD","bizStep":"commissioning","ilmd":{"cbvmda:lotNumber":"R"}`
	s.play(t, `roaster event {"bizStep":"storing","epcList":["`+bag+`1"]}`)
	s.play(t, `roaster event {`+birth+`,"epcList":["`+bag+`1","`+bag+`2"]}`)
	s.play(t, `roaster event {`+birth+`,"epcList":["`+bag+`1"],"errorDeclaration":{"declarationTime":"2026-06-01T10:00:00Z"}}`)
	n := map[string]int{}
	for _, e := range entries(t, s.impact(t, "https://id.gs1.org/01/09521104000013"), 10) {
		n[e.ID]++
	}
	if n[bag+"1"] != 1 || n[bag+"2"] != 1 {
		t.Errorf("listed %v", n)
	}
}
