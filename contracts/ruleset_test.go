package contracts_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

func rulesetNamed(t testing.TB, name string) *contracts.Ruleset {
	t.Helper()
	for _, r := range contracts.Rulesets() {
		if r.Name() == name {
			return r
		}
	}
	t.Fatalf("there is no ruleset %s", name)
	return nil
}

// A ruleset is named, and its digest says what it is made of: no two have the same.
func TestRulesetsNameTheirSources(t *testing.T) {
	list := contracts.Rulesets()
	if first := list[0].Info(); first.Name != "waymark-1" || first.Name != contracts.First().Name() || first.Version != 1 || list[1].Name() != "waymark-strict" {
		t.Errorf("they are %+v", list)
	}
	seen := map[string]bool{}
	for i, r := range list {
		info := r.Info()
		if len(info.Digest) != 64 || info != contracts.Rulesets()[i].Info() || info.Name != r.Name() || r.Says() == "" {
			t.Errorf("%+v", info)
		}
		if seen[info.Name] || seen[info.Digest] {
			t.Errorf("%+v is another one's, too", info)
		}
		seen[info.Name], seen[info.Digest] = true, true
	}
}

// A finding's code and version tell which contract came to it: what two rulesets declare
// of a version of a rule is the same. They have contracts for the same rules, in the same
// order, of the same states: one that refuses more may look at more.
func TestRulesetsShareTheirRules(t *testing.T) {
	list := contracts.Rulesets()
	first := list[0].Contracts()
	for _, r := range list[1:] {
		differ := 0
		for i, c := range r.Contracts() {
			was := first[i]
			if c.Rule != was.Rule || c.Name != was.Name || !slices.Equal(c.Kinds, was.Kinds) || len(c.Reads) < len(was.Reads) || !slices.Equal(c.Reads[:len(was.Reads)], was.Reads) || !slices.Equal(c.Writes, was.Writes) {
				t.Errorf("contract %d of %s is %s %s, and of other records and states than %s %s", i, r.Name(), c.Rule, c.Name, was.Rule, was.Name)
			}
			if c.Version == was.Version {
				if c.Says != was.Says || !slices.Equal(c.Finds, was.Finds) {
					t.Errorf("%s declares version %d of %s otherwise", r.Name(), c.Version, c.Rule)
				}
				continue
			}
			differ++
			for _, d := range c.Finds {
				k, ok := contracts.ContractOf(&trace.Finding{Code: d.Code, Version: c.Version})
				if !ok || k.Says != c.Says {
					t.Errorf("code %d of version %d is taken for one of %s %d", d.Code, c.Version, k.Rule, k.Version)
				}
			}
		}
		if differ == 0 {
			t.Errorf("%s judges as the first", r.Name())
		}
	}
	if _, ok := contracts.ContractOf(&trace.Finding{Code: contracts.CodeCustodyGap, Version: 99}); ok {
		t.Error("a version that there is not is known")
	}
}

// Of each rule that a ruleset judges otherwise there are scripts under that ruleset: all that it declares
// anew is expected of a record, and all cases are shown.
func TestScriptsShowWhatRulesetsJudgeOtherwise(t *testing.T) {
	expected, shown := map[string]bool{}, map[string]bool{}
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		common, ruleset := "", ""
		for line := range strings.Lines(string(b)) {
			f := strings.Fields(line)
			switch {
			case len(f) == 0:
			case f[0] == "scenario" && common == "":
				common = ruleset
			case f[0] == "scenario":
				ruleset = common
			case f[0] == "ruleset":
				ruleset = f[1]
			case f[0] == "shows":
				for _, c := range f[2:] {
					shown[ruleset+" "+f[1]+" "+c] = true
				}
			case f[0] == "expect":
				for i := 2; i+1 < len(f); i += 2 {
					expected[ruleset+" "+f[i]+" "+f[i+1]] = true
				}
			}
		}
	}
	first := contracts.First()
	for _, r := range contracts.Rulesets()[1:] {
		for _, c := range otherwise(r, first) {
			was, _ := contracts.Declaring(c.Finds[0].Code)
			for _, d := range c.Finds {
				if name := fmt.Sprintf("%s %s %d", r.Name(), d.Severity, d.Code); !slices.Contains(was.Finds, d) && !expected[name] {
					t.Errorf("no script expects %s: %s", name, d.Title)
				}
			}
			for _, name := range showable {
				if !shown[r.Name()+" "+c.Rule+" "+name] {
					t.Errorf("no script shows rule %s under %s: %s", c.Rule, r.Name(), name)
				}
			}
		}
	}
}

