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
	if action == "declaration" {
		r["flow"], r["procedure"], r["hsCode"], r["origin"] = "import", "4000", "090111", "ET"
		r["parties"] = []map[string]string{{"role": "declarant", "id": "DE1"}}
		item := rapid.Custom(func(t *rapid.T) string { return itemURI(rapid.IntRange(0, declarable-1).Draw(t, "item")) })
		r["epcList"] = rapid.SliceOfNDistinct(item, 1, 2, rapid.ID).Draw(t, "goods")
	} else {
		r["reason"] = fmt.Sprintf("reason %d", i)
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

// In whatever order records come: an item is in one open declaration of a customs
// territory, it is locked if and only if a declaration that names it is held or
// seized, and no declaration leaves its end but by being declared anew.
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
				switch was := before[d].Status; {
				case s.Status == was:
				case was == contracts.ClearanceReleased, was == contracts.ClearanceSeized,
					was == contracts.ClearanceWithdrawn && s.Status != contracts.ClearanceDeclared,
					was == contracts.ClearanceDeclared && (s.Status == contracts.ClearanceHeld || s.Status == contracts.ClearanceSeized),
					was == contracts.ClearanceHeld && s.Status == contracts.ClearanceInspecting:
					rt.Fatalf("declaration %d was %s and is %s: %s", d, was, s.Status, record)
				}
				before[d] = s
				if s.Status == contracts.ClearanceWithdrawn {
					continue
				}
				territory := s.Country
				if territory != "ET" {
					territory = "EU"
				}
				for _, item := range s.Goods {
					switch s.Status {
					case contracts.ClearanceDeclared, contracts.ClearanceInspecting, contracts.ClearanceHeld:
						if open[territory+item]++; open[territory+item] > 1 {
							rt.Fatalf("%s is in two open declarations of %s: %s", item, territory, record)
						}
					}
					switch s.Status {
					case contracts.ClearanceHeld:
						locks[item] = append(locks[item], contracts.CodeHeld)
					case contracts.ClearanceSeized:
						locks[item] = append(locks[item], contracts.CodeSeized)
					}
				}
			}
			for n := range declarable {
				var state contracts.ItemState
				if b := m.states[trace.Key{NS: trace.NSItem, ID: itemURI(n)}]; b != nil {
					if err := identity.UnmarshalStrict(b, &state); err != nil {
						rt.Fatal(err)
					}
				}
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
