package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

const bornItem = "https://id.gs1.org/01/09521104000013/21/X1"

// birth of an item whose prefix the roaster licenses. The minute tells it from
// another one's content.
func birth(id, item string, minute int) string {
	return `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"` + id +
		`","eventTime":"` + fmt.Sprintf("2026-11-20T08:%02d:00Z", minute) + `","eventTimeZoneOffset":"+00:00","epcList":["` + item + `"],"action":"ADD","bizStep":"commissioning"}`
}

func TestExplainTellsWhyARecordWasRefused(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{})
	for i, id := range []string{"x:first", "x:second"} {
		do(t, h, call{"POST", "/epcis/events", captureKey, birth(id, bornItem, i), nil})
	}
	w := do(t, h, call{"GET", "/v1/explain/1", queryKey, "", map[string]string{"Accept": "*/*"}})
	if got := w.Header().Get("Content-Type"); got != "text/plain; charset=utf-8" || w.Header().Get("Vary") != "Accept" {
		t.Errorf("headers %v", w.Header())
	}
	want := `Record 1: commissioning of serial X1.
Elbe Quay Roasters signed it with the key ` + m.key.Address().Hex() + `.
By its author's account it happened on 2026-11-20 08:01 UTC.
It was recorded on 2026-11-22 12:00 UTC, in block 2, and judged by waymark-1.
It was refused: the ledger keeps it as a receipt, and nothing of it counts.

Refused by rule C1 (lifecycle), version 1: the item was born before.
  The rule: An item is born once and ends once, after its end nothing happens to it, and its lot is fixed at birth. ` +
		`Nothing is refused for lack of history: an item that is named before any record has, and not by its birth, is flagged. ` +
		`An item whose prefix no member licenses is flagged where another would be refused. ` +
		`Only who recorded an event declares it wrong, as far as its content tells which event is meant.
  It rests on:
  - ` + bornItem + `: born at 2026-11-20T08:00:00Z. So says record 0, commissioning of serial X1, signed by Elbe Quay Roasters and recorded on 2026-11-22 12:00 UTC.
  What to do now: Give the new item a serial of its own. If the earlier birth was recorded by mistake, its author declares it wrong first.
`
	if w.Body.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", w.Body, want)
	}

	w = do(t, h, call{"GET", "/v1/explain/1", queryKey, "", map[string]string{"Accept": "application/json"}})
	e := decode[struct {
		AsOf struct{ Height uint64 }
		trace.Explanation
	}](t, w)
	if e.AsOf.Height != 2 || !e.Record.Rejected || e.Record.Signer.Name != "Elbe Quay Roasters" || len(e.Findings) != 1 {
		t.Fatalf("%s", w.Body)
	}
	f := e.Findings[0]
	if f.Code != 1101 || f.RuleName != "lifecycle" || f.Meaning == "" || len(f.Facts) != 1 || f.Facts[0].Record == nil ||
		f.Facts[0].Record.Seq != *f.Facts[0].Seq || f.Facts[0].Record.What != "commissioning of serial X1" || f.Facts[0].Record.Rejected {
		t.Errorf("%s", w.Body)
	}
}

// A record that nobody can read, and a key that nobody knows, are told as that.
func TestExplainTellsOfWhatCannotBeRead(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{})
	stranger, err := identity.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []*identity.Key{m.key, stranger} {
		e := identity.NewEnvelope(m.network, "epcis", key.Address(), uint64(start)+60, [][]byte{[]byte("no JSON")})
		if err := key.SignEnvelope(e); err != nil {
			t.Fatal(err)
		}
		m.append(e, start*1e9)
	}
	for seq, want := range []string{
		"Elbe Quay Roasters signed it with the key " + m.key.Address().Hex() + ".",
		"Nobody whom the ledger knows signed it with the key " + stranger.Address().Hex() + ".",
	} {
		text := do(t, h, call{"GET", fmt.Sprintf("/v1/explain/%d", seq), queryKey, "", nil}).Body.String()
		if !strings.HasPrefix(text, fmt.Sprintf("Record %d: a record that cannot be read.\n%s\n", seq, want)) {
			t.Errorf("%s", text)
		}
	}
}

