package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/node"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// One touch is one key of one record: its history grows by an entry and its
// state changes. A block has this many, a record a hundred, so that the rows of
// the records themselves are a small part.
const (
	touchesPerBlock  = 10_000
	touchesPerRecord = 100
	provedKeys       = 5_000 // present, and as many absent
)

// mapResult is what runMap reports.
type mapResult struct {
	Keys    int     `json:"keys"`
	Touches int     `json:"touches"`
	CPU     float64 `json:"cpu_us_per_touch"`     // whole process, flushes and compactions to the end
	Logged  float64 `json:"wal_bytes_per_touch"`  // written to the log
	Written float64 `json:"disk_bytes_per_touch"` // written to log and tables
	Fill    float64 `json:"fill_cpu_us_per_key"`
	Map     int     `json:"map_bytes"`  // that the map may take in memory
	Peak    int64   `json:"peak_bytes"` // of memory, the whole process
	Present proofs  `json:"present"`
	Absent  proofs  `json:"absent"`
	// After the ledger was closed and opened again: what no block has brought into memory is read.
	PresentRead proofs `json:"present_read"`
	AbsentRead  proofs `json:"absent_read"`
}

// proofs are the proofs of single keys, made and not verified within the time.
type proofs struct {
	P50   float64 `json:"p50_us"`
	P99   float64 `json:"p99_us"`
	Max   float64 `json:"max_us"`
	Bytes int     `json:"bytes_p50"`
	Most  int     `json:"bytes_max"`
}

// runMap measures the authenticated map: what a touch of a random key costs a
// ledger of so many keys that has settled, and proofs of keys of it.
func runMap(ctx context.Context, o *options, stdout io.Writer) error {
	began := machine()
	m, err := newMapBench(o)
	if err != nil {
		return err
	}
	r, err := m.run(ctx, o)
	if m.ledger != nil {
		err = errors.Join(err, m.ledger.Close())
	}
	if err != nil {
		return err
	}
	return o.report(stdout, fmt.Sprintf(sectionMap, r.Keys), began, r.text(), r)
}

func (r *mapResult) text() string {
	return fmt.Sprintf("A settled ledger of %d keys, blocks of %d touches of random keys, each with a new state: **%.1f us of CPU a touch**, all included (the key's\n"+
		"row read, pages read, hashing, log, flushes and compactions until the store has settled again; %d touches). %.0f bytes a touch go to the\n"+
		"log, %.0f to log and tables. New keys cost %.1f us each while the ledger was filled. The map may take %d MiB of memory; the process took %d MiB at most.\n\n"+
		"| proof of one key | p50 us | p99 us | max us | bytes p50 | bytes max |\n|---|---|---|---|---|---|\n%s%s%s%s",
		r.Keys, touchesPerBlock, r.CPU, r.Touches, r.Logged, r.Written, r.Fill, r.Map>>20, r.Peak>>20, r.Present.row("present"), r.Absent.row("absent"),
		r.PresentRead.row("present, just opened"), r.AbsentRead.row("absent, just opened"))
}

func (p proofs) row(name string) string {
	return fmt.Sprintf("| %s | %.0f | %.0f | %.0f | %d | %d |\n", name, p.P50, p.P99, p.Max, p.Bytes, p.Most)
}

// mapBench is a ledger that is filled without consensus or judgement.
type mapBench struct {
	dir     string
	ledger  *ledger.Ledger
	network identity.Network
	rng     *rand.Rand
	records uint64
	at      time.Time
}

func newMapBench(o *options) (*mapBench, error) {
	dir := filepath.Join(o.dir, "map")
	home, err := newMill(dir)
	if err != nil {
		return nil, err
	}
	return &mapBench{dir: dir, ledger: home.ledger, network: home.network, rng: rand.New(rand.NewPCG(1, 2)), at: home.now}, nil
}

func mapKeyOf(n uint64) trace.Key {
	return trace.Key{NS: trace.NSItem, ID: fmt.Sprintf("https://id.gs1.org/01/09506000134352/21/%d", n)}
}

// load makes a block's records: one touches the hundred keys that next returns.
func (m *mapBench) load(touches int, next func() uint64) []ledger.Append {
	var list []ledger.Append
	for len(list)*touchesPerRecord < touches {
		m.records++
		a := ledger.Append{Kind: epcis.KindEvent, Index: uint32(len(list)), Bytes: fmt.Appendf(nil, `{"record":%d}`, m.records)}
		a.RecordHash = identity.RecordHash(a.Bytes)
		for range min(touchesPerRecord, touches-len(list)*touchesPerRecord) {
			k := mapKeyOf(next())
			// As long as the state of an item's life: its lot, its birth, a hash.
			state := fmt.Appendf(nil, "https://id.gs1.org/01/09506000134352/10/%d", m.records)
			for range 8 {
				state = binary.BigEndian.AppendUint64(state, m.rng.Uint64())
			}
			a.Touches, a.States = append(a.Touches, k), append(a.States, ledger.State{Key: k, Bytes: state})
		}
		list = append(list, a)
	}
	records := make([][]byte, len(list))
	for i := range list {
		records[i] = list[i].Bytes
	}
	e := identity.NewEnvelope(m.network, string(epcis.KindEvent), identity.Address{1}, uint64(m.at.Add(time.Hour).Unix()), records)
	id := e.ID()
	for i := range list {
		list[i].Envelope, list[i].EnvelopeID = e, id
	}
	return list
}

