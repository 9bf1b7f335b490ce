package identity

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/ethereum/go-ethereum/common"
)

// Hash is a SHA-256 hash, or the Keccak-256 digest of EIP-712 where it is an
// envelope's id. Its text form is 64 lower-case hex digits.
type Hash [32]byte

// String is the hash as 64 lower-case hex digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes 64 lower-case hex digits.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads 64 hex digits.
func (h *Hash) UnmarshalText(b []byte) error { return decodeHex(h[:], b) }

// ParseHash reads 64 hex digits, with or without 0x before them.
func ParseHash(s string) (h Hash, err error) {
	err = decodeHex(h[:], trim0x(s))
	return h, err
}

// Network names a network: the SHA-256 of its genesis document, computed with
// the chain id blank. Its text form is 64 lower-case hex digits.
type Network [32]byte

// String is the network as 64 lower-case hex digits.
func (n Network) String() string { return hex.EncodeToString(n[:]) }

// ChainID is the name that the consensus engine knows the network by: the first
// 40 hex digits.
func (n Network) ChainID() string { return hex.EncodeToString(n[:20]) }

// MarshalText writes 64 lower-case hex digits.
func (n Network) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, n[:]), nil }

// UnmarshalText reads 64 hex digits.
func (n *Network) UnmarshalText(b []byte) error { return decodeHex(n[:], b) }

// ParseNetwork reads 64 hex digits, with or without 0x before them.
func ParseNetwork(s string) (n Network, err error) {
	err = decodeHex(n[:], trim0x(s))
	return n, err
}

func trim0x(s string) []byte { return bytes.TrimPrefix([]byte(s), []byte("0x")) }

func decodeHex(dst, text []byte) error {
	if len(text) != 2*len(dst) {
		return fmt.Errorf("%d hex digits wanted, not %d characters", 2*len(dst), len(text))
	}
	_, err := hex.Decode(dst, text)
	return err
}

// Address is the 20-byte address of a secp256k1 key. Its text form is EIP-55.
type Address = common.Address

// Limits of an envelope, the same on every node. They are part of consensus.
const (
	MaxRecordBytes   = 256 << 10 // a record has 1 to MaxRecordBytes bytes
	MaxEnvelopeBytes = 1 << 20   // of the encoded envelope, signature included
	MaxRecords       = 1000      // an envelope has 1 to MaxRecords records
	MaxKindBytes     = 32        // a kind is 1 to MaxKindBytes lower-case ASCII letters
	SignatureBytes   = 64        // r ‖ s
)

// Envelope is a signed bundle of records of one kind: the unit that is
// gossiped, ordered and judged once. Its wire and storage form is
// deterministic CBOR (RFC 8949, section 4.2.1): an array of its fields in order.
type Envelope struct {
	_         struct{} `cbor:",toarray"`
	Network   Network
	Kind      string
	Signer    Address
	NotAfter  uint64   // Unix seconds, against block time
	Records   [][]byte // exact bytes of each JSON record, as the author wrote them
	Signature [SignatureBytes]byte
}

// NewEnvelope returns an envelope without a signature. It keeps records; the
// caller no longer changes them.
func NewEnvelope(n Network, kind string, signer Address, notAfter uint64, records [][]byte) *Envelope {
	return &Envelope{Network: n, Kind: kind, Signer: signer, NotAfter: notAfter, Records: records}
}

// RecordHash is the RFC 6962 leaf hash of a record's bytes, SHA-256(00 ‖ b): the
// name of a record on the ledger, and a leaf under its envelope's records root.
func RecordHash(b []byte) Hash { return LeafHash(b) }

// WireHash is the SHA-256 of an envelope's full wire bytes, signature included.
// Caches and gossip key on it, never on the envelope's id: a garbage signature
// must not shadow the true one.
func WireHash(b []byte) Hash { return sha256.Sum256(b) }

// RecordsRoot is the RFC 6962 Merkle tree head over the records in order, so
// that one signature covers them all and each is provable alone.
func (e *Envelope) RecordsRoot() Hash { return RecordsRoot(e.RecordHashes()) }

// RecordHashes is RecordHash of each record, in order.
func (e *Envelope) RecordHashes() []Hash {
	hashes := make([]Hash, len(e.Records))
	for i, r := range e.Records {
		hashes[i] = RecordHash(r)
	}
	return hashes
}

// RecordsRoot is the root over records of which the hashes are at hand.
func RecordsRoot(hashes []Hash) Hash { return TreeRoot(slices.Clone(hashes)) }

// Encode returns the wire form of a signed envelope. An envelope outside the
// limits is an ErrLimit or ErrKind; the signature is not verified.
func (e *Envelope) Encode() ([]byte, error) {
	if err := e.checkLimits(); err != nil {
		return nil, fmt.Errorf("encode envelope: %w", err)
	}
	b, err := encMode.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode envelope: %w", err)
	}
	if len(b) > MaxEnvelopeBytes {
		return nil, fmt.Errorf("encode envelope: %w", &LimitError{"envelope in bytes", len(b), 1, MaxEnvelopeBytes})
	}
	return b, nil
}

// DecodeEnvelope reads the wire form. It accepts exactly what Encode returns:
// ErrLimit for what is too large, ErrKind, and ErrEncoding for any other bytes.
// The records are parts of b, which must not change any more. The signature is
// not verified; see Verify.
func DecodeEnvelope(b []byte) (*Envelope, error) {
	if len(b) > MaxEnvelopeBytes {
		return nil, fmt.Errorf("decode envelope: %w", &LimitError{"envelope in bytes", len(b), 1, MaxEnvelopeBytes})
	}
	e, err := parseEnvelope(b)
	if err != nil {
		return nil, fmt.Errorf("decode envelope: %w", err)
	}
	if err := e.checkLimits(); err != nil {
		return nil, fmt.Errorf("decode envelope: %w", err)
	}
	return e, nil
}

// checkLimits checks everything but the size of the whole.
func (e *Envelope) checkLimits() error {
	if len(e.Kind) < 1 || len(e.Kind) > MaxKindBytes {
		return ErrKind
	}
	for i := range len(e.Kind) {
		if e.Kind[i] < 'a' || e.Kind[i] > 'z' {
			return ErrKind
		}
	}
	if len(e.Records) < 1 || len(e.Records) > MaxRecords {
		return &LimitError{"records", len(e.Records), 1, MaxRecords}
	}
	for i, r := range e.Records {
		if len(r) < 1 || len(r) > MaxRecordBytes {
			return &LimitError{fmt.Sprintf("record %d in bytes", i), len(r), 1, MaxRecordBytes}
		}
	}
	return nil
}
