package proof

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// The bytes that begin the preimages of the authenticated map.
const (
	mapLeafPrefix  = 0x10
	mapInnerPrefix = 0x11
	mapKeyPrefix   = 0x13
	statePrefix    = 0x14
)

// The authenticated map commits, for each key of the ledger, how many entries
// touch it, which, and its state. It is a path-compressed binary trie over the
// 32-byte map keys: an inner node commits the number of the first bit in which
// the keys beneath it differ (0 is the most significant bit of byte 0), keys
// with a 0 there stand left of it. Its root depends on the set of leaves alone.
// The root of one leaf is the leaf's hash, that of no leaves 32 zero bytes.

// MapLeaf is what the map says of a key.
type MapLeaf struct {
	Key   identity.Hash // MapKey of the key
	Count uint64        // entries that touch the key
	Head  identity.Hash // RFC 6962 root over their log leaf hashes in order; EmptyLogRoot of none
	State identity.Hash // StateHash of the key's state
}

// Hash is H(0x10 ‖ key ‖ count8 ‖ head ‖ state hash).
func (l MapLeaf) Hash() identity.Hash {
	var b [1 + 32 + 8 + 32 + 32]byte
	b[0] = mapLeafPrefix
	copy(b[1:], l.Key[:])
	binary.BigEndian.PutUint64(b[33:], l.Count)
	copy(b[41:], l.Head[:])
	copy(b[73:], l.State[:])
	return sha256.Sum256(b[:])
}

// MapKey is where a key stands in the map: H(0x13 ‖ len16(ns) ‖ ns ‖ id).
// Namespaces are this project's own and far shorter than 65,536 bytes.
func MapKey(k trace.Key) identity.Hash {
	var space [192]byte // most keys: nothing is allocated for them
	b := binary.BigEndian.AppendUint16(append(space[:0], mapKeyPrefix), uint16(len(k.NS)))
	return sha256.Sum256(append(append(b, k.NS...), k.ID...))
}

// StateHash is H(0x14 ‖ state bytes); a key without a state has that of no bytes.
func StateHash(state []byte) identity.Hash {
	var space [1024]byte // most states
	return sha256.Sum256(append(append(space[:0], statePrefix), state...))
}

// MapInner is the hash of an inner node, H(0x11 ‖ bit1 ‖ left ‖ right).
func MapInner(bit byte, left, right identity.Hash) identity.Hash {
	var b [1 + 1 + 32 + 32]byte
	b[0], b[1] = mapInnerPrefix, bit
	copy(b[2:], left[:])
	copy(b[34:], right[:])
	return sha256.Sum256(b[:])
}

// MapBit is bit number n of a map key, 0 or 1; 0 is the most significant bit of
// byte 0.
func MapBit(key *identity.Hash, n byte) byte { return key[n>>3] >> (7 - n&7) & 1 }
