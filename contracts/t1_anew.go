package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/trace"
)

// What an event told of temperatures is taken back when its author declares it wrong,
// and the cold chain is judged anew from what is left. The state is bounded and keeps no
// reports: it keeps, of each event, what was known of a device before. So the latest
// event of a device is taken back exactly, then the one before, and so on; of one that
// others of the same device have followed, nobody can say any more what the limits
// would be without it, and what was doubtful stays so.

// Told is what was known of a device before an event told more of it.
type Told struct {
	Event        [16]byte   `cbor:"1,keyasint"`
	Organisation string     `cbor:"2,keyasint"`
	Seq          uint64     `cbor:"3,keyasint"`
	Device       [16]byte   `cbor:"4,keyasint"`
	Before       *DeviceRun `cbor:"5,keyasint,omitempty"` // nil: nothing
}

// Doubt is an event that makes the verdict unknown, and the device that it is about;
// zero for none. So many that they are not told apart are one of nobody's event.
type Doubt struct {
	Event        [16]byte `cbor:"1,keyasint"`
	Organisation string   `cbor:"2,keyasint"`
	Device       [16]byte `cbor:"3,keyasint"`
	Seq          uint64   `cbor:"4,keyasint"` // of the event
}

// maxTold bounds what a cold chain keeps to take events back, and whose doubts it knows
// apart.
const maxTold = 16

// tell notes what is known of a device before this event tells more.
func (s *ColdChainState) tell(device [16]byte, turn *Turn) {
	for i := len(s.Told) - 1; i >= 0; i-- {
		if t := &s.Told[i]; t.Seq == turn.Seq && t.Device == device {
			return
		}
	}
	told := Told{Event: turn.Event, Organisation: turn.Organisation, Seq: turn.Seq, Device: device}
	if i := s.run(device); i >= 0 {
		before := s.Devices[i]
		told.Before = &before
	}
	if len(s.Told) == maxTold {
		s.Told = slices.Delete(s.Told, 0, 1)
	}
	s.Told = append(s.Told, told)
}

// doubted notes whose event, about which device, is doubtful. Doubts that there is no
// room for nobody takes back.
func (s *ColdChainState) doubted(device [16]byte, turn *Turn) {
	d := Doubt{turn.Event, turn.Organisation, device, turn.Seq}
	switch {
	case slices.Contains(s.Doubts, d):
	case len(s.Doubts) == maxTold, s.mixed():
		s.Doubts = []Doubt{{Seq: turn.Seq}}
	default:
		s.Doubts = append(s.Doubts, d)
	}
}

// mixed says that doubts are not told apart.
func (s *ColdChainState) mixed() bool { return len(s.Doubts) == 1 && s.Doubts[0].Organisation == "" }

// doubtful reports whether rule T2 found something that no inspection since has settled.
func (s *ColdChainState) doubtful() bool {
	return slices.ContainsFunc(s.Doubts, func(d Doubt) bool { return !s.clearedSince(d.Seq) })
}

// unknown reports whether nobody can say that the limits of what was received were kept.
func (s *ColdChainState) unknown() bool {
	return s.doubtful() || len(s.Devices) == 0 && !s.clearedSince(s.Received.Seq)
}

// settled forgets doubts.
func (s *ColdChainState) settled(which func(d *Doubt) bool) {
	s.Doubts = slices.DeleteFunc(slices.Clone(s.Doubts), func(d Doubt) bool { return which(&d) })
	if len(s.Doubts) == 0 {
		s.Doubts = nil
	}
}

// run is where a device's run stands, -1 for none.
func (s *ColdChainState) run(device [16]byte) int {
	return slices.IndexFunc(s.Devices, func(d DeviceRun) bool { return d.Device == device })
}

