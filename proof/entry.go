package proof

import (
	"fmt"

	"github.com/waymark-ledger/waymark/identity"
)

// Entry is one line of the ledger: a record, where it stands, and what the
// contracts said of it. Every record has one, refused ones too; Seq has no
// gaps. Its encoding is a deterministic CBOR array in field order, and its RFC
// 6962 leaf hash is a leaf of the log.
type Entry struct {
	_            struct{} `cbor:",toarray"`
	Height       uint64
	Time         int64 // block time, Unix nanoseconds
	Seq          uint64
	Envelope     identity.Hash // envelope id
	Index        uint32        // of the record in its envelope
	Kind         string
	Signer       identity.Address
	Record       identity.Hash // RFC 6962 leaf hash of the record's bytes
	Codes        []uint32      // verdict codes, in the order of the findings
	FindingsHash identity.Hash // SHA-256 of the findings' canonical CBOR
}

// Encode returns the entry's canonical bytes: a deterministic CBOR array of its
// ten fields in order, hashes and the address as byte strings. Kind must be
// valid UTF-8.
func (e *Entry) Encode() []byte { return e.Append(nil) }

// DecodeEntry reads what Encode returned; identity.ErrEncoding for any other
// bytes.
func DecodeEntry(b []byte) (*Entry, error) {
	var e Entry
	if err := identity.UnmarshalStrict(b, &e); err != nil {
		return nil, fmt.Errorf("entry: %w", err)
	}
	if len(e.Codes) == 0 {
		e.Codes = nil
	}
	return &e, nil
}

// Roots is what the ledger commits to at one height.
type Roots struct {
	Height  uint64
	Time    int64 // block time, Unix nanoseconds
	LogSize uint64
	LogRoot identity.Hash
	MapRoot identity.Hash
	// Previous is the app hash before that of StateHeight: of the last height
	// before it that changed state, the network id for the first.
	Previous identity.Hash
	// AppHash is H(15 ‖ height8 ‖ previous app hash ‖ logSize8 ‖ logRoot ‖ mapRoot)
	// of the last height that changed state; an empty block leaves it, and its
	// first predecessor is the network id.
	AppHash identity.Hash
	// StateHeight is the last height that changed state, 0 for none.
	StateHeight uint64
}

// EnvelopeInfo is what the ledger keeps of an envelope beside its records:
// enough to check its signature again, and where its records stand.
type EnvelopeInfo struct {
	ID        identity.Hash
	Network   identity.Network
	Kind      string
	Signer    identity.Address
	NotAfter  uint64
	Signature [identity.SignatureBytes]byte
	FirstSeq  uint64 // its records stand at FirstSeq … FirstSeq+Count-1
	Count     uint32
	Height    uint64
}
