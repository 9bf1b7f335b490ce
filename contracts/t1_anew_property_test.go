package contracts_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// coldWorld plays random reports about one shipped pallet.
type coldWorld struct {
	*memory
	minute int
	calm   bool // reports come often
	good   bool // and nothing is wrong with them
}

const coldPallet = "https://id.gs1.org/00/395211020000000016"

func (w *coldWorld) chain(t *rapid.T) (s contracts.ColdChainState) {
	if b := w.states[trace.Key{NS: trace.NSColdChain, ID: "item:" + coldPallet}]; b != nil {
		if err := identity.UnmarshalStrict(b, &s); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// reports is an event of up to three reports of devices.
func (w *coldWorld) reports(t *rapid.T) map[string]any {
	var elements []any
	for range rapid.IntRange(1, 3).Draw(t, "reports") {
		later, degrees, devices, bad := []int{10, 10, 50, 50, 70, -5}, []int{5, 5, 5, 9, 40}, 2, 9
		if w.calm {
			later = []int{10, 15}
		}
		if w.good {
			degrees, devices, bad = []int{5}, 0, 0
		}
		w.minute += rapid.SampledFrom(later).Draw(t, "later")
		w.time.Seconds = max(w.time.Seconds, worldStart+int64(60*w.minute))
		report := map[string]any{
			"type": "Temperature", "uom": "CEL", "value": rapid.SampledFrom(degrees).Draw(t, "degrees"),
			"deviceID": fmt.Sprintf("urn:x:device:%d", max(0, rapid.IntRange(-3, devices).Draw(t, "device"))),
			"time":     epcis.Instant{Seconds: worldStart + int64(60*w.minute)}.String(),
		}
		if rapid.IntRange(0, bad).Draw(t, "bad") == 0 && !w.good {
			delete(report, "value")
		}
		elements = append(elements, map[string]any{"sensorReport": []any{report}})
	}
	return map[string]any{"bizStep": "transporting", "sensorElementList": elements}
}

func (w *coldWorld) play(t *testing.T, rt *rapid.T, e map[string]any) *contracts.Verdict {
	e["@context"] = []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary}}
	e["type"], e["action"], e["eventTimeZoneOffset"] = "ObjectEvent", "OBSERVE", "+00:00"
	e["eventTime"], e["epcList"] = w.time.String(), []string{coldPallet}
	if e["eventID"] == nil {
		e["eventID"] = fmt.Sprintf("urn:uuid:%d", w.seq)
	}
	b, err := json.Marshal(e)
	if err != nil {
		rt.Fatal(err)
	}
	v := w.judge(t, "exporter", epcis.KindEvent, b)
	if v.Rejected() {
		rt.Fatalf("refused: %+v of %s", v.Findings, b)
	}
	return v
}

// The latest reports that are declared wrong leave the cold chain as it was without them,
// before the receipt and after it.
func TestReportsThatAreDeclaredWrongLeaveNothing(t *testing.T) {
	anew := map[uint32]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w := &coldWorld{memory: world()}
		w.calibrate("urn:x:device:0", "urn:x:device:1", "urn:x:device:2")
		w.time = epcis.Instant{Seconds: worldStart}
		limits := map[string]any{
			"max": 8, "uom": "CEL", "maxMinutesOutside": rapid.IntRange(0, 40).Draw(rt, "outside"), "maxGapMinutes": 60,
		}
		if rapid.Bool().Draw(rt, "mean") {
			limits["maxMeanKinetic"] = rapid.SampledFrom([]int{5, 6, 20}).Draw(rt, "mean kinetic")
		}
		w.play(t, rt, map[string]any{"bizStep": "shipping", "wm:temperatureLimits": limits})
		// Of calm histories many end well without the reports that are declared wrong.
		w.calm = rapid.Bool().Draw(rt, "calm")
		w.good = w.calm
		for range rapid.IntRange(0, 5).Draw(rt, "before") {
			w.play(t, rt, w.reports(rt))
		}
		w.good = false
		received := rapid.Bool().Draw(rt, "received")
		without := w.states[trace.Key{NS: trace.NSColdChain, ID: "item:" + coldPallet}]
		item := w.states[trace.Key{NS: trace.NSItem, ID: coldPallet}]
		receive := func() *contracts.Verdict {
			w.time = epcis.Instant{Seconds: worldStart + int64(60*max(w.minute, 0)) + 600}
			return w.play(t, rt, map[string]any{"bizStep": "receiving", "eventID": "urn:uuid:receipt"})
		}
		said := w.reports(rt)
		w.play(t, rt, said)
		said["errorDeclaration"] = map[string]any{"declarationTime": w.time.String()}
		if received {
			receive()
		}
		got := w.play(t, rt, said)
		after := w.chain(rt)
		if len(after.Devices) > 1 && len(after.Doubts) > 0 && hasCode(got, contracts.CodeColdMixed) {
			return // of the others nobody looked whether they began in time
		}
		// The same without them.
		w.states[trace.Key{NS: trace.NSColdChain, ID: "item:" + coldPallet}], w.states[trace.Key{NS: trace.NSItem, ID: coldPallet}] = without, item
		var want *contracts.Verdict
		if received {
			want = w.play(t, rt, map[string]any{"bizStep": "receiving", "eventID": "urn:uuid:receipt", "wm:note": "without"})
		}
		plain := w.chain(rt)
		if len(after.Devices)+len(plain.Devices) > 0 && !received && !reflect.DeepEqual(after.Devices, plain.Devices) {
			rt.Fatalf("devices\n%+v\nand without\n%+v", after.Devices, plain.Devices)
		}
		if (len(after.Doubts) > 0) != (len(plain.Doubts) > 0) || (after.Broken == nil) != (plain.Broken == nil) {
			rt.Fatalf("it is\n%+v\nand without\n%+v", after, plain)
		}
		if !received {
			return
		}
		for _, code := range []uint32{contracts.CodeConformant, contracts.CodeColdUnknown} {
			if hasCode(want, code) {
				anew[code]++
				if !hasCode(got, code) && hasCode(got, contracts.CodeColdWithdrawn) {
					rt.Fatalf("judged anew %+v, and without %+v", got.Findings, want.Findings)
				}
			}
		}
	})
	if anew[contracts.CodeConformant] == 0 || anew[contracts.CodeColdUnknown] == 0 {
		t.Errorf("the histories say too little: %v", anew)
	}
}

