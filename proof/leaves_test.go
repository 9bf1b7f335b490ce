package proof

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/merkle/testonly"
	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/identity"
)

// tree is a slow reference: leaves in memory, each subtree hashed anew from the
// text of RFC 6962, section 2.1.
type tree []identity.Hash

func newTree(size uint64) tree {
	t := make(tree, size)
	for i := range t {
		t[i] = LeafHash([]byte(fmt.Sprintf("leaf %d", i)))
	}
	return t
}

func (t tree) root() identity.Hash {
	switch len(t) {
	case 0:
		return EmptyLogRoot()
	case 1:
		return t[0]
	}
	k := 1
	for k*2 < len(t) {
		k *= 2
	}
	return NodeHash(t[:k].root(), t[k:].root())
}

// prove is the prover of the tests.
func (t tree) prove(at []uint64) (leaves, path []identity.Hash) {
	if err := Outside(uint64(len(t)), at, func(begin, end uint64) error {
		path = append(path, t[begin:end].root())
		return nil
	}); err != nil {
		panic(err)
	}
	for _, p := range at {
		leaves = append(leaves, t[p])
	}
	return leaves, path
}

func positions(size, set uint64) (at []uint64) {
	for i := range size {
		if set>>i&1 == 1 {
			at = append(at, i)
		}
	}
	return at
}

// Every subset of every tree of up to 9 leaves, and what is wrong with it after
// one change.
func TestSubsetsOfSmallTrees(t *testing.T) {
	for size := uint64(0); size <= 9; size++ {
		tr := newTree(size)
		root := tr.root()
		for set := range uint64(1) << size {
			at := positions(size, set)
			leaves, path := tr.prove(at)
			if got, err := RootOf(size, at, leaves, path); err != nil || got != root {
				t.Fatalf("%v of %d: %v, %v", at, size, got, err)
			}
			long := append(slices.Clone(path), hash("x"))
			if _, err := RootOf(size, at, leaves, long); !errors.Is(err, ErrProof) {
				t.Fatalf("%v of %d, a path too long: %v", at, size, err)
			}
			if len(path) > 0 {
				if _, err := RootOf(size, at, leaves, path[:len(path)-1]); !errors.Is(err, ErrProof) {
					t.Fatalf("%v of %d, a path too short: %v", at, size, err)
				}
			}
			for i := range path {
				other := slices.Clone(path)
				other[i] = hash("x")
				if got, err := RootOf(size, at, leaves, other); err != nil || got == root {
					t.Fatalf("%v of %d, hash %d changed: %v, %v", at, size, i, got, err)
				}
			}
			for i := range leaves {
				other := slices.Clone(leaves)
				other[i] = hash("x")
				if got, err := RootOf(size, at, other, path); err != nil || got == root {
					t.Fatalf("%v of %d, leaf %d changed: %v, %v", at, size, i, got, err)
				}
			}
			// The same leaves at other places, or in a tree of another size.
			for elsewhere := range uint64(1) << size {
				if elsewhere == set {
					continue
				}
				if p := positions(size, elsewhere); len(p) == len(at) {
					if got, err := RootOf(size, p, leaves, path); err == nil && got == root {
						t.Fatalf("%v of %d passes at %v", at, size, p)
					}
				}
			}
		}
	}
}

// With one leaf selected the path is the RFC's own, in another order.
func TestSubsetOfOneIsTheAuditPath(t *testing.T) {
	reference := testonly.New(rfc6962.DefaultHasher)
	for i := range 40 {
		reference.AppendData([]byte(fmt.Sprintf("leaf %d", i)))
	}
	for size := uint64(1); size <= 40; size++ {
		tr := newTree(size)
		for i := range size {
			_, path := tr.prove([]uint64{i})
			p, err := reference.InclusionProof(i, size)
			if err != nil {
				t.Fatal(err)
			}
			audit := hashes(p)
			byHash := func(a, b identity.Hash) int { return slices.Compare(a[:], b[:]) }
			slices.SortFunc(audit, byHash)
			slices.SortFunc(path, byHash)
			if !slices.Equal(audit, path) {
				t.Fatalf("%d of %d", i, size)
			}
		}
	}
}

