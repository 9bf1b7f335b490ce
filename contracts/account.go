package contracts

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// An Account is the state of a balance. It holds sums of what accepted records say,
// so it does not depend on their order: a receipt recorded before its shipment, or a
// birth after its use, gives the same in the end. Its size is bounded.
//
// Its id says what it is of: "<lot>|<organisation>" what an organisation has of a
// lot, "<lot>|" the lot with everybody, "transformation:<id>|<organisation>" what
// went into a transformation and came out of it, "claim:…" certified goods, and
// "credit:<id>|<organisation>" what an organisation has of a credit (rule M3).
type Account struct {
	Unit     string        `cbor:"1,keyasint,omitempty"` // base unit of all sums; the first posting sets it
	In       epcis.Decimal `cbor:"2,keyasint,omitzero"`  // born, made; of a transformation, its inputs
	Out      epcis.Decimal `cbor:"3,keyasint,omitzero"`  // used, deleted; of a transformation, its outputs and losses
	Received epcis.Decimal `cbor:"4,keyasint,omitzero"`
	Accepted epcis.Decimal `cbor:"5,keyasint,omitzero"`
	Shipped  epcis.Decimal `cbor:"6,keyasint,omitzero"`
	Taken    epcis.Decimal `cbor:"7,keyasint,omitzero"` // what others say they received from the holder
	Packed   epcis.Decimal `cbor:"8,keyasint,omitzero"`
	Unpacked epcis.Decimal `cbor:"9,keyasint,omitzero"`

	Births     uint64      `cbor:"10,keyasint,omitempty"` // events that brought some of the lot into being
	UnclearIn  uint64      `cbor:"11,keyasint,omitempty"` // quantities that no sum could take
	UnclearOut uint64      `cbor:"12,keyasint,omitempty"`
	Certified  []Certified `cbor:"13,keyasint,omitempty"` // of a lot; sorted by scheme
	Closed     *Turn       `cbor:"14,keyasint,omitempty"` // of a transformation: the first event that said it is the last
	Lock       *Lock       `cbor:"15,keyasint,omitempty"` // of what an organisation has of a lot (rule W1), of claims (rule M3)
	Seq        uint64      `cbor:"16,keyasint"`           // of the latest record that changed it

	Voided epcis.Decimal `cbor:"17,keyasint,omitzero"` // of what was shipped

	Bearers []Bearer `cbor:"18,keyasint,omitempty"` // of a lot with everybody: which keys signed its births (rule A7)

	// Left are the recalls of containers that an amount came out of, of what an
	// organisation has of a lot (rule K5).
	Left []Leaving `cbor:"19,keyasint,omitempty"`

	// ClosedAgain are later events that said so, the first maxLater of them: where the first
	// is declared wrong, the transformation is closed by the next.
	ClosedAgain []Turn `cbor:"20,keyasint,omitempty"`

	// Overdrawn is the record that claimed more than a mass-balance account held, while it
	// is overdrawn, and OverdrawnAgain are later ones, the first maxLater of them (rule M3).
	Overdrawn      *Overdraft  `cbor:"21,keyasint,omitempty"`
	OverdrawnAgain []Overdraft `cbor:"22,keyasint,omitempty"`
	Overclaims     []Overclaim `cbor:"23,keyasint,omitempty"` // of what an organisation has of a lot
}

// Certified says that births of a lot cited a certificate of a scheme that held, or left
// their claim under it to a credit.
type Certified struct {
	Scheme string `cbor:"1,keyasint"`
	Births uint64 `cbor:"2,keyasint"`
	Bare   uint64 `cbor:"3,keyasint,omitempty"` // births without their claim (rule M3)
}

// maxSchemes bounds the schemes of one lot.
const maxSchemes = 4

// A Posting is what one event did to an account, so that its author can declare the
// event wrong.
type Posting struct {
	_       struct{} `cbor:",toarray"`
	Account string
	Sum     Sum
	Amount  epcis.Decimal
	Scheme  string
}

// Sum is what of an account a posting changes. Numbers stand in state.
type Sum uint8

// The sums of an account, and what else is posted.
const (
	SumIn Sum = iota + 1
	SumOut
	SumReceived
	SumAccepted
	SumShipped
	SumTaken
	SumPacked
	SumUnpacked
	SumBirths     // one birth
	SumUnclearIn  // one quantity
	SumUnclearOut // one quantity
	SumCertified  // one birth under a scheme
	SumClosed     // the event closed the transformation (Account.Closed)
	SumVoided
	SumBare // one birth whose claim under a scheme was booked as a credit
)

// Posted is the state of an event's postings, by its author and eventID. What it
// posts beyond maxPostings counts, but nobody can take it back.
type Posted struct {
	Seq      uint64    `cbor:"1,keyasint"` // of the first record with the eventID
	Postings []Posting `cbor:"2,keyasint,omitempty"`
}

const maxPostings = 512

