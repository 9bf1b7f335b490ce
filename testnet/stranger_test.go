package testnet_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/internal/ports"
	"github.com/waymark-ledger/waymark/node"
)

// A fifth node, which has the genesis document and knows where the others are, but whose
// keys nobody listed, is refused by all four on both networks.
func TestAFifthNodeWithUnlistedKeysIsRefused(t *testing.T) {
	s, clients := up(t)
	state := s.State()
	home := filepath.Join(t.TempDir(), "stranger")
	id, err := node.Prepare(home, node.PrepareOptions{
		Organisation: identity.Organisation{
			ID: "https://id.gs1.org/417/9521999000006", Name: "Stranger", Country: "AT", Roles: []identity.Role{identity.Trader},
		},
		LightScrypt: true,
	})
	do(t, "prepare", err)
	free, err := ports.Reserve(3)
	do(t, "reserve ports", err)
	c := node.DefaultConfig(home)
	c.API.Listen, c.API.Keys = "127.0.0.1:"+strconv.Itoa(free[0]), []node.APIKey{id.APIKeyHash}
	c.P2P.Listen = []string{"/ip4/127.0.0.1/tcp/" + strconv.Itoa(free[1])}
	c.Consensus.Listen = "127.0.0.1:" + strconv.Itoa(free[2])
	for _, n := range state.Nodes { // each knows where the others are
		known, err := node.LoadConfig(n.Dir, nil, nil)
		do(t, "read a node's configuration", err)
		c.P2P.Peers, c.Consensus.Peers = append(c.P2P.Peers, known.P2P.Peers...), append(c.Consensus.Peers, known.Consensus.Peers...)
	}
	genesis, err := os.ReadFile(state.Genesis)
	do(t, "read the genesis document", err)
	do(t, "install", node.Install(home, genesis, c))

	stranger := start(t, home)
	began := time.Now()
	for refused := 0; refused < len(state.Nodes); time.Sleep(100 * time.Millisecond) {
		if time.Since(began) > patience {
			t.Fatalf("%d nodes refused the stranger on both networks within %s", refused, patience)
		}
		refused = 0
		for _, n := range state.Nodes {
			log, err := os.ReadFile(filepath.Join(n.Dir, "node.log"))
			do(t, "read a node's log", err)
			if says(log, "refused a stranger", id.Organisation.NodeID) && says(log, "peer refused", id.Organisation.Peer) {
				refused++
			}
		}
	}
	for i, c := range clients {
		network, err := c.Network(t.Context())
		do(t, "ask for the peers", err)
		for _, p := range network.Peers {
			if p.ID == id.Organisation.Peer || p.ID == id.Organisation.NodeID {
				t.Errorf("%s has it as a peer: %+v", state.Nodes[i].Name, p)
			}
		}
	}
	// The four go on, and it has no block of theirs.
	l := startLoad(t, state, 4, "F")
	l.awaitMore(t, 20)
	l.stop()
	agree(t, clients)
	theirs := client.New("http://"+c.API.Listen, id.APIKey)
	defer theirs.Close()
	if status, err := theirs.Status(t.Context()); err != nil || status.Height != 0 {
		t.Errorf("the stranger's status is %+v, %v", status, err)
	}
	select {
	case err := <-stranger:
		t.Errorf("the stranger ended: %v", err)
	default:
	}
}

// says reports whether a line of a log has both.
func says(log []byte, what, of string) bool {
	for line := range bytes.Lines(log) {
		if bytes.Contains(line, []byte(what)) && bytes.Contains(line, []byte(of)) {
			return true
		}
	}
	return false
}

// start runs a node in a process of its own until the test ends. What comes is how it ended.
func start(t *testing.T, home string) <-chan error {
	t.Helper()
	log, err := os.Create(filepath.Join(home, "node.log"))
	do(t, "create a log", err)
	cmd := exec.Command(os.Args[0], "--until-stdin-closes", home)
	cmd.Stdout, cmd.Stderr = log, log
	stdin, err := cmd.StdinPipe()
	do(t, "make a pipe", err)
	do(t, "start", cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = stdin.Close()
		select {
		case <-ended:
		case <-time.After(patience):
			_ = cmd.Process.Kill()
		}
		_ = log.Close()
	})
	return ended
}
