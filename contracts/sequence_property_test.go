package contracts_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A device's reports in any order, by two members, some of them declared wrong: one is
// flagged if, and only if, one that stands has its number or a higher one. Of those that stand
// the eight highest can be taken back.
func TestSequencesAreFoldedAgain(t *testing.T) {
	const remembered = 8
	flagged, undone := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		type report struct {
			member string
			number int
			event  map[string]any
		}
		w := newTheft()
		var stand []report
		least, next := 0, 0
		for i := range rapid.IntRange(5, 60).Draw(rt, "records") {
			w.time.Seconds += 60
			if len(stand) > 0 && rapid.IntRange(0, 3).Draw(rt, "wrong") == 0 {
				r := rapid.SampledFrom(stand).Draw(rt, "which")
				e := map[string]any{"errorDeclaration": map[string]any{"declarationTime": w.time.String()}}
				for name, v := range r.event {
					e[name] = v
				}
				v := w.record(t, r.member, e)
				if !hasCode(v, 505) {
					rt.Fatalf("%d of %+v is not taken back", r.number, stand)
				}
				undone++
				stand = slices.DeleteFunc(stand, func(o report) bool { return o.event["eventID"] == r.event["eventID"] })
				continue
			}
			number := max(0, next+rapid.SampledFrom([]int{0, 0, 0, 0, 1, 50, -1, -2, -5}).Draw(rt, "step"))
			next = number + 1
			r := report{rapid.SampledFrom([]string{"exporter", "roaster"}).Draw(rt, "member"), number, map[string]any{
				"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "storing", "eventID": fmt.Sprintf("urn:uuid:%d", i), "epcList": []string{itemURI(0)},
				"eventTime": w.time.String(), "sensorElementList": []any{map[string]any{
					"sensorMetadata": map[string]any{"deviceID": "urn:x:logger", "wm:sequenceNumber": number}, "sensorReport": []any{map[string]any{"type": "Temperature", "value": 5, "uom": "CEL"}}}}}}
			want := number < least || slices.ContainsFunc(stand, func(o report) bool { return o.number >= number })
			v := w.record(t, r.member, r.event)
			if got := hasCode(v, 503); got != want {
				rt.Fatalf("%d is flagged: %v, after %+v, least %d", number, got, stand, least)
			}
			if want {
				flagged++
			}
			at := slices.IndexFunc(stand, func(o report) bool { return o.number > number })
			if at < 0 {
				at = len(stand)
			}
			if stand = slices.Insert(stand, at, r); len(stand) > remembered {
				least, stand = max(least, stand[0].number+1), stand[1:]
			}
		}
	})
	if flagged == 0 || undone == 0 {
		t.Errorf("%d are flagged, %d taken back: the histories say too little", flagged, undone)
	}
}