// untell takes back what an event told of its devices, where it was the latest of each.
// known says that it told anything, exact that nothing of that is left.
func (s *ColdChainState) untell(turn *Turn) (known, exact bool) {
	mine := func(event [16]byte, organisation string) bool {
		return event == turn.Event && organisation == turn.Organisation
	}
	known = slices.ContainsFunc(s.Doubts, func(d Doubt) bool { return mine(d.Event, d.Organisation) })
	exact = !s.mixed()
	var told []Told
	for i, t := range s.Told {
		if !mine(t.Event, t.Organisation) {
			continue
		}
		known = true
		told = append(told, t)
		later := func(o Told) bool { return o.Device == t.Device && !mine(o.Event, o.Organisation) }
		exact = exact && !slices.ContainsFunc(s.Told[i+1:], later)
	}
	// Whether a device began in time was asked of the first alone: without it, it is asked of
	// the next.
	var first *DeviceRun
	var firstTold int
	if began := func(d DeviceRun) bool {
		return slices.ContainsFunc(told, func(t Told) bool { return t.Device == d.Device && t.Before == nil })
	}; len(s.Devices) > 0 && began(s.Devices[0]) {
		if next := slices.IndexFunc(s.Devices, func(d DeviceRun) bool { return !began(d) }); next >= 0 {
			of := s.Devices[next]
			first = &of
			firstTold = slices.IndexFunc(s.Told, func(t Told) bool { return t.Device == of.Device && t.Before == nil })
			exact = exact && firstTold >= 0
		}
	}
	if !known || !exact {
		return known, false
	}
	if first != nil && first.First > s.Limits.MaxGap*1000 {
		by := s.Told[firstTold]
		s.doubted(first.Device, &Turn{Event: by.Event, Organisation: by.Organisation, Seq: by.Seq})
	}
	for _, t := range slices.Backward(told) { // what stood before the first of them stands
		at := s.run(t.Device)
		if at >= 0 && t.Before != nil {
			s.attributeBack(&s.Devices[at], t.Before, turn)
		}
		switch {
		case at < 0:
		case t.Before == nil:
			s.Devices = slices.Delete(slices.Clone(s.Devices), at, at+1)
		default:
			s.Devices = slices.Clone(s.Devices)
			s.Devices[at] = *t.Before
		}
	}
	s.Told = slices.DeleteFunc(slices.Clone(s.Told), func(t Told) bool { return mine(t.Event, t.Organisation) })
	// What a receipt counted of devices that it told nothing of, takeBack takes from their sums.
	s.Excursions = slices.DeleteFunc(slices.Clone(s.Excursions), func(x Excursion) bool {
		return mine(x.Event, x.Organisation) && slices.ContainsFunc(told, func(t Told) bool { return t.Device == x.Device })
	})
	s.settled(func(d *Doubt) bool { return mine(d.Event, d.Organisation) })
	for _, t := range told {
		if s.Received != nil && t.Seq < s.Received.Seq {
			s.arriveAgain(t.Device)
		}
	}
	return true, true
}

// attributeBack has what an event told of the time that the receipt counted be the
// receipt's again.
func (s *ColdChainState) attributeBack(now, before *DeviceRun, turn *Turn) {
	told := slices.IndexFunc(s.Excursions, func(x Excursion) bool {
		return x.Event == turn.Event && x.Organisation == turn.Organisation && x.Device == now.Device
	})
	receipt := s.tailOf(now.Device)
	if told < 0 || receipt < 0 || told == receipt {
		return
	}
	known := s.Excursions[told].Millis - (now.Millis - before.Millis)
	s.Excursions = slices.Clone(s.Excursions)
	s.Excursions[told].Millis -= known
	s.Excursions[receipt].Millis += known
}

// arriveAgain counts up to the receipt again for a device whose run was taken back.
func (s *ColdChainState) arriveAgain(device [16]byte) {
	r := s.Received
	s.Excursions = slices.DeleteFunc(s.Excursions, func(x Excursion) bool {
		return x.Event == r.Event && x.Organisation == r.Organisation && x.Device == device
	})
	s.settled(func(d *Doubt) bool {
		return d.Event == r.Event && d.Organisation == r.Organisation && d.Device == device
	})
	if i := s.run(device); i >= 0 {
		chain := coldChain{state: *s}
		chain.until(&chain.state.Devices[i], r, func(doubt, *report) { chain.state.doubted(device, r) })
		*s = chain.state
	}
}

