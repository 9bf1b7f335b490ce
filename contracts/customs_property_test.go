package contracts_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

const declarations, declarable = 4, 3

func mrnURI(i int) string { return fmt.Sprintf("urn:epcglobal:cbv:bt:9521105000005:N%d", i) }

// customsRecord draws a record about few declarations and few items, so that they
// collide. The members are named as those of customsWorld.
func customsRecord(t *rapid.T, i int) (member string, record []byte) {
	country := rapid.SampledFrom([]string{"DE", "FR", "ET"}).Draw(t, "country")
	r := map[string]any{
		"@context": []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary}}, "type": "wm:CustomsDeclaration",
		"mrn": mrnURI(rapid.IntRange(0, declarations-1).Draw(t, "mrn")), "country": country,
		"eventTime": epcis.Instant{Seconds: worldStart + int64(i)}.String(),
	}
	action := rapid.SampledFrom([]string{"declaration", "declaration", "inspection", "release", "hold", "seizure", "withdrawal"}).Draw(t, "action")
	r["action"] = action
	member = "customs-" + country
	if action == "declaration" || action == "withdrawal" {
		member = rapid.SampledFrom([]string{"exporter", "roaster", member}).Draw(t, "member")
	}
	item := rapid.Custom(func(t *rapid.T) string { return itemURI(rapid.IntRange(0, declarable-1).Draw(t, "item")) })
	if action == "declaration" {
		r["flow"], r["procedure"], r["hsCode"], r["origin"] = "import", "4000", "691110", "ET"
		r["parties"] = []map[string]string{{"role": "declarant", "id": "DE1"}}
		r["epcList"] = rapid.SliceOfNDistinct(item, 1, declarable, rapid.ID).Draw(t, "goods")
	} else {
		r["reason"] = fmt.Sprintf("reason %d", i)
		if action != "withdrawal" && rapid.Bool().Draw(t, "in part") {
			r["epcList"] = rapid.SliceOfNDistinct(item, 1, 2, rapid.ID).Draw(t, "some")
		}
	}
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return member, b
}

func customsWorld() *memory {
	m := world()
	for i, country := range []string{"DE", "FR", "ET"} {
		prefix := fmt.Sprintf("952110%d", 5+i)
		o := identity.Organisation{ID: partyID(prefix), Name: country, Roles: []identity.Role{identity.CustomsOf(country)}, Prefixes: []string{prefix}}
		m.admit("customs-"+country, o, identity.Active, identity.Active)
	}
	return m
}

func (m *memory) declarationState(t *rapid.T, i int) (s contracts.DeclarationState) {
	if b := m.states[trace.Key{NS: trace.NSTransaction, ID: mrnURI(i)}]; b != nil {
		if err := identity.UnmarshalStrict(b, &s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// standings are how each item of a declaration stands.
func standings(s contracts.DeclarationState) map[string]contracts.ClearanceStatus {
	m := map[string]contracts.ClearanceStatus{}
	for _, id := range s.Goods {
		m[id] = s.Status
	}
	for _, p := range s.Apart {
		for _, place := range p.Goods {
			m[s.Goods[place]] = p.Status
		}
	}
	return m
}

// In whatever order records come, on all of a declaration or on some of it: an item is
// in one open declaration of a customs territory, it is locked if and only if it is
// held or seized under a declaration that names it, and it leaves its end but by being
// declared anew, under a number of which nothing stands any more, or for the first time,
// where the authority alone had withdrawn it. A state lists each
// item once, in one part.
func TestCustomsHoldWhatTheyHoldAndNothingElse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := customsWorld()
		var before [declarations]contracts.DeclarationState
		for i := range rapid.IntRange(1, 40).Draw(rt, "records") {
			m.time = epcis.Instant{Seconds: worldStart + int64(i)}
			member, record := customsRecord(rt, i)
			m.judge(t, member, epcis.KindCustoms, record)

			open, locks := map[string]int{}, map[string][]uint32{}
			for d := range declarations {
				s := m.declarationState(rt, d)
				bounded(rt, &s)
				was, is := standings(before[d]), standings(s)
				for item, status := range was {
					now, named := is[item]
					anew := s.Since != before[d].Since && before[d].Status == contracts.ClearanceWithdrawn && len(before[d].Apart) == 0
					switch {
					case now == status || anew:
					case status == contracts.ClearanceWithdrawn && before[d].Declared == nil && (!named || now == contracts.ClearanceDeclared):
						// the authority's word alone: it is declared now, or not, for the first time
					case !named,
						status == contracts.ClearanceReleased, status == contracts.ClearanceSeized, status == contracts.ClearanceWithdrawn,
						status == contracts.ClearanceHeld && now == contracts.ClearanceInspecting, now == contracts.ClearanceDeclared,
						before[d].Declared != nil && status == contracts.ClearanceDeclared && (now == contracts.ClearanceHeld || now == contracts.ClearanceSeized):
						rt.Fatalf("%s of declaration %d was %s and is %q: %s", item, d, status, now, record)
					}
				}
				before[d] = s
				territory := s.Country
				if territory != "ET" {
					territory = "EU"
				}
				for item, status := range is {
					switch status {
					case contracts.ClearanceDeclared, contracts.ClearanceInspecting, contracts.ClearanceHeld:
						if s.Declared == nil {
							break // the authority's word alone
						}
						if open[territory+item]++; open[territory+item] > 1 {
							rt.Fatalf("%s is in two open declarations of %s: %s", item, territory, record)
						}
					}
					switch status {
					case contracts.ClearanceHeld:
						locks[item] = append(locks[item], contracts.CodeHeld)
					case contracts.ClearanceSeized:
						locks[item] = append(locks[item], contracts.CodeSeized)
					}
				}
			}
			for n := range declarable {
				state := m.state(itemURI(n))
				for _, l := range state.Locks {
					if !slices.Contains(locks[itemURI(n)], l.Code) {
						rt.Fatalf("%s is locked by %d, and no declaration says so: %s", itemURI(n), l.Code, record)
					}
				}
				if len(locks[itemURI(n)]) > 0 && len(state.Locks) == 0 {
					rt.Fatalf("%s is held and not locked: %s", itemURI(n), record)
				}
			}
		}
	})
}

