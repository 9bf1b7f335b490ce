package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// referred reports whether a due-diligence reference is known of a key, and notes that
// the record relies on it where a compromised key gave it.
func (s *diligence) referred(k trace.Key, state *DiligenceState) (bool, error) {
	if state.Statement == nil {
		return false, nil
	}
	doubt, err := s.doubtfulReference(k, state)
	if doubt != nil && s.hearing.references.get(k.ID) == nil {
		s.hearing.references.add(k.ID, doubt)
	}
	return err == nil, err
}

// doubtfulReference says that a key which was compromised by then gave the reference;
// nil otherwise.
func (s *diligence) doubtfulReference(k trace.Key, state *DiligenceState) (*trace.Fact, error) {
	by := state.Statement
	if by == nil {
		return nil, nil
	}
	return s.hearing.doubtful(claim{trace.PrintedID(k.ID), "reference " + state.Reference + " of " + by.Organisation, by.Organisation, by.Seq})
}

// reliesOnReferences flags what the contracts before it have relied on, and that an event
// moves or receives goods which such a reference freed, or the errorDeclaration of their
// release.
func (c *hearing) reliesOnReferences() error {
	if err := c.readCompromised(); err != nil || len(c.compromises) == 0 {
		return err
	}
	if e := c.record.Event; e != nil && e.Correction == nil && (movesGoods(e) || receives(e)) {
		for _, t := range c.things() {
			if err := c.freedByReference(t); err != nil {
				return err
			}
		}
	}
	c.restsOn(&c.references, trace.Finding{
		Code: CodeRestsOnReference,
		Next: "Look the reference up, and give it again with a good key: an event that names the goods with dueDiligenceReference.",
	})
	c.restsOn(&c.withdrawals, trace.Finding{
		Code: CodeRestsOnDecision,
		Next: "Ask the authority to decide anew, with a good key, or give the due-diligence reference of the goods.",
	})
	return nil
}

// freedByReference relies on what freed a thing, or its lot, that was released without a
// reference.
func (c *hearing) freedByReference(t thing) error {
	keys := []trace.Key{t.key}
	it, err := c.item(&t.id)
	if err != nil {
		return err
	}
	if lot := c.lotOfThing(t.id, it); it != nil && lot != "" {
		keys = append(keys, trace.Key{NS: trace.NSLot, ID: lot})
	}
	s := c.diligence()
	for _, k := range keys {
		state, err := s.of(k)
		if err != nil {
			return err
		}
		if by := state.Withdrawn; by != nil {
			doubt, err := c.doubtful(claim{trace.PrintedID(k.ID), "its release declared wrong by " + by.Organisation, by.Organisation, by.Seq})
			if err != nil {
				return err
			}
			if doubt != nil && c.withdrawals.get(k.ID) == nil {
				c.withdrawals.add(k.ID, doubt)
			}
		}
		if state.Freed == nil {
			continue
		}
		if _, err := s.referred(k, state); err != nil {
			return err
		}
	}
	return nil
}

func referencesOfCompromisedContract() Contract {
	return Contract{
		Rule: "A7", Version: 1, Name: "due-diligence references of a compromised key",
		Kinds: []epcis.Kind{epcis.KindEvent, epcis.KindCustoms}, judge: (*hearing).reliesOnReferences,
		Says: "A record that a rule judges by a due-diligence reference which a compromised key gave is flagged, and so is an event " +
			"that moves or receives goods which such a reference freed, until somebody gives the reference again with a good key. So is one " +
			"about goods whose release without a reference such a key declared wrong.",
		Source: "RFC 5280, section 5.3.2 (invalidity date)",
		Reads:  []trace.Namespace{trace.NSDiligence, trace.NSItem},
		Finds: []Declared{
			{CodeRestsOnReference, trace.Flag, "rests on a due-diligence reference that was given with a compromised key"},
			{CodeRestsOnDecision, trace.Flag, "rests on a customs decision that was signed with a compromised key"},
		},
	}
}
