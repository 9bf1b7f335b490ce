package contracts_test

import (
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
)

// A contract says what it is, and each code belongs to one of them.
func TestContractsDeclareThemselves(t *testing.T) {
	codes := map[uint32]string{}
	for _, c := range contracts.Contracts() {
		if c.Rule == "" || c.Version == 0 || c.Name == "" || c.Says == "" || c.Source == "" || len(c.Kinds) == 0 || len(c.Finds) == 0 {
			t.Errorf("%s %s says too little of itself", c.Rule, c.Name)
		}
		for _, f := range c.Finds {
			if f.Title == "" {
				t.Errorf("%s declares %d without a title", c.Rule, f.Code)
			}
			if other, ok := codes[f.Code]; ok && other != c.Rule {
				t.Errorf("code %d belongs to %s and %s", f.Code, other, c.Rule)
			}
			codes[f.Code] = c.Rule
		}
	}
}
