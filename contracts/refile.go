package contracts

import (
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A ledger whose forward index was kept by an older program has it made again, from the
// records and the states that stand now. What they tell is what the index tells, but for
// what was declared wrong since: that has gone. Records say what was used, made and named;
// states say where things are.

// Refile is what an accepted record adds to a forward index that is made again: all but
// where its items are. The court's view is the ledger's state after all records.
func (court *Court) Refile(p Position, organisation string, r *epcis.Record) (trace.Forward, error) {
	if r == nil || r.Event == nil {
		return trace.Forward{}, nil
	}
	c := court.hear(p, r)
	member, err := c.member(organisation)
	if err != nil {
		return trace.Forward{}, err
	}
	if m, ok := member.At(p.Seq); ok {
		c.signer = m.Organisation
	} else {
		c.signer.ID = organisation
	}
	e := r.Event
	for _, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Children, e.Inputs, e.Outputs} {
		for i := range list {
			if _, err := c.item(&list[i]); err != nil {
				return trace.Forward{}, err
			}
			if lot := list[i]; lot.Level == epcis.Lot {
				if _, err := c.account(lot.URI + "|" + organisation); err != nil {
					return trace.Forward{}, err
				}
			}
		}
	}
	for _, list := range [...][]epcis.Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for i := range list {
			if _, err := c.account(list[i].Class.URI + "|" + organisation); err != nil {
				return trace.Forward{}, err
			}
		}
	}
	f := spread{hearing: c}
	f.uses(e)
	f.holds(e)
	f.births(e)
	f.amounts(e)
	f.named(e)
	return f.Forward, nil
}

// named says which lots an event names, whether or not somebody has an account of them,
// and asks its author where nobody recorded the birth of an item, and an older program did
// not keep the lot beside its serial.
func (f *spread) named(e *epcis.Event) {
	if e.Correction != nil {
		return
	}
	for _, list := range [...][]epcis.Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for i := range list {
			f.lot(list[i].Class)
		}
	}
	for _, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Children, e.Inputs, e.Outputs} {
		for i := range list {
			it := f.items.loaded(trace.ObjectKey(list[i]).ID)
			if it == nil || it.state.Born != nil || list[i].Lot == "" {
				continue
			}
			lot := f.hearing.lotOf(&list[i], "")
			f.lotOf(list[i], lot)
			if it.state.Named == "" && !f.isAuthority() {
				f.with(trace.Key{NS: trace.NSLot, ID: lot})
			}
		}
	}
}

// RefileState is what a state adds to a forward index that is made again: where an item
// is, or who has an account of a lot.
func RefileState(k trace.Key, state []byte) (f trace.Forward, err error) {
	switch k.NS {
	case trace.NSItem:
		batch, place, ok, err := Located(k.ID, state)
		if err != nil || !ok {
			return f, err
		}
		f.Moves = []trace.Move{{Batch: batch, Place: place, By: 1}}
		if batch.Born >= trace.Sighted {
			f.Sighted = []trace.Batch{batch}
		}
	case trace.NSBalance:
		lot, organisation, _ := strings.Cut(k.ID, "|")
		if organisation == "" || epcis.Canonical(lot).Level != epcis.Lot {
			return f, nil
		}
		f.Moves = []trace.Move{{Batch: trace.Batch{Of: trace.Key{NS: trace.NSLot, ID: lot}, Born: trace.Unmarked},
			Place: trace.Place{Holder: organisation}, By: 1}}
	}
	return f, nil
}
