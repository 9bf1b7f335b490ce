package contracts

import (
	"slices"
	"strconv"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// TransferState is the canonical state of a transfer: a shipment between two
// members, or a receipt whose shipment is not recorded yet (Awaiting). Which items
// are still in it their own states say; it counts them and keeps the first few.
type TransferState struct {
	From      string    `cbor:"1,keyasint"` // organisation id; "" of a receipt that names no sender
	To        string    `cbor:"2,keyasint"`
	Carrier   string    `cbor:"3,keyasint,omitempty"`  // as the shipment names it
	Event     [16]byte  `cbor:"4,keyasint"`            // eventMark of the record that opened it
	Opened    int64     `cbor:"5,keyasint"`            // block time, Unix seconds
	Deadline  int64     `cbor:"6,keyasint"`            // block time, Unix seconds
	Awaiting  bool      `cbor:"7,keyasint,omitempty"`  // opened by a receipt
	Count     uint32    `cbor:"8,keyasint,omitempty"`  // items
	Left      uint32    `cbor:"9,keyasint,omitempty"`  // items still to be received, or matched
	Items     []string  `cbor:"10,keyasint,omitempty"` // the first of them
	Lots      []LotPart `cbor:"11,keyasint,omitempty"`
	Documents []string  `cbor:"12,keyasint,omitempty"` // the first of the business transactions
	Terms     *Terms    `cbor:"13,keyasint,omitempty"` // where they are not the defaults
}

// Terms are the network's parameters under which a transfer was opened, and stays.
type Terms struct {
	Tolerance uint64 `cbor:"1,keyasint"` // receiptTolerance, in millionths
	Case      uint64 `cbor:"2,keyasint"` // caseTerm, in seconds
}

func termsOf(p *identity.Parameters) Terms { return Terms{p.ReceiptTolerance, p.CaseTerm} }

// defaultTerms are those of identity.DefaultParameters, which never change.
func defaultTerms() Terms { return Terms{Tolerance: 5_000, Case: 14 * 86_400} }

func (t *TransferState) terms() Terms {
	if t.Terms != nil {
		return *t.Terms
	}
	return defaultTerms()
}

// tolerated is how much of an amount the transfer's receipts may differ by.
func (t *TransferState) tolerated(of epcis.Decimal, unit string) epcis.Decimal {
	return tolerated(of, unit, fraction(t.terms().Tolerance))
}

// LotPart is a lot's or class's quantity in a transfer.
type LotPart struct {
	Class  string        `cbor:"1,keyasint"`           // canonical id
	Unit   string        `cbor:"2,keyasint,omitempty"` // weights are in KGM
	Amount epcis.Decimal `cbor:"3,keyasint"`           // shipped; of a receipt before its shipment, received
	Left   epcis.Decimal `cbor:"4,keyasint"`           // to be received; or to be matched
	Last   *LotTurn      `cbor:"5,keyasint,omitempty"`
	Wrong  bool          `cbor:"6,keyasint,omitempty"` // the record that opened the transfer is declared wrong
	Before []LotTurn     `cbor:"7,keyasint,omitempty"` // before Last, in order: the latest maxLotTurns
}

// take takes from what is left of a part, and remembers what did.
func (p *LotPart) take(t LotTurn) {
	if p.Last != nil {
		before := append(slices.Clip(p.Before), *p.Last)
		p.Before = before[max(0, len(before)-maxLotTurns):]
	}
	p.Left, p.Last = p.Left.Sub(t.Amount), &t
}

// untake forgets what an event took, and returns it; false for nothing.
func (p *LotPart) untake(event [16]byte, organisation string) (LotTurn, bool) {
	meant := func(t LotTurn) bool { return t.Event == event && t.Organisation == organisation }
	n := len(p.Before)
	if p.Last != nil && meant(*p.Last) {
		was := *p.Last
		if p.Last = nil; n > 0 {
			last := p.Before[n-1]
			p.Last, p.Before = &last, p.Before[:n-1]
		}
		return was, true
	}
	at := slices.IndexFunc(p.Before, meant)
	if at < 0 {
		return LotTurn{}, false
	}
	was := p.Before[at]
	p.Before = slices.Delete(slices.Clone(p.Before), at, at+1)
	return was, true
}

// LotTurn is a receipt or void of a part, or a shipment that a receipt waited for, so
// that it can be undone.
type LotTurn struct {
	Ending
	Amount  epcis.Decimal `cbor:"4,keyasint"`
	Settled bool          `cbor:"5,keyasint,omitempty"` // it settled the case of what no shipment told of
}

// LotTransfers are the last transfers of a lot or class to one organisation.
type LotTransfers struct {
	Transfers []uint64 `cbor:"1,keyasint"`
}

// Bounds of these states.
const (
	maxTransferItems     = 16
	maxTransferLots      = 64
	maxTransferDocuments = 8
	maxLotTransfers      = 32
	maxLotTurns          = 8
)

// Open reports whether something of it is still to be received, or matched.
func (t *TransferState) Open() bool {
	return t.Left > 0 || slices.ContainsFunc(t.Lots, func(p LotPart) bool { return !t.done(&p) })
}

// Overdue reports whether the deadline passed with something still open.
func (t *TransferState) Overdue(now int64) bool { return t.Open() && now > t.Deadline }

// done reports whether what is left of a part is within the tolerance.
func (t *TransferState) done(p *LotPart) bool { return p.Left.Cmp(t.tolerated(p.Amount, p.Unit)) <= 0 }

// TransferKey is the key of the transfer that the record at seq opened.
func TransferKey(seq uint64) trace.Key {
	return trace.Key{NS: trace.NSTransfer, ID: strconv.FormatUint(seq, 10)}
}

// lotTransfersKey is the key of the transfers of a lot to an organisation.
func lotTransfersKey(to, class string) trace.Key {
	return trace.Key{NS: trace.NSTransfer, ID: "to:" + to + " " + class}
}

// handover is what one record does to transfers and cases: each is read once,
// changed in memory, and written once when all contracts have judged.
type handover struct {
	transfers []*transfer
	opened    *transfer // by this record; it is in transfers once there is something in it
	lists     []*lotList
	cases     []*openCase
	found     [classes]exception // what C4 found for C5
	sender    string             // of what the record receives, as the record or its transfers say
	took      []*item            // received by this record from a transfer
	late      tally              // of transfers whose deadline had passed
	ships     ships              // what C3 makes of a shipment
}

// ships is between whom a shipment moves goods, as C3 judges it.
type ships uint8

const (
	movesNothing  ships = iota
	withinOneself       // its source ships to itself, or it does not say who ships to whom
	toAnother           // the units that are moved say so
)

type transfer struct {
	id      uint64
	state   TransferState
	known   bool
	changed bool
}

type lotList struct {
	key     trace.Key
	state   LotTransfers
	changed bool
}

// transfer loads a transfer; known is false when there is none.
func (c *hearing) transfer(id uint64) (*transfer, error) {
	if t := c.handover.opened; t != nil && t.id == id {
		return t, nil
	}
	for _, t := range c.handover.transfers {
		if t.id == id {
			return t, nil
		}
	}
	t := &transfer{id: id}
	var err error
	if t.known, err = c.read(TransferKey(id), &t.state); err != nil {
		return nil, err
	}
	c.handover.transfers = append(c.handover.transfers, t)
	return t, nil
}

// transferOf is the transfer that the item is in, nil when it is in none.
func (c *hearing) transferOf(it *item) (*transfer, error) {
	if !it.inTransit() {
		return nil, nil
	}
	t, err := c.transfer(it.state.Transit.Transfer)
	if err == nil && it.state.Transit.Beside && t.state.Left == 0 { // what it was in has arrived, or was not sent
		return nil, nil
	}
	return t, err
}

// open makes the transfer of this record.
func (c *hearing) open(from, to string) *transfer {
	now := c.block.Time.Seconds
	t := &transfer{id: c.position.Seq, known: true, changed: true, state: TransferState{
		From: from, To: to, Event: c.turn().Event, Opened: now, Deadline: now + int64(c.limits.TransferTerm),
	}}
	if terms := termsOf(c.limits); terms != defaultTerms() {
		t.state.Terms = &terms
	}
	if carriers := extension(c.record.Event, "carrier"); len(carriers) > 0 {
		t.state.Carrier = epcis.Canonical(short(carriers[0])).URI
	}
	for _, d := range c.record.Event.Transactions {
		if len(t.state.Documents) < maxTransferDocuments {
			t.state.Documents = append(t.state.Documents, short(d.ID.URI))
		}
	}
	c.handover.opened = t
	return t
}

// keep has the transfer written, if there is anything in it.
func (c *hearing) keep(t *transfer) bool {
	if t.state.Count == 0 && len(t.state.Lots) == 0 {
		return false
	}
	c.handover.transfers = append(c.handover.transfers, t)
	return true
}

// add puts an item into the transfer.
func (t *transfer) add(it *item) {
	t.count(it)
	t.state.Left++
}

// count counts an item that is in the transfer, or that came out of it before it was told of.
func (t *transfer) count(it *item) {
	t.state.Count++
	if len(t.state.Items) < maxTransferItems {
		t.state.Items = append(t.state.Items, short(it.id))
	}
}

// less takes one item out of the transfer.
func (t *transfer) less() {
	if t.state.Left > 0 {
		t.state.Left--
		t.changed = true
	}
}

// lotsTo loads the transfers of a lot to an organisation.
func (c *hearing) lotsTo(to, class string) (*lotList, error) {
	key := lotTransfersKey(to, class)
	for _, l := range c.handover.lists {
		if l.key == key {
			return l, nil
		}
	}
	l := &lotList{key: key}
	if _, err := c.read(key, &l.state); err != nil {
		return nil, err
	}
	c.handover.lists = append(c.handover.lists, l)
	return l, nil
}

// addLot puts a quantity into the transfer and the transfer on the lot's list.
func (c *hearing) addLot(t *transfer, q amount) (bool, error) {
	at := slices.IndexFunc(t.state.Lots, func(p LotPart) bool { return p.Class == q.class && p.Unit == q.unit })
	if at >= 0 {
		p := &t.state.Lots[at]
		whole, left := p.Amount.Add(q.value), p.Left.Add(q.value)
		if !storable(whole) || !storable(left) {
			return false, nil
		}
		p.Amount, p.Left = whole, left
		return true, nil
	}
	if len(t.state.Lots) == maxTransferLots {
		return false, nil
	}
	t.state.Lots = append(t.state.Lots, LotPart{Class: q.class, Unit: q.unit, Amount: q.value, Left: q.value})
	list, err := c.lotsTo(t.state.To, q.class)
	if err != nil {
		return false, err
	}
	if !slices.Contains(list.state.Transfers, t.id) {
		seqs := append(slices.Clone(list.state.Transfers), t.id)
		list.state.Transfers, list.changed = seqs[max(0, len(seqs)-maxLotTransfers):], true
	}
	return true, nil
}

// writeHandover writes the transfers and cases that changed.
func (c *hearing) writeHandover() error {
	for _, t := range c.handover.transfers {
		if t.changed {
			if err := c.put(TransferKey(t.id), &t.state); err != nil {
				return err
			}
		}
	}
	for _, l := range c.handover.lists {
		if l.changed {
			if err := c.put(l.key, &l.state); err != nil {
				return err
			}
		}
	}
	for _, k := range c.handover.cases {
		if k.changed {
			if err := c.put(k.id.Key(), k.state); err != nil {
				return err
			}
		}
	}
	return nil
}