func (m *mapBench) block(records []ledger.Append) error {
	b, err := m.ledger.Begin(m.ledger.Roots().Height+1, epcis.InstantFromUnixNano(m.at.UnixNano()))
	if err != nil {
		return err
	}
	for i := range records {
		if _, err := b.Append(records[i]); err != nil {
			return err
		}
	}
	return b.Commit()
}

// settle waits until nothing is left to flush or to compact.
func settle(ctx context.Context, l *ledger.Ledger) error {
	for quiet := 0; quiet < 5; {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		quiet++
		if s := l.Metrics(); s.Compact.NumInProgress > 0 || s.Flush.NumInProgress > 0 {
			quiet = 0
		}
	}
	return nil
}

// written is what the store has written to its log, and to log and tables.
func (m *mapBench) written() (logged, all uint64) {
	s := m.ledger.Metrics()
	all = s.WAL.BytesWritten
	for _, level := range s.Levels {
		all += level.TableBytesFlushed + level.TableBytesCompacted
	}
	return s.WAL.BytesWritten, all
}

func (m *mapBench) run(ctx context.Context, o *options) (*mapResult, error) {
	r := &mapResult{Keys: o.keys, Touches: o.touches, Map: node.StorageConfig{}.MapBytes()}
	from, next := cpuTime(), uint64(0)
	told := time.Now()
	for done := 0; done < o.keys; {
		n := min(touchesPerBlock, o.keys-done)
		err := m.block(m.load(n, func() uint64 { next++; return next - 1 }))
		if err = errorsOr(err, ctx); err != nil {
			return nil, fmt.Errorf("fill the ledger: %w", err)
		}
		if done += n; time.Since(told) > 5*time.Second {
			told = time.Now()
			o.say("%d of %d keys", done, o.keys)
		}
	}
	if err := settle(ctx, m.ledger); err != nil {
		return nil, err
	}
	r.Fill = round(micro(cpuTime()-from)/float64(o.keys), 1)

	o.say("touching %d keys", o.touches)
	var blocks [][]ledger.Append // made before the time that counts
	for done := 0; done < o.touches; done += touchesPerBlock {
		blocks = append(blocks, m.load(min(touchesPerBlock, o.touches-done), func() uint64 { return m.rng.Uint64N(uint64(o.keys)) }))
	}
	stop, err := startProfile(o.profileOf("touch"))
	if err != nil {
		return nil, err
	}
	defer stop()
	logged, written := m.written()
	from = cpuTime()
	for _, b := range blocks {
		if err := errorsOr(m.block(b), ctx); err != nil {
			return nil, err
		}
	}
	if err := settle(ctx, m.ledger); err != nil {
		return nil, err
	}
	used := cpuTime() - from
	stop()
	loggedThen, writtenThen := m.written()
	r.CPU = round(micro(used)/float64(o.touches), 1)
	r.Logged = round(float64(loggedThen-logged)/float64(o.touches), 0)
	r.Written = round(float64(writtenThen-written)/float64(o.touches), 0)
	r.Peak = usage().Maxrss << 10
	if stop, err = startProfile(o.profileOf("prove")); err != nil {
		return nil, err
	}
	defer stop()
	if r.Present, r.Absent, err = m.prove(r); err != nil {
		return nil, err
	}
	stop()
	if err := m.reopen(); err != nil {
		return nil, err
	}
	r.PresentRead, r.AbsentRead, err = m.prove(r)
	return r, err
}

// prove makes proofs of single keys, one after the other, and verifies them.
func (m *mapBench) prove(r *mapResult) (present, absent proofs, err error) {
	s := m.ledger.Snapshot()
	defer s.Close()
	if present, err = proofsOf(s, func() trace.Key { return mapKeyOf(m.rng.Uint64N(uint64(r.Keys))) }, true); err == nil {
		absent, err = proofsOf(s, func() trace.Key { return mapKeyOf(uint64(r.Keys) + m.rng.Uint64N(1<<40)) }, false)
	}
	return present, absent, err
}

// reopen closes the ledger and opens it again.
func (m *mapBench) reopen() (err error) {
	if err = m.ledger.Close(); err == nil {
		m.ledger, err = openLedger(m.dir)
	}
	return err
}

func proofsOf(s *ledger.Snapshot, next func() trace.Key, present bool) (p proofs, err error) {
	var took []time.Duration
	var sizes []int
	for range provedKeys {
		k := next()
		key := []identity.Hash{proof.MapKey(k)}
		var leaves []proof.MapLeaf
		var b []byte
		from := time.Now()
		if present {
			b, err = s.MapProof(key, nil)
		} else {
			b, err = s.MapProof(nil, key)
		}
		if err != nil {
			return p, err
		}
		took, sizes = append(took, time.Since(from)), append(sizes, len(b))
		absent := key
		if present {
			leaf, _, _, err := s.Leaf(k)
			if err != nil {
				return p, err
			}
			leaves, absent = []proof.MapLeaf{leaf}, nil
		}
		if err := proof.VerifyMap(b, leaves, absent, s.Roots().MapRoot); err != nil {
			return p, err
		}
	}
	slices.Sort(took)
	slices.Sort(sizes)
	last := provedKeys - 1
	return proofs{
		P50: round(micro(took[last/2]), 1), P99: round(micro(took[last*99/100]), 1), Max: round(micro(took[last]), 1),
		Bytes: sizes[last/2], Most: sizes[last],
	}, nil
}

func micro(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func errorsOr(err error, ctx context.Context) error {
	if err != nil {
		return err
	}
	return ctx.Err()
}
