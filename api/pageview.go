package api

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// page is a journey as journey.html shows it: sentences, not data.
type page struct {
	frame
	ID           string
	Subtitle     string
	Keys         []labelled // of the title: lot, serial
	Recalls      []string   // those that stand, told before all else
	Verdict      verdictView
	AsOf         asOfView
	Asked        askedView
	Refused      []stepView
	Gaps         []gapView
	Stops        []stopView
	Certificates []certificateView
	Plots        []plotView
	Origin       []branch
	Became       []branch
	Containers   []containerView
	Documents    []documentView
	Things       []labelled // every identifier of the journey
	Records      []recordView
	Links        []link
}

type (
	link        struct{ Text, URL string }
	labelled    struct{ Label, Value string }
	verdictView struct {
		Good     bool
		Headline string
		Summary  string
		Claims   []claim
	}
	claim struct {
		Good bool
		Text string
	}
	asOfView struct {
		Height              uint64
		Time, Text, AppHash string
	}
	// askedView is what the page's dossier has to be about.
	askedView struct {
		Direction trace.Direction
		At        uint64 // a past height; 0 for now
		Proof     string // where the dossier is
		More      bool   // the page does not show the whole journey
	}
	gapView  struct{ Name, About string }
	stopView struct {
		Number int
		Place  string
		Steps  []stepView
		id     string
	}
	stepView struct {
		Seq                          uint64
		Title, Time, Date, Place, By string
		Customs                      string // country, when customs wrote it
		Voided                       bool   // its author declared it wrong
		Lines                        []string
		Findings                     []trace.Finding
	}
	standing struct {
		Good bool
		Tone string // "", "warn" or "bad"
		Text string
	}
	certificateView struct {
		ID, Scheme, Issuer, Validity string
		AtEvent, Today               standing
	}
	moment        struct{ Time, Date string }
	containerView struct {
		What, In    string
		From, Until *moment
	}
	documentView struct{ Type, ID string }
	plotView     struct{ Name, Of, Area, Where string }
	recordView   struct {
		Seq, Height                                  uint64
		Time, Date, Kind, By, Address, EventID, Hash string
		Refused                                      bool
		Findings                                     []trace.Finding
	}
)

func (l *tongue) at(t epcis.Instant) *moment { return &moment{Time: t.String(), Date: l.date(t)} }

// pageBuilder gathers a page from a journey and the snapshot it was read from.
type pageBuilder struct {
	in      *tongue
	journey *trace.Journey
	lot     string // that the code says beside the serial
	names   *names
	events  map[uint64]*epcis.Event
	records map[uint64]*trace.Recorded
}

// journeyPage puts a journey into words.
func journeyPage(in *tongue, f frame, s Snapshot, j *trace.Journey, lot string) (*page, error) {
	b := &pageBuilder{in: in, journey: j, lot: lot, names: namesIn(s), events: map[uint64]*epcis.Event{}, records: map[uint64]*trace.Recorded{}}
	for _, r := range j.Records {
		b.records[r.Seq] = r
		if decoded, err := epcis.Decode(r.Kind, r.Bytes); err == nil && decoded.Event != nil {
			b.events[r.Seq] = decoded.Event
		}
	}
	now := readAt(s)
	p := &page{frame: f, ID: j.ID, AsOf: asOfView{Height: now.Height, Time: now.Time.String(), AppHash: now.AppHash,
		Text: in.date(now.Time) + time.Unix(now.Time.Seconds, 0).UTC().Format(", 15:04 UTC")}}
	p.title(b)
	if err := b.steps(p); err != nil {
		return nil, err
	}
	if err := b.certificates(p); err != nil {
		return nil, err
	}
	for _, g := range j.Gaps {
		p.Gaps = append(p.Gaps, gapView{Name: b.name(g.ID), About: g.About})
	}
	p.Origin, p.Became = b.tree(trace.Upstream), b.tree(trace.Downstream)
	b.plots(p)
	b.containers(p)
	b.documents(p)
	if err := b.technical(p); err != nil {
		return nil, err
	}
	p.Verdict = b.verdict(p)
	return p, nil
}

