package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// dossierResult is what runDossier reports.
type dossierResult struct {
	Records   int    `json:"records"` // of the ledger
	Events    int    `json:"events"`  // of the journey
	Proved    int    `json:"proved_records"`
	Envelopes int    `json:"envelopes"`
	Keys      int    `json:"keys"`
	Absent    int    `json:"absent_keys"`
	Requests  int    `json:"requests"`
	Bytes     int    `json:"bytes"`
	Packed    int    `json:"gzip_bytes"`
	Build     spread `json:"build"`  // from the ledger's snapshot, to JSON
	HTTP      spread `json:"http"`   // asked for, and unpacked
	Verify    spread `json:"verify"` // from JSON
	Present   proofs `json:"present"`
	Missing   proofs `json:"absent"`
}

// spread is how long something took, and what it cost the whole process, the
// garbage collector included.
type spread struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
	CPU float64 `json:"cpu_ms"`
}

// runDossier measures proof of the journey that runTrace asks for.
func runDossier(ctx context.Context, o *options, stdout io.Writer) error {
	began := machine()
	m, bag, err := filledMill(ctx, o)
	if err != nil {
		return fmt.Errorf("fill the ledger: %w", err)
	}
	defer m.ledger.Close()
	r, err := m.proveAndVerify(ctx, o, bag)
	if err != nil {
		return err
	}
	return o.report(stdout, sectionDossier, began, r.text(), r)
}

func (r *dossierResult) text() string {
	row := func(what string, s spread) string {
		return fmt.Sprintf("| %s | %.1f | %.1f | %.1f |\n", what, s.P50, s.P99, s.CPU)
	}
	return fmt.Sprintf("The upstream journey of a retail bag, %d events, on a ledger of %d records, one dossier at a time, %d times each. The dossier proves %d records\n"+
		"of %d envelopes, %d keys and %d absent ones: %d KiB, %d KiB with gzip.\n\n"+
		"| dossier | p50 ms | p99 ms | CPU ms |\n|---|---|---|---|\n%s%s%s\n"+
		"| proof of one key at the store | p50 us | p99 us | max us | bytes p50 | bytes max |\n|---|---|---|---|---|---|\n%s%s",
		r.Events, r.Records, r.Requests, r.Proved, r.Envelopes, r.Keys, r.Absent, r.Bytes>>10, r.Packed>>10,
		row("built from the ledger's snapshot, JSON included", r.Build), row("GET /v1/dossier over HTTP on loopback, gzip included", r.HTTP),
		row("verified in Go", r.Verify), r.Present.row("present"), r.Missing.row("absent"))
}

// A kept ledger, in kept.json beside it: what its next run needs of the mill.
type kept struct {
	Records int
	Genesis []byte
	Voters  electorate
	Now     time.Time
	Bag     string
}

// filledMill fills a ledger, or opens the one that a run before has left in the
// directory.
func filledMill(ctx context.Context, o *options) (*mill, string, error) {
	dir := filepath.Join(o.dir, "dossier")
	file := filepath.Join(dir, "kept.json")
	b, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return newFilledMill(ctx, o, dir, file)
	}
	if err != nil {
		return nil, "", err
	}
	var k kept
	if err := json.Unmarshal(b, &k); err != nil {
		return nil, "", err
	}
	if k.Records != o.records {
		return nil, "", fmt.Errorf("%s was filled with %d records, not %d", dir, k.Records, o.records)
	}
	m := &mill{dir: dir, ruleset: contracts.First(), voters: k.Voters, now: k.Now}
	if m.genesis, err = identity.ParseGenesis(k.Genesis); err != nil {
		return nil, "", err
	}
	m.network = m.genesis.Network
	m.ledger, err = openLedger(dir)
	return m, k.Bag, err
}

func newFilledMill(ctx context.Context, o *options, dir, file string) (*mill, string, error) {
	m, err := newMill(dir)
	if err != nil {
		return nil, "", err
	}
	bag, err := m.fill(ctx, o)
	if err == nil {
		err = settle(ctx, m.ledger)
	}
	var b []byte
	if err == nil {
		b, err = json.Marshal(kept{o.records, m.genesis.Doc, m.voters, m.now, bag})
	}
	if err == nil {
		err = os.WriteFile(file, b, 0o600)
	}
	if err != nil {
		return nil, "", errors.Join(err, m.ledger.Close())
	}
	return m, bag, nil
}

