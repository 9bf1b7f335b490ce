package main

import (
	"errors"
	"io"
	"strconv"

	"github.com/spf13/cobra"
)

func newExplain() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain SEQ",
		Short: "Print why a record was judged as it was",
		Long: `Explain prints the reasoning behind the verdict on the record at SEQ, its place on
the ledger as capture prints it: who signed what and when, whether it was accepted,
and for each finding the rule, what the rule means, the facts it rests on with the
records they were read from, and what to do now.

It is what the node tells. What the ledger holds is proved by a dossier.`,
		Example: `  waymark explain 41 --home ./home
  waymark explain 41 --testnet ./net --json`,
		Args: cobra.ExactArgs(1),
	}
	connect := connectionFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		seq, err := strconv.ParseUint(args[0], 10, 64)
		if err != nil {
			return usagef("SEQ is %q, and should be a whole number: a record's place on the ledger", args[0])
		}
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		e, err := c.Explain(cmd.Context(), seq)
		if err != nil {
			return err
		}
		var failed error
		err = print(cmd, e, func(w io.Writer) { failed = e.Text(w) })
		return errors.Join(err, failed)
	}
	return cmd
}
