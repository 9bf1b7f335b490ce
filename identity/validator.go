package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
)

// MaxValidatorPower bounds the power of one validator and of all together, so
// that thrice their sum fits an int64.
const MaxValidatorPower = 1 << 60

// ValidatorKey is the Ed25519 public key with which a validator votes on blocks.
// Its text form is 64 lower-case hex digits.
type ValidatorKey [ed25519.PublicKeySize]byte

// MarshalText writes 64 lower-case hex digits.
func (k ValidatorKey) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, k[:]), nil }

// UnmarshalText reads 64 hex digits.
func (k *ValidatorKey) UnmarshalText(b []byte) error { return decodeHex(k[:], b) }

// String is the key as 64 lower-case hex digits.
func (k ValidatorKey) String() string { return hex.EncodeToString(k[:]) }

// Address is the consensus engine's name for the key: the first 20 bytes of its
// SHA-256.
func (k ValidatorKey) Address() ValidatorAddress {
	h := sha256.Sum256(k[:])
	return ValidatorAddress(h[:20])
}

// ValidatorAddress is the consensus engine's name for a validator. Its text form
// is 40 lower-case hex digits.
type ValidatorAddress [20]byte

// MarshalText writes 40 lower-case hex digits.
func (a ValidatorAddress) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, a[:]), nil }

// UnmarshalText reads 40 hex digits.
func (a *ValidatorAddress) UnmarshalText(b []byte) error { return decodeHex(a[:], b) }

// String is the address as 40 lower-case hex digits.
func (a ValidatorAddress) String() string { return hex.EncodeToString(a[:]) }

// Validator is a voter on blocks and the weight of its vote.
type Validator struct {
	Key   ValidatorKey `json:"key"`
	Power int64        `json:"power,string"`
}

// genesisValidator is an element of `validators` in CometBFT's genesis file. Its
// address follows from the key; its name is for people, and says whose vote it is.
type genesisValidator struct {
	PubKey struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	} `json:"pub_key"`
	Power string `json:"power"`
	Name  string `json:"name"` // the organisation that runs it, where the document says so
}

// parseValidators reads the validators of a genesis document in its order.
func parseValidators(listed []genesisValidator) ([]Validator, error) {
	var validators []Validator
	var errs []error
	total := int64(0)
	seen := map[ValidatorKey]bool{}
	for i, l := range listed {
		v, err := l.parse()
		switch {
		case err != nil:
		case seen[v.Key]:
			err = errors.New("its key stands there twice")
		case total > MaxValidatorPower-v.Power:
			err = fmt.Errorf("the power of all is over %d", int64(MaxValidatorPower))
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("validator %d: %w", i, err))
			continue
		}
		seen[v.Key] = true
		total += v.Power
		validators = append(validators, v)
	}
	return validators, errors.Join(errs...)
}

func (l genesisValidator) parse() (Validator, error) {
	if l.PubKey.Type != "tendermint/PubKeyEd25519" {
		return Validator{}, fmt.Errorf("its key is a %q, not Ed25519", l.PubKey.Type)
	}
	key, err := base64.StdEncoding.Strict().DecodeString(l.PubKey.Value)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return Validator{}, fmt.Errorf("its key is not %d bytes in base64", ed25519.PublicKeySize)
	}
	power, err := strconv.ParseInt(l.Power, 10, 64)
	if err != nil || power < 1 || power > MaxValidatorPower {
		return Validator{}, fmt.Errorf("its power is %q", l.Power)
	}
	return Validator{Key: ValidatorKey(key), Power: power}, nil
}
