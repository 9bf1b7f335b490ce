package contracts_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
)

var update = flag.Bool("update", false, "write docs/rules.md")

// docs/rules.md says what the contracts say of themselves.
func TestRulesDocument(t *testing.T) {
	path := filepath.Join("..", "docs", "rules.md")
	want := rulesDocument()
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

func rulesDocument() string {
	list := contracts.Contracts()
	readable, _ := contracts.Declaring(contracts.CodeMalformed)
	list = append(list, readable)
	slices.SortStableFunc(list, func(a, b contracts.Contract) int { return cmp.Compare(a.Rule, b.Rule) })
	var b strings.Builder
	fmt.Fprintf(&b, `# The rules

What the ruleset %s judges, as its contracts declare it; this page is generated from them. A record that any finding
REJECTs changes nothing: it is kept with its verdict, and under `+"`refused`"+` of everything it names. LOCK, FLAG and INFO
are applied: LOCK blocks the goods until it is settled, FLAG asks somebody to look (`+"`waymark alerts`"+`), INFO is a
derived fact. The verdict on a record names the facts each finding rests on, with the record that says so where one does, and the next step. A rule rests
on the record itself, on the states that it says here it reads, and on what every rule may read: the signer's key and standing,
who licenses a GS1 prefix, the network's parameters and block time. A test fails where one reads, writes or finds anything else.

Nothing is refused for lack of history: a rule that depends on other parties' completeness may only FLAG.
`, contracts.Ruleset().Name)
	for _, c := range list {
		fmt.Fprintf(&b, "\n## %s %s (version %d)\n\n%s\n\n", c.Rule, c.Name, c.Version, wrapped(c.Says))
		fmt.Fprintf(&b, "Judges %s.%s%s Source: %s.\n\n", cmp.Or(listed(c.Kinds), "records of every kind"), states(" Reads the state of ", listed(c.Reads)), states(" Writes that of ", listed(c.Writes)), c.Source)
		b.WriteString("| code | verdict | finding |\n|---|---|---|\n")
		for _, f := range c.Finds {
			fmt.Fprintf(&b, "| %d | %s | %s |\n", f.Code, f.Severity, f.Title)
		}
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
