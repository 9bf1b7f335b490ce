package contracts_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// crediting is one event of a history of credits, in grams.
type crediting struct {
	what   string // "booked", "transferred" or "retired"
	credit int
	by, to string
	grams  int64
	wrong  bool
}

func (e *crediting) record(at epcis.Instant, id int, wrong bool) []byte {
	weight := func(class string) []any {
		return []any{map[string]any{"epcClass": class, "quantity": json.Number(fmt.Sprint(e.grams)), "uom": "GRM"}}
	}
	event := map[string]any{
		"@context": []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary}}, "type": "TransactionEvent", "eventID": fmt.Sprintf("urn:uuid:%d", id),
		"eventTime": at.String(), "eventTimeZoneOffset": "+00:00", "wm:creditStatus": e.what,
		"bizTransactionList": []any{map[string]string{"type": "wm:BTT-credit", "bizTransaction": fmt.Sprintf("urn:credit:%d", e.credit)}},
	}
	switch e.what {
	case "booked":
		event["type"], event["certificationInfo"], event["wm:chainOfCustody"] = "TransformationEvent", dealtCertificate, "book_and_claim"
		event["readPoint"] = map[string]string{"id": "https://id.gs1.org/414/9521102000015"}
		event["inputQuantityList"], event["outputQuantityList"] = weight(dealtLots[0]), weight("https://id.gs1.org/01/09521102000015/10/BARE")
	case "transferred":
		event["action"], event["epcList"], event["wm:creditQuantity"] = "OBSERVE", []any{}, fmt.Sprintf("%d GRM", e.grams)
		event["destinationList"] = []any{map[string]string{"type": "owning_party", "destination": organisationOf(e.to)}}
	case "retired":
		event["action"], event["quantityList"] = "ADD", weight("https://id.gs1.org/01/09521104000013/10/P")
	}
	if wrong {
		event["errorDeclaration"] = map[string]any{"declarationTime": at.String(), "reason": "did_not_occur"}
	}
	b, err := json.Marshal(event)
	if err != nil {
		panic(err)
	}
	return b
}

// Whatever is booked, transferred, retired and declared wrong, in whatever order: who has how
// much of a credit is what a model says, nobody uses what it has not, and of a credit that
// stands no more is retired than was booked.
func TestNeverMoreRetiredThanBooked(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := certified(t)
		var history []*crediting
		has := map[string]int64{} // by credit and member
		booked := map[int]*crediting{}
		used := func(credit int, by string) bool {
			return slices.ContainsFunc(history, func(e *crediting) bool {
				return e.credit == credit && e.by == by && e.what != "booked" && (!e.wrong || e.grams > 0)
			})
		}
		key := func(credit int, member string) string { return fmt.Sprint(credit, member) }
		for range rapid.IntRange(1, 16).Draw(rt, "records") {
			m.time.Seconds++
			if n := len(history); n > 0 && rapid.IntRange(0, 3).Draw(rt, "wrong") == 0 {
				id := rapid.IntRange(0, n-1).Draw(rt, "which")
				e := history[id]
				if e.wrong {
					continue
				}
				v := m.judge(t, e.by, epcis.KindEvent, e.record(m.time, id, true))
				if v.Rejected() {
					rt.Fatalf("%+v: %v", e, words(v))
				}
				e.wrong = true
				orphaned := false
				switch e.what {
				case "booked":
					has[key(e.credit, e.by)] -= e.grams
					orphaned = has[key(e.credit, e.by)] < 0
				case "transferred":
					back := min(e.grams, max(has[key(e.credit, e.to)], 0))
					orphaned = back < e.grams
					has[key(e.credit, e.to)] -= back
					has[key(e.credit, e.by)] += back
					e.grams -= back // the rest stays transferred
				case "retired":
					has[key(e.credit, e.by)] += e.grams
					e.grams = 0
				}
				if said := slices.Contains(words(v), "FLAG 3315"); said != orphaned {
					rt.Fatalf("%+v used %v: %v", e, orphaned, words(v))
				}
			} else {
				e := &crediting{
					what:   rapid.SampledFrom([]string{"booked", "transferred", "transferred", "retired"}).Draw(rt, "what"),
					credit: rapid.IntRange(0, 1).Draw(rt, "credit"), by: rapid.SampledFrom([]string{"exporter", "roaster"}).Draw(rt, "by"),
					grams: rapid.Int64Range(1, 10).Draw(rt, "grams"),
				}
				before := booked[e.credit]
				stands := before != nil && !before.wrong
				ok := stands && has[key(e.credit, e.by)] >= e.grams
				if e.what == "booked" {
					e.by = "exporter"
					ok = before == nil || before.wrong && !used(e.credit, e.by)
				}
				if e.what == "transferred" {
					e.to = map[string]string{"exporter": "roaster", "roaster": "exporter"}[e.by]
				}
				v := m.judge(t, e.by, epcis.KindEvent, e.record(m.time, len(history), false))
				if v.Rejected() == ok {
					rt.Fatalf("%+v, of %v: %v", e, has, words(v))
				}
				if !ok {
					continue
				}
				history = append(history, e)
				switch e.what {
				case "booked":
					booked[e.credit] = e
					has[key(e.credit, e.by)] += e.grams
				case "transferred":
					has[key(e.credit, e.by)] -= e.grams
					has[key(e.credit, e.to)] += e.grams
				case "retired":
					has[key(e.credit, e.by)] -= e.grams
				}
			}
			creditsAsModelled(rt, m, has, booked)
		}
	})
}

