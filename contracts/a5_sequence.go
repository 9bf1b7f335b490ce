package contracts

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A5 findings of the numbers that devices give their reports.
const (
	CodeSequenceBack   uint32 = 503 // FLAG: a number that the device has used, or is past
	CodeSequenceForm   uint32 = 504 // FLAG: a number that says nothing
	CodeSequenceUndone uint32 = 505 // INFO: declared wrong, or counted anew
	CodeSequencesLeft  uint32 = 506 // FLAG: more devices than are compared
)

// A5 device sequence. A device that numbers its reports (our sequenceNumber, a whole
// number, beside its deviceID: in sensorMetadata, in a sensorReport, or in the sensor
// element) gives no number twice and never goes back. A report that does was sent or read
// out twice, held back, or made up: it is flagged. The reports of one record go by their
// time; one message of several measurements has one number. A device that numbers
// nothing is not judged.
//
//   - The ledger keeps the highest numbers of each device, whoever recorded them, and who
//     did. An errorDeclaration by the same author takes those of its event back, and what
//     others have said since counts.
//   - A number that a compromised key signed (rule A7) is as if it were not there.
//   - A counter that was reset begins anew by the device's master data (sequenceNumber,
//     the least that its next report may have), of the member that licenses its
//     identifier; where nobody does, of who alone has recorded its numbers.
func (c *hearing) deviceSequence() error {
	if c.record.MasterData != nil {
		return c.countAnew(c.record.MasterData)
	}
	e := c.record.Event
	if e == nil || e.Sensors == nil {
		return nil
	}
	k := sequenceCheck{hearing: c}
	list := k.messages(e)
	left := 0 // devices that are not compared
	for from, n := 0, 0; from < len(list); n++ {
		to := from + 1
		for to < len(list) && list[to].device == list[from].device {
			to++
		}
		if n >= maxCounting {
			from, left = to, left+1
			continue
		}
		if err := k.judge(list[from:to]); err != nil {
			return err
		}
		from = to
	}
	k.bad.found(c, trace.Finding{
		Code: CodeSequenceForm,
		Next: "State a whole number of at most 16 digits, beside the deviceID that it is of.",
	})
	k.back.found(c, trace.Finding{
		Code: CodeSequenceBack,
		Next: "Check whether the report was sent or recorded twice. If the device counts anew, the licensee of its identifier says so in its master data (wm:sequenceNumber).",
	})
	k.undone.found(c, trace.Finding{Code: CodeSequenceUndone})
	if left > 0 {
		c.find(trace.Finding{
			Code:  CodeSequencesLeft,
			Facts: []trace.Fact{fact("compared", fmt.Sprintf("%d devices", maxCounting)), fact("not compared", fmt.Sprintf("%d devices", left))},
			Next:  "The numbers of these are not kept: record the reports of so many devices in several events.",
		})
	}
	return nil
}

// maxCounting bounds the look-ups of one record; that there are more is flagged.
const maxCounting = 64

// SequenceState is how far a device has counted (namespace coldchain, id
// "sequence:<device>"). Its size is bounded.
type SequenceState struct {
	Least uint64     `cbor:"1,keyasint,omitempty"` // that a report may have, whatever is declared wrong
	Used  []Numbered `cbor:"2,keyasint,omitempty"` // the highest maxLater, ascending
	// Anew is the master data that Least is of, until the numbers after it have raised it.
	Anew *Renumbered `cbor:"3,keyasint,omitempty"`
}

// Numbered is the highest number that one record gives.
type Numbered struct {
	Number uint64 `cbor:"1,keyasint"`
	By     Turn   `cbor:"2,keyasint"`
}

// Renumbered is who has a device count anew.
type Renumbered struct {
	Organisation string `cbor:"1,keyasint"`
	Seq          uint64 `cbor:"2,keyasint"`
}

func sequenceKey(device string) trace.Key {
	return trace.Key{NS: trace.NSColdChain, ID: "sequence:" + device}
}

