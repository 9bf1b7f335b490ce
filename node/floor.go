package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	dbm "github.com/cometbft/cometbft-db"
	abci "github.com/cometbft/cometbft/abci/types"
	cmtcfg "github.com/cometbft/cometbft/config"
	mempl "github.com/cometbft/cometbft/mempool"
	cmtnode "github.com/cometbft/cometbft/node"
	cmtp2p "github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/proxy"
	"github.com/cometbft/cometbft/types"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/waymark-ledger/waymark/identity"
)

// Floor is the engine alone: CometBFT with the configuration and the stores of
// a [Node] (but for the mempool, which holds the envelopes themselves), under an
// application that checks each one's signature once and keeps nothing. It has no
// gossip, no ledger and no API. The distance of a Node from it is what all of
// those cost; nothing but a measurement runs one.
type Floor struct {
	engine *engine
	lock   *os.File
}

// ErrFloorRefuses is returned for an envelope that a Floor does not take.
var ErrFloorRefuses = errors.New("the floor refuses the envelope")

// NewFloor opens an installed home, of which it needs what the engine needs.
// committed is told the wires of each block with any, in order, on the
// consensus goroutine.
func NewFloor(c Config, log *slog.Logger, committed func(wires [][]byte)) (_ *Floor, err error) {
	g, err := c.readGenesis()
	if err != nil {
		return nil, err
	}
	a := &floorApp{committed: committed, keys: map[identity.Address]*identity.Verifier{}}
	for _, o := range g.Organisations {
		for _, text := range o.Keys {
			public, address, err := identity.ParsePublicKey(text)
			if err != nil {
				return nil, fmt.Errorf("key of %s: %w", o.ID, err)
			}
			if a.keys[address], err = identity.NewVerifier(public); err != nil {
				return nil, fmt.Errorf("key of %s: %w", o.ID, err)
			}
		}
	}
	c.Storage.paceGC()
	f := &Floor{}
	if f.lock, err = lockHome(c.lockFile()); err != nil {
		return nil, err
	}
	store, err := openEngineStore(c.engineDir(), vfs.Default, c.Storage.EngineCacheBytes, false, log)
	if err != nil {
		return nil, errors.Join(err, f.lock.Close())
	}
	if err := f.open(&c, a, store, engineLogger(log, c.Log.Engine)); err != nil {
		return nil, errors.Join(err, store.close(), f.lock.Close())
	}
	return f, nil
}

func (f *Floor) open(c *Config, a *floorApp, store *engineStore, log *slog.Logger) error {
	conf := engineConfig(c)
	conf.Mempool.Size = 2*c.Pool.Envelopes + 1000
	conf.Mempool.MaxTxsBytes = 2*c.Pool.Bytes + (64 << 20)
	conf.Mempool.CacheSize = 2*c.Pool.Envelopes + 1000
	nodeKey, err := loadNodeKey(conf.NodeKeyFile())
	if err != nil {
		return err
	}
	validator, err := loadValidator(conf.PrivValidatorKeyFile(), conf.PrivValidatorStateFile())
	if err != nil {
		return err
	}
	e := &engine{store: store, log: log, failed: make(chan struct{}), nodeID: string(nodeKey.ID())}
	e.links = newLinks(c.Consensus.Peers, nodeKey.ID(), c.Consensus.DialPeriod.Duration, c.Consensus.DeadLink.Duration, func(string) bool { return true }, log)
	e.node, err = cmtnode.NewNodeWithContext(context.Background(), conf,
		validator, nodeKey, proxy.NewConnSyncLocalClientCreator(a),
		func() (*types.GenesisDoc, error) { return types.GenesisDocFromFile(conf.GenesisFile()) },
		func(d *cmtcfg.DBContext) (dbm.DB, error) { return store.view(d.ID), nil },
		engineMetrics(prometheus.NewRegistry(), conf.Instrumentation.Namespace),
		engineLog{log: log, failed: e.fail},
		cmtnode.CustomReactors(map[string]cmtp2p.Reactor{"LINKS": e.links}),
	)
	if err != nil {
		return fmt.Errorf("make the engine: %w", err)
	}
	f.engine = e
	return nil
}

// Start lets the engine run. Stop ends it.
func (f *Floor) Start() error { return f.engine.start() }

// Stop stops the engine, waits for it, and closes what NewFloor opened.
func (f *Floor) Stop() error { return errors.Join(f.engine.stop(), f.lock.Close()) }

// Peers is how many other nodes are connected.
func (f *Floor) Peers() int { return len(f.engine.peers()) }

// Submit hands a wire to this node's pool. One that is there already, or that
// a block has already had, is no error.
func (f *Floor) Submit(wire []byte) error {
	var code Code // the local client answers before CheckTx returns
	err := f.engine.node.Mempool().CheckTx(wire, func(r *abci.ResponseCheckTx) { code = Code(r.Code) }, mempl.TxInfo{})
	switch {
	case errors.Is(err, mempl.ErrTxInCache):
		return nil
	case err != nil:
		return fmt.Errorf("hand an envelope to the mempool: %w", err)
	case code != CodeAdmitted:
		return fmt.Errorf("%w: %s", ErrFloorRefuses, code)
	}
	return nil
}

// floorApp checks signatures and does nothing else.
type floorApp struct {
	abci.BaseApplication
	keys      map[identity.Address]*identity.Verifier // never written once the engine runs
	committed func(wires [][]byte)
	block     [][]byte // owned by the consensus connection
}

// CheckTx checks the signature as admission does: decode, digest, verify.
func (a *floorApp) CheckTx(_ context.Context, req *abci.RequestCheckTx) (*abci.ResponseCheckTx, error) {
	code := CodeAdmitted
	if env, err := identity.DecodeEnvelope(req.Tx); err != nil {
		code = CodeMalformed
	} else if key, ok := a.keys[env.Signer]; !ok {
		code = CodeUnknownSigner
	} else if key.VerifySignature(env.ID(), env.Signer, env.Signature) != nil {
		code = CodeBadSignature
	}
	return &abci.ResponseCheckTx{Code: uint32(code)}, nil
}

// FinalizeBlock keeps the wires for Commit.
func (a *floorApp) FinalizeBlock(ctx context.Context, req *abci.RequestFinalizeBlock) (*abci.ResponseFinalizeBlock, error) {
	a.block = req.Txs
	return a.BaseApplication.FinalizeBlock(ctx, req)
}

// Commit says what the block held.
func (a *floorApp) Commit(context.Context, *abci.RequestCommit) (*abci.ResponseCommit, error) {
	if len(a.block) > 0 {
		a.committed(a.block)
	}
	a.block = nil
	return &abci.ResponseCommit{}, nil
}
