package contracts

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// located is the batch and the place of an item, as its state says.
type located struct {
	batch trace.Batch // zero of an item that nobody recorded the birth of
	place trace.Place
}

func locate(id string, s *ItemState) (l located) {
	if s.Born == nil {
		return l
	}
	l.batch = batchOf(id, s)
	if l.batch.Of.ID == "" {
		return l
	}
	l.place = placeOf(s)
	return l
}

// batchOf is the batch of an item that was born: of its lot, else of its class; its
// Of is zero for what has neither.
func batchOf(id string, s *ItemState) trace.Batch {
	b := trace.Batch{Of: trace.Key{NS: trace.NSLot, ID: s.Lot}, Born: s.Born.Seq}
	if s.Lot == "" {
		b.Of = trace.Key{NS: trace.NSClass, ID: epcis.Canonical(id).Class().URI}
	}
	return b
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
	if held := s.Custody; held != nil {
		p.Holder, p.Gone = held.author(), held.Holder == ""
		if held.Holder != "" {
			p.Holder = held.Holder
		}
	}
	for t := range ties {
		if b := *s.bond(t); b.open() {
			p.In, p.Attached, p.Bond = b.Holder, t == attached, b.In.Seq
			break
		}
	}
	return p
}

// forward is what an accepted record adds to the forward index.
func (c *hearing) forward() trace.Forward {
	f := spread{hearing: c}
	if e := c.record.Event; e != nil {
		f.uses(e)
		f.births(e)
	}
	f.moves()
	return f.Forward
}

type spread struct {
	*hearing
	trace.Forward
	used  map[trace.Batch]int // places in Uses
	moved map[located]int     // places in Moves, once those are more than a few
}

// fewMoves are sooner looked through than found in a map: the items of most records
// come from one place and go to one.
const fewMoves = 8

func (f *spread) use(b trace.Batch) {
	if b.Of.ID == "" {
		return
	}
	if i, ok := f.used[b]; ok {
		f.Uses[i].Count++
		return
	}
	if f.used == nil {
		f.used = map[trace.Batch]int{}
	}
	f.used[b] = len(f.Uses)
	f.Uses = append(f.Uses, trace.Taken{Batch: b, Count: 1})
}

func (f *spread) uses(e *epcis.Event) {
	for _, id := range trace.Cited(e) {
		f.use(trace.Batch{Of: trace.Key{NS: trace.NSCertificate, ID: id}})
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
		if it := f.items.loaded(key.ID); it != nil && it.was.batch.Of.ID != "" {
			f.use(it.was.batch)
		} else if lot := trace.LotOf(e.Inputs[i], ""); lot != "" {
			f.use(trace.Batch{Of: trace.Key{NS: trace.NSLot, ID: lot}, Born: trace.Unmarked})
		}
	}
	for i := range e.InputQuantities {
		if key := trace.QuantityKey(e.InputQuantities[i].Class); key.NS != trace.NSItem {
			f.use(trace.Batch{Of: key, Born: trace.Unmarked})
		}
	}
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
		case it == nil || it.state.Born == nil || it.state.Born.Seq != f.position.Seq:
			continue
		case it.state.Lot != "":
			f.lotOf(id, it.state.Lot)
		}
		if it == nil || e.Type != epcis.TransformationEvent {
			continue
		}
		if b := batchOf(it.id, &it.state); b.Of.ID != "" && (len(f.Made) == 0 || f.Made[len(f.Made)-1] != b) {
			f.Made = append(f.Made, b)
		}
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
	for _, it := range f.items.list {
		if !it.changed {
			continue
		}
		if now := locate(it.id, &it.state); now != it.was {
			f.move(it.was, -1)
			f.move(now, 1)
		}
	}
	for _, a := range f.book.accounts.list {
		lot, organisation, _ := strings.Cut(a.id, "|")
		if a.known || !a.changed || organisation == "" || epcis.Canonical(lot).Level != epcis.Lot {
			continue
		}
		f.move(located{
			batch: trace.Batch{Of: trace.Key{NS: trace.NSLot, ID: lot}, Born: trace.Unmarked},
			place: trace.Place{Holder: organisation},
		}, 1)
	}
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
	case n > fewMoves:
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
