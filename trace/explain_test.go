package trace

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
)

// told is a ledger of records without bytes that anybody can read.
type told []*Recorded

func (l told) Record(seq uint64) (*Recorded, error) {
	if seq >= uint64(len(l)) {
		return nil, fmt.Errorf("record %d: %w", seq, ErrUnknown)
	}
	return l[seq], nil
}

func explained(t *testing.T, l told, seq uint64) (string, error) {
	t.Helper()
	e, err := Explain(l, seq, Words{
		Organisation: func(id string) (string, error) { return strings.TrimPrefix(id, "urn:org:"), nil },
		Rule:         func(f *Finding) (string, string) { return "name of " + f.Rule, "What " + f.Rule + " demands." },
		Ruleset:      func(height uint64) (string, error) { return strings.Repeat("rules", int(height)), nil },
	})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = e.Text(&b)
	return b.String(), err
}

// Which ruleset judged it is told where it is known.
func TestExplanationNamesTheRuleset(t *testing.T) {
	l := told{{Kind: epcis.KindEvent, Organisation: "urn:org:Mill"}, {Seq: 1, Height: 1, Kind: epcis.KindEvent, Organisation: "urn:org:Mill"}}
	for seq, want := range []string{"in block 0.\n", "in block 1, and judged by rules.\n"} {
		if text, err := explained(t, l, uint64(seq)); err != nil || !strings.Contains(text, want) {
			t.Errorf("%s (%v)", text, err)
		}
	}
}

// Each severity has its own sentence, of the whole and of the finding, and what a
// rule demands is told once.
func TestExplanationTellsEachSeverity(t *testing.T) {
	zero := uint64(0)
	finding := func(s Severity, rule string) Finding {
		return Finding{Severity: s, Rule: rule, Version: 2, Title: "so it is", Facts: []Fact{{Name: "what", Value: "that", Seq: &zero}}}
	}
	for _, c := range []struct {
		findings []Finding
		want     []string
	}{
		{nil, []string{"It was accepted: no rule found anything to say of it.\n"}},
		{[]Finding{finding(Info, "A1")}, []string{"It was accepted.\n\nNoted by rule A1 (name of A1), version 2: so it is.\n  The rule: What A1 demands.\n"}},
		{[]Finding{finding(Info, "A1"), finding(Flag, "A1")}, []string{"It was accepted, and flagged: somebody has to look at it.\n", "\nFlagged by rule A1 (name of A1), version 2: so it is.\n  It rests on:\n"}},
		{[]Finding{finding(Flag, "A1"), finding(Lock, "B2")}, []string{"It was accepted, and what it names is locked.\n", "Locked by rule B2 (name of B2), version 2: so it is.\n  The rule: What B2 demands.\n"}},
		{[]Finding{finding(Lock, "A1"), finding(Reject, "B2")}, []string{"It was refused: the ledger keeps it as a receipt, and nothing of it counts.\n", "Refused by rule B2 (name of B2), version 2: so it is.\n",
			"  - what: that. So says record 0, a record that cannot be read, signed by Mill and recorded on 1970-01-02 00:00 UTC, which was refused.\n"}},
	} {
		l := told{
			{Kind: epcis.KindEvent, Organisation: "urn:org:Mill", Time: epcis.Instant{Seconds: 86400}, Findings: []Finding{{Severity: Reject}}},
			{Seq: 1, Kind: epcis.KindEvent, Organisation: "urn:org:Mill", Findings: c.findings},
		}
		text, err := explained(t, l, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in:\n%s", want, text)
			}
		}
		if n := strings.Count(text, "What A1 demands."); n > 1 {
			t.Errorf("what the rule demands is told %d times:\n%s", n, text)
		}
	}
}

// A record that is not there is unknown; one that is and rests on nothing is a
// ledger that does not hold together.
func TestExplanationOfWhatIsNotThere(t *testing.T) {
	gone := uint64(9)
	l := told{{Kind: epcis.KindEvent, Findings: []Finding{{Severity: Flag, Facts: []Fact{{Name: "a", Value: "b", Seq: &gone}}}}}}
	if _, err := explained(t, l, 1); !errors.Is(err, ErrUnknown) {
		t.Errorf("a record ahead: %v", err)
	}
	if _, err := explained(t, l, 0); err == nil || errors.Is(err, ErrUnknown) {
		t.Errorf("a fact of a record that is gone: %v", err)
	}
}

func TestCustomsPhrase(t *testing.T) {
	const said = `{"@context":["` + epcis.ContextURL + `",{"wm":"` + epcis.Vocabulary + `"}],"type":"wm:CustomsDeclaration","country":"DE","eventTime":"2026-06-01T10:00:00Z",`
	const number = `"mrn":"urn:epcglobal:cbv:bt:9521105000005:26DE585000000001R6",`
	for record, want := range map[string]string{
		said + number + `"action":"hold","reason":"x","epcList":["https://id.gs1.org/01/09521102000015/21/A","https://id.gs1.org/01/09521102000015/10/L"]}`: "hold of serial A and 1 more, of the declaration 26DE585000000001R6 to customs of DE",
		said + number + `"action":"release"}`: "release of the declaration 26DE585000000001R6 to customs of DE",
		said + number + `"action":"declaration","flow":"import","procedure":"4000","hsCode":"090111","origin":"ET","parties":[{"role":"declarant","id":"DE1"}],"epcList":["urn:a"]}`: "import declaration 26DE585000000001R6 to customs of DE",
		said + `"action":"gate","policy":"reject"}`: "border gate of DE: reject",
	} {
		text, err := explained(t, told{{Kind: epcis.KindCustoms, Organisation: "urn:org:Office", Bytes: []byte(record)}}, 0)
		if err != nil || !strings.HasPrefix(text, "Record 0: "+want+".\n") || !strings.Contains(text, "it happened on 2026-06-01 10:00 UTC") {
			t.Errorf("%v, want %q in\n%s", err, want, text)
		}
	}
}
