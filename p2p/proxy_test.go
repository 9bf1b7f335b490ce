package p2p

import (
	"fmt"
	"net"
	"sync"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
)

// proxy is one direction of dialling between two hosts that can be cut.
type proxy struct {
	listener net.Listener
	wg       sync.WaitGroup

	mu     sync.Mutex
	target string
	mode   proxyMode
	conns  map[net.Conn]struct{}
	open   *sync.Cond // signalled when the mode changes
}

type proxyMode int

const (
	pass  proxyMode = iota
	sever           // connections are closed, new ones too
	stall           // connections stay and nothing moves
	ended
)

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: target, conns: make(map[net.Conn]struct{})}
	p.open = sync.NewCond(&p.mu)
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.set(ended)
		p.wg.Wait()
	})
	return p
}

// multiaddr is where a peer with this id is reached through the proxy.
func (p *proxy) multiaddr(id peer.ID) string {
	a := p.listener.Addr().(*net.TCPAddr)
	return fmt.Sprintf("/ip4/%s/tcp/%d/p2p/%s", a.IP, a.Port, id)
}

// lead changes the target of new connections.
func (p *proxy) lead(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

func (p *proxy) set(m proxyMode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = m
	if m == sever || m == ended {
		for c := range p.conns {
			c.Close()
		}
		clear(p.conns)
	}
	p.open.Broadcast()
}

func (p *proxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.wg.Go(func() { p.link(in) })
	}
}

func (p *proxy) link(in net.Conn) {
	defer in.Close()
	if !p.passing(in) {
		return
	}
	p.mu.Lock()
	target := p.target
	p.mu.Unlock()
	out, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer out.Close()
	if !p.passing(out) {
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() { p.pump(in, out) })
	wg.Go(func() { p.pump(out, in) })
	wg.Wait()
}

// passing waits while the proxy stalls. It returns false when the connection
// has to go.
func (p *proxy) passing(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = struct{}{}
	for p.mode == stall {
		p.open.Wait()
	}
	_, kept := p.conns[c]
	return kept && p.mode == pass
}

func (p *proxy) pump(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if !p.passing(from) {
			return
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
