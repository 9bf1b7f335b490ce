package p2p

import (
	"encoding/hex"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
)

// startMDNS looks for peers of the same network on the local one. Those that
// the gate admits are dialled and kept; configured peers keep their configured
// addresses.
func (h *Host) startMDNS() (stop func(), err error) {
	name := "_waymark-" + hex.EncodeToString(h.config.Network[:4]) + "._udp"
	service := mdns.NewMdnsService(h.host, name, mdnsFound{h})
	if err := service.Start(); err != nil {
		return nil, fmt.Errorf("start mDNS: %w", err)
	}
	return func() {
		if err := service.Close(); err != nil {
			h.config.Logger.Warn("mDNS did not close", "err", err)
		}
	}, nil
}

type mdnsFound struct{ host *Host }

func (f mdnsFound) HandlePeerFound(info peer.AddrInfo) {
	if info.ID == f.host.ID() || f.host.links.keeps(info.ID) || !f.host.config.Admit(info.ID.String()) {
		return
	}
	f.host.config.Logger.Info("peer found by mDNS", "peer", info.ID.String())
	f.host.links.add(info.ID, info.Addrs)
}
