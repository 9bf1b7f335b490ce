package testnet

import (
	"fmt"
	"slices"
	"sync"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// links are the proxies between the nodes.
type links struct {
	mu      sync.Mutex
	proxies []*toxiproxy.Proxy // beside layout.Links
	links   []link
	cut     map[[2]string]bool // unordered pairs, smaller name first
}

// openLinks starts every proxy. The server is only where toxiproxy keeps its
// proxies' metrics: it does not listen.
func openLinks(all []link) (*links, error) {
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	l := &links{links: all, cut: map[[2]string]bool{}}
	for _, link := range all {
		name := link.From + ">" + link.To + "/" + link.Network
		p := toxiproxy.NewProxy(server, name, loopback(link.Port), loopback(link.Target))
		if err := p.Start(); err != nil {
			l.close()
			return nil, fmt.Errorf("proxy %s on port %d: %w", name, link.Port, err)
		}
		l.proxies = append(l.proxies, p)
	}
	return l, nil
}

func pair(a, b string) [2]string { return [2]string{min(a, b), max(a, b)} }

// sever cuts every link between the two groups, both ways, on both networks.
// Cuts add up.
func (l *links) sever(a, b []string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, x := range a {
		for _, y := range b {
			l.cut[pair(x, y)] = true
		}
	}
	return l.apply()
}

// heal restores every link.
func (l *links) heal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.cut)
	return l.apply()
}

// apply makes each proxy what the cuts say. The address that a node announces
// to everybody is open only while none of its links is cut, or a peer that
// learned it would go round the cut.
func (l *links) apply() error {
	for i, p := range l.proxies {
		severed := l.cut[pair(l.links[i].From, l.links[i].To)]
		if l.links[i].From == everybody {
			for pair := range l.cut {
				severed = severed || slices.Contains(pair[:], l.links[i].To)
			}
		}
		if severed {
			p.Stop()
		} else if !p.Enabled {
			if err := p.Start(); err != nil {
				return fmt.Errorf("restore proxy %s: %w", p.Name, err)
			}
		}
	}
	return nil
}

// severed names the pairs without a link.
func (l *links) severed() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	names := []string{}
	for pair := range l.cut {
		names = append(names, pair[0]+"|"+pair[1])
	}
	slices.Sort(names)
	return names
}

func (l *links) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.proxies {
		p.Stop()
	}
}
