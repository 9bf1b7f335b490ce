package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

func newPropose() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "propose",
		Short: "Propose a change of the network, for the members to vote on",
		Long: `Propose records a change that the members vote on: who is a member, the parameters,
the validators, the ruleset, the schemes that goods need, who licenses a GS1 prefix, who may use a place. A proposal is its proposer's yes. It is carried out as
soon as more than half of the active members say yes, and lapses after 30 days,
or what the network's proposalTerm says.

The node signs with its organisation's key, which needs an API key with the scopes
capture and admin. With --key the record is signed here: that needs capture and query.`,
		Example: `  waymark propose admit --member newcomer.json --home ./home
  waymark propose suspend https://id.gs1.org/417/9521106000004 --reason "inspections without visits"
  waymark propose parameters lateness=604800 --testnet ./net`,
	}
	cmd.AddCommand(
		proposeMember("admit", "Admit an organisation", epcis.ChangeAdmit, false),
		proposeMember("amend ORGANISATION", "Describe a member anew: roles, prefixes, schemes, nodes", epcis.ChangeAmend, true),
		proposeStanding("suspend", "Suspend a member: it writes nothing and has no vote", epcis.ChangeSuspend),
		proposeStanding("reinstate", "Reinstate a suspended member", epcis.ChangeReinstate),
		proposeStanding("remove", "Remove a member", epcis.ChangeRemove),
		proposeParameters(), proposeValidator(), proposeRuleset(), proposeScheme(), proposePrefix(), proposePlace(),
	)
	return cmd
}

// recorder hands one governance record in.
type recorder struct {
	at         *deskOptions
	id, reason *string
	patience   *time.Duration
}

func recorderFlags(cmd *cobra.Command) *recorder {
	f := cmd.Flags()
	return &recorder{
		at:       deskFlags(cmd),
		reason:   f.String("reason", "", "why, for the others to read"),
		patience: waitFlag(cmd, time.Minute, "how long to wait for the verdict"),
	}
}

func proposalFlags(cmd *cobra.Command) *recorder {
	r := recorderFlags(cmd)
	r.id = cmd.Flags().String("id", "", "URI of the proposal; default a random one")
	return r
}

// governed is what became of a governance record.
type governed struct {
	Proposal string `json:"proposal,omitempty"`
	client.Record
}

func (r *recorder) propose(cmd *cobra.Command, g epcis.Governance) error {
	g.Action = epcis.Propose
	id := *r.id
	if id == "" {
		id = "urn:uuid:" + randomUUID()
	}
	g.ID = epcis.Canonical(id)
	return r.record(cmd, g)
}

// record hands the record in, and prints its proposal and its verdict.
func (r *recorder) record(cmd *cobra.Command, g epcis.Governance) error {
	g.Reason = *r.reason
	body := g.JSON()
	if _, err := epcis.Decode(epcis.KindGovernance, body); err != nil {
		return usageError{err}
	}
	d, err := r.at.open()
	if err != nil {
		return err
	}
	defer d.client.Close()
	ctx, cancel := context.WithTimeout(cmd.Context(), *r.patience)
	defer cancel()
	doc, err := lookThrough(body)
	if err != nil {
		return err
	}
	records, err := d.capture(ctx, doc)
	if err != nil {
		return err
	}
	done := governed{Proposal: g.ID.URI, Record: records[0]}
	if err := print(cmd, done, func(w io.Writer) { writeGoverned(w, &done) }); err != nil {
		return err
	}
	return refusals([]capturedFile{{File: g.Action, Records: records}})
}

func writeGoverned(w io.Writer, g *governed) {
	if g.Proposal != "" {
		fmt.Fprintln(w, "proposal", g.Proposal)
	}
	fmt.Fprintf(w, "record %d, block %d: %s\n", g.Seq, g.Height, verdictWords(g.Verdicts))
	for _, f := range g.Verdicts {
		if f.Severity == trace.Reject {
			continue // the error says what it rests on, and the way out
		}
		for _, fact := range f.Facts {
			fmt.Fprintf(w, "  %s: %s\n", trace.OneLine(fact.Name), factText(fact))
		}
		if f.Next != "" {
			fmt.Fprintf(w, "  %s\n", f.Next)
		}
	}
}

// randomUUID is a version 4 UUID (RFC 9562, section 5.4).
func randomUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

