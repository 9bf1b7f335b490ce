package contracts

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// The due-diligence reference of goods is given for what they are called at the time: a
// container that they are in, a customs declaration, what they are made from. Who asks for
// it later looks there as well.
//
//   - Of a serial: its lot, the declarations that name it, and what it is in or was in, with
//     the declarations of that. Of such a container counts what was given while the serial
//     was in it, or since it was emptied before.
//   - Of a lot: the declarations that name it, and what it was taken out of by name.
//   - Of what was made in a transformation: all this of its inputs, but only a reference of
//     the member that made it. That is the operator, who hands on another product. What
//     anybody else makes owes nothing further.

// Root is where else the reference of goods may stand: with what they were made from, with
// the declaration that names their lot, or with the container that it was taken out of.
type Root struct {
	By   Turn     `cbor:"1,keyasint"`
	Keys []string `cbor:"2,keyasint,omitempty"` // in namespace diligence; the first maxRoots
	Made bool     `cbor:"3,keyasint,omitempty"` // from those, by the organisation of By: only its own reference counts
}

func (r *Root) by() *Turn { return &r.By }

// maxRoots bounds what is remembered of one record.
const maxRoots = 8

// referencePlace is where a reference of goods may stand.
type referencePlace struct {
	key           trace.Key
	after, before uint64 // seqs that the record which gives it is between; 0: there is no such bound
	maker         string // the operator that it has to be of; "" for any
}

// referencePlaces are those where a reference of a thing may be known, its own first.
func (s *diligence) referencePlaces(t thing) ([]referencePlace, error) {
	return s.placesOf(t, "", 0)
}

// maxMakings bounds how many transformations of one operator in a row are looked behind.
const maxMakings = 4

// maxReferencePlaces bounds the places that are looked at for one thing.
const maxReferencePlaces = 128

// placesOf is referencePlaces of what so many transformations of a maker have made something
// from; what others made before tells nothing of its reference.
func (s *diligence) placesOf(t thing, maker string, makings int) ([]referencePlace, error) {
	places := []referencePlace{{key: t.key}}
	own := 1 // goods that may have roots
	it, err := s.hearing.item(&t.id)
	if err != nil {
		return nil, err
	}
	if it != nil {
		if it.state.Lot != "" {
			places, own = append(places, referencePlace{key: trace.Key{NS: trace.NSLot, ID: it.state.Lot}}), 2
		}
		places = appendDeclarations(places, it, referencePlace{})
		if places, err = s.appendHolders(places, it); err != nil {
			return nil, err
		}
	}
	for _, p := range places[:own] {
		state, err := s.of(p.key)
		if err != nil {
			return nil, err
		}
		for i := range state.Roots {
			r := &state.Roots[i]
			if r.Made && maker != "" && r.By.Organisation != maker {
				continue
			}
			if places, err = s.appendRoot(places, r, makings); err != nil {
				return nil, err
			}
		}
	}
	return places, nil
}

// appendDeclarations adds those that name an item, within the bounds of a place.
func appendDeclarations(places []referencePlace, it *item, within referencePlace) []referencePlace {
	customs := it.state.Customs
	if customs == nil {
		return places
	}
	add := func(ids []string) {
		for _, id := range ids {
			within.key = trace.Key{NS: trace.NSTransaction, ID: id}
			places = append(places, within)
		}
	}
	add(customs.Declarations)
	if customs.At != nil {
		add(customs.At.Served)
	}
	return places
}

// appendHolders adds what an item is packed in, or was last, and what that is in.
func (s *diligence) appendHolders(places []referencePlace, it *item) ([]referencePlace, error) {
	for range maxDepth {
		bond := it.state.Parent
		if bond == nil {
			break
		}
		h, err := s.hearing.holderAt(bond.Holder)
		if err != nil {
			return nil, err
		}
		within, known, err := s.whileIn(it, h, bond)
		if err != nil || !known {
			return places, err
		}
		within.key = trace.Key{NS: trace.NSItem, ID: h.id}
		places = appendDeclarations(append(places, within), h, within)
		it = h
	}
	return places, nil
}

// whileIn bounds what is said of a container to the load that an item belonged to. known
// is false where the ledger does not know when that was.
func (s *diligence) whileIn(it, h *item, bond *Bond) (within referencePlace, known bool, err error) {
	if within.before, known, err = s.hearing.leftAt(it, h, bond); err != nil || !known {
		return within, false, err
	}
	contents := h.state.Contents
	if contents == nil || bond.In == nil || contents.Emptied == nil {
		return within, true, nil
	}
	switch emptied := contents.Emptied; {
	case bond.In.Seq > emptied.Turn.Seq:
		within.after = emptied.Turn.Seq
	case bond.In.Seq >= contents.From:
		within.after = contents.From
	default:
		e, err := s.hearing.tookOut(it, h, packed)
		if err != nil || e == nil {
			return within, false, err
		}
		within.after = e.From
	}
	return within, true, nil
}

