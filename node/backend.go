package node

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/p2p"
	"github.com/waymark-ledger/waymark/trace"
)

var _ api.Backend = (*Node)(nil)

// Snapshot opens the ledger at its last committed height.
func (n *Node) Snapshot() (api.Snapshot, error) {
	select {
	case <-n.stopping:
		return nil, api.ErrStopping
	default:
		return n.ledger.Snapshot(), nil
	}
}

// SaveJob keeps a capture job, synced.
func (n *Node) SaveJob(id string, job []byte) error {
	if err := n.outbox.PutJob(id, job); err != nil {
		return fmt.Errorf("keep capture job: %w", err)
	}
	return nil
}

// Job reads a capture job back.
func (n *Node) Job(id string) ([]byte, error) {
	job, err := n.outbox.Job(id)
	if errors.Is(err, p2p.ErrNoJob) {
		return nil, api.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read capture job: %w", err)
	}
	return job, nil
}

// unready says why the node does not serve as it should, "" when it does.
func (n *Node) unready() string {
	select {
	case <-n.stopping:
		return "it is shutting down"
	case <-n.engine.failed:
		return "consensus has failed"
	default:
	}
	if !n.running.Load() {
		return "it is starting"
	}
	if n.engine.syncing() {
		return "it is catching up with its peers"
	}
	return ""
}

// Status is how the node stands now.
func (n *Node) Status() api.Status {
	roots := n.ledger.Roots()
	reason := n.unready()
	member := n.member()
	s := api.Status{
		Version:      n.deps.Version,
		Network:      n.genesis.Network.String(),
		ChainID:      n.genesis.ChainID,
		Organisation: member.ID, OrganisationName: member.Name,
		NodeID:      n.engine.nodeID,
		PeerID:      n.host.ID().String(),
		Height:      roots.Height,
		Time:        time.Unix(0, roots.Time).UTC().Format(time.RFC3339Nano),
		AppHash:     hex.EncodeToString(roots.AppHash[:]),
		Records:     roots.LogSize,
		CatchingUp:  n.engine.syncing(),
		Ready:       reason == "",
		Reason:      reason,
		Peers:       len(n.host.Peers()),
		EnginePeers: len(n.engine.peers()),
		Outbox:      n.outbox.Len(),
		Pool:        n.app.pool.size(),
		Ruleset:     n.judged(roots.Height),
		Activations: n.activations(roots.Height),
		Started:     n.started,
		Addresses:   map[string]string{"api": n.APIAddr(), "consensus": n.engine.announced(&n.config)},
	}
	if n.key != nil {
		s.Address = n.key.Address().Hex()
	}
	if addrs := n.PeerAddrs(); len(addrs) > 0 {
		s.Addresses["gossip"] = addrs[0]
	}
	own := n.engine.ownValidator()
	for _, v := range n.engine.validators() {
		if v.Address.String() == own.String() {
			s.Validator = true
		}
	}
	return s
}

// Genesis is the network's genesis document, byte for byte.
func (n *Node) Genesis() []byte { return n.genesis.Doc }

// judged is the ruleset that judged a height.
func (n *Node) judged(height uint64) api.RulesetInfo {
	r, err := n.app.governed.Load().judging(height)
	if err != nil { // this node judged it
		n.log.Error("cannot name the ruleset in force", "error", err)
		return api.RulesetInfo{}
	}
	return n.rulesets[r.Name()]
}

// activations are the rulesets that are to judge above a height, the next one first.
func (n *Node) activations(height uint64) (list []api.ActivationInfo) {
	for _, a := range n.app.governed.Load().ruleset.After(height) {
		list = append(list, api.ActivationInfo{Height: a.Height, Ruleset: a.Name, Release: a.Release, Present: n.app.rulesets.named(a.Name) != nil})
	}
	return list
}

// Network is who takes part, as of the last committed height.
func (n *Node) Network() api.NetworkInfo {
	height := n.ledger.Roots().Height
	info := api.NetworkInfo{
		Network:       n.genesis.Network.String(),
		ChainID:       n.genesis.ChainID,
		GenesisTime:   time.Unix(0, n.genesis.Time).UTC().Format(time.RFC3339Nano),
		Parameters:    identity.AllParameters(n.app.governed.Load().parameters),
		Organisations: []api.OrganisationInfo{},
		Validators:    []api.ValidatorInfo{},
		Peers:         []api.PeerInfo{},
		Ruleset:       n.judged(height),
		Activations:   n.activations(height),
	}
	m, err := n.app.gate.current()
	if err != nil {
		n.log.Error("cannot read the members", "error", err)
		m = &members{}
	}
	for _, o := range m.list {
		info.Organisations = append(info.Organisations, api.OrganisationInfo{
			Organisation: o.Organisation, Status: o.status, Addresses: keyAddresses(o.Organisation), KeyKinds: n.keyKinds(o.Organisation),
		})
	}
	operators := n.operators()
	for _, v := range n.engine.validators() {
		info.Validators = append(info.Validators, api.ValidatorInfo{
			Address: v.Address.String(), Power: v.VotingPower, Organisation: operators[v.Address.String()],
		})
	}
	for _, p := range n.host.Peers() {
		info.Peers = append(info.Peers, api.PeerInfo{
			ID: p.ID.String(), Organisation: m.byPeer[p.ID.String()], Address: p.Addr, Network: "gossip",
		})
	}
	for _, p := range n.engine.peers() {
		info.Peers = append(info.Peers, api.PeerInfo{
			ID: string(p.ID()), Organisation: m.byNode[string(p.ID())], Address: p.SocketAddr().DialString(), Network: "consensus",
		})
	}
	return info
}

// operators says which organisation runs each validator, by the engine's address.
func (n *Node) operators() map[string]string {
	names := map[string]string{}
	list := contracts.ValidatorsState{Validators: n.app.founding.Validators}
	if err := readState(n.ledger, contracts.ValidatorsKey(), &list); err != nil {
		n.log.Error("cannot read the validators", "error", err)
	}
	for _, v := range slices.Concat(n.app.founding.Validators, list.Validators) {
		names[strings.ToUpper(v.Key.Address().String())] = v.Organisation
	}
	return names
}

// keyKinds are the kinds of records that an organisation's keys are for, of those that are not
// for all.
func (n *Node) keyKinds(o identity.Organisation) map[string][]string {
	var kinds map[string][]string
	for _, address := range keyAddresses(o) {
		var s identity.KeyState
		if err := readState(n.ledger, trace.Key{NS: trace.NSKey, ID: address}, &s); err != nil {
			n.log.Error("cannot read a key", "key", address, "error", err)
		}
		if len(s.Intervals) == 0 {
			continue
		}
		if list := s.Intervals[len(s.Intervals)-1].Value.Kinds; len(list) > 0 {
			if kinds == nil {
				kinds = map[string][]string{}
			}
			kinds[address] = list
		}
	}
	return kinds
}

func keyAddresses(o identity.Organisation) []string {
	out := []string{}
	for _, k := range o.Keys {
		if _, address, err := identity.ParsePublicKey(k); err == nil {
			out = append(out, address.Hex())
		}
	}
	return out
}
