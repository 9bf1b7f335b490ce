package ledger

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// rows keeps index rows that were used lately: those of the younger generation
// and those of the one before. It is the committer's.
type rows struct {
	young, old byHash
	slab       []stagedKey // the next rows, allocated together
	// last are the rows that were asked for last, each at its place: a record's keys
	// are asked for when it is judged and again when it is appended, and whoever is
	// found here needs no hash.
	last [1024]lately
}

// lately is what a key that was asked for lately has: its row, or none. The mark is the
// key's: of another key no more is looked at.
type lately struct {
	mark uint64
	row  *stagedKey
	// key and hash are of a key without a row, which gets one when it is written. The
	// id is often a part of a whole record's text: it does not stay longer than the block.
	key  trace.Key
	hash identity.Hash
}

// is reports whether the place is of k.
func (p *lately) is(k trace.Key, mark uint64) bool {
	if p.mark != mark {
		return false
	}
	if p.row != nil {
		return p.row.index.key == k
	}
	return p.key == k
}

const rowsKept = 8 << 10 // of each generation, some 2.5 MB, and what one block adds: more would be marked with each collection

// age makes room. No block is open, for a row that it changed must not be lost.
func (r *rows) age() {
	switch {
	case r.young == nil:
		r.young, r.old = byHash{}, byHash{}
	case len(r.young) >= rowsKept:
		clear(r.old)
		r.young, r.old = r.old, r.young
		clear(r.last[:])
		return
	}
	for i := range r.last {
		if p := &r.last[i]; p.row == nil {
			*p = lately{}
		}
	}
}

// place is where among the last ones a key's row would stand, and the key's mark. Ids
// that are used together differ in their length or in their last characters.
func (r *rows) place(k trace.Key) (*lately, uint64) {
	h := uint64(len(k.ID)) + uint64(len(k.NS))<<8
	if n := len(k.ID); n >= 8 {
		h += binary.LittleEndian.Uint64([]byte(k.ID[n-8:]))
	}
	h *= 0x9e3779b97f4a7c15
	return &r.last[h>>54], h
}

func (r *rows) get(h identity.Hash) *stagedKey {
	if s := r.young.get(h); s != nil {
		return s
	}
	s := r.old.get(h)
	if s != nil {
		r.old.remove(s)
		r.young.add(s)
	}
	return s
}

// add makes the row of a key that has none.
func (r *rows) add(k trace.Key, h identity.Hash) *stagedKey {
	if len(r.slab) == 0 {
		r.slab = make([]stagedKey, 32)
	}
	s := &r.slab[0]
	r.slab = r.slab[1:]
	k.ID = strings.Clone(k.ID) // often a part of a whole record's text, which is not to stay
	s.hash, s.index.key = h, k
	r.young.add(s)
	return s
}

func (r *rows) drop(s *stagedKey) {
	r.young.remove(s)
	r.old.remove(s)
	place, _ := r.place(s.index.key)
	*place = lately{}
}

// byHash holds rows by the first bytes of their map keys: a third of the memory
// that whole keys would take. Rows with the same first bytes are a chain.
type byHash map[uint64]*stagedKey

func first(h identity.Hash) uint64 { return binary.LittleEndian.Uint64(h[:]) }

func (g byHash) get(h identity.Hash) *stagedKey {
	s := g[first(h)]
	for s != nil && s.hash != h {
		s = s.next
	}
	return s
}

func (g byHash) add(s *stagedKey) {
	k := first(s.hash)
	s.next = g[k]
	g[k] = s
}

func (g byHash) remove(s *stagedKey) {
	k := first(s.hash)
	at := g[k]
	switch {
	case at == s && s.next == nil:
		delete(g, k)
	case at == s:
		g[k] = s.next
	}
	for ; at != nil && at != s; at = at.next {
		if at.next == s {
			at.next = s.next
		}
	}
}

// State returns the canonical state of k, nil when it has none. Nobody changes it.
func (b *Block) State(k trace.Key) ([]byte, error) {
	p, err := b.asked(k)
	if err != nil || p.row == nil {
		return nil, err
	}
	return p.row.index.state, nil
}

// asked is the place of a key that was asked for.
func (b *Block) asked(k trace.Key) (*lately, error) {
	p, mark := b.ledger.rows.place(k)
	if p.is(k, mark) {
		return p, nil
	}
	return p, b.look(p, k, mark, proof.MapKey(k))
}

// look puts at a key's place what is known of it.
func (b *Block) look(p *lately, k trace.Key, mark uint64, h identity.Hash) error {
	l := b.ledger
	// Most keys are new: the filter knows it sooner than the rows do.
	if l.absent.has(h) {
		*p = lately{mark: mark, key: k, hash: h}
		return nil
	}
	s := l.rows.get(h)
	if s == nil {
		x, err := b.committed(k, h)
		if err != nil {
			return err
		}
		s = l.rows.add(k, h)
		x.key = s.index.key
		s.index = x
		l.absent.claim(h) // while the filter is being built, it does not know
	}
	*p = lately{mark: mark, row: s}
	return nil
}

// key returns the key's row among those the ledger remembers, where the open
// block changes it in place; Discard forgets what a block changed in vain.
func (b *Block) key(k trace.Key) (*stagedKey, error) {
	p, err := b.asked(k)
	if err != nil {
		return nil, err
	}
	if p.row == nil {
		b.ledger.absent.remove(p.hash)
		*p = lately{mark: p.mark, row: b.ledger.rows.add(k, p.hash)}
	}
	return p.row, nil
}

// committed returns the row of k: what is kept of it with its leaf, or from the
// store. When the map's bucket that it belongs to is not in memory, that is read
// with it: who reads a key most often changes it.
func (b *Block) committed(k trace.Key, h identity.Hash) (x index, err error) {
	l := b.ledger
	read := false
	leaf, err := l.trie.find(&b.keys, b.prev.MapRoot, h, func(key identity.Hash, row []byte) (err error) {
		if key == h {
			x, err = decodeIndex(k, slices.Clone(row))
			read = true
		}
		return err
	})
	switch {
	case err != nil || read:
		return x, err
	case leaf == nil:
		return index{key: k}, nil
	}
	if row, ok := l.trie.rows.get(leaf.row); ok {
		return keptIndex(k, slices.Clone(row))
	}
	return readIndex(l.db, k, h)
}
