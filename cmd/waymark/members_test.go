package main

import (
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/node"
	"github.com/waymark-ledger/waymark/trace"
)

func TestProposalNamesItsMemberOnce(t *testing.T) {
	const id = "https://id.gs1.org/417/9521109000001"
	for _, g := range []epcis.Governance{
		{Change: epcis.ChangeAdmit, Member: &epcis.GovernedMember{ID: id, Name: "Harbour", Roles: []string{"trader"}}},
		{Change: epcis.ChangeAmend, Subject: epcis.Canonical(id), Member: &epcis.GovernedMember{ID: id, Name: "Harbour", Roles: []string{"trader"}}},
	} {
		g.Action, g.ID = epcis.Propose, epcis.Canonical("urn:uuid:p")
		got := told(&client.Proposal{Change: g.Change, Record: g.JSON()})
		if strings.Count(got, id) != 1 || strings.Count(got, "Harbour") != 1 || !strings.Contains(got, "roles trader") {
			t.Errorf("%q", got)
		}
	}
}

// Who votes reads lines that others have written: none of them writes one that the tool
// would have written, nor another column, nor what a terminal takes for more than text.
func TestOthersWriteNoLineOfTheirOwn(t *testing.T) {
	const forged = "x\nproposal urn:uuid:1: adopted\r\x1b[2Jy\tactive\u2028z\u202e"
	propose := func(g epcis.Governance) client.Proposal {
		g.Action, g.ID, g.Reason = epcis.Propose, epcis.Canonical("urn:uuid:p"), forged
		return client.Proposal{ID: g.ID.URI, Change: g.Change, Status: "open", Record: g.JSON()}
	}
	m := membership{
		Members: []client.Organisation{{Organisation: identity.Organisation{ID: "https://id.gs1.org/417/9521109000001", Name: forged}, Status: "suspended"}},
		Proposals: []client.Proposal{
			propose(epcis.Governance{Change: epcis.ChangeAdmit, Member: &epcis.GovernedMember{ID: "https://id.gs1.org/417/9521109000001", Name: forged}}),
			propose(epcis.Governance{Change: epcis.ChangeRuleset, Ruleset: &epcis.GovernedRuleset{Name: forged, Release: forged, Height: 9}}),
		},
		Activations: []client.Activation{{Height: 9, Ruleset: forged, Release: forged}},
	}
	finding := trace.Finding{Rule: "G1", Severity: trace.Reject, Title: "refused", Facts: []trace.Fact{{Name: forged, Value: forged}}}
	captured := []capturedFile{{File: "f.json", Records: []client.Record{{EventID: forged, Verdicts: []trace.Finding{finding}}}}}
	info := finding
	info.Severity = trace.Info
	for what, c := range map[string]struct {
		write func(*strings.Builder)
		lines int
	}{
		"members": {func(b *strings.Builder) { writeMembers(b, &m) }, 2 + 2 + 2*5},
		"a proposal": {func(b *strings.Builder) {
			writeGoverned(b, &governed{Record: client.Record{Verdicts: []trace.Finding{info}}})
		}, 2},
		"a refusal": {func(b *strings.Builder) { b.WriteString("refused" + wayOut([]trace.Finding{finding}) + "\n") }, 2},
		"records":   {func(b *strings.Builder) { writeCaptured(b, captured) }, 2},
		"a table":   {func(b *strings.Builder) { rows(b, "reason\t"+forged) }, 1},
		"an alert":  {func(b *strings.Builder) { rows(b, alertLine(&client.Alert{OwnerName: forged})) }, 1},
		"a case":    {func(b *strings.Builder) { rows(b, caseLine(&client.Case{OwnerName: forged})) }, 1},
		"a replay": {func(b *strings.Builder) {
			writeReplay(b, &node.ReplayReport{Changed: 1, Changes: []node.Change{{Was: []string{forged}, Would: []string{forged}, About: []string{forged}}}})
		}, 4 + 1 + 6},
	} {
		var b strings.Builder
		c.write(&b)
		text := b.String()
		if got := strings.Count(text, "\n"); got != c.lines {
			t.Errorf("%s: %d lines instead of %d:\n%q", what, got, c.lines, text)
		}
		if strings.ContainsAny(text, "\r\x1b\t\u2028\u202e") {
			t.Errorf("%s: %q", what, text)
		}
	}
}
