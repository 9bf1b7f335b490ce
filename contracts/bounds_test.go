package contracts_test

import (
	"fmt"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/trace"
)

// factsOf are the facts of a verdict's finding, nil where it has none of that code.
func factsOf(v *contracts.Verdict, code uint32) map[string]string {
	for _, f := range v.Findings {
		if f.Code == code && f.Severity == trace.Flag {
			facts := map[string]string{}
			for _, x := range f.Facts {
				facts[x.Name] = x.Value
			}
			return facts
		}
	}
	return nil
}

// Of a record with more prefixes than are looked up (A2) the verdict says how many were left out, and
// one with as many has no such flag.
func TestPrefixesAreLookedUpToABound(t *testing.T) {
	for _, n := range []int{64, 65, 100} {
		m := market()
		var epcs []string
		for i := range n {
			for serial := range 2 {
				epcs = append(epcs, fmt.Sprintf("urn:epc:id:sgtin:%09d.0001.%d", 400_000_000+i*1000, serial))
			}
		}
		epcs = append(epcs, itemURI(1), itemURI(2))
		facts := factsOf(m.record(t, "exporter", map[string]any{"bizStep": "storing", "epcList": epcs}), contracts.CodePrefixesLeft)
		want := ""
		if n > 64 {
			want = fmt.Sprintf("those of %d more products, places or documents", n-64)
		}
		if facts["not looked up"] != want {
			t.Errorf("%d foreign prefixes: %v", n, facts)
		}
	}
}

// The same of the devices whose numbers are compared (A5).
func TestDevicesAreComparedToABound(t *testing.T) {
	for _, n := range []int{64, 65, 90} {
		m := market()
		var elements []any
		for i := range n {
			elements = append(elements, map[string]any{
				"sensorMetadata": map[string]any{"deviceID": fmt.Sprintf("urn:x:device:%d", i), "wm:sequenceNumber": 1},
				"sensorReport":   []any{map[string]any{"type": "Temperature", "value": 4, "uom": "CEL"}, map[string]any{"type": "Temperature", "value": 5, "uom": "CEL"}},
			})
		}
		e := map[string]any{"bizStep": "storing", "epcList": []string{itemURI(1)}, "sensorElementList": elements}
		facts := factsOf(m.record(t, "exporter", e), contracts.CodeSequencesLeft)
		want := ""
		if n > 64 {
			want = fmt.Sprintf("%d devices", n-64)
		}
		if facts["not compared"] != want {
			t.Errorf("%d devices: %v", n, facts)
		}
	}
}
