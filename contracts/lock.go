package contracts

import "slices"

// A Lock blocks an item until what it says is settled. The contract that sets one
// says in its finding what settles it.
type Lock struct {
	Code uint32 `cbor:"1,keyasint"` // of the finding that set it
	Seq  uint64 `cbor:"2,keyasint"` // of the record it was found in
}

// maxLocks bounds an item's state; one of a code is enough.
const maxLocks = 16

// lock sets a lock, once for each code.
func (it *item) lock(code uint32, seq uint64) {
	if len(it.state.Locks) < maxLocks && !slices.ContainsFunc(it.state.Locks, func(l Lock) bool { return l.Code == code }) {
		it.state.Locks = append(slices.Clone(it.state.Locks), Lock{code, seq})
		it.changed = true
	}
}

// unlock takes the lock of a code away.
func (it *item) unlock(code uint32) {
	kept := slices.DeleteFunc(slices.Clone(it.state.Locks), func(l Lock) bool { return l.Code == code })
	if len(kept) < len(it.state.Locks) {
		it.state.Locks, it.changed = kept, true
	}
	if len(kept) == 0 {
		it.state.Locks = nil
	}
}

// lockedBy is the lock of a code, nil for none.
func (it *item) lockedBy(code uint32) *Lock {
	for i := range it.state.Locks {
		if it.state.Locks[i].Code == code {
			return &it.state.Locks[i]
		}
	}
	return nil
}

// lockFacts adds the records that a locked item's locks rest on.
func (it *item) lockFacts(t *tally) {
	for _, l := range it.state.Locks {
		t.add(factAt(it.id, "locked", l.Seq))
	}
}
