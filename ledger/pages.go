package ledger

import (
	"fmt"
	"math/bits"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/identity"
)

// bucketRows reads buckets from the I rows of one state of the store, one after
// the other in the order of their keys. It is for one goroutine.
type bucketRows struct {
	store getter
	it    *pebble.Iterator // once one is read
}

// each visits the I rows beneath the first depth hex digits of a key; the row
// that it hands out is good until it visits the next.
func (r *bucketRows) each(depth int, key *identity.Hash, visit func(key identity.Hash, row []byte) error) (err error) {
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
		if !beneath(k[1:], key, depth) {
			break
		}
		h, err := rowHash(k)
		if err != nil {
			return err
		}
		row, err := unseal(k, r.it.Value())
		if err != nil {
			return err
		}
		if err := visit(h, row); err != nil {
			return rowError(k, err)
		}
	}
	return r.it.Error()
}

// beneath reports whether two keys agree in their first depth hex digits.
func beneath(k []byte, key *identity.Hash, depth int) bool {
	return len(k) > depth/2 && string(k[:depth/2]) == string(key[:depth/2]) && (depth%2 == 0 || (k[depth/2]^key[depth/2])>>4 == 0)
}

// Close lets go of the store; the next read opens it again.
func (r *bucketRows) Close() error {
	if r.it == nil {
		return nil
	}
	it := r.it
	r.it = nil
	return it.Close()
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
	r, err := decodePageRow(row)
	if err == nil && !r.whole {
		err = errRow
	}
	if err != nil {
		return nil, rowError(k, err)
	}
	p := &page{deep: r.deep, patches: maxPatches}
	for c := range fanout {
		if r.there>>c&1 == 1 {
			p.set(c, r.hashes[c])
		}
	}
	if got := p.hash(depth, p.there); got != hash {
		return nil, rowError(k, fmt.Errorf("its hash is %s, the one above says %s: %w", got, hash, errRow))
	}
	return p, nil
}

// check compares the keys that begin with depth hex digits of a key with their
// hash, which stands above them.
func (b *bucket) check(depth int, key *identity.Hash, hash identity.Hash) error {
	var got identity.Hash
	n := len(b.leaves)
	if n > 0 && n <= bucketLen {
		got = b.root(0, n, all)
	}
	if got == hash {
		return nil
	}
	return fmt.Errorf("rows I %.*x…: the hash of their %d keys is %s, the page above says %s: %w", (depth+1)/2, key[:], n, got, hash, errRow)
}

// childPath is the path of child c of the page at a path.
func childPath(path identity.Hash, depth, c int) identity.Hash {
	path[depth/2] |= byte(c << (4 - depth%2*4))
	return path
}

// rowHash is the hash in the key of a row.
func rowHash(key []byte) (identity.Hash, error) {
	if len(key) != 33 {
		return identity.Hash{}, rowError(key, errRow)
	}
	return identity.Hash(key[1:]), nil
}

// load brings the part beneath the first depth hex digits of a key into memory.
// It hands the rows of a bucket to visit, when that is not nil.
func (t *trie) load(p *part, rows *bucketRows, depth int, key *identity.Hash, isPage bool, hash identity.Hash, visit func(identity.Hash, []byte) error) (err error) {
	if isPage {
		if p.page, err = readPage(rows.store, depth, key, hash); err == nil {
			t.bytes += pageBytes
		}
		return err
	}
	t.read = t.read[:0]
	err = rows.each(depth, key, func(k identity.Hash, row []byte) error {
		l, err := leafOf(k, row)
		if err != nil {
			return err
		}
		t.read = append(t.read, kept{leaf: leaf{k, l.Hash()}})
		if visit != nil {
			err = visit(k, row)
		}
		return err
	})
	if err != nil {
		return err
	}
	b := &bucket{leaves: append(make([]kept, 0, len(t.read)), t.read...)} // there are many: no more than is needed
	if err := b.check(depth, key, hash); err != nil {
		return err
	}
	p.bucket = b
	t.bytes += b.bytes()
	return nil
}

// kid brings child c of a page at this depth into memory.
func (t *trie) kid(p *page, c int, rows *bucketRows, depth int, key *identity.Hash, visit func(identity.Hash, []byte) error) (*part, error) {
	kid := &p.kids[c]
	switch {
	case kid.loaded():
	case p.there>>(fanout+c)&1 == 0:
		kid.bucket = &bucket{}
		t.bytes += kid.bucket.bytes()
	default:
		return kid, t.load(kid, rows, depth+1, key, p.deep>>c&1 == 1, p.nodes[fanout+c], visit)
	}
	return kid, nil
}

