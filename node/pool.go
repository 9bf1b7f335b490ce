package node

import (
	"slices"
	"sync"

	"github.com/waymark-ledger/waymark/identity"
)

// pool is what waits for a block. CometBFT's mempool only wakes consensus: it
// would hash each wire six times and could not say whose an envelope is. The
// pool can, so that one member cannot fill it, and proposals take from the
// members in turn.
type pool struct {
	maxCount int
	maxBytes int64
	share    int // percent of both that one organisation may hold

	mu      sync.Mutex // guards everything below
	byWire  map[identity.Hash]*pooled
	queues  map[string]*queue // by organisation; never empty
	bytes   int64
	arrival uint64
}

// pooled is one envelope that waits.
type pooled struct {
	admitted
	arrival uint64
}

// queue is what one organisation has waiting, by arrival.
type queue struct {
	items []*pooled
	bytes int64
}

func newPool(c PoolConfig) *pool {
	return &pool{
		maxCount: c.Envelopes, maxBytes: c.Bytes, share: c.MemberShare,
		byWire: map[identity.Hash]*pooled{}, queues: map[string]*queue{},
	}
}

// room reports whether an envelope of the organisation may still come in.
func (p *pool) room(organisation string, size int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.roomLocked(organisation, size)
}

func (p *pool) roomLocked(organisation string, size int) bool {
	if len(p.byWire) >= p.maxCount || p.bytes+int64(size) > p.maxBytes {
		return false
	}
	q := p.queues[organisation]
	if q == nil {
		return true
	}
	return len(q.items)*100 < p.maxCount*p.share && (q.bytes+int64(size))*100 <= p.maxBytes*int64(p.share)
}

// add keeps the envelope if there is room, and reports whether it is the first
// one in an empty pool. One that is here already is kept once.
func (p *pool) add(a admitted) (first bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := len(a.wire.bytes)
	if _, ok := p.byWire[a.wire.hash]; ok || !p.roomLocked(a.organisation, size) {
		return false
	}
	p.arrival++
	e := &pooled{a, p.arrival}
	p.byWire[a.wire.hash] = e
	q := p.queues[a.organisation]
	if q == nil {
		q = &queue{}
		p.queues[a.organisation] = q
	}
	q.items = append(q.items, e)
	q.bytes += int64(size)
	p.bytes += int64(size)
	return len(p.byWire) == 1
}

// has reports whether the wire waits here.
func (p *pool) has(wire identity.Hash) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.byWire[wire]
	return ok
}

// size is how many envelopes wait.
func (p *pool) size() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.byWire)
}

// settle removes what a block decided: the wires it carried, whatever else has
// an envelope id it judged, and what has expired at its time. It returns how
// many envelopes still wait.
func (p *pool) settle(wires []identity.Hash, judged map[identity.Hash]struct{}, seconds uint64) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	gone := map[*pooled]bool{}
	for _, w := range wires {
		if e, ok := p.byWire[w]; ok {
			gone[e] = true
		}
	}
	if len(gone) < len(p.byWire) {
		for _, e := range p.byWire {
			if _, ok := judged[e.id]; ok || e.env.NotAfter < seconds {
				gone[e] = true
			}
		}
	}
	p.dropLocked(gone)
	return len(p.byWire)
}

// drop removes one wire.
func (p *pool) drop(wire identity.Hash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e, ok := p.byWire[wire]; ok {
		p.dropLocked(map[*pooled]bool{e: true})
	}
}

func (p *pool) dropLocked(gone map[*pooled]bool) {
	if len(gone) == 0 {
		return
	}
	touched := map[string]bool{}
	for e := range gone {
		delete(p.byWire, e.wire.hash)
		p.bytes -= int64(len(e.wire.bytes))
		touched[e.organisation] = true
	}
	for org := range touched {
		q := p.queues[org]
		q.items = slices.DeleteFunc(q.items, func(e *pooled) bool {
			if gone[e] {
				q.bytes -= int64(len(e.wire.bytes))
			}
			return gone[e]
		})
		if len(q.items) == 0 {
			delete(p.queues, org)
		}
	}
}

// waiting returns the queues as they stand, each by arrival, the organisation
// whose oldest envelope waits longest first.
func (p *pool) waiting() [][]*pooled {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([][]*pooled, 0, len(p.queues))
	for _, q := range p.queues {
		out = append(out, slices.Clone(q.items))
	}
	slices.SortFunc(out, func(a, b []*pooled) int {
		if a[0].arrival < b[0].arrival {
			return -1
		}
		return 1
	})
	return out
}

// fullRecords is from how many records on a block need not take all that waits.
const fullRecords = 512

// portion is how many records a block takes of so many that wait: half of
// many. Under load the other half is in the next block's proposal while the
// authors of this one's hand in more and all check it. Blocks that took all
// would leave the processors idle while validators vote on them, and the next
// would be nearly empty.
func portion(waiting int) uint64 { return uint64(max(fullRecords, (waiting+1)/2)) }

// propose fills a block from the organisations in turn with a portion of what
// waits: room is what the wires and their heads may take. It returns
// the wires in block order, and those that will never be admitted.
func (p *pool) propose(a *admission, room int64) (wires []wire, never []identity.Hash, err error) {
	queues := p.waiting()
	records := 0
	for _, q := range queues {
		for _, e := range q {
			records += len(e.env.Records)
		}
	}
	full := portion(records)
	for len(queues) > 0 {
		open := queues[:0]
		for _, q := range queues {
			if a.records >= full {
				return wires, never, nil
			}
			e := q[0]
			size := int64(batchHead + len(e.wire.bytes))
			if size > room {
				continue // this organisation waits for the next block, in order
			}
			_, code, err := a.admit(e.wire)
			if err != nil {
				return nil, nil, err
			}
			switch {
			case code == CodeAdmitted:
				wires = append(wires, e.wire)
				room -= size
			case code == CodeMemberFull || code == CodeBlockFull:
				continue
			case code.lasting():
				never = append(never, e.wire.hash)
			}
			if len(q) > 1 {
				open = append(open, q[1:])
			}
		}
		queues = open
	}
	return wires, never, nil
}
