package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cometbft/cometbft/types"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/p2p"
	"github.com/waymark-ledger/waymark/trace"
)

// Deps are what a node is given from outside. Zero values are usable.
type Deps struct {
	Logger   *slog.Logger         // nil: made from Config.Log, to standard error
	Registry *prometheus.Registry // nil: a new one
	Version  string               // of the binary
	Context  context.Context      // until when New may go on with work that takes long; nil for ever
}

// Node is one node. Its fields are set by New and not changed after.
type Node struct {
	config  Config
	deps    Deps
	log     *slog.Logger
	started time.Time

	lock       *os.File
	genesis    *identity.Genesis
	ledger     *ledger.Ledger
	outbox     *p2p.Outbox
	app        *app
	engine     *engine
	host       *p2p.Host
	dispatcher *p2p.Dispatcher
	shelf      *shelf
	api        *api.API
	listener   net.Listener

	key      *identity.Key              // nil: this node captures nothing itself
	rulesets map[string]api.RulesetInfo // of this build, by name

	waiters    waiters
	settleMu   sync.Mutex // guards settleIDs
	settleIDs  []identity.Hash
	settleWake chan struct{}

	moved    atomic.Int64 // Unix nanoseconds of the last commit, by the clock
	running  atomic.Bool
	diskLow  atomic.Bool
	ready    chan struct{} // closed once
	stopping chan struct{} // closed when Run begins to stop
	closers  []func() error
}

