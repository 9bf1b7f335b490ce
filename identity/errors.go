package identity

import (
	"errors"
	"fmt"
)

// Errors that callers branch on.
var (
	// ErrEncoding: the bytes are not the canonical encoding of what they should be.
	ErrEncoding = errors.New("not canonical CBOR")
	// ErrLimit: an envelope is outside the limits of its format. The error is a *LimitError.
	ErrLimit = errors.New("outside the limits of an envelope")
	// ErrKind: an envelope's kind is not 1 to 32 lower-case ASCII letters.
	ErrKind = errors.New("kind is not 1 to 32 lower-case letters")
	// ErrSignature: the signature is not the signer's over this envelope.
	ErrSignature = errors.New("signature does not verify")
	// ErrHighS: the signature is in the upper, malleable form (EIP-2). It is an ErrSignature too.
	ErrHighS = fmt.Errorf("%w: s is in the upper half of the order", ErrSignature)
	// ErrSigner: the key is not the one that the envelope names.
	ErrSigner = errors.New("key is not the envelope's signer")
	// ErrPublicKey: not a compressed point of secp256k1.
	ErrPublicKey = errors.New("not a compressed secp256k1 public key")
	// ErrPrivateKey: not a secp256k1 private key.
	ErrPrivateKey = errors.New("not a secp256k1 private key")

	// ErrNoKey: the keystore has no key with this address.
	ErrNoKey = errors.New("no such key in the keystore")
	// ErrKeyExists: the keystore has a key with this address already.
	ErrKeyExists = errors.New("key is in the keystore already")
	// ErrWrongPassphrase: the passphrase does not open the key.
	ErrWrongPassphrase = errors.New("wrong passphrase")
	// ErrKeyFile: not a Web3 Secret Storage version 3 document.
	ErrKeyFile = errors.New("not a Web3 Secret Storage version 3 document")

	// ErrChainID: the chain id of a genesis document is not what its bytes say.
	ErrChainID = errors.New("chain id does not match the genesis document")
)

// LimitError says which limit of an envelope is not kept. It is an ErrLimit.
type LimitError struct {
	What          string // "record 3 in bytes", "records", "envelope in bytes"
	Got, Min, Max int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%s: %d is not between %d and %d", e.What, e.Got, e.Min, e.Max)
}

// Is makes every LimitError an ErrLimit.
func (e *LimitError) Is(target error) bool { return target == ErrLimit }
