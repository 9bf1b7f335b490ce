package identity

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"
)

// PublicKeyBytes is the length of a compressed secp256k1 public key.
const PublicKeyBytes = 33

// Key is a secp256k1 private key. Printing one, in whatever way, shows its
// address only.
type Key struct {
	private *ecdsa.PrivateKey
	address Address
}

// GenerateKey draws a key from the system's randomness.
func GenerateKey() (*Key, error) {
	private, err := crypto.GenerateKey()
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	return newKey(private), nil
}

// ParseKey reads a private key of 64 hex digits, with or without 0x before them.
// Errors are ErrPrivateKey and do not repeat the input.
func ParseKey(s string) (*Key, error) {
	b := make([]byte, 32)
	if err := decodeHex(b, trim0x(strings.TrimSpace(s))); err != nil {
		return nil, fmt.Errorf("%w: 64 hex digits wanted", ErrPrivateKey)
	}
	return keyFromBytes(b)
}

func keyFromBytes(b []byte) (*Key, error) {
	private, err := crypto.ToECDSA(b) // strict: length, and 0 < d < n
	if err != nil {
		return nil, fmt.Errorf("%w: out of range", ErrPrivateKey)
	}
	return newKey(private), nil
}

func newKey(private *ecdsa.PrivateKey) *Key {
	return &Key{private: private, address: crypto.PubkeyToAddress(private.PublicKey)}
}

// Address is the key's Ethereum address: the last 20 bytes of the Keccak-256 of
// its uncompressed public key.
func (k *Key) Address() Address { return k.address }

// PublicKey is the compressed public key, 33 bytes.
func (k *Key) PublicKey() []byte { return crypto.CompressPubkey(&k.private.PublicKey) }

// Bytes is the private key itself, 32 bytes: a secret.
func (k *Key) Bytes() []byte { return crypto.FromECDSA(k.private) }

// Format writes the key's address for every verb, so that no log and no error
// can hold the secret.
func (k *Key) Format(f fmt.State, _ rune) {
	if k == nil {
		_, _ = f.Write([]byte("no key"))
		return
	}
	_, _ = f.Write([]byte("key of " + k.address.Hex()))
}

// SignEnvelope sets the envelope's signature: 64 bytes r ‖ s, low-s, the nonce
// by RFC 6979. ErrSigner when the envelope names another signer; ErrLimit or
// ErrKind when no node would read it.
func (k *Key) SignEnvelope(e *Envelope) error {
	if e.Signer != k.address {
		return fmt.Errorf("sign envelope: %w: it names %s, the key is %s", ErrSigner, e.Signer, k.address)
	}
	if err := e.checkLimits(); err != nil {
		return fmt.Errorf("sign envelope: %w", err)
	}
	id := e.ID()
	sig, err := crypto.Sign(id[:], k.private) // r ‖ s ‖ v
	if err != nil {
		return fmt.Errorf("sign envelope: %w", err)
	}
	copy(e.Signature[:], sig[:SignatureBytes])
	return nil
}

// halfOrder is half the order of secp256k1, rounded down, big-endian: the
// largest s of the lower form (EIP-2).
var halfOrder = common.HexToHash("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0")

// Verify checks the signature against the signer's compressed public key, which
// comes from the ledger. ErrPublicKey, ErrSigner when the key is not the one the
// envelope names, ErrHighS, ErrSignature. It says nothing of the key's standing.
func (e *Envelope) Verify(publicKey []byte) error {
	return VerifySignature(e.ID(), e.Signer, e.Signature, publicKey)
}

// VerifySignature is Verify for who has an envelope's id at hand: computed
// already, or from its header by EnvelopeID.
func VerifySignature(id Hash, signer Address, signature [SignatureBytes]byte, publicKey []byte) error {
	v, err := NewVerifier(publicKey)
	if err != nil {
		return err
	}
	return v.VerifySignature(id, signer, signature)
}

// Verifier verifies signatures with one public key, which it holds as a point:
// to find the point of a compressed key costs a fifth of a verification. It is
// immutable.
type Verifier struct {
	point   []byte // uncompressed, 65 bytes
	address Address
}

// NewVerifier reads a compressed public key, 33 bytes; ErrPublicKey when it is
// none.
func NewVerifier(publicKey []byte) (*Verifier, error) {
	point, address, err := decompress(publicKey)
	if err != nil {
		return nil, err
	}
	return &Verifier{point, address}, nil
}

// VerifySignature checks the signature of the envelope with this id. ErrSigner
// when the key is not the one the envelope names, ErrHighS, ErrSignature.
func (v *Verifier) VerifySignature(id Hash, signer Address, signature [SignatureBytes]byte) error {
	if v.address != signer {
		return fmt.Errorf("%w: it names %s, the key is %s", ErrSigner, signer, v.address)
	}
	if bytes.Compare(signature[32:], halfOrder[:]) > 0 {
		return ErrHighS
	}
	if !crypto.VerifySignature(v.point, id[:], signature[:]) {
		return ErrSignature
	}
	return nil
}

// decompress returns the uncompressed point (65 bytes) of a compressed public
// key, and its address.
func decompress(publicKey []byte) ([]byte, Address, error) {
	if len(publicKey) != PublicKeyBytes {
		return nil, Address{}, fmt.Errorf("%w: %d bytes, not %d", ErrPublicKey, len(publicKey), PublicKeyBytes)
	}
	p, err := crypto.DecompressPubkey(publicKey)
	if err != nil {
		return nil, Address{}, fmt.Errorf("%w: not on the curve", ErrPublicKey)
	}
	point := crypto.FromECDSAPub(p)
	return point, Address(crypto.Keccak256(point[1:])[12:]), nil
}

// PublicKeyAddress is the address of a compressed public key, 33 bytes.
func PublicKeyAddress(publicKey []byte) (Address, error) {
	_, a, err := decompress(publicKey)
	return a, err
}

// ParsePublicKey reads a compressed public key in the text form of
// [Organisation.Keys], 0x and 66 lower-case hex digits, and returns its bytes
// and address.
func ParsePublicKey(s string) ([]byte, Address, error) {
	b := make([]byte, PublicKeyBytes)
	if !strings.HasPrefix(s, "0x") || s != strings.ToLower(s) || decodeHex(b, trim0x(s)) != nil {
		return nil, Address{}, fmt.Errorf("%w: 0x and 66 lower-case hex digits wanted", ErrPublicKey)
	}
	a, err := PublicKeyAddress(b)
	return b, a, err
}

// FormatPublicKey is the text form of a compressed public key in
// [Organisation.Keys].
func FormatPublicKey(publicKey []byte) string { return "0x" + hex.EncodeToString(publicKey) }

// ParseAddress reads an address: 0x and 40 hex digits, all lower-case, all
// upper-case, or mixed with a right EIP-55 checksum.
func ParseAddress(s string) (Address, error) {
	digits, ok := strings.CutPrefix(s, "0x")
	if !ok || !common.IsHexAddress(s) {
		return Address{}, fmt.Errorf("%q is not an address: 0x and 40 hex digits wanted", s)
	}
	a := common.HexToAddress(s)
	if digits != strings.ToLower(digits) && digits != strings.ToUpper(digits) && a.Hex() != s {
		return Address{}, fmt.Errorf("%q is not an address: wrong EIP-55 checksum", s)
	}
	return a, nil
}
