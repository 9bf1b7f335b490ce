package ledger

import (
	"encoding/binary"
	"fmt"
	"math/rand"
	"syscall"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// cpu is the processor time that the process has used, compactions included.
func cpu() time.Duration {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		panic(err)
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

// load makes blocks of 800-byte records that touch six keys each, three of
// them new: an item, its lot, its case and pallet, an order and a declaration.
type load struct {
	n       *network
	rng     *rand.Rand
	records uint64
}

func (g *load) envelope(b testing.TB, count int) (*identity.Envelope, []Append) {
	var records [][]byte
	for range count {
		r := make([]byte, 800)
		const letters = "abcdefghijklmnopqrstuvwxyz0123456789:/. \"{},"
		for i := range r {
			r[i] = letters[g.rng.Intn(len(letters))]
		}
		records = append(records, r)
	}
	e := identity.NewEnvelope(g.n.genesis.Network, string(epcis.KindEvent), g.n.keys[0].Address(), 1<<40, records)
	id := identity.Hash{}
	g.rng.Read(id[:])
	var appends []Append
	for i, r := range records {
		g.records++
		x := g.records
		key := func(ns trace.Namespace, v uint64) trace.Key {
			return trace.Key{NS: ns, ID: fmt.Sprintf("https://id.gs1.org/01/09506000134352/21/%s%d", ns[:1], v)}
		}
		appends = append(appends, Append{
			Envelope: e, EnvelopeID: id, Index: uint32(i), Kind: epcis.KindEvent, Organisation: g.n.orgs[0],
			Bytes: r, RecordHash: identity.RecordHash(r),
			Touches: []trace.Key{key(trace.NSItem, x), key(trace.NSItem, x/2), key(trace.NSLot, x/100),
				key(trace.NSItem, 1<<32+x/10), key(trace.NSTransaction, x/50), key(trace.NSTransaction, 1<<32+x)},
			States:      []State{{key(trace.NSItem, x), binary.BigEndian.AppendUint64(nil, x)}},
			ContentHash: fmt.Sprintf("ni:///sha-256;%064x?ver=CBV2.0", x), EventID: fmt.Sprintf("urn:uuid:%032x", x),
		})
	}
	return e, appends
}

func (g *load) block(b testing.TB, l *Ledger, appends []Append) {
	blk := begin(b, l)
	for _, a := range appends {
		if _, err := blk.Append(a); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := blk.Roots(); err != nil {
		b.Fatal(err)
	}
	commit(b, blk)
}

func benchmarkCommit(b *testing.B, size int) {
	n := newNetwork(b, "")
	l, err := Open(Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	if err := l.InitGenesis(n.genesis); err != nil {
		b.Fatal(err)
	}
	g := &load{n: n, rng: rand.New(rand.NewSource(1))}
	var used time.Duration
	for b.Loop() {
		b.StopTimer()
		_, appends := g.envelope(b, size)
		b.StartTimer()
		start := cpu() // StartTimer stops the world
		g.block(b, l, appends)
		used += cpu() - start
	}
	b.ReportMetric(float64(used.Microseconds())/float64(b.N*size), "cpu-us/record")
	m := l.Metrics()
	b.ReportMetric(float64(m.WAL.BytesWritten)/float64(b.N*size), "wal-B/record")
	b.ReportMetric(float64(m.DiskSpaceUsage())/float64(b.N*size), "disk-B/record")
}

// BenchmarkCommit appends and commits a block, synced. CPU counts the whole
// process, flushes and compactions that ran meanwhile included.
func BenchmarkCommit(b *testing.B) {
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) { benchmarkCommit(b, size) })
	}
}

func filled(b *testing.B, records int) (*Ledger, *load) {
	n := newNetwork(b, "")
	l, err := Open(Config{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	if err := l.InitGenesis(n.genesis); err != nil {
		b.Fatal(err)
	}
	g := &load{n: n, rng: rand.New(rand.NewSource(1))}
	for range records / 1000 {
		_, appends := g.envelope(b, 1000)
		g.block(b, l, appends)
	}
	return l, g
}

func BenchmarkSnapshot(b *testing.B) {
	l, _ := filled(b, 1000)
	for b.Loop() {
		l.Snapshot().Close()
	}
}

// BenchmarkRead reads from a ledger of 100,000 records.
func BenchmarkRead(b *testing.B) {
	l, g := filled(b, 100_000)
	s := l.Snapshot()
	defer s.Close()
	id := func(v uint64) trace.Key {
		return trace.Key{NS: trace.NSItem, ID: fmt.Sprintf("https://id.gs1.org/01/09506000134352/21/i%d", v)}
	}
	size := s.Roots().LogSize
	for _, c := range []struct {
		name string
		read func(x uint64) error
	}{
		{"record", func(x uint64) error { _, err := s.Record(x); return err }},
		{"history", func(x uint64) error { _, err := s.History(id(x), 0, 100); return err }},
		{"history from", func(x uint64) error { _, err := s.History(id(1<<32+x/10), x, 100); return err }},
		{"history unknown", func(x uint64) error { _, err := s.History(id(1<<40+x), 0, 100); return err }},
		{"state", func(x uint64) error { _, err := s.State(id(x)); return err }},
		{"inclusion proof", func(x uint64) error { _, err := s.InclusionProof(x, size); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.read(uint64(g.rng.Int63n(int64(size)))); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
