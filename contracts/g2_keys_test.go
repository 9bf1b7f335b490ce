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

// The list of open proposals is bounded, and no member alone fills it: the others could not
// even propose to remove it. One that is decided, taken back or lapses makes room.
func TestSoManyProposalsAreOpen(t *testing.T) {
	m := newMemory()
	var traders []string
	for _, prefix := range []string{"9521102", "9521103", "9521104", "9521105", "9521106"} {
		name := "trader " + prefix
		m.admit(name, identity.Organisation{ID: partyID(prefix), Name: prefix, Roles: []identity.Role{"trader"}}, identity.Active, identity.Active)
		traders = append(traders, name)
	}
	m.time = epcis.Instant{Seconds: worldStart}
	record := func(by string, g epcis.Governance) []string {
		return words(m.judge(t, by, epcis.KindGovernance, g.JSON()))
	}
	propose := func(by string, n int) []string {
		return record(by, epcis.Governance{Action: epcis.Propose, ID: epcis.Canonical(fmt.Sprint("urn:p:", n)), Change: epcis.ChangeSuspend, Subject: epcis.Canonical(partyID("9521105"))})
	}
	for n := range 64 {
		if got := propose(traders[n/16], n); !slices.Equal(got, []string{"INFO 9107"}) {
			t.Fatalf("proposal %d: %v", n, got)
		}
		if n == 15 {
			if got := propose(traders[0], 100); !slices.Equal(got, []string{"REJECT 9106"}) {
				t.Errorf("one too many of one member: %v", got)
			}
		}
	}
	if got := propose(traders[4], 64); !slices.Equal(got, []string{"REJECT 9106"}) {
		t.Errorf("one too many: %v", got)
	}
	if got := record(traders[0], epcis.Governance{Action: epcis.Withdraw, ID: epcis.Canonical("urn:p:3")}); len(got) > 0 {
		t.Errorf("taken back: %v", got)
	}
	if got := propose(traders[1], 64); !slices.Equal(got, []string{"REJECT 9106"}) {
		t.Errorf("one too many of another member: %v", got)
	}
	if got := propose(traders[4], 64); !slices.Equal(got, []string{"INFO 9107"}) {
		t.Errorf("in the room of the one that was taken back: %v", got)
	}
	m.time = m.time.Add(int64(identity.DefaultParameters().ProposalTerm) + 1)
	if got := propose(traders[0], 65); !slices.Equal(got, []string{"INFO 9107"}) {
		t.Errorf("after they have lapsed: %v", got)
	}
}
