package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// Most of what the committer asks the store for is not there: a new item, a
// record that nobody sent before. Pebble has filters on its tables, but none
// on what it keeps in memory, and there the search for nothing costs a
// microsecond or more: for six keys a record it was half of the time that a
// block took. So the committer keeps filters of all I, A, C and V rows, and a
// few rows themselves (rows.go).

// absent knows hashes and keys that no row has. It is never wrong about those; about
// others it may only not know.
type absent struct {
	// stored covers the rows from before the ledger was opened. It is nil until
	// a goroutine has read them; until then everything may be there.
	stored atomic.Pointer[storedRows]
	// since covers the A, C and V rows committed since; it is the committer's.
	since layers
	// keys covers the I rows committed since, and those that the committer remembers; it
	// is the committer's.
	keys keyFilter
}

// storedRows are the filters of what a ledger was opened with.
type storedRows struct {
	hashes *bloomFilter // of A, C and V rows
	keys   keyFilter    // of I rows
}

// keyFilter covers keys by their marks, and the groups that they are of: of those there
// are fewer where items are born by the hundred.
type keyFilter struct{ groups, keys layers }

// chance is what a filter knows of a key.
type chance uint8

const (
	maybe     chance = iota
	none             // it is not there
	noneAlike        // nor is any other of its group
)

func (f *keyFilter) maybe(m marks) chance {
	switch {
	case !f.groups.maybe(m.ofGroup()):
		return noneAlike
	case !f.keys.maybe(m.ofKey()):
		return none
	}
	return maybe
}

func (f *keyFilter) add(m marks) {
	if g := m.ofGroup(); !f.groups.maybe(g) {
		f.groups.add(g)
	}
	if k := m.ofKey(); !f.keys.maybe(k) {
		f.keys.add(k)
	}
}

// The keys of one group have their bits in one page.
func (m marks) ofGroup() probe { return probe{m.group, spread(m.group)} }
func (m marks) ofKey() probe   { return probe{m.group, m.key} }

// has reports that no A, C or V row has this hash.
func (a *absent) has(h identity.Hash) bool {
	p := probeOf(h)
	s := a.before()
	return s != nil && !s.maybe(p) && !a.since.maybe(p)
}

// before is the filter of the A, C and V rows that the ledger was opened with, nil while
// they are being read.
func (a *absent) before() *bloomFilter {
	if s := a.stored.Load(); s != nil {
		return s.hashes
	}
	return nil
}

func (a *absent) remove(h identity.Hash) { a.since.add(probeOf(h)) }

// layers are filters that grow by one more when the last is full.
type layers []*bloomFilter

const (
	bloomBitsOfKey = 16
	firstLayer     = 1 << 17 // bytes
	maxLayer       = 1 << 26 // bytes; beyond it the filter fills up and knows less
)

func (l layers) maybe(p probe) bool {
	for _, b := range l {
		if b.maybe(p) {
			return true
		}
	}
	return false
}

func (l *layers) add(p probe) {
	n := len(*l)
	if n == 0 {
		*l = append(*l, newBloom(firstLayer))
	} else if last := (*l)[n-1]; last.room == 0 && last.bytes() < maxLayer {
		*l = append(*l, newBloom(last.bytes()*4))
	}
	(*l)[len(*l)-1].add(p)
}

// seen is what is known of envelope ids without a search: those committed
// since the ledger was opened, the late ones exactly, the others by a filter.
// Every copy of an envelope that arrives is asked about.
type seen struct {
	young, old map[identity.Hash]struct{}
	since      layers
}

const seenKept = 16 << 10 // of each generation

func (j *seen) add(id identity.Hash) {
	if j.young == nil || len(j.young) >= seenKept {
		j.young, j.old = make(map[identity.Hash]struct{}), j.young
	}
	j.young[id] = struct{}{}
	j.since.add(probeOf(id))
}

// ask returns whether the id was committed, when that is known. Before is the
// filter of what the ledger was opened with, nil while it is being read.
func (j *seen) ask(before *bloomFilter, id identity.Hash) (committed, known bool) {
	if _, ok := j.young[id]; ok {
		return true, true
	}
	if _, ok := j.old[id]; ok {
		return true, true
	}
	p := probeOf(id)
	return false, before != nil && !before.maybe(p) && !j.since.maybe(p)
}

// build reads the keys of the rows that a snapshot has, until stop is closed.
func (a *absent) build(store getter, records uint64, stop <-chan struct{}) error {
	// About three rows a record; when there are more, the filter knows less.
	size := firstLayer
	for uint64(size)*8 < records*3*bloomBitsOfKey && size < maxLayer {
		size *= 2
	}
	s := &storedRows{hashes: newBloom(size)}
	for _, kind := range []byte{rowIndex, rowBytes, rowContent, rowEnvelope} {
		it, err := store.NewIter(&pebble.IterOptions{LowerBound: []byte{kind}, UpperBound: []byte{kind + 1}})
		if err != nil {
			return fmt.Errorf("read the keys of rows %c: %w", kind, err)
		}
		for ok := it.First(); ok && err == nil; ok = it.Next() {
			select {
			case <-stop:
				return it.Close()
			default:
			}
			if kind == rowIndex {
				err = s.keys.read(it.Key(), it.Value())
			} else {
				s.hashes.add(probeOf(identity.Hash(it.Key()[1:])))
			}
		}
		if err := errors.Join(err, it.Error(), it.Close()); err != nil {
			return fmt.Errorf("read the keys of rows %c: %w", kind, err)
		}
	}
	a.stored.Store(s)
	return nil
}

// read adds the key of an I row.
func (f *keyFilter) read(key, value []byte) error {
	row, err := unseal(key, value)
	if err != nil {
		return err
	}
	x, err := parseIndex(row)
	if err != nil {
		return rowError(key, err)
	}
	f.add(marksOf(trace.Key{NS: trace.Namespace(x.ns), ID: string(x.id)}))
	return nil
}

// bloomFilter is a blocked Bloom filter: six bits of one cache line each.
type bloomFilter struct {
	blocks [][8]uint64
	room   int // how many more it takes as designed
}

// A probe is where a filter looks: in one of its pages of 64 blocks, at bits of one of
// those. Probes of one page find memory that was just used.
type probe struct{ page, bits uint64 }

// probeOf is the one of a hash.
func probeOf(h identity.Hash) probe {
	return probe{binary.LittleEndian.Uint64(h[:]), binary.LittleEndian.Uint64(h[8:])}
}

const pageBlocks = 64

// newBloom makes a filter of a whole number of pages, of 4,096 bytes.
func newBloom(bytes int) *bloomFilter {
	return &bloomFilter{blocks: make([][8]uint64, bytes/64), room: bytes * 8 / bloomBitsOfKey}
}

func (b *bloomFilter) bytes() int { return len(b.blocks) * 64 }

// place finds the block of a probe and the bits there, nine of the probe's for each.
func (b *bloomFilter) place(p probe) (*[8]uint64, uint64) {
	page, _ := bits.Mul64(p.page, uint64(len(b.blocks)/pageBlocks))
	return &b.blocks[page*pageBlocks+p.bits>>58], p.bits
}

func (b *bloomFilter) add(p probe) {
	block, v := b.place(p)
	for range 6 {
		block[v>>6&7] |= 1 << (v & 63)
		v >>= 9
	}
	b.room = max(b.room-1, 0)
}

func (b *bloomFilter) maybe(p probe) bool {
	block, v := b.place(p)
	for range 6 {
		if block[v>>6&7]&(1<<(v&63)) == 0 {
			return false
		}
		v >>= 9
	}
	return true
}
