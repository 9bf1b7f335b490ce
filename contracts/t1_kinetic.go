package contracts

import (
	"fmt"
	"math/big"

	"github.com/waymark-ledger/waymark/epcis"
)

// The mean kinetic temperature (USP <1079>): the one temperature at which as much of a
// product would decay as at all that were measured. With an activation energy of 83.144
// kJ/mol, dH/R is 10,000 K, and over times t at temperatures T, in kelvin,
//
//	MKT = 10,000 / -ln( sum(t exp(-10,000/T)) / sum(t) )
//
// It is above a limit L if and only if sum(t w(T)) > sum(t), where w(T) is
// exp(10,000/L - 10,000/T): 1 at the limit, more above it and less below. So no logarithm
// is needed to judge it, and sums of integers are taken back to the digit.
//
// A temperature holds from its report to the next one of the device, no longer than the gap
// that the limits allow, and from the last to the receipt; of several that a report states
// the highest counts.

// Kinetic is how long temperatures were measured, and how they weigh. It is never changed
// in place.
type Kinetic struct {
	Millis int64         `cbor:"1,keyasint"`
	Heat   epcis.Decimal `cbor:"2,keyasint"` // of each millisecond w, in kineticUnit
}

const (
	// kineticUnit is a weight of 1. What is rounded off, half of one in ten million, is less
	// than a hundred-thousandth of a degree of the mean where that is near its limit.
	kineticUnit = 10_000_000
	// kineticMost is the exponent from which on weights grow no more, and below the negative
	// of which they are nothing: a millisecond of the first outweighs 16 years at no heat at all.
	kineticMost = 27
	// kineticRange is how far from zero degrees Celsius a limit may lie.
	kineticRange = 90
	kineticBits  = 96 // of fractions while a weight is computed
)

func (k *Kinetic) plus(o *Kinetic) *Kinetic {
	switch {
	case k == nil:
		return o
	case o == nil:
		return k
	}
	return &Kinetic{k.Millis + o.Millis, k.Heat.Add(o.Heat)}
}

func (k *Kinetic) minus(o *Kinetic) *Kinetic {
	if k == nil || o == nil {
		return k
	}
	return &Kinetic{k.Millis - o.Millis, k.Heat.Sub(o.Heat)}
}

// above reports whether the mean is above the limit that the weights are of.
func (k *Kinetic) above() bool {
	return k != nil && k.Heat.Cmp(epcis.DecimalFromInt(k.Millis).Mul(epcis.DecimalFromInt(kineticUnit))) > 0
}

