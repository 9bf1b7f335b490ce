package ledger

import (
	"errors"
	"fmt"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// Leaf returns what the map says of k and the state bytes that it commits to,
// false when k is not in the map.
func (s *Snapshot) Leaf(k trace.Key) (leaf proof.MapLeaf, state []byte, ok bool, err error) {
	store, err := s.store()
	if err != nil {
		return leaf, nil, false, err
	}
	h := proof.MapKey(k)
	x, err := readIndex(store, k, h)
	if err != nil || x.count == 0 && x.state == nil {
		return leaf, nil, false, err
	}
	return x.mapLeaf(h), x.state, true, nil
}

// MapProof returns the map proof (proof.VerifyMap) that the map holds the present
// keys and none of the absent ones. Both are map keys, ascending. That they are
// what they are called is checked: trace.ErrUnknown for a present key that is not
// there, another error for an absent one that is.
func (s *Snapshot) MapProof(present, absent []identity.Hash) ([]byte, error) {
	store, err := s.store()
	if err != nil {
		return nil, err
	}
	p := mapProver{rows: bucketRows{store: store}, trie: &s.ledger.trie, pages: s.ledger.pages}
	b, err := p.prove(present, absent, s.g.roots.MapRoot)
	if err = errors.Join(err, p.rows.Close()); err != nil {
		return nil, fmt.Errorf("prove %d present and %d absent keys: %w", len(present), len(absent), err)
	}
	return b, nil
}

// mapProver copies what the searches for some keys pass of one state of the map.
// Every hash that it reads is checked against the one above.
type mapProver struct {
	rows  bucketRows
	trie  *trie // the committer's
	pages *lru.Cache[pageID, *page]
}

// pageID names a page by all that it says: readers at any height may share it.
// The depth belongs to it, for the hash of an only child goes up unchanged.
type pageID struct {
	depth uint8
	hash  identity.Hash
}

// What a page that is kept takes, about.
const keptPageBytes = pageBytes + 256

// keepPages keeps pages that proofs passed, of about so many bytes.
func keepPages(bytes int64) (*lru.Cache[pageID, *page], error) {
	return lru.New[pageID, *page](int(max(bytes/keptPageBytes, fanout)))
}

// read reads a page, if it is not kept. Nobody changes it.
func (p *mapProver) read(depth int, path *identity.Hash, hash identity.Hash) (*page, error) {
	id := pageID{uint8(depth), hash}
	if page, ok := p.pages.Get(id); ok {
		return page, nil
	}
	if page := p.trie.residentPage(depth, path, hash); page != nil {
		return page, nil
	}
	page, err := readPage(p.rows.store, depth, path, hash)
	if err == nil {
		p.pages.Add(id, page)
	}
	return page, err
}

// asked is a key whose search is copied.
type asked struct {
	key     *identity.Hash
	present bool
}

func (p *mapProver) prove(present, absent []identity.Hash, root identity.Hash) ([]byte, error) {
	keys := make([]asked, 0, len(present)+len(absent))
	for i := range present {
		keys = append(keys, asked{&present[i], true})
	}
	for i := range absent {
		keys = append(keys, asked{&absent[i], false})
	}
	switch {
	case len(keys) == 0:
		return nil, errors.New("there is nothing to prove")
	case root == (identity.Hash{}) && len(present) > 0:
		return nil, trace.ErrUnknown
	case root == (identity.Hash{}):
		return nil, nil
	}
	isPage := p.pages.Contains(pageID{0, root}) || p.trie.resident(0, &identity.Hash{}, root, func(part) {})
	if !isPage {
		var err error
		if isPage, err = has(p.rows.store, pageKey(0, &identity.Hash{})); err != nil {
			return nil, err
		}
	}
	top, err := p.part(0, identity.Hash{}, isPage, root, keys)
	if err != nil {
		return nil, err
	}
	return proof.EncodeMapProof(top), nil
}

// part copies what is beneath a path: the first depth hex digits of a key.
func (p *mapProver) part(depth int, path identity.Hash, isPage bool, hash identity.Hash, keys []asked) (*proof.MapNode, error) {
	if isPage {
		page, err := p.read(depth, &path, hash)
		if err != nil {
			return nil, err
		}
		return p.page(page, 1, depth, path, keys)
	}
	b := p.trie.residentBucket(depth, &path, hash)
	if b == nil {
		b = &bucket{leaves: make([]kept, 0, bucketLen)}
		err := p.rows.each(depth, &path, func(k identity.Hash, row []byte) error {
			l, err := leafOf(k, row)
			b.leaves = append(b.leaves, kept{leaf: leaf{k, l.Hash()}})
			return err
		})
		if err == nil {
			err = b.check(depth, &path, hash)
		}
		if err != nil {
			return nil, err
		}
	}
	return p.bucket(b, 0, len(b.leaves), keys)
}

// page copies what is beneath node i of a page, which is there.
func (p *mapProver) page(page *page, i, depth int, path identity.Hash, keys []asked) (*proof.MapNode, error) {
	if len(keys) == 0 {
		return &proof.MapNode{Pruned: &page.nodes[i]}, nil
	}
	if c := i - fanout; c >= 0 {
		return p.part(depth+1, childPath(path, depth, c), page.deep>>c&1 == 1, page.nodes[i], keys)
	}
	switch page.there >> (2 * i) & 3 {
	case 1:
		return p.page(page, 2*i, depth, path, keys)
	case 2:
		return p.page(page, 2*i+1, depth, path, keys)
	}
	n := &proof.MapNode{Bit: pageBit(depth, i)}
	left, right := sides(keys, n.Bit)
	var err error
	if n.Left, err = p.page(page, 2*i, depth, path, left); err != nil {
		return nil, err
	}
	n.Right, err = p.page(page, 2*i+1, depth, path, right)
	return n, err
}

// bucket copies the trie over the leaves [low, high) of a bucket whose hashes are made.
func (p *mapProver) bucket(b *bucket, low, high int, keys []asked) (*proof.MapNode, error) {
	if high-low == 1 {
		return p.leaf(&b.leaves[low].leaf, keys)
	}
	bit, right := b.branch(low, high)
	if len(keys) == 0 {
		return &proof.MapNode{Pruned: &b.leaves[right-1].join}, nil
	}
	n := &proof.MapNode{Bit: bit}
	toLeft, toRight := sides(keys, bit)
	var err error
	if n.Left, err = p.bucket(b, low, right, toLeft); err != nil {
		return nil, err
	}
	n.Right, err = p.bucket(b, right, high, toRight)
	return n, err
}

// leaf copies the leaf at which the searches for some keys end. Who asks for it knows
// what the map says of it; to others it is told.
func (p *mapProver) leaf(l *leaf, keys []asked) (*proof.MapNode, error) {
	if len(keys) == 0 {
		return &proof.MapNode{Pruned: &l.hash}, nil
	}
	found := false
	for _, k := range keys {
		switch is := *k.key == l.key; {
		case is && k.present:
			found = true
		case is:
			return nil, fmt.Errorf("key %s is in the map", k.key)
		case k.present:
			return nil, fmt.Errorf("key %s: %w", k.key, trace.ErrUnknown)
		}
	}
	if found {
		return &proof.MapNode{Asked: true}, nil
	}
	if says, ok := p.trie.residentLeaf(l.key, l.hash); ok {
		return &proof.MapNode{Leaf: &says}, nil
	}
	row := hashKey(rowIndex, l.key)
	b, err := get(p.rows.store, row)
	if err != nil {
		return nil, err
	}
	says, err := leafOf(l.key, b)
	if err == nil && says.Hash() != l.hash {
		err = fmt.Errorf("the leaf hash is %s, the map says %s: %w", says.Hash(), l.hash, errRow)
	}
	if err != nil {
		return nil, rowError(row, err)
	}
	return &proof.MapNode{Leaf: &says}, nil
}

// sides splits keys by a bit. Keys that are not in the map need not agree in the
// bits that the trie skips, so that their order says nothing.
func sides(keys []asked, bit byte) (left, right []asked) {
	for _, k := range keys {
		if proof.MapBit(k.key, bit) == 0 {
			left = append(left, k)
		} else {
			right = append(right, k)
		}
	}
	return left, right
}
