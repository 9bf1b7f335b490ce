package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/intact"
	"github.com/waymark-ledger/waymark/ledger"
)

// examine looks at the stores of a home before any is opened to be written to, which
// would make new ones where there are none and delete files that a damaged manifest
// does not name. Stores that were not closed, as after a crash, are opened to be read
// and compared. It returns an *[intact.Damage], or what startCheck does.
func (c *Config) examine(ctx context.Context, network identity.Network) error {
	if err := c.lookAtStores(); err != nil {
		return err
	}
	if err := c.checkReplayed(); err != nil {
		return err
	}
	for _, dir := range []string{c.ledgerDir(), c.engineDir()} {
		there, err := intact.Holds(vfs.Default, dir)
		if err != nil || !there { // without the engine's, the ledger is new, and no block was lost
			return err
		}
	}
	for _, dir := range []string{c.ledgerDir(), c.engineDir()} {
		sealed, err := intact.Sealed(vfs.Default, dir)
		if err != nil {
			return err
		}
		if !sealed {
			return c.compare(ctx, network)
		}
	}
	return nil
}

// lookAtStores names what is damaged or missing in the files of the stores.
func (c *Config) lookAtStores() error {
	for _, dir := range []string{c.ledgerDir(), c.engineDir(), c.outboxDir()} {
		if err := intact.Look(vfs.Default, dir); err != nil {
			return err
		}
	}
	ledgerThere, err := intact.Holds(vfs.Default, c.ledgerDir())
	if err != nil {
		return err
	}
	engineThere, err := intact.Holds(vfs.Default, c.engineDir())
	if err != nil {
		return err
	}
	// The ledger is made, and has its genesis, before the engine's store is.
	if engineThere && !ledgerThere {
		return &intact.Damage{File: c.ledgerDir(), What: "holds no ledger, and " + c.engineDir() + " holds blocks"}
	}
	if !ledgerThere || engineThere {
		return nil
	}
	height, err := c.ledgerHeight()
	if err == nil && height > 0 {
		err = &intact.Damage{File: c.engineDir(), What: fmt.Sprintf("holds no store, and the ledger is at height %d", height)}
	}
	return err
}

func (c *Config) ledgerHeight() (_ uint64, err error) {
	l, err := c.openLedger(true, nil)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return l.Roots().Height, nil
}

// openLedger opens the ledger of the home. A nil log is silent.
func (c *Config) openLedger(readOnly bool, log *slog.Logger) (*ledger.Ledger, error) {
	return ledger.Open(ledger.Config{Dir: c.ledgerDir(), CacheBytes: c.Storage.LedgerCacheBytes,
		MapBytes: c.Storage.MapBytes(), Logger: log, ReadOnly: readOnly})
}

// ownGenesis compares the network of a ledger with that of the home's genesis document.
func (c *Config) ownGenesis(l *ledger.Ledger, network identity.Network) error {
	if n := l.Network(); n != (identity.Network{}) && n != network {
		return fmt.Errorf("%w: %s makes the network %s, the ledger in %s is of %s", ledger.ErrOtherNetwork, c.genesisFile(), network, c.ledgerDir(), n)
	}
	return nil
}

// compare opens both stores to be read, and makes the start check.
func (c *Config) compare(ctx context.Context, network identity.Network) (err error) {
	l, err := c.openLedger(true, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := c.ownGenesis(l, network); err != nil {
		return err
	}
	return c.withEngine(func(s *engineStore) error {
		return startCheck(ctx, l, s, network, slog.New(slog.DiscardHandler))
	})
}

// withEngine opens the engine's store to be read. CometBFT panics over what it cannot
// read; that becomes an error.
func (c *Config) withEngine(read func(*engineStore) error) (err error) {
	s, err := openEngineStore(c.engineDir(), vfs.Default, c.Storage.EngineCacheBytes, true, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read the engine's stores: %v", p)
			// Whoever panicked over a damaged row did not close its iterators, and
			// Pebble panics over those: that says nothing of the damage.
			defer func() { _ = recover() }()
		}
		if damage := s.err(); damage != nil { // it names the file; what failed for it need not
			err = damage
		}
		err = errors.Join(err, s.close())
	}()
	return read(s)
}
