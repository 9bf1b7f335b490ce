package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/node"
	"github.com/waymark-ledger/waymark/trace"
)

func newReplay() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Judge a stopped node's whole history again under proposed rules",
		Long: `Replay reads the ledger of a node that is stopped and judges every record again, in
order, from genesis: by the named ruleset in place of those that the members put in
force (waymark version lists those of this release), and with the parameters that --param
sets in place of those in force. Histories that do not meet are judged at the same time.
It lists every verdict that would be another one, and counts them by rule, by
organisation and by item, so that members vote on what a change does and not on what it says.
It writes nothing.

With --from ruleset and parameters are as recorded below that height, and verdicts below
it are not compared.

Exit code 0 when no verdict would change, 1 when one would. 2 when the replay could
not be made: an unknown ruleset or parameter, one that this release lacks and that judged a
part of the history, a height to come, a node that runs, a home without a ledger.`,
		Example: `  waymark replay --home ./home
  waymark replay --home ./home --param futureSkew=0 --param lateness=86400
  waymark replay --home ./home --ruleset waymark-strict
  waymark replay --home ./home --ruleset waymark-1 --from 1000 --json`,
		Args: cobra.NoArgs,
	}
	home := homeFlag(cmd)
	var o node.ReplayOptions
	cmd.Flags().StringVar(&o.Ruleset, "ruleset", "", "the ruleset to judge by; default those that the members put in force, each from its height on")
	cmd.Flags().StringToStringVar(&o.Parameters, "param", nil, "a parameter of the genesis document and its value, NAME=VALUE; may be repeated")
	cmd.Flags().Uint64Var(&o.From, "from", 0, "the height from which ruleset and parameters hold and verdicts are compared")
	cmd.Flags().IntVar(&o.MaxChanges, "max", 1000, "list so many changes at most; all are counted. 0 for all")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if o.MaxChanges < 0 {
			return usagef("--max is %d, and should be 1 or more, or 0 for all", o.MaxChanges)
		}
		config, err := loadConfig(cmd, *home, nil)
		if err != nil {
			return err
		}
		p := &progress{w: cmd.ErrOrStderr(), began: time.Now()}
		o.Progress = p.tell
		report, err := node.Replay(cmd.Context(), config, o)
		if err != nil {
			return usageError{err}
		}
		if err := print(cmd, report, func(w io.Writer) { writeReplay(w, report) }); err != nil {
			return err
		}
		if report.Changed > 0 {
			return refusedError{errors.New(verdictsChange(report.Changed))}
		}
		return nil
	}
	return cmd
}

func verdictsChange(n uint64) string {
	if n == 1 {
		return "1 verdict would change"
	}
	return fmt.Sprintf("%d verdicts would change", n)
}

func writeReplay(w io.Writer, r *node.ReplayReport) {
	for _, c := range r.Changes {
		line := fmt.Sprintf("record %d, height %d, %s", c.Seq, c.Height, c.Organisation)
		if c.Accepted != "" {
			line += ": " + c.Accepted
		}
		fmt.Fprintln(w, trace.OneLine(line))
		for _, f := range c.Was {
			fmt.Fprintln(w, "  - "+trace.OneLine(f))
		}
		for _, f := range c.Would {
			fmt.Fprintln(w, "  + "+trace.OneLine(f))
		}
		if len(c.About) > 0 {
			about := strings.Join(c.About, ", ")
			if c.More > 0 {
				about += fmt.Sprintf(" and %d more", c.More)
			}
			fmt.Fprintln(w, "  about "+trace.OneLine(about))
		}
	}
	if more := r.Changed - uint64(len(r.Changes)); more > 0 {
		fmt.Fprintf(w, "and %d more\n", more)
	}
	if r.Changed > 0 {
		fmt.Fprintln(w)
	}
	rows(w,
		fmt.Sprintf("ruleset\t%s, version %d", r.Ruleset.Name, r.Ruleset.Version),
		fmt.Sprintf("records\t%d judged, %d of them compared, from height %d to %d", r.Records, r.Compared, r.From, r.Height),
		fmt.Sprintf("changed\t%d", r.Changed),
		"by rule\t"+tallied(r.ByRule, 0),
		"by organisation\t"+tallied(r.ByOrganisation, 0),
		"by item\t"+tallied(r.ByItem[:min(len(r.ByItem), shownItems)], r.Items-min(len(r.ByItem), shownItems)),
	)
}

// shownItems is how many items are listed as text; --json lists as many as --max says.
const shownItems = 10

func tallied(list []node.Tally, more int) string {
	if len(list) == 0 {
		return "none"
	}
	parts := make([]string, len(list))
	for i, t := range list {
		parts[i] = fmt.Sprintf("%s %d", t.Name, t.Records)
	}
	if more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(parts, ", ")
}
