package contracts_test

import (
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// The coffee lane, from cherries to retail bags, balances: no rule of
// transformations and stock has anything to say of it, and every lot is used up.
func TestCoffeeLaneBalances(t *testing.T) {
	m := newMemory()
	m.admitLanes()
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	m.time = epcis.InstantFromUnixNano(noon.UnixNano())
	acts, err := lane.Coffee.Ground(noon)
	if err != nil {
		t.Fatal(err)
	}
	coffee, err := lane.Coffee.Script(noon, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, act := range append(acts, coffee.Honest()...) {
		records, err := act.Signed()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			for _, f := range m.judge(t, act.Member, act.Kind, r).Findings {
				switch f.Rule {
				case "M1", "M2", "M3", "W1":
					t.Errorf("%s: %+v", act.Title, f)
				}
			}
		}
	}
	for id, want := range map[string]string{
		"https://id.gs1.org/01/09521101000016/10/CH2600000A|": "15000",
		"https://id.gs1.org/01/09521101000023/10/PA2600000|":  "7600",
		"https://id.gs1.org/01/09521102000015/10/GR2600000|":  "6003",
		"https://id.gs1.org/01/09521104000013/10/RO2600000|":  "100.8",
	} {
		var a contracts.Account
		if err := identity.UnmarshalStrict(m.states[trace.Key{NS: trace.NSBalance, ID: id}], &a); err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		if a.Unit != "KGM" || a.In.String() != want || a.Out.String() != want {
			t.Errorf("%s: %s in, %s out", id, a.In, a.Out)
		}
	}
}
