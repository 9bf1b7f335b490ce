package trace

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// Tree writes the journey for people: UTF-8, one line a thing or step, what it
// was made from beneath what was made. A thing that is reached twice is told
// once. Times are UTC.
func (j *Journey) Tree(w io.Writer) error {
	p := &printer{
		j: j, nodes: map[string]*Node{}, edges: map[string][]*Edge{}, told: map[string]bool{},
		steps: map[string][]*Step{}, printed: map[uint64]bool{},
	}
	for i := range j.Graph.Nodes {
		n := &j.Graph.Nodes[i]
		if _, ok := p.nodes[n.ID]; !ok {
			p.nodes[n.ID] = n
		}
	}
	for i := range j.Graph.Edges {
		e := &j.Graph.Edges[i]
		p.edges[e.From] = append(p.edges[e.From], e)
		p.edges[e.To] = append(p.edges[e.To], e)
	}
	for i := range j.Steps {
		for _, id := range j.Steps[i].About {
			p.steps[id] = append(p.steps[id], &j.Steps[i])
		}
	}
	for i := range j.Graph.Nodes {
		// What follows from nothing printed so far is a start of its own: the
		// first node, and after a continuation others.
		if n := &j.Graph.Nodes[i]; !p.told[n.ID] && n.Namespace != NSTransaction || i == 0 {
			p.thing(n, "", "")
		}
	}
	p.appendix()
	_, err := io.WriteString(w, p.out.String())
	return err
}

type printer struct {
	j       *Journey
	out     strings.Builder
	nodes   map[string]*Node
	edges   map[string][]*Edge // by both ends
	told    map[string]bool
	steps   map[string][]*Step // by what they are about
	printed map[uint64]bool    // steps, by seq
}

func (p *printer) line(format string, args ...any) {
	p.out.WriteString(strings.TrimRight(OneLine(fmt.Sprintf(format, args...)), " "))
	p.out.WriteByte('\n')
}

// branch is one edge as it is printed beneath a node.
type branch struct {
	edge  *Edge
	to    *Node
	label string
	order int
}

// thing prints a node, its steps and what hangs on it. lead stands before every
// line beneath it.
func (p *printer) thing(n *Node, lead, label string) {
	p.told[n.ID] = true
	if label == "" {
		p.line("%s", p.title(n))
		p.line("%s", n.ID)
	}
	branches := p.branches(n)
	bar := "   "
	if len(branches) > 0 {
		bar = "│  "
	}
	shared := 0
	for _, s := range p.steps[n.ID] {
		if p.printed[s.Seq] {
			shared++
			continue
		}
		p.printed[s.Seq] = true
		p.step(s, lead+bar)
	}
	if shared > 0 && shared == len(p.steps[n.ID]) {
		p.line("%s%s(its records stand elsewhere in this tree)", lead, bar)
	}
	for i := 0; i < len(branches); i++ {
		b := branches[i]
		alike := p.alike(branches[i:])
		i += max(0, alike-1)
		joint, under := "├─ ", "│  "
		if i == len(branches)-1 {
			joint, under = "└─ ", "   "
		}
		p.line("%s%s", lead, "│")
		if alike > 0 {
			p.group(lead+joint, branches[i-alike+1:i+1])
			continue
		}
		if p.told[b.to.ID] {
			p.line("%s%s%s%s  ↑ told above", lead, joint, b.label, p.title(b.to))
			continue
		}
		p.line("%s%s%s%s", lead, joint, b.label, p.title(b.to))
		p.thing(b.to, lead+under, b.label)
	}
}

// minAlike is how many things that differ only in their serial share a line.
const minAlike = 4

// alike counts how many of the branches, from the first on, are things of the
// same name, hanging on the same things, of which nothing is left to tell; 0 when
// they are too few to group.
func (p *printer) alike(branches []branch) int {
	first, ok := p.nothingLeft(branches[0].to)
	n := 0
	for _, b := range branches {
		rest, plain := p.nothingLeft(b.to)
		if !ok || !plain || rest != first || b.label != branches[0].label || b.to.Name != branches[0].to.Name {
			break
		}
		n++
	}
	if n < minAlike {
		return 0
	}
	return n
}

