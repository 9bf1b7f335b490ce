package contracts

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/waymark-ledger/waymark/trace"
)

// ClassNumber is one of the four classes of exception between a shipment and its
// receipt (the classes of practice under the US Drug Supply Chain Security Act).
type ClassNumber uint8

// The classes. A class's code is 1500 and its number.
const (
	ProductWithoutData ClassNumber = 1 // received, and no shipment says so
	DataWithoutProduct ClassNumber = 2 // shipped, and not received in time
	DataError          ClassNumber = 3 // shipment and receipt contradict each other
	Damage             ClassNumber = 4
	classes                        = 5 // one more than the last
)

func (n ClassNumber) String() string {
	switch n {
	case ProductWithoutData:
		return "product_without_data"
	case DataWithoutProduct:
		return "data_without_product"
	case DataError:
		return "data_error"
	case Damage:
		return "damage"
	}
	return ""
}

func (n ClassNumber) code() uint32 { return CodeProductWithoutData - 1 + uint32(n) }

// classOf is the class whose locks have the code; false for other locks.
func classOf(code uint32) (ClassNumber, bool) {
	n := ClassNumber(code - CodeProductWithoutData + 1)
	return n, code >= CodeProductWithoutData && code <= CodeDamage
}

// Resolution is how a case is settled.
type Resolution string

// The resolutions. The first three follow from records of other rules; the owner
// records the others as they are (rule C5).
const (
	Correct       Resolution = "correct"       // an errorDeclaration, a late shipment or a late receipt
	VoidShipping  Resolution = "void_shipping" // the sender voids what was not received
	Return        Resolution = "return"        // the goods are back with the owner of the case
	AcceptOverage Resolution = "accept_overage"
	AcceptDamage  Resolution = "accept_damage"
)

// Resolutions are those that a class allows.
func (n ClassNumber) Resolutions() []Resolution {
	switch n {
	case ProductWithoutData:
		return []Resolution{Correct, AcceptOverage, Return}
	case DataWithoutProduct:
		return []Resolution{Correct, VoidShipping}
	case DataError:
		return []Resolution{Correct, Return}
	case Damage:
		return []Resolution{Correct, AcceptDamage, Return}
	}
	return nil
}

// CaseState is the canonical state of a case: an exception that somebody has to
// settle. Its items are locked until then.
type CaseState struct {
	Owner    string   `cbor:"1,keyasint"`           // organisation that has to act: the sender
	Party    string   `cbor:"2,keyasint"`           // the other one: the receiver
	Opened   int64    `cbor:"3,keyasint"`           // block time, Unix seconds
	Deadline int64    `cbor:"4,keyasint"`           // block time, Unix seconds
	Count    uint32   `cbor:"5,keyasint"`           // items and lots
	Left     uint32   `cbor:"6,keyasint"`           // items still locked
	Gone     uint32   `cbor:"7,keyasint,omitempty"` // of Left, those whose life has ended
	Items    []string `cbor:"8,keyasint,omitempty"` // the first of them
	Lots     []string `cbor:"9,keyasint,omitempty"` // those not settled
	Closed   *Closing `cbor:"10,keyasint,omitempty"`
}

// Closing is how and by which record a case was settled.
type Closing struct {
	Ending
	Time       int64      `cbor:"4,keyasint"` // block time, Unix seconds
	Resolution Resolution `cbor:"5,keyasint"`
}

// CaseID names a case: the record in which it was found, and its class. As text it
// is "12.1".
type CaseID struct {
	Seq   uint64
	Class ClassNumber
}

func (id CaseID) String() string { return fmt.Sprintf("%d.%d", id.Seq, id.Class) }

// Key is the key of the case's state.
func (id CaseID) Key() trace.Key { return trace.Key{NS: trace.NSCase, ID: id.String()} }

// ParseCaseID reads the text of a CaseID; false for any other.
func ParseCaseID(s string) (id CaseID, ok bool) {
	seq, class, _ := strings.Cut(s, ".")
	n, err := strconv.ParseUint(seq, 10, 64)
	number, err2 := strconv.ParseUint(class, 10, 8)
	id = CaseID{n, ClassNumber(number)}
	return id, err == nil && err2 == nil && id.Class.String() != "" && id.String() == s
}

// Case is a case as it stands at a moment.
type Case struct {
	ID CaseID
	CaseState
	Transfer *TransferState // of a case that follows from a transfer
}

