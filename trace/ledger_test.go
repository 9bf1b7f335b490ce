package trace_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

var update = flag.Bool("update", false, "rewrite golden files")

// memory is a ledger in memory: it indexes by Touches and keeps the states that
// names need. Nothing is judged; a record is refused when the test says so.
type memory struct {
	records   []*trace.Recorded
	histories map[trace.Key][]uint64
	states    map[trace.Key][]byte
	reads     int // of records
}

func newMemory() *memory {
	return &memory{histories: map[trace.Key][]uint64{}, states: map[trace.Key][]byte{}}
}

func (m *memory) History(k trace.Key, from uint64, limit int) ([]uint64, error) {
	seqs := m.histories[k]
	i, _ := slices.BinarySearch(seqs, from)
	return seqs[i:min(len(seqs), i+limit)], nil
}

func (m *memory) Window(k trace.Key, since epcis.Instant, until *epcis.Instant, lead, limit int) (before, within []uint64, err error) {
	for _, seq := range m.histories[k] {
		switch t := m.records[seq].Time; {
		case t.Before(since):
			before = append(before, seq)
		case until == nil || !until.Before(t):
			within = append(within, seq)
		}
	}
	return before[max(0, len(before)-lead):], within[:min(len(within), limit)], nil
}

func (m *memory) Record(seq uint64) (*trace.Recorded, error) {
	m.reads++
	if seq >= uint64(len(m.records)) {
		return nil, fmt.Errorf("seq %d: %w", seq, trace.ErrUnknown)
	}
	return m.records[seq], nil
}

func (m *memory) State(k trace.Key) ([]byte, error) { return m.states[k], nil }

// add appends a record at a block time, refused with the findings given.
func (m *memory) add(t testing.TB, organisation string, kind epcis.Kind, at string, record string, findings ...trace.Finding) uint64 {
	t.Helper()
	r, err := epcis.Decode(kind, []byte(record))
	if err != nil {
		t.Fatalf("%v\n%s", err, record)
	}
	seq := uint64(len(m.records))
	rec := &trace.Recorded{Seq: seq, Height: seq + 1, Time: instant(t, at), Kind: kind, Organisation: organisation, Findings: findings, Bytes: r.Bytes}
	m.records = append(m.records, rec)
	for _, k := range trace.Touches(r) {
		if rec.Rejected() {
			k = k.Refused()
		}
		m.histories[k] = append(m.histories[k], seq)
	}
	if r.MasterData != nil && !rec.Rejected() {
		if k := trace.MasterDataKey(r.MasterData); trace.KeepsDescription(k.NS) {
			b, err := cbor.Marshal(trace.DescriptionState{Seq: seq, Organisation: organisation, Name: r.MasterData.Name})
			if err != nil {
				t.Fatal(err)
			}
			m.states[k] = b
		}
	}
	return seq
}

// event adds an EPCIS event written without its context, recorded when it happened.
func (m *memory) event(t testing.TB, organisation, body string, findings ...trace.Finding) uint64 {
	t.Helper()
	return m.eventAt(t, organisation, "", body, findings...)
}

func (m *memory) eventAt(t testing.TB, organisation, at, body string, findings ...trace.Finding) uint64 {
	t.Helper()
	record := `{"@context":["` + epcis.ContextURL + `",{"wm":"` + epcis.Vocabulary + `","cbvmda":"urn:epcglobal:cbv:mda:"}],"eventTimeZoneOffset":"+00:00",` + body + `}`
	if at == "" {
		r, err := epcis.Decode(epcis.KindEvent, []byte(record))
		if err != nil {
			t.Fatalf("%v\n%s", err, record)
		}
		at = r.Event.Time.String()
		if n := len(m.records); n > 0 && r.Event.Time.Before(m.records[n-1].Time) {
			at = m.records[n-1].Time.String()
		}
	}
	if len(findings) == 0 {
		findings = binding(t, record)
	}
	return m.add(t, organisation, epcis.KindEvent, at, record, findings...)
}

// binding is what rule K5 finds of a recall by who may recall what it names.
func binding(t testing.TB, record string) []trace.Finding {
	t.Helper()
	r, err := epcis.Decode(epcis.KindEvent, []byte(record))
	if err != nil {
		t.Fatalf("%v\n%s", err, record)
	}
	recalled := epcis.NamespaceCBV + "Disp-recalled"
	if e := r.Event; e.Correction != nil || e.Disposition != recalled && !slices.Contains(e.Set, recalled) {
		return nil
	}
	f := trace.Finding{Severity: trace.Lock, Rule: "K5", Version: 1, Code: trace.CodeRecalled, Title: "recalled"}
	for _, k := range trace.Touches(r) {
		if k.NS == trace.NSRecall {
			ns, id, _ := strings.Cut(k.ID, ":")
			f.Facts = append(f.Facts, trace.Fact{Name: ns, Value: id})
		}
	}
	return []trace.Finding{f}
}

func instant(t testing.TB, s string) epcis.Instant {
	t.Helper()
	i, err := epcis.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// laneLedger plays the coffee lane, each record at the block time of its event.
func laneLedger(t testing.TB) *memory {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "lane.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m := newMemory()
	at := "2026-08-30T00:00:00Z"
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Organisation string
			Kind         epcis.Kind
			Record       string
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		r, err := epcis.Decode(line.Kind, []byte(line.Record))
		if err != nil {
			t.Fatal(err)
		}
		if r.Event != nil && instant(t, at).Before(r.Event.Time) {
			at = r.Event.Time.String()
		}
		m.add(t, line.Organisation, line.Kind, at, line.Record)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return m
}

func walk(t testing.TB, m *memory, id string, o trace.Options) *trace.Journey {
	t.Helper()
	j, err := trace.Walk(m, id, o)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// things lists the nodes that are no documents, sorted.
func things(j *trace.Journey) []string {
	var out []string
	for _, n := range j.Graph.Nodes {
		if n.Namespace != trace.NSTransaction {
			out = append(out, n.ID)
		}
	}
	slices.Sort(out)
	return out
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; run with -update and read the diff\n%s", name, firstDifference(string(got), string(want)))
	}
}

func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			wanted := "(end)"
			if i < len(w) {
				wanted = w[i]
			}
			return fmt.Sprintf("line %d\n got: %s\nwant: %s", i+1, g[i], wanted)
		}
	}
	return "got is shorter"
}
