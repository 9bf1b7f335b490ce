package node

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/ledger"
)

// once runs a node, captures n records one block each, and stops it.
func once(t *testing.T, c Config, first, n int) (height uint64) {
	t.Helper()
	r := run(t, c)
	r.awaitReady(t)
	for i := range n {
		capture(t, r, observation(t, first+i))
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(ledger.Config{Dir: c.ledgerDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Roots().Height
}

func copyDir(t *testing.T, to, from string) {
	t.Helper()
	if err := os.RemoveAll(to); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

// TestLedgerBehindIsReplayed is what kill -9 between the engine's save of a
// block and the ledger's commit leaves, only more of it.
func TestLedgerBehindIsReplayed(t *testing.T) {
	c := network(t, 1, nil)[0]
	once(t, c, 0, 2)
	old := filepath.Join(t.TempDir(), "ledger")
	copyDir(t, old, c.ledgerDir())
	once(t, c, 10, 3)
	whole := filepath.Join(t.TempDir(), "ledger")
	copyDir(t, whole, c.ledgerDir())
	copyDir(t, c.ledgerDir(), old)

	n := run(t, c)
	n.awaitReady(t)
	want, err := ledger.Open(ledger.Config{Dir: whole})
	if err != nil {
		t.Fatal(err)
	}
	defer want.Close()
	s := n.ledger.Snapshot()
	defer s.Close()
	got, ok, err := s.Block(want.Roots().Height)
	if err != nil || !ok || got != want.Roots() {
		t.Fatalf("replayed %+v (%v, %v), was %+v", got, ok, err, want.Roots())
	}
}

func TestContradictingStoresAreRefused(t *testing.T) {
	c := network(t, 1, nil)[0]
	twin := c
	twin.Home = filepath.Join(t.TempDir(), "twin")
	copyDir(t, twin.Home, c.Home)
	before := filepath.Join(t.TempDir(), "engine")
	h1 := once(t, c, 0, 2)
	copyDir(t, before, c.engineDir())
	once(t, c, 100, 2)
	h2 := once(t, twin, 1000, 14)
	if h2 <= h1 {
		t.Fatalf("heights %d and %d", h1, h2)
	}
	refused := func(what string, names ...string) {
		t.Helper()
		_, err := New(c, Deps{Logger: testLogger(t)})
		if !errors.Is(err, ErrStoresDiffer) {
			t.Fatalf("%s: %v", what, err)
		}
		for _, name := range names {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %q does not name %q", what, err, name)
			}
		}
	}
	good := filepath.Join(t.TempDir(), "ledger")
	copyDir(t, good, c.ledgerDir())

	copyDir(t, c.ledgerDir(), twin.ledgerDir())
	refused("another ledger, further on", "height")

	// The engine of the twin, which is further on, under our shorter ledger.
	copyDir(t, c.ledgerDir(), good)
	engine := filepath.Join(t.TempDir(), "engine2")
	copyDir(t, engine, c.engineDir())
	copyDir(t, c.engineDir(), twin.engineDir())
	refused("another ledger, behind", "app hash")

	copyDir(t, c.engineDir(), before)
	refused("an older engine", "height")

	copyDir(t, c.engineDir(), engine)
	n, err := New(c, Deps{Logger: testLogger(t)})
	if err != nil {
		t.Fatalf("put right again: %v", err)
	}
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
}
