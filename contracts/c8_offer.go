package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// offer is the item's first signature that waits for the second, nil for none.
func (it *item) offer() *Offer {
	if it.state.Owner == nil {
		return nil
	}
	return it.state.Owner.Open
}

// live reports an offer that may still be signed. Deadlines are read, never
// awaited.
func (s *sale) live(o *Offer) bool { return o != nil && s.block.Time.Seconds <= o.Until }

// open writes the first signature.
func (s *sale) open(it *item) {
	next := Ownership{}
	if it.state.Owner != nil {
		next = *it.state.Owner
	}
	next.Open = &Offer{To: s.to, By: s.turn, Until: s.block.Time.Seconds + int64(s.limits.OfferTerm)}
	it.state.Owner, it.changed = &next, true
}

// complete writes the second one: the item has a new owner.
func (s *sale) complete(it *item, owner string) {
	by, first := s.turn, it.state.Owner.Open.By
	it.state.Owner = &Ownership{Organisation: s.to, By: &by, First: &first, Before: owner}
	it.changed = true
	s.note(ownerChanged, factAt(it.id, "owned by "+s.to+", signed first by "+first.Organisation, first.Seq))
}

// claim judges the signature of the new owner.
func (s *sale) claim(it *item, owner string) error {
	o := it.offer()
	live := s.live(o)
	bid := o != nil && o.By.Organisation == o.To
	switch {
	case live && o.To == s.to && bid:
		return nil // signed before
	case live && o.To == s.to && o.By.Organisation == owner,
		live && o.To == s.to && owner == "" && (s.from == "" || s.from == o.By.Organisation):
		s.complete(it, owner)
		return nil
	case live && !bid && o.By.Organisation == owner:
		return s.refuse(it, owner+", who offered it to "+o.To, &o.By)
	case live:
		s.note(offeredToOther, factAt(it.id, "to "+o.To+", signed by "+o.By.Organisation, o.By.Seq))
		return nil
	case o != nil && o.To == s.to && !bid:
		s.note(offerExpired, factAt(it.id, "open until "+(epcis.Instant{Seconds: o.Until}).String(), o.By.Seq))
	default:
		s.note(ownerNotSigned, fact(it.id, "claimed by "+s.to))
	}
	s.open(it)
	return nil
}

// offerTo judges the signature of the owner, or of who says so where nobody is
// recorded as such.
func (s *sale) offerTo(it *item, owner string) {
	o := it.offer()
	live := s.live(o)
	mine := o != nil && o.By.Organisation == s.signer.ID
	if owner == "" && needsBirth(it.id) {
		s.note(ownerUnknown, fact(it.id, "no record says who owned it"))
	}
	switch {
	case live && o.To == s.to && o.By.Organisation == s.to:
		s.complete(it, owner)
		return
	case live && o.To == s.to && mine:
		return // signed before
	case live && !mine && owner == "":
		s.note(offeredToOther, factAt(it.id, "to "+o.To+", signed by "+o.By.Organisation, o.By.Seq))
		return
	case live:
		s.note(offeredToOther, factAt(it.id, "to "+o.To+", signed by "+o.By.Organisation, o.By.Seq))
	}
	s.open(it)
	until := epcis.Instant{Seconds: it.state.Owner.Open.Until}
	s.note(offered, fact(it.id, "to "+s.to+", who may sign until "+until.String()))
}

// withdraw takes back what is open to the new owner that the event names, by
// either of the two.
func (s *sale) withdraw(it *item, owner string) {
	o := it.offer()
	switch signer := s.signer.ID; {
	case o == nil || o.To != s.to:
		s.note(notParty, fact(it.id, "nothing is open to "+s.to))
	case signer != o.To && signer != o.By.Organisation && signer != owner:
		s.note(notParty, factAt(it.id, "open to "+o.To, o.By.Seq))
	default:
		s.note(offerWithdrawn, factAt(it.id, "open to "+o.To, o.By.Seq))
		s.closeOffer(it)
	}
}

// closeOffer leaves the item with its owner and nothing open.
func (s *sale) closeOffer(it *item) {
	next := *it.state.Owner
	next.Open = nil
	it.state.Owner, it.changed = &next, true
	if next.Organisation == "" {
		it.state.Owner = nil
	}
}

