package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// inheritCold locks what comes out of a locked container.
func (c *hearing) inheritCold(e *epcis.Event) error {
	parent, err := c.item(e.Parent)
	if err != nil || parent == nil || parent.lockedBy(CodeNonConformant) == nil {
		return err
	}
	var locked tally
	for i := range e.Children {
		it, err := c.item(e.Children[i])
		if err != nil {
			return err
		}
		if it != nil && it.lockedBy(CodeNonConformant) == nil {
			it.lock(CodeNonConformant, c.position.Seq)
			locked.add(fact("item", it.id))
		}
	}
	if locked.n > 0 {
		parent.lockFacts(&locked)
	}
	locked.found(c, trace.Finding{
		Code: CodeColdInherited,
		Next: "Hold the goods. The brand owner or an authority inspects them and records conformant, or they are destroyed.",
	})
	return nil
}

// releaseCold lifts the lock of what somebody entitled finds conformant.
func (c *hearing) releaseCold(e *epcis.Event) error {
	var released tally
	for t := range things(e) {
		if t.key.NS != trace.NSItem && t.key.NS != trace.NSLot {
			continue
		}
		state, found, err := c.coldState(t)
		if err != nil {
			return err
		}
		it, err := c.item(t.id)
		if err != nil {
			return err
		}
		lot, err := c.brokenLot(t.id, it)
		if err != nil {
			return err
		}
		if (it == nil || it.lockedBy(CodeNonConformant) == nil) && state.Broken == nil && lot == nil {
			continue
		}
		entitled, err := c.mayRecall(t.id)
		if err != nil {
			return err
		}
		bound := found && state.Bound.Organisation == c.signer.ID || lot != nil && lot.Bound.Organisation == c.signer.ID
		if !entitled && !bound {
			continue
		}
		if it != nil {
			it.unlock(CodeNonConformant)
		}
		released.add(fact(string(t.key.NS), t.id.URI))
		if lot != nil {
			if !found { // of an item that was never shipped by itself: no limits are bound to it
				state, found = ColdChainState{Void: true}, true
				it.state.Chilled, it.changed = true, true
			}
			state.Cleared = c.turn()
		}
		if found {
			state.Broken = nil
			state.Devices, state.Excursions = restarted(state.Devices), nil
			if err := c.write(t.of(trace.NSColdChain), state); err != nil {
				return err
			}
		}
	}
	released.found(c, trace.Finding{Code: CodeColdReleased})
	return nil
}

// brokenLot is the cold chain of the lot that an item was born as of, nil where that
// was kept.
func (c *hearing) brokenLot(id epcis.ID, it *item) (*ColdChainState, error) {
	if it == nil {
		return nil, nil
	}
	lot := c.lotOfThing(id, it)
	if lot == "" {
		return nil, nil
	}
	cold, err := c.lotCold(trace.Key{NS: trace.NSLot, ID: lot})
	if err != nil || cold.state.Broken == nil {
		return nil, err
	}
	return &cold.state, nil
}

// foundConformant reports whether an item was inspected by itself since a record, and
// found conformant.
func (c *hearing) foundConformant(it *item, since uint64) (bool, error) {
	if !it.state.Chilled {
		return false, nil
	}
	var own ColdChainState
	_, err := c.read(stateOf(trace.NSColdChain, trace.Key{NS: trace.NSItem, ID: it.id}), &own)
	return own.Cleared != nil && own.Cleared.Seq > since, err
}

// coldState is the state of a thing's cold chain as this event leaves it so far.
func (c *hearing) coldState(t thing) (state ColdChainState, found bool, err error) {
	for _, chain := range c.cold {
		if chain.thing.key == t.key {
			return chain.state, true, nil
		}
	}
	found, err = c.readCold(t, &state)
	return state, found, err
}

// restarted are the devices' runs with nothing outside yet.
func restarted(devices []DeviceRun) []DeviceRun {
	for i := range devices {
		devices[i].Millis = 0
	}
	return devices
}

// takeBackReports undoes what an event of the same author did to cold chains.
func (c *hearing) takeBackReports(e *epcis.Event) error {
	if !step(e, "shipping") && e.Sensors == nil && !step(e, "receiving") && !step(e, "accepting") && !step(e, "inspecting") {
		return nil
	}
	mark := c.turn().Event
	var undone tally
	for t := range things(e) {
		var s ColdChainState
		found, err := c.readCold(t, &s)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		changed := s.takeBack(func(event [16]byte, organisation string) bool {
			return e.ID != "" && event == mark && organisation == c.signer.ID
		})
		if c.declaredWrong(s.Received) {
			s.Received, changed = nil, true
		}
		if c.declaredWrong(&s.Bound) {
			s.Void, s.Devices, s.Excursions, changed = true, nil, nil, true
		}
		if c.declaredWrong(s.Cleared) {
			undone.add(factAt(t.id.URI, "not found conformant", s.Cleared.Seq))
			s.Cleared = nil
		} else if changed {
			undone.add(factAt(t.id.URI, "limits bound", s.Bound.Seq))
		} else {
			continue
		}
		if s.Broken != nil && s.worst() <= s.Limits.MaxOutside*1000 {
			it, err := c.item(t.id)
			if err != nil {
				return err
			}
			if it != nil {
				it.unlock(CodeNonConformant)
			}
			s.Broken = nil
		}
		if err := c.write(t.of(trace.NSColdChain), s); err != nil {
			return err
		}
	}
	undone.found(c, trace.Finding{Code: CodeColdWithdrawn})
	return nil
}
