package ledger

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// fromStore is a proof for which nothing in memory is used.
func fromStore(t interface{ Fatal(...any) }, s *Snapshot, present, absent []identity.Hash) []byte {
	pages, err := keepPages(0)
	if err != nil {
		t.Fatal(err)
	}
	p := mapProver{rows: bucketRows{store: s.g.store}, trie: &trie{}, pages: pages}
	b, err := p.prove(present, absent, s.g.roots.MapRoot)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.rows.Close(); err != nil {
		t.Fatal(err)
	}
	return b
}

// touching commits a block that touches items.
func touching(t *testing.T, n *network, l *Ledger, items ...int) {
	b := begin(t, l)
	e := n.envelope(t, 0, record(fmt.Sprint(b.NextSeq())))
	a := Append{Envelope: e, EnvelopeID: e.ID(), Bytes: e.Records[0], RecordHash: hashOf(e.Records[0])}
	for _, i := range items {
		a.Touches = append(a.Touches, item(i))
		a.States = append(a.States, State{Key: item(i), Bytes: fmt.Appendf(nil, "at %d", b.NextSeq())})
	}
	if _, err := b.Append(a); err != nil {
		t.Fatal(err)
	}
	commit(t, b)
}

// A snapshot's proofs are of its height, whatever the committer has in memory by then,
// and need no read of the store where nothing has changed.
func TestProofsOfWhatIsInMemoryAreOfTheirHeight(t *testing.T) {
	n := newNetwork(t, "")
	l := open(t, vfs.NewMem())
	defer l.Close()
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	all := make([]int, 3000)
	for i := range all {
		all[i] = i
	}
	touching(t, n, l, all...)
	old := l.Snapshot()
	defer old.Close()
	touching(t, n, l, 1, 2, 3, 5000)
	now := l.Snapshot()
	defer now.Close()
	for _, s := range []*Snapshot{old, now} {
		for i := range 20 {
			there, absent := []identity.Hash{proof.MapKey(item(i))}, []identity.Hash{proof.MapKey(item(7000 + i))}
			b, err := s.MapProof(there, absent)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b, fromStore(t, s, there, absent)) {
				t.Errorf("item %d: not the proof that the store gives", i)
			}
			leaf, _, _, err := s.Leaf(item(i))
			if err != nil {
				t.Fatal(err)
			}
			if err := proof.VerifyMap(b, []proof.MapLeaf{leaf}, absent, s.Roots().MapRoot); err != nil {
				t.Errorf("item %d: %v", i, err)
			}
		}
	}
	key := proof.MapKey(item(9))
	if l.trie.residentPage(0, &key, now.Roots().MapRoot) == nil || l.trie.residentPage(0, &key, old.Roots().MapRoot) != nil {
		t.Error("the page at the root is that of the last block")
	}
	leaf, _, _, err := now.Leaf(item(9))
	if err != nil {
		t.Fatal(err)
	}
	if says, ok := l.trie.residentLeaf(key, leaf.Hash()); !ok || says != leaf {
		t.Errorf("in memory: %+v, %v; in the store: %+v", says, ok, leaf)
	}
	if _, ok := l.trie.residentLeaf(key, identity.Hash{1}); ok {
		t.Error("a leaf of another hash")
	}
	// Without the store: the proof is all in memory.
	p := mapProver{trie: &l.trie, pages: l.pages}
	if b, err := p.prove([]identity.Hash{key}, nil, now.Roots().MapRoot); err != nil || !bytes.Equal(b, fromStore(t, now, []identity.Hash{key}, nil)) {
		t.Errorf("of memory alone: %v", err)
	}
}

// Proofs are made while blocks change what is in memory.
func TestProofsWhileBlocksCommit(t *testing.T) {
	n := newNetwork(t, "")
	l := open(t, vfs.NewMem())
	defer l.Close()
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	touching(t, n, l, slices.Collect(func(yield func(int) bool) {
		for i := 0; i < 500 && yield(i); i++ {
		}
	})...)
	done := make(chan struct{})
	var wg sync.WaitGroup
	for reader := range 2 {
		wg.Go(func() {
			for i := reader; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				s := l.Snapshot()
				k := item(i % 500)
				leaf, _, _, err := s.Leaf(k)
				if err == nil {
					var b []byte
					if b, err = s.MapProof([]identity.Hash{leaf.Key}, nil); err == nil {
						err = proof.VerifyMap(b, []proof.MapLeaf{leaf}, nil, s.Roots().MapRoot)
					}
				}
				if err != nil {
					t.Errorf("height %d, item %d: %v", s.Height(), i%500, err)
				}
				s.Close()
			}
		})
	}
	for i := range 60 {
		touching(t, n, l, i, i+1, i+100, i+300, 1000+i)
		if i%20 == 10 {
			l.trie.forget() // as after a block that is discarded
		}
	}
	close(done)
	wg.Wait()
}
