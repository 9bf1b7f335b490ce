package contracts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// M3, book and claim: the claim leaves the goods and is sold without them, as a credit.
// A credit is a business document (our type BTT-credit) that events cite; wm:creditStatus
// says what becomes of it. It is divisible, in kilograms, exact and without tolerance.
//
//   - booked: a transformation whose wm:chainOfCustody is book_and_claim and that cites a
//     certificate which holds. Its certified input times wm:conversionFactor is the credit,
//     which the signer owns. What comes out is claimed no more: it becomes a lot of its
//     own, which brings no credit under the scheme to whoever uses it.
//   - transferred: a TransactionEvent that names no goods, with the new owner, a member, as
//     its owning party. wm:creditQuantity says how much; it is all that the signer has of
//     the credit where the event does not say.
//   - retired: a TransactionEvent ADD that names the other goods which are claimed by it;
//     their weight is retired.
//
// Each holder has an account of each credit, and what leaves it is no more than what it
// has: so nothing is retired twice, sold by a stranger, or more than was booked. What is
// declared wrong is taken back; of a transfer, what the new owner still has. A booking that
// is declared wrong ends its credit, and who used it is flagged.

// A Credit is what was booked under an id (namespace balance, "booking:<id>").
type Credit struct {
	By          Turn          `cbor:"1,keyasint"`
	Booked      trace.Moment  `cbor:"2,keyasint"` // block time
	Scheme      string        `cbor:"3,keyasint"`
	Claim       string        `cbor:"4,keyasint,omitempty"` // wm:claim
	Certificate string        `cbor:"5,keyasint"`
	Amount      epcis.Decimal `cbor:"6,keyasint"`           // kilograms
	Wrong       *Turn         `cbor:"7,keyasint,omitempty"` // the errorDeclaration of the booking
}

func (b *Credit) fact(id string) trace.Fact {
	return factAt(id, withUnit(b.Amount, kilogram)+" booked under "+b.Scheme, b.By.Seq)
}

// What becomes of a credit, as wm:creditStatus says it.
const (
	creditBooked      = "booked"
	creditTransferred = "transferred"
	creditRetired     = "retired"
)

const creditPrefix = "credit:"

// creditAccount is what an organisation has of a credit: booked in, received by transfer,
// shipped by transfer, retired out.
func creditAccount(id, organisation string) string {
	return creditPrefix + bounded(id) + "|" + organisation
}

func isCredit(account string) bool { return strings.HasPrefix(account, creditPrefix) }

func bookingKey(id string) trace.Key {
	return trace.Key{NS: trace.NSBalance, ID: "booking:" + bounded(id)}
}

// books reports an event that books a credit, whether or not it may.
func books(e *epcis.Event) bool {
	return e.Type == epcis.TransformationEvent && text(e.Extensions, termCredit) == creditBooked
}

// left is what the account's holder has of a credit, used what it transferred or retired.
func (a *Account) left() epcis.Decimal { return a.In.Add(a.Received).Sub(a.used()) }
func (a *Account) used() epcis.Decimal { return a.Shipped.Add(a.Out) }

// A credited is what one event says of one credit.
type credited struct {
	*hearing
	event *epcis.Event
	id    string
}

// credit judges what an event says of a credit.
func (c *hearing) credit(e *epcis.Event, status string) error {
	s := credited{hearing: c, event: e}
	n := 0
	for i := range e.Transactions {
		if t := &e.Transactions[i]; isOurs(t.Type, "BTT-credit") && !t.ID.IsZero() {
			s.id = t.ID.URI
			n++
		}
	}
	if n != 1 {
		return s.unclear(fmt.Sprintf("it cites %d credits", n), "Cite one credit, as a business transaction of type wm:BTT-credit.")
	}
	switch status {
	case creditBooked:
		return s.book()
	case creditTransferred:
		return s.transfer()
	case creditRetired:
		return s.retire()
	}
	return s.unclear("wm:creditStatus is "+status, "Say booked, transferred or retired.")
}

func (s *credited) unclear(why, next string) error {
	s.find(trace.Finding{Code: CodeCreditUnclear, Facts: []trace.Fact{fact("why", why)}, Next: next})
	return nil
}

// full says that a sum cannot take the amount.
func (s *credited) full() error {
	return s.unclear("a balance is full", "Record the rest as an event of its own.")
}

