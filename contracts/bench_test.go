package contracts_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// laneRecord is one record of a lane, decoded as consensus decodes it.
type laneRecord struct {
	member string
	record *epcis.Record
	hash   identity.Hash
}

func decodedLane(t testing.TB, acts []lane.Act) (list []laneRecord) {
	t.Helper()
	for _, act := range acts {
		records, err := act.Signed()
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range records {
			r, err := epcis.DecodeHashed(act.Kind, b)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, laneRecord{act.Member, r, identity.RecordHash(b)})
		}
	}
	return list
}

// BenchmarkJudgeCoffee judges container after container of the coffee lane, as a
// node does: a court a block, over states that grow.
func BenchmarkJudgeCoffee(b *testing.B) {
	m := newMemory()
	m.admitLanes()
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	m.time = epcis.InstantFromUnixNano(noon.UnixNano())
	var court *contracts.Court
	judge := func(r *laneRecord) {
		if m.seq%1000 == 0 {
			court = contracts.Convene(m, m.block())
		}
		p := m.position(r.member, r.record.Kind)
		p.Record = r.hash
		v, err := court.Judge(p, r.record)
		if err != nil || v.Rejected() {
			b.Fatal(err, v)
		}
		for _, w := range v.Writes {
			m.states[w.Key] = bytes.Clone(w.State)
		}
		m.seq++
	}
	acts, err := lane.Coffee.Ground(noon)
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range decodedLane(b, acts) {
		judge(&r)
	}
	var list []laneRecord
	script := 0
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if len(list) == 0 {
			b.StopTimer()
			s, err := lane.Coffee.Script(noon, script)
			if err != nil {
				b.Fatal(err)
			}
			list = decodedLane(b, s.Honest())
			script++
			b.StartTimer()
		}
		judge(&list[0])
		list = list[1:]
	}
}
