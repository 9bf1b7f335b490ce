package contracts

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// B2 clearance: declared -> {released, inspecting}; inspecting -> {released, held,
// seized}; held -> {released, seized}. Any other decision is refused. (That the
// authority of the country alone decides is rule A3.)
//
//   - A decision is on all that is still open, or on the items and lots of the
//     declaration that it names: those alone, the others stand as they stood. It is
//     refused where it does not follow for one of them, or names what was not declared.
//   - What is held or seized is locked: an event that moves or uses such an item is
//     refused, unless the authority itself recorded it, and so is one that takes what is
//     in such an item, or moves what such an item is in. A release unlocks.
//   - What is seized the authority holds from then on, and it is on its way to nobody: who
//     receives it is refused as well.
//   - An event that happened before the hold and is only recorded after it is
//     accepted with a FLAG, and so is one of a foreign item.
//   - A decision on a declaration that nobody recorded here is accepted with a FLAG,
//     and the declaration begins with it. Items that it names are held by it as well.
//   - The declarant withdraws a declaration that nobody has looked at yet, the
//     authority what is open of any. That then stands as if it had never been.
//   - A decision that was signed with a compromised key (rule A7) the authority takes
//     anew, whichever it was: the new one takes its place, and gives back what was
//     seized.
//
// "Before" among decisions is the ledger's order. Locks are on serialised items:
// what became of a lot is told by its journey, which holds the decision.
func (c *hearing) clearance() error {
	switch r := c.record.Customs; {
	case r == nil:
		return c.heldGoods(c.record.Event)
	case r.Decides() && c.authority(r.Country) || r.Action == epcis.CustomsWithdrawn:
		return c.decision(r)
	}
	return nil
}

func (c *hearing) decision(r *epcis.Customs) error {
	key, all := trace.DeclarationKey(r.MRN), c.declarations()
	state, err := all.of(key.ID)
	if err != nil {
		return err
	}
	now := &Part{Status: statusOf(r.Action), Since: c.customsTurn()}
	switch {
	case state == nil:
		c.find(trace.Finding{
			Code:  CodeUndeclared,
			Facts: []trace.Fact{fact("declaration", r.MRN.URI)},
			Next:  "Check the number. If it is right, ask the declarant to record the declaration.",
		})
		if r.Action == epcis.CustomsWithdrawn {
			return nil // there is nothing to withdraw
		}
		state = &DeclarationState{Country: r.Country, Status: ClearanceDeclared, Since: now.Since}
		all.read[key.ID] = state
	case state.Country != r.Country:
		c.find(trace.Finding{
			Code:  CodeOtherCountry,
			Facts: []trace.Fact{factAt("country", state.Country, state.Since.Seq), fact("decided by", r.Country)},
			Next:  "The authority to which it was declared decides.",
		})
		return nil
	case now.Status == ClearanceWithdrawn && !c.mayWithdraw(state):
		return nil
	}
	goods := state.divide()
	doubts, err := c.doubts(key.ID, goods, now)
	if err != nil {
		return err
	}
	on, ok := c.decidedOn(goods, r, doubts)
	if !ok || !c.inTurn(goods, on, now, doubts) {
		return nil
	}
	if err := c.giveBack(goods, on, now); err != nil {
		return err
	}
	for _, place := range on.places {
		goods.at[place] = now
	}
	if on.rest {
		goods.rest = now
	}
	goods.join()
	if err := c.settleGoods(all, key.ID, state, on.places, now); err != nil {
		return err
	}
	c.decidedInPart(goods, on, now)
	return c.write(key, state)
}

func statusOf(action string) ClearanceStatus {
	switch action {
	case epcis.CustomsInspected:
		return ClearanceInspecting
	case epcis.CustomsReleased:
		return ClearanceReleased
	case epcis.CustomsHeld:
		return ClearanceHeld
	case epcis.CustomsSeized:
		return ClearanceSeized
	}
	return ClearanceWithdrawn
}

// follows is the state machine of a declaration.
func follows(from, to ClearanceStatus) bool {
	switch from {
	case ClearanceDeclared:
		return to == ClearanceReleased || to == ClearanceInspecting || to == ClearanceWithdrawn
	case ClearanceInspecting:
		return to == ClearanceReleased || to == ClearanceHeld || to == ClearanceSeized || to == ClearanceWithdrawn
	case ClearanceHeld:
		return to == ClearanceReleased || to == ClearanceSeized || to == ClearanceWithdrawn
	}
	return false
}

