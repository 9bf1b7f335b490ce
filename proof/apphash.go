package proof

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/waymark-ledger/waymark/identity"
)

// appHashPrefix begins the preimage of an app hash: the byte 0x15.
const appHashPrefix = 0x15

// AppHash is what validators sign, in the header of the next block, of the state
// after block height:
//
//	SHA-256(0x15 ‖ height8 ‖ prev ‖ logSize8 ‖ logRoot ‖ mapRoot)
//
// with integers of 8 bytes big-endian and hashes of 32 bytes. prev is the app
// hash of the last block before that changed state, or the network's id for the
// first. A block that changes no state has no app hash of its own; the last one
// stays.
func AppHash(height uint64, prev identity.Hash, logSize uint64, logRoot, mapRoot identity.Hash) identity.Hash {
	var b [1 + 8 + 32 + 8 + 32 + 32]byte
	b[0] = appHashPrefix
	binary.BigEndian.PutUint64(b[1:], height)
	copy(b[9:], prev[:])
	binary.BigEndian.PutUint64(b[41:], logSize)
	copy(b[49:], logRoot[:])
	copy(b[81:], mapRoot[:])
	return sha256.Sum256(b[:])
}
