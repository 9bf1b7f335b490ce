package p2p

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// BenchmarkGossip sends envelopes of 1,000 bytes between four hosts in one
// process, each publishing as fast as the slowest other takes them. One
// operation is one envelope that reached the three others; cpu-us/op is the
// processor time of all four hosts for it.
func BenchmarkGossip(b *testing.B) {
	const hosts, window = 4, 1000
	var delivered [hosts]atomic.Int64
	next := 0
	ms := members(b, hosts, func(c *Config) {
		mine := &delivered[next]
		next++
		c.Validate = func(context.Context, []byte) (Decision, func()) { return Accept, func() { mine.Add(1) } }
	})
	mesh(b, ms)
	// Each host publishes b.N/4 of its own; the slowest is done with
	// (b.N/4)*3 deliveries.
	each := (b.N + hosts - 1) / hosts
	slowest := func() int64 {
		n := delivered[0].Load()
		for i := range delivered {
			n = min(n, delivered[i].Load())
		}
		return n / (hosts - 1)
	}
	cpu := processTime(b)
	b.ResetTimer()
	var wg sync.WaitGroup
	for i, m := range ms {
		wg.Go(func() {
			for n := range each {
				for int64(n)-slowest() > window {
					time.Sleep(100 * time.Microsecond)
				}
				wire := make([]byte, 1000)
				binary.BigEndian.PutUint64(wire, uint64(n)<<8|uint64(i))
				for errors.Is(m.Publish(wire, 0), ErrQueueFull) {
					time.Sleep(time.Millisecond)
				}
			}
		})
	}
	wg.Wait()
	deadline := time.Now().Add(20 * time.Second)
	for slowest() < int64(each) && time.Now().Before(deadline) {
		time.Sleep(100 * time.Microsecond)
	}
	b.StopTimer()
	if got := slowest(); got < int64(each) {
		b.Fatalf("the slowest host has %d of %d", got, each)
	}
	b.ReportMetric(float64(each*hosts)/b.Elapsed().Seconds(), "envelopes/s")
	b.ReportMetric(float64((processTime(b)-cpu).Microseconds())/float64(each*hosts), "cpu-us/op")
	var messages float64
	for _, m := range ms {
		messages += value(m.metrics.sent)
	}
	b.ReportMetric(float64(each*hosts)/messages, "envelopes/message")
}

// BenchmarkGossipPaced publishes 100 envelopes a second and reports how long
// the slowest of three receivers waits for each.
func BenchmarkGossipPaced(b *testing.B) {
	var mu sync.Mutex
	var arrivals = make(map[string]int)
	done := make(chan struct{}, 1)
	ms := members(b, 4, func(c *Config) {
		c.Validate = func(_ context.Context, wire []byte) (Decision, func()) {
			return Accept, func() {
				mu.Lock()
				defer mu.Unlock()
				if arrivals[string(wire[:32])]++; arrivals[string(wire[:32])] == 3 {
					notify(done)
				}
			}
		}
	})
	mesh(b, ms)
	cpu := processTime(b)
	var total time.Duration
	b.ResetTimer()
	for n := range b.N {
		wire := make([]byte, 1000)
		copy(wire, "good "+strconv.Itoa(n))
		start := time.Now()
		if err := ms[n%4].Publish(wire, 0); err != nil {
			b.Fatal(err)
		}
		<-done
		total += time.Since(start)
		time.Sleep(10*time.Millisecond - time.Since(start))
	}
	b.StopTimer()
	b.ReportMetric(float64(total.Microseconds())/float64(b.N), "latency-us/op")
	b.ReportMetric(float64((processTime(b)-cpu).Microseconds())/float64(b.N), "cpu-us/op")
}

// BenchmarkOutboxPut measures durable puts on disk, by how many callers share
// a sync.
func BenchmarkOutboxPut(b *testing.B) {
	for _, callers := range []int{1, 16, 128} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			o, err := OpenOutbox(b.TempDir(), nil, OutboxLimits{})
			if err != nil {
				b.Fatal(err)
			}
			defer o.Close()
			var n atomic.Uint64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range callers {
				wg.Go(func() {
					for i := n.Add(1); i <= uint64(b.N); i = n.Add(1) {
						it := Item{Wire: make([]byte, 1000), NotAfter: 1}
						binary.BigEndian.PutUint64(it.ID[:], i)
						if err := o.Put(it); err != nil {
							b.Error(err)
						}
						if err := o.Remove(it.ID); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func processTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
