package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// W1 stock: a balance for each lot, with everybody and with each holder.
//
// What comes to a holder: what it brings into being (an ObjectEvent ADD of a
// quantity, an output of its transformation), what it receives, and what it unpacks
// that it had not packed. What leaves it: inputs of its transformations, quantities
// that it deletes, destroys or takes out of use, and what another says to have
// received from it as far as it says itself that it shipped.
//
//   - A lot that was born here and of which more has gone than there was, beyond
//     receiptTolerance, is FLAGged: with the holder, or with everybody together. So is the
//     shipment of more than its author has, and the receipt of more than the sender had.
//   - Where some of the lot was born under a certificate that held, or the event
//     cites one for it, the holder's stock of the lot is LOCKed: it goes into no
//     transformation (rule M1) until its balance holds again.
//   - Nothing is said of foreign lots, nor of lots whose birth nobody recorded here.
//
// Balances are sums: a receipt or a birth that is recorded late mends what was
// flagged before. An amount counts in the base unit of its kind; one whose unit does
// not convert counts beside amounts of the same code alone, and an amount without a
// unit is a number of pieces (EPCIS 2.0, section 7.3.3.3). A lot keeps the kind of
// its first amount, and others are not counted: INFO.
func (c *hearing) stock() error {
	e := c.record.Event
	if e == nil {
		return nil
	}
	s := stock{hearing: c, event: e}
	if e.Correction != nil {
		return s.undo()
	}
	if err := s.move(); err != nil {
		return err
	}
	return s.judge()
}

// The accounts of a lot: of what everybody has of it, and of what a holder has.
func wholeLot(id epcis.ID) string                     { return id.URI + "|" }
func heldLot(id epcis.ID, organisation string) string { return id.URI + "|" + organisation }

// stock carries one event over the balances of the lots it names.
type stock struct {
	*hearing
	event      *epcis.Event
	moved      []moved
	notCounted tally
	unkept     tally // claims
}

// moved is a lot of which the event brought or took some.
type moved struct {
	lot        epcis.ID
	whole, own *account
	from       string // of a receipt: the sender, whose account own is
	ships      bool   // the author ships it, and it may not have arrived
}

// move posts what the event does.
func (s *stock) move() error {
	e := s.event
	switch {
	case e.Type == epcis.TransformationEvent:
		if err := s.each(e.InputQuantities, true, SumOut); err != nil {
			return err
		}
		if err := s.unmeasured(e.Outputs); err != nil {
			return err
		}
		return s.each(e.OutputQuantities, true, SumIn)
	case e.Type == epcis.AggregationEvent && e.Action == epcis.Add:
		return s.each(e.ChildQuantities, false, SumPacked)
	case e.Type == epcis.AggregationEvent && e.Action == epcis.Delete:
		return s.each(e.ChildQuantities, false, SumUnpacked)
	case e.Type != epcis.ObjectEvent:
		return nil
	}
	switch {
	case receives(e) && s.inspects(e): // customs accept goods, and take none
		return nil
	case e.BizStep == stepReceiving && e.Action != epcis.Delete:
		return s.each(e.Quantities, false, SumReceived)
	case e.BizStep == stepAccepting && e.Action != epcis.Delete:
		return s.each(e.Quantities, false, SumAccepted)
	case addsLots(e):
		if err := s.unmeasured(e.EPCs); err != nil {
			return err
		}
		return s.each(e.Quantities, true, SumIn)
	case endsGoods(e):
		return s.each(e.Quantities, true, SumOut)
	case e.BizStep == stepShipping:
		return s.each(e.Quantities, false, SumShipped)
	case e.BizStep == stepVoidShipping:
		return s.each(e.Quantities, false, SumVoided)
	}
	return nil
}

// each posts every lot of a list; entirely, to the account of the whole lot too.
func (s *stock) each(quantities []epcis.Quantity, entirely bool, sum Sum) error {
	for i := range quantities {
		q := &quantities[i]
		if q.Class.Level != epcis.Lot {
			continue
		}
		foreign, err := s.isForeign(q.Class)
		if err != nil {
			return err
		}
		if foreign {
			continue
		}
		if err := s.one(q, entirely, sum); err != nil {
			return err
		}
	}
	return nil
}

// unmeasured notes the births of lots that stand in a list of objects, where no
// amount can stand: nobody can say when such a lot is used up.
func (s *stock) unmeasured(ids []epcis.ID) error {
	for i := range ids {
		if ids[i].Level != epcis.Lot {
			continue
		}
		if err := s.each([]epcis.Quantity{{Class: ids[i]}}, true, SumIn); err != nil {
			return err
		}
	}
	return nil
}

