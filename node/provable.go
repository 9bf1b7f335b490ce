package node

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/cometbft/cometbft/types"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/proof"
)

// Provable opens the newest state of the ledger that can be proved.
func (n *Node) Provable(ctx context.Context, stateHeight *uint64) (*api.Provable, error) {
	select {
	case <-n.stopping:
		return nil, api.ErrStopping
	default:
	}
	var p *provable
	if stateHeight != nil {
		p = n.shelf.held(*stateHeight)
	}
	if p == nil {
		// The block that proves a state follows it at once. When the network
		// stands still, nobody waits for it again and again.
		since := time.Since(time.Unix(0, n.moved.Load()))
		var err error
		if p, err = n.shelf.await(ctx, max(0, n.config.API.ProofWait.Duration-since), n.stopping); err != nil {
			return nil, err
		}
	}
	c, err := p.checkpoint()
	if err != nil {
		n.shelf.release(p)
		return nil, err
	}
	return &api.Provable{
		ProvableSnapshot: &borrowed{Snapshot: p.snapshot, close: sync.OnceFunc(func() { n.shelf.release(p) })},
		Checkpoint:       c,
		Keep:             func() { n.shelf.retain(p, time.Now()) },
	}, nil
}

// borrowed is a snapshot that others read too.
type borrowed struct {
	*ledger.Snapshot
	close func()
}

// Close gives the snapshot back.
func (b *borrowed) Close() error {
	b.close()
	return nil
}

// provesNow offers the state that the engine's last block proves already, after
// a restart: an idle network makes no other block for a while.
func (n *Node) provesNow() {
	roots, height := n.ledger.Roots(), n.engine.env.BlockStore.Height()
	if height == 0 {
		return
	}
	meta := n.engine.env.BlockStore.LoadBlockMeta(height)
	if meta != nil && uint64(height) > roots.StateHeight && string(meta.Header.AppHash) == string(roots.AppHash[:]) {
		n.shelf.offer(uint64(height))
	}
}

// lightBlocks reads light blocks from the engine's stores.
type lightBlocks struct {
	engine *engine

	mu   sync.Mutex // guards sets
	sets map[string][]identity.Validator
}

// at is the light block of a height that the engine still has.
func (l *lightBlocks) at(height uint64) (*proof.LightBlock, error) {
	blocks := l.engine.env.BlockStore
	meta := blocks.LoadBlockMeta(int64(height))
	commit := blocks.LoadBlockCommit(int64(height))
	if commit == nil { // the last block: no later one holds its commit yet
		commit = blocks.LoadSeenCommit(int64(height))
	}
	if meta == nil || commit == nil {
		return nil, fmt.Errorf("the engine has no block %d, or no commit of it", height)
	}
	validators, err := l.validators(&meta.Header)
	if err != nil {
		return nil, fmt.Errorf("validators of block %d: %w", height, err)
	}
	return lightBlock(&meta.Header, commit, validators)
}

// validators is the set of a block. The engine takes long to recall a set that
// has not changed for many blocks, so each is asked for once.
func (l *lightBlocks) validators(h *types.Header) ([]identity.Validator, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if vs, ok := l.sets[string(h.ValidatorsHash)]; ok {
		return vs, nil
	}
	set, err := l.engine.env.StateStore.LoadValidators(h.Height)
	if err != nil {
		return nil, err
	}
	vs, err := lightValidators(set)
	if err != nil {
		return nil, err
	}
	if l.sets == nil || len(l.sets) >= 16 {
		l.sets = map[string][]identity.Validator{}
	}
	l.sets[string(h.ValidatorsHash)] = vs
	return vs, nil
}
