package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// amount is a quantity that can be compared: weights in kilograms, everything else
// in its own unit, "" for a count.
type amount struct {
	class string // canonical id of the lot or class
	unit  string
	value epcis.Decimal
}

// amounts reads a quantity list; n counts those that no transfer keeps: they state no
// positive amount or one that is too long to be kept exactly, have an endless
// identifier, or are too many. A serial in the list is no quantity.
func amounts(list []epcis.Quantity) (all []amount, n int) {
	for i := range list {
		q := &list[i]
		key := trace.QuantityKey(q.Class)
		if key.NS != trace.NSLot && key.NS != trace.NSClass {
			continue
		}
		if q.Amount == nil || q.Amount.Sign() <= 0 || short(key.ID) != key.ID || len(all) == maxTransferLots {
			n++
			continue
		}
		a := amount{class: key.ID, unit: q.Unit, value: *q.Amount}
		if factor, ok := kilograms(q.Unit); ok {
			a.unit, a.value = "KGM", a.value.Mul(factor)
		}
		if !storable(a.value) {
			n++
			continue
		}
		all = append(all, a)
	}
	return all, n
}

// kilograms is what one of a unit of weight is in kilograms, exactly (UN/ECE
// Recommendation 20).
func kilograms(unit string) (epcis.Decimal, bool) {
	var factor string
	switch unit {
	case "KGM":
		factor = "1"
	case "GRM":
		factor = "0.001"
	case "MGM":
		factor = "0.000001"
	case "TNE":
		factor = "1000"
	case "LBR":
		factor = "0.45359237"
	case "ONZ":
		factor = "0.028349523125"
	default:
		return epcis.Decimal{}, false
	}
	return decimal(factor), true
}

// decimal is a constant of the rules.
func decimal(s string) epcis.Decimal {
	d, err := epcis.ParseDecimal(s)
	if err != nil {
		panic("a constant of the rules is no decimal: " + s)
	}
	return d
}

// tolerated is how much of an amount a receipt may differ by: a fraction of a
// weight, nothing of a count or of anything else.
func tolerated(of epcis.Decimal, unit string, by epcis.Decimal) epcis.Decimal {
	if unit != "KGM" {
		return epcis.Decimal{}
	}
	return of.Mul(by)
}

// fraction is a parameter in millionths as a decimal.
func fraction(millionths uint64) epcis.Decimal {
	return decimal(fmt.Sprintf("%d.%06d", millionths/1_000_000, millionths%1_000_000))
}

// storable reports whether a state can keep the number: sums and products may have
// more digits than a record may.
func storable(d epcis.Decimal) bool {
	_, err := epcis.ParseDecimal(d.String())
	return err == nil
}

// String writes an amount as people read it.
func (a amount) String() string {
	if a.unit == "" {
		return a.value.String()
	}
	return a.value.String() + " " + a.unit
}
