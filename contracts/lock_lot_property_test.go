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

// lotWorld plays random histories of two lots, and of items of them.
type lotWorld struct{ *memory }

const (
	lotsOfWorld  = 2
	itemsOfWorld = 16
	lotClass     = "https://id.gs1.org/01/09521102000015"
)

func lotURI(i int) string { return fmt.Sprintf("%s/10/L%d", lotClass, i) }

// lotted is the lot that an item is born as of.
func lotted(item int) int { return item % lotsOfWorld }

func (w *lotWorld) state(ns trace.Namespace, id string, v any) {
	if b := w.states[trace.Key{NS: ns, ID: id}]; b != nil {
		if err := identity.UnmarshalStrict(b, v); err != nil {
			panic(err)
		}
	}
}

// locked reads from states alone which rule locks an item by its lot, for who holds
// it, at a time; "" for none.
func (w *lotWorld) locked(item int, holder string, at epcis.Instant) (why string) {
	lot, uri := lotURI(lotted(item)), itemURI(item)
	var cold, ownCold contracts.ColdChainState
	w.state(trace.NSColdChain, "lot:"+lot, &cold)
	w.state(trace.NSColdChain, "item:"+uri, &ownCold)
	if by := cold.Broken; by != nil && !at.Before(by.Time()) && (ownCold.Cleared == nil || ownCold.Cleared.Seq < by.Seq) {
		return "T1"
	}
	var due, ownDue contracts.DiligenceState
	w.state(trace.NSDiligence, "lot:"+lot, &due)
	w.state(trace.NSDiligence, "item:"+uri, &ownDue)
	if by := due.Blocked; by != nil && !at.Before(by.Time()) && ownDue.Statement == nil {
		return "D2"
	}
	if by := due.Grown; by != nil && due.Origin == 3 && !at.Before(by.Time()) {
		return "D3"
	}
	var stock contracts.Account
	w.state(trace.NSBalance, lot+"|"+holder, &stock)
	if stock.Lock != nil {
		return "W1"
	}
	return ""
}

// draw is an event that locks or frees a lot, or an item; used is the item that it uses
// or sells, -1 for none.
func (w *lotWorld) draw(t *rapid.T, i int) (e map[string]any, used int) {
	lot := lotURI(rapid.IntRange(0, lotsOfWorld-1).Draw(t, "lot"))
	item := rapid.IntRange(0, itemsOfWorld-1).Draw(t, "item")
	at := epcis.Instant{Seconds: worldStart + int64(60*(i-rapid.IntRange(0, 3).Draw(t, "back")))}
	e = map[string]any{
		"@context":  []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary}},
		"eventTime": at.String(), "eventTimeZoneOffset": "+00:00", "type": "ObjectEvent", "action": "OBSERVE",
		"eventID": fmt.Sprintf("urn:uuid:%d", rapid.IntRange(0, 15).Draw(t, "eventID")),
	}
	amount := []any{map[string]any{"epcClass": lot, "quantity": 1, "uom": "KGM"}}
	about := func() {
		if rapid.IntRange(0, 2).Draw(t, "one") == 0 {
			e["epcList"] = []string{itemURI(item)}
		} else {
			e["quantityList"] = amount
		}
	}
	used = -1
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		e["bizStep"], e["quantityList"] = "shipping", amount
		e["wm:temperatureLimits"] = map[string]any{"max": 8, "uom": "CEL", "maxMinutesOutside": 0}
	case 1:
		e["bizStep"], e["quantityList"] = "transporting", amount
		e["sensorElementList"] = []any{map[string]any{"sensorReport": []any{map[string]any{
			"type": "Temperature", "uom": "CEL", "value": rapid.SampledFrom([]int{5, 9, 9}).Draw(t, "degrees"), "time": at.String(),
		}}}}
	case 2:
		e["bizStep"], e["disposition"] = "inspecting", "conformant"
		about()
	case 3:
		e["bizStep"], e["wm:hsCode"] = "accepting", "090111"
		about()
	case 4:
		e["bizStep"], e["wm:dueDiligenceReference"] = "storing", "26DE7700000000"
		about()
	case 5:
		e["action"], e["bizStep"] = "DELETE", "sampling"
		e["quantityList"] = []any{map[string]any{"epcClass": lot, "quantity": 3, "uom": "KGM"}}
		e["certificationInfo"] = dealtCertificate
	case 6:
		e["type"], e["outputQuantityList"] = "TransformationEvent", amount
		var from []any
		for _, lot := range [][]int{{0}, {1}, {0, 1}}[rapid.IntRange(0, 2).Draw(t, "from")] {
			from = append(from, map[string]any{"epcClass": fmt.Sprintf("%s/10/FROM%d", lotClass, lot), "quantity": 1, "uom": "KGM"})
		}
		e["inputQuantityList"] = from
		delete(e, "action")
	case 7:
		e["bizStep"], e["epcList"] = "retail_selling", []string{itemURI(item)}
		used = item
	default:
		e["type"], e["inputEPCList"] = "TransformationEvent", []string{itemURI(item)}
		e["outputEPCList"] = []string{fmt.Sprintf("https://id.gs1.org/01/09521104000013/21/%d", i)}
		delete(e, "action")
		used = item
	}
	if rapid.IntRange(0, 7).Draw(t, "wrong") == 0 {
		e["errorDeclaration"] = map[string]any{"declarationTime": at.String()}
		used = -1
	}
	return e, used
}

