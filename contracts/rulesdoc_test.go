package contracts_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/trace"
)

var update = flag.Bool("update", false, "write docs/rules.md")

// docs/rules.md says what the contracts say of themselves, with findings that their scripts come to.
func TestRulesDocument(t *testing.T) {
	path := filepath.Join("..", "docs", "rules.md")
	want := rulesDocument(examples(t))
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/rules.md is not what the contracts say; run go test ./contracts -run RulesDocument -update")
	}
}

// Two findings with one number would be one to whoever reads verdicts.
func TestCodesAreNumberedOnce(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	constant := regexp.MustCompile(`(?m)^\s*(?:const )?(Code\w+)\s+uint32\s*=\s*(\d+)`)
	names := map[string]string{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range constant.FindAllStringSubmatch(string(b), -1) {
			if other, ok := names[m[2]]; ok {
				t.Errorf("%s and %s are both %s", other, m[1], m[2])
			}
			names[m[2]] = m[1]
		}
	}
	if len(names) < 200 {
		t.Errorf("only %d codes were found", len(names))
	}
}

// examples are findings of the scripts, by code, verdict and version of their rule: the first
// of each, in the rule's own scripts where one comes to it there.
func examples(t *testing.T) map[string]trace.Finding {
	found, own := map[string]trace.Finding{}, map[string]bool{}
	for _, sc := range scenarios(t) {
		s, err := sc.play(t)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range s.verdicts {
			for _, f := range v.Findings {
				key := example(f.Code, f.Severity, f.Version)
				ofRule := strings.HasPrefix(sc.file, strings.ToLower(f.Rule)+"_")
				if _, ok := found[key]; !ok || ofRule && !own[key] {
					found[key], own[key] = f, ofRule
				}
			}
		}
	}
	return found
}

func example(code uint32, severity trace.Severity, version uint32) string {
	return fmt.Sprintf("%d %s %d", code, severity, version)
}

// restsOn are a finding's facts in a cell of a table: GS1 keys without their domain, a few of
// many.
func restsOn(f *trace.Finding) string {
	const most = 3
	var cells []string
	for i, x := range f.Facts {
		if i == most {
			cells = append(cells, "…")
			break
		}
		cell := strings.ReplaceAll(x.Name+": "+x.Value, "https://id.gs1.org/", "")
		if x.Seq != nil {
			cell += fmt.Sprintf(" (record %d)", *x.Seq)
		}
		cells = append(cells, strings.ReplaceAll(cell, "|", `\|`))
	}
	return strings.Join(cells, "; ")
}

func rulesDocument(examples map[string]trace.Finding) string {
	rulesets := contracts.Rulesets()
	first := rulesets[0]
	readable, _ := contracts.Declaring(contracts.CodeMalformed)
	list := byRule(append([]contracts.Contract{readable}, first.Contracts()...))
	var b strings.Builder
	fmt.Fprintf(&b, `# The rules

What the ruleset %s judges, as its contracts declare it; this page is generated from them. A record that any finding
REJECTs changes nothing: it is kept with its verdict, and under `+"`refused`"+` of everything it names. LOCK, FLAG and INFO
are applied: LOCK blocks the goods until it is settled, FLAG asks somebody to look (`+"`waymark alerts`"+`), INFO is a
derived fact. The verdict on a record names the facts each finding rests on, with the record that says so where one does, and the next step. A rule rests
on the record itself, on the states that it says here it reads, and on what every rule may read: the signer's key and standing,
who licenses a GS1 prefix, the network's parameters and block time. A test fails where one reads, writes or finds anything else.
A finding's facts and its next step are shown as it has them in a script of the rule (contracts/testdata): GS1 keys without
https://id.gs1.org/, records by their number in the script, from 0 on. Where it takes too many records for a script, they are left out.

Nothing is refused for lack of history: a rule that depends on other parties' completeness may only FLAG.

A network begins with %s. Its members may vote for another ruleset from a height on; what each of those judges otherwise
stands at the end: %s. All write the same states.
`, first.Name(), first.Name(), anchors(rulesets[1:]))
	for _, c := range list {
		b.WriteString(section(&c, "", examples))
	}
	for _, r := range rulesets[1:] {
		fmt.Fprintf(&b, "\n# %s\n\n%s\n\nAll other rules are those of %s. A finding names the version of its rule, and so which of them it is of.\n",
			r.Name(), wrapped(r.Says()), first.Name())
		for _, c := range byRule(otherwise(r, first)) {
			b.WriteString(section(&c, " of "+r.Name(), examples))
		}
	}
	return b.String()
}

// otherwise are the contracts of a ruleset that judge otherwise than those of another.
func otherwise(r, than *contracts.Ruleset) []contracts.Contract {
	return slices.DeleteFunc(r.Contracts(), func(c contracts.Contract) bool {
		return slices.ContainsFunc(than.Contracts(), func(k contracts.Contract) bool {
			return k.Rule == c.Rule && k.Name == c.Name && k.Version == c.Version
		})
	})
}

func byRule(list []contracts.Contract) []contracts.Contract {
	slices.SortStableFunc(list, func(a, b contracts.Contract) int { return cmp.Compare(a.Rule, b.Rule) })
	return list
}

func anchors(list []*contracts.Ruleset) string {
	var out []string
	for _, r := range list {
		out = append(out, fmt.Sprintf("[%s](#%s)", r.Name(), r.Name()))
	}
	return strings.Join(out, ", ")
}

func section(c *contracts.Contract, of string, examples map[string]trace.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s %s (version %d%s)\n\n%s\n\n", c.Rule, c.Name, c.Version, of, wrapped(c.Says))
	fmt.Fprintf(&b, "Judges %s.%s%s Source: %s.\n\n", cmp.Or(listed(c.Kinds), "records of every kind"), states(" Reads the state of ", listed(c.Reads)), states(" Writes that of ", listed(c.Writes)), c.Source)
	b.WriteString("| code | verdict | finding | facts, for example | next step |\n|---|---|---|---|---|\n")
	for _, f := range c.Finds {
		shown, ok := examples[example(f.Code, f.Severity, c.Version)]
		if !ok { // judged as the first ruleset does
			shown = examples[example(f.Code, f.Severity, 1)]
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s | %s |\n", f.Code, f.Severity, f.Title, restsOn(&shown), shown.Next)
	}
	return b.String()
}

func states(before, names string) string {
	if names == "" {
		return ""
	}
	return before + names + "."
}

func listed[T ~string](names []T) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return strings.Join(out, ", ")
}

// wrapped breaks a text into lines of at most 120 characters.
func wrapped(text string) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > 120 {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return strings.Join(append(lines, line), "\n")
}
