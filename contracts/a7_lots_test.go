package contracts_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// However many births a lot has, and whoever signs them, its account stays small; a
// key for which there is no room is flagged.
func TestLotRemembersSoManyBirths(t *testing.T) {
	const lot = "https://id.gs1.org/01/09521102000015/10/L1"
	m := world()
	m.time = epcis.Instant{Seconds: worldStart}
	bear := func(member, eventID string, wrong bool) *contracts.Verdict {
		t.Helper()
		m.time = m.time.Add(1)
		event := map[string]any{"@context": epcis.ContextURL, "type": "ObjectEvent", "action": "ADD", "bizStep": "creating_class_instance",
			"eventID": eventID, "eventTime": m.time.String(), "eventTimeZoneOffset": "+00:00",
			"quantityList": []any{map[string]any{"epcClass": lot, "quantity": 1, "uom": "KGM"}, map[string]any{"epcClass": lot, "quantity": 2, "uom": "KGM"}}}
		if wrong {
			event["errorDeclaration"] = map[string]any{"declarationTime": m.time.String()}
		}
		b, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		v := m.judge(t, member, epcis.KindEvent, b)
		if v.Rejected() {
			t.Fatalf("refused: %+v", v.Findings)
		}
		return v
	}
	account := func() (a contracts.Account) {
		t.Helper()
		b := m.states[trace.Key{NS: trace.NSBalance, ID: lot + "|"}]
		if err := identity.UnmarshalStrict(b, &a); err != nil {
			t.Fatal(err)
		}
		if len(b) > 6<<10 {
			t.Fatalf("an account of %d bytes", len(b))
		}
		return a
	}
	for i := range 17 {
		name := fmt.Sprintf("maker %d", i)
		m.admit(name, identity.Organisation{ID: fmt.Sprintf("https://example.org/maker/%d", i), Name: name, Roles: []identity.Role{identity.Producer}},
			identity.Active, identity.Active)
		for n := range 10 {
			v := bear(name, fmt.Sprintf("urn:uuid:%d", n), false)
			if full := slices.Contains(words(v), "FLAG 710"); full != (i == 16) {
				t.Fatalf("birth %d of maker %d: %v", n, i, words(v))
			}
		}
	}
	a := account()
	if len(a.Bearers) != 16 {
		t.Fatalf("%d keys are remembered", len(a.Bearers))
	}
	for _, b := range a.Bearers {
		if len(b.Births) != 8 {
			t.Fatalf("%d births are remembered", len(b.Births))
		}
	}
	// What is taken back is forgotten, but for what stands for the earlier ones.
	for n := range 10 {
		bear("maker 3", fmt.Sprintf("urn:uuid:%d", n), true)
	}
	if a = account(); len(a.Bearers) != 16 || len(a.Bearers[3].Births) != 1 || a.Bearers[3].Births[0].Seq != 32 {
		t.Fatalf("left: %+v", a.Bearers[3])
	}
	// There is no room for another until all births of one are taken back.
	if v := bear("roaster", "urn:uuid:1", false); !slices.Contains(words(v), "FLAG 710") {
		t.Fatalf("findings are %v", words(v))
	}
}
