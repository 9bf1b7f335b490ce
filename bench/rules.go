package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"time"

	"github.com/waymark-ledger/waymark/node"
)

// rulesResult is what runRules reports.
type rulesResult struct {
	Records   uint64  `json:"records"`
	Contracts int     `json:"contracts"`
	Judging   float64 `json:"judging_us"` // of CPU a record, the state's reads included
	Replayed  float64 `json:"replayed_per_s"`
	Changed   uint64  `json:"changed"`
	CPU       float64 `json:"replay_cpu_us"` // a record
}

// runRules measures what judging costs: container after container of the coffee
// lane, by every contract, over a ledger that grows; then the same history judged
// again, as before a vote on other rules.
func runRules(ctx context.Context, o *options, stdout io.Writer) error {
	began := machine()
	runtime.LockOSThread() // whose time judging is measured in
	defer runtime.UnlockOSThread()
	m, err := newMill(filepath.Join(o.dir, "rules"))
	if err != nil {
		return err
	}
	defer m.ledger.Close()
	if err := m.ground(); err != nil {
		return err
	}
	stop, err := startProfile(o.profileOf("judge"))
	if err != nil {
		return err
	}
	told := time.Now()
	for n := 0; int(m.size()) < o.records; n++ {
		acts, _, err := journey(m.now, n, 0)
		if err != nil {
			return err
		}
		for _, act := range acts {
			if err := m.play(act); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			o.say("%d of %d records", m.size(), o.records)
		}
	}
	if err := m.commit(); err != nil {
		return err
	}
	stop()
	// A replay is of a stopped node's ledger, which compacts nothing.
	if err := settle(ctx, m.ledger); err != nil {
		return err
	}
	runtime.GC()
	r := &rulesResult{Records: m.size(), Contracts: len(m.ruleset.Contracts())}
	r.Judging = round(micro(m.judging)/float64(r.Records), 1)
	if stop, err = startProfile(o.profileOf("replay")); err != nil {
		return err
	}
	defer stop()
	from, used := time.Now(), cpuTime()
	report, err := node.ReplayLedger(ctx, m.ledger, m.genesis, node.ReplayOptions{MaxChanges: 1})
	if err != nil {
		return err
	}
	r.Replayed = round(float64(report.Records)/time.Since(from).Seconds(), 0)
	r.CPU = round(micro(cpuTime()-used)/float64(report.Records), 1)
	if r.Changed = report.Changed; r.Changed > 0 {
		return fmt.Errorf("the same rules judge %d records otherwise, the first %+v", r.Changed, report.Changes)
	}
	return o.report(stdout, sectionRules, began, r.text(), r)
}

func (r *rulesResult) text() string {
	return fmt.Sprintf("%d records of the coffee lane, containers one after the other, judged by %d contracts: **%.1f us of CPU a record**, the\n"+
		"state's reads included. The same history judged again by the same rules: %.0f records/s on all cores, %.1f us of CPU a record, no verdict changed.\n",
		r.Records, r.Contracts, r.Judging, r.Replayed, r.CPU)
}
