package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/node"
	"github.com/waymark-ledger/waymark/trace"
)

// waymarkNetwork is whole nodes. Each envelope is submitted to one of them, in
// process.
type waymarkNetwork struct {
	list []*node.Node
	halt context.CancelFunc
	runs []chan error // what Run returned, one a node
}

func bootWaymark(h *homes, dir string, log *slog.Logger) (network, error) {
	n, err := bootNodes(h, dir, log)
	if err != nil {
		return nil, err
	}
	return n, nil
}

func bootNodes(h *homes, dir string, log *slog.Logger) (*waymarkNetwork, error) {
	configs, err := h.copyTo(dir)
	if err != nil {
		return nil, err
	}
	ctx, halt := context.WithCancel(context.Background())
	n := &waymarkNetwork{halt: halt}
	for i, c := range configs {
		one, err := node.New(c, node.Deps{Logger: log.With("node", i), Registry: prometheus.NewRegistry(), Version: "bench"})
		if err != nil {
			return nil, errors.Join(fmt.Errorf("node %d: %w", i, err), n.stop())
		}
		done := make(chan error, 1)
		n.list, n.runs = append(n.list, one), append(n.runs, done)
		go func() { done <- one.Run(ctx) }()
	}
	return n, nil
}

func (n *waymarkNetwork) nodes() int { return len(n.list) }

func (n *waymarkNetwork) meshed() bool {
	for _, one := range n.list {
		select {
		case <-one.Ready():
		default:
			return false
		}
		if s := one.Status(); s.Peers < len(n.list)-1 || s.EnginePeers < len(n.list)-1 {
			return false
		}
	}
	return true
}

func (n *waymarkNetwork) commit(ctx context.Context, at int, e *envelope) error {
	id, err := n.list[at].Submit(ctx, e.wire)
	if err != nil {
		return err
	}
	_, err = n.list[at].Wait(ctx, id)
	return err
}

// check counts the records, compares the nodes at one height, and looks for
// refusals among a thousand records.
func (n *waymarkNetwork) check(events int64) error {
	want := uint64(events)
	height := uint64(0)
	for i, one := range n.list {
		deadline := time.Now().Add(2 * time.Minute)
		for one.Status().Records < want && time.Now().Before(deadline) {
			time.Sleep(20 * time.Millisecond) // a node may be a block behind
		}
		s := one.Status()
		if s.Records != want {
			return fmt.Errorf("node %d has %d records, %d were committed", i, s.Records, want)
		}
		if i == 0 || s.Height < height {
			height = s.Height
		}
	}
	var first string
	for i, one := range n.list {
		hash, err := inspect(one, height, i == 0)
		if err != nil {
			return fmt.Errorf("node %d: %w", i, err)
		}
		if i == 0 {
			first = hash
		}
		if hash != first {
			return fmt.Errorf("nodes 0 and %d differ at height %d", i, height)
		}
	}
	return nil
}

// inspect returns the app hash at a height.
func inspect(one *node.Node, height uint64, verdicts bool) (string, error) {
	s, err := one.Snapshot()
	if err != nil {
		return "", err
	}
	defer s.Close()
	roots, ok, err := s.Block(height)
	if err != nil || !ok {
		return "", errors.Join(fmt.Errorf("no block %d", height), err)
	}
	if verdicts {
		step := max(1, roots.LogSize/1000)
		for seq := uint64(0); seq < roots.LogSize; seq += step {
			r, err := s.Record(seq)
			if err != nil {
				return "", err
			}
			if trace.Rejected(r.Findings) {
				return "", fmt.Errorf("record %d was refused: %s", seq, r.Findings[0].Title)
			}
		}
	}
	return roots.AppHash.String(), nil
}

func (n *waymarkNetwork) stop() error {
	n.halt()
	var errs []error
	for i, done := range n.runs {
		if err := <-done; err != nil {
			errs = append(errs, fmt.Errorf("node %d: %w", i, err))
		}
	}
	return errors.Join(errs...)
}

// httpNetwork is whole nodes that are fed through their HTTP API on loopback.
type httpNetwork struct {
	*waymarkNetwork
	clients []*client.Client
}

func bootHTTP(h *homes, dir string, log *slog.Logger) (network, error) {
	n, err := bootNodes(h, dir, log)
	if err != nil {
		return nil, err
	}
	w := &httpNetwork{waymarkNetwork: n}
	for i, one := range n.list {
		w.clients = append(w.clients, client.New("http://"+one.APIAddr(), h.apiKeys[i]))
	}
	return w, nil
}

// commit is the API call, to the 201 that says the event is committed. The
// node signs.
func (n *httpNetwork) commit(ctx context.Context, at int, e *envelope) error {
	receipt, _, err := n.clients[at].Event(ctx, e.body)
	if err == nil && receipt == nil {
		err = errors.New("the node answered before the event was judged")
	}
	return err
}

func (n *httpNetwork) stop() error {
	for _, c := range n.clients {
		c.Close()
	}
	return n.waymarkNetwork.stop()
}
