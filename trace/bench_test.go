package trace_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// busyLedger is the lane among 100,000 records of other containers' lanes, whose
// bag has been scanned often enough for a journey of 120 events.
func busyLedger(b *testing.B) *memory {
	m := laneLedger(b)
	lane := len(m.records)
	for n := 1; len(m.records) < 100_000; n++ {
		other := strings.NewReplacer("2600000", fmt.Sprintf("26%05d", n),
			laneContainer, fmt.Sprintf("urn:example:container:%d", n), "urn:epcglobal:cbv:bt:", fmt.Sprintf("urn:example:document:%d:", n),
			"https://id.gs1.org/00/", fmt.Sprintf("urn:example:pallet:%d:", n))
		for _, r := range m.records[:lane] {
			if r.Kind != epcis.KindEvent {
				continue
			}
			rec := *r
			rec.Seq = uint64(len(m.records))
			rec.Bytes = []byte(other.Replace(string(r.Bytes)))
			m.records = append(m.records, &rec)
			decoded, err := epcis.Decode(rec.Kind, rec.Bytes)
			if err != nil {
				b.Fatal(err)
			}
			for _, k := range trace.Touches(decoded) {
				m.histories[k] = append(m.histories[k], rec.Seq)
			}
		}
	}
	for i := range 85 {
		m.eventAt(b, orgA, "2026-11-20T10:00:00Z", object("OBSERVE", "storing", at(1+i%28, i%24), laneBag))
	}
	return m
}

func BenchmarkJourneyOf120EventsOnALedgerOf100000(b *testing.B) {
	m := busyLedger(b)
	var j *trace.Journey
	b.ReportAllocs()
	for b.Loop() {
		j = walk(b, m, laneBag, trace.Options{Direction: trace.Upstream})
	}
	b.ReportMetric(float64(len(j.Steps)), "steps")
	b.ReportMetric(float64(len(m.records)), "ledger")
}

func BenchmarkRecallOfALot(b *testing.B) {
	m := laneLedger(b)
	for b.Loop() {
		walk(b, m, "https://id.gs1.org/01/09521101000016/10/CH2600000B", trace.Options{Direction: trace.Downstream})
	}
}

func BenchmarkTouches(b *testing.B) {
	m := laneLedger(b)
	var records []*epcis.Record
	for _, r := range m.records {
		decoded, err := epcis.Decode(r.Kind, r.Bytes)
		if err != nil {
			b.Fatal(err)
		}
		records = append(records, decoded)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		trace.Touches(records[i%len(records)])
	}
}
