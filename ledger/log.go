package ledger

import (
	"errors"
	"fmt"
	"io"
	"math/bits"
	"slices"

	"github.com/transparency-dev/merkle/compact"
	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// The log is the RFC 6962 tree over the entries' leaf hashes; the leaf index
// is the seq. It is kept as tiles of height 8: tile (L, N) holds the 256 hashes
// of tree level 8L from index 256N on (the layout of x/mod/sumdb/tlog and of
// C2SP tlog-tiles) and, behind them, the nodes of the seven levels above, so
// that a proof is read and not hashed. A tile is written once, when it is full;
// the unfinished ones are kept in memory and rebuilt at start, level 0 from the
// entries and each other from the tiles beneath it, at most 255 rows a level.
// So a record costs the log 64 bytes and a little, however small its block.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	tileNodes  = 2*tileWidth - 2 // its root is a hash of the tile above
)

// subtree composes the root over the leaves [begin, end), which is one of the
// subtrees that an RFC 6962 tree splits into, from the roots of complete ones.
func subtree(begin, end uint64, complete func(begin, end uint64) (identity.Hash, error)) (identity.Hash, error) {
	size := end - begin
	if size&(size-1) == 0 {
		return complete(begin, end)
	}
	middle := begin + 1<<(bits.Len64(size)-1)
	return join(begin, middle, end, complete)
}

func join(begin, middle, end uint64, complete func(begin, end uint64) (identity.Hash, error)) (identity.Hash, error) {
	left, err := subtree(begin, middle, complete)
	if err != nil {
		return identity.Hash{}, err
	}
	right, err := subtree(middle, end, complete)
	if err != nil {
		return identity.Hash{}, err
	}
	return proof.NodeHash(left, right), nil
}

var ranges = compact.RangeFactory{Hash: func(l, r []byte) []byte {
	h := proof.NodeHash(identity.Hash(l), identity.Hash(r))
	return h[:]
}}

// tree is the growing edge of the log.
type tree struct {
	nodes *compact.Range
	// edge[l] are the nodes of tree level l in the unfinished tile of their
	// level. What is in a slice never changes; growth goes beyond its end, so
	// that copies of the slice header stay valid for readers.
	edge [][]identity.Hash
	// full are the tiles finished since the tree was cloned.
	full []tile
}

type tile struct {
	level int
	index uint64
	nodes [][]identity.Hash // of its eight levels: 256, 128, … 2
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
		t.put(id, identity.Hash(hash))
	})
	if err != nil {
		return fmt.Errorf("append leaf %d: %w", t.size(), err)
	}
	return nil
}

// put adds a node to the unfinished tile of its level. Nodes come from the leaf
// up, so a node at the foot of a tile is the root of the full one beneath it.
func (t *tree) put(id compact.NodeID, h identity.Hash) {
	level := int(id.Level)
	if level%tileHeight == 0 && level > 0 {
		beneath := t.edge[level-tileHeight : level]
		t.full = append(t.full, tile{level/tileHeight - 1, id.Index, slices.Clone(beneath)})
		clear(beneath)
	}
	for len(t.edge) <= level {
		t.edge = append(t.edge, nil)
	}
	if t.edge[level] == nil {
		t.edge[level] = make([]identity.Hash, 0, tileWidth>>(level%tileHeight))
	}
	t.edge[level] = append(t.edge[level], h)
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
	b := make([]byte, 0, tileNodes*32)
	for _, level := range t.nodes {
		for i := range level {
			b = append(b, level[i][:]...)
		}
	}
	return b
}

// logView reads the nodes of a log: full tiles from the store, the others from
// the edge. It is safe for concurrent use.
type logView struct {
	store getter
	size  uint64
	edge  [][]identity.Hash
}

// node is the hash of a complete subtree: 2^level leaves from index·2^level.
func (v logView) node(id compact.NodeID) (h identity.Hash, err error) {
	if _, end := id.Coverage(); end > v.size {
		return h, fmt.Errorf("log node %d/%d is not complete at size %d", id.Level, id.Index, v.size)
	}
	level, up := int(id.Level/tileHeight), id.Level%tileHeight
	index := id.Index >> (tileHeight - up) // of its tile
	i := id.Index - index<<(tileHeight-up) // in its level of the tile
	if index == v.size>>(tileHeight*(level+1)) {
		if int(id.Level) >= len(v.edge) || i >= uint64(len(v.edge[id.Level])) {
			return h, fmt.Errorf("log node %d/%d is not at the edge of a log of %d", id.Level, id.Index, v.size)
		}
		return v.edge[id.Level][i], nil
	}
	nodes, closer, err := v.tile(level, index)
	if err != nil {
		return h, err
	}
	copy(h[:], nodes[tilePlace(up, i):])
	return h, closer.Close()
}

// tilePlace is where in a tile node i of the level so far up stands.
func tilePlace(up uint, i uint64) uint64 { return (2*tileWidth - 2*tileWidth>>up + i) * 32 }

// tile returns the nodes of a full tile, which are good until it is closed.
func (v logView) tile(level int, index uint64) ([]byte, io.Closer, error) {
	key := tileKey(level, index)
	row, closer, err := v.store.Get(key)
	if err != nil {
		return nil, nil, rowError(key, err)
	}
	b, err := unseal(key, row)
	if err == nil && len(b) != tileNodes*32 {
		err = rowError(key, errRow)
	}
	if err != nil {
		return nil, nil, errors.Join(err, closer.Close())
	}
	return b, closer, nil
}

// leaf is the leaf hash of the entry at seq.
func (v logView) leaf(seq uint64) (identity.Hash, error) { return v.node(compact.NewNodeID(0, seq)) }

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
	for foot := uint(0); size>>foot > 0; foot += tileHeight {
		var nodes []identity.Hash
		for i := size >> foot &^ (tileWidth - 1); i < size>>foot; i++ {
			var h identity.Hash
			var err error
			if foot == 0 {
				h, err = leaf(i)
			} else if h, err = v.node(compact.NewNodeID(foot-1, 2*i)); err == nil {
				var right identity.Hash
				right, err = v.node(compact.NewNodeID(foot-1, 2*i+1))
				h = proof.NodeHash(h, right)
			}
			if err != nil {
				return nil, err
			}
			nodes = append(nodes, h)
		}
		for up := range tileHeight {
			level := make([]identity.Hash, len(nodes), tileWidth>>up)
			copy(level, nodes)
			v.edge = append(v.edge, level)
			for i := range len(nodes) / 2 {
				nodes[i] = proof.NodeHash(nodes[2*i], nodes[2*i+1])
			}
			nodes = nodes[:len(nodes)/2]
		}
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
