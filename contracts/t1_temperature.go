package contracts

import (
	"errors"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// Temperatures as sensor reports state them (EPCIS 2.0, section 7.3.7), exact.

// A report is one temperature, or the lowest and highest of a span, that a
// device states.
type report struct {
	at        epcis.Instant
	low, high epcis.Decimal  // ninths of a degree Celsius
	device    string         // canonical id, "" when it says none
	spot      bool           // one value at one moment
	of        *[16]byte      // the device, where only its run is known
	span      *epcis.Instant // the other end of its span, nil for none
	untimed   bool           // when it was taken cannot be read
}

// reports reads the temperatures of an event, by time. A span, with startTime and
// endTime, gives two: one at each end. bad are temperature reports that cannot be used: of
// no value or time, in another unit, with an error condition of the device, or from after
// latest.
func reports(e *epcis.Event, latest epcis.Instant) (list, bad []report) {
	for _, element := range itemsOf(e.Sensors) {
		metadata := inside(element, "sensorMetadata")
		for _, v := range itemsOf(inside(element, "sensorReport")) {
			if epcis.ExpandVocabulary(epcis.FieldSensorType, textOf(inside(v, "type"))) != epcis.NamespaceGS1+"Temperature" {
				continue
			}
			r, ok := readReport(v)
			start, end, timed := span(e, metadata, v)
			if timed = timed && !end.After(latest); !timed {
				start, end = e.Time, e.Time
			}
			if r.device = textOf(inside(v, "deviceID")); r.device == "" {
				r.device = textOf(inside(metadata, "deviceID"))
			}
			if r.device != "" {
				r.device = short(epcis.Canonical(r.device).URI)
			}
			if !ok || !timed {
				bad = append(bad, report{at: end, device: r.device, span: &start, untimed: !timed})
				continue
			}
			if r.spot = r.spot && start == end; start != end {
				first := r
				first.at, first.span, r.span = start, &end, &start
				list = append(list, first)
			}
			r.at = end
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b report) int { return a.at.Compare(b.at) })
	return list, bad
}

func readReport(v *epcis.Value) (r report, ok bool) {
	if epcis.ExpandVocabulary(epcis.FieldSensorException, textOf(inside(v, "exception"))) == epcis.NamespaceGS1+"ERROR_CONDITION" {
		return r, false
	}
	uom := textOf(inside(v, "uom"))
	found := false
	for _, name := range [...]string{"value", "minValue", "maxValue", "meanValue", "percValue"} {
		m := inside(v, name)
		if m == nil {
			continue
		}
		d, ok := exactNumber(m)
		if ok {
			d, ok = ninths(d, uom)
		}
		if !ok {
			return r, false
		}
		if !found || d.Cmp(r.low) < 0 {
			r.low = d
		}
		if !found || d.Cmp(r.high) > 0 {
			r.high = d
		}
		found = true
	}
	r.spot = found && r.low.Cmp(r.high) == 0
	return r, found
}

// span is when a report was taken: at its own time; else from its element's startTime to its
// endTime, or at its time; else at the event's.
func span(e *epcis.Event, metadata, v *epcis.Value) (start, end epcis.Instant, ok bool) {
	ok = true
	instant := func(of *epcis.Value, name string, fallback epcis.Instant) epcis.Instant {
		m := inside(of, name)
		if m == nil {
			return fallback
		}
		t, err := epcis.ParseInstant(textOf(m))
		if ok = ok && err == nil; err != nil {
			return fallback
		}
		return t
	}
	if inside(v, "time") != nil {
		end = instant(v, "time", e.Time)
		return end, end, ok
	}
	at := instant(metadata, "time", e.Time)
	end = instant(metadata, "endTime", at)
	start = end
	if inside(metadata, "startTime") != nil {
		start = instant(metadata, "startTime", end)
	}
	return start, end, ok && !end.Before(start)
}

// ninths is a temperature in ninths of a degree Celsius, from UN/ECE
// Recommendation 20 units: CEL, KEL or FAH. Below absolute zero there is none, and
// none above what is hotter than any goods, or with more digits than a state can
// be read back with.
func ninths(d epcis.Decimal, uom string) (epcis.Decimal, bool) {
	nine := epcis.DecimalFromInt(9)
	zero := epcis.DecimalFromInt(27315).Mul(hundredth())
	switch uom {
	case "CEL":
		d = d.Mul(nine)
	case "KEL":
		d = d.Sub(zero).Mul(nine)
	case "FAH":
		d = d.Sub(epcis.DecimalFromInt(32)).Mul(epcis.DecimalFromInt(5))
	default:
		return d, false
	}
	if d.Add(zero.Mul(nine)).Sign() < 0 || d.Cmp(epcis.DecimalFromInt(1_000_000)) > 0 {
		return d, false
	}
	_, err := epcis.ParseDecimal(d.String())
	return d, err == nil
}

func hundredth() epcis.Decimal {
	d, err := epcis.ParseDecimal("0.01")
	if err != nil {
		panic(err)
	}
	return d
}

// Why temperature limits are not understood.
var (
	errLimitsForm  = errors.New("temperature limits are an object with min or max, uom (CEL, FAH or KEL) and maxMinutesOutside")
	errLimitsRange = errors.New("min is not below max")
	errLimitsMean  = errors.New("maxMeanKinetic is a temperature from -90 to 90 degrees Celsius")
	errLimitsTime  = errors.New("maxMinutesOutside and maxGapMinutes are whole minutes, at most a year")
	errLimitsNames = fmt.Errorf("devices are the identifiers of at most %d sensor devices", maxDevices)
)

const (
	maxDevices   = 8 // that one cold chain keeps apart
	minutesAYear = 366 * 24 * 60
)

// temperatureLimits reads our extension
//
//	"wm:temperatureLimits": {"min": 2, "max": 8, "uom": "CEL", "maxMinutesOutside": 60, "maxMeanKinetic": 6,
//	                         "maxGapMinutes": 30, "devices": ["https://id.gs1.org/8004/…"]}
//
// min or max may be left out, and so may maxMeanKinetic (then the mean kinetic temperature has
// no limit), maxGapMinutes (then the network's sensorGap) and devices (then any).
func (c *hearing) temperatureLimits(v *epcis.Value) (*trace.TemperatureLimits, error) {
	if v == nil || v.Kind != epcis.ObjectValue {
		return nil, errLimitsForm
	}
	limits := &trace.TemperatureLimits{MaxGap: int64(c.limits.SensorGap)}
	uom := textOf(inside(v, "uom"))
	for _, bound := range [...]struct {
		name string
		to   **epcis.Decimal
	}{{"min", &limits.Min}, {"max", &limits.Max}, {"maxMeanKinetic", &limits.MeanKinetic}} {
		m := inside(v, bound.name)
		if m == nil {
			continue
		}
		d, ok := exactNumber(m)
		if ok {
			d, ok = ninths(d, uom)
		}
		if !ok {
			return nil, errLimitsForm
		}
		*bound.to = &d
	}
	if limits.Min == nil && limits.Max == nil {
		return nil, errLimitsForm
	}
	if limits.Min != nil && limits.Max != nil && limits.Min.Cmp(*limits.Max) >= 0 {
		return nil, errLimitsRange
	}
	if most := epcis.DecimalFromInt(9 * kineticRange); limits.MeanKinetic != nil && (limits.MeanKinetic.Cmp(most) > 0 || limits.MeanKinetic.Add(most).Sign() < 0) {
		return nil, errLimitsMean
	}
	if !minutes(inside(v, "maxMinutesOutside"), &limits.MaxOutside) || inside(v, "maxMinutesOutside") == nil ||
		!minutes(inside(v, "maxGapMinutes"), &limits.MaxGap) || limits.MaxGap == 0 {
		return nil, errLimitsTime
	}
	devices := itemsOf(inside(v, "devices"))
	if len(devices) > maxDevices {
		return nil, errLimitsNames
	}
	for _, device := range devices {
		id := textOf(device)
		if id == "" {
			return nil, errLimitsNames
		}
		limits.Devices = append(limits.Devices, short(epcis.Canonical(id).URI))
	}
	return limits, nil
}

// minutes reads whole minutes into seconds; nothing leaves them as they are.
func minutes(v *epcis.Value, seconds *int64) bool {
	if v == nil {
		return true
	}
	s := textOf(v)
	if s == "" || len(s) > 6 {
		return false
	}
	n := int64(0)
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		n = n*10 + int64(s[i]-'0')
	}
	*seconds = n * 60
	return n <= minutesAYear
}