// No item of a locked lot is ever used in a transformation, or sold, without the
// finding that says so; and nothing is said where nothing locks it.
func TestNoItemOfALockedLotIsUsedWithoutTheFinding(t *testing.T) {
	met := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w := &lotWorld{certified(t)}
		w.admit("customs", identity.Organisation{ID: partyID("9521105"), Name: "customs", Roles: []identity.Role{"customs:DE"}, Prefixes: []string{"9521105"}},
			identity.Active, identity.Active)
		w.begin(t)
		for i := range rapid.IntRange(10, 60).Draw(rt, "records") {
			w.time = epcis.Instant{Seconds: worldStart + int64(60*i)}
			e, used := w.draw(rt, i)
			b, err := json.Marshal(e)
			if err != nil {
				rt.Fatal(err)
			}
			signer := rapid.SampledFrom([]string{"exporter", "exporter", "roaster", "customs"}).Draw(rt, "signer")
			at, err := epcis.ParseInstant(e["eventTime"].(string))
			if err != nil {
				rt.Fatal(err)
			}
			why := ""
			if used >= 0 {
				why = w.locked(used, w.members[signer].ID, at)
			}
			own := used >= 0 && len(w.memory.state(itemURI(used)).Locks) > 0
			v := w.judge(t, signer, epcis.KindEvent, b)
			if used < 0 || own || v.Organisation == "" || slices.ContainsFunc(v.Findings, func(f trace.Finding) bool { return f.Rule == "A3" || f.Rule == "A6" }) {
				continue // the item's own locks have scripts; what else is refused at once is not judged
			}
			found := slices.ContainsFunc(v.Findings, func(f trace.Finding) bool {
				switch f.Code {
				case contracts.CodeInputLocked, contracts.CodeSellsLocked, contracts.CodeMovesLocked:
					return true
				}
				return false
			})
			if found != (why != "") {
				rt.Fatalf("the lot is locked by %q, and the findings are %+v of %s", why, v.Findings, b)
			}
			if found && !v.Rejected() && e["bizStep"] != "retail_selling" {
				rt.Fatalf("what is locked goes in: %s", b)
			}
			met[why]++
		}
	})
	for _, why := range []string{"", "T1", "D2", "D3", "W1"} {
		if met[why] == 0 {
			t.Errorf("no item was used that %q locks: the histories say nothing of it (%v)", why, met)
		}
	}
}

// begin bears the items and their lots, of which a certificate holds for W1 to lock
// them, and one lot of which it is known where it grew, and one of which it is not.
func (w *lotWorld) begin(t *testing.T) {
	t.Helper()
	w.time = epcis.Instant{Seconds: worldStart - 1000}
	bear := func(e map[string]any) {
		e["@context"] = []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary, "cbvmda": "urn:epcglobal:cbv:mda:"}}
		e["type"], e["action"], e["eventTimeZoneOffset"], e["eventTime"] = "ObjectEvent", "ADD", "+00:00", w.time.String()
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if v := w.judge(t, "exporter", epcis.KindEvent, b); v.Rejected() {
			t.Fatalf("a birth is refused: %+v", v.Findings)
		}
	}
	for i := range itemsOfWorld {
		bear(map[string]any{"bizStep": "commissioning", "epcList": []string{itemURI(i)}, "ilmd": map[string]any{"cbvmda:lotNumber": fmt.Sprintf("L%d", lotted(i))}})
	}
	for i := range lotsOfWorld {
		bear(map[string]any{"bizStep": "creating_class_instance", "quantityList": []any{map[string]any{"epcClass": lotURI(i), "quantity": 2, "uom": "KGM"}}})
	}
	bear(map[string]any{
		"bizStep": "creating_class_instance", "quantityList": []any{map[string]any{"epcClass": lotClass + "/10/FROM0", "quantity": 90, "uom": "KGM"}},
		"ilmd": map[string]any{"wm:dueDiligenceReference": "26DE7700000000", "wm:hsCode": "090111"},
	})
	bear(map[string]any{
		"bizStep": "creating_class_instance", "quantityList": []any{map[string]any{"epcClass": lotClass + "/10/FROM1", "quantity": 90, "uom": "KGM"}},
		"ilmd": map[string]any{"wm:hsCode": "090111"},
	})
}
