package ledger

import (
	"encoding/binary"
	"math/bits"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// chunkLen is how many seqs an H row holds; the rest are in the I row.
const (
	chunkLen   = 1 << chunkLevel
	chunkLevel = 6 // of a chunk's root in the history's tree
)

// index is an I row: all that the authenticated map commits to of a key, the
// key in the clear, and the end of its history.
type index struct {
	count uint64
	last  uint64 // the history's last seq
	key   trace.Key
	state []byte // nil for none
	// peaks are the roots of the complete subtrees that the RFC 6962 tree over
	// the log leaf hashes of the history's entries is made of, the largest
	// first, one for each bit of count: the head follows from them, and so does
	// the next one.
	peaks []identity.Hash
	tail  []byte // its last count mod chunkLen seqs, as appendSeq writes them
}

// append adds an entry to the history. When that fills a chunk, it returns the
// chunk's H row and number; the row is good until the next append.
func (x *index) append(seq uint64, leaf identity.Hash) (chunk []byte, number uint64, full bool) {
	x.tail = appendSeq(x.tail, x.last, seq)
	x.last = seq
	h, root := leaf, leaf
	for n, level := x.count, 0; ; n, level = n>>1, level+1 {
		if level == chunkLevel {
			root = h
		}
		if n&1 == 0 {
			break
		}
		top := len(x.peaks) - 1
		h = proof.NodeHash(x.peaks[top], h)
		x.peaks = x.peaks[:top]
	}
	x.peaks = append(x.peaks, h)
	x.count++
	if x.count%chunkLen != 0 {
		return nil, 0, false
	}
	chunk = append(root[:], x.tail...)
	x.tail = nil
	return chunk, x.count/chunkLen - 1, true
}

// head is the RFC 6962 root of the history.
func (x *index) head() identity.Hash { return fold(x.peaks) }

// fold is the root of the tree whose complete subtrees, from left to right, have
// these roots.
func fold(peaks []identity.Hash) identity.Hash {
	n := len(peaks) - 1
	if n < 0 {
		return proof.EmptyLogRoot()
	}
	h := peaks[n]
	for n--; n >= 0; n-- {
		h = proof.NodeHash(peaks[n], h)
	}
	return h
}

// mapLeaf is what the map says of the key, whose map key is given.
func (x *index) mapLeaf(key identity.Hash) proof.MapLeaf {
	return proof.MapLeaf{Key: key, Count: x.count, Head: x.head(), State: proof.StateHash(x.state)}
}

// encode appends the row.
func (x *index) encode(b []byte) []byte { return x.encodeAs(&x.key, b) }

func (x *index) encodeAs(k *trace.Key, b []byte) []byte {
	b = binary.AppendUvarint(b, x.count)
	b = binary.AppendUvarint(b, x.last)
	b = appendString(b, k.NS)
	b = appendString(b, k.ID)
	b = appendString(b, x.state)
	for i := range x.peaks {
		b = append(b, x.peaks[i][:]...)
	}
	return append(b, x.tail...)
}

// indexRow is an I row whose fields are parts of it.
type indexRow struct {
	count, last                uint64
	ns, id, state, peaks, tail []byte
}

func parseIndex(b []byte) (x indexRow, err error) {
	r := reader{b: b}
	x.count, x.last = r.uvarint(), r.uvarint()
	x.ns, x.id, x.state = r.field(), r.field(), r.field()
	n := 32 * bits.OnesCount64(x.count)
	if r.err != nil || len(r.b) < n {
		return indexRow{}, errRow
	}
	x.peaks, x.tail = r.b[:n], r.b[n:]
	return x, nil
}

// decodeIndex reads the row of k, of which it keeps parts.
func decodeIndex(k trace.Key, b []byte) (index, error) {
	r, err := parseIndex(b)
	if err != nil || string(r.ns) != string(k.NS) || string(r.id) != k.ID {
		return index{}, errRow
	}
	return r.index(k), nil
}

// leafOf is what the map says of the key of a row, whose map key is given.
func leafOf(key identity.Hash, b []byte) (proof.MapLeaf, error) {
	r, err := parseIndex(b)
	if err != nil {
		return proof.MapLeaf{}, err
	}
	l := proof.MapLeaf{Key: key, Count: r.count, State: proof.StateHash(r.state)}
	var space [64]identity.Hash
	peaks := space[:len(r.peaks)/32]
	for i := range peaks {
		copy(peaks[i][:], r.peaks[32*i:])
	}
	l.Head = fold(peaks)
	return l, nil
}

// index is the row as the committer changes it; k is its key.
func (r *indexRow) index(k trace.Key) index {
	x := index{count: r.count, last: r.last, key: k, tail: r.tail[:len(r.tail):len(r.tail)]}
	if len(r.state) > 0 {
		x.state = r.state[:len(r.state):len(r.state)]
	}
	if len(r.peaks) > 0 {
		x.peaks = make([]identity.Hash, len(r.peaks)/32)
		for i := range x.peaks {
			copy(x.peaks[i][:], r.peaks[32*i:])
		}
	}
	return x
}

// appendSeq writes a chunk's first seq as it is and each other as the
// difference from the one before.
func appendSeq(chunk []byte, last, seq uint64) []byte {
	if len(chunk) == 0 {
		last = 0
	}
	return binary.AppendUvarint(chunk, seq-last)
}

// decodeSeqs reads a chunk's seqs.
func decodeSeqs(b []byte) ([]uint64, error) {
	seqs := make([]uint64, 0, chunkLen)
	last := uint64(0)
	for len(b) > 0 {
		d, n := binary.Uvarint(b)
		if n <= 0 || len(seqs) > 0 && d == 0 || last+d < last {
			return nil, errRow
		}
		last += d
		seqs = append(seqs, last)
		b = b[n:]
	}
	return seqs, nil
}

// chunkRow reads an H row: the root of its entries' subtree and the seqs.
func chunkRow(b []byte) (root identity.Hash, seqs []byte, err error) {
	if len(b) <= len(root) {
		return root, nil, errRow
	}
	return identity.Hash(b[:32]), b[32:], nil
}