// has is what an organisation has of a lot come by; gone is what has left it. What
// somebody says to have received leaves a holder only as far as the holder itself
// shipped: nobody is debited by another's word alone. Receiving and accepting are
// two steps of one receipt, and what is unpacked beyond what the holder itself had
// packed came with a unit from elsewhere.
func (a *Account) has() epcis.Decimal {
	has := a.In.Add(larger(a.Received, a.Accepted))
	if fromElsewhere := a.Unpacked.Sub(a.Packed); fromElsewhere.Sign() > 0 {
		has = has.Add(fromElsewhere)
	}
	return has
}

func (a *Account) gone() epcis.Decimal {
	sent := larger(a.Shipped.Sub(a.Voided), epcis.Decimal{})
	if sent.Cmp(a.Taken) < 0 {
		return a.Out.Add(sent)
	}
	return a.Out.Add(a.Taken)
}

// sent is what has left a holder once all that it shipped has arrived.
func (a *Account) sent() epcis.Decimal {
	return a.Out.Add(larger(a.Shipped.Sub(a.Voided), epcis.Decimal{}))
}

func larger(x, y epcis.Decimal) epcis.Decimal {
	if x.Cmp(y) < 0 {
		return y
	}
	return x
}

// over reports whether more has gone than there was, beyond the tolerance.
func (a *Account) over(s scales) bool { return s.exceeds(a.gone(), a.has(), a.Unit) }

// scalesOf are the scales of an account: of what a transformation makes or claims,
// or of what is handed over.
func (c *hearing) scalesOf(account string) scales {
	if isTransformation(account) || isClaim(account) {
		return c.made
	}
	return c.received
}

// sum is where a posting adds its amount, nil for one that counts or closes.
func (a *Account) sum(s Sum) *epcis.Decimal {
	switch s {
	case SumIn:
		return &a.In
	case SumOut:
		return &a.Out
	case SumReceived:
		return &a.Received
	case SumAccepted:
		return &a.Accepted
	case SumShipped:
		return &a.Shipped
	case SumTaken:
		return &a.Taken
	case SumPacked:
		return &a.Packed
	case SumUnpacked:
		return &a.Unpacked
	case SumVoided:
		return &a.Voided
	}
	return nil
}

func (a *Account) counter(s Sum) *uint64 {
	switch s {
	case SumBirths:
		return &a.Births
	case SumUnclearIn:
		return &a.UnclearIn
	case SumUnclearOut:
		return &a.UnclearOut
	}
	return nil
}

// apply adds a posting, or takes it back; false where the sum cannot take it.
func (a *Account) apply(p *Posting, back bool) bool {
	if sum := a.sum(p.Sum); sum != nil {
		next := sum.Add(p.Amount)
		if back {
			next = sum.Sub(p.Amount)
		}
		if !back && !countable(next) {
			return false
		}
		*sum = next
		return true
	}
	if n := a.counter(p.Sum); n != nil {
		switch {
		case !back && *n < math.MaxUint64:
			*n++
		case back && *n > 0:
			*n--
		}
		return true
	}
	if p.Sum == SumCertified || p.Sum == SumBare {
		return a.certify(p.Scheme, p.Sum, back)
	}
	return true
}

func (a *Account) certify(scheme string, s Sum, back bool) bool {
	i, found := slices.BinarySearchFunc(a.Certified, scheme, func(c Certified, s string) int { return strings.Compare(c.Scheme, s) })
	switch {
	case !found && back:
		return true
	case !found && len(a.Certified) >= maxSchemes:
		return false
	case !found:
		a.Certified = slices.Insert(a.Certified, i, Certified{Scheme: scheme})
	}
	under := &a.Certified[i]
	births := &under.Births
	if s == SumBare {
		births = &under.Bare
	}
	switch {
	case !back:
		*births++
	case *births > 0:
		*births--
	}
	if under.Births+under.Bare == 0 {
		a.Certified = slices.Delete(a.Certified, i, i+1)
	}
	return true
}

// certifiedBy reports whether some of the lot was born under the scheme.
func (a *Account) certifiedBy(scheme string) bool {
	return slices.ContainsFunc(a.Certified, func(c Certified) bool { return c.Scheme == scheme && c.Births > 0 })
}

// bareUnder reports whether some of the lot left its claim under the scheme to a credit.
func (a *Account) bareUnder(scheme string) bool {
	return slices.ContainsFunc(a.Certified, func(c Certified) bool { return c.Scheme == scheme && c.Bare > 0 })
}

// An account is one that the record concerns: read once, written once when all
// contracts have judged.
type account struct {
	id      string
	state   Account
	known   bool // the ledger held a state before
	changed bool // its sums are
	noted   bool // its bearers, the recalls that it left, or its overclaims are
	judged  bool // W1 has
	wasOver bool // before what is declared wrong was taken back
}

// book is the postings of one record's event.
type book struct {
	posted   *Posted   // nil until asked for
	key      trace.Key // its
	wrote    bool      // posted changed
	overflow bool      // the event posts more than can be taken back
}

