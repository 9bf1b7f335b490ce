package node

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/proof"
)

// shelf holds the states of the ledger that a reader can be given proof of.
//
// The app hash of a state stands in the header of a later block. When that block
// is decided and about to be executed, the ledger still holds the state: the
// shelf takes a snapshot of it then (offer), and keeps it until the next block
// replaces it. So there is always one provable state, at most one block behind.
// States that the next part of an answer will be read from are kept longer.
//
// Its snapshots hold back Pebble's compaction and the ledger's Close: close
// lets go of them.
type shelf struct {
	ledger *ledger.Ledger
	anchor proof.Anchor // genesis
	light  func(height uint64) (*proof.LightBlock, error)
	log    *slog.Logger
	keep   time.Duration // how long a kept state stays

	mu      sync.Mutex
	newest  *provable     // nil until the first block since the start
	kept    []*provable   // oldest first
	changed chan struct{} // closed and replaced when newest changes
	closed  bool
}

// keepEvery is the least time between two kept states: with shelf.keep it bounds
// how many there are.
const keepEvery = time.Second

// provable is a state and the block that proves it.
type provable struct {
	snapshot *ledger.Snapshot
	roots    proof.Roots
	block    uint64 // height of the block whose header carries the roots' app hash

	refs int       // the shelf's places and readers; guarded by shelf.mu
	at   time.Time // when it was kept; guarded by shelf.mu

	// checkpoint makes the proof when it is first asked for.
	checkpoint func() (*proof.Checkpoint, error)
}

func newShelf(l *ledger.Ledger, g *identity.Genesis, light func(uint64) (*proof.LightBlock, error), keep time.Duration, log *slog.Logger) (*shelf, error) {
	anchor, err := proof.AnchorOfGenesis(g)
	if err != nil {
		return nil, err
	}
	return &shelf{ledger: l, anchor: anchor, light: light, keep: keep, log: log, changed: make(chan struct{})}, nil
}

// offer is told that the block of this height is decided and not executed yet:
// its header carries the app hash of the ledger as it is. It is called on the
// consensus goroutine and does no I/O.
func (s *shelf) offer(block uint64) {
	snapshot := s.ledger.Snapshot()
	p := &provable{snapshot: snapshot, roots: snapshot.Roots(), block: block, refs: 1}
	p.checkpoint = sync.OnceValues(func() (*proof.Checkpoint, error) { return s.prove(p) })
	s.mu.Lock()
	old := s.newest
	if s.closed {
		old = p
	} else {
		s.newest = p
		close(s.changed)
		s.changed = make(chan struct{})
	}
	s.mu.Unlock()
	s.release(old)
}

// await returns the state of the ledger now, or a later one, once a block proves
// it; after patience the last provable one instead. It is api.ErrUnproved when
// there is none. The caller releases it.
func (s *shelf) await(ctx context.Context, patience time.Duration, stopping <-chan struct{}) (*provable, error) {
	wanted := s.ledger.Roots().StateHeight
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		s.mu.Lock()
		p, changed := s.newest, s.changed
		if p != nil {
			p.refs++
		}
		s.mu.Unlock()
		if p != nil && p.roots.StateHeight >= wanted {
			return p, nil
		}
		select {
		case <-changed:
			s.release(p)
			continue
		case <-timeout.C:
		case <-ctx.Done():
			s.release(p)
			return nil, ctx.Err()
		case <-stopping:
			s.release(p)
			return nil, api.ErrStopping
		}
		if p == nil {
			return nil, api.ErrUnproved
		}
		return p, nil
	}
}

// held returns the state of this height, if it is the newest or kept, else nil.
// The caller releases it.
func (s *shelf) held(stateHeight uint64) *provable {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range append(slices.Clone(s.kept), s.newest) {
		if p != nil && p.roots.StateHeight == stateHeight {
			p.refs++
			return p
		}
	}
	return nil
}

// retain keeps a state for the next part of an answer, unless another was kept
// within the last second.
func (s *shelf) retain(p *provable, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || slices.Contains(s.kept, p) {
		return
	}
	if n := len(s.kept); n > 0 && now.Sub(s.kept[n-1].at) < keepEvery {
		return
	}
	p.at = now
	p.refs++
	s.kept = append(s.kept, p)
}

// sweep lets go of what was kept long enough.
func (s *shelf) sweep(now time.Time) {
	s.mu.Lock()
	n := 0
	for n < len(s.kept) && now.Sub(s.kept[n].at) >= s.keep {
		n++
	}
	old := slices.Clone(s.kept[:n])
	s.kept = slices.Delete(s.kept, 0, n)
	s.mu.Unlock()
	for _, p := range old {
		s.release(p)
	}
}

// close lets go of everything but what readers hold.
func (s *shelf) close() error {
	s.mu.Lock()
	old := append(s.kept, s.newest)
	s.kept, s.newest, s.closed = nil, nil, true
	s.mu.Unlock()
	for _, p := range old {
		s.release(p)
	}
	return nil
}

func (s *shelf) release(p *provable) {
	if p == nil {
		return
	}
	s.mu.Lock()
	p.refs--
	last := p.refs == 0
	s.mu.Unlock()
	if !last {
		return
	}
	if err := p.snapshot.Close(); err != nil {
		s.log.Error("a snapshot of the ledger was not closed", "error", err)
	}
}

// prove makes the checkpoint of a state. A node that cannot prove what its
// ledger holds to itself does not serve it.
func (s *shelf) prove(p *provable) (*proof.Checkpoint, error) {
	block, err := s.light(p.block)
	if err != nil {
		return nil, err
	}
	bridge, err := proof.Bridge(s.anchor.Network, s.anchor, block, s.light)
	if err != nil {
		return nil, fmt.Errorf("prove height %d: lead from genesis to block %d: %w", p.roots.StateHeight, p.block, err)
	}
	c := proof.NewCheckpoint(s.anchor.Network, p.roots, bridge, *block)
	if err := c.Verify(s.anchor); err != nil {
		return nil, fmt.Errorf("prove height %d: %w", p.roots.StateHeight, err)
	}
	return c, nil
}
