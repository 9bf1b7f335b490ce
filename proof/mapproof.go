package proof

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/identity"
)

// A map proof is a copy of the trie, pruned to the searches for the keys asked
// about, in pre-order. Each node begins with one byte that says what follows:
//
//	0x00 + step L R             an inner node, both sides copied
//	0x40 + step hash(left) R    an inner node, its left side pruned
//	0x80 + step hash(right) L   an inner node, its right side pruned
//	0xc0                        the leaf of a present key that was asked about
//	0xc1 key count8 head state  a leaf of another key, where the search for an absent one ends
//
// The step, 1 to 63, is by how much the node's bit is greater than that of the
// node above; the bit above the root is -1. Where it is greater by more, the step
// is 0 and the bit itself follows in one byte: hashes share so much only where
// somebody searched for them.
//
// The search for a key follows the key's bit at each inner node. It ends at the
// key's own leaf, or at another's: then the key is absent. The data of a 0xc0
// leaf are the verifier's: the first is that of the first present key in
// ascending order, and so on. For one set of keys and one map there is one
// proof. That of the empty map has no bytes.
const (
	nodeBoth    = 0x00
	nodeRight   = 0x40 // only the right side follows
	nodeLeft    = 0x80 // only the left side follows
	nodeAsked   = 0xc0
	nodeWitness = 0xc1

	maxStep = 0x3f // in the first byte of an inner node
)

// MapNode is a node of a pruned trie as a prover builds it. It is one of three:
// a pruned subtree (Pruned is its hash), a leaf (Asked for one that was asked
// about, else Leaf), or an inner node (Bit, Left, Right).
type MapNode struct {
	Bit         byte
	Left, Right *MapNode
	Pruned      *identity.Hash
	Leaf        *MapLeaf
	Asked       bool
}

// EncodeMapProof writes a pruned trie; nil is the empty map. The root and at
// least one side of each inner node are not pruned.
func EncodeMapProof(root *MapNode) []byte {
	if root == nil {
		return nil
	}
	return appendMapNode(nil, -1, root)
}

// appendMapNode appends a node beneath one that branches at the bit above.
func appendMapNode(b []byte, above int, n *MapNode) []byte {
	switch {
	case n.Asked:
		return append(b, nodeAsked)
	case n.Leaf != nil:
		b = append(append(b, nodeWitness), n.Leaf.Key[:]...)
		b = binary.BigEndian.AppendUint64(b, n.Leaf.Count)
		return append(append(b, n.Leaf.Head[:]...), n.Leaf.State[:]...)
	case n.Left.Pruned != nil:
		b = append(appendBranch(b, nodeRight, above, n.Bit), n.Left.Pruned[:]...)
		return appendMapNode(b, int(n.Bit), n.Right)
	case n.Right.Pruned != nil:
		b = append(appendBranch(b, nodeLeft, above, n.Bit), n.Right.Pruned[:]...)
		return appendMapNode(b, int(n.Bit), n.Left)
	}
	b = appendMapNode(appendBranch(b, nodeBoth, above, n.Bit), int(n.Bit), n.Left)
	return appendMapNode(b, int(n.Bit), n.Right)
}

// appendBranch begins an inner node.
func appendBranch(b []byte, sides byte, above int, bit byte) []byte {
	if step := int(bit) - above; step <= maxStep {
		return append(b, sides|byte(step))
	}
	return append(b, sides, bit)
}

// VerifyMap checks that the map with this root holds exactly the present leaves
// among the keys asked about, and none of the absent keys. Both lists ascend by
// key and together are not empty. It refuses what the answer does not need: a
// witness at which no absent key's search ends, a subtree with nothing asked
// beneath, bytes behind the proof. Its error is an ErrProof.
func VerifyMap(proof []byte, present []MapLeaf, absent []identity.Hash, root identity.Hash) error {
	if err := checkAsked(present, absent); err != nil {
		return err
	}
	if len(proof) == 0 {
		if len(present) > 0 || root != (identity.Hash{}) {
			return fmt.Errorf("%w: the map is not empty", ErrProof)
		}
		return nil
	}
	// The lists are partitioned in place on the way down.
	r := mapReader{rest: proof}
	got, err := r.node(-1, slices.Clone(present), slices.Clone(absent))
	if err != nil {
		return err
	}
	if len(r.rest) > 0 {
		return fmt.Errorf("%w: %d bytes behind the map proof", ErrProof, len(r.rest))
	}
	if got != root {
		return fmt.Errorf("%w: the map proof leads to %s, not to %s", ErrProof, got, root)
	}
	return nil
}

