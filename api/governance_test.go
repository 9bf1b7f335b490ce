package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// Without an id the proposals are those that can be voted on: one that has lapsed is
// told to whoever names it. What is no parameter is refused, or it would be answered
// as if it had not been asked.
func TestProposals(t *testing.T) {
	m := newMemory(t)
	put := func(k trace.Key, v any) {
		b, err := identity.MarshalCanonical(v)
		if err != nil {
			t.Fatal(err)
		}
		m.states[k] = b
	}
	m.block(start * 1e9)
	for id, until := range map[string]int64{"urn:p:lapsed": start - 1, "urn:p:open": start} {
		put(trace.Key{NS: trace.NSGovernance, ID: id}, contracts.ProposalState{Change: "suspend", Until: until, Status: contracts.ProposalOpen,
			Votes: []contracts.Ballot{}, Record: []byte(`{}`)})
	}
	put(contracts.ProposalsKey(), contracts.ProposalsState{Open: []string{"urn:p:lapsed", "urn:p:open"}})
	h := newAPI(t, m, api.Limits{})
	for query, want := range map[string]string{"": "urn:p:open open", "?id=urn:p:lapsed": "urn:p:lapsed lapsed", "?id=urn:p:open": "urn:p:open open"} {
		w := do(t, h, call{"GET", "/v1/proposals" + query, queryKey, "", nil})
		var got struct{ Proposals []struct{ ID, Status string } }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || len(got.Proposals) != 1 || got.Proposals[0].ID+" "+got.Proposals[0].Status != want {
			t.Errorf("%q: %d %s", query, w.Code, w.Body)
		}
	}
	for query, want := range map[string]string{"?ID=urn:p:open": "takes id.", "?id=": "id is empty", "?id=urn:p:open&id=urn:p:lapsed": "id is given 2 times"} {
		if w := do(t, h, call{"GET", "/v1/proposals" + query, queryKey, "", nil}); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	if w := do(t, h, call{"GET", "/v1/proposals?id=urn:p:none", queryKey, "", nil}); w.Code != 404 {
		t.Errorf("an unknown one: %d %s", w.Code, w.Body)
	}
}
