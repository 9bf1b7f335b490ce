package p2p

import (
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/record"
	"github.com/libp2p/go-libp2p/p2p/host/peerstore/pstoremem"
	ma "github.com/multiformats/go-multiaddr"
)

// addressBook is a peerstore that believes only configuration. Whatever libp2p
// learns of other peers' addresses - from identify, from signed peer records,
// from the remote end of an inbound connection - is dropped, so that nothing
// can be dialled but what setPeer was given. Keys and protocols are kept as
// usual.
type addressBook struct {
	peerstore.Peerstore
	certified peerstore.CertifiedAddrBook
	self      peer.ID
}

var (
	_ peerstore.Peerstore         = (*addressBook)(nil)
	_ peerstore.CertifiedAddrBook = (*addressBook)(nil)
)

func newAddressBook(self peer.ID) (*addressBook, error) {
	mem, err := pstoremem.NewPeerstore()
	if err != nil {
		return nil, err
	}
	return &addressBook{Peerstore: mem, certified: mem, self: self}, nil
}

// setPeer says at which addresses a peer may be dialled from now on.
func (b *addressBook) setPeer(p peer.ID, addrs []ma.Multiaddr) {
	b.Peerstore.ClearAddrs(p)
	b.Peerstore.SetAddrs(p, addrs, peerstore.PermanentAddrTTL)
}

func (b *addressBook) AddAddr(p peer.ID, addr ma.Multiaddr, ttl time.Duration) {
	if p == b.self {
		b.Peerstore.AddAddr(p, addr, ttl)
	}
}

func (b *addressBook) AddAddrs(p peer.ID, addrs []ma.Multiaddr, ttl time.Duration) {
	if p == b.self {
		b.Peerstore.AddAddrs(p, addrs, ttl)
	}
}

func (b *addressBook) SetAddr(p peer.ID, addr ma.Multiaddr, ttl time.Duration) {
	if p == b.self {
		b.Peerstore.SetAddr(p, addr, ttl)
	}
}

func (b *addressBook) SetAddrs(p peer.ID, addrs []ma.Multiaddr, ttl time.Duration) {
	if p == b.self {
		b.Peerstore.SetAddrs(p, addrs, ttl)
	}
}

func (b *addressBook) UpdateAddrs(p peer.ID, oldTTL, newTTL time.Duration) {
	if p == b.self {
		b.Peerstore.UpdateAddrs(p, oldTTL, newTTL)
	}
}

func (b *addressBook) ClearAddrs(p peer.ID) {
	if p == b.self {
		b.Peerstore.ClearAddrs(p)
	}
}

// ConsumePeerRecord takes this host's own record only.
func (b *addressBook) ConsumePeerRecord(e *record.Envelope, ttl time.Duration) (bool, error) {
	if !b.self.MatchesPublicKey(e.PublicKey) {
		return false, nil
	}
	return b.certified.ConsumePeerRecord(e, ttl)
}

func (b *addressBook) GetPeerRecord(p peer.ID) *record.Envelope {
	return b.certified.GetPeerRecord(p)
}