// appendRoot adds the places that a root names.
func (s *diligence) appendRoot(places []referencePlace, r *Root, makings int) ([]referencePlace, error) {
	if r.Made {
		return s.appendMade(places, r, makings+1)
	}
	for _, id := range r.Keys {
		p := referencePlace{key: diligenceKey(id), before: r.By.Seq}
		if p.key.NS == trace.NSTransaction { // a declaration: its reference may come with the release
			p.before = 0
		}
		places = append(places, p)
	}
	return places, nil
}

// appendMade adds the places of what something was made from, which count where the reference is
// its maker's. Those of a transformation whose events are several stand with it.
func (s *diligence) appendMade(places []referencePlace, r *Root, makings int) ([]referencePlace, error) {
	if makings > maxMakings {
		return places, nil
	}
	for _, id := range r.Keys {
		k := diligenceKey(id)
		if k.NS == trace.NSTransaction {
			state, err := s.of(k)
			if err != nil {
				return nil, err
			}
			for i := range state.Roots {
				if state.Roots[i].By.Organisation != r.By.Organisation {
					continue
				}
				if places, err = s.appendMade(places, &state.Roots[i], makings+1); err != nil {
					return nil, err
				}
			}
			continue
		}
		from, err := s.placesOf(thing{epcis.Canonical(k.ID), k}, r.By.Organisation, makings)
		if err != nil {
			return nil, err
		}
		for _, p := range from {
			p.maker = r.By.Organisation
			places = append(places, p)
		}
		if len(places) > maxReferencePlaces {
			return places[:maxReferencePlaces], nil
		}
	}
	return places, nil
}

// diligenceKey is the key of whose diligence an id is ([stateOf]).
func diligenceKey(id string) trace.Key {
	ns, of, _ := strings.Cut(id, ":")
	return trace.Key{NS: trace.Namespace(ns), ID: of}
}

// givenAt is the first reference that counts at a place, and the operator by it, "" where
// nobody knows who that is; nil for no reference.
func (s *diligence) givenAt(p referencePlace) (*Given, string, error) {
	state, err := s.of(p.key)
	if err != nil || state.Statement == nil {
		return nil, "", err
	}
	if _, err := s.referred(p.key, state); err != nil {
		return nil, "", err
	}
	counts := func(seq uint64) bool { return seq >= p.after && (p.before == 0 || seq <= p.before) }
	given := &Given{*state.Statement, state.Reference}
	if !counts(given.By.Seq) {
		at := slices.IndexFunc(state.Again, func(g Given) bool { return counts(g.By.Seq) })
		if at < 0 {
			return nil, "", nil
		}
		given = &state.Again[at]
	}
	by, stands, err := s.operatorBy(p.key, given)
	if err != nil || !stands || p.maker != "" && by != p.maker {
		return nil, "", err
	}
	return given, by, nil
}

// knownOf reports whether any reference counts for goods.
func (s *diligence) knownOf(t thing) (bool, error) {
	places, err := s.referencePlaces(t)
	if err != nil {
		return false, err
	}
	for _, p := range places {
		if given, _, err := s.givenAt(p); err != nil || given != nil {
			return given != nil, err
		}
	}
	return false, nil
}

// madeFrom are the inputs of a transformation as its root names them. Where a reference of
// one stands is looked up when somebody is to keep it.
func (s *diligence) madeFrom(inputs []thing) (keys []string) {
	for i := range inputs {
		keys = appendOnce(keys, stateOf(trace.NSDiligence, inputs[i].key).ID)
	}
	return keys
}

func appendOnce(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// roots remembers where else the reference of goods may stand.
func (s *diligence) roots(k trace.Key, state *DiligenceState, keys []string, made bool) {
	if len(keys) > 0 && addLater(&state.Roots, Root{By: *s.turn, Keys: keys, Made: made}) {
		s.change(k)
	}
}

// unroot forgets what an event that is declared wrong had remembered.
func (s *diligence) unroot(k trace.Key, state *DiligenceState) {
	if dropLater(s.hearing, &state.Roots) != nil {
		s.change(k)
	}
}

// unpack remembers, of lots that are taken out of a container by name, that a reference of
// the container is theirs.
func (s *diligence) unpack(e *epcis.Event) error {
	var keys []string
	if parent, err := s.hearing.item(&e.Parent); err != nil {
		return err
	} else if parent != nil && e.Correction == nil {
		places, err := s.referencePlaces(thing{e.Parent, trace.ObjectKey(e.Parent)})
		if err != nil {
			return err
		}
		if c := parent.state.Contents; c != nil && c.Emptied != nil {
			places[0].after = c.Emptied.Turn.Seq
		}
		for _, p := range places {
			given, _, err := s.givenAt(p)
			if err != nil {
				return err
			}
			if given != nil && len(keys) < maxRoots {
				keys = append(keys, stateOf(trace.NSDiligence, p.key).ID)
			}
		}
		if len(keys) == 0 {
			return nil
		}
	}
	for i := range e.ChildQuantities {
		k := trace.QuantityKey(e.ChildQuantities[i].Class)
		if k.NS != trace.NSLot {
			continue
		}
		state, err := s.of(k)
		if err != nil {
			return err
		}
		if e.Correction != nil {
			s.unroot(k, state)
		} else {
			s.roots(k, state, keys, false)
		}
	}
	return s.write()
}
