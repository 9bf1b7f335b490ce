package contracts_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// witness is a view that notes which states are read.
type witness struct {
	*memory
	read map[trace.Key]bool
}

func (w *witness) State(k trace.Key) ([]byte, error) {
	w.read[k] = true
	return w.memory.State(k)
}

// A court that goes on from block to block reads for each record all states that a
// court of its own for that record reads, but those that it may remember, and comes
// to the same verdict.
func TestCourtRemembersNothingElse(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, l := range lane.All() {
		m := newMemory()
		m.admitLanes()
		m.time = epcis.InstantFromUnixNano(noon.UnixNano())
		acts, err := l.Ground(noon)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 2 {
			s, err := l.Script(noon, n)
			if err != nil {
				t.Fatal(err)
			}
			acts = append(append(acts, s.Acts...), acts[:len(acts)/4]...) // some again: refused
		}
		going := &witness{memory: m}
		court := contracts.Convene(going, m.block()).HoldToDeclarations().WithoutForward()
		remembered := 0
		for i, r := range decodedLane(t, acts) {
			if i%20 == 0 {
				court.Proceed(m.block())
			}
			going.read = map[trace.Key]bool{}
			got, err := court.Judge(m.position(r.member, r.record.Kind), r.record)
			if err != nil {
				t.Fatal(err)
			}
			alone := &witness{m, map[trace.Key]bool{}}
			want, err := contracts.Judge(alone, m.block(), m.position(r.member, r.record.Kind), r.record)
			if err != nil {
				t.Fatal(err)
			}
			for k := range alone.read {
				switch {
				case going.read[k]:
				case !contracts.Remembers(k.NS):
					t.Errorf("%s, record %d: the state of %v is not read again", l.Name, i, k)
				default:
					remembered++
				}
			}
			if want.Forward = (trace.Forward{}); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s, record %d: %+v\ninstead of %+v", l.Name, i, got, want)
			}
			m.judge(t, r.member, r.record.Kind, r.record.Bytes)
		}
		if remembered == 0 {
			t.Errorf("%s: nothing was remembered", l.Name)
		}
	}
}
