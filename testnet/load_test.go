package testnet_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/testnet"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// acknowledged is a record that a node said is committed and on its disk.
type acknowledged struct {
	seq  uint64
	hash string
	node string
}

// load has one clerk at each node record events one after another, and keeps
// what was acknowledged.
type load struct {
	cancel context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	acked  []acknowledged
}

// startLoad sets clerks to work, so many at each node. They go on through
// failures: a node that is down refuses, and the clerk tries the next event.
func startLoad(t *testing.T, state *testnet.State, clerks int, run string) *load {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l := &load{cancel: cancel}
	members := lane.Members(len(state.Nodes))
	for i := range state.Nodes {
		n := &state.Nodes[i]
		for clerk := range clerks {
			events := lane.LoadOf(members[i], time.Now(), fmt.Sprintf("%s%d", run, clerk))
			l.wg.Go(func() { l.clerk(ctx, n, events) })
		}
	}
	t.Cleanup(l.stop)
	return l
}

func (l *load) clerk(ctx context.Context, n *testnet.NodeState, events lane.Load) {
	c := n.Client()
	defer c.Close()
	for i := 0; ctx.Err() == nil; i++ {
		body, err := events.Event(i)
		if err != nil {
			panic(err)
		}
		receipt, _, err := c.Event(ctx, body)
		if err != nil || receipt == nil {
			select { // the node is down, or the network has no quorum
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		l.mu.Lock()
		for _, r := range receipt.Records {
			l.acked = append(l.acked, acknowledged{r.Seq, r.RecordHash, n.Name})
		}
		l.mu.Unlock()
	}
}

func (l *load) stop() {
	l.cancel()
	l.wg.Wait()
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acked)
}

// awaitMore waits until so many more records are acknowledged.
func (l *load) awaitMore(t *testing.T, more int) {
	t.Helper()
	want, deadline := l.count()+more, time.Now().Add(patience)
	for l.count() < want {
		if time.Now().After(deadline) {
			t.Fatalf("%d records acknowledged, want %d within %s", l.count(), want, patience)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// verify counts the acknowledged records that a node lacks, or has otherwise.
func (l *load) verify(t *testing.T, nodes []*client.Client) {
	t.Helper()
	do(t, "settle", testnet.Settle(t.Context(), nodes))
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.acked) == 0 {
		t.Fatal("the load was never acknowledged anything")
	}
	for _, c := range nodes {
		missing := 0
		for _, a := range l.acked {
			r, err := c.Record(context.Background(), a.seq)
			if err != nil || r.RecordHash != a.hash {
				missing++
				t.Logf("%s: record %d, acknowledged by %s: %v", c.Base(), a.seq, a.node, err)
			}
		}
		if missing > 0 {
			t.Errorf("%s lacks %d of %d acknowledged records", c.Base(), missing, len(l.acked))
		}
	}
	t.Logf("%d acknowledged records are on all %d nodes", len(l.acked), len(nodes))
}

// accept captures one document at each node without waiting for the commit and
// returns each node's capture jobs.
func accept(t *testing.T, state *testnet.State, run string) map[int][]string {
	t.Helper()
	jobs := map[int][]string{}
	members := lane.Members(len(state.Nodes))
	for i := range state.Nodes {
		events := lane.LoadOf(members[i], time.Now(), run)
		c := state.Nodes[i].Client()
		for d := range 5 {
			body, err := events.Document(d*10, 10)
			if err != nil {
				t.Fatal(err)
			}
			job, err := c.Capture(t.Context(), body)
			if err != nil {
				t.Fatalf("%s does not accept during the cut: %v", state.Nodes[i].Name, err)
			}
			jobs[i] = append(jobs[i], job.CaptureID)
		}
		c.Close()
	}
	return jobs
}