// find returns a key's leaf in the map with this root, nil when there is none. It
// is good until the next update. When its bucket had to be read for that, it
// hands the bucket's rows to visit.
func (t *trie) find(rows *bucketRows, root, key identity.Hash, visit func(identity.Hash, []byte) error) (*kept, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := &t.root
	if !p.loaded() {
		if err := t.loadRoot(rows, root, visit); err != nil {
			return nil, err
		}
	}
	for depth := 0; p.page != nil; depth++ {
		p.page.used = true
		c := nibble(&key, depth)
		if p.page.there>>(fanout+c)&1 == 0 {
			return nil, nil
		}
		var err error
		if p, err = t.kid(p.page, c, rows, depth, &key, visit); err != nil {
			return nil, err
		}
	}
	p.bucket.used = true
	at, found := p.bucket.search(0, &key)
	if !found {
		return nil, nil
	}
	return &p.bucket.leaves[at], nil
}

// mapUpdate is one block's change of the map.
type mapUpdate struct {
	*trie
	rows  *bucketRows
	stage func(key []byte, row *pageRow)
}

// update changes leaves, which ascend by key, and stages the pages that change.
// root is what the map is before, and the new root is returned. After an error,
// and when the pages do not reach the store, the trie must be forgotten.
func (t *trie) update(rows *bucketRows, root identity.Hash, changes []change, stage func(key []byte, row *pageRow)) (identity.Hash, error) {
	if len(changes) == 0 {
		return root, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.root.loaded() {
		if err := t.loadRoot(rows, root, nil); err != nil {
			return root, err
		}
	}
	u := mapUpdate{trie: t, rows: rows, stage: stage}
	return u.part(&t.root, 0, changes)
}

// loadRoot brings the top of the map into memory. Whoever calls it holds the lock, or
// is alone.
func (t *trie) loadRoot(rows *bucketRows, root identity.Hash, visit func(identity.Hash, []byte) error) error {
	isPage, err := has(rows.store, pageKey(0, &identity.Hash{}))
	if err != nil {
		return err
	}
	return t.load(&t.root, rows, 0, &identity.Hash{}, isPage, root, visit)
}

// part changes leaves beneath a path and returns the hash there.
func (u *mapUpdate) part(p *part, depth int, changes []change) (identity.Hash, error) {
	if p.page != nil {
		return u.page(p.page, depth, changes)
	}
	b := p.bucket
	b.used = true
	u.bytes -= b.bytes()
	changed := b.put(changes, &u.trie.rows)
	if len(b.leaves) > bucketLen {
		var h identity.Hash
		p.page, h = u.split(b.leaves, depth)
		p.bucket = nil
		return h, nil
	}
	u.bytes += b.bytes()
	return b.root(0, len(b.leaves), changed), nil
}

func (u *mapUpdate) page(p *page, depth int, changes []change) (identity.Hash, error) {
	p.used = true
	key := &changes[0].key
	changed := uint32(0)
	for len(changes) > 0 {
		c, n := nibble(&changes[0].key, depth), 1
		for n < len(changes) && nibble(&changes[n].key, depth) == c {
			n++
		}
		kid, err := u.kid(p, c, u.rows, depth, &changes[0].key, nil)
		if err != nil {
			return identity.Hash{}, err
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
	u.write(p, depth, key, uint16(changed>>fanout))
	return h, nil
}

// split makes a page of more leaves than a bucket takes.
func (u *mapUpdate) split(leaves []kept, depth int) (*page, identity.Hash) {
	p := &page{used: true, patches: maxPatches}
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
			b := &bucket{leaves: append([]kept(nil), leaves[:n]...), used: true}
			u.bytes += b.bytes()
			p.kids[c].bucket, h = b, b.root(0, n, all)
		}
		p.set(c, h)
		leaves = leaves[n:]
	}
	h := p.hash(depth, p.there)
	u.write(p, depth, key, uint16(p.there>>fanout))
	return p, h
}

// write stages a page, or only the children that changed.
func (u *mapUpdate) write(p *page, depth int, key *identity.Hash, changed uint16) {
	r := pageRow{there: changed, deep: p.deep & changed}
	p.patches++
	if p.patches > maxPatches || 2*bits.OnesCount16(changed) > fanout {
		r = pageRow{whole: true, there: uint16(p.there >> fanout), deep: p.deep}
		p.patches = 0
	}
	copy(r.hashes[:], p.nodes[fanout:])
	u.stage(pageKey(depth, key), &r)
}