// nothingLeft reports a thing whose every step is printed and which hangs only
// on things that were told, and names those.
func (p *printer) nothingLeft(n *Node) (hangsOn string, ok bool) {
	if p.told[n.ID] {
		return "", false
	}
	for _, s := range p.steps[n.ID] {
		if !p.printed[s.Seq] {
			return "", false
		}
	}
	for _, b := range p.branches(n) {
		if !p.told[b.to.ID] {
			return "", false
		}
		hangsOn += ", " + b.label + p.title(b.to)
	}
	return hangsOn, true
}

// group prints things that are alike in one line.
func (p *printer) group(lead string, alike []branch) {
	first, last := alike[0], alike[len(alike)-1]
	hangsOn, _ := p.nothingLeft(first.to)
	for _, b := range alike {
		p.told[b.to.ID] = true
	}
	name := first.to.Name
	if name != "" {
		name += " · "
	}
	p.line("%s%s%d × %s%s to %s%s", lead, first.label, len(alike), name,
		shortID(first.to.ID), strings.TrimPrefix(shortID(last.to.ID), "serial "), hangsOn)
}

// branches are the edges from a node to those further from the start, and to
// those as far that its edges point to. Documents are listed apart.
func (p *printer) branches(n *Node) []branch {
	var out []branch
	for _, e := range p.edges[n.ID] {
		other := e.To
		if e.To == n.ID {
			other = e.From
		}
		to, ok := p.nodes[other]
		if !ok || to.Depth <= n.Depth || to.Namespace == NSTransaction {
			continue
		}
		b := branch{edge: e, to: to}
		// An input edge carries the amount of its class-level end.
		q := ""
		from, ok := p.nodes[e.From]
		if e.Quantity != "" && (e.Kind != EdgeInput || ok && (from.Namespace == NSItem) == (e.From == n.ID)) {
			q = quantityText(e.Quantity, e.Unit) + " "
		}
		if e.Certainty == Possible {
			q = "possibly " + q
		}
		switch {
		case e.Kind == EdgeLot && e.From == n.ID:
			b.order, b.label = 0, "of "
		case e.Kind == EdgeLot:
			b.order, b.label = 5, "item: "
		case e.Kind == EdgeInside && e.From == n.ID:
			b.order, b.label = 1, q+"inside "
		case e.Kind == EdgeInside:
			b.order, b.label = 2, q+"held "
		case e.Kind == EdgeInput && e.To == n.ID:
			b.order, b.label = 3, "made from "+q
		case e.Kind == EdgeInput:
			b.order, b.label = 4, q+"became "
		default:
			b.order, b.label = 6, "names "
		}
		if slices.ContainsFunc(out, func(o branch) bool { return o.to == to && o.label == b.label }) {
			continue
		}
		out = append(out, b)
	}
	slices.SortStableFunc(out, func(a, b branch) int {
		if a.order != b.order {
			return a.order - b.order
		}
		return strings.Compare(a.to.ID, b.to.ID)
	})
	return out
}

// title is what a person calls the node: its name and the key's own number.
func (p *printer) title(n *Node) string {
	short := shortID(n.ID)
	if n.Name == "" {
		return short
	}
	return n.Name + " · " + short
}

func (p *printer) step(s *Step, lead string) {
	mark := "•"
	switch {
	case s.Refused:
		mark = "✗"
	case s.Voided:
		mark = "⊘"
	case s.Compromised:
		mark = "!"
	}
	what := s.Told()
	where := p.name(s.Place)
	who := p.name(s.Organisation)
	text := fmt.Sprintf("%s %s  %s", mark, dateText(s.Time), what)
	if where != "" {
		text += " · " + where
	}
	if who != "" {
		text += " · " + who
	}
	p.line("%s%s", lead, text)
	var more []string
	for _, d := range s.Details {
		more = append(more, words(d.Name)+" "+shortID(d.Value))
	}
	for _, d := range s.Documents {
		kind := words(d.Type)
		if kind == "" {
			kind = "document"
		}
		more = append(more, kind+" "+shortID(d.ID))
	}
	if len(more) > 0 {
		p.line("%s    %s", lead, strings.Join(more, ", "))
	}
}

