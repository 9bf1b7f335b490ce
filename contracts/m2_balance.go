package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// M2 physical balance: no more comes out of a transformation than went in.
//
// The outputs and the declared loss or waste (wm:loss, wm:waste, of the event or in
// its ilmd) are not heavier than the inputs and massTolerance. It is judged event
// by event, and where events share a transformationID over all of them, when the
// one with wm:final has come and at every event that comes after it.
//
//   - A quantity weighs what it says, converted exactly; a serialised item the net
//     weight of its class's master data, else the one its birth stated in ilmd.
//   - What does not convert to the unit of the first input is not computable, and so
//     is the balance: INFO. But where all inputs are known and already the known
//     outputs are more, nothing unknown can mend it.
//   - More weight out than in is refused. More volume is a FLAG: mixing and foaming
//     change volumes. Pieces, lengths and areas are not conserved, and not computed.
//   - The yield of a product whose master data has a recipe (wm:recipeYield, the
//     least and the most of the inputs' weight, as fractions) is FLAGged outside it,
//     where one event is the whole transformation.
//
// Who declares a part of a transformation wrong takes its weights out again.
func (c *hearing) physicalBalance() error {
	e := c.record.Event
	if e == nil {
		return nil
	}
	if err := c.weighBirths(e); err != nil {
		return err
	}
	switch {
	case e.Correction != nil:
		return c.unweigh()
	case e.Type != epcis.TransformationEvent:
		return nil
	}
	var b scale
	if err := c.weighAll(e, &b); err != nil {
		return err
	}
	if e.TransformationID != "" {
		return c.weighPart(e, &b)
	}
	if !b.out.exceeds(&b.in, c.made) {
		c.recipes(&b)
	}
	c.judgeBalance(&b)
	return nil
}

// A scale holds both sides of a transformation, in the unit of its first input.
type scale struct {
	in, out side
	tally   // what is not computable
}

type side struct {
	unit    string
	sum     epcis.Decimal // but for the pieces
	clear   uint64        // portions that count
	unclear uint64
	pieces  int64   // the last portions, all of one weight
	piece   portion // one of them
}

// put adds a portion, and says whether it counts.
func (s *side) put(p *portion) bool {
	if !p.clear || p.unit != s.unit {
		s.unclear++
		return false
	}
	s.clear++
	if p.weight == "" || p.weight != s.piece.weight {
		s.sum, s.pieces = s.total(), 0
		s.piece = *p
	}
	s.pieces++
	return true
}

// total is the sum of what counts: so many pieces of one weight are multiplied.
func (s *side) total() epcis.Decimal {
	switch s.pieces {
	case 0:
		return s.sum
	case 1:
		return s.sum.Add(s.piece.amount)
	}
	return s.sum.Add(s.piece.amount.Mul(epcis.DecimalFromInt(s.pieces)))
}

// exceeds reports whether the known outputs are more than inputs that are all known.
func (out *side) exceeds(in *side, s scales) bool {
	return in.unclear == 0 && conserved(in.unit) && s.exceeds(out.total(), in.total(), in.unit)
}

// conserved are the units of which a transformation makes no more.
func conserved(unit string) bool { return unit == kilogram || unit == litre }

