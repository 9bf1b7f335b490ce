package node

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// compare notes a verdict that is another one: other findings, or the same on
// other facts.
func (r *replayer) compare(one *replayed, v *contracts.Verdict, text []byte) error {
	if bytes.Equal(one.Findings, text) {
		return nil
	}
	would := v.Findings
	was, err := proof.DecodeFindings(one.Findings)
	if err != nil {
		return err
	}
	c := Change{
		Seq: one.Entry.Seq, Height: one.Entry.Height, Organisation: one.Organisation,
		Was: without(was, would), Would: without(would, was), About: []string{},
	}
	switch before, now := trace.Rejected(was), v.Rejected(); {
	case now && !before:
		c.Accepted = NowRefused
	case before && !now:
		c.Accepted = NowAccepted
	}
	for i, k := range trace.Touches(one.record) {
		if i == maxAbout {
			break
		}
		c.About = append(c.About, k.ID)
	}
	r.report.Changed++
	r.organisations[c.Organisation]++
	seen := map[string]bool{}
	for _, line := range slices.Concat(c.Was, c.Would) {
		if rule := strings.Fields(line)[1]; !seen[rule] {
			seen[rule] = true
			r.rules[rule]++
		}
	}
	if r.o.MaxChanges == 0 || len(r.report.Changes) < r.o.MaxChanges {
		r.report.Changes = append(r.report.Changes, c)
	}
	return nil
}

// maxAbout bounds what a change names of its record.
const maxAbout = 4

// without lists the findings of a that b has not, on the same facts.
func without(a, b []trace.Finding) []string {
	out := []string{}
	for i := range a {
		same := func(f trace.Finding) bool {
			return bytes.Equal(proof.EncodeFindings([]trace.Finding{f}), proof.EncodeFindings(a[i:i+1]))
		}
		if !slices.ContainsFunc(b, same) {
			out = append(out, fmt.Sprintf("%s %s %d %s", a[i].Severity, a[i].Rule, a[i].Code, a[i].Title))
		}
	}
	return out
}

func tallies(counts map[string]uint64) []Tally {
	list := make([]Tally, 0, len(counts))
	for name, n := range counts {
		list = append(list, Tally{name, n})
	}
	slices.SortFunc(list, func(a, b Tally) int {
		if a.Records != b.Records {
			return int(b.Records) - int(a.Records)
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list
}
