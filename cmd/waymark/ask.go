package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

func newTrace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trace ID",
		Short: "Print the journey of an item, lot, container or document",
		Long: `Trace asks a node where a thing came from and what became of it. ID is a GS1 key as
Digital Link or EPC URN, a container, or a business document such as a bill of
lading or a customs declaration, by its URI or the number that is printed on it.

A journey that is too long for one answer is told in parts, the nearest first: its end
says so, and --continue asks for the parts that follow until it is whole. As JSON these
are an array of answers then.

The answer is verified, and believed for no other reason, where there is a genesis
document to begin with: --genesis, else that of the testnet or the home. An answer
that does not verify is not printed; the exit code is 1 then.`,
		Example: `  waymark trace https://id.gs1.org/01/09521104000020/21/R2600000001 --direction upstream
  waymark trace urn:epc:id:sgtin:9521104.000002.R2600000001 --testnet ./net --json
  waymark trace 26DE585000000000R7 --testnet ./net --at 40
  waymark trace 26DE585000000000R7 --testnet ./net --continue`,
		Args: cobra.ExactArgs(1),
	}
	connect := connectionFlags(cmd)
	trusts := trustFlags(cmd)
	f := cmd.Flags()
	direction := f.String("direction", string(trace.Upstream), "upstream, downstream or both")
	at := heightFlag(cmd, "tell it as of this past height")
	noVerify := f.Bool("no-verify", false, "print what the node tells, unverified")
	whole := f.Bool("continue", false, "ask for the parts that follow, too, until the journey is whole")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		id, err := thing(args[0])
		if err != nil {
			return err
		}
		way, err := directionOf(*direction)
		if err != nil {
			return err
		}
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		trusted, err := trusts.read(connect)
		if err != nil {
			return err
		}
		verifies := trusted != nil && !*noVerify
		if *at != 0 && !verifies {
			return usagef("--at is told from a verified answer alone: name the genesis document with --genesis")
		}
		if *at != 0 && *whole {
			return usagef("--continue: a journey goes on as of today alone: ask for it without --at")
		}
		told := &traced{}
		if verifies {
			c = c.WithAnchor(trusted.anchor)
			q := client.Question{ID: id, Direction: way, At: *at}
			err = told.prove(cmd.Context(), c, q)
		} else {
			told.Trace, err = c.TraceAsTold(cmd.Context(), id, *direction)
		}
		if err != nil {
			return err
		}
		parts := []*traced{told}
		for *whole && told.Continuation != "" {
			if told, err = told.next(cmd.Context(), c); err != nil {
				return fmt.Errorf("part %d of the journey: %w", len(parts)+1, err)
			}
			parts = append(parts, told)
			fmt.Fprintf(cmd.ErrOrStderr(), "part %d: %s more\n", len(parts), counted(uint64(len(told.Records)), "record"))
		}
		var failed error
		err = print(cmd, answers(parts, *whole), func(w io.Writer) {
			for i, part := range parts {
				if i > 0 {
					fmt.Fprintf(w, "\nPart %d\n\n", i+1)
				}
				failed = errors.Join(failed, part.write(w, i < len(parts)-1))
			}
		})
		switch {
		case verifies:
			fmt.Fprintln(cmd.ErrOrStderr(), trusted.against(told.verdict, wholly(parts), time.Now()))
		case !*noVerify:
			fmt.Fprintln(cmd.ErrOrStderr(), "Not verified: this is what the node tells. Name the network's genesis document with --genesis.")
		}
		return errors.Join(err, failed)
	}
	return cmd
}

// traced is a journey as trace prints it.
type traced struct {
	*client.Trace
	Verified *verifiedAgainst `json:"verified"` // null for what a node only told
	verdict  *proof.Verdict
}

// verifiedAgainst is what a verified journey rests on.
type verifiedAgainst struct {
	Trust      proof.TrustVerdict      `json:"trust"`
	Checkpoint proof.CheckpointVerdict `json:"checkpoint"`
	Complete   bool                    `json:"complete"`
}

// prove asks for a journey and verifies it.
func (t *traced) prove(ctx context.Context, c *client.Client, q client.Question) (err error) {
	if q.At == 0 {
		if t.Trace, err = c.Trace(ctx, q.ID, string(q.Direction)); err == nil {
			t.verdict = t.Trace.Verdict
		}
	} else {
		t.verdict, _, err = c.Prove(ctx, q)
		if err == nil && (t.verdict.Then == nil || !t.verdict.Then.Known) {
			err = fmt.Errorf("the ledger held no record of %s at height %d: %w", t.verdict.ID, q.At, trace.ErrUnknown)
		}
	}
	if known := epcis.Canonical(q.ID); errors.Is(err, trace.ErrUnknown) && known.Malformed != "" {
		err = fmt.Errorf("%w\n  check the identifier: %s", err, known.Malformed)
	}
	if _, refuted := errors.AsType[*proof.Refutation](err); refuted || errors.Is(err, trace.ErrUnknown) {
		return refusedError{err}
	}
	if err != nil {
		return err
	}
	t.Verified = &verifiedAgainst{t.verdict.Trust, t.verdict.Checkpoint, t.verdict.Complete}
	return nil
}

