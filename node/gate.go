package node

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/p2p"
	"github.com/waymark-ledger/waymark/trace"
)

// gate admits nodes to both networks: those of active organisations in the
// ledger's latest state. Configured peers pass while this node syncs, for its
// state may be too old to know them.
type gate struct {
	state interface {
		State(k trace.Key) ([]byte, error)
		AppHash() identity.Hash
	}
	founders []string // ids of genesis's organisations, in its order
	log      *slog.Logger
	// syncing is set before the networks start.
	syncing func() bool

	configuredNodes map[string]bool // CometBFT node ids
	configuredPeers map[string]bool // libp2p peer ids

	mu      sync.Mutex // guards the members as of the app hash
	asOf    identity.Hash
	members *members

	told p2p.Refusals // of CometBFT node ids
}

// refused logs that a CometBFT node was not let in, of each once a while.
func (g *gate) refused(id string) {
	if g.told.Tell(id) {
		g.log.Warn("refused a stranger", "network", "consensus", "peer", id)
	}
}

// members are the active organisations and their nodes.
type members struct {
	list   []member // genesis's in its order, then those admitted since by id
	byNode map[string]string
	byPeer map[string]string
}

// member is an organisation and its standing now.
type member struct {
	identity.Organisation
	status identity.Status
}

// current returns the members as of the ledger's last committed state.
func (g *gate) current() (*members, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	asOf := g.state.AppHash()
	if g.members != nil && asOf == g.asOf {
		return g.members, nil
	}
	m := &members{byNode: map[string]string{}, byPeer: map[string]string{}}
	var listed contracts.MembersState
	if err := readState(g.state, contracts.MembersKey(), &listed); err != nil {
		return nil, err
	}
	ids := slices.Clone(g.founders)
	for _, m := range listed.Members {
		if !slices.Contains(g.founders, m.ID) {
			ids = append(ids, m.ID)
		}
	}
	for _, id := range ids {
		raw, err := g.state.State(trace.Key{NS: trace.NSOrganisation, ID: id})
		if err != nil {
			return nil, fmt.Errorf("read organisation %s: %w", id, err)
		}
		if raw == nil {
			continue
		}
		s, err := identity.DecodeOrganisationState(raw)
		if err != nil {
			return nil, fmt.Errorf("read organisation %s: %w", id, err)
		}
		standing, ok := s.At(now)
		if !ok {
			continue
		}
		m.list = append(m.list, member{standing.Organisation, standing.Status})
		if standing.Status != identity.Active {
			continue
		}
		if standing.Organisation.NodeID != "" {
			m.byNode[standing.Organisation.NodeID] = id
		}
		if standing.Organisation.Peer != "" {
			m.byPeer[standing.Organisation.Peer] = id
		}
	}
	g.members, g.asOf = m, asOf
	return m, nil
}

// admitsNode decides about a CometBFT node id, admitsPeer about a libp2p peer
// id. A ledger that cannot be read admits nobody.
func (g *gate) admitsNode(id string) bool { return g.admits(id, g.configuredNodes, true) }
func (g *gate) admitsPeer(id string) bool { return g.admits(id, g.configuredPeers, false) }

func (g *gate) admits(id string, configured map[string]bool, engine bool) bool {
	m, err := g.current()
	if err != nil {
		g.log.Error("cannot read the members", "error", err)
		return false
	}
	byID := m.byPeer
	if engine {
		byID = m.byNode
	}
	if _, ok := byID[id]; ok {
		return true
	}
	return configured[id] && g.syncing != nil && g.syncing()
}
