package api

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// verdict sums the page up. It promises nothing that the page does not show,
// and it is good only when nothing needs a look.
func (b *pageBuilder) verdict(p *page) verdictView {
	var organisations []string
	flags := 0
	for _, r := range b.journey.Records {
		if r.Organisation != "" && !r.Rejected() && !slices.Contains(organisations, r.Organisation) {
			organisations = append(organisations, r.Organisation)
		}
		if !r.Rejected() && len(shown(r.Findings)) > 0 {
			flags++
		}
	}
	refused := 0
	for _, r := range b.journey.Records {
		if r.Rejected() {
			refused++
		}
	}
	accepted := len(b.journey.Records) - refused
	v := verdictView{Good: true, Summary: fmt.Sprintf("%s by %s", count(accepted, "record"), count(len(organisations), "organisation"))}
	say := func(good bool, text string) {
		v.Good = v.Good && good
		v.Claims = append(v.Claims, claim{good, text})
	}
	if other := b.otherLot(); other != "" {
		say(false, fmt.Sprintf("The code says lot %s, the records say %s: the code, or the pack, is not what it seems", b.lot, other))
	}
	say(true, "Each record is signed by the organisation named beside it")
	if refused == 0 {
		say(true, "No record was refused")
	} else {
		say(false, was(refused, "record")+" refused")
	}
	compromised := 0
	for _, r := range b.journey.Records {
		if r.Compromised {
			compromised++
		}
	}
	if compromised > 0 {
		say(false, was(compromised, "record")+" signed with a key that its organisation calls compromised")
	}
	for _, together := range trace.Together(b.journey.Recalls) {
		switch {
		case together[0].Lifted != nil:
			say(true, b.lifted(together))
		case together[0].OfOthers:
			what, by := b.recallOf(together)
			say(false, fmt.Sprintf("%s said on %s that it is recalled, and may not recall it: %s", by, date(together[0].Time), what))
		default:
			p.Recalls = append(p.Recalls, b.recalled(together))
		}
	}
	if len(p.Recalls) > 0 {
		say(false, "Recalled: the top of this page says what, when and by whom")
	}
	if len(b.journey.Gaps) == 0 {
		say(true, "No gap seen in the records")
	} else {
		say(false, count(len(b.journey.Gaps), "gap")+" in the records")
	}
	if flags > 0 {
		say(false, count(flags, "record")+" somebody should look at")
	}
	if n := len(p.Certificates); n > 0 {
		bad := 0
		for _, c := range p.Certificates {
			if !c.AtEvent.Good {
				bad++
			}
		}
		if bad == 0 {
			say(true, count(n, "certificate")+", valid when used")
		} else {
			say(false, fmt.Sprintf("%d of %s not valid when used", bad, count(n, "certificate")))
		}
	}
	if b.journey.Continuation != "" {
		say(false, "This page does not show everything; there is more of it below")
	}
	switch {
	case accepted == 0:
		v.Good, v.Headline = false, "No accepted record"
	case len(p.Recalls) > 0:
		v.Headline = "The records tell of a recall"
	case v.Good:
		v.Headline = "The records fit together"
	default:
		v.Headline = "Some of it needs a look"
	}
	return v
}

// otherLot is the lot that the records say of the item, where its code says another:
// a code that was put together from those of others.
func (b *pageBuilder) otherLot() string {
	printed, ok := epcis.Canonical(b.journey.ID).InLot(b.lot)
	if b.lot == "" || !ok {
		return ""
	}
	for _, e := range b.journey.Graph.Edges {
		if e.Kind == trace.EdgeLot && e.From == b.journey.ID && e.To != printed.URI {
			return strings.TrimPrefix(keyParts(e.To).suffix, ", ")
		}
	}
	return ""
}

// recalled tells a recall that stands.
func (b *pageBuilder) recalled(together []trace.Recall) string {
	r := &together[0]
	doubt := ""
	switch {
	case r.DoubtfulEnd != nil:
		doubt = fmt.Sprintf(". It was not lifted on %s: a compromised key signed that", date(r.DoubtfulEnd.Time))
	case r.Compromised:
		doubt = ". A compromised key signed the recall, and it stands until they say otherwise"
	}
	what, by := b.recallOf(together)
	return fmt.Sprintf("Recalled on %s by %s: %s%s", date(r.Time), by, what, doubt)
}

// lifted tells a recall that its author has ended.
func (b *pageBuilder) lifted(together []trace.Recall) string {
	what, by := b.recallOf(together)
	return fmt.Sprintf("The recall of %s on %s by %s was lifted on %s", what, date(together[0].Time), by, date(together[0].Lifted.Time))
}

// recallOf names what is recalled, and who recalled it.
func (b *pageBuilder) recallOf(together []trace.Recall) (what, by string) {
	r := &together[0]
	what = b.name(r.Of)
	if len(r.Serials) > 0 {
		what += ", serials " + strings.Join(r.Serials, ", ")
	}
	if n := len(together) - 1; n > 0 {
		what += fmt.Sprintf(" and %d more", n)
	}
	if o, err := b.names.member(r.Organisation); err == nil && o != nil {
		return what, o.Name
	}
	return what, b.name(r.Organisation)
}