// proveAndVerify does every measurement on the filled ledger.
func (m *mill) proveAndVerify(ctx context.Context, o *options, bag string) (*dossierResult, error) {
	s := m.ledger.Snapshot()
	defer s.Close()
	anchor, err := proof.AnchorOfGenesis(m.genesis)
	if err != nil {
		return nil, err
	}
	r := &dossierResult{Records: int(s.Roots().LogSize), Requests: o.requests}
	// These come first: a ledger that was just opened still reads itself meanwhile.
	if err := r.proveKeys(s); err != nil {
		return nil, err
	}
	checkpoint := m.voters.checkpoint(m.genesis, s.Roots(), m.now.Add(time.Second))

	var data []byte
	r.Build, err = o.time(ctx, "build", func() error {
		d, err := proof.Build(s, checkpoint, bag, proof.BuildOptions{Direction: trace.Upstream})
		if err != nil {
			return err
		}
		r.Proved, r.Envelopes, r.Keys, r.Absent = len(d.Records), len(d.Envelopes), len(d.Keys), len(d.Absent)
		data, err = d.Encode()
		return err
	})
	if err != nil {
		return nil, err
	}
	if r.Bytes, r.Packed, err = sizes(data); err != nil {
		return nil, err
	}

	serving, err := serve(prover{reader{ledger: m.ledger}, checkpoint})
	if err != nil {
		return nil, err
	}
	defer serving.close()
	query := url.Values{"id": {bag}, "direction": {string(trace.Upstream)}}
	r.HTTP, err = o.time(ctx, "http", func() error {
		answer, err := serving.get(ctx, "/v1/dossier", query)
		if err == nil && !bytes.Equal(answer, data) {
			err = errors.New("the API answers another dossier")
		}
		return err
	})
	if err != nil {
		return nil, err
	}

	ask := proof.Options{Anchor: anchor, ID: bag, Direction: trace.Upstream, MaxAge: 60, Now: epcis.InstantFromUnixNano(checkpoint.Time())}
	r.Verify, err = o.time(ctx, "verify", func() error {
		v, err := proof.Verify(data, ask)
		if err == nil {
			r.Events = len(v.Journey.Records)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if r.Events != tracedEvents {
		return nil, fmt.Errorf("the verified journey has %d records, and should have %d", r.Events, tracedEvents)
	}
	if o.keep != "" {
		if err := m.keepDossier(o.keep, data); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// time does something as often as asked for, after a few times that only warm
// up, and writes a profile of it where one is wanted.
func (o *options) time(ctx context.Context, what string, do func() error) (spread, error) {
	stop, err := startProfile(o.profileOf(what))
	if err != nil {
		return spread{}, err
	}
	defer stop()
	took := make([]time.Duration, 0, o.requests)
	used := cpuTime()
	for i := -10; i < o.requests; i++ {
		if i == 0 {
			used = cpuTime()
		}
		from := time.Now()
		if err := errorsOr(do(), ctx); err != nil {
			return spread{}, fmt.Errorf("%s: %w", what, err)
		}
		if i >= 0 {
			took = append(took, time.Since(from))
		}
	}
	p50, p99 := percentiles(took)
	return spread{round(p50, 1), round(p99, 1), round(micro(cpuTime()-used)/1000/float64(o.requests), 1)}, nil
}

func sizes(data []byte) (bare, packed int, err error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, err = z.Write(data)
	err = errors.Join(err, z.Close())
	return len(data), out.Len(), err
}

// keepDossier leaves the dossier for other verifiers to measure.
func (m *mill) keepDossier(dir string, data []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(filepath.Join(dir, "dossier.json"), data, 0o644),
		os.WriteFile(filepath.Join(dir, "genesis.json"), m.genesis.Doc, 0o644))
}

// proveKeys makes proofs of items that records of the ledger touch, and of some
// that none does.
func (r *dossierResult) proveKeys(s *ledger.Snapshot) (err error) {
	rng := rand.New(rand.NewPCG(1, 2))
	var failed error
	present := func() trace.Key {
		for {
			rec, err := s.Record(rng.Uint64N(s.Roots().LogSize))
			if err != nil {
				failed = err
				return trace.ParametersKey()
			}
			decoded, err := epcis.Decode(rec.Kind, rec.Bytes)
			if err != nil {
				failed = err
				return trace.ParametersKey()
			}
			if touched := trace.Touches(decoded); len(touched) > 0 {
				return touched[rng.IntN(len(touched))]
			}
		}
	}
	if r.Present, err = proofsOf(s, present, true); err == nil {
		r.Missing, err = proofsOf(s, func() trace.Key { return mapKeyOf(rng.Uint64()) }, false)
	}
	return errors.Join(failed, err)
}

// prover is a reader whose ledger somebody has agreed on.
type prover struct {
	reader
	checkpoint *proof.Checkpoint
}

func (p prover) Provable(context.Context, *uint64) (*api.Provable, error) {
	return &api.Provable{ProvableSnapshot: p.ledger.Snapshot(), Checkpoint: p.checkpoint, Keep: func() {}}, nil
}
