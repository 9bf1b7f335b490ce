package contracts

import (
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// The units in which balances are kept, one for each kind of quantity. Whatever has
// no conversion is a kind of its own, under its own code.
const (
	kilogram    = "KGM"
	litre       = "LTR"
	metre       = "MTR"
	squareMetre = "MTK"
	piece       = "H87"
)

// unitOf is the base unit that a unit of UN/ECE Recommendation 20 converts to, and
// the exact factor; false for a code that does not convert. The international pound
// is 0.45359237 kg (agreement of 1959; NIST Handbook 44, appendix C), the inch 25.4
// mm, the gallon of the United States 231 cubic inches and the imperial gallon
// 4.54609 l, so that every factor ends as a decimal number. Units of packing (CS, a
// case) convert to nothing: what is in a case, its maker says.
func unitOf(code string) (base, factor string, ok bool) {
	switch code {
	case "KGM":
		return kilogram, "1", true
	case "GRM":
		return kilogram, "0.001", true
	case "MGM":
		return kilogram, "0.000001", true
	case "DTN": // decitonne
		return kilogram, "100", true
	case "TNE": // tonne
		return kilogram, "1000", true
	case "LBR":
		return kilogram, "0.45359237", true
	case "ONZ": // avoirdupois
		return kilogram, "0.028349523125", true
	case "STN": // short ton, 2000 lb
		return kilogram, "907.18474", true
	case "LTN": // long ton, 2240 lb
		return kilogram, "1016.0469088", true
	case "LTR", "DMQ":
		return litre, "1", true
	case "MLT", "CMQ":
		return litre, "0.001", true
	case "CLT":
		return litre, "0.01", true
	case "HLT":
		return litre, "100", true
	case "MTQ":
		return litre, "1000", true
	case "GLL": // of the United States
		return litre, "3.785411784", true
	case "GLI": // imperial
		return litre, "4.54609", true
	case "MTR":
		return metre, "1", true
	case "CMT":
		return metre, "0.01", true
	case "MMT":
		return metre, "0.001", true
	case "KMT":
		return metre, "1000", true
	case "INH":
		return metre, "0.0254", true
	case "FOT":
		return metre, "0.3048", true
	case "YRD":
		return metre, "0.9144", true
	case "MTK":
		return squareMetre, "1", true
	case "CMK":
		return squareMetre, "0.0001", true
	case "HAR":
		return squareMetre, "10000", true
	case "H87", "EA", "C62": // piece, each, one
		return piece, "1", true
	case "DZN":
		return piece, "12", true
	case "GRO":
		return piece, "144", true
	}
	return "", "", false
}

// convert brings an amount to its base unit, exactly; false where its unit does not
// convert, and for an amount that no balance counts (see countable).
func convert(amount epcis.Decimal, code string) (x epcis.Decimal, base string, ok bool) {
	base, factor, ok := unitOf(code)
	if !ok {
		return x, "", false
	}
	if factor == "1" {
		return amount, base, countable(amount)
	}
	by, err := epcis.ParseDecimal(factor)
	if err != nil {
		return x, "", false
	}
	x = amount.Mul(by)
	return x, base, countable(x)
}

// What a balance counts: whatever is not less than nothing, below 10^12 of the base
// unit and written with up to 22 places. So a sum keeps to 34 digits, which a
// Decimal's text may have, whoever adds to it.
const (
	maxPlaces   = 22
	maxIntegers = 12
)

func countable(x epcis.Decimal) bool {
	if x.Sign() < 0 {
		return false
	}
	whole, places, _ := strings.Cut(x.String(), ".")
	return len(whole) <= maxIntegers && len(places) <= maxPlaces
}

// A scales is by how much scales may differ: a fraction of weight, volume, length
// and area, nothing of counts. It is a parameter of the network.
type scales struct{ fraction epcis.Decimal }

func (s scales) tolerance(base string) epcis.Decimal {
	switch base {
	case kilogram, litre, metre, squareMetre:
		return s.fraction
	}
	return epcis.Decimal{}
}

// exceeds reports whether out is more than in and the tolerance of its unit.
func (s scales) exceeds(out, in epcis.Decimal, base string) bool {
	return out.Cmp(in.Add(in.Mul(s.tolerance(base)))) > 0
}

// withUnit is an amount as findings print it.
func withUnit(x epcis.Decimal, unit string) string {
	if unit == "" {
		return x.String()
	}
	return x.String() + " " + unit
}
