package contracts

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// located is the batch and the place of an item, as its state says.
type located struct {
	batch trace.Batch // zero of an item that has neither lot nor class
	place trace.Place
}

func locate(id string, s *ItemState) (l located) {
	l.batch = batchOf(id, s)
	if l.batch.Of.ID == "" {
		return l
	}
	l.place = placeOf(s)
	return l
}

// batchOf is the batch of an item: of its lot, else of its class; its Of is zero for
// what has neither.
func batchOf(id string, s *ItemState) trace.Batch { return batchBefore(id, s, trace.Unmarked) }

// batchBefore is the batch that an item was in when the ledger had so many records.
func batchBefore(id string, s *ItemState, size uint64) (b trace.Batch) {
	lot := ""
	if s.Born != nil && s.Born.Seq < size {
		b.Born, lot = s.Born.Seq, s.Lot
	} else {
		b.Born = s.First | trace.Sighted
		if s.NamedAt < size {
			lot = s.Named
		}
	}
	if lot != "" {
		b.Of = trace.Key{NS: trace.NSLot, ID: lot}
	} else {
		b.Of = trace.Key{NS: trace.NSClass, ID: classOfItem(id)}
	}
	return b
}

// classOfItem is the product class of an item's canonical id, "" for none. Most items
// that nobody bears are logistic units: those are known without reading on.
func classOfItem(id string) string {
	if !strings.HasPrefix(id, "https://id.gs1.org/") || strings.HasPrefix(id, "https://id.gs1.org/00/") {
		return ""
	}
	return epcis.Canonical(id).Class().URI
}

// Located is the batch and place of an item whose state is given, as the forward index
// counts it; false for one that it does not count.
func Located(id string, state []byte) (trace.Batch, trace.Place, bool, error) {
	var s ItemState
	if err := decodeState(state, &s); err != nil {
		return trace.Batch{}, trace.Place{}, false, err
	}
	l := locate(id, &s)
	return l.batch, l.place, l.batch.Of.ID != "", nil
}

func placeOf(s *ItemState) trace.Place {
	p := trace.Place{Condition: string(s.Condition)}
	p.Holder, p.Gone = s.Custody.who()
	var in *Turn
	for t := range ties {
		if b := *s.bond(t); b.open() && (in == nil || b.In.Seq > in.Seq) {
			in = b.In
			p.In, p.Attached, p.Bond = b.Holder, t == attached, in.Seq
		}
	}
	if in == nil {
		return p
	}
	along, known := s.takenAlong(in)
	if p.Apart = known && !along; !p.Apart && s.inTransit() && (!known || s.ownWay()) {
		p.Way, p.Beside = s.Transit.Transfer+1, s.Transit.Beside
	}
	return p
}

// forward is what an accepted record adds to the forward index.
func (c *hearing) forward() trace.Forward {
	f := spread{hearing: c}
	if e := c.record.Event; e != nil {
		f.uses(e)
		f.holds(e)
		f.births(e)
		f.amounts(e)
	}
	f.moves()
	return f.Forward
}

type spread struct {
	*hearing
	trace.Forward
	used  map[trace.Batch]int // places in Uses, once those are more than a few
	late  map[trace.Late]int  // places in Late, by what they say without Count
	last  trace.Key           // what the author may have some of, as said last
	moved map[located]int     // places in Moves, once those are more than a few
}

// few are sooner looked through than found in a map: the items of most records come
// from one place and go to one, and use one lot.
const few = 8

func (f *spread) use(b trace.Batch) {
	if b.Of.ID == "" {
		return
	}
	if i := f.useOf(b); i >= 0 {
		f.Uses[i].Count++
		return
	}
	f.Uses = append(f.Uses, trace.Taken{Batch: b, Count: 1})
	switch n := len(f.Uses); {
	case f.used != nil:
		f.used[b] = n - 1
	case n > few:
		f.used = make(map[trace.Batch]int, 2*n)
		for i := range f.Uses {
			f.used[f.Uses[i].Batch] = i
		}
	}
}

