package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// trie is a slow reference of the authenticated map: the sorted set of leaves,
// from which root and proof are made anew each time by the definition.
type trie []MapLeaf

func newTrie(leaves []MapLeaf) trie {
	t := slices.Clone(leaves)
	slices.SortFunc(t, func(a, b MapLeaf) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	return t
}

func bitOf(k identity.Hash, n int) int { return int(k[n/8]) >> (7 - n%8) & 1 }

// split finds the first bit in which two or more leaves differ and where the
// leaves begin that have a 1 there.
func (t trie) split() (bit, at int) {
	for bitOf(t[0].Key, bit) == bitOf(t[len(t)-1].Key, bit) {
		bit++
	}
	at = slices.IndexFunc(t, func(l MapLeaf) bool { return bitOf(l.Key, bit) == 1 })
	return bit, at
}

func (t trie) root() identity.Hash {
	switch len(t) {
	case 0:
		return identity.Hash{}
	case 1:
		l := t[0]
		b := append([]byte{0x10}, l.Key[:]...)
		b = binary.BigEndian.AppendUint64(b, l.Count)
		return sha256.Sum256(append(append(b, l.Head[:]...), l.State[:]...))
	}
	bit, at := t.split()
	l, r := t[:at].root(), t[at:].root()
	return sha256.Sum256(append(append([]byte{0x11, byte(bit)}, l[:]...), r[:]...))
}

// prove is the prover of the tests.
func (t trie) prove(asked []identity.Hash) (proof []byte, present []MapLeaf, absent []identity.Hash) {
	asked = slices.Clone(asked)
	slices.SortFunc(asked, func(a, b identity.Hash) int { return bytes.Compare(a[:], b[:]) })
	for _, k := range slices.Compact(asked) {
		if i := slices.IndexFunc(t, func(l MapLeaf) bool { return l.Key == k }); i >= 0 {
			present = append(present, t[i])
		} else {
			absent = append(absent, k)
		}
	}
	if len(t) == 0 {
		return EncodeMapProof(nil), present, absent
	}
	return EncodeMapProof(t.prune(asked)), present, absent
}

func (t trie) prune(asked []identity.Hash) *MapNode {
	if len(asked) == 0 {
		h := t.root()
		return &MapNode{Pruned: &h}
	}
	if len(t) == 1 {
		if slices.Contains(asked, t[0].Key) {
			return &MapNode{Asked: true}
		}
		return &MapNode{Leaf: &t[0]}
	}
	bit, at := t.split()
	var left, right []identity.Hash
	for _, k := range asked {
		if bitOf(k, bit) == 0 {
			left = append(left, k)
		} else {
			right = append(right, k)
		}
	}
	return &MapNode{Bit: byte(bit), Left: t[:at].prune(left), Right: t[at:].prune(right)}
}

func testLeaf(key identity.Hash, n int) MapLeaf {
	return MapLeaf{Key: key, Count: uint64(n), Head: hash(fmt.Sprint("head ", n)), State: StateHash([]byte(fmt.Sprint("state ", n)))}
}

// smallKey spreads n over the key so that keys of few bits differ early and late.
func smallKey(n int) identity.Hash {
	var k identity.Hash
	k[0], k[31] = byte(n>>2&3)<<6, byte(n&3)
	return k
}

func TestMapFormatsByHand(t *testing.T) {
	k := trace.Key{NS: trace.NSItem, ID: "https://id.gs1.org/01/09521101530001/21/1"}
	pre := append([]byte{0x13, 0, byte(len(k.NS))}, k.NS...)
	if MapKey(k) != sha256.Sum256(append(pre, k.ID...)) {
		t.Error("map key")
	}
	if StateHash([]byte("s")) != sha256.Sum256([]byte{0x14, 's'}) || StateHash(nil) != sha256.Sum256([]byte{0x14}) {
		t.Error("state hash")
	}
	if MapKey(trace.Key{NS: "ab", ID: "c"}) == MapKey(trace.Key{NS: "a", ID: "bc"}) {
		t.Error("the border between namespace and id is lost")
	}
	l := testLeaf(hash("k"), 7)
	if l.Hash() != (trie{l}).root() {
		t.Error("leaf")
	}
	if key := (identity.Hash{0x40, 31: 1}); MapBit(&key, 0) != 0 || MapBit(&key, 1) != 1 || MapBit(&key, 255) != 1 || MapBit(&key, 254) != 0 {
		t.Error("bits")
	}
}

// Every map of up to 5 of 6 keys and every question about them, and what one
// change does to its proof.
func TestProofsOfSmallMaps(t *testing.T) {
	keys := []int{0, 1, 3, 5, 8, 14}
	for held := range 1 << len(keys) {
		var leaves []MapLeaf
		for i, k := range keys {
			if held>>i&1 == 1 {
				leaves = append(leaves, testLeaf(smallKey(k), k))
			}
		}
		if len(leaves) > 5 {
			continue
		}
		tr := newTrie(leaves)
		root := tr.root()
		for question := 1; question < 1<<len(keys); question++ {
			var asked []identity.Hash
			for i, k := range keys {
				if question>>i&1 == 1 {
					asked = append(asked, smallKey(k))
				}
			}
			proof, present, absent := tr.prove(asked)
			if err := VerifyMap(proof, present, absent, root); err != nil {
				t.Fatalf("map %b, question %b: %v", held, question, err)
			}
			for name, err := range map[string]error{
				"another root":  VerifyMap(proof, present, absent, hash("x")),
				"a byte behind": VerifyMap(append(slices.Clone(proof), 0), present, absent, root),
				"cut":           differs(len(proof) > 0, VerifyMap(proof[:max(0, len(proof)-1)], present, absent, root)),
				"no proof":      differs(len(proof) > 0, VerifyMap(nil, present, absent, root)),
				"nothing asked": VerifyMap(proof, nil, nil, root),
			} {
				if !errors.Is(err, ErrProof) {
					t.Fatalf("map %b, question %b, %s: %v", held, question, name, err)
				}
			}
			for i := range proof {
				changed := slices.Clone(proof)
				changed[i] ^= 0x01
				if err := VerifyMap(changed, present, absent, root); !errors.Is(err, ErrProof) {
					t.Fatalf("map %b, question %b, byte %d changed: %v", held, question, i, err)
				}
			}
			for i := range present { // claimed to be unknown, of another count, left out
				without := slices.Delete(slices.Clone(present), i, i+1)
				lie := append(slices.Clone(absent), present[i].Key)
				slices.SortFunc(lie, func(a, b identity.Hash) int { return bytes.Compare(a[:], b[:]) })
				changed := slices.Clone(present)
				changed[i].Count++
				for name, err := range map[string]error{
					"said to be absent": VerifyMap(proof, without, lie, root),
					"another count":     VerifyMap(proof, changed, absent, root),
					"left out":          VerifyMap(proof, without, absent, root),
				} {
					if !errors.Is(err, ErrProof) {
						t.Fatalf("map %b, question %b, present %d %s: %v", held, question, i, name, err)
					}
				}
				// Nor can a prover say so who makes up a proof of the fitting shape.
				if forged := forgeAbsent(tr, asked, present[i].Key); forged != nil {
					if err := VerifyMap(forged, without, lie, root); !errors.Is(err, ErrProof) {
						t.Fatalf("map %b, question %b, present %d hidden by a witness: %v", held, question, i, err)
					}
				}
			}
		}
	}
}

// forgeAbsent shows the hidden key's own leaf as a witness.
func forgeAbsent(t trie, asked []identity.Hash, hidden identity.Hash) []byte {
	n := t.prune(asked)
	var walk func(n *MapNode, t trie)
	walk = func(n *MapNode, t trie) {
		switch {
		case n.Pruned != nil:
		case n.Left != nil:
			_, at := t.split()
			walk(n.Left, t[:at])
			walk(n.Right, t[at:])
		case t[0].Key == hidden:
			*n = MapNode{Leaf: &t[0]}
		}
	}
	walk(n, t)
	return EncodeMapProof(n)
}

func TestProofsOfLargerMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Custom(func(t *rapid.T) identity.Hash {
			if rapid.Bool().Draw(t, "near") { // keys that share long beginnings
				return smallKey(rapid.IntRange(0, 15).Draw(t, "small"))
			}
			return hash(fmt.Sprint(rapid.IntRange(0, 300).Draw(t, "n")))
		})
		keys := rapid.SliceOfNDistinct(key, 0, 120, func(k identity.Hash) identity.Hash { return k }).Draw(t, "keys")
		asked := rapid.SliceOfNDistinct(key, 1, 60, func(k identity.Hash) identity.Hash { return k }).Draw(t, "asked")
		var leaves []MapLeaf
		for i, k := range keys {
			leaves = append(leaves, testLeaf(k, i))
		}
		tr := newTrie(leaves)
		proof, present, absent := tr.prove(asked)
		if err := VerifyMap(proof, present, absent, tr.root()); err != nil {
			t.Fatal(err)
		}
		// An answer to more than was asked is refused, and so is one to less.
		more := rapid.SampledFrom([]identity.Hash{smallKey(1), hash("1"), hash("2")}).Draw(t, "more")
		if !slices.Contains(asked, more) {
			longer, _, _ := tr.prove(append(asked, more))
			if !bytes.Equal(longer, proof) {
				if err := VerifyMap(longer, present, absent, tr.root()); !errors.Is(err, ErrProof) {
					t.Fatalf("surplus: %v", err)
				}
			}
		}
		if len(proof) > 0 {
			at := rapid.IntRange(0, len(proof)-1).Draw(t, "at")
			changed := slices.Clone(proof)
			changed[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			if err := VerifyMap(changed, present, absent, tr.root()); !errors.Is(err, ErrProof) {
				t.Fatalf("byte %d changed: %v", at, err)
			}
		}
	})
}

