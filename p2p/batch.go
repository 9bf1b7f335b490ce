package p2p

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"github.com/waymark-ledger/waymark/identity"
)

// Limits of a gossip message. A wire is one envelope's encoding.
const (
	// MaxWireBytes is the largest wire that can be gossiped.
	MaxWireBytes = identity.MaxEnvelopeBytes
	// MaxBatchWires is how many wires a message holds at most.
	MaxBatchWires = 4096
	// MaxMessageBytes is the largest message: one wire of the largest size and
	// the framing around it.
	MaxMessageBytes = MaxWireBytes + 64
)

var errNotCanonical = errors.New("not in canonical form")

// batch is the one message of the gossip topic, a CBOR array of two in
// deterministic encoding (RFC 8949, section 4.2.1).
type batch struct {
	_ struct{} `cbor:",toarray"`
	// Attempt tells a message that is gossiped again from the one before, whose
	// id peers still remember.
	Attempt uint32
	Wires   [][]byte
}

func (b *batch) encode() ([]byte, error) {
	out, err := batchEncoding.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode a batch: %w", err)
	}
	return out, nil
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

// decodeBatch reads a message of a peer. It refuses whatever encode would not
// have written.
func decodeBatch(data []byte) (*batch, error) {
	if len(data) > MaxMessageBytes {
		return nil, fmt.Errorf("decode a batch: %d bytes, at most %d", len(data), MaxMessageBytes)
	}
	var b batch
	if err := batchDecoding.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("decode a batch: %w", err)
	}
	if len(b.Wires) == 0 {
		return nil, errors.New("decode a batch: empty")
	}
	for _, w := range b.Wires {
		if len(w) == 0 || len(w) > MaxWireBytes {
			return nil, fmt.Errorf("decode a batch: a wire of %d bytes", len(w))
		}
	}
	// The decoder takes longer heads and an array for a byte string. Encoding
	// again costs a copy, and leaves one form of a batch.
	canonical, err := b.encode()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(canonical, data) {
		return nil, fmt.Errorf("decode a batch: %w", errNotCanonical)
	}
	return &b, nil
}

// batchEncoding and batchDecoding are never written after initialisation.
var (
	batchEncoding = func() cbor.EncMode {
		m, err := cbor.CoreDetEncOptions().EncMode()
		if err != nil {
			panic(err)
		}
		return m
	}()
	batchDecoding = func() cbor.DecMode {
		m, err := cbor.DecOptions{
			IndefLength:      cbor.IndefLengthForbidden,
			TagsMd:           cbor.TagsForbidden,
			MaxArrayElements: MaxBatchWires,
			MaxNestedLevels:  4,
		}.DecMode()
		if err != nil {
			panic(err)
		}
		return m
	}()
)
