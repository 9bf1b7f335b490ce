package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/merkle/testonly"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

var watchNetwork = identity.Network{1, 2, 3}

// watchValidator signs for the whole network, forks included: the worst case.
var watchValidator = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// book is a history as a node shows it: one record a height.
type book struct {
	log    *testonly.Tree
	height uint64
	down   error
	lie    func(*proof.Checkpoint) // changes what is shown
	old    uint64                  // height shown instead of the last, when above zero
	block  uint64                  // added to the height of the signed block
}

func newBook(records ...string) *book {
	b := &book{log: testonly.New(rfc6962.DefaultHasher)}
	b.add(records...)
	return b
}

func (b *book) add(records ...string) {
	for _, r := range records {
		b.log.AppendData([]byte(r))
		b.height++
	}
}

// fork is another history with the same first records.
func (b *book) fork(shared int, records ...string) *book {
	all := newBook()
	for i := range shared {
		all.log.Append(b.log.LeafHash(uint64(i)))
	}
	all.height = uint64(shared)
	all.add(records...)
	return all
}

func (b *book) Checkpoint(context.Context) (*proof.Checkpoint, error) {
	if b.down != nil {
		return nil, b.down
	}
	height := b.height
	if b.old > 0 {
		height = b.old
	}
	v := identity.Validator{Key: identity.ValidatorKey(watchValidator.Public().(ed25519.PublicKey)), Power: 1}
	set := []identity.Validator{v}
	c := &proof.Checkpoint{Format: proof.CheckpointFormat, Network: watchNetwork}
	c.Roots = proof.CheckpointRoots{Height: height, LogSize: height, LogRoot: identity.Hash(b.log.HashAt(height))}
	c.Block = proof.LightBlock{Validators: set}
	at := height + 1 + b.block
	c.Block.Header = proof.Header{ChainID: watchNetwork.ChainID(), Height: at, Time: int64(at) * int64(time.Second), LastBlock: &proof.BlockID{},
		ValidatorsHash: proof.ValidatorsHash(set), NextValidatorsHash: proof.ValidatorsHash(set), AppHash: c.Roots.AppHash()}
	c.Block.Commit.Signatures = []proof.CommitSignature{{}}
	c.Block.Commit.Signatures[0].Signature = proof.VoteSignature(ed25519.Sign(watchValidator, c.Block.VoteBytes(0)))
	if b.lie != nil {
		b.lie(c)
	}
	return c, nil
}

func (b *book) Consistency(_ context.Context, from, to uint64) ([]identity.Hash, error) {
	if b.down != nil {
		return nil, b.down
	}
	if to > b.log.Size() {
		return nil, errors.New("the log is shorter")
	}
	path, err := b.log.ConsistencyProof(from, to)
	var out []identity.Hash
	for _, h := range path {
		out = append(out, identity.Hash(h))
	}
	return out, err
}

// watchTest is a watcher of books, with a clock of its own.
type watchTest struct {
	*watcher
	clock time.Time
	told  []string
}

func watchBooks(t *testing.T, books ...*book) *watchTest {
	t.Helper()
	g := &identity.Genesis{Network: watchNetwork, Validators: []identity.Validator{
		{Key: identity.ValidatorKey(watchValidator.Public().(ed25519.PublicKey)), Power: 1}}}
	anchor, err := proof.AnchorOfGenesis(g)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w := &watchTest{clock: time.Unix(1_800_000_000, 0)}
	w.watcher = &watcher{anchor: anchor, file: filepath.Join(dir, "kept.json"), evidence: dir, stalled: time.Minute, patience: time.Minute,
		now: func() time.Time { return w.clock }, tell: func(n notice) { w.told = append(w.told, n.Event+" "+n.Node+": "+n.Detail) }}
	for i, b := range books {
		w.nodes = append(w.nodes, &watched{name: fmt.Sprint("node", i), node: b})
	}
	return w
}

