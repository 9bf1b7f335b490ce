package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"
	cmtdb "github.com/cometbft/cometbft-db"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/store"
	"github.com/cometbft/cometbft/types"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/intact"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/p2p"
	"github.com/waymark-ledger/waymark/trace"
)

// CheckOptions say how far a check goes and where it tells its progress.
type CheckOptions struct {
	// Scrub also decodes every record and compares the indexes, which the app
	// hash says nothing about or only in sum, with what the records say, and reads
	// every block of the engine.
	Scrub bool
	// Progress, when not nil, is told what is being read and how much of it is
	// done. It must be quick.
	Progress func(what string, done, of uint64)
}

// CheckReport is what a check of a stopped node's stores found.
type CheckReport struct {
	Home    string           `json:"home"`
	Network identity.Network `json:"network"`
	Height  uint64           `json:"height"` // of the ledger
	Time    epcis.Instant    `json:"time"`   // block time
	Records uint64           `json:"records"`
	AppHash identity.Hash    `json:"appHash"`
	LogRoot identity.Hash    `json:"logRoot"`
	MapRoot identity.Hash    `json:"mapRoot"`
	// Headers of the engine whose app hash was compared with the ledger's:
	// [FromHeader, ToHeader], both 0 for none.
	FromHeader uint64 `json:"fromHeader"`
	ToHeader   uint64 `json:"toHeader"`
	// Behind is how many blocks the engine has applied that the ledger lost; the
	// next start replays them. That is no damage, but no clean stop leaves it.
	Behind   uint64 `json:"behind"`
	Scrubbed bool   `json:"scrubbed"`
	// Damage names the first row or value that is not what it has to be; "" when
	// nothing is damaged. The node must not serve then: docs/operating.md says
	// what to do.
	Damage string `json:"damage,omitempty"`
}

// Check reads the stores of a node that is stopped: it recomputes the log root
// and the map root of every height from the entries, and compares the app
// hashes with those in the headers that the engine keeps, which the validators
// signed. It changes nothing. What is damaged stands in the report; the error is for what kept the
// check from being made: ErrInUse while the node runs.
func Check(ctx context.Context, c Config, o CheckOptions) (*CheckReport, error) {
	if o.Progress == nil {
		o.Progress = func(string, uint64, uint64) {}
	}
	genesis, lock, err := stopped(&c)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	defer lock.Close()
	if err := c.everRan(); err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}

	r := &CheckReport{Home: c.Home, Network: genesis.Network, Scrubbed: o.Scrub}
	err = (&checker{c: &c, o: o, r: r, genesis: genesis}).run(ctx)
	switch {
	case err == nil:
	case ctx.Err() != nil, errors.Is(err, os.ErrPermission), errors.Is(err, ledger.ErrOutdated):
		return nil, fmt.Errorf("check: %w", err)
	default:
		r.Damage = err.Error()
	}
	return r, nil
}

// stopped reads the genesis document of a home whose node does not run, and keeps
// it from starting until the lock is closed. It makes c.Home absolute. ErrInUse
// while the node runs.
func stopped(c *Config) (*identity.Genesis, io.Closer, error) {
	home, err := filepath.Abs(c.Home)
	if err != nil {
		return nil, nil, err
	}
	c.Home = home
	genesis, err := c.readGenesis()
	if err != nil {
		return nil, nil, err
	}
	lock, err := lockHome(c.lockFile())
	if err != nil {
		return nil, nil, err
	}
	return genesis, lock, nil
}

// everRan is an error for a home that has no store yet. One that lacks some of its
// stores is damaged.
func (c *Config) everRan() error {
	for _, dir := range []string{c.ledgerDir(), c.engineDir()} {
		if there, err := intact.Holds(vfs.Default, dir); there || err != nil {
			return err
		}
	}
	return fmt.Errorf("the home has no store yet: %s: %w", c.ledgerDir(), os.ErrNotExist)
}

type checker struct {
	c       *Config
	o       CheckOptions
	r       *CheckReport
	genesis *identity.Genesis
}

