package proof

import (
	"errors"
	"fmt"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/waymark-ledger/waymark/identity"
)

// ErrProof: a proof does not lead to the root it was given for.
var ErrProof = errors.New("proof does not verify")

// LeafHash is the RFC 6962 leaf hash of an encoded entry, H(0x00 ‖ entry): a
// leaf of the log. An entry's index in the log is its Seq.
func LeafHash(entry []byte) identity.Hash { return identity.LeafHash(entry) }

// NodeHash is the RFC 6962 hash of an inner node, H(0x01 ‖ left ‖ right).
func NodeHash(left, right identity.Hash) identity.Hash { return identity.NodeHash(left, right) }

// EmptyLogRoot is the root of a log without entries: the hash of nothing.
func EmptyLogRoot() identity.Hash { return identity.TreeRoot(nil) }

// VerifyInclusion checks that the encoded entry is leaf number index of the log
// with size leaves and this root (RFC 6962, section 2.1.1). path goes from the
// leaf up. Its error is an ErrProof.
func VerifyInclusion(entry []byte, index, size uint64, path []identity.Hash, root identity.Hash) error {
	leaf := LeafHash(entry)
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, leaf[:], slicesOf(path), root[:]); err != nil {
		return fmt.Errorf("%w: entry %d in a log of %d: %w", ErrProof, index, size, inOneLine(err))
	}
	return nil
}

// VerifyRecord checks that the record is number index of the count records
// under an envelope's records root. Its error is an ErrProof.
func VerifyRecord(record []byte, index, count uint32, path []identity.Hash, recordsRoot identity.Hash) error {
	leaf := identity.RecordHash(record)
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(count), leaf[:], slicesOf(path), recordsRoot[:]); err != nil {
		return fmt.Errorf("%w: record %d of %d in its envelope: %w", ErrProof, index, count, inOneLine(err))
	}
	return nil
}

// VerifyConsistency checks that the log of size to with root toRoot begins with
// the log of size from with root fromRoot (RFC 6962, section 2.1.2). Every log
// begins with the empty one, whose root is EmptyLogRoot. Its error is an
// ErrProof.
func VerifyConsistency(from, to uint64, path []identity.Hash, fromRoot, toRoot identity.Hash) error {
	if from == 0 && fromRoot != EmptyLogRoot() {
		return fmt.Errorf("%w: the root of an empty log is not %s", ErrProof, fromRoot)
	}
	if err := proof.VerifyConsistency(rfc6962.DefaultHasher, from, to, slicesOf(path), fromRoot[:], toRoot[:]); err != nil {
		return fmt.Errorf("%w: log of %d in log of %d: %w", ErrProof, from, to, inOneLine(err))
	}
	return nil
}

// inOneLine writes roots that differ in hexadecimal; the library has each byte's
// number, on lines of their own.
func inOneLine(err error) error {
	if r, ok := errors.AsType[proof.RootMismatchError](err); ok {
		return fmt.Errorf("it leads to root %x, not to %x", r.CalculatedRoot, r.ExpectedRoot)
	}
	return err
}

func slicesOf(path []identity.Hash) [][]byte {
	s := make([][]byte, len(path))
	for i := range path {
		s[i] = path[i][:]
	}
	return s
}
