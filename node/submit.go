package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/p2p"
	"github.com/waymark-ledger/waymark/proof"
)

// Submit takes an envelope signed elsewhere. When it returns without error the
// outbox holds it durably, this node's pool and gossip have it, and it will be
// gossiped again until it is judged or expires.
func (n *Node) Submit(ctx context.Context, wire []byte) (identity.Hash, error) {
	if err := n.accepting(); err != nil {
		return identity.Hash{}, err
	}
	item, pending, err := n.screen(wire)
	if err != nil {
		return identity.Hash{}, err
	}
	if !pending {
		return item.ID, nil
	}
	if err := n.put(item); err != nil {
		return identity.Hash{}, err
	}
	return item.ID, ctx.Err()
}

// Capture signs records with the organisation's key, in order, in as few
// envelopes as the limits allow.
func (n *Node) Capture(ctx context.Context, kind epcis.Kind, records [][]byte) ([]api.Accepted, error) {
	if n.key == nil {
		return nil, api.ErrReadOnly
	}
	if err := n.accepting(); err != nil {
		return nil, err
	}
	notAfter := uint64(n.app.poolTime().Seconds) + uint64(n.config.P2P.CaptureValid.Seconds())
	var accepted []api.Accepted
	var items []p2p.Item
	for _, part := range identity.Bundles(records) {
		env := identity.NewEnvelope(n.app.fixed.network, string(kind), n.key.Address(), notAfter, part)
		if err := n.key.SignEnvelope(env); err != nil {
			return nil, fmt.Errorf("sign captured records: %w", err)
		}
		wire, err := env.Encode()
		if err != nil {
			return nil, fmt.Errorf("encode captured records: %w", err)
		}
		item, pending, err := n.screen(wire)
		if err != nil {
			return nil, err
		}
		if pending {
			items = append(items, item)
		}
		accepted = append(accepted, api.Accepted{ID: item.ID, NotAfter: notAfter, Records: len(part)})
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(items) > 0 {
		if err := n.put(items...); err != nil {
			return nil, err
		}
	}
	return accepted, nil
}

// screen applies admission as gossip and the pool will. pending is false for
// an envelope that was judged before.
func (n *Node) screen(wire []byte) (item p2p.Item, pending bool, err error) {
	adm, code, err := n.app.judgeAlone(wire)
	switch {
	case err != nil:
		return item, false, err
	case code == CodeJudged:
		env, err := identity.DecodeEnvelope(wire)
		if err != nil {
			return item, false, fmt.Errorf("decode a judged envelope: %w", err)
		}
		return p2p.Item{ID: env.ID()}, false, nil
	case code != CodeAdmitted:
		return item, false, &api.EnvelopeError{Reason: code.String(), Next: code.next()}
	}
	if !n.app.pool.has(adm.wire.hash) && !n.app.pool.room(adm.organisation, len(wire)) {
		return item, false, api.ErrBusy
	}
	return p2p.Item{ID: adm.id, Wire: wire, NotAfter: adm.env.NotAfter}, true, nil
}

// accepting refuses while nothing new may come in.
func (n *Node) accepting() error {
	select {
	case <-n.stopping:
		return api.ErrStopping
	default:
	}
	if n.diskLow.Load() {
		return api.ErrStorageLow
	}
	return nil
}

func (n *Node) put(items ...p2p.Item) error {
	err := n.dispatcher.Put(items...)
	if errors.Is(err, p2p.ErrOutboxFull) {
		return api.ErrBusy
	}
	if err != nil {
		return fmt.Errorf("keep envelopes in the outbox: %w", err)
	}
	return nil
}

// publish is the dispatcher's way out, the first time and every time after:
// into this node's own pool, then to the peers. A pool that is full now gets
// the envelope again with the next attempt.
func (n *Node) publish(wire []byte, attempt uint32) error {
	adm, code, err := n.app.judgeAlone(wire)
	if err == nil && code == CodeAdmitted {
		err = n.app.take(adm)
	}
	if err != nil {
		return err
	}
	return n.host.Publish(wire, attempt)
}

// validate decides about a wire that a peer sent: forwarded only when every
// honest node would admit it alone. Several goroutines call it, so what is
// derived from the bytes is derived here, in parallel.
func (n *Node) validate(_ context.Context, wire []byte) (p2p.Decision, func()) {
	adm, code, err := n.app.judgeAlone(wire)
	switch {
	case err != nil:
		n.log.Error("cannot validate gossip", "error", err)
		return p2p.Ignore, nil
	case code == CodeAdmitted:
		return p2p.Accept, func() {
			if err := n.app.take(adm); err != nil {
				n.log.Error("cannot take gossip in", "error", err)
			}
		}
	case code.forged():
		return p2p.Reject, nil
	default:
		// An honest peer may be a block ahead or behind.
		return p2p.Ignore, nil
	}
}

// verdict ends a wait: where the envelope stands, or why it never will.
type verdict struct {
	info proof.EnvelopeInfo
	err  error
}

// waiters wake requests when their envelope is judged or has expired.
type waiters struct {
	mu sync.Mutex // guards m
	m  map[identity.Hash][]chan verdict
}

func (w *waiters) add(id identity.Hash) chan verdict {
	ch := make(chan verdict, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.m[id] = append(w.m[id], ch)
	return ch
}

// leave is for who gives up: wake has removed who was told.
func (w *waiters) leave(id identity.Hash, ch chan verdict) {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := slices.DeleteFunc(w.m[id], func(c chan verdict) bool { return c == ch })
	if len(list) == 0 {
		delete(w.m, id)
	} else {
		w.m[id] = list
	}
}

// wake tells those who wait for an envelope.
func (w *waiters) wake(id identity.Hash, v verdict) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wakeLocked(id, v)
}

// wakeJudged tells those who wait for envelopes of a block.
func (w *waiters) wakeJudged(judged []proof.EnvelopeInfo) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range judged {
		w.wakeLocked(judged[i].ID, verdict{info: judged[i]})
	}
}

