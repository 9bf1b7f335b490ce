package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What locks a lot locks the items that were born as of it: nothing is written to
// them, so whoever uses one is judged by what the states of its lot say when the
// record comes. So are amounts of the lot.

// A lotLock is one reason why a lot is locked.
type lotLock struct {
	code  uint32 // of the finding that locked it
	seq   uint64 // of the record in which it was found
	since *Turn  // the event that it follows from; nil where the state does not say
}

// lotLocks are those of a lot when the record came: but for recalls, which are of
// classes, too.
type lotLocks struct{ list []lotLock }

// locksOf reads the locks of a lot, once for a record: its cold chain (T1), its due
// diligence (D2) and origin (D3), the signer's stock of it (W1), and what the signer
// claimed of it above its balance (M3). Contracts that change those judge after the ones that ask.
func (c *hearing) locksOf(lot string) (*lotLocks, error) {
	if l := c.lots.get(lot); l != nil {
		return l, nil
	}
	l := &lotLocks{}
	k := trace.Key{NS: trace.NSLot, ID: lot}
	cold, err := c.lotCold(k)
	if err != nil {
		return nil, err
	}
	if by := cold.state.Broken; by != nil {
		l.list = append(l.list, lotLock{CodeNonConformant, by.Seq, by})
	}
	due, err := c.diligence().of(k)
	if err != nil {
		return nil, err
	}
	if by := due.Blocked; by != nil {
		l.list = append(l.list, lotLock{CodeNoStatement, by.Seq, by})
	}
	if by := due.Grown; by != nil && due.Origin == originMixed {
		l.list = append(l.list, lotLock{CodeMixed, by.Seq, by})
	}
	stock, err := c.account(lot + "|" + c.signer.ID)
	if err != nil {
		return nil, err
	}
	if by := stock.state.Lock; by != nil {
		l.list = append(l.list, lotLock{by.Code, by.Seq, nil})
	}
	claims, err := c.lockedClaims(stock)
	if err != nil {
		return nil, err
	}
	l.list = append(l.list, claims...)
	c.lots.add(lot, l)
	return l, nil
}

// lotCold is the cold chain of a lot, as rule T1 left it.
type lotCold struct {
	state ColdChainState
	found bool
}

func (c *hearing) lotCold(lot trace.Key) (*lotCold, error) {
	if s := c.coldLots.get(lot.ID); s != nil {
		return s, nil
	}
	s := &lotCold{}
	var err error
	if s.found, err = c.read(stateOf(trace.NSColdChain, lot), &s.state); err != nil {
		return nil, err
	}
	c.coldLots.add(lot.ID, s)
	return s, nil
}

// lotOfThing is the lot that locks what is used: an item's was fixed at its birth, or
// stands beside its serial; "" for what has none.
func (c *hearing) lotOfThing(id epcis.ID, it *item) string {
	switch {
	case it != nil && it.state.Lot != "":
		return it.state.Lot
	case it == nil && id.Level == epcis.Lot:
		return trace.QuantityKey(id).ID
	}
	return c.lotOf(&id, "")
}

// lockedLot notes what locks the lot of a thing. it is nil for an amount.
func (c *hearing) lockedLot(u *lockedUse, id epcis.ID, it *item) error {
	lot := c.lotOfThing(id, it)
	if u.recalls {
		if err := c.recalledLot(u, id, lot); err != nil {
			return err
		}
	}
	if lot == "" {
		return nil
	}
	if u.recalls && it == nil {
		left, err := c.amountLeft(lot)
		if err != nil {
			return err
		}
		for _, l := range left {
			c.bind(u, l.recall, l.fact(id.URI))
		}
	}
	locks, err := c.locksOf(lot)
	if err != nil {
		return err
	}
	for _, l := range locks.list {
		if free, err := c.clearedOf(it, &l); err != nil {
			return err
		} else if free {
			continue
		}
		u.add(l.code, factAt(id.URI, "of "+lot+", which is locked", l.seq), c.precedes(l.since))
	}
	return nil
}

// precedes reports whether the event happened before a turn.
func (c *hearing) precedes(t *Turn) bool { return t != nil && c.record.Event.Time.Before(t.Time()) }

// recalledLot adds the recalls in force of a lot and class.
func (c *hearing) recalledLot(u *lockedUse, id epcis.ID, lot string) error {
	for _, k := range [...]trace.Key{{NS: trace.NSLot, ID: lot}, {NS: trace.NSClass, ID: id.Class().URI}} {
		if k.ID == "" {
			continue
		}
		list, err := c.recallsBinding(k)
		if err != nil {
			return err
		}
		for _, r := range list {
			if !r.covers(id) {
				continue
			}
			c.bind(u, r, factAt(id.URI, "recalled by "+r.By.Organisation+", with "+k.ID, r.By.Seq))
		}
	}
	return nil
}

// recallsAt are the recalls of a lot or class, read once: the inputs of one event
// share a few.
func (c *hearing) recallsAt(k trace.Key) ([]Recall, error) {
	if recalls, ok := c.recallsRead[k]; ok {
		return recalls, nil
	}
	var state RecallState
	if _, err := c.read(stateOf(trace.NSRecall, k), &state); err != nil {
		return nil, err
	}
	if c.recallsRead == nil {
		c.recallsRead = map[trace.Key][]Recall{}
	}
	c.recallsRead[k] = state.Recalls
	return state.Recalls, nil
}

// clearedOf reports whether an item is free of a lock of its lot by itself: it has a
// due-diligence reference of its own, or was inspected since and found conformant.
func (c *hearing) clearedOf(it *item, l *lotLock) (bool, error) {
	if it == nil {
		return false, nil
	}
	switch {
	case !clears(l.code):
	case l.code == CodeNoStatement:
		k := trace.Key{NS: trace.NSItem, ID: it.id}
		own, err := c.diligence().of(k)
		if err != nil {
			return false, err
		}
		return c.diligence().referred(k, own)
	default:
		return c.foundConformant(it, l.seq)
	}
	return false, nil
}

// clears reports whether an item may be free by itself of a lock of its lot.
func clears(code uint32) bool { return code == CodeNoStatement || code == CodeNonConformant }
