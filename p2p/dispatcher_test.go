package p2p

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/waymark-ledger/waymark/identity"
)

func newTestDispatcher(t testing.TB, c DispatcherConfig) *Dispatcher {
	t.Helper()
	c.Logger = slog.New(slog.DiscardHandler)
	d, err := NewDispatcher(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return d
}

// airwaves records what is published.
type airwaves struct {
	mu       sync.Mutex
	attempts map[string][]uint32
	order    []string
	fails    error
}

func (a *airwaves) publish(wire []byte, attempt uint32) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.fails != nil {
		return a.fails
	}
	if a.attempts == nil {
		a.attempts = make(map[string][]uint32)
	}
	a.attempts[string(wire[5:])] = append(a.attempts[string(wire[5:])], attempt)
	a.order = append(a.order, string(wire[5:]))
	return nil
}

func (a *airwaves) heard(text string) []uint32 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]uint32(nil), a.attempts[text]...)
}

func TestDispatcherGossipsAgainUntilRemoved(t *testing.T) {
	t.Parallel()
	var air airwaves
	o := newTestOutbox(t, vfs.NewMem())
	d := newTestDispatcher(t, DispatcherConfig{
		Outbox: o, Publish: air.publish, Now: func() int64 { return 1 },
		First: 40 * time.Millisecond, Max: 80 * time.Millisecond, Registry: prometheus.NewPedanticRegistry(),
	})
	if err := d.Put(item("a"), item("b")); err != nil {
		t.Fatal(err)
	}
	if len(air.heard("a")) == 0 || len(air.heard("b")) == 0 {
		t.Error("a new item did not go out at once")
	}
	if err := d.Put(item("a")); err != nil {
		t.Fatal(err)
	}
	if err := d.Remove(item("b").ID); err != nil {
		t.Fatal(err)
	}
	again, removed := len(air.heard("a")), len(air.heard("b"))
	eventually(t, "gossiped again", func() bool { return len(air.heard("a")) >= again+4 })
	attempts := air.heard("a")
	slices.Sort(attempts) // Put publishes beside Run
	for i, n := range attempts {
		if n != attempts[0]+uint32(i) {
			t.Errorf("attempts %v do not count up", attempts)
		}
	}
	if n := len(air.heard("b")) - removed; n > 1 { // one may have been under way
		t.Errorf("a removed item was gossiped %d times", n)
	}
	if err := d.Remove(item("a").ID); err != nil {
		t.Fatal(err)
	}
	n := len(air.heard("a"))
	time.Sleep(150 * time.Millisecond)
	if got := len(air.heard("a")); got > n+1 { // one may have been under way
		t.Errorf("gossiped %d times after removal", got-n)
	}
	if o.Len() != 0 {
		t.Errorf("%d items left", o.Len())
	}
}

