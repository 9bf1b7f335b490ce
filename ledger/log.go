package ledger

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/transparency-dev/merkle/compact"
	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// The log is the RFC 6962 tree over the entries' leaf hashes; the leaf index
// is the seq. It is kept as tiles of height 8: tile (L, N) holds the 256
// hashes of tree level 8L from index 256N on (the layout of x/mod/sumdb/tlog
// and of C2SP tlog-tiles). A tile is written once, when it is full; the
// unfinished ones are kept in memory and rebuilt at start, level 0 from the
// entries and each other from the tiles beneath it, at most 255 rows a level.
// So a record costs the log 32 bytes and a little, however small its block.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

func nodeHash(left, right []byte) identity.Hash {
	var b [65]byte
	b[0] = 1
	copy(b[1:], left)
	copy(b[33:], right)
	return sha256.Sum256(b[:])
}

var ranges = compact.RangeFactory{Hash: func(l, r []byte) []byte {
	h := nodeHash(l, r)
	return h[:]
}}

// tree is the growing edge of the log.
type tree struct {
	nodes *compact.Range
	// edge[L] are the hashes of the unfinished tile of level L. What is in a
	// slice never changes; growth goes beyond its end, so that copies of the
	// slice header stay valid for readers.
	edge [][]identity.Hash
	// full are the tiles finished since the tree was cloned.
	full []tile
}

type tile struct {
	level  int
	index  uint64
	hashes []identity.Hash
}

func newTree() *tree { return &tree{nodes: ranges.NewEmptyRange(0)} }

func (t *tree) size() uint64 { return t.nodes.End() }

// clone is a tree to stage a block in. The committer discards it or puts it in
// the place of t; only one clone grows at a time.
func (t *tree) clone() (*tree, error) {
	n, err := ranges.NewRange(0, t.size(), append([][]byte(nil), t.nodes.Hashes()...))
	if err != nil {
		return nil, fmt.Errorf("clone the log's edge: %w", err)
	}
	return &tree{nodes: n, edge: append([][]identity.Hash(nil), t.edge...)}, nil
}

// append adds the next entry's leaf hash.
func (t *tree) append(leaf identity.Hash) error {
	err := t.nodes.Append(leaf[:], func(id compact.NodeID, hash []byte) {
		if id.Level%tileHeight == 0 {
			t.put(int(id.Level/tileHeight), id.Index, identity.Hash(hash))
		}
	})
	if err != nil {
		return fmt.Errorf("append leaf %d: %w", t.size(), err)
	}
	return nil
}

// put adds the hash with this index to the unfinished tile of its level.
func (t *tree) put(level int, index uint64, h identity.Hash) {
	for len(t.edge) <= level {
		t.edge = append(t.edge, nil)
	}
	e := t.edge[level]
	if e == nil {
		e = make([]identity.Hash, 0, tileWidth)
	}
	e = append(e, h)
	if len(e) == tileWidth {
		t.full = append(t.full, tile{level, index / tileWidth, e})
		e = nil
	}
	t.edge[level] = e
}

// root is the RFC 6962 tree hash; that of no entries is the hash of nothing.
func (t *tree) root() (identity.Hash, error) {
	if t.size() == 0 {
		return proof.EmptyLogRoot(), nil
	}
	h, err := t.nodes.GetRootHash(nil)
	if err != nil {
		return identity.Hash{}, fmt.Errorf("log root: %w", err)
	}
	return identity.Hash(h), nil
}

func (t tile) encode() []byte {
	b := make([]byte, 0, tileWidth*32)
	for i := range t.hashes {
		b = append(b, t.hashes[i][:]...)
	}
	return b
}

// logView reads the nodes of the log as of size: full tiles from the store,
// the others from the edge. It is safe for concurrent use.
type logView struct {
	store getter
	size  uint64
	edge  [][]identity.Hash
}

// node is the hash of a complete subtree: 2^level leaves from index·2^level.
func (v logView) node(id compact.NodeID) (identity.Hash, error) {
	if _, end := id.Coverage(); end > v.size {
		return identity.Hash{}, fmt.Errorf("log node %d/%d is not complete at size %d", id.Level, id.Index, v.size)
	}
	level, up := int(id.Level/tileHeight), id.Level%tileHeight
	first := id.Index << up // in the tile's level
	hashes, err := v.tile(level, first/tileWidth, int(first%tileWidth), 1<<up)
	if err != nil {
		return identity.Hash{}, err
	}
	return fold(hashes), nil
}

// fold hashes a complete subtree up to its root, in place.
func fold(hashes []identity.Hash) identity.Hash {
	for n := len(hashes) / 2; n > 0; n /= 2 {
		for i := range n {
			hashes[i] = nodeHash(hashes[2*i][:], hashes[2*i+1][:])
		}
	}
	return hashes[0]
}

// tile returns a copy of n hashes of a tile, from offset on.
func (v logView) tile(level int, index uint64, offset, n int) ([]identity.Hash, error) {
	if index == v.size>>(tileHeight*(level+1)) { // the unfinished one
		if level >= len(v.edge) || offset+n > len(v.edge[level]) {
			return nil, fmt.Errorf("log tile %d/%d has no hash %d", level, index, offset+n-1)
		}
		return append([]identity.Hash(nil), v.edge[level][offset:offset+n]...), nil
	}
	key := tileKey(level, index)
	b, closer, err := v.store.Get(key)
	if err != nil {
		return nil, rowError(key, err)
	}
	if len(b) != tileWidth*32 {
		return nil, errors.Join(rowError(key, errRow), closer.Close())
	}
	hashes := make([]identity.Hash, n)
	for i := range hashes {
		copy(hashes[i][:], b[(offset+i)*32:])
	}
	return hashes, closer.Close()
}

// path fetches the nodes of a proof.
func (v logView) path(nodes merkle.Nodes) ([]identity.Hash, error) {
	hashes := make([][]byte, len(nodes.IDs))
	for i, id := range nodes.IDs {
		h, err := v.node(id)
		if err != nil {
			return nil, err
		}
		hashes[i] = h[:]
	}
	hashes, err := nodes.Rehash(hashes, ranges.Hash)
	if err != nil {
		return nil, fmt.Errorf("compose the proof: %w", err)
	}
	path := make([]identity.Hash, len(hashes))
	for i := range path {
		path[i] = identity.Hash(hashes[i])
	}
	return path, nil
}

// loadTree rebuilds the edge of a log of this size from what is stored.
// leaf gives the leaf hash of a seq.
func loadTree(store getter, size uint64, leaf func(seq uint64) (identity.Hash, error)) (*tree, error) {
	v := logView{store: store, size: size}
	for level := 0; size>>(tileHeight*level) > 0; level++ {
		count := size >> (tileHeight * level)
		e := make([]identity.Hash, 0, tileWidth)
		for i := count / tileWidth * tileWidth; i < count; i++ {
			if level == 0 {
				h, err := leaf(i)
				if err != nil {
					return nil, err
				}
				e = append(e, h)
				continue
			}
			hashes, err := v.tile(level-1, i, 0, tileWidth)
			if err != nil {
				return nil, err
			}
			e = append(e, fold(hashes))
		}
		v.edge = append(v.edge, e)
	}
	var hashes [][]byte
	for _, id := range compact.RangeNodes(0, size, nil) {
		h, err := v.node(id)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, h[:])
	}
	n, err := ranges.NewRange(0, size, hashes)
	if err != nil {
		return nil, fmt.Errorf("load the log's edge: %w", err)
	}
	return &tree{nodes: n, edge: v.edge}, nil
}
