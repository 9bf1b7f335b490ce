package epcis

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// A CustomsValue is the value of a declaration's goods, which the declaration commits to
// without saying it. Whoever is shown amount, currency and salt finds that they are what
// was committed to; who is not learns nothing, as the salt cannot be guessed.
type CustomsValue struct {
	Amount   Decimal
	Currency string // ISO 4217, three capital letters
	Salt     [32]byte
}

const commitmentPrefix = "sha-256:"

// ParseCustomsValue reads "12500.50 EUR 3f…": an amount that is not negative, a currency and
// a salt of 64 hexadecimal digits, with a space between them.
func ParseCustomsValue(s string) (v CustomsValue, err error) {
	parts := strings.Fields(s)
	if len(parts) != 3 {
		return v, fmt.Errorf("a value is an amount, a currency and a salt, with a space between them")
	}
	if v.Amount, err = ParseDecimal(parts[0]); err != nil || v.Amount.Sign() < 0 {
		return v, fmt.Errorf("the amount %q is no number from 0 on", parts[0])
	}
	if v.Currency = parts[1]; len(v.Currency) != 3 || !all(v.Currency, isCapital) {
		return v, fmt.Errorf("the currency %q is not three capital letters (ISO 4217)", v.Currency)
	}
	salt, err := hex.DecodeString(parts[2])
	if err != nil || len(salt) != len(v.Salt) {
		return v, fmt.Errorf("the salt is not 64 hexadecimal digits")
	}
	copy(v.Salt[:], salt)
	return v, nil
}

// Commitment is what the declaration of this MRN states as its valueCommitment: "sha-256:"
// and the hexadecimal SHA-256 of the UTF-8 text
//
//	customs value <MRN> <amount> <currency> <salt>
//
// with the canonical identifier of the declaration, the amount as [Decimal] writes it
// (no exponent, no zeros behind the last digit after the point) and the salt in lower case.
func (v CustomsValue) Commitment(mrn ID) string {
	sum := sha256.Sum256([]byte("customs value " + mrn.URI + " " + v.Amount.String() + " " + v.Currency + " " + hex.EncodeToString(v.Salt[:])))
	return commitmentPrefix + hex.EncodeToString(sum[:])
}

// commitment reads a valueCommitment.
func (d *decoder) commitment(v *Value, p place) string {
	s := d.str(v, p)
	digits, ok := strings.CutPrefix(s, commitmentPrefix)
	if !ok || len(digits) != 2*sha256.Size || !all(digits, func(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' }) {
		d.fail(v, p, "must be sha-256: and 64 hexadecimal digits in lower case")
	}
	return s
}