// mean is the mean in hundredths of a degree Celsius, rounded up, of one that is above its
// limit; at most a thousand degrees.
func (k *Kinetic) mean(limit epcis.Decimal) int64 {
	low, high := int64(-100*kineticRange), int64(100_000)
	for low < high {
		middle := (low + high) >> 1
		at := epcis.DecimalFromInt(9 * middle).Mul(hundredth())
		if k.Heat.Cmp(epcis.DecimalFromInt(k.Millis).Mul(epcis.DecimalFromInt(kineticWeight(at, limit)))) > 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// weigh counts a time at the temperature of the device's last report.
func (chain *coldChain) weigh(d *DeviceRun, millis int64, turn *Turn) {
	s := &chain.state
	if k := s.heat(d, millis); k != nil {
		x := s.excursion(d.Device, turn)
		x.Kinetic, d.Kinetic = x.Kinetic.plus(k), d.Kinetic.plus(k)
	}
}

// heat is a time at the temperature of a device's last report, nil where no mean is asked
// for.
func (s *ColdChainState) heat(d *DeviceRun, millis int64) *Kinetic {
	limit := s.Limits.MeanKinetic
	if limit == nil || millis <= 0 {
		return nil
	}
	return &Kinetic{millis, epcis.DecimalFromInt(millis).Mul(epcis.DecimalFromInt(kineticWeight(d.High, *limit)))}
}

// kinetic is what a device measured from shipment to receipt. Of one that reported at no
// more than one moment, that counts.
func (s *ColdChainState) kinetic(d *DeviceRun) *Kinetic {
	if d.Forgiven {
		return d.Kinetic
	}
	last := millisBetween(epcis.Instant{Seconds: d.Seconds, Nanos: d.Nanos}, s.Received.Time())
	k := d.Kinetic.plus(s.heat(d, min(last, s.Limits.MaxGap*1000)))
	if k == nil || k.Millis == 0 {
		k = s.heat(d, 1)
	}
	return k
}

// tooWarm is what the device measured whose mean kinetic temperature is the highest, where
// that is above its limit: nil before the receipt, since what comes until then is part of
// the mean.
func (s *ColdChainState) tooWarm() *Kinetic {
	if s.Limits.MeanKinetic == nil || s.Received == nil {
		return nil
	}
	var worst *Kinetic
	for i := range s.Devices {
		k := s.kinetic(&s.Devices[i])
		if k.above() && (worst == nil ||
			k.Heat.Mul(epcis.DecimalFromInt(worst.Millis)).Cmp(worst.Heat.Mul(epcis.DecimalFromInt(k.Millis))) > 0) {
			worst = k
		}
	}
	return worst
}

// outOfLimits reports whether its limits, or those of the leg before, are not kept.
func (s *ColdChainState) outOfLimits() bool {
	return s.exceeded() || s.Before != nil && s.Before.exceeded()
}

// exceeded reports whether the limits are not kept.
func (s *ColdChainState) exceeded() bool {
	return s.worst() > s.Limits.MaxOutside*1000 || s.tooWarm() != nil
}

// kineticText says of a mean what it is and what is allowed.
func (s *ColdChainState) kineticText(k *Kinetic) string {
	allowed := ninthsOf(*s.Limits.MeanKinetic)
	allowed.Quo(allowed, big.NewRat(9, 1))
	mean := big.NewRat(k.mean(*s.Limits.MeanKinetic), 100)
	return fmt.Sprintf("mean kinetic temperature %s degrees Celsius, %s allowed", mean.FloatString(2), allowed.FloatString(2))
}

// kineticWeight is w of a temperature for a limit, both in ninths of a degree Celsius, in
// kineticUnit. It is exactly one at the limit.
func kineticWeight(at, limit epcis.Decimal) int64 {
	t, l := ninthsOfKelvin(at), ninthsOfKelvin(limit)
	if t.Sign() <= 0 {
		return 0
	}
	// x = 10,000 K (1/L - 1/T) = 90,000 (T - L) / (T L), of temperatures in ninths of a kelvin.
	x := new(big.Rat).Sub(t, l)
	x.Mul(x, big.NewRat(90_000, 1)).Quo(x, t).Quo(x, l)
	below := x.Sign() < 0
	if x.Abs(x).Cmp(big.NewRat(kineticMost, 1)) > 0 {
		if below {
			return 0
		}
		x.SetInt64(kineticMost)
	}
	fixed := new(big.Int).Lsh(x.Num(), kineticBits)
	w := exponential(fixed.Quo(fixed, x.Denom()))
	unit := big.NewInt(kineticUnit)
	if below { // 1/w
		unit.Lsh(unit, 2*kineticBits)
		return rounded(unit.Quo(unit, w))
	}
	return rounded(w.Mul(w, unit))
}

// exponential is exp(x) for x from 0 to kineticMost, both with kineticBits bits of fraction.
// The series of x/256 is cut off below the last bit, squaring doubles its error eight times:
// of the result less than one part in 2^80 is wrong.
func exponential(x *big.Int) *big.Int {
	const halvings = 8
	r := new(big.Int).Rsh(x, halvings)
	term := new(big.Int).Lsh(big.NewInt(1), kineticBits)
	sum := new(big.Int).Set(term)
	for n := int64(1); term.Sign() > 0; n++ {
		term.Mul(term, r).Rsh(term, kineticBits).Quo(term, big.NewInt(n))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum).Rsh(sum, kineticBits)
	}
	return sum
}

// rounded is a number with kineticBits bits of fraction, to the nearest integer.
func rounded(x *big.Int) int64 {
	half := new(big.Int).Lsh(big.NewInt(1), kineticBits-1)
	return x.Add(x, half).Rsh(x, kineticBits).Int64()
}

// ninthsOfKelvin is a temperature, in ninths of a degree Celsius, above absolute zero.
func ninthsOfKelvin(ninths epcis.Decimal) *big.Rat {
	t := ninthsOf(ninths)
	return t.Add(t, big.NewRat(9*27_315, 100))
}

func ninthsOf(d epcis.Decimal) *big.Rat {
	r, ok := new(big.Rat).SetString(d.String())
	if !ok {
		panic("contracts: a decimal is a number")
	}
	return r
}
