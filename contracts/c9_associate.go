package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// C9 association: which component is attached to which assembly, by
// AssociationEvents.
//
//   - A component is attached to one assembly at most. ADD attaches it; one that is
//     attached elsewhere, or packed, is taken to have left that, with a FLAG.
//     DELETE detaches, all components where it names none. Otherwise the rules of
//     containment (C7) hold, and a component moves with its assembly.
//   - An assembly inherits the locks of its components: while one is locked, so is
//     the assembly, and the assembly that it is attached to in turn. Settling the
//     component's lock or detaching it frees the assembly.
//
// A component that is observed by itself is no problem: it is where it belongs.
func (c *hearing) association() error {
	e := c.record.Event
	if e.Type != epcis.AssociationEvent {
		return nil
	}
	b := c.binding(attached)
	var err error
	if e.Correction != nil {
		err = b.undo()
	} else {
		err = b.apply()
	}
	if err != nil {
		return err
	}
	b.report(associationFindings)
	return nil
}

// componentLocks carries locks from components to assemblies, and what a holder knows of
// locks inside (inside.go) to what holds that. It judges last, when every contract has set
// and lifted its own.
func (c *hearing) componentLocks() error {
	l := lockCarrier{hearing: c}
	for i := 0; i < len(c.items.list); i++ { // it grows by the holders
		if err := c.recount(c.items.list[i]); err != nil {
			return err
		}
		for it := c.items.list[i]; it != nil; {
			l.inherit(it)
			holder, changed, err := l.pass(it)
			if err != nil {
				return err
			}
			if !changed {
				break
			}
			it = holder
		}
	}
	l.locked.found(c, trace.Finding{
		Code: CodeComponentLocked,
		Next: "Settle what locks the component, or take it out and record that (AssociationEvent DELETE).",
	})
	l.freed.found(c, trace.Finding{
		Code: CodeComponentsUnlocked,
	})
	return nil
}

type lockCarrier struct {
	*hearing
	locked, freed tally
}

// inherit sets or lifts the lock of an assembly by what it counts.
func (l *lockCarrier) inherit(it *item) {
	has := it.lockedBy(CodeComponentLocked)
	wants := it.state.Components != nil && it.state.Components.Now.Locked > 0
	switch {
	case wants && has == nil && len(it.state.Locks) < maxLocks:
		it.lock(CodeComponentLocked, l.position.Seq)
		l.locked.add(fact(it.id, "has a locked component"))
	case !wants && has != nil:
		l.freed.add(factAt(it.id, "no longer locked", has.Seq))
		it.unlock(CodeComponentLocked)
	}
}

// pass counts the item at its holder, which it returns, if its locks, or those inside of
// it, have changed that.
func (l *lockCarrier) pass(it *item) (holder *item, changed bool, err error) {
	if it.unbound() {
		return nil, false, nil
	}
	for t := range ties {
		bond := *it.state.bond(t)
		locked, marked := t == attached && len(it.state.Locks) > 0, it.marked()
		if !bond.open() || bond.Locked == locked && bond.Marked == marked {
			continue
		}
		h, how, err := l.standing(it, t)
		if err != nil {
			return nil, false, err
		}
		if how == over {
			continue
		}
		at := (*h.state.contents(t)).tally(how)
		at.Locked += one(locked)
		at.Locked -= one(bond.Locked)
		switch {
		case marked && !bond.Marked:
			at.mark(it.id)
		case !marked && bond.Marked:
			at.unmark(it.id)
		}
		next := *bond
		next.Locked, next.Marked = locked, marked
		*it.state.bond(t), it.changed, h.changed = &next, true, true
		return h, true, nil
	}
	return nil, false, nil
}

