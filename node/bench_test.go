package node

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
)

// BenchmarkThroughput feeds b.N events to validators in one process as fast as
// they take them: one event an envelope, or a hundred.
func BenchmarkThroughput(b *testing.B) {
	for _, validators := range []int{1, 4} {
		for _, size := range []int{1, 100} {
			b.Run(fmt.Sprintf("validators=%d/events=%d", validators, size), func(b *testing.B) {
				nodes := cluster(b, network(b, validators, nil))
				documents := make([][][]byte, (b.N+size-1)/size)
				for i := range documents {
					for j := range size {
						documents[i] = append(documents[i], observation(b, i*size+j))
					}
				}
				from := cpu()
				b.ResetTimer()
				var next atomic.Int64
				var feeders sync.WaitGroup
				for w := range 8 * validators {
					n := nodes[w%validators]
					feeders.Go(func() {
						for {
							i := int(next.Add(1)) - 1
							if i >= len(documents) {
								return
							}
							for {
								_, err := n.Capture(context.Background(), epcis.KindEvent, documents[i])
								if err == nil {
									break
								}
								time.Sleep(5 * time.Millisecond)
							}
						}
					})
				}
				feeders.Wait()
				awaitRecords(b, nodes, uint64(len(documents)*size))
				b.StopTimer()
				events := float64(len(documents) * size)
				b.ReportMetric(events/b.Elapsed().Seconds(), "events/s")
				b.ReportMetric(float64((cpu()-from).Microseconds())/events, "cpu-us/event")
				b.ReportMetric(events/float64(nodes[0].ledger.Roots().Height), "events/block")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkFinality captures one event every 10 ms and waits for each to be
// durable: what a client of the API waits for, without HTTP.
func BenchmarkFinality(b *testing.B) {
	nodes := cluster(b, network(b, 4, nil))
	records := make([][]byte, b.N)
	for i := range records {
		records[i] = observation(b, i)
	}
	took := make([]time.Duration, b.N)
	from := cpu()
	b.ResetTimer()
	var waiting sync.WaitGroup
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for i := range b.N {
		<-tick.C
		waiting.Go(func() {
			start := time.Now()
			capture(b, nodes[i%len(nodes)], records[i])
			took[i] = time.Since(start)
		})
	}
	waiting.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64((cpu()-from).Microseconds())/float64(b.N), "cpu-us/event")
	b.ReportMetric(float64(b.N)/float64(nodes[0].ledger.Roots().Height), "events/block")
	b.ReportMetric(0, "ns/op")
}

// cpu is the processor time this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
