package contracts_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// A court uses its memory again and remembers what seldom changes: of none of that
// does a verdict depend. Blocks of the lanes get the verdicts, and leave the states,
// that a court of its own for each record gives them.
func TestCourtJudgesABlockAsItsRecordsOneByOne(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, l := range lane.All() {
		block, alone := newMemory(), newMemory()
		for _, m := range []*memory{block, alone} {
			m.admitLanes()
			m.time = epcis.InstantFromUnixNano(noon.UnixNano())
		}
		acts, err := l.Ground(noon)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 2 {
			s, err := l.Script(noon, n)
			if err != nil {
				t.Fatal(err)
			}
			acts = append(append(acts, s.Acts...), s.Acts[len(s.Acts)/2:]...) // some again: refused
		}
		var court *contracts.Court
		refused := 0
		for i, r := range decodedLane(t, acts) {
			if i%50 == 0 {
				court = contracts.Convene(block, block.block()).HoldToDeclarations()
			}
			got, err := court.Judge(block.position(r.member, r.record.Kind), r.record)
			if err != nil {
				t.Fatal(err)
			}
			want := alone.judge(t, r.member, r.record.Kind, r.record.Bytes)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s, record %d: %+v\ninstead of %+v", l.Name, i, got, want)
			}
			if got.Rejected() {
				refused++
			}
			for _, w := range got.Writes {
				block.states[w.Key] = bytes.Clone(w.State)
			}
			block.accepted, block.content, block.seq = alone.accepted, alone.content, alone.seq
		}
		if len(block.states) != len(alone.states) {
			t.Fatalf("%s: %d states, %d", l.Name, len(block.states), len(alone.states))
		}
		for k, want := range alone.states {
			if !bytes.Equal(block.states[k], want) {
				t.Errorf("%s: the state of %v is %x, %x", l.Name, k, block.states[k], want)
			}
		}
		if refused == 0 {
			t.Errorf("%s: nothing was refused", l.Name)
		}
	}
}