// booking is the credit that the event cites; nil, with a finding, where it is booked no
// more or never was.
func (s *credited) booking() (*Credit, error) {
	var b Credit
	known, err := s.read(bookingKey(s.id), &b)
	switch {
	case err != nil:
		return nil, err
	case !known:
		s.find(trace.Finding{Code: CodeCreditUnknown, Facts: []trace.Fact{fact("credit", s.id)}, Next: "Check the id: a credit is booked before it is transferred or retired."})
		return nil, nil
	case b.Wrong != nil:
		s.find(trace.Finding{Code: CodeCreditUnknown, Facts: []trace.Fact{factAt(s.id, "its booking is declared wrong", b.Wrong.Seq)}, Next: "Ask who booked it for another credit."})
		return nil, nil
	}
	return &b, s.doubt(&b)
}

// doubt flags the use of a credit whose certificate does not hold for the booking any more,
// or which a compromised key booked.
func (s *credited) doubt(b *Credit) error {
	var doubts tally
	state, err := s.issued(b.Certificate)
	if err != nil {
		return err
	}
	if state != nil {
		above, err := s.accreditations(state.CertificateState)
		if err != nil {
			return err
		}
		happened := epcis.Instant{Seconds: b.By.Seconds, Nanos: b.By.Nanos}
		if standing := state.Standing(happened, b.Booked.Instant(), b.By.Seq, above); standing != trace.CertificateActive {
			doubts.add(factAt(b.Certificate, standing+" when the credit was booked", state.Intervals[len(state.Intervals)-1].FromSeq))
		}
	}
	doubt, err := s.doubtful(claim{s.id, "booked by " + b.By.Organisation, b.By.Organisation, b.By.Seq})
	if err != nil {
		return err
	}
	if doubt != nil {
		doubts.add(*doubt)
	}
	doubts.found(s.hearing, trace.Finding{Code: CodeCreditDoubted, Next: "Ask who booked the credit for another one before you claim anything by it."})
	return nil
}

// transfer gives some of a credit to another member.
func (s *credited) transfer() error {
	e := s.event
	if e.Type != epcis.TransactionEvent || e.Action == epcis.Delete || len(e.EPCs)+len(e.Quantities) > 0 || !e.Parent.IsZero() {
		return s.unclear("it is no TransactionEvent of the credit alone", "Transfer a credit by a TransactionEvent with an empty epcList: the goods stay where they are.")
	}
	b, err := s.booking()
	if err != nil || b == nil {
		return err
	}
	to, why, err := s.newOwner()
	if err != nil {
		return err
	}
	if why != "" {
		return s.unclear(why, "Name one other member in destinationList as owning_party, and yourself in sourceList or nobody.")
	}
	own, err := s.account(creditAccount(s.id, s.signer.ID))
	if err != nil {
		return err
	}
	amount := own.state.left()
	if v := e.Extensions.Get(termCreditQuantity); v != nil {
		stated, code, ok := stated(v)
		kilograms, unit, converts := convert(stated, code)
		if !ok || !converts || unit != kilogram || kilograms.Sign() <= 0 {
			return s.unclear("wm:creditQuantity is no weight", `State it as "40 KGM", or leave it out for all that you have.`)
		}
		amount = kilograms
	}
	if !s.covers(b, own, amount) {
		return nil
	}
	theirs, err := s.account(creditAccount(s.id, to))
	if err != nil {
		return err
	}
	for _, p := range [...]struct {
		a   *account
		sum Sum
	}{{own, SumShipped}, {theirs, SumReceived}} {
		if ok, err := s.post(p.a, p.sum, amount, kilogram, ""); err != nil || !ok {
			return errorOr(err, s.full)
		}
	}
	s.find(trace.Finding{Code: CodeCredit, Facts: []trace.Fact{b.fact(s.id), fact("transferred", withUnit(amount, kilogram)+" to "+to)}})
	return nil
}

// newOwner is the member that a transfer names, or why it names none.
func (s *credited) newOwner() (to, why string, err error) {
	from, n, err := s.owning(s.event.Sources)
	if err != nil || n > 1 || n == 1 && from != s.signer.ID {
		return "", "it names another present owner than the signer", err
	}
	to, n, err = s.owning(s.event.Destinations)
	if err != nil || n != 1 {
		return "", fmt.Sprintf("it names %d new owners", n), err
	}
	if to == s.signer.ID {
		return "", "it names the signer as the new owner", nil
	}
	member, err := s.member(to)
	if last := len(member.Intervals) - 1; err != nil || last < 0 || member.Intervals[last].Value.Status != identity.Active {
		return "", "the new owner is no active member: " + to, err
	}
	return to, "", nil
}

// owning is the first owning party of a list, and how many there are.
func (s *credited) owning(list []epcis.Party) (organisation string, n int, err error) {
	party, n := partyOf(list, owningParty)
	if n > 0 {
		organisation, err = s.organisationOf(party)
	}
	return organisation, n, err
}