// account loads an account, once.
func (c *hearing) account(id string) (*account, error) {
	if a := c.balances.get(id); a != nil {
		return a, nil
	}
	a := c.accounts.take()
	a.id = id
	var err error
	if a.known, err = c.read(trace.Key{NS: trace.NSBalance, ID: id}, &a.state); err != nil {
		return nil, err
	}
	c.balances.add(id, a)
	return a, nil
}

// postings loads what the event of this author and eventID posted before.
func (c *hearing) postings() (*Posted, error) {
	if c.book.posted == nil {
		var p Posted
		if c.record.Event.ID == "" { // nobody can declare it wrong
			c.book.posted = &p
			return &p, nil
		}
		known, err := c.read(c.postedKey(), &p)
		if err != nil {
			return nil, err
		}
		if !known {
			p.Seq = c.position.Seq
		}
		c.book.posted = &p
	}
	return c.book.posted, nil
}

func (c *hearing) postedKey() trace.Key {
	if k := &c.book.key; k.ID == "" {
		mark := c.turn().Event
		*k = trace.Key{NS: trace.NSBalance, ID: "event:" + hex.EncodeToString(mark[:]) + "|" + c.signer.ID}
	}
	return c.book.key
}

// post applies a posting of the record's event. False says that it was not counted:
// the account's unit is another, or its sum is full.
func (c *hearing) post(a *account, s Sum, amount epcis.Decimal, unit, scheme string) (bool, error) {
	posted, err := c.postings()
	if err != nil {
		return false, err
	}
	p := Posting{Account: a.id, Sum: s, Amount: amount, Scheme: scheme}
	sums := a.state.sum(s) != nil
	if sums && a.state.Unit != "" && a.state.Unit != unit || !a.state.apply(&p, false) {
		return false, nil
	}
	if sums {
		a.state.Unit = unit
	}
	a.changed = true
	switch {
	case c.record.Event.ID == "":
	case len(posted.Postings) >= maxPostings:
		c.book.overflow = true
	default:
		posted.Postings = append(posted.Postings, p)
		c.book.wrote = true
	}
	return true, nil
}

// undo takes back what the event that this record declares wrong had posted to the
// accounts that a rule owns, and returns those, each once, as they are then.
func (c *hearing) undo(owns func(id string) bool) ([]*account, error) {
	if c.record.Event.ID == "" {
		return nil, nil
	}
	posted, err := c.postings()
	if err != nil {
		return nil, err
	}
	var touched []*account
	kept := posted.Postings[:0]
	for _, p := range posted.Postings {
		if !owns(p.Account) {
			kept = append(kept, p)
			continue
		}
		a, err := c.account(p.Account)
		if err != nil {
			return nil, err
		}
		if !a.changed {
			a.wasOver = a.state.over(c.scalesOf(p.Account))
			touched = append(touched, a)
		}
		if p.Sum == SumClosed {
			c.reopenTransformation(&a.state)
		}
		a.state.apply(&p, true)
		a.changed, c.book.wrote = true, true
	}
	posted.Postings = kept
	return touched, nil
}

// writeAccounts writes those that changed.
func (c *hearing) writeAccounts() error {
	for _, a := range c.balances.list {
		if !a.changed && !a.noted {
			continue
		}
		a.state.Seq = c.position.Seq
		if err := c.put(trace.Key{NS: trace.NSBalance, ID: a.id}, &a.state); err != nil {
			return err
		}
	}
	if c.book.wrote {
		return c.put(c.postedKey(), c.book.posted)
	}
	return nil
}

// bounded is an identifier as part of an account's id: itself, or the hash of one
// that its author made long.
func bounded(id string) string {
	if len(id) <= 256 {
		return id
	}
	h := sha256.Sum256([]byte(id))
	return "sha-256;" + hex.EncodeToString(h[:])
}

// A roll is named things of one record, each once, in the order in which they came.
type roll[T any] struct {
	ids  []string
	list []*T
	at   map[string]*T // of list, once they are many
}

// clear makes its memory free for another record.
func (r *roll[T]) clear() {
	if cap(r.list) > maxItemsKept {
		*r = roll[T]{}
		return
	}
	clear(r.ids)
	clear(r.list)
	*r = roll[T]{ids: r.ids[:0], list: r.list[:0]}
}

func (r *roll[T]) get(id string) *T {
	if r.at != nil {
		return r.at[id]
	}
	if i := slices.Index(r.ids, id); i >= 0 {
		return r.list[i]
	}
	return nil
}

func (r *roll[T]) add(id string, x *T) {
	r.ids, r.list = append(r.ids, id), append(r.list, x)
	switch {
	case r.at != nil:
		r.at[id] = x
	case len(r.list) > scanned:
		r.at = make(map[string]*T, 2*len(r.list))
		for i, id := range r.ids {
			r.at[id] = r.list[i]
		}
	}
}
