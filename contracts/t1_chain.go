package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// ColdChainState is the state of a shipped item or lot whose temperature has
// limits (namespace coldchain). Its size is bounded: a running sum for each
// device, and the last excursions, so that their authors can take them back.
type ColdChainState struct {
	Limits     trace.TemperatureLimits `cbor:"1,keyasint"`
	Bound      Turn                    `cbor:"2,keyasint"` // the shipment that set them
	Received   *Turn                   `cbor:"3,keyasint,omitempty"`
	Devices    []DeviceRun             `cbor:"4,keyasint,omitempty"`
	Excursions []Excursion             `cbor:"5,keyasint,omitempty"`
	Broken     *Turn                   `cbor:"6,keyasint,omitempty"` // the event by which the time was up
	Void       bool                    `cbor:"8,keyasint,omitempty"` // the shipment is declared wrong: nothing is bound
	// Cleared is the inspection that found this very thing conformant, Again those since.
	Cleared *Turn  `cbor:"9,keyasint,omitempty"`
	Again   []Turn `cbor:"14,keyasint,omitempty"`
	// Found is the cold chain as Cleared found it, without its own Found.
	Found *ColdChainState `cbor:"15,keyasint,omitempty"`
	// Unpacked are the events by which amounts of the lot came out of what was locked,
	// the first of them.
	Unpacked []Turn  `cbor:"10,keyasint,omitempty"`
	Told     []Told  `cbor:"11,keyasint,omitempty"` // the latest events, in order
	Doubts   []Doubt `cbor:"12,keyasint,omitempty"` // what rule T2 found: nobody can say that the limits were kept
	// Before are the limits that this shipment took the place of, and what was known of them:
	// they bind again if it is declared wrong. Without their own Before, and without what
	// stays from one shipment to the next.
	Before *ColdChainState `cbor:"13,keyasint,omitempty"`
}

// maxUnpacked bounds Unpacked. Once there are so many, none is taken back.
const maxUnpacked = 16

// DeviceRun is what one device has reported so far.
type DeviceRun struct {
	Device  [16]byte      `cbor:"1,keyasint"` // of its id's SHA-256; of "" for reports that name none
	Seconds int64         `cbor:"2,keyasint"` // of the last report
	Nanos   int32         `cbor:"3,keyasint"`
	High    epcis.Decimal `cbor:"4,keyasint"` // of the last report, ninths of a degree Celsius
	Out     bool          `cbor:"5,keyasint"` // the last report was outside
	Millis  int64         `cbor:"6,keyasint"` // outside so far
	Same    uint32        `cbor:"7,keyasint"` // how many reports in a row were the same
	Since   int64         `cbor:"8,keyasint"` // Unix seconds of the first of those

	// Tail is how long after the last report time is counted already, as the receipt took
	// the device to be outside on, before anybody knew what it would tell of that time.
	Tail int64 `cbor:"9,keyasint,omitempty"`

	First int64 `cbor:"10,keyasint,omitempty"` // of the first report, milliseconds after the shipment

	// Kinetic is what was measured up to the last report, nil where no mean is asked for.
	// Forgiven: the time from there to the receipt counts no more, as an inspection since has
	// found the goods conformant.
	Kinetic  *Kinetic `cbor:"11,keyasint,omitempty"`
	Forgiven bool     `cbor:"12,keyasint,omitempty"`
}

// Excursion is the time outside that one event added to one device's sum, and what it
// added to what was measured.
type Excursion struct {
	Event        [16]byte `cbor:"1,keyasint"`
	Organisation string   `cbor:"2,keyasint"`
	Device       [16]byte `cbor:"3,keyasint"`
	Millis       int64    `cbor:"4,keyasint"`
	Kinetic      *Kinetic `cbor:"5,keyasint,omitempty"`
}

// maxExcursions bounds what can be taken back; older ones stay in the sum.
const maxExcursions = 8

// A doubt is what T2 holds against reports; each has its code.
type doubt uint32

// A coldChain is the state of one thing of the event while it is judged.
type coldChain struct {
	thing   thing
	state   ColdChainState
	changed bool
	added   int64          // milliseconds outside by this event
	late    bool           // bound by a shipment that is recorded after its receipt
	ended   bool           // the shipment that is judged ends the leg before, which nobody received
	stops   *epcis.Instant // the event that is judged ends it then
	voided  bool           // by taking back the shipment
	invalid error          // the event's limits cannot be read; nothing else is set then
	unbound bool           // the event's limits do not bind it; nothing else is set then
}

func (s *ColdChainState) outside(r *report) bool {
	return s.Limits.Min != nil && r.low.Cmp(*s.Limits.Min) < 0 || s.Limits.Max != nil && r.high.Cmp(*s.Limits.Max) > 0
}

// worst is the longest time outside of any device, in milliseconds.
func (s *ColdChainState) worst() int64 {
	worst := int64(0)
	for i := range s.Devices {
		worst = max(worst, s.Devices[i].Millis)
	}
	return worst
}

