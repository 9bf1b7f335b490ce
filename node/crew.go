package node

import (
	"sync"
	"sync/atomic"
)

// crew are goroutines that do pieces of work: urgent ones, for which somebody waits,
// before those that are done ahead. Who waits works along, so that as many work as
// there are hands.
type crew struct {
	urgent, ahead chan func()
	wg            sync.WaitGroup
}

// newCrew is a crew of so many hands, the caller's among them. No more than so many
// pieces are to be ahead at once.
func newCrew(hands, ahead int) *crew {
	c := &crew{urgent: make(chan func(), hands), ahead: make(chan func(), ahead)}
	for range hands - 1 {
		c.wg.Go(func() { c.await(nil) })
	}
	return c
}

// dismiss waits until what was begun is done. What is ahead may be left undone.
func (c *crew) dismiss() {
	close(c.urgent)
	c.wg.Wait()
}

// all does pieces of work, no more than there are hands, and returns when they are done.
func (c *crew) all(pieces []func()) {
	done := make(chan struct{})
	var left atomic.Int64
	left.Store(int64(len(pieces)))
	for _, piece := range pieces {
		c.urgent <- func() {
			piece()
			if left.Add(-1) == 0 {
				close(done)
			}
		}
	}
	if len(pieces) > 0 {
		c.await(done)
	}
}

// await works until done is closed, or the crew is dismissed.
func (c *crew) await(done <-chan struct{}) {
	for {
		select {
		case <-done:
			return
		default:
		}
		select {
		case piece, ok := <-c.urgent:
			if !ok {
				return
			}
			piece()
			continue
		default:
		}
		select {
		case <-done:
			return
		case piece, ok := <-c.urgent:
			if !ok {
				return
			}
			piece()
		case piece := <-c.ahead:
			piece()
		}
	}
}
