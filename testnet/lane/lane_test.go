package lane_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func script(t *testing.T, l lane.Lane, n int) *lane.Script {
	t.Helper()
	s, err := l.Script(noon, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func ground(t *testing.T, l lane.Lane) []lane.Act {
	t.Helper()
	acts, err := l.Ground(noon)
	if err != nil {
		t.Fatal(err)
	}
	return acts
}

// records are an act's records as its author signs them.
func records(t *testing.T, act lane.Act) [][]byte {
	t.Helper()
	records, err := act.Signed()
	if err != nil {
		t.Fatalf("%v\n%s", err, act.Document)
	}
	return records
}

// Every document of a lane passes the ratified schema and the strict decoder,
// and names no identifier with a wrong check digit.
func TestLanesAreValid(t *testing.T) {
	for _, l := range lane.All() {
		t.Run(l.Name, func(t *testing.T) {
			acts := append(ground(t, l), script(t, l, 0).Acts...)
			for _, act := range append(acts, script(t, l, 99_999).Acts...) {
				for _, b := range records(t, act) {
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
		})
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

// Container, vessel and declaration numbers carry the check digits of ISO 6346,
// of the IMO's numbering scheme, and of the Union Customs Code.
func TestNumbersHaveTheirCheckDigits(t *testing.T) {
	vessel := regexp.MustCompile(`urn:epc:id:imovn:(\d{7})"`)
	vessels := 0
	for _, l := range lane.All() {
		s := script(t, l, 0)
		want := map[string]string{"coffee": "urn:epc:id:bic:WMKU2047188", "tuna": "urn:epc:id:bic:WMKU4047192", "parcel": "urn:epc:id:bic:WMKU7047180"}[l.Name]
		if s.Container != want {
			t.Errorf("%s: the container is %s, want %s", l.Name, s.Container, want)
		}
		for _, act := range s.Acts {
			for _, m := range vessel.FindAllStringSubmatch(string(act.Document), -1) {
				vessels++
				sum := 0
				for i, weight := range []int{7, 6, 5, 4, 3, 2} {
					sum += weight * int(m[1][i]-'0')
				}
				if sum%10 != int(m[1][6]-'0') {
					t.Errorf("%s: vessel %s has a wrong check digit", act.Title, m[1])
				}
			}
		}
	}
	if vessels == 0 {
		t.Error("no vessel was checked")
	}
}

// Two consignments, of whichever lanes, share no item, lot, container or
// document, or their records would disturb each other.
func TestConsignmentsAreApart(t *testing.T) {
	seen := map[string]string{}
	for _, l := range lane.All() {
		for _, n := range []int{0, 1, 2, 99_999} {
			s := script(t, l, n)
			for _, id := range append(slices.Clone(s.Upstream), s.MRN, s.BillOfLading) {
				if before, ok := seen[id]; ok {
					t.Errorf("%s %d names %s, which %s does", l.Name, n, id, before)
				}
				seen[id] = l.Name
			}
		}
	}
}

// What a lane says of itself is so: who takes part, and what the rules find.
func TestLanesSayWhatTheyHold(t *testing.T) {
	known := map[string]bool{}
	for _, m := range lane.Members(4) {
		known[m.Name] = true
	}
	for _, l := range lane.All() {
		acting, titles := map[string]bool{}, map[string]bool{}
		for _, act := range append(ground(t, l), script(t, l, 0).Acts...) {
			acting[act.Member] = true
			if titles[act.Title] {
				t.Errorf("%s: two acts are titled %q", l.Name, act.Title)
			}
			titles[act.Title] = true
		}
		for _, name := range l.Members {
			if !acting[name] || !known[name] {
				t.Errorf("%s: %s takes no part, or is no member", l.Name, name)
			}
			delete(acting, name)
		}
		for name := range acting {
			t.Errorf("%s: %s takes part and is not listed", l.Name, name)
		}
		for _, c := range l.Caught {
			if !titles[c.Act] {
				t.Errorf("%s: no act is titled %q", l.Name, c.Act)
			}
		}
	}
}

func TestNamed(t *testing.T) {
	for name, want := range map[string]int{"coffee": 1, "tuna": 1, "parcel": 1, "all": 3} {
		if got, err := lane.Named(name); err != nil || len(got) != want || want == 1 && got[0].Name != name {
			t.Errorf("%s: %d lanes, %v", name, len(got), err)
		}
	}
	if _, err := lane.Named("silk"); err == nil || !strings.Contains(err.Error(), "coffee, tuna, parcel or all") {
		t.Errorf("silk: %v", err)
	}
}

func TestJudged(t *testing.T) {
	act := lane.Act{Member: "grocer", Title: "sold", Caught: []lane.Caught{{Act: "sold", Severity: trace.Flag, Rule: "F1", Code: 9}}}
	found := trace.Finding{Severity: trace.Flag, Rule: "F1", Code: 9}
	told := trace.Finding{Severity: trace.Info, Rule: "A6", Code: 602}
	for _, c := range []struct {
		name     string
		findings []trace.Finding
		says     string
	}{
		{"as expected, of two records", []trace.Finding{found, told, found}, ""},
		{"missing", []trace.Finding{told}, "did not find FLAG F1 (code 9)"},
		{"another", []trace.Finding{found, {Severity: trace.Lock, Rule: "T1", Code: 7}}, "not expected: LOCK T1 (code 7)"},
		{"another severity", []trace.Finding{{Severity: trace.Reject, Rule: "F1", Code: 9}}, "not expected: REJECT F1 (code 9)"},
	} {
		err := act.Judged(c.findings)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if act.Refused() {
		t.Error("a flagged act counts as refused")
	}
}

func TestMembers(t *testing.T) {
	for _, nodes := range []int{1, 4, 7} {
		names, ids, withNode := map[string]bool{}, map[string]bool{}, 0
		members := lane.Members(nodes)
		nodeOf := map[string]bool{}
		for _, m := range members {
			nodeOf[m.Name] = m.Node
		}
		for _, m := range members {
			if m.Node {
				withNode++
			} else if !nodeOf[m.Through] {
				t.Errorf("%d nodes: %s has no node, nor has %q, through which it signs", nodes, m.Name, m.Through)
			}
			if names[m.Name] || ids[m.Organisation.ID] {
				t.Errorf("%d nodes: %s is there twice", nodes, m.Name)
			}
			names[m.Name], ids[m.Organisation.ID] = true, true
			if got := epcis.Canonical(m.Organisation.ID); got.Malformed != "" || got.Level != epcis.PartyID {
				t.Errorf("%s: %+v", m.Organisation.ID, got)
			}
			if m.Organisation.Has(identity.Certifier) != (len(m.Organisation.Schemes) > 0) {
				t.Errorf("%s: a certifier has schemes, and nobody else", m.Name)
			}
		}
		if withNode != nodes {
			t.Errorf("%d nodes: %d members have one", nodes, withNode)
		}
	}
}