// New opens the stores, checks them against each other, lets the engine replay
// what the ledger misses, and binds every listener but the engine's. A Node
// that is never run must be closed.
func New(c Config, d Deps) (_ *Node, err error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if c.Home, err = filepath.Abs(c.Home); err != nil { // the engine puts its root before a relative path
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if d.Registry == nil {
		d.Registry = prometheus.NewRegistry()
	}
	if d.Logger == nil {
		d.Logger = c.Log.logger(os.Stderr)
	}
	n := &Node{
		config: c, deps: d, log: d.Logger, started: time.Now(), rulesets: map[string]api.RulesetInfo{},
		waiters:    waiters{m: map[identity.Hash][]chan verdict{}},
		settleWake: make(chan struct{}, 1), ready: make(chan struct{}), stopping: make(chan struct{}),
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.close())
		}
	}()
	ctx := context.Background()
	if d.Context == nil {
		d.Context = ctx
	}
	c.Storage.paceGC()

	if n.genesis, err = c.readGenesis(); err != nil { // before the lock: a directory without a node is left as it is
		return nil, err
	}
	if n.lock, err = lockHome(c.lockFile()); err != nil {
		return nil, err
	}
	n.closers = append(n.closers, n.lock.Close)
	if n.key, err = c.unlock(); err != nil {
		return nil, fmt.Errorf("unlock the operating key: %w", err)
	}

	// The stores, whether they are whole and whether they agree.
	if err := c.examine(ctx, n.genesis.Network); err != nil {
		return nil, fmt.Errorf("start check: %w", err)
	}
	if n.ledger, err = c.openLedger(false, n.log); err != nil {
		return nil, err
	}
	n.closers = append(n.closers, n.ledger.Close)
	if err := c.ownGenesis(n.ledger, n.genesis.Network); err != nil {
		return nil, err
	}
	if err := n.ledger.InitGenesis(n.genesis); err != nil {
		return nil, err
	}
	if err := reindex(d.Context, n.ledger, n.genesis.Network, n.log); err != nil {
		return nil, err
	}
	store, err := openEngineStore(c.engineDir(), vfs.Default, c.Storage.EngineCacheBytes, false, n.log)
	if err != nil {
		return nil, err
	}
	n.closers = append(n.closers, func() error {
		if n.engine != nil {
			return n.engine.stop()
		}
		return store.close()
	})
	for _, tables := range []func(context.Context, bool, func(done, of uint64)) error{n.ledger.CheckTables, store.checkTables} {
		if err := tables(ctx, false, nil); err != nil {
			return nil, fmt.Errorf("start check: %w", err)
		}
	}
	if err := startCheck(ctx, n.ledger, store, n.genesis.Network, n.log); err != nil {
		return nil, err
	}
	if n.outbox, err = p2p.OpenOutbox(c.outboxDir(), nil, p2p.OutboxLimits{Items: c.P2P.OutboxEnvelopes, Bytes: c.P2P.OutboxBytes, Jobs: c.P2P.OutboxJobs}); err != nil {
		return nil, err
	}
	n.closers = append(n.closers, n.outbox.Close)

	// The application and its engine.
	r := rules{network: n.genesis.Network, memo: newMemo(c.Pool.CacheBytes)}
	if n.app, err = newApp(r, n.genesis, n.ledger, newPool(c.Pool), n.newGate(), c.Consensus.RetainBlocks, n.log); err != nil {
		return nil, err
	}
	if err := d.Registry.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "waymark", Name: "misbehaviour_total",
		Help: "Pieces of evidence against validators in blocks since the start."},
		func() float64 { return float64(n.app.misbehaved.Load()) })); err != nil {
		return nil, fmt.Errorf("register the metrics: %w", err)
	}
	for _, r := range n.app.rulesets {
		n.rulesets[r.Name()] = api.RulesetInfo(r.Info())
	}
	n.app.committed = n.onCommit
	blocks := &lightBlocks{}
	if n.shelf, err = newShelf(n.ledger, n.genesis, blocks.at, c.API.ContinuationTime.Duration, n.log); err != nil {
		return nil, err
	}
	n.closers = append(n.closers, n.shelf.close)
	n.app.decided = n.shelf.offer
	if n.engine, err = newEngine(ctx, &c, n.app, store, d.Registry, engineLogger(n.log, c.Log.Engine)); err != nil {
		return nil, err
	}
	blocks.engine = n.engine
	n.provesNow()
	n.app.gate.syncing = n.engine.syncing

	// Gossip, and the outbox it empties.
	peerKey, err := p2p.LoadKey(c.p2pKeyFile())
	if err != nil {
		return nil, err
	}
	n.host, err = p2p.New(p2p.Config{
		Key: peerKey, Listen: c.P2P.Listen, Announce: c.P2P.Announce, Peers: c.P2P.Peers, MDNS: c.P2P.MDNS,
		MaxPeers: c.P2P.MaxPeers, QueueBytes: int(c.P2P.QueueBytes),
		Network:  n.genesis.Network,
		Admit:    n.app.gate.admitsPeer,
		Validate: n.validate,
		Registry: d.Registry, Logger: n.log,
	})
	if err != nil {
		return nil, err
	}
	n.closers = append(n.closers, n.host.Close)
	n.dispatcher, err = p2p.NewDispatcher(p2p.DispatcherConfig{
		Outbox: n.outbox, Publish: n.publish, Joined: n.host.Joined(),
		Now:     func() int64 { return int64(n.app.seconds.Load()) },
		Judged:  func(id identity.Hash) bool { ok, err := n.ledger.EnvelopeJudged(id); return ok && err == nil },
		Expired: n.expired, First: c.P2P.RetryOutbox.Duration, Max: 5 * c.P2P.RetryOutbox.Duration,
		Registry: d.Registry, Logger: n.log,
	})
	if err != nil {
		return nil, err
	}

	// The door.
	n.api, err = api.New(api.Config{
		Backend: n, Keys: c.API.keys(), Version: d.Version, Logger: n.log, Registry: d.Registry,
		PublicMetrics: c.API.PublicMetrics,
		Limits:        c.API.limits(),
	})
	if err != nil {
		return nil, err
	}
	if n.listener, err = net.Listen("tcp", c.API.Listen); err != nil {
		return nil, fmt.Errorf("listen for the API (api.listen): %w", err)
	}
	n.closers = append(n.closers, func() error { return ignoreClosed(n.listener.Close()) })
	return n, nil
}

// Run serves until ctx is done or something fails for good, then stops
// everything in reverse order. It returns nil after a clean stop.
func (n *Node) Run(ctx context.Context) (err error) {
	failed := make(chan error, 8)
	var stops []func()
	part := func(name string, run func(context.Context) error) {
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := run(ctx); err != nil {
				failed <- fmt.Errorf("%s: %w", name, err)
			}
		}()
		stops = append(stops, func() { cancel(); <-done })
	}
	if err := n.engine.start(); err != nil {
		return errors.Join(err, n.close())
	}
	part("gossip", n.host.Run)
	part("outbox", n.settle)
	part("dispatcher", n.dispatcher.Run)
	part("watch", n.watch)
	part("api", n.serve)
	n.running.Store(true)
	n.log.Info("the node is up", "org", n.member().ID, "api", n.APIAddr(), "network", n.genesis.Network.String(), "height", n.ledger.Roots().Height)
	if missing := n.peersMissing(); len(missing) > 0 {
		n.log.Warn("others validate this network, and no peer of it is configured: this node hears only from nodes that dial it", "empty", strings.Join(missing, ","))
	}

	select {
	case <-ctx.Done():
	case err = <-failed:
	case <-n.engine.failed:
		err = n.engine.failure
	case <-n.engine.store.corrupt:
		err = n.engine.store.err()
	case <-n.ledger.Failed():
		err = fmt.Errorf("the ledger: %w", n.ledger.Err())
	}
	n.log.Info("the node stops", "height", n.ledger.Roots().Height)
	close(n.stopping)
	for _, stop := range slices.Backward(stops) {
		stop()
	}
	return errors.Join(err, n.close())
}

