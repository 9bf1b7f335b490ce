package proof

import (
	"errors"
	"slices"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// checkedKey is a key of a dossier, with the opened positions of its history
// laid out flat.
type checkedKey struct {
	*DossierKey
	hash identity.Hash // in the map
	head identity.Hash
	at   []uint64 // opened positions, ascending
	seqs []uint64 // what stands there

	used   bool   // read at all
	usedAt []bool // by position
}

// checkOrder lays the ranges out and checks that they ascend.
func (x *checkedKey) checkOrder() error {
	for _, h := range x.History {
		if n := len(x.at); len(h.Seqs) == 0 || n > 0 && h.From <= x.at[n-1]+1 {
			return Refute(ReasonOrder, "the range at position %d is empty or continues the one before", h.From).OfKey(x.Key())
		}
		for i, seq := range h.Seqs {
			if n := len(x.seqs); n > 0 && seq <= x.seqs[n-1] {
				return Refute(ReasonOrder, "its history has %d after %d", seq, x.seqs[n-1]).OfKey(x.Key())
			}
			x.at, x.seqs = append(x.at, h.From+uint64(i)), append(x.seqs, seq)
		}
	}
	x.usedAt = make([]bool, len(x.at))
	return nil
}

// histories folds the head of every key out of the opened part of its history.
func (c *checker) histories() error {
	var leaves []identity.Hash
	for _, x := range c.inOrder {
		k := x.Key()
		base, refused, err := baseOf(k)
		if err != nil {
			return Refute(ReasonTouches, "%v", err).OfKey(k)
		}
		leaves = leaves[:0]
		for _, seq := range x.seqs {
			i, ok := c.find(seq)
			if !ok {
				return Refute(ReasonNotProved, "the record is not there").OfRecord(seq).OfKey(k)
			}
			line := &c.lines[i]
			if !slices.Contains(line.touches, base) || line.Rejected() != refused {
				return Refute(ReasonTouches, "the record does not belong to this history").OfRecord(seq).OfKey(k)
			}
			leaves = append(leaves, line.leaf)
		}
		if x.head, err = RootOf(x.Count, x.at, leaves, x.Path); err != nil {
			return Refute(ReasonHistory, "%v", err).OfKey(k)
		}
	}
	return nil
}

// baseOf is the key whose refused records k holds, or k itself.
func baseOf(k trace.Key) (base trace.Key, refused bool, err error) {
	if k.NS != trace.NSRefused {
		return k, false, nil
	}
	base, ok := k.Accepted()
	if !ok {
		return k, true, errors.New("it names no key whose records were refused")
	}
	return base, true, nil
}

// inMap checks all keys at once under the map root.
func (c *checker) inMap() error {
	present := make([]MapLeaf, len(c.inOrder))
	for i, x := range c.inOrder {
		present[i] = MapLeaf{Key: x.hash, Count: x.Count, Head: x.head, State: StateHash(x.State)}
	}
	absent := make([]identity.Hash, len(c.d.Absent))
	for i := range c.d.Absent {
		absent[i] = MapKey(c.d.Absent[i].Key())
	}
	if err := VerifyMap(c.d.Map, present, absent, c.d.Checkpoint.Roots.MapRoot); err != nil {
		return Refute(ReasonMap, "%v", err)
	}
	return nil
}
