//waymark:deterministic

package node

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/klauspost/compress/s2"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/p2p"
)

// A block's transaction is a batch of envelopes: the byte txBatch, then one S2 block, as
// [p2p.Unpack] reads it. Unpacked that is, for each envelope, the length of its wire as
// four bytes, big-endian, and the wire. Events of one member resemble each other, so that
// the engine carries, hashes, encrypts and stores a fifth to a tenth of their bytes, and
// accounts for a few transactions a block. How a batch is packed binds nobody: what counts
// are the wires in it.
//
// A transaction that begins with another byte is the wire of one envelope, as it is:
// what blocks had before they had batches.
const txBatch = 1

const (
	batchHead = 4 // bytes before each wire
	// batchBytes is the most that a batch unpacks to: the largest envelope has room.
	batchBytes = identity.MaxEnvelopeBytes + batchHead
	// batchMargin is what a batch takes at most, packed and as a field of the block,
	// beside the wires and their heads.
	batchMargin = 64
)

var errBatch = errors.New("no batch of envelopes")

// wire is an envelope's wire bytes and their SHA-256.
type wire struct {
	hash  identity.Hash
	bytes []byte
}

func newWire(bytes []byte) wire { return wire{identity.WireHash(bytes), bytes} }

// batches packs and unpacks transactions. It belongs to the consensus connection.
type batches struct {
	known        func(bytes []byte) wire // what is known of such bytes, or a wire with a copy of them
	open, packed []byte                  // memory that is used again

	// What the last proposal's transactions hold, by their SHA-256, and the one's
	// before: wires are unpacked and hashed once for a proposal and its block.
	last, before map[identity.Hash][]wire
}

// begin forgets all proposals but the last.
func (b *batches) begin() { b.last, b.before = map[identity.Hash][]wire{}, b.last }

// forget forgets all proposals.
func (b *batches) forget() { b.last, b.before = nil, nil }

// pack makes a proposal of wires, in order, each of at most the largest size.
func (b *batches) pack(wires []wire) (txs [][]byte) {
	b.begin()
	from := 0
	seal := func(to int) {
		b.packed = slices.Grow(b.packed[:0], 1+s2.MaxEncodedLen(len(b.open)))
		b.packed = append(b.packed, txBatch)
		n := len(s2.Encode(b.packed[1:cap(b.packed)], b.open))
		tx := bytes.Clone(b.packed[:1+n])
		b.last[sha256.Sum256(tx)] = wires[from:to]
		txs = append(txs, tx)
		b.open, from = b.open[:0], to
	}
	for i, w := range wires {
		if len(b.open) > 0 && len(b.open)+batchHead+len(w.bytes) > batchBytes {
			seal(i)
		}
		b.open = binary.BigEndian.AppendUint32(b.open, uint32(len(w.bytes)))
		b.open = append(b.open, w.bytes...)
	}
	if len(b.open) > 0 {
		seal(len(wires))
	}
	return txs
}

// unpack returns the wires of a transaction of the proposal that was begun, or of a
// decided block: at least one. errBatch is for what is no batch.
func (b *batches) unpack(tx []byte) ([]wire, error) {
	hash := identity.Hash(sha256.Sum256(tx))
	if wires, ok := b.last[hash]; ok {
		return wires, nil
	}
	wires, ok := b.before[hash]
	if !ok {
		var err error
		if wires, err = b.read(hash, tx); err != nil {
			return nil, err
		}
	}
	if b.last != nil {
		b.last[hash] = wires
	}
	return wires, nil
}

// read reads a transaction; hash is its SHA-256. Most of its wires have come by gossip,
// and are taken from there.
func (b *batches) read(hash identity.Hash, tx []byte) ([]wire, error) {
	if !isBatch(tx) {
		return []wire{{hash, tx}}, nil
	}
	rest, err := p2p.Unpack(b.open, tx[1:], batchBytes)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errBatch, err)
	}
	b.open = rest[:0]
	var wires []wire
	for len(rest) > 0 {
		if len(rest) < batchHead {
			return nil, fmt.Errorf("%w: %d bytes too many", errBatch, len(rest))
		}
		n := binary.BigEndian.Uint32(rest)
		rest = rest[batchHead:]
		if uint64(n) > uint64(len(rest)) {
			return nil, fmt.Errorf("%w: an envelope of %d bytes, %d are left", errBatch, n, len(rest))
		}
		wires, rest = append(wires, b.known(rest[:n:n])), rest[n:]
	}
	if len(wires) == 0 {
		return nil, fmt.Errorf("%w: it is empty", errBatch)
	}
	return wires, nil
}

// isBatch tells a batch from an envelope's wire.
func isBatch(tx []byte) bool { return len(tx) > 0 && tx[0] == txBatch }

// batchesMargin bounds what batches take, in a block with room for so many bytes,
// beside the wires and their heads: two that follow each other hold more than one may.
func batchesMargin(room int64) int64 { return (2*room/batchBytes + 1) * batchMargin }