// title sets the title: the thing's name where master data give one.
func (p *page) title(b *pageBuilder) {
	parts := b.in.keyParts(p.ID)
	p.Keys = parts.keys
	p.Title = b.name(p.ID)
	if class := epcis.Canonical(p.ID).Class().URI; class != "" && b.journey.Names[p.ID] == "" && b.journey.Names[class] != "" {
		p.Title = b.journey.Names[class]
	}
	p.Subtitle = parts.kind
}

// name is what people call a thing.
func (b *pageBuilder) name(id string) string {
	if name := b.journey.Names[id]; name != "" {
		return name
	}
	parts := b.in.keyParts(id)
	if class := epcis.Canonical(id).Class().URI; class != "" && class != id && b.journey.Names[class] != "" {
		return b.journey.Names[class] + parts.suffix
	}
	return parts.short
}

func (b *pageBuilder) organisation(id, address string) (name, customs string, err error) {
	o, err := b.names.member(id)
	switch {
	case err != nil:
		return "", "", err
	case o != nil:
		for _, role := range o.Roles {
			if country, ok := role.Customs(); ok {
				customs = country
			}
		}
		return o.Name, customs, nil
	case b.journey.Names[id] != "":
		return b.journey.Names[id], "", nil
	case id != "":
		return b.in.keyParts(id).short, "", nil
	}
	return address, "", nil
}

// steps fills the journey: stops by place, in the order of events; refused
// records apart.
func (b *pageBuilder) steps(p *page) error {
	for _, s := range b.journey.Steps {
		r := b.records[s.Seq]
		v := stepView{Seq: s.Seq, Title: b.in.stepTitle(s), Time: s.Time.String(), Date: b.in.date(s.Time), Voided: s.Voided}
		address := ""
		if r != nil {
			v.Findings, address = shown(r.Findings), r.Signer
		}
		var err error
		if v.By, v.Customs, err = b.organisation(s.Organisation, address); err != nil {
			return err
		}
		if s.Place != "" {
			v.Place = b.name(s.Place)
		}
		if s.Refused {
			p.Refused = append(p.Refused, v)
			continue
		}
		if r != nil && r.Kind == epcis.KindCertificate {
			continue // certificates have a section of their own, master data speak through names
		}
		v.Lines = b.lines(s, b.events[s.Seq])
		place, id := v.Place, s.Place
		switch country := countryOf(s); {
		case place != "":
		case country != "": // a declaration is made to an authority, not at a place
			place, id = b.in.say("Customs of {0}", country), "customs/"+country
		default:
			place = b.in.say("No place given")
		}
		if n := len(p.Stops); n == 0 || p.Stops[n-1].id != id {
			p.Stops = append(p.Stops, stopView{Number: n + 1, Place: place, id: id})
		}
		last := &p.Stops[len(p.Stops)-1]
		last.Steps = append(last.Steps, v)
	}
	return nil
}

// countryOf is the country of the authority that a customs record is to, or by; "" of
// any other step.
func countryOf(s trace.Step) string {
	if strings.HasPrefix(s.What, "customs ") {
		for _, d := range s.Details {
			if d.Name == epcis.Vocabulary+"country" {
				return d.Value
			}
		}
	}
	return ""
}

// shown leaves out what is only for machines.
func shown(findings []trace.Finding) []trace.Finding {
	var out []trace.Finding
	for _, f := range findings {
		if f.Severity != trace.Info {
			out = append(out, f)
		}
	}
	return out
}