// bind starts anew with the limits of a shipment.
func (s *ColdChainState) bind(limits trace.TemperatureLimits, turn *Turn) {
	before := *s
	*s = ColdChainState{Limits: limits, Bound: *turn}
	s.keep(&before)
	if before.Bound.Organisation == "" || before.Void { // nothing was bound
		return
	}
	before.keep(&ColdChainState{})
	before.Before = nil
	s.Before = &before
}

// keep takes over what stays from one shipment to the next: the lock and its end.
func (s *ColdChainState) keep(from *ColdChainState) {
	s.Broken, s.Unpacked = from.Broken, from.Unpacked
	s.Cleared, s.Again, s.Found = from.Cleared, from.Again, from.Found
}

// unbind has the limits bind again that the shipment's took the place of.
func (s *ColdChainState) unbind() {
	before := s.Before
	if before == nil {
		s.Void, s.Devices, s.Excursions, s.Told = true, nil, nil, nil
		return
	}
	restored := *before
	restored.keep(s)
	*s = restored
}

// withdraw takes back what the event that is declared wrong told or received. told says
// that it told anything, exact that nothing of that is left.
func (c *hearing) withdraw(s *ColdChainState) (told, exact, changed bool) {
	undo := c.turn()
	if c.record.Event.ID != "" {
		told, exact = s.untell(undo)
		s.Devices = slices.Clone(s.Devices)
		changed = s.takeBack(func(event [16]byte, organisation string) bool {
			return event == undo.Event && organisation == undo.Organisation
		})
	}
	if c.declaredWrong(s.Received) {
		s.Received, changed = nil, true
		s.Devices = slices.Clone(s.Devices)
		for i := range s.Devices {
			s.Devices[i].Tail, s.Devices[i].Forgiven = 0, false
		}
		s.settled(func(d *Doubt) bool { return d.Event == undo.Event && d.Organisation == undo.Organisation })
	}
	return told, exact, changed
}

// withdrawBefore is withdraw of what stood before the shipment that binds now.
func (c *hearing) withdrawBefore(s *ColdChainState) bool {
	if s.Before == nil {
		return false
	}
	before := *s.Before
	if c.declaredWrong(&before.Bound) {
		s.Before = nil
		return true
	}
	before.Excursions = slices.Clone(before.Excursions)
	told, _, changed := c.withdraw(&before)
	s.Before = &before
	return told || changed
}

// judgeAnew comes to the verdict of a receipt again, after reports were taken back.
func (c *hearing) judgeAnew(t thing, s *ColdChainState, v *afresh) error {
	if s.Received == nil || s.Void {
		return nil
	}
	f := factAt(t.id.URI, "received", s.Received.Seq)
	switch {
	case s.exceeded():
		if s.Broken != nil {
			return nil
		}
		s.Broken = c.turn()
		v.broken.add(f)
		return c.lockCold(t.id)
	case s.unknown():
		v.unknown.add(f)
	default:
		v.conformant.add(f)
	}
	return nil
}

// afresh is what becomes of cold chains of which reports are taken back.
type afresh struct{ broken, conformant, unknown, mixed tally }

func (v *afresh) report(c *hearing) {
	v.broken.found(c, trace.Finding{Code: CodeNonConformant, Next: nextNonConformant})
	v.conformant.found(c, trace.Finding{Code: CodeConformant})
	v.unknown.found(c, trace.Finding{Code: CodeColdUnknown, Next: nextColdUnknown})
	v.mixed.found(c, trace.Finding{
		Code: CodeColdMixed,
		Next: "Declare the later reports of the same device wrong too, the latest first, and record what holds again in order; or inspect the goods and record conformant or non_conformant.",
	})
}
