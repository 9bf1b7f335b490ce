package p2p

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// links keeps the peers it was given connected: one goroutine for each, which
// dials until there is a connection and sleeps until it is lost.
type links struct {
	host     host.Host
	book     *addressBook
	min, max time.Duration
	dial     time.Duration
	metrics  *metrics
	logger   *slog.Logger

	mu      sync.Mutex
	ctx     context.Context // nil until run
	wg      sync.WaitGroup
	keepers map[peer.ID]*keeper
}

type keeper struct {
	addrs  []ma.Multiaddr
	wake   chan struct{} // the last connection to the peer ended
	cancel context.CancelFunc
}

func newLinks(h host.Host, book *addressBook, c Config, m *metrics) *links {
	l := &links{
		host: h, book: book, min: c.RedialMin, max: c.RedialMax, dial: c.DialTimeout,
		metrics: m, logger: c.Logger, keepers: make(map[peer.ID]*keeper),
	}
	h.Network().Notify(&network.NotifyBundle{
		DisconnectedF: func(n network.Network, c network.Conn) {
			if n.Connectedness(c.RemotePeer()) == network.Connected {
				return
			}
			m.linksLost.Inc()
			l.mu.Lock()
			k := l.keepers[c.RemotePeer()]
			l.mu.Unlock()
			if k != nil {
				notify(k.wake)
			}
		},
	})
	return l
}

// run starts the keepers and waits for them after ctx ended.
func (l *links) run(ctx context.Context) {
	l.mu.Lock()
	l.ctx = ctx
	for p, k := range l.keepers {
		l.start(p, k)
	}
	l.mu.Unlock()
	<-ctx.Done()
	l.mu.Lock()
	l.ctx = nil // no keeper starts between here and Wait
	l.mu.Unlock()
	l.wg.Wait()
}

// start is called with mu held.
func (l *links) start(p peer.ID, k *keeper) {
	if l.ctx == nil || l.ctx.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(l.ctx)
	k.cancel = cancel
	l.wg.Go(func() { l.keep(ctx, p, k.wake) })
}

// set replaces the peers that are kept. A peer that is not named any more is
// disconnected.
func (l *links) set(peers map[peer.ID][]ma.Multiaddr) {
	l.mu.Lock()
	var gone []peer.ID
	for p, k := range l.keepers {
		if _, ok := peers[p]; !ok {
			gone = append(gone, p)
			l.drop(p, k)
		}
	}
	for p, addrs := range peers {
		l.addLocked(p, addrs)
	}
	l.mu.Unlock()
	for _, p := range gone {
		l.host.Network().ClosePeer(p)
	}
}

// add keeps one more peer.
func (l *links) add(p peer.ID, addrs []ma.Multiaddr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.addLocked(p, addrs)
}

func (l *links) addLocked(p peer.ID, addrs []ma.Multiaddr) {
	if p == l.host.ID() {
		return
	}
	if k := l.keepers[p]; k != nil {
		if sameAddrs(k.addrs, addrs) {
			return
		}
		l.drop(p, k)
	}
	l.book.setPeer(p, addrs)
	k := &keeper{addrs: addrs, wake: make(chan struct{}, 1)}
	l.keepers[p] = k
	l.start(p, k)
}

// drop is called with mu held.
func (l *links) drop(p peer.ID, k *keeper) {
	if k.cancel != nil {
		k.cancel()
	}
	l.book.setPeer(p, nil)
	delete(l.keepers, p)
}

func sameAddrs(a, b []ma.Multiaddr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}

// keeps says whether a peer is one of those kept connected.
func (l *links) keeps(p peer.ID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keepers[p] != nil
}

func (l *links) keep(ctx context.Context, p peer.ID, wake <-chan struct{}) {
	// Two peers that know each other would dial at the same moment and end with
	// two connections. The one with the greater id gives the other a head start.
	var lead time.Duration
	if bytes.Compare([]byte(l.host.ID()), []byte(p)) > 0 {
		lead = l.min
	}
	logger := l.logger.With("peer", p.String())
	pause, failed := l.min, false
	if !sleep(ctx, lead) {
		return
	}
	for ctx.Err() == nil {
		if l.host.Network().Connectedness(p) == network.Connected {
			began := time.Now()
			select {
			case <-ctx.Done():
				return
			case <-wake:
			}
			// One that never lasts is dialled as rarely as one that is not reached.
			if time.Since(began) > l.max {
				pause, failed = l.min, false
			}
			if !sleep(ctx, lead+jitter(pause)) {
				return
			}
			pause = min(2*pause, l.max)
			continue
		}
		err := l.reach(ctx, p)
		if err == nil {
			err = l.stays(ctx, p)
		}
		if err == nil {
			logger.Info("peer connected")
			continue
		}
		if !failed && ctx.Err() == nil {
			logger.Warn("peer not reached, will keep trying", "err", err)
			failed = true
		}
		if !sleep(ctx, jitter(pause)) {
			return
		}
		pause = min(2*pause, l.max)
	}
}

// reach dials a peer once, at its configured addresses.
func (l *links) reach(ctx context.Context, p peer.ID) error {
	l.metrics.dials.Inc()
	ctx, cancel := context.WithTimeout(ctx, l.dial)
	defer cancel()
	// A forced dial passes over the swarm's own backoff, which grows to minutes:
	// the pause between our attempts is bounded instead.
	ctx = network.WithForceDirectDial(ctx, "keep connected")
	return l.host.Connect(ctx, peer.AddrInfo{ID: p})
}

// errTurnedAway is what a host sees whom the other one's gate refuses: it judges after the
// handshake, when this side has a connection already.
var errTurnedAway = errors.New("it ended the connection at once: is this node's organisation an active member there?")

// stays says whether a connection outlasts the other side's gate.
func (l *links) stays(ctx context.Context, p peer.ID) error {
	if sleep(ctx, l.min) && l.host.Network().Connectedness(p) != network.Connected {
		return errTurnedAway
	}
	return ctx.Err()
}

// jitter is a random duration in [d/2, d).
func jitter(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

// sleep returns false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
