package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// declaredStatement is D2 of customs records: goods of a declaration whose commodity is
// in scope come to the market of the European Union by a release, the one of some of them
// as well. The reference stands in the declaration or in the release. That of the
// declaration serves it alone: one that is made anew gives its own.
func (c *hearing) declaredStatement(r *epcis.Customs) error {
	key := trace.DeclarationKey(r.MRN)
	switch {
	case r.Action == epcis.CustomsDeclared:
		return c.diligence().declare(key, r)
	case r.Action != epcis.CustomsReleased || !inUnion(r.Country) || !c.authority(r.Country):
		return nil
	}
	var declaration DeclarationState
	if _, err := c.read(key, &declaration); err != nil {
		return err
	}
	goods, err := c.releasedBy(r, key.ID, &declaration)
	if err != nil {
		return err
	}
	s := c.diligence()
	if r.DueDiligence != "" {
		return s.refer(append(goods, key), r.DueDiligence)
	}
	if declaration.Flow == "transit" || !inScope(r.HSCode) && !inScope(declaration.HSCode) {
		return nil
	}
	state, err := s.of(key)
	if err != nil {
		return err
	}
	if referred, err := s.referred(key, state); err != nil || referred {
		return err
	}
	var locked tally
	for _, k := range goods {
		if err := s.block(k, epcis.Canonical(k.ID), &locked); err != nil {
			return err
		}
	}
	return s.blocked(locked)
}

// releasedBy are the items and lots that a release is on, as rule B2 has it.
func (c *hearing) releasedBy(r *epcis.Customs, id string, declaration *DeclarationState) (goods []trace.Key, err error) {
	for i := range r.Goods {
		goods = append(goods, trace.ObjectKey(r.Goods[i]))
	}
	if len(r.Goods) > 0 {
		return goods, nil
	}
	d := declaration.divide()
	doubts, err := c.doubts(id, d, &Part{Status: ClearanceReleased})
	if err != nil {
		return nil, err
	}
	for _, place := range d.undecided(doubts) {
		goods = append(goods, d.key(place))
	}
	return goods, nil
}

// declare keeps the reference of a declaration, or that it has none, and of the lots that it
// names that theirs may stand there.
func (s *diligence) declare(key trace.Key, r *epcis.Customs) error {
	state, err := s.of(key)
	if err != nil {
		return err
	}
	if inScope(r.HSCode) && r.Flow == "import" {
		if err := s.declareLots(key, r); err != nil {
			return err
		}
	}
	if r.DueDiligence == "" && state.Statement == nil {
		return s.write()
	}
	state.Statement, state.Reference, state.Again = nil, "", nil
	s.change(key)
	if r.DueDiligence == "" {
		return s.write()
	}
	return s.refer([]trace.Key{key}, r.DueDiligence)
}

func (s *diligence) declareLots(key trace.Key, r *epcis.Customs) error {
	from := []string{stateOf(trace.NSDiligence, key).ID}
	lot := func(k trace.Key) error {
		if k.NS != trace.NSLot {
			return nil
		}
		state, err := s.of(k)
		if err == nil && !slices.ContainsFunc(state.Roots, func(r Root) bool { return slices.Equal(r.Keys, from) }) {
			s.roots(k, state, from, false)
		}
		return err
	}
	for i := range r.Goods {
		if err := lot(trace.ObjectKey(r.Goods[i])); err != nil {
			return err
		}
	}
	for i := range r.Quantities {
		if err := lot(trace.QuantityKey(r.Quantities[i].Class)); err != nil {
			return err
		}
	}
	return nil
}
