package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	cmtdb "github.com/cometbft/cometbft-db"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/store"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
)

// ErrStoresDiffer is why a node refuses to start: its ledger and the engine's
// stores contradict each other. One of them was damaged, restored from an
// older copy, or belongs to another node. The error says what differs; see
// also [ledger.DifferenceError].
var ErrStoresDiffer = errors.New("the ledger and the engine's stores contradict each other")

// startCheck compares the ledger with CometBFT's block store and state, before
// anything writes to either. Pebble drops acknowledged data without a word
// when a bit of its log has flipped; this is where that shows.
//
// A ledger that is behind is normal by one block after a crash: CometBFT saves
// a block, then has it applied. The handshake replays what is missing and
// checks each app hash against the next header. A ledger that is ahead, or
// whose app hash is not the one the validators signed, is refused.
func startCheck(ctx context.Context, l *ledger.Ledger, engine *engineStore, network identity.Network, log *slog.Logger) error {
	blocks := store.NewBlockStore(cmtdb.DB(engine.view("blockstore")))
	state, err := sm.NewStore(engine.view("state"), sm.StoreOptions{DiscardABCIResponses: true}).Load()
	if err != nil {
		return fmt.Errorf("start check: read the engine's state: %w", err)
	}
	roots := l.Roots()
	have, saved, applied := roots.Height, uint64(blocks.Height()), uint64(state.LastBlockHeight)
	if !state.IsEmpty() && state.ChainID != network.ChainID() {
		return fmt.Errorf("%w: the engine's chain is %s, the ledger's network is %s", ErrStoresDiffer, state.ChainID, network.ChainID())
	}
	if l.Network() == (identity.Network{}) {
		return fmt.Errorf("%w: the ledger holds nothing, not even its genesis, and the block store is at height %d", ErrStoresDiffer, saved)
	}
	if have > saved {
		return fmt.Errorf("%w: the ledger is at height %d, the block store at %d", ErrStoresDiffer, have, saved)
	}
	if applied > saved {
		return fmt.Errorf("%w: the engine's state is at height %d, its block store at %d", ErrStoresDiffer, applied, saved)
	}
	// The header of a block carries the app hash of the height before.
	want := ledger.Expected{Network: network, Height: have}
	switch {
	case have == 0:
		return nil
	case have < saved:
		meta := blocks.LoadBlockMeta(int64(have) + 1)
		if meta == nil {
			return fmt.Errorf("%w: the ledger is at height %d, and the block store no longer has block %d to go on from", ErrStoresDiffer, have, have+1)
		}
		copy(want.AppHash[:], meta.Header.AppHash)
	case applied == have:
		copy(want.AppHash[:], state.AppHash)
	case have == 1:
		return nil // the engine has no more to compare with than the network
	default:
		// The ledger committed the last block and the engine has not noted it:
		// the header of that very block still vouches for the one before.
		meta := blocks.LoadBlockMeta(int64(have))
		if meta == nil {
			return fmt.Errorf("%w: the block store has no block %d", ErrStoresDiffer, have)
		}
		want.Height = have - 1
		copy(want.AppHash[:], meta.Header.AppHash)
	}
	if err := l.Check(ctx, want); err != nil {
		var d *ledger.DifferenceError
		if errors.As(err, &d) {
			return fmt.Errorf("%w: %w", ErrStoresDiffer, err)
		}
		return fmt.Errorf("start check: %w", err)
	}
	if applied > have {
		log.Warn("the ledger lost blocks it had committed; they are replayed from the block store",
			"height", have, "engine", applied)
	}
	return nil
}