func creditsAsModelled(t *rapid.T, m *memory, has map[string]int64, booked map[int]*crediting) {
	for credit, booking := range booked {
		retired := epcis.Decimal{}
		for _, member := range []string{"exporter", "roaster"} {
			var a contracts.Account
			id := fmt.Sprintf("credit:urn:credit:%d|%s", credit, organisationOf(member))
			if b := m.states[trace.Key{NS: trace.NSBalance, ID: id}]; b != nil {
				if err := identity.UnmarshalStrict(b, &a); err != nil {
					t.Fatal(err)
				}
			}
			retired = retired.Add(a.Out)
			left := a.In.Add(a.Received).Sub(a.Shipped).Sub(a.Out)
			if want := kilogramsOf(has[fmt.Sprint(credit, member)]); left.Cmp(want) != 0 {
				t.Fatalf("of credit %d %s has %s, not %s", credit, member, left, want)
			}
		}
		if !booking.wrong && retired.Cmp(kilogramsOf(booking.grams)) > 0 {
			t.Fatalf("of credit %d, %s are retired of %d g", credit, retired, booking.grams)
		}
	}
}

func kilogramsOf(grams int64) epcis.Decimal {
	d, err := epcis.ParseDecimal("0.001")
	if err != nil {
		panic(err)
	}
	return d.Mul(epcis.DecimalFromInt(grams))
}

// The journey of a credit is its life, from the goods that it was booked from to those that
// are claimed by it; whoever asks for those finds the credit.
func TestJourneyOfACredit(t *testing.T) {
	m := certified(t)
	life := []*crediting{
		{what: "booked", by: "exporter", grams: 10},
		{what: "transferred", by: "exporter", to: "roaster", grams: 6},
		{what: "retired", by: "roaster", grams: 6},
	}
	for i, e := range life {
		m.time.Seconds++
		if v := m.judge(t, e.by, epcis.KindEvent, e.record(m.time, i, false)); v.Rejected() {
			t.Fatalf("%+v: %v", e, words(v))
		}
	}
	told := func(id string) (steps []string, j *trace.Journey) {
		j, err := trace.Walk(m, id, trace.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range j.Steps {
			for _, d := range s.Details {
				if strings.HasSuffix(d.Name, "creditStatus") {
					steps = append(steps, d.Value)
				}
			}
		}
		return steps, j
	}
	if steps, _ := told("urn:credit:0"); !slices.Equal(steps, []string{"booked", "transferred", "retired"}) {
		t.Errorf("the credit was %v", steps)
	}
	_, j := told("https://id.gs1.org/01/09521104000013/10/P")
	if !slices.ContainsFunc(j.Graph.Edges, func(e trace.Edge) bool { return e.Kind == trace.EdgeDocument && e.To == "urn:credit:0" }) {
		t.Errorf("what is claimed by it does not lead to the credit: %+v", j.Graph.Edges)
	}
}

// The example of the documentation is a document of EPCIS, and is judged as it says.
func TestExampleOfACredit(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "docs", "examples", "credit.json"))
	if err != nil {
		t.Fatal(err)
	}
	document, err := epcis.Split(b)
	if err != nil {
		t.Fatal(err)
	}
	m := certified(t)
	m.time = epcis.Instant{Seconds: worldStart + 365*86_400*10}
	certificate := []byte(`{"@context":["` + epcis.ContextURL + `",{"wm":"` + epcis.Vocabulary + `"}],"type":"wm:Certificate",
		"action":"issue","id":"https://id.gs1.org/253/9521106000011ORG26","scheme":"https://example.org/organic","subject":"` + partyID("9521102") + `",
		"scope":["https://id.gs1.org/01/19521102000012"],"validFrom":"2020-01-01T00:00:00Z","validUntil":"2040-01-01T00:00:00Z"}`)
	if v := m.judge(t, "certifier", epcis.KindCertificate, certificate); v.Rejected() {
		t.Fatal(words(v))
	}
	for i, member := range []string{"exporter", "exporter", "roaster"} {
		if v := m.judge(t, member, epcis.KindEvent, document.Events[i]); v.Rejected() || !slices.Contains(words(v), "INFO 3316") {
			t.Errorf("event %d: %v", i, words(v))
		}
	}
}
