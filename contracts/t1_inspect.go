package contracts

import (
	"math"
	"slices"
)

// An inspection that finds goods conformant lifts their lock, and forgives the time outside
// up to it. Declared wrong, it has them locked again, and the time counts, if what the cold
// chain is known to have been then still breaks it: what is declared wrong of before is taken
// back from that, too. An inspection since stands in its place.

// clear forgets what an inspection has found conformant, and lifts the lock.
func (s *ColdChainState) clear(turn *Turn) {
	if s.Cleared == nil || s.Broken != nil || !addLater(&s.Again, *turn) { // or so many that they are not told apart
		found := *s
		found.Cleared, found.Again, found.Found = nil, nil, nil
		if s.Cleared, s.Again, s.Found = turn, nil, nil; found.Broken != nil || len(found.Devices) > 0 {
			s.Found = &found
		}
	}
	s.Broken, s.Unpacked = nil, nil
	s.restart()
	if s.Before != nil {
		before := *s.Before
		before.restart()
		s.Before = &before
	}
}

// settle notes an inspection that lifts no lock: what was doubtful before it is found
// conformant.
func (s *ColdChainState) settle(turn *Turn) {
	switch {
	case s.Cleared == nil:
		s.Cleared = turn
	case !addLater(&s.Again, *turn) && len(s.Again) == maxLater: // so many are not told apart
		s.Again = append(slices.Clone(s.Again[:maxLater-1]), *turn)
	}
}

// restart has the devices report with nothing outside yet.
func (s *ColdChainState) restart() {
	s.Devices, s.Excursions, s.Told = slices.Clone(s.Devices), nil, nil
	for i := range s.Devices {
		s.Devices[i].Millis, s.Devices[i].Kinetic, s.Devices[i].Forgiven = 0, nil, s.Received != nil
	}
}

// clearedSince reports whether an inspection since a record found the thing conformant.
func (s *ColdChainState) clearedSince(seq uint64) bool {
	return s.Cleared != nil && s.Cleared.Seq > seq || slices.ContainsFunc(s.Again, func(t Turn) bool { return t.Seq > seq })
}

// loss is what a cold chain loses by an event that is declared wrong.
type loss struct {
	told, exact, changed    bool  // see withdraw
	unpacked, kept, cleared *Turn // an unpacking, one that cannot be taken back, an inspection
	unbroken, again         bool  // what broke it is gone; it is broken again
}

// lose takes from the cold chain of a thing whatever the event did to it, and from the thing
// its lock where nothing else breaks the cold chain.
func (c *hearing) lose(t thing, s *ColdChainState) (loss, error) {
	it, err := c.item(&t.id)
	if err != nil {
		return loss{}, err
	}
	broken, received := s.Broken != nil, s.Received
	lost := c.takeFrom(s)
	if received != nil && s.Received == nil && !s.Void && it != nil {
		if err := c.receivedAgain(it, s); err != nil {
			return loss{}, err
		}
	}
	if s.Found != nil {
		found := *s.Found
		found.Excursions, found.Told = slices.Clone(found.Excursions), slices.Clone(found.Told)
		if of := c.takeFrom(&found); of.told || of.changed {
			lost.told, lost.exact = lost.told || of.told, (lost.exact || !lost.told) && (of.exact || !of.told)
			lost.changed = lost.changed || of.changed
			if s.Found = &found; of.unbroken { // there was nothing to lift
				s.condemn()
			}
		}
	}
	if c.declaredWrong(s.Cleared) {
		lost.cleared = s.Cleared
		if s.Cleared = nextLater(&s.Again); s.Cleared == nil && s.Found != nil {
			s.condemn()
		}
	} else {
		lost.cleared = dropLater(c, &s.Again)
	}
	if gone := lost.told || lost.changed || lost.cleared != nil; gone && s.Broken == nil && !s.Void && s.outOfLimits() {
		s.Broken = c.turn()
	}
	lost.again = !broken && s.Broken != nil
	switch {
	case it == nil:
	case lost.again:
		it.lock(CodeNonConformant, s.Broken.Seq)
	case broken && s.Broken == nil:
		it.unlock(CodeNonConformant)
	}
	return lost, nil
}

