package identity

import "github.com/ethereum/go-ethereum/common"

// Hash is a SHA-256 hash, or the Keccak-256 digest of EIP-712 where it is an
// envelope's id.
type Hash [32]byte

// Network names a network: the SHA-256 of its genesis document, computed with
// the chain id blank.
type Network [32]byte

// Address is the 20-byte address of a secp256k1 key. Its text form is EIP-55.
type Address = common.Address

// Limits of an envelope, the same on every node. They are part of consensus.
const (
	MaxRecordBytes   = 256 << 10
	MaxEnvelopeBytes = 1 << 20
	MaxRecords       = 1000
	SignatureBytes   = 64
)

// Envelope is a signed bundle of records of one kind: the unit that is
// gossiped, ordered and judged once. Its wire and storage form is
// deterministic CBOR (RFC 8949, section 4.2.1).
type Envelope struct {
	_         struct{} `cbor:",toarray"`
	Network   Network
	Kind      string
	Signer    Address
	NotAfter  uint64   // Unix seconds, against block time
	Records   [][]byte // exact bytes of each JSON record, as the author wrote them
	Signature [SignatureBytes]byte
}
