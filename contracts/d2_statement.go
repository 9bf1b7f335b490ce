package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// D2 due-diligence statement. Goods in scope (rule D1) that the customs authority
// of a member state of the European Union releases, or accepts, come to that
// market with the reference of a due-diligence statement: our extension
// dueDiligenceReference, in the release itself, in the customs declaration or an earlier
// event that cites it, or in an earlier event about the same items or lots.
// Without one the release stands and the goods are locked.
//
// What the goods are, the event says itself (our hsCode), else the master data of
// the classes it names. What a container holds is not looked up.
//
// The lock is lifted by an event that names the goods with the reference, or by
// the errorDeclaration of the authority that released them, of each release where there
// are several. A reference that is declared
// wrong is none, and the lock that it lifted stands again unless another was given. The first reference stands,
// but where a compromised key gave it (rule A7). The reference is a claim of its author;
// whether the information system knows it, no ledger can say. Of those who deal with the
// goods afterwards only the first keeps it: see d2_downstream.go, and d2_roots.go for where
// the reference of goods may stand.
func (c *hearing) statement() error {
	e := c.record.Event
	if r := c.record.Customs; r != nil {
		return c.declaredStatement(r)
	}
	if e == nil {
		return nil
	}
	if e.Type == epcis.AggregationEvent && e.Action == epcis.Delete && len(e.ChildQuantities) > 0 {
		if err := c.diligence().unpack(e); err != nil {
			return err
		}
	}
	reference, releases := dueDiligence(e), c.releasesIntoUnion(e)
	if reference == "" && !releases {
		return c.downstream(e)
	}
	s := c.diligence()
	if e.Correction != nil {
		return s.withdraw(e)
	}
	if reference != "" {
		return s.refer(s.subjects(e), reference)
	}
	return s.release(e)
}

// dueDiligence is the reference that an event gives, "" for none.
func dueDiligence(e *epcis.Event) string {
	if reference := textOf(ours(e.Extensions, "dueDiligenceReference")); reference != "" {
		return reference
	}
	return textOf(ours(e.ILMD, "dueDiligenceReference"))
}

// releasesIntoUnion: a customs authority of a member state releases or accepts.
func (c *hearing) releasesIntoUnion(e *epcis.Event) bool {
	if e.BizStep != stepAccepting && !released(e) {
		return false
	}
	for _, r := range c.signer.Roles {
		if country, ok := r.Customs(); ok && inUnion(country) {
			return true
		}
	}
	return false
}

func released(e *epcis.Event) bool {
	return slices.ContainsFunc(append([]string{e.Disposition}, e.Set...), func(d string) bool {
		return isOurs(d, "Disp-customs_released") || isOurs(d, "customs_released") || isOurs(d, "Disp-released") || isOurs(d, "released")
	})
}

// inUnion reports whether a country (ISO 3166-1 alpha-2) is one of the 27.
func inUnion(country string) bool {
	switch country {
	case "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT",
		"NL", "PL", "PT", "RO", "SE", "SI", "SK":
		return true
	}
	return false
}

// declarationsOf are the customs declarations that an event cites.
func declarationsOf(e *epcis.Event) []trace.Key {
	var keys []trace.Key
	for _, t := range e.Transactions {
		if isOurs(t.Type, "BTT-customs_declaration") && !t.ID.IsZero() {
			keys = append(keys, trace.Key{NS: trace.NSTransaction, ID: t.ID.URI})
		}
	}
	return keys
}

// subjects are the items and lots that an event is about, and what it cites.
func (s *diligence) subjects(e *epcis.Event) []trace.Key {
	keys := declarationsOf(e)
	for _, t := range s.hearing.things() {
		if t.key.NS != trace.NSClass {
			keys = append(keys, t.key)
		}
	}
	return keys
}

// maxReference bounds what a state keeps of a reference.
const maxReference = 64

// refer keeps the reference, and lifts the locks for want of it.
func (s *diligence) refer(subjects []trace.Key, reference string) error {
	var free tally
	for _, k := range subjects {
		state, err := s.of(k)
		if err != nil {
			return err
		}
		doubt, err := s.doubtfulReference(k, state)
		if err != nil {
			return err
		}
		if state.Blocked != nil {
			free.add(factAt(k.ID, "released without a reference", state.Blocked.Seq))
			state.Blocked, state.Freed = nil, state.Blocked
			if err := s.unlock(k, CodeNoStatement); err != nil {
				return err
			}
		} else if doubt != nil {
			free.add(*doubt)
		} else if state.Statement != nil { // the first one stands
			if state.Statement.Seq != s.turn.Seq && addLater(&state.Again, Given{*s.turn, clip(reference, maxReference)}) {
				s.change(k)
			}
			continue
		}
		state.Withdrawn = nil
		state.Statement, state.Reference = s.turn, clip(reference, maxReference)
		s.change(k)
	}
	s.hearing.find(trace.Finding{
		Code:  CodeStatement,
		Facts: append(free.facts, fact("reference", reference)),
	})
	return s.write()
}

// release judges a release that gives no reference itself.
func (s *diligence) release(e *epcis.Event) error {
	scoped, err := s.inScope(e)
	if err != nil || !scoped {
		return err
	}
	for _, k := range declarationsOf(e) {
		state, err := s.of(k)
		if err != nil {
			return err
		}
		if referred, err := s.referred(k, state); err != nil || referred {
			return err
		}
	}
	var locked tally
	for _, t := range s.hearing.things() {
		if t.key.NS == trace.NSClass {
			locked.add(fact("class", t.id.URI))
			continue
		}
		if err := s.block(t.key, t.id, &locked); err != nil {
			return err
		}
	}
	return s.blocked(locked)
}