// useOf is where in Uses a batch stands, -1 when it does not.
func (f *spread) useOf(b trace.Batch) int {
	if f.used != nil {
		if i, ok := f.used[b]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(f.Uses, func(u trace.Taken) bool { return u.Batch == b })
}

func (f *spread) uses(e *epcis.Event) {
	for _, id := range f.citedIDs() {
		f.use(trace.Batch{Of: trace.Key{NS: trace.NSCertificate, ID: id}})
	}
	for _, plot := range trace.PlotKeys(e) {
		f.use(trace.Batch{Of: plot})
	}
	if e.Correction != nil || e.Type != epcis.TransformationEvent {
		return
	}
	for i := range e.Inputs {
		key := trace.ObjectKey(e.Inputs[i])
		if key.NS != trace.NSItem {
			f.use(trace.Batch{Of: key, Born: trace.Unmarked})
			continue
		}
		if it := f.items.loaded(key.ID); it != nil {
			f.use(batchOf(it.id, &it.state))
		}
	}
	for i := range e.InputQuantities {
		if key := trace.QuantityKey(e.InputQuantities[i].Class); key.NS != trace.NSItem {
			f.use(trace.Batch{Of: key, Born: trace.Unmarked})
		}
	}
}

// holds says that an event packed something into an item, or attached something to it.
func (f *spread) holds(e *epcis.Event) {
	if !packs(e) {
		return
	}
	if it := f.items.loaded(trace.ObjectKey(e.Parent).ID); it != nil {
		f.holder(batchOf(it.id, &it.state))
	}
}

func (f *spread) holder(b trace.Batch) {
	if b.Of.ID != "" {
		f.use(trace.Batch{Of: trace.HolderKey(b.Of), Born: b.Born})
	}
}

// packs reports an event that puts something into its parent, or finds it there.
func packs(e *epcis.Event) bool {
	return e.Correction == nil && !e.Parent.IsZero() && e.Action != epcis.Delete &&
		(e.Type == epcis.AggregationEvent || e.Type == epcis.AssociationEvent) && len(e.Children)+len(e.ChildQuantities) > 0
}

// births says which lots came to be of their classes, and what a transformation bore.
func (f *spread) births(e *epcis.Event) {
	if e.Correction != nil {
		return
	}
	list := e.OutputQuantities
	if e.Type == epcis.ObjectEvent && e.Action == epcis.Add {
		list = e.Quantities
	}
	for i := range list {
		f.lot(list[i].Class)
	}
	for _, id := range trace.Born(e) {
		it := f.items.loaded(id.URI)
		switch {
		case id.Level == epcis.Lot:
			f.lot(id)
		case it == nil:
			continue
		case it.state.Born == nil || it.state.Born.Seq != f.position.Seq:
			f.Strays = appendBatch(f.Strays, trace.Batch{Of: batchKey(e, id), Born: f.position.Seq})
			continue
		case it.state.Lot != "":
			f.lotOf(id, it.state.Lot)
		}
		if it == nil || e.Type != epcis.TransformationEvent {
			continue
		}
		f.Made = appendBatch(f.Made, batchOf(it.id, &it.state))
	}
}

// appendBatch adds a batch of a lot or class; the bags of one batch are in one list.
func appendBatch(list []trace.Batch, b trace.Batch) []trace.Batch {
	if b.Of.ID == "" || len(list) > 0 && list[len(list)-1] == b {
		return list
	}
	return append(list, b)
}

// amounts says who names amounts that no account is kept of (of lots whose prefix no
// member licenses, of classes, and at steps that post nothing), and items that nobody is
// known to hold. What the author has left nobody can tell, so that a recall asks it. An
// authority has none of what it looks at, nor has who recalls it.
func (f *spread) amounts(e *epcis.Event) {
	if e.Correction != nil || f.isAuthority() || disposed(e, "recalled") || slices.Contains(e.Unset, dispRecalled) {
		return
	}
	for _, list := range [...][]epcis.Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for i := range list {
			f.amount(trace.QuantityKey(list[i].Class), list[i].Class)
		}
	}
	for _, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Children, e.Inputs, e.Outputs} {
		for i := range list {
			key := trace.ObjectKey(list[i])
			if key.NS != trace.NSItem {
				f.amount(key, list[i])
			} else if it := f.items.loaded(key.ID); it != nil && it.state.Born == nil && it.state.Custody == nil {
				f.with(batchOf(it.id, &it.state).Of)
			}
		}
	}
}

func (f *spread) amount(k trace.Key, id epcis.ID) {
	if k.NS != trace.NSLot && k.NS != trace.NSClass {
		return
	}
	if a := f.balances.get(k.ID + "|" + f.signer.ID); a != nil && (a.known || a.changed) {
		return
	}
	f.lot(id)
	f.with(k)
}

