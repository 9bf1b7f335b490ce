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
	all, seen := w.declarations(), map[uint64]bool{} // seqs of decisions; never ranged over
	for _, it := range used {
		if it.state.Customs == nil {
			continue
		}
		for _, id := range it.state.Customs.Declarations {
			s, err := all.of(id)
			if err != nil {
				return err
			}
			if s == nil {
				continue
			}
			p := s.of(it.id)
			if seen[p.Since.Seq] {
				continue
			}
			seen[p.Since.Seq] = true
			doubt, err := w.doubtfulDecision(id, s.Country, &p)
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

// doubtfulDecision says that the authority's decision on a part of a declaration was
// signed with a key that was compromised by then; nil otherwise.
func (c *hearing) doubtfulDecision(id, country string, p *Part) (*trace.Fact, error) {
	if !p.decided() {
		return nil, nil
	}
	return c.doubtful(claim{trace.PrintedID(id), string(p.Status) + " by customs of " + country, p.Since.Organisation, p.Since.Seq})
}

// decided reports goods of which the authority has said something.
func (p *Part) decided() bool {
	return p.Status == ClearanceInspecting || p.Status == ClearanceReleased || p.locks()
}
