package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/trace"
)

// seize makes the authority the custodian of an item that it has seized: whoever
// held it holds it no more, and it is on its way to nobody. What is inside follows
// the item, as it does in every hand-over; an item inside another that is seized
// under the declaration stays there, one inside anything else is taken out. Seized goods
// are given back by no record: a seizure is the end of its declaration, but where a
// compromised key signed it.
func (c *hearing) seize(it *item, declaration *DeclarationState) error {
	r := c.record.Customs
	if it.state.Ended != nil {
		return nil
	}
	chain, err := c.above(it)
	if err != nil {
		return err
	}
	for _, holder := range chain[1:] {
		if slices.Contains(declaration.Goods, holder.id) && declaration.of(holder.id).Status == ClearanceSeized {
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
		t.without(it, Ending{Seq: turn.Seq, Organisation: turn.Organisation})
	}
	if it.heldBy() != c.signer.ID || !it.state.Custody.Signed {
		c.hand(it, Custody{Holder: c.signer.ID, Seq: turn.Seq, Signed: true, Event: eventMark(seizureMark + r.MRN.URI), Time: r.Time.Seconds})
	}
	return nil
}

// giveBack undoes that goods were seized, by a key that was not the authority's any more:
// what the authority did not hand on since is held by who held it before. The way that it
// was on, and what it was in, are recorded again by who knows of them.
func (c *hearing) giveBack(goods *divided, on decidedOn, now *Part) error {
	if now.Status == ClearanceSeized {
		return nil
	}
	mark := eventMark(seizureMark + c.record.Customs.MRN.URI)
	for _, place := range on.places {
		key := goods.key(place)
		if key.NS != trace.NSItem || goods.at[place].Status != ClearanceSeized {
			continue
		}
		it, err := c.itemAt(key.ID)
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
