package contracts_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// celsius is a temperature of millidegrees in ninths of a degree.
func celsius(milli int64) epcis.Decimal {
	d, err := epcis.ParseDecimal(fmt.Sprintf("%de-3", 9*milli))
	if err != nil {
		panic(err)
	}
	return d
}

func kelvin(milli int64) float64 { return float64(milli)/1000 + 273.15 }

// meanOf is the mean kinetic temperature in degrees Celsius, as its definition has it.
func meanOf(millis []int64, milli []int64) float64 {
	var heat, all float64
	for i, t := range millis {
		heat += float64(t) * math.Exp(-10_000/kelvin(milli[i]))
		all += float64(t)
	}
	return 10_000/-math.Log(heat/all) - 273.15
}

// The weights of all pairs from -90 to 90 degrees are those of the definition, but for half of
// a unit.
func TestKineticWeightIsExact(t *testing.T) {
	for limit := int64(-90_000); limit <= 90_000; limit += 7_500 {
		before := int64(-1)
		for at := int64(-90_000); at <= 90_000; at += 1_250 {
			got, unit := contracts.KineticWeight(celsius(at), celsius(limit))
			want := math.Exp(min(10_000/kelvin(limit)-10_000/kelvin(at), 27)) * float64(unit)
			if math.Abs(float64(got)-want) > 0.5+want*1e-12 {
				t.Errorf("%d for a limit of %d: weighs %d, want %f", at, limit, got, want)
			}
			if at == limit && got != unit {
				t.Errorf("the limit %d itself weighs %d", limit, got)
			}
			if got < before {
				t.Errorf("%d for a limit of %d weighs less than what is colder", at, limit)
			}
			before = got
		}
	}
	for _, at := range []string{"-2458.35", "1000000", "-2458.3499999999999999999999999999"} { // from absolute zero on
		d, err := epcis.ParseDecimal(at)
		if err != nil {
			t.Fatal(err)
		}
		if w, _ := contracts.KineticWeight(d, celsius(8_000)); w < 0 || at[0] == '-' && w != 0 || at[0] != '-' && w == 0 {
			t.Errorf("%s weighs %d", at, w)
		}
	}
}

// Integers come to the verdict of the definition, and to its mean, within a hundredth of a
// degree from -90 to 90.
func TestMeanKineticTemperatureIsThatOfItsDefinition(t *testing.T) {
	verdicts := map[bool]int{}
	rapid.Check(t, func(rt *rapid.T) {
		var millis, milli []int64
		var at []epcis.Decimal
		around := rapid.Int64Range(-90_000, 90_000).Draw(rt, "around")
		spread := rapid.SampledFrom([]int64{50, 2_000, 180_000}).Draw(rt, "spread")
		for range rapid.IntRange(1, 6).Draw(rt, "reports") {
			millis = append(millis, rapid.Int64Range(1, 400*86_400_000).Draw(rt, "milliseconds"))
			milli = append(milli, rapid.Int64Range(max(-90_000, around-spread), min(90_000, around+spread)).Draw(rt, "temperature"))
			at = append(at, celsius(milli[len(milli)-1]))
		}
		want := meanOf(millis, milli)
		limit := max(-90_000, min(90_000, int64(math.Round(want*1000))+rapid.SampledFrom([]int64{-60_000, -2_000, -11, 11, 2_000, 60_000}).Draw(rt, "away")))
		above, mean := contracts.MeanKinetic(millis, at, celsius(limit))
		verdicts[above]++
		if away := want - float64(limit)/1000; math.Abs(away) > 0.01 && above != (away > 0) {
			rt.Fatalf("the mean is %f, the limit %d: above %v", want, limit, above)
		}
		// Beyond what the heaviest weighs, it is above by far, and nobody asks by how much.
		if heaviest := 10_000/kelvin(limit) - 10_000/kelvin(slices.Max(milli)); above && heaviest < 27 && math.Abs(float64(mean)/100-want) > 0.01+1e-6 {
			rt.Fatalf("the mean is %f, and told as %d", want, mean)
		}
	})
	if verdicts[true] == 0 || verdicts[false] == 0 {
		t.Errorf("the histories say too little: %v", verdicts)
	}
}

// However reports are spread over events and devices, the goods are locked at the receipt if
// and only if the mean of a device is above the limit; and the state stays small.
func TestMeanKineticTemperatureOfAShipment(t *testing.T) {
	verdicts := map[bool]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w := &coldWorld{memory: world()}
		w.time = epcis.Instant{Seconds: worldStart}
		limit := rapid.Int64Range(5_000, 9_000).Draw(rt, "limit")
		w.play(t, rt, map[string]any{"bizStep": "shipping", "wm:temperatureLimits": map[string]any{
			"max": 90, "uom": "CEL", "maxMinutesOutside": 0, "maxGapMinutes": 60, "maxMeanKinetic": json.Number(fmt.Sprintf("%de-3", limit)),
		}})
		type run struct {
			at, now       int64 // seconds, millidegrees
			millis, milli []int64
		}
		runs := map[int]*run{}
		hold := func(r *run, until int64) {
			if until > r.at {
				r.millis, r.milli = append(r.millis, 1000*min(until-r.at, 3600)), append(r.milli, r.now)
			}
		}
		for range rapid.IntRange(1, 30).Draw(rt, "events") {
			var elements []any
			for range rapid.IntRange(1, 3).Draw(rt, "reports") {
				w.time = w.time.Add(rapid.Int64Range(1, 5_000).Draw(rt, "pause"))
				device, milli := rapid.IntRange(1, 2).Draw(rt, "device"), rapid.Int64Range(2_000, 12_000).Draw(rt, "temperature")
				if runs[device] == nil {
					runs[device] = &run{at: w.time.Seconds}
				}
				hold(runs[device], w.time.Seconds)
				runs[device].at, runs[device].now = w.time.Seconds, milli
				elements = append(elements, map[string]any{"sensorReport": []any{map[string]any{"type": "Temperature", "uom": "CEL",
					"value": json.Number(fmt.Sprintf("%de-3", milli)), "deviceID": fmt.Sprintf("urn:x:device:%d", device), "time": w.time.String()}}})
			}
			w.play(t, rt, map[string]any{"bizStep": "transporting", "sensorElementList": elements})
			if len(w.states[trace.Key{NS: trace.NSColdChain, ID: "item:" + coldPallet}]) > 8192 {
				rt.Fatalf("the state has %d bytes", len(w.states[trace.Key{NS: trace.NSColdChain, ID: "item:" + coldPallet}]))
			}
		}
		w.time = w.time.Add(rapid.Int64Range(0, 7_200).Draw(rt, "last"))
		want := math.Inf(-1)
		for _, r := range runs {
			if hold(r, w.time.Seconds); len(r.millis) == 0 {
				r.millis, r.milli = []int64{1}, []int64{r.now}
			}
			want = max(want, meanOf(r.millis, r.milli))
		}
		got := hasCode(w.play(t, rt, map[string]any{"bizStep": "receiving"}), contracts.CodeNonConformant)
		verdicts[got]++
		if away := want - float64(limit)/1000; math.Abs(away) > 0.01 && got != (away > 0) {
			rt.Fatalf("the mean is %f, the limit %d: locked %v", want, limit, got)
		}
	})
	if verdicts[true] == 0 || verdicts[false] == 0 {
		t.Errorf("the histories say too little: %v", verdicts)
	}
}
