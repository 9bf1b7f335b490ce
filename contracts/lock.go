package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/trace"
)

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

// isLocked reports whether a code's lock is set.
func (it *item) isLocked(code uint32) bool {
	return slices.ContainsFunc(it.state.Locks, func(l Lock) bool { return l.Code == code })
}

// lockFacts name the records that a locked item's locks rest on.
func (it *item) lockFacts(facts []trace.Fact, n *int) []trace.Fact {
	for _, l := range it.state.Locks {
		*n++
		facts = some(facts, *n, factAt(it.id, "locked", l.Seq))
	}
	return facts
}
