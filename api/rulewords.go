package api

import (
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/trace"
)

// ruleWords are what the rule of a finding is called and what it demands, as its
// contract says; both empty for a finding of another version, or of a ruleset that
// this build does not have, which then speaks for itself.
func ruleWords(f *trace.Finding) (name, says string) {
	rule, ok := contracts.Declaring(f.Code)
	if !ok || rule.Version != f.Version {
		return "", ""
	}
	return rule.Name, rule.Says
}