// undo takes back the signatures of an event that its author declares wrong. A
// change that both signed goes back with its second signature; with the first one
// alone it stands, and is flagged.
func (s *sale) undo() error {
	if s.event.ID == "" {
		return nil
	}
	mark := s.hearing.turn().Event
	meant := func(it *item, t *Turn) bool {
		if t == nil || t.Event != mark {
			return false
		}
		if t.Organisation != s.signer.ID {
			s.note(ownershipOfOther, factAt(it.id, t.Organisation, t.Seq))
			return false
		}
		return true
	}
	return s.each(func(it *item) error {
		o := it.state.Owner
		if o == nil {
			return nil
		}
		if o.Open != nil && meant(it, &o.Open.By) {
			s.note(ownerUndone, factAt(it.id, "no longer open to "+o.Open.To, o.Open.By.Seq))
			s.closeOffer(it)
		}
		switch o = it.state.Owner; {
		case o == nil:
		case meant(it, o.By):
			s.goBack(it)
		case meant(it, o.First):
			s.note(ownerOrphaned, factAt(it.id, "owned by "+o.Organisation, o.By.Seq))
		}
		return nil
	})
}

// goBack makes the owner before the last change the owner again.
func (s *sale) goBack(it *item) {
	o := it.state.Owner
	s.note(ownerUndone, factAt(it.id, "no longer owned by "+o.Organisation, o.By.Seq))
	if o.Open != nil && o.Open.By.Organisation == o.Organisation {
		s.note(ownerOrphaned, factAt(it.id, "offered to "+o.Open.To, o.Open.By.Seq))
	}
	it.state.Owner, it.changed = nil, true
	if born, _ := it.owner(); o.Before != "" && o.Before != born {
		it.state.Owner = &Ownership{Organisation: o.Before}
	}
}

func (s *sale) report() {
	if !s.noted {
		return
	}
	all := ownershipFindings(lasting(s.limits.OfferTerm))
	for outcome := range all {
		s.tallies[outcome].found(s.hearing, all[outcome])
	}
}

// lasting is a parameter in seconds as people say it.
func lasting(seconds uint64) string {
	switch {
	case seconds%86_400 == 0:
		return fmt.Sprintf("%d days", seconds/86_400)
	case seconds%3600 == 0:
		return fmt.Sprintf("%d hours", seconds/3600)
	}
	return fmt.Sprintf("%d seconds", seconds)
}

func ownershipFindings(term string) [sales]trace.Finding {
	return [sales]trace.Finding{
		offered:      {Code: CodeOffered},
		ownerChanged: {Code: CodeOwnerChanged},
		ownerNotSigned: {
			Code: CodeOwnerNotSigned,
			Next: "Nothing has changed yet. The owner records the same change within " + term + ".",
		},
		offerExpired: {
			Code: CodeOfferExpired,
			Next: "Nothing has changed. The owner has to sign again, within " + term + " of this signature.",
		},
		offeredToOther: {
			Code: CodeOfferedToOther,
			Next: "Ask the other party. The owner withdraws what no longer holds (TransactionEvent DELETE).",
		},
		ownerUnknown: {
			Code: CodeOwnerUnknown,
			Next: "If this is old stock, nothing is to be done. The buyer should ask for proof of ownership.",
		},
		notOwner: {
			Code: CodeNotOwner,
			Next: "Ask the owner to sign the change to its own buyer first. Possession alone is no ownership.",
		},
		severalOwners: {
			Code: CodeSeveralOwners,
			Next: "Nothing has changed. Record one event for each new owner.",
		},
		notParty:       {Code: CodeNotParty},
		offerWithdrawn: {Code: CodeOfferWithdrawn},
		ownerLate: {
			Code: CodeOwnerLate,
			Next: "The later change stands. If the time is wrong, declare this event wrong and record it again.",
		},
		ownerUndone: {
			Code: CodeOwnerUndone,
			Next: "Record the corrective event now, if there is one, with an eventID of its own.",
		},
		ownerOrphaned: {
			Code: CodeOwnerOrphaned,
			Next: "It stands until both sign it back, or its second signer declares that wrong too.",
		},
		ownershipOfOther: {
			Code: CodeOwnershipOfOther,
			Next: "Ask the organisation that signed it to correct it.",
		},
		foreignOwner: {
			Code: CodeForeignOwner,
			Next: "Nothing has changed. No member vouches for this serial: ask the owner on record.",
		},
	}
}
