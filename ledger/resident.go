package ledger

import (
	"slices"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// Proofs are made from a snapshot, while the committer goes on. But a page or a bucket
// is all that its hash says, at whatever height it stands: so they copy what the
// committer has in memory wherever that has the hash that the one above asks for, and
// read the store for the rest. They do not wait for a block whose changes are just made.

// resident calls use with what is in memory beneath the first depth hex digits of a key,
// if it has that hash, and reports whether it has. use must not keep it. A map so small
// that it has no page is left to the store.
func (t *trie) resident(depth int, key *identity.Hash, hash identity.Hash, use func(part)) bool {
	if !t.mu.TryRLock() {
		return false
	}
	defer t.mu.RUnlock()
	p := t.root
	for d := range depth {
		if p.page == nil {
			return false
		}
		c := nibble(key, d)
		if d == depth-1 && p.page.nodes[fanout+c] != hash {
			return false
		}
		p = p.page.kids[c]
	}
	if !p.loaded() || depth == 0 && (p.page == nil || p.page.nodes[1] != hash) {
		return false
	}
	use(p)
	return true
}

// residentLeaf is what the map says of a key whose leaf has this hash, if its row is in
// memory.
func (t *trie) residentLeaf(key, hash identity.Hash) (says proof.MapLeaf, ok bool) {
	if !t.mu.TryRLock() {
		return says, false
	}
	defer t.mu.RUnlock()
	p := t.root
	for d := 0; p.page != nil; d++ {
		p = p.page.kids[nibble(&key, d)]
	}
	if p.bucket == nil {
		return says, false
	}
	at, found := p.bucket.search(0, &key)
	if !found {
		return says, false
	}
	row, ok := t.rows.get(p.bucket.leaves[at].row)
	if !ok {
		return says, false
	}
	says, err := leafOf(key, row)
	return says, err == nil && says.Hash() == hash
}

// residentPage is a copy of a page that is in memory, nil for none.
func (t *trie) residentPage(depth int, key *identity.Hash, hash identity.Hash) (copied *page) {
	t.resident(depth, key, hash, func(p part) {
		if p.page != nil {
			copied = &page{nodes: p.page.nodes, there: p.page.there, deep: p.page.deep, patches: maxPatches}
		}
	})
	return copied
}

// residentBucket is a copy of a bucket that is in memory, nil for none.
func (t *trie) residentBucket(depth int, key *identity.Hash, hash identity.Hash) (copied *bucket) {
	t.resident(depth, key, hash, func(p part) {
		if p.bucket != nil && len(p.bucket.leaves) > 0 {
			copied = &bucket{leaves: slices.Clone(p.bucket.leaves)}
		}
	})
	return copied
}
