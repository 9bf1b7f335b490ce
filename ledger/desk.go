package ledger

import (
	"bytes"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/identity"
)

// desk is the memory in which blocks are staged, one after the other: each begins by
// clearing it. Memory that was never touched before has its price.
type desk struct {
	dirty     []*stagedKey // whose rows the block changes, each once
	changes   []change     // of the map, for the same
	stored    map[identity.Hash]*stagedBytes
	accepted  []*stagedBytes // of stored: whose rows the block changes, each once
	contents  []stagedContent
	contentAt map[identity.Hash]int32 // where in contents
	events    []eventRow
	listed    []listedKey
	places    []stagedPlace
	placeAt   map[placeRowKey]int32 // where in places
	lots      map[string]struct{}   // ids of lots whose class has its row staged
	envelopes map[identity.Hash]bool
	order     []int32 // of contents, and of places, by their rows' keys

	batch   *pebble.Batch
	scratch []byte // where rows are encoded, one after the other
	leaf    []byte // where entries are
	pack    pack   // the lines of the next E row
	rowKey  []byte // where keys of rows are

	text     string        // whose hash was asked for last
	textHash identity.Hash // its SHA-256

	placeKeys placeKeys
}

// keptStaged is how many rows of a kind a desk keeps room for.
const keptStaged = 16 << 10

// clear makes room for the next block.
func (d *desk) clear() {
	d.dirty, d.changes, d.accepted = emptied(d.dirty), emptied(d.changes), emptied(d.accepted)
	d.contents, d.events = emptied(d.contents), emptied(d.events)
	d.listed, d.places = emptied(d.listed), emptied(d.places)
	d.stored, d.contentAt = emptiedMap(d.stored), emptiedMap(d.contentAt)
	d.placeAt, d.lots, d.envelopes = emptiedMap(d.placeAt), emptiedMap(d.lots), emptiedMap(d.envelopes)
}

func emptied[T any](s []T) []T {
	if cap(s) > keptStaged {
		return nil
	}
	clear(s)
	return s[:0]
}

func emptiedMap[K comparable, V any](m map[K]V) map[K]V {
	if m == nil || len(m) > keptStaged {
		return map[K]V{}
	}
	clear(m)
	return m
}

// ordered are the places of n rows in the order of their keys.
func (d *desk) ordered(n int, key func(i int32) []byte) []int32 {
	d.order = d.order[:0]
	for i := range int32(n) {
		d.order = append(d.order, i)
	}
	slices.SortFunc(d.order, func(x, y int32) int { return bytes.Compare(key(x), key(y)) })
	return d.order
}
