package contracts

import "github.com/waymark-ledger/waymark/trace"

// shelf is where what states point to stands while a record is heard.
type shelf struct {
	turns      pool[Turn]
	custodies  pool[Custody]
	transits   pool[Transit]
	endings    pool[Ending]
	bonds      pool[Bond]
	owners     pool[Ownership]
	offers     pool[Offer]
	sightings  pool[Sighting]
	positions  pool[trace.Position]
	serials    pool[Uniqueness]
	customs    pool[ItemCustoms]
	crossings  pool[Crossing]
	contents   pool[Contents]
	emptied    pool[Emptied]
	locks      pool[Lock]
	lotTurns   pool[LotTurn]
	terms      pool[Terms]
	overdrafts pool[Overdraft]
}

// clear takes everything back: nothing that was read before is used any more.
func (s *shelf) clear() {
	s.turns.clear()
	s.custodies.clear()
	s.transits.clear()
	s.endings.clear()
	s.bonds.clear()
	s.owners.clear()
	s.offers.clear()
	s.sightings.clear()
	s.positions.clear()
	s.serials.clear()
	s.customs.clear()
	s.crossings.clear()
	s.contents.clear()
	s.emptied.clear()
	s.locks.clear()
	s.lotTurns.clear()
	s.terms.clear()
	s.overdrafts.clear()
}

// A pool gives out zero values of a type, and takes all of them back at once.
type pool[T any] struct {
	rooms [][]T
	used  int
}

// What a pool keeps between records: rooms for so many values. A record may name
// thousands of items.
const (
	poolRoom = 64
	maxRooms = 8
)

func (p *pool[T]) take() *T {
	room, at := p.used/poolRoom, p.used%poolRoom
	if room == len(p.rooms) {
		p.rooms = append(p.rooms, make([]T, poolRoom))
	}
	p.used++
	x := &p.rooms[room][at]
	var zero T
	*x = zero
	return x
}

func (p *pool[T]) clear() {
	if len(p.rooms) > maxRooms {
		clear(p.rooms[maxRooms:])
		p.rooms = p.rooms[:maxRooms]
	}
	p.used = 0
}

func (s *ItemState) code(c *coder) {
	outside, at := c.open()
	textAt(c, 1, &s.Condition)
	uintAt(c, 2, &s.First)
	textIf(c, 3, &s.Lot)
	partIf(c, 4, &s.Born, &c.shelf.turns)
	partIf(c, 5, &s.Ended, &c.shelf.turns)
	partIf(c, 6, &s.Custody, &c.shelf.custodies)
	partIf(c, 7, &s.Transit, &c.shelf.transits)
	partIf(c, 8, &s.Parent, &c.shelf.bonds)
	partIf(c, 9, &s.Assembly, &c.shelf.bonds)
	listIf(c, 10, &s.Locks, codeLock)
	partIf(c, 11, &s.Owner, &c.shelf.owners)
	partIf(c, 12, &s.LastSeen, &c.shelf.sightings)
	partIf(c, 13, &s.Uniqueness, &c.shelf.serials)
	partIf(c, 14, &s.Customs, &c.shelf.customs)
	textIf(c, 15, &s.NetWeight)
	listIf(c, 16, &s.Left, codeLeaving)
	boolIf(c, 17, &s.Recalled)
	partIf(c, 18, &s.Contents, &c.shelf.contents)
	partIf(c, 19, &s.Components, &c.shelf.contents)
	boolIf(c, 20, &s.Chilled)
	partIf(c, 21, &s.Attested, &c.shelf.turns)
	textIf(c, 22, &s.Named)
	uintIf(c, 23, &s.NamedAt)
	c.close(outside, at)
}

func codeLeaving(c *coder, l *Leaving) {
	outside, at := c.open()
	textAt(c, 1, &l.Of)
	uintAt(c, 2, &l.Recall)
	partAt(c, 3, &l.By)
	boolIf(c, 4, &l.Told)
	boolIf(c, 5, &l.Amount)
	partIf(c, 6, &l.Freed, &c.shelf.turns)
	c.close(outside, at)
}

func (t *Turn) code(c *coder) {
	outside, at := c.open()
	uintAt(c, 1, &t.Seq)
	textAt(c, 2, &t.Organisation)
	intAt(c, 3, &t.Seconds)
	intAt(c, 4, &t.Nanos)
	bytesAt(c, 5, t.Event[:])
	c.close(outside, at)
}

func codeTurn(c *coder, t *Turn) { t.code(c) }

