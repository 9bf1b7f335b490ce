package contracts

import (
	"github.com/waymark-ledger/waymark/trace"
)

// clearances flags that an event moves or receives goods on a customs decision that a
// compromised key signed. The decision stands, and locks what it locks, until the
// authority decides anew (rule B2).
func (w *compromiseCheck) clearances() error {
	if w.event.Correction != nil || !movesGoods(w.event) && !receives(w.event) {
		return nil
	}
	used, err := w.usedItems(w.event)
	if err != nil {
		return err
	}
	all, seen := w.declarations(), map[string]bool{} // never ranged over
	for _, it := range used {
		if it.state.Customs == nil {
			continue
		}
		for _, id := range it.state.Customs.Declarations {
			if seen[id] {
				continue
			}
			seen[id] = true
			s, err := all.of(id)
			if err != nil {
				return err
			}
			doubt, err := w.doubtfulDecision(id, s)
			if err != nil {
				return err
			}
			if doubt != nil {
				w.decisions.add(*doubt)
			}
		}
	}
	return nil
}

// doubtfulDecision says that the authority's decision on a declaration was signed with
// a key that was compromised by then; nil otherwise. s is nil where nothing is recorded
// of the declaration.
func (c *hearing) doubtfulDecision(id string, s *DeclarationState) (*trace.Fact, error) {
	if s == nil || !s.decided() {
		return nil, nil
	}
	return c.doubtful(claim{trace.PrintedID(id), string(s.Status) + " by customs of " + s.Country, s.Since.Organisation, s.Since.Seq})
}

// decided reports a declaration of which the authority has said something.
func (s *DeclarationState) decided() bool {
	return s.Status == ClearanceInspecting || s.Status == ClearanceReleased || s.locks()
}
