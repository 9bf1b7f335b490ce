package trace

import "math"

// A Batch is a part of a lot that came to be in one record, and so shares all that
// lies behind it: the items that one event bore into a lot, or into a class where
// they have no lot. Born is the seq of that record; with [Sighted], of the record that
// was the first to name items whose birth nobody recorded; or [Unmarked] for what
// nobody can tell apart: an amount of the lot.
type Batch struct {
	Of   Key
	Born uint64
}

// Unmarked is the Born of an amount of a lot or class.
const Unmarked = math.MaxUint64

// Sighted marks the Born of items that nobody recorded the birth of.
const Sighted = 1 << 63

// FirstRecord is the record that a Born says, [Unmarked] for none.
func FirstRecord(born uint64) uint64 {
	if born == Unmarked {
		return Unmarked
	}
	return born &^ Sighted
}

// Place is where items of a batch are, as far as their states say: who has them,
// and what they are packed in or attached to. Who has a container has what it took along.
type Place struct {
	Condition string // an item's; "" of an amount
	Holder    string // organisation that signed for them last, "" for nobody known
	Gone      bool   // the holder says that they left the members' hands
	In        string // container or assembly, "" for none
	Attached  bool   // to an assembly
	Bond      uint64 // seq of the record that put them there
	Apart     bool   // they went their own way since, or a stranger put them there
	Way       uint64 // 1 + the transfer that they were in when they were put there, and are in still; 0 for none
	Beside    bool   // that transfer named them beside what they were in
}

// Forward is what a record adds to the forward index: by it a node finds what came
// of a lot or certificate, and who has it, without asking every item. It follows
// from the record and from the states before and after it; the app hash says
// nothing of it.
type Forward struct {
	Uses    []Taken // what went into what the record makes; of a [HolderKey], whose items it packed something into; or, with Born 0, certificates that it cites and plots that it names
	Late    []Late
	Moves   []Move
	Made    []Batch // those that it bore as a transformation
	Strays  []Batch // those that it would have borne, and that have items which another record bore
	Sighted []Batch // those of items that nobody recorded the birth of
	Lots    []Kin   // named or born, with their classes
}

// Late is that some of a batch was used by an earlier record: it was born, or its lot
// was named, after its end.
type Late struct {
	Batch
	Seq, Count uint64
}

// Move is that some of a batch came to a place, or left it.
type Move struct {
	Batch
	Place
	By int64
}

// Kin is that a class has a lot.
type Kin struct{ Class, Lot Key }

// LotSince is a lot of a class, and the first record that named it or bore some of it.
type LotSince struct {
	ID  string
	Seq uint64
}

// Taken is how many of a batch a record used: items, or amounts.
type Taken struct {
	Batch
	Count uint64
}

// Use is that a record used some of a batch.
type Use struct{ Born, Seq, Count uint64 }

// HolderKey is what the records use that packed something into an item of a lot or class, or
// attached something to it. A record that has such an item in another batch than before uses
// it as well.
func HolderKey(of Key) Key { return Key{"holder", string(of.NS) + ":" + of.ID} }
