package p2p

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	ma "github.com/multiformats/go-multiaddr"

	"github.com/waymark-ledger/waymark/identity"
)

// proxied connects members through proxies of their own: links[i][j] is what i
// dials to reach j, and all that i was told of j.
func proxied(t *testing.T, ms []*member) [][]*proxy {
	t.Helper()
	links := make([][]*proxy, len(ms))
	for i, m := range ms {
		links[i] = make([]*proxy, len(ms))
		var peers []string
		for j, o := range ms {
			if i == j {
				continue
			}
			links[i][j] = newProxy(t, listenPort(t, o))
			peers = append(peers, links[i][j].multiaddr(o.ID()))
		}
		if err := m.SetPeers(peers); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range ms {
		eventually(t, "all gossip", func() bool { return m.gossipsWith(len(ms) - 1) })
	}
	return links
}

// cut sets every link between the first two members and the rest.
func cut(links [][]*proxy, mode proxyMode) {
	for i := range links {
		for j, p := range links[i] {
			if p != nil && (i < 2) != (j < 2) {
				p.set(mode)
			}
		}
	}
}

func TestPartitionHeals(t *testing.T) {
	t.Parallel()
	for name, mode := range map[string]proxyMode{"severed": sever, "stalled": stall} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ms := members(t, 4, func(c *Config) { c.LinkTimeout = time.Second })
			links := proxied(t, ms)
			dispatchers := make([]*Dispatcher, len(ms))
			for i, m := range ms {
				dispatchers[i] = newTestDispatcher(t, DispatcherConfig{
					Outbox: newTestOutbox(t, vfs.NewMem()), Publish: m.Publish, Joined: m.Joined(), Now: func() int64 { return 1 },
					First: time.Hour, Max: time.Hour, // so that only joining makes them gossip again
				})
			}

			cut(links, mode)
			for i, m := range ms {
				// A link is noticed to be dead without a FIN, and nothing that
				// identify told makes another.
				eventually(t, fmt.Sprintf("member %d sees its own side only", i), func() bool { return len(m.Peers()) == 1 })
			}
			for i := range ms {
				wire := fmt.Appendf(nil, "good from %d", i)
				if err := dispatchers[i].Put(Item{ID: identity.Hash{byte(i + 1)}, Wire: wire, NotAfter: 100}); err != nil {
					t.Fatal(err)
				}
			}
			eventually(t, "each side hears itself", func() bool { return ms[0].count("good from 1") > 0 && ms[3].count("good from 2") > 0 })
			time.Sleep(time.Second)
			// A short LinkTimeout may cost a slow machine the links of one side, too.
			if ms[0].count("good from 2")+ms[2].count("good from 0") > 0 || len(ms[0].Peers()) > 1 {
				t.Fatal("the cut leaks")
			}

			cut(links, pass)
			healed := time.Now()
			for i, m := range ms {
				for j := range ms {
					if i == j {
						continue
					}
					eventually(t, fmt.Sprintf("%d has what %d accepted", i, j), func() bool {
						return m.count(fmt.Sprintf("good from %d", j)) > 0
					})
				}
			}
			t.Logf("healed and caught up in %v", time.Since(healed).Round(time.Millisecond))
		})
	}
}

func TestIdentifyTeachesNoAddress(t *testing.T) {
	t.Parallel()
	ms := members(t, 2, func(c *Config) { c.Announce = []string{"/ip4/192.0.2.1/tcp/4001"} })
	if err := ms[0].SetPeers([]string{listenAddr(ms[1])}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "gossip", func() bool { return ms[0].gossipsWith(1) && ms[1].gossipsWith(1) })
	if got := ms[1].host.Peerstore().Addrs(ms[0].ID()); len(got) != 0 {
		t.Errorf("the dialled side believes addresses of its peer: %v", got)
	}
	if got := ms[0].host.Peerstore().Addrs(ms[1].ID()); len(got) != 1 || got[0].String()+"/p2p/"+ms[1].ID().String() != listenAddr(ms[1]) {
		t.Errorf("the dialling side knows %v, want the configured address", got)
	}
	if got := ms[0].Addrs(); len(got) != 1 || !strings.HasPrefix(got[0], "/ip4/192.0.2.1/tcp/4001/p2p/") {
		t.Errorf("announced %v", got)
	}
}

func listenAddr(m *member) string {
	return m.host.Network().ListenAddresses()[0].String() + "/p2p/" + m.ID().String()
}

// listenPort is where the member listens, host:port.
func listenPort(t *testing.T, m *member) string {
	t.Helper()
	port, err := m.host.Network().ListenAddresses()[0].ValueForProtocol(ma.P_TCP)
	if err != nil {
		t.Fatal(err)
	}
	return "127.0.0.1:" + port
}

func TestPeerThatComesLaterIsReached(t *testing.T) {
	t.Parallel()
	first := newMember(t, nil)
	key, err := GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	id, err := PeerID(key)
	if err != nil {
		t.Fatal(err)
	}
	door := newProxy(t, "") // keeps the port, on which nobody answers yet
	door.set(sever)
	if err := first.SetPeers([]string{door.multiaddr(id)}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a few dials", func() bool { return value(first.metrics.dials) >= 3 })
	if n := strings.Count(first.log.String(), "peer not reached"); n != 1 {
		t.Errorf("an unreachable peer was logged %d times, want once", n)
	}
	later := newMember(t, func(c *Config) { c.Key = key })
	door.lead(listenPort(t, later))
	door.set(pass)
	eventually(t, "gossip", func() bool { return first.gossipsWith(1) && later.gossipsWith(1) })
}