func checkAsked(present []MapLeaf, absent []identity.Hash) error {
	if len(present)+len(absent) == 0 {
		return fmt.Errorf("%w: a map proof of nothing", ErrProof)
	}
	for i := range present {
		if i > 0 && bytes.Compare(present[i-1].Key[:], present[i].Key[:]) >= 0 {
			return fmt.Errorf("%w: present keys do not ascend", ErrProof)
		}
	}
	for i := range absent {
		if i > 0 && bytes.Compare(absent[i-1][:], absent[i][:]) >= 0 {
			return fmt.Errorf("%w: absent keys do not ascend", ErrProof)
		}
	}
	return nil
}

type mapReader struct{ rest []byte }

// node reads one node and returns its hash. present and absent are the keys
// whose search reaches it, at least one; above is the bit of the node above.
func (r *mapReader) node(above int, present []MapLeaf, absent []identity.Hash) (identity.Hash, error) {
	first, err := r.take(1)
	if err != nil {
		return identity.Hash{}, err
	}
	switch first[0] {
	default:
		return r.inner(first[0], above, present, absent)
	case nodeAsked:
		if len(present) != 1 {
			return identity.Hash{}, fmt.Errorf("%w: %d present keys at one leaf", ErrProof, len(present))
		}
		if slices.Contains(absent, present[0].Key) {
			return identity.Hash{}, fmt.Errorf("%w: key %s is present and absent", ErrProof, present[0].Key)
		}
		return present[0].Hash(), nil
	case nodeWitness:
		return r.witness(present, absent)
	}
}

func (r *mapReader) inner(first byte, above int, present []MapLeaf, absent []identity.Hash) (identity.Hash, error) {
	none := identity.Hash{}
	sides := first &^ maxStep
	if sides == nodeAsked {
		return none, fmt.Errorf("%w: a map node cannot begin with 0x%02x", ErrProof, first)
	}
	bit, err := r.bit(first&maxStep, above)
	if err != nil {
		return none, err
	}
	lp, rp := partition(present, func(l *MapLeaf) byte { return MapBit(&l.Key, bit) })
	la, ra := partition(absent, func(k *identity.Hash) byte { return MapBit(k, bit) })
	askedLeft, askedRight := len(lp)+len(la) > 0, len(rp)+len(ra) > 0
	if askedLeft != (sides != nodeRight) || askedRight != (sides != nodeLeft) {
		return none, fmt.Errorf("%w: node 0x%02x at bit %d does not copy the sides that are asked about", ErrProof, first, bit)
	}
	var left, right, pruned identity.Hash
	if sides != nodeBoth {
		h, err := r.take(len(pruned))
		if err != nil {
			return none, err
		}
		copy(pruned[:], h)
	}
	left, right = pruned, pruned
	if sides != nodeRight {
		if left, err = r.node(int(bit), lp, la); err != nil {
			return none, err
		}
	}
	if sides != nodeLeft {
		if right, err = r.node(int(bit), rp, ra); err != nil {
			return none, err
		}
	}
	return MapInner(bit, left, right), nil
}

// bit reads at which bit an inner node branches.
func (r *mapReader) bit(step byte, above int) (byte, error) {
	bit := above + int(step)
	if step == 0 {
		b, err := r.take(1)
		if err != nil {
			return 0, err
		}
		if bit = int(b[0]); bit <= above+maxStep {
			return 0, fmt.Errorf("%w: bit %d beneath bit %d is no long step", ErrProof, bit, above)
		}
	}
	if bit >= 8*len(identity.Hash{}) {
		return 0, fmt.Errorf("%w: a branch at bit %d of a key", ErrProof, bit)
	}
	return byte(bit), nil
}

func (r *mapReader) witness(present []MapLeaf, absent []identity.Hash) (identity.Hash, error) {
	b, err := r.take(32 + 8 + 32 + 32)
	if err != nil {
		return identity.Hash{}, err
	}
	l := MapLeaf{Key: identity.Hash(b[:32]), Count: binary.BigEndian.Uint64(b[32:40]), Head: identity.Hash(b[40:72]), State: identity.Hash(b[72:])}
	if len(present) > 0 {
		return identity.Hash{}, fmt.Errorf("%w: the search for present key %s ends at %s", ErrProof, present[0].Key, l.Key)
	}
	if slices.Contains(absent, l.Key) {
		return identity.Hash{}, fmt.Errorf("%w: absent key %s is present", ErrProof, l.Key)
	}
	return l.Hash(), nil
}

func (r *mapReader) take(n int) ([]byte, error) {
	if len(r.rest) < n {
		return nil, fmt.Errorf("%w: the map proof ends too early", ErrProof)
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b, nil
}

// partition splits s in place into the elements whose side is 0 and those whose
// side is 1, each in their old order. Absent keys that reach a node need not
// agree in the bits that the trie skipped, so the sides are not ranges of the
// sorted list.
func partition[T any](s []T, side func(*T) byte) (left, right []T) {
	n := 0
	for i := range s {
		if side(&s[i]) == 1 {
			right = append(right, s[i])
			continue
		}
		s[n] = s[i]
		n++
	}
	return s[:n], right
}
