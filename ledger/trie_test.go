package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
	"pgregory.net/rapid"
)

// mapStore is a store that holds nothing but a map: I rows and pages.
type mapStore struct {
	t      *rapid.T
	ledger *Ledger
	trie   *trie // the ledger's
	root   identity.Hash
}

func newMapStore(t testing.TB, rt *rapid.T) *mapStore {
	l := open(t, vfs.NewMem())
	rt.Cleanup(func() {
		if err := l.Close(); err != nil {
			rt.Fatal(err)
		}
	})
	return &mapStore{t: rt, ledger: l, trie: &l.trie}
}

// change commits keys that were touched, in one batch as a block does.
func (m *mapStore) change(rows map[identity.Hash]index) {
	batch := m.ledger.db.NewBatch()
	set := func(k, v []byte) {
		if err := batch.Set(k, seal(k, slices.Clone(v)), nil); err != nil {
			m.t.Fatal(err)
		}
	}
	var changes []change
	for _, k := range slices.SortedFunc(maps.Keys(rows), func(a, b identity.Hash) int { return bytes.Compare(a[:], b[:]) }) {
		x := rows[k]
		set(hashKey(rowIndex, k), x.encode(nil))
		changes = append(changes, change{leaf{k, x.mapLeaf(k).Hash()}, &x})
	}
	var err error
	read := bucketRows{store: m.ledger.db}
	m.root, err = m.trie.update(&read, m.root, changes, func(k []byte, r *pageRow) {
		if r.whole {
			set(k, r.encode(nil))
		} else if err := batch.Merge(k, seal(k, r.encode(nil)), nil); err != nil {
			m.t.Fatal(err)
		}
	})
	if err = errors.Join(err, read.Close()); err != nil {
		m.t.Fatal(err)
	}
	if err := batch.Commit(pebble.NoSync); err != nil {
		m.t.Fatal(err)
	}
	if len(rows)%3 == 0 { // parts of pages meet in tables as well
		if err := m.ledger.db.Flush(); err != nil {
			m.t.Fatal(err)
		}
	}
}

func (m *mapStore) pages() string {
	var rows bytes.Buffer
	it, err := m.ledger.db.NewIter(&pebble.IterOptions{LowerBound: []byte{rowPage}, UpperBound: []byte{rowPage + 1}})
	if err != nil {
		m.t.Fatal(err)
	}
	for ok := it.First(); ok; ok = it.Next() {
		fmt.Fprintf(&rows, "%x %x\n", it.Key(), it.Value())
	}
	if err := errors.Join(it.Error(), it.Close()); err != nil {
		m.t.Fatal(err)
	}
	return rows.String()
}

// memory counts what the trie has in memory.
func (p part) memory() int {
	switch {
	case p.bucket != nil:
		return p.bucket.bytes()
	case p.page != nil:
		n := pageBytes
		for _, kid := range p.page.kids {
			n += kid.memory()
		}
		return n
	}
	return 0
}

// mapKeys draws keys many of which have long beginnings in common: an issuer of
// identifiers can search for such.
func mapKeys(rng *rand.Rand, n int) []identity.Hash {
	keys := make([]identity.Hash, n)
	for i := range keys {
		for j := range keys[i] {
			keys[i][j] = byte(rng.Uint32())
		}
		if i > 0 && rng.IntN(3) == 0 {
			same := rng.IntN(256) // bits
			if rng.IntN(2) == 0 {
				same %= 20
			}
			other := keys[rng.IntN(i)]
			copy(keys[i][:same/8], other[:])
			mask := byte(0xff) >> (same % 8)
			keys[i][same/8] = keys[i][same/8]&mask | other[same/8]&^mask
		}
	}
	return keys
}

func someIndex(rng *rand.Rand) index {
	x := index{key: trace.Key{NS: trace.NSItem, ID: "x"}}
	for i := range rng.IntN(4) {
		x.append(uint64(i), identity.Hash{byte(rng.Uint32()), 1})
	}
	if x.count == 0 || rng.IntN(2) == 0 {
		x.state = []byte{byte(rng.Uint32()), 2}
	}
	return x
}

