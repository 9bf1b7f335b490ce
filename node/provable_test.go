package node

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/proof"
)

// verified asks a node for its checkpoint and verifies it from genesis.
func verified(t testing.TB, n *running) *proof.Checkpoint {
	t.Helper()
	p, err := n.Provable(context.Background(), nil)
	for deadline := time.Now().Add(patience); errors.Is(err, api.ErrUnproved) && time.Now().Before(deadline); {
		p, err = n.Provable(context.Background(), nil) // a new network's first block is still to come
	}
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	anchor, err := proof.AnchorOfGenesis(n.genesis)
	if err != nil {
		t.Fatal(err)
	}
	b, err := p.Checkpoint.Encode()
	if err != nil {
		t.Fatal(err)
	}
	c, err := proof.ParseCheckpoint(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Verify(anchor); err != nil {
		t.Fatal(err)
	}
	if r := p.Roots(); r.StateHeight != c.Roots.Height || r.AppHash != c.Block.Header.AppHash {
		t.Fatalf("the snapshot is of %+v, the checkpoint of %+v", r, c.Roots)
	}
	return c
}

// extends checks that the later checkpoint continues the earlier one.
func extends(t testing.TB, n *running, later, earlier *proof.Checkpoint) {
	t.Helper()
	s := n.ledger.Snapshot()
	defer s.Close()
	path, err := s.ConsistencyProof(earlier.Roots.LogSize, later.Roots.LogSize)
	if err != nil {
		t.Fatal(err)
	}
	if err := later.CheckExtends(earlier, path); err != nil {
		t.Fatal(err)
	}
}

func TestCheckpointsOfARunningNetwork(t *testing.T) {
	for _, size := range []int{1, 4} {
		nodes := cluster(t, network(t, size, nil))
		before := verified(t, nodes[0])
		var last *proof.Checkpoint
		for i := range 6 {
			capture(t, nodes[i%size], observation(t, 2*i), observation(t, 2*i+1))
			awaitRecords(t, nodes, uint64(2*i+2))
			for _, n := range nodes {
				// What is committed here is provable a moment later, by what genesis says.
				last = verified(t, n)
				if last.Roots.LogSize != uint64(2*i+2) {
					t.Fatalf("of %d validators: the checkpoint has %d entries, the ledger %d", size, last.Roots.LogSize, 2*i+2)
				}
				extends(t, n, last, before)
			}
		}
		// An earlier checkpoint vouches for a later one as genesis does, and the other way round.
		for _, pair := range [][2]*proof.Checkpoint{{before, last}, {last, before}} {
			a, err := proof.AnchorOfCheckpoint(pair[0])
			if err != nil {
				t.Fatal(err)
			}
			if err := pair[1].Verify(a); err != nil {
				t.Error(err)
			}
		}
		for _, n := range nodes {
			if err := n.stop(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestCheckpointIsFreshOnAnIdleNetwork(t *testing.T) {
	nodes := cluster(t, network(t, 4, func(_ int, c *Config) { c.Consensus.Heartbeat = Duration{500 * time.Millisecond} }))
	capture(t, nodes[0], observation(t, 1))
	first := verified(t, nodes[0])
	for range 2 {
		eventually(t, "a later checkpoint, three seconds old at most", func() bool {
			later := verified(t, nodes[0])
			if later.Roots != first.Roots {
				t.Fatalf("the roots moved from %+v to %+v", first.Roots, later.Roots)
			}
			now := epcis.InstantFromUnixNano(time.Now().UnixNano())
			return later.Time() > first.Time()+int64(2*time.Second) && later.CheckAge(now, 3) == nil
		})
	}
}

func TestCheckpointAfterARestart(t *testing.T) {
	c := network(t, 1, func(_ int, c *Config) { c.Consensus.Heartbeat = Duration{time.Hour} })[0]
	n := run(t, c)
	n.awaitReady(t)
	capture(t, n, observation(t, 1))
	before := verified(t, n)
	if err := n.stop(); err != nil {
		t.Fatal(err)
	}
	n = run(t, c)
	n.awaitReady(t)
	if after := verified(t, n); after.Roots != before.Roots {
		t.Errorf("before %+v, after %+v", before.Roots, after.Roots)
	}
}

// One half of the validators cannot go on, but it goes on proving.
func TestPartitionKeepsProving(t *testing.T) {
	nodes := cluster(t, network(t, 4, nil))
	capture(t, nodes[0], observation(t, 1))
	awaitRecords(t, nodes, 1)
	before := verified(t, nodes[0])
	for _, n := range nodes[2:] {
		if err := n.stop(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := nodes[0].Capture(context.Background(), epcis.KindEvent, [][]byte{observation(t, 2)}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	began := time.Now()
	for range 20 { // each would wait a minute for a block that does not come
		if now := verified(t, nodes[0]); now.Roots != before.Roots {
			t.Fatalf("%+v, before %+v", now.Roots, before.Roots)
		}
	}
	if took := time.Since(began); took > patience {
		t.Errorf("20 checkpoints took %v", took)
	}
}

// shelved is an application without an engine, and a shelf beside it.
func shelved(t *testing.T) (*bench, *shelf) {
	t.Helper()
	b := newBench(t)
	light := func(uint64) (*proof.LightBlock, error) { return nil, errors.New("there is no engine") }
	s, err := newShelf(b.ledger, b.app.genesis, light, 2*time.Minute, testLogger(t))
	if err != nil {
		t.Fatal(err)
	}
	b.decided = s.offer
	t.Cleanup(func() {
		if err := s.close(); err != nil { // before the ledger, which would refuse
			t.Error(err)
		}
	})
	return b, s
}

func TestShelfIsOneBlockBehind(t *testing.T) {
	b, s := shelved(t)
	never := make(chan struct{})
	if _, err := s.await(context.Background(), 0, never); !errors.Is(err, api.ErrUnproved) {
		t.Fatalf("before the first block: %v", err)
	}
	for i := range 3 {
		b.decide(t, b.wire(t, time.Hour, observation(t, i)))
		p, err := s.await(context.Background(), 0, never)
		if err != nil {
			t.Fatal(err)
		}
		if want := uint64(b.height); p.block != want || p.roots.Height != want-1 || p.roots.LogSize != uint64(i) {
			t.Fatalf("after block %d, block %d proves %+v", want, p.block, p.roots)
		}
		s.release(p)
	}
	// The proof block: who waits for it is told.
	got := make(chan *provable, 1)
	go func() {
		p, _ := s.await(context.Background(), patience, never)
		got <- p
	}()
	time.Sleep(20 * time.Millisecond)
	b.decide(t)
	p := <-got
	if p == nil || p.roots.LogSize != 3 || p.block != uint64(b.height) {
		t.Fatalf("%+v", p)
	}
	s.release(p)

	b.decide(t, b.wire(t, time.Hour, observation(t, 9)))
	stopped := make(chan struct{})
	close(stopped)
	if _, err := s.await(context.Background(), time.Minute, stopped); !errors.Is(err, api.ErrStopping) {
		t.Errorf("while stopping: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.await(ctx, time.Minute, never); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
}

func TestShelfKeepsForContinuations(t *testing.T) {
	b, s := shelved(t)
	clock := time.Unix(1_800_000_000, 0)
	var heights []uint64
	for i := range 6 {
		b.decide(t, b.wire(t, time.Hour, observation(t, i)))
		p, err := s.await(context.Background(), 0, nil)
		if err != nil {
			t.Fatal(err)
		}
		s.retain(p, clock)
		s.retain(p, clock)
		heights = append(heights, p.roots.StateHeight)
		s.release(p)
		clock = clock.Add(400 * time.Millisecond)
	}
	// At 0, 1.2 s and nothing between: at most one a second.
	for i, want := range []bool{true, false, false, true, false, true /* the newest */} {
		p := s.held(heights[i])
		if (p != nil) != want {
			t.Errorf("height %d is held: %v", heights[i], p != nil)
		}
		if p != nil && p.roots.StateHeight != heights[i] {
			t.Errorf("asked for %d, got %d", heights[i], p.roots.StateHeight)
		}
		s.release(p)
	}
	s.sweep(time.Unix(1_800_000_000, 0).Add(2*time.Minute - time.Millisecond))
	if len(s.kept) != 2 {
		t.Errorf("%d kept before their time is over", len(s.kept))
	}
	reader := s.held(heights[0])
	s.sweep(time.Unix(1_800_000_000, 0).Add(2 * time.Minute))
	if s.held(heights[0]) != nil || len(s.kept) != 1 {
		t.Error("kept too long")
	}
	if _, err := reader.snapshot.Record(0); reader.roots.LogSize > 0 && err != nil {
		t.Errorf("a reader's snapshot was closed: %v", err)
	}
	s.release(reader)
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	s.offer(99) // the engine may still go on for a moment
	if s.held(heights[5]) != nil {
		t.Error("a closed shelf holds something")
	}
	if p, err := s.await(context.Background(), 0, nil); !errors.Is(err, api.ErrUnproved) {
		t.Errorf("%+v, %v", p, err)
	}
}

// A genesis without validators cannot be verified, so nothing is started on it.
func TestShelfNeedsValidators(t *testing.T) {
	b := newBench(t)
	g := *b.app.genesis
	g.Validators = nil
	if _, err := newShelf(b.ledger, &g, nil, 0, testLogger(t)); !errors.Is(err, proof.ErrUnusable) {
		t.Fatal(err)
	}
}
