package contracts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A lot, or the class, of cases is recalled: what was in them belongs to the impact, and what
// was made of that, as with each case by itself.
func TestImpactOfALotOfCases(t *testing.T) {
	const crate = "https://id.gs1.org/01/09521104000020"
	s := impactLedger(t)
	n := 0
	event := func(who, what string) {
		n++
		s.play(t, fmt.Sprintf(`%s event {"eventID":"urn:uuid:%d",%s}`, who, n, what))
	}
	list := func(of string, serials ...string) string {
		var ids []string
		for _, x := range serials {
			ids = append(ids, fmt.Sprintf("%q", of+x))
		}
		return strings.Join(ids, ",")
	}
	crates := func(serials ...string) string { return list(crate+"/21/", serials...) }
	pack := func(action, parent, what string) {
		event("roaster", `"type":"AggregationEvent","action":"`+action+`","bizStep":"packing","parentID":`+crates(parent)+what)
	}
	ids := func(about string, kinds ...string) (found []string) {
		for _, e := range entries(t, s.impact(t, about), 3) {
			if e.Share == nil || e.Share.RatString() != "1" || !e.Certain {
				t.Errorf("%s has the share %v", e.ID, e.Share)
			}
			if len(kinds) == 0 || slices.Contains(kinds, e.Kind) {
				found = append(found, e.ID[strings.LastIndexByte(e.ID, '/')+1:])
			}
		}
		slices.Sort(found)
		return found
	}
	expect := func(about string, want ...string) {
		t.Helper()
		if got := ids(about); !slices.Equal(got, want) {
			t.Errorf("the impact of %s has %q, not %q", about, got, want)
		}
	}
	event("grower", `"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+`A","quantity":60,"uom":"KGM"}]`)
	event("roaster", `"action":"ADD","bizStep":"commissioning","epcList":[`+list(bag, "1", "2", "3", "4", "5", "6", "7")+`]`)
	event("roaster", `"action":"ADD","bizStep":"commissioning","epcList":[`+crates("K1", "K2", "K3")+`],"ilmd":{"cbvmda:lotNumber":"K"}`)
	event("roaster", `"action":"ADD","bizStep":"commissioning","epcList":[`+crates("J1")+`],"ilmd":{"cbvmda:lotNumber":"J"}`)
	pack("ADD", "K1", `,"childEPCs":[`+list(bag, "1", "2", "3")+`]`)
	pack("ADD", "J1", `,"childEPCs":[`+list(bag, "4")+`]`)
	pack("DELETE", "K1", `,"childEPCs":[`+list(bag, "3")+`]`) // before the recall
	pack("ADD", "K2", `,"childQuantityList":[{"epcClass":"`+green+`A","quantity":10,"uom":"KGM"}]`)
	pack("OBSERVE", "K3", `,"childEPCs":[`+list(bag, "7")+`]`) // nobody recorded how it got there
	expect(crate+"/10/J", "4", "J1")
	expect(crate+"/10/K", "1", "2", "7", "A", "K1", "K2", "K3")

	s.play(t, `roaster event {"disposition":"recalled","bizStep":"holding","quantityList":[{"epcClass":"`+crate+`/10/K"}]}`)
	pack("DELETE", "K1", "")
	event("grower", `"type":"TransformationEvent","inputQuantityList":[{"epcClass":"`+green+`A","quantity":5,"uom":"KGM"}],"outputQuantityList":[{"epcClass":"`+green+`B","quantity":5,"uom":"KGM"}]`)
	expect(crate+"/10/K", "1", "2", "7", "A", "B", "K1", "K2", "K3")
	expect(crate+"/10/J", "4", "J1")
	// Nothing is in force at the class: what is in its crates now.
	expect(crate, "4", "7", "A", "B", "J1", "K1", "K2", "K3")

	// One of which nobody had recorded the birth when it was packed.
	pack("ADD", "K4", `,"childEPCs":[`+list(bag, "5")+`]`)
	event("roaster", `"action":"ADD","bizStep":"commissioning","epcList":[`+crates("K4", "K5")+`],"ilmd":{"cbvmda:lotNumber":"K"}`)
	expect(crate+"/10/K", "1", "2", "5", "7", "A", "B", "K1", "K2", "K3", "K4", "K5")
	if got, whole := ids(crate+"/10/K", "lot"), s.impact(t, crate+"/10/K"); len(got) != 2 || whole.Totals.Lots != 3 || whole.Totals.Items != 9 {
		t.Errorf("lots %q, in all %+v", got, whole.Totals)
	}
	s.refiles(t)

	// An assembly: its components are of it.
	event("roaster", `"type":"AssociationEvent","action":"ADD","bizStep":"assembling","parentID":`+crates("J2")+`,"childEPCs":[`+list(bag, "6")+`]`)
	event("roaster", `"action":"ADD","bizStep":"commissioning","epcList":[`+crates("J2")+`],"ilmd":{"cbvmda:lotNumber":"J"}`)
	expect(crate+"/10/J", "4", "6", "J1", "J2")
}

// The impact of a certificate has the goods that it is about: not what an event names beside
// them, and what was in the containers that an event names.
func TestImpactOfACertificateOfSomeGoods(t *testing.T) {
	const other, pallet = "https://id.gs1.org/01/09521104000020/21/", "https://id.gs1.org/00/395211040000000014"
	s := impactLedger(t)
	n := 0
	event := func(what string) {
		n++
		s.play(t, fmt.Sprintf(`roaster event {"eventID":"urn:uuid:%d",%s}`, n, what))
	}
	issue := func(id, scope string) string {
		s.play(t, `certifier certificate {"action":"issue","id":"`+id+`","scheme":"https://example.org/organic","subject":"`+s.members["roaster"].ID+`","scope":["`+scope+`"],"validFrom":"2026-01-01T00:00:00Z","validUntil":"2026-12-31T00:00:00Z"}`)
		return `,"certificationInfo":["` + id + `"]`
	}
	expect := func(about string, want ...string) {
		t.Helper()
		var got []string
		for _, e := range entries(t, s.impact(t, about), 3) {
			got = append(got, e.ID[strings.LastIndexByte(e.ID, '/')+1:])
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("the impact of %s has %q, not %q", about, got, want)
		}
	}
	class, lot, serial := issue("urn:cert:class", bag[:len(bag)-len("/21/")]), issue("urn:cert:lot", roasted+"P"), issue("urn:cert:serial", bag+"5")
	event(`"action":"ADD","bizStep":"commissioning","epcList":["` + bag + `1","` + other + `2"]` + class + `,"ilmd":{"cbvmda:lotNumber":"O"}`)
	event(`"action":"ADD","bizStep":"commissioning","epcList":["` + bag + `3","` + other + `4"],"ilmd":{"cbvmda:lotNumber":"P"}` + lot)
	event(`"action":"ADD","bizStep":"commissioning","epcList":["` + bag + `5","` + bag + `6"]` + serial + `,"ilmd":{"cbvmda:lotNumber":"Q"}`)
	event(`"bizStep":"inspecting","epcList":["` + bag + `1","` + bag + `3"]` + lot)
	event(`"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"` + roasted + `R","quantity":5,"uom":"KGM"}]`)
	pack := func(action, what string) {
		event(`"type":"AggregationEvent","action":"` + action + `","bizStep":"packing","parentID":"` + pallet + `",` + what)
	}
	pack("ADD", `"childEPCs":["`+bag+`6","`+other+`4"],"childQuantityList":[{"epcClass":"`+roasted+`R","quantity":2,"uom":"KGM"},{"epcClass":"`+green+`G","quantity":2,"uom":"KGM"}]`)
	event(`"bizStep":"loading","epcList":["` + pallet + `"]` + class)
	s.play(t, "time 2026-06-02T10:00:00Z")
	pack("ADD", `"childEPCs":["`+bag+`3"]`) // after that
	expect("urn:cert:class", "1", "395211040000000014", "6", "R")
	expect("urn:cert:lot", "3")
	expect("urn:cert:serial", "5")
}