func TestSubsetsOfLargerTrees(t *testing.T) {
	trees := map[uint64]tree{}
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.Uint64Range(1, 400).Draw(t, "size")
		if trees[size] == nil {
			trees[size] = newTree(size)
		}
		at := rapid.SliceOfDistinct(rapid.Uint64Range(0, size-1), func(p uint64) uint64 { return p }).Draw(t, "at")
		slices.Sort(at)
		leaves, path := trees[size].prove(at)
		got, err := RootOf(size, at, leaves, path)
		if err != nil || got != trees[size].root() {
			t.Fatalf("%v, %v", got, err)
		}
		covered := uint64(len(at))
		if err := Outside(size, at, func(begin, end uint64) error { covered += end - begin; return nil }); err != nil || covered != size {
			t.Fatalf("%d of %d leaves covered, %v", covered, size, err)
		}
	})
}

func TestSubsetRefusesBadPositions(t *testing.T) {
	l := []identity.Hash{hash("a"), hash("b")}
	for _, at := range [][]uint64{{1, 0}, {1, 1}, {0, 4}, {4, 5}, {0, math.MaxUint64}} {
		if _, err := RootOf(4, at, l, nil); !errors.Is(err, ErrProof) {
			t.Errorf("%v: %v", at, err)
		}
		if err := Outside(4, at, func(_, _ uint64) error { return nil }); !errors.Is(err, ErrProof) {
			t.Errorf("%v: %v", at, err)
		}
	}
	if _, err := RootOf(4, []uint64{0}, l, nil); !errors.Is(err, ErrProof) {
		t.Errorf("more leaves than positions: %v", err)
	}
	if _, err := RootOf(0, nil, nil, l); !errors.Is(err, ErrProof) {
		t.Errorf("a path of no leaves: %v", err)
	}
	// The size is the other side's word: it must cost nothing.
	if _, err := RootOf(math.MaxUint64, []uint64{0, math.MaxUint64 - 1}, l, nil); !errors.Is(err, ErrProof) {
		t.Errorf("a tree of 2^64-1: %v", err)
	}
}

// goldenSubset is a case for verifiers in other languages: the root, or "" where
// the proof is refused.
type goldenSubset struct {
	Name   string          `json:"name"`
	Size   uint64          `json:"size"`
	At     []uint64        `json:"at"`
	Leaves []identity.Hash `json:"leaves"`
	Path   []identity.Hash `json:"path"`
	Root   string          `json:"root"`
}

func TestGoldenSubsets(t *testing.T) {
	var cases []goldenSubset
	add := func(name string, size uint64, at []uint64, leaves, path []identity.Hash) {
		c := goldenSubset{Name: name, Size: size, At: append([]uint64{}, at...), Leaves: append([]identity.Hash{}, leaves...), Path: append([]identity.Hash{}, path...)}
		if root, err := RootOf(size, at, leaves, path); err == nil {
			c.Root = root.String()
		}
		cases = append(cases, c)
	}
	for _, c := range []struct {
		size uint64
		at   []uint64
	}{{0, nil}, {1, nil}, {1, []uint64{0}}, {2, []uint64{1}}, {3, []uint64{2}}, {7, []uint64{0, 3, 6}}, {8, []uint64{2, 3}},
		{13, []uint64{4, 5, 6, 7, 12}}, {100, []uint64{0, 1, 50, 63, 64, 99}}, {1000, nil}} {
		leaves, path := newTree(c.size).prove(c.at)
		add(fmt.Sprintf("%v of %d", c.at, c.size), c.size, c.at, leaves, path)
	}
	leaves, path := newTree(13).prove([]uint64{4, 12})
	add("a hash too few", 13, []uint64{4, 12}, leaves, path[:len(path)-1])
	add("a hash too many", 13, []uint64{4, 12}, leaves, append(slices.Clone(path), hash("x")))
	add("positions descend", 13, []uint64{12, 4}, leaves, path)
	add("a position twice", 13, []uint64{4, 4}, leaves, path)
	add("a position outside", 13, []uint64{4, 13}, leaves, path)
	add("a leaf too few", 13, []uint64{4, 12}, leaves[:1], path)
	add("other positions lead to another root", 13, []uint64{5, 12}, leaves, path)
	add("a path for nothing", 0, nil, nil, path[:1])
	golden(t, "subset.json", cases)
}

func BenchmarkRootOf(b *testing.B) {
	tr := newTree(1 << 14)
	var at []uint64
	for i := range uint64(120) {
		at = append(at, i*130)
	}
	leaves, path := tr.prove(at)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := RootOf(1<<14, at, leaves, path); err != nil {
			b.Fatal(err)
		}
	}
}
