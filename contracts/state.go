package contracts

import (
	"crypto/sha256"

	"github.com/fxamacker/cbor/v2"

	"github.com/waymark-ledger/waymark/epcis"
)

// Condition is where an item stands in its life (rule C1).
type Condition string

// The conditions of an item. The last three are ends.
const (
	Seen           Condition = "seen"   // observed; no record of its birth
	Active         Condition = "active" // born
	Consumed       Condition = "consumed"
	Destroyed      Condition = "destroyed"
	Decommissioned Condition = "decommissioned"
	Deleted        Condition = "deleted" // ObjectEvent DELETE at another step: sampled, dispensed, lost
)

// ItemState is the canonical state of an item's key: what the rules need to judge
// the next record that names it, and no more. Its size is bounded. Its bytes, which
// [ReadItem] reads, do not say again of its custody and of where it was seen last what
// its birth says: who held it by which record, and which event it was.
type ItemState struct {
	Condition Condition  `cbor:"1,keyasint"`
	First     uint64     `cbor:"2,keyasint"`           // seq of the first accepted record that names it
	Lot       string     `cbor:"3,keyasint,omitempty"` // canonical id of its lot, fixed at birth
	Born      *Turn      `cbor:"4,keyasint,omitempty"`
	Ended     *Turn      `cbor:"5,keyasint,omitempty"`
	Custody   *Custody   `cbor:"6,keyasint,omitempty"`
	Transit   *Transit   `cbor:"7,keyasint,omitempty"`
	Parent    *Bond      `cbor:"8,keyasint,omitempty"` // the container it is in, or was last in (C7)
	Assembly  *Bond      `cbor:"9,keyasint,omitempty"` // the assembly it is attached to, or last was (C9)
	Locks     []Lock     `cbor:"10,keyasint,omitempty"`
	Owner     *Ownership `cbor:"11,keyasint,omitempty"` // where it is not simply who bore it (C8)

	// Attested is the record by which the item's organisation stands by a birth that
	// was signed with a compromised key (A7).
	Attested *Turn `cbor:"21,keyasint,omitempty"`

	LastSeen   *Sighting   `cbor:"12,keyasint,omitempty"` // rules F1 and F2
	Uniqueness *Uniqueness `cbor:"13,keyasint,omitempty"` // rule F1
	Chilled    bool        `cbor:"20,keyasint,omitempty"` // it has a ColdChainState (rule T1)

	Customs *ItemCustoms `cbor:"14,keyasint,omitempty"`
	// NetWeight is in kilograms, from the record of its birth, of an item whose
	// product class had none.
	NetWeight string `cbor:"15,keyasint,omitempty"`

	Left []Leaving `cbor:"16,keyasint,omitempty"` // recalls of what it was in (K5)
	// Recalled: recalls of its serial have ended, and none is in force. What leaves it asks
	// their state all the same: such an end may be declared wrong (K5).
	Recalled bool `cbor:"17,keyasint,omitempty"`

	// Named is the lot that stood beside the serial while nobody had recorded the birth,
	// the first one, and NamedAt the record. No rule holds anybody to it: it is where a
	// recall of the lot looks for the item.
	Named   string `cbor:"22,keyasint,omitempty"`
	NamedAt uint64 `cbor:"23,keyasint,omitempty"`

	Contents   *Contents `cbor:"18,keyasint,omitempty"` // what is packed in it (C7)
	Components *Contents `cbor:"19,keyasint,omitempty"` // what is attached to it (C9)
}

// lot is the item's, by its birth, or as it was named while nobody had recorded that; ""
// for none.
func (s *ItemState) lot() string {
	if s.Born == nil {
		return s.Named
	}
	return s.Lot
}

// shared reports whether items may share what the state points to. Contracts put
// another in the place of what a turn, a bond or any other part says, and change
// these four alone in place.
func (s *ItemState) shared() bool {
	return s.Uniqueness == nil && s.Customs == nil && s.Contents == nil && s.Components == nil
}

// alike reports that two states are the same, down to what they point to: they are
// written as the same bytes. False says nothing.
func (s *ItemState) alike(o *ItemState) bool {
	return s.Condition == o.Condition && s.First == o.First && s.Lot == o.Lot && s.Born == o.Born && s.Ended == o.Ended &&
		s.Custody == o.Custody && s.Transit == o.Transit && s.Parent == o.Parent && s.Assembly == o.Assembly &&
		len(s.Locks)+len(o.Locks) == 0 && s.Owner == o.Owner && s.LastSeen == o.LastSeen && s.Uniqueness == o.Uniqueness &&
		s.Chilled == o.Chilled && s.Customs == o.Customs && s.NetWeight == o.NetWeight && s.Contents == o.Contents &&
		s.Components == o.Components && s.Attested == o.Attested && len(s.Left)+len(o.Left) == 0 &&
		s.Recalled == o.Recalled && s.Named == o.Named && s.NamedAt == o.NamedAt
}

// Turn is a birth or an end: the record that says so, by whom, and when it
// happened. Event tells the event apart, so that its author can declare it
// wrong later (an errorDeclaration keeps the eventID).
type Turn struct {
	Seq          uint64   `cbor:"1,keyasint"`
	Organisation string   `cbor:"2,keyasint"`
	Seconds      int64    `cbor:"3,keyasint"` // eventTime
	Nanos        int32    `cbor:"4,keyasint"`
	Event        [16]byte `cbor:"5,keyasint"` // of the eventID's SHA-256
}

// Time is the eventTime of the turn.
func (t *Turn) Time() epcis.Instant { return epcis.Instant{Seconds: t.Seconds, Nanos: t.Nanos} }

// eventMark is how a Turn remembers an eventID.
func eventMark(eventID string) (mark [16]byte) {
	h := sha256.Sum256([]byte(eventID))
	copy(mark[:], h[:])
	return mark
}

// ReadItem reads the state of an item's key. Its error is an identity.ErrEncoding.
func ReadItem(state []byte) (*ItemState, error) {
	s := new(ItemState)
	return s, new(coder).readItem(state, s)
}

// decodeState reads state bytes that a contract or genesis wrote. The ledger vouches
// for them, so the form of those that no coder reads is not proved again.
func decodeState(b []byte, v any) error {
	switch s := v.(type) {
	case *ItemState:
		return new(coder).readItem(b, s)
	case coded:
		return new(coder).read(b, s)
	}
	return cbor.Unmarshal(b, v)
}
