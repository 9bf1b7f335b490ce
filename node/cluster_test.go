package node

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/proof"
)

// cluster starts nodes side by side and waits until all are ready.
func cluster(t testing.TB, configs []Config) []*running {
	t.Helper()
	nodes := make([]*running, len(configs))
	for i := range configs {
		nodes[i] = run(t, configs[i])
	}
	for _, n := range nodes {
		n.awaitReady(t)
	}
	return nodes
}

// awaitRecords waits until every node holds so many records.
func awaitRecords(t testing.TB, nodes []*running, want uint64) {
	t.Helper()
	for _, n := range nodes {
		last, deadline := uint64(math.MaxUint64), time.Time{}
		for size := n.ledger.Roots().LogSize; size < want; size = n.ledger.Roots().LogSize {
			if size != last { // it goes on
				last, deadline = size, time.Now().Add(patience)
			}
			if time.Now().After(deadline) {
				for _, m := range nodes {
					t.Logf("%s: %+v outbox %d pool %d peers %d/%d", m.member().Name, m.ledger.Roots(), m.outbox.Len(), m.app.pool.size(), len(m.host.Peers()), len(m.engine.peers()))
				}
				t.Fatalf("%s has %d records of %d", n.member().Name, n.ledger.Roots().LogSize, want)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// sameRoots compares the nodes at every height that all of them have.
func sameRoots(t testing.TB, nodes []*running) (heights uint64) {
	t.Helper()
	heights = nodes[0].ledger.Roots().Height
	for _, n := range nodes {
		heights = min(heights, n.ledger.Roots().Height)
	}
	for h := uint64(1); h <= heights; h++ {
		var first proof.Roots
		for i, n := range nodes {
			s := n.ledger.Snapshot()
			r, ok, err := s.Block(h)
			s.Close()
			if err != nil || !ok {
				t.Fatalf("height %d: %v %v", h, ok, err)
			}
			if i == 0 {
				first = r
			} else if r != first {
				t.Fatalf("height %d: %+v and %+v", h, first, r)
			}
		}
	}
	return heights
}

func TestFourNodesAgree(t *testing.T) {
	nodes := cluster(t, network(t, 4, nil))
	const each = 60
	var all sync.WaitGroup
	for i, n := range nodes {
		all.Go(func() {
			for j := range each / 3 {
				k := i*each + j*3
				capture(t, n, observation(t, k), observation(t, k+1), observation(t, k+2))
			}
		})
	}
	all.Wait()
	awaitRecords(t, nodes, 4*each)
	if h := sameRoots(t, nodes); h < 3 {
		t.Fatalf("only %d heights", h)
	}

	// One leaves, the rest go on, it comes back and catches up.
	config := nodes[3].config
	if err := nodes[3].stop(); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		capture(t, nodes[i%3], observation(t, 10_000+i))
	}
	back := run(t, config)
	back.awaitReady(t)
	nodes[3] = back
	awaitRecords(t, nodes, 4*each+5)
	capture(t, back, observation(t, 20_000))
	awaitRecords(t, nodes, 4*each+6)
	sameRoots(t, nodes)
	for _, n := range nodes {
		eventually(t, "nothing waits at "+n.member().Name, func() bool { return n.outbox.Len()+n.app.pool.size() == 0 })
	}
}

// filesOf is how many bytes the files of all nodes have: a young store writes on
// behind what it has written, and begins no file anew.
func filesOf(t testing.TB, nodes []*running) (size int64) {
	t.Helper()
	for _, n := range nodes {
		err := filepath.WalkDir(n.config.Home, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				var info fs.FileInfo
				if info, err = d.Info(); err == nil {
					size += info.Size()
				}
			}
			if errors.Is(err, fs.ErrNotExist) { // replaced as it is looked at
				return nil
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return size
}

func TestIdleNetworkWritesOnlyHeartbeats(t *testing.T) {
	nodes := cluster(t, network(t, 4, func(_ int, c *Config) { c.Consensus.Heartbeat = Duration{time.Second} }))
	capture(t, nodes[0], observation(t, 1))
	awaitRecords(t, nodes, 1)
	hash := nodes[0].ledger.Roots().AppHash
	verified(t, nodes[0]) // so that the block that proves it is there
	began, from := time.Now(), uint64(0)
	for _, n := range nodes { // one of them may be behind
		from = max(from, n.ledger.Roots().Height)
	}
	var wrote []int64 // of all nodes, a heartbeat each
	for before := filesOf(t, nodes); len(wrote) < 3; {
		beat := from + uint64(len(wrote)) + 1
		eventually(t, "a heartbeat", func() bool { return nodes[0].ledger.Roots().Height >= beat })
		after := filesOf(t, nodes)
		wrote, before = append(wrote, after-before), after
	}
	roots := nodes[0].ledger.Roots()
	slices.Sort(wrote)
	if wrote[1] <= 0 || wrote[1] > 64<<10 { // one may take a round more, on a busy machine
		t.Errorf("heartbeats are %d bytes in the files of all nodes, and are to be 64 KiB at most", wrote)
	}
	if n, most := roots.Height-from, 1+uint64(time.Since(began)/time.Second); n > most {
		t.Errorf("%d blocks in %v with a heartbeat of 1 s", n, time.Since(began))
	}
	if roots.AppHash != hash {
		t.Error("the app hash changed in a block without records")
	}
	sameRoots(t, nodes)
}

func TestStrangerIsRefusedOnBothNetworks(t *testing.T) {
	configs := network(t, 2, nil)
	doc := configs[0].genesisFile()
	nodes := cluster(t, configs)
	home := t.TempDir()
	id, err := Prepare(home, PrepareOptions{Organisation: organisation(t, 9), LightScrypt: true})
	if err != nil {
		t.Fatal(err)
	}
	c := testConfig(t, home)
	for _, n := range nodes {
		c.P2P.Peers = append(c.P2P.Peers, n.PeerAddrs()[0])
		c.Consensus.Peers = append(c.Consensus.Peers, n.EngineAddr())
	}
	if err := Install(home, mustRead(t, doc), c); err != nil {
		t.Fatal(err)
	}
	stranger := run(t, c)
	deadline := time.Now().Add(3 * time.Second)
	for time.Now().Before(deadline) {
		for _, n := range nodes {
			for _, p := range n.Network().Peers {
				if p.ID == id.Organisation.Peer || p.ID == id.Organisation.NodeID {
					t.Fatalf("%s let the stranger in on the %s network", n.member().Name, p.Network)
				}
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	if h := stranger.ledger.Roots().Height; h != 0 {
		t.Fatalf("the stranger has %d blocks", h)
	}
	if _, err := stranger.Capture(context.Background(), "epcis", [][]byte{observation(t, 1)}); err == nil {
		t.Fatal("a stranger's capture is accepted")
	}
	capture(t, nodes[0], observation(t, 2))
	awaitRecords(t, nodes, 1)
}
