package contracts_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/epcis"
)

// recallTheft is a serial or lot that its brand owner recalls and frees, with keys of
// which some turn out to have been stolen.
type recallTheft struct {
	*theft
	thing string
	words []word // that stand; event is that of a recall, nil for an end
}

// say records a word of the brand owner on the recall, and keeps it.
func (w *recallTheft) say(tb testing.TB, recalls bool) {
	e := about(w.thing, map[string]any{"bizStep": "holding", "eventID": fmt.Sprintf("urn:uuid:%d", w.seq)})
	if recalls {
		e["disposition"] = "recalled"
	} else {
		e["persistentDisposition"] = map[string]any{"unset": []string{"recalled"}}
	}
	x := w.said("exporter", w.thing, e)
	if !recalls {
		x.event = nil
	}
	// A second end counts, too, once the first turns out to be a thief's.
	v := w.record(tb, "exporter", e)
	if ended := len(w.words) > 0 && w.words[len(w.words)-1].event == nil; recalls || slices.Contains(words(v), "INFO 2505") || ended && slices.Contains(words(v), "FLAG 2506") {
		w.words = append(w.words, x)
	}
}

// void declares a recall of the past wrong.
func (w *recallTheft) void(t *rapid.T, tb testing.TB) {
	past := slices.DeleteFunc(slices.Clone(w.words), func(x word) bool { return x.event == nil })
	if len(past) == 0 {
		return
	}
	wrong := rapid.SampledFrom(past).Draw(t, "wrong")
	e := map[string]any{}
	for k, v := range wrong.event {
		e[k] = v
	}
	e["errorDeclaration"] = map[string]any{"declarationTime": w.time.String()}
	x := w.said("exporter", w.thing, e)
	x.event = nil
	for _, f := range w.record(tb, "exporter", e).Findings {
		if f.Code != 2507 {
			continue
		}
		switch f.Facts[0].Value {
		case "never recalled":
			w.words = append(w.words, x)
		case "no longer recalled again", "not recalled once more", "recalled by a later record":
			w.words = slices.DeleteFunc(w.words, func(x word) bool { return x.seq == wrong.seq })
		default:
			t.Fatalf("%+v", f)
		}
	}
}

// lose revokes an old key, compromised since some word.
func (w *recallTheft) lose(t *rapid.T, tb testing.TB) {
	if len(w.old["exporter"]) == 0 || len(w.words) == 0 {
		return
	}
	key := w.old["exporter"][0]
	w.old["exporter"] = w.old["exporter"][1:]
	since := rapid.SampledFrom(w.words).Draw(t, "since").at + int64(rapid.IntRange(0, 1).Draw(t, "after"))
	w.since[key] = since
	w.govern(t, tb, "exporter", map[string]any{"action": "revokeKey", "key": key.Hex(), "reason": "stolen", "compromisedSince": epcis.Instant{Seconds: since}.String()})
}

// moves reports whether the thing may be shipped or sold now.
func (w *recallTheft) moves(tb testing.TB) (free, flagged bool) {
	v := w.record(tb, "roaster", about(w.thing, map[string]any{"bizStep": "shipping", "eventID": fmt.Sprintf("urn:uuid:%d", w.seq)}))
	return !slices.Contains(words(v), "REJECT 2503"), slices.Contains(words(v), "FLAG 711")
}

// In whatever order keys change hands: while the last good word of the brand owner is a
// recall, the goods do not move, and once it has spoken with a good key, it is as it said.
// What is in force in doubt is flagged, and nothing else.
func TestNoThiefFreesWhatIsRecalled(t *testing.T) {
	refused, doubted := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		w := &recallTheft{theft: newTheft(), thing: rapid.SampledFrom([]string{itemURI(0), "https://id.gs1.org/01/09521102000015/10/L0"}).Draw(rt, "thing")}
		w.bear(rt, t, "exporter", w.thing)
		for range rapid.IntRange(10, 50).Draw(rt, "records") {
			w.time.Seconds += int64(rapid.IntRange(1, 3).Draw(rt, "later"))
			spoke := false
			switch rapid.SampledFrom([]string{"recall", "recall", "end", "end", "void", "rotate", "lose", "ship"}).Draw(rt, "what") {
			case "recall":
				w.say(t, true)
				spoke = true
			case "end":
				before := len(w.words)
				w.say(t, false)
				spoke = len(w.words) > before
			case "void":
				w.void(rt, t)
			case "rotate":
				w.rotate(rt, t, "exporter")
			case "lose":
				w.lose(rt, t)
			}
			free, flagged := w.moves(t)
			good := slices.DeleteFunc(slices.Clone(w.words), w.doubts)
			switch n := len(good); {
			case n > 0 && good[n-1].event != nil && free:
				rt.Fatalf("it moves, and %+v stands of %+v", good[n-1], w.words)
			case spoke && free != (w.words[len(w.words)-1].event == nil):
				rt.Fatalf("it is free: %v, right after %+v", free, w.words[len(w.words)-1])
			case spoke && flagged:
				rt.Fatalf("it is in doubt right after %+v", w.words[len(w.words)-1])
			case len(good) == len(w.words) && flagged:
				rt.Fatalf("it is in doubt, and no word is of %+v", w.words)
			case free && flagged:
				rt.Fatalf("it is free and in doubt: %+v", w.words)
			}
			if !free {
				refused++
			}
			if flagged {
				doubted++
			}
		}
	})
	if refused > 300 && doubted == 0 {
		t.Errorf("of %d refusals none is in doubt: the histories say too little", refused)
	}
}
