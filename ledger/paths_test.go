package ledger

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// some returns up to n ascending numbers below size.
func some(rng *rand.Rand, size uint64, n int) []uint64 {
	var at []uint64
	for range n {
		at = append(at, rng.Uint64N(size))
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// Subsets of histories, envelopes and the log are proved as of heights at which
// their trees have every shape.
func TestSubsetsAreProved(t *testing.T) {
	n := newNetwork(t, "")
	l := n.openAt(t, vfs.NewMem())
	rng := rand.New(rand.NewPCG(11, 11))
	var envelopes []*identity.Envelope
	for _, size := range []int{1, 2, 15, 16, 17, 31, 64, 130, 300, 7, 1, 257} {
		var records [][]byte
		for i := range size {
			records = append(records, record(fmt.Sprintf("%d of %d", i, len(envelopes))))
		}
		e := n.envelope(t, 0, records...)
		envelopes = append(envelopes, e)
		b := begin(t, l)
		n.appendAll(t, b, 0, e, func(i int) judged {
			return judged{touches: []trace.Key{item(0), item(1 + i%2), item(10 + i)}}
		})
		commit(t, b)

		s := l.Snapshot()
		roots := s.Roots()
		leaf := func(seq uint64) identity.Hash {
			b, err := s.EntryBytes(seq)
			if err != nil {
				t.Fatal(err)
			}
			return proof.LeafHash(b)
		}
		for _, k := range []trace.Key{item(0), item(1), item(2), item(10), item(40), item(999)} {
			var head identity.Hash
			var count uint64
			err := s.withHistory(k, func(h *history) error {
				head, count = h.head(), h.count
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, wanted := range []int{0, 1, 2, 5, int(count)} {
				var at, seqs []uint64
				var leaves []identity.Hash
				if count > 0 {
					at = some(rng, count, wanted)
				}
				for _, p := range at {
					seq, err := s.Positions(k, p, p+1)
					if err != nil {
						t.Fatal(err)
					}
					seqs, leaves = append(seqs, seq[0]), append(leaves, leaf(seq[0]))
				}
				path, err := s.HistoryPath(k, at)
				if err != nil {
					t.Fatalf("%v: positions %v of %d: %v", k, at, count, err)
				}
				if got, err := proof.RootOf(count, at, leaves, path); err != nil || got != head {
					t.Fatalf("%v: positions %v of %d lead to %s, %v; the head is %s", k, at, count, got, err, head)
				}
				all := historyOf(t, l, k)
				for i, p := range at {
					if all[p] != seqs[i] {
						t.Fatalf("%v: seq %d at position %d of %v", k, seqs[i], p, all)
					}
				}
			}
			if _, err := s.Positions(k, count, count+1); !errors.Is(err, trace.ErrUnknown) {
				t.Errorf("position %d of %d: %v", count, count, err)
			}
		}
		for range 20 {
			seqs := some(rng, roots.LogSize, rng.IntN(10))
			var leaves []identity.Hash
			for _, seq := range seqs {
				leaves = append(leaves, leaf(seq))
			}
			path, err := s.LogPath(seqs)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := proof.RootOf(roots.LogSize, seqs, leaves, path); err != nil || got != roots.LogRoot {
				t.Fatalf("seqs %v of %d lead to %s, %v", seqs, roots.LogSize, got, err)
			}
		}
		for _, e := range envelopes {
			info, ok, err := s.Envelope(e.ID())
			if err != nil || !ok {
				t.Fatal(ok, err)
			}
			at := some(rng, uint64(info.Count), rng.IntN(5))
			var leaves []identity.Hash
			for _, i := range at {
				leaves = append(leaves, hashOf(e.Records[i]))
			}
			path, err := s.RecordsPath(info, at)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := proof.RootOf(uint64(info.Count), at, leaves, path); err != nil || got != e.RecordsRoot() {
				t.Fatalf("records %v of %d lead to %s, %v", at, info.Count, got, err)
			}
		}
		if size, err := s.LogSizeAt(roots.Height); err != nil || size != roots.LogSize {
			t.Errorf("log size at %d: %d, %v", roots.Height, size, err)
		}
		if _, err := s.LogSizeAt(roots.Height + 1); !errors.Is(err, trace.ErrUnknown) {
			t.Errorf("log size after the end: %v", err)
		}
		s.Close()
	}
	if err := l.Verify(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

// A window is cut by block time, however long the history.
func TestWindowIsCutByBlockTime(t *testing.T) {
	n := newNetwork(t, "")
	l := n.openAt(t, vfs.NewMem())
	for i := range 100 { // blocks of 3 a second apart
		b := begin(t, l)
		n.appendAll(t, b, 0, n.envelope(t, 0, record(fmt.Sprint(i)), record(fmt.Sprint(i, "b")), record(fmt.Sprint(i, "c"))),
			func(int) judged { return judged{touches: []trace.Key{item(0)}} })
		commit(t, b)
	}
	s := l.Snapshot()
	defer s.Close()
	at := func(height int64) epcis.Instant { return epcis.Instant{Seconds: 1_800_000_000 + height} }
	until := func(height int64) *epcis.Instant { i := at(height); return &i }
	seqs := func(from, to uint64) (list []uint64) {
		for ; from < to; from++ {
			list = append(list, from)
		}
		return list
	}
	for _, c := range []struct {
		since          epcis.Instant
		until          *epcis.Instant
		lead, limit    int
		before, within []uint64
	}{
		{at(0), nil, 2, 1000, nil, seqs(0, 300)},
		{at(1), until(1), 2, 1000, nil, seqs(0, 3)},
		{at(40), until(41), 2, 1000, seqs(115, 117), seqs(117, 123)},
		{at(40), until(41), 0, 4, nil, seqs(117, 121)},
		{at(100), nil, 500, 1000, seqs(0, 297), seqs(297, 300)},
		{at(101), nil, 1, 1000, seqs(299, 300), nil},
		{at(50), until(49), 1, 1000, seqs(146, 147), nil},
	} {
		before, within, err := s.Window(item(0), c.since, c.until, c.lead, c.limit)
		if err != nil || !slices.Equal(before, c.before) || !slices.Equal(within, c.within) {
			t.Errorf("since %v until %v: %v, %v, %v; want %v, %v", c.since, c.until, before, within, err, c.before, c.within)
		}
	}
	if before, within, err := s.Window(item(1), at(0), nil, 1, 10); err != nil || before != nil || within != nil {
		t.Errorf("of an unknown key: %v %v %v", before, within, err)
	}
}
