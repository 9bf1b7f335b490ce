package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/node"
)

// floorNetwork is the engine alone. Every node's pool is fed directly.
type floorNetwork struct {
	floors  []*node.Floor
	waiting []waiting // one a node
}

// tail names a wire by the last half of its signature, which its encoding ends
// with. It is cheap, and only the bench has to tell its own envelopes apart.
type tail [identity.SignatureBytes / 2]byte

func tailOf(wire []byte) tail { return tail(wire[len(wire)-len(tail{}):]) }

// waiting is who waits for an envelope's block at one node.
type waiting struct {
	mu sync.Mutex // guards m
	m  map[tail]chan struct{}
}

func (w *waiting) add(t tail) <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	ch := make(chan struct{})
	w.m[t] = ch
	return ch
}

func (w *waiting) committed(wires [][]byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, wire := range wires {
		t := tailOf(wire)
		if ch, ok := w.m[t]; ok {
			close(ch)
			delete(w.m, t)
		}
	}
}

func bootFloor(h *homes, dir string, log *slog.Logger) (_ network, err error) {
	configs, err := h.copyTo(dir)
	if err != nil {
		return nil, err
	}
	n := &floorNetwork{waiting: make([]waiting, len(configs))}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.stop())
		}
	}()
	for i, c := range configs {
		n.waiting[i].m = map[tail]chan struct{}{}
		f, err := node.NewFloor(c, log.With("node", i), n.waiting[i].committed)
		if err != nil {
			return nil, fmt.Errorf("floor %d: %w", i, err)
		}
		n.floors = append(n.floors, f)
	}
	for i, f := range n.floors {
		if err := f.Start(); err != nil {
			return nil, fmt.Errorf("floor %d: %w", i, err)
		}
	}
	return n, nil
}

func (n *floorNetwork) nodes() int { return len(n.floors) }

func (n *floorNetwork) meshed() bool {
	for _, f := range n.floors {
		if f.Peers() < len(n.floors)-1 {
			return false
		}
	}
	return true
}

func (n *floorNetwork) commit(ctx context.Context, at int, e *envelope) error {
	done := n.waiting[at].add(tailOf(e.wire))
	for i := range n.floors {
		if err := n.floors[(at+i)%len(n.floors)].Submit(e.wire); err != nil {
			return err
		}
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// check has nothing to compare: the floor keeps nothing.
func (n *floorNetwork) check(int64) error { return nil }

func (n *floorNetwork) stop() error {
	errs := make([]error, len(n.floors))
	var wg sync.WaitGroup
	for i, f := range n.floors {
		wg.Go(func() { errs[i] = f.Stop() })
	}
	wg.Wait()
	return errors.Join(errs...)
}
