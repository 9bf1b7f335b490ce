package ledger

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/trace"
)

// Accepted records with a FLAG are listed, and no others; Verify finds one without its row,
// a row without such a record, and a damaged row.
func TestFlaggedRecords(t *testing.T) {
	n := newNetwork(t, "")
	l := n.openAt(t, vfs.NewMem())
	locked := []trace.Finding{{Severity: trace.Lock, Rule: "C5", Version: 1, Code: 1501, Title: "locked"}}
	verdicts := [][]trace.Finding{nil, flagging, locked, slices.Concat(flagging, rejection), slices.Concat(locked, flagging)}
	b := begin(t, l)
	var records [][]byte
	for i := range verdicts {
		records = append(records, record(string(rune('a'+i))))
	}
	n.appendAll(t, b, 0, n.envelope(t, 0, records...), func(i int) judged { return judged{findings: verdicts[i]} })
	commit(t, b)
	early := l.Snapshot()
	defer early.Close()
	b = begin(t, l)
	n.appendAll(t, b, 0, n.envelope(t, 0, record("never")), func(int) judged { return judged{findings: flagging} })
	b.Discard()
	b = begin(t, l)
	n.appendAll(t, b, 0, n.envelope(t, 0, record("later")), func(int) judged { return judged{findings: flagging} })
	commit(t, b)

	list := func(s *Snapshot, from uint64, limit int, want ...uint64) {
		t.Helper()
		if got, err := s.Flagged(from, limit); err != nil || !slices.Equal(got, want) {
			t.Errorf("from %d, at most %d: %v, %v; want %v", from, limit, got, err, want)
		}
	}
	s := l.Snapshot()
	list(early, 0, 9, 1, 4)
	list(s, 0, 9, 1, 4, 5)
	list(s, 0, 2, 1, 4)
	list(s, 2, 9, 4, 5)
	list(s, 6, 9)
	list(s, 0, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Flagged(0, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("a closed snapshot: %v", err)
	}

	verify := func(want string) {
		t.Helper()
		l.publish(n.genesis.Network, true, l.Roots())
		if err := l.Verify(t.Context(), nil); want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%v; want %q", err, want)
		}
	}
	row := func(seq uint64) []byte { return seqKey(rowFlagged, seq) }
	verify("")
	for _, step := range []struct {
		key, value []byte
		want       string
	}{
		{row(4), nil, "record 4: the ledger differs at height 1: its row of a flagged record is missing"},
		{row(4), seal(row(4), nil), ""},
		{row(3), seal(row(3), nil), "row G 0000000000000003: record 3 is not flagged"},
		{row(3), nil, ""},
		{row(77), seal(row(77), nil), "row G 000000000000004d"},
		{row(77), nil, ""},
		{row(5), []byte{1, 2, 3, 4}, "row G 0000000000000005"},
	} {
		var err error
		if step.value == nil {
			err = l.db.Delete(step.key, pebble.NoSync)
		} else {
			err = l.db.Set(step.key, step.value, pebble.NoSync)
		}
		if err != nil {
			t.Fatal(err)
		}
		verify(step.want)
	}
}
