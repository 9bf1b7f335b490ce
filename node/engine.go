package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	dbm "github.com/cometbft/cometbft-db"
	bc "github.com/cometbft/cometbft/blocksync"
	cmtcfg "github.com/cometbft/cometbft/config"
	cs "github.com/cometbft/cometbft/consensus"
	mempl "github.com/cometbft/cometbft/mempool"
	cmtnode "github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/proxy"
	rpccore "github.com/cometbft/cometbft/rpc/core"
	sm "github.com/cometbft/cometbft/state"
	"github.com/cometbft/cometbft/statesync"
	"github.com/cometbft/cometbft/types"
	"github.com/prometheus/client_golang/prometheus"
)

// engine is CometBFT in process. It owns its store, which it closes last.
type engine struct {
	node   *cmtnode.Node
	store  *engineStore
	links  *links
	env    *rpccore.Environment
	nodeID string
	log    *slog.Logger

	failed  chan struct{} // closed when consensus has panicked
	failure error         // why; written before failed is closed
	once    sync.Once
	stopped bool // owned by whoever closes the node
}

// ErrConsensusFailed is why a node exits whose consensus has stopped: the
// process would live on, and answer from a height that never moves again.
var ErrConsensusFailed = errors.New("consensus has failed")

// engineConfig is CometBFT's configuration for a node of ours.
func engineConfig(c *Config) *cmtcfg.Config {
	e := cmtcfg.DefaultConfig()
	e.SetRoot(c.Home)
	e.Moniker = c.Name
	e.Genesis = c.genesisFile()
	e.NodeKey = c.nodeKeyFile()
	e.PrivValidatorKey = c.validatorFile()
	e.PrivValidatorState = c.validatorState()
	e.DBPath = "data"
	e.FilterPeers = true

	e.RPC.ListenAddress = "" // our API is the only door
	e.RPC.GRPCListenAddress = ""

	e.P2P.ListenAddress = "tcp://" + c.Consensus.Listen
	e.P2P.ExternalAddress = c.Consensus.ExternalAddress
	e.P2P.AddrBook = c.path("data/addrbook.json")
	e.P2P.AddrBookStrict = false
	e.P2P.AllowDuplicateIP = true
	e.P2P.PexReactor = false
	e.P2P.MaxNumInboundPeers = c.Consensus.MaxInboundPeers
	e.P2P.MaxNumOutboundPeers = c.Consensus.MaxInboundPeers
	e.P2P.FlushThrottleTimeout = 2 * time.Millisecond
	e.P2P.MaxPacketMsgPayloadSize = 16 << 10
	e.P2P.SendRate = 64 << 20
	e.P2P.RecvRate = 64 << 20
	e.P2P.DialTimeout = 2 * time.Second
	e.P2P.HandshakeTimeout = 5 * time.Second
	// The peers are dialled by links, at a steady pace and without giving up.
	e.P2P.PersistentPeers = ""

	// What waits is in our own pool. The mempool has the bell that wakes
	// consensus; it must not remember it, or it would take it only once.
	e.Mempool.Broadcast = false
	e.Mempool.Recheck = false
	e.Mempool.CacheSize = 0

	e.Consensus.WalPath = c.walFile()
	e.Consensus.CreateEmptyBlocks = false
	e.Consensus.CreateEmptyBlocksInterval = c.Consensus.Heartbeat.Duration
	e.Consensus.TimeoutPropose = c.Consensus.TimeoutPropose.Duration
	e.Consensus.TimeoutProposeDelta = c.Consensus.TimeoutPropose.Duration / 2
	e.Consensus.TimeoutPrevote = c.Consensus.TimeoutVote.Duration
	e.Consensus.TimeoutPrevoteDelta = c.Consensus.TimeoutVote.Duration / 2
	e.Consensus.TimeoutPrecommit = c.Consensus.TimeoutVote.Duration
	e.Consensus.TimeoutPrecommitDelta = c.Consensus.TimeoutVote.Duration / 2
	e.Consensus.TimeoutCommit = c.Consensus.TimeoutCommit.Duration
	e.Consensus.PeerGossipSleepDuration = 10 * time.Millisecond
	e.Consensus.PeerQueryMaj23SleepDuration = time.Second
	// Above 0 a killed validator would refuse to restart while its signature is
	// in the last blocks, and four killed ones would never come back. The lock
	// file and a signer state that is never restored guard the key instead.
	e.Consensus.DoubleSignCheckHeight = 0

	e.TxIndex.Indexer = "null"
	e.Storage.DiscardABCIResponses = true
	e.Instrumentation.Namespace = c.Consensus.MetricsNamespace
	return e
}

