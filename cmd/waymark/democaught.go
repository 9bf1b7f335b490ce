package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/waymark-ledger/waymark/testnet"
	"github.com/waymark-ledger/waymark/trace"
)

// caught is a finding that catches something: a REJECT, LOCK or FLAG.
type caught struct {
	Member  string        `json:"member"`
	Act     string        `json:"act"`
	Seq     uint64        `json:"seq"`
	Finding trace.Finding `json:"finding"`
}

// caughtIn are those of an act's records, in their order.
func caughtIn(o testnet.Outcome) (all []caught) {
	for _, r := range o.Records {
		for _, f := range r.Verdicts {
			if f.Severity != trace.Info {
				all = append(all, caught{o.Act.Member, o.Act.Title, r.Seq, f})
			}
		}
	}
	return all
}

// marks are the rules that caught something in an act, for its line of progress.
func marks(o testnet.Outcome) string {
	var b strings.Builder
	for _, c := range caughtIn(o) {
		fmt.Fprintf(&b, "  %s %s", c.Finding.Severity, c.Finding.Rule)
	}
	return b.String()
}

// sentence says what a rule did with which record, why, what it read, and what
// can be done now.
func (c caught) sentence() string {
	mark, did := "!", "flagged"
	switch c.Finding.Severity {
	case trace.Reject:
		mark, did = "✗", "refused"
	case trace.Lock:
		mark, did = "⊘", "locked"
	}
	text := fmt.Sprintf("%s record %d of %s, %q: %s by rule %s, code %d: %s", mark, c.Seq, c.Member, c.Act, did, c.Finding.Rule, c.Finding.Code, c.Finding.Title)
	var facts []string
	for _, f := range c.Finding.Facts {
		about := trace.PrintedID(f.Name) + ": " + trace.PrintedID(f.Value)
		if f.Seq != nil {
			about += fmt.Sprintf(", record %d", *f.Seq)
		}
		facts = append(facts, about)
	}
	if len(facts) > 0 {
		text += " (" + strings.Join(facts, "; ") + ")"
	}
	return trace.OneLine(strings.TrimSpace(text + ". " + c.Finding.Next))
}

// writeCaught prints what the rules caught in a lane.
func (p *play) writeCaught(w io.Writer) {
	fmt.Fprintln(w)
	switch {
	case p.acts == 0:
		fmt.Fprintf(w, "What the rules caught was printed when the lane %s was played.\n", p.lane.Name)
	case len(p.caught) == 0:
		fmt.Fprintln(w, "The rules caught nothing: no record of this lane is refused, locked or flagged.")
	default:
		which := ""
		if p.scale > 1 {
			which = " in the first consignment"
		}
		fmt.Fprintf(w, "What the rules caught%s:\n", which)
		for _, c := range p.caught {
			fmt.Fprintln(w, "  "+c.sentence())
		}
	}
}
