package testnet

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/node"
)

const layoutFile = "layout.json"

// minMapBytes is what a node's map may take however many share the machine.
const minMapBytes = 64 << 20

// layout is what a network's directory fixes once and for all: identities and
// ports. It is written last, so a directory that has one is complete.
type layout struct {
	Nodes   []nodeLayout  `json:"nodes"`
	Members []MemberState `json:"members"`
	Links   []link        `json:"links"`
	Network string        `json:"network"`
}

type nodeLayout struct {
	Name         string `json:"name"`
	Member       string `json:"member"`
	Organisation string `json:"organisation"`
	Address      string `json:"address"`
	APIKey       string `json:"apiKey"`
	API          int    `json:"api"`    // port
	P2P          int    `json:"p2p"`    // port
	Engine       int    `json:"engine"` // port
}

// link is one proxy: what From dials to reach To on one of the two networks.
// From is "*" for the address that To announces to everybody.
type link struct {
	From    string `json:"from"`
	To      string `json:"to"`
	Network string `json:"network"` // "p2p" or "engine"
	Port    int    `json:"port"`    // the proxy listens here
	Target  int    `json:"target"`  // the node listens here
}

const (
	networkP2P    = "p2p"
	networkEngine = "engine"
	everybody     = "*"
)

// readLayout returns the layout of a used directory, os.ErrNotExist of a new one.
func readLayout(dir string) (*layout, error) {
	b, err := os.ReadFile(filepath.Join(dir, layoutFile))
	if err != nil {
		return nil, err
	}
	var l layout
	if err := json.Unmarshal(b, &l); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, layoutFile), err)
	}
	return &l, nil
}

// plan chooses names and ports.
func plan(o *Options) (*layout, error) {
	ports, err := choosePorts(o.BasePort, portsOf(o.Nodes))
	if err != nil {
		return nil, err
	}
	withNode, _ := members(o.Nodes)
	l := &layout{}
	for i, m := range withNode {
		l.Nodes = append(l.Nodes, nodeLayout{Name: fmt.Sprintf("node%d", i), Member: m.Name, Organisation: m.Organisation.Name})
	}
	take := func(port *int) { *port, ports = ports[0], ports[1:] }
	// The API ports come first, so that node i answers at base port + i.
	for i := range l.Nodes {
		take(&l.Nodes[i].API)
	}
	for i := range l.Nodes {
		take(&l.Nodes[i].P2P)
		take(&l.Nodes[i].Engine)
	}
	for _, to := range l.Nodes {
		ingress := link{From: everybody, To: to.Name, Network: networkP2P, Target: to.P2P}
		take(&ingress.Port)
		l.Links = append(l.Links, ingress)
		for _, from := range l.Nodes {
			if from.Name == to.Name {
				continue
			}
			gossip := link{From: from.Name, To: to.Name, Network: networkP2P, Target: to.P2P}
			votes := link{From: from.Name, To: to.Name, Network: networkEngine, Target: to.Engine}
			take(&gossip.Port)
			take(&votes.Port)
			l.Links = append(l.Links, gossip, votes)
		}
	}
	return l, nil
}

func (l *layout) home(dir string, i int) string { return filepath.Join(dir, l.Nodes[i].Name) }

// found makes a new network in dir: every member's keys, one genesis document,
// every node's home.
func found(o *Options) (*layout, error) {
	if o.Nodes == 0 {
		o.Nodes = 4
	}
	if err := emptyOfNodes(o.Dir); err != nil {
		return nil, err
	}
	l, err := plan(o)
	if err != nil {
		return nil, fmt.Errorf("choose ports: %w", err)
	}
	withNode, without := members(o.Nodes)
	genesis := node.GenesisOptions{Time: time.Now(), Parameters: identity.DefaultParameters()}
	var made []*node.Identity
	for i, m := range withNode {
		o.Progress(fmt.Sprintf("keys of %s (%s)", l.Nodes[i].Name, m.Organisation.Name))
		id, err := node.Prepare(l.home(o.Dir, i), node.PrepareOptions{Organisation: m.Organisation, LightScrypt: true})
		if err != nil {
			return nil, fmt.Errorf("prepare %s: %w", l.Nodes[i].Name, err)
		}
		made = append(made, id)
		genesis.Organisations = append(genesis.Organisations, id.Organisation)
		genesis.Validators = append(genesis.Validators, id.Validator)
		l.Nodes[i].Address, l.Nodes[i].APIKey = id.Address.Hex(), id.APIKey
	}
	for _, m := range without {
		state, publicKey, err := makeMember(o.Dir, m.Name, m.Organisation.Name)
		if err != nil {
			return nil, fmt.Errorf("keys of %s: %w", m.Name, err)
		}
		state.Through = l.through(m.Through)
		l.Members = append(l.Members, *state)
		m.Organisation.Keys = []string{publicKey}
		genesis.Organisations = append(genesis.Organisations, m.Organisation)
	}
	doc, err := node.BuildGenesis(genesis)
	if err != nil {
		return nil, err
	}
	sealed, err := identity.ParseGenesis(doc)
	if err != nil {
		return nil, err
	}
	l.Network = sealed.Network.String()
	if err := os.WriteFile(genesisPath(o.Dir), doc, 0o644); err != nil {
		return nil, err
	}
	for i := range l.Nodes {
		if err := node.Install(l.home(o.Dir, i), doc, l.config(o, i, made)); err != nil {
			return nil, fmt.Errorf("install %s: %w", l.Nodes[i].Name, err)
		}
	}
	return l, writeJSON(filepath.Join(o.Dir, layoutFile), l)
}

