package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// scenario is one network under one kind of load. Its floor is measured once
// and compared with each of its sides.
type scenario struct {
	validators int
	perRecord  int // events in an envelope
	window     int // envelopes that may be outstanding, over all nodes
	perSecond  int // more envelopes a second than any side reaches: how many are signed
	http       bool
}

// scenarios says what is measured. A window holds more than one block (some 5,000
// single events, or 100 documents), so that the next block is full when the last
// one is committed, and less than a node's pool takes of its organisation.
func scenarios() []scenario {
	return []scenario{
		{validators: 1, perRecord: 1, window: 8192, perSecond: 20_000},
		{validators: 1, perRecord: 100, window: 256, perSecond: 1_300},
		{validators: 4, perRecord: 1, window: 16_384, perSecond: 12_000, http: true},
		{validators: 4, perRecord: 100, window: 256, perSecond: 500},
	}
}

// httpWindow is smaller: a connection waits for each answer.
const httpWindow = 256

func (s scenario) name() string {
	if s.perRecord > 1 {
		return fmt.Sprintf("%d-document", s.validators)
	}
	return fmt.Sprintf("%d-single", s.validators)
}

func (s scenario) httpName() string { return s.name() + "-http" }

// pace is how many envelopes a second finality is measured at.
func (s scenario) pace(o *options) int {
	if s.perRecord > 1 {
		return max(1, o.rate/10)
	}
	return o.rate
}

func caseNames() []string {
	var names []string
	for _, s := range scenarios() {
		names = append(names, s.name())
		if s.http {
			names = append(names, s.httpName())
		}
	}
	return names
}

func (o *options) wants(name string) bool {
	return len(o.cases) == 0 || slices.Contains(o.cases, name)
}

func runCases(ctx context.Context, o *options, stdout io.Writer) error {
	began := machine()
	var rows []row
	for _, s := range scenarios() {
		if !o.wants(s.name()) && !(s.http && o.wants(s.httpName())) {
			continue
		}
		of, err := s.run(ctx, o)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name(), err)
		}
		rows = append(rows, of...)
	}
	if o.write {
		if err := writeSection(sectionThroughput, throughputSection(began, o, rows)); err != nil {
			return err
		}
	}
	if o.json {
		return printJSON(stdout, rows)
	}
	_, err := io.WriteString(stdout, table(rows))
	return err
}

// side is one of the things that a scenario compares.
type side struct {
	name   string
	boot   func(*homes, string, *slog.Logger) (network, error)
	window int
}

// run compares the floor with what is asked for.
func (s scenario) run(ctx context.Context, o *options) ([]row, error) {
	sides := []side{{"floor", bootFloor, s.window}}
	if o.wants(s.name()) {
		sides = append(sides, side{"waymark", bootWaymark, s.window})
	}
	if s.http && o.wants(s.httpName()) {
		sides = append(sides, side{"waymark-http", bootHTTP, httpWindow})
	}
	m, err := s.compare(ctx, o, sides)
	if err != nil {
		return nil, err
	}
	var rows []row
	for i, side := range sides[1:] {
		name := s.name()
		if side.name == "waymark-http" {
			name = s.httpName()
		}
		rows = append(rows, newRow(name, s, m[0], m[i+1]))
	}
	return rows, nil
}

// compare measures every side in every round, in an order that changes, and returns
// the median of each.
func (s scenario) compare(ctx context.Context, o *options, sides []side) ([]measured, error) {
	dir := filepath.Join(o.dir, s.name())
	h, err := found(filepath.Join(dir, "homes"), s.validators)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	o.say("%s: signing envelopes", s.name())
	load := (o.warm + o.duration).Seconds() * float64(s.perSecond)
	paced := o.duration.Seconds() * float64(s.pace(o))
	supply, err := sign(h, s.perRecord, int(load)+s.window, int(paced)+1)
	if err != nil {
		return nil, err
	}
	defer supply.close()
	results := make([][]measured, len(sides))
	for round := range o.rounds {
		for i := range sides {
			at := (i + round) % len(sides)
			side := sides[at]
			m, err := s.measure(ctx, o, h, side, supply, round)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", side.name, err)
			}
			o.say("%s, round %d, %s: %.0f events/s, %.0f us of CPU and %.1f page faults an event, finality p50 %.0f ms p99 %.0f ms",
				s.name(), round+1, side.name, m.rate, m.cpu, m.faults, m.p50, m.p99)
			results[at] = append(results[at], m)
		}
	}
	medians := make([]measured, len(sides))
	for i := range sides {
		medians[i] = median(results[i])
	}
	return medians, nil
}

// measure runs one side on a fresh network.
func (s scenario) measure(ctx context.Context, o *options, h *homes, side side, supply *supply, round int) (m measured, err error) {
	dir := filepath.Join(o.dir, s.name(), "run")
	defer os.RemoveAll(dir)
	if err := touchMemory(o.touch << 20); err != nil {
		return m, err
	}
	log, voice := newVoice()
	n, err := side.boot(h, dir, log)
	if err != nil {
		return m, err
	}
	defer func() {
		voice.Store(false)
		if stopped := n.stop(); err == nil {
			err = stopped
		}
	}()
	if err := awaitMesh(ctx, n); err != nil {
		return m, err
	}
	voice.Store(true)
	runtime.GC() // what the signing and the side before left behind
	var profile string
	if round == 0 {
		profile = o.profileOf(s.name() + "-" + side.name)
	}
	f := newFeed(n, supply)
	if m, err = f.saturate(ctx, o, side.window, profile); err != nil {
		return m, err
	}
	select {
	case <-ctx.Done():
		return m, ctx.Err()
	case <-time.After(500 * time.Millisecond): // compactions, trailing proof blocks
	}
	if m.p50, m.p99, err = f.pace(ctx, o.duration, s.pace(o)); err != nil {
		return m, err
	}
	return m, n.check(f.events.Load())
}
