package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// An N row is a page: a bit for each child that is there, a bit for each that is
// a page, and the hashes of those that are there. Its key is its path, the
// number of hex digits first, so that pages of one depth stand together. A page
// is overwritten by the next; nothing is ever taken out of the map, so a page
// stays where it is.

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

// encode appends the row.
func (p *page) encode(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(p.there>>fanout))
	b = binary.BigEndian.AppendUint16(b, p.deep)
	for c := range fanout {
		if p.there>>(fanout+c)&1 == 1 {
			b = append(b, p.nodes[fanout+c][:]...)
		}
	}
	return b
}

// decodePage reads a row and makes the nodes above the children.
func decodePage(depth int, b []byte) (*page, error) {
	if len(b) < 4 {
		return nil, errRow
	}
	there := binary.BigEndian.Uint16(b)
	p := &page{there: uint32(there) << fanout, deep: binary.BigEndian.Uint16(b[2:])}
	if b = b[4:]; len(b) != 32*bits.OnesCount16(there) || there == 0 || p.deep&^there != 0 {
		return nil, errRow
	}
	for c := range fanout {
		if there>>c&1 == 1 {
			copy(p.nodes[fanout+c][:], b)
			b = b[32:]
		}
	}
	p.hash(depth, p.there)
	return p, nil
}

// mapLeaf is what the map says of the key of an I row.
func (r *indexRow) mapLeaf(key identity.Hash) proof.MapLeaf {
	l := proof.MapLeaf{Key: key, Count: r.count, State: proof.StateHash(r.state)}
	var peaks [64]identity.Hash
	n := len(r.peaks) / 32
	for i := range n {
		copy(peaks[i][:], r.peaks[32*i:])
	}
	l.Head = fold(peaks[:n])
	return l
}

// bucketRows reads buckets from the I rows of one state of the store, one after
// the other in the order of their keys. It is for one goroutine.
type bucketRows struct {
	store getter
	it    *pebble.Iterator // once one is read
}

// each visits the I rows beneath the first depth hex digits of a key; what it
// hands out is good until it visits the next.
func (r *bucketRows) each(depth int, key *identity.Hash, visit func(key identity.Hash, row indexRow) error) (err error) {
	if r.it == nil {
		r.it, err = r.store.NewIter(&pebble.IterOptions{LowerBound: []byte{rowIndex}, UpperBound: []byte{rowIndex + 1}})
		if err != nil {
			return err
		}
	}
	first := pageKey(depth, key)
	first = append(first[:1], first[2:]...)
	first[0] = rowIndex
	for ok := r.it.SeekGE(first); ok; ok = r.it.Next() {
		k := r.it.Key()
		if len(k) != 33 {
			return rowError(k, errRow)
		}
		if !beneath(k[1:], key, depth) {
			break
		}
		b, err := unseal(k, r.it.Value())
		if err != nil {
			return err
		}
		row, err := parseIndex(b)
		if err == nil {
			err = visit(identity.Hash(k[1:]), row)
		}
		if err != nil {
			return rowError(k, err)
		}
	}
	return r.it.Error()
}

// beneath reports whether two keys agree in their first depth hex digits.
func beneath(k []byte, key *identity.Hash, depth int) bool {
	return string(k[:depth/2]) == string(key[:depth/2]) && (depth%2 == 0 || (k[depth/2]^key[depth/2])>>4 == 0)
}

func (r *bucketRows) Close() error {
	if r.it == nil {
		return nil
	}
	return r.it.Close()
}

// readPage reads the page beneath the first depth hex digits of a key, and checks
// it against its hash, which stands above it.
func readPage(store getter, depth int, key *identity.Hash, hash identity.Hash) (*page, error) {
	k := pageKey(depth, key)
	row, err := get(store, k)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, rowError(k, pebble.ErrNotFound)
	}
	p, err := decodePage(depth, row)
	if err == nil && p.nodes[1] != hash {
		err = fmt.Errorf("its hash is %s, the one above says %s: %w", p.nodes[1], hash, errRow)
	}
	if err != nil {
		return nil, rowError(k, err)
	}
	return p, nil
}

// sameBucket checks the hash of the keys that begin with depth hex digits of a
// key against the one above.
func sameBucket(depth int, key *identity.Hash, got, hash identity.Hash) error {
	if got == hash {
		return nil
	}
	return fmt.Errorf("rows I %.*x…: the hash of their keys is %s, the one above says %s: %w", (depth+1)/2, key[:], got, hash, errRow)
}

