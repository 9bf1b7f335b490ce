package epcis

import "crypto/sha256"

// Decoder decodes records one after another and reuses between them what no
// record keeps: the parsed tree and the text that is hashed. The zero Decoder is
// ready; one goroutine at a time may use it. What it returns does not depend on
// what it read before, and stays good. Between records it holds on to the text
// of the last one, and to scratch space of at most some hundred kilobytes.
type Decoder struct {
	// Passing is for whoever is done with an event before the next record is read: an
	// event is good until then, but for its strings, which stay.
	Passing bool

	event   eventRecord // where events are that pass
	parser  parser
	decoder decoder
	hasher  hasher
	id      []byte // room for an eventID
}

// Decode is [Decode].
func (d *Decoder) Decode(kind Kind, b []byte) (*Record, error) {
	r, _, err := d.decode(kind, b)
	return r, err
}

// DecodeHashed is [DecodeHashed].
func (d *Decoder) DecodeHashed(kind Kind, b []byte) (*Record, error) {
	r, v, err := d.decode(kind, b)
	if err != nil || r.Event == nil {
		return r, err
	}
	if hash, err := d.hasher.hash(v); err == nil { // an event without a hash is judged without one
		r.ContentHash = hash
	}
	if r.Event.ID != "" {
		d.id = append(d.id[:0], r.Event.ID...)
		r.IDHash = sha256.Sum256(d.id)
	}
	return r, nil
}

func (d *Decoder) decode(kind Kind, b []byte) (*Record, *Value, error) {
	v, err := d.parser.parse(b)
	if err != nil {
		return nil, nil, err
	}
	d.decoder.owned = true
	if d.Passing {
		d.event = eventRecord{}
		d.decoder.into = &d.event
	}
	r, fault := d.decoder.record(kind, v)
	if fault != nil {
		return nil, nil, fault
	}
	r.Bytes = b
	if r != &d.event.record {
		r.detach()
	}
	return r, v, nil
}

// detach copies what the record keeps of the parsed tree, most often a handful
// of its values, so that the rest of it can go or be used again.
func (r *Record) detach() {
	if e := r.Event; e != nil {
		e.ILMD.detach()
		e.Extensions.detach()
		e.Sensors = e.Sensors.clone()
	}
	if m := r.MasterData; m != nil {
		for i := range m.Attributes {
			m.Attributes[i].Value = m.Attributes[i].Value.clone()
		}
	}
}

// detach copies the values of an object whose members are no part of the tree.
func (o *Object) detach() {
	if o == nil {
		return
	}
	var n census
	for i := range o.Members {
		n.value(o.Members[i].Value)
	}
	s := n.slabs()
	for i := range o.Members {
		o.Members[i].Value = s.value(o.Members[i].Value)
	}
}

// clone is a copy of a value and all in it, nil of nil.
func (v *Value) clone() *Value {
	if v == nil {
		return nil
	}
	var n census
	n.value(v)
	s := n.slabs()
	return s.value(v)
}

// census counts what a tree holds.
type census struct{ values, objects, members, items int }

func (n *census) value(v *Value) {
	n.values++
	n.items += len(v.Items)
	for _, item := range v.Items {
		n.value(item)
	}
	if v.Obj != nil {
		n.object(v.Obj)
	}
}

func (n *census) object(o *Object) {
	n.objects++
	n.members += len(o.Members)
	for i := range o.Members {
		n.value(o.Members[i].Value)
	}
}

func (n *census) slabs() slabs {
	return slabs{values: make([]Value, n.values), objects: make([]Object, n.objects),
		members: make([]Member, n.members), items: make([]*Value, n.items)}
}

// slabs are what a copy is cut from, exactly as large as it is.
type slabs struct {
	values  []Value
	objects []Object
	members []Member
	items   []*Value
}

func (s *slabs) value(v *Value) *Value {
	w := &s.values[0]
	s.values = s.values[1:]
	*w = *v
	if n := len(v.Items); n > 0 {
		w.Items, s.items = s.items[:n:n], s.items[n:]
		for i, item := range v.Items {
			w.Items[i] = s.value(item)
		}
	}
	if v.Obj != nil {
		w.Obj = s.object(v.Obj)
	}
	return w
}

func (s *slabs) object(o *Object) *Object {
	w := &s.objects[0]
	s.objects = s.objects[1:]
	if n := len(o.Members); n > 0 {
		w.Members, s.members = s.members[:n:n], s.members[n:]
		for i := range o.Members {
			w.Members[i] = Member{Name: o.Members[i].Name, Value: s.value(o.Members[i].Value)}
		}
	}
	return w
}