// The root is that of the definition, and root and pages depend on nothing but
// the keys and what the map says of them: not on the order or the size of the
// batches, nor on what is in memory.
func TestMapRootDependsOnTheLeavesAlone(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0))
		m := newMapStore(t, rt)
		keys := mapKeys(rng, rapid.IntRange(1, 1500).Draw(rt, "keys"))
		leaves := map[identity.Hash]identity.Hash{}
		last := map[identity.Hash]index{}
		for range rapid.IntRange(1, 12).Draw(rt, "batches") {
			rows := map[identity.Hash]index{}
			for range rapid.SampledFrom([]int{0, 1, 5, 40, 400}).Draw(rt, "touches") {
				rows[keys[rng.IntN(len(keys))]] = someIndex(rng)
			}
			m.change(rows)
			for k, x := range rows {
				leaves[k], last[k] = x.mapLeaf(k).Hash(), x
			}
			if want := naiveMap(leaves, 0); m.root != want {
				rt.Fatalf("root of %d keys: %s, want %s", len(leaves), m.root, want)
			}
			if got := m.trie.root.memory(); got != m.trie.bytes {
				rt.Fatalf("%d bytes are in memory, %d were counted", got, m.trie.bytes)
			}
			m.checkKept(last)
			switch rapid.IntRange(0, 5).Draw(rt, "memory") {
			case 0:
				m.trie.forget() // as after a start
			case 1:
				m.trie.sweep(0)
				if m.trie.root.loaded() || m.trie.bytes != 0 {
					rt.Fatalf("%d bytes left after a sweep of everything", m.trie.bytes)
				}
			case 2:
				m.trie.sweep(m.trie.bytes * 2 / 3)
			case 3:
				m.trie.sweep(m.trie.bytes - 1)
			case 4:
				m.trie.sweep(m.trie.bytes + rapid.IntRange(1, 3).Draw(rt, "chunks")*chunkBytes)
			}
		}
		again := newMapStore(t, rt) // all at once
		again.change(last)
		if again.root != m.root || again.pages() != m.pages() {
			rt.Fatalf("%d keys at once: root %s, in batches %s, or other pages", len(last), again.root, m.root)
		}
		m.prove(keys, last)
	})
}

// A sweep that has little to drop drops little, and what a block has used since
// the hand came by stays longest.
func TestSweepGoesOnWhereTheLastStopped(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	changes := make([]change, 5000)
	for i := range changes {
		for j := range changes[i].key {
			changes[i].key[j] = byte(rng.Uint32())
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return bytes.Compare(a.key[:], b.key[:]) })
	var m trie
	m.root.bucket = &bucket{}
	if _, err := m.update(nil, identity.Hash{}, changes, func([]byte, *pageRow) {}); err != nil {
		t.Fatal(err)
	}
	limit := m.bytes - 1
	dropped := map[int]bool{}
	for range 6 {
		full := m.bytes
		m.sweep(min(limit, full-1))
		if m.bytes < full*3/4 {
			t.Fatalf("%d of %d bytes are left", m.bytes, full)
		}
		for c, kid := range m.root.page.kids {
			if kid.memory() < 17*pageBytes && !dropped[c] { // its pages are left
				dropped[c] = true
			}
		}
	}
	if n := len(dropped); n < 6 || n == fanout {
		t.Errorf("buckets beneath %d children of the root are gone", n)
	}
}

// checkKept compares the rows that are kept with those that were committed last.
func (m *mapStore) checkKept(last map[identity.Hash]index) {
	m.trie.root.eachLeaf(func(l *kept) {
		row, ok := m.trie.rows.get(l.row)
		if !ok {
			return
		}
		want := last[l.key]
		x, err := keptIndex(want.key, row)
		if err != nil || !bytes.Equal(x.encode(nil), want.encode(nil)) {
			m.t.Fatalf("row %x: %+v is kept, %+v was committed: %v", l.key[:], x, want, err)
		}
	})
}