// load brings the part beneath the first depth hex digits of a key into memory.
func (t *trie) load(p *part, rows *bucketRows, depth int, key *identity.Hash, isPage bool, hash identity.Hash) (err error) {
	if isPage {
		if p.page, err = readPage(rows.store, depth, key, hash); err == nil {
			t.bytes += pageBytes
		}
		return err
	}
	b := &bucket{}
	err = rows.each(depth, key, func(k identity.Hash, row indexRow) error {
		b.leaves = append(b.leaves, leaf{k, row.mapLeaf(k).Hash()})
		return nil
	})
	if err != nil {
		return err
	}
	var got identity.Hash
	if len(b.leaves) > 0 {
		got = leavesRoot(b.leaves)
	}
	if err := sameBucket(depth, key, got, hash); err != nil {
		return err
	}
	p.bucket = b
	t.bytes += b.bytes()
	return nil
}

// mapUpdate is one block's change of the map.
type mapUpdate struct {
	*trie
	rows    bucketRows
	stage   func(key, value []byte)
	scratch []byte
}

// update changes leaves, which ascend by key, and stages the pages that change.
// root is what the map is before, and the new root is returned. After an error,
// and when the pages do not reach the store, the trie must be forgotten.
func (t *trie) update(store getter, root identity.Hash, changes []leaf, stage func(key, value []byte)) (identity.Hash, error) {
	if len(changes) == 0 {
		return root, nil
	}
	u := mapUpdate{trie: t, rows: bucketRows{store: store}, stage: stage}
	h, err := u.top(root, changes)
	return h, errors.Join(err, u.rows.Close())
}

func (u *mapUpdate) top(root identity.Hash, changes []leaf) (identity.Hash, error) {
	if !u.root.loaded() {
		if err := u.loadRoot(&u.rows, root); err != nil {
			return root, err
		}
	}
	return u.part(&u.root, 0, changes)
}

// loadRoot brings the top of the map into memory.
func (t *trie) loadRoot(rows *bucketRows, root identity.Hash) error {
	isPage, err := has(rows.store, pageKey(0, &identity.Hash{}))
	if err != nil {
		return err
	}
	return t.load(&t.root, rows, 0, &identity.Hash{}, isPage, root)
}

// part changes leaves beneath a path and returns the hash there.
func (u *mapUpdate) part(p *part, depth int, changes []leaf) (identity.Hash, error) {
	if p.page != nil {
		return u.page(p.page, depth, changes)
	}
	b := p.bucket
	b.used = true
	u.bytes -= b.bytes()
	b.put(changes)
	if len(b.leaves) > bucketLen {
		var h identity.Hash
		p.page, h = u.split(b.leaves, depth)
		p.bucket = nil
		return h, nil
	}
	u.bytes += b.bytes()
	return leavesRoot(b.leaves), nil
}

func (u *mapUpdate) page(p *page, depth int, changes []leaf) (identity.Hash, error) {
	p.used = true
	key := &changes[0].key
	changed := uint32(0)
	for len(changes) > 0 {
		c, n := nibble(&changes[0].key, depth), 1
		for n < len(changes) && nibble(&changes[n].key, depth) == c {
			n++
		}
		kid := &p.kids[c]
		switch {
		case p.there>>(fanout+c)&1 == 0:
			kid.bucket = &bucket{}
			u.bytes += kid.bucket.bytes()
		case !kid.loaded():
			if err := u.load(kid, &u.rows, depth+1, &changes[0].key, p.deep>>c&1 == 1, p.nodes[fanout+c]); err != nil {
				return identity.Hash{}, err
			}
		}
		h, err := u.part(kid, depth+1, changes[:n])
		if err != nil {
			return h, err
		}
		p.set(c, h)
		if kid.page != nil {
			p.deep |= 1 << c
		}
		changed |= 1 << (fanout + c)
		changes = changes[n:]
	}
	h := p.hash(depth, changed)
	u.write(p, depth, key)
	return h, nil
}

// split makes a page of more leaves than a bucket takes.
func (u *mapUpdate) split(leaves []leaf, depth int) (*page, identity.Hash) {
	p := &page{used: true}
	u.bytes += pageBytes
	key := &leaves[0].key
	for len(leaves) > 0 {
		c, n := nibble(&leaves[0].key, depth), 1
		for n < len(leaves) && nibble(&leaves[n].key, depth) == c {
			n++
		}
		var h identity.Hash
		if n > bucketLen {
			p.kids[c].page, h = u.split(leaves[:n], depth+1)
			p.deep |= 1 << c
		} else {
			b := &bucket{leaves: append([]leaf(nil), leaves[:n]...), used: true}
			u.bytes += b.bytes()
			p.kids[c].bucket, h = b, leavesRoot(b.leaves)
		}
		p.set(c, h)
		leaves = leaves[n:]
	}
	h := p.hash(depth, p.there)
	u.write(p, depth, key)
	return p, h
}

func (u *mapUpdate) write(p *page, depth int, key *identity.Hash) {
	u.scratch = p.encode(u.scratch[:0])
	u.stage(pageKey(depth, key), u.scratch)
}
