package contracts

import (
	"crypto/sha256"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// What events and master data say beyond the standard's own fields. Records
// mix contexts, so that a member of a nested object is found by the last part of
// its name; at the top of an event or of its ilmd a member is ours only in our
// vocabulary.

// ours finds a member of an object by its name in Waymark's vocabulary, also
// where the record's context does not define the prefix.
func ours(o *epcis.Object, name string) *epcis.Value {
	if o == nil {
		return nil
	}
	for i := range o.Members {
		if isOurs(o.Members[i].Name, name) {
			return o.Members[i].Value
		}
	}
	return nil
}

func isOurs(name, word string) bool {
	rest, ok := strings.CutPrefix(name, epcis.Vocabulary)
	if !ok {
		rest, ok = strings.CutPrefix(name, "wm:")
	}
	return ok && rest == word
}

// inside finds a member of an object value by the last part of its name.
func inside(v *epcis.Value, name string) *epcis.Value {
	if v == nil || v.Obj == nil {
		return nil
	}
	for i := range v.Obj.Members {
		if m := &v.Obj.Members[i]; trace.Names(m.Name, name) {
			return m.Value
		}
	}
	return nil
}

// textOf is the text of a string or number, "" for anything else.
func textOf(v *epcis.Value) string {
	if v == nil || v.Kind != epcis.String && v.Kind != epcis.Number {
		return ""
	}
	return v.Str
}

// exactNumber reads an exact number, written as a number or as text.
func exactNumber(v *epcis.Value) (epcis.Decimal, bool) {
	d, err := epcis.ParseDecimal(textOf(v))
	return d, err == nil
}

// itemsOf are those of an array; a value that is none is an array of one.
func itemsOf(v *epcis.Value) []*epcis.Value {
	switch {
	case v == nil || v.Kind == epcis.Null:
		return nil
	case v.Kind == epcis.Array:
		return v.Items
	}
	return []*epcis.Value{v}
}

// A thing is what an event names: its identifier and the key of its history.
type thing struct {
	id  epcis.ID
	key trace.Key
}

// A listing is of things that the record's event names, made when first asked for. Its
// memory is used again for the next record.
type listing struct {
	made bool
	list []thing
}

func (l *listing) clear() { l.made, l.list = false, l.list[:0] }

func (l *listing) add(objects []epcis.ID, quantities []epcis.Quantity) {
	for i := range objects {
		if k := trace.ObjectKey(objects[i]); k.ID != "" {
			l.list = append(l.list, thing{objects[i], k})
		}
	}
	for i := range quantities {
		if k := trace.QuantityKey(quantities[i].Class); k.ID != "" {
			l.list = append(l.list, thing{quantities[i].Class, k})
		}
	}
}

// of makes the listing of two lists.
func (l *listing) of(objects []epcis.ID, quantities []epcis.Quantity) []thing {
	if !l.made {
		l.made = true
		l.add(objects, quantities)
	}
	return l.list
}

// listings are what the record's event names, and parts of it.
type listings struct{ all, inputs, outputs, born listing }

func (l *listings) clear() {
	l.all.clear()
	l.inputs.clear()
	l.outputs.clear()
	l.born.clear()
}

// things are what the event names, items, lots and classes, in the order in which it
// names them.
func (c *hearing) things() []thing {
	l := &c.listings.all
	if !l.made {
		l.made = true
		e := c.record.Event
		for _, list := range [...][]epcis.ID{e.EPCs, {e.Parent}, e.Children, e.Inputs, e.Outputs} {
			l.add(list, nil)
		}
		for _, list := range [...][]epcis.Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
			l.add(nil, list)
		}
	}
	return l.list
}

func (c *hearing) inputs() []thing {
	e := c.record.Event
	return c.listings.inputs.of(e.Inputs, e.InputQuantities)
}

func (c *hearing) outputs() []thing {
	e := c.record.Event
	return c.listings.outputs.of(e.Outputs, e.OutputQuantities)
}