// use keeps a number, and forgets the lowest where they become too many.
func (s *SequenceState) use(n Numbered) {
	at, _ := slices.BinarySearchFunc(s.Used, n.Number+1, func(n Numbered, number uint64) int { return cmp.Compare(n.Number, number) })
	s.Used = slices.Insert(s.Used, at, n)
	if len(s.Used) > maxLater {
		s.Least, s.Anew = max(s.Least, s.Used[0].Number+1), nil
		s.Used = s.Used[1:]
	}
}

// A message is what a device sent at one time, under one number.
type message struct {
	device string // canonical id
	number uint64
	at     epcis.Instant
}

type sequenceCheck struct {
	*hearing
	bad, back, undone tally
}

// messages are those of an event that have a number, by device and time, each once.
func (k *sequenceCheck) messages(e *epcis.Event) []message {
	var list []message
	for _, element := range itemsOf(e.Sensors) {
		metadata := inside(element, "sensorMetadata")
		measured := itemsOf(inside(element, "sensorReport"))
		if len(measured) == 0 {
			measured = []*epcis.Value{nil}
		}
		for _, v := range measured {
			stated := sequenceOf(v, metadata, element)
			if stated == nil {
				continue
			}
			device := textOf(inside(v, "deviceID"))
			if device == "" {
				device = textOf(inside(metadata, "deviceID"))
			}
			number, ok := wholeNumber(stated)
			if !ok || device == "" {
				k.bad.add(fact(cmp.Or(device, "no deviceID"), cmp.Or(textOf(stated), "no number")))
				continue
			}
			_, at, timed := span(e, metadata, v)
			if !timed {
				at = e.Time
			}
			list = append(list, message{short(epcis.Canonical(device).URI), number, at})
		}
	}
	slices.SortStableFunc(list, func(a, b message) int {
		return cmp.Or(cmp.Compare(a.device, b.device), a.at.Compare(b.at), cmp.Compare(a.number, b.number))
	})
	return slices.Compact(list)
}

// sequenceOf is the number that a report states, or its metadata, or its element.
func sequenceOf(from ...*epcis.Value) *epcis.Value {
	for _, v := range from {
		if v == nil {
			continue
		}
		if stated := ours(v.Obj, "sequenceNumber"); stated != nil {
			return stated
		}
	}
	return nil
}

// wholeNumber reads digits alone, up to 2^53.
func wholeNumber(v *epcis.Value) (uint64, bool) {
	n, err := strconv.ParseUint(textOf(v), 10, 64)
	return n, err == nil && n <= 1<<53
}

// judge holds the messages of one device, in order, to what it has counted to.
func (k *sequenceCheck) judge(list []message) error {
	device := list[0].device
	var s SequenceState
	if _, err := k.read(sequenceKey(device), &s); err != nil {
		return err
	}
	if k.record.Event.Correction != nil {
		return k.takeBack(device, &s)
	}
	past, err := k.past(device, &s)
	if err != nil {
		return err
	}
	highest := list[0].number
	for i, m := range list {
		switch {
		case past != nil && m.number <= past.Number:
			k.back.add(factAt(device, fmt.Sprintf("%d, after %d by %s", m.number, past.Number, past.By.Organisation), past.By.Seq))
		case m.number < s.Least && s.Anew != nil:
			k.back.add(factAt(device, fmt.Sprintf("%d, and it counts from %d", m.number, s.Least), s.Anew.Seq))
		case m.number < s.Least:
			k.back.add(fact(device, fmt.Sprintf("%d, below %d", m.number, s.Least)))
		case i > 0 && m.number <= highest:
			k.back.add(fact(device, fmt.Sprintf("%d, after %d in this record", m.number, highest)))
		}
		highest = max(highest, m.number)
	}
	s.use(Numbered{highest, *k.turn()})
	return k.write(sequenceKey(device), s)
}

