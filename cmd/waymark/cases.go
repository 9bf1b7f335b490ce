package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
)

func newCases() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cases",
		Short: "List where shipments and receipts differ",
		Long: `Cases lists the exceptions between shipments and their receipts: goods that arrived
and no shipment names, goods that were shipped and did not arrive by the deadline,
records that contradict each other, and damage. Each has an owner, who has to act
before a deadline in block time, and the resolutions that settle it.

It is what the node tells. The exit code is 0 whether there are cases or not.`,
		Example: `  waymark cases --home ./home
  waymark cases --testnet ./net --status overdue --json`,
		Args: cobra.NoArgs,
	}
	connect := connectionFlags(cmd)
	f := cmd.Flags()
	organisation := f.String("organisation", "", "only those of this organisation, as sender or as receiver (its id)")
	status := f.String("status", "", "open (with those that are overdue), overdue or closed; default all")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch *status {
		case "", "open", "overdue", "closed":
		default:
			return usagef("--status is %q, and should be open, overdue or closed", *status)
		}
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		cases, err := c.Cases(cmd.Context(), *organisation, *status)
		if err != nil {
			return err
		}
		return print(cmd, cases, func(w io.Writer) {
			if len(cases) == 0 {
				fmt.Fprintln(w, "No cases.")
				return
			}
			lines := []string{"CASE\tSTATUS\tCLASS\tOWNER\tRECEIVER\tDEADLINE\tGOODS\tSETTLED BY"}
			for i := range cases {
				lines = append(lines, caseLine(&cases[i]))
			}
			rows(w, lines...)
		})
	}
	return cmd
}

// caseLine is a case as one row of the table.
func caseLine(k *client.Case) string {
	settled := strings.Join(k.Resolutions, ", ")
	if k.Closed != nil {
		settled = fmt.Sprintf("%s, record %d", k.Closed.Resolution, k.Closed.Seq)
	}
	goods := append(append([]string{}, k.Items...), k.Lots...)
	text := fmt.Sprint(k.Count)
	if len(goods) > 0 {
		text += ": " + goods[0]
	}
	if k.Count > 1 && len(goods) > 0 {
		text += ", …"
	}
	return row(k.ID, k.Status, k.Class, named(k.OwnerName, k.Owner), named(k.PartyName, k.Party),
		clock(k.Deadline), text, settled)
}

// named is a name where there is one, else the id.
func named(name, id string) string {
	if name != "" {
		return name
	}
	return id
}
