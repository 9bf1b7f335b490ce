package node

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"github.com/waymark-ledger/waymark/ledger"
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