func nextInTurn(status ClearanceStatus) string {
	switch status {
	case ClearanceDeclared:
		return "Record the inspection or the release first."
	case ClearanceInspecting, ClearanceHeld:
		return "Record a release or a seizure, or of what is inspected a hold."
	}
	return "The declaration is closed. Goods that are declared anew get a number of their own."
}

// mayWithdraw reports whether the signer may withdraw the declaration, and finds
// that it may not.
func (c *hearing) mayWithdraw(state *DeclarationState) bool {
	declared := state.Declared
	if c.authority(state.Country) || declared != nil && declared.Organisation == c.signer.ID &&
		state.Status == ClearanceDeclared && len(state.Apart) == 0 {
		return true
	}
	facts := []trace.Fact{factAt("status", string(state.Status), state.Since.Seq)}
	if declared != nil {
		facts = append(facts, factAt("declared by", declared.Organisation, declared.Seq))
	}
	c.find(trace.Finding{
		Code: CodeNotDeclarant, Facts: facts,
		Next: "The declarant withdraws what nobody has looked at; after that, ask the authority.",
	})
	return false
}

// settleGoods locks and unlocks the goods that a decision is on, and gives the authority
// custody of what it seizes.
func (c *hearing) settleGoods(all declarations, id string, state *DeclarationState, places []int, now *Part) error {
	var facts, freed tally
	for _, place := range places {
		if place >= len(state.Goods) {
			facts.add(fact("lot", state.Lots[place-len(state.Goods)]))
			continue
		}
		it, err := c.itemAt(state.Goods[place])
		if err != nil {
			return err
		}
		if _, err := all.declare(it, id, true); err != nil {
			return err
		}
		locked := len(it.state.Locks)
		strictest := now
		if !now.locks() {
			other, err := all.naming(it, func(n naming) bool { return n.part.locks() })
			if err != nil {
				return err
			}
			if other != nil {
				strictest = &other.part
			}
		}
		it.setLocks(strictest)
		if now.Status == ClearanceSeized {
			if err := c.seize(it, state); err != nil {
				return err
			}
		}
		if now.Status == ClearanceWithdrawn {
			customs := it.customs()
			customs.Declarations = slices.DeleteFunc(slices.Clone(customs.Declarations), func(d string) bool { return d == id })
		}
		facts.add(fact("item", it.id))
		if len(it.state.Locks) < locked {
			freed.add(fact("item", it.id))
		}
	}
	switch {
	case facts.n == 0 && state.Declared == nil: // nobody knows which goods these are
	case now.Status == ClearanceHeld:
		c.find(trace.Finding{
			Code: CodeHeld, Facts: facts.facts,
			Next: "Nobody moves or uses the goods until the authority releases them.",
		})
	case now.Status == ClearanceSeized:
		c.find(trace.Finding{
			Code:  CodeSeized,
			Facts: append([]trace.Fact{fact("custodian", c.signer.ID)}, facts.facts...),
			Next:  "The goods are the authority's to dispose of. Whoever owned them may appeal to it.",
		})
	}
	freed.found(c, trace.Finding{
		Code: CodeUnlocked,
	})
	return nil
}

// setLocks gives the item the lock that follows from its part of a declaration, and
// none from customs otherwise.
func (it *item) setLocks(p *Part) {
	if p.Status != ClearanceHeld {
		it.unlock(CodeHeld)
	}
	if p.Status != ClearanceSeized {
		it.unlock(CodeSeized)
	}
	switch p.Status {
	case ClearanceHeld:
		it.lock(CodeHeld, p.Since.Seq)
	case ClearanceSeized:
		it.lock(CodeSeized, p.Since.Seq)
	}
}

