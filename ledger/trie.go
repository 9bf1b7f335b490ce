package ledger

import (
	"bytes"
	"math/bits"
	"slices"
	"sync"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// The authenticated map is a path-compressed binary trie over the map keys; its
// root depends on the set of keys and leaf hashes alone (package proof). The
// ledger cuts it into pages, four bits of the key a page. Where at most
// bucketLen leaves are left beneath a path there is no page: they are the I rows
// themselves, which stand in the order of their map keys, so that a leaf is
// written once and a page holds nothing but hashes.

const (
	fanout    = 16 // children of a page: by the next four bits of the key
	bucketLen = 32 // leaves that stand beneath a path without a page
)

// trie is what the committer keeps of the map in memory. Whatever is not there is
// read from the store and checked against the hash above it.
type trie struct {
	mu    sync.RWMutex // held for reading by proofs (resident.go); the committer alone changes anything
	root  part
	bytes int    // of the pages and buckets
	rows  rowLog // of keys whose buckets are there
	hand  int    // the child of the root at which the next sweep begins
	read  []kept // the leaves of the bucket that is read
}

// part is the map beneath one path: a page or a bucket, or neither while it is
// not in memory.
type part struct {
	page   *page
	bucket *bucket
}

func (p part) loaded() bool { return p.page != nil || p.bucket != nil }

// page is the four levels of the trie beneath a path. Its nodes are numbered as
// a heap: 1 is the root, 2i and 2i+1 are beneath i, 16 to 31 are the children.
// Path compression lets the hash of an only child pass upwards unchanged, so
// that a node has one hash wherever the pages end.
type page struct {
	nodes [2 * fanout]identity.Hash
	there uint32 // bit i: something is beneath node i
	deep  uint16 // bit c: child c is a page
	kids  [fanout]part
	used  bool // since the last sweep
	// patches is how many parts were written since the whole page was; maxPatches
	// when that is not known, and for a page that was never written.
	patches int
}

// bucket holds the leaves beneath a path, in the order of their keys.
type bucket struct {
	leaves []kept
	used   bool
}

// leaf is a key of the map and the hash of what the map says of it.
type leaf struct{ key, hash identity.Hash }

// kept is a leaf in a bucket, and the root of the subtree that branches between
// it and the next: one leaf that changes costs the hashes above it and no others.
type kept struct {
	leaf
	join identity.Hash
	row  rowPlace // the key's I row in the trie's log, without the key's name
}

// change is a leaf as a block leaves it.
type change struct {
	leaf
	index *index // to be kept in memory; nil for none
}

// nibble is the child that a key belongs to in a page at this depth.
func nibble(key *identity.Hash, depth int) int {
	return int(key[depth/2]>>(4-depth%2*4)) & (fanout - 1)
}

// pageBit is the bit of the key by which node i of a page at this depth branches.
func pageBit(depth, i int) byte { return byte(4*depth + bits.Len(uint(i)) - 1) }

// set gives a child another hash.
func (p *page) set(c int, h identity.Hash) {
	p.nodes[fanout+c] = h
	p.there |= 1 << (fanout + c)
}

// hash makes the nodes above the changed children again; changed is a bit for
// each of the nodes, of which the children's count.
func (p *page) hash(depth int, changed uint32) identity.Hash {
	for i := fanout - 1; i > 0; i-- {
		if changed>>(2*i)&3 == 0 {
			continue
		}
		changed |= 1 << i
		switch p.there >> (2 * i) & 3 {
		case 1:
			p.nodes[i] = p.nodes[2*i]
		case 2:
			p.nodes[i] = p.nodes[2*i+1]
		case 3:
			p.nodes[i] = proof.MapInner(pageBit(depth, i), p.nodes[2*i], p.nodes[2*i+1])
		default:
			continue
		}
		p.there |= 1 << i
	}
	return p.nodes[1]
}

// search is the place of a key among the leaves from place low on.
func (b *bucket) search(low int, key *identity.Hash) (at int, found bool) {
	n, found := slices.BinarySearchFunc(b.leaves[low:], key, func(l kept, k *identity.Hash) int { return bytes.Compare(l.key[:], k[:]) })
	return low + n, found
}

// put changes leaves and adds new ones; changes ascend by key. It returns a bit
// for the place of each that it changed.
func (b *bucket) put(changes []change, rows *rowLog) (changed uint64) {
	at, found := 0, false
	for i := range changes {
		if at, found = b.search(at, &changes[i].key); !found {
			if len(b.leaves) == cap(b.leaves) { // there are many buckets: little more than is needed
				b.leaves = append(make([]kept, 0, len(b.leaves)+2+len(b.leaves)/8), b.leaves...)
			}
			b.leaves = slices.Insert(b.leaves, at, kept{leaf: changes[i].leaf})
		}
		l := &b.leaves[at]
		l.hash = changes[i].hash
		l.row = rows.keep(l.row, changes[i].index)
		changed |= 1 << at
	}
	return changed
}

// all marks every leaf as changed.
const all = ^uint64(0)

// root is the root of the trie over the leaves [low, high) of the bucket, at
// least one, of which these changed.
func (b *bucket) root(low, high int, changed uint64) identity.Hash {
	if high-low == 1 {
		return b.leaves[low].hash
	}
	bit, right := b.branch(low, high)
	join := &b.leaves[right-1].join
	if changed>>low&(1<<(high-low)-1) != 0 {
		*join = proof.MapInner(bit, b.root(low, right, changed), b.root(right, high, changed))
	}
	return *join
}

// branch is the bit by which the leaves [low, high), at least two, branch, and
// the first of them to its right.
func (b *bucket) branch(low, high int) (bit byte, right int) {
	bit = branch(&b.leaves[low].key, &b.leaves[high-1].key)
	right = low + 1
	for proof.MapBit(&b.leaves[right].key, bit) == 0 {
		right++
	}
	return bit, right
}

// branch is the first bit in which two keys differ; they are not the same.
func branch(a, b *identity.Hash) byte {
	for i := range a {
		if x := a[i] ^ b[i]; x != 0 {
			return byte(8*i + bits.LeadingZeros8(x))
		}
	}
	panic("a key stands in the map twice")
}

// What a page and a bucket take in memory, about.
const (
	pageBytes   = 2*fanout*32 + fanout*16 + 16
	bucketBytes = 48
	leafBytes   = 3*32 + 8
)

func (b *bucket) bytes() int { return bucketBytes + cap(b.leaves)*leafBytes }

// How much a sweep drops. Pages stay longest: there are few for what stands
// beneath them, while a key's bucket is read for little more than its row.
const (
	unusedBuckets = iota // not used since the last sweep
	allBuckets
	unusedPages
	everything
)

// sweep makes room when there is more than limit in memory, and drops no more
// than that takes. What pages and buckets leave of it, rows may have. No block
// may be open.
func (t *trie) sweep(limit int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	// One part of the map after the other: what was not used since the hand came by
	// goes, and the rest of the memory stays full. Twice round is all buckets.
	if top := t.root.page; top != nil && t.bytes > limit {
		for i := 0; i < 2*fanout && t.bytes > limit-limit/fanout; i++ {
			t.drop(&top.kids[t.hand], unusedBuckets)
			t.hand = (t.hand + 1) % fanout
		}
	}
	for what := unusedBuckets; what <= everything && t.bytes > limit; what++ {
		t.drop(&t.root, what)
	}
	t.rows.hold(limit - t.bytes)
}

// forget lets go of all.
func (t *trie) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.root, t.bytes, t.rows, t.hand = part{}, 0, rowLog{}, 0
}

// drop lets go of some of what is beneath a path; of a page only after all that
// is beneath it.
func (t *trie) drop(p *part, what int) {
	switch {
	case p.bucket != nil:
		if p.bucket.used && what == unusedBuckets {
			p.bucket.used = false
			return
		}
		t.bytes -= p.bucket.bytes()
		p.bucket = nil
	case p.page != nil:
		loaded := false
		for c := range p.page.kids {
			t.drop(&p.page.kids[c], what)
			loaded = loaded || p.page.kids[c].loaded()
		}
		switch {
		case what == everything, what == unusedPages && !p.page.used && !loaded:
			t.bytes -= pageBytes
			p.page = nil
		case what == unusedPages:
			p.page.used = false
		}
	}
}
