package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

func newTrace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "trace ID",
		Short: "Print the journey of an item, lot, container or document",
		Long: `Trace asks a node where a thing came from and what became of it. ID is a GS1 key as
Digital Link or EPC URN, a container, or a business document such as a bill of
lading or a customs declaration, by its URI or the number that is printed on it.`,
		Example: `  waymark trace https://id.gs1.org/01/09521104000020/21/R2600000001 --direction upstream
  waymark trace urn:epc:id:sgtin:9521104.000002.R2600000001 --testnet ./net --json`,
		Args: cobra.ExactArgs(1),
	}
	connect := connectionFlags(cmd)
	direction := cmd.Flags().String("direction", string(trace.Upstream), "upstream, downstream or both")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		t, err := traceOf(cmd, c, args[0], *direction)
		if err != nil {
			return err
		}
		var failed error
		if err := print(cmd, t, func(w io.Writer) { failed = t.Journey().Tree(w) }); err != nil {
			return err
		}
		return failed
	}
	return cmd
}

// traceOf asks for a journey and verifies it where there is a genesis document to
// verify it with.
func traceOf(cmd *cobra.Command, c *client.Client, id, direction string) (*client.Trace, error) {
	if !c.Anchored() {
		fmt.Fprintln(cmd.ErrOrStderr(), "Not verified: this is what the node tells. With --home or --testnet the genesis document is at hand.")
		return c.TraceAsTold(cmd.Context(), id, direction)
	}
	t, err := c.Trace(cmd.Context(), id, direction)
	if _, refuted := errors.AsType[*proof.Refutation](err); refuted || errors.Is(err, trace.ErrUnknown) {
		return nil, refusedError{err}
	}
	return t, err
}

func newStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Print how a node stands",
		Example: `  waymark status --home ./home --json`,
		Args:    cobra.NoArgs,
	}
	connect := connectionFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		s, err := c.Status(cmd.Context())
		if err != nil {
			return err
		}
		return print(cmd, s, func(w io.Writer) {
			serving := "yes"
			if !s.Ready {
				serving = "no: " + s.Reason
			}
			rows(w,
				"serving\t"+serving,
				"organisation\t"+s.OrganisationName+" ("+s.Organisation+")",
				"signs with\t"+s.Address,
				"network\t"+s.Network,
				fmt.Sprintf("height\t%d, at %s", s.Height, s.Time),
				fmt.Sprintf("records\t%d", s.Records),
				"app hash\t"+s.AppHash,
				fmt.Sprintf("peers\t%d on libp2p, %d in consensus", s.Peers, s.EnginePeers),
				fmt.Sprintf("waiting\t%d in the outbox, %d in the pool", s.Outbox, s.Pool),
				"version\t"+s.Version,
			)
		})
	}
	return cmd
}