func (w *waiters) wakeLocked(id identity.Hash, v verdict) {
	list, ok := w.m[id]
	if !ok {
		return
	}
	for _, ch := range list {
		ch <- v // has room: it is told once
	}
	delete(w.m, id)
}

// Wait returns once the envelope is judged and durable on this node.
func (n *Node) Wait(ctx context.Context, id identity.Hash) (proof.EnvelopeInfo, error) {
	ch := n.waiters.add(id) // before the look-up, so that none is missed
	if !n.app.fixed.memo.awaits(id) {
		info, ok, err := n.envelope(id)
		if ok || err != nil {
			n.waiters.leave(id, ch)
			return info, err
		}
	}
	select {
	case v := <-ch:
		return v.info, v.err
	case <-ctx.Done():
		n.waiters.leave(id, ch)
		return proof.EnvelopeInfo{}, ctx.Err()
	case <-n.stopping:
		n.waiters.leave(id, ch)
		return proof.EnvelopeInfo{}, api.ErrStopping
	}
}

func (n *Node) envelope(id identity.Hash) (proof.EnvelopeInfo, bool, error) {
	s := n.ledger.Snapshot()
	defer s.Close()
	return s.Envelope(id)
}

// expired is told by the dispatcher that block time passed a deadline.
func (n *Node) expired(id identity.Hash) { n.waiters.wake(id, verdict{err: api.ErrExpired}) }

// onCommit runs on the consensus goroutine after each durable block.
func (n *Node) onCommit(s settled) {
	n.moved.Store(time.Now().UnixNano())
	if len(s.judged) == 0 {
		return
	}
	n.waiters.wakeJudged(s.judged)
	n.settleMu.Lock()
	for i := range s.judged {
		n.settleIDs = append(n.settleIDs, s.judged[i].ID)
	}
	n.settleMu.Unlock()
	select {
	case n.settleWake <- struct{}{}:
	default:
	}
}

// settle takes judged envelopes out of the outbox, off the consensus path.
func (n *Node) settle(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-n.settleWake:
		}
		n.settleMu.Lock()
		ids := n.settleIDs
		n.settleIDs = nil
		n.settleMu.Unlock()
		if err := n.dispatcher.Remove(ids...); err != nil {
			return fmt.Errorf("empty the outbox: %w", err)
		}
	}
}
