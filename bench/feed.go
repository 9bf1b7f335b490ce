package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// network is one side, running.
type network interface {
	nodes() int
	// meshed reports whether every node has all the others as peers.
	meshed() bool
	// commit hands an envelope to one node and returns when it is committed
	// and, where there is a ledger, on the disk there.
	commit(ctx context.Context, node int, e *envelope) error
	// check fails unless exactly these events were accepted, and the same on
	// every node.
	check(events int64) error
	stop() error
}

// measured is what one window showed, or the median of several.
type measured struct {
	rate     float64 // events a second, saturated
	cpu      float64 // microseconds of user and system time an event, whole process
	faults   float64 // pages touched for the first time, an event, whole process
	p50, p99 float64 // milliseconds of finality at a steady pace
}

// feed gives a network its load.
type feed struct {
	network network
	supply  *supply
	events  atomic.Int64 // committed
}

func newFeed(n network, s *supply) *feed { return &feed{network: n, supply: s} }

// completion is an envelope that was committed.
type completion struct {
	at     time.Time
	events int
}

// saturate keeps window envelopes outstanding, spread over the nodes, and
// measures once the load has run for a while.
func (f *feed) saturate(ctx context.Context, o *options, window int, profile string) (m measured, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		wg        sync.WaitGroup
		stopping  atomic.Bool
		exhausted = make(chan struct{})
		once      sync.Once
		done      = make([][]completion, window)
		next      = make([]atomic.Int64, f.network.nodes())
	)
	for w := range window {
		wg.Go(func() {
			node := w % len(next)
			queue := f.supply.queue(node, len(next))
			for !stopping.Load() && ctx.Err() == nil {
				i := next[node].Add(1) - 1
				if i >= queue.len() {
					once.Do(func() { close(exhausted) })
					return
				}
				e := queue.at(i)
				if err := f.network.commit(ctx, node, e); err != nil {
					cancel(fmt.Errorf("commit an envelope at node %d: %w", node, err))
					return
				}
				f.events.Add(int64(e.events))
				done[w] = append(done[w], completion{time.Now(), e.events})
			}
		})
	}
	sleep := func(d time.Duration) {
		select {
		case <-time.After(d):
		case <-exhausted:
		case <-ctx.Done():
		}
	}
	sleep(o.warm)
	stop, err := startProfile(profile)
	if err != nil {
		cancel(err)
	}
	from, before := time.Now(), usage()
	sleep(o.duration)
	to, after := time.Now(), usage()
	stop()
	stopping.Store(true)
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return m, err
	}
	if to.Sub(from) < o.duration/2 {
		return m, fmt.Errorf("the envelopes ran out after %v: this machine is faster than the supply", to.Sub(from))
	}
	if m.rate, err = rateBetween(slices.Concat(done...), from, to); err != nil {
		return m, err
	}
	events := m.rate * to.Sub(from).Seconds()
	m.cpu = micro(cpuOf(after)-cpuOf(before)) / events
	m.faults = float64(after.Minflt-before.Minflt) / events
	return m, nil
}

// rateBetween counts from the last commit before one instant to the last
// before the other: commits come in bursts, a block each, and a window that
// cut one in two would count by chance.
func rateBetween(done []completion, from, to time.Time) (float64, error) {
	slices.SortFunc(done, func(a, b completion) int { return a.at.Compare(b.at) })
	var first, last time.Time
	events := 0
	for _, c := range done {
		switch {
		case c.at.After(to):
		case c.at.After(from):
			last, events = c.at, events+c.events
		default:
			first = c.at
		}
	}
	if events == 0 {
		return 0, fmt.Errorf("nothing was committed in %v", to.Sub(from))
	}
	if first.IsZero() {
		first = from
	}
	return float64(events) / last.Sub(first).Seconds(), nil
}

// pace hands in envelopes at a steady rate, whether or not earlier ones are
// committed, and returns the percentiles of their finality in milliseconds,
// each from the instant at which it was due.
func (f *feed) pace(ctx context.Context, d time.Duration, perSecond int) (p50, p99 float64, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	nodes := f.network.nodes()
	count := min(int(d.Seconds()*float64(perSecond)), int(f.supply.paced.len()))
	took := make([]time.Duration, count)
	began := time.Now()
	for i := range count {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(perSecond))
		select {
		case <-ctx.Done():
			return 0, 0, context.Cause(ctx)
		case <-time.After(time.Until(due)):
		}
		wg.Go(func() {
			e := f.supply.paced.at(int64(i))
			if err := f.network.commit(ctx, i%nodes, e); err != nil {
				cancel(fmt.Errorf("commit an envelope at node %d: %w", i%nodes, err))
				return
			}
			f.events.Add(int64(e.events))
			took[i] = time.Since(due)
		})
	}
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		return 0, 0, err
	}
	p50, p99 = percentiles(took)
	return p50, p99, nil
}

// percentiles returns the 50th and the 99th, in milliseconds. It sorts.
func percentiles(took []time.Duration) (p50, p99 float64) {
	if len(took) == 0 {
		return 0, 0
	}
	slices.Sort(took)
	at := func(percent int) float64 {
		i := (len(took)*percent + 99) / 100 // nearest rank
		return float64(took[max(i, 1)-1].Microseconds()) / 1000
	}
	return at(50), at(99)
}

// cpuTime is the user and system time that this process has used.
func cpuTime() time.Duration { return cpuOf(usage()) }

func cpuOf(u syscall.Rusage) time.Duration { return time.Duration(u.Utime.Nano() + u.Stime.Nano()) }

// usage is what this process has used.
func usage() (u syscall.Rusage) {
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // only for an argument that is no usage
	}
	return u
}

// profileOf is the file for a profile of one part of a run, "" for none.
func (o *options) profileOf(part string) string {
	if o.profile == "" {
		return ""
	}
	return o.profile + "-" + part + ".prof"
}

// startProfile writes a CPU profile into a file until stop is called, at least
// once. stop is never nil; with path "" there is no profile.
func startProfile(path string) (stop func(), err error) {
	stop = func() {}
	if path == "" {
		return stop, nil
	}
	file, err := os.Create(path)
	if err != nil {
		return stop, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return stop, errors.Join(err, file.Close())
	}
	return sync.OnceFunc(func() {
		pprof.StopCPUProfile()
		_ = file.Close() // a profile that is cut short says so when it is read
	}), nil
}
