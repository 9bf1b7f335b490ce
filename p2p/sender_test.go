package p2p

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// run starts a sender and records its batches with the time they left.
func runSender(t *testing.T, batchBytes, queueBytes int) (s *sender, sent func() string) {
	start := time.Now()
	var mu sync.Mutex // guards log
	var log []string
	s = newSender(Config{BatchBytes: batchBytes, QueueBytes: queueBytes, BatchDelay: 5 * time.Millisecond, BatchDelayMax: 25 * time.Millisecond}, func(_ context.Context, b *batch) {
		mu.Lock()
		defer mu.Unlock()
		log = append(log, fmt.Sprintf("%v#%d:%d", time.Since(start), b.Attempt, len(b.Wires)))
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done })
	return s, func() string {
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		return fmt.Sprint(log)
	}
}

func TestSenderGathersWithoutDelayingTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, sent := runSender(t, 1000, 1<<20)
		publishBytes := func(size int, attempt uint32) {
			if err := s.publish(make([]byte, size), attempt); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		publish := func(n int, attempt uint32) {
			for range n {
				publishBytes(100, attempt)
			}
		}
		publish(1, 0) // idle: at once
		publish(3, 0) // within the delay: together, when it has passed
		if got, want := sent(), "[0s#0:1]"; got != want {
			t.Errorf("at once: %s, want %s", got, want)
		}
		time.Sleep(10 * time.Millisecond)
		publish(2, 0) // 15 ms have to pass after a batch of three
		time.Sleep(30 * time.Millisecond)
		if got, want := sent(), "[0s#0:1 5ms#0:3 20ms#0:2]"; got != want {
			t.Errorf("gathered: %s, want %s", got, want)
		}
		publish(1, 0)
		publish(2, 1)
		publish(7, 0)
		publishBytes(500, 0) // more than a batch's bytes: no pause is waited for
		if got, want := sent(), "[0s#0:1 5ms#0:3 20ms#0:2 40ms#0:1 40ms#1:2 40ms#0:7 40ms#0:1]"; got != want {
			t.Errorf("full: %s, want %s", got, want)
		}
		publish(1, 7)
		time.Sleep(25 * time.Millisecond) // the longest pause
		if got, want := sent(), "[0s#0:1 5ms#0:3 20ms#0:2 40ms#0:1 40ms#1:2 40ms#0:7 40ms#0:1 65ms#7:1]"; got != want {
			t.Errorf("after a full one: %s, want %s", got, want)
		}
	})
}

func TestSenderBoundsItsQueue(t *testing.T) {
	s := newSender(Config{BatchBytes: 1000, QueueBytes: MaxWireBytes}, nil) // not run
	if err := s.publish(make([]byte, MaxWireBytes), 0); err != nil {
		t.Fatal(err)
	}
	if err := s.publish([]byte{1}, 0); !errors.Is(err, ErrQueueFull) {
		t.Errorf("a full queue: %v", err)
	}
	if n := len(s.take()); n != 1 {
		t.Errorf("%d batches", n)
	}
	if err := s.publish([]byte{1}, 0); err != nil {
		t.Errorf("after the queue was taken: %v", err)
	}
}
