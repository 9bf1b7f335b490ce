package identity

import "crypto/sha256"

// LeafHash is the RFC 6962 hash of a leaf, H(0x00 ‖ b) (section 2.1).
func LeafHash(b []byte) Hash {
	var space [2048]byte // most records and all entries
	return sha256.Sum256(append(append(space[:0], 0x00), b...))
}

// NodeHash is the RFC 6962 hash of an inner node, H(0x01 ‖ left ‖ right).
func NodeHash(left, right Hash) Hash {
	var b [1 + 32 + 32]byte // on the stack: proofs fold thousands of these
	b[0] = 0x01
	copy(b[1:], left[:])
	copy(b[33:], right[:])
	return sha256.Sum256(b[:])
}

// TreeRoot is the RFC 6962 root over leaf hashes, of which it makes use as its memory;
// of none it is the hash of nothing. Pairing the leaves level by level, an odd last one
// going up as it is, gives the tree of section 2.1.
func TreeRoot(leaves []Hash) Hash {
	if len(leaves) == 0 {
		return sha256.Sum256(nil)
	}
	for n := len(leaves); n > 1; n = (n + 1) / 2 {
		for i := 0; i+1 < n; i += 2 {
			leaves[i/2] = NodeHash(leaves[i], leaves[i+1])
		}
		if n&1 == 1 {
			leaves[n/2] = leaves[n-1]
		}
	}
	return leaves[0]
}