func (s *stock) one(q *epcis.Quantity, entirely bool, sum Sum) error {
	whole, err := s.account(wholeLot(q.Class))
	if err != nil {
		return err
	}
	own, err := s.account(heldLot(q.Class, s.signer.ID))
	if err != nil {
		return err
	}
	birth := entirely && sum == SumIn
	if birth {
		if err := s.birth(q.Class, whole); err != nil {
			return err
		}
	}
	amount, unit, ok := kept(q)
	if ok && entirely {
		if ok, err = s.post(whole, sum, amount, unit, ""); err != nil {
			return err
		}
	}
	// The lot has one unit, whoever holds some of it.
	if ok && (whole.state.Unit == "" || whole.state.Unit == unit) {
		if ok, err = s.post(own, sum, amount, unit, ""); err != nil {
			return err
		}
	} else {
		ok = false
	}
	if !ok {
		return s.uncounted(q, sum, whole, own)
	}
	switch {
	case sum == SumReceived:
		return s.take(q.Class, whole, amount, unit)
	case sum == SumShipped && s.handover.ships == toAnother:
		s.moved = append(s.moved, moved{lot: q.Class, whole: whole, own: own, ships: true})
	case entirely || sum == SumPacked || sum == SumUnpacked:
		s.moved = append(s.moved, moved{lot: q.Class, whole: whole, own: own})
	}
	return nil
}

// uncounted notes an amount that the balance cannot take. Where it came to somebody,
// that balance says nothing of over-use from here on.
func (s *stock) uncounted(q *epcis.Quantity, sum Sum, whole, own *account) error {
	s.notCounted.add(fact(q.Class.URI, portionOf(q).what))
	switch sum {
	case SumIn:
		if _, err := s.post(whole, SumUnclearIn, epcis.Decimal{}, "", ""); err != nil {
			return err
		}
	case SumReceived, SumAccepted, SumUnpacked:
	default:
		return nil
	}
	_, err := s.post(own, SumUnclearIn, epcis.Decimal{}, "", "")
	return err
}

// take debits the sender that a receipt names.
func (s *stock) take(lot epcis.ID, whole *account, amount epcis.Decimal, unit string) error {
	for _, source := range s.event.Sources {
		if source.Type != possessingParty || source.ID.URI == s.signer.ID {
			continue
		}
		sender, err := s.account(heldLot(lot, source.ID.URI))
		if err != nil {
			return err
		}
		ok, err := s.post(sender, SumTaken, amount, unit, "")
		if ok {
			s.moved = append(s.moved, moved{lot: lot, whole: whole, own: sender, from: source.ID.URI})
		}
		return err
	}
	return nil
}

// birth notes that some of a lot came into being, and under which schemes.
func (s *stock) birth(lot epcis.ID, whole *account) error {
	if _, err := s.post(whole, SumBirths, epcis.Decimal{}, "", ""); err != nil {
		return err
	}
	held, err := s.hearing.held()
	if err != nil || books(s.event) {
		return err
	}
	for i := range held {
		if held[i].names(lot) {
			kept, err := s.post(whole, SumCertified, epcis.Decimal{}, "", held[i].state.Scheme)
			if err != nil {
				return err
			}
			if !kept {
				s.unkept.add(factAt(lot.URI, "born under "+held[i].state.Scheme, held[i].seq))
			}
		}
	}
	return nil
}

// kept is an amount in the unit in which a lot's balance is kept.
func kept(q *epcis.Quantity) (amount epcis.Decimal, unit string, ok bool) {
	switch {
	case q.Amount == nil:
		return amount, "", false
	case q.Unit == "":
		return *q.Amount, piece, countable(*q.Amount)
	}
	if _, _, converts := unitOf(q.Unit); converts {
		return convert(*q.Amount, q.Unit)
	}
	return *q.Amount, short(q.Unit), countable(*q.Amount)
}

// judge says where more has gone than there was, and what is settled.
func (s *stock) judge() error {
	var over, locked, settled tally
	for i := range s.moved {
		m := &s.moved[i]
		if m.whole.state.Births > 0 && !m.own.judged {
			m.own.judged = true
			facts, err := s.overuse(m)
			if err != nil {
				return err
			}
			t := &over
			if m.own.state.Lock != nil && m.own.state.Lock.Seq == s.position.Seq {
				t = &locked
			}
			for _, f := range facts {
				t.add(f)
			}
		}
	}
	for _, a := range s.balances.list {
		s.settle(a, &settled)
	}
	s.report(&over, &locked, &settled)
	return nil
}

// overuse is what is the matter with a lot that the event used or brought: facts of
// its accounts that are overdrawn. It locks the holder's where the lot is certified.
func (s *stock) overuse(m *moved) (facts []trace.Fact, err error) {
	if m.own.state.overdrawn(s.received) {
		name := m.lot.URI
		if m.from != "" {
			name += ", with " + m.from
		}
		facts = append(facts, m.own.overFact(name, m.own.state.gone()))
		certified, err := s.certified(m)
		if err != nil {
			return nil, err
		}
		if certified && m.own.state.Lock == nil {
			m.own.state.Lock, m.own.changed = &Lock{CodeOverUseCertified, s.position.Seq}, true
		}
	} else if m.ships && m.own.state.UnclearIn == 0 && s.received.exceeds(m.own.state.sent(), m.own.state.has(), m.own.state.Unit) {
		facts = append(facts, m.own.overFact(m.lot.URI+", once it has arrived", m.own.state.sent()))
	}
	if m.from == "" && !m.ships && m.whole.state.overdrawn(s.received) {
		facts = append(facts, m.whole.overFact(m.lot.URI+", with everybody", m.whole.state.gone()))
	}
	return facts, nil
}

