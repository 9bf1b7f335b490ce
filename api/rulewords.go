package api

import (
	"fmt"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// ruleWords are what the rule of a finding is called and what it demands, as its
// contract says; both empty for a finding of another version, or of a ruleset that
// this build does not have, which then speaks for itself.
func ruleWords(f *trace.Finding) (name, says string) {
	rule, ok := contracts.ContractOf(f)
	if !ok {
		return "", ""
	}
	return rule.Name, rule.Says
}

// rulesetsIn are the names of the rulesets that judged the heights of a snapshot.
func rulesetsIn(s Snapshot) func(height uint64) (string, error) {
	return func(height uint64) (string, error) {
		var voted contracts.RulesetState
		b, err := s.State(contracts.RulesetKey())
		if err == nil && b != nil {
			err = identity.UnmarshalStrict(b, &voted)
		}
		if err != nil {
			return "", fmt.Errorf("read which ruleset judged height %d: %w", height, err)
		}
		return voted.Name(height), nil
	}
}
