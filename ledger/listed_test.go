package ledger

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/trace"
)

// Cases and transfers are listed in the order in which they were opened, each once,
// a page at a time and as of the snapshot; states of other namespaces are not.
func TestListedStates(t *testing.T) {
	n := newNetwork(t, "")
	fs := vfs.NewMem()
	l := open(t, fs)
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	write := func(text string, keys ...trace.Key) {
		b := begin(t, l)
		var states []State
		for _, k := range keys {
			states = append(states, State{k, []byte(text)})
		}
		n.appendAll(t, b, 0, n.envelope(t, 0, record(text)), func(int) judged { return judged{states: states} })
		commit(t, b)
	}
	opened := func(id string) trace.Key { return trace.Key{NS: trace.NSCase, ID: id} }
	shipped := trace.Key{NS: trace.NSTransfer, ID: "1"}
	write("zero", item(1), opened("0.4"), opened("0.1"))
	write("one", shipped)
	early := l.Snapshot()
	write("two", opened("2.1"), shipped, opened("0.1")) // shipped and 0.1 have a state already
	// A block that is discarded lists nothing.
	b := begin(t, l)
	n.appendAll(t, b, 0, n.envelope(t, 0, record("never")), func(int) judged { return judged{states: []State{{opened("3.1"), []byte("x")}}} })
	b.Discard()

	all := func(s *Snapshot, limit int) (out []string) {
		t.Helper()
		var after []byte
		for {
			keys, places, err := s.Listed(after, limit)
			if err != nil {
				t.Fatal(err)
			}
			if len(keys) == 0 {
				return out
			}
			for _, k := range keys {
				out = append(out, fmt.Sprintf("%s %s", k.NS, k.ID))
			}
			after = places[len(places)-1]
		}
	}
	want := []string{"case 0.1", "case 0.4", "transfer 1"}
	if got := all(early, 10); !slices.Equal(got, want) {
		t.Errorf("as of the earlier height: %v", got)
	}
	early.Close()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, fs)
	defer l.Close()
	want = append(want, "case 2.1")
	s := l.Snapshot()
	for limit := range 5 {
		if got := all(s, limit+1); !slices.Equal(got, want) {
			t.Errorf("in pages of %d: %v", limit+1, got)
		}
	}
	s.Close()
	if err := l.Verify(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	row := (&listedKey{2, opened("2.1")}).row()
	if err := l.db.Set(row, []byte{1, 2, 3, 4}, pebble.NoSync); err != nil {
		t.Fatal(err)
	}
	l.publish(n.genesis.Network, true, l.Roots())
	if err := l.Verify(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "row S") {
		t.Errorf("a damaged row: %v", err)
	}
	s = l.Snapshot()
	defer s.Close()
	if _, _, err := s.Listed(nil, 10); err == nil {
		t.Error("a damaged row is listed")
	}
}