func (s *Custody) code(c *coder) {
	outside, at := c.open()
	textIf(c, 1, &s.Holder)
	uintIf(c, 2, &s.Seq)
	boolIf(c, 3, &s.Signed)
	if c.has(4, s.Event != [16]byte{}) {
		codeBytes(c, s.Event[:])
		c.full(s.Event != [16]byte{})
	}
	textIf(c, 5, &s.By)
	boolIf(c, 6, &s.Awaits)
	intIf(c, 7, &s.Time)
	partIf(c, 8, &s.Before, &c.shelf.custodies)
	partIf(c, 9, &s.Matched, &c.shelf.endings)
	boolIf(c, 10, &s.Settled)
	partIf(c, 11, &s.Again, &c.shelf.endings)
	boolIf(c, 12, &s.Beside)
	boolIf(c, 13, &s.Packed)
	c.close(outside, at)
}

func (t *Transit) code(c *coder) {
	outside, at := c.open()
	uintAt(c, 1, &t.Transfer)
	bytesAt(c, 2, t.Event[:])
	partIf(c, 3, &t.Ended, &c.shelf.endings)
	boolIf(c, 4, &t.Wrong)
	partIf(c, 5, &t.Before, &c.shelf.transits)
	boolIf(c, 6, &t.Beside)
	c.close(outside, at)
}

func (e *Ending) code(c *coder) {
	outside, at := c.open()
	e.fields(c)
	c.close(outside, at)
}

func (e *Ending) fields(c *coder) {
	uintAt(c, 1, &e.Seq)
	textAt(c, 2, &e.Organisation)
	bytesAt(c, 3, e.Event[:])
}

func (b *Bond) code(c *coder) {
	outside, at := c.open()
	textAt(c, 1, &b.Holder)
	partIf(c, 2, &b.In, &c.shelf.turns)
	partIf(c, 3, &b.Out, &c.shelf.turns)
	partIf(c, 4, &b.Before, &c.shelf.bonds)
	boolIf(c, 5, &b.Locked)
	boolIf(c, 6, &b.Marked)
	c.close(outside, at)
}

func (l *Lock) code(c *coder) {
	outside, at := c.open()
	uintAt(c, 1, &l.Code)
	uintAt(c, 2, &l.Seq)
	c.close(outside, at)
}

func codeLock(c *coder, l *Lock) { l.code(c) }

func (o *Ownership) code(c *coder) {
	outside, at := c.open()
	textIf(c, 1, &o.Organisation)
	partIf(c, 2, &o.By, &c.shelf.turns)
	partIf(c, 3, &o.First, &c.shelf.turns)
	textIf(c, 4, &o.Before)
	partIf(c, 5, &o.Open, &c.shelf.offers)
	c.close(outside, at)
}

func (o *Offer) code(c *coder) {
	outside, at := c.open()
	textAt(c, 1, &o.To)
	partAt(c, 2, &o.By)
	intAt(c, 3, &o.Until)
	c.close(outside, at)
}

func (s *Sighting) code(c *coder) {
	outside, at := c.open()
	if c.has(1, s.Turn != Turn{}) {
		s.Turn.code(c)
		c.full(s.Turn != Turn{})
	}
	bytesAt(c, 2, s.Place[:])
	if c.has(3, s.Position != nil) {
		if c.reading {
			s.Position = c.shelf.positions.take()
		}
		codePosition(c, s.Position)
	}
	uintIf(c, 4, &s.Mode)
	c.close(outside, at)
}

// codePosition: an array of two.
func codePosition(c *coder, p *trace.Position) {
	if c.elements(2) != 2 {
		c.fail("a position of another length")
	}
	codeInt(c, &p.Latitude)
	codeInt(c, &p.Longitude)
	c.leave()
}

func (u *Uniqueness) code(c *coder) {
	outside, at := c.open()
	partIf(c, 1, &u.Sold, &c.shelf.turns)
	partIf(c, 2, &u.Disputed, &c.shelf.turns)
	boolIf(c, 3, &u.Sale)
	listIf(c, 4, &u.Later, codeDispute)
	partIf(c, 5, &u.With, &c.shelf.turns)
	boolIf(c, 6, &u.Unheld)
	c.close(outside, at)
}

func codeDispute(c *coder, d *Dispute) {
	outside, at := c.open()
	partAt(c, 1, &d.By)
	boolIf(c, 2, &d.Sale)
	partIf(c, 3, &d.With, &c.shelf.turns)
	boolIf(c, 4, &d.Unheld)
	c.close(outside, at)
}

func (i *ItemCustoms) code(c *coder) {
	outside, at := c.open()
	listIf(c, 1, &i.Declarations, codeText)
	partIf(c, 2, &i.At, &c.shelf.crossings)
	c.close(outside, at)
}

