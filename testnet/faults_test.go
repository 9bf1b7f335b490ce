package testnet_test

import (
	"context"
	"flag"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/node"
	"github.com/waymark-ledger/waymark/testnet"
)

// long skips what -short leaves out: the long way through processes of their own,
// in which the race detector sees nothing.
func long(t *testing.T) {
	if testing.Short() {
		t.Skip("long, and its nodes are processes of their own")
	}
}

// A killed node catches up within 10 s, and a network commits again within 15 s after
// it can.
const (
	levelWithin  = 10 * time.Second
	commitWithin = 15 * time.Second
)

var inTime = flag.Bool("in-time", false, "fail when nodes recover later than they are to; for a machine that does nothing else")

// recovered tells how long something took, and with -in-time wants it within most.
func recovered(t *testing.T, what string, took, most time.Duration) {
	t.Helper()
	t.Logf("%s after %s", what, took.Round(time.Millisecond))
	if *inTime && took > most {
		t.Errorf("%s after %s, and not within %s", what, took.Round(time.Millisecond), most)
	}
}

// patience is how long a test waits for what has to come: a network commits again
// some seconds after it can, and later on a machine that runs other tests, too. The
// log tells how long it took.
const patience = 2 * time.Minute

// unhurried configures a node of a busy machine, which changes no answer: nothing is
// told of the state before, or in parts.
func unhurried(_ int, c *node.Config) {
	c.API.ProofWait, c.API.TraceTime, c.API.RequestTimeout = node.Duration{Duration: time.Minute}, node.Duration{Duration: time.Minute}, node.Duration{Duration: 5 * time.Minute}
}