func proposeMember(use, short, change string, amends bool) *cobra.Command {
	example := "  waymark propose admit --member newcomer.json"
	args := cobra.NoArgs
	if amends {
		example, args = "  waymark propose amend https://id.gs1.org/417/9521106000004 --member certifier.json", cobra.ExactArgs(1)
	}
	cmd := &cobra.Command{Use: use, Short: short, Example: example, Args: args}
	r := proposalFlags(cmd)
	file := cmd.Flags().String("member", "", "file that describes the organisation, as genesis does; waymark init --genesis writes one")
	_ = cmd.MarkFlagRequired("member")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		b, err := readFile(*file)
		if err != nil {
			return err
		}
		o, err := readMember(b)
		if err != nil {
			return usagef("%s: %w", *file, err)
		}
		if err := inCountries(&o); err != nil {
			return usagef("%s: %w", *file, err)
		}
		m := &epcis.GovernedMember{ID: o.ID, Name: o.Name, Country: o.Country, Schemes: o.Schemes, Prefixes: o.Prefixes, Keys: o.Keys, Peer: o.Peer, NodeID: o.NodeID}
		for _, role := range o.Roles {
			m.Roles = append(m.Roles, string(role))
		}
		g := epcis.Governance{Change: change, Member: m}
		if amends {
			g.Subject, m.Keys = epcis.Canonical(args[0]), nil
		}
		return r.propose(cmd, g)
	}
	return cmd
}

// readMember reads a member's description. A slip of the pen in a name would change
// what is voted on, so unknown ones are refused.
func readMember(b []byte) (o identity.Organisation, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err = d.Decode(&o); err == nil && d.More() {
		err = errors.New("something follows after its end")
	}
	if err != nil {
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &kind) && kind.Field == "":
			err = errors.New("a member is described by a JSON object")
		case errors.As(err, &kind):
			err = fmt.Errorf("member %s is of another JSON type: %s", kind.Field, kind.Value)
		}
		return o, fmt.Errorf("%w; waymark init --genesis writes such a file", err)
	}
	return o, nil
}

func proposeStanding(name, short, change string) *cobra.Command {
	cmd := &cobra.Command{Use: name + " ORGANISATION", Short: short, Args: cobra.ExactArgs(1),
		Example: "  waymark propose " + name + " https://id.gs1.org/417/9521106000004"}
	r := proposalFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return r.propose(cmd, epcis.Governance{Change: change, Subject: epcis.Canonical(args[0])})
	}
	return cmd
}

func proposeParameters() *cobra.Command {
	cmd := &cobra.Command{Use: "parameters NAME=VALUE...", Short: "Change the network's parameters", Args: cobra.MinimumNArgs(1),
		Long: `Propose new values of the network's parameters: terms in seconds, tolerances as
decimal fractions, policies as words. docs/parameters.md lists them all, and waymark
replay says which recorded verdicts would have been others.`,
		Example: `  waymark propose parameters lateness=604800 futureSkew=300
  waymark propose parameters massTolerance=0.01 prefixAuthority=reject`}
	r := proposalFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var list []epcis.GovernedParameter
		for _, arg := range args {
			name, text, ok := strings.Cut(arg, "=")
			if !ok {
				return usagef("%q is not NAME=VALUE", arg)
			}
			list = append(list, epcis.GovernedParameter{Name: name, Value: text})
		}
		return r.propose(cmd, epcis.Governance{Change: epcis.ChangeParameters, Parameters: list})
	}
	return cmd
}

func proposeValidator() *cobra.Command {
	cmd := &cobra.Command{Use: "validator", Short: "Give a validator its power; 0 takes it out", Args: cobra.NoArgs,
		Example: "  waymark propose validator --organisation https://id.gs1.org/417/9521109000001 --validator-key 5f… --power 1"}
	r := proposalFlags(cmd)
	f := cmd.Flags()
	v := &epcis.GovernedValidator{}
	f.StringVar(&v.Organisation, "organisation", "", "the member that runs it")
	f.StringVar(&v.Key, "validator-key", "", "its Ed25519 public key, 64 hex digits")
	f.Uint64Var(&v.Power, "power", 1, "the weight of its vote")
	for _, name := range []string{"organisation", "validator-key"} {
		_ = cmd.MarkFlagRequired(name)
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return r.propose(cmd, epcis.Governance{Change: epcis.ChangeValidator, Validator: v})
	}
	return cmd
}