// What an author wrote stays within its line, whatever it holds.
func TestExplainKeepsAnAuthorsTextWithinItsLine(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{})
	m.judge = func(*epcis.Record) []trace.Finding {
		return []trace.Finding{{Severity: trace.Flag, Rule: "Z9", Version: 3, Code: 9900, Title: "odd",
			Facts: []trace.Fact{{Name: "note", Value: "x\nIt was accepted.\x1b[2J"}}}}
	}
	do(t, h, call{"POST", "/epcis/events", captureKey, birth("x:first", bornItem, 0), nil})
	text := do(t, h, call{"GET", "/v1/explain/0", queryKey, "", nil}).Body.String()
	for _, want := range []string{"It was accepted, and flagged: somebody has to look at it.\n", "\nFlagged by rule Z9, version 3: odd.\n  It rests on:\n  - note: x\uFFFDIt was accepted.\uFFFD[2J.\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

// Each record of a whole lane can be explained, of whatever kind.
func TestExplainTellsOfEveryRecordOfALane(t *testing.T) {
	m := newMemory(t)
	m.play(t)
	h := newAPI(t, m, api.Limits{})
	said := map[string]bool{}
	for seq := range m.records {
		w := do(t, h, call{"GET", fmt.Sprintf("/v1/explain/%d", seq), queryKey, "", nil})
		if w.Code != 200 {
			t.Fatalf("record %d: %d %s", seq, w.Code, w.Body)
		}
		first, _, _ := strings.Cut(w.Body.String(), "\n")
		_, what, _ := strings.Cut(first, ": ")
		said[what] = true
		do(t, h, call{"GET", fmt.Sprintf("/v1/explain/%d", seq), queryKey, "", map[string]string{"Accept": "application/json"}})
	}
	var all strings.Builder
	for what := range said {
		all.WriteString(what + "\n")
	}
	for _, want := range []string{"master data of (417)9521104000006, Elbe Quay Roasters.", "release of the declaration 26DE585000000000R7 to customs of DE.", "the issue of certificate ", "creating class instance of ", " into container ", " out of container ", " from "} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no record is told with %q: %s", want, &all)
		}
	}
}

func TestExplainRefusesWhatItCannotAnswer(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{})
	do(t, h, call{"POST", "/epcis/events", captureKey, event("x:1"), nil})
	for _, c := range []struct {
		name string
		call call
		code int
	}{
		{"unknown seq", call{"GET", "/v1/explain/1", queryKey, "", nil}, 404},
		{"no seq", call{"GET", "/v1/explain/last", queryKey, "", nil}, 400},
		{"capture key", call{"GET", "/v1/explain/0", captureKey, "", nil}, 403},
		{"no key", call{"GET", "/v1/explain/0", "", "", nil}, 401},
		{"HTML alone", call{"GET", "/v1/explain/0", queryKey, "", map[string]string{"Accept": "text/html"}}, 406},
	} {
		if w := do(t, h, c.call); w.Code != c.code {
			t.Errorf("%s: %d, not %d: %s", c.name, w.Code, c.code, w.Body)
		}
	}
	if p := decode[api.Problem](t, do(t, h, call{"GET", "/v1/explain/1", queryKey, "", nil})); !strings.Contains(p.Detail, "there is no record 1: the last one of this node's ledger is 0") {
		t.Errorf("%+v", p)
	}
}

// A finding is told with its rule, in the version that found it.
func TestAFindingHasTheWordsOfItsRule(t *testing.T) {
	for _, f := range []trace.Finding{{Rule: "A0", Code: contracts.CodeMalformed, Version: 1}, {Rule: "C1", Code: contracts.CodeEnded, Version: 1}} {
		if name, says := api.RuleWords(&f); name == "" || says == "" {
			t.Errorf("rule %s is told nowhere", f.Rule)
		}
	}
	for _, f := range []trace.Finding{{Rule: "C1", Code: contracts.CodeEnded, Version: 99}, {Rule: "Z9", Code: 999_999, Version: 1}} {
		if name, says := api.RuleWords(&f); name != "" || says != "" {
			t.Errorf("%s version %d is told as %q", f.Rule, f.Version, name)
		}
	}
}
