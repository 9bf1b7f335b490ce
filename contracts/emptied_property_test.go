package contracts_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// pool is a box that circulates between members, and what was in it, as a model keeps
// it: one list of things a filling.
type pool struct {
	*memory
	t       *testing.T
	with    string // who has the box
	now     []int  // things in it
	emptied []emptying
	n       int          // things so far
	undone  int          // emptyings that were declared wrong
	refill  bool         // the last emptying was, and none came after it
	unknown map[int]bool // what the ledger would not know to be in the box again
}

type emptying struct {
	event  string // its eventID
	by     string
	things []int
}

const poolBox = "https://id.gs1.org/8003/09521102000039BOX"

var poolMembers = []string{"exporter", "roaster", "trader"}

func (w *pool) play(t *rapid.T, signer string, e map[string]any) {
	e["@context"], e["eventTimeZoneOffset"] = epcis.ContextURL, "+00:00"
	e["eventTime"] = w.time.String()
	if e["eventID"] == nil {
		e["eventID"] = fmt.Sprintf("urn:uuid:%d", w.seq)
	}
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	if v := w.judge(w.t, signer, epcis.KindEvent, b); v.Rejected() {
		t.Fatalf("refused: %+v of %s", v.Findings, b)
	}
	w.time = w.time.Add(1)
}

func (w *pool) hand(t *rapid.T, to string) {
	between := func(step string) map[string]any {
		return map[string]any{
			"type": "ObjectEvent", "action": "OBSERVE", "bizStep": step, "epcList": []string{poolBox},
			"sourceList":      []any{map[string]string{"type": "possessing_party", "source": w.members[w.with].ID}},
			"destinationList": []any{map[string]string{"type": "possessing_party", "destination": w.members[to].ID}},
		}
	}
	w.play(t, w.with, between("shipping"))
	w.play(t, to, between("receiving"))
	w.with = to
}

func (w *pool) fill(t *rapid.T) {
	uri := itemURI(w.n)
	w.play(t, w.with, map[string]any{"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "epcList": []string{uri}})
	w.play(t, w.with, map[string]any{"type": "AggregationEvent", "action": "ADD", "bizStep": "packing", "parentID": poolBox, "childEPCs": []string{uri}})
	w.now = append(w.now, w.n)
	w.n++
}

func (w *pool) empty(t *rapid.T) {
	e := emptying{fmt.Sprintf("urn:uuid:empty-%d", w.seq), w.with, w.now}
	w.play(t, w.with, map[string]any{"type": "AggregationEvent", "action": "DELETE", "bizStep": "unpacking", "parentID": poolBox, "childEPCs": []string{}, "eventID": e.event})
	w.emptied, w.now, w.refill = append(w.emptied, e), nil, false
}

// undo declares one of the latest emptyings wrong. What it took out was in the box
// until the next one, or still is; but that it still is the ledger knows only of the
// last emptying.
func (w *pool) undo(t *rapid.T) {
	if w.undone++; len(w.emptied) == 0 || w.undone > 6 {
		return
	}
	at := rapid.IntRange(max(0, len(w.emptied)-8), len(w.emptied)-1).Draw(t, "wrong")
	e := w.emptied[at]
	w.play(t, e.by, map[string]any{
		"type": "AggregationEvent", "action": "DELETE", "bizStep": "unpacking", "parentID": poolBox, "childEPCs": []string{}, "eventID": e.event,
		"errorDeclaration": map[string]any{"declarationTime": w.time.String()},
	})
	if at+1 < len(w.emptied) {
		w.emptied[at+1].things = append(w.emptied[at+1].things, e.things...)
		for _, x := range e.things {
			w.unknown[x] = true
		}
	} else {
		w.now = append(w.now, e.things...)
		for _, x := range e.things {
			w.unknown[x] = w.unknown[x] || w.refill
		}
		w.refill = true
	}
	w.emptied = append(w.emptied[:at], w.emptied[at+1:]...)
}

// Whoever had the box when it was emptied has what was in it, however often it was
// filled and emptied since, and whichever emptying was declared wrong.
func TestWhatCameOutOfABoxIsWithWhoHadItThen(t *testing.T) {
	again := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := &pool{memory: world(), t: t, with: "exporter", unknown: map[int]bool{}}
		w.admit("trader", identity.Organisation{ID: partyID("9521105"), Name: "trader", Roles: []identity.Role{identity.Trader}, Prefixes: []string{"9521105"}},
			identity.Active, identity.Active)
		w.time = epcis.Instant{Seconds: worldStart}
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			switch rapid.IntRange(0, 8).Draw(rt, "step") {
			case 0, 1:
				if to := rapid.SampledFrom(poolMembers).Draw(rt, "to"); to != w.with {
					w.hand(rt, to)
				}
			case 2, 3, 4:
				w.fill(rt)
			case 5, 6, 7:
				w.empty(rt)
			default:
				w.undo(rt)
			}
		}
		holders := map[int]string{}
		for i, e := range w.emptied {
			for _, x := range e.things {
				holders[x] = e.by
				if i+1 < len(w.emptied) {
					again++
				}
			}
		}
		for x := range w.n {
			want, out := holders[x]
			if !out && w.unknown[x] {
				continue
			}
			// Somebody sees it; that moves nothing.
			w.play(rt, rapid.SampledFrom(poolMembers).Draw(rt, "sees"), map[string]any{
				"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "storing", "epcList": []string{itemURI(x)},
			})
			s := w.state(itemURI(x))
			if in := w.heldBy(itemURI(x), false); (in == "") != out {
				rt.Fatalf("%s is in %q", itemURI(x), in)
			}
			if out && (s.Custody == nil || s.Custody.Holder != w.members[want].ID) {
				rt.Fatalf("%s is with %+v, not with %s", itemURI(x), s.Custody, want)
			}
		}
	})
	if again == 0 {
		t.Error("nothing came out of a box that was emptied again")
	}
}
