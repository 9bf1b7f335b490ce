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
	slab       []stagedKey     // the next rows, allocated together
	peaks      []identity.Hash // and where their histories begin
	text       []byte          // and room for their states
	// last are the rows that were asked for last, each at its place: a record's keys
	// are asked for when it is judged and again when it is appended.
	last [1024]lately
	// strangers are the last group of which no key had a row when it was asked for. Rows
	// that the open block has made of it since are in young; joined says that there are any.
	strangers group
	joined    bool
}

// lately is what a key that was asked for lately has: its row, or none. The mark is the
// key's: of another key no more is looked at.
type lately struct {
	mark uint64
	row  *stagedKey
	// key is one without a row. Its id is often a part of a whole record's text: it does not
	// stay longer than the block.
	key trace.Key
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
	r.strangers, r.joined = group{}, false
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

// marks are what a key, and the group that it is of, are looked for by in memory: they take
// a tenth of the time that the key's hash does, which its row alone needs. Keys may share them.
type marks struct{ group, key uint64 }

// A group is keys whose ids differ in the last two characters alone, as the serials of one
// record mostly do.
type group struct {
	ns     trace.Namespace
	begins string
}

func groupOf(k trace.Key) group { return group{k.NS, k.ID[:max(len(k.ID)-2, 0)]} }

func marksOf(k trace.Key) marks {
	g := groupOf(k)
	m := marks{group: maphash.String(markSeed, g.begins) + 3*maphash.String(markSeed, string(g.ns))}
	end := uint64(0)
	for i := len(g.begins); i < len(k.ID); i++ {
		end = end<<8 | uint64(k.ID[i])
	}
	m.key = spread(m.group + end)
	return m
}

// spread has the lower bits of a mark tell on the upper ones, and the other way round.
func spread(mark uint64) uint64 {
	mark *= 0x9e3779b97f4a7c15 // odd: marks that differ still do
	return mark ^ mark>>32
}

// place is where among the last ones a key's row would stand.
func (r *rows) place(mark uint64) *lately { return &r.last[mark>>54] }

// begins reports that the history of k, which was asked for just now, begins with that
// record. False says nothing.
func (r *rows) begins(k trace.Key, seq uint64) bool {
	m := marksOf(k).key
	p := r.place(m)
	return p.is(k, m) && p.row != nil && p.row.index.count == 1 && p.row.index.last == seq
}

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
		r.slab, r.peaks = make([]stagedKey, 32), make([]identity.Hash, 32)
	}
	s := &r.slab[0]
	s.index.peaks = r.peaks[:0:1]
	r.slab, r.peaks = r.slab[1:], r.peaks[1:]
	k.ID = strings.Clone(k.ID) // often a part of a whole record's text, which is not to stay
	s.mark, s.hash, s.index.key = mark, h, k
	r.young.add(s)
	return s
}

// clone is a copy of a state that a row keeps. A row that stays keeps its neighbours' bytes,
// too: they are a page.
func (r *rows) clone(b []byte) []byte {
	const room = 4 << 10
	if len(b) > room/8 {
		return slices.Clone(b)
	}
	if cap(r.text)-len(r.text) < len(b) {
		r.text = make([]byte, 0, room)
	}
	n := len(r.text)
	r.text = append(r.text, b...)
	return r.text[n:len(r.text):len(r.text)]
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
	if r := &b.ledger.rows; !r.joined && r.strangers == groupOf(k) {
		return nil, nil
	}
	p, err := b.asked(k)
	if err != nil || p.row == nil {
		return nil, err
	}
	return p.row.index.state, nil
}

// asked is the place of a key that was asked for.
func (b *Block) asked(k trace.Key) (*lately, error) {
	m := marksOf(k)
	p := b.ledger.rows.place(m.key)
	if p.is(k, m.key) {
		return p, nil
	}
	return p, b.look(p, k, m)
}

// look puts at a key's place what is known of it.
func (b *Block) look(p *lately, k trace.Key, m marks) error {
	l := b.ledger
	r := &l.rows
	if r.strangers == groupOf(k) {
		*p = lately{mark: m.key, key: k, row: r.young.get(k, m.key)}
		return nil
	}
	// Most keys are new: the filters know it sooner than the rows do.
	since, before := l.absent.keys.maybe(m), maybe
	if stored := l.absent.stored.Load(); stored != nil {
		before = stored.keys.maybe(m)
	}
	switch {
	case since == noneAlike && before == noneAlike:
		r.strangers, r.joined = groupOf(k), false
		fallthrough
	case since != maybe && before != maybe:
		*p = lately{mark: m.key, key: k}
		return nil
	case since == maybe:
		if s := r.get(k, m.key); s != nil {
			*p = lately{mark: m.key, row: s}
			return nil
		}
	}
	h := proof.MapKey(k)
	x, err := b.committed(k, h)
	if err != nil {
		return err
	}
	s := b.remembered(k, m, h)
	x.key = s.index.key
	s.index = x
	*p = lately{mark: m.key, row: s}
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
		*p = lately{mark: p.mark, row: b.remembered(k, marksOf(k), proof.MapKey(k))}
	}
	return p.row, nil
}

// remembered is a row of a key that has none in memory.
func (b *Block) remembered(k trace.Key, m marks, h identity.Hash) *stagedKey {
	l := b.ledger
	l.absent.keys.add(m)
	if l.rows.strangers == groupOf(k) {
		l.rows.joined = true
	}
	return l.rows.add(k, m.key, h)
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
