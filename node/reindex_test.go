package node

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/trace"
)

// A node that starts on the store of an older version makes its forward index again before
// it serves, and a scrub finds nothing amiss; a scrub before says what has to be done.
func TestNodeMakesAnOlderForwardIndexAgain(t *testing.T) {
	c := network(t, 1, nil)[0]
	withBirth(t, c)
	rows := func(older bool) map[string]string {
		t.Helper()
		db := rawLedger(t, c.ledgerDir())
		it, err := db.NewIter(&pebble.IterOptions{LowerBound: []byte("F"), UpperBound: []byte("G")})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		for ok := it.First(); ok; ok = it.Next() {
			found[string(it.Key())] = string(it.Value())
		}
		err = it.Close()
		if older {
			key, value := []byte("Mformat"), binary.BigEndian.AppendUint32(nil, 4)
			sum := crc32.Update(crc32.Checksum(key, crc32.MakeTable(crc32.Castagnoli)), crc32.MakeTable(crc32.Castagnoli), value)
			err = errors.Join(err, db.DeleteRange([]byte("F"), []byte("G"), pebble.Sync), db.Set(key, binary.BigEndian.AppendUint32(value, sum), pebble.Sync))
		}
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		return found
	}
	want := rows(true)
	if len(want) == 0 {
		t.Fatal("there is no forward index")
	}
	if _, err := Check(t.Context(), c, CheckOptions{Scrub: true}); !errors.Is(err, ledger.ErrOutdated) {
		t.Errorf("a scrub of an outdated index: %v", err)
	}
	if r, err := Check(t.Context(), c, CheckOptions{}); err != nil || r.Damage != "" {
		t.Errorf("a check of an outdated index: %+v, %v", r, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := New(c, Deps{Logger: testLogger(t), Context: ctx}); !errors.Is(err, context.Canceled) {
		t.Errorf("a start that was given up: %v", err)
	}
	r := run(t, c)
	r.awaitReady(t)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if report, err := Check(t.Context(), c, CheckOptions{Scrub: true}); err != nil || report.Damage != "" {
		t.Errorf("after the start: %+v, %v", report, err)
	}
	if got := rows(false); !maps.Equal(got, want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

// withoutRecalls is a ledger that keeps no history of recalls.
type withoutRecalls struct{ trace.Reader }

func (w withoutRecalls) History(k trace.Key, from uint64, limit int) ([]uint64, error) {
	if k.NS == trace.NSRecall {
		return nil, nil
	}
	return []uint64{from}, nil
}

// A ledger whose histories lack what this version would look for there is not served: its
// answers would be proved to be complete, and are not.
func TestNodeRefusesHistoriesOfAnOlderVersion(t *testing.T) {
	const event = `{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","action":"OBSERVE","eventID":"urn:uuid:7d6a2f2e-1c1e-4b43-9a4b-1f0a5a2f5d01",` +
		`"eventTime":"2026-05-01T00:00:00Z","eventTimeZoneOffset":"+00:00","epcList":["https://id.gs1.org/00/095211010000000014"],"bizStep":"holding"`
	for extra, refused := range map[string]bool{``: false, `,"disposition":"recalled"`: true} {
		record, err := epcis.Decode(epcis.KindEvent, []byte(event+extra+"}"))
		if err != nil {
			t.Fatal(err)
		}
		err = standsIn(withoutRecalls{}, 7, record)
		if refused != (err != nil) || refused && !strings.Contains(err.Error(), "recall item:https://id.gs1.org/00/095211010000000014") {
			t.Errorf("%q: %v", extra, err)
		}
	}
}
