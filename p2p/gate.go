package p2p

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/prometheus/client_golang/prometheus"
)

// gate lets members in and out, and nobody else. A peer is judged when its key
// is proved: before a dial, and after the handshake of either direction, before
// any stream is opened.
type gate struct {
	admit   func(id string) bool
	refused *prometheus.CounterVec
	logger  *slog.Logger
	open    atomic.Bool // set by Run: nobody passes before the node can serve

	mu     sync.Mutex
	logged map[peer.ID]time.Time // when a refusal of the peer was last logged
}

// A stranger that knocks all day may not fill the log or the memory.
const (
	refusalLogEvery = time.Minute
	refusalLogPeers = 1024
)

func (g *gate) check(p peer.ID, direction string, addr ma.Multiaddr) bool {
	if !g.open.Load() {
		return false
	}
	if g.admit(p.String()) {
		return true
	}
	g.refused.WithLabelValues(direction).Inc()
	g.log(p, direction, addr)
	return false
}

func (g *gate) log(p peer.ID, direction string, addr ma.Multiaddr) {
	now := time.Now()
	g.mu.Lock()
	last, known := g.logged[p]
	quiet := known && now.Sub(last) < refusalLogEvery
	if !quiet {
		if len(g.logged) >= refusalLogPeers {
			clear(g.logged)
		}
		g.logged[p] = now
	}
	g.mu.Unlock()
	if quiet {
		return
	}
	attrs := []any{"peer", p.String(), "direction", direction, "reason", "not an admitted member"}
	if addr != nil {
		attrs = append(attrs, "addr", addr.String())
	}
	g.logger.Warn("peer refused", attrs...)
}

func (g *gate) InterceptPeerDial(p peer.ID) bool { return g.check(p, "outbound", nil) }

// InterceptAddrDial allows every address: the address book holds configured
// ones only.
func (g *gate) InterceptAddrDial(peer.ID, ma.Multiaddr) bool { return true }

func (g *gate) InterceptAccept(network.ConnMultiaddrs) bool { return g.open.Load() }

func (g *gate) InterceptSecured(d network.Direction, p peer.ID, c network.ConnMultiaddrs) bool {
	direction := "outbound"
	if d == network.DirInbound {
		direction = "inbound"
	}
	return g.check(p, direction, c.RemoteMultiaddr())
}

func (g *gate) InterceptUpgraded(network.Conn) (bool, control.DisconnectReason) { return true, 0 }
