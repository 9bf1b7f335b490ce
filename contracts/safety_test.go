package contracts_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
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

// ofSafety reports whether a finding is of recalls, plots, cold chains or clones.
func ofSafety(f trace.Finding) bool {
	switch f.Rule {
	case "K5", "D1", "D2", "D3", "T1", "T2", "F1", "F2":
		return true
	}
	return false
}

func safety(v *contracts.Verdict) []string {
	var out []string
	for _, f := range v.Findings {
		if ofSafety(f) {
			out = append(out, fmt.Sprintf("%s %d", f.Severity, f.Code))
		}
	}
	return out
}

// The coffee lane gives these rules nothing to say but that a reference came.
func TestCoffeeLaneIsSafe(t *testing.T) {
	m := newMemory()
	for prefix, roles := range map[string][]identity.Role{
		"9521101": {identity.Producer}, "9521102": {identity.Trader, identity.Manufacturer}, "9521103": {identity.Carrier},
		"9521104": {identity.Manufacturer, identity.Retailer}, "9521105": {"customs:DE"}, "9521106": {identity.Certifier}, "9521107": {"customs:ET"},
	} {
		m.admit(partyID(prefix), identity.Organisation{ID: partyID(prefix), Name: prefix, Roles: roles, Prefixes: []string{prefix},
			Schemes: []string{"https://waymark-ledger.github.io/voc/Scheme-organic"}}, identity.Active, identity.Active)
	}
	f, err := os.Open("../trace/testdata/lane.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	m.time = epcis.Instant{Seconds: worldStart}
	var found []string
	for lines.Scan() {
		var line struct {
			Organisation string
			Kind         epcis.Kind
			Record       string
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		if r, err := epcis.Decode(line.Kind, []byte(line.Record)); err == nil && r.Event != nil && m.time.Before(r.Event.Time) {
			m.time = r.Event.Time
		}
		v := m.judge(t, line.Organisation, line.Kind, []byte(line.Record))
		if v.Rejected() {
			t.Errorf("%s refused: %+v", line.Record, v.Findings)
		}
		found = append(found, safety(v)...)
	}
	if want := []string{"INFO 5202"}; !slices.Equal(found, want) {
		t.Errorf("findings %v, want %v", found, want)
	}
	state, err := m.itemState("https://id.gs1.org/01/09521104000020/21/R2600000001")
	if err != nil || state.Uniqueness == nil || state.Uniqueness.Sold == nil || state.LastSeen == nil || state.LastSeen.Position == nil {
		t.Errorf("the bag's state is %+v, %v", state, err)
	}
	var roasted contracts.DiligenceState
	key := trace.Key{NS: trace.NSDiligence, ID: "lot:https://id.gs1.org/01/09521104000020/10/LOT2600000"}
	if err := identity.UnmarshalStrict(m.states[key], &roasted); err != nil || roasted.Origin != 1 {
		t.Errorf("the retail lot's origin is %+v, %v", roasted, err)
	}
}

// What others wrote is captured by one trader in one ledger, in the order of the
// files: these rules refuse none of it and lock nothing.
func TestDocumentsAreSafe(t *testing.T) {
	const documents = "../epcis/testdata/documents"
	b, err := os.ReadFile(filepath.Join(documents, "VERDICTS.json"))
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]string{}
	if err := json.Unmarshal(b, &verdicts); err != nil {
		t.Fatal(err)
	}
	m := world()
	m.time = epcis.Instant{Seconds: worldStart}
	judged := 0
	for _, name := range slices.Sorted(maps.Keys(verdicts)) {
		if verdicts[name] != "valid" {
			continue
		}
		body, err := os.ReadFile(filepath.Join(documents, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := epcis.Split(body)
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range doc.Events {
			judged++
			for _, f := range m.judge(t, "exporter", epcis.KindEvent, event).Findings {
				if ofSafety(f) && (f.Severity == trace.Reject || f.Severity == trace.Lock) {
					t.Errorf("%s: %+v\n%s", name, f, event)
				}
			}
		}
	}
	if judged < 50 {
		t.Errorf("only %d events", judged)
	}
}

// event is a record of a random history, at the block's time.
func (m *memory) event(t *rapid.T, fields map[string]any) []byte {
	fields["@context"] = []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary, "cbvmda": "urn:epcglobal:cbv:mda:"}}
	fields["type"], fields["eventTimeZoneOffset"], fields["eventTime"] = "ObjectEvent", "+00:00", m.time.String()
	if fields["action"] == nil {
		fields["action"] = "OBSERVE"
	}
	b, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// While a recall by its brand owner or an authority is in force, on a serial, its
// lot or its class, no accepted event ships or sells it but on its way out.
func TestRecalledThingsDoNotMove(t *testing.T) {
	const class = "https://id.gs1.org/01/09521102000015"
	lots := []string{"L0", "L0", "L1"} // of the serials 0, 1 and 2
	rapid.Check(t, func(rt *rapid.T) {
		m := world()
		m.admit("customs", identity.Organisation{ID: partyID("9521105"), Roles: []identity.Role{"customs:DE"}, Prefixes: []string{"9521105"}}, identity.Active, identity.Active)
		m.time = epcis.Instant{Seconds: worldStart}
		for i, lot := range lots {
			m.judge(t, "exporter", epcis.KindEvent, m.event(rt, map[string]any{"action": "ADD", "bizStep": "commissioning",
				"epcList": []string{itemURI(i)}, "ilmd": map[string]any{"cbvmda:lotNumber": lot}}))
		}
		inForce := map[string]map[string]bool{} // by thing: who recalled it
		for range rapid.IntRange(1, 40).Draw(rt, "events") {
			m.time = m.time.Add(1)
			thing := rapid.SampledFrom([]string{class, class + "/10/L0", class + "/10/L1", itemURI(0), itemURI(1), itemURI(2)}).Draw(rt, "thing")
			fields := map[string]any{}
			if strings.Contains(thing, "/21/") {
				fields["epcList"] = []string{thing}
			} else {
				fields["quantityList"] = []map[string]any{{"epcClass": thing}}
			}
			who := rapid.SampledFrom([]string{"exporter", "roaster", "customs"}).Draw(rt, "who")
			switch what := rapid.IntRange(0, 4).Draw(rt, "what"); what {
			case 0:
				fields["disposition"], fields["bizStep"] = "recalled", "holding"
			case 1:
				fields["persistentDisposition"], fields["bizStep"] = map[string]any{"unset": []string{"recalled"}}, "holding"
			default:
				who = "roaster"
				fields["bizStep"] = rapid.SampledFrom([]string{"shipping", "retail_selling"}).Draw(rt, "step")
				if what == 4 {
					fields["disposition"] = "returned"
				}
			}
			v := m.judge(t, who, epcis.KindEvent, m.event(rt, fields))
			switch {
			case fields["disposition"] == "recalled" && who != "roaster":
				if inForce[thing] == nil {
					inForce[thing] = map[string]bool{}
				}
				inForce[thing][who] = true
			case fields["persistentDisposition"] != nil:
				delete(inForce[thing], who)
			}
			if fields["bizStep"] == "holding" {
				if v.Rejected() {
					rt.Fatalf("refused: %+v", v.Findings)
				}
				continue
			}
			recalled := len(inForce[class])+len(inForce[thing]) > 0
			if thing == class {
				recalled = len(inForce[class]) > 0
			}
			for i, lot := range lots {
				recalled = recalled || thing == itemURI(i) && len(inForce[class+"/10/"+lot]) > 0
			}
			out := fields["bizStep"] == "shipping" && fields["disposition"] == "returned"
			if v.Rejected() != (recalled && !out) {
				rt.Fatalf("%v of %s: recalled %v, out of the market %v, findings %+v", fields["bizStep"], thing, recalled, out, v.Findings)
			}
		}
	})
}

// However reports are spread over events, the time outside is the sum of what
// follows a report outside, and the lock comes exactly when it is more than allowed.
func TestTimeOutsideIsExact(t *testing.T) {
	const sscc = "https://id.gs1.org/00/395211020000000016"
	rapid.Check(t, func(rt *rapid.T) {
		m := world()
		m.time = epcis.Instant{Seconds: worldStart}
		allowed := rapid.IntRange(0, 60).Draw(rt, "minutes allowed")
		m.judge(t, "exporter", epcis.KindEvent, m.event(rt, map[string]any{"bizStep": "shipping", "epcList": []string{sscc},
			"wm:temperatureLimits": map[string]any{"max": json.Number("8.0"), "uom": "CEL", "maxMinutesOutside": allowed, "maxGapMinutes": 60}}))
		outside, warm, locked := 0, false, false
		for range rapid.IntRange(1, 10).Draw(rt, "events") {
			var elements []map[string]any
			for range rapid.IntRange(1, 4).Draw(rt, "reports") {
				pause := rapid.IntRange(1, 3600).Draw(rt, "pause")
				m.time = m.time.Add(int64(pause))
				if warm {
					outside += pause
				}
				tenths := rapid.IntRange(70, 90).Draw(rt, "tenths of a degree")
				warm = tenths > 80
				elements = append(elements, map[string]any{"sensorMetadata": map[string]any{"time": m.time.String()},
					"sensorReport": []map[string]any{{"type": "Temperature", "uom": "CEL", "value": json.Number(fmt.Sprintf("%d.%d", tenths/10, tenths%10))}}})
			}
			v := m.judge(t, "roaster", epcis.KindEvent, m.event(rt, map[string]any{"bizStep": "transporting", "epcList": []string{sscc}, "sensorElementList": elements}))
			broken := slices.Contains(words(v), "LOCK 6101")
			if want := outside > allowed*60; broken != (want && !locked) {
				rt.Fatalf("%d s outside of %d min: %v", outside, allowed, v.Findings)
			}
			locked = locked || broken
		}
		if b := m.states[trace.Key{NS: trace.NSColdChain, ID: "item:" + sscc}]; len(b) == 0 || len(b) > 4096 {
			rt.Fatalf("a state of %d bytes", len(b))
		}
	})
}

// Twenty-four equal reports over twelve hours are a flat line, one less or an
// hour shorter is none.
func TestFlatLine(t *testing.T) {
	for _, c := range []struct {
		reports, minutes int
		flat             bool
	}{{24, 32, true}, {23, 33, false}, {24, 31, false}, {72, 10, false}, {73, 10, true}} {
		m := world()
		m.time = epcis.Instant{Seconds: worldStart}
		write := func(fields string) *contracts.Verdict {
			return m.judge(t, "exporter", epcis.KindEvent, fmt.Appendf(nil, `{"@context":[%q,{"wm":%q}],"type":"ObjectEvent","action":"OBSERVE","eventTime":%q,`+
				`"eventTimeZoneOffset":"+00:00","epcList":["https://id.gs1.org/00/395211020000000016"],%s}`, epcis.ContextURL, epcis.Vocabulary, m.time, fields))
		}
		write(`"bizStep":"shipping","wm:temperatureLimits":{"max":8,"uom":"CEL","maxMinutesOutside":0}`)
		flat := false
		for range c.reports {
			v := write(`"sensorElementList":[{"sensorReport":[{"type":"Temperature","uom":"CEL","value":4.2}]}]`)
			flat = flat || slices.Contains(words(v), "FLAG 6204")
			m.time = m.time.Add(int64(c.minutes) * 60)
		}
		if flat != c.flat {
			t.Errorf("%d reports, one in %d minutes: flat line %v", c.reports, c.minutes, flat)
		}
	}
}
