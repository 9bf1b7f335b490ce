package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// write prints the verdict: what the goods are first, then who says so, then why
// that can be believed and how far.
func (v *verified) write(w io.Writer) error {
	t := &verdictText{}
	first := v.Verdict
	t.headline(v)
	t.value(v.Value)
	if first.Then != nil {
		t.asOf(v)
	}
	if first.Known {
		t.consignments(v.Consignments, first.Journey.Names, "")
		t.journeys(v)
		t.signers(v)
	}
	t.agreed(v)
	t.limits(v)
	if t.err != nil {
		return t.err
	}
	_, err := w.Write(t.out.Bytes())
	return err
}

type verdictText struct {
	out bytes.Buffer
	err error
}

func (t *verdictText) line(format string, args ...any) { fmt.Fprintf(&t.out, format+"\n", args...) }

func (t *verdictText) section(title string) {
	t.line("\n%s\n%s", title, strings.Repeat("─", len([]rune(title))))
}

// table writes indented columns, separated by tabs.
func (t *verdictText) table(lines ...string) {
	w := tabwriter.NewWriter(&t.out, 0, 0, 2, ' ', 0)
	for _, l := range lines {
		fmt.Fprintln(w, "  "+plainColumns(l))
	}
	if err := w.Flush(); err != nil && t.err == nil {
		t.err = err
	}
}

// plainColumns leaves the tabs between columns, and what may be printed.
func plainColumns(line string) string { return row(strings.Split(line, "\t")...) }

func (t *verdictText) headline(v *verified) {
	first := v.Verdict
	title := trace.PrintedID(first.ID)
	if first.Known {
		for _, n := range first.Journey.Graph.Nodes {
			if n.ID == first.ID && n.Name != "" {
				title = n.Name + " · " + title
				break
			}
		}
	}
	t.line("VERIFIED  %s", trace.OneLine(title))
	t.line("          %s, %s", trace.OneLine(first.ID), ways(first.Direction))
	if !first.Known {
		t.line("          No record of it exists on this ledger, not even a refused one: that is proved.")
	}
	oldest := first
	what := "complete"
	if v.last().Rest != nil || len(v.unread()) > 0 {
		what = "complete as far as it goes (see the end)"
	}
	for _, more := range v.More { // what was recorded between two parts is in neither
		if more.Checkpoint.Time.Before(oldest.Checkpoint.Time) {
			oldest = more
		}
	}
	at := oldest.Checkpoint
	t.line("          %s as of %s, block %d, %s old when this was checked", what, clock(at.Time), at.Height, age(oldest.Trust.CheckpointAge))
}

// value tells whether a declaration commits to the value that was asked about.
func (t *verdictText) value(v *openedValue) {
	switch {
	case v == nil:
	case v.Opened:
		t.line("VALUE     %s %s is what the declaration %s commits to", v.Amount, v.Currency, trace.OneLine(v.Number))
	default:
		t.line("VALUE     not opened: no declaration that stands here commits to %s %s with this salt", v.Amount, v.Currency)
	}
}

func ways(d trace.Direction) string {
	switch d {
	case trace.Upstream:
		return "upstream: what it was made from"
	case trace.Downstream:
		return "downstream: what became of it"
	}
	return "upstream and downstream"
}

func (v *verified) parts() []*proof.Verdict {
	return append([]*proof.Verdict{v.Verdict}, v.More...)
}

func (v *verified) last() *proof.Verdict { return v.parts()[len(v.More)] }

// unread are the gaps of all parts that are not the records' own.
func (v *verified) unread() (gaps []trace.Gap) {
	for _, part := range v.parts() {
		if part.Journey != nil {
			gaps = append(gaps, unread(part.Journey)...)
		}
	}
	return gaps
}

// unread are the gaps of a journey where the walk read no further.
func unread(j *trace.Journey) []trace.Gap {
	return slices.DeleteFunc(slices.Clone(j.Gaps), func(g trace.Gap) bool { return !g.Unread })
}

func gapText(g trace.Gap) string { return trace.OneLine(trace.PrintedID(g.ID) + ": " + g.About) }

func (t *verdictText) consignments(list []trace.Consignment, names map[string]string, when string) {
	for i := range list {
		title := "Consignment"
		if len(list) > 1 {
			title = fmt.Sprintf("Consignment %d of %d", i+1, len(list))
		}
		t.section(title + when)
		if err := list[i].Write(&t.out, names); err != nil && t.err == nil {
			t.err = err
		}
	}
}

