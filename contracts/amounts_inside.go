package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// An amount of a lot has no bond: it may be in several containers at once, and be divided. So a
// holder remembers beside its counts how much of each lot and class was put in it and not taken
// out. What was taken out and nobody recorded to be there changes nothing. Where
// a record does not say how much it put there, something of the lot is in there until a
// record takes out all of it, or the holder is emptied.

// Packed is an amount of a lot or class inside of a holder.
type Packed struct {
	Of     string        `cbor:"1,keyasint"` // canonical id of the lot, or the class
	Unit   string        `cbor:"2,keyasint,omitempty"`
	Amount epcis.Decimal `cbor:"3,keyasint,omitzero"`
	By     *Turn         `cbor:"4,keyasint,omitempty"` // put or saw some there, and does not say how much
}

func (p *Packed) key() trace.Key { return trace.QuantityKey(epcis.Canonical(p.Of)) }

// maxPacked bounds how many amounts a holder's state remembers.
const maxPacked = 16

// same reports whether two events are one, or one declares the other wrong.
func (t *Turn) same(o *Turn) bool {
	return t != nil && o != nil && t.Event == o.Event && t.Organisation == o.Organisation
}

func (t *Tally) packedAs(p *Packed) int {
	return slices.IndexFunc(t.Packed, func(o Packed) bool {
		return o.Of == p.Of && o.Unit == p.Unit && (o.By == nil && p.By == nil || o.By.same(p.By))
	})
}

func (t *Tally) putPacked(s *shares) {
	t.Unlisted = t.Unlisted || s.unlisted
	for i := range s.packed {
		p := &s.packed[i]
		at := t.packedAs(p)
		if at < 0 && len(t.Packed) < maxPacked {
			t.Packed = append(t.Packed, *p)
			continue
		}
		if at >= 0 && p.By != nil {
			continue
		}
		if at >= 0 {
			if sum := t.Packed[at].Amount.Add(p.Amount); countable(sum) {
				t.Packed[at].Amount = sum
				continue
			}
		}
		t.Unlisted, s.unlisted = true, true
	}
}

// takePacked leaves to what is above what it took. Unlisted stays as it is: what is taken out
// may not have been all of it.
func (t *Tally) takePacked(s *shares) {
	kept := s.packed[:0]
	for _, p := range s.packed {
		at := t.packedAs(&p)
		if at < 0 {
			if t.Unlisted { // what is above may have had room for it
				kept = append(kept, p)
			}
			continue
		}
		o := &t.Packed[at]
		if p.By == nil && p.Amount.Cmp(o.Amount) < 0 {
			o.Amount = o.Amount.Sub(p.Amount)
		} else {
			if !t.Unlisted {
				p.Amount = o.Amount
			}
			t.Packed = slices.Delete(t.Packed, at, at+1)
		}
		kept = append(kept, p)
	}
	s.packed = kept
}

// quantities are the amounts of the event, each as a holder remembers it.
func (b *binding) quantities() (list []Packed) {
	for i := range b.event.ChildQuantities {
		q := &b.event.ChildQuantities[i]
		k := trace.QuantityKey(q.Class)
		if k.NS != trace.NSLot && k.NS != trace.NSClass || short(k.ID) != k.ID {
			continue
		}
		p := Packed{Of: k.ID, By: b.turn}
		if q.Amount != nil && b.event.Action != epcis.Observe {
			if amount, unit, ok := convert(*q.Amount, q.Unit); ok && amount.Sign() > 0 {
				p = Packed{Of: k.ID, Unit: unit, Amount: amount}
			}
		}
		list = append(list, p)
	}
	return list
}

// amounts puts the event's amounts into the parent, or takes them out.
func (b *binding) amounts() error {
	list := b.quantities()
	if len(list) == 0 {
		return nil
	}
	place := b.parent.state.contents(b.tie)
	if *place == nil {
		*place = &Contents{Seconds: b.turn.Seconds, Nanos: b.turn.Nanos}
	}
	s := *place
	if s.Emptied != nil && b.event.Time.Before(s.Emptied.Turn.Time()) {
		return nil // the later happening stands
	}
	goes := &b.shares
	goes.clear()
	for i := range list {
		p := &list[i]
		known := slices.ContainsFunc(s.Now.Packed, func(o Packed) bool { return o.Of == p.Of })
		switch {
		case b.event.Action == epcis.Observe && known:
		case b.event.Action == epcis.Delete && p.By != nil: // all that is known of it
			for _, o := range s.Now.Packed {
				if o.Of == p.Of {
					goes.packed = append(goes.packed, o)
				}
			}
		default:
			goes.packed = append(goes.packed, *p)
		}
	}
	if b.event.Action == epcis.Delete {
		return b.divide(&s.Now, goes, (*Tally).take)
	}
	return b.divide(&s.Now, goes, (*Tally).put)
}

// divide changes what is known of the parent, and of all that it is in.
func (b *binding) divide(t *Tally, goes *shares, count func(*Tally, *shares)) error {
	if goes.none() {
		return nil
	}
	count(t, goes)
	b.parent.changed = true
	if t != &(*b.parent.state.contents(b.tie)).Now {
		return nil
	}
	return b.spread(b.parent, goes, count)
}

// undoAmounts takes back what the event that is declared wrong said of amounts: where it put
// them, or where they were until that was emptied.
func (b *binding) undoAmounts() error {
	if b.corrects == nil || b.event.Type != epcis.AggregationEvent && b.event.Type != epcis.AssociationEvent {
		return nil
	}
	list := b.quantities()
	parent, err := b.item(&b.event.Parent)
	if err != nil || parent == nil || len(list) == 0 {
		return err
	}
	b.parent = parent
	s := *parent.state.contents(b.tie)
	how := s.standing(&Bond{In: &Turn{Seq: *b.corrects}})
	if how == over || how == holds && s.Emptied != nil && b.event.Time.Before(s.Emptied.Turn.Time()) {
		return nil
	}
	goes := &b.shares
	goes.clear()
	goes.packed = append(goes.packed, list...)
	if b.event.Action == epcis.Delete {
		return b.divide(s.tally(how), goes, (*Tally).put)
	}
	return b.divide(s.tally(how), goes, (*Tally).take)
}
