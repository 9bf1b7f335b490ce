package identity

import (
	"encoding/binary"

	"github.com/ethereum/go-ethereum/crypto"
)

// The EIP-712 type strings of an envelope and of its domain. The type hash of a
// struct is the Keccak-256 of its type string.
const (
	domainType   = "EIP712Domain(string name,string version,bytes32 salt)"
	envelopeType = "Envelope(string kind,address signer,uint64 notAfter,uint32 count,bytes32 recordsRoot)"
)

// Hashes of the constant parts of the digest; never written after init.
var (
	domainTypeHash   = crypto.Keccak256Hash([]byte(domainType))
	envelopeTypeHash = crypto.Keccak256Hash([]byte(envelopeType))
	domainNameHash   = crypto.Keccak256Hash([]byte("Waymark"))
	domainVerHash    = crypto.Keccak256Hash([]byte("1"))
)

// ID is the EIP-712 digest that the signer signs, and the envelope's id:
//
//	keccak256(0x1901 ‖ domainSeparator ‖ hashStruct(envelope))
//
// with the domain {name "Waymark", version "1", salt network} and the struct
// Envelope(string kind,address signer,uint64 notAfter,uint32 count,bytes32
// recordsRoot). Every member is one 32-byte word: a string is the Keccak-256 of
// its bytes, integers and the address stand right-aligned (EIP-712, "Definition
// of encodeData"). The signature is no part of it.
func (e *Envelope) ID() Hash {
	root := e.RecordsRoot()
	return digest(e.Network, e.Kind, e.Signer, e.NotAfter, uint32(len(e.Records)), root)
}

// EnvelopeID is the id of the envelope with this header and records root, for
// who holds a header and a proof instead of all records.
func EnvelopeID(n Network, kind string, signer Address, notAfter uint64, count uint32, recordsRoot Hash) Hash {
	return digest(n, kind, signer, notAfter, count, recordsRoot)
}

func digest(n Network, kind string, signer Address, notAfter uint64, count uint32, root Hash) Hash {
	k := crypto.NewKeccakState()
	var out [66]byte
	out[0], out[1] = 0x19, 0x01

	var word [6 * 32]byte
	copy(word[0:], domainTypeHash[:])
	copy(word[32:], domainNameHash[:])
	copy(word[64:], domainVerHash[:])
	copy(word[96:], n[:])
	sum(k, out[2:34], word[:128])

	clear(word[:])
	copy(word[0:], envelopeTypeHash[:])
	sum(k, word[32:64], []byte(kind))
	copy(word[64+12:], signer[:])
	binary.BigEndian.PutUint64(word[96+24:], notAfter)
	binary.BigEndian.PutUint32(word[128+28:], count)
	copy(word[160:], root[:])
	sum(k, out[34:66], word[:])

	var id Hash
	sum(k, id[:], out[:])
	return id
}

// sum writes the Keccak-256 of data to dst, 32 bytes. A sponge does not fail.
func sum(k crypto.KeccakState, dst, data []byte) {
	k.Reset()
	_, _ = k.Write(data)
	_, _ = k.Read(dst)
}
