package epcis

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/cockroachdb/apd/v3"
)

// Decimal is an exact decimal number; it is never a float. The zero Decimal is
// 0. A Decimal is immutable and may be copied.
//
// What [ParseDecimal] reads is bounded, so a hostile exponent cannot make an
// addition or a print large.
type Decimal struct {
	d apd.Decimal // finite, without trailing zeros in the coefficient, never -0
}

// Bounds of a decimal that is read from a record.
const (
	MaxDecimalDigits = 34 // significant digits, as IEEE 754 decimal128
	MaxDecimalPlaces = 64 // digits before the point, and after it
)

// Why a decimal is refused.
var (
	errDecimalForm  = errors.New("not a decimal number")
	errDecimalRange = fmt.Errorf("a decimal number of more than %d significant digits, or %d before or after the point",
		MaxDecimalDigits, MaxDecimalPlaces)
)

// exact is unlimited in precision: apd neither rounds nor reports a condition
// for the sums, differences and products of bounded operands.
func exact() apd.Context {
	return apd.Context{MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Traps: apd.DefaultTraps | apd.Inexact | apd.Rounded}
}

// ParseDecimal reads a JSON number or an xsd:decimal, exponent allowed.
func ParseDecimal(s string) (Decimal, error) {
	var digs [MaxDecimalDigits]byte
	n, exp := 0, 0 // digits kept; power of ten of the last of them
	pending := 0   // zeros since then, dropped unless another digit follows
	seen, point := false, false
	i, negative := 0, false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
mantissa:
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '.' && !point:
			point = true
			continue
		case !isDigit(c):
			break mantissa
		}
		seen = true
		if point {
			exp--
		}
		if c == '0' {
			if n > 0 {
				pending++
			}
			continue
		}
		if n+pending+1 > MaxDecimalDigits {
			return Decimal{}, errDecimalRange
		}
		for ; pending > 0; pending-- {
			digs[n] = '0'
			n++
		}
		digs[n] = c
		n++
	}
	if !seen {
		return Decimal{}, errDecimalForm
	}
	exp += pending
	if i < len(s) {
		e, err := exponent(s[i:])
		if err != nil {
			return Decimal{}, err
		}
		exp += e
	}
	if n == 0 {
		return Decimal{}, nil // -0 and 0e9 are 0
	}
	if exp < -MaxDecimalPlaces || n+exp > MaxDecimalPlaces {
		return Decimal{}, errDecimalRange
	}
	var d Decimal
	if n <= 18 {
		var c int64
		for _, x := range digs[:n] {
			c = c*10 + int64(x-'0')
		}
		d.d.SetFinite(c, int32(exp))
	} else {
		d.d.Coeff.SetString(string(digs[:n]), 10)
		d.d.Exponent = int32(exp)
	}
	d.d.Negative = negative
	return d, nil
}

// exponent reads "e-7" and caps it far outside what ParseDecimal admits.
func exponent(s string) (int, error) {
	if s[0] != 'e' && s[0] != 'E' {
		return 0, errDecimalForm
	}
	s = s[1:]
	sign := 1
	if s != "" && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	if s == "" {
		return 0, errDecimalForm
	}
	e := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, errDecimalForm
		}
		// A mantissa has fewer than 2^30 digits, so the cap cannot be undone by it.
		if e = e*10 + int(s[i]-'0'); e > 1<<32 {
			e = 1 << 32
		}
	}
	return sign * e, nil
}

// DecimalFromInt returns n.
func DecimalFromInt(n int64) Decimal {
	var d apd.Decimal
	d.SetInt64(n)
	return reduced(&d)
}

// String is the one canonical text: plain, without exponent, without trailing
// zeros after the point: "-0.5", "12", "1200".
func (x Decimal) String() string { return x.d.Text('f') }

// Append appends the text of String.
func (x Decimal) Append(b []byte) []byte { return x.d.Append(b, 'f') }

