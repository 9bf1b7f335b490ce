package ledger

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/proof"
)

func TestBlocksAreBegunAndFilledInOrder(t *testing.T) {
	n := newNetwork(t, "")
	l := open(t, vfs.NewMem())
	if _, err := l.Begin(1, epcis.Instant{}); !errors.Is(err, ErrNoGenesis) {
		t.Errorf("before genesis: %v", err)
	}
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	for _, h := range []uint64{0, 2} {
		if _, err := l.Begin(h, epcis.Instant{}); !errors.Is(err, ErrHeight) {
			t.Errorf("height %d first: %v", h, err)
		}
	}
	b := begin(t, l)
	if _, err := l.Begin(1, epcis.Instant{}); !errors.Is(err, ErrBlockOpen) {
		t.Errorf("a second block: %v", err)
	}
	e := n.envelope(t, 0, record("a"), record("b"))
	one := func(index uint32) error {
		_, err := b.Append(Append{Envelope: e, EnvelopeID: e.ID(), Index: index, Bytes: e.Records[index], RecordHash: hashOf(e.Records[index])})
		return err
	}
	if err := one(0); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Roots(); err == nil {
		t.Error("roots of half an envelope")
	}
	if err := one(0); err == nil {
		t.Error("a record twice")
	}
	if err := b.Commit(); !errors.Is(err, ErrBlockDone) {
		t.Errorf("commit after an error: %v", err)
	}
	b = begin(t, l)
	if err := errors.Join(one(0), one(1)); err != nil {
		t.Fatal(err)
	}
	if judged, err := b.EnvelopeJudged(e.ID()); err != nil || !judged {
		t.Errorf("staged envelope: %v %v", judged, err)
	}
	commit(t, b)
	b = begin(t, l)
	if err := one(0); err == nil {
		t.Error("an envelope twice")
	}
	s := l.Snapshot()
	if err := l.Close(); err == nil {
		t.Fatal("closed under a snapshot")
	}
	s.Close()
	if _, err := s.History(item(1), 0, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("read of a closed snapshot: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := l.State(item(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("read of a closed ledger: %v", err)
	}
	if _, err := l.Begin(2, epcis.Instant{}); !errors.Is(err, ErrClosed) {
		t.Errorf("block of a closed ledger: %v", err)
	}
}

// Readers see whole blocks, one height at a time, while blocks are committed.
func TestReadersNeverSeeHalfABlock(t *testing.T) {
	n := newNetwork(t, "")
	l := n.openAt(t, vfs.NewMem())
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for last := uint64(0); ; {
				select {
				case <-done:
					return
				default:
				}
				s := l.Snapshot()
				r := s.Roots()
				if r.Height < last {
					t.Errorf("height %d after %d", r.Height, last)
				}
				last = r.Height
				h, err := s.History(item(0), 0, 1<<20)
				if err != nil || r.LogSize > 0 && len(h) == 0 {
					t.Errorf("height %d: history %v, %v", r.Height, h, err)
				}
				if len(h) > 0 {
					seq := h[len(h)-1]
					path, err := s.InclusionProof(seq, r.LogSize)
					if err != nil {
						t.Error(err)
					}
					entry, err := s.EntryBytes(seq)
					if err != nil {
						t.Error(err)
					}
					if err := proof.VerifyInclusion(entry, seq, r.LogSize, path, r.LogRoot); err != nil {
						t.Errorf("height %d: %v", r.Height, err)
					}
				}
				s.Close()
			}
		})
	}
	if err := n.play(t, l, rand.New(rand.NewPCG(3, 3)), 60); err != nil {
		t.Error(err)
	}
	close(done)
	wg.Wait()
}

func TestDiskFree(t *testing.T) {
	l, err := Open(Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	free, total, err := l.DiskFree()
	if err != nil || free == 0 || total < free {
		t.Fatalf("free %d of %d, %v", free, total, err)
	}
}
