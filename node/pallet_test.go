package node

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/trace"
)

// Two organisations race to receive the same pallet, each at its own node, a
// thousand times: each time one of them has it, and every node says which.
func TestTwoNodesRaceForAPallet(t *testing.T) {
	const batch = 25
	pallets := rounds(1000)
	nodes := cluster(t, network(t, 4, nil))
	sender := organisation(t, 0).ID
	pallet := func(i int) string {
		return "https://id.gs1.org/00/" + withCheckDigit(t, fmt.Sprintf("09521101%09d", i))
	}
	event := func(i int, rest string) []byte {
		return fmt.Appendf(nil, `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"ObjectEvent",`+
			`"eventTime":"%s","eventTimeZoneOffset":"+00:00","epcList":["%s"],%s}`,
			time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), pallet(i), rest)
	}
	record := func(n *running, backwards bool, rest string, begun func()) {
		for from := 0; from < pallets; from += batch {
			var records [][]byte
			for i := range batch {
				at := from + i
				if backwards {
					at = pallets - 1 - at
				}
				records = append(records, event(at, rest))
			}
			capture(t, n, records...)
			if from == 0 {
				begun()
			}
		}
	}
	record(nodes[0], false, `"action":"ADD","bizStep":"commissioning"`, func() {})
	awaitRecords(t, nodes, uint64(pallets))

	var racers, begun sync.WaitGroup
	begun.Add(2)
	for i, n := range nodes[1:3] {
		racers.Go(func() { // from both ends, and both have begun before one goes on, so that a faster one does not win all
			record(n, i == 1, `"action":"OBSERVE","bizStep":"receiving","sourceList":[{"type":"possessing_party","source":"`+sender+`"}]`,
				func() { begun.Done(); begun.Wait() })
		})
	}
	racers.Wait()
	awaitRecords(t, nodes, 3*uint64(pallets))
	sameRoots(t, nodes)

	wins := map[string]int{}
	for i := range pallets {
		key := trace.Key{NS: trace.NSItem, ID: pallet(i)}
		var winner string
		for n, node := range nodes {
			holder := holderOf(t, node, key)
			switch {
			case holder != organisation(t, 1).ID && holder != organisation(t, 2).ID:
				t.Fatalf("pallet %d at node %d is with %s", i, n, holder)
			case n == 0:
				winner = holder
			case holder != winner:
				t.Fatalf("pallet %d is with %s at node 0, with %s at node %d", i, winner, holder, n)
			}
		}
		wins[winner]++
		if got := receipts(t, nodes[3], key); got != 1 {
			t.Fatalf("pallet %d was received %d times", i, got)
		}
	}
	t.Logf("who won how often: %v", wins)
	if len(wins) != 2 {
		t.Error("one of them won every time: they did not race")
	}
}

// holderOf is who has custody of an item, by the state at a node.
func holderOf(t *testing.T, n *running, k trace.Key) string {
	t.Helper()
	s := n.ledger.Snapshot()
	defer s.Close()
	state := new(contracts.ItemState)
	b, err := s.State(k)
	if err == nil {
		state, err = contracts.ReadItem(b)
	}
	if err != nil || state.Custody == nil {
		t.Fatalf("%s: %+v, %v", k.ID, state, err)
	}
	return state.Custody.Holder
}

// receipts counts the accepted records of an item that somebody received.
func receipts(t *testing.T, n *running, k trace.Key) (count int) {
	t.Helper()
	s := n.ledger.Snapshot()
	defer s.Close()
	seqs, err := s.History(k, 0, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, seq := range seqs {
		r, err := s.Record(seq)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(r.Bytes, []byte(`"receiving"`)) && !r.Rejected() {
			count++
		}
	}
	return count
}