// Overdue reports whether nobody settled it in time.
func (k *Case) Overdue(now int64) bool { return k.Closed == nil && now > k.Deadline }

// CaseAt reads the state of a key of the namespaces case and transfer as the case
// that it is at a moment, Unix seconds of block time. ok is false where it is none:
// a shipment becomes the case [DataWithoutProduct] by its deadline's passing, no
// record having to say so, and stops being one when it is received or void.
func CaseAt(k trace.Key, state []byte, now int64) (found Case, ok bool, err error) {
	if k.NS == trace.NSCase {
		if found.ID, ok = ParseCaseID(k.ID); !ok {
			return found, false, nil
		}
		return found, true, decodeState(state, &found.CaseState)
	}
	seq, err := strconv.ParseUint(k.ID, 10, 64)
	if k.NS != trace.NSTransfer || err != nil {
		return found, false, nil
	}
	t := new(TransferState)
	if err := decodeState(state, t); err != nil {
		return found, false, err
	}
	if t.Awaiting || !t.Overdue(now) {
		return found, false, nil
	}
	found = Case{ID: CaseID{seq, DataWithoutProduct}, Transfer: t, CaseState: CaseState{
		Owner: t.From, Party: t.To, Opened: t.Deadline, Deadline: t.Deadline + int64(t.terms().Case), Count: t.Count, Left: t.Left, Items: t.Items,
	}}
	for i := range t.Lots {
		found.Count++
		if !t.done(&t.Lots[i]) {
			found.Lots = append(found.Lots, t.Lots[i].Class)
		}
	}
	return found, true, nil
}

// openCase is a case that a record names or touches.
type openCase struct {
	id      CaseID
	state   CaseState
	known   bool
	changed bool
}

func (c *hearing) caseOf(id CaseID) (*openCase, error) {
	for _, k := range c.handover.cases {
		if k.id == id {
			return k, nil
		}
	}
	k := &openCase{id: id}
	var err error
	if k.known, err = c.read(id.Key(), &k.state); err != nil {
		return nil, err
	}
	c.handover.cases = append(c.handover.cases, k)
	return k, nil
}

// settle takes the lock of a case from an item.
func (c *hearing) settle(it *item, id CaseID, how Resolution) error {
	k, err := c.caseOf(id)
	if err != nil || !k.known || k.state.Closed != nil {
		return err
	}
	it.unlock(id.Class.code())
	if k.state.Left > 0 {
		k.state.Left--
	}
	c.closeSettled(k, how)
	return nil
}

// settleLot takes a lot from a case; false where it was not in it.
func (c *hearing) settleLot(k *openCase, lot string, how Resolution) bool {
	at := slices.Index(k.state.Lots, lot)
	if k.state.Closed != nil || at < 0 {
		return false
	}
	k.state.Lots = slices.Delete(slices.Clone(k.state.Lots), at, at+1)
	c.closeSettled(k, how)
	return true
}

// reopen puts an item back into a case that something wrong had settled for it.
func (c *hearing) reopen(it *item, id CaseID) error {
	k, err := c.caseOf(id)
	if err != nil || !k.known {
		return err
	}
	k.state.Left, k.state.Closed, k.changed = k.state.Left+1, nil, true
	it.lock(id.Class.code(), id.Seq)
	return nil
}

// reopenLot puts a lot back into a case.
func (c *hearing) reopenLot(lot string, id CaseID) error {
	k, err := c.caseOf(id)
	if err != nil || !k.known || slices.Contains(k.state.Lots, lot) {
		return err
	}
	k.state.Lots, k.state.Closed, k.changed = append(slices.Clone(k.state.Lots), lot), nil, true
	return nil
}

// closeSettled closes the case when nothing of it is left.
func (c *hearing) closeSettled(k *openCase, how Resolution) {
	k.changed = true
	if k.state.Left == 0 && len(k.state.Lots) == 0 {
		k.state.Closed = &Closing{Ending: c.ending(), Time: c.block.Time.Seconds, Resolution: how}
	}
}

// cases lists the open cases that lock the item.
func (it *item) cases() []CaseID {
	var ids []CaseID
	for _, l := range it.state.Locks {
		if class, ok := classOf(l.Code); ok {
			ids = append(ids, CaseID{l.Seq, class})
		}
	}
	return ids
}