// bounded fails for a state that names goods twice, or places that are not there.
func bounded(t *rapid.T, s *contracts.DeclarationState) {
	seen := map[uint32]bool{}
	for _, p := range s.Apart {
		if len(p.Goods) == 0 || !slices.IsSorted(p.Goods) {
			t.Fatalf("a part of nothing, or out of order: %+v", s)
		}
		for _, place := range p.Goods {
			if seen[place] || int(place) >= len(s.Goods)+len(s.Lots) {
				t.Fatalf("place %d: %+v", place, s)
			}
			seen[place] = true
		}
	}
	names := append(slices.Clone(s.Goods), s.Lots...)
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) || len(names) > 256 {
		t.Fatalf("goods %v", names)
	}
}

// However finely it is decided, a declaration's state stays within its goods: 256 items,
// each decided on by a record of its own.
func TestDeclarationInManyPartsIsBounded(t *testing.T) {
	m := customsWorld()
	judge := func(i int, member, more string, args ...any) {
		m.time = epcis.Instant{Seconds: worldStart + int64(i)}
		record := fmt.Sprintf(`{"@context":[%q,{"wm":%q}],"type":"wm:CustomsDeclaration","mrn":%q,"country":"DE","eventTime":%q,%s}`,
			epcis.ContextURL, epcis.Vocabulary, mrnURI(0), m.time, fmt.Sprintf(more, args...))
		if v := m.judge(t, member, epcis.KindCustoms, []byte(record)); v.Rejected() {
			t.Fatal(v.Findings)
		}
	}
	goods := make([]string, 256)
	for i := range goods {
		goods[i] = itemURI(1_000_000 + i)
	}
	list, err := json.Marshal(goods)
	if err != nil {
		t.Fatal(err)
	}
	judge(0, "roaster", `"action":"declaration","flow":"import","procedure":"4000","hsCode":"090111","origin":"ET","parties":[{"role":"declarant","id":"DE1"}],"epcList":%s`, list)
	for i, id := range goods {
		judge(1+i, "customs-DE", `"action":"inspection","epcList":[%q]`, id)
	}
	state := m.states[trace.Key{NS: trace.NSTransaction, ID: mrnURI(0)}]
	var s contracts.DeclarationState
	if err := identity.UnmarshalStrict(state, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Apart) != 255 || s.Status != contracts.ClearanceInspecting || len(state) > 64<<10 {
		t.Errorf("%d bytes, %d parts beside what is %s", len(state), len(s.Apart), s.Status)
	}
	judge(300, "customs-DE", `"action":"release"`)
	if state = m.states[trace.Key{NS: trace.NSTransaction, ID: mrnURI(0)}]; len(state) > 24<<10 {
		t.Errorf("all alike, it has %d bytes", len(state))
	}
}
