package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
)

// repository is an empty one in a server that ends with the test. The test is
// skipped where no server is installed.
func repository(t *testing.T) *pgRepository {
	dir, err := os.MkdirTemp("", "pg") // short, for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	s, err := startPostgres(t.Context(), filepath.Join(dir, "server"))
	if errors.Is(err, errNoPostgres) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	r, err := s.newRepository(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func TestPostgresStoresWhatAnEnvelopeHas(t *testing.T) {
	r := repository(t)
	h, err := found(filepath.Join(t.TempDir(), "homes"), 1)
	if err != nil {
		t.Fatal(err)
	}
	supply, err := sign(h, 100, 4, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer supply.close()
	for i := range supply.load {
		if err := r.commit(t.Context(), 0, &supply.load[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.check(400); err != nil {
		t.Error(err)
	}
	if err := r.check(399); err == nil {
		t.Error("a count that is wrong passes the check")
	}
	if err := r.commit(t.Context(), 0, &supply.load[0]); err == nil {
		t.Error("an event is stored twice")
	}
}

func TestPostgresFindsAJourney(t *testing.T) {
	r := repository(t)
	const item = "https://id.gs1.org/01/09521104000020/21/%s"
	rows := &pgRows{}
	for i, fields := range []string{
		`"type":"ObjectEvent","action":"ADD","epcList":["` + fmt.Sprintf(item, "raw") + `"]`,
		`"type":"ObjectEvent","action":"ADD","epcList":["` + fmt.Sprintf(item, "other") + `"]`,
		`"type":"TransformationEvent","inputEPCList":["` + fmt.Sprintf(item, "raw") + `"],"outputEPCList":["` + fmt.Sprintf(item, "made") + `"]`,
		`"type":"AggregationEvent","action":"ADD","parentID":"https://id.gs1.org/00/395211020000000016","childEPCs":["` + fmt.Sprintf(item, "made") + `","` + fmt.Sprintf(item, "other") + `"]`,
		`"type":"ObjectEvent","action":"OBSERVE","epcList":["https://id.gs1.org/00/395211020000000016"]`,
	} {
		raw := fmt.Appendf(nil, `{"@context":[%q],"eventID":"urn:event:%d",%s,"eventTime":%q,"eventTimeZoneOffset":"+00:00"}`,
			epcis.ContextURL, i, fields, time.Unix(int64(i), 0).UTC().Format(time.RFC3339))
		record, err := epcis.Decode(epcis.KindEvent, raw)
		if err != nil {
			t.Fatal(err)
		}
		rows.add(record.Event, raw)
	}
	if err := r.load(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"raw": 2, "made": 4, "other": 3, "unknown": 0} {
		events, err := r.upstream(t.Context(), fmt.Sprintf(item, name))
		if err != nil {
			t.Fatal(err)
		}
		if events != want {
			t.Errorf("%s: a journey of %d events, want %d", name, events, want)
		}
	}
	if n, err := r.bytes(t.Context()); err != nil || n == 0 {
		t.Errorf("the tables take %d bytes: %v", n, err)
	}
}