// bornThings are the items, lots and classes that the event brings into being.
func (c *hearing) bornThings() []thing {
	e := c.record.Event
	switch e.Type {
	case epcis.TransformationEvent:
		return c.outputs()
	case epcis.ObjectEvent: // names nothing else
		return c.things()
	}
	return c.listings.born.of(e.EPCs, e.Quantities)
}

// of is the key of a thing in a namespace of states alone.
func (t thing) of(ns trace.Namespace) trace.Key { return stateOf(ns, t.key) }

func stateOf(ns trace.Namespace, k trace.Key) trace.Key {
	return trace.Key{NS: ns, ID: string(k.NS) + ":" + k.ID}
}

// lotOf is trace.LotOf. The items of one record are mostly of one lot, whose id is
// made once.
func (c *hearing) lotOf(id *epcis.ID, batch string) string {
	if id.Lot != "" {
		batch = id.Lot
	}
	if id.Level != epcis.Item || batch == "" {
		return ""
	}
	if l := &c.lot; l.batch != batch || !isOfClass(id, l.class) {
		*l = lotID{id.Class().URI, batch, trace.LotOf(*id, batch)}
	}
	return c.lot.id
}

// isOfClass reports whether an item's class is that one, which is most often the class
// of the item before it. False says nothing.
func isOfClass(id *epcis.ID, class string) bool {
	n := len(class)
	return n > 0 && id.Level == epcis.Item && len(id.URI) > n && id.URI[n] == '/' && id.URI[:n] == class
}

// lotID is the canonical id of the lot of a class and batch number, "" for none.
type lotID struct{ class, batch, id string }

// turn is this event as states remember it. They point to it: nobody changes it.
func (c *hearing) turn() *Turn {
	if c.stamp == nil {
		e := c.record.Event
		c.stamp = c.coder.shelf.turns.take()
		*c.stamp = Turn{
			Seq: c.position.Seq, Organisation: c.signer.ID,
			Seconds: e.Time.Seconds, Nanos: e.Time.Nanos, Event: [16]byte(c.record.IDHash[:]),
		}
		if c.record.IDHash == [sha256.Size]byte{} {
			c.stamp.Event = c.coder.mark(e.ID)
		}
	}
	return c.stamp
}

// citedIDs is trace.Cited of the event.
func (c *hearing) citedIDs() []string {
	if e := c.record.Event; c.cites == nil && len(e.Certificates)+len(e.Transactions) > 0 {
		c.cites = trace.Cited(e)
	}
	return c.cites
}

// declaredWrong reports whether the event, which declares another wrong, means
// the one of this turn. Only its author can.
func (c *hearing) declaredWrong(t *Turn) bool {
	e := c.record.Event
	return t != nil && e.Correction != nil && e.ID != "" && t.Organisation == c.signer.ID && t.Event == c.turn().Event
}

// disposed reports whether the event gives its things a disposition of the CBV,
// for now or until it is taken back.
func disposed(e *epcis.Event, word string) bool {
	if isWord(e.Disposition, epcis.NamespaceCBV+"Disp-", word) {
		return true
	}
	for _, d := range e.Set {
		if isWord(d, epcis.NamespaceCBV+"Disp-", word) {
			return true
		}
	}
	return false
}

// step reports whether the event is of a business step of the CBV.
func step(e *epcis.Event, word string) bool {
	return isWord(e.BizStep, epcis.NamespaceCBV+"BizStep-", word)
}

func isWord(uri, namespace, word string) bool {
	return len(uri) == len(namespace)+len(word) && strings.HasPrefix(uri, namespace) && uri[len(namespace):] == word
}

// isAuthority reports whether the signer's office is to look after others' goods:
// a customs authority or a certifier.
func (c *hearing) isAuthority() bool {
	for _, r := range c.signer.Roles {
		if _, ok := r.Customs(); ok || r == identity.Certifier {
			return true
		}
	}
	return false
}