func (b *pageBuilder) certificates(p *page) error {
	for _, c := range b.journey.Certificates {
		issuer, _, err := b.organisation(c.Issuer, "")
		if err != nil {
			return err
		}
		v := certificateView{ID: c.ID, Scheme: fieldWords(strings.TrimPrefix(lastSegment(c.Scheme), "Scheme-")), Issuer: issuer, AtEvent: b.in.standingOf(c.AtEvent), Today: b.in.standingOf(c.Today)}
		if v.Scheme == "" {
			v.Scheme = b.in.say("Certificate {0}", b.in.keyParts(c.ID).short)
		}
		if c.ValidFrom != nil && c.ValidTo != nil {
			v.Validity = b.in.say("{0} to {1}", b.in.date(*c.ValidFrom), b.in.date(*c.ValidTo))
		}
		p.Certificates = append(p.Certificates, v)
	}
	return nil
}

func (l *tongue) standingOf(text string) standing {
	switch text {
	case "active":
		return standing{Good: true, Text: l.say("valid")}
	case "revoked":
		return standing{Tone: "bad", Text: l.known(text)}
	case "":
		return standing{Tone: "warn", Text: l.say("unknown")}
	}
	return standing{Tone: "warn", Text: l.known(text)}
}

func (b *pageBuilder) containers(p *page) {
	for _, e := range b.journey.Graph.Edges {
		if e.Kind != trace.EdgeInside {
			continue
		}
		v := containerView{What: b.name(e.From), In: b.name(e.To)}
		if e.Since != nil {
			v.From = b.in.at(*e.Since)
		}
		if e.Until != nil {
			v.Until = b.in.at(*e.Until)
		}
		p.Containers = append(p.Containers, v)
	}
}

// plots lists the land that the records name as the origin.
func (b *pageBuilder) plots(p *page) {
	for i, plot := range b.journey.Plots {
		v := plotView{Name: plot.ID, Area: plot.Area, Where: placeOf(plot.Geometry)}
		if v.Name == "" {
			v.Name = b.in.say("Plot {0}", i+1)
		}
		var of []string
		for _, id := range plot.Of {
			of = append(of, b.name(id))
		}
		v.Of = strings.Join(of, ", ")
		p.Plots = append(p.Plots, v)
	}
}

// placeOf is where a GeoJSON geometry begins, as latitude and longitude in the
// digits that were written, "" when it does not say.
func placeOf(geometry json.RawMessage) string {
	var g struct {
		Coordinates json.RawMessage
	}
	if json.Unmarshal(geometry, &g) != nil {
		return ""
	}
	for range 4 { // a point is nested up to three lists deep
		var point []json.Number
		if json.Unmarshal(g.Coordinates, &point) == nil && len(point) >= 2 {
			return point[1].String() + ", " + point[0].String()
		}
		var list []json.RawMessage
		if json.Unmarshal(g.Coordinates, &list) != nil || len(list) == 0 {
			return ""
		}
		g.Coordinates = list[0]
	}
	return ""
}

// documents lists every business document that an accepted record cites, once.
func (b *pageBuilder) documents(p *page) {
	for _, s := range b.journey.Steps {
		if s.Refused {
			continue
		}
		for _, t := range s.Documents {
			d := documentView{Type: b.in.documentWords(t.Type), ID: t.ID}
			if !slices.Contains(p.Documents, d) {
				p.Documents = append(p.Documents, d)
			}
		}
	}
}

func (b *pageBuilder) technical(p *page) error {
	for _, n := range b.journey.Graph.Nodes {
		p.Things = append(p.Things, labelled{Label: b.name(n.ID), Value: n.ID})
	}
	for _, r := range b.journey.Records {
		head, err := b.names.describe(r)
		if err != nil {
			return err
		}
		by, _, err := b.organisation(r.Organisation, r.Signer)
		if err != nil {
			return err
		}
		p.Records = append(p.Records, recordView{Seq: r.Seq, Height: r.Height, Time: r.Time.String(),
			Date: b.in.date(r.Time) + time.Unix(r.Time.Seconds, 0).UTC().Format(", 15:04:05 UTC"), Kind: b.in.kindWords(r.Kind), By: by,
			Address: r.Signer, EventID: head.EventID, Hash: head.RecordHash, Refused: head.Rejected, Findings: r.Findings})
	}
	return nil
}