// Under load an item stays for longer than the first pause. What is gossiped
// again then only adds to the load.
func TestDispatcherWaitsAsLongAsCommitsTake(t *testing.T) {
	t.Parallel()
	var air airwaves
	d, err := NewDispatcher(DispatcherConfig{
		Outbox: newTestOutbox(t, vfs.NewMem()), Publish: air.publish, Now: func() int64 { return 1 },
		First: time.Second, Max: time.Minute, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	again := func(text string, after time.Duration) bool {
		now := time.Now().Add(after)
		for {
			id, _, _, ok := d.take(now)
			if !ok || id == item(text).ID {
				return ok
			}
		}
	}
	put := func(text string) {
		t.Helper()
		if err := d.Put(item(text)); err != nil {
			t.Fatal(err)
		}
	}
	stays := func(text string, as time.Duration, attempts uint32) {
		t.Helper()
		put(text)
		p := d.pending[item(text).ID]
		p.sent, p.attempts = p.sent.Add(-as), attempts
		if err := d.Remove(item(text).ID); err != nil {
			t.Fatal(err)
		}
	}
	put("quick")
	if again("quick", 900*time.Millisecond) || !again("quick", 1100*time.Millisecond) {
		t.Error("without load an item is not gossiped again after the first pause")
	}
	for i := range 100 {
		stays(fmt.Sprint("slow", i), 10*time.Second, 1)
	}
	put("new")
	if again("new", 15*time.Second) {
		t.Error("gossiped again before commits of others were through")
	}
	if !again("new", 21*time.Second) {
		t.Error("not gossiped again though it is late")
	}
	put("joined")
	d.pending[item("joined").ID].sent = time.Now().Add(-time.Second)
	d.hurry()
	if !again("joined", 0) {
		t.Error("a peer that joins waits as long as commits take")
	}
	before := d.stay
	put("committed")
	d.pending[item("committed").ID].sent = time.Now().Add(-time.Second)
	d.hurry()
	if err := d.Remove(item("committed").ID); err != nil || d.stay != before {
		t.Errorf("%v; an item that a joining peer made due says that commits take %v", err, d.stay)
	}
	stays("lost", time.Hour, 2)
	if d.stay != before {
		t.Error("an item that was gossiped again says how long commits take")
	}
	for i := range 200 {
		stays(fmt.Sprint("fast", i), 50*time.Millisecond, 1)
	}
	put("later")
	if !again("later", 1100*time.Millisecond) {
		t.Error("the load is over, and an item waits longer than the first pause")
	}
}

func TestDispatcherResumesAfterRestart(t *testing.T) {
	t.Parallel()
	var first, second airwaves
	o := newTestOutbox(t, vfs.NewMem())
	config := DispatcherConfig{Outbox: o, Now: func() int64 { return 1 }, First: time.Hour, Max: time.Hour}
	config.Publish = first.publish
	d := newTestDispatcher(t, config)
	if err := d.Put(item("a"), item("b"), item("c")); err != nil {
		t.Fatal(err)
	}
	config.Publish = second.publish
	config.Judged = func(id identity.Hash) bool { return id == item("b").ID } // its removal was lost in the crash
	newTestDispatcher(t, config)
	eventually(t, "resumed", func() bool { return len(second.heard("c")) == 1 })
	if got := fmt.Sprint(second.order); got != "[a c]" {
		t.Errorf("gossiped %s after a restart", got)
	}
	if first.heard("a")[0] == second.heard("a")[0] {
		t.Error("a restart repeats the attempt, which peers would take for the same message")
	}
	if got := fmt.Sprint(pending(t, o)); got != "[a c]" {
		t.Errorf("pending %s", got)
	}
}

func TestDispatcherExpires(t *testing.T) {
	t.Parallel()
	var air airwaves
	var now atomic.Int64
	now.Store(1000)
	expired := make(chan identity.Hash, 1)
	o := newTestOutbox(t, vfs.NewMem())
	d := newTestDispatcher(t, DispatcherConfig{
		Outbox: o, Publish: air.publish, Now: now.Load, Expired: func(id identity.Hash) { expired <- id },
		First: 20 * time.Millisecond, Max: 20 * time.Millisecond,
	})
	if err := d.Put(item("a")); err != nil { // NotAfter 1000
		t.Fatal(err)
	}
	eventually(t, "gossiped in its last second", func() bool { return len(air.heard("a")) >= 2 })
	now.Store(1001)
	select {
	case id := <-expired:
		if id != item("a").ID || o.Len() != 0 {
			t.Errorf("expired %x, %d left", id, o.Len())
		}
	case <-time.After(patience):
		t.Fatal("never expired")
	}
}

func TestDispatcherMakesUpForGossipThatFailed(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{"queue full": ErrQueueFull, "other": errors.New("not now")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			air := airwaves{fails: err}
			d := newTestDispatcher(t, DispatcherConfig{
				Outbox: newTestOutbox(t, vfs.NewMem()), Publish: air.publish, Now: func() int64 { return 1 },
				First: 30 * time.Millisecond, Max: 30 * time.Millisecond,
			})
			if err := d.Put(item("a"), item("b")); err != nil {
				t.Fatalf("items are safe although gossip failed: %v", err)
			}
			time.Sleep(100 * time.Millisecond)
			air.mu.Lock()
			air.fails = nil
			air.mu.Unlock()
			eventually(t, "both gossiped", func() bool { return len(air.heard("a")) > 0 && len(air.heard("b")) > 0 })
		})
	}
}
