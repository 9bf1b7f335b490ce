package ledger

import (
	"encoding/binary"
	"io"
	"math/bits"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/identity"
)

// An N row is a page: a bit for each child that is there, a bit for each that is
// a page, and the hashes of those that are there. Its key is its path, the
// number of hex digits first, so that pages of one depth stand together. Nothing
// is ever taken out of the map, so a page stays where it is.
//
// A block changes one or two of a page's sixteen children, as a rule, and what
// it writes decides what it costs. So it writes only those, as an operand that
// Pebble merges with the page when it is read or compacted; but every maxPatches
// times the whole page, or reading a page that every block changes would be
// merging for ever.
const maxPatches = 8

// pageKey is the row of the page beneath the first depth hex digits of a key.
func pageKey(depth int, key *identity.Hash) []byte {
	b := make([]byte, 2, 2+32)
	b[0], b[1] = rowPage, byte(depth)
	b = append(b, key[:(depth+1)/2]...)
	if depth%2 == 1 {
		b[len(b)-1] &= 0xf0
	}
	return b
}

// pageRow is a page as it is stored, or the part of one that a block changed.
type pageRow struct {
	whole  bool
	there  uint16 // the children that it has
	deep   uint16 // those that are pages
	hashes [fanout]identity.Hash
}

// encode appends the row.
func (r *pageRow) encode(b []byte) []byte {
	whole := byte(0)
	if r.whole {
		whole = 1
	}
	b = append(b, whole)
	b = binary.BigEndian.AppendUint16(b, r.there)
	b = binary.BigEndian.AppendUint16(b, r.deep)
	for c := range fanout {
		if r.there>>c&1 == 1 {
			b = append(b, r.hashes[c][:]...)
		}
	}
	return b
}

func decodePageRow(b []byte) (r pageRow, err error) {
	if len(b) < 5 || b[0] > 1 {
		return r, errRow
	}
	r.whole, r.there, r.deep = b[0] == 1, binary.BigEndian.Uint16(b[1:]), binary.BigEndian.Uint16(b[3:])
	if b = b[5:]; len(b) != 32*bits.OnesCount16(r.there) || r.there == 0 || r.deep&^r.there != 0 {
		return r, errRow
	}
	for c := range fanout {
		if r.there>>c&1 == 1 {
			copy(r.hashes[c][:], b)
			b = b[32:]
		}
	}
	return r, nil
}

// patch lays a newer part over the row.
func (r *pageRow) patch(newer *pageRow) {
	if newer.whole {
		*r = *newer
		return
	}
	for c := range fanout {
		if newer.there>>c&1 == 1 {
			r.hashes[c] = newer.hashes[c]
		}
	}
	r.there |= newer.there
	r.deep |= newer.deep
}

// pageMerger is Pebble's merge of N rows. Its name is part of every store.
var pageMerger = &pebble.Merger{
	Name: "waymark.pages",
	Merge: func(key, row []byte) (pebble.ValueMerger, error) {
		m := &mergedPage{key: append([]byte(nil), key...)}
		var err error
		m.row, err = m.decode(row)
		return m, err
	},
}

type mergedPage struct {
	key []byte
	row pageRow
}

func (m *mergedPage) decode(row []byte) (pageRow, error) {
	b, err := unseal(m.key, row)
	if err != nil {
		return pageRow{}, err
	}
	r, err := decodePageRow(b)
	if err != nil {
		return r, rowError(m.key, err)
	}
	return r, nil
}

// MergeNewer implements pebble.ValueMerger.
func (m *mergedPage) MergeNewer(row []byte) error {
	newer, err := m.decode(row)
	if err == nil {
		m.row.patch(&newer)
	}
	return err
}

// MergeOlder implements pebble.ValueMerger.
func (m *mergedPage) MergeOlder(row []byte) error {
	if m.row.whole {
		return nil
	}
	older, err := m.decode(row)
	if err == nil {
		older.patch(&m.row)
		m.row = older
	}
	return err
}

// Finish implements pebble.ValueMerger.
func (m *mergedPage) Finish(bool) ([]byte, io.Closer, error) {
	return seal(m.key, m.row.encode(nil)), nil, nil
}
