package trace

import (
	"cmp"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// journey puts together what the walk has found.
func (w *walker) journey() (*Journey, error) {
	j := &Journey{ID: w.id, Direction: w.o.Direction, Names: map[string]string{}, Tasks: w.tasks, Stopped: w.stopped, Full: w.full, Cut: w.deep}
	if err := w.recalls(); err != nil {
		return nil, err
	}
	certificates, err := w.certificates()
	if err != nil {
		return nil, err
	}
	j.Certificates = certificates
	if err := w.grounds(); err != nil {
		return nil, err
	}
	if err := w.names(j.Names); err != nil {
		return nil, err
	}
	w.custody()

	slices.SortFunc(w.records, func(a, b *entry) int { return cmp.Compare(a.rec.Seq, b.rec.Seq) })
	for _, e := range w.records {
		j.Records = append(j.Records, e.rec)
	}
	j.Recalls = w.recallsTold()
	for _, e := range happened(w.records) {
		if s, ok := step(e); ok {
			j.Steps = append(j.Steps, s)
		}
	}
	for _, n := range w.list {
		n.Name = w.nodeName(n, j.Names)
		j.Graph.Nodes = append(j.Graph.Nodes, n.Node)
	}
	slices.SortFunc(j.Graph.Nodes, func(a, b Node) int {
		return cmp.Or(cmp.Compare(a.Depth, b.Depth), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Namespace, b.Namespace))
	})
	slices.SortFunc(w.edges, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Seq, b.Seq))
	})
	j.Graph.Edges = w.edges
	j.Cut = j.Cut || len(w.short) > 0
	for _, g := range w.short {
		w.leave(g)
	}
	slices.SortFunc(w.gaps, func(a, b Gap) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.About, b.About))
	})
	j.Gaps = w.gaps
	j.Plots = w.plots()
	if rest := append(w.queue, w.pending...); len(rest) > 0 {
		if err := j.endBefore(rest); err != nil {
			return nil, err
		}
	}
	j.neverNull()
	return j, nil
}

// neverNull makes every list an empty one in JSON, never null.
func (j *Journey) neverNull() {
	if j.Graph.Nodes == nil {
		j.Graph.Nodes = []Node{}
	}
	if j.Graph.Edges == nil {
		j.Graph.Edges = []Edge{}
	}
	if j.Steps == nil {
		j.Steps = []Step{}
	}
	if j.Gaps == nil {
		j.Gaps = []Gap{}
	}
	if j.Certificates == nil {
		j.Certificates = []CertificateStatus{}
	}
	if j.Plots == nil {
		j.Plots = []Plot{}
	}
}

// step is a record as the journey tells it; master data is no step.
func step(e *entry) (Step, bool) {
	s := Step{
		Seq: e.rec.Seq, Time: e.time(), About: slices.Sorted(slices.Values(e.order)),
		Organisation: e.rec.Organisation, Refused: e.rec.Rejected(), Voided: e.voided, Compromised: e.rec.Compromised, Basis: e.ground,
	}
	switch {
	case e.event != nil:
		ev := e.event
		s.What = string(ev.Type)
		if ev.Action != "" {
			s.What += " " + string(ev.Action)
		}
		if ev.Correction != nil {
			s.What += " (declares an earlier event wrong)"
		}
		s.BizStep, s.Disposition, s.Set, s.Unset = ev.BizStep, ev.Disposition, ev.Set, ev.Unset
		s.Place = placeOf(ev)
		for _, t := range ev.Transactions {
			s.Documents = append(s.Documents, DocumentRef{Type: t.Type, ID: t.ID.URI})
		}
		s.Details = details(ev.Extensions)
	case e.other != nil && e.other.Certificate != nil:
		s.What = "certificate " + e.other.Certificate.Action
	case e.customs() != nil:
		s.customs(e.other.Customs)
	case e.acknowledgement() != nil:
		s.acknowledgement(e.other.Acknowledgement)
	default:
		return Step{}, false
	}
	return s, true
}

