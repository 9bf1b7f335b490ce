package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// C8 ownership, which possession says nothing of.
//
//   - Whoever records an item's birth owns it, unless that event names another
//     owner: a source of type owning_party, or wm:owningParty in ilmd.
//   - A change of owner is an event with a destination of type owning_party: a
//     TransactionEvent, or a shipment and its receipt that say it. The owner signs
//     one and the new owner another, in either order, the second before the first
//     one's deadline, the network's offerTerm. Before both have signed nothing has
//     changed.
//   - Either of them withdraws what is open, by a TransactionEvent DELETE that names
//     the same new owner; its author may also declare it wrong.
//   - Who is not the owner by the item's own records, and says that it sells the
//     item, or claims it from one who is not, or while the owner has offered it to
//     another, is refused. Where nobody recorded an owner, and of a foreign item, it
//     is flagged. What others tell of a change (a carrier's copy of the parties)
//     changes nothing.
//
// It holds for the items that the event names, not for what is in them: whoever
// sells a full container names the goods.
func (c *hearing) ownership() error {
	e := c.record.Event
	s := sale{hearing: c, event: e}
	var err error
	switch {
	case e.Correction != nil:
		err = s.undo()
	case !s.parties():
		return nil
	default:
		err = s.each(s.judge)
	}
	if err != nil {
		return err
	}
	s.report()
	return nil
}

// Ownership is who owns an item, where that is not simply who bore it, and the
// change of it that is open.
type Ownership struct {
	Organisation string `cbor:"1,keyasint,omitempty"` // "": who bore it, if anybody
	By           *Turn  `cbor:"2,keyasint,omitempty"` // the birth, or the second signature
	First        *Turn  `cbor:"3,keyasint,omitempty"` // the first signature
	Before       string `cbor:"4,keyasint,omitempty"` // the owner before
	Open         *Offer `cbor:"5,keyasint,omitempty"`
}

// Offer is the first of the two signatures of a change of owner: by the owner,
// or by the new owner itself.
type Offer struct {
	To    string `cbor:"1,keyasint"` // the new owner
	By    Turn   `cbor:"2,keyasint"`
	Until int64  `cbor:"3,keyasint"` // block time, Unix seconds: the last at which the other may sign
}

// owner is who owns the item, "" when nobody recorded it, and the record that says
// so where it is kept.
func (it *item) owner() (string, *Turn) {
	switch o := it.state.Owner; {
	case o != nil && o.Organisation != "":
		return o.Organisation, o.By
	case it.state.Born != nil:
		return it.state.Born.Organisation, it.state.Born
	}
	return "", nil
}

// A sale carries one event over the ownership of the items that it names.
type sale struct {
	*hearing
	event    *epcis.Event
	from, to string // owning parties, "" for none
	several  bool
	turn     Turn
	noted    bool
	tallies  [sales]tally
}

// The outcomes of C8, each one finding however many items share it.
const (
	offered = iota
	ownerChanged
	ownerNotSigned
	offerExpired
	offeredToOther
	ownerUnknown
	notOwner
	severalOwners
	notParty
	offerWithdrawn
	ownerLate
	ownerUndone
	ownerOrphaned
	ownershipOfOther
	foreignOwner
	sales // how many there are
)

// parties reads who the event says owns the items, before and after. It reports
// false when that is nobody.
func (s *sale) parties() bool {
	e := s.event
	s.from = s.party(e.Sources)
	s.to = s.party(e.Destinations)
	if s.from == "" && len(trace.Born(e)) > 0 && e.ILMD != nil {
		if v := e.ILMD.Get(epcis.Vocabulary + "owningParty"); v != nil && v.Kind == epcis.String {
			s.from = epcis.Canonical(v.Str).URI
		}
	}
	s.turn = Turn{
		Seq: s.position.Seq, Organisation: s.signer.ID,
		Seconds: e.Time.Seconds, Nanos: e.Time.Nanos,
	}
	if s.from == "" && s.to == "" {
		return false
	}
	s.turn.Event = s.hearing.turn().Event
	return true
}

// party is the one owning party of a list, "" for none or several.
func (s *sale) party(list []epcis.Party) (party string) {
	for i := range list {
		switch p := &list[i]; {
		case p.Type != owningParty:
		case party != "" && party != p.ID.URI:
			s.several = true
			return ""
		default:
			party = p.ID.URI
		}
	}
	return party
}