// heldGoods refuses that an event moves or uses what customs hold, or receives what they
// seized: nobody but the authority has it to give.
func (c *hearing) heldGoods(e *epcis.Event) error {
	if e == nil || e.Correction != nil || !movesGoods(e) && !receives(e) {
		return nil
	}
	bars := func(code uint32) bool { return code == CodeSeized || code == CodeHeld && movesGoods(e) }
	var all declarations
	var refused, flagged tally
	used, err := c.usedItems(e)
	if err != nil {
		return err
	}
	for _, it := range used {
		if !slices.ContainsFunc(it.state.Locks, func(l Lock) bool { return bars(l.Code) }) {
			continue
		}
		if all.hearing == nil {
			all = c.declarations()
		}
		by, err := all.naming(it, func(n naming) bool { return n.part.locks() && (n.part.Status == ClearanceSeized || movesGoods(e)) })
		if err != nil {
			return err
		}
		if by == nil || c.authority(by.Country) {
			continue
		}
		foreign, err := c.isForeign(epcis.Canonical(it.id))
		if err != nil {
			return err
		}
		into := &refused
		if foreign || e.Time.Before(by.part.Since.Time()) {
			into = &flagged
		}
		into.add(factAt(it.id, string(by.part.Status)+" by customs of "+by.Country, by.part.Since.Seq))
	}
	refused.found(c, trace.Finding{
		Code: CodeHeldMoved,
		Next: "Wait until the authority records the release.",
	})
	flagged.found(c, trace.Finding{
		Code: CodeHeldMovedFlag,
		Next: "Tell the authority where the goods are. Record events as they happen.",
	})
	return nil
}

// movesGoods reports an event by which goods leave their place, their packing or their
// life.
func movesGoods(e *epcis.Event) bool {
	switch e.Type {
	case epcis.TransformationEvent:
		return true
	case epcis.AggregationEvent, epcis.AssociationEvent:
		return e.Action != epcis.Observe
	}
	return movingStep(e) || e.Type == epcis.ObjectEvent && e.Action == epcis.Delete
}

// movingStep reports a step by which goods leave their place or their life.
func movingStep(e *epcis.Event) bool {
	switch strings.TrimPrefix(e.BizStep, epcis.NamespaceCBV+"BizStep-") {
	case "shipping", "departing", "loading", "retail_selling", "dispensing", "destroying", "decommissioning":
		return true
	}
	return false
}

func clearanceContract() Contract {
	return Contract{
		Rule: "B2", Version: 1, Name: "clearance", Kinds: happeningKinds(), judge: (*hearing).clearance,
		Says: "The authority releases or inspects what is declared; releases, holds or seizes what it inspects; releases or " +
			"seizes what it holds: all of the declaration that is open, or some of its goods, which the decision then names; what was " +
			"decided with a compromised key it decides anew. What is held or seized is locked, with all that is in it: nobody else " +
			"moves or uses it, or what it is in; of what is seized the authority is the custodian, and nobody receives it. The declarant withdraws what nobody has looked at " +
			"yet, the authority what is open.",
		Source: "practice of customs authorities (WCO Data Model, response messages)",
		Reads:  append(bondStates(), trace.NSTransaction, trace.NSTransfer),
		Writes: []trace.Namespace{trace.NSTransaction, trace.NSItem, trace.NSTransfer},
		Finds: []Declared{
			{CodeUndeclared, trace.Flag, "no such declaration is recorded here"},
			{CodeOtherCountry, trace.Reject, "the declaration is another country's"},
			{CodeNotInTurn, trace.Reject, "the decision does not follow from where the declaration stands"},
			{CodeDatedBack, trace.Flag, "happened before the decision that it follows"},
			{CodeHeld, trace.Lock, "held by customs"},
			{CodeSeized, trace.Lock, "seized by customs"},
			{CodeNotDeclarant, trace.Reject, "the declaration is not the signer's to withdraw"},
			{CodeHeldMoved, trace.Reject, "customs hold the goods"},
			{CodeHeldMovedFlag, trace.Flag, "moved or used although customs hold the goods"},
			{CodeUnlocked, trace.Info, "no longer held by customs"},
			{CodeDecidedAnew, trace.Info, "takes the place of a decision that was signed with a compromised key"},
			{CodeNotOfDeclaration, trace.Reject, "decides on goods that the declaration does not name"},
			{CodeTooManyNamed, trace.Reject, "the decisions name too many goods that nobody declared"},
			{CodeInPart, trace.Info, "decided on part of the declaration"},
		},
	}
}
