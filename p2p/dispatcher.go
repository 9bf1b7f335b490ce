package p2p

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/waymark-ledger/waymark/identity"
)

// DispatcherConfig is what a Dispatcher needs. Outbox, Publish and Now are
// required.
type DispatcherConfig struct {
	Outbox *Outbox
	// Publish gossips one wire, as Host.Publish does. When it fails, the item
	// is tried again later.
	Publish func(wire []byte, attempt uint32) error
	// Joined is signalled when peers became reachable; it is Host.Joined.
	Joined <-chan struct{}
	// Now is the time of the last block, Unix seconds.
	Now func() int64
	// Judged says whether the ledger already has an envelope. It is asked before
	// each gossip but the first, for a removal can be lost in a crash.
	Judged func(identity.Hash) bool
	// Expired is told of each item that was removed because its deadline passed.
	Expired func(identity.Hash)
	// First is when an item that is still there is gossiped again (2 s), or later
	// where commits take longer than half of that. The pause doubles from there,
	// up to Max (15 s).
	First, Max time.Duration
	// Registry takes the metrics. Nil: they are not registered.
	Registry prometheus.Registerer
	// Logger (slog.Default()).
	Logger *slog.Logger
}

// Dispatcher gossips what the outbox holds: at once when it is put, again
// while it stays, and soon after a peer joined. It ends with removal, which
// the node does when the ledger has the envelope, or with the deadline.
type Dispatcher struct {
	config  DispatcherConfig
	attempt uint32 // of a first publication: random, so that a restart repeats no message id
	again   prometheus.Counter
	expired prometheus.Counter
	changed chan struct{} // an earlier due time than Run waits for may be there

	mu      sync.Mutex
	pending map[identity.Hash]*departure
	due     departures // the same, by time
	nextSeq uint64
	// stay is how long items have lately been there, smoothed. A network under load
	// takes longer, and is not helped by hearing everything twice.
	stay time.Duration
}

// departure is the next time an item is gossiped.
type departure struct {
	id       identity.Hash
	notAfter uint64
	seq      uint64 // breaks ties, in order of arrival
	at       time.Time
	sent     time.Time // zero: not by this run, or a peer has joined since
	pause    time.Duration
	attempts uint32
	index    int // in due
}

// What is gossiped again goes in rounds, so that a large outbox does not take
// the queue from what is new.
const (
	roundItems = 256
	roundBytes = 1 << 20
	roundPause = 25 * time.Millisecond
	// recentlySent items are passed over when a peer joins.
	recentlySent = 500 * time.Millisecond
	// joinPause gathers peers that join together.
	joinPause = 100 * time.Millisecond
)

// NewDispatcher takes over what the outbox holds from an earlier run.
func NewDispatcher(c DispatcherConfig) (*Dispatcher, error) {
	setDefault(&c.First, 2*time.Second)
	setDefault(&c.Max, 15*time.Second)
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Outbox == nil || c.Publish == nil || c.Now == nil || c.First < 0 || c.Max < c.First {
		return nil, errors.New("configuration of the dispatcher: Outbox, Publish and Now are required, and 0 < First <= Max")
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "waymark", Subsystem: "outbox", Name: name, Help: help})
	}
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "waymark", Subsystem: "outbox", Name: name, Help: help}, f)
	}
	d := &Dispatcher{
		config: c, attempt: rand.Uint32N(1 << 31), changed: make(chan struct{}, 1), pending: make(map[identity.Hash]*departure),
		again:   counter("gossiped_again_total", "Envelopes gossiped again because they were not on the ledger yet."),
		expired: counter("expired_total", "Envelopes removed because their deadline passed."),
	}
	items, err := c.Outbox.Pending(0)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	for _, it := range items {
		d.schedule(it, now, time.Time{})
	}
	if c.Registry != nil {
		err = registerAll(c.Registry, d.again, d.expired,
			gauge("items", "Envelopes accepted and not yet on the ledger.", func() float64 { return float64(c.Outbox.Len()) }),
			gauge("bytes", "Size of the envelopes in the outbox.", func() float64 { return float64(c.Outbox.Bytes()) }))
	}
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Put makes items durable, then gossips those that are new. It returns once
// they are on disk, and an error means that they are not: gossip that fails now
// is made up for by Run.
func (d *Dispatcher) Put(items ...Item) error {
	if err := d.config.Outbox.Put(items...); err != nil {
		return err
	}
	now := time.Now()
	fresh := make([]bool, len(items))
	d.mu.Lock()
	for i, it := range items {
		fresh[i] = d.schedule(it, now.Add(d.config.First), now)
	}
	d.mu.Unlock()
	notify(d.changed)
	for i, it := range items {
		if !fresh[i] {
			continue
		}
		if err := d.config.Publish(it.Wire, d.attempt); err != nil {
			d.unpublished(it.ID, err)
		}
	}
	return nil
}

// unpublished accounts for gossip that failed. The item stays scheduled. A full
// queue is the sign of load, which its metric tells.
func (d *Dispatcher) unpublished(id identity.Hash, err error) {
	if !errors.Is(err, ErrQueueFull) {
		d.config.Logger.Warn("envelope not gossiped, will try again", "envelope", fmt.Sprintf("%x", id[:]), "err", err)
	}
}

