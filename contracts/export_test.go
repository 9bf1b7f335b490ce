package contracts

import (
	"fmt"
	"math/big"
	"reflect"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// Convene is [Ruleset.Convene] of the first ruleset.
func Convene(v View, b Block) *Court { return First().Convene(v, b) }

// Judge is [Court.Judge] of a court of the first ruleset that judges nothing else, and holds
// contracts to their declarations.
func Judge(v View, b Block, p Position, r *epcis.Record) (*Verdict, error) {
	return Convene(v, b).HoldToDeclarations().Judge(p, r)
}

// SharesOf are the shares of the lots of an impact, by their ids.
func SharesOf(i *Impact) map[string]*big.Rat {
	m := map[string]*big.Rat{}
	for _, p := range i.list {
		if p.key.NS == trace.NSLot {
			m[p.key.ID] = p.Share
		}
	}
	return m
}

// TaintedMasses are, over all transformations of an impact, the tainted kilograms that
// went in, that came out, and that were lost.
func TaintedMasses(i *Impact) (in, out, lost *big.Rat) {
	in, out, lost = new(big.Rat), new(big.Rat), new(big.Rat)
	for _, t := range i.order {
		all := new(big.Rat)
		for _, r := range t.records {
			for j := range r.event.InputQuantities {
				q := &r.event.InputQuantities[j]
				m, _, _ := massOf(q)
				share, _ := i.shareOfInput(trace.QuantityKey(q.Class))
				in.Add(in, new(big.Rat).Mul(m, share))
				all.Add(all, m)
			}
			for j := range r.event.OutputQuantities {
				m, _, _ := massOf(&r.event.OutputQuantities[j])
				out.Add(out, new(big.Rat).Mul(m, i.parts[partID{key: trace.QuantityKey(r.event.OutputQuantities[j].Class), kind: amountsOf}].Share))
				all.Sub(all, m)
			}
		}
		lost.Add(lost, all.Mul(all, t.Share))
	}
	return in, out, lost
}

// KineticWeight is the weight of a temperature for a limit, in ninths of a degree Celsius, and
// what one is.
func KineticWeight(at, limit epcis.Decimal) (weight, unit int64) {
	return kineticWeight(at, limit), kineticUnit
}

// MeanKinetic is whether the mean of times at temperatures is above a limit, and if it is, that
// mean in hundredths of a degree Celsius.
func MeanKinetic(millis []int64, at []epcis.Decimal, limit epcis.Decimal) (above bool, mean int64) {
	s := &ColdChainState{Limits: trace.TemperatureLimits{MeanKinetic: &limit}}
	var k *Kinetic
	for i := range millis {
		k = k.plus(s.heat(&DeviceRun{High: at[i]}, millis[i]))
	}
	if above = k.above(); above {
		mean = k.mean(limit)
	}
	return above, mean
}

// JudgeWatched is [Judge] by a ruleset, and fails where a contract has changed in place what an
// item's state points to: other items of the record may share it.
func JudgeWatched(rules *Ruleset, v View, b Block, p Position, r *epcis.Record) (*Verdict, error) {
	court := rules.Convene(v, b).HoldToDeclarations()
	verdict, err := court.Judge(p, r)
	if c := &court.coder; err == nil && c.alikeText != "" {
		var read ItemState
		if err = new(coder).readItem([]byte(c.alikeText), &read); err == nil && !reflect.DeepEqual(read, c.alike) {
			err = fmt.Errorf("record %d changed in place what items share: %+v was read, %+v is left", p.Seq, read, c.alike)
		}
	}
	return verdict, err
}

// CustodyOf is who has an item as the contracts have it when a record names it; gone says
// that it left the hands of members with them.
func CustodyOf(v View, b Block, seq uint64, id string) (holder string, gone bool, err error) {
	c := Convene(v, b).hear(Position{Seq: seq}, nil)
	it, err := c.itemAt(id)
	if err != nil {
		return "", false, err
	}
	if err := c.leftBehind(it); err != nil {
		return "", false, err
	}
	unit, err := c.unitOf(it)
	if err != nil {
		return "", false, err
	}
	holder, gone = unit.state.Custody.who()
	return holder, gone, nil
}