func (s *DeclarationState) code(c *coder) {
	outside, at := c.open()
	textAt(c, 1, &s.Country)
	textAt(c, 2, &s.Status)
	partAt(c, 3, &s.Since)
	partIf(c, 4, &s.Declared, &c.shelf.turns)
	textIf(c, 5, &s.Flow)
	listIf(c, 6, &s.Goods, codeText)
	listIf(c, 7, &s.Lots, codeText)
	listIf(c, 8, &s.Apart, codePart)
	textIf(c, 9, &s.HSCode)
	textIf(c, 10, &s.Value)
	c.close(outside, at)
}

func codePart(c *coder, p *Part) {
	outside, at := c.open()
	textAt(c, 1, &p.Status)
	partAt(c, 2, &p.Since)
	listIf(c, 3, &p.Goods, codeUint)
	c.close(outside, at)
}

func (x *Crossing) code(c *coder) {
	outside, at := c.open()
	textAt(c, 1, &x.Country)
	partAt(c, 2, &x.By)
	textIf(c, 3, &x.From)
	listIf(c, 4, &x.Served, codeText)
	c.close(outside, at)
}

func (s *Contents) code(c *coder) {
	outside, at := c.open()
	partAt(c, 1, &s.Now)
	intAt(c, 2, &s.Seconds)
	intAt(c, 3, &s.Nanos)
	uintIf(c, 4, &s.From)
	partIf(c, 5, &s.Emptied, &c.shelf.emptied)
	uintIf(c, 6, &s.Past)
	c.close(outside, at)
}

func (e *Emptied) code(c *coder) {
	outside, at := c.open()
	partAt(c, 1, &e.Turn)
	partAt(c, 2, &e.Held)
	partIf(c, 3, &e.Custody, &c.shelf.custodies)
	partIf(c, 4, &e.Broken, &c.shelf.locks)
	listIf(c, 5, &e.Left, codeLeaving)
	c.close(outside, at)
}

func (t *Tally) code(c *coder) {
	outside, at := c.open()
	uintAt(c, 1, &t.Count)
	bytesAt(c, 2, t.Sum[:])
	uintAt(c, 3, &t.Height)
	uintIf(c, 4, &t.Locked)
	uintIf(c, 5, &t.Marked)
	listIf(c, 6, &t.Marks, codeText)
	listIf(c, 7, &t.Goods, codeGoods)
	uintIf(c, 8, &t.Others)
	listIf(c, 9, &t.Packed, codePacked)
	boolIf(c, 10, &t.Unlisted)
	c.close(outside, at)
}

func codeGoods(c *coder, g *Goods) {
	outside, at := c.open()
	textAt(c, 1, &g.Of)
	uintAt(c, 2, &g.Count)
	c.close(outside, at)
}

func codePacked(c *coder, p *Packed) {
	outside, at := c.open()
	textAt(c, 1, &p.Of)
	textIf(c, 2, &p.Unit)
	decimalIf(c, 3, &p.Amount)
	partIf(c, 4, &p.By, &c.shelf.turns)
	c.close(outside, at)
}

func (a *Account) code(c *coder) {
	outside, at := c.open()
	textIf(c, 1, &a.Unit)
	decimalIf(c, 2, &a.In)
	decimalIf(c, 3, &a.Out)
	decimalIf(c, 4, &a.Received)
	decimalIf(c, 5, &a.Accepted)
	decimalIf(c, 6, &a.Shipped)
	decimalIf(c, 7, &a.Taken)
	decimalIf(c, 8, &a.Packed)
	decimalIf(c, 9, &a.Unpacked)
	uintIf(c, 10, &a.Births)
	uintIf(c, 11, &a.UnclearIn)
	uintIf(c, 12, &a.UnclearOut)
	listIf(c, 13, &a.Certified, codeCertified)
	partIf(c, 14, &a.Closed, &c.shelf.turns)
	partIf(c, 15, &a.Lock, &c.shelf.locks)
	uintAt(c, 16, &a.Seq)
	decimalIf(c, 17, &a.Voided)
	listIf(c, 18, &a.Bearers, codeBearer)
	listIf(c, 19, &a.Left, codeLeaving)
	listIf(c, 20, &a.ClosedAgain, codeTurn)
	partIf(c, 21, &a.Overdrawn, &c.shelf.overdrafts)
	listIf(c, 22, &a.OverdrawnAgain, codeOverdraft)
	listIf(c, 23, &a.Overclaims, codeOverclaim)
	c.close(outside, at)
}

func (o *Overdraft) code(c *coder) {
	outside, at := c.open()
	partAt(c, 1, &o.By)
	intAt(c, 2, &o.Time)
	intIf(c, 3, &o.Close)
	c.close(outside, at)
}

func codeOverdraft(c *coder, o *Overdraft) { o.code(c) }

