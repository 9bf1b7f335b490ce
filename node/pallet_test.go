package node

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
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
	for from := 0; from < pallets; from += batch {
		var births [][]byte
		for i := range batch {
			births = append(births, event(from+i, `"action":"ADD","bizStep":"commissioning"`))
		}
		capture(t, nodes[0], births...)
	}
	awaitRecords(t, nodes, uint64(pallets))

	// Of each few pallets the receipts come at both nodes at once, each in an envelope of its
	// own: one node begins with the first pallet and the other with the last, so that a
	// faster one does not win all.
	receive := func(n *running, from int, backwards bool) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		var waiting []identity.Hash
		for i := range batch {
			at := from + i
			if backwards {
				at = from + batch - 1 - i
			}
			accepted, err := n.Capture(ctx, epcis.KindEvent, [][]byte{event(at,
				`"action":"OBSERVE","bizStep":"receiving","sourceList":[{"type":"possessing_party","source":"`+sender+`"}]`)})
			if err != nil {
				t.Error(err)
				return
			}
			waiting = append(waiting, accepted[0].ID)
		}
		for _, id := range waiting {
			if _, err := n.Wait(ctx, id); err != nil {
				t.Error(err)
			}
		}
	}
	for from := 0; from < pallets && !t.Failed(); from += batch {
		var racers sync.WaitGroup
		start := make(chan struct{})
		for i, n := range nodes[1:3] {
			racers.Go(func() {
				<-start
				receive(n, from, i == 1)
			})
		}
		close(start)
		racers.Wait()
	}
	if t.Failed() {
		t.FailNow()
	}
	awaitRecords(t, nodes, 3*uint64(pallets))
	sameRoots(t, nodes)

	wins, near := map[string]int{}, 0
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
		won := receipts(t, nodes[3], key)
		lost := receipts(t, nodes[3], key.Refused())
		if len(won) != 1 || len(lost) != 1 {
			t.Fatalf("pallet %d was received %d times, and refused %d times", i, len(won), len(lost))
		}
		if lost[0] < won[0] {
			t.Fatalf("pallet %d was refused in block %d, and received in block %d", i, lost[0], won[0])
		}
		if lost[0]-won[0] <= 1 {
			near++
		}
	}
	t.Logf("who won how often: %v; in the same block or the next one: %d", wins, near)
	if len(wins) != 2 || 2*near < pallets {
		t.Error("they did not race")
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

// receipts are the blocks with the records in a history that somebody received the item.
func receipts(t *testing.T, n *running, k trace.Key) (heights []uint64) {
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
		if bytes.Contains(r.Bytes, []byte(`"receiving"`)) {
			heights = append(heights, r.Height)
		}
	}
	return heights
}