func TestMapQuestionsMustAscend(t *testing.T) {
	a, b := testLeaf(smallKey(1), 1), testLeaf(smallKey(2), 2)
	tr := newTrie([]MapLeaf{a, b})
	proof, present, _ := tr.prove([]identity.Hash{a.Key, b.Key})
	for name, err := range map[string]error{
		"descending": VerifyMap(proof, []MapLeaf{b, a}, nil, tr.root()),
		"twice":      VerifyMap(proof, []MapLeaf{a, a}, nil, tr.root()),
		"both":       VerifyMap(proof, present, []identity.Hash{a.Key}, tr.root()),
		"absent":     VerifyMap(proof, present, []identity.Hash{smallKey(9), smallKey(8)}, tr.root()),
	} {
		if !errors.Is(err, ErrProof) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !slices.Equal(present, []MapLeaf{a, b}) {
		t.Error("VerifyMap changed its argument")
	}
}

// Keys that share more than 63 bits below a branch are hashes that somebody searched
// for: what they branch at has a byte of its own, and only they have.
func TestLongSteps(t *testing.T) {
	at := func(bits ...int) (k identity.Hash) {
		for _, bit := range bits {
			k[bit/8] |= 0x80 >> (bit % 8)
		}
		return k
	}
	for _, c := range []struct {
		keys  []identity.Hash
		first string // bytes of the proof of the first key
	}{
		{[]identity.Hash{at(), at(62)}, "bf"}, // the root is 63 beyond -1
		{[]identity.Hash{at(), at(63)}, "803f"},
		{[]identity.Hash{at(), at(255)}, "80ff"},
		{[]identity.Hash{at(255), at()}, "40ff"},
		{[]identity.Hash{at(), at(254), at(255)}, "80fe"},
	} {
		var leaves []MapLeaf
		for i, k := range c.keys {
			leaves = append(leaves, testLeaf(k, i))
		}
		tr := newTrie(leaves)
		proof, present, absent := tr.prove(c.keys[:1])
		if err := VerifyMap(proof, present, absent, tr.root()); err != nil || !strings.HasPrefix(hex.EncodeToString(proof), c.first) {
			t.Errorf("%v: %v, proof %x", c.keys, err, proof)
		}
		bit, _ := tr.split()
		switch again := slices.Concat([]byte{proof[0] &^ maxStep, byte(bit)}, proof[1:]); {
		case bit < maxStep && VerifyMap(again, present, absent, tr.root()) == nil:
			t.Errorf("bit %d is taken in a byte of its own", bit)
		case bit >= maxStep && VerifyMap(slices.Delete(slices.Clone(proof), 1, 2), present, absent, tr.root()) == nil:
			t.Errorf("bit %d is not needed", bit)
		}
	}
}

// goldenMap is a map for verifiers in other languages.
type goldenMap struct {
	Name   string           `json:"name"`
	Leaves []goldenLeaf     `json:"leaves"`
	Root   string           `json:"root"`
	Proofs []goldenMapProof `json:"proofs"`
}

type goldenLeaf struct {
	NS    trace.Namespace `json:"ns,omitempty"`
	ID    string          `json:"id,omitempty"`
	Key   identity.Hash   `json:"key"`
	Count uint64          `json:"count"`
	Head  identity.Hash   `json:"head"`
	State identity.Hash   `json:"state"`
	Hash  identity.Hash   `json:"hash"`
}

type goldenMapProof struct {
	Name     string          `json:"name"`
	Proof    string          `json:"proof"`
	Present  []goldenLeaf    `json:"present"`
	Absent   []identity.Hash `json:"absent"`
	Root     identity.Hash   `json:"root"`
	Verified bool            `json:"verified"`
}

func TestGoldenMaps(t *testing.T) {
	names := map[identity.Hash]trace.Key{}
	shown := func(l MapLeaf) goldenLeaf {
		n := names[l.Key]
		return goldenLeaf{NS: n.NS, ID: n.ID, Key: l.Key, Count: l.Count, Head: l.Head, State: l.State, Hash: l.Hash()}
	}
	var maps []goldenMap
	for _, size := range []int{0, 1, 2, 33} {
		var leaves []MapLeaf
		var asked []identity.Hash
		for i := range size + 3 {
			k := trace.Key{NS: []trace.Namespace{trace.NSItem, trace.NSLot, trace.NSRefused, trace.NSKey}[i%4], ID: fmt.Sprint("Öl ", i)}
			names[MapKey(k)] = k
			if i < size {
				leaves = append(leaves, testLeaf(MapKey(k), i))
			}
			if i < 3 || i >= size {
				asked = append(asked, MapKey(k))
			}
		}
		tr := newTrie(leaves)
		m := goldenMap{Name: fmt.Sprintf("%d keys", size), Root: tr.root().String(), Leaves: []goldenLeaf{}}
		for _, l := range tr {
			m.Leaves = append(m.Leaves, shown(l))
		}
		add := func(name string, proof []byte, present []MapLeaf, absent []identity.Hash, root identity.Hash) {
			p := goldenMapProof{Name: name, Proof: hex.EncodeToString(proof), Present: []goldenLeaf{}, Absent: append([]identity.Hash{}, absent...), Root: root,
				Verified: VerifyMap(proof, present, absent, root) == nil}
			for _, l := range present {
				p.Present = append(p.Present, shown(l))
			}
			m.Proofs = append(m.Proofs, p)
		}
		proof, present, absent := tr.prove(asked)
		add("present and absent", proof, present, absent, tr.root())
		add("another root", proof, present, absent, hash("x"))
		add("a byte behind", append(slices.Clone(proof), 3), present, absent, tr.root())
		add("one absent key not asked", proof, present, absent[1:], tr.root())
		add("nothing asked", proof, nil, nil, tr.root())
		one, p, a := tr.prove(absent[:1])
		add("one absent", one, p, a, tr.root())
		if size > 0 {
			add("cut", proof[:len(proof)-1], present, absent, tr.root())
			one, p, a = tr.prove(asked[:1])
			add("one present", one, p, a, tr.root())
			add("said to be absent", one, nil, asked[:1], tr.root())
			other := slices.Clone(p)
			other[0].Count++
			add("another count", one, other, nil, tr.root())
			add("hidden by its own leaf", forgeAbsent(tr, asked[:1], asked[0]), nil, asked[:1], tr.root())
		}
		if size > 1 {
			moved := slices.Clone(proof)
			moved[0]++
			add("a moved branch bit", moved, present, absent, tr.root())
			add("a step written long", slices.Concat([]byte{proof[0] &^ maxStep, proof[0]&maxStep - 1}, proof[1:]), present, absent, tr.root())
			add("a branch behind the last bit", slices.Concat([]byte{nodeBoth, 250, nodeBoth | 6}, proof[1:]), present, absent, tr.root())
			add("no such node", slices.Concat([]byte{0xc2}, proof[1:]), present, absent, tr.root())
			add("ends before its bit", []byte{nodeBoth}, present, absent, tr.root())
			add("descending", proof, append([]MapLeaf{present[1], present[0]}, present[2:]...), absent, tr.root())
		}
		maps = append(maps, m)
	}
	golden(t, "map.json", maps)
}

func FuzzVerifyMap(f *testing.F) {
	var leaves []MapLeaf
	for i := range 40 {
		leaves = append(leaves, testLeaf(smallKey(i%16+i/16*3), i))
	}
	tr := newTrie(slices.CompactFunc(newTrie(leaves), func(a, b MapLeaf) bool { return a.Key == b.Key }))
	root := tr.root()
	asked := []identity.Hash{smallKey(1), smallKey(2), hash("absent"), hash("too")}
	honest, present, absent := tr.prove(asked)
	f.Add(honest)
	f.Add([]byte{})
	f.Add([]byte{nodeAsked})
	f.Fuzz(func(t *testing.T, proof []byte) {
		if err := VerifyMap(proof, present, absent, root); err == nil && !bytes.Equal(proof, honest) {
			t.Fatalf("another proof passes: %x", proof)
		} else if err != nil && !errors.Is(err, ErrProof) {
			t.Fatal(err)
		}
	})
}

func BenchmarkVerifyMap(b *testing.B) {
	var leaves []MapLeaf
	for i := range 1 << 14 {
		leaves = append(leaves, testLeaf(hash(fmt.Sprint(i)), i))
	}
	tr := newTrie(leaves)
	var asked []identity.Hash
	for i := range 300 {
		asked = append(asked, hash(fmt.Sprint(i*60)))
	}
	proof, present, absent := tr.prove(asked)
	root := tr.root()
	b.ReportMetric(float64(len(proof)), "bytes")
	b.ReportAllocs()
	for b.Loop() {
		if err := VerifyMap(proof, present, absent, root); err != nil {
			b.Fatal(err)
		}
	}
}