func genesisPath(dir string) string { return filepath.Join(dir, "genesis.json") }

// emptyOfNodes refuses a directory in which an earlier founding broke off, or
// that is somebody else's.
func emptyOfNodes(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "supervisor.") { // its lock and its log are there already
			return fmt.Errorf("%s is not empty and holds no testnet: name another directory, or empty it", dir)
		}
	}
	return nil
}

// through is the node of the member with this short name.
func (l *layout) through(member string) string {
	for _, n := range l.Nodes {
		if n.Member == member {
			return n.Name
		}
	}
	return l.Nodes[0].Name
}

// makeMember makes the keystore of a member without a node.
func makeMember(dir, name, organisation string) (*MemberState, string, error) {
	home := filepath.Join(dir, "members", name)
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, "", err
	}
	secret := make([]byte, 16)
	if _, err := rand.Read(secret); err != nil {
		return nil, "", err
	}
	passphrase := hex.EncodeToString(secret)
	key, err := identity.GenerateKey()
	if err != nil {
		return nil, "", err
	}
	if err := (identity.Keystore{Dir: home, Light: true}).Add(key, passphrase); err != nil {
		return nil, "", err
	}
	state := &MemberState{Name: name, Organisation: organisation, Address: key.Address().Hex(), Key: home}
	err = os.WriteFile(filepath.Join(home, "passphrase"), []byte(passphrase), 0o600)
	return state, identity.FormatPublicKey(key.PublicKey()), err
}

// ports are all that the network listens on.
func (l *layout) ports() []int {
	var all []int
	for _, n := range l.Nodes {
		all = append(all, n.API, n.P2P, n.Engine)
	}
	for _, link := range l.Links {
		all = append(all, link.Port)
	}
	return all
}

// config is node i's configuration: it listens on its own ports and dials, and
// is announced at, nothing but proxies.
func (l *layout) config(o *Options, i int, made []*node.Identity) node.Config {
	n := l.Nodes[i]
	c := node.DefaultConfig(l.home(o.Dir, i))
	c.Name = n.Name
	c.Storage.LedgerMapBytes = int64(max(c.Storage.MapBytes()/len(l.Nodes), minMapBytes)) // the nodes share one machine's memory
	c.API.Listen = loopback(n.API)
	c.API.Keys = []node.APIKey{made[i].APIKeyHash}
	c.P2P.Listen = []string{multiaddr(n.P2P)}
	c.Consensus.Listen = loopback(n.Engine)
	c.P2P.Announce, c.P2P.Peers, c.Consensus.Peers = nil, nil, nil
	for _, link := range l.Links {
		to := l.index(link.To)
		switch {
		case link.From == everybody && to == i:
			c.P2P.Announce = append(c.P2P.Announce, multiaddr(link.Port))
		case link.From != n.Name:
		case link.Network == networkP2P:
			c.P2P.Peers = append(c.P2P.Peers, multiaddr(link.Port)+"/p2p/"+made[to].Organisation.Peer)
		case link.Network == networkEngine:
			c.Consensus.Peers = append(c.Consensus.Peers, made[to].Organisation.NodeID+"@"+loopback(link.Port))
		}
	}
	if o.Configure != nil {
		o.Configure(i, &c)
	}
	return c
}

func (l *layout) index(name string) int {
	for i, n := range l.Nodes {
		if n.Name == name {
			return i
		}
	}
	return -1
}

func loopback(port int) string  { return fmt.Sprintf("127.0.0.1:%d", port) }
func multiaddr(port int) string { return fmt.Sprintf("/ip4/127.0.0.1/tcp/%d", port) }
