package trace

import "fmt"

// standingContents is what a state says of what is in a container, or attached to an assembly.
type standingContents struct {
	From    uint64           `cbor:"4,keyasint"` // bonds of earlier seqs are over for good
	Emptied *standingEmptied `cbor:"5,keyasint"` // the last time
	Past    uint32           `cbor:"6,keyasint"` // how many emptyings were followed by another
}

type standingEmptied struct {
	Turn    standingTurn     `cbor:"1,keyasint"`
	Custody *standingCustody `cbor:"3,keyasint"` // who had it, or what it was in
	Broken  *standingLock    `cbor:"4,keyasint"` // of those, outside its temperature limits
	Left    []standingLeft   `cbor:"5,keyasint"`
}

// emptying is one that another has followed (contracts.EmptiedState).
type emptying struct {
	Turn    standingTurn     `cbor:"1,keyasint"`
	From    uint64           `cbor:"2,keyasint"` // it ended the bonds of this seq to its own
	Custody *standingCustody `cbor:"3,keyasint"`
	Broken  *standingLock    `cbor:"4,keyasint"`
	Void    bool             `cbor:"5,keyasint"` // declared wrong: the next one took out what was there
	Left    []standingLeft   `cbor:"6,keyasint"`
}

// MaxVoid is how many emptyings in a row are passed over that were declared wrong.
const MaxVoid = 16

// FirstEmptying is the number of the first emptying after a seq, of those before past: they
// are in the order of their seqs, which seqOf tells. It is past where there is none.
func FirstEmptying(past uint32, after uint64, seqOf func(n uint32) (uint64, error)) (from uint32, err error) {
	for to := past; from < to; {
		middle := from + (to-from)/2
		seq, err := seqOf(middle)
		if err != nil {
			return 0, err
		}
		if seq > after {
			to = middle
		} else {
			from = middle + 1
		}
	}
	return from, nil
}

// cameOut tells what binds an item that was in something when all was taken out of that at
// once. Nothing was written to it, but to the state of what it was in: who had that, what
// locked it, and the recalls that what came out is under.
func (w *walker) cameOut(t task, s *standing) error {
	for i, b := range [...]*standingBond{s.Parent, s.Assembly} {
		if b == nil || b.In == nil || b.Out != nil {
			continue
		}
		h, err := w.standing(Key{NSItem, b.Holder})
		if err != nil {
			return err
		}
		what, contents := "contents", h.Contents
		if i == 1 {
			what, contents = "components", h.Components
		}
		e, err := w.emptiedAfter(contents, b.In.Seq, fmt.Sprintf("%s|%%d|%s", what, b.Holder))
		if err != nil {
			return err
		}
		if e == nil || t.From != 0 && e.Turn.Seq > t.From {
			continue
		}
		if e.Custody != nil {
			w.ground(t, e.Custody.Seq)
		}
		if e.Broken != nil {
			w.ground(t, e.Broken.Seq)
		}
		if err := w.recallsLeft(t, e.Left); err != nil {
			return err
		}
	}
	return nil
}

// emptiedAfter is the emptying that took out what was put there by the record at a seq; nil
// for none: it is there still. As rule C2 has it, that is the first one since that was not
// declared wrong, or of which nobody knows better.
func (w *walker) emptiedAfter(c *standingContents, in uint64, id string) (*emptying, error) {
	if c == nil || c.Emptied == nil || in > c.Emptied.Turn.Seq {
		return nil, nil
	}
	last := &emptying{Turn: c.Emptied.Turn, From: c.From, Custody: c.Emptied.Custody, Broken: c.Emptied.Broken, Left: c.Emptied.Left}
	if in >= c.From {
		return last, nil
	}
	read := func(n uint32) (*emptying, error) {
		e := &emptying{}
		return e, w.state(Key{NSEmptied, fmt.Sprintf(id, n)}, e)
	}
	from, err := FirstEmptying(c.Past, in, func(n uint32) (uint64, error) {
		e, err := read(n)
		return e.Turn.Seq, err
	})
	if err != nil {
		return nil, err
	}
	var first *emptying
	for n := from; n < c.Past && n < from+MaxVoid; n++ {
		e, err := read(n)
		switch {
		case err != nil:
			return nil, err
		case n == from && in < e.From:
			return nil, nil
		case !e.Void:
			return e, nil
		case first == nil:
			first = e
		}
	}
	if from < c.Past && c.Past <= from+MaxVoid {
		return last, nil
	}
	return first, nil
}