func codeOverclaim(c *coder, o *Overclaim) {
	outside, at := c.open()
	textAt(c, 1, &o.Account)
	uintAt(c, 2, &o.Seq)
	c.close(outside, at)
}

func codeBearer(c *coder, b *Bearer) {
	outside, at := c.open()
	bytesAt(c, 1, b.Key[:])
	listIf(c, 2, &b.Births, codeBirth)
	partIf(c, 3, &b.Attested, &c.shelf.turns)
	c.close(outside, at)
}

// codeBirth: an array of two.
func codeBirth(c *coder, b *Birth) {
	if c.elements(2) != 2 {
		c.fail("a birth of another length")
	}
	codeUint(c, &b.Seq)
	codeBytes(c, b.Event[:])
	c.leave()
}

func codeCertified(c *coder, s *Certified) {
	outside, at := c.open()
	textAt(c, 1, &s.Scheme)
	uintAt(c, 2, &s.Births)
	uintIf(c, 3, &s.Bare)
	c.close(outside, at)
}

func (p *Posted) code(c *coder) {
	outside, at := c.open()
	uintAt(c, 1, &p.Seq)
	listIf(c, 2, &p.Postings, codePosting)
	c.close(outside, at)
}

// codePosting: an array of four.
func codePosting(c *coder, p *Posting) {
	if c.elements(4) != 4 {
		c.fail("a posting of another length")
	}
	codeText(c, &p.Account)
	codeUint(c, &p.Sum)
	codeDecimal(c, &p.Amount)
	codeText(c, &p.Scheme)
	c.leave()
}

func (s *DiligenceState) code(c *coder) {
	outside, at := c.open()
	uintIf(c, 1, &s.Origin)
	partIf(c, 2, &s.Grown, &c.shelf.turns)
	partIf(c, 3, &s.Statement, &c.shelf.turns)
	textIf(c, 4, &s.Reference)
	partIf(c, 5, &s.Blocked, &c.shelf.turns)
	uintIf(c, 6, &s.Before)
	partIf(c, 7, &s.Freed, &c.shelf.turns)
	partIf(c, 8, &s.Withdrawn, &c.shelf.turns)
	listIf(c, 9, &s.Also, codeTurn)
	listIf(c, 10, &s.Released, codeTurn)
	listIf(c, 11, &s.Again, codeGiven)
	listIf(c, 12, &s.Roots, codeRoot)
	c.close(outside, at)
}

func codeRoot(c *coder, r *Root) {
	outside, at := c.open()
	partAt(c, 1, &r.By)
	listIf(c, 2, &r.Keys, codeText)
	boolIf(c, 3, &r.Made)
	c.close(outside, at)
}

func codeGiven(c *coder, g *Given) {
	outside, at := c.open()
	partAt(c, 1, &g.By)
	textAt(c, 2, &g.Reference)
	c.close(outside, at)
}

func (t *TransferState) code(c *coder) {
	outside, at := c.open()
	textAt(c, 1, &t.From)
	textAt(c, 2, &t.To)
	textIf(c, 3, &t.Carrier)
	bytesAt(c, 4, t.Event[:])
	intAt(c, 5, &t.Opened)
	intAt(c, 6, &t.Deadline)
	boolIf(c, 7, &t.Awaiting)
	uintIf(c, 8, &t.Count)
	uintIf(c, 9, &t.Left)
	listIf(c, 10, &t.Items, codeText)
	listIf(c, 11, &t.Lots, codeLotPart)
	listIf(c, 12, &t.Documents, codeText)
	partIf(c, 13, &t.Terms, &c.shelf.terms)
	c.close(outside, at)
}

func (t *Terms) code(c *coder) {
	outside, at := c.open()
	uintAt(c, 1, &t.Tolerance)
	uintAt(c, 2, &t.Case)
	c.close(outside, at)
}

func codeLotPart(c *coder, p *LotPart) {
	outside, at := c.open()
	textAt(c, 1, &p.Class)
	textIf(c, 2, &p.Unit)
	decimalAt(c, 3, &p.Amount)
	decimalAt(c, 4, &p.Left)
	partIf(c, 5, &p.Last, &c.shelf.lotTurns)
	boolIf(c, 6, &p.Wrong)
	listIf(c, 7, &p.Before, func(c *coder, t *LotTurn) { t.code(c) })
	c.close(outside, at)
}

func (t *LotTurn) code(c *coder) {
	outside, at := c.open()
	t.fields(c)
	decimalAt(c, 4, &t.Amount)
	boolIf(c, 5, &t.Settled)
	c.close(outside, at)
}

func (l *LotTransfers) code(c *coder) {
	outside, at := c.open()
	if c.must(1) {
		codeList(c, &l.Transfers, codeUint)
	}
	c.close(outside, at)
}
