package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// play commits blocks of a few records, and returns an error where the store
// fails.
func (n *network) play(t testing.TB, l *Ledger, rng *rand.Rand, blocks int) error {
	for range blocks {
		b, err := l.Begin(l.Roots().Height+1, epcis.Instant{Seconds: 1_800_000_000})
		if err != nil {
			return err
		}
		if rng.IntN(4) > 0 {
			var records [][]byte
			for i := range 1 + rng.IntN(40) {
				records = append(records, record(fmt.Sprintf("%d of %d %s", i, b.NextSeq(), strings.Repeat("x", rng.IntN(800)))))
			}
			n.appendAll(t, b, 0, n.envelope(t, 0, records...), func(i int) judged {
				v := judged{touches: []trace.Key{item(i), item(100 + rng.IntN(30)), item(200)}, eventID: fmt.Sprint("e", i),
					contentHash: fmt.Sprint("c", b.NextSeq()/2)} // every other is the first
				if i%4 == 1 {
					v.findings = flagging
				}
				return v
			})
		}
		if err := b.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// crash opens what a power loss at this moment leaves, and tells the height.
func (n *network) crash(t *testing.T, fs *vfs.MemFS, rng *rand.Rand) (*Ledger, error) {
	return Open(Config{Dir: "ledger", CacheBytes: 1 << 20, FS: fs.CrashClone(
		vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(3) * 50, RNG: rng})})
}

func TestPowerLossKeepsEveryCommittedBlock(t *testing.T) {
	n := newNetwork(t, "")
	for seed := range uint64(rounds(100)) {
		rng := rand.New(rand.NewPCG(seed, 1))
		fs := vfs.NewCrashableMem()
		l := open(t, fs)
		if err := l.InitGenesis(n.genesis); err != nil {
			t.Fatal(err)
		}
		if err := n.play(t, l, rng, rng.IntN(12)); err != nil {
			t.Fatal(err)
		}
		if rng.IntN(3) == 0 { // some of it in tables, some in the log
			if err := l.db.Flush(); err != nil {
				t.Fatal(err)
			}
			if err := n.play(t, l, rng, rng.IntN(4)); err != nil {
				t.Fatal(err)
			}
		}
		want := l.Roots()
		staged := begin(t, l) // a block that is staged when the power goes
		n.appendAll(t, staged, 1, n.envelope(t, 1, record("staged")), func(int) judged { return judged{} })
		after, err := n.crash(t, fs, rng)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got := after.Roots(); got != want {
			t.Fatalf("seed %d: after the power loss %+v, want %+v", seed, got, want)
		}
		if err := after.Verify(t.Context(), nil); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if err := errors.Join(after.Close(), l.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// The power loss test must be able to fail: without the sync, blocks go.
func TestPowerLossWithoutSyncLosesBlocks(t *testing.T) {
	n := newNetwork(t, "")
	lost := 0
	for seed := range uint64(rounds(20)) {
		rng := rand.New(rand.NewPCG(seed, 1))
		fs := vfs.NewCrashableMem()
		l, err := Open(Config{Dir: "ledger", FS: fs, CacheBytes: 1 << 20, unsynced: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.InitGenesis(n.genesis); err != nil {
			t.Fatal(err)
		}
		if err := n.play(t, l, rng, 5); err != nil {
			t.Fatal(err)
		}
		after, err := Open(Config{Dir: "ledger", FS: fs.CrashClone(vfs.CrashCloneCfg{}), CacheBytes: 1 << 20})
		if err != nil || after.Roots() != l.Roots() {
			lost++
		}
		if after != nil {
			if err := after.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if lost == 0 {
		t.Fatal("no seed lost a block: the power loss test proves nothing")
	}
}

// A power loss in the middle of a commit leaves the block whole or not at all.
func TestPowerLossDuringCommitLeavesWholeBlocks(t *testing.T) {
	n := newNetwork(t, "")
	for seed := range uint64(rounds(40)) {
		rng := rand.New(rand.NewPCG(seed, 2))
		mem := vfs.NewCrashableMem()
		var clone *vfs.MemFS
		var committed atomic.Uint64
		var acknowledged uint64
		var mu sync.Mutex // protects what the writes share
		count, target := 0, 30+rng.IntN(60)
		fs := errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
			if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
				mu.Lock()
				defer mu.Unlock()
				if count++; count == target {
					acknowledged = committed.Load()
					clone = mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rand.New(rand.NewPCG(seed, 3))})
				}
			}
			return nil
		}))
		l, err := Open(Config{Dir: "ledger", FS: fs, CacheBytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.InitGenesis(n.genesis); err != nil {
			t.Fatal(err)
		}
		for range 40 {
			if err := n.play(t, l, rng, 1); err != nil {
				t.Fatal(err)
			}
			committed.Store(l.Roots().Height)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if clone == nil {
			t.Fatalf("seed %d: only %d writes", seed, count)
		}
		after, err := Open(Config{Dir: "ledger", FS: clone, CacheBytes: 1 << 20})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got := after.Roots().Height; got < acknowledged || got > acknowledged+1 {
			t.Fatalf("seed %d: height %d after the power loss, %d was acknowledged", seed, got, acknowledged)
		}
		if after.Network() == n.genesis.Network {
			if err := after.Verify(t.Context(), nil); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		if err := after.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// breakable is a file system whose writes to some files begin to fail.
func breakable(fs vfs.FS, part string) (vfs.FS, *errorfs.Toggle) {
	toggle := &errorfs.Toggle{Injector: errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite && strings.Contains(op.Path, part) {
			return errorfs.ErrInjected
		}
		return nil
	})}
	return errorfs.Wrap(fs, toggle), toggle
}

// A write that fails is an error of Commit and the end of the ledger, not of
// the process; what was committed is there after a restart.
func TestFailedWriteEndsTheLedgerWithAnError(t *testing.T) {
	n := newNetwork(t, "")
	mem := vfs.NewMem()
	fs, broken := breakable(mem, ".log")
	l, err := Open(Config{Dir: "ledger", FS: fs, CacheBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	if err := n.play(t, l, rng, 3); err != nil {
		t.Fatal(err)
	}
	before := l.Roots()
	broken.On()
	if err := n.play(t, l, rng, 1); !errors.Is(err, ErrFailed) {
		t.Fatalf("commit: %v", err)
	}
	select {
	case <-l.Failed():
	default:
		t.Error("the ledger has not failed")
	}
	if l.Roots() != before {
		t.Error("readers see a block that is not on disk")
	}
	s := l.Snapshot()
	if _, err := s.State(trace.ParametersKey()); err != nil {
		t.Errorf("read after the failure: %v", err)
	}
	s.Close()
	if _, err := l.Begin(before.Height+1, epcis.Instant{}); !errors.Is(err, ErrFailed) {
		t.Errorf("begin after the failure: %v", err)
	}
	if err := l.Close(); !errors.Is(err, ErrFailed) {
		t.Errorf("close after the failure: %v", err)
	}
}

// The same where Pebble fails on a goroutine of its own: its manifest cannot be
// written when a flush ends.
func TestFailedFlushEndsTheLedgerWithAnError(t *testing.T) {
	n := newNetwork(t, "")
	fs, broken := breakable(vfs.NewMem(), "MANIFEST")
	l, err := Open(Config{Dir: "ledger", FS: fs, CacheBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	broken.On()
	if _, err := l.db.AsyncFlush(); err != nil {
		t.Fatal(err)
	}
	<-l.Failed()
	if err := l.Err(); !errors.Is(err, ErrFailed) || !strings.Contains(err.Error(), "MANIFEST") {
		t.Errorf("failure: %v", err)
	}
	if err := n.play(t, l, rand.New(rand.NewPCG(1, 1)), 1); !errors.Is(err, ErrFailed) {
		t.Errorf("block after the failure: %v", err)
	}
}

func TestOpenFailsWithAnErrorOnABrokenDisk(t *testing.T) {
	for _, part := range []string{"MANIFEST", ".log", "ledger"} {
		fs, broken := breakable(vfs.NewMem(), part)
		broken.On()
		if l, err := Open(Config{Dir: "ledger", FS: fs, CacheBytes: 1 << 20}); err == nil {
			t.Errorf("writes to %s fail, and the ledger opened", part)
			l.Close()
		}
	}
}

// A flipped bit of any row is found, and the row is named. Where the root or
// another row answers for it, that is so even beneath a checksum that holds.
func TestVerifyFindsFlippedBits(t *testing.T) {
	n := newNetwork(t, "")
	rng := rand.New(rand.NewPCG(7, 7))
	l := n.openAt(t, vfs.NewMem())
	if err := n.play(t, l, rng, 30); err != nil {
		t.Fatal(err)
	}
	if l.Roots().LogSize < tileWidth {
		t.Fatal("too few records for a tile")
	}
	if err := l.Verify(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	rows := map[byte][][2][]byte{}
	it, err := l.db.NewIter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for ok := it.First(); ok; ok = it.Next() {
		rows[it.Key()[0]] = append(rows[it.Key()[0]], [2][]byte{slices.Clone(it.Key()), slices.Clone(it.Value())})
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []byte{rowEntry, rowEnvelope, rowBlock, rowTile, rowHistory, rowIndex, rowPage, rowBytes, rowContent, rowEvent, rowFlagged, rowMeta} {
		if len(rows[kind]) == 0 {
			t.Errorf("no rows %c", kind)
			continue
		}
		for round := range rounds(50) {
			row := rows[kind][rng.IntN(len(rows[kind]))]
			key, was := row[0], row[1]
			set := func(v []byte) {
				if err := l.db.Set(key, v, pebble.NoSync); err != nil {
					t.Fatal(err)
				}
				l.publish(n.genesis.Network, true, l.Roots())
			}
			flipped := slices.Clone(was)
			at := rng.IntN(len(was))
			mended := round%2 == 0 && at < len(was)-sumBytes
			flipped[at] ^= 1 << rng.IntN(8)
			if mended {
				if kind == rowContent || kind == rowMeta || kind == rowBlock && at < 8 {
					continue // left to the scrub, to the start, and to nobody: the time of an empty block
				}
				if kind == rowEntry && unpacksAlike(key, flipped, was) {
					continue // a copy of what stands elsewhere in the row, too
				}
				flipped = seal(key, flipped[:len(was)-sumBytes])
			}
			set(flipped)
			err := l.Verify(t.Context(), nil)
			if err == nil {
				t.Errorf("row %c %x: byte %d of %d was flipped and not found", kind, key[1:], at, len(was))
			} else if name := fmt.Sprintf("row %c %x", kind, key[1:]); !mended && !strings.Contains(err.Error(), name) {
				t.Errorf("%s: byte %d of %d was flipped, and the error is %q", name, at, len(was), err)
			} else if kind == rowIndex || kind == rowPage || kind == rowHistory || kind == rowTile {
				// The path to a key's row, or the row itself.
				if name = name[:5]; !strings.Contains(err.Error(), name) && !strings.Contains(err.Error(), "rows I") {
					t.Errorf("row %c %x: byte %d of %d was flipped, and the error is %q", kind, key[1:], at, len(was), err)
				}
			}
			set(was)
		}
	}
	if err := l.Verify(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

// unpacksAlike reports whether two E rows of a key say the same.
func unpacksAlike(key, a, b []byte) bool {
	last := binary.BigEndian.Uint64(key[1:])
	x, errX := unpack(last, a[:len(a)-sumBytes])
	y, errY := unpack(last, b[:len(b)-sumBytes])
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

// Rows that nothing leads to are found as well.
func TestVerifyFindsRowsTooMany(t *testing.T) {
	n := newNetwork(t, "")
	l := n.openAt(t, vfs.NewMem())
	if err := n.play(t, l, rand.New(rand.NewPCG(7, 8)), 10); err != nil {
		t.Fatal(err)
	}
	stray := proof.MapKey(item(123_456))
	known := proof.MapKey(item(200))
	page := pageRow{whole: true, there: 1}
	for _, row := range []struct{ key, value []byte }{
		{hashKey(rowIndex, stray), (&index{key: item(123_456), state: []byte{1}}).encode(nil)},
		{hashSeqKey(rowHistory, stray, 0), make([]byte, 40)},
		{hashSeqKey(rowHistory, known, 1<<40), make([]byte, 40)},
		{pageKey(5, &stray), page.encode(nil)},
		{seqKey(rowFlagged, 0), nil}, // a record that is not flagged
		{seqKey(rowFlagged, 1<<40), nil},
	} {
		if err := l.db.Set(row.key, seal(row.key, slices.Clone(row.value)), pebble.NoSync); err != nil {
			t.Fatal(err)
		}
		l.publish(n.genesis.Network, true, l.Roots())
		if err := l.Verify(t.Context(), nil); err == nil {
			t.Errorf("row %c %x was added and not found", row.key[0], row.key[1:])
		}
		if err := l.db.Delete(row.key, pebble.NoSync); err != nil {
			t.Fatal(err)
		}
		l.publish(n.genesis.Network, true, l.Roots())
		if err := l.Verify(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
}

// A row answers for itself, key and value.
func TestFlippedBitOfARowIsFound(t *testing.T) {
	key := seqKey(rowBlock, 9)
	row := seal(key, encodeBlock(proof.Roots{Time: 1_790_000_000_000_000_000, LogSize: 7, StateHeight: 3}, 7))
	for _, part := range [][]byte{key, row} {
		for i := range part {
			for bit := range 8 {
				part[i] ^= 1 << bit
				if _, err := unseal(key, row); err == nil {
					t.Fatalf("bit %d of byte %d was flipped and not found", bit, i)
				}
				part[i] ^= 1 << bit
			}
		}
	}
	if _, err := unseal(key, row); err != nil {
		t.Fatal(err)
	}
}

// Corruption that was read ends the ledger's work, but Pebble is still there: the
// files are let go, and not sealed, so that the process can look at them.
func TestALedgerThatReadCorruptionLetsItsFilesGo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	for _, readOnly := range []bool{false, true} {
		l, err := Open(Config{Dir: dir, CacheBytes: 1 << 20, ReadOnly: readOnly})
		if err != nil {
			t.Fatal(err)
		}
		l.options.EventListener.DataCorruption(pebble.DataCorruptionInfo{Path: "000007.sst", Details: errors.New("checksum mismatch")})
		if err := l.Close(); !errors.Is(err, ErrFailed) || !strings.Contains(err.Error(), "000007.sst") {
			t.Errorf("read only %t: close after corruption: %v", readOnly, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "SEAL")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("read only %t: sealed: %v", readOnly, err)
		}
	}
	l, err := Open(Config{Dir: dir, CacheBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// Corruption that a goroutine of Pebble's reads is no reason to stop waiting for a
// call that will end: a store that was opened meanwhile would have no owner.
func TestGuardWaitsForWhatEnds(t *testing.T) {
	f, goOn := newFailure(), make(chan struct{})
	f.set(errors.New("corruption"))
	ended := make(chan error)
	go func() { ended <- f.guard(func() error { <-goOn; return nil }) }()
	close(goOn)
	if err := <-ended; err != nil {
		t.Errorf("after corruption: %v", err)
	}
	f.setFatal(errors.New("the disk is gone"))
	if err := f.guard(func() error { select {} }); !errors.Is(err, ErrFailed) {
		t.Errorf("after Fatalf: %v", err)
	}
}
