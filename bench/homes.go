package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/internal/ports"
	"github.com/waymark-ledger/waymark/node"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// organisations is how many members a network has, whatever the number of its
// validators: the load is always the same members'.
const organisations = 4

// author is a member that signs load.
type author struct {
	key  *identity.Key
	load lane.Load
}

// homes is a network that has never run. Each run has a copy of it, so that
// every side starts from the same keys and the same genesis.
type homes struct {
	dir     string
	configs []node.Config
	apiKeys []string
	authors []author
	network identity.Network
}

// found makes a network of four trading houses, of which the first so many run
// a validator.
func found(dir string, validators int) (*homes, error) {
	h := &homes{dir: dir}
	members := lane.Members(4 + organisations)
	g := node.GenesisOptions{Time: time.Now().Add(-time.Minute)}
	var made []*node.Identity
	for i, m := range members[len(members)-organisations:] {
		key, err := identity.GenerateKey()
		if err != nil {
			return nil, err
		}
		h.authors = append(h.authors, author{key, lane.LoadOf(m, time.Now(), "b")})
		m.Organisation.Keys = []string{identity.FormatPublicKey(key.PublicKey())}
		if i >= validators {
			g.Organisations = append(g.Organisations, m.Organisation)
			continue
		}
		home := h.home(dir, i)
		id, err := node.Prepare(home, node.PrepareOptions{Organisation: m.Organisation, LightScrypt: true})
		if err != nil {
			return nil, err
		}
		c, err := config(home)
		if err != nil {
			return nil, err
		}
		c.API.Keys = []node.APIKey{id.APIKeyHash}
		made = append(made, id)
		h.configs, h.apiKeys = append(h.configs, c), append(h.apiKeys, id.APIKey)
		g.Organisations, g.Validators = append(g.Organisations, id.Organisation), append(g.Validators, id.Validator)
	}
	doc, err := node.BuildGenesis(g)
	if err != nil {
		return nil, err
	}
	sealed, err := identity.ParseGenesis(doc)
	if err != nil {
		return nil, err
	}
	h.network = sealed.Network
	for i := range h.configs {
		for j, peer := range h.configs {
			if i == j {
				continue
			}
			o := made[j].Organisation
			h.configs[i].P2P.Peers = append(h.configs[i].P2P.Peers, peer.P2P.Listen[0]+"/p2p/"+o.Peer)
			h.configs[i].Consensus.Peers = append(h.configs[i].Consensus.Peers, o.NodeID+"@"+peer.Consensus.Listen)
		}
		if err := node.Install(h.configs[i].Home, doc, h.configs[i]); err != nil {
			return nil, err
		}
	}
	return h, nil
}

func (h *homes) home(dir string, i int) string { return filepath.Join(dir, fmt.Sprintf("node%d", i)) }

// config is the default configuration on free ports of loopback.
func config(home string) (node.Config, error) {
	c := node.DefaultConfig(home)
	c.API.Listen = "127.0.0.1:0"
	c.Log.Engine = "error"
	c.Consensus.DialPeriod.Duration = 300 * time.Millisecond
	free, err := ports.Reserve(2)
	if err != nil {
		return c, err
	}
	c.P2P.Listen = []string{fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", free[0])}
	c.Consensus.Listen = fmt.Sprintf("127.0.0.1:%d", free[1])
	return c, nil
}

// copyTo copies the homes for one run.
func (h *homes) copyTo(dir string) ([]node.Config, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	configs := make([]node.Config, len(h.configs))
	for i, c := range h.configs {
		home := h.home(dir, i)
		if err := os.CopyFS(home, os.DirFS(c.Home)); err != nil {
			return nil, err
		}
		// The key files are private, and their reader insists on it.
		if err := filepath.Walk(home, func(path string, f os.FileInfo, err error) error {
			if err != nil || f.IsDir() {
				return err
			}
			return os.Chmod(path, 0o600)
		}); err != nil {
			return nil, err
		}
		c.Home = home
		configs[i] = c
	}
	return configs, nil
}

// awaitMesh waits until all nodes see each other.
func awaitMesh(ctx context.Context, n network) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for !n.meshed() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the nodes do not find each other: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}