// Sign returns -1, 0 or +1.
func (x Decimal) Sign() int { return x.d.Sign() }

// IsZero reports whether x is 0.
func (x Decimal) IsZero() bool { return x.d.IsZero() }

// Cmp returns -1, 0 or +1 as x is less than, equal to or greater than y.
func (x Decimal) Cmp(y Decimal) int { return x.d.Cmp(&y.d) }

// Add returns x + y, exactly.
func (x Decimal) Add(y Decimal) Decimal {
	if z, ok := addWords(&x, &y, 1); ok {
		return z
	}
	var z apd.Decimal
	c := exact()
	_, err := c.Add(&z, &x.d, &y.d)
	return finished(&z, err)
}

// Sub returns x - y, exactly.
func (x Decimal) Sub(y Decimal) Decimal {
	if z, ok := addWords(&x, &y, -1); ok {
		return z
	}
	var z apd.Decimal
	c := exact()
	_, err := c.Sub(&z, &x.d, &y.d)
	return finished(&z, err)
}

// addWords is x + sign·y where both are integers of a word at the same power of ten,
// as amounts of goods are. ok is false where they are not.
func addWords(x, y *Decimal, sign int64) (z Decimal, ok bool) {
	exp := min(x.d.Exponent, y.d.Exponent)
	a, ok := x.word(exp)
	b, okToo := y.word(exp)
	if !ok || !okToo {
		return z, false
	}
	sum := a + sign*b
	if sum == 0 {
		return z, true
	}
	for sum%10 == 0 {
		sum /= 10
		exp++
	}
	z.d.SetFinite(sum, exp)
	return z, true
}

// word is x / 10^exp, an integer, where that is at most maxWord.
func (x *Decimal) word(exp int32) (int64, bool) {
	if !x.d.Coeff.IsUint64() {
		return 0, false
	}
	n := x.d.Coeff.Uint64()
	for places := x.d.Exponent - exp; places > 0 && n > 0; places-- {
		if n > maxWord/10 {
			return 0, false
		}
		n *= 10
	}
	if n > maxWord {
		return 0, false
	}
	if x.d.Negative {
		return -int64(n), true
	}
	return int64(n), true
}

// maxWord is far enough from the end of an int64 that two of it can be added.
const maxWord = 1_000_000_000_000_000_000

// Mul returns x * y, exactly.
func (x Decimal) Mul(y Decimal) Decimal {
	var z apd.Decimal
	c := exact()
	_, err := c.Mul(&z, &x.d, &y.d)
	return finished(&z, err)
}

// finished panics on an error: operands are bounded, so one is our own bug.
func finished(z *apd.Decimal, err error) Decimal {
	if err != nil {
		panic(fmt.Sprintf("exact decimal arithmetic: %v", err))
	}
	return reduced(z)
}

// reduced brings z to the form that Decimal promises.
func reduced(z *apd.Decimal) Decimal {
	var d Decimal
	d.d.Reduce(z)
	if d.d.IsZero() {
		return Decimal{}
	}
	return d
}

// MarshalJSON writes a plain JSON number.
func (x Decimal) MarshalJSON() ([]byte, error) { return []byte(x.String()), nil }

// UnmarshalJSON reads a JSON number.
func (x *Decimal) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	return x.UnmarshalText(b)
}

// MarshalBinary writes the canonical text. It is what binary codecs keep of a
// Decimal.
func (x Decimal) MarshalBinary() ([]byte, error) { return []byte(x.String()), nil }

// UnmarshalBinary reads what MarshalBinary wrote.
func (x *Decimal) UnmarshalBinary(b []byte) error { return x.UnmarshalText(b) }

// UnmarshalText reads what ParseDecimal reads.
func (x *Decimal) UnmarshalText(b []byte) error {
	d, err := ParseDecimal(string(b))
	if err != nil {
		return err
	}
	*x = d
	return nil
}
