package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/node"
)

func newCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Recompute a stopped node's ledger and compare it with what was committed",
		Long: `Check reads the stores of a node that is stopped. It recomputes the log root and
the map root of every height from the entries, checks every record's hash and every
envelope's signature on the way, and compares the app hashes with those in the
headers that the validators signed; and what a validator has signed last with its
key. It has the node's keys sign something, and reads the engine's write-ahead log, too.
It repairs nothing, and changes nothing.

With --scrub it also decodes every record, looks it up in every index that follows
from what it says, reads every block of the engine, and compares each block of the
stores' tables with its checksum.

Exit code 1 when something is damaged or missing: the message names the file, row or
value, and docs/operating.md says what to do. 2 when the check could not be made, because the
node runs or the home holds no ledger.`,
		Example: `  waymark check --home ./home
  waymark check --home ./home --scrub --json`,
		Args: cobra.NoArgs,
	}
	home := homeFlag(cmd)
	scrub := cmd.Flags().Bool("scrub", false, "also check what follows from the records' meaning, and every block")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		config, err := loadConfig(cmd, *home, nil)
		if err != nil {
			return err
		}
		p := &progress{w: cmd.ErrOrStderr(), began: time.Now()}
		report, err := node.Check(cmd.Context(), config, node.CheckOptions{Scrub: *scrub, Progress: p.tell})
		if err != nil {
			return usageError{err}
		}
		if err := print(cmd, report, func(w io.Writer) { writeReport(w, report) }); err != nil {
			return err
		}
		if report.Damage != "" {
			return refusedError{errors.New(report.Damage)}
		}
		return nil
	}
	return cmd
}

func writeReport(w io.Writer, r *node.CheckReport) {
	lines := []string{"home\t" + r.Home, "network\t" + r.Network.String()}
	if r.Height > 0 || r.Damage == "" { // of a ledger that cannot be opened nothing is known
		lines = append(lines, fmt.Sprintf("height\t%d, at %s", r.Height, clock(r.Time)),
			fmt.Sprintf("records\t%d", r.Records),
			"app hash\t"+r.AppHash.String(),
			"log root\t"+r.LogRoot.String(),
			"map root\t"+r.MapRoot.String())
	}
	rows(w, lines...)
	if r.Damage != "" {
		fmt.Fprintln(w, "\nDamaged. Do not start this node; keep the home for examination.")
		return
	}
	if r.Behind > 0 {
		fmt.Fprintf(w, "\nThe ledger lost the last %d blocks, as after a power failure; the next start replays them.\n", r.Behind)
	}
	if r.ToHeader > 0 {
		fmt.Fprintf(w, "\nHeaders %d to %d, which validators signed, carry these app hashes.\n", r.FromHeader, r.ToHeader)
	}
	what := "Roots, records, signatures and histories are as committed."
	if r.Scrubbed {
		what = "Roots, records, signatures, histories, indexes and blocks are as committed."
	}
	fmt.Fprintln(w, what)
}

// progress tells of work that takes long, every few seconds.
type progress struct {
	w     io.Writer
	began time.Time
	told  time.Time
}

const (
	progressAfter = 2 * time.Second
	progressEvery = 2 * time.Second
)

func (p *progress) tell(what string, done, of uint64) {
	now := time.Now()
	if now.Sub(p.began) < progressAfter || now.Sub(p.told) < progressEvery {
		return
	}
	p.told = now
	fmt.Fprintf(p.w, "%s: %d of %d\n", what, done, of)
}