// with says that the author may have some of a lot or class.
func (f *spread) with(k trace.Key) {
	if k.ID != "" && k != f.last {
		f.last = k
		f.move(located{batch: trace.Batch{Of: k, Born: trace.Unmarked}, place: trace.Place{Holder: f.signer.ID}}, 1)
	}
}

func (f *spread) lot(id epcis.ID) {
	if id.Level == epcis.Lot {
		f.lotOf(id, id.URI)
	}
}

func (f *spread) lotOf(id epcis.ID, lot string) {
	if n := len(f.Lots); n > 0 && f.Lots[n-1].Lot.ID == lot {
		return // the bags of one lot are in one list
	}
	class := id.Class().URI
	if class != "" {
		f.Lots = append(f.Lots, trace.Kin{Class: trace.Key{NS: trace.NSClass, ID: class}, Lot: trace.Key{NS: trace.NSLot, ID: lot}})
	}
}

// moves says which items, and which holders of amounts, are elsewhere now.
func (f *spread) moves() {
	var last *item // the one before, which is now located at
	var now located
	var together int64 // how many came with it from where it was
	settle := func() {
		if last != nil && now != last.was {
			f.move(last.was, -together)
			f.move(now, together)
		}
	}
	for _, it := range f.items.list {
		if !it.changed {
			continue
		}
		if it.alike && it.state.lot() != "" && it.was == last.was {
			together++
		} else {
			settle()
			now, last, together = locate(it.id, &it.state), it, 1
		}
		if now.batch != it.was.batch {
			f.rebatch(it, now.batch)
		}
	}
	settle()
	for _, a := range f.balances.list {
		lot, organisation, _ := strings.Cut(a.id, "|")
		if a.known || !a.changed || organisation == "" {
			continue
		}
		id := epcis.Canonical(lot)
		if id.Level != epcis.Lot {
			continue
		}
		f.lot(id)
		f.move(located{
			batch: trace.Batch{Of: trace.Key{NS: trace.NSLot, ID: lot}, Born: trace.Unmarked},
			place: trace.Place{Holder: organisation},
		}, 1)
	}
}

// rebatch says what follows of an item that is in another batch than before, or in one
// for the first time.
func (f *spread) rebatch(it *item, b trace.Batch) {
	if b.Of.ID == "" {
		return
	}
	if b.Born >= trace.Sighted {
		f.Sighted = appendBatch(f.Sighted, b)
		if b.Of.NS == trace.NSLot {
			f.lotOf(epcis.Canonical(it.id), b.Of.ID)
		}
	}
	if it.was.batch.Of.ID != "" && it.state.holding() {
		f.holder(b)
	}
	if end := it.state.Ended; end != nil && it.state.Condition == Consumed && end.Seq < f.position.Seq {
		f.usedBefore(b, end.Seq)
	}
}

// usedBefore says that an earlier record used an item of a batch.
func (f *spread) usedBefore(b trace.Batch, seq uint64) {
	key := trace.Late{Batch: b, Seq: seq}
	if i, ok := f.late[key]; ok {
		f.Late[i].Count++
		return
	}
	if f.late == nil {
		f.late = map[trace.Late]int{}
	}
	f.late[key] = len(f.Late)
	key.Count = 1
	f.Late = append(f.Late, key)
}

func (f *spread) move(at located, by int64) {
	if at.batch.Of.ID == "" {
		return
	}
	if i := f.moveOf(&at); i >= 0 {
		f.Moves[i].By += by
		return
	}
	f.Moves = append(f.Moves, trace.Move{Batch: at.batch, Place: at.place, By: by})
	switch n := len(f.Moves); {
	case f.moved != nil:
		f.moved[at] = n - 1
	case n > few:
		f.moved = make(map[located]int, 2*n)
		for i, m := range f.Moves {
			f.moved[located{m.Batch, m.Place}] = i
		}
	}
}

// moveOf is where in Moves a place stands, -1 when it does not.
func (f *spread) moveOf(at *located) int {
	if f.moved != nil {
		if i, ok := f.moved[*at]; ok {
			return i
		}
		return -1
	}
	return slices.IndexFunc(f.Moves, func(m trace.Move) bool { return m.Batch == at.batch && m.Place == at.place })
}
