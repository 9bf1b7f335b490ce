package node

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/p2p/conn"
	tmp2p "github.com/cometbft/cometbft/proto/tendermint/p2p"
)

// linkChannel carries the beats of links. CometBFT's own channels end below 0x70.
const linkChannel = byte(0x70)

// links keeps CometBFT's connections alive and honest. Its ping runs once a
// minute with a pong due in 45 s, and a lost persistent peer is dialled every
// 5 to 8 s, then ever more rarely; both are constants there. A link that is
// stalled, not closed, would so halt a network for minutes. This reactor sends
// a beat over every link, drops a peer from which nothing came for a while,
// and dials the configured peers that are not connected at a steady pace.
type links struct {
	p2p.BaseReactor
	peers  map[p2p.ID]string // configured, not ourselves: id to id@host:port
	period time.Duration     // between dials and between beats
	dead   time.Duration     // silence after which a peer is dropped
	admits func(id string) bool
	log    *slog.Logger

	mu    sync.Mutex // protects heard
	heard map[p2p.ID]time.Time

	done sync.WaitGroup
}

var (
	errSilent   = errors.New("the link is silent")
	errStranger = errors.New("it is no member's node any more")
)

func newLinks(peers []string, self p2p.ID, period, dead time.Duration, admits func(id string) bool, log *slog.Logger) *links {
	l := &links{
		peers: map[p2p.ID]string{}, period: period, dead: dead, admits: admits, log: log,
		heard: map[p2p.ID]time.Time{},
	}
	for _, p := range peers {
		id, _, _ := strings.Cut(p, "@")
		if p2p.ID(id) != self {
			l.peers[p2p.ID(id)] = p
		}
	}
	l.BaseReactor = *p2p.NewBaseReactor("Links", l)
	return l
}

func (l *links) GetChannels() []*conn.ChannelDescriptor {
	return []*conn.ChannelDescriptor{{
		ID:                  linkChannel,
		Priority:            10,
		SendQueueCapacity:   4,
		RecvMessageCapacity: 64,
		MessageType:         &tmp2p.PacketPing{},
	}}
}

func (l *links) OnStart() error {
	l.done.Go(l.watch)
	return nil
}

// OnStop does not wait: the switch stops its reactors before its peers, and a
// dial in progress ends with them. [links.wait] does.
func (l *links) OnStop() {}

func (l *links) wait() { l.done.Wait() }

func (l *links) AddPeer(p p2p.Peer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard[p.ID()] = time.Now()
}

func (l *links) RemovePeer(p p2p.Peer, _ any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.heard, p.ID())
}

func (l *links) Receive(e p2p.Envelope) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard[e.Src.ID()] = time.Now()
}

func (l *links) watch() {
	dialling := make(map[p2p.ID]*atomic.Bool, len(l.peers))
	for id := range l.peers {
		dialling[id] = &atomic.Bool{}
	}
	for {
		// The jitter keeps two nodes from dialling each other in step, each
		// dropping the other's connection for its own.
		select {
		case <-l.Quit():
			return
		case <-time.After(l.period/2 + rand.N(l.period)):
		}
		l.beat()
		for id, addr := range l.peers {
			if l.Switch.Peers().Has(id) || !dialling[id].CompareAndSwap(false, true) {
				continue
			}
			l.done.Go(func() {
				defer dialling[id].Store(false)
				if err := l.dial(addr); err != nil {
					l.log.Debug("cannot reach a consensus peer", "peer", string(id), "error", err)
				}
			})
		}
	}
}

// dial resolves the address each time: a name may move.
func (l *links) dial(addr string) error {
	at, err := p2p.NewNetAddressString(addr)
	if err != nil {
		return err
	}
	if l.Switch.IsDialingOrExistingAddress(at) {
		return nil
	}
	return l.Switch.DialPeerWithAddress(at)
}

// beat sends one on every link, and drops the peers that have gone silent, and
// those whose organisation is no active member any more.
func (l *links) beat() {
	now := time.Now()
	for _, p := range l.Switch.Peers().Copy() {
		p.TrySend(p2p.Envelope{ChannelID: linkChannel, Message: &tmp2p.PacketPing{}})
		l.mu.Lock()
		at, ok := l.heard[p.ID()]
		l.mu.Unlock()
		if silent := now.Sub(at); ok && silent > l.dead {
			l.log.Info("dropping a silent consensus peer", "peer", string(p.ID()), "silent", silent.Round(time.Millisecond))
			l.Switch.StopPeerForError(p, errSilent)
		} else if !l.admits(string(p.ID())) {
			l.log.Warn("dropping a consensus peer", "peer", string(p.ID()), "reason", errStranger)
			l.Switch.StopPeerForError(p, errStranger)
		}
	}
}