func (c *hearing) weighAll(e *epcis.Event, b *scale) error {
	put := func(s *side, p *portion) bool {
		if s.unit == "" && conserved(p.unit) {
			b.in.unit, b.out.unit = p.unit, p.unit
		}
		if s.put(p) {
			return true
		}
		b.add(fact(p.id.URI, p.what))
		return false
	}
	err := c.portions(e.Inputs, e.InputQuantities, func(p *portion) error {
		put(&b.in, p)
		return nil
	})
	if err != nil {
		return err
	}
	err = c.portions(e.Outputs, e.OutputQuantities, func(p *portion) error {
		counts := put(&b.out, p)
		made, err := c.product(p.id)
		switch {
		case err != nil || made == nil || made.YieldFrom == "": // without a recipe nobody asks for its yield
		case counts && p.unit == kilogram:
			made.made = made.made.Add(p.amount)
		default:
			made.unclear = true
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, o := range [...]*epcis.Object{e.Extensions, e.ILMD} {
		eachLoss(o, func(p *portion) { put(&b.out, p) })
	}
	return nil
}

// eachLoss calls f for each loss or waste that an event declares.
func eachLoss(o *epcis.Object, f func(*portion)) {
	if o == nil {
		return
	}
	for i := range o.Members {
		m := &o.Members[i]
		if m.Name != termLoss && m.Name != termWaste || m.Value == nil {
			continue
		}
		values := []*epcis.Value{m.Value}
		if m.Value.Kind == epcis.Array {
			values = m.Value.Items
		}
		for _, v := range values {
			id := epcis.ID{URI: epcis.ShortVocabulary(m.Name)}
			p := portion{id: &id, what: "no amount"}
			if amount, code, ok := stated(v); ok {
				p = portionOf(&epcis.Quantity{Class: id, Amount: &amount, Unit: code})
			}
			f(&p)
		}
	}
}

func (c *hearing) judgeBalance(b *scale, more ...trace.Fact) {
	unit := b.in.unit
	switch {
	case b.out.exceeds(&b.in, c.made):
		facts := append([]trace.Fact{fact("in", withUnit(b.in.total(), unit)), fact("out and lost", withUnit(b.out.total(), unit)),
			fact("tolerance", c.made.tolerance(unit).String())}, more...)
		if unit == kilogram {
			c.find(trace.Finding{
				Code: CodeOverYield, Facts: facts,
				Next: "Check the quantities and the net weights in master data; name every input of the transformation.",
			})
			return
		}
		c.find(trace.Finding{
			Code: CodeVolumeOver, Facts: facts,
			Next: "If the process adds air or expands, nothing is to be done. If not, check the quantities.",
		})
	case b.in.unclear+b.out.unclear > 0 || b.in.clear == 0 || b.out.clear == 0:
		c.find(trace.Finding{
			Code:  CodeNotComputable,
			Facts: append(b.facts, more...),
			Next:  "State weights in units of mass of UN/ECE Recommendation 20, and net weights in the master data of products.",
		})
	}
}

// weighPart adds an event to the account of its transformation, and judges the
// whole once it is closed.
func (c *hearing) weighPart(e *epcis.Event, b *scale) error {
	a, err := c.account(c.transformationID())
	if err != nil {
		return err
	}
	before := a.state.Seq
	for _, s := range [...]struct {
		*side
		sum, unclear Sum
	}{{&b.in, SumIn, SumUnclearIn}, {&b.out, SumOut, SumUnclearOut}} {
		if s.clear > 0 {
			ok, err := c.post(a, s.sum, s.total(), s.unit, "")
			if err != nil {
				return err
			}
			if !ok { // another unit than the other events'
				s.side.unclear++
			}
		}
		if s.side.unclear > 0 {
			if _, err := c.post(a, s.unclear, epcis.Decimal{}, "", ""); err != nil {
				return err
			}
		}
	}
	if v := e.Extensions.Get(termFinal); v != nil && v.Kind == epcis.Bool && v.Bool {
		c.closeTransformation(&a.state)
		if _, err := c.post(a, SumClosed, epcis.Decimal{}, "", ""); err != nil {
			return err
		}
	}
	if a.state.Closed == nil {
		return nil
	}
	whole := scale{in: a.state.inputs(), out: a.state.outputs(), tally: b.tally}
	if before == 0 {
		c.judgeBalance(&whole)
	} else {
		c.judgeBalance(&whole, factAt("transformation", e.TransformationID, before))
	}
	return nil
}

// closeTransformation notes that the record's event said the transformation is done.
func (c *hearing) closeTransformation(a *Account) {
	if a.Closed == nil {
		a.Closed = c.turn()
	} else {
		addLater(&a.ClosedAgain, *c.turn())
	}
}

// reopenTransformation forgets that the event that is declared wrong closed the
// transformation. Others may have, too.
func (c *hearing) reopenTransformation(a *Account) {
	dropLater(c, &a.ClosedAgain)
	if c.declaredWrong(a.Closed) {
		a.Closed = nextLater(&a.ClosedAgain)
	}
}

// inputs and outputs are the sides of a transformation's account.
func (a *Account) inputs() side {
	return side{unit: a.Unit, sum: a.In, clear: present(a.In), unclear: a.UnclearIn}
}

func (a *Account) outputs() side {
	return side{unit: a.Unit, sum: a.Out, clear: present(a.Out), unclear: a.UnclearOut}
}

func present(x epcis.Decimal) uint64 {
	if x.IsZero() {
		return 0
	}
	return 1
}

// unweigh takes a part that is declared wrong out of its transformation.
func (c *hearing) unweigh() error {
	touched, err := c.undo(isTransformation)
	if err != nil || len(touched) == 0 {
		return err
	}
	var undone, unbalanced tally
	for _, a := range touched { // one, unless its author used an eventID twice
		undone.add(factAt(a.id, "its weights are taken out", c.book.posted.Seq))
		in, out := a.state.inputs(), a.state.outputs()
		if a.state.Closed != nil && out.exceeds(&in, c.made) {
			unbalanced.add(factAt(a.id,
				fmt.Sprintf("%s in, %s out", withUnit(in.total(), a.state.Unit), withUnit(out.total(), a.state.Unit)), a.state.Closed.Seq))
		}
	}
	c.find(trace.Finding{
		Code: CodeWeightUndone, Facts: undone.facts,
		Next: "Record the part as it was, under the same transformationID and with an eventID of its own.",
	})
	unbalanced.found(c, trace.Finding{
		Severity: trace.Flag, Code: CodeUnbalanced, Title: "without it, more came out of a closed transformation than went in", Next: "Record the part as it was; its outputs rest on inputs that nobody states now.",
	})
	return nil
}

// recipes judges the yield of each product that the event made.
func (c *hearing) recipes(b *scale) {
	in := b.in.total()
	if b.in.unclear > 0 || b.in.unit != kilogram || in.Sign() == 0 {
		return
	}
	var outside tally
	for _, p := range c.classes.list {
		if p.YieldFrom == "" || p.unclear || p.made.Sign() == 0 {
			continue
		}
		from, err := epcis.ParseDecimal(p.YieldFrom)
		to, other := epcis.ParseDecimal(p.YieldTo)
		if err != nil || other != nil {
			continue
		}
		if p.made.Cmp(in.Mul(from)) < 0 || p.made.Cmp(in.Mul(to)) > 0 {
			outside.add(factAt(p.class, fmt.Sprintf("%s of %s, the recipe says %s to %s",
				withUnit(p.made, kilogram), withUnit(in, kilogram), p.YieldFrom, p.YieldTo), p.Seq))
		}
	}
	outside.found(c, trace.Finding{
		Code: CodeYieldOutsideRange,
		Next: "Check the quantities. If the recipe has changed, its owner records new master data.",
	})
}

func balanceContract() Contract {
	return Contract{
		Rule: "M2", Version: 1, Name: "physical balance", Kinds: eventKind(), judge: (*hearing).physicalBalance,
		Says: "No more weight comes out of a transformation, declared losses included, than went in and the tolerance of " +
			"scales allows. More volume, and a yield outside the recipe of the product's master data, are flagged. What " +
			"states no weight is not computable.",
		Source: "conservation of mass; UN/ECE Recommendation 20 (units)",
		Reads:  []trace.Namespace{trace.NSItem, trace.NSClass, trace.NSBalance},
		Writes: []trace.Namespace{trace.NSItem, trace.NSBalance},
		Finds: []Declared{
			{CodeOverYield, trace.Reject, "more comes out than went in"},
			{CodeVolumeOver, trace.Flag, "more volume comes out than went in"},
			{CodeNotComputable, trace.Info, "the balance is not computable"},
			{CodeUnbalanced, trace.Flag, "without what is declared wrong, more came out than went in"},
			{CodeWeightUndone, trace.Info, "a part of a transformation is declared wrong"},
			{CodeYieldOutsideRange, trace.Flag, "the yield is outside the recipe"},
		},
	}
}
