package lane

import (
	"encoding/json"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// A reading is what a temperature logger measured, hours before now. An alarm is
// the logger's own: the value is outside of the limits it was set to.
type reading struct {
	hoursAgo int
	celsius  string // exact decimal
	alarm    bool
}

// logger is the GIAI of a member's data logger.
func logger(prefix, serial string) string { return digitalLink + "8004/" + prefix + serial }

// calibrated adds two acts: a certifier certifies the calibration of a member's devices, and
// the member says so in their master data.
func (a *author) calibrated(row int, certifier, member, what, name string, devices, certificates []string) {
	var issued, described []object
	for i, id := range devices {
		issued = append(issued, a.issue(certificates[i], CalibrationScheme, id, thisYear, []string{}))
		described = append(described, device(id, name, certificates[i]))
	}
	a.record(row, certifier, "calibration of "+what, epcis.KindCertificate, issued...)
	a.record(row, member, "master data of "+what, epcis.KindMasterData, described...)
}

// temperatures is the sensorElementList (EPCIS 2.0, section 7.3.7) of a logger's
// readings: one sensor element a reading, with its own time. Type and exception
// are words of the CBV, the unit is CEL of UN/ECE Recommendation 20.
func (a *author) temperatures(device string, zone int, readings []reading) []object {
	var elements []object
	for _, r := range readings {
		report := object{"type": "Temperature", "value": json.Number(r.celsius), "uom": "CEL"}
		if r.alarm {
			report["exception"] = "ALARM_CONDITION"
		}
		at, _ := a.at(r.hoursAgo, zone)
		elements = append(elements, object{
			"sensorMetadata": object{"time": at, "deviceID": device},
			"sensorReport":   []object{report},
		})
	}
	return elements
}

// steady are readings of a container that keeps -20 degrees, one every so many
// hours, from and until so many hours ago.
func steady(from, until, every int) []reading {
	values := [...]string{"-20.1", "-20.4", "-19.9", "-20.2", "-19.7", "-20.3", "-20.0"}
	var readings []reading
	for at := from; at >= until; at -= every {
		readings = append(readings, reading{hoursAgo: at, celsius: values[len(readings)%len(values)]})
	}
	return readings
}

// highest is the warmest of a logger's readings, as its summary states it.
func highest(readings []reading) string {
	return slices.MaxFunc(readings, func(a, b reading) int { return celsius(a).Cmp(celsius(b)) }).celsius
}

func celsius(r reading) epcis.Decimal {
	d, err := epcis.ParseDecimal(r.celsius)
	if err != nil {
		panic("lane: " + err.Error()) // the numbers are ours
	}
	return d
}
