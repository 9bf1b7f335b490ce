package contracts_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// Reports of devices that are calibrated, are no more, or never were, and of none, in events of
// any order: goods are received as conformant if and only if each report that is held to
// their limits is of a device that was calibrated then; and an excursion that such a report
// shows is found whichever device tells of it.
func TestOnlyCalibratedDevicesShowThatLimitsWereKept(t *testing.T) {
	const ends = 60 // minutes after the shipment the calibration of the second device ends
	said := map[uint32]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w := &coldWorld{memory: world()}
		w.time = epcis.Instant{Seconds: worldStart}
		w.calibrate("urn:x:device:0", "urn:x:device:1")
		certificate := trace.Key{NS: trace.NSCertificate, ID: "https://example.org/calibration/urn:x:device:1"}
		var state trace.CertificateState
		if err := identity.UnmarshalStrict(w.states[certificate], &state); err != nil {
			rt.Fatal(err)
		}
		state.ValidUntil.Seconds = worldStart + 60*ends
		b, err := identity.MarshalCanonical(state)
		if err != nil {
			rt.Fatal(err)
		}
		w.states[certificate] = b
		w.play(t, rt, map[string]any{"bizStep": "shipping", "wm:temperatureLimits": map[string]any{
			"max": 8, "uom": "CEL", "maxMinutesOutside": 30, "maxGapMinutes": 1440,
		}})
		type of struct{ last, outside int }
		runs, out := map[int]*of{}, map[int]bool{}
		certified, locked := true, false
		minute, received := 0, 0
		for range rapid.IntRange(1, 6).Draw(rt, "events") {
			var elements []any
			for range rapid.IntRange(1, 3).Draw(rt, "reports") {
				minute += rapid.SampledFrom([]int{0, 5, 20, 40}).Draw(rt, "later")
				device := rapid.SampledFrom([]int{0, 0, 0, 0, 1, 1, 2, -1}).Draw(rt, "device")
				degrees := rapid.SampledFrom([]int{5, 5, 5, 7, 9}).Draw(rt, "degrees")
				at := minute
				if before := rapid.IntRange(0, 9).Draw(rt, "before the shipment") == 0; before {
					at = -1
				}
				report := map[string]any{"type": "Temperature", "uom": "CEL", "value": degrees,
					"time": epcis.Instant{Seconds: worldStart + int64(60*at)}.String()}
				if device >= 0 {
					report["deviceID"] = fmt.Sprintf("urn:x:device:%d", device)
				}
				elements = append(elements, map[string]any{"sensorReport": []any{report}})
				if at < 0 {
					continue
				}
				certified = certified && (device == 0 || device == 1 && at <= ends)
				r := runs[device]
				if r == nil {
					r = &of{last: at}
					runs[device] = r
				}
				if out[device] {
					r.outside += at - r.last
				}
				r.last, out[device] = at, degrees > 8
			}
			w.time = epcis.Instant{Seconds: worldStart + int64(60*minute)}
			v := w.play(t, rt, map[string]any{"bizStep": "transporting", "sensorElementList": elements})
			worst := 0
			for _, device := range []int{-1, 0, 1, 2} {
				if r := runs[device]; r != nil {
					worst = max(worst, r.outside)
				}
			}
			if got, want := hasCode(v, contracts.CodeNonConformant), worst > 30 && !locked; got != want {
				rt.Fatalf("locked %v, %d minutes outside: %+v", got, worst, v.Findings)
			}
			locked = locked || worst > 30
		}
		received = minute
		w.time = epcis.Instant{Seconds: worldStart + int64(60*received)}
		v := w.play(t, rt, map[string]any{"bizStep": "receiving"})
		for device := range out {
			if r := runs[device]; out[device] {
				locked = locked || r.outside+received-r.last > 30
			}
		}
		want := contracts.CodeConformant
		switch {
		case locked:
			want = contracts.CodeNonConformant
		case !certified || len(runs) == 0:
			want = contracts.CodeColdUnknown
		}
		said[want]++
		all := []uint32{contracts.CodeConformant, contracts.CodeColdUnknown}
		if slices.ContainsFunc(all, func(code uint32) bool { return hasCode(v, code) != (code == want) }) && !locked {
			rt.Fatalf("want %d (certified %v): %+v", want, certified, v.Findings)
		}
	})
	for _, code := range []uint32{contracts.CodeConformant, contracts.CodeNonConformant, contracts.CodeColdUnknown} {
		if said[code] == 0 {
			t.Errorf("no history is %d: %v", code, said)
		}
	}
}
