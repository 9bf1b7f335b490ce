package contracts

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// What was in a container when that was recalled, or was put there since, stays under
// the recall outside, however deep it was. Nothing is written to the contents: what a
// record takes out remembers the recalls of what it was in, and whoever uses it later
// asks their states whether they are still in force. Of what nobody names, for its
// holder is emptied at once, the holder remembers them.
//
// What the ledger recorded first counts: what left before the recall was recorded is
// not concerned. What leaves after the recall has ended remembers it as well: if that end
// is declared wrong, or turns out to be by a compromised key (A7), the recall stood then.

// Leaving is that something left what is recalled, and which recall it is.
type Leaving struct {
	Of     string `cbor:"1,keyasint"`           // what is recalled, as its recalls' state is called: "item:…", "lot:…", "class:…"
	Recall uint64 `cbor:"2,keyasint"`           // seq of the recall
	By     Turn   `cbor:"3,keyasint"`           // the event by which it left
	Told   bool   `cbor:"4,keyasint,omitempty"` // By alone tells: nobody recorded that it was there, or it is an amount
	Amount bool   `cbor:"5,keyasint,omitempty"` // of a container or an assembly: not it left, but an amount or a component that was put there
	Freed  *Turn  `cbor:"6,keyasint,omitempty"` // whoever recalled ended the recall for this thing alone
}

// same reports whether it is one recall that both left.
func (l *Leaving) same(other *Leaving) bool { return l.Of == other.Of && l.Recall == other.Recall }

// maxLeft bounds how many recalls an item, or an emptying, remembers to have left.
const maxLeft = 16

// leaving adds to a list what is not there; false where there is no room. Of a recall
// that it left before, the last time counts: what was put into it in between left, too.
func leaving(list []Leaving, l Leaving) ([]Leaving, bool) {
	for i := range list {
		if list[i].same(&l) {
			if again := list[i].again(l); again != list[i] {
				list = slices.Clone(list)
				list[i] = again
			}
			return list, true
		}
	}
	if len(list) >= maxLeft {
		return list, false
	}
	return append(slices.Clip(list), l), true
}

// again is what is remembered of a recall that is left once more.
func (l Leaving) again(now Leaving) Leaving {
	switch {
	case l.Freed != nil && now.By.Seq > l.By.Seq:
		return now
	case !now.Amount && l.Amount:
		return now
	case now.Amount && !l.Amount, now.By.Seq <= l.By.Seq:
		return l
	}
	// What two events told, neither takes back alone.
	now.Told = now.Told && l.Told && now.By.Event == l.By.Event && now.By.Organisation == l.By.Organisation
	return now
}

// remember is leaving for a list that may be full of recalls which have ended: the first
// of those gives way. It reports whether the recall is new there, or had ended for that
// thing alone, and whether there was room for one in force.
func (c *hearing) remember(list []Leaving, l Leaving) (next []Leaving, fresh, room bool, err error) {
	if next, room = leaving(list, l); room {
		at := slices.IndexFunc(next, func(o Leaving) bool { return o.same(&l) })
		return next, at == len(list) || list[at].Freed != nil && next[at].Freed == nil, true, nil
	}
	for i := range list {
		switch r, err := c.stillStanding(&list[i]); {
		case err != nil:
			return nil, false, false, err
		case r == nil:
			return append(slices.Delete(slices.Clone(list), i, i+1), l), true, true, nil
		}
	}
	r, err := c.stillStanding(&l)
	return list, false, r == nil, err
}

// keepRecall has an item remember a recall; false where it does already.
func (c *hearing) keepRecall(it *item, l Leaving) (bool, error) {
	list, fresh, room, err := c.remember(it.state.Left, l)
	if err != nil {
		return false, err
	}
	it.forgets = it.forgets || !room
	if !slices.Equal(list, it.state.Left) {
		it.state.Left, it.changed = list, true
	}
	return fresh, nil
}

// key is what is recalled.
func (l *Leaving) key() trace.Key {
	ns, id, _ := strings.Cut(l.Of, ":")
	return trace.Key{NS: trace.Namespace(ns), ID: id}
}

// around are the recalls of some items, and of their lots and classes, as something
// leaves them by an event.
type around struct {
	standing, ended []Leaving
	room            bool // for all that stand
}

func (c *hearing) recallsAround(chain []*item) (around, error) {
	a := around{room: true}
	for _, h := range chain {
		id := epcis.Canonical(h.id)
		keys := [...]trace.Key{{NS: trace.NSItem}, {NS: trace.NSLot, ID: c.lotOfThing(id, h)}, {NS: trace.NSClass, ID: id.Class().URI}}
		if may, err := c.mayBind(h); err != nil {
			return a, err
		} else if may || h.state.Recalled {
			keys[0].ID = h.id
		}
		for _, k := range keys {
			if k.ID == "" {
				continue
			}
			if err := c.recallsLeaving(&a, k, id); err != nil {
				return a, err
			}
		}
	}
	return a, nil
}

// recallsLeaving adds the recalls of one key, of those of a class such as bind the holder.
func (c *hearing) recallsLeaving(a *around, k trace.Key, holder epcis.ID) error {
	recalls, err := c.recallsAt(k)
	if err != nil {
		return err
	}
	for i := range recalls {
		if !recalls[i].covers(holder) {
			continue
		}
		l := Leaving{Of: string(k.NS) + ":" + k.ID, Recall: recalls[i].By.Seq, By: *c.turn()}
		b, err := c.effect(k.ID, &recalls[i])
		if err != nil {
			return err
		}
		if b == nil {
			a.ended, _ = leaving(a.ended, l)
			continue
		}
		fits := false
		a.standing, fits = leaving(a.standing, l)
		a.room = a.room && fits
	}
	return nil
}

