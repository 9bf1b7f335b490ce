package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

func newVote() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "vote PROPOSAL yes|no",
		Short: "Vote on a proposal, or take one's own back",
		Long: `Vote records this organisation's vote. The last vote of a member counts, until the
proposal is decided. "withdraw" in place of the vote takes one's own proposal back.`,
		Example: `  waymark vote urn:uuid:6f1c9a4e-3c6b-4a51-9d0a-2b5a1f8f2d11 yes --home ./home
  waymark vote urn:uuid:6f1c9a4e-3c6b-4a51-9d0a-2b5a1f8f2d11 no --reason "see the replay"`,
		Args: cobra.ExactArgs(2),
	}
	r := recorderFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		g := epcis.Governance{Action: epcis.Vote, ID: epcis.Canonical(args[0])}
		switch args[1] {
		case "yes":
			g.Yes = true
		case "no":
		case "withdraw":
			g.Action = epcis.Withdraw
		default:
			return usagef("a vote is yes or no, or withdraw: not %q", args[1])
		}
		return r.record(cmd, g)
	}
	return cmd
}

// membership is what members says.
type membership struct {
	Members     []client.Organisation `json:"members"`
	Validators  []client.Validator    `json:"validators"`
	Proposals   []client.Proposal     `json:"proposals"`
	Activations []client.Activation   `json:"activations"`
}

func newMembers() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "members [PROPOSAL]",
		Short: "List members, validators and open proposals",
		Long: `Members lists who takes part, with standing, roles, prefixes and operating keys, who
runs the validators, what is being voted on, and which ruleset is to judge from a
height ahead. With a proposal's id it tells what became of that one.`,
		Example: `  waymark members --home ./home
  waymark members urn:uuid:6f1c9a4e-3c6b-4a51-9d0a-2b5a1f8f2d11 --json`,
		Args: cobra.MaximumNArgs(1),
	}
	connect := connectionFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		if len(args) == 1 {
			list, err := c.Proposals(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return print(cmd, list[0], func(w io.Writer) { writeProposal(w, &list[0]) })
		}
		n, err := c.Network(cmd.Context())
		if err != nil {
			return err
		}
		proposals, err := c.Proposals(cmd.Context(), "")
		if err != nil {
			return err
		}
		m := membership{n.Organisations, n.Validators, proposals, n.Activations}
		return print(cmd, m, func(w io.Writer) { writeMembers(w, &m) })
	}
	return cmd
}

func writeMembers(w io.Writer, m *membership) {
	power := map[string]int64{}
	for _, v := range m.Validators {
		power[v.Organisation] += v.Power
	}
	lines := []string{"MEMBER\tID\tSTANDING\tROLES\tPREFIXES\tVALIDATOR POWER\tKEYS"}
	for _, o := range m.Members {
		roles := make([]string, len(o.Roles))
		for i, r := range o.Roles {
			roles[i] = string(r)
		}
		keys := make([]string, len(o.Addresses))
		for i, address := range o.Addresses {
			if keys[i] = address; len(o.KeyKinds[address]) > 0 {
				keys[i] += " (" + strings.Join(o.KeyKinds[address], " ") + ")"
			}
		}
		lines = append(lines, row(o.Name, o.ID, string(o.Status), strings.Join(roles, ","),
			strings.Join(o.Prefixes, ","), fmt.Sprint(power[o.ID]), strings.Join(keys, ",")))
	}
	rows(w, lines...)
	for _, a := range m.Activations {
		fmt.Fprintln(w, "\n"+ahead(a))
	}
	for i := range m.Proposals {
		fmt.Fprintln(w)
		writeProposal(w, &m.Proposals[i])
	}
}

func writeProposal(w io.Writer, p *client.Proposal) {
	fmt.Fprintf(w, "proposal %s: %s\n", trace.OneLine(p.ID), p.Status)
	lines := []string{"  change\t" + told(p)}
	lines = append(lines, fmt.Sprintf("  proposed by\t%s, record %d", p.Proposer, p.Seq))
	for _, v := range p.Votes {
		vote := "no"
		if v.Yes {
			vote = "yes"
		}
		lines = append(lines, fmt.Sprintf("  %s\t%s, record %d", vote, v.Organisation, v.Seq))
	}
	if p.Decided != nil {
		lines = append(lines, fmt.Sprintf("  decided\tby record %d", *p.Decided))
	} else {
		lines = append(lines, "  open until\t"+p.Until.String())
	}
	rows(w, lines...)
}

// told says what a proposal is to change.
func told(p *client.Proposal) string {
	r, err := epcis.Decode(epcis.KindGovernance, p.Record)
	if err != nil {
		return p.Change
	}
	what := trace.ProposedChange(r.Governance)
	if r.Governance.Reason != "" {
		what += " (" + r.Governance.Reason + ")"
	}
	return trace.OneLine(what)
}
