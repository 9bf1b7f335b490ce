package ledger

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/identity"
)

func TestCheckNamesTheDifference(t *testing.T) {
	n := newNetwork(t, "")
	l := n.openAt(t, vfs.NewMem())
	if err := n.play(t, l, rand.New(rand.NewPCG(1, 1)), 3); err != nil {
		t.Fatal(err)
	}
	r := l.Roots()
	if err := l.Check(t.Context(), Expected{Network: l.Network(), Height: r.Height, AppHash: r.AppHash}); err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]Expected{
		"network":  {Network: identity.Network{1}, Height: r.Height, AppHash: r.AppHash},
		"height":   {Height: r.Height + 1, AppHash: r.AppHash},
		"app hash": {Height: 0, AppHash: r.AppHash},
	} {
		var d *DifferenceError
		if err := l.Check(t.Context(), want); !errors.As(err, &d) || d.What != what {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestOpenRefusesALogThatIsNotItsRoot(t *testing.T) {
	n := newNetwork(t, "")
	fs := vfs.NewMem()
	l := open(t, fs)
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	b := begin(t, l)
	n.appendAll(t, b, 0, n.envelope(t, 0, record("a")), func(int) judged { return judged{} })
	commit(t, b)
	u, err := readPack(l.db, 0)
	if err != nil {
		t.Fatal(err)
	}
	u.lines[0].entry[5] ^= 1
	var p pack
	p.add(&u.lines[0], nil)
	if err := errors.Join(l.db.Set(seqKey(rowEntry, 0), seal(seqKey(rowEntry, 0), p.row()), pebble.Sync), l.Close()); err != nil {
		t.Fatal(err)
	}
	var d *DifferenceError
	if _, err := Open(Config{Dir: "ledger", FS: fs}); !errors.As(err, &d) || d.What != "log root" {
		t.Fatalf("open: %v", err)
	}
}
