package node

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
)

func TestCheckOfAStoppedNode(t *testing.T) {
	c := network(t, 1, nil)[0]
	if _, err := Check(t.Context(), c, CheckOptions{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a home that never ran: %v", err)
	}
	height := once(t, c, 0, 3)
	var told []string
	r, err := Check(t.Context(), c, CheckOptions{Scrub: true, Progress: func(what string, done, of uint64) {
		if done == of {
			told = append(told, what)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if r.Damage != "" || r.Height != height || r.Records != 3 || r.FromHeader != 2 || r.ToHeader < height {
		t.Errorf("report %+v", r)
	}
	if strings.Join(told, ", ") != "tables of the ledger, files of the engine's log, blocks of the engine, heights of the ledger, records" {
		t.Errorf("progress told of %q", told)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Check(ctx, c, CheckOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a check that was stopped: %v", err)
	}
	n := run(t, c)
	n.awaitReady(t)
	if _, err := Check(t.Context(), c, CheckOptions{}); !errors.Is(err, ErrInUse) {
		t.Errorf("a running node: %v", err)
	}
}

// One flipped bit in any kind of row is found, and the row is named.
func TestCheckNamesTheDamagedRow(t *testing.T) {
	c := network(t, 1, nil)[0]
	withBirth(t, c)
	good := filepath.Join(t.TempDir(), "data")
	copyDir(t, good, c.path("data"))
	for _, d := range []struct {
		name, dir, prefix string
		bit               int
		scrub             bool
		want              string
	}{
		{"an entry", c.ledgerDir(), "E", 40, false, "row E"},
		{"a block", c.ledgerDir(), "B", 9, false, "row B"},
		{"a history", c.ledgerDir(), "I", 40, false, "row I"},
		{"an envelope", c.ledgerDir(), "V", 3, false, "row V"},
		{"a place of bytes", c.ledgerDir(), "A", 3, false, "row A"},
		{"the forward index", c.ledgerDir(), "F", 3, false, "row F"},
		{"a flagged record", c.ledgerDir(), "G", 3, false, "row G"},
		{"an index of contents", c.ledgerDir(), "C", 3, true, "row C"},
		{"a header of the engine", c.engineDir(), "blockstore/H:", 200, false, "engine"},
		{"a block of the engine", c.engineDir(), "blockstore/P:", 200, true, "engine"},
	} {
		t.Run(d.name, func(t *testing.T) {
			copyDir(t, c.path("data"), good)
			flip(t, d.dir, d.prefix, d.bit)
			r, err := Check(t.Context(), c, CheckOptions{Scrub: d.scrub})
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(r.Damage, d.want) {
				t.Errorf("damage %q does not name %q", r.Damage, d.want)
			}
		})
	}
}

// A file that the disk changed under the engine's store is named. CometBFT panics
// over what it cannot read, with iterators open, over which Pebble's Close panics.
func TestCheckNamesTheDamagedFileOfTheEngine(t *testing.T) {
	c := network(t, 1, nil)[0]
	once(t, c, 0, 3)
	once(t, c, 10, 1) // Pebble writes its log to a table
	tables, err := filepath.Glob(filepath.Join(c.engineDir(), "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("tables %v, %v", tables, err)
	}
	for _, table := range tables {
		b := mustRead(t, table)
		for at := range 8 { // wherever the blocks' parts lie in it
			b[(2*at+1)*len(b)/16] ^= 4
		}
		if err := os.WriteFile(table, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Check(t.Context(), c, CheckOptions{Scrub: true})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(r.Damage, "engine") || !strings.Contains(r.Damage, "checksum mismatch") || strings.Contains(r.Damage, "stack trace") {
		t.Errorf("damage %q", r.Damage)
	}
}

// A scrub counts the items again: the app hash says nothing of the forward index.
func TestScrubFindsWhatTheForwardIndexLacks(t *testing.T) {
	c := network(t, 1, nil)[0]
	withBirth(t, c)
	db := rawLedger(t, c.ledgerDir())
	if err := db.DeleteRange([]byte("F"), []byte("G"), pebble.Sync); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := Check(t.Context(), c, CheckOptions{}); err != nil || r.Damage != "" {
		t.Errorf("without a scrub: %v, %v", r, err)
	}
	r, err := Check(t.Context(), c, CheckOptions{Scrub: true})
	if err != nil || !strings.Contains(r.Damage, "the forward index lacks") {
		t.Errorf("damage %q, %v", r.Damage, err)
	}
}

// A flagged record has a row, by which alerts are listed.
func TestCheckFindsTheFlaggedRecordThatIsNotListed(t *testing.T) {
	c := network(t, 1, nil)[0]
	withBirth(t, c)
	db := rawLedger(t, c.ledgerDir())
	if err := errors.Join(db.DeleteRange([]byte("G"), []byte("H"), pebble.Sync), db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, scrub := range []bool{false, true} {
		if r, err := Check(t.Context(), c, CheckOptions{Scrub: scrub}); err != nil || !strings.Contains(r.Damage, "row of a flagged record") {
			t.Errorf("damage %q, %v", r.Damage, err)
		}
	}
}

// A record has a row under its hash, or the row of its content leads to it.
func TestCheckFindsWhatTheIndexOfRecordsLacks(t *testing.T) {
	c := network(t, 1, nil)[0]
	first := observation(t, 1)
	again := bytes.Replace(first, []byte(`"type":"ObjectEvent"`), []byte(`"type":"ObjectEvent","eventID":"urn:x:again"`), 1)
	refused := life(t, "ADD", 60*24, 3)
	for _, step := range []struct {
		record []byte
		scrub  bool
		want   string
	}{
		{first, true, ""},
		{again, false, ""},
		{again, true, "the index of records lacks it"},
		{refused, false, "row of the record's bytes"},
	} {
		r := run(t, c)
		r.awaitReady(t)
		capture(t, r, step.record)
		if err := r.stop(); err != nil {
			t.Fatal(err)
		}
		db := rawLedger(t, c.ledgerDir())
		if err := db.DeleteRange([]byte("A"), []byte("B"), pebble.Sync); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		report, err := Check(t.Context(), c, CheckOptions{Scrub: step.scrub})
		if err != nil || !strings.Contains(report.Damage, step.want) || step.want == "" && report.Damage != "" {
			t.Errorf("damage %q, %v; want %q", report.Damage, err, step.want)
		}
	}
}

// withBirth runs a node once that records four events, one of which bears items and one
// of which, of tomorrow, is refused.
func withBirth(t *testing.T, c Config) {
	t.Helper()
	r := run(t, c)
	r.awaitReady(t)
	capture(t, r, life(t, "ADD", 1, 1, 2), life(t, "ADD", 60*24, 3))
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	once(t, c, 0, 2)
}

func rawLedger(t *testing.T, dir string) *pebble.DB {
	t.Helper()
	merger := *pebble.DefaultMerger
	if filepath.Base(dir) == "ledger" {
		merger.Name = "waymark.pages" // nothing is merged here
	}
	unseal(t, dir) // what is written here is to pass for what the node wrote
	db, err := pebble.Open(dir, &pebble.Options{Logger: pebbleLog{testLogger(t)}, FormatMajorVersion: pebble.FormatNewest, Merger: &merger})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// flip changes one bit of the value of the last row under the prefix.
func flip(t *testing.T, dir, prefix string, bit int) {
	t.Helper()
	db := rawLedger(t, dir)
	defer db.Close()
	upper := []byte(prefix)
	upper[len(upper)-1]++
	it, err := db.NewIter(&pebble.IterOptions{LowerBound: []byte(prefix), UpperBound: upper})
	if err != nil {
		t.Fatal(err)
	}
	if !it.Last() {
		t.Fatalf("no row under %s", prefix)
	}
	key, value := append([]byte{}, it.Key()...), append([]byte{}, it.Value()...)
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	value[bit/8] ^= 1 << (bit % 8)
	if err := db.Set(key, value, pebble.Sync); err != nil {
		t.Fatal(err)
	}
}