// receivedAgain ends a cold chain by the receipt that stands in the place of the one that is
// declared wrong (rule C2), if there is one.
func (c *hearing) receivedAgain(it *item, s *ColdChainState) error {
	unit, t, err := c.wayOf(it)
	held := unit.state.Custody
	if err != nil || t != nil || !unit.received() || held.Holder != c.signer.ID || held.Seq < s.Bound.Seq || held.Time < s.Bound.Seconds {
		return err
	}
	s.Received = &Turn{Seq: held.Seq, Organisation: held.Holder, Seconds: held.Time, Event: held.Event}
	for _, d := range slices.Clone(s.Devices) {
		s.arriveAgain(d.Device)
	}
	return nil
}

// takeFrom is lose of what is known, but for inspections.
func (c *hearing) takeFrom(s *ColdChainState) (lost loss) {
	lost.told, lost.exact, lost.changed = c.withdraw(s)
	if c.withdrawBefore(s) {
		lost.changed = true
	}
	if c.declaredWrong(&s.Bound) {
		s.unbind()
		lost.changed = true
	}
	taken := uint64(math.MaxUint64) // none
	if i := slices.IndexFunc(s.Unpacked, func(u Turn) bool { return c.declaredWrong(&u) }); i >= 0 {
		was := s.Unpacked[i]
		if len(s.Unpacked) == maxUnpacked {
			lost.kept = &was
		} else {
			lost.unpacked, taken, lost.changed = &was, was.Seq, true
			s.Unpacked = slices.Delete(slices.Clone(s.Unpacked), i, i+1)
		}
	}
	if s.Broken != nil && (lost.changed || lost.told) && !s.broken(taken) {
		s.Broken, lost.unbroken = nil, true
	}
	return lost
}

// condemn takes back that an inspection forgave anything.
func (s *ColdChainState) condemn() {
	found := s.Found
	s.Found = nil
	switch {
	case found.Void:
	case found.Bound.Seq == s.Bound.Seq:
		s.regain(found)
	case s.Before != nil && s.Before.Bound.Seq == found.Bound.Seq:
		before := *s.Before
		before.regain(found)
		s.Before = &before
	}
	unpacked := append(slices.Clip(found.Unpacked), s.Unpacked...)
	if s.Unpacked = unpacked[:min(len(unpacked), maxUnpacked)]; found.Broken != nil {
		s.Broken = found.Broken
	}
}

// regain has the time outside count again that was forgiven.
func (s *ColdChainState) regain(found *ColdChainState) {
	if len(s.Told) == 0 { // nothing was reported since
		s.Devices, s.Excursions, s.Told = slices.Clone(found.Devices), found.Excursions, found.Told
		if s.Received != nil && found.Received == nil {
			for _, d := range found.Devices {
				s.arriveAgain(d.Device)
			}
		}
		return
	}
	forgiven := func(d *DeviceRun) {
		if i := found.run(d.Device); i >= 0 {
			d.Millis += found.Devices[i].Millis
			d.Kinetic = found.Devices[i].Kinetic.plus(d.Kinetic)
			d.Forgiven = d.Forgiven && found.Devices[i].Forgiven
		}
	}
	s.Devices = slices.Clone(s.Devices)
	for i := range s.Devices {
		forgiven(&s.Devices[i])
	}
	told := slices.Clone(s.Told)
	for i := range told {
		if before := told[i].Before; before != nil {
			kept := *before
			forgiven(&kept)
			told[i].Before = &kept
		}
	}
	s.Told = lastOf(append(slices.Clip(found.Told), told...), maxTold)
	s.Excursions = lastOf(append(slices.Clip(found.Excursions), s.Excursions...), s.excursions())
}

// lastOf are the last of a list, so many at most.
func lastOf[T any](list []T, most int) []T { return list[max(0, len(list)-most):] }
