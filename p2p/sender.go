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

// sender gathers wires into batches. The next batch leaves when a pause has
// passed since the last one, or as soon as enough bytes wait. The pause is in
// proportion to the wires that the last batch had: a message costs each node
// some 200 us whatever is in it, so a busy sender gathers, while at low rates
// batching costs no time at all.
type sender struct {
	batchBytes int
	queueBytes int
	delay      time.Duration // for each wire of the last batch
	delayMax   time.Duration
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

func newSender(c Config, send func(context.Context, *batch)) *sender {
	return &sender{
		batchBytes: c.BatchBytes, queueBytes: c.QueueBytes, delay: c.BatchDelay, delayMax: c.BatchDelayMax, send: send,
		wake: make(chan struct{}, 1), full: make(chan struct{}, 1),
	}
}

func (s *sender) publish(wire []byte, attempt uint32) error {
	if len(wire) == 0 || len(wire) > MaxWireBytes {
		return fmt.Errorf("publish: a wire of %d bytes, at most %d", len(wire), MaxWireBytes)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bytes+len(wire) > s.queueBytes {
		return ErrQueueFull
	}
	s.queue = append(s.queue, queued{wire, attempt})
	s.bytes += len(wire)
	// Under the lock: a signal after take emptied the queue would cut the
	// next batch's pause short.
	if len(s.queue) == 1 {
		notify(s.wake)
	}
	if s.bytes >= s.batchBytes {
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
	var next time.Time // the earliest the next batch leaves
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		if wait := time.Until(next); wait > 0 {
			pause.Reset(wait)
			select {
			case <-ctx.Done():
				return
			case <-s.full:
				pause.Stop() // since Go 1.23 nothing stale is left in the channel
			case <-pause.C:
			}
		}
		wires := 0
		for _, b := range s.take() {
			s.send(ctx, b)
			wires += len(b.Wires)
		}
		next = time.Now().Add(min(s.delayMax, s.delay*time.Duration(wires)))
	}
}

// take empties the queue into messages. Wires of one attempt stay in the order
// they came; a message holds one attempt.
func (s *sender) take() []*batch {
	s.mu.Lock()
	queue := s.queue
	s.queue, s.bytes = nil, 0
	select {
	case <-s.full:
	default:
	}
	s.mu.Unlock()

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
