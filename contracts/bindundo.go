package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// undo takes back what an event did to bonds that its author declares wrong (see
// rule C1's correction). What was put somewhere is where it was before; what was
// taken out is back; what was emptied holds its contents again, or had them until it
// was emptied again. Where that does not fit what was recorded later, the later records
// stand, and are flagged.
func (b *binding) undo() error {
	e := b.event
	if e.ID == "" {
		return nil
	}
	named, err := b.named()
	if err != nil {
		return err
	}
	for _, it := range named {
		if err := b.undoIn(it); err != nil {
			return err
		}
	}
	for _, it := range named { // an event that put an item here may have taken it from there
		if err := b.undoOut(it); err != nil {
			return err
		}
	}
	for _, it := range named {
		if err := b.undoEmptied(it); err != nil {
			return err
		}
	}
	return b.undoAmounts()
}

// named lists the items whose bonds the event can have changed.
func (b *binding) named() (named []*item, err error) {
	e := b.event
	for _, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Children, e.Inputs} {
		for i := range list {
			it, err := b.item(&list[i])
			if err != nil {
				return nil, err
			}
			if it != nil {
				named = append(named, it)
			}
		}
	}
	return named, nil
}

// meant reports whether the turn is one by the event that is declared wrong, and
// notes when another organisation signed it.
func (b *binding) meant(it *item, turn *Turn) bool {
	if turn == nil || turn.Event != b.turn.Event {
		return false
	}
	if turn.Organisation != b.turn.Organisation {
		b.note(bondOfOther, factAt(it.id, turn.Organisation, turn.Seq))
		return false
	}
	return true
}

func (b *binding) undoIn(it *item) error {
	for t := range ties {
		place := it.state.bond(t)
		bond := *place
		if bond == nil {
			continue
		}
		if bond.Before != nil && b.meant(it, bond.Before.In) {
			b.note(bondUndone, factAt(it.id, "was never put at "+bond.Before.Holder, bond.Before.In.Seq))
			bond = &Bond{Holder: bond.Holder, In: bond.In, Out: bond.Out, Locked: bond.Locked, Marked: bond.Marked}
			*place, it.changed = bond, true
		}
		if !b.meant(it, bond.In) {
			continue
		}
		b.note(bondUndone, factAt(it.id, "was never put at "+bond.Holder, bond.In.Seq))
		if bond.Out != nil && bond.Out.Event != bond.In.Event {
			b.note(bondOrphaned, factAt(it.id, "left "+bond.Holder, bond.Out.Seq))
			*place, it.changed = &Bond{Holder: bond.Holder, Out: bond.Out}, true
			continue
		}
		if _, err := b.untie(it, t, nil); err != nil {
			return err
		}
		*place, it.changed = nil, true
		if before := bond.Before; before != nil {
			if err := b.goBack(it, t, before); err != nil {
				return err
			}
		}
		if err := b.byItself(it, bond.In); err != nil {
			return err
		}
	}
	return nil
}

// byItself has an item be on its way by itself that a shipment named beside what it turns out
// not to have been in.
func (b *binding) byItself(it *item, in *Turn) error {
	way := it.state.Transit
	if !it.inTransit() || !way.Beside || way.Transfer < in.Seq {
		return nil
	}
	carriers, err := b.carriers(it)
	if err != nil || slices.ContainsFunc(carriers, func(h carrier) bool {
		return h.state.Transit != nil && h.state.Transit.Transfer == way.Transfer
	}) {
		return err
	}
	t, err := b.transfer(way.Transfer)
	if err != nil {
		return err
	}
	t.add(it)
	own := *way
	own.Beside, t.changed = false, true
	it.state.Transit, it.changed = &own, true
	if it.heldBy() == "" {
		b.hand(it, Custody{Holder: t.state.From, Seq: t.id, Event: t.state.Event})
	}
	return nil
}

func (b *binding) undoOut(it *item) error {
	for t := range ties {
		bond := *it.state.bond(t)
		if bond == nil || !b.meant(it, bond.Out) {
			continue
		}
		b.note(bondUndone, factAt(it.id, "did not leave "+bond.Holder, bond.Out.Seq))
		if bond.In == nil {
			*it.state.bond(t), it.changed = nil, true
			continue
		}
		if err := b.goBack(it, t, bond); err != nil {
			return err
		}
	}
	return nil
}

// goBack restores a bond, or notes that it does not hold any more.
func (b *binding) goBack(it *item, t tie, bond *Bond) error {
	back, err := b.restore(it, t, bond)
	if err == nil && !back {
		b.note(bondOrphaned, factAt(it.id, "cannot be back at "+bond.Holder, bond.In.Seq))
	}
	return err
}

func (b *binding) undoEmptied(it *item) error {
	for t := range ties {
		s := *it.state.contents(t)
		if s == nil {
			continue
		}
		if s.Emptied == nil || !b.meant(it, &s.Emptied.Turn) {
			if err := b.undoPast(it, t); err != nil {
				return err
			}
			continue
		}
		emptied := s.Emptied.Turn.Seq
		back, err := b.refill(it, t)
		if err != nil {
			return err
		}
		if back {
			b.note(bondUndone, factAt(it.id, "was not emptied", emptied))
		} else {
			b.note(bondOrphaned, factAt(it.id, "cannot hold again what it held", emptied))
		}
	}
	return nil
}
