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

// happens judges an event of a member, a second after the one before.
func happens(t *testing.T, m *memory, member string, e map[string]any) []string {
	t.Helper()
	m.time = m.time.Add(1)
	e["@context"], e["eventTimeZoneOffset"], e["eventTime"] = epcis.ContextURL, "+00:00", m.time.String()
	e["eventID"] = fmt.Sprintf("urn:uuid:%d", m.seq)
	if e["type"] == nil {
		e["type"] = "ObjectEvent"
	}
	if e["action"] == nil {
		e["action"] = "OBSERVE"
	}
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return words(m.judge(t, member, epcis.KindEvent, b))
}

// Of one thing so many recalls are remembered; one that has ended makes room.
func TestSoManyOrganisationsRecallOneThing(t *testing.T) {
	m := world()
	m.time = epcis.Instant{Seconds: worldStart}
	const most = 16
	for i := range most + 1 {
		prefix := fmt.Sprintf("95212%02d", i)
		m.admit(fmt.Sprint("certifier", i), identity.Organisation{ID: partyID(prefix), Name: prefix, Roles: []identity.Role{identity.Certifier},
			Schemes: []string{"urn:scheme:1"}, Prefixes: []string{prefix}}, identity.Active, identity.Active)
	}
	recall := func(i int) []string {
		return happens(t, m, fmt.Sprint("certifier", i), map[string]any{"bizStep": "inspecting", "disposition": "recalled", "epcList": []string{itemURI(0)}})
	}
	for i := range most {
		if got := recall(i); !slices.Contains(got, fmt.Sprint("LOCK ", contracts.CodeRecalled)) {
			t.Fatalf("recall %d: %v", i, got)
		}
	}
	if got := recall(most); slices.Contains(got, fmt.Sprint("LOCK ", contracts.CodeRecalled)) {
		t.Errorf("one too many: %v", got)
	}
	end := map[string]any{"bizStep": "inspecting", "persistentDisposition": map[string]any{"unset": []string{"recalled"}}, "epcList": []string{itemURI(0)}}
	if got := happens(t, m, "certifier3", end); !slices.Contains(got, fmt.Sprint("INFO ", contracts.CodeRecallEnded)) {
		t.Fatalf("it does not end: %v", got)
	}
	if got := recall(most); !slices.Contains(got, fmt.Sprint("LOCK ", contracts.CodeRecalled)) {
		t.Errorf("after one has ended: %v", got)
	}
	for range 20 { // the same recall, made again and again
		recall(most)
	}
	var s contracts.RecallState
	if err := identity.UnmarshalStrict(m.states[trace.Key{NS: trace.NSRecall, ID: "item:" + itemURI(0)}], &s); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Recalls); n != most {
		t.Errorf("%d recalls are kept", n)
	}
	if n := len(s.Recalls[most-1].Again); n != 8 {
		t.Errorf("%d times that it was made again are kept", n)
	}
}

// A thing remembers so many recalls that it left. One that has ended gives way, and one in
// force is never forgotten without a word.
func TestAThingLeavesSoManyRecalls(t *testing.T) {
	m := world()
	m.time = epcis.Instant{Seconds: worldStart}
	const most = 16
	happens(t, m, "exporter", map[string]any{"action": "ADD", "bizStep": "commissioning", "epcList": []string{itemURI(0)}})
	tote := func(i int) string { return fmt.Sprintf("%sL%d", recallClass, i) }
	leave := func(i int) []string {
		happens(t, m, "exporter", map[string]any{"bizStep": "holding", "disposition": "recalled", "epcList": []string{tote(i)}})
		bond := map[string]any{"type": "AggregationEvent", "parentID": tote(i), "childEPCs": []string{itemURI(0)}, "bizStep": "packing", "action": "ADD"}
		happens(t, m, "exporter", bond)
		bond["action"], bond["bizStep"] = "DELETE", "unpacking"
		return happens(t, m, "exporter", bond)
	}
	lift := func(i int) {
		happens(t, m, "exporter", map[string]any{"bizStep": "holding", "persistentDisposition": map[string]any{"unset": []string{"recalled"}}, "epcList": []string{tote(i)}})
	}
	left, forgotten := fmt.Sprint("LOCK ", contracts.CodeLeavesRecalled), fmt.Sprint("FLAG ", contracts.CodeRecallsForgotten)
	for i := range most {
		if got := leave(i); !slices.Contains(got, left) || slices.Contains(got, forgotten) {
			t.Fatalf("recall %d: %v", i, got)
		}
	}
	if got := leave(most); !slices.Contains(got, forgotten) {
		t.Errorf("one too many: %v", got)
	}
	lift(5)
	if got := leave(most + 1); !slices.Contains(got, left) || slices.Contains(got, forgotten) {
		t.Errorf("after one has ended: %v", got)
	}
	for i := range most + 1 {
		lift(i)
	}
	sale := map[string]any{"bizStep": "retail_selling", "epcList": []string{itemURI(0)}}
	if got := happens(t, m, "exporter", sale); !slices.Contains(got, fmt.Sprint("REJECT ", contracts.CodeMovesRecalled)) {
		t.Errorf("it left one that stands, and is sold: %v", got)
	}
	lift(most + 1)
	if got := happens(t, m, "exporter", sale); slices.Contains(got, fmt.Sprint("REJECT ", contracts.CodeMovesRecalled)) {
		t.Errorf("all have ended, and it is not sold: %v", got)
	}
}
