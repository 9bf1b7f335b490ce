package api_test

import (
	"compress/gzip"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/trace"
)

type simulation struct {
	AsOf    struct{ Height uint64 }
	Signer  struct{ Address, Organisation, Name string }
	Success bool
	Errors  []api.Problem
	Records []struct {
		Seq           uint64
		Body          int
		Kind, EventID string
		Rejected      bool
		Verdicts      []trace.Finding
	}
}

// told is each record's eventID or kind with the codes of its verdict.
func (s simulation) told() []string {
	var out []string
	for _, r := range s.Records {
		name := r.Kind
		if r.EventID != "" {
			name = r.EventID
		}
		line := fmt.Sprintf("%d %d %s", r.Seq, r.Body, name)
		for _, f := range r.Verdicts {
			line += fmt.Sprintf(" %d", f.Code)
		}
		out = append(out, line)
	}
	return out
}

func simulate(t *testing.T, m *memory, c call) *httptest.ResponseRecorder {
	t.Helper()
	c.method, c.key = "POST", captureKey
	records, jobs, captured := len(m.records), len(m.jobs), m.captured
	w := do(t, newAPI(t, m, api.Limits{BodyBytes: 64 << 10}), c)
	if len(m.records) != records || len(m.jobs) != jobs || m.captured != captured {
		t.Errorf("a simulation was recorded: %d records, %d jobs, %d captured", len(m.records), len(m.jobs), m.captured)
	}
	return w
}

// what a grower's master data looks like as a record.
func masterData(id, name string) string {
	return `{"@context":[{"wm":"https://waymark-ledger.github.io/voc/"}],"type":"wm:MasterData","vocabulary":"urn:epcglobal:epcis:vtype:EPCClass","id":"` + id +
		`","attributes":[{"id":"https://gs1.org/voc/productName","attribute":"` + name + `"}]}`
}

// Each record sees what the ones before it would have written, and a refused one
// writes nothing.
func TestSimulateJudgesInOrder(t *testing.T) {
	m := newMemory(t)
	do(t, newAPI(t, m, api.Limits{}), call{"POST", "/epcis/events", captureKey, birth("x:known", bornItem, 0), nil})
	other := strings.ReplaceAll(bornItem, "X1", "X2")
	w := simulate(t, m, call{path: "/v1/simulate", body: documentOf(
		birth("x:new", other, 1), birth("x:again", other, 2), birth("x:of-known", bornItem, 3))})
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	s := decode[simulation](t, w)
	if got := s.told(); !slices.Equal(got, []string{"1 0 x:new", "2 0 x:again 1101", "3 0 x:of-known 1101"}) {
		t.Errorf("%v", got)
	}
	if s.Success || s.AsOf.Height != 1 || s.Signer.Name != "Elbe Quay Roasters" || s.Signer.Address != m.key.Address().Hex() {
		t.Errorf("%s", w.Body)
	}
	if f := s.Records[1].Verdicts[0]; *f.Facts[0].Seq != 1 {
		t.Errorf("the second birth rests on record %d", *f.Facts[0].Seq)
	}
	// A bare event, and one that is on the ledger already: nothing is missing then.
	w = simulate(t, m, call{path: "/v1/simulate", body: birth("x:known", bornItem, 0)})
	if s := decode[simulation](t, w); !s.Success || !s.Records[0].Rejected || s.told()[0] != "1 0 x:known 601" {
		t.Errorf("%s", w.Body)
	}
}

// Records of Waymark's own kinds, and another author than the node.
func TestSimulateTakesKindsAndSigners(t *testing.T) {
	m := newMemory(t)
	described := masterData("https://id.gs1.org/01/09521104000013", "Coffee")
	s := decode[simulation](t, simulate(t, m, call{path: "/v1/simulate?kind=masterdata", body: "[" + described + "]"}))
	if got := s.told(); !s.Success || !slices.Equal(got, []string{"0 0 masterdata"}) {
		t.Errorf("%v", got)
	}
	exporter := m.keys["exporter"].Address().Hex()
	s = decode[simulation](t, simulate(t, m, call{path: "/v1/simulate?kind=masterdata&signer=" + exporter, body: described}))
	if got := s.told(); s.Success || !slices.Equal(got, []string{"0 0 masterdata 202"}) || s.Signer.Address != exporter || s.Signer.Name == "" {
		t.Errorf("%v of %+v", got, s.Signer)
	}
}

