package contracts_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// recallWorld plays random histories of things that are packed, unpacked and recalled,
// and keeps what the rules do not: for every thing the recalls that it came under.
type recallWorld struct {
	*memory
	t       *testing.T
	in      [recallThings]int // what a thing is in, -1 for nothing
	own     [recallThings]map[int]bool
	under   [recallThings]map[int]bool // recalls of what it was in while they stood
	stands  map[int]bool               // by number
	open    map[string]int             // by organisation and what it recalled
	ended   map[string]ending          // the same, while the organisation has not recalled it anew
	recalls int
}

// ending is the event that lifted a recall.
type ending struct {
	recall int
	event  map[string]any
}

const (
	recallItems  = 5 // the first are items, the others containers
	recallThings = 11
	recallClass  = "https://id.gs1.org/8003/09521102000039" // of the last two
)

func recallURI(i int) string {
	switch {
	case i < recallItems:
		return itemURI(i)
	case i < recallThings-2:
		return []string{
			"https://id.gs1.org/00/395211020000000016", "https://id.gs1.org/00/395211020000000023",
			"https://id.gs1.org/00/395211020000000030", "https://id.gs1.org/00/395211020000000047",
		}[i-recallItems]
	}
	return fmt.Sprintf("%sT%d", recallClass, i)
}

// within reports whether a thing is in another, at any level, or is it.
func (w *recallWorld) within(x, h int) bool {
	for ; x >= 0; x = w.in[x] {
		if x == h {
			return true
		}
	}
	return false
}

// come has what is in a thing, at any level, come under a recall of that.
func (w *recallWorld) come(h, recall int) {
	for x := range recallThings {
		if x != h && w.within(x, h) {
			w.under[x][recall] = true
		}
	}
}

// locked reports whether a recall stands of a thing, or of what it is in or was in.
func (w *recallWorld) locked(x int) bool {
	for ; x >= 0; x = w.in[x] {
		for _, set := range []map[int]bool{w.own[x], w.under[x]} {
			for r := range set {
				if w.stands[r] {
					return true
				}
			}
		}
	}
	return false
}

// lockedWith reports whether a thing is locked, or anything in it: what is sold or used is both.
func (w *recallWorld) lockedWith(x int) bool {
	for y := range recallThings {
		if w.within(y, x) && w.locked(y) {
			return true
		}
	}
	return false
}

