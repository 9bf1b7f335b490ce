package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/ledger"
)

// pgResult is what runPostgres reports.
type pgResult struct {
	Version string      `json:"postgresql"`
	Cases   []pgCapture `json:"cases"`
	Trace   pgTrace     `json:"trace"`
}

// pgCapture is one case of capturing. A ratio over one says that Waymark is faster.
type pgCapture struct {
	Name       string  `json:"name"`
	Validators int     `json:"validators"`
	PerRecord  int     `json:"events_per_record"`
	PgRate     float64 `json:"postgresql_events_per_s"`
	Rate       float64 `json:"events_per_s"`
	Ratio      float64 `json:"ratio"`
	PgP50      float64 `json:"postgresql_p50_ms"`
	PgP99      float64 `json:"postgresql_p99_ms"`
	P50        float64 `json:"p50_ms"`
	P99        float64 `json:"p99_ms"`
}

// pgTrace is one journey, asked for in both. A ratio over one says that Waymark is
// faster.
type pgTrace struct {
	Records  int     `json:"records"` // of the ledger
	Stored   int     `json:"postgresql_events"`
	Requests int     `json:"requests"`
	Events   int     `json:"events"` // of the journey
	PgEvents int     `json:"postgresql_journey_events"`
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`
	PgP50    float64 `json:"postgresql_p50_ms"`
	PgP99    float64 `json:"postgresql_p99_ms"`
	Ratio    float64 `json:"ratio"` // of the medians
	Disk     float64 `json:"bytes_per_event"`
	PgDisk   float64 `json:"postgresql_bytes_per_event"`
}

// runPostgres compares with what an organisation would have alone: a PostgreSQL
// with a table of events and an index of what is in them. It believes whoever
// writes to it, and who reads it has to; it is measured for what the rest costs.
func runPostgres(ctx context.Context, o *options, stdout io.Writer) (err error) {
	began := machine()
	if err := os.Chmod(o.dir, 0o711); err != nil { // the server may be another user
		return err
	}
	server, err := startPostgres(ctx, filepath.Join(o.dir, "postgres"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	result := pgResult{Version: server.version}
	supplied := map[int]int{} // envelopes a second, by events in each: as many as one validator's sides need
	for _, s := range scenarios() {
		s.perSecond = max(s.perSecond, supplied[s.perRecord])
		supplied[s.perRecord] = s.perSecond
		sides := []side{{"postgresql", server.boot, s.window}, {"waymark", bootWaymark, s.window}}
		m, err := s.compare(ctx, o, sides)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name(), err)
		}
		pg, wm := m[0], m[1]
		result.Cases = append(result.Cases, pgCapture{
			Name: s.name(), Validators: s.validators, PerRecord: s.perRecord,
			PgRate: round(pg.rate, 1), Rate: round(wm.rate, 1), Ratio: round(wm.rate/pg.rate, 2),
			PgP50: round(pg.p50, 1), PgP99: round(pg.p99, 1), P50: round(wm.p50, 1), P99: round(wm.p99, 1),
		})
	}
	if err := result.Trace.measure(ctx, o, server); err != nil {
		return err
	}
	return o.report(stdout, sectionPostgres, began, result.text(), result)
}

// measure fills a ledger, stores its events in PostgreSQL as well, and asks both
// for the same journey.
func (t *pgTrace) measure(ctx context.Context, o *options, server *pgServer) (err error) {
	m, bag, err := tracedMill(ctx, o)
	if err != nil {
		return err
	}
	defer m.ledger.Close()
	if err := settle(ctx, m.ledger); err != nil {
		return err
	}
	r, err := server.newRepository(ctx, "trace")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.stop()) }()
	o.say("storing the ledger's events in PostgreSQL")
	rows, err := eventRows(m.ledger)
	if err != nil {
		return err
	}
	if err := r.load(ctx, rows); err != nil {
		return fmt.Errorf("store events in PostgreSQL: %w", err)
	}
	ours, err := traceOver(ctx, o, m.ledger, bag)
	if err != nil {
		return err
	}
	took := make([]time.Duration, 0, o.requests)
	for i := -20; i < o.requests; i++ { // the first ones warm up
		from := time.Now()
		if t.PgEvents, err = r.upstream(ctx, bag); err != nil {
			return fmt.Errorf("ask PostgreSQL for %s: %w", bag, err)
		}
		if i >= 0 {
			took = append(took, time.Since(from))
		}
	}
	t.PgP50, t.PgP99 = percentiles(took)
	t.PgP50, t.PgP99 = round(t.PgP50, 1), round(t.PgP99, 1)
	t.Records, t.Stored, t.Requests, t.Events = ours.Records, len(rows.eventIDs), ours.Requests, ours.Events
	t.P50, t.P99 = round(ours.P50, 1), round(ours.P99, 1)
	t.Ratio = round(t.PgP50/t.P50, 2)
	pgBytes, err := r.bytes(ctx)
	if err != nil {
		return err
	}
	bytes, err := sizeOf(filepath.Join(m.dir, "ledger"))
	t.Disk, t.PgDisk = round(float64(bytes)/float64(t.Records), 0), round(float64(pgBytes)/float64(t.Stored), 0)
	return err
}

// eventRows are the ledger's events as PostgreSQL takes them.
func eventRows(l *ledger.Ledger) (*pgRows, error) {
	s := l.Snapshot()
	defer s.Close()
	var rows pgRows
	decoder := epcis.Decoder{Passing: true}
	err := s.Range(0, s.Roots().LogSize, func(j *ledger.Judged) error {
		if epcis.Kind(j.Entry.Kind) != epcis.KindEvent {
			return nil
		}
		record, err := decoder.Decode(epcis.KindEvent, j.Bytes)
		if err == nil {
			rows.add(record.Event, j.Bytes)
		}
		return err
	})
	return &rows, err
}

// sizeOf is what the files of a directory hold.
func sizeOf(dir string) (n int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		f, err := d.Info()
		if err == nil {
			n += f.Size()
		}
		return err
	})
	return n, err
}

func (r pgResult) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "PostgreSQL %s on the same disk keeps what one organisation would keep alone: each event, and a row for each object in it, with the two\n"+
		"indexes that a journey needs. Its settings are as it comes, each commit safe on the disk, but for a quarter of the machine's memory and\n"+
		"%d connections. Its client reads the events as a node does, and stores those of an envelope in one transaction; it looks at no\n"+
		"signature and no rule, and nobody agrees with it. The same envelopes, in turn: a ratio over 1 says that Waymark is faster.\n\n", r.Version, pgConnections)
	b.WriteString("| case | PostgreSQL events/s | Waymark events/s | ratio | PostgreSQL p50/p99 ms | Waymark p50/p99 ms |\n|---|---|---|---|---|---|\n")
	for _, c := range r.Cases {
		fmt.Fprintf(&b, "| %s | %.0f | %.0f | %.2f | %.0f / %.0f | %.0f / %.0f |\n", c.Name, c.PgRate, c.Rate, c.Ratio, c.PgP50, c.PgP99, c.P50, c.P99)
	}
	t := r.Trace
	fmt.Fprintf(&b, "\nThe upstream journey of a retail bag among %d records, %d times, one at a time: GET /v1/trace over HTTP, of %d events, p50 %.1f ms, p99 %.1f ms;\n"+
		"a recursive query in PostgreSQL, of %d events, p50 %.1f ms, p99 %.1f ms: ratio %.2f. The query takes a container's events whenever they\n"+
		"were, reads no declaration, certificate, correction or name, and draws no graph. On the disk a record takes %.0f bytes of the ledger,\n"+
		"with its verdict, histories, states and proofs; an event takes %.0f of PostgreSQL.\n",
		t.Records, t.Requests, t.Events, t.P50, t.P99, t.PgEvents, t.PgP50, t.PgP99, t.Ratio, t.Disk, t.PgDisk)
	return b.String()
}