// up brings a network of four nodes up in a directory of the test.
func up(t *testing.T) (*testnet.Supervisor, []*client.Client) {
	t.Helper()
	s, err := testnet.Up(t.Context(), testnet.Options{Dir: t.TempDir(), Nodes: 4, Configure: unhurried, Progress: func(l string) { t.Log(l) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Down(); err != nil {
			t.Errorf("down: %v", err)
		}
	})
	var clients []*client.Client
	state := s.State()
	for i := range state.Nodes {
		c := state.Nodes[i].Client()
		t.Cleanup(c.Close)
		clients = append(clients, c)
	}
	return s, clients
}

func heightOf(t *testing.T, c *client.Client) uint64 {
	t.Helper()
	status, err := c.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return status.Height
}

// awaitAbove waits until the node is past a height and returns how long it took.
func awaitAbove(t *testing.T, c *client.Client, height uint64) time.Duration {
	t.Helper()
	began := time.Now()
	for {
		status, err := c.Status(t.Context())
		if err == nil && status.Height > height {
			return time.Since(began)
		}
		if time.Since(began) > patience {
			t.Fatalf("%s did not get past height %d within %s: %+v, %v", c.Base(), height, patience, status, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// mustStandStill fails when the node goes on committing what waits while the network
// has no quorum. Blocks that were decided before may still arrive, late on a busy
// machine.
func mustStandStill(t *testing.T, c *client.Client, during time.Duration) {
	t.Helper()
	began, first := time.Now(), heightOf(t, c)
	for before := first; ; {
		time.Sleep(during)
		after := heightOf(t, c)
		if after == before {
			return
		}
		if time.Since(began) > patience {
			t.Fatalf("%s went on from height %d to %d without a quorum", c.Base(), first, after)
		}
		before = after
	}
}

func agree(t *testing.T, clients []*client.Client) {
	t.Helper()
	height, err := testnet.Agree(t.Context(), clients)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the app hashes agree at every height to %d", height)
}

func do(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func TestKilledNodesLoseNothing(t *testing.T) {
	long(t)
	s, clients := up(t)
	l := startLoad(t, s.State(), 8, "K")
	l.awaitMore(t, 300)

	do(t, "kill", s.Kill("node3"))
	l.awaitMore(t, 300)
	began := time.Now()
	do(t, "start", s.Start("node3"))
	awaitAbove(t, clients[3], heightOf(t, clients[0]))
	recovered(t, "one killed node was up and level again", time.Since(began), levelWithin)

	do(t, "kill", s.Kill("node2"))
	do(t, "kill", s.Kill("node3"))
	mustStandStill(t, clients[0], 2*time.Second)
	height := heightOf(t, clients[0])
	began = time.Now()
	do(t, "start", s.Start("node2"))
	awaitAbove(t, clients[0], height)
	recovered(t, "with three of four, commits went on", time.Since(began), commitWithin)
	l.awaitMore(t, 200)

	names := []string{"node0", "node1", "node2"}
	for _, name := range names {
		do(t, "kill", s.Kill(name))
	}
	for _, name := range append(names, "node3") {
		do(t, "start", s.Start(name))
	}
	do(t, "all ready", s.AwaitReady(t.Context(), append(names, "node3")...))
	recovered(t, "all four were killed and served, and commits went on", awaitAbove(t, clients[0], heightOf(t, clients[0])), commitWithin)
	l.awaitMore(t, 300)

	l.stop()
	agree(t, clients)
	l.verify(t, clients)
}

func TestHealedPartitionCommitsBothSides(t *testing.T) {
	s, clients := up(t)
	before := startLoad(t, s.State(), 4, "B")
	before.awaitMore(t, 100)
	before.stop()

	do(t, "cut", s.Cut([]string{"node0", "node1"}, []string{"node2", "node3"}))
	// Both sides accept while neither can commit.
	accepted := accept(t, s.State(), "C")
	mustStandStill(t, clients[0], 2*time.Second)
	mustStandStill(t, clients[2], time.Second)
	for node, jobs := range accepted {
		for _, id := range jobs {
			if job, err := clients[node].Job(t.Context(), id); err != nil || !job.Running {
				t.Errorf("node%d committed capture %s without a quorum: %+v, %v", node, id, job, err)
			}
		}
	}
	height := heightOf(t, clients[0])
	do(t, "heal", s.Heal())
	recovered(t, "the links were healed, and commits went on", awaitAbove(t, clients[0], height), commitWithin)

	for node, jobs := range accepted {
		for _, id := range jobs {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			job, err := clients[node].WaitJob(ctx, id)
			cancel()
			if err != nil || !job.Success {
				t.Errorf("node%d accepted capture %s during the cut: %+v, %v", node, id, job, err)
			}
		}
	}
	agree(t, clients)
	before.verify(t, clients)
}

func TestFrozenNodeCatchesUp(t *testing.T) {
	long(t)
	s, clients := up(t)
	l := startLoad(t, s.State(), 4, "P")
	do(t, "pause", s.Pause("node1"))
	l.awaitMore(t, 100)
	do(t, "resume", s.Resume("node1"))
	awaitAbove(t, clients[1], heightOf(t, clients[0]))
	l.stop()
	agree(t, clients)
	l.verify(t, clients)
}

func TestStoppedNetworkResumes(t *testing.T) {
	dir := t.TempDir()
	options := testnet.Options{Dir: dir, Nodes: 2, Configure: unhurried}
	s, err := testnet.Up(t.Context(), options)
	do(t, "up", err)
	if _, err := testnet.Up(t.Context(), options); err == nil {
		t.Error("a second supervisor took the same directory")
	}
	l := startLoad(t, s.State(), 1, "R")
	c := s.State().Nodes[0].Client()
	awaitAbove(t, c, heightOf(t, c)+2)
	l.stop()
	do(t, "down", s.Down())
	if state, err := testnet.ReadState(dir); err != nil || state.Supervisor.Pid != 0 || state.Nodes[0].Pid != 0 {
		t.Errorf("after down the state is %+v, %v", state, err)
	}
	s, err = testnet.Up(t.Context(), testnet.Options{Dir: dir})
	do(t, "up again", err)
	defer func() { do(t, "down", s.Down()) }()
	l.verify(t, []*client.Client{s.State().Nodes[0].Client(), s.State().Nodes[1].Client()})
}