// covers reports whether the signer has so much of a credit.
func (s *credited) covers(b *Credit, own *account, amount epcis.Decimal) bool {
	left := own.state.left()
	if left.Sign() > 0 && amount.Cmp(left) <= 0 {
		return true
	}
	has := fact("the signer has", withUnit(larger(left, epcis.Decimal{}), kilogram))
	if own.known {
		has = factAt(has.Name, has.Value, own.state.Seq)
	}
	s.find(trace.Finding{
		Code: CodeCreditOverdrawn, Facts: []trace.Fact{b.fact(s.id), fact("asked for", withUnit(amount, kilogram)), has},
		Next: "Transfer or retire what you have. What was retired, or sold on, is not had again: ask a holder for another credit.",
	})
	return false
}

// retire uses some of a credit up, for a claim on the goods that the event names.
func (s *credited) retire() error {
	e := s.event
	if e.Type != epcis.TransactionEvent || e.Action != epcis.Add || len(e.EPCs)+len(e.Quantities) == 0 || !e.Parent.IsZero() {
		return s.unclear("it is no TransactionEvent ADD that names the goods themselves", "Retire a credit by a TransactionEvent ADD that names what is claimed by it, in epcList or quantityList.")
	}
	b, err := s.booking()
	if err != nil || b == nil {
		return err
	}
	goods := side{unit: kilogram}
	err = s.portions(e.EPCs, e.Quantities, func(p *portion) error {
		goods.put(p)
		return nil
	})
	if err != nil {
		return err
	}
	amount := goods.total()
	if goods.unclear > 0 || amount.Sign() <= 0 || !countable(amount) {
		return s.unclear("the weight of the goods is not computable", "State the weights of the goods in units of mass, or net weights in the master data of products.")
	}
	own, err := s.account(creditAccount(s.id, s.signer.ID))
	if err != nil || !s.covers(b, own, amount) {
		return err
	}
	if ok, err := s.post(own, SumOut, amount, kilogram, ""); err != nil || !ok {
		return errorOr(err, s.full)
	}
	s.find(trace.Finding{Code: CodeCredit, Facts: []trace.Fact{b.fact(s.id), fact("retired", withUnit(amount, kilogram)+" for a claim on other goods")}})
	return nil
}

// uncredit takes back what an event that is declared wrong said of a credit. What a new owner
// has used of it stays transferred, or it would be used twice.
func (c *hearing) uncredit() error {
	posted, err := c.postings()
	if err != nil {
		return err
	}
	type transfer struct {
		from   string // account
		amount epcis.Decimal
	}
	var booked []string                // accounts that credits were booked to
	transfers := map[string]transfer{} // by the account of the new owner; never ranged over
	for i, p := range posted.Postings {
		switch {
		case !isCredit(p.Account):
		case p.Sum == SumIn:
			booked = append(booked, p.Account)
		case p.Sum == SumReceived:
			before := transfers[p.Account].amount // an author may use an eventID twice
			transfers[p.Account] = transfer{posted.Postings[i-1].Account, before.Add(p.Amount)}
		}
	}
	touched, err := c.undo(isCredit)
	if err != nil || len(touched) == 0 {
		return err
	}
	var undone, used tally
	for _, a := range touched {
		undone.add(factAt(a.id, "what the event said is taken back", posted.Seq))
		missing := epcis.Decimal{}.Sub(a.state.left())
		given, booking := transfers[a.id], slices.Contains(booked, a.id)
		if booking {
			if err := c.unbook(strings.TrimSuffix(a.id[len(creditPrefix):], "|"+c.signer.ID)); err != nil {
				return err
			}
		}
		if missing.Sign() <= 0 || !booking && given.from == "" {
			continue
		}
		if !booking {
			if missing.Cmp(given.amount) > 0 {
				missing = given.amount
			}
			sender, err := c.account(given.from)
			if err != nil {
				return err
			}
			a.state.Received, sender.state.Shipped = a.state.Received.Add(missing), sender.state.Shipped.Add(missing)
			sender.changed = true
		}
		used.add(factAt(a.id, withUnit(missing, kilogram)+" were used", a.state.Seq))
	}
	c.find(trace.Finding{Code: CodeCreditUndone, Facts: undone.facts})
	used.found(c, trace.Finding{Code: CodeCreditOrphaned, Next: "Claims rest on what is declared wrong: ask who uses the credit for another one, or to declare its claims wrong."})
	return nil
}

// unbook ends a credit whose booking is declared wrong.
func (c *hearing) unbook(id string) error {
	key := trace.Key{NS: trace.NSBalance, ID: "booking:" + id}
	var b Credit
	if known, err := c.read(key, &b); err != nil || !known || !c.declaredWrong(&b.By) {
		return err
	}
	b.Wrong = c.turn()
	return c.write(key, &b)
}