// each does something with every living item that the event names, once.
func (s *sale) each(do func(*item) error) error {
	e := s.event
	for _, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Children, e.Outputs} {
		for i := range list {
			it, err := s.item(&list[i])
			if err != nil {
				return err
			}
			if it == nil || it.state.Ended != nil {
				continue
			}
			if err := do(it); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *sale) note(outcome int, fact trace.Fact) {
	s.noted = true
	s.tallies[outcome].add(fact)
}

// refuse notes that the signer is not the owner, who is by the record of since.
func (s *sale) refuse(it *item, owner string, since *Turn) error {
	foreign, err := s.isForeign(epcis.Canonical(it.id))
	if err != nil {
		return err
	}
	outcome := notOwner
	if foreign {
		outcome = foreignOwner
	}
	s.note(outcome, ownerFact(it, "owned by "+owner, since))
	return nil
}

func ownerFact(it *item, what string, since *Turn) trace.Fact {
	if since == nil {
		return fact(it.id, what)
	}
	return factAt(it.id, what, since.Seq)
}

// judge takes the event's word about one item for what it is worth.
func (s *sale) judge(it *item) error {
	if it.bornNow && s.from != "" && s.from != s.signer.ID && it.state.Owner == nil {
		by := s.turn
		it.state.Owner, it.changed = &Ownership{Organisation: s.from, By: &by}, true
	}
	owner, since := it.owner()
	if open := it.offer(); open != nil && open.By.Seq == s.turn.Seq {
		return nil // named twice
	}
	switch {
	case s.several:
		s.note(severalOwners, fact(it.id, "is named with several owning parties"))
	case s.to == "" || s.to == owner:
		return s.told(it, owner, since)
	case s.event.Type == epcis.TransactionEvent && s.event.Action == epcis.Delete:
		s.withdraw(it, owner)
	case since != nil && s.event.Time.Before(since.Time()):
		s.note(ownerLate, factAt(it.id, "owned by "+owner+" since "+since.Time().String(), since.Seq))
	case owner != "" && s.from != "" && s.from != owner && (s.signer.ID == s.to || s.signer.ID == s.from || s.signer.ID == owner):
		return s.refuse(it, owner, since)
	case s.signer.ID == s.to:
		return s.claim(it, owner)
	case s.signer.ID == owner || owner == "" && (s.from == "" || s.from == s.signer.ID):
		s.offerTo(it, owner)
	default:
		s.note(notParty, ownerFact(it, "owned by "+owner, since))
	}
	return nil
}

// told judges an event that moves no ownership: it names no new owner, or the one
// that owns the item already.
func (s *sale) told(it *item, owner string, since *Turn) error {
	if s.to != "" || s.from != s.signer.ID || owner == "" || s.from == owner || since != nil && s.event.Time.Before(since.Time()) {
		return nil
	}
	return s.refuse(it, owner, since) // it says that it owns the item
}

func ownershipContract() Contract {
	return Contract{
		Rule: "C8", Version: 1, Name: "ownership", Kinds: eventKind(), judge: (*hearing).ownership,
		Says: "Who records an item's birth owns it, unless the event names another owner. It changes owner when the owner and " +
			"the new owner have both signed an event that says so, the second within the network's offerTerm, 90 days unless it says otherwise. Who says that it " +
			"sells, or takes from another than the owner, what the records say is somebody else's is refused.",
		Source: "CBV 2.0, source/destination type owning_party; proposals accepted by a second signature (Hyperledger Fabric, Sawtooth)",
		Reads:  []trace.Namespace{trace.NSItem},
		Writes: []trace.Namespace{trace.NSItem},
		Finds: []Declared{
			{CodeOffered, trace.Info, "the owner offers it to a new owner"},
			{CodeOwnerChanged, trace.Info, "both have signed: it has a new owner"},
			{CodeOwnerNotSigned, trace.Flag, "claimed by a new owner, and the owner has not signed"},
			{CodeOfferExpired, trace.Flag, "signed after the deadline of the offer"},
			{CodeOfferedToOther, trace.Flag, "another change of owner was open"},
			{CodeOwnerUnknown, trace.Flag, "no record says who owned it before"},
			{CodeNotOwner, trace.Reject, "the records of the item name another owner"},
			{CodeSeveralOwners, trace.Flag, "several owning parties on one side"},
			{CodeNotParty, trace.Info, "told by neither the owner nor the new owner: nothing changes"},
			{CodeOfferWithdrawn, trace.Info, "the change of owner is withdrawn"},
			{CodeOwnerLate, trace.Flag, "recorded after a later change of owner"},
			{CodeOwnerUndone, trace.Info, "a signature to a change of owner is declared wrong"},
			{CodeOwnerOrphaned, trace.Flag, "a change of owner rests on what is declared wrong"},
			{CodeOwnershipOfOther, trace.Reject, "only its author may declare an event wrong"},
			{CodeForeignOwner, trace.Flag, "the records of a foreign item name another owner"},
		},
	}
}