func millisBetween(a, b epcis.Instant) int64 {
	return (b.Seconds-a.Seconds)*1000 + int64(b.Nanos-a.Nanos)/1_000_000
}

// A device has a flat line when as many reports in a row, over as long a time,
// are the same to the last digit (the network's parameter flatLine): a probe that
// lives shows noise.
const flatReports = 24

// end is the receipt, nil before it.
func (chain *coldChain) end() *epcis.Instant {
	if r := chain.state.Received; r != nil {
		t := r.Time()
		return &t
	}
	return chain.stops
}

// holds reports whether what was measured at t is held to the limits.
func (chain *coldChain) holds(t epcis.Instant) bool {
	end := chain.end()
	return !t.Before(chain.state.Bound.Time()) && (end == nil || !t.After(*end))
}

// held is a report as far as it is held to the limits: of a span the part from the shipment to
// the receipt.
func (chain *coldChain) held(r *report) (*report, bool) {
	if chain.holds(r.at) {
		return r, true
	}
	if r.span == nil {
		return r, false
	}
	part := *r
	bound, end := chain.state.Bound.Time(), chain.end()
	switch {
	case r.at.Before(bound) && !r.span.Before(bound):
		part.at = bound
	case end != nil && r.at.After(*end) && !r.span.After(*end):
		part.at = *end
	default:
		return r, false
	}
	return &part, chain.holds(part.at)
}

// reach counts a device's time up to the receipt, of which it tells by a report of after that.
func (chain *coldChain) reach(r *report, turn *Turn) {
	s := &chain.state
	i := s.run(eventMark(r.device))
	if s.Received == nil || i < 0 || !r.at.After(s.Received.Time()) {
		return
	}
	end, d := s.Received.Time(), &s.Devices[i]
	took := millisBetween(epcis.Instant{Seconds: d.Seconds, Nanos: d.Nanos}, end)
	counts := min(took, s.Limits.MaxGap*1000)
	if !d.Out || d.Forgiven || counts <= d.Tail { // that the receipt has counted
		return
	}
	s.tell(d.Device, turn)
	s.attribute(d, d.Tail, turn)
	chain.count(d, counts-d.Tail, turn)
	chain.weigh(d, counts, turn)
	d.Tail, d.Seconds, d.Nanos = 0, end.Seconds, end.Nanos
	chain.changed = true
}

// fold takes one report that is held to the limits into the running sum. From a report that
// was outside the time counts until the next report of the same device, but no longer than
// the gap that the limits allow: silence is no proof.
//
// A logger that is read out after the receipt counts for the time before it.
func (chain *coldChain) fold(r *report, turn *Turn, flat int64, doubts func(doubt, *report)) {
	s := &chain.state
	bound := s.Bound.Time()
	if s.Received != nil {
		doubts(doubt(CodeReadOutLate), r)
	}
	mark := eventMark(r.device)
	if s.run(mark) < 0 && len(s.Devices) == maxDevices {
		doubts(doubt(CodeManyDevices), r)
		if !s.outside(r) || !s.makeRoom(turn) {
			return
		}
	}
	if took := s.run(mark); took < 0 || !r.at.Before(epcis.Instant{Seconds: s.Devices[took].Seconds, Nanos: s.Devices[took].Nanos}) {
		s.tell(mark, turn)
	}
	i := slices.IndexFunc(s.Devices, func(d DeviceRun) bool { return d.Device == mark })
	if i < 0 {
		if len(s.Devices) == 0 && millisBetween(bound, r.at) > s.Limits.MaxGap*1000 {
			doubts(doubt(CodeGap), r)
		}
		s.Devices = append(s.Devices, DeviceRun{Device: mark, Same: 1, Since: r.at.Seconds, First: millisBetween(bound, r.at)})
		chain.put(&s.Devices[len(s.Devices)-1], r)
		return
	}
	d := &s.Devices[i]
	last := epcis.Instant{Seconds: d.Seconds, Nanos: d.Nanos}
	took := millisBetween(last, r.at)
	if took < 0 {
		doubts(doubt(CodeLateReport), r)
		return
	}
	if took > s.Limits.MaxGap*1000 {
		doubts(doubt(CodeGap), r)
	}
	counts := min(took, s.Limits.MaxGap*1000)
	known := min(counts, d.Tail)
	s.attribute(d, known, turn)
	chain.count(d, counts-known, turn)
	chain.weigh(d, counts, turn)
	d.Tail, d.Forgiven = max(0, d.Tail-took), false
	if r.spot {
		chain.watch(d, r, took, flat, doubts)
	}
	chain.put(d, r)
}