// overdrawn reports whether more has gone than there was, where all that came is
// counted.
func (a *Account) overdrawn(s scales) bool { return a.UnclearIn == 0 && a.over(s) }

func (s *stock) certified(m *moved) (bool, error) {
	if slices.ContainsFunc(m.whole.state.Certified, func(c Certified) bool { return c.Births > 0 }) {
		return true, nil
	}
	held, err := s.hearing.held()
	for i := range held {
		if held[i].names(m.lot) {
			return true, err
		}
	}
	return false, err
}

func (a *account) overFact(name string, gone epcis.Decimal) trace.Fact {
	what := fmt.Sprintf("%s gone of %s", withUnit(gone, a.state.Unit), withUnit(a.state.has(), a.state.Unit))
	if a.state.Seq == 0 {
		return fact(name, what)
	}
	return factAt(name, what, a.state.Seq)
}

// settle takes away the lock of a balance that holds again.
func (s *stock) settle(a *account, settled *tally) {
	if lock := a.state.Lock; lock != nil && !isClaim(a.id) && a.changed && !a.state.overdrawn(s.received) {
		settled.add(factAt(a.id, "locked", lock.Seq))
		a.state.Lock = nil
	}
}

func (s *stock) report(over, locked, settled *tally) {
	over.found(s.hearing, trace.Finding{
		Code: CodeOverUse,
		Next: "Record the receipt, the unpacking or the birth that is missing, or declare the event wrong and record it with the right quantity.",
	})
	locked.found(s.hearing, trace.Finding{
		Code: CodeOverUseCertified,
		Next: "The lot goes into no transformation of yours until its balance holds: record the receipt or the birth that is missing, or declare the event wrong.",
	})
	settled.found(s.hearing, trace.Finding{
		Code: CodeStockSettled,
	})
	if s.book.overflow {
		s.find(trace.Finding{
			Code:  CodeNotKept,
			Facts: []trace.Fact{fact("postings", fmt.Sprint(maxPostings))},
			Next:  "Record so many lots in several events: declaring this one wrong takes back a part of it.",
		})
	}
	s.unkept.found(s.hearing, trace.Finding{
		Code: CodeSchemesForgotten,
		Next: "The lot has the claims of as many schemes as are kept: give goods of another one a lot of their own, or cite their certificate where they are used.",
	})
	s.notCounted.found(s.hearing, trace.Finding{
		Code: CodeNotCounted,
		Next: "State the amount in a unit that converts to the one in which the lot was first counted.",
	})
}

// undo takes back what the event that is declared wrong had posted.
func (s *stock) undo() error {
	touched, err := s.hearing.undo(func(id string) bool { return !isTransformation(id) && !isClaim(id) && !isCredit(id) })
	if err != nil || len(touched) == 0 {
		return err
	}
	var undone, orphaned, settled tally
	for _, a := range touched {
		undone.add(factAt(a.id, "taken back", s.book.posted.Seq))
		if a.state.over(s.received) && !a.wasOver {
			orphaned.add(a.overFact(a.id, a.state.gone()))
		}
		s.settle(a, &settled)
	}
	s.find(trace.Finding{
		Code: CodeStockUndone, Facts: undone.facts,
		Next: "Record what did happen, if anything, with an eventID of its own.",
	})
	orphaned.found(s.hearing, trace.Finding{
		Severity: trace.Flag, Code: CodeStockOrphaned, Title: "without it, more of a lot has gone than there was",
		Next: "Later events rest on what is declared wrong: record it as it was, or correct them too.",
	})
	s.report(&tally{}, &tally{}, &settled)
	return nil
}

func stockContract() Contract {
	return Contract{
		Rule: "W1", Version: 1, Name: "stock", Kinds: eventKind(), judge: (*hearing).stock,
		Says: "Of a lot that was born here, no more leaves a holder, and everybody together, than came, beyond the tolerance " +
			"of scales, and no more is shipped or received from a holder than it has. Otherwise the event is flagged, and of a certified lot the holder's stock is locked until its balance " +
			"holds again. Nothing is said of foreign lots.",
		Source: "EPCIS 2.0, section 7.3.3.3 (QuantityElement); practice of warehouses",
		Reads:  []trace.Namespace{trace.NSBalance, trace.NSCertificate},
		Writes: []trace.Namespace{trace.NSBalance},
		Finds: []Declared{
			{CodeOverUse, trace.Flag, "more of a lot has gone than there was"},
			{CodeOverUseCertified, trace.Lock, "more of a certified lot has gone than there was"},
			{CodeNotCounted, trace.Info, "an amount is not in the lot's balance"},
			{CodeStockOrphaned, trace.Flag, "without what is declared wrong, more of a lot has gone than there was"},
			{CodeStockUndone, trace.Info, "quantities of lots are taken back"},
			{CodeStockSettled, trace.Info, "a locked lot is within its balance again"},
			{CodeSchemesForgotten, trace.Info, "a lot is born under more schemes than are kept"},
			{CodeNotKept, trace.Info, "the event moves more than can be taken back"},
		},
	}
}
