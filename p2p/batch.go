package p2p

import (
	"errors"
	"fmt"
	"math"

	"github.com/fxamacker/cbor/v2"
	"github.com/klauspost/compress/s2"

	"github.com/waymark-ledger/waymark/identity"
)

// Limits of a gossip message. A wire is one envelope's encoding.
const (
	// MaxWireBytes is the largest wire that can be gossiped.
	MaxWireBytes = identity.MaxEnvelopeBytes
	// MaxBatchWires is how many wires a message holds at most.
	MaxBatchWires = 4096
	// MaxMessageBytes is the largest message: one wire of the largest size, the
	// framing around it, and what packing adds to what it cannot make smaller.
	MaxMessageBytes = maxBatchBytes + 64

	maxBatchBytes = MaxWireBytes + 64 // unpacked
)

var errNotCanonical = errors.New("not in canonical form")

// batch is what the one message of the gossip topic holds, a CBOR array of two in
// deterministic encoding (RFC 8949, section 4.2.1).
type batch struct {
	_ struct{} `cbor:",toarray"`
	// Attempt tells a message that is gossiped again from the one before, whose
	// id peers still remember.
	Attempt uint32
	Wires   [][]byte

	unpacked int // bytes that the wires of a peer's are parts of
}

func (b *batch) encode() ([]byte, error) {
	out, err := batchEncoding.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode a batch: %w", err)
	}
	return out, nil
}

// pack makes the message, one S2 block over the encoding, as [Unpack] reads it: events of
// one member resemble each other, so that links carry a fifth to a tenth of their bytes.
func (b *batch) pack() ([]byte, error) {
	data, err := b.encode()
	if err != nil {
		return nil, err
	}
	return s2.Encode(nil, data), nil
}

// wireBytes is what a wire of n bytes adds to a batch.
func wireBytes(n int) int { return headBytes(uint64(n)) + n }

// headBytes is the length of the shortest CBOR head with argument n.
func headBytes(n uint64) int {
	switch {
	case n < 24:
		return 1
	case n <= 0xff:
		return 2
	case n <= 0xffff:
		return 3
	case n <= 0xffffffff:
		return 5
	default:
		return 9
	}
}

// unpackBatch reads a message of a peer, however it is packed. The wires alias one piece
// of memory.
func unpackBatch(message []byte) (*batch, error) {
	if len(message) > MaxMessageBytes {
		return nil, fmt.Errorf("unpack a batch: %d bytes, at most %d", len(message), MaxMessageBytes)
	}
	data, err := Unpack(nil, message, maxBatchBytes)
	if err != nil {
		return nil, fmt.Errorf("unpack a batch: %w", err)
	}
	return decodeBatch(data)
}

// Unpack unpacks one S2 block (github.com/klauspost/compress/s2, without a dictionary)
// into the memory of into, or into new memory where that has no room. What says that it
// unpacks to more than limit bytes is not begun.
func Unpack(into, block []byte, limit int) ([]byte, error) {
	n, err := s2.DecodedLen(block)
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, fmt.Errorf("it unpacks to %d bytes, at most %d", n, limit)
	}
	return s2.Decode(into[:cap(into)], block)
}

// decodeBatch refuses whatever encode would not have written. The wires alias data.
func decodeBatch(data []byte) (*batch, error) {
	r := batchReader{rest: data}
	fields, attempt, count := r.head(majorArray), r.head(majorUint), r.head(majorArray)
	if r.bad || fields != 2 || attempt > math.MaxUint32 || count > MaxBatchWires {
		return nil, fmt.Errorf("decode a batch: %w", errNotCanonical)
	}
	if count == 0 {
		return nil, errors.New("decode a batch: empty")
	}
	b := &batch{Attempt: uint32(attempt), Wires: make([][]byte, count), unpacked: len(data)}
	for i := range b.Wires {
		n := r.head(majorBytes)
		if r.bad || n > uint64(len(r.rest)) {
			return nil, fmt.Errorf("decode a batch: %w", errNotCanonical)
		}
		if n == 0 || n > MaxWireBytes {
			return nil, fmt.Errorf("decode a batch: a wire of %d bytes", n)
		}
		b.Wires[i], r.rest = r.rest[:n:n], r.rest[n:]
	}
	if len(r.rest) > 0 {
		return nil, fmt.Errorf("decode a batch: %w", errNotCanonical)
	}
	return b, nil
}

// Major types of CBOR (RFC 8949, section 3.1).
const (
	majorUint  = 0
	majorBytes = 2
	majorArray = 4
)

// batchReader reads the heads of a batch. A library would copy the wires, and
// take longer heads and an array of numbers for a byte string, so that the
// batch had to be encoded again to compare.
type batchReader struct {
	rest []byte
	bad  bool
}

// head reads the shortest head of an item of this major type and returns its
// argument. Any other head makes the reader bad.
func (r *batchReader) head(major byte) uint64 {
	if r.bad || len(r.rest) == 0 || r.rest[0]>>5 != major {
		r.bad = true
		return 0
	}
	n, size := uint64(r.rest[0]&0x1f), 0
	switch {
	case n > 27:
		r.bad = true // reserved, or an indefinite length
		return 0
	case n > 23:
		size, n = 1<<(n-24), 0
	}
	if len(r.rest) < 1+size {
		r.bad = true
		return 0
	}
	for _, b := range r.rest[1 : 1+size] {
		n = n<<8 | uint64(b)
	}
	r.rest = r.rest[1+size:]
	r.bad = headBytes(n) != 1+size
	return n
}

// batchEncoding is never written after initialisation.
var batchEncoding = func() cbor.EncMode {
	m, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	return m
}()
