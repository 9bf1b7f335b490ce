package main

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

func TestARecordOfTheLoadIsWhatSplitMakesOfTheEvent(t *testing.T) {
	bare, err := (lane.Load{Now: time.Now(), Prefix: "9521204", Run: "b"}).Event(7)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := epcis.Split(bare)
	if err != nil {
		t.Fatal(err)
	}
	if got := selfContained(bare); !bytes.Equal(got, doc.Events[0]) {
		t.Errorf("got  %s\nwant %s", got, doc.Events[0])
	}
}

func TestARateCountsWholeBurstsOnly(t *testing.T) {
	start := time.Unix(1000, 0)
	var done []completion
	for block := range 10 { // 100 events every 300 ms
		for range 100 {
			done = append(done, completion{start.Add(time.Duration(block) * 300 * time.Millisecond), 1})
		}
	}
	got, err := rateBetween(done, start.Add(500*time.Millisecond), start.Add(2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if want := 100 / 0.3; got < want*0.999 || got > want*1.001 {
		t.Errorf("rate %.1f, want %.1f", got, want)
	}
}

func TestPercentilesAreOfTheNearestRank(t *testing.T) {
	var took []time.Duration
	for i := range 200 {
		took = append(took, time.Duration(200-i)*time.Millisecond)
	}
	if p50, p99 := percentiles(took); p50 != 100 || p99 != 198 {
		t.Errorf("p50 %v p99 %v, want 100 and 198", p50, p99)
	}
}

func TestASectionReplacesItselfAndNothingElse(t *testing.T) {
	doc := replaceSection(replaceSection("# Results\n", "## A", "one"), "## B", "two")
	doc = replaceSection(doc, "## A", "three")
	if want := "# Results\n\n## A\n\nthree\n\n## B\n\ntwo\n"; doc != want {
		t.Errorf("got %q, want %q", doc, want)
	}
}

func TestJSONHasTheFieldsThatAreReadElsewhere(t *testing.T) {
	if testing.Short() {
		t.Skip("starts networks")
	}
	var out bytes.Buffer
	var err error
	for _, duration := range []string{"3s", "30s"} { // on a busy machine nothing may be committed in a few seconds
		out.Reset()
		args := []string{"--json", "--cases", "1-single", "--duration", duration, "--warm", "500ms", "--rounds", "1", "--dir", t.TempDir()}
		if err = run(t.Context(), args, &out, io.Discard); err == nil {
			break
		}
		t.Log(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Cases []map[string]any }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Cases) != 1 {
		t.Fatalf("%d cases", len(got.Cases))
	}
	for _, field := range []string{"name", "validators", "events_per_record", "floor_events_per_s", "events_per_s", "ratio", "p50_ms", "p99_ms", "cpu_us_per_event"} {
		v, ok := got.Cases[0][field]
		if n, number := v.(float64); !ok || number && n <= 0 {
			t.Errorf("%s is %v", field, v)
		}
		delete(got.Cases[0], field)
	}
	if len(got.Cases[0]) > 0 {
		t.Errorf("more fields: %v", got.Cases[0])
	}
}

func TestTraceOfASmallLedger(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"trace", "--records", "2000", "--requests", "3", "--dir", t.TempDir()}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "120 events upstream") {
		t.Error(out.String())
	}
}

func TestMapOfASmallLedger(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"map", "--keys", "20000", "--touches", "5000", "--json", "--dir", t.TempDir()}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	var r mapResult
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.CPU <= 0 || r.Logged <= 0 || r.Present.P50 <= 0 || r.Absent.Most < r.Present.Bytes {
		t.Errorf("%+v", r)
	}
}
