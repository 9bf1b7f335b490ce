package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/identity"
)

// Most of what the committer asks the store for is not there: a new item, a
// record that nobody sent before. Pebble has filters on its tables, but none
// on what it keeps in memory, and there the search for nothing costs a
// microsecond or more: for six keys a record it was half of the time that a
// block took. So the committer keeps filters of all I, A, C and V rows, and a
// few rows themselves (rows.go).

// absent knows hashes that no row has. It is never wrong about those; about
// others it may only not know.
type absent struct {
	// stored covers the rows from before the ledger was opened. It is nil until
	// a goroutine has read their keys; until then everything may be there.
	stored atomic.Pointer[bloomFilter]
	// since covers the A, C and V rows committed since; it is the committer's.
	since layers
	// keys covers the I rows committed since, and those that the committer remembers; it
	// is the committer's, and asked before a key's hash is made.
	keys layers
}

// layers are filters that grow by one more when the last is full.
type layers []*bloomFilter

const (
	bloomBitsOfKey = 10
	firstLayer     = 1 << 17 // bytes
	maxLayer       = 1 << 26 // bytes; beyond it the filter fills up and knows less
)

// has reports that no A, C or V row has this hash.
func (a *absent) has(h identity.Hash) bool {
	p := probeOf(h)
	return a.before(p) && !a.since.maybe(p)
}

// before reports that no row from before the ledger was opened has this hash.
func (a *absent) before(hash probe) bool {
	s := a.stored.Load()
	return s != nil && !s.maybe(hash)
}

func (a *absent) remove(h identity.Hash) { a.since.add(probeOf(h)) }

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

// build reads the keys that a snapshot has, until stop is closed.
func (a *absent) build(store getter, records uint64, stop <-chan struct{}) error {
	// About six rows a record; when there are more, the filter knows less.
	size := firstLayer
	for uint64(size)*8 < records*6*bloomBitsOfKey && size < maxLayer {
		size *= 2
	}
	b := newBloom(size)
	for _, kind := range []byte{rowIndex, rowBytes, rowContent, rowEnvelope} {
		it, err := store.NewIter(&pebble.IterOptions{LowerBound: []byte{kind}, UpperBound: []byte{kind + 1}})
		if err != nil {
			return fmt.Errorf("read the keys of rows %c: %w", kind, err)
		}
		for ok := it.First(); ok; ok = it.Next() {
			select {
			case <-stop:
				return it.Close()
			default:
			}
			b.add(probeOf(identity.Hash(it.Key()[1:])))
		}
		if err := errors.Join(it.Error(), it.Close()); err != nil {
			return fmt.Errorf("read the keys of rows %c: %w", kind, err)
		}
	}
	a.stored.Store(b)
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
