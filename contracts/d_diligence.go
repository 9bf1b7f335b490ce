package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// DiligenceState is what is known of the plots and due diligence of a lot, an item
// without a lot, a transformation, or a customs declaration (namespace diligence).
type DiligenceState struct {
	Origin    origin `cbor:"1,keyasint,omitempty"`
	Grown     *Turn  `cbor:"2,keyasint,omitempty"` // the event that says the origin
	Statement *Turn  `cbor:"3,keyasint,omitempty"` // the record that gives the reference
	Reference string `cbor:"4,keyasint,omitempty"`
	Blocked   *Turn  `cbor:"5,keyasint,omitempty"` // the release without a reference
	Before    origin `cbor:"6,keyasint,omitempty"` // the origin before Grown said it
	Freed     *Turn  `cbor:"7,keyasint,omitempty"` // the release that was Blocked, until the reference came
	// Withdrawn is the errorDeclaration of the release that was Blocked, until a reference
	// comes or the goods are released again.
	Withdrawn *Turn `cbor:"8,keyasint,omitempty"`
	// Also are later events that say the whole origin by themselves, as Grown does, the first
	// maxLater of them.
	Also []Turn `cbor:"9,keyasint,omitempty"`
	// Released are later releases without a reference, the first maxLater of them: one of
	// those blocks, where Blocked or Freed is declared wrong.
	Released []Turn `cbor:"10,keyasint,omitempty"`
	// Again are later records that give a reference too, the first maxLater of them: one of
	// those stands, where Statement is declared wrong.
	Again []Given `cbor:"11,keyasint,omitempty"`
	// Roots are where else a reference may stand, the first maxLater records' word on it.
	Roots []Root `cbor:"12,keyasint,omitempty"`

	changed bool
}

// Given is a record that gives a reference.
type Given struct {
	By        Turn   `cbor:"1,keyasint"`
	Reference string `cbor:"2,keyasint"`
}

func (g *Given) by() *Turn { return &g.By }

// diligence holds the states that one event reads and changes, for D2 and D3.
type diligence struct {
	hearing *hearing
	turn    *Turn
	states  roll[DiligenceState] // by the ids of their keys
	order   []trace.Key          // to be written
	last    trace.Key            // that was asked for, and its state
	state   *DiligenceState
}

func (c *hearing) diligence() *diligence {
	if c.due == nil {
		c.due = &c.duties
		c.due.hearing = c
		if c.record.Customs != nil {
			turn := c.customsTurn()
			c.due.turn = &turn
		} else {
			c.due.turn = c.turn()
		}
	}
	return c.due
}

// of is the state of a key, read once.
func (s *diligence) of(k trace.Key) (*DiligenceState, error) {
	if s.state != nil && s.last == k {
		return s.state, nil
	}
	key := stateOf(trace.NSDiligence, k)
	state := s.states.get(key.ID)
	if state == nil {
		state = &DiligenceState{}
		if _, err := s.hearing.read(key, state); err != nil {
			return nil, err
		}
		s.states.add(key.ID, state)
	}
	s.last, s.state = k, state
	return state, nil
}

// change marks a key's state to be written.
func (s *diligence) change(k trace.Key) {
	k = stateOf(trace.NSDiligence, k)
	if state := s.states.get(k.ID); !state.changed {
		state.changed = true
		s.order = append(s.order, k)
	}
}

func (s *diligence) write() error {
	for _, k := range s.order {
		state := s.states.get(k.ID)
		state.changed = false
		if err := s.hearing.write(k, state); err != nil {
			return err
		}
	}
	s.order = s.order[:0]
	return nil
}

func (s *diligence) lock(k trace.Key, seq uint64) error {
	if k.NS != trace.NSItem {
		return nil
	}
	id := epcis.Canonical(k.ID)
	it, err := s.hearing.item(&id)
	if it != nil {
		it.lock(CodeNoStatement, seq)
	}
	return err
}

func (s *diligence) unlock(k trace.Key, code uint32) error {
	if k.NS != trace.NSItem {
		return nil
	}
	id := epcis.Canonical(k.ID)
	it, err := s.hearing.item(&id)
	if it != nil {
		it.unlock(code)
	}
	return err
}
