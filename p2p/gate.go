package p2p

import (
	"log/slog"
	"sync/atomic"

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
	told    Refusals
}

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
	if !g.told.Tell(p.String()) {
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