// block locks what is released without a reference, unless an earlier event gave one for
// it or its lot.
func (s *diligence) block(k trace.Key, id epcis.ID, locked *tally) error {
	state, err := s.of(k)
	if err != nil {
		return err
	}
	if referred, err := s.referred(k, state); err != nil || referred {
		return err
	}
	it, err := s.hearing.item(&id)
	if err != nil {
		return err
	}
	if it != nil {
		if referred, err := s.lotReferred(it); err != nil || referred {
			return err
		}
		it.lock(CodeNoStatement, s.turn.Seq)
	}
	if state.Blocked == nil {
		state.Blocked = s.turn
	} else if state.Blocked.Seq != s.turn.Seq {
		addLater(&state.Released, *s.turn)
	}
	state.Withdrawn = nil
	s.change(k)
	locked.add(fact(string(k.NS), id.URI))
	return nil
}

// blocked reports what was locked, and writes the states.
func (s *diligence) blocked(locked tally) error {
	locked.found(s.hearing, trace.Finding{
		Code: CodeNoStatement,
		Next: "Record an event that names these goods with dueDiligenceReference; it lifts the lock.",
	})
	return s.write()
}

// lotReferred reports whether the item's lot has a reference.
func (s *diligence) lotReferred(it *item) (bool, error) {
	if it.state.Lot == "" {
		return false, nil
	}
	k := trace.Key{NS: trace.NSLot, ID: it.state.Lot}
	state, err := s.of(k)
	if err != nil {
		return false, err
	}
	return s.referred(k, state)
}

// inScope reports whether what the event is about is in scope.
func (s *diligence) inScope(e *epcis.Event) (bool, error) {
	if hs := statedCommodity(e); hs != "" {
		return inScope(hs), nil
	}
	for _, t := range s.hearing.things() {
		hs, err := s.hearing.commodityOf(t)
		if err != nil || inScope(hs) {
			return err == nil, err
		}
	}
	return false, nil
}

// withdraw undoes what an event of the same author did.
func (s *diligence) withdraw(e *epcis.Event) error {
	var undone, locked tally
	for _, k := range s.subjects(e) {
		state, err := s.of(k)
		if err != nil {
			return err
		}
		if was := dropLater(s.hearing, &state.Again); was != nil {
			undone.add(factAt(k.ID, "reference "+was.Reference, was.By.Seq))
			s.change(k)
		}
		if s.hearing.declaredWrong(state.Statement) {
			undone.add(factAt(k.ID, "reference "+state.Reference, state.Statement.Seq))
			state.Statement, state.Reference = nil, ""
			if next := nextLater(&state.Again); next != nil {
				state.Statement, state.Reference = &next.By, next.Reference
			}
			s.change(k)
			if state.Freed != nil && state.Statement == nil {
				state.Blocked, state.Freed = state.Freed, nil
				locked.add(factAt(k.ID, "released without a reference", state.Blocked.Seq))
				if err := s.lock(k, state.Blocked.Seq); err != nil {
					return err
				}
			}
		}
		if s.hearing.declaredWrong(state.Freed) {
			undone.add(factAt(k.ID, "released without a reference", state.Freed.Seq))
			state.Freed = nextLater(&state.Released)
			s.change(k)
		}
		if was := dropLater(s.hearing, &state.Released); was != nil {
			undone.add(factAt(k.ID, "released once more", was.Seq))
			s.change(k)
		}
		if s.hearing.declaredWrong(state.Blocked) {
			undone.add(factAt(k.ID, "released without a reference", state.Blocked.Seq))
			s.change(k)
			if state.Blocked = nextLater(&state.Released); state.Blocked != nil {
				continue
			}
			state.Withdrawn = s.turn
			if err := s.unlock(k, CodeNoStatement); err != nil {
				return err
			}
		}
	}
	undone.found(s.hearing, trace.Finding{Code: CodeReleaseWithdrawn})
	return s.blocked(locked)
}

func statementContract() Contract {
	return Contract{
		Rule: "D2", Version: 1, Name: "due-diligence statement", Kinds: []epcis.Kind{epcis.KindEvent, epcis.KindCustoms}, judge: (*hearing).statement,
		Says: "Goods in scope that customs of a member state of the European Union release have the reference of a due-diligence " +
			"statement, in the release, in the declaration or in an earlier event about it or the goods. Otherwise they are locked. " +
			"The first reference stands, but one that a compromised key gave. Of those who deal with the goods afterwards only the first keeps it: " +
			"who receives them in the Union from the operator, without the reference or the declaration that has it, is flagged, also where a lot with it is in a container; nobody behind is asked. " +
			"What was given for a container counts for what was in it, and what the operator makes of the goods counts as they do; what anybody else makes of them owes nothing further.",
		Source: "Regulation (EU) 2023/1115 as amended by Regulation (EU) 2025/2650",
		Reads:  []trace.Namespace{trace.NSDiligence, trace.NSClass, trace.NSItem, trace.NSTransaction, trace.NSPlace, trace.NSEmptied},
		Writes: []trace.Namespace{trace.NSDiligence, trace.NSItem},
		Finds: []Declared{
			{CodeNoStatement, trace.Lock, "released into the European Union without a due-diligence reference"},
			{CodeReferenceNotKept, trace.Flag, "received from the operator without its due-diligence reference"},
			{CodeStatement, trace.Info, "a due-diligence reference is recorded"},
			{CodeReleaseWithdrawn, trace.Info, "a reference, or a release, is declared wrong"},
		},
	}
}
