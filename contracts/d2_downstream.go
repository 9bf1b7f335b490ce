package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// D2, downstream: of those who deal with the goods after the operator that placed them on the
// market of the European Union, the first keeps the reference of its due-diligence statement,
// and nobody behind (Regulation (EU) 2023/1115 as amended by Regulation (EU) 2025/2650).
//
// The operator is the member whose record gave the reference first, for the item, its lot, a
// customs declaration or where else it may stand (d2_roots.go); where the authority gave it, the member that
// made the declaration. Who deals with goods (no carrier, warehouse or authority), receives
// them in the Union from that member, as who had or owned them, and neither gives the reference in the receipt
// nor cites the declaration that has it, is FLAGged; of a container the lots inside count. Who receives them from anybody else is
// asked for nothing; nor is anyone where nobody knows who the operator was.
func (c *hearing) downstream(e *epcis.Event) error {
	if e.Correction != nil || !receives(e) || e.Action == epcis.Delete || !c.deals() ||
		e.BizStep == stepAccepting && len(c.handover.took) == 0 { // what was received before is only accepted now
		return nil
	}
	inside, err := c.happensInUnion(e)
	if err != nil || !inside {
		return err
	}
	from, err := c.suppliers(e)
	if err != nil || len(from) == 0 {
		return err
	}
	s := c.diligence()
	for _, k := range declarationsOf(e) {
		if by, err := s.operator(k); err != nil || slices.Contains(from, by) {
			return err
		}
	}
	things, err := c.withLotsInside(c.things())
	if err != nil {
		return err
	}
	var first tally
	for _, t := range things {
		if t.key.NS == trace.NSClass {
			continue
		}
		by, fact, err := s.operatorOf(t)
		if err != nil {
			return err
		}
		if slices.Contains(from, by) {
			first.add(fact)
		}
	}
	first.found(c, trace.Finding{
		Code: CodeReferenceNotKept,
		Next: "Whoever receives goods from the operator keeps the reference: declare this receipt wrong, and record it with " +
			"dueDiligenceReference or with the customs declaration that has it. Who receives them from you need not.",
	})
	return nil
}

// withLotsInside adds to things the lots that are inside of them (inside.go).
func (c *hearing) withLotsInside(things []thing) ([]thing, error) {
	all := slices.Clip(things)
	add := func(id string) {
		if t := (thing{id: epcis.Canonical(id)}); t.id.Level == epcis.Lot {
			if t.key = trace.QuantityKey(t.id); !slices.ContainsFunc(all, func(o thing) bool { return o.key == t.key }) {
				all = append(all, t)
			}
		}
	}
	for _, t := range things {
		it, err := c.item(&t.id)
		if err != nil {
			return nil, err
		}
		if it == nil || it.state.Contents == nil {
			continue
		}
		held := c.heldBy(it.state.Contents)
		for i := range held.Goods {
			add(held.Goods[i].Of)
		}
		for i := range held.Packed {
			add(held.Packed[i].Of)
		}
	}
	return all, nil
}

// suppliers are the other members that the event receives goods from: who had them, and who
// owned them.
func (c *hearing) suppliers(e *epcis.Event) (from []string, err error) {
	add := func(organisation string) {
		if organisation != "" && organisation != c.signer.ID {
			from = append(from, organisation)
		}
	}
	add(c.handover.sender)
	for i := range e.Sources {
		if e.Sources[i].Type != owningParty {
			continue
		}
		organisation, err := c.organisationOf(e.Sources[i].ID)
		if err != nil {
			return nil, err
		}
		add(organisation)
	}
	return from, nil
}

// deals reports whether the signer is one of those who place goods on a market or make them
// available there.
func (c *hearing) deals() bool {
	return slices.ContainsFunc(c.signer.Roles, func(r identity.Role) bool {
		switch r {
		case identity.Producer, identity.Manufacturer, identity.Trader, identity.Platform, identity.Merchant, identity.Retailer:
			return true
		}
		return false
	})
}

// happensInUnion reports whether the event's place is known to be in the European Union.
func (c *hearing) happensInUnion(e *epcis.Event) (bool, error) {
	for _, id := range [...]epcis.ID{e.ReadPoint, e.BizLocation} {
		if id.IsZero() {
			continue
		}
		key := trace.Key{NS: trace.NSPlace, ID: id.URI}
		place, err := c.described(key)
		if err != nil || place == nil || place.Country == "" {
			return false, err
		}
		return inUnion(place.Country), c.relies(key, place, "its country")
	}
	return false, nil
}

// operatorOf is the member that placed a thing on the market, "" where nobody knows, and what
// says so: the first reference that is known of it. Those behind may repeat it.
func (s *diligence) operatorOf(t thing) (by string, reference trace.Fact, err error) {
	places, err := s.referencePlaces(t)
	if err != nil {
		return "", reference, err
	}
	var first *Turn
	for _, p := range places {
		given, operator, err := s.givenAt(p)
		if err != nil {
			return "", reference, err
		}
		if given == nil || first != nil && (given.By.Seq > first.Seq || given.By.Seq == first.Seq && operator == "") {
			continue
		}
		first, by = &given.By, operator
		reference = factAt(t.key.ID, "reference "+given.Reference+" of "+operator, given.By.Seq)
	}
	return by, reference, nil
}

// operator is the member that placed the goods on the market by the reference that is known
// of a key, "" where nobody knows.
func (s *diligence) operator(k trace.Key) (string, error) {
	state, err := s.of(k)
	if err != nil {
		return "", err
	}
	if referred, err := s.referred(k, state); err != nil || !referred {
		return "", err
	}
	by, _, err := s.operatorBy(k, &Given{By: *state.Statement})
	return by, err
}

// operatorBy is the member that placed the goods on the market by a reference of a key, ""
// where nobody knows. stands is false for that of a declaration which was withdrawn.
func (s *diligence) operatorBy(k trace.Key, given *Given) (by string, stands bool, err error) {
	by, declared := given.By.Organisation, ""
	if k.NS == trace.NSTransaction {
		var declaration DeclarationState
		if _, err := s.hearing.read(k, &declaration); err != nil || declaration.withdrawn() {
			return "", false, err
		}
		if declaration.Declared != nil {
			declared = declaration.Declared.Organisation
		}
	}
	member, err := s.hearing.member(by)
	if err != nil || len(member.Intervals) == 0 {
		return "", true, err
	}
	roles := member.Intervals[len(member.Intervals)-1].Value.Organisation.Roles
	if slices.ContainsFunc(roles, func(r identity.Role) bool { _, ok := r.Customs(); return ok }) {
		return declared, true, nil
	}
	return by, true, nil
}
