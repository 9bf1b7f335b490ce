package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waymark-ledger/waymark/client"
	"github.com/waymark-ledger/waymark/trace"
)

func newImpact() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "impact ID",
		Short: "List what came of a recalled lot, a certificate or a seized declaration",
		Long: `Impact lists what was made of a lot, item, certificate or customs declaration, or grew
on a plot, where it is now, who holds it, and what exact share of its mass it is. While a recall, a
suspension or revocation, a hold or a seizure is in force there, each holder has 24
hours of block time to acknowledge it (waymark capture takes an acknowledgement); who
has not is escalated.

It is what the node tells, derived from its index. The dossier of an item proves the
same from the item's side. The exit code is 1 for what the ledger knows nothing of.`,
		Example: `  waymark impact https://id.gs1.org/01/09521111000013/10/ST2600000B --home ./home
  waymark impact 26DE585000000000R7 --testnet ./net --limit 1000 --json`,
		Args: cobra.ExactArgs(1),
	}
	connect := connectionFlags(cmd)
	limit := cmd.Flags().Int("limit", 100, "at most so many items and lots; all holders are listed")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *limit < 1 {
			return usagef("--limit is %d, and should be 1 or more", *limit)
		}
		c, err := connect.client()
		if err != nil {
			return err
		}
		defer c.Close()
		impact, err := readImpact(cmd.Context(), c, args[0], *limit)
		if err != nil {
			return err
		}
		return print(cmd, impact, func(w io.Writer) { writeImpact(w, impact) })
	}
	return cmd
}

// impactPage is how many entries are asked for at once.
const impactPage = 500

// readImpact reads pages until there are limit entries or no more. Totals and holders
// are those of the last page, which has seen the most.
func readImpact(ctx context.Context, c *client.Client, id string, limit int) (*client.Impact, error) {
	entries, next := []client.ImpactReached{}, ""
	for {
		page, err := c.Impact(ctx, id, min(limit-len(entries), impactPage), next)
		if err != nil {
			return nil, err
		}
		entries = append(entries, page.Entries...)
		next = page.Next
		if len(entries) >= limit || next == "" {
			page.Entries = entries
			return page, nil
		}
	}
}

func writeImpact(w io.Writer, i *client.Impact) {
	fmt.Fprintf(w, "%s, as of height %d\n", trace.OneLine(trace.PrintedID(i.ID)), i.AsOf.Height)
	for _, m := range i.Matters {
		effective := ""
		if m.EffectiveFrom != nil {
			effective = ", with effect from " + clock(*m.EffectiveFrom)
		}
		about := trace.PrintedID(m.About)
		if len(m.Serials) > 0 {
			about += ", serials " + strings.Join(m.Serials, ", ")
		}
		fmt.Fprintf(w, "%s %s by %s, record %d of %s%s\n", trace.OneLine(about), m.What,
			trace.OneLine(named(m.ByName, m.By)), m.Seq, clock(m.Recorded), effective)
		switch {
		case m.Doubtful == nil:
		case *m.Doubtful == m.Seq:
			fmt.Fprintln(w, "  signed with a key that was compromised: it is in force until its organisation says otherwise")
		default:
			fmt.Fprintf(w, "  record %d, which decides whether it is in force, was signed with a key that was compromised\n", *m.Doubtful)
		}
	}
	if len(i.Matters) == 0 {
		fmt.Fprintln(w, "Nothing is in force on it: nobody has to answer.")
	}
	var conditions []string
	for _, c := range i.Totals.Conditions {
		conditions = append(conditions, fmt.Sprintf("%d %s", c.Items, c.Condition))
	}
	text := counted(i.Totals.Items, "item")
	if len(conditions) > 0 {
		text += " (" + strings.Join(conditions, ", ") + ")"
	}
	fmt.Fprintf(w, "%s, %s, by %s\n", text, counted(i.Totals.Lots, "lot"), counted(i.Totals.Transformations, "transformation"))
	if !i.Complete {
		fmt.Fprintln(w, "It was not followed to its end: there is at least this. Ask with a higher --limit.")
	}
	fmt.Fprintln(w)
	lines := []string{"HOLDER\tITEMS\tSOLD ON\tLOTS\tANSWER\tDEADLINE"}
	for n := range i.Holders {
		lines = append(lines, holderLine(&i.Holders[n]))
	}
	rows(w, lines...)
	fmt.Fprintln(w)
	lines = []string{"ITEM OR LOT\tCONDITION\tSHARE\tHOLDER\tIN\tLAST SEEN\tTHROUGH"}
	for n := range i.Entries {
		lines = append(lines, reachedLine(&i.Entries[n]))
	}
	rows(w, lines...)
	if i.Next != "" {
		fmt.Fprintf(w, "and more: the first %d are listed; --limit lists more.\n", len(i.Entries))
	}
}

// counted is so many of something, as people say it.
func counted(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// holderLine is a holder as one row of its table.
func holderLine(h *client.Holder) string {
	name, answer, deadline := holderName(h.Name, h.Organisation), h.Status, ""
	if h.Deadline != nil {
		deadline = clock(*h.Deadline)
	}
	switch {
	case h.Acknowledgement != nil && !h.Acknowledgement.Doubtful:
		answer = fmt.Sprintf("%s, record %d", strings.ReplaceAll(h.Acknowledgement.Measure, "_", " "), h.Acknowledgement.Seq)
	case h.EscalatedTo != "":
		answer += " to " + h.EscalatedTo
	}
	if a := h.Acknowledgement; a != nil && a.Doubtful {
		answer += fmt.Sprintf("; record %d was signed with a compromised key", a.Seq)
	}
	return fmt.Sprintf("%s\t%d\t%d\t%d\t%s\t%s", name, h.Items, h.Gone, h.Lots, trace.OneLine(answer), deadline)
}

// holderName is who has something, in a word where nobody is known to.
func holderName(name, id string) string {
	if id == "" {
		return "nobody known"
	}
	return trace.OneLine(named(name, id))
}

// reachedLine is an item or lot as one row of its table.
func reachedLine(e *client.ImpactReached) string {
	share := "not known"
	if e.Share != nil {
		share = *e.Share
	}
	if e.Certainty != string(trace.Certain) {
		share += ", possibly"
	}
	if e.Kind == "assembly" {
		share = "a component"
	}
	holder := holderName(e.HolderName, e.Holder)
	if e.Gone {
		holder = "sold on by " + holder
	}
	seen := ""
	if e.Seen != nil {
		seen = fmt.Sprintf("%s, record %d", clock(e.Seen.Time), e.Seen.Seq)
		if e.Seen.Place != "" {
			seen = trace.PrintedID(e.Seen.Place) + ", " + seen
		}
	}
	var via []string
	for _, seq := range e.Via {
		via = append(via, fmt.Sprint(seq))
	}
	in := ""
	if e.In != "" {
		in = trace.PrintedID(e.In)
	}
	return trace.OneLine(trace.PrintedID(e.ID)) + "\t" + e.Condition + "\t" + share + "\t" + holder + "\t" + trace.OneLine(in) + "\t" +
		trace.OneLine(seen) + "\t" + strings.Join(via, ", ")
}