// past is the highest number that a good key signed, nil for none.
func (k *sequenceCheck) past(device string, s *SequenceState) (*Numbered, error) {
	if a := s.Anew; a != nil && k.relied.get(device) == nil {
		doubt, err := k.doubtful(claim{device, "how it counts, stated by " + a.Organisation, a.Organisation, a.Seq})
		if err != nil {
			return nil, err
		}
		if doubt != nil {
			k.relied.add(device, doubt)
		}
	}
	for i := len(s.Used) - 1; i >= 0; i-- {
		n := &s.Used[i]
		doubt, err := k.doubtful(claim{device, "numbered by " + n.By.Organisation, n.By.Organisation, n.By.Seq})
		if err != nil || doubt == nil {
			return n, err
		}
	}
	return nil, nil
}

// takeBack undoes what the event gave that is declared wrong.
func (k *sequenceCheck) takeBack(device string, s *SequenceState) error {
	at := slices.IndexFunc(s.Used, func(n Numbered) bool { return k.declaredWrong(&n.By) })
	if at < 0 {
		return nil
	}
	k.undone.add(factAt(device, fmt.Sprintf("%d is taken back", s.Used[at].Number), s.Used[at].By.Seq))
	s.Used = slices.Delete(s.Used, at, at+1)
	return k.write(sequenceKey(device), s)
}

// countAnew has a device begin at another number, which its master data states.
func (c *hearing) countAnew(m *epcis.MasterData) error {
	for _, a := range m.Attributes {
		if !isOurs(a.ID, "sequenceNumber") {
			continue
		}
		device := short(m.ID.URI)
		number, ok := wholeNumber(a.Value)
		if !ok {
			c.uncounted(device, "it states no whole number")
			return nil
		}
		var s SequenceState
		if _, err := c.read(sequenceKey(device), &s); err != nil {
			return err
		}
		licensee, err := c.licensee(m.ID)
		if err != nil {
			return err
		}
		others := s.Least > 0 && s.Anew == nil || s.Anew != nil && s.Anew.Organisation != c.signer.ID ||
			slices.ContainsFunc(s.Used, func(n Numbered) bool { return n.By.Organisation != c.signer.ID })
		if licensee != c.signer.ID && others {
			c.uncounted(device, "nobody licenses the identifier, and others have recorded its numbers")
			return nil
		}
		c.find(trace.Finding{Code: CodeSequenceUndone, Facts: []trace.Fact{fact(device, fmt.Sprintf("counts from %d", number))}})
		return c.write(sequenceKey(device), SequenceState{Least: number, Anew: &Renumbered{c.signer.ID, c.position.Seq}})
	}
	return nil
}

func (c *hearing) uncounted(device, why string) {
	c.find(trace.Finding{
		Code: CodeSequenceForm, Facts: []trace.Fact{fact(device, why)},
		Next: "State a whole number of at most 16 digits, as the member that licenses the device's identifier.",
	})
}

func sequenceContract() Contract {
	return Contract{
		Rule: "A5", Version: 1, Name: "device sequence", Kinds: []epcis.Kind{epcis.KindEvent, epcis.KindMasterData}, judge: (*hearing).deviceSequence,
		Says: "A device that numbers its reports (wm:sequenceNumber, beside its deviceID) gives no number twice and never goes back, whoever " +
			"records them: what does is flagged. An errorDeclaration takes the numbers of its event back. A counter that was reset begins anew " +
			"by the device's master data (wm:sequenceNumber). Reports without a number are not judged.",
		Source: "EPCIS 2.0, section 7.3.7 (sensor elements); practice of metering (frame counters)",
		Reads:  []trace.Namespace{trace.NSColdChain},
		Writes: []trace.Namespace{trace.NSColdChain},
		Finds: []Declared{
			{CodeSequenceBack, trace.Flag, "a device repeats a number, or goes back"},
			{CodeSequenceForm, trace.Flag, "a sequence number cannot be used"},
			{CodeSequenceUndone, trace.Info, "the numbers of a device are taken back, or begin anew"},
			{CodeSequencesLeft, trace.Flag, "more devices than are compared"},
		},
	}
}
