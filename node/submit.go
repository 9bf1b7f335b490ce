package node

import (
	"context"
	"errors"
	"fmt"
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
	for _, part := range splitRecords(records) {
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

// envelopeOverhead bounds what an envelope's encoding takes beside its
// records; each record takes a CBOR head of at most recordOverhead more.
const (
	envelopeOverhead = 512
	recordOverhead   = 5
)

// splitRecords cuts records, in order, into what one envelope each can hold.
func splitRecords(records [][]byte) [][][]byte {
	var parts [][][]byte
	from, size := 0, envelopeOverhead
	for i, r := range records {
		if i > from && (i-from == identity.MaxRecords || size+len(r)+recordOverhead > identity.MaxEnvelopeBytes) {
			parts = append(parts, records[from:i])
			from, size = i, envelopeOverhead
		}
		size += len(r) + recordOverhead
	}
	if from < len(records) {
		parts = append(parts, records[from:])
	}
	return parts
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
	if !n.app.pool.has(adm.wire) && !n.app.pool.room(adm.organisation, len(wire)) {
		return item, false, api.ErrBusy
	}
	adm.decode() // here, off the consensus path
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
	if _, err := n.engine.submit(wire); err != nil {
		return err
	}
	return n.host.Publish(wire, attempt)
}

// validate decides about a wire that a peer sent: forwarded only when every
// honest node would admit it alone. Several goroutines call it, so what is
// derived from the bytes is derived here, in parallel.
func (n *Node) validate(_ context.Context, wire []byte) p2p.Decision {
	adm, code, err := n.app.judgeAlone(wire)
	switch {
	case err != nil:
		n.log.Error("cannot validate gossip", "error", err)
		return p2p.Ignore
	case code == CodeAdmitted:
		adm.decode()
		return p2p.Accept
	case code.forged():
		return p2p.Reject
	default:
		// An honest peer may be a block ahead or behind.
		return p2p.Ignore
	}
}

// deliver hands what peers sent to the pool. A full pool drops it: its author
// gossips again.
func (n *Node) deliver(_ context.Context, wire []byte) {
	if _, err := n.engine.submit(wire); err != nil {
		n.log.Error("cannot take gossip in", "error", err)
	}
}

// waiters wake requests when their envelope is judged or has expired.
type waiters struct {
	mu sync.Mutex // guards m
	m  map[identity.Hash][]chan error
}

func (w *waiters) add(id identity.Hash) (ch chan error, leave func()) {
	ch = make(chan error, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.m[id] = append(w.m[id], ch)
	return ch, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		list := w.m[id]
		for i, c := range list {
			if c == ch {
				list = append(list[:i:i], list[i+1:]...)
				break
			}
		}
		if len(list) == 0 {
			delete(w.m, id)
		} else {
			w.m[id] = list
		}
	}
}

// wake tells those who wait for id; err is nil when it was judged.
func (w *waiters) wake(id identity.Hash, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ch := range w.m[id] {
		select {
		case ch <- err:
		default:
		}
	}
	delete(w.m, id)
}

// Wait returns once the envelope is judged and durable on this node.
func (n *Node) Wait(ctx context.Context, id identity.Hash) (proof.EnvelopeInfo, error) {
	for {
		ch, leave := n.waiters.add(id) // before the look-up, so that none is missed
		info, ok, err := n.envelope(id)
		if ok || err != nil {
			leave()
			return info, err
		}
		select {
		case err = <-ch:
		case <-ctx.Done():
			err = ctx.Err()
		case <-n.stopping:
			err = api.ErrStopping
		}
		leave()
		if err != nil {
			return info, err
		}
	}
}

func (n *Node) envelope(id identity.Hash) (proof.EnvelopeInfo, bool, error) {
	s := n.ledger.Snapshot()
	defer s.Close()
	return s.Envelope(id)
}

// expired is told by the dispatcher that block time passed a deadline.
func (n *Node) expired(id identity.Hash) { n.waiters.wake(id, api.ErrExpired) }

// onCommit runs on the consensus goroutine after each durable block.
func (n *Node) onCommit(s settled) {
	n.moved.Store(time.Now().UnixNano())
	for _, id := range s.judged {
		n.waiters.wake(id, nil)
	}
	if len(s.judged) == 0 {
		return
	}
	n.settleMu.Lock()
	n.settleIDs = append(n.settleIDs, s.judged...)
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
