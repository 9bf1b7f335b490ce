package node

import (
	"container/list"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/waymark-ledger/waymark/identity"
)

// checked is an envelope whose signature verified, with what is derived from
// its bytes alone. It says nothing of the standing of its key.
type checked struct {
	wire   wire
	mark   uint64 // of the wire's bytes, in the memo
	id     identity.Hash
	env    *identity.Envelope
	hashes []identity.Hash // of the records
	key    string          // the compressed public key the signature verified with

	// judged is what is known of the ledger: judgedUnknown, judgedNo as of the
	// last commit, or judgedYes. A look-up never overwrites a commit's judgedYes.
	judged atomic.Int32
}

const (
	judgedUnknown int32 = iota
	judgedNo
	judgedYes
)

// memo remembers checked envelopes by the SHA-256 of their full wire bytes, and
// by those bytes themselves, never by envelope id: a garbage signature must not
// shadow the true one. It holds only envelopes whose signature verified, the
// most recently used within a budget of bytes. Losing one costs time, never
// correctness.
type memo struct {
	mu     sync.Mutex // guards everything below
	budget int64
	used   int64
	order  *list.List // of *checked, most recent first
	byWire map[identity.Hash]*list.Element
	byMark map[uint64]*checked          // the last with a mark; bytes that share one are hashed
	seed   maphash.Seed                 // of the marks
	byID   map[identity.Hash][]*checked // several when one id has several valid signatures

	// late and later are wires that blocks have carried lately, and before that:
	// under load many come by gossip after their block, or once more.
	late, later map[identity.Hash]struct{}
}

const lateKept = 32 << 10 // of each of both, some 2 MB

// room is about how much memory the envelope takes.
func (c *checked) room() int64 { return int64(len(c.wire.bytes)) + int64(len(c.hashes))*64 + 512 }

func newMemo(budget int64) *memo {
	return &memo{
		budget: budget, order: list.New(), byWire: map[identity.Hash]*list.Element{}, byID: map[identity.Hash][]*checked{},
		byMark: map[uint64]*checked{}, seed: maphash.MakeSeed(),
		late: map[identity.Hash]struct{}{}, later: map[identity.Hash]struct{}{},
	}
}

func (m *memo) get(wire identity.Hash) *checked {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.byWire[wire]
	if !ok {
		return nil
	}
	m.order.MoveToFront(e)
	return e.Value.(*checked)
}

// same returns what is kept of these very bytes, or their hash and a copy of them. It
// costs a tenth of the hash to find them.
func (m *memo) same(bytes []byte) wire {
	mark := maphash.Bytes(m.seed, bytes)
	m.mu.Lock()
	c := m.byMark[mark]
	m.mu.Unlock()
	if c != nil && string(c.wire.bytes) == string(bytes) {
		return c.wire
	}
	return newWire(slices.Clone(bytes))
}

// awaits reports whether the ledger is known not to have judged the envelope:
// who asks is told by a later commit.
func (m *memo) awaits(id identity.Hash) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.byID[id] {
		if c.judged.Load() == judgedNo {
			return true
		}
	}
	return false
}

// settledLately reports whether a block judged this very wire lately. No is no
// answer: it is not known of every wire that was judged.
func (m *memo) settledLately(wire identity.Hash) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, late := m.late[wire]
	_, later := m.later[wire]
	return late || later
}

// put keeps c and returns what is kept for its bytes, which another goroutine
// may have put first.
func (m *memo) put(c *checked) *checked {
	c.mark = maphash.Bytes(m.seed, c.wire.bytes)
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.byWire[c.wire.hash]; ok {
		return e.Value.(*checked)
	}
	m.byWire[c.wire.hash] = m.order.PushFront(c)
	m.byMark[c.mark] = c
	m.byID[c.id] = append(m.byID[c.id], c)
	m.used += c.room()
	for m.used > m.budget && m.order.Len() > 1 {
		m.remove(m.order.Back())
	}
	return c
}

// settle notes that a block judged the envelopes with these ids, after it was
// committed and before the next one is begun, and forgets the wires it carried
// but for the fact that they were judged.
func (m *memo) settle(ids map[identity.Hash]struct{}, wires []identity.Hash) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id := range ids {
		for _, c := range m.byID[id] {
			c.judged.Store(judgedYes)
		}
	}
	for _, w := range wires {
		e, ok := m.byWire[w]
		if !ok {
			continue
		}
		if e.Value.(*checked).judged.Load() == judgedYes {
			m.late[w] = struct{}{}
		}
		m.remove(e)
	}
	if len(m.late) >= lateKept {
		clear(m.later)
		m.late, m.later = m.later, m.late
	}
}

// remove is called with mu held.
func (m *memo) remove(e *list.Element) {
	c := m.order.Remove(e).(*checked)
	delete(m.byWire, c.wire.hash)
	if m.byMark[c.mark] == c {
		delete(m.byMark, c.mark)
	}
	same := slices.DeleteFunc(m.byID[c.id], func(o *checked) bool { return o == c })
	if len(same) == 0 {
		delete(m.byID, c.id)
	} else {
		m.byID[c.id] = same
	}
	m.used -= c.room()
}
