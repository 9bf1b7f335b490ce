package contracts_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

const packedIn = "https://id.gs1.org/00/395211020000000016"

// packMany packs things into one pallet.
func packMany(t *testing.T, m *memory, things []string) {
	t.Helper()
	if v := m.record(t, "exporter", map[string]any{"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "parentID": packedIn, "childEPCs": things}); v.Rejected() {
		t.Fatalf("%+v", v.Findings)
	}
}

func sellPallet(t *testing.T, m *memory, wants ...string) *contracts.Verdict {
	t.Helper()
	m.time = m.time.Add(60)
	v := m.record(t, "exporter", map[string]any{"bizStep": "retail_selling", "epcList": []string{packedIn}})
	recalls := contracts.Verdict{Findings: slices.DeleteFunc(slices.Clone(v.Findings), func(f trace.Finding) bool { return f.Rule != "K5" })}
	if got := words(&recalls); !slices.Equal(got, wants) {
		t.Fatalf("found %v, not %v: %+v", got, wants, v.Findings)
	}
	return v
}

// A pallet with things of more lots than its state counts is flagged: of some lots nobody looks
// whether they are recalled. What is counted is held against recalls all the same.
func TestPalletOfMoreLotsThanItCountsIsFlagged(t *testing.T) {
	m := world()
	m.time = epcis.Instant{Seconds: worldStart}
	var things []string
	for i := range 33 {
		things = append(things, itemURI(i))
		m.record(t, "exporter", map[string]any{"action": "ADD", "bizStep": "commissioning", "epcList": things[i:], "ilmd": map[string]string{"cbvmda:lotNumber": fmt.Sprint("L", i)}})
	}
	packMany(t, m, things[:32])
	sellPallet(t, m)
	packMany(t, m, things[32:])
	sellPallet(t, m, "FLAG 2514")
	lot := func(i int) map[string]any {
		return map[string]any{"bizStep": "holding", "disposition": "recalled", "quantityList": []any{map[string]string{"epcClass": fmt.Sprint("https://id.gs1.org/01/09521102000015/10/L", i)}}}
	}
	m.record(t, "exporter", lot(32))
	// Nobody looks into that one.
	sellPallet(t, m, "FLAG 2514")
	m.record(t, "exporter", lot(0))
	sellPallet(t, m, "REJECT 2503", "FLAG 2514")
	m.record(t, "exporter", map[string]any{"type": "AggregationEvent", "action": "DELETE", "bizStep": "unpacking", "parentID": packedIn, "childEPCs": []string{things[0], things[32]}})
	sellPallet(t, m)
	packMany(t, m, things[32:])
	sellPallet(t, m, "REJECT 2503")
}

// The same of more recalled serials than it names.
func TestPalletOfMoreRecalledSerialsThanItNamesIsFlagged(t *testing.T) {
	m := world()
	m.time = epcis.Instant{Seconds: worldStart}
	var things []string
	for i := range 34 {
		things = append(things, itemURI(i))
	}
	m.record(t, "exporter", map[string]any{"action": "ADD", "bizStep": "commissioning", "epcList": things})
	packMany(t, m, things)
	m.record(t, "exporter", map[string]any{"bizStep": "holding", "disposition": "recalled", "epcList": things[:33]})
	v := sellPallet(t, m, "REJECT 2503", "FLAG 2514")
	if at := slices.IndexFunc(v.Findings, func(f trace.Finding) bool { return f.Code == contracts.CodeMovesRecalled }); v.Findings[at].Facts[0].Name != packedIn {
		t.Errorf("%+v", v.Findings[at].Facts)
	}
	if s := m.state(packedIn); s.Contents.Now.Marked != 33 || len(s.Contents.Now.Marks) != 32 {
		t.Errorf("%+v", s.Contents.Now)
	}
	m.record(t, "exporter", map[string]any{"type": "AggregationEvent", "action": "DELETE", "bizStep": "unpacking", "parentID": packedIn, "childEPCs": things[:32]})
	sellPallet(t, m, "FLAG 2514")
	m.record(t, "exporter", map[string]any{"type": "AggregationEvent", "action": "DELETE", "bizStep": "unpacking", "parentID": packedIn, "childEPCs": things[32:33]})
	sellPallet(t, m)
}
