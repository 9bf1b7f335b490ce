package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/epcis"
)

func newAlerts() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "alerts",
		Short: "List what the rules flagged",
		Long: `Alerts lists the records that are on the ledger and that a rule flagged: somebody has to
look. Each has an owner, who signed the record or owns the case that it opened, and is due
in block time. It is settled when its author declares an event wrong (errorDeclaration), when
its case is closed, or by a later record that ends or replaces what it says: the certificate
is revoked, the declaration withdrawn or decided on, newer master data stands in its place,
or the matter is answered again. What was refused is not among them, nor what is locked: waymark
explain and waymark cases tell of these.

It is what the node tells. The exit code is 0 whether there are alerts or not.`,
		Example: `  waymark alerts --home ./home --status open
  waymark alerts --testnet ./net --rule C2 --since 2026-11-22T00:00:00Z --json`,
		Args: cobra.NoArgs,
	}
	connect := connectionFlags(cmd)
	f := cmd.Flags()
	var q client.AlertQuestion
	f.StringVar(&q.Organisation, "organisation", "", "only those of this organisation, as owner or as signer of the record (its id)")
	f.StringVar(&q.Rule, "rule", "", "only those of this rule, such as C2")
	f.Uint32Var(&q.Code, "code", 0, "only those of this code, such as 1201")
	f.StringVar(&q.Status, "status", "", "open (with those that are overdue), overdue or settled; default all")
	f.StringVar(&q.Since, "since", "", "only those opened at this block time or later, such as 2026-11-22T00:00:00Z")
	f.IntVar(&q.Limit, "limit", 0, "how many to list at most; default all")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		switch q.Status {
		case "", "open", "overdue", "settled":
		default:
			return usagef("--status is %q, and should be open, overdue or settled", q.Status)
		}
		if _, err := epcis.ParseInstant(q.Since); q.Since != "" && err != nil {
			return usagef("--since is %q, and should be a date and time with its zone, such as 2026-11-22T00:00:00Z", q.Since)
		}
		if q.Limit < 0 {
			return usagef("--limit is %d, and should be a whole number from 0 on", q.Limit)
		}
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		alerts, more, err := c.Alerts(cmd.Context(), q)
		if err != nil {
			return err
		}
		return print(cmd, alerts, func(w io.Writer) {
			if len(alerts) == 0 {
				fmt.Fprintln(w, "No alerts.")
				return
			}
			lines := []string{"RECORD\tSTATUS\tRULE\tCODE\tFINDING\tOWNER\tDUE\tTOUCHES\tSETTLED BY"}
			for i := range alerts {
				lines = append(lines, alertLine(&alerts[i]))
			}
			rows(w, lines...)
			if more {
				fmt.Fprintln(w, "There are more: --limit says how many are listed.")
			}
		})
	}
	return cmd
}

// alertLine is an alert as one row of the table.
func alertLine(a *client.Alert) string {
	settled := ""
	if a.Settled != nil {
		settled = fmt.Sprintf("%s, record %d", a.Settled.Resolution, a.Settled.Seq)
	}
	touches := ""
	if len(a.Touches) > 0 {
		touches = a.Touches[0].ID
	}
	if a.Touched > 1 {
		touches += fmt.Sprintf(", and %d more", a.Touched-1)
	}
	return row(fmt.Sprint(a.Seq), a.Status, a.Rule, fmt.Sprint(a.Code), a.Title, named(a.OwnerName, a.Owner),
		clock(a.Due), touches, settled)
}
