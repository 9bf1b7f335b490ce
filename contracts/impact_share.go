package contracts

import (
	"math/big"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What a transformation makes is mixed: of each output the same share of its mass
// comes from what the matter is about, the tainted mass of the inputs over the mass of
// all inputs, and what is lost takes its share with it. So the tainted mass of the
// outputs is that of the inputs, less the same share of what the record loses. Shares
// are exact fractions; where a record does not say what went in, nobody knows the
// share, and none is made up.

// shares computes the share of every part.
func (w *impactWalk) shares() error {
	for _, p := range w.list {
		if err := w.shareOf(p); err != nil {
			return err
		}
	}
	return nil
}

func (w *impactWalk) shareOf(p *part) error {
	if p.shared || p.asking {
		return nil // of a part that goes into itself nobody can say more
	}
	p.asking = true
	defer func() { p.asking, p.shared = false, true }()
	switch {
	case p.mixed:
		return nil
	case p.origin || p.kind == whole:
		p.Share, p.Certain = big.NewRat(1, 1), true
		return nil
	case p.kind == assembly:
		p.Certain = true // it has a component of it; how much of its mass, no record says
		return nil
	}
	for _, t := range p.makers {
		if err := w.shareOfMaking(t); err != nil {
			return err
		}
	}
	if p.kind == amountsOf {
		return w.shareOfAmounts(p)
	}
	p.Certain = len(p.makers) > 0
	for i, t := range p.makers {
		if i == 0 {
			p.Share = t.Share
		} else if p.Share != nil && (t.Share == nil || t.Share.Cmp(p.Share) != 0) {
			p.Share = nil
		}
		p.Certain = p.Certain && t.Certain
	}
	return nil
}

// shareOfAmounts is the share of a lot: the tainted mass of those births that are in the
// closure over all that was born of it. Where other births are in the lot as well, each
// part of it is only possibly of the closure; where births have different shares, it is
// their mean.
func (w *impactWalk) shareOfAmounts(p *part) error {
	var account Account
	known, err := w.state(trace.Key{NS: trace.NSBalance, ID: p.key.ID + "|"}, &account)
	if err != nil {
		return err
	}
	tainted, born := new(big.Rat), new(big.Rat)
	births, alike, certain, measured, unit := uint64(0), true, true, true, ""
	var share *big.Rat
	for i, t := range p.makers {
		certain = certain && t.Certain
		if i == 0 {
			share = t.Share
		}
		if t.Share == nil || share == nil || t.Share.Cmp(share) != 0 {
			alike = false
		}
		for _, r := range t.records {
			of := false
			for j := range r.event.OutputQuantities {
				q := &r.event.OutputQuantities[j]
				if trace.QuantityKey(q.Class) != p.key {
					continue
				}
				of = true
				m, u, ok := massOf(q)
				if !ok || unit != "" && u != unit || t.Share == nil {
					measured = false
					continue
				}
				unit = u
				born.Add(born, m)
				tainted.Add(tainted, new(big.Rat).Mul(t.Share, m))
			}
			if of {
				births++
			}
		}
	}
	all := !known || account.Births <= births
	// Of a class nobody counts what else there is: its share is that of what was made here.
	p.Certain = certain && all && (known || len(p.makers) == 1 && p.key.NS != trace.NSClass)
	if alike && share != nil && all {
		p.Share = share
		return nil
	}
	if !measured {
		return nil
	}
	if !all {
		if account.UnclearIn > 0 || account.Unit != unit {
			return nil
		}
		total, ok := ratOf(account.In)
		if !ok || total.Cmp(born) < 0 {
			return nil
		}
		born = total
	}
	if born.Sign() > 0 {
		p.Share = shortTerms(tainted.Quo(tainted, born))
	}
	return nil
}

// shareOfMaking is the share of what a transformation makes.
func (w *impactWalk) shareOfMaking(t *making) error {
	if t.shared || t.asking {
		return nil
	}
	t.asking = true
	defer func() { t.asking, t.shared = false, true }()
	inputs, known := uint64(0), uint64(0)
	for _, r := range t.records {
		inputs += uint64(len(r.event.Inputs) + len(r.event.InputQuantities))
	}
	possible := slices.ContainsFunc(t.loose, func(k trace.Key) bool {
		return w.parts[partID{key: k, kind: whole}] == nil && w.parts[partID{key: k, kind: amountsOf}] == nil
	})
	t.Certain = !possible
	var share *big.Rat
	alike := true
	for i, p := range t.users {
		if err := w.shareOf(p); err != nil {
			return err
		}
		t.Certain = t.Certain && p.Certain
		known += t.used[p]
		if i == 0 {
			share = p.Share
		}
		if p.Share == nil || share == nil || p.Share.Cmp(share) != 0 {
			alike = false
		}
	}
	if alike && share != nil && known == inputs { // whatever they weigh
		t.Share = share
		return nil
	}
	if possible { // nobody can say whether the items in the closure went in
		return nil
	}
	var mix mixture
	for _, r := range t.records {
		for i := range r.event.InputQuantities {
			q := &r.event.InputQuantities[i]
			m, unit, ok := massOf(q)
			share, known := w.shareOfInput(trace.QuantityKey(q.Class))
			mix.add(m, unit, ok, share, known)
		}
		for _, id := range r.event.Inputs {
			if err := w.mixItem(&mix, id); err != nil {
				return err
			}
		}
	}
	t.Share = mix.share()
	return nil
}

// shareOfInput is the share of an amount that went in: nothing of what is not in the
// closure; known is false where nobody can say.
func (w *impactWalk) shareOfInput(k trace.Key) (share *big.Rat, known bool) {
	for _, kind := range [...]partKind{whole, amountsOf, single} {
		if p := w.parts[partID{key: k, kind: kind}]; p != nil {
			return p.Share, p.Share != nil
		}
	}
	return new(big.Rat), true
}

// mixItem adds an item that went in.
func (w *impactWalk) mixItem(mix *mixture, id epcis.ID) error {
	key := trace.ObjectKey(id)
	if key.NS != trace.NSItem {
		share, known := w.shareOfInput(key)
		mix.add(nil, "", false, share, known)
		return nil
	}
	state, err := w.item(key.ID)
	if err != nil {
		return err
	}
	share, known := new(big.Rat), true
	if p := w.parts[partID{key: key, kind: single}]; p != nil {
		share, known = p.Share, p.Share != nil
	} else if p := w.partOfItem(key.ID, state); p != nil {
		share, known = p.Share, p.Share != nil
	}
	weight, err := w.weightOf(id, state)
	if err != nil {
		return err
	}
	m, ok := new(big.Rat).SetString(weight)
	mix.add(m, kilogram, ok && weight != "", share, known)
	return nil
}

// partOfItem is the part of the closure that an item is in by its batch, nil for none.
func (w *impactWalk) partOfItem(id string, state *ItemState) *part {
	if state == nil {
		return nil
	}
	b := batchBefore(id, state, w.size)
	for _, at := range [...]partID{{key: b.Of, kind: batch, born: b.Born}, {key: b.Of, kind: whole}, {key: b.Of, kind: amountsOf}} {
		if p := w.parts[at]; p != nil && w.covers(p, b.Born) {
			return p
		}
	}
	return nil
}

// weightOf is what one piece weighs in kilograms, as exact decimal; "" for unknown.
func (w *impactWalk) weightOf(id epcis.ID, state *ItemState) (string, error) {
	if state != nil && state.NetWeight != "" {
		return state.NetWeight, nil
	}
	class := id.Class().URI
	if class == "" {
		return "", nil
	}
	weight, ok := w.weights[class]
	if !ok {
		var d trace.DescriptionState
		if _, err := w.state(trace.Key{NS: trace.NSClass, ID: class}, &d); err != nil {
			return "", err
		}
		weight = d.NetWeight
		w.weights[class] = weight
	}
	return weight, nil
}

// mixture is what went into a transformation.
type mixture struct {
	tainted, all big.Rat
	unit         string
	unclear      bool
}

// add takes in an input: how much, in a base unit, and its share.
func (m *mixture) add(amount *big.Rat, unit string, measured bool, share *big.Rat, known bool) {
	if !measured || !known || m.unit != "" && m.unit != unit {
		m.unclear = true
		return
	}
	m.unit = unit
	m.all.Add(&m.all, amount)
	m.tainted.Add(&m.tainted, new(big.Rat).Mul(amount, share))
}

func (m *mixture) share() *big.Rat {
	if m.unclear || m.all.Sign() <= 0 {
		return nil
	}
	return shortTerms(new(big.Rat).Quo(&m.tainted, &m.all))
}

// massOf is a quantity in its base unit, exactly.
func massOf(q *epcis.Quantity) (m *big.Rat, unit string, ok bool) {
	if q.Amount == nil || q.Unit == "" {
		return nil, "", false
	}
	x, unit, ok := convert(*q.Amount, q.Unit)
	if !ok {
		return nil, "", false
	}
	m, ok = ratOf(x)
	return m, unit, ok
}

func ratOf(d epcis.Decimal) (*big.Rat, bool) { return new(big.Rat).SetString(d.String()) }

// maxShareBits bounds the terms of a share: each mixing multiplies them.
const maxShareBits = 4096

// shortTerms is a share, nil for one whose terms are too long to be kept.
func shortTerms(r *big.Rat) *big.Rat {
	if r.Num().BitLen() > maxShareBits || r.Denom().BitLen() > maxShareBits {
		return nil
	}
	return r
}
