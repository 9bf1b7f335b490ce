package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// M1 transform inputs. What goes into a transformation is active and unlocked, and
// was there before. That an input has ended before, and that an output was born
// before, rule C1 says.
//
//   - What is locked is refused: an item by its own locks, by those of what it is in
//     and by those of its lot; an amount of a lot by the lot's: a recall, a cold chain
//     that was broken, a due-diligence reference that is missing, an origin that is
//     mixed, and that the signer's own balance of it is locked. What locked it is
//     settled first. Of a foreign thing it is a FLAG. A container goes in with what is in
//     it (inside.go).
//   - What went in before the event that locked its lot, and is recorded after it, is
//     a FLAG.
//   - An input that the ledger saw no birth of (old stock, goods of who is no
//     member) is a FLAG: nothing is refused for lack of history. A product class
//     without lot or serial (water, bags) has no birth and gets none.
//   - An input that was born later than it was used contradicts its birth: refused
//     where the signer itself recorded that birth, a FLAG where another organisation
//     did, whose time may be the wrong one.
//   - An event under a transformationID that the same organisation has closed is a
//     FLAG, and rule M2 judges the whole again.
func (c *hearing) transformInputs() error {
	e := c.record.Event
	if e == nil || e.Type != epcis.TransformationEvent || e.Correction != nil {
		return nil
	}
	var found inputs
	for i := range e.Inputs {
		if err := c.input(e.Inputs[i], &found); err != nil {
			return err
		}
	}
	for i := range e.InputQuantities {
		if err := c.inputLot(e.InputQuantities[i].Class, &found); err != nil {
			return err
		}
	}
	c.inputFindings(&found)
	if e.TransformationID == "" {
		return nil
	}
	a, err := c.account(c.transformationID())
	if err != nil {
		return err
	}
	if done := a.state.Closed; done != nil {
		c.find(trace.Finding{
			Code:  CodeTransformationDone,
			Facts: []trace.Fact{factAt("closed", done.Time().String(), done.Seq)},
			Next:  "Give what goes on a transformationID of its own, or declare the closing event wrong.",
		})
	}
	return nil
}

// inputs is what is the matter with the inputs of one event.
type inputs struct{ locked, foreignLocked, lockedSince, unknown, early, earlier tally }

// lockInputs notes what locks an input.
func (c *hearing) lockInputs(found *inputs, list []useLock, foreign bool) error {
	for i := range list {
		l := &list[i]
		flags, err := c.flagsOnly(l, foreign)
		if err != nil {
			return err
		}
		switch {
		case l.before:
			found.lockedSince.add(l.fact)
		case flags:
			found.foreignLocked.add(l.fact)
		default:
			found.locked.add(l.fact)
		}
	}
	return nil
}

func (c *hearing) input(id epcis.ID, found *inputs) error {
	it, err := c.item(&id)
	if err != nil {
		return err
	}
	if it == nil {
		return c.inputLot(id, found)
	}
	used := lockedUse{recalls: true}
	if err := c.lockedItem(&used, id, it); err != nil {
		return err
	}
	if len(used.list) > 0 {
		foreign, err := c.isForeign(id)
		if err != nil {
			return err
		}
		if err := c.lockInputs(found, used.list, foreign); err != nil {
			return err
		}
	}
	switch born := it.state.Born; {
	case it.gone:
	case born == nil && needsBirth(it.id):
		found.unknown.add(factAt(it.id, "no birth is recorded; first named", it.state.First))
	case born == nil || !c.record.Event.Time.Before(born.Time()):
	case born.Organisation == c.signer.ID:
		found.early.add(factAt(it.id, "born at "+born.Time().String(), born.Seq))
	default:
		found.earlier.add(factAt(it.id, "born at "+born.Time().String(), born.Seq))
	}
	return nil
}

// inputLot judges a lot that goes in.
func (c *hearing) inputLot(id epcis.ID, found *inputs) error {
	if id.Level != epcis.Lot {
		return nil
	}
	foreign, err := c.isForeign(id)
	if err != nil {
		return err
	}
	used := lockedUse{recalls: true}
	if err := c.lockedLot(&used, id, nil); err != nil {
		return err
	}
	if err := c.lockInputs(found, used.list, foreign); err != nil {
		return err
	}
	if foreign {
		found.unknown.add(fact(id.URI, "no member licenses the prefix"))
		return nil
	}
	whole, err := c.account(wholeLot(id))
	if err != nil {
		return err
	}
	if whole.state.Births == 0 {
		found.unknown.add(fact(id.URI, "no birth is recorded"))
	}
	return nil
}

func (c *hearing) inputFindings(found *inputs) {
	found.locked.found(c, trace.Finding{
		Code: CodeInputLocked,
		Next: "Settle what locked it, as the finding of that record says, or leave it out.",
	})
	found.foreignLocked.found(c, trace.Finding{
		Code: CodeForeignLocked,
		Next: "Look at the record that locked it before the output is sold.",
	})
	found.lockedSince.found(c, trace.Finding{
		Code: CodeInputLockedSince,
		Next: "Look at the record that locked it, and hold what was made of it until that is settled. Record events as they happen.",
	})
	found.unknown.found(c, trace.Finding{
		Code: CodeInputUnknown,
		Next: "Ask whoever made it to record its birth. If it is old stock, keep its papers: the output's journey ends here.",
	})
	found.early.found(c, trace.Finding{
		Code: CodeInputBeforeBirth,
		Next: "Correct the eventTime of this event, or declare the birth wrong and record it again.",
	})
	found.earlier.found(c, trace.Finding{
		Code: CodeInputBeforeOthers,
		Next: "Compare both times with whoever recorded the birth; who is wrong declares the event wrong.",
	})
}

// transformationID is the account of the event's transformation. Each organisation
// has its own under one id: nobody closes another's, or spoils its balance.
func (c *hearing) transformationID() string {
	return "transformation:" + bounded(trace.TransformationKey(c.record.Event.TransformationID).ID) + "|" + c.signer.ID
}

func inputsContract() Contract {
	return Contract{
		Rule: "M1", Version: 1, Name: "transform inputs", Kinds: eventKind(), judge: (*hearing).transformInputs,
		Says: "What goes into a transformation is active, unlocked and was there before: neither it nor a container that it is in, " +
			"nor the lot of either, is locked, nor is its lot or class recalled. An input whose birth nobody recorded " +
			"here is accepted and flagged. A transformation ends with the event that says wm:final.",
		Source: "EPCIS 2.0, section 7.4.6 (TransformationEvent)",
		Reads:  append(bondStates(), trace.NSBalance, trace.NSDiligence),
		Finds: []Declared{
			{CodeInputLocked, trace.Reject, "an input is locked"},
			{CodeForeignLocked, trace.Flag, "an input is locked that is foreign, or is among others in a container"},
			{CodeInputUnknown, trace.Flag, "where an input comes from is not recorded here"},
			{CodeInputBeforeBirth, trace.Reject, "an input is used before the signer says it was born"},
			{CodeInputBeforeOthers, trace.Flag, "an input is used before another organisation says it was born"},
			{CodeTransformationDone, trace.Flag, "the transformation is closed"},
			{CodeInputLockedSince, trace.Flag, "an input's lot was locked later than it was used"},
		},
	}
}
