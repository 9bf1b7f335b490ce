package contracts_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// An organisation's keys are bounded, for its state lists them all; one that it
// revokes makes room.
func TestAnOrganisationHasSoManyKeys(t *testing.T) {
	m := newMemory()
	m.admit("trader", identity.Organisation{ID: partyID("9521102"), Name: "trader", Roles: []identity.Role{"trader"}}, identity.Active, identity.Active)
	m.time = epcis.Instant{Seconds: worldStart}
	judge := func(g epcis.Governance) []string {
		return words(m.judge(t, "trader", epcis.KindGovernance, g.JSON()))
	}
	var keys []*identity.Key
	for i := range identity.MaxKeys + 1 {
		key, err := identity.ParseKey(fmt.Sprintf("%064x", i+1))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	add := func(i int) []string {
		return judge(epcis.Governance{Action: epcis.AddKey, Key: identity.FormatPublicKey(keys[i].PublicKey())})
	}
	for i := range identity.MaxKeys {
		if got := add(i); !slices.Equal(got, []string{"INFO 9205"}) {
			t.Fatalf("key %d: %v", i, got)
		}
	}
	if got := add(identity.MaxKeys); !slices.Equal(got, []string{"REJECT 9211"}) {
		t.Errorf("one too many: %v", got)
	}
	if got := judge(epcis.Governance{Action: epcis.RevokeKey, Key: keys[0].Address().Hex(), Reason: "rotated"}); !slices.Equal(got, []string{"INFO 9206"}) {
		t.Errorf("it cannot be revoked: %v", got)
	}
	if got := add(identity.MaxKeys); !slices.Equal(got, []string{"INFO 9205"}) {
		t.Errorf("after one was revoked: %v", got)
	}
}