func (t *verdictText) journeys(v *verified) {
	for i, part := range v.parts() {
		title := "Journey"
		switch {
		case len(v.More) > 0:
			title = fmt.Sprintf("Journey, part %d of %d", i+1, 1+len(v.More))
		case v.Verdict.Then != nil:
			title = "Journey today"
		}
		t.journey(title, part.Journey)
	}
}

func (t *verdictText) journey(title string, j *trace.Journey) {
	t.section(title)
	if err := j.Tree(&t.out); err != nil && t.err == nil {
		t.err = err
	}
}

// asOf tells the past height first, then what happened since.
func (t *verdictText) asOf(v *verified) {
	then, today := v.Verdict.Then, v.Verdict
	if !then.Known {
		t.section(fmt.Sprintf("As of block %d", then.At))
		t.line("No record of it existed then.")
	} else {
		t.consignments(v.ConsignmentsThen, then.Journey.Names, fmt.Sprintf(", as of block %d", then.At))
		t.journey(fmt.Sprintf("Journey as of block %d", then.At), then.Journey)
	}
	if !today.Known {
		return
	}
	t.section(fmt.Sprintf("What happened after block %d", then.At))
	told := toldBy(v)
	var lines []string
	for _, r := range v.records() {
		if r.Height <= then.At {
			continue
		}
		lines = append(lines, recordLine(r, told))
		if r.Compromised {
			lines = append(lines, "\t\t\t\t\t  its organisation says that this key was compromised by then")
		}
	}
	if len(lines) == 0 {
		t.line("Nothing that belongs to this journey.")
	}
	t.table(lines...)
	if then.Known {
		t.changes(then.Journey, today.Journey)
	}
}

// changes tells what stands differently today, records apart.
func (t *verdictText) changes(then, today *trace.Journey) {
	for _, c := range today.Certificates {
		for _, before := range then.Certificates {
			if before.ID == c.ID && (before.Today != c.Today || before.AtEvent != c.AtEvent) {
				t.line("  certificate %s: was %s, is %s; at the events that cite it, was %s, is %s",
					trace.OneLine(trace.PrintedID(c.ID)), before.Today, c.Today, before.AtEvent, c.AtEvent)
			}
		}
	}
	for _, s := range today.Steps {
		if s.Compromised && slices.ContainsFunc(then.Steps, func(before trace.Step) bool { return before.Seq == s.Seq && !before.Compromised }) {
			t.line("  #%d: its organisation has said since that the key was compromised by then", s.Seq)
		}
	}
	for _, g := range then.Gaps {
		if !slices.Contains(today.Gaps, g) {
			t.line("  no gap any more: %s", gapText(g))
		}
	}
	for _, g := range today.Gaps {
		if !slices.Contains(then.Gaps, g) {
			t.line("  a gap that was none: %s", gapText(g))
		}
	}
}

// toldBy is what each record of the journey says, in a few words.
func toldBy(v *verified) map[uint64]string {
	told := map[uint64]string{}
	for _, part := range v.parts() {
		if part.Journey == nil {
			continue
		}
		for i := range part.Journey.Steps {
			told[part.Journey.Steps[i].Seq] = part.Journey.Steps[i].Told()
		}
		for _, r := range part.Journey.Records {
			if r.Kind != epcis.KindMasterData {
				continue
			}
			text := "master data"
			if d, err := epcis.Decode(r.Kind, r.Bytes); err == nil {
				text += " of " + trace.PrintedID(d.MasterData.ID.URI)
				if d.MasterData.Name != "" {
					text += ": " + d.MasterData.Name
				}
			}
			if r.Rejected() {
				text += " (refused)"
			}
			told[r.Seq] = text
		}
	}
	return told
}

// recordLine is one record: what, by whom, in which block.
func recordLine(r *proof.VerifiedRecord, told map[uint64]string) string {
	what := told[r.Seq]
	if what == "" {
		if what = string(r.Kind); r.Refused {
			what += " (refused)"
		}
	}
	who := r.Name
	if who == "" {
		who = trace.PrintedID(r.Organisation)
	}
	return fmt.Sprintf("#%d\tblock %d\t%s\t%s\t%s\t%s", r.Seq, r.Height, clock(r.Time), shortAddress(r.Signer), who, what)
}

func shortAddress(address string) string {
	if len(address) != 42 {
		return address
	}
	return address[:8] + "…" + address[38:]
}

