package proof

import (
	"fmt"
	"math/bits"

	"github.com/waymark-ledger/waymark/identity"
)

// A subset proof shows that some leaves stand at some positions of an RFC 6962
// tree, all at once. One algorithm serves the records of an envelope under its
// records root, the opened positions of a history under its head, and the
// entries of a dossier under the log root.
//
// A tree of n > 1 leaves is split as RFC 6962, section 2.1 splits it: the left
// side has the largest power of two smaller than n. The proof lists, from left
// to right, the hash of each largest subtree in which no leaf is selected. With
// one leaf selected these are the hashes of an RFC 6962 audit path, in the order
// of their places instead of from the leaf up.

// RootOf folds the root of a tree of size leaves out of the leaf hashes at the
// ascending positions at and the path of the others. Its error is an ErrProof:
// a path too long or too short, positions that do not ascend or lie outside.
// The root of no leaves is [EmptyLogRoot].
func RootOf(size uint64, at []uint64, leaves, path []identity.Hash) (identity.Hash, error) {
	if len(at) != len(leaves) {
		return identity.Hash{}, fmt.Errorf("%w: %d positions of %d leaves", ErrProof, len(at), len(leaves))
	}
	if err := checkPositions(size, at); err != nil {
		return identity.Hash{}, err
	}
	if size == 0 {
		if len(path) > 0 {
			return identity.Hash{}, fmt.Errorf("%w: %d hashes for a tree without leaves", ErrProof, len(path))
		}
		return EmptyLogRoot(), nil
	}
	f := fold{at: at, leaves: leaves, path: path}
	root, ok := f.subtree(0, size)
	if !ok {
		return identity.Hash{}, fmt.Errorf("%w: %d hashes are too few for %d of %d leaves", ErrProof, len(path), len(at), size)
	}
	if len(f.path) > 0 {
		return identity.Hash{}, fmt.Errorf("%w: %d hashes too many for %d of %d leaves", ErrProof, len(f.path), len(at), size)
	}
	return root, nil
}

// Outside visits the ranges [begin, end) of leaves whose subtree hashes make the
// path of RootOf, in its order: what a prover supplies. It ends with visit's
// first error; positions that do not ascend or lie outside are an ErrProof.
func Outside(size uint64, at []uint64, visit func(begin, end uint64) error) error {
	if err := checkPositions(size, at); err != nil || size == 0 {
		return err
	}
	return outside(0, size, &at, visit)
}

func outside(begin, end uint64, at *[]uint64, visit func(begin, end uint64) error) error {
	if len(*at) == 0 || (*at)[0] >= end {
		return visit(begin, end)
	}
	if end-begin == 1 {
		*at = (*at)[1:]
		return nil
	}
	middle := begin + leftSide(end-begin)
	if err := outside(begin, middle, at, visit); err != nil {
		return err
	}
	return outside(middle, end, at, visit)
}

// fold consumes its slices from the left while it walks the tree.
type fold struct {
	at           []uint64
	leaves, path []identity.Hash
}

// subtree is the hash of the leaves [begin, end), false when the path ends too
// early.
func (f *fold) subtree(begin, end uint64) (identity.Hash, bool) {
	if len(f.at) == 0 || f.at[0] >= end {
		if len(f.path) == 0 {
			return identity.Hash{}, false
		}
		h := f.path[0]
		f.path = f.path[1:]
		return h, true
	}
	if end-begin == 1 {
		h := f.leaves[0]
		f.at, f.leaves = f.at[1:], f.leaves[1:]
		return h, true
	}
	middle := begin + leftSide(end-begin)
	left, ok := f.subtree(begin, middle)
	if !ok {
		return identity.Hash{}, false
	}
	right, ok := f.subtree(middle, end)
	if !ok {
		return identity.Hash{}, false
	}
	return NodeHash(left, right), true
}

func checkPositions(size uint64, at []uint64) error {
	for i, p := range at {
		if p >= size {
			return fmt.Errorf("%w: position %d of %d leaves", ErrProof, p, size)
		}
		if i > 0 && p <= at[i-1] {
			return fmt.Errorf("%w: position %d after %d", ErrProof, p, at[i-1])
		}
	}
	return nil
}

// leftSide is the largest power of two smaller than n, for n > 1.
func leftSide(n uint64) uint64 { return 1 << (bits.Len64(n-1) - 1) }
