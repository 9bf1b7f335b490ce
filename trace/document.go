package trace

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// document walks a business document: the records that cite it, and what those
// name, with what it held at that time.
func (w *walker) document(t task) error {
	entries, err := w.history(t.key())
	if err != nil {
		return err
	}
	if err := w.refusals(t.key()); err != nil {
		return err
	}
	for _, e := range entries {
		if e.rec.Seq < t.From {
			continue
		}
		if len(w.pending) > w.limit {
			t.From = e.rec.Seq
			w.pending = append(w.pending, t)
			return nil
		}
		w.include(e, t.ID)
		for _, p := range named(e) {
			edge := Edge{Kind: EdgeDocument, From: p.key.ID, To: t.ID, Seq: e.rec.Seq, Certainty: Certain}
			if p.amount != nil {
				edge.Quantity, edge.Unit = p.amount.String(), p.unit
			}
			w.reach(task{
				NS: p.key.NS, ID: p.key.ID, Depth: t.Depth + 1, Mode: t.Mode&^document | contents,
				Since: ptr(e.time()), Until: ptr(e.time()),
			}, edge)
		}
	}
	return nil
}

// named lists the things that a record is about, as the record of a document.
func named(e *entry) []part {
	if c := e.customs(); c != nil {
		return declaredParts(c)
	}
	if !live(e) {
		return nil
	}
	ev := e.event
	parts := appendParts(nil, append([]epcis.ID{ev.Parent}, ev.EPCs...), ev.Quantities)
	parts = appendParts(parts, ev.Children, ev.ChildQuantities)
	parts = appendParts(parts, ev.Inputs, ev.InputQuantities)
	return appendParts(parts, ev.Outputs, ev.OutputQuantities)
}

// citations lists the documents that a record puts its goods under: those that an
// event cites, the declaration of a customs record.
func citations(e *entry) []epcis.ID {
	if c := e.customs(); c != nil {
		return []epcis.ID{c.MRN}
	}
	if !live(e) {
		return nil
	}
	ids := make([]epcis.ID, len(e.event.Transactions))
	for i, t := range e.event.Transactions {
		ids[i] = t.ID
	}
	return ids
}

// documents gives every thing of the journey an edge to the documents that its
// records cite, and queues those: leaves, for what else they name is another
// journey.
func (w *walker) documents() {
	for _, e := range w.records {
		if e.rec.Rejected() || e.aside {
			continue
		}
		for _, id := range citations(e) {
			if id.IsZero() {
				continue
			}
			k := Key{NSTransaction, id.URI}
			for _, about := range e.order {
				if about == k.ID || e.roles[about]&^(asChild) == 0 {
					continue // the document itself, or what is inside of what it names
				}
				edge := Edge{Kind: EdgeDocument, From: about, To: k.ID, Seq: e.rec.Seq, Certainty: Certain}
				w.reach(task{NS: k.NS, ID: k.ID, Depth: w.depth(about) + 1, Mode: cited}, edge)
			}
		}
	}
}

// cited reads the history of a document that the journey cites, for what was
// said of the document itself: a hold on a declaration names no bag. Such a
// record concerns the things that cite the document. What happened to other
// goods under it does not.
func (w *walker) cited(t task) error {
	read := w.saidOf
	if t.ID == w.id {
		read = w.saidOfStart
	}
	entries, err := read(t.key(), 0)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.included && tells(e) && w.ofDocument(e) {
			w.includeAside(e, t.ID)
			for _, edge := range w.edges {
				if edge.Kind == EdgeDocument && edge.To == t.ID && e.concerns(edge.From) {
					w.includeAside(e, edge.From)
				}
			}
		}
	}
	return nil
}

// saidOfStart is saidOf for the document that the journey is of. Its whole history is
// walked, which leaves no gap: it is read here as far as this part has it anyway.
func (w *walker) saidOfStart(k Key, from uint64) (all []*entry, err error) {
	if _, whole := w.histories[k]; !whole {
		short := len(w.short)
		all, err = w.saidOf(k, from)
		w.short = w.short[:short]
		return all, err
	}
	for _, k := range [...]Key{k, k.Refused()} {
		entries, err := w.history(k)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	return all, nil
}

// saidOf returns the records about a key that the journey only refers to, from a
// seq on, and then the refused ones.
func (w *walker) saidOf(k Key, from uint64) (all []*entry, err error) {
	for _, k := range [...]Key{k, k.Refused()} {
		seqs, err := w.beginning(k, from, maxAside)
		if err != nil {
			return nil, err
		}
		entries, err := w.load(seqs)
		if err != nil {
			return nil, err
		}
		all = append(all, entries...)
	}
	return all, nil
}

// concerns reports whether a record about a document is about a thing that cites it: a
// decision on some goods of a declaration is on those.
func (e *entry) concerns(id string) bool {
	c := e.customs()
	return c == nil || !c.Decides() || len(c.Goods) == 0 || e.roles[id] != 0
}

// ofDocument reports a record that speaks of a document it cites: one that names
// no goods at all, or by which an authority or the owner decides over goods of
// this journey, whenever that was.
func (w *walker) ofDocument(e *entry) bool {
	if c := e.customs(); len(e.roles) == 0 || e.event == nil && (c == nil || !c.Decides()) {
		return true
	}
	if e.event != nil && !decides(e.event) && !recalls(e.event) {
		return false
	}
	return slices.ContainsFunc(w.list, func(n *node) bool { return e.roles[n.ID] != 0 })
}

// decides reports an inspection, a hold, or a customs decision.
func decides(e *epcis.Event) bool {
	switch e.BizStep {
	case stepPrefix + "holding", stepPrefix + "inspecting":
		return true
	}
	return disposed(e, epcis.Vocabulary+"Disp-customs_released", epcis.Vocabulary+"Disp-customs_held", epcis.Vocabulary+"Disp-customs_seized")
}

const dispositionRecalled = epcis.NamespaceCBV + "Disp-recalled"

// recalls reports an event by which goods are called back, or by which that ends.
func recalls(e *epcis.Event) bool {
	return disposed(e, dispositionRecalled, epcis.NamespaceCBV+"Disp-non_conformant") || slices.Contains(e.Unset, dispositionRecalled)
}

func disposed(e *epcis.Event, any ...string) bool {
	return slices.Contains(any, e.Disposition) ||
		slices.ContainsFunc(e.Set, func(d string) bool { return slices.Contains(any, d) })
}

func (w *walker) depth(id string) int {
	for _, ns := range namespacesOf(epcis.Opaque) {
		if n, ok := w.nodes[Key{ns, id}]; ok {
			return n.Depth
		}
	}
	return 0
}
