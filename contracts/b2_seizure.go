package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// seize makes the authority the custodian of an item that it has seized: whoever
// held it holds it no more, and it is on its way to nobody. What is inside follows
// the item, as it does in every hand-over; an item inside another that is seized
// with it stays there, one inside anything else is taken out. Seized goods are given
// back by no record: a seizure is the end of its declaration, but where a compromised
// key signed it.
func (c *hearing) seize(it *item, goods []string) error {
	r := c.record.Customs
	if it.state.Ended != nil {
		return nil
	}
	chain, err := c.above(it)
	if err != nil {
		return err
	}
	for _, holder := range chain[1:] {
		if slices.Contains(goods, holder.id) {
			return nil
		}
	}
	turn := c.customsTurn()
	if _, _, err := c.release(it, &turn); err != nil {
		return err
	}
	t, err := c.transferOf(it)
	if err != nil {
		return err
	}
	if t != nil {
		t.less()
		it.leave(Ending{Seq: turn.Seq, Organisation: turn.Organisation})
	}
	if it.heldBy() != c.signer.ID || !it.state.Custody.Signed {
		c.hand(it, Custody{Holder: c.signer.ID, Seq: turn.Seq, Signed: true, Event: eventMark(seizureMark + r.MRN.URI), Time: r.Time.Seconds})
	}
	return nil
}

// giveBack undoes that a declaration was seized, by a key that was not the authority's
// any more: what the authority did not hand on since is held by who held it before. The
// way that it was on, and what it was in, are recorded again by who knows of them.
func (c *hearing) giveBack(goods []string) error {
	mark := eventMark(seizureMark + c.record.Customs.MRN.URI)
	for _, id := range goods {
		it, err := c.itemAt(id)
		if err != nil {
			return err
		}
		if held := it.state.Custody; held != nil && held.Holder == c.signer.ID && held.Event == mark {
			it.state.Custody, it.changed = held.Before, true
		}
	}
	return nil
}

// seizureMark keeps the mark of a seizure apart from those of events, whose eventID
// is a URI: no errorDeclaration undoes it.
const seizureMark = "seizure "

// declared are the items of a declaration, each once.
func (s *DeclarationState) declared() []string {
	list := make([]string, len(s.Goods))
	for i, uri := range s.Goods {
		list[i] = epcis.Canonical(uri).URI
	}
	return list
}
