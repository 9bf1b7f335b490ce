package node

import (
	"context"
	"errors"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/waymark-ledger/waymark/api"
)

// Deps are what a node is given from outside. Zero values are usable.
type Deps struct {
	Logger   *slog.Logger         // nil: made from Config.Log, to standard error
	Registry *prometheus.Registry // nil: a new one
	Version  string               // of the binary
}

// Node is one running node.
type Node struct{}

// New opens the stores, checks them against each other, starts the engine's
// handshake and binds every listener. A Node that is never run must be closed.
func New(c Config, d Deps) (*Node, error) { return nil, errors.New("node: not wired") }

// Run serves until ctx is done or something fails for good, then stops
// everything in reverse order. It returns nil after a clean stop.
func (n *Node) Run(ctx context.Context) error { return errors.New("node: not wired") }

// Close releases a node that was never run.
func (n *Node) Close() error { return nil }

// Ready is closed when the node serves and has caught up for the first time.
func (n *Node) Ready() <-chan struct{} { return nil }

// APIAddr is the host:port the API listens on.
func (n *Node) APIAddr() string { return "" }

// PeerAddrs are the multiaddresses, with /p2p/ID, of the libp2p host.
func (n *Node) PeerAddrs() []string { return nil }

// EngineAddr is "nodeid@host:port" of CometBFT's p2p.
func (n *Node) EngineAddr() string { return "" }

// Backend is the node as its API sees it.
func (n *Node) Backend() api.Backend { return nil }
