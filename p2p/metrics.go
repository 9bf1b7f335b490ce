package p2p

import (
	"errors"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are a host's own. libp2p's are left off: they register globally.
type metrics struct {
	sent, received   prometheus.Counter     // messages
	wiresOut         prometheus.Counter     // wires published
	wiresIn          *prometheus.CounterVec // wires judged, by decision
	rejected         prometheus.Counter     // messages rejected
	dropped          *prometheus.CounterVec // messages lost to a full queue, by place
	refused          *prometheus.CounterVec // connections, by direction
	batchBytes       prometheus.Histogram
	linksLost, dials prometheus.Counter
}

func newMetrics() *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "waymark", Subsystem: "p2p", Name: name, Help: help})
	}
	vector := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "waymark", Subsystem: "p2p", Name: name, Help: help}, []string{label})
	}
	return &metrics{
		sent:      counter("messages_sent_total", "Gossip messages this node published."),
		received:  counter("messages_received_total", "Gossip messages received for the first time."),
		wiresOut:  counter("envelopes_sent_total", "Envelopes this node published, again ones included."),
		wiresIn:   vector("envelopes_received_total", "Envelopes received, by what validation said.", "decision"),
		rejected:  counter("messages_rejected_total", "Gossip messages rejected, which lowers the sender's score."),
		dropped:   vector("messages_dropped_total", "Gossip messages dropped because a queue was full.", "queue"),
		refused:   vector("peers_refused_total", "Connections the membership gate refused.", "direction"),
		linksLost: counter("links_lost_total", "Peers whose last connection ended."),
		dials:     counter("dials_total", "Attempts to reach a configured peer."),
		batchBytes: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "waymark", Subsystem: "p2p", Name: "batch_bytes", Help: "Size of the messages this node published.",
			Buckets: prometheus.ExponentialBuckets(512, 4, 7),
		}),
	}
}

// register adds the metrics and gauges that are read when scraped.
func (m *metrics) register(r prometheus.Registerer, peers func() float64) error {
	if r == nil {
		return nil
	}
	return registerAll(r, m.sent, m.received, m.wiresOut, m.wiresIn, m.rejected, m.dropped, m.refused, m.linksLost, m.dials, m.batchBytes,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "waymark", Subsystem: "p2p", Name: "peers", Help: "Connected peers."}, peers))
}

func registerAll(r prometheus.Registerer, cs ...prometheus.Collector) error {
	var errs []error
	for _, c := range cs {
		errs = append(errs, r.Register(c))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("register metrics: %w", err)
	}
	return nil
}