// next asks for the part of the journey that follows, and verifies it where this one is
// verified.
func (t *traced) next(ctx context.Context, c *client.Client) (*traced, error) {
	next := &traced{}
	var err error
	if t.verdict == nil {
		next.Trace, err = c.NextAsTold(ctx, t.Trace)
		return next, err
	}
	if next.Trace, err = c.Next(ctx, t.Trace); err != nil {
		if _, refuted := errors.AsType[*proof.Refutation](err); refuted {
			err = refusedError{err}
		}
		return nil, err
	}
	next.verdict = next.Trace.Verdict
	next.Verified = &verifiedAgainst{next.verdict.Trust, next.verdict.Checkpoint, next.verdict.Complete}
	return next, nil
}

// wholly reports whether the parts, to the last one, tell all of the journey.
func wholly(parts []*traced) bool {
	if len(parts) == 1 {
		return parts[0].verdict.Complete
	}
	return parts[len(parts)-1].verdict.Rest == nil &&
		!slices.ContainsFunc(parts, func(t *traced) bool { return len(unread(t.verdict.Journey)) > 0 })
}

// answers are what is printed as JSON: one answer, or where the journey was asked for to
// its end all parts of it.
func answers(parts []*traced, whole bool) any {
	if !whole {
		return parts[0].answer()
	}
	var all []any
	for _, t := range parts {
		all = append(all, t.answer())
	}
	return all
}

// write prints the tree; follows says that the next part does, below it.
func (t *traced) write(w io.Writer, follows bool) error {
	j := *t.journey()
	more := j.Continuation != "" && !follows
	if follows {
		j.Continuation = ""
	}
	err := j.Tree(w)
	if more {
		fmt.Fprintln(w, "waymark trace --continue tells all of it.")
	}
	return err
}

// journey is today's, or where that was asked for that of then.
func (t *traced) journey() *trace.Journey {
	if t.verdict != nil && t.verdict.Then != nil {
		return t.verdict.Then.Journey
	}
	return t.Journey()
}

// answer is what is printed as JSON. As of a past height it has no records: the
// dossier has them.
func (t *traced) answer() any {
	if t.verdict == nil || t.verdict.Then == nil {
		return t
	}
	return struct {
		At uint64 `json:"at"`
		*trace.Journey
		Verified *verifiedAgainst `json:"verified"`
	}{t.verdict.Then.At, t.verdict.Then.Journey, t.Verified}
}

// ahead says of a ruleset from when on it judges, and whether the node that was asked
// can follow.
func ahead(a client.Activation) string {
	said := fmt.Sprintf("from height %d on ruleset %s judges, ", a.Height, trace.OneLine(a.Ruleset))
	if a.Present {
		return said + "which this node's release has"
	}
	return said + fmt.Sprintf("which this node's release lacks: install release %s before, or the node stops there", trace.OneLine(a.Release))
}

func newStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Print how a node stands",
		Example: `  waymark status --home ./home --json`,
		Args:    cobra.NoArgs,
	}
	connect := connectionFlags(cmd)
	patience := waitFlag(cmd, 10*time.Second, "how long to wait for the answer")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		ctx, cancel := context.WithTimeout(cmd.Context(), *patience)
		defer cancel()
		s, err := c.Status(ctx)
		if errors.Is(err, context.DeadlineExceeded) { // a frozen process takes the connection and never answers
			return fmt.Errorf("the node at %s does not answer within %v: %w", c.Base(), *patience, err)
		}
		if err != nil {
			return err
		}
		return print(cmd, s, func(w io.Writer) {
			serving := "yes"
			if !s.Ready {
				serving = "no: " + s.Reason
			}
			organisation := s.OrganisationName + " (" + s.Organisation + ")"
			if s.Organisation == "" { // a newcomer's, until it has read its admission
				organisation = "none that this node's ledger knows"
			}
			lines := []string{
				"serving\t" + serving,
				"organisation\t" + organisation,
				"signs with\t" + s.Address,
				"network\t" + s.Network,
				fmt.Sprintf("height\t%d, at %s", s.Height, s.Time),
				fmt.Sprintf("records\t%d", s.Records),
				"app hash\t" + s.AppHash,
				fmt.Sprintf("peers\t%d on libp2p, %d in consensus", s.Peers, s.EnginePeers),
				fmt.Sprintf("waiting\t%d in the outbox, %d in the pool", s.Outbox, s.Pool),
				"version\t" + s.Version,
				"ruleset\t" + s.Ruleset.Name,
			}
			for _, a := range s.Activations {
				lines = append(lines, "ahead\t"+ahead(a))
			}
			rows(w, lines...)
		})
	}
	return cmd
}