// Several bodies are judged as if handed in one after the other.
func TestSimulateTakesSeveralBodies(t *testing.T) {
	m := newMemory(t)
	described := masterData("https://id.gs1.org/01/09521104000013", "Coffee")
	several := func(bodies ...string) string { return " [" + strings.Join(bodies, ",") + "]" }
	one := func(kind, body string) string { return `{"kind":"` + kind + `","body":` + body + `}` }
	s := decode[simulation](t, simulate(t, m, call{path: "/v1/simulate", body: several(one("masterdata", described),
		one("epcis", documentOf(birth("x:1", bornItem, 0))), one("epcis", birth("x:2", bornItem, 1)), one("masterdata", "["+described+"]"))}))
	if got := s.told(); !slices.Equal(got, []string{"0 0 masterdata", "1 1 x:1", "2 2 x:2 1101", "3 3 masterdata 601"}) {
		t.Errorf("%v", got)
	}
	broken := `{"type":"ObjectEvent"}`
	for _, c := range []struct{ body, pointer string }{
		{several(one("epcis", event("x:1")), one("epcis", documentOf(event("x:2"), broken))), "/1/body/epcisBody/eventList/1"},
		{several(one("masterdata", "["+described+`,{"type":"wm:MasterData"}]`)), "/0/body/1"},
		{several(one("epcis", event("x:1")), "7"), "/1"},
		{several(one("unheard-of", "{}")), "/0/kind"},
		{several(`{"kind":"epcis"}`), "/0/body"},
		{several(`{"kind":"epcis","body":{},"signer":"me"}`), "/0"},
	} {
		w := simulate(t, m, call{path: "/v1/simulate", body: c.body})
		p := decode[api.Problem](t, w)
		if w.Code != 400 || len(p.Errors) == 0 || !strings.HasPrefix(p.Errors[0].Pointer, c.pointer) {
			t.Errorf("%s: %d %s", c.body, w.Code, w.Body)
		}
	}
	// What is left out under proceed is named where it stands.
	w := simulate(t, m, call{path: "/v1/simulate", body: several(one("epcis", event("x:1")), one("epcis", documentOf(event("x:2"), broken))),
		header: map[string]string{"GS1-Capture-Error-Behaviour": "proceed"}})
	s = decode[simulation](t, w)
	if got := s.told(); s.Success || len(got) != 2 || len(s.Errors) != 1 || !strings.HasPrefix(s.Errors[0].Errors[0].Pointer, "/1/body/epcisBody/eventList/1") {
		t.Errorf("%s", w.Body)
	}
}

func TestSimulateKeepsTheLimitsOfCapture(t *testing.T) {
	m := newMemory(t)
	var bomb strings.Builder
	z := gzip.NewWriter(&bomb)
	if _, err := z.Write([]byte(strings.Repeat(" ", 1<<20))); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		call call
		want int
	}{
		{"too large", call{path: "/v1/simulate", body: strings.Repeat(" ", 64<<10+1)}, 413},
		{"a bomb", call{path: "/v1/simulate", body: bomb.String(), header: map[string]string{"Content-Encoding": "gzip"}}, 413},
		{"no JSON", call{path: "/v1/simulate", body: "{"}, 400},
		{"no JSON in an array", call{path: "/v1/simulate", body: "[{]"}, 400},
		{"nothing in an array", call{path: "/v1/simulate", body: "[]"}, 400},
		{"no EPCIS", call{path: "/v1/simulate", body: `{"a":1}`}, 400},
		{"no EPCIS, proceeding", call{path: "/v1/simulate", body: `{"a":1}`, header: map[string]string{"GS1-Capture-Error-Behaviour": "proceed"}}, 400},
		{"other behaviour", call{path: "/v1/simulate", body: event("x:1"), header: map[string]string{"GS1-Capture-Error-Behaviour": "hope"}}, 400},
		{"other EPCIS", call{path: "/v1/simulate", body: event("x:1"), header: map[string]string{"GS1-EPCIS-Version": "1.2"}}, 406},
		{"XML", call{path: "/v1/simulate", body: "<x/>", header: map[string]string{"Content-Type": "application/xml"}}, 415},
		{"bad kind", call{path: "/v1/simulate?kind=epcis", body: event("x:1")}, 400},
		{"a typo", call{path: "/v1/simulate?signr=" + m.key.Address().Hex(), body: event("x:1")}, 400},
		{"two signers", call{path: "/v1/simulate?signer=a&signer=b", body: event("x:1")}, 400},
		{"no address", call{path: "/v1/simulate?signer=me", body: event("x:1")}, 400},
		{"a stranger's address", call{path: "/v1/simulate?signer=0x52908400098527886E0F7030069857D2E4169EE7", body: event("x:1")}, 422},
	} {
		if w := simulate(t, m, c.call); w.Code != c.want {
			t.Errorf("%s: %d, not %d: %.300s", c.name, w.Code, c.want, w.Body)
		}
	}
	h := newAPI(t, m, api.Limits{})
	if w := do(t, h, call{"POST", "/v1/simulate", queryKey, event("x:1"), nil}); w.Code != 403 {
		t.Errorf("a query key gets %d", w.Code)
	}
	m.failWith = api.ErrReadOnly
	if w := do(t, h, call{"POST", "/v1/simulate", captureKey, event("x:1"), nil}); w.Code != 501 {
		t.Errorf("a node that signs for nobody answers %d", w.Code)
	}
}

// A parameter that is not known, or out of its range, is refused before anything is
// judged.
func TestSimulateRefusesParameters(t *testing.T) {
	m := newMemory(t)
	for param, want := range map[string]string{
		"taxes=1": "no parameter taxes", "lateness": "NAME=VALUE", "massTolerance=0.2": "not between", "prefixAuthority=perhaps": "not off or flag or reject",
		"lateness=0&param=lateness=1": "names lateness twice",
	} {
		w := simulate(t, m, call{path: "/v1/simulate?param=" + param, body: documentOf(birth("x:new", bornItem, 1))})
		if w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", param, w.Code, w.Body)
		}
	}
	if w := simulate(t, m, call{path: "/v1/simulate?param=lateness=0&param=massTolerance=0.01", body: documentOf(birth("x:new", bornItem, 1))}); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