// makeRoom forgets a device that was never outside, for one that is: whoever reports of many
// devices hides no excursion. What it told nobody takes back any more. Where a mean is
// asked for, every device tells of it.
func (s *ColdChainState) makeRoom(turn *Turn) bool {
	if s.Limits.MeanKinetic != nil {
		return false
	}
	at := slices.IndexFunc(s.Devices, func(d DeviceRun) bool { return !d.Out && d.Millis == 0 })
	if at < 0 {
		return false
	}
	s.Devices = slices.Delete(slices.Clone(s.Devices), at, at+1)
	s.Doubts = []Doubt{{Seq: turn.Seq}}
	return true
}

func (chain *coldChain) put(d *DeviceRun, r *report) {
	d.Seconds, d.Nanos, d.High, d.Out = r.at.Seconds, r.at.Nanos, r.high, chain.state.outside(r)
	chain.changed = true
}

// watch looks for what no living probe reports.
func (chain *coldChain) watch(d *DeviceRun, r *report, took, flat int64, doubts func(doubt, *report)) {
	if r.high.Cmp(d.High) != 0 {
		d.Same, d.Since = 1, r.at.Seconds
	} else if d.Same++; d.Same >= flatReports && r.at.Seconds-d.Since >= flat {
		doubts(doubt(CodeFlatLine), r)
	}
	// At most 5 degrees at once and 5 more a minute, in ninths and milliseconds.
	change := r.high.Sub(d.High)
	if change.Sign() < 0 {
		change = d.High.Sub(r.high)
	}
	if change.Mul(epcis.DecimalFromInt(60_000)).Cmp(epcis.DecimalFromInt(45*(60_000+took))) > 0 {
		doubts(doubt(CodeJump), r)
	}
}

// count adds time to a device's sum if it was outside, and remembers by whom.
func (chain *coldChain) count(d *DeviceRun, millis int64, turn *Turn) {
	if !d.Out || millis <= 0 {
		return
	}
	d.Millis += millis
	chain.added += millis
	chain.state.excursion(d.Device, turn).Millis += millis
}

// attribute has time that the receipt counted be what an event told.
func (s *ColdChainState) attribute(d *DeviceRun, millis int64, turn *Turn) {
	i := s.tailOf(d.Device)
	if !d.Out || millis == 0 || i < 0 {
		return
	}
	s.Excursions[i].Millis -= millis
	s.excursion(d.Device, turn).Millis += millis
}

// tailOf is where the receipt's excursion of a device stands, -1 for none.
func (s *ColdChainState) tailOf(device [16]byte) int {
	r := s.Received
	return slices.IndexFunc(s.Excursions, func(x Excursion) bool {
		return r != nil && x.Event == r.Event && x.Organisation == r.Organisation && x.Device == device
	})
}

// excursion is what an event added to the sums of a device, to add to.
func (s *ColdChainState) excursion(device [16]byte, turn *Turn) *Excursion {
	for i := range s.Excursions {
		if x := &s.Excursions[i]; x.Event == turn.Event && x.Device == device && x.Organisation == turn.Organisation {
			return x
		}
	}
	if len(s.Excursions) == s.excursions() {
		s.Excursions = slices.Delete(s.Excursions, 0, 1)
	}
	s.Excursions = append(s.Excursions, Excursion{Event: turn.Event, Organisation: turn.Organisation, Device: device})
	return &s.Excursions[len(s.Excursions)-1]
}

// excursions is how many are remembered. Where a mean is asked for, every report adds to it.
func (s *ColdChainState) excursions() int {
	if s.Limits.MeanKinetic != nil {
		return maxTold
	}
	return maxExcursions
}

// arrive counts up to the receipt.
func (chain *coldChain) arrive(turn *Turn, doubts func(doubt, *report)) {
	s := &chain.state
	for i := range s.Devices {
		chain.until(&s.Devices[i], turn, doubts)
	}
	s.Received, chain.changed = turn, true
}

// until counts a device's time up to the receipt.
func (chain *coldChain) until(d *DeviceRun, turn *Turn, doubts func(doubt, *report)) {
	took := millisBetween(epcis.Instant{Seconds: d.Seconds, Nanos: d.Nanos}, turn.Time())
	if took > chain.state.Limits.MaxGap*1000 {
		doubts(doubt(CodeGap), &report{at: turn.Time(), of: &d.Device})
	}
	if took > 0 {
		before := d.Millis
		chain.count(d, min(took, chain.state.Limits.MaxGap*1000), turn)
		d.Tail = d.Millis - before
	}
}

// takeBack removes what an event of the same author added. True when there was any.
func (s *ColdChainState) takeBack(declared func(event [16]byte, organisation string) bool) bool {
	before := len(s.Excursions)
	s.Excursions = slices.DeleteFunc(s.Excursions, func(x Excursion) bool {
		if !declared(x.Event, x.Organisation) {
			return false
		}
		for i := range s.Devices {
			if s.Devices[i].Device == x.Device {
				s.Devices[i].Millis -= x.Millis
				s.Devices[i].Kinetic = s.Devices[i].Kinetic.minus(x.Kinetic)
			}
		}
		return true
	})
	return len(s.Excursions) < before
}