// What is read out after the receipt, in parts, adds what it says and nothing twice: once the
// receipt is declared wrong, there is what there would be if there had never been one. Until
// then the time outside is at least that, and no more than the receipt took it to be besides.
func TestReadOutsAfterTheReceiptCountOnce(t *testing.T) {
	told := 0
	histories(t, 300, func(rt *rapid.T) {
		w := &coldWorld{memory: world()}
		w.calibrate("urn:x:device:0", "urn:x:device:1", "urn:x:device:2")
		w.time = epcis.Instant{Seconds: worldStart}
		limits := map[string]any{"max": 8, "uom": "CEL", "maxMinutesOutside": 10_000, "maxGapMinutes": 60}
		w.play(t, rt, map[string]any{"bizStep": "shipping", "wm:temperatureLimits": limits})
		var events []map[string]any
		for range rapid.IntRange(1, 4).Draw(rt, "events") {
			events = append(events, w.reports(rt))
		}
		early := rapid.IntRange(0, len(events)).Draw(rt, "early")
		end := epcis.Instant{Seconds: worldStart + int64(60*(w.minute+rapid.IntRange(60, 90).Draw(rt, "until")))}
		w.time = end
		play := func(list []map[string]any, note string) {
			for _, e := range list {
				delete(e, "eventID")
				e["wm:note"] = note
				w.play(t, rt, e)
			}
		}
		play(events[:early], "with a receipt")
		cold, item := trace.Key{NS: trace.NSColdChain, ID: "item:" + coldPallet}, trace.Key{NS: trace.NSItem, ID: coldPallet}
		chain, pallet := w.states[cold], w.states[item]
		receipt := map[string]any{"bizStep": "receiving", "eventID": "urn:uuid:receipt"}
		w.play(t, rt, receipt)
		at := w.chain(rt)
		play(events[early:], "with a receipt")
		late := w.chain(rt)
		receipt["errorDeclaration"] = map[string]any{"declarationTime": w.time.String()}
		w.play(t, rt, receipt)
		got := w.chain(rt)

		w.states[cold], w.states[item] = chain, pallet
		play(events[early:], "without a receipt")
		want := w.chain(rt)
		if len(got.Devices)+len(want.Devices) > 0 && !reflect.DeepEqual(got.Devices, want.Devices) {
			rt.Fatalf("without the receipt\n%+v\nand without one ever\n%+v", got.Devices, want.Devices)
		}
		for i, d := range late.Devices {
			least, tail := want.Devices[i].Millis, int64(0)
			if i < len(at.Devices) {
				tail = at.Devices[i].Tail
			}
			if d.Millis < least || d.Millis > least+tail {
				rt.Fatalf("%d ms outside, of %d told and %d taken for granted:\n%+v", d.Millis, least, tail, late)
			}
			if tail > 0 && least > 0 && early < len(events) {
				told++
			}
		}
	})
	if told == 0 {
		t.Error("no history has a device outside at its receipt that tells more")
	}
}

func hasCode(v *contracts.Verdict, code uint32) bool {
	for _, f := range v.Findings {
		if f.Code == code {
			return true
		}
	}
	return false
}
