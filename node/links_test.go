package node

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// stallable forwards TCP connections to a target. While it is stalled,
// connections stay open and carry nothing, and new ones are taken and carry
// nothing either: what a cut cable looks like to those who do not send.
type stallable struct {
	listener net.Listener
	target   string

	mu      sync.Mutex
	moving  *sync.Cond
	stalled bool
	conns   []net.Conn
	done    sync.WaitGroup
}

func newStallable(t *testing.T, target string) *stallable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &stallable{listener: l, target: target}
	s.moving = sync.NewCond(&s.mu)
	s.done.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			s.done.Go(func() { s.forward(in) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		s.set(false)
		s.mu.Lock()
		for _, c := range s.conns {
			_ = c.Close()
		}
		s.mu.Unlock()
		s.done.Wait()
	})
	return s
}

func (s *stallable) set(stalled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stalled = stalled
	s.moving.Broadcast()
}

func (s *stallable) forward(in net.Conn) {
	out, err := net.Dial("tcp", s.target)
	if err != nil {
		_ = in.Close()
		return
	}
	s.mu.Lock()
	s.conns = append(s.conns, in, out)
	s.mu.Unlock()
	pipe := func(to, from net.Conn) {
		defer to.Close()
		buf := make([]byte, 32<<10)
		for {
			n, err := from.Read(buf)
			s.mu.Lock()
			for s.stalled {
				s.moving.Wait()
			}
			s.mu.Unlock()
			if n > 0 {
				if _, err := to.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				if err != io.EOF {
					_ = from.Close()
				}
				return
			}
		}
	}
	s.done.Go(func() { pipe(in, out) })
	pipe(out, in)
}

// TestStalledLinkIsDroppedAndDialledAgain: CometBFT alone notices a link that
// is stalled, not closed, after one to two minutes.
func TestStalledLinkIsDroppedAndDialledAgain(t *testing.T) {
	var proxies []*stallable
	configs := network(t, 2, func(_ int, c *Config) {
		c.Consensus.DeadLink = Duration{time.Second}
		for i, p := range c.Consensus.Peers {
			s := newStallable(t, p[41:])
			proxies = append(proxies, s)
			c.Consensus.Peers[i] = p[:41] + s.listener.Addr().String()
		}
	})
	nodes := cluster(t, configs)
	capture(t, nodes[0], observation(t, 1))
	linked := func() bool { return len(nodes[0].engine.peers()) == 1 && len(nodes[1].engine.peers()) == 1 }
	eventually(t, "link up", linked)
	for _, p := range proxies {
		p.set(true)
	}
	eventually(t, "link dropped", func() bool { return len(nodes[0].engine.peers())+len(nodes[1].engine.peers()) == 0 })
	for _, p := range proxies {
		p.set(false)
	}
	eventually(t, "link up again", linked)
	capture(t, nodes[1], observation(t, 2))
	awaitRecords(t, nodes, 2)
}
