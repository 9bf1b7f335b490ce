package lane_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func coffee(t *testing.T, n int) *lane.Script {
	t.Helper()
	s, err := lane.Coffee(noon, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every document of the lane passes the ratified schema and the strict
// decoder, and names no identifier with a wrong check digit.
func TestCoffeeIsValid(t *testing.T) {
	ground, err := lane.CoffeeGround(noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range append(ground, append(coffee(t, 0).Acts, coffee(t, 12345).Acts...)...) {
		records := act.Records
		if act.Kind == epcis.KindEvent {
			doc, err := epcis.Split(act.Document)
			if err != nil {
				t.Errorf("%s: %v\n%s", act.Title, err, act.Document)
				continue
			}
			records = doc.Events
		}
		for _, b := range records {
			if _, err := epcis.Decode(act.Kind, b); err != nil {
				t.Errorf("%s: %v\n%s", act.Title, err, b)
			}
			for _, id := range identifiers(t, b) {
				if got := epcis.Canonical(id); got.Malformed != "" {
					t.Errorf("%s: %s: %s", act.Title, id, got.Malformed)
				}
			}
		}
	}
}

// identifiers finds every string in a record that looks like a GS1 key.
func identifiers(t *testing.T, record []byte) []string {
	var found []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if strings.HasPrefix(v, "https://id.gs1.org/") || strings.HasPrefix(v, "urn:epc:id:") {
				found = append(found, v)
			}
		case []any:
			for _, x := range v {
				walk(x)
			}
		case map[string]any:
			for _, x := range v {
				walk(x)
			}
		}
	}
	var v any
	if err := json.Unmarshal(record, &v); err != nil {
		t.Fatal(err)
	}
	walk(v)
	return found
}

// Two containers share no item, lot, container or document, or their records
// would disturb each other.
func TestContainersAreApart(t *testing.T) {
	seen := map[string]bool{}
	for _, n := range []int{0, 1, 2, 99999} {
		s := coffee(t, n)
		for _, id := range append(s.Upstream, s.MRN, s.BillOfLading) {
			if seen[id] {
				t.Errorf("container %d names %s again", n, id)
			}
			seen[id] = true
		}
	}
}

func TestContainerNumberIsISO6346(t *testing.T) {
	if got := coffee(t, 0).Container; got != "urn:epc:id:bic:WMKU2047188" {
		t.Errorf("container 0 is %s", got)
	}
}

func TestMembers(t *testing.T) {
	for _, nodes := range []int{1, 4, 7} {
		names, ids, withNode := map[string]bool{}, map[string]bool{}, 0
		members := lane.Members(nodes)
		for _, m := range members {
			if m.Node {
				withNode++
			} else if m.Through == "" {
				t.Errorf("%d nodes: %s has neither a node nor one to sign through", nodes, m.Name)
			}
			if names[m.Name] || ids[m.Organisation.ID] {
				t.Errorf("%d nodes: %s is there twice", nodes, m.Name)
			}
			names[m.Name], ids[m.Organisation.ID] = true, true
			if got := epcis.Canonical(m.Organisation.ID); got.Malformed != "" || got.Level != epcis.PartyID {
				t.Errorf("%s: %+v", m.Organisation.ID, got)
			}
		}
		if withNode != nodes {
			t.Errorf("%d nodes: %d members have one", nodes, withNode)
		}
	}
}