// records are those of all parts, each once, ascending seq.
func (v *verified) records() []*proof.VerifiedRecord {
	var all []*proof.VerifiedRecord
	for _, part := range v.parts() {
		for i := range part.Records {
			all = append(all, &part.Records[i])
		}
	}
	slices.SortStableFunc(all, func(a, b *proof.VerifiedRecord) int { return cmp.Compare(a.Seq, b.Seq) })
	return slices.CompactFunc(all, func(a, b *proof.VerifiedRecord) bool { return a.Seq == b.Seq })
}

func (t *verdictText) signers(v *verified) {
	t.section("Who signed what, in which block")
	told := toldBy(v)
	printed := map[uint64]bool{}
	var lines []string
	for _, part := range v.parts() {
		for i := range part.Records {
			r := &part.Records[i]
			if printed[r.Seq] {
				continue
			}
			printed[r.Seq] = true
			lines = append(lines, recordLine(r, told))
			for _, f := range r.Findings {
				lines = append(lines, fmt.Sprintf("\t\t\t\t\t  %s %s: %s", f.Severity, f.Rule, f.Title))
			}
		}
	}
	t.table(lines...)
	counted := map[string]bool{}
	for _, part := range v.parts() {
		for _, k := range part.Refused {
			if counted[k.ID] {
				continue
			}
			counted[k.ID] = true
			t.line("  refused records about %s: %d", trace.OneLine(strings.Replace(k.ID, ":", " ", 1)), k.Count)
		}
	}
}

func (t *verdictText) agreed(v *verified) {
	at := v.Verdict.Checkpoint
	t.section("Which members agreed")
	t.line("Block %d of %s holds the state after block %d; the ledger had %d records. Its validators:", at.Height, clock(at.Time), at.StateHeight, at.LogSize)
	var lines []string
	for _, m := range v.Agreed {
		name := m.Name
		switch {
		case m.later:
			name = "(voted in since genesis)"
		case name == "":
			name = "(a genesis document may name it)"
		}
		vote := "signed"
		if !m.Voted {
			vote = "its vote is not needed here"
		}
		lines = append(lines, fmt.Sprintf("%s\t%s\tpower %d\t%s", name, m.Address, m.Power, vote))
	}
	t.table(lines...)
	t.line("%d of %d in voting power signed; more than two thirds have to. A dossier carries no more votes than that takes.", at.Voted, at.Power)
}

func (t *verdictText) limits(v *verified) {
	first := v.Verdict
	t.section("What was checked")
	var lines []string
	for _, c := range first.Checked {
		lines = append(lines, fmt.Sprintf("%d\t%s", c.Count, c.What))
	}
	t.table(lines...)
	t.section("What cannot be checked from this file")
	for _, u := range first.Unchecked {
		t.line("  %s", u)
	}
	if rest := v.last().Rest; rest != nil {
		t.section("What is not part of it yet")
		for _, k := range rest.Keys {
			t.line("  %s %s", k.NS, trace.OneLine(k.ID))
		}
		t.line("The next part begins there.")
	}
	if gaps := v.unread(); len(gaps) > 0 {
		t.section("What is not read here")
		for _, g := range gaps {
			t.line("  %s", gapText(g))
		}
	}
	t.section("What you trust")
	switch first.Trust.Kind {
	case proof.AnchorGenesis:
		t.line("The genesis document of network %s, of %s: %s old.", first.Network, clock(first.Trust.Time), age(first.Trust.Age))
	default:
		t.line("A checkpoint of network %s that you keep: block %d of %s, %s old.", first.Network, first.Trust.Height, clock(first.Trust.Time), age(first.Trust.Age))
	}
	if first.Trust.Bridges > 0 {
		t.line("The validators changed since: %d blocks lead from there to block %d.", first.Trust.Bridges, first.Checkpoint.Height)
	}
}

// clock is "2026-09-12 08:30:05 UTC".
func clock(t epcis.Instant) string {
	s := t.String()
	if len(s) < len("2006-01-02T15:04:05") {
		return s
	}
	return s[:10] + " " + s[11:19] + " UTC"
}

// age is a number of seconds as people say it.
func age(seconds int64) string {
	for _, unit := range []struct {
		seconds int64
		name    string
	}{{86400, "day"}, {3600, "hour"}, {60, "minute"}} {
		if n := seconds / unit.seconds; n > 0 {
			if n == 1 {
				return "1 " + unit.name
			}
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	if seconds < 0 {
		return fmt.Sprintf("%d seconds less than nothing (this clock is behind)", seconds)
	}
	if seconds == 1 {
		return "1 second"
	}
	return fmt.Sprintf("%d seconds", seconds)
}