// plain dispositions say no more than their step does.
func plain(disposition string) bool {
	switch strings.TrimPrefix(disposition, epcis.NamespaceCBV+"Disp-") {
	case "active", "in_progress", "in_transit":
		return true
	}
	return false
}

// recalls tells what is recalled, or was: when and by whom.
func (p *printer) recalls() {
	if len(p.j.Recalls) == 0 {
		return
	}
	p.line("")
	p.line("Recalls")
	for _, together := range Together(p.j.Recalls) {
		r := &together[0]
		what := shortID(r.Of)
		if len(r.Serials) > 0 {
			what += ", serials " + strings.Join(r.Serials, ", ")
		}
		if n := len(together) - 1; n > 0 {
			what += fmt.Sprintf(" and %d more", n)
		}
		mark, end := "!", ""
		if r.Lifted != nil {
			mark, end = "✓", ", lifted "+dateText(r.Lifted.Time)
		}
		if r.Compromised {
			end = " with a key that was compromised" + end
		}
		if r.Again != nil {
			end = ", again " + dateText(r.Again.Time) + end
		}
		if r.DoubtfulEnd != nil {
			end += ", not lifted " + dateText(r.DoubtfulEnd.Time) + ": that key was compromised"
		}
		by := p.name(r.Organisation)
		if r.OfOthers {
			by += ", who may not recall it"
		}
		p.line("  %s %s: recalled %s by %s%s", mark, what, dateText(r.Time), by, end)
	}
}

func (p *printer) appendix() {
	p.recalls()
	if len(p.j.Plots) > 0 {
		p.line("")
		p.line("Land")
		for _, plot := range p.j.Plots {
			id := plot.ID
			if id == "" {
				id = "a plot without a name"
			}
			if plot.Area != "" {
				id += ", area " + plot.Area
			}
			var of []string
			for _, lot := range plot.Of {
				of = append(of, shortID(lot))
			}
			p.line("  ▱ %s → %s", id, strings.Join(of, ", "))
		}
	}
	if len(p.j.Certificates) > 0 {
		p.line("")
		p.line("Certificates")
		for _, c := range p.j.Certificates {
			mark := "✓"
			if c.AtEvent != CertificateActive {
				mark = "✗"
			}
			p.line("  %s %s %s: %s at the events that cite it, %s today", mark, words(c.Scheme), shortID(c.ID), c.AtEvent, c.Today)
			var more []string
			if c.Issuer != "" {
				more = append(more, "issued by "+p.name(c.Issuer))
			}
			if c.Subject != "" {
				more = append(more, "for "+p.name(c.Subject))
			}
			if c.ValidFrom != nil && c.ValidTo != nil {
				more = append(more, dateText(*c.ValidFrom)[:10]+" to "+dateText(*c.ValidTo)[:10])
			}
			if len(more) > 0 {
				p.line("    %s", strings.Join(more, ", "))
			}
		}
	}
	if len(p.j.Gaps) > 0 {
		p.line("")
		p.line("Gaps")
		for _, g := range p.j.Gaps {
			p.line("  ! %s: %s", shortID(g.ID), p.shortened(g.About))
		}
	}
	if p.j.Continuation != "" {
		p.line("")
		p.line("There is more: this is the nearest part of the journey.")
	}
}

// shortened replaces identifiers in a sentence by their numbers.
func (p *printer) shortened(s string) string {
	for i := range p.j.Graph.Nodes {
		s = strings.ReplaceAll(s, p.j.Graph.Nodes[i].ID, shortID(p.j.Graph.Nodes[i].ID))
	}
	return s
}

func (p *printer) name(id string) string {
	if name := p.j.Names[id]; name != "" {
		return name
	}
	return shortID(id)
}
