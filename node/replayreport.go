package node

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// compare notes a verdict that is another one: other findings, or the same on
// other facts. That another ruleset says the same in another version of its rule is no
// change: it is what members would vote for.
func (r *replayer) compare(one *replayed, v *contracts.Verdict, text []byte) error {
	if bytes.Equal(one.Findings, text) {
		return nil
	}
	would := v.Findings
	was, err := proof.DecodeFindings(one.Findings)
	if err != nil {
		return err
	}
	if r.asked != nil {
		was, would = unversioned(was), unversioned(would)
		if bytes.Equal(proof.EncodeFindings(was), proof.EncodeFindings(would)) {
			return nil
		}
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
		r.past.accept(one)
	}
	for _, k := range trace.Touches(one.record) {
		if len(c.About) < maxAbout {
			c.About = append(c.About, k.ID)
		} else {
			c.More++
		}
		if k.NS == trace.NSItem || k.NS == trace.NSLot || k.NS == trace.NSClass {
			r.items[k.ID]++
		}
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

// unversioned are findings of no version of their rules.
func unversioned(list []trace.Finding) []trace.Finding {
	out := slices.Clone(list)
	for i := range out {
		out[i].Version = 0
	}
	return out
}

// finish counts what changed, and names the ruleset of the last height.
func (r *replayer) finish() error {
	r.report.ByRule, r.report.ByOrganisation, r.report.ByItem = tallies(r.rules), tallies(r.organisations), tallies(r.items)
	r.report.Items = len(r.report.ByItem)
	if most := r.o.MaxChanges; most != 0 && r.report.Items > most {
		r.report.ByItem = r.report.ByItem[:most]
	}
	if err := readState(r.past, contracts.RulesetKey(), &r.voted); err != nil {
		return err
	}
	judging, err := r.judging(r.report.Height)
	if err == nil {
		r.report.Ruleset = judging.Info()
	}
	return err
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
			out = append(out, named(&a[i])+apart(&a[i], b))
		}
	}
	return out
}

func named(f *trace.Finding) string {
	return fmt.Sprintf("%s %s %d %s", f.Severity, f.Rule, f.Code, f.Title)
}

// apart tells a finding from the one of the same name among others, by the facts and
// the next step that the other has not; "" where there is none.
func apart(f *trace.Finding, others []trace.Finding) string {
	at := slices.IndexFunc(others, func(o trace.Finding) bool { return named(&o) == named(f) })
	if at < 0 {
		return ""
	}
	var facts []string
	for _, fact := range f.Facts {
		if !slices.ContainsFunc(others[at].Facts, func(o trace.Fact) bool { return reflect.DeepEqual(o, fact) }) {
			facts = append(facts, fact.Name+": "+fact.Value)
		}
	}
	if f.Next != others[at].Next {
		facts = append(facts, "next: "+f.Next)
	}
	switch n := len(facts); {
	case n > maxApart:
		facts = append(facts[:maxApart], fmt.Sprintf("and %d more", n-maxApart))
	case n == 0:
		return ""
	}
	return " (" + strings.Join(facts, "; ") + ")"
}

// maxApart bounds the facts that tell two findings apart.
const maxApart = 3

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