// newEngine opens CometBFT's stores and performs its handshake with the
// application, which replays the blocks the ledger does not have yet.
func newEngine(ctx context.Context, c *Config, a *app, store *engineStore, reg *prometheus.Registry, log *slog.Logger) (e *engine, err error) {
	// The handshake panics on an app hash that is not the one in the headers.
	defer func() {
		if r := recover(); r != nil {
			e, err = nil, fmt.Errorf("%w: %v", ErrStoresDiffer, r)
		}
	}()
	e = &engine{store: store, log: log, failed: make(chan struct{})}
	conf := engineConfig(c)
	if err := conf.ValidateBasic(); err != nil {
		return nil, fmt.Errorf("the engine's configuration: %w", err)
	}
	nodeKey, err := loadNodeKey(conf.NodeKeyFile())
	if err != nil {
		return nil, err
	}
	e.nodeID = string(nodeKey.ID())
	e.links = newLinks(c.Consensus.Peers, nodeKey.ID(), c.Consensus.DialPeriod.Duration, c.Consensus.DeadLink.Duration, a.gate.admitsNode, log)
	validator, err := loadValidator(conf.PrivValidatorKeyFile(), conf.PrivValidatorStateFile())
	if err != nil {
		return nil, err
	}
	genesis := func() (*types.GenesisDoc, error) { return types.GenesisDocFromFile(conf.GenesisFile()) }
	databases := func(d *cmtcfg.DBContext) (dbm.DB, error) { return store.view(d.ID), nil }
	e.node, err = cmtnode.NewNodeWithContext(ctx, conf,
		validator, nodeKey, proxy.NewConnSyncLocalClientCreator(a), genesis, databases,
		engineMetrics(reg, conf.Instrumentation.Namespace),
		engineLog{log: log, failed: e.fail},
		cmtnode.CustomReactors(map[string]p2p.Reactor{"LINKS": e.links}),
	)
	if err != nil {
		return nil, fmt.Errorf("start the engine: %w", err)
	}
	if e.env, err = e.node.ConfigureRPC(); err != nil {
		return nil, fmt.Errorf("read the engine: %w", err)
	}
	a.ring = func() {
		if err := e.node.Mempool().CheckTx(types.Tx(bell), nil, mempl.TxInfo{}); err != nil {
			log.Error("cannot wake consensus", "error", err)
		}
	}
	a.hush = func() { _ = e.node.Mempool().RemoveTxByKey(types.Tx(bell).Key()) } // absent is what is wanted
	return e, nil
}

// fail is called by the log adapter when consensus says that it has failed.
func (e *engine) fail(reason string) {
	e.once.Do(func() {
		e.failure = fmt.Errorf("%w: %s", ErrConsensusFailed, reason)
		close(e.failed)
	})
}

func (e *engine) start() error {
	if err := e.node.Start(); err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	return nil
}

// stop stops CometBFT, waits for it, and closes its store.
func (e *engine) stop() error {
	if e.stopped {
		return nil
	}
	e.stopped = true
	var errs []error
	if e.node != nil && e.node.IsRunning() {
		if err := e.node.Stop(); err != nil {
			errs = append(errs, fmt.Errorf("stop the engine: %w", err))
		}
		e.node.Wait()
		e.links.wait()
	} else if e.node != nil {
		errs = append(errs, e.node.EventBus().Stop()) // NewNode started it
	}
	if e.node != nil {
		errs = append(errs, e.node.ProxyApp().Stop())
	}
	if err := e.store.close(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// syncing reports whether the node is catching up with its peers.
func (e *engine) syncing() bool { return e.node.ConsensusReactor().WaitSync() }

// validators returns the engine's present set.
func (e *engine) validators() []*types.Validator {
	_, set := e.env.ConsensusState.GetValidators()
	return set
}

// ownValidator is the address of this node's validator key.
func (e *engine) ownValidator() types.Address { return e.env.PubKey.Address() }

// peers returns the connected nodes.
func (e *engine) peers() []p2p.Peer { return e.node.Switch().Peers().Copy() }

// listenAddr is "nodeid@host:port". CometBFT tells nobody which port it picked
// for port 0: name one.
func (e *engine) listenAddr(c *Config) string {
	return e.nodeID + "@" + strings.TrimPrefix(c.Consensus.Listen, "tcp://")
}

// announced is where others find it, as it announces itself.
func (e *engine) announced(c *Config) string {
	if c.Consensus.ExternalAddress == "" {
		return e.listenAddr(c)
	}
	return e.nodeID + "@" + strings.TrimPrefix(c.Consensus.ExternalAddress, "tcp://")
}

// metricsLock serialises engineMetrics. CometBFT registers its metrics with
// Prometheus's default registerer and offers no other way.
var metricsLock sync.Mutex

// engineMetrics makes CometBFT's metrics in reg, so that several nodes fit in
// one process (tests) and nothing global is left behind.
func engineMetrics(reg *prometheus.Registry, namespace string) cmtnode.MetricsProvider {
	return func(chainID string) (*cs.Metrics, *p2p.Metrics, *mempl.Metrics, *sm.Metrics, *proxy.Metrics, *bc.Metrics, *statesync.Metrics) {
		metricsLock.Lock()
		defer metricsLock.Unlock()
		defer func(was prometheus.Registerer) { prometheus.DefaultRegisterer = was }(prometheus.DefaultRegisterer)
		prometheus.DefaultRegisterer = reg
		return cmtnode.DefaultMetricsProvider(&cmtcfg.InstrumentationConfig{Prometheus: true, Namespace: namespace})(chainID)
	}
}
