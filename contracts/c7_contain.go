package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// C7 containment: what is packed in what, by AggregationEvents.
//
//   - ADD puts the children into the parent. A child that is in another container
//     is taken to have left it, with a FLAG; what the author held with that it holds by
//     itself from then on. Nothing is put into itself, into
//     something that is in it, or more than 16 levels deep: that is refused,
//     because records that stand say where the parent is.
//   - OBSERVE sees them there. Where nobody recorded the packing it counts as one,
//     with a FLAG.
//   - DELETE takes the children out, all of them where it names none. A child that
//     is not there is flagged, and refused where another member's record says that
//     it is in another container.
//   - That all was taken out is corrected the last time and the 16 times before it
//     (maxVoid); that an earlier one is declared wrong is flagged, and it stands.
//   - What happened before the last that is recorded of the child changes nothing,
//     and is flagged: the later happening stands.
//   - An item that is named by itself while it is in a container, in an event that
//     names no container of it, is flagged; received by itself, it has left it.
//     Its birth and its business transactions are no observation.
//   - The end of an item's life takes it out of its container, and what is in it
//     out of it. Nothing whose life has ended is packed.
//   - A container that moves moves all that is in it, at every level: nothing is
//     written to them, and whoever asks looks at what they are in (above, c2_within.go).
//
// A child stands in one container at a time; the container keeps a count and a
// sum, never a list. Vessels carry and never contain: a loading aboard leaves no
// bond. Quantities of a lot may be in several containers and have no bond here: how
// much of which lot is inside stands in the container (amounts_inside.go).
// Of a foreign item nothing is refused: what would be is flagged, and not applied.
func (c *hearing) containment() error {
	e := c.record.Event
	if e.Correction != nil && e.Type == epcis.AssociationEvent || e.Type != epcis.AggregationEvent && c.loose() {
		return nil
	}
	if err := c.traceHolders(); err != nil {
		return err
	}
	b := c.binding(packed)
	switch {
	case e.Correction != nil:
		if err := b.undo(); err != nil {
			return err
		}
	case e.Type == epcis.AggregationEvent:
		if err := b.apply(); err != nil {
			return err
		}
		fallthrough
	default:
		if err := b.observe(); err != nil {
			return err
		}
	}
	b.report(containmentFindings)
	return nil
}

// loose reports that no item of the record was ever held or held anything: most
// events are about such, and leave nothing to judge.
func (c *hearing) loose() bool {
	for _, it := range c.items.list {
		s := &it.state
		if s.Parent != nil || s.Assembly != nil || s.Contents != nil || s.Components != nil {
			return false
		}
	}
	return true
}

