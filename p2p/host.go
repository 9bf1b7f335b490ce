package p2p

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	pubsub "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/net/connmgr"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ma "github.com/multiformats/go-multiaddr"
)

// Host is a node's place in the network: TCP, Noise and yamux, no discovery
// but mDNS when it is asked for, no relay, no NAT traversal.
type Host struct {
	config  Config
	host    host.Host
	gate    *gate
	links   *links
	gossip  *gossip
	sender  *sender
	metrics *metrics

	stopGossip context.CancelFunc
	joined     chan struct{}
	closing    sync.Once
	closeErr   error

	mu     sync.Mutex
	scores map[peer.ID]float64 // as gossipsub last told them
}

// PeerInfo describes a connected peer.
type PeerInfo struct {
	ID         peer.ID
	Addr       string    // of the remote end of its oldest connection
	Inbound    bool      // who dialled that one
	Since      time.Time // when that one opened
	Configured bool      // kept connected by this node
	Gossiping  bool      // has joined the envelope topic
	Score      float64   // gossip score; see graylisting in the package's gossip
}

// New listens, but nobody is let in before Run. A Host that will not be run
// must be closed.
func New(c Config) (*Host, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("configuration of the p2p host: %w", err)
	}
	peers, err := parsePeers(c.Peers)
	if err != nil {
		return nil, err
	}
	id, err := PeerID(c.Key)
	if err != nil {
		return nil, err
	}
	book, err := newAddressBook(id)
	if err != nil {
		return nil, fmt.Errorf("create the address book: %w", err)
	}
	m := newMetrics()
	h := &Host{config: c, metrics: m, joined: make(chan struct{}, 1)}
	h.gate = &gate{admit: c.Admit, refused: m.refused, logger: c.Logger}
	if h.host, err = newLibp2p(c, book, h.gate); err != nil {
		return nil, fmt.Errorf("start libp2p (p2p.listen): %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background()) // ended by Close
	h.stopGossip = cancel
	if h.gossip, err = newGossip(ctx, h.host, c, m, h.keepScores); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	h.sender = newSender(c, h.gossip.send)
	h.links = newLinks(h.host, book, c, m)
	h.links.set(peers)
	if err := m.register(c.Registry, func() float64 { return float64(len(h.host.Network().Peers())) }); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// newLibp2p makes a host of one transport, one handshake and one multiplexer.
func newLibp2p(c Config, book *addressBook, g *gate) (host.Host, error) {
	announce, err := parseAddrs(c.Announce)
	if err != nil {
		return nil, err
	}
	conns, err := connmgr.NewConnManager(c.MaxPeers, c.MaxPeers+c.MaxPeers/4, connmgr.WithGracePeriod(10*time.Second))
	if err != nil {
		return nil, err
	}
	limits := rcmgr.DefaultLimits
	libp2p.SetDefaultServiceLimits(&limits)
	resources, err := rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits.AutoScale()),
		rcmgr.WithMetricsDisabled(),
		// Members may sit behind one address; strangers fall at the gate.
		rcmgr.WithLimitPerSubnet(
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 32, ConnCount: 4 * c.MaxPeers}},
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 56, ConnCount: 4 * c.MaxPeers}}))
	if err != nil {
		return nil, errors.Join(err, conns.Close())
	}
	h, err := libp2p.New(
		libp2p.Identity(c.Key),
		libp2p.Peerstore(book),
		libp2p.ListenAddrStrings(c.Listen...),
		libp2p.AddrsFactory(func(listening []ma.Multiaddr) []ma.Multiaddr {
			if len(announce) > 0 {
				return announce
			}
			return listening
		}),
		// Without port reuse a dial leaves from a port of its own, and so a link
		// is one connection to one address that can be cut by itself.
		libp2p.Transport(tcp.NewTCPTransport, tcp.DisableReuseport(), tcp.WithConnectionTimeout(c.DialTimeout)),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, muxer(c)),
		libp2p.ConnectionGater(g),
		libp2p.ConnectionManager(conns),
		libp2p.ResourceManager(resources),
		libp2p.WithDialTimeout(c.DialTimeout),
		libp2p.SwarmOpts(swarm.WithDialTimeoutLocal(c.DialTimeout), swarm.WithDialRanker(swarm.NoDelayDialRanker)),
		libp2p.DisableRelay(),
		libp2p.ForceReachabilityPublic(), // asks nobody: no AutoNAT
		libp2p.DisableIdentifyAddressDiscovery(),
		libp2p.DisableMetrics(),
		libp2p.Ping(true),
		libp2p.UserAgent("waymark"),
	)
	if err != nil {
		return nil, errors.Join(err, conns.Close(), resources.Close())
	}
	return h, nil
}

// muxer is yamux with probes quick enough to notice a link that swallows bytes
// without closing: a stalled proxy, a stopped process, a pulled cable. Each
// connection is probed after a silence of probeAfter.
func muxer(c Config) *yamux.Transport {
	t := *yamux.DefaultTransport
	t.EnableKeepAlive = true
	t.KeepAliveInterval = min(probeAfter, c.LinkTimeout/2)
	t.ConnectionWriteTimeout = c.LinkTimeout // of a probe's answer as well as of a write
	return &t
}

const probeAfter = 1500 * time.Millisecond

