package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A lot has as many births as events brought some of it into being, and nobody tells
// the goods of one birth from those of another. So a lot is used only if every birth
// of it is somebody's word. Its account (the lot with everybody) remembers which keys
// signed births of it.

// foreignLot is the account of a lot whose prefix nobody licenses. It has none of
// amounts (rule W1), and one for its births alone.
func foreignLot(id epcis.ID) string { return "foreign:" + id.URI + "|" }

// Bearer is a key that signed births of a lot.
type Bearer struct {
	Key      [20]byte `cbor:"1,keyasint"`           // address of the operating key
	Births   []Birth  `cbor:"2,keyasint,omitempty"` // in order, the latest of them
	Attested *Turn    `cbor:"3,keyasint,omitempty"` // its organisation stands by the births
}

// Birth is an event that brought some of a lot into being.
type Birth struct {
	_     struct{} `cbor:",toarray"`
	Seq   uint64
	Event [16]byte // eventMark; zero where it stands for earlier births too, which nobody can take back
}

// Bounds of an account: keys, and births of each. A key is compromised from a moment
// on, so that its latest birth says of all whether one is doubtful; those before are
// kept for when the latest is declared wrong.
const (
	maxBearers = 16
	maxBirths  = 8
)

// bearer is that of a key, nil for none.
func (a *Account) bearer(key identity.Address) *Bearer {
	for i := range a.Bearers {
		if a.Bearers[i].Key == key {
			return &a.Bearers[i]
		}
	}
	return nil
}

// bear remembers a birth; false where there is no room for another key.
func (a *Account) bear(key identity.Address, b Birth) bool {
	o := a.bearer(key)
	if o == nil {
		if len(a.Bearers) == maxBearers {
			return false
		}
		a.Bearers = append(a.Bearers, Bearer{Key: key})
		o = &a.Bearers[len(a.Bearers)-1]
	}
	if n := len(o.Births); n > 0 && o.Births[n-1].Seq == b.Seq {
		return true // the event names the lot twice
	}
	if len(o.Births) == maxBirths {
		o.Births = slices.Delete(o.Births, 0, 1)
		o.Births[0].Event = [16]byte{}
	}
	o.Births = append(o.Births, b)
	return true
}

// last is the latest birth.
func (o *Bearer) last() Birth { return o.Births[len(o.Births)-1] }

// lotsOfBirth calls f for the lots that an event brings into being, or that one which
// declares such an event wrong names.
func lotsOfBirth(e *epcis.Event, f func(epcis.ID) error) error {
	switch {
	case e.Type == epcis.TransformationEvent:
		return eachLot(e.Outputs, e.OutputQuantities, f)
	case addsLots(e):
		return eachLot(e.EPCs, e.Quantities, f)
	}
	return nil
}

// addsLots reports an ObjectEvent that brings what it names into being; what it
// receives was there before. Rule W1 counts the same births.
func addsLots(e *epcis.Event) bool {
	return e.Type == epcis.ObjectEvent && e.Action == epcis.Add && !receives(e)
}

func eachLot(ids []epcis.ID, quantities []epcis.Quantity, f func(epcis.ID) error) error {
	for i := range ids {
		if ids[i].Level == epcis.Lot {
			if err := f(ids[i]); err != nil {
				return err
			}
		}
	}
	for i := range quantities {
		if quantities[i].Class.Level == epcis.Lot {
			if err := f(quantities[i].Class); err != nil {
				return err
			}
		}
	}
	return nil
}

// rememberBearers notes who signs the births of lots, and takes back those that the
// event declares wrong.
func (c *hearing) rememberBearers(e *epcis.Event) error {
	var forgotten tally
	err := lotsOfBirth(e, func(lot epcis.ID) error {
		if e.Correction != nil {
			return c.ofLot(lot, c.takeBack)
		}
		name := wholeLot(lot)
		if foreign, err := c.isForeign(lot); err != nil {
			return err
		} else if foreign {
			name = foreignLot(lot)
		}
		a, err := c.account(name)
		switch {
		case err != nil:
			return err
		case a.state.bear(c.position.Signer, Birth{Seq: c.position.Seq, Event: c.turn().Event}):
			a.noted = true
		default:
			forgotten.add(fact(lot.URI, fmt.Sprintf("%d keys signed births of it", len(a.state.Bearers))))
		}
		return nil
	})
	forgotten.found(c, trace.Finding{
		Code: CodeBearerForgotten,
		Next: "Give what more of you make a lot number of its own: nobody can stand by this birth later.",
	})
	return err
}

// ofLot calls f for the accounts that remember births of a lot: both, for a member may
// have come to license its prefix.
func (c *hearing) ofLot(lot epcis.ID, f func(*account) error) error {
	for _, name := range [...]string{wholeLot(lot), foreignLot(lot)} {
		a, err := c.account(name)
		if err != nil {
			return err
		}
		if err := f(a); err != nil {
			return err
		}
	}
	return nil
}

// takeBack forgets the births of a lot by the event that is declared wrong.
func (c *hearing) takeBack(a *account) error {
	if c.record.Event.ID == "" {
		return nil
	}
	mark := c.turn().Event
	for i := len(a.state.Bearers) - 1; i >= 0; i-- {
		o := &a.state.Bearers[i]
		organisation, err := c.organisationOfKey(o.Key)
		if err != nil {
			return err
		}
		n := len(o.Births)
		if organisation == c.signer.ID {
			o.Births = slices.DeleteFunc(o.Births, func(b Birth) bool { return b.Event == mark })
		}
		a.noted = a.noted || len(o.Births) < n
		if len(o.Births) == 0 {
			a.state.Bearers = slices.Delete(a.state.Bearers, i, i+1)
		}
	}
	return nil
}