// observe judges what the event names by itself.
func (b *binding) observe() error {
	e := b.event
	if e.Type == epcis.TransactionEvent {
		return nil
	}
	for _, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Inputs} {
		for i := range list {
			it := b.items.loaded(list[i].URI)
			if it == nil {
				continue
			}
			if err := b.alone(it); err != nil {
				return err
			}
			if end := it.state.Ended; end != nil && end.Seq == b.turn.Seq {
				if err := b.end(it); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// alone judges an item that the event names, if it is in a container then.
func (b *binding) alone(it *item) error {
	if it.state.Parent == nil || it.bornNow {
		return nil
	}
	h, how, err := b.standing(it, packed)
	if err != nil || how != holds {
		return err
	}
	in := it.state.Parent.In
	if in.Seq == b.turn.Seq || b.event.Time.Before(in.Time()) {
		return nil
	}
	chain, err := b.above(h)
	if err != nil {
		return err
	}
	for _, container := range chain {
		if container.observed {
			return nil
		}
	}
	b.note(seenPacked, factAt(it.id, "in "+h.id+" since "+in.Time().String(), in.Seq))
	if b.event.Type == epcis.ObjectEvent && b.event.BizStep == epcis.NamespaceCBV+"BizStep-receiving" {
		_, _, err = b.release(it, b.turn)
	}
	return err
}

func (b *binding) report(findings func() [bindings]trace.Finding) {
	if !b.noted {
		return
	}
	all := findings()
	for problem := range all {
		b.tallies[problem].found(b.hearing, all[problem])
	}
}

func containmentFindings() [bindings]trace.Finding {
	return [bindings]trace.Finding{
		heldElsewhere: {
			Code: CodeOtherContainer,
			Next: "It counts as taken out of the other one. Record the unpacking (DELETE) too, or correct whichever packing is wrong.",
		},
		inItself: {
			Code: CodeInItself,
			Next: "Check which of them is the parent. If the parent has left what it was in, record that (DELETE) first.",
		},
		tooDeep: {
			Code: CodeTooDeep,
			Next: "Record the unpacking of containers that are no longer in others, then pack again.",
		},
		notHeld: {
			Code: CodeNotInside,
			Next: "If the packing was not recorded, whoever packed it should record it late. If this is the wrong container, declare this event wrong.",
		},
		heldByOther: {
			Code: CodeInsideOther,
			Next: "Name the container that it is in. If it was packed again since, record that packing (ADD) before this unpacking.",
		},
		boundLate: {
			Code: CodePackedLate,
			Next: "The later happening stands. If the times are wrong, declare this event wrong and record it again.",
		},
		seenHeld: {
			Code: CodeSeenInside,
			Next: "It counts as packed from here on. Whoever packed it should record it.",
		},
		bondUndone: {
			Code: CodePackingUndone,
			Next: "Record the corrective event now, if there is one, with an eventID of its own.",
		},
		bondOrphaned: {
			Code: CodePackingOrphaned,
			Next: "Check where these things are, and record it.",
		},
		bondOfOther: {
			Code: CodePackingOfOther,
			Next: "Ask the organisation that recorded it to correct it.",
		},
		foreignBond: {
			Code: CodeForeignPacking,
			Next: "No member vouches for this identifier: check it, and record where the item is.",
		},
		seenPacked: {
			Code: CodeSeenWhilePacked,
			Next: "If it was taken out, record the unpacking (DELETE). If not, name its container.",
		},
		bondForgotten: {
			Code: CodeEmptiedLongAgo,
			Next: "What it took out counts as taken out then. Record where these things were and are, each by its own name.",
		},
	}
}

func containmentContract() Contract {
	return Contract{
		Rule: "C7", Version: 1, Name: "containment", Kinds: eventKind(), judge: (*hearing).containment,
		Says: "A thing is in one container at a time, never in itself and never more than 16 deep. Packed again without an " +
			"unpacking it has left the first one, with a flag. What happens to a container happens to all in it; what is " +
			"observed by itself while packed is flagged. Another member's packing is not contradicted by an unpacking elsewhere. " +
			fmt.Sprintf("That all was taken out is corrected the last time and the %d times before it; earlier ones stand, with a flag.", maxVoid),
		Source: "EPCIS 2.0, section 7.4.3 (AggregationEvent)",
		Reads:  append(bondStates(), trace.NSTransfer),
		Writes: []trace.Namespace{trace.NSItem, trace.NSEmptied, trace.NSTransfer},
		Finds: []Declared{
			{CodeOtherContainer, trace.Flag, "packed while it is in another container"},
			{CodeInItself, trace.Reject, "a container cannot be in what it contains"},
			{CodeTooDeep, trace.Reject, "containers within containers, more than 16 deep"},
			{CodeNotInside, trace.Flag, "taken out of a container that it is not in"},
			{CodeInsideOther, trace.Reject, "another member packed it in another container"},
			{CodePackedLate, trace.Flag, "recorded after what happened to it later"},
			{CodeSeenInside, trace.Flag, "seen in a container, and nobody recorded its packing"},
			{CodePackingUndone, trace.Info, "an earlier packing or unpacking is declared wrong"},
			{CodePackingOrphaned, trace.Flag, "a later packing or unpacking rests on what is declared wrong"},
			{CodePackingOfOther, trace.Reject, "only its author may declare a packing wrong"},
			{CodeForeignPacking, trace.Flag, "the packing of a foreign item does not fit, and is not applied"},
			{CodeSeenWhilePacked, trace.Flag, "observed by itself while it is packed"},
			{CodeEmptiedLongAgo, trace.Flag, "an emptying is declared wrong that too many have followed, and stands"},
		},
	}
}