func (p part) eachLeaf(visit func(*kept)) {
	switch {
	case p.bucket != nil:
		for i := range p.bucket.leaves {
			visit(&p.bucket.leaves[i])
		}
	case p.page != nil:
		for _, kid := range p.page.kids {
			kid.eachLeaf(visit)
		}
	}
}

// prove checks proofs of keys that are there and of keys that are not.
func (m *mapStore) prove(keys []identity.Hash, rows map[identity.Hash]index) {
	s := &Snapshot{ledger: m.ledger, g: &generation{store: m.ledger.db.NewSnapshot(), roots: proof.Roots{MapRoot: m.root}}}
	defer s.g.store.Close()
	rng := rand.New(rand.NewPCG(uint64(len(rows)), 1))
	for range 10 {
		var present []proof.MapLeaf
		var there, absent []identity.Hash
		for range 1 + rng.IntN(6) {
			k := keys[rng.IntN(len(keys))]
			if rng.IntN(3) == 0 {
				k[rng.IntN(32)] ^= 1 << rng.IntN(8)
			}
			if _, ok := rows[k]; ok {
				there = append(there, k)
			} else {
				absent = append(absent, k)
			}
		}
		for _, list := range []*[]identity.Hash{&there, &absent} {
			slices.SortFunc(*list, func(a, b identity.Hash) int { return bytes.Compare(a[:], b[:]) })
			*list = slices.Compact(*list)
		}
		for _, k := range there {
			x := rows[k]
			present = append(present, x.mapLeaf(k))
		}
		b, err := s.MapProof(there, absent)
		if err != nil {
			m.t.Fatal(err)
		}
		if err := proof.VerifyMap(b, present, absent, m.root); err != nil {
			m.t.Fatalf("%d present, %d absent of %d keys: %v", len(there), len(absent), len(rows), err)
		}
		if read := fromStore(m.t, s, there, absent); !bytes.Equal(b, read) {
			m.t.Fatalf("a proof of %d bytes of what is in memory, of %d from the store", len(b), len(read))
		}
		if len(there) > 0 {
			if _, err := s.MapProof(nil, there); err == nil {
				m.t.Fatal("a proof that a present key is absent")
			}
		}
		if len(absent) > 0 {
			if _, err := s.MapProof(absent, nil); !errors.Is(err, trace.ErrUnknown) {
				m.t.Fatalf("a proof that an absent key is present: %v", err)
			}
		}
	}
}

// What was read from the store is not believed: a row that changed beneath the
// map stops the block.
func TestDamagedPageStopsTheBlock(t *testing.T) {
	n := newNetwork(t, "")
	fs := vfs.NewMem()
	l := open(t, fs)
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	touchAll := func() error {
		b := begin(t, l)
		defer b.Discard()
		e := n.envelope(t, 0, record(fmt.Sprint(b.NextSeq())))
		a := Append{Envelope: e, EnvelopeID: e.ID(), Bytes: e.Records[0], RecordHash: hashOf(e.Records[0])}
		for i := range 2000 {
			a.Touches = append(a.Touches, item(i))
		}
		if _, err := b.Append(a); err != nil {
			return err
		}
		return b.Commit()
	}
	if err := touchAll(); err != nil {
		t.Fatal(err)
	}
	key := proof.MapKey(item(7))
	page := pageKey(1, &key)
	for _, row := range [][]byte{hashKey(rowIndex, key), pageKey(0, &key), page} {
		was, err := get(l.db, row)
		if err != nil || was == nil {
			t.Fatal(row, err)
		}
		flipped := slices.Clone(was)
		flipped[len(flipped)-3] ^= 4
		for _, v := range [][]byte{flipped, was} {
			if err := l.db.Set(row, seal(row, slices.Clone(v)), pebble.Sync); err != nil {
				t.Fatal(err)
			}
			l.trie.forget()
			l.rows = rows{}
			if err := touchAll(); (err == nil) != bytes.Equal(v, was) {
				t.Fatalf("row %c %x: %v", row[0], row[1:], err)
			}
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
