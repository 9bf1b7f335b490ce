package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A filter that denied a row would make this node disagree with the others. Serials
// that follow each other share its pages, and none is to fill up.
func TestNothingThatIsThereIsAbsent(t *testing.T) {
	var a absent
	a.stored.Store(&storedRows{hashes: newBloom(pageBlocks * 64)})
	hash := func(i int) [32]byte { return sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(i))) }
	serial := func(i int) marks {
		return marksOf(trace.Key{NS: trace.NSItem, ID: fmt.Sprintf("https://id.gs1.org/01/04012345123456/21/%07d", i)})
	}
	wrong, wrongKeys, wrongGroups := 0, 0, 0
	const n = 300_000 // past several layers
	for i := range n {
		if !a.has(hash(i)) {
			wrong++
		}
		switch a.keys.maybe(serial(i)) {
		case maybe:
			wrongKeys++
		case none:
			if i%100 == 0 { // the first of its group
				wrongGroups++
			}
		}
		a.remove(hash(i))
		a.keys.add(serial(i))
	}
	for i := range n {
		if a.has(hash(i)) || a.keys.maybe(serial(i)) != maybe {
			t.Fatalf("hash or key %d is there and called absent", i)
		}
	}
	if wrong > n/20 || wrongKeys > n/20 || wrongGroups > n/100/20 {
		t.Errorf("%d of %d new hashes, %d of the keys, %d of their %d groups, were not known to be absent", wrong, n, wrongKeys, wrongGroups, n/100)
	}
}

// Rows from before the start are found whether their keys were read yet or not.
func TestRowsFromBeforeTheStartAreNotAbsent(t *testing.T) {
	n := newNetwork(t, "")
	fs := vfs.NewMem()
	l := open(t, fs)
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	if err := n.play(t, l, rand.New(rand.NewPCG(5, 5)), 10); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		l = open(t, fs)
		for _, wait := range []bool{false, true} {
			if wait {
				l.built.Wait()
				if l.absent.stored.Load() == nil {
					t.Fatal("the keys were not read")
				}
			}
			b := begin(t, l)
			for i := range 30 {
				before := historyOf(t, l, item(i))
				s, err := b.key(item(i))
				if err != nil || s.index.count != uint64(len(before)) {
					t.Fatalf("item %d: %+v, %v; its history is %v", i, s, err, before)
				}
			}
			if st, err := b.State(trace.ParametersKey()); err != nil || st == nil {
				t.Fatalf("parameters: %x, %v", st, err)
			}
			n.appendAll(t, b, 0, n.envelope(t, 0, record(fmt.Sprint(b.NextSeq()))), func(int) judged {
				return judged{touches: []trace.Key{item(1)}}
			})
			commit(t, b)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEnvelopeJudgedIsExactWhereverItLooks(t *testing.T) {
	n := newNetwork(t, "")
	fs := vfs.NewMem()
	l := open(t, fs)
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	var committed []identity.Hash
	ask := func(about string) {
		t.Helper()
		for i, id := range committed {
			if ok, err := l.EnvelopeJudged(id); err != nil || !ok {
				t.Fatalf("%s: envelope %d: %v, %v; it was committed", about, i, ok, err)
			}
		}
		for i := range 1000 {
			if ok, err := l.EnvelopeJudged(sha256.Sum256([]byte(fmt.Sprint(i)))); err != nil || ok {
				t.Fatalf("%s: envelope %d: %v, %v; there is none", about, i, ok, err)
			}
		}
	}
	for i := range 30 {
		b := begin(t, l)
		e := n.envelope(t, 0, record(fmt.Sprint(i)))
		n.appendAll(t, b, 0, e, func(int) judged { return judged{} })
		if i%3 == 0 {
			b.Discard()
			if ok, err := l.EnvelopeJudged(e.ID()); err != nil || ok {
				t.Fatalf("discarded envelope: %v, %v", ok, err)
			}
			continue
		}
		commit(t, b)
		committed = append(committed, e.ID())
	}
	ask("lately")
	for i := range 2*seenKept + 1 {
		l.seen.add(sha256.Sum256([]byte(fmt.Sprint("other", i))))
	}
	ask("long ago")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.EnvelopeJudged(committed[0]); !errors.Is(err, ErrClosed) {
		t.Fatalf("closed: %v", err)
	}
	l = open(t, fs)
	ask("opened again")
	l.built.Wait()
	ask("opened again, keys read")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkEnvelopeJudged(b *testing.B) {
	l, _ := filled(b, 10_000)
	var id identity.Hash
	for i := 0; b.Loop(); i++ {
		binary.BigEndian.PutUint64(id[:], uint64(i)*0x9e3779b97f4a7c15)
		if ok, err := l.EnvelopeJudged(id); err != nil || ok {
			b.Fatal(ok, err)
		}
	}
}