func (k *checker) run(ctx context.Context) (err error) {
	if err := k.c.lookAtStores(); err != nil {
		return err
	}
	l, err := k.c.openLedger(true, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	roots := l.Roots()
	k.r.Height, k.r.Time, k.r.Records = roots.Height, epcis.InstantFromUnixNano(roots.Time), roots.LogSize
	k.r.AppHash, k.r.LogRoot, k.r.MapRoot = roots.AppHash, roots.LogRoot, roots.MapRoot
	if err := k.c.ownGenesis(l, k.genesis.Network); err != nil {
		return err
	}
	if err := l.CheckTables(ctx, k.o.Scrub, func(done, of uint64) { k.o.Progress("tables of the ledger", done, of) }); err != nil {
		return err
	}
	if err := p2p.CheckOutbox(ctx, k.c.outboxDir(), nil, k.o.Scrub); err != nil {
		return err
	}
	if err := k.keys(); err != nil {
		return err
	}
	if err := k.c.checkWAL(ctx, func(done, of uint64) { k.o.Progress("files of the engine's log", done, of) }); err != nil {
		return err
	}
	if err := k.c.withEngine(func(s *engineStore) error { return k.engine(ctx, l, s) }); err != nil {
		return err
	}
	if err := l.Verify(ctx, func(height, of uint64) { k.o.Progress("heights of the ledger", height, of) }); err != nil {
		return err
	}
	if k.o.Scrub && l.Outdated() {
		return ledger.ErrOutdated
	}
	if k.o.Scrub {
		return k.meanings(ctx, l)
	}
	return nil
}

// keys looks at the node's keys, and at what it signed last, where they are: a copy of a
// home may have none.
func (k *checker) keys() error {
	for _, key := range []struct {
		file  string
		check func() error
	}{
		{k.c.validatorFile(), func() error { return checkValidator(k.c.validatorFile(), k.c.validatorState()) }},
		{k.c.nodeKeyFile(), func() error { _, err := loadNodeKey(k.c.nodeKeyFile()); return err }},
		{k.c.p2pKeyFile(), func() error { _, err := p2p.LoadKey(k.c.p2pKeyFile()); return err }},
	} {
		if _, err := os.Stat(key.file); errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := key.check(); err != nil {
			return err
		}
	}
	return nil
}

// engine compares the ledger with the engine's stores.
func (k *checker) engine(ctx context.Context, l *ledger.Ledger, s *engineStore) error {
	if err := s.checkTables(ctx, k.o.Scrub, func(done, of uint64) { k.o.Progress("tables of the engine", done, of) }); err != nil {
		return err
	}
	if err := startCheck(ctx, l, s, k.genesis.Network, slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	state, err := sm.NewStore(cmtdb.DB(s.view("state")), sm.StoreOptions{DiscardABCIResponses: true}).Load()
	if err != nil {
		return fmt.Errorf("the engine's state: %w", err)
	}
	if applied := uint64(state.LastBlockHeight); applied > k.r.Height {
		k.r.Behind = applied - k.r.Height
	}
	return k.headers(ctx, l, store.NewBlockStore(s.view("blockstore")), state)
}

// headers reads every block that the engine keeps: that each is the one it says
// it is and the one the next builds on, and carries the app hash of the ledger's
// height before. The newest is the one that the engine's state names.
func (k *checker) headers(ctx context.Context, l *ledger.Ledger, blocks *store.BlockStore, state sm.State) error {
	snapshot := l.Snapshot()
	defer snapshot.Close()
	var last types.BlockID
	base, top := blocks.Base(), blocks.Height()
	for height := max(base, 1); height <= top; height++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		meta := blocks.LoadBlockMeta(height)
		if meta == nil {
			return fmt.Errorf("the engine's block %d is missing", height)
		}
		header := &meta.Header
		switch {
		case header.Height != height:
			return fmt.Errorf("the engine's block %d says that it is %d", height, header.Height)
		case !bytes.Equal(header.Hash(), meta.BlockID.Hash):
			return fmt.Errorf("the header of the engine's block %d has the hash %X, its id says %X", height, header.Hash(), meta.BlockID.Hash)
		case height > base && !header.LastBlockID.Equals(last):
			return fmt.Errorf("the engine's block %d does not follow block %d", height, height-1)
		case height == state.LastBlockHeight && !meta.BlockID.Equals(state.LastBlockID):
			return fmt.Errorf("the engine's state names another block %d than its block store has", height)
		}
		last = meta.BlockID
		if k.o.Scrub {
			block := blocks.LoadBlock(height)
			if block == nil {
				return fmt.Errorf("the engine's block %d lacks parts", height)
			}
			if err := block.ValidateBasic(); err != nil || !bytes.Equal(block.Hash(), meta.BlockID.Hash) {
				return errors.Join(fmt.Errorf("the engine's block %d is not the one of its header", height), err)
			}
		}
		if height > 1 && uint64(height)-1 <= snapshot.Height() {
			roots, ok, err := snapshot.Block(uint64(height) - 1)
			if err != nil {
				return err
			}
			if !ok || !bytes.Equal(roots.AppHash[:], header.AppHash) {
				return &ledger.DifferenceError{Height: uint64(height) - 1, What: "app hash", Ledger: roots.AppHash.String(), Expected: fmt.Sprintf("%x, as block %d says", []byte(header.AppHash), height)}
			}
			if k.r.FromHeader == 0 {
				k.r.FromHeader = uint64(height)
			}
			k.r.ToHeader = uint64(height)
		}
		k.o.Progress("blocks of the engine", uint64(height), uint64(top))
	}
	return nil
}

// meanings decodes every record and looks it up in the indexes that follow from
// what it says: the histories of the keys it touches, its eventID, its content.
func (k *checker) meanings(ctx context.Context, l *ledger.Ledger) error {
	snapshot := l.Snapshot()
	defer snapshot.Close()
	for seq := range snapshot.Roots().LogSize {
		if err := ctx.Err(); err != nil {
			return err
		}
		recorded, err := snapshot.Record(seq)
		if err != nil {
			return err
		}
		if err := indexed(snapshot, recorded); err != nil {
			return fmt.Errorf("record %d: %w", seq, err)
		}
		k.o.Progress("records", seq+1, snapshot.Roots().LogSize)
	}
	return k.places(ctx, snapshot)
}

// indexed looks one record up by everything that it says.
func indexed(s *ledger.Snapshot, recorded *trace.Recorded) error {
	r, err := epcis.DecodeHashed(recorded.Kind, recorded.Bytes)
	if err != nil {
		if recorded.Rejected() {
			return nil
		}
		return fmt.Errorf("it was accepted and does not decode: %w", err)
	}
	for _, key := range trace.Touches(r) {
		if recorded.Rejected() {
			key = key.Refused()
		}
		seqs, err := s.History(key, recorded.Seq, 1)
		if err != nil {
			return err
		}
		if !slices.Equal(seqs, []uint64{recorded.Seq}) {
			return fmt.Errorf("the history of %s %q lacks it", key.NS, key.ID)
		}
	}
	if r.Event == nil || recorded.Rejected() {
		return nil
	}
	if r.Event.Type == epcis.TransformationEvent && r.Event.Correction == nil {
		for _, q := range r.Event.InputQuantities {
			key := trace.QuantityKey(q.Class)
			if key.NS == trace.NSItem {
				continue
			}
			used, err := s.Used(key, trace.Use{Born: trace.Unmarked, Seq: recorded.Seq})
			if err != nil {
				return err
			}
			if !used {
				return fmt.Errorf("the forward index lacks its use of %s %q", key.NS, key.ID)
			}
		}
	}
	if r.ContentHash != "" { // an event whose vocabulary has no hash has none
		first, ok, err := s.SameContent(r.ContentHash)
		if err != nil {
			return err
		}
		if !ok || first > recorded.Seq {
			return fmt.Errorf("the index of contents lacks %s", r.ContentHash)
		}
	}
	first, ok, err := s.Accepted(recorded.Organisation, identity.RecordHash(recorded.Bytes), r.ContentHash)
	if err != nil {
		return err
	}
	if !ok || first > recorded.Seq {
		return fmt.Errorf("the index of records lacks it, accepted from %s", recorded.Organisation)
	}
	if r.Event.ID == "" {
		return nil
	}
	corrections, err := s.ByEventID(r.Event.ID, math.MaxInt)
	if err != nil {
		return err
	}
	if !slices.Contains(corrections, recorded.Seq) {
		return fmt.Errorf("the index of eventIDs lacks %q", r.Event.ID)
	}
	return nil
}
