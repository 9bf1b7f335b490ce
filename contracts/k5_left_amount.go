package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// An amount of a lot has no state of its own. Where one comes out of a recalled
// container, all that the signer has of the lot is under the recall, and so is the
// container that it puts an amount of it into.

// leaveAmount has the signer's account of a lot remember recalls: nobody tells an amount
// that came out from what else it has of the lot.
func (out *recallExit) leaveAmount(id epcis.ID, list []Leaving) error {
	lot := trace.QuantityKey(id)
	if lot.NS != trace.NSLot {
		return nil
	}
	a, err := out.account(lot.ID + "|" + out.signer.ID)
	if err != nil {
		return err
	}
	for _, l := range list {
		l.Amount, l.Told = false, true
		left, fresh, room, err := out.remember(a.state.Left, l)
		if err != nil {
			return err
		}
		if !room {
			out.forgotten.add(fact(lot.ID, "left more recalls than are remembered"))
		}
		if !slices.Equal(left, a.state.Left) {
			a.state.Left, a.noted = left, true
		}
		if !fresh {
			continue
		}
		if err := out.tell(fact("lot", lot.ID), &l); err != nil {
			return err
		}
	}
	return nil
}

// packed has a container remember the recalls of the amounts that are put into it.
func (out *recallExit) packed(e *epcis.Event) error {
	parent, err := out.item(&e.Parent)
	if err != nil || parent == nil || trace.IsVessel(parent.id) {
		return err
	}
	for i := range e.ChildQuantities {
		lot := trace.QuantityKey(e.ChildQuantities[i].Class)
		if lot.NS != trace.NSLot {
			continue
		}
		left, err := out.amountLeft(lot.ID)
		if err != nil {
			return err
		}
		if err := out.passOn(parent, left); err != nil {
			return err
		}
	}
	return nil
}

// amountLeft are the recalls in force that amounts of a lot left which the signer has.
func (c *hearing) amountLeft(lot string) ([]leftRecall, error) {
	a, err := c.account(lot + "|" + c.signer.ID)
	if err != nil || len(a.state.Left) == 0 {
		return nil, err
	}
	return c.stillBinding(a.state.Left)
}
