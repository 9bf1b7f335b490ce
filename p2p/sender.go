package p2p

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// ErrQueueFull is returned by Publish when too many bytes already wait to be
// published. The caller keeps the wire and tries later.
var ErrQueueFull = errors.New("publish queue is full")

// sender gathers wires into batches. It sends at once after a quiet delay, and
// otherwise when the delay has passed since the last message or enough bytes
// wait, so that batching costs no time at low rates.
type sender struct {
	batchBytes int
	queueBytes int
	delay      time.Duration
	send       func(context.Context, *batch)

	wake chan struct{} // the queue was empty and is not any more
	full chan struct{} // a batch's worth of bytes waits

	mu    sync.Mutex
	queue []queued
	bytes int // of the queue
}

type queued struct {
	wire    []byte
	attempt uint32
}

func newSender(batchBytes, queueBytes int, delay time.Duration, send func(context.Context, *batch)) *sender {
	return &sender{
		batchBytes: batchBytes, queueBytes: queueBytes, delay: delay, send: send,
		wake: make(chan struct{}, 1), full: make(chan struct{}, 1),
	}
}

func (s *sender) publish(wire []byte, attempt uint32) error {
	if len(wire) == 0 || len(wire) > MaxWireBytes {
		return fmt.Errorf("publish: a wire of %d bytes, at most %d", len(wire), MaxWireBytes)
	}
	s.mu.Lock()
	if s.bytes+len(wire) > s.queueBytes {
		s.mu.Unlock()
		return ErrQueueFull
	}
	s.queue = append(s.queue, queued{wire, attempt})
	s.bytes += len(wire)
	first, full := len(s.queue) == 1, s.bytes >= s.batchBytes
	s.mu.Unlock()
	if first {
		notify(s.wake)
	}
	if full {
		notify(s.full)
	}
	return nil
}

// notify signals a channel of capacity one without waiting.
func notify(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (s *sender) run(ctx context.Context) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	<-pause.C
	var last time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		if wait := s.delay - time.Since(last); wait > 0 {
			pause.Reset(wait)
			select {
			case <-ctx.Done():
				return
			case <-s.full:
				pause.Stop() // since Go 1.23 nothing stale is left in the channel
			case <-pause.C:
			}
		}
		for _, b := range s.take() {
			s.send(ctx, b)
		}
		last = time.Now()
	}
}

// take empties the queue into messages. Wires of one attempt stay in the order
// they came; a message holds one attempt.
func (s *sender) take() []*batch {
	s.mu.Lock()
	queue := s.queue
	s.queue, s.bytes = nil, 0
	s.mu.Unlock()
	select {
	case <-s.full:
	default:
	}

	var out []*batch
	open := make(map[uint32]*batch) // the last batch of each attempt
	sizes := make(map[uint32]int)
	for _, q := range queue {
		b := open[q.attempt]
		if n := wireBytes(len(q.wire)); b == nil || sizes[q.attempt]+n > s.batchBytes || len(b.Wires) == MaxBatchWires {
			b = &batch{Attempt: q.attempt}
			out = append(out, b)
			open[q.attempt], sizes[q.attempt] = b, 0
		}
		b.Wires = append(b.Wires, q.wire)
		sizes[q.attempt] += wireBytes(len(q.wire))
	}
	return out
}
