package ledger

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// A script is a chain of blocks that follows from its seed, whatever ledger it
// is played on and wherever that begins.
type script struct {
	n      *network
	seed   uint64
	height uint64 // of the last block
}

func newScript(n *network, seed uint64) script {
	return script{n, seed, 3 + rand.New(rand.NewPCG(seed, 0)).Uint64N(8)}
}

// play commits the blocks that the ledger lacks.
func (s script) play(t testing.TB, l *Ledger) {
	t.Helper()
	if err := l.InitGenesis(s.n.genesis); err != nil {
		t.Fatal(err)
	}
	for h := l.Roots().Height + 1; h <= s.height; h++ {
		rng := rand.New(rand.NewPCG(s.seed, h))
		b := begin(t, l)
		for range rng.IntN(3) {
			var records [][]byte
			for i := range 1 + rng.IntN(20) {
				records = append(records, record(fmt.Sprint(s.seed, h, i, rng.Uint32())))
			}
			s.n.appendAll(t, b, 0, s.n.envelope(t, 0, records...), func(i int) judged {
				k := item(rng.IntN(700))
				v := judged{touches: []trace.Key{k, item(rng.IntN(700)), item(0)}, states: []State{{k, fmt.Append(nil, h, i)}}}
				if rng.IntN(6) == 0 {
					v.findings = rejection
				}
				return v
			})
		}
		commit(t, b)
		// Tables, and parts of pages that meet in them.
		if rng.IntN(3) == 0 {
			if err := l.db.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		if rng.IntN(6) == 0 {
			if err := l.db.Compact(t.Context(), []byte{0}, []byte{0xff}, false); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// roots returns those of every height.
func rootsOf(t testing.TB, l *Ledger) []proof.Roots {
	t.Helper()
	s := l.Snapshot()
	defer s.Close()
	var roots []proof.Roots
	for h := range s.Height() + 1 {
		r, ok, err := s.Block(h)
		if err != nil || !ok {
			t.Fatalf("height %d: %v, %v", h, ok, err)
		}
		roots = append(roots, r)
	}
	return roots
}

// run plays the script on a disk that loses power at the sync with this number,
// before or after it, and returns what is left, nil when no store was open yet;
// and how many syncs there were.
func (s script) run(t testing.TB, at int, after bool) (left *vfs.MemFS, syncs int, roots []proof.Roots) {
	t.Helper()
	unborn := false
	mem := vfs.NewCrashableMem()
	rng := rand.New(rand.NewPCG(s.seed, uint64(at)))
	lose := func() {
		left = mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(3) * 50, RNG: rng})
	}
	var mu sync.Mutex // protects syncs and left: Pebble syncs on goroutines of its own
	due := false
	fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
		mu.Lock()
		defer mu.Unlock()
		if due { // whatever comes next: the sync before has happened
			due = false
			lose()
		}
		switch op.Kind {
		case errorfs.OpFileSync, errorfs.OpFileSyncData, errorfs.OpFileSyncTo:
			if syncs++; syncs == at {
				if due = after; !after {
					lose()
				}
			}
		}
		return nil
	}))
	l, err := Open(Config{Dir: "ledger", FS: fs, CacheBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	// Pebble may leave a new store's marker without its manifest: there was
	// nothing yet to lose, but nothing can be opened either.
	unborn = left != nil || due
	mu.Unlock()
	s.play(t, l)
	roots = rootsOf(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if left == nil && at > 0 {
		lose()
	}
	if unborn {
		return nil, syncs, roots
	}
	return left, syncs, roots
}

// Of how many of the 300 seeds the power is lost at every sync, and not at one of them:
// 300 take two minutes of a processor.
var everySync = flag.Uint("powerloss.every", 5, "seeds of which the power is lost at every sync")

// Power that is lost at any sync leaves the first blocks of the chain, and a
// ledger that goes on from there has the roots of one that was never
// interrupted.
func TestPowerLossAtAnySyncLeavesTheSameRoots(t *testing.T) {
	n := newNetwork(t, "")
	for seed := range uint64(rounds(300)) {
		s := newScript(n, seed)
		_, syncs, want := s.run(t, 0, false)
		first, last := 1, syncs
		if seed >= uint64(*everySync) {
			first = 1 + rand.New(rand.NewPCG(seed, 9)).IntN(syncs)
			last = first
		}
		for at := first; at <= last; at++ {
			left, _, _ := s.run(t, at, (seed+uint64(at))%2 == 0)
			if left == nil {
				continue
			}
			// Little memory: what the map reads comes from the store.
			l, err := Open(Config{Dir: "ledger", FS: left, CacheBytes: 1 << 20, MapBytes: 1})
			if err != nil {
				t.Fatalf("seed %d, sync %d of %d: %v", seed, at, syncs, err)
			}
			height := l.Roots().Height
			if got := l.Roots(); got != want[height] && (height > 0 || got != proof.Roots{}) {
				t.Fatalf("seed %d, sync %d of %d: recovered %+v, want %+v", seed, at, syncs, got, want[height])
			}
			s.play(t, l)
			for h, got := range rootsOf(t, l) {
				if got != want[h] {
					t.Fatalf("seed %d, sync %d of %d, recovered to %d: height %d has %+v, want %+v", seed, at, syncs, height, h, got, want[h])
				}
			}
			if err := l.Verify(t.Context(), nil); err != nil {
				t.Fatalf("seed %d, sync %d of %d: %v", seed, at, syncs, err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}