// Close releases a node that was never run.
func (n *Node) Close() error { return n.close() }

// close releases what New took, in reverse order.
func (n *Node) close() error {
	var errs []error
	for _, c := range slices.Backward(n.closers) {
		if err := c(); err != nil {
			errs = append(errs, err)
		}
	}
	n.closers = nil
	return errors.Join(errs...)
}

// serve is the API's part of Run.
func (n *Node) serve(ctx context.Context) error {
	server := n.api.Server() // with its limits: who reads no answer must not keep a snapshot
	done := make(chan error, 1)
	go func() { done <- server.Serve(n.listener) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), n.config.API.DrainTimeout.Duration)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		_ = server.Close() // requests that did not finish in time are cut
	}
	<-done
	return nil
}

// newGate reads who may connect.
func (n *Node) newGate() *gate {
	g := &gate{
		state: ledgerState{n.ledger}, log: n.log,
		configuredNodes: map[string]bool{}, configuredPeers: map[string]bool{},
	}
	for _, o := range n.genesis.Organisations {
		g.founders = append(g.founders, o.ID)
	}
	for _, p := range n.config.Consensus.Peers {
		g.configuredNodes[p[:min(40, len(p))]] = true
	}
	for _, p := range n.config.P2P.Peers {
		if id, err := p2p.PeerOf(p); err == nil { // the host has refused what is no address
			g.configuredPeers[id] = true
		}
	}
	return g
}

// peersMissing names the keys that would say where the other nodes are, and say
// nothing, in a network whose blocks need others.
func (n *Node) peersMissing() (keys []string) {
	own := n.engine.ownValidator().String()
	if !slices.ContainsFunc(n.engine.validators(), func(v *types.Validator) bool { return v.Address.String() != own }) {
		return nil
	}
	if len(n.config.Consensus.Peers) == 0 {
		keys = append(keys, "consensus.peers")
	}
	if len(n.config.P2P.Peers) == 0 {
		keys = append(keys, "p2p.peers")
	}
	return keys
}

// ledgerState is the ledger as the gate reads it.
type ledgerState struct{ *ledger.Ledger }

// AppHash names the state.
func (s ledgerState) AppHash() identity.Hash { return s.Roots().AppHash }

// member is the organisation whose operating key this node signs with, as it stands
// on the ledger; the zero one when it has no key, or nobody registered it yet.
func (n *Node) member() identity.Organisation {
	if n.key == nil {
		return identity.Organisation{}
	}
	organisation, err := keyHolder(n.ledger, n.key.Address())
	if err != nil {
		n.log.Error("cannot read whose node this is", "error", err)
	}
	return organisation
}

func keyHolder(state stateOf, address identity.Address) (identity.Organisation, error) {
	var none identity.Organisation
	raw, err := state.State(trace.Key{NS: trace.NSKey, ID: address.Hex()})
	if err != nil || raw == nil {
		return none, err
	}
	key, err := identity.DecodeKeyState(raw)
	if err != nil {
		return none, err
	}
	k, ok := key.At(now)
	if !ok {
		return none, nil
	}
	if raw, err = state.State(trace.Key{NS: trace.NSOrganisation, ID: k.Organisation}); err != nil || raw == nil {
		return none, err
	}
	o, err := identity.DecodeOrganisationState(raw)
	if err != nil {
		return none, err
	}
	standing, _ := o.At(now)
	return standing.Organisation, nil
}

// Ready is closed when the node serves and has caught up for the first time.
func (n *Node) Ready() <-chan struct{} { return n.ready }

// APIAddr is the host:port the API listens on.
func (n *Node) APIAddr() string { return n.listener.Addr().String() }

// PeerAddrs are the multiaddresses, with /p2p/ID, of the libp2p host.
func (n *Node) PeerAddrs() []string { return n.host.Addrs() }

// EngineAddr is "nodeid@host:port" of CometBFT's p2p.
func (n *Node) EngineAddr() string { return n.engine.listenAddr(&n.config) }

// Backend is the node as its API sees it.
func (n *Node) Backend() api.Backend { return n }

func ignoreClosed(err error) error {
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