// organisationOfKey is whose operating key it is: one organisation's, for ever.
func (c *hearing) organisationOfKey(address identity.Address) (string, error) {
	k, err := c.key(address)
	if err != nil || len(k.state.Intervals) == 0 {
		return "", err
	}
	return k.state.Intervals[len(k.state.Intervals)-1].Value.Organisation, nil
}

// lots judges the lots that the event names, but for those that it brings into being.
func (w *compromiseCheck) lots() error {
	e := w.event
	if e.Correction != nil || !addsLots(e) {
		if err := eachLot(e.EPCs, e.Quantities, w.lot); err != nil {
			return err
		}
	}
	if err := eachLot(e.Children, e.ChildQuantities, w.lot); err != nil {
		return err
	}
	if err := eachLot(e.Inputs, e.InputQuantities, w.lot); err != nil {
		return err
	}
	if w.attests || e.Correction != nil || !receives(e) {
		return nil
	}
	return eachLot(nil, e.Quantities, w.shipments)
}

func (w *compromiseCheck) lot(id epcis.ID) error {
	var bearers []bearerOf
	if err := w.ofLot(id, func(a *account) error {
		for i := range a.state.Bearers {
			bearers = append(bearers, bearerOf{a, &a.state.Bearers[i]})
		}
		return nil
	}); err != nil {
		return err
	}
	if w.event.Correction != nil {
		for _, b := range bearers {
			if w.attests && w.declaredWrong(b.Attested) {
				w.withdrawn.add(factAt(id.URI, "no longer attested", b.Attested.Seq))
				b.Attested, b.account.noted = nil, true
			}
		}
		return nil
	}
	if w.attests {
		return w.attestLot(id, bearers)
	}
	for _, b := range bearers {
		doubt, err := w.doubtfulBearer(id, b.Bearer)
		if err != nil {
			return err
		}
		if doubt == nil {
			continue
		}
		switch foreign, err := w.isForeign(id); {
		case err != nil:
			return err
		case !movesGoods(w.event) || w.isAuthority():
			w.rests.add(*doubt)
		case foreign || endsGoods(w.event):
			w.softly.add(*doubt)
		default:
			w.uses.add(*doubt)
		}
		return nil
	}
	return nil
}

// bearerOf is a bearer, and the account that remembers it.
type bearerOf struct {
	account *account
	*Bearer
}

// endsGoods reports an event by which what it names is no more.
func endsGoods(e *epcis.Event) bool {
	return e.Type == epcis.ObjectEvent && (e.Action == epcis.Delete || e.BizStep == stepDestroying || e.BizStep == stepDecommissioning)
}

// doubtfulBearer says that a birth of a lot was signed with a key that was
// compromised by then, and that nobody stands by it; nil otherwise.
func (w *compromiseCheck) doubtfulBearer(lot epcis.ID, o *Bearer) (*trace.Fact, error) {
	organisation, err := w.organisationOfKey(o.Key)
	if err != nil {
		return nil, err
	}
	if attested := o.Attested; attested != nil { // the key was revoked before: it bore nothing since
		return w.doubtful(claim{lot.URI, "its birth attested by " + attested.Organisation, attested.Organisation, attested.Seq})
	}
	return w.doubtful(claim{lot.URI, "born by " + organisation, organisation, o.last().Seq})
}

// attestLot has the organisation that recorded births of a lot stand by those that are
// doubtful.
func (w *compromiseCheck) attestLot(id epcis.ID, bearers []bearerOf) error {
	if w.event.Type != epcis.ObjectEvent || w.event.Action != epcis.Observe {
		w.idle.add(fact(id.URI, "only an observation attests"))
		return nil
	}
	why, stands := "no birth is recorded", false
	for _, b := range bearers {
		organisation, err := w.organisationOfKey(b.Key)
		switch {
		case err != nil:
			return err
		case organisation != w.signer.ID:
			why = "born by " + organisation
			continue
		}
		doubt, err := w.doubtfulBearer(id, b.Bearer)
		if err != nil {
			return err
		}
		if doubt != nil {
			b.Attested, b.account.noted, stands = w.turn(), true, true
			w.attested.add(factAt(id.URI, "its birth is attested", b.last().Seq))
		} else {
			why = "nothing is doubtful about its birth"
		}
	}
	if !stands {
		w.idle.add(fact(id.URI, why))
	}
	return nil
}

// shipments flags a receipt of a lot that a compromised key shipped to the signer.
func (w *compromiseCheck) shipments(id epcis.ID) error {
	list, err := w.lotsTo(w.signer.ID, id.URI)
	if err != nil {
		return err
	}
	for _, seq := range list.state.Transfers {
		t, err := w.transfer(seq)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(t.state.Lots, func(p LotPart) bool { return p.Class == id.URI })
		if !t.known || t.state.Awaiting || at < 0 || t.state.done(&t.state.Lots[at]) {
			continue
		}
		doubt, err := w.doubtful(claim{id.URI, "shipped by " + t.state.From, t.state.From, seq})
		if err != nil {
			return err
		}
		if doubt != nil {
			w.rests.add(*doubt)
			return nil
		}
	}
	return nil
}