// Run keeps links and gossips until ctx ends, then closes the host. It returns
// nil when it was asked to stop.
func (h *Host) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer wg.Wait()
	defer cancel()
	if h.config.MDNS {
		stop, err := h.startMDNS()
		if err != nil {
			return errors.Join(err, h.Close())
		}
		defer stop()
	}
	h.gate.open.Store(true)
	wg.Go(func() { h.links.run(ctx) })
	wg.Go(func() { h.gossip.runDelivery(ctx) })
	wg.Go(func() { h.sender.run(ctx) })
	wg.Go(func() { h.watchJoins(ctx) })
	wg.Go(func() { h.watchPeers(ctx) })
	h.config.Logger.Info("p2p host runs", "peer", h.ID().String(), "addrs", h.Addrs())
	<-ctx.Done()
	h.gate.open.Store(false)
	return h.Close()
}

// Close ends every connection. Run does it by itself.
func (h *Host) Close() error {
	h.closing.Do(func() {
		h.stopGossip()
		if err := h.host.Close(); err != nil {
			h.closeErr = fmt.Errorf("close the p2p host: %w", err)
		}
	})
	return h.closeErr
}

// Publish queues a wire for gossip, and returns ErrQueueFull when there is no
// room. The wire must not change afterwards. A message whose wires and attempt
// peers have seen in the last two minutes does not reach them again: whoever
// publishes a wire again raises attempt.
func (h *Host) Publish(wire []byte, attempt uint32) error { return h.sender.publish(wire, attempt) }

// Joined is signalled, once for any number of them, when peers became
// reachable by gossip.
func (h *Host) Joined() <-chan struct{} { return h.joined }

// SetPeers replaces the configured peers, in the form of Config.Peers.
func (h *Host) SetPeers(addrs []string) error {
	peers, err := parsePeers(addrs)
	if err != nil {
		return fmt.Errorf("set the peers: %w", err)
	}
	h.links.set(peers)
	return nil
}

// Disconnect closes every connection to a peer. A configured peer that is
// still admitted is dialled again.
func (h *Host) Disconnect(p peer.ID) error {
	if err := h.host.Network().ClosePeer(p); err != nil {
		return fmt.Errorf("disconnect %s: %w", p, err)
	}
	return nil
}

// ID is the host's peer id.
func (h *Host) ID() peer.ID { return h.host.ID() }

// Addrs are the announced addresses, each ending in /p2p/ID.
func (h *Host) Addrs() []string {
	var out []string
	for _, a := range h.host.Addrs() {
		out = append(out, a.String()+"/p2p/"+h.ID().String())
	}
	return out
}

// Peers lists the connected peers by id.
func (h *Host) Peers() []PeerInfo {
	gossiping := h.gossiping()
	var out []PeerInfo
	for _, p := range h.host.Network().Peers() {
		conns := h.host.Network().ConnsToPeer(p)
		if len(conns) == 0 {
			continue
		}
		first := conns[0]
		for _, c := range conns[1:] {
			if c.Stat().Opened.Before(first.Stat().Opened) {
				first = c
			}
		}
		h.mu.Lock()
		score := h.scores[p]
		h.mu.Unlock()
		out = append(out, PeerInfo{
			ID: p, Addr: first.RemoteMultiaddr().String(), Inbound: first.Stat().Direction == network.DirInbound, Since: first.Stat().Opened,
			Configured: h.links.keeps(p), Gossiping: gossiping[p], Score: score,
		})
	}
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID })
	return out
}

func (h *Host) gossiping() map[peer.ID]bool {
	out := make(map[peer.ID]bool)
	for _, p := range h.gossip.topic.ListPeers() {
		out[p] = true
	}
	return out
}

// keepScores is called by gossipsub every second.
func (h *Host) keepScores(scores map[peer.ID]float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for p, score := range scores {
		if score < graylistScore && h.scores[p] >= graylistScore {
			h.config.Logger.Warn("peer graylisted", "peer", p.String(), "score", score)
		}
	}
	h.scores = scores
}

func (h *Host) watchJoins(ctx context.Context) {
	defer h.gossip.events.Cancel()
	for {
		e, err := h.gossip.events.NextPeerEvent(ctx)
		if err != nil {
			return
		}
		if e.Type == pubsub.PeerJoin {
			notify(h.joined)
		}
	}
}

// How often connected peers are looked at, and how long a peer may be
// connected without having joined the topic.
const (
	watchEvery = 2 * time.Second
	joinWithin = 6 * time.Second
)

// watchPeers disconnects those whose admission ended, and those with whom
// gossip did not come up: gossipsub gives up on a peer whose stream broke a
// few times while a connection stayed, and only a new one starts it afresh.
func (h *Host) watchPeers(ctx context.Context) {
	for sleep(ctx, watchEvery) {
		gossiping := h.gossiping()
		for _, p := range h.host.Network().Peers() {
			switch {
			case !h.config.Admit(p.String()):
				h.config.Logger.Warn("peer disconnected", "peer", p.String(), "reason", "no longer admitted")
			case !gossiping[p] && h.connectedFor(p) > joinWithin:
				h.config.Logger.Warn("peer disconnected", "peer", p.String(), "reason", "connected but not gossiping")
			default:
				continue
			}
			h.host.Network().ClosePeer(p)
		}
	}
}

func (h *Host) connectedFor(p peer.ID) time.Duration {
	var oldest time.Duration
	for _, c := range h.host.Network().ConnsToPeer(p) {
		oldest = max(oldest, time.Since(c.Stat().Opened))
	}
	return oldest
}