// leftAbove are the recalls that chain's first item left with one of its holders; what
// was put into one later left nothing. emptied are those that the outermost left when
// what it was in, since a seq, was emptied.
func leftAbove(chain []*item, since uint64, emptied []Leaving) (list []Leaving) {
	none := len(emptied) == 0
	for _, h := range chain[1:] {
		none = none && len(h.state.Left) == 0
	}
	if none {
		return nil
	}
	in := uint64(0)
	add := func(left []Leaving) {
		for i := range left {
			if left[i].By.Seq > in && !left[i].Amount {
				list, _ = leaving(list, left[i])
			}
		}
	}
	for i, h := range chain[1:] {
		for t := range ties {
			if b := *chain[i].state.bond(t); b.open() && b.Holder == h.id {
				in = max(in, b.In.Seq)
			}
		}
		add(h.state.Left)
	}
	in = max(in, since)
	add(emptied)
	return list
}

// recallsLeft are the recalls in force that an item left, itself or with what it is in.
func (c *hearing) recallsLeft(it *item) (list []leftRecall, err error) {
	holders, err := c.holders(it)
	if err != nil {
		return nil, err
	}
	var all []Leaving
	all = append(all, it.state.Left...)
	for _, h := range holders {
		all = append(all, h.state.Left...)
	}
	all = append(all, it.under...)
	if n := len(holders); n > 0 { // what the outermost is under, while the item is in there
		if _, err := c.holders(holders[n-1]); err != nil {
			return nil, err
		}
		all = append(all, holders[n-1].under...)
	}
	return c.stillBinding(all)
}

// stillBinding are those of recalls that something left which have not ended.
func (c *hearing) stillBinding(left []Leaving) (list []leftRecall, err error) {
	for i := range left {
		l := &left[i]
		if slices.ContainsFunc(list, func(o leftRecall) bool { return o.same(l) }) {
			continue
		}
		r, err := c.stillStanding(l)
		if err != nil {
			return nil, err
		}
		if r != nil {
			list = append(list, leftRecall{l, *r})
		}
	}
	return list, nil
}

// stillStanding is a recall that something left, nil where it has ended, or has for that
// thing alone. That a compromised key signed such an end ends nothing (A7).
func (c *hearing) stillStanding(l *Leaving) (*bindingRecall, error) {
	recalls, err := c.recallsBinding(l.key())
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(recalls, func(r bindingRecall) bool { return r.By.Seq == l.Recall })
	if at < 0 {
		return nil, nil
	}
	r := &recalls[at]
	if l.Freed == nil {
		return r, nil
	}
	doubt, err := c.doubtful(claim{l.key().ID, "its recall ended for what came out, by " + l.Freed.Organisation, l.Freed.Organisation, l.Freed.Seq})
	if err != nil || doubt == nil {
		return nil, err
	}
	r.effect, err = c.lifted(l.Freed, doubt)
	return r, err
}

// leftRecall is a recall that something left, and stays under.
type leftRecall struct {
	*Leaving
	recall bindingRecall
}

func (l *leftRecall) fact(id string) trace.Fact {
	return factAt(id, "came out of "+l.key().ID+", recalled by "+l.recall.By.Organisation, l.Recall)
}

// freed ends the recalls of the signer that an item has left, for this item alone; false
// where there are none.
func (c *hearing) freed(id epcis.ID, ended, anew *tally) (bool, error) {
	it, err := c.item(&id)
	if err != nil || it == nil {
		return false, err
	}
	list, done := slices.Clone(it.state.Left), false
	for i := range list {
		l := &list[i]
		r, err := c.stillStanding(l)
		if err != nil {
			return false, err
		}
		if r == nil || r.By.Organisation != c.signer.ID {
			continue
		}
		if l.Freed != nil {
			anew.add(*r.doubt)
		}
		ended.add(factAt(it.id, "came out of "+l.key().ID, l.Recall))
		l.Freed, done = c.turn(), true
	}
	if done {
		it.state.Left, it.changed = list, true
	}
	return done, nil
}

// notFreed undoes that an item was freed by the event that is declared wrong.
func (c *hearing) notFreed(id epcis.ID, undone *tally) error {
	it, err := c.item(&id)
	if err != nil || it == nil {
		return err
	}
	list := slices.Clone(it.state.Left)
	for i := range list {
		if by := list[i].Freed; c.declaredWrong(by) {
			undone.add(factAt(it.id, "recalled again, with "+list[i].key().ID, by.Seq))
			list[i].Freed = nil
			it.state.Left, it.changed = list, true
		}
	}
	return nil
}

// neverLeft forgets that things left recalled containers, of which an event alone told
// that is declared wrong. What was recorded to be there was there: it is back, and if
// that cannot be, it stays under the recall.
func (c *hearing) neverLeft(e *epcis.Event) error {
	never := func(left []Leaving) (kept []Leaving, changed bool) {
		kept = slices.DeleteFunc(slices.Clone(left), func(l Leaving) bool { return l.Told && c.declaredWrong(&l.By) })
		if len(kept) == 0 {
			kept = nil
		}
		return kept, len(kept) < len(left)
	}
	for _, it := range c.items.list {
		if kept, changed := never(it.state.Left); changed {
			it.state.Left, it.changed = kept, true
		}
	}
	for i := range e.ChildQuantities {
		lot := trace.QuantityKey(e.ChildQuantities[i].Class)
		if lot.NS != trace.NSLot {
			continue
		}
		a, err := c.account(lot.ID + "|" + c.signer.ID)
		if err != nil {
			return err
		}
		if kept, changed := never(a.state.Left); changed {
			a.state.Left, a.noted = kept, true
		}
	}
	return nil
}