func (w *watchTest) roundOf(t *testing.T) []error {
	t.Helper()
	w.told = nil
	alarms, err := w.round(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return alarms
}

func (w *watchTest) keptSize(t *testing.T) uint64 {
	t.Helper()
	b, err := os.ReadFile(w.file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := proof.ParseCheckpoint(b)
	if err != nil {
		t.Fatal(err)
	}
	return c.Roots.LogSize
}

func TestWatchFollowsAHistoryThatGrows(t *testing.T) {
	a := newBook("1", "2")
	w := watchBooks(t, a, a)
	for _, more := range [][]string{nil, nil, {"3"}, {"4", "5", "6"}} {
		a.add(more...)
		if alarms := w.roundOf(t); alarms != nil {
			t.Fatal(alarms)
		}
		if got := w.keptSize(t); got != a.log.Size() {
			t.Errorf("kept %d records of %d", got, a.log.Size())
		}
	}
	if !slices.Contains(w.told, "verified node0: block 7, 6 records, an extension of 3") {
		t.Errorf("told %q", w.told)
	}
}

func TestWatchRaisesAlarms(t *testing.T) {
	shared := newBook("1", "2", "3")
	base := func() *book { return shared.fork(3, "4") }
	for name, change := range map[string]struct {
		then   func(b *book)
		reason proof.Reason
	}{
		"another history, longer":          {func(b *book) { *b = *shared.fork(2, "x", "y", "z") }, proof.ReasonLog},
		"another history, as long":         {func(b *book) { *b = *shared.fork(2, "x", "y"); b.block = 1 }, proof.ReasonRoots},
		"another block of the same height": {func(b *book) { *b = *shared.fork(2, "x", "y") }, proof.ReasonAnchor},
		"records taken out, the height on": {func(b *book) { *b = *shared.fork(2, "x"); b.block = 5 }, proof.ReasonLog},
		"another network":                  {func(b *book) { b.lie = func(c *proof.Checkpoint) { c.Network[0]++ } }, proof.ReasonNetwork},
		"roots that nobody signed":         {func(b *book) { b.lie = func(c *proof.Checkpoint) { c.Roots.LogSize++ } }, proof.ReasonRoots},
		"a block that nobody signed":       {func(b *book) { b.lie = func(c *proof.Checkpoint) { c.Block.Header.Time++ } }, proof.ReasonVote},
	} {
		t.Run(name, func(t *testing.T) {
			b := base()
			w := watchBooks(t, b)
			if alarms := w.roundOf(t); alarms != nil {
				t.Fatal(alarms)
			}
			kept := w.keptSize(t)
			change.then(b)
			alarms := w.roundOf(t)
			if len(alarms) != 1 {
				t.Fatalf("%d alarms; told %q", len(alarms), w.told)
			}
			if w.keptSize(t) != kept {
				t.Error("the kept checkpoint was replaced")
			}
			files, err := filepath.Glob(filepath.Join(w.evidence, "waymark-alarm-*.json"))
			if err != nil || len(files) != 1 {
				t.Fatalf("evidence %v, %v", files, err)
			}
			var a alarm
			data, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, &a); err != nil {
				t.Fatal(err)
			}
			if a.Reason != change.reason || a.Kept == nil || a.Shown == nil || a.Node != "node0" {
				t.Errorf("alarm %s (%s), want %s", a.Reason, a.Detail, change.reason)
			}
			if strings.Contains(a.Detail, "\n") {
				t.Errorf("not one line: %q", a.Detail)
			}
			if a.Kept.Verify(w.anchor) != nil {
				t.Error("what was kept does not verify any more from the evidence")
			}
			if again := w.roundOf(t); again != nil {
				t.Errorf("the same alarm again: %v", again)
			}
		})
	}
}

// An alarm is one, too, where its evidence cannot be saved, and is raised again.
func TestWatchRaisesAlarmsThatItCannotSave(t *testing.T) {
	a := newBook("1", "2", "3")
	w := watchBooks(t, a)
	w.roundOf(t)
	*a = *a.fork(2, "x", "y")
	dir := w.evidence
	w.evidence = filepath.Join(dir, "gone")
	for range 2 {
		if alarms := w.roundOf(t); len(alarms) != 1 || len(w.told) != 1 || !strings.Contains(w.told[0], "the evidence cannot be saved: ") {
			t.Errorf("%v; told %q", alarms, w.told)
		}
	}
	w.evidence = dir
	if alarms := w.roundOf(t); len(alarms) != 1 || !strings.Contains(w.told[0], "evidence in "+dir) {
		t.Errorf("%v; told %q", alarms, w.told)
	}
	var out, errs bytes.Buffer
	if code := Run(t.Context(), []string{"watch", "--node", "http://127.0.0.1:1", "--evidence", filepath.Join(dir, "gone")},
		Stdio{In: strings.NewReader(""), Out: &out, Err: &errs}); code != exitUsage || !strings.Contains(errs.String(), "--evidence") {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
}

// Two nodes whose histories part are found however far each has come.
func TestWatchComparesNodes(t *testing.T) {
	shared := newBook("1", "2", "3")
	for _, length := range []int{0, 1, 2, 5} {
		for _, order := range []string{"longer first", "shorter first"} {
			one, other := shared.fork(3), shared.fork(1)
			for i := range length {
				other.add(fmt.Sprint("x", i))
			}
			if order == "shorter first" {
				one, other = other, one
			}
			w := watchBooks(t, one, other)
			if alarms, want := w.roundOf(t), min(length, 1); len(alarms) != want {
				t.Errorf("%d records of its own, %s: %d alarms, want %d; told %q", length, order, len(alarms), want, w.told)
			}
		}
	}
}

func TestWatchWarns(t *testing.T) {
	a, b := newBook("1", "2"), newBook("1", "2")
	w := watchBooks(t, a, b)
	want := func(parts ...string) {
		t.Helper()
		if alarms := w.roundOf(t); alarms != nil {
			t.Fatal(alarms)
		}
		if len(w.told) != len(parts) {
			t.Fatalf("told %q, want %q", w.told, parts)
		}
		for i, p := range parts {
			if !strings.Contains(w.told[i], p) {
				t.Errorf("told %q, want %q", w.told[i], p)
			}
		}
	}
	want("the first seen", "an extension of 2")
	w.clock = w.clock.Add(2 * time.Minute)
	a.block = 1
	want("node1: its height stands still")
	want()
	b.down = errors.New("connection refused")
	want("warning node1: no answer: connection refused")
	want()
	b.down = nil
	want("verified node1: it answers again")
	a.add("3", "4")
	want("node0: block 6, 4 records, an extension of 2")
	w.clock = w.clock.Add(2 * time.Minute)
	a.block++
	want("node1: block 3, 2 records, 2 records behind")
	want()
	b.add("3", "4")
	want("node1: block 5, 4 records, an extension of 4")
	a.old, a.block = 3, 0 // the node itself goes back
	want("warning node0: it went back from block 7: block 4, 3 records")
}

// Whoever asks once is told of a node that shows an old block, or less than was seen.
func TestWatchOnceTellsWhatIsOld(t *testing.T) {
	a := newBook("1", "2", "3")
	w := watchBooks(t, a)
	w.clock = time.Unix(10, 0) // blocks have the seconds of their heights
	if err := w.once(t.Context()); err != nil {
		t.Fatal(err)
	}
	behind := &watcher{anchor: w.anchor, kept: w.kept, file: w.file, evidence: w.evidence, stalled: time.Minute, patience: time.Minute, now: w.now, tell: w.tell,
		nodes: []*watched{{name: "node0", node: a}}}
	a.old = 2
	if err := behind.once(t.Context()); err != nil || w.told[len(w.told)-1] != "verified node0: block 3, 2 records, 1 records behind what was seen" {
		t.Errorf("%v; told %q", err, w.told)
	}
	w.clock = time.Unix(3+60, 0)
	if err := behind.once(t.Context()); exitCode(err) != exitUnreachable || w.told[len(w.told)-1] != "warning node0: block 3, its last, is 1m0s old" {
		t.Errorf("%v; told %q", err, w.told)
	}
}

// Watching goes on from the file, and refuses one that it cannot trust.
func TestWatchGoesOnFromItsFile(t *testing.T) {
	a := newBook("1", "2", "3")
	w := watchBooks(t, a)
	w.roundOf(t)
	again := &watcher{file: w.file}
	if err := again.trust(""); err != nil {
		t.Fatal(err)
	}
	if again.kept.Roots != w.kept.Roots || again.anchor.Kind != proof.AnchorCheckpoint {
		t.Errorf("kept %+v, anchor %+v", again.kept, again.anchor)
	}
	good, err := os.ReadFile(w.file)
	if err != nil {
		t.Fatal(err)
	}
	changes := map[string]string{`"logSize":3`: `"logSize":4`, `waymark-checkpoint/1`: `waymark-checkpoint/9`}
	for _, from := range slices.Sorted(maps.Keys(changes)) {
		if err := os.WriteFile(w.file, []byte(strings.Replace(string(good), from, changes[from], 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := (&watcher{file: w.file}).trust(""); exitCode(err) != exitUsage || err == nil {
			t.Errorf("%s: %v", changes[from], err)
		}
	}
	if err := (&watcher{file: filepath.Join(t.TempDir(), "none.json")}).trust(""); exitCode(err) != exitUsage {
		t.Errorf("nothing to trust: %v", err)
	}
}

// A file that cannot be written is told by the name that was given.
func TestFileThatCannotBeWrittenIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nowhere", "bag.json")
	if err := keepFile(path, []byte("x")); err == nil || !strings.HasPrefix(err.Error(), "write "+path+": ") {
		t.Error(err)
	}
}