// What one ruleset wrote the other reads: a record that both accept leaves the same states, whichever judged
// what came before.
func TestRulesetsWriteTheSameStates(t *testing.T) {
	lenient, strict := contracts.First(), rulesetNamed(t, "waymark-strict")
	var both, refused int
	histories(t, 2000, func(rt *rapid.T) {
		m := market()
		for n := range rapid.IntRange(1, 30).Draw(rt, "records") {
			m.time.Seconds += int64(rapid.SampledFrom([]int{1, 1, 86_400}).Draw(rt, "later"))
			member, e := handing(rt, m, n)
			raw := m.written(rt, e)
			r, err := epcis.Decode(epcis.KindEvent, raw)
			if err != nil {
				rt.Fatal(err)
			}
			p := m.position(member, epcis.KindEvent)
			one, err := lenient.Convene(m, m.block()).HoldToDeclarations().Judge(p, r)
			if err != nil {
				rt.Fatal(err)
			}
			other, err := strict.Convene(m, m.block()).HoldToDeclarations().Judge(p, r)
			if err != nil {
				rt.Fatal(err)
			}
			m.gapsRefused(rt, m.party(member), other)
			switch {
			case one.Rejected() && !other.Rejected():
				rt.Fatalf("waymark-strict accepts %s, which is refused: %+v", raw, one.Findings)
			case other.Rejected() && !one.Rejected():
				refused++
				m.gapOnly(rt, one, other)
			case !other.Rejected():
				both++
				if !maps.Equal(written(one), written(other)) || !reflect.DeepEqual(one.Forward, other.Forward) {
					rt.Fatalf("of %s other states are left: %+v, %+v", raw, one.Writes, other.Writes)
				}
			}
			if m.ruleset = lenient; rapid.Bool().Draw(rt, "strict") {
				m.ruleset = strict
			}
			m.judge(t, member, epcis.KindEvent, raw)
		}
	})
	if both == 0 || refused == 0 {
		t.Errorf("%d records were accepted by both, %d refused by one: too few to show anything", both, refused)
	}
}

// gapsRefused holds what waymark-strict merely flags to what it says: not of an item that was born here, by
// itself in the hands of another whose own record says so.
func (m *memory) gapsRefused(t rapid.TB, signer string, v *contracts.Verdict) {
	for _, f := range v.Findings {
		if f.Severity != trace.Flag || f.Code != contracts.CodeCustodyGap && f.Code != contracts.CodeShipGap && f.Code != contracts.CodeReceiptGap {
			continue
		}
		for _, fact := range f.Facts {
			b := m.states[trace.Key{NS: trace.NSItem, ID: fact.Name}]
			if b == nil {
				continue
			}
			var s contracts.ItemState
			if err := identity.UnmarshalStrict(b, &s); err != nil {
				t.Fatal(err)
			}
			if held := s.Custody; s.Born != nil && s.Parent == nil && held != nil && held.Signed && held.Holder != "" && held.Holder != signer {
				t.Fatalf("flagged, and not refused: %+v", f)
			}
		}
	}
}

// written is what a verdict leaves, in whichever order.
func written(v *contracts.Verdict) map[trace.Key]string {
	states := map[trace.Key]string{}
	for _, w := range v.Writes {
		states[w.Key] = string(w.State)
	}
	return states
}

// gapOnly holds a refusal to what it is about: what was a flag of custody, of things that were born here or need
// no birth.
func (m *memory) gapOnly(t rapid.TB, was, would *contracts.Verdict) {
	gaps := map[uint32]bool{contracts.CodeCustodyGap: true, contracts.CodeShipGap: true, contracts.CodeReceiptGap: true,
		contracts.CodeShipParties: true, contracts.CodeShipForOther: true, contracts.CodeReceivedForOther: true}
	for _, f := range would.Findings {
		if f.Severity != trace.Reject {
			continue
		}
		if !gaps[f.Code] || f.Version != 2 || f.Next == "" || f.Title == "" {
			t.Fatalf("refused over %+v; it was %+v", f, was.Findings)
		}
		for _, fact := range f.Facts {
			b := m.states[trace.Key{NS: trace.NSItem, ID: fact.Name}]
			if b == nil {
				continue // and more
			}
			var s contracts.ItemState
			if err := identity.UnmarshalStrict(b, &s); err != nil {
				t.Fatal(err)
			}
			if s.Born == nil && !strings.HasPrefix(fact.Name, "https://id.gs1.org/00/") {
				t.Fatalf("refused for lack of history: %+v", f)
			}
		}
	}
}

// Documents that others wrote, about things that nobody gave birth to here, are captured under every ruleset,
// whichever member records which of their events.
func TestNoRulesetRefusesDocumentsForLackOfHistory(t *testing.T) {
	dir := filepath.Join("..", "epcis", "testdata", "documents")
	b, err := os.ReadFile(filepath.Join(dir, "VERDICTS.json"))
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]string{}
	if err := json.Unmarshal(b, &verdicts); err != nil {
		t.Fatal(err)
	}
	events := 0
	for _, r := range contracts.Rulesets() {
		for _, name := range slices.Sorted(maps.Keys(verdicts)) {
			if verdicts[name] != "valid" {
				continue
			}
			body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			doc, err := epcis.Split(body)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			m := market()
			m.ruleset, m.time.Seconds = r, m.time.Seconds+10*365*86_400 // after all of them
			for i, event := range doc.Events {
				events++
				for _, f := range m.judge(t, traders[i%len(traders)], epcis.KindEvent, event).Findings {
					if f.Severity == trace.Reject && strings.HasPrefix(f.Rule, "C") && f.Version > 1 {
						t.Errorf("%s, %s, event %d: %+v", r.Name(), name, i, f)
					}
				}
			}
		}
	}
	if events == 0 {
		t.Error("no documents")
	}
}
