package p2p

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/waymark-ledger/waymark/identity"
)

// Decision is what validation says of one wire.
type Decision int

const (
	// Ignore drops the wire without blame. It is the answer to what an honest
	// peer may send: a known envelope, or one that this node cannot judge yet
	// because its state differs from the sender's.
	Ignore Decision = iota
	// Accept forwards and delivers the wire.
	Accept
	// Reject drops the whole message and lowers the sender's score. It is the
	// answer only to what no honest node would ever have sent.
	Reject
)

// Config is what a Host needs. Key, Listen, Admit and Validate are required;
// every other zero value stands for the default that is named.
type Config struct {
	// Key is the node's own libp2p key. See [LoadOrCreateKey].
	Key crypto.PrivKey
	// Listen are the multiaddrs to listen on, such as /ip4/0.0.0.0/tcp/4001.
	Listen []string
	// Announce are the multiaddrs that peers are told, and nothing else is told
	// them. Empty: the listening addresses.
	Announce []string
	// Peers are the full multiaddrs, each ending in /p2p/ID, of the peers that
	// are kept connected. A peer may be named more than once. No peer is ever
	// dialled at another address.
	Peers []string
	// Network keeps the gossip of networks apart.
	Network identity.Network

	// Admit alone decides which peer ids may connect, in either direction, configured peers
	// included. It is asked for every connection, and again every few seconds of
	// each connected peer: who is no longer admitted is disconnected. It is
	// called by several goroutines.
	Admit func(id string) bool
	// Validate judges one wire that a peer sent, which is the callee's to keep.
	// It is called by several goroutines, once for each message a wire comes in,
	// and never for what this node published. Of a wire that it accepts, deliver
	// takes it in, once every wire of the message is judged and none rejected.
	// One goroutine calls what is to be delivered, in order. While one blocks,
	// messages queue and at last are dropped; their authors gossip again.
	Validate func(ctx context.Context, wire []byte) (d Decision, deliver func())

	// MDNS looks for members on the local network. They pass the same gate.
	MDNS bool

	// BatchBytes is how many bytes of wires are gathered into one message
	// (64 KiB). A wire larger than that travels alone.
	BatchBytes int
	// BatchDelay is the least time between two messages (5 ms), and what is
	// published in between is gathered. It counts once for each wire of the
	// message before, up to BatchDelayMax (25 ms): a busy node sends few large
	// messages, and after a quiet while a wire goes out at once.
	BatchDelay, BatchDelayMax time.Duration
	// QueueBytes is how much may wait to be published (16 MiB).
	QueueBytes int

	// RedialMin and RedialMax bound the jittered pause between two attempts to
	// reach a peer (200 ms, 2 s).
	RedialMin, RedialMax time.Duration
	// DialTimeout bounds one attempt, handshakes included (3 s).
	DialTimeout time.Duration
	// LinkTimeout is how long a connection may stay silent after it was probed,
	// before it is given up (3.5 s). Probes are sent after 1.5 s of silence.
	LinkTimeout time.Duration
	// MaxPeers is how many peers may be connected (64).
	MaxPeers int

	// Registry takes the host's metrics. Nil: they are not registered.
	Registry prometheus.Registerer
	// Logger (slog.Default()).
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	setDefault(&c.BatchBytes, 64<<10)
	setDefault(&c.BatchDelay, 5*time.Millisecond)
	setDefault(&c.BatchDelayMax, max(25*time.Millisecond, c.BatchDelay))
	setDefault(&c.QueueBytes, 16<<20)
	setDefault(&c.RedialMin, 200*time.Millisecond)
	setDefault(&c.RedialMax, 2*time.Second)
	setDefault(&c.DialTimeout, 3*time.Second)
	setDefault(&c.LinkTimeout, 3500*time.Millisecond)
	setDefault(&c.MaxPeers, 64)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func setDefault[T comparable](v *T, d T) {
	var zero T
	if *v == zero {
		*v = d
	}
}

// check reports every mistake at once.
func (c Config) check() error {
	var errs []error
	need := func(ok bool, what string) {
		if !ok {
			errs = append(errs, errors.New(what))
		}
	}
	need(c.Key != nil, "Key is missing")
	need(len(c.Listen) > 0, "Listen is empty")
	need(c.Admit != nil, "Admit is missing")
	need(c.Validate != nil, "Validate is missing")
	need(c.BatchBytes > 0 && c.BatchBytes <= MaxWireBytes, fmt.Sprintf("BatchBytes must be in 1..%d", MaxWireBytes))
	need(c.QueueBytes >= MaxWireBytes, fmt.Sprintf("QueueBytes must be at least %d", MaxWireBytes))
	need(c.BatchDelay > 0 && c.BatchDelayMax >= c.BatchDelay, "BatchDelay must be positive and not above BatchDelayMax")
	need(c.DialTimeout > 0 && c.LinkTimeout > 0 && c.RedialMin > 0 && c.RedialMax >= c.RedialMin && c.MaxPeers > 0,
		"durations and MaxPeers must be positive, and RedialMax not below RedialMin")
	if _, err := parseAddrs(c.Listen); err != nil {
		errs = append(errs, fmt.Errorf("setting Listen: %w", err))
	}
	if _, err := parseAddrs(c.Announce); err != nil {
		errs = append(errs, fmt.Errorf("setting Announce: %w", err))
	}
	if _, err := parsePeers(c.Peers); err != nil {
		errs = append(errs, fmt.Errorf("Peers: %w", err))
	}
	return errors.Join(errs...)
}

func parseAddrs(texts []string) ([]ma.Multiaddr, error) {
	var addrs []ma.Multiaddr
	for _, s := range texts {
		a, err := ma.NewMultiaddr(s)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", s, err)
		}
		addrs = append(addrs, a)
	}
	return addrs, nil
}

// parsePeers gathers the addresses of each peer.
func parsePeers(texts []string) (map[peer.ID][]ma.Multiaddr, error) {
	peers := make(map[peer.ID][]ma.Multiaddr)
	for _, s := range texts {
		info, err := peer.AddrInfoFromString(s)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", s, err)
		}
		if len(info.Addrs) == 0 {
			return nil, fmt.Errorf("%q: no address before /p2p/", s)
		}
		peers[info.ID] = append(peers[info.ID], info.Addrs...)
	}
	return peers, nil
}

// PeerOf is the peer id that a multiaddress of Peers ends in.
func PeerOf(address string) (id string, err error) {
	info, err := peer.AddrInfoFromString(address)
	if err != nil {
		return "", fmt.Errorf("peer address %q: %w", address, err)
	}
	return info.ID.String(), nil
}