// schedule is called with mu held, or before anybody else knows of d. It
// returns false for an item that is already scheduled.
func (d *Dispatcher) schedule(it Item, at, sent time.Time) bool {
	if d.pending[it.ID] != nil {
		return false
	}
	p := &departure{id: it.ID, notAfter: it.NotAfter, seq: d.nextSeq, at: at, sent: sent, pause: d.config.First}
	if !sent.IsZero() {
		p.attempts = 1
	}
	d.nextSeq++
	d.pending[it.ID] = p
	heap.Push(&d.due, p)
	return true
}

// Remove forgets items that the ledger has, from the outbox too.
func (d *Dispatcher) Remove(ids ...identity.Hash) error {
	now := time.Now()
	d.mu.Lock()
	for _, id := range ids {
		// Of one that was gossiped again nobody knows which time it was heard (Karn), and of one
		// that a peer's joining made due no time is kept.
		if p := d.forget(id); p != nil && p.attempts == 1 && !p.sent.IsZero() {
			d.stay += (now.Sub(p.sent) - d.stay) / 8
		}
	}
	d.mu.Unlock()
	return d.config.Outbox.Remove(ids...)
}

// forget is called with mu held. It returns nil for an item that is not
// scheduled.
func (d *Dispatcher) forget(id identity.Hash) *departure {
	p := d.pending[id]
	if p != nil {
		delete(d.pending, id)
		heap.Remove(&d.due, p.index)
	}
	return p
}

// Run gossips again until ctx ends. An error means that the outbox cannot be
// read or written.
func (d *Dispatcher) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.changed:
		case <-d.config.Joined:
			if !sleep(ctx, joinPause) {
				return nil
			}
			d.hurry()
		case <-timer.C:
			if err := d.round(); err != nil {
				return fmt.Errorf("gossip the outbox again: %w", err)
			}
		}
		timer.Reset(d.wait())
	}
}

// wait is how long Run may rest.
func (d *Dispatcher) wait() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.due) == 0 {
		return d.config.Max
	}
	return max(time.Until(d.due[0].at), roundPause)
}

// hurry makes everything that was not just sent due now.
func (d *Dispatcher) hurry() {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.due {
		if now.Sub(p.sent) > recentlySent {
			p.at, p.pause, p.sent = now, d.config.First, time.Time{}
		}
	}
	heap.Init(&d.due)
}

// round gossips what is due, as much as fits in one round.
func (d *Dispatcher) round() error {
	bytes := 0
	for items := 0; items < roundItems && bytes < roundBytes; items++ {
		id, notAfter, attempt, ok := d.take(time.Now())
		if !ok {
			return nil
		}
		if d.config.Judged != nil && d.config.Judged(id) {
			if err := d.Remove(id); err != nil {
				return err
			}
			continue
		}
		if now := d.config.Now(); now > 0 && uint64(now) > notAfter {
			if err := d.expire(id); err != nil {
				return err
			}
			continue
		}
		it, ok, err := d.config.Outbox.Get(id)
		if err != nil {
			return err
		}
		if !ok {
			continue // removed meanwhile
		}
		bytes += len(it.Wire)
		if err := d.config.Publish(it.Wire, attempt); err != nil {
			d.unpublished(id, err)
			return nil // this one waits its pause, the rest another round
		}
		d.again.Inc()
	}
	return nil
}

// take returns the earliest item that is due, and schedules its next time.
func (d *Dispatcher) take(now time.Time) (id identity.Hash, notAfter uint64, attempt uint32, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	patience := min(2*d.stay, d.config.Max)
	for {
		if len(d.due) == 0 || d.due[0].at.After(now) {
			return identity.Hash{}, 0, 0, false
		}
		p := d.due[0]
		if !p.sent.Add(patience).After(now) {
			break
		}
		p.at = p.sent.Add(patience)
		heap.Fix(&d.due, 0)
	}
	p := d.due[0]
	attempt = d.attempt + p.attempts
	p.attempts++
	p.at, p.sent = now.Add(p.pause), now
	p.pause = min(2*p.pause, d.config.Max)
	heap.Fix(&d.due, 0)
	return p.id, p.notAfter, attempt, true
}

func (d *Dispatcher) expire(id identity.Hash) error {
	d.mu.Lock()
	d.forget(id)
	d.mu.Unlock()
	if err := d.config.Outbox.Remove(id); err != nil {
		return err
	}
	d.expired.Inc()
	d.config.Logger.Warn("envelope expired before it was committed", "envelope", fmt.Sprintf("%x", id[:]))
	if d.config.Expired != nil {
		d.config.Expired(id)
	}
	return nil
}

// departures is a heap by due time.
type departures []*departure

func (h departures) Len() int { return len(h) }
func (h departures) Less(i, j int) bool {
	if !h[i].at.Equal(h[j].at) {
		return h[i].at.Before(h[j].at)
	}
	return h[i].seq < h[j].seq
}
func (h departures) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}
func (h *departures) Push(x any) {
	p := x.(*departure)
	p.index = len(*h)
	*h = append(*h, p)
}
func (h *departures) Pop() any {
	old := *h
	p := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return p
}