func (w *recallWorld) record(t *rapid.T, e map[string]any) []byte {
	if e["errorDeclaration"] == nil {
		e["@context"], e["eventTimeZoneOffset"], e["eventTime"] = epcis.ContextURL, "+00:00", w.time.String()
		e["eventID"] = fmt.Sprintf("urn:uuid:%d", w.seq)
	}
	if e["type"] == nil {
		e["type"] = "ObjectEvent"
	}
	if e["action"] == nil && e["type"] != "TransformationEvent" {
		e["action"] = "OBSERVE"
	}
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (w *recallWorld) play(t *rapid.T, signer string, e map[string]any) *contracts.Verdict {
	b := w.record(t, e)
	v := w.judge(w.t, signer, epcis.KindEvent, b)
	if v.Rejected() {
		t.Fatalf("refused: %+v of %s", v.Findings, b)
	}
	w.time = w.time.Add(3600)
	t.Logf("%s %s", b, words(v))
	return v
}

// step is one thing that happens.
func (w *recallWorld) step(t *rapid.T) {
	x := rapid.IntRange(0, recallThings-1).Draw(t, "thing")
	h := rapid.IntRange(recallItems, recallThings-1).Draw(t, "holder")
	switch rapid.IntRange(0, 10).Draw(t, "step") {
	case 0, 1, 2: // without an unpacking where it is elsewhere
		if w.within(h, x) || w.in[x] == h {
			return
		}
		w.play(t, "exporter", map[string]any{"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "parentID": recallURI(h), "childEPCs": []string{recallURI(x)}})
		w.in[x] = h
		for a := h; a >= 0; a = w.in[a] {
			for r := range w.own[a] { // whether it stands or not: its end may be declared wrong
				w.under[x][r] = true
				w.come(x, r)
			}
		}
	case 3, 4:
		if h = w.in[x]; h < 0 {
			return
		}
		w.play(t, "exporter", map[string]any{"type": "AggregationEvent", "action": "DELETE", "bizStep": "unpacking", "parentID": recallURI(h), "childEPCs": []string{recallURI(x)}})
		w.in[x] = -1
	case 5:
		w.play(t, "exporter", map[string]any{"type": "AggregationEvent", "action": "DELETE", "bizStep": "unpacking", "parentID": recallURI(h), "childEPCs": []string{}})
		for x := range recallThings {
			if w.in[x] == h {
				w.in[x] = -1
			}
		}
	case 6: // by itself
		w.play(t, "exporter", map[string]any{"bizStep": "receiving", "epcList": []string{recallURI(x)}})
		w.in[x] = -1
	case 7, 8:
		w.recall(t, rapid.SampledFrom([]string{"exporter", "exporter", "customs"}).Draw(t, "who"), h)
	case 9:
		w.lift(t)
	default:
		w.restore(t)
	}
}

// recall recalls a container, or the class of the last ones.
func (w *recallWorld) recall(t *rapid.T, who string, h int) {
	e := map[string]any{"bizStep": "holding", "disposition": "recalled", "epcList": []string{recallURI(h)}}
	what, of := recallURI(h), []int{h}
	if h >= recallThings-2 && rapid.Bool().Draw(t, "class") {
		delete(e, "epcList")
		e["quantityList"] = []any{map[string]any{"epcClass": recallClass}}
		what, of = recallClass, []int{recallThings - 2, recallThings - 1}
	}
	w.play(t, who, e)
	key := who + " " + what
	if _, again := w.open[key]; again {
		return
	}
	r := w.recalls
	w.recalls++
	w.open[key], w.stands[r] = r, true
	delete(w.ended, key)
	for _, h := range of {
		w.own[h][r] = true
		w.come(h, r)
	}
}

func (w *recallWorld) lift(t *rapid.T) {
	keys := slices.Sorted(maps.Keys(w.open))
	if len(keys) == 0 {
		return
	}
	key := rapid.SampledFrom(keys).Draw(t, "lifted")
	var who, what string
	if _, err := fmt.Sscan(key, &who, &what); err != nil {
		t.Fatal(err)
	}
	e := map[string]any{"bizStep": "holding", "persistentDisposition": map[string]any{"unset": []string{"recalled"}}}
	if what == recallClass {
		e["quantityList"] = []any{map[string]any{"epcClass": recallClass}}
	} else {
		e["epcList"] = []string{what}
	}
	w.play(t, who, e)
	r := w.open[key]
	w.stands[r], w.ended[key] = false, ending{r, e}
	delete(w.open, key)
}

// restore declares the end of a recall wrong.
func (w *recallWorld) restore(t *rapid.T) {
	keys := slices.Sorted(maps.Keys(w.ended))
	if len(keys) == 0 {
		return
	}
	key := rapid.SampledFrom(keys).Draw(t, "restored")
	end := w.ended[key]
	who, _, _ := strings.Cut(key, " ")
	e := maps.Clone(end.event)
	e["errorDeclaration"] = map[string]any{"declarationTime": w.time.String(), "reason": "incorrect_data"}
	w.play(t, who, e)
	w.stands[end.recall], w.open[key] = true, end.recall
	delete(w.ended, key)
}

// What came under a recall of what it was in is neither sold nor used, in whatever way it
// left that and wherever it is, until the recall is lifted; and whatever came under none
// is free.
func TestWhatWasInARecalledContainerIsLockedUntilThatIsLifted(t *testing.T) {
	met := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		w := &recallWorld{memory: world(), t: t, stands: map[int]bool{}, open: map[string]int{}, ended: map[string]ending{}}
		w.admit("customs", identity.Organisation{ID: partyID("9521105"), Name: "customs", Roles: []identity.Role{"customs:DE"}, Prefixes: []string{"9521105"}},
			identity.Active, identity.Active)
		w.time = epcis.Instant{Seconds: worldStart}
		var born []string
		for x := range recallThings {
			w.in[x], w.own[x], w.under[x] = -1, map[int]bool{}, map[int]bool{}
			if x < recallItems {
				born = append(born, recallURI(x))
			}
		}
		w.play(rt, "exporter", map[string]any{"action": "ADD", "bizStep": "commissioning", "epcList": born})
		for range rapid.IntRange(5, 60).Draw(rt, "steps") {
			w.step(rt)
			x := rapid.IntRange(0, recallThings-1).Draw(rt, "used")
			want, outside := w.lockedWith(x), w.in[x] < 0 && len(w.own[x]) == 0
			for code, e := range map[uint32]map[string]any{
				contracts.CodeMovesRecalled: {"bizStep": "retail_selling", "epcList": []string{recallURI(x)}},
				contracts.CodeInputLocked:   {"type": "TransformationEvent", "inputEPCList": []string{recallURI(x)}, "outputEPCList": []string{"https://id.gs1.org/01/09521104000013/21/OUT"}},
			} {
				r, err := epcis.Decode(epcis.KindEvent, w.record(rt, e))
				if err != nil {
					rt.Fatal(err)
				}
				v, err := contracts.Judge(w.memory, w.block(), w.position("exporter", epcis.KindEvent), r)
				if err != nil {
					rt.Fatal(err)
				}
				if missing, err := w.untoldReasons(r, v); err != nil || len(missing) > 0 && len(w.history[trace.Key{NS: trace.NSItem, ID: recallURI(x)}]) > 0 {
					rt.Fatalf("no journey of %s, which is in %v, tells of %v (%v)", recallURI(x), w.in, missing, err)
				}
				if got := slices.ContainsFunc(v.Findings, func(f trace.Finding) bool { return f.Code == code }); got != want {
					rt.Fatalf("%s, of which %v is true: in %v, recalled %v, under %v, of %v that stand: %v is found of %d: %+v", recallURI(x), want, w.in, w.own, w.under, w.stands, got, code, v.Findings)
				}
			}
			met[fmt.Sprintf("locked %v, outside %v, was under %v", want, outside, len(w.under[x]) > 0)]++
		}
	})
	for _, what := range []string{
		"locked true, outside true, was under true", "locked true, outside false, was under true",
		"locked false, outside true, was under true", "locked false, outside true, was under false",
	} {
		if met[what] == 0 {
			t.Errorf("nothing was used that is %s: the histories say nothing of it (%v)", what, met)
		}
	}
}
