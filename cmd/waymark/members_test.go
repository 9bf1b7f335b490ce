package main

import (
	"testing"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
)

func TestProposalNamesItsMemberOnce(t *testing.T) {
	const id = "https://id.gs1.org/417/9521109000001"
	for _, g := range []epcis.Governance{
		{Change: epcis.ChangeAdmit, Member: &epcis.GovernedMember{ID: id, Name: "Harbour", Roles: []string{"trader"}}},
		{Change: epcis.ChangeAmend, Subject: epcis.Canonical(id), Member: &epcis.GovernedMember{ID: id, Name: "Harbour", Roles: []string{"trader"}}},
	} {
		g.Action, g.ID = epcis.Propose, epcis.Canonical("urn:uuid:p")
		if got, want := told(&client.Proposal{Change: g.Change, Record: g.JSON()}), g.Change+" Harbour "+id+" as trader"; got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}
