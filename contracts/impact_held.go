package contracts

import (
	"errors"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// holding is who has what is at a place: whose custody it is, by rule C2, which asks the
// containers (c2_within.go).
type holding struct {
	top    string // the outermost container that it is in, or assembly
	holder string // "" where nobody is known to have it
	gone   bool
	seen   uint64 // the latest record that the states of those rest on
}

// standing is who has what is at a place. Each is asked once.
func (w *impactWalk) standing(p *trace.Place) (*holding, error) {
	if p.In == "" {
		return &holding{holder: p.Holder, gone: p.Gone}, nil
	}
	at := *p
	at.Condition = ""
	if h := w.held[at]; h != nil {
		return h, nil
	}
	it, err := w.placed(p)
	if err != nil {
		return nil, err
	}
	h, err := w.holding(it, p.Apart)
	if err == nil {
		w.held[at] = h
	}
	return h, err
}

// placed is an item at a place: the counts know no more of it.
func (w *impactWalk) placed(p *trace.Place) (*item, error) {
	in := &Turn{Seq: p.Bond, Organisation: p.Holder}
	it := &item{}
	switch {
	case p.Gone:
		it.state.Custody = &Custody{By: p.Holder}
	case p.Holder != "":
		it.state.Custody = &Custody{Holder: p.Holder}
	}
	if p.Way != 0 {
		r, err := w.reader.Record(p.Bond)
		if err != nil {
			return nil, err
		}
		in.Organisation = r.Organisation
		it.state.Transit = &Transit{Transfer: p.Way - 1, Beside: p.Beside}
	}
	t := packed
	if p.Attached {
		t = attached
	}
	*it.state.bond(t) = &Bond{Holder: p.In, In: in}
	return it, nil
}

// holding asks the contracts who has an item, which has its own custody where it is apart from
// what it is in.
func (w *impactWalk) holding(it *item, apart bool) (*holding, error) {
	if w.custody == nil {
		w.custody = new(Ruleset).Convene(impactView{w.reader}, Block{}).hear(Position{Seq: w.size}, nil)
	}
	c, unit := w.custody, it
	if !apart {
		if err := c.leftBehind(it); err != nil {
			return nil, err
		}
		var err error
		if unit, err = c.unitOf(it); err != nil {
			return nil, err
		}
	}
	var h holding
	h.holder, h.gone = unit.state.Custody.who()
	chain, err := c.above(it)
	if err != nil {
		return nil, err
	}
	for _, in := range chain[1:] {
		h.top, h.seen = in.id, max(h.seen, latest(&in.state))
	}
	emptied, _, err := c.cameOut(chain[len(chain)-1])
	if emptied != nil {
		h.seen = max(h.seen, emptied.Turn.Seq)
	}
	return &h, err
}

// latest is the last record that an item's state rests on.
func latest(s *ItemState) uint64 {
	seq := s.First
	for _, t := range [...]*Turn{s.Born, s.Ended, s.Parent.last(), s.Assembly.last()} {
		if t != nil {
			seq = max(seq, t.Seq)
		}
	}
	if s.Custody != nil {
		seq = max(seq, s.Custody.Seq)
	}
	if s.LastSeen != nil {
		seq = max(seq, s.LastSeen.Turn.Seq)
	}
	return seq
}

// impactView is a ledger at one height for contracts that judge no record.
type impactView struct{ trace.Reader }

var errNoRecord = errors.New("no record is judged")

// Accepted implements View.
func (impactView) Accepted(string, identity.Hash, string) (uint64, bool, error) {
	return 0, false, errNoRecord
}

// SameContent implements View.
func (impactView) SameContent(string) (uint64, bool, error) { return 0, false, errNoRecord }

// IsEvent implements View.
func (impactView) IsEvent(uint64, string) (bool, error) { return false, errNoRecord }

// Signed implements View.
func (v impactView) Signed(seq uint64) (signer identity.Address, seconds int64, err error) {
	r, err := v.Record(seq)
	if err != nil {
		return signer, 0, err
	}
	signer, err = identity.ParseAddress(r.Signer)
	return signer, r.Time.Seconds, err
}
