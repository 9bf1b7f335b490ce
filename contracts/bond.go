package contracts

import (
	"encoding/binary"
	"math/bits"
)

// A Bond says in which container an item is, or to which assembly it is attached,
// or was last. It stands in the item's state and holds until the item is taken
// out (Out) or the holder is emptied at once ([Emptied]).
type Bond struct {
	Holder string `cbor:"1,keyasint"`
	In     *Turn  `cbor:"2,keyasint,omitempty"` // who put it there; nil: nobody recorded it
	Out    *Turn  `cbor:"3,keyasint,omitempty"` // who took it out
	// Before is the bond that In took the place of, or one that says the same of an earlier
	// time; it comes back when In is declared wrong. It has no Before of its own, so that a
	// state stays bounded.
	Before *Bond `cbor:"4,keyasint,omitempty"`
	Locked bool  `cbor:"5,keyasint,omitempty"` // counted among the holder's locked components
	Marked bool  `cbor:"6,keyasint,omitempty"` // counted among what the holder has marks of (inside.go)
}

// last is the last that the bond says, nil of no bond.
func (b *Bond) last() *Turn {
	switch {
	case b == nil:
		return nil
	case b.Out != nil:
		return b.Out
	}
	return b.In
}

// open reports a bond that ends only with its holder's emptying.
func (b *Bond) open() bool { return b != nil && b.In != nil && b.Out == nil }

// Contents are what a holder holds: how much, never a list of it all. A bond counts
// while its seq is From or more and greater than that of Emptied.
type Contents struct {
	Now     Tally    `cbor:"1,keyasint"`
	Seconds int64    `cbor:"2,keyasint"` // eventTime of the latest that was put in
	Nanos   int32    `cbor:"3,keyasint"`
	From    uint64   `cbor:"4,keyasint,omitempty"` // bonds of earlier seqs are over for good
	Emptied *Emptied `cbor:"5,keyasint,omitempty"`
	Past    uint32   `cbor:"6,keyasint,omitempty"` // how many emptyings were followed by another ([EmptiedState])
}

// Emptied is the last time all contents were taken out at once, by a DELETE that
// names no children or by the holder's own end. Their bonds are set aside, and
// hold again if the event is declared wrong.
type Emptied struct {
	Turn Turn  `cbor:"1,keyasint"`
	Held Tally `cbor:"2,keyasint"` // of those set aside, what has not gone elsewhere since
	// Custody is who had the holder then, or what it was in: the contents stay with
	// them. Without its Before.
	Custody *Custody `cbor:"3,keyasint,omitempty"`
	// Broken is the lock of what was outside its temperature limits, on the holder or
	// what it was in: it locks what came out (T1).
	Broken *Lock `cbor:"4,keyasint,omitempty"`
	// Left are the recalls of those, which what came out stays under (K5).
	Left []Leaving `cbor:"5,keyasint,omitempty"`
}

// A Tally counts things that are held.
type Tally struct {
	Count uint64 `cbor:"1,keyasint"`
	// Sum is the sum, modulo 2^256, of the SHA-256 of each thing's canonical id:
	// whoever has a list of the contents can hold it against this.
	Sum    [32]byte `cbor:"2,keyasint"`
	Height uint8    `cbor:"3,keyasint"` // levels below at most; it shrinks only to nothing
	Locked uint64   `cbor:"4,keyasint,omitempty"`
	// Marked counts the things that are locked, or under a recall, or hold such; Marks are
	// the canonical ids of the first maxMarks (inside.go).
	Marked uint64   `cbor:"5,keyasint,omitempty"`
	Marks  []string `cbor:"6,keyasint,omitempty"`
	// Goods counts the things inside, at every level, by their lots and classes; Others are
	// those of lots and classes that it has no room for (inside.go).
	Goods  []Goods `cbor:"7,keyasint,omitempty"`
	Others uint64  `cbor:"8,keyasint,omitempty"`
	// Packed are the amounts inside, at every level; Unlisted says that there may be some that
	// it has no room for (amounts_inside.go).
	Packed   []Packed `cbor:"9,keyasint,omitempty"`
	Unlisted bool     `cbor:"10,keyasint,omitempty"`
}

// How a bond stands with its holder.
type standing uint8

const (
	over  standing = iota // it holds no longer
	holds                 // the item is there
	aside                 // it was there when the holder was emptied
)

func (s *Contents) standing(b *Bond) standing {
	switch {
	case !b.open() || s == nil || b.In.Seq < s.From:
		return over
	case s.Emptied == nil || b.In.Seq > s.Emptied.Turn.Seq:
		return holds
	}
	return aside
}

// tally is the one in which a bond of that standing counts, nil for none.
func (s *Contents) tally(how standing) *Tally {
	switch how {
	case holds:
		return &s.Now
	case aside:
		return &s.Emptied.Held
	}
	return nil
}

// add counts a thing by the SHA-256 of its canonical id, and as its bond says; remove takes
// it back.
func (t *Tally) add(id string, sum [32]byte, height uint8, b *Bond) {
	t.merge(&Tally{Count: 1, Sum: sum, Height: height + 1, Locked: one(b.Locked)})
	if b.Marked {
		t.mark(id)
	}
}

func (t *Tally) remove(id string, sum [32]byte, b *Bond) {
	t.Count--
	t.Locked -= one(b.Locked)
	if b.Marked {
		t.unmark(id)
	}
	if t.Count == 0 {
		t.Height = 0
	}
	var borrow uint64
	for i := 24; i >= 0; i -= 8 {
		var word uint64
		word, borrow = bits.Sub64(binary.BigEndian.Uint64(t.Sum[i:]), binary.BigEndian.Uint64(sum[i:]), borrow)
		binary.BigEndian.PutUint64(t.Sum[i:], word)
	}
}

// merge adds what another tally counts, but for what is inside at every level.
func (t *Tally) merge(u *Tally) {
	t.Count += u.Count
	t.Locked += u.Locked
	t.Marked += u.Marked
	t.Marks = append(t.Marks, u.Marks[:min(len(u.Marks), maxMarks-len(t.Marks))]...)
	t.Height = max(t.Height, u.Height)
	var carry uint64
	for i := 24; i >= 0; i -= 8 {
		var word uint64
		word, carry = bits.Add64(binary.BigEndian.Uint64(t.Sum[i:]), binary.BigEndian.Uint64(u.Sum[i:]), carry)
		binary.BigEndian.PutUint64(t.Sum[i:], word)
	}
}

// sum is the SHA-256 of an item's canonical id.
func (c *hearing) sum(it *item) [32]byte {
	return c.coder.sum(it.id)
}

func one(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
