package ledger

import (
	"hash/maphash"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// rows keeps index rows that were used lately: those of the younger generation
// and those of the one before. It is the committer's.
type rows struct {
	young, old byMark
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
		r.young, r.old = byMark{}, byMark{}
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

// markSeed makes marks differ from process to process: nobody makes keys that share one.
var markSeed = maphash.MakeSeed()

// markOf is what a key is looked for by in memory: it takes a tenth of the time that the
// key's hash does. Keys may share one.
func markOf(k trace.Key) uint64 {
	return maphash.String(markSeed, k.ID) + 3*maphash.String(markSeed, string(k.NS))
}

// probeOfKey is of the filter of keys. Ids that differ in their last two characters, as
// the serials of one record mostly do, have their bits in one page.
func probeOfKey(k trace.Key, mark uint64) probe {
	return probe{maphash.String(markSeed, k.ID[:max(len(k.ID)-2, 0)]), mark}
}

// place is where among the last ones a key's row would stand.
func (r *rows) place(mark uint64) *lately { return &r.last[mark>>54] }

func (r *rows) get(k trace.Key, mark uint64) *stagedKey {
	if s := r.young.get(k, mark); s != nil {
		return s
	}
	s := r.old.get(k, mark)
	if s != nil {
		r.old.remove(s)
		r.young.add(s)
	}
	return s
}

// add makes the row of a key that has none.
func (r *rows) add(k trace.Key, mark uint64, h identity.Hash) *stagedKey {
	if len(r.slab) == 0 {
		r.slab = make([]stagedKey, 32)
	}
	s := &r.slab[0]
	r.slab = r.slab[1:]
	k.ID = strings.Clone(k.ID) // often a part of a whole record's text, which is not to stay
	s.mark, s.hash, s.index.key = mark, h, k
	r.young.add(s)
	return s
}

func (r *rows) drop(s *stagedKey) {
	r.young.remove(s)
	r.old.remove(s)
	*r.place(s.mark) = lately{}
}

// byMark holds rows by the marks of their keys. Rows of one mark are a chain.
type byMark map[uint64]*stagedKey

func (g byMark) get(k trace.Key, mark uint64) *stagedKey {
	s := g[mark]
	for s != nil && s.index.key != k {
		s = s.next
	}
	return s
}

func (g byMark) add(s *stagedKey) {
	s.next = g[s.mark]
	g[s.mark] = s
}

func (g byMark) remove(s *stagedKey) {
	at := g[s.mark]
	switch {
	case at == s && s.next == nil:
		delete(g, s.mark)
	case at == s:
		g[s.mark] = s.next
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
	mark := markOf(k)
	p := b.ledger.rows.place(mark)
	if p.is(k, mark) {
		return p, nil
	}
	return p, b.look(p, k, mark)
}

// look puts at a key's place what is known of it.
func (b *Block) look(p *lately, k trace.Key, mark uint64) error {
	l := b.ledger
	// Most keys are new: the filters know it sooner than the rows do.
	at := probeOfKey(k, mark)
	known := l.absent.keys.maybe(at)
	if known {
		if s := l.rows.get(k, mark); s != nil {
			*p = lately{mark: mark, row: s}
			return nil
		}
	}
	h := proof.MapKey(k)
	if !known && l.absent.before(probeOf(h)) {
		*p = lately{mark: mark, key: k, hash: h}
		return nil
	}
	x, err := b.committed(k, h)
	if err != nil {
		return err
	}
	s := b.remembered(k, mark, h)
	x.key = s.index.key
	s.index = x
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
		*p = lately{mark: p.mark, row: b.remembered(k, p.mark, p.hash)}
	}
	return p.row, nil
}

// remembered is a row of a key that has none in memory.
func (b *Block) remembered(k trace.Key, mark uint64, h identity.Hash) *stagedKey {
	l := b.ledger
	if at := probeOfKey(k, mark); !l.absent.keys.maybe(at) {
		l.absent.keys.add(at)
	}
	return l.rows.add(k, mark, h)
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