// placeOf is where an event happened: its readPoint, else its bizLocation.
func placeOf(e *epcis.Event) string { return cmp.Or(e.ReadPoint.URI, e.BizLocation.URI) }

// details are an event's extensions that are one short text or number.
func details(o *epcis.Object) []Detail {
	if o == nil {
		return nil
	}
	var out []Detail
	for _, m := range o.Members {
		if m.Value == nil || m.Name == "@context" || len(m.Value.Str) > 200 {
			continue
		}
		switch m.Value.Kind {
		case epcis.String, epcis.Number:
			out = append(out, Detail{Name: m.Name, Value: m.Value.Str})
		}
	}
	return out
}

// custody reports hand-overs of which only one side is recorded, seen from each
// thing that was itself no container of another node: its own records and those
// of its containers, in the order in which they happened.
func (w *walker) custody() {
	within := map[string][]Edge{} // by what is inside
	holds := map[string]bool{}
	for _, e := range w.edges {
		if e.Kind == EdgeInside {
			within[e.From] = append(within[e.From], e)
			holds[e.To] = true
		}
	}
	about := map[string][]*entry{}
	for _, e := range w.records {
		if e.event == nil || !live(e) || e.rec.Rejected() || e.aside {
			continue
		}
		for _, id := range e.order {
			about[id] = append(about[id], e)
		}
	}
	for _, n := range w.list {
		if n.context || holds[n.ID] || n.key.NS != NSItem && n.key.NS != NSLot {
			continue
		}
		w.handOvers(n.ID, happened(lifeOf(n.ID, within, about)))
	}
}

// lifeOf is a thing's own records and those of its containers while it was inside.
func lifeOf(id string, within map[string][]Edge, about map[string][]*entry) []*entry {
	type stay struct {
		id           string
		since, until *epcis.Instant
	}
	var out []*entry
	seen := map[uint64]bool{}
	visited := map[string]bool{}
	for queue := []stay{{id: id}}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		for _, e := range about[s.id] {
			if seen[e.rec.Seq] || s.since != nil && e.event.Time.Before(*s.since) || s.until != nil && s.until.Before(e.event.Time) {
				continue
			}
			seen[e.rec.Seq] = true
			out = append(out, e)
		}
		if visited[s.id] {
			continue
		}
		visited[s.id] = true
		for _, edge := range within[s.id] {
			next := stay{edge.To, edge.Since, edge.Until}
			if s.since != nil && next.since != nil && next.since.Before(*s.since) {
				next.since = s.since
			}
			if s.until != nil && (next.until == nil || s.until.Before(*next.until)) {
				next.until = s.until
			}
			queue = append(queue, next)
		}
	}
	return out
}

func (w *walker) handOvers(id string, life []*entry) {
	var shipped *entry
	var holder string // who recorded last
	for _, e := range life {
		switch e.event.BizStep {
		case stepPrefix + "shipping":
			if shipped != nil && shipped.rec.Organisation != e.rec.Organisation {
				w.unreceived(id, shipped)
			}
			shipped = e
		case stepPrefix + "receiving":
			if shipped == nil && holder != "" && holder != e.rec.Organisation {
				w.gap(id, e.rec.Seq, "Received, but no record says that it was shipped.")
			}
			shipped = nil
		case stepPrefix + "accepting":
			if shipped != nil && slices.ContainsFunc(shipped.event.Destinations, func(p epcis.Party) bool { return p.ID.URI == e.rec.Organisation }) {
				shipped = nil
			}
		case stepPrefix + "void_shipping":
			shipped = nil
		}
		holder = e.rec.Organisation
	}
	if shipped != nil {
		w.unreceived(id, shipped)
	}
}

func (w *walker) unreceived(id string, shipped *entry) {
	w.gap(id, shipped.rec.Seq, "Shipped, but no record says that it was received.")
}
