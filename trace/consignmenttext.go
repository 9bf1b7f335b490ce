package trace

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Write prints the consignment for people: one line a fact, with the records
// that state it behind it (#40 is record 40 of the ledger). What is stated
// differently is marked with ≠. names are those of the journey.
func (c *Consignment) Write(w io.Writer, names map[string]string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	f := &facts{w: table, names: names}
	for _, d := range c.Declarations {
		f.line("customs declaration (MRN)", d.Number, eventSeqs(d.Events))
		f.declaration(d)
		for _, claim := range d.Classification {
			f.line("  commodity code (HS)", claim.Value, claim.Seqs, len(d.Classification) > 1)
		}
		for _, e := range d.Events {
			f.line("  "+dateText(e.Time), f.event(e), []uint64{e.Seq})
		}
	}
	for _, g := range c.Goods {
		f.goods(g)
	}
	for _, p := range c.Packaging {
		f.packaging(p)
	}
	if c.NetWeight != nil {
		f.line("net weight, computed", quantityText(c.NetWeight.Value, c.NetWeight.Unit), nil)
	}
	for _, e := range c.Equipment {
		f.line("carried as", f.called(e.ID), nil)
		f.stated("  seal", e.Seals)
	}
	for _, p := range c.Parties {
		f.parties(p)
	}
	for _, m := range c.Means {
		f.line("means of transport", shortID(m.Value), m.Seqs)
	}
	for _, call := range c.Route {
		place := f.event(call.Event)
		if call.Locode != "" {
			place += " · " + call.Locode
		}
		f.line("  "+dateText(call.Time), place, []uint64{call.Seq})
	}
	for _, d := range c.Documents {
		kind := words(d.Type)
		if kind == "" {
			kind = "document"
		}
		f.line(kind, d.Number, d.Seqs)
	}
	for _, d := range c.Differences {
		f.difference(d)
	}
	if f.err != nil {
		return f.err
	}
	return table.Flush()
}

type facts struct {
	w     io.Writer
	names map[string]string
	err   error
}

func (f *facts) line(label, text string, seqs []uint64, differs ...bool) {
	if len(differs) > 0 && differs[0] {
		text = "≠ " + text
	}
	if len(seqs) > 0 {
		text += "  " + seqsText(seqs)
	}
	if _, err := fmt.Fprintf(f.w, "%s\t%s\n", OneLine(label), OneLine(text)); err != nil && f.err == nil {
		f.err = err
	}
}

func (f *facts) stated(label string, s Stated) {
	for _, claim := range s {
		f.line(label, quantityText(claim.Value, claim.Unit), claim.Seqs, len(s) > 1)
	}
}

func (f *facts) parties(p ConsignmentParty) {
	for _, claim := range p.Who {
		f.line(p.Role, f.called(claim.Value), claim.Seqs, len(p.Who) > 1)
	}
}

// called is the name and the number.
func (f *facts) called(id string) string {
	if name := f.names[id]; name != "" {
		return name + " " + shortID(id)
	}
	return shortID(id)
}

func (f *facts) name(id string) string {
	if name := f.names[id]; name != "" {
		return name
	}
	return shortID(id)
}

func (f *facts) event(e Event) string {
	parts := []string{happening(words(e.BizStep), e.Disposition)}
	if n := len(e.OnlyOf); n > 0 {
		some := "only of " + f.called(e.OnlyOf[0])
		if n > 1 {
			some += fmt.Sprintf(" and %d more", n-1)
		}
		parts = append(parts, some)
	}
	for _, id := range [...]string{e.Place, e.Organisation} {
		if name := f.name(id); name != "" {
			parts = append(parts, name)
		}
	}
	return strings.Join(parts, " · ")
}

// declaration tells what a customs record declares beside the commodity code.
func (f *facts) declaration(d Declaration) {
	if d.Procedure != "" {
		f.line("  procedure", d.Flow+" "+d.Procedure+", "+d.Country, nil)
	}
	if d.ValueCommitment != "" {
		f.line("  value committed", d.ValueCommitment, nil)
	}
	for _, p := range d.Parties {
		for _, claim := range p.Who {
			f.line("  "+p.Role, f.called(claim.Value), claim.Seqs, len(p.Who) > 1)
		}
	}
	f.stated("  country of origin", d.Origin)
	for _, q := range d.Quantities {
		f.line("  declared", quantityText(q.Value, q.Unit)+" of "+f.name(q.ID), nil)
	}
}

func (f *facts) goods(g GoodsItem) {
	var lots []string
	for _, lot := range g.Lots {
		lots = append(lots, shortID(lot))
	}
	what := f.name(g.Class)
	if len(lots) > 0 {
		what += ", " + strings.Join(lots, ", ")
	}
	f.line("goods", what, g.Seqs)
	f.stated("  commodity code (HS)", g.Classification)
	f.stated("  country of origin", g.Origin)
	if g.Pieces > 0 {
		f.line("  pieces", fmt.Sprint(g.Pieces), nil)
	}
	f.stated("  net weight of a piece", g.Net)
	f.stated("  gross weight of a piece", g.Gross)
	for _, q := range g.Quantities {
		f.line("  quantity", quantityText(q.Value, q.Unit), nil)
	}
	if g.Total != nil && (g.Pieces > 0 || len(g.Quantities) > 1) {
		label := "  net weight, computed"
		if g.Pieces > 0 {
			label = fmt.Sprintf("  net weight of these %d", g.Pieces)
		}
		f.line(label, quantityText(g.Total.Value, g.Total.Unit), nil)
	}
}

func (f *facts) packaging(p Packaging) {
	what := "logistic units"
	if p.Class != "" {
		what = "× " + f.name(p.Class)
	}
	text := fmt.Sprintf("%d %s", p.Number, what)
	if p.Opened < p.Of {
		text += fmt.Sprintf(", in %d of %d units above", p.Opened, p.Of)
	}
	f.line(strings.Repeat("  ", p.Level-1)+"packages", text, p.Seqs)
}

func (f *facts) difference(d Difference) {
	var said []string
	for _, claim := range d.Claims {
		said = append(said, f.name(quantityText(claim.Value, claim.Unit))+" ("+seqsText(claim.Seqs)+")")
	}
	what := d.What
	if d.About != "" {
		what += " of " + f.name(d.About)
	}
	f.line("≠ stated differently", what+": "+strings.Join(said, ", "), nil)
}

func eventSeqs(events []Event) []uint64 {
	var seqs []uint64
	for _, e := range events {
		seqs = withSeq(seqs, e.Seq)
	}
	return seqs
}

// maxSeqsTold is how many records a line names.
const maxSeqsTold = 6

func seqsText(seqs []uint64) string {
	var b strings.Builder
	for i, seq := range seqs {
		if i == maxSeqsTold {
			fmt.Fprintf(&b, " and %d more", len(seqs)-i)
			break
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "#%d", seq)
	}
	return b.String()
}