func associationFindings() [bindings]trace.Finding {
	return [bindings]trace.Finding{
		heldElsewhere: {
			Code: CodeOtherAssembly,
			Next: "It counts as taken from there. Record that (DELETE) too, or correct whichever record is wrong.",
		},
		inItself: {
			Code: CodePartOfItself,
			Next: "Check which of them is the parent. If the parent was detached from the other, record that (DELETE) first.",
		},
		tooDeep: {
			Code: CodeAssemblyTooDeep,
			Next: "Record what is no longer attached, then attach again.",
		},
		notHeld: {
			Code: CodeNotAttached,
			Next: "If the attachment was not recorded, whoever made it should record it late. If this is the wrong assembly, declare this event wrong.",
		},
		heldByOther: {
			Code: CodeAttachedElsewhere,
			Next: "Name the assembly that it is attached to. If it was attached again since, record that (ADD) before this.",
		},
		boundLate: {
			Code: CodeAttachedLate,
			Next: "The later happening stands. If the times are wrong, declare this event wrong and record it again.",
		},
		seenHeld: {
			Code: CodeSeenAttached,
			Next: "It counts as attached from here on. Whoever attached it should record it.",
		},
		bondUndone: {
			Code: CodeAttachmentUndone,
			Next: "Record the corrective event now, if there is one, with an eventID of its own.",
		},
		bondOrphaned: {
			Code: CodeAttachmentOrphaned,
			Next: "Check where these components are, and record it.",
		},
		bondOfOther: {
			Code: CodeAttachmentOfOther,
			Next: "Ask the organisation that recorded it to correct it.",
		},
		foreignBond: {
			Code: CodeForeignAttachment,
			Next: "No member vouches for this identifier: check it, and record what the component is attached to.",
		},
		bondForgotten: {
			Code: CodeDetachedLongAgo,
			Next: "What it detached counts as detached then. Record what these components were and are attached to, each by its own name.",
		},
	}
}

func associationContract() Contract {
	return Contract{
		Rule: "C9", Version: 1, Name: "association", Kinds: eventKind(), judge: (*hearing).association,
		Says: "A component is attached to one assembly at most, and moves with it. Attached again without a detachment it has " +
			"left the first one, with a flag. " +
			fmt.Sprintf("That all was detached is corrected the last time and the %d times before it; earlier ones stand, with a flag.", maxVoid),
		Source: "EPCIS 2.0, section 7.4 (AssociationEvent)",
		Reads:  append(bondStates(), trace.NSTransfer),
		Writes: []trace.Namespace{trace.NSItem, trace.NSEmptied, trace.NSTransfer},
		Finds: []Declared{
			{CodeOtherAssembly, trace.Flag, "attached while it is attached or packed elsewhere"},
			{CodePartOfItself, trace.Reject, "an assembly cannot be a part of its own component"},
			{CodeAssemblyTooDeep, trace.Reject, "assemblies within assemblies, more than 16 deep"},
			{CodeNotAttached, trace.Flag, "detached from an assembly that it is not attached to"},
			{CodeAttachedElsewhere, trace.Reject, "another member attached it to another assembly"},
			{CodeAttachedLate, trace.Flag, "recorded after what happened to it later"},
			{CodeSeenAttached, trace.Flag, "seen on an assembly, and nobody recorded its attachment"},
			{CodeAttachmentUndone, trace.Info, "an earlier attachment or detachment is declared wrong"},
			{CodeAttachmentOrphaned, trace.Flag, "a later record of the component rests on what is declared wrong"},
			{CodeAttachmentOfOther, trace.Reject, "only its author may declare an attachment wrong"},
			{CodeForeignAttachment, trace.Flag, "the attachment of a foreign item does not fit, and is not applied"},
			{CodeDetachedLongAgo, trace.Flag, "that all was detached is declared wrong, too many such have followed, and it stands"},
		},
	}
}

func componentLocksContract() Contract {
	return Contract{
		Rule: "C9", Version: 1, Name: "locks of components", Kinds: everyKind(), judge: (*hearing).componentLocks,
		Says:   "An assembly is locked while a component that is attached to it is, and free when none is any more.",
		Source: "practice of product passports: what holds for a part holds for the whole",
		Reads:  []trace.Namespace{trace.NSItem},
		Writes: []trace.Namespace{trace.NSItem},
		Finds: []Declared{
			{CodeComponentLocked, trace.Lock, "the assembly is locked while a component is"},
			{CodeComponentsUnlocked, trace.Info, "no component locks the assembly any more"},
		},
	}
}