func proposeScheme() *cobra.Command {
	cmd := &cobra.Command{Use: "scheme URI", Short: "Make a certification scheme mandatory for goods; without any, for none", Args: cobra.ExactArgs(1),
		Example: "  waymark propose scheme https://example.org/organic --hs 0901 --hs 180100"}
	r := proposalFlags(cmd)
	s := &epcis.GovernedScheme{}
	cmd.Flags().StringSliceVar(&s.HSCodes, "hs", nil, "a commodity code, and all finer ones; may be repeated")
	cmd.Flags().StringSliceVar(&s.Classes, "class", nil, "a product class; may be repeated")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s.Scheme = args[0]
		return r.propose(cmd, epcis.Governance{Change: epcis.ChangeScheme, Scheme: s})
	}
	return cmd
}

func proposePrefix() *cobra.Command {
	cmd := &cobra.Command{Use: "prefix PREFIX", Short: "Have another member license a GS1 company prefix, or none", Args: cobra.ExactArgs(1),
		Long: `Propose who licenses a GS1 company prefix from the vote on: another member, or with
--end nobody any more. What was born under it before stays valid. From then on its new
licensee brings things into being under it, and of those only what is born after the vote.`,
		Example: `  waymark propose prefix 9521106 --licensee https://id.gs1.org/417/9521109000001
  waymark propose prefix 9521106 --end --reason "GS1 has revoked the licence"`}
	r := proposalFlags(cmd)
	p := &epcis.GovernedPrefix{}
	licensee := cmd.Flags().String("licensee", "", "the member that licenses it")
	cmd.Flags().Bool("end", false, "nobody licenses it any more")
	cmd.MarkFlagsOneRequired("licensee", "end")
	cmd.MarkFlagsMutuallyExclusive("licensee", "end")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		p.Prefix = args[0]
		p.Licensee = epcis.Canonical(*licensee).URI
		return r.propose(cmd, epcis.Governance{Change: epcis.ChangePrefix, Prefix: p})
	}
	return cmd
}

func proposePlace() *cobra.Command {
	cmd := &cobra.Command{Use: "place GLN", Short: "Let members use a place, or no longer", Args: cobra.ExactArgs(1),
		Long: `Propose who may record events at a place (rule A4), whosever it is: also at one whose GLN
no member licenses. It holds for the place's extensions. What the place's own member allows
in its master data (wm:usedBy) needs no vote, and no vote takes it back.`,
		Example: `  waymark propose place https://id.gs1.org/414/9521103000014 --grant https://id.gs1.org/417/9521102000008
  waymark propose place https://id.gs1.org/414/9521103000014 --withdraw https://id.gs1.org/417/9521102000008`}
	r := proposalFlags(cmd)
	grant := cmd.Flags().StringSlice("grant", nil, "a member that may use it; may be repeated")
	withdraw := cmd.Flags().StringSlice("withdraw", nil, "a member that may no longer; may be repeated")
	cmd.MarkFlagsOneRequired("grant", "withdraw")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		p := &epcis.GovernedPlace{ID: epcis.Canonical(args[0]).URI}
		for _, one := range *grant {
			p.Grant = append(p.Grant, epcis.Canonical(one).URI)
		}
		for _, one := range *withdraw {
			p.Withdraw = append(p.Withdraw, epcis.Canonical(one).URI)
		}
		return r.propose(cmd, epcis.Governance{Change: epcis.ChangePlace, Place: p})
	}
	return cmd
}

func proposeRuleset() *cobra.Command {
	cmd := &cobra.Command{Use: "ruleset NAME", Short: "Have another ruleset judge from a height on", Args: cobra.ExactArgs(1),
		Long: `Propose ruleset has another ruleset judge from a height on, which leaves the nodes time. waymark
version lists those of a release; a node whose release lacks it stops before that height. waymark
replay --ruleset NAME says beforehand what it would have judged otherwise.`,
		Example: "  waymark propose ruleset waymark-strict --release 0.1.0 --height 120000"}
	r := proposalFlags(cmd)
	release := cmd.Flags().String("release", "", "the release of waymark that has it")
	height := cmd.Flags().Uint64("height", 0, "the first height that it judges")
	for _, name := range []string{"release", "height"} {
		_ = cmd.MarkFlagRequired(name)
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return r.propose(cmd, epcis.Governance{Change: epcis.ChangeRuleset, Ruleset: &epcis.GovernedRuleset{Name: args[0], Release: *release, Height: *height}})
	}
	return cmd
}
