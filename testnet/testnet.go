// Package testnet runs a network of real node processes on loopback, with
// links that can be cut and nodes that can be killed.
//
// Its promise: every connection between two nodes, of libp2p and of consensus,
// runs through a proxy of the supervisor, one for each direction and network,
// and a node announces nothing but proxied addresses. So a cut between two
// groups holds until it is healed. The supervisor owns processes and proxies;
// when it goes, however it goes, the nodes stop.
package testnet

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/node"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// StateFile is the name of the file in the network's directory that says where
// everything is. It holds API keys and is readable by its owner only.
const StateFile = "testnet.json"

// Sentinels that callers branch on.
var (
	ErrRunning = errors.New("the network is already up")
	ErrNotUp   = errors.New("the network is not up")
	ErrNoNode  = errors.New("no such node")
)

// Options say what network to bring up.
type Options struct {
	Dir      string // created when missing; a used one is resumed
	Nodes    int    // validators, 1 to MaxNodes; 0 on a used Dir means as before, else 4
	BasePort int    // first of the ports; 0 picks free ones. Ignored on a used Dir
	// Command starts a node: the arguments are followed by the node's home.
	// Nil means this executable's `start --until-stdin-closes --home`: of a test, see [Main].
	Command []string
	// Configure changes a new node's configuration before it is written.
	Configure func(index int, c *node.Config)
	// Progress is told what happens, one line at a time. Nil is silent.
	Progress func(line string)
}

// MaxNodes is the largest testnet: the proxies grow with its square.
const MaxNodes = 16

func (o *Options) complete() error {
	if o.Dir == "" {
		return errors.New("a testnet needs a directory")
	}
	if o.Nodes < 0 || o.Nodes > MaxNodes {
		return fmt.Errorf("a testnet has 1 to %d nodes, not %d", MaxNodes, o.Nodes)
	}
	if o.BasePort != 0 && (o.BasePort < 1024 || o.BasePort > 60000) {
		return fmt.Errorf("base port %d is not between 1024 and 60000", o.BasePort)
	}
	if os.Getenv(nodeMark) != "" {
		return errNodeWithoutMain
	}
	if o.Command == nil {
		exe, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this executable: %w", err)
		}
		o.Command = []string{exe, "start", leash, "--home"}
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return err
	}
	o.Dir = dir
	return nil
}

// State is what testnet.json holds.
type State struct {
	Network    string         `json:"network"` // 64 hex digits
	Genesis    string         `json:"genesis"` // path
	Supervisor SupervisorInfo `json:"supervisor"`
	Nodes      []NodeState    `json:"nodes"`
	Members    []MemberState  `json:"members"` // members without a node
	Cut        []string       `json:"cut"`     // pairs of nodes without a link, "node0|node2"
}

// SupervisorInfo says how to reach the supervisor. Pid is 0 while it is down.
type SupervisorInfo struct {
	Pid     int    `json:"pid"`
	Control string `json:"control"` // http://127.0.0.1:port
	Token   string `json:"token"`   // of the control port
}

// NodeState is one node. Pid is 0 while it is down.
type NodeState struct {
	Name         string `json:"name"`
	Member       string `json:"member"` // its organisation's short name
	Organisation string `json:"organisation"`
	API          string `json:"api"`
	APIKey       string `json:"apiKey"`
	Dir          string `json:"dir"`
	Pid          int    `json:"pid"`
	Paused       bool   `json:"paused,omitempty"`
	Address      string `json:"address"` // of the operating key
}

// MemberState is a member that signs through another's node.
type MemberState struct {
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
	Address      string `json:"address"`
	Key          string `json:"key"`     // its keystore directory, with the passphrase in a file beside the key
	Through      string `json:"through"` // a node's name
}

// Node finds a node by its name.
func (s *State) Node(name string) (*NodeState, error) {
	i := slices.IndexFunc(s.Nodes, func(n NodeState) bool { return n.Name == name })
	if i < 0 {
		var names []string
		for _, n := range s.Nodes {
			names = append(names, n.Name)
		}
		return nil, fmt.Errorf("%w: %q; there are %s", ErrNoNode, name, strings.Join(names, ", "))
	}
	return &s.Nodes[i], nil
}

// Client makes a client of the node. It trusts the genesis document in the node's
// directory; where there is none, it verifies nothing.
func (n *NodeState) Client() *client.Client {
	c := client.New(n.API, n.APIKey)
	doc, err := os.ReadFile(filepath.Join(n.Dir, "genesis.json"))
	if err != nil {
		return c
	}
	g, err := identity.ParseGenesis(doc)
	if err != nil {
		return c
	}
	anchor, err := proof.AnchorOfGenesis(g)
	if err != nil {
		return c
	}
	return c.WithAnchor(anchor)
}

// ReadState reads a network's testnet.json.
func ReadState(dir string) (*State, error) {
	b, err := os.ReadFile(filepath.Join(dir, StateFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s has no %s", ErrNotUp, dir, StateFile)
	}
	if err != nil {
		return nil, err
	}
	var s State
	if err := json.Unmarshal(b, &s); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, StateFile), err)
	}
	return &s, nil
}

// writeJSON replaces a file at once, readable by its owner only.
func writeJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, append(b, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// members are the organisations of a network of this many nodes.
func members(nodes int) (withNode, without []lane.Member) {
	for _, m := range lane.Members(nodes) {
		if m.Node {
			withNode = append(withNode, m)
		} else {
			without = append(without, m)
		}
	}
	return withNode, without
}

// tail copies the end of a node's log, for an error message.
func tail(w io.Writer, path string, bytes int64) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > bytes {
		_, _ = f.Seek(-bytes, io.SeekEnd)
	}
	_, _ = io.Copy(w, f)
}
