package api

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// verdict sums the page up. It promises nothing that the page does not show,
// and it is good only when nothing needs a look.
func (b *pageBuilder) verdict(p *page) verdictView {
	l := b.in
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
	v := verdictView{Good: true, Summary: l.say("{0} by {1}", l.count(accepted, "{n} record|{n} records"), l.count(len(organisations), "{n} organisation|{n} organisations"))}
	say := func(good bool, text string) {
		v.Good = v.Good && good
		v.Claims = append(v.Claims, claim{good, text})
	}
	if other := b.otherLot(); other != "" {
		say(false, l.say("The code says lot {0}, the records say {1}: the code, or the pack, is not what it seems", b.lot, other))
	}
	say(true, l.say("Each record is signed by the organisation named beside it"))
	if refused == 0 {
		say(true, l.say("No record was refused"))
	} else {
		say(false, l.count(refused, "{n} record was refused|{n} records were refused"))
	}
	compromised := 0
	for _, r := range b.journey.Records {
		if r.Compromised {
			compromised++
		}
	}
	if compromised > 0 {
		say(false, l.count(compromised, "{n} record was signed with a key that its organisation calls compromised|{n} records were signed with a key that its organisation calls compromised"))
	}
	for _, together := range trace.Together(b.journey.Recalls) {
		switch {
		case together[0].Lifted != nil:
			say(true, b.lifted(together))
		case together[0].OfOthers:
			what, by := b.recallOf(together)
			say(false, l.say("{0} said on {1} that it is recalled, and may not recall it: {2}", by, l.date(together[0].Time), what))
		default:
			p.Recalls = append(p.Recalls, b.recalled(together))
		}
	}
	if len(p.Recalls) > 0 {
		say(false, l.say("Recalled: the top of this page says what, when and by whom"))
	}
	if len(b.journey.Gaps) == 0 {
		say(true, l.say("No gap seen in the records"))
	} else {
		say(false, l.count(len(b.journey.Gaps), "{n} gap in the records|{n} gaps in the records"))
	}
	if flags > 0 {
		say(false, l.count(flags, "{n} record somebody should look at|{n} records somebody should look at"))
	}
	if n := len(p.Certificates); n > 0 {
		bad := 0
		for _, c := range p.Certificates {
			if !c.AtEvent.Good {
				bad++
			}
		}
		if bad == 0 {
			say(true, l.count(n, "{n} certificate, valid when used|{n} certificates, valid when used"))
		} else {
			say(false, l.say("{0} of {1} not valid when used", bad, l.count(n, "{n} certificate|{n} certificates")))
		}
	}
	if b.journey.Continuation != "" {
		say(false, l.say("This page does not show everything; there is more of it below"))
	}
	switch {
	case accepted == 0:
		v.Good, v.Headline = false, l.say("No accepted record")
	case len(p.Recalls) > 0:
		v.Headline = l.say("The records tell of a recall")
	case v.Good:
		v.Headline = l.say("The records fit together")
	default:
		v.Headline = l.say("Some of it needs a look")
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
			return strings.TrimPrefix(b.in.keyParts(e.To).suffix, ", ")
		}
	}
	return ""
}

// recalled tells a recall that stands.
func (b *pageBuilder) recalled(together []trace.Recall) string {
	r := &together[0]
	what, by := b.recallOf(together)
	told := b.in.say("Recalled on {0} by {1}: {2}", b.in.date(r.Time), by, what)
	switch {
	case r.DoubtfulEnd != nil:
		told = b.in.say("{0}. It was not lifted on {1}: a compromised key signed that", told, b.in.date(r.DoubtfulEnd.Time))
	case r.Compromised:
		told = b.in.say("{0}. A compromised key signed the recall, and it stands until they say otherwise", told)
	}
	return told
}

// lifted tells a recall that its author has ended.
func (b *pageBuilder) lifted(together []trace.Recall) string {
	what, by := b.recallOf(together)
	return b.in.say("The recall of {0} on {1} by {2} was lifted on {3}", what, b.in.date(together[0].Time), by, b.in.date(together[0].Lifted.Time))
}

// recallOf names what is recalled, and who recalled it.
func (b *pageBuilder) recallOf(together []trace.Recall) (what, by string) {
	r := &together[0]
	what = b.name(r.Of)
	if len(r.Serials) > 0 {
		what = b.in.say("{0}, serials {1}", what, strings.Join(r.Serials, ", "))
	}
	if n := len(together) - 1; n > 0 {
		what = b.in.say("{0} and {1} more", what, n)
	}
	if o, err := b.names.member(r.Organisation); err == nil && o != nil {
		return what, o.Name
	}
	return what, b.name(r.Organisation)
}
