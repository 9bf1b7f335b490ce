package p2p

import (
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
)

// What is found on the local network passes the gate like anybody else, and changes
// nothing about a peer whose address is configured.
func TestMemberFoundOnTheLocalNetwork(t *testing.T) {
	found, stranger, configured := newMember(t, nil), newMember(t, nil), newMember(t, nil)
	m := newMember(t, func(c *Config) {
		c.Admit = func(id string) bool { return id != stranger.ID().String() }
		c.Peers = configured.Addrs()
	})
	for _, o := range []*member{stranger, found} {
		mdnsFound{m.Host}.HandlePeerFound(peer.AddrInfo{ID: o.ID(), Addrs: o.host.Addrs()})
	}
	mdnsFound{m.Host}.HandlePeerFound(peer.AddrInfo{ID: configured.ID(), Addrs: found.host.Addrs()})
	mdnsFound{m.Host}.HandlePeerFound(peer.AddrInfo{ID: m.ID(), Addrs: m.host.Addrs()})
	eventually(t, "the member that was found and the one configured gossip", func() bool { return m.gossipsWith(2) })
	if m.links.keeps(stranger.ID()) || m.links.keeps(m.ID()) {
		t.Error("a stranger is dialled, or the host itself")
	}
	m.links.mu.Lock()
	defer m.links.mu.Unlock()
	if got := m.links.keepers[configured.ID()].addrs; len(got) != len(configured.host.Addrs()) || !got[0].Equal(configured.host.Addrs()[0]) {
		t.Errorf("the configured peer is dialled at %v", got)
	}
}
