package contracts

import (
	"math/big"

	"github.com/waymark-ledger/waymark/trace"
)

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
