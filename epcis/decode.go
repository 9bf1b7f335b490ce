package epcis

import (
	"errors"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Decode reads one record of a kind, as every node must read it: [ParseJSON],
// then the fields of the kind. It is total (any bytes give a record or an
// error), pure, and independent of the JSON schema, which is checked where
// documents enter ([Split]). An error is always a *[SyntaxError].
//
// A record is self-contained: without "@context" it is refused.
//
// The record keeps b; the caller must not change it afterwards.
func Decode(kind Kind, b []byte) (*Record, error) {
	var d Decoder
	return d.Decode(kind, b)
}

// DecodeHashed is [Decode] and fills the ContentHash of an event, without
// parsing it twice: for whoever judges the record.
func DecodeHashed(kind Kind, b []byte) (*Record, error) {
	var d Decoder
	return d.DecodeHashed(kind, b)
}

// decodeValue is Decode behind the parser; the record has no bytes yet.
func decodeValue(kind Kind, v *Value) (*Record, *SyntaxError) {
	var d decoder
	return d.record(kind, v)
}

func (d *decoder) record(kind Kind, v *Value) (*Record, *SyntaxError) {
	if !kind.Known() {
		return nil, at(v, "there is no such kind of record")
	}
	if v.Kind != ObjectValue {
		return nil, at(v, "a record is a JSON object")
	}
	own := v.Obj.Get("@context")
	if own == nil {
		return nil, at(v, "a record carries its @context with it; this one has none")
	}
	ctx, fault := newContext(own, nil)
	if fault != nil {
		fault.Pointer = "/@context" + fault.Pointer
		return nil, fault
	}
	d.ctx, d.fault = ctx, nil
	var r *Record
	if kind == KindEvent {
		into := d.into
		if into == nil {
			into = new(eventRecord)
		}
		r = &into.record
		r.Event = d.event(&into.event, v)
	} else {
		r = &Record{}
	}
	r.Kind = kind
	switch kind {
	case KindCertificate:
		r.Certificate = d.certificate(v)
	case KindMasterData:
		r.MasterData = d.masterData(v)
	case KindGovernance:
		r.Governance = d.governance(v)
	case KindCustoms:
		r.Customs = d.customs(v)
	case KindAcknowledgement:
		r.Acknowledgement = d.acknowledgement(v)
	}
	if d.fault != nil {
		return nil, d.fault
	}
	return r, nil
}

// decoder reads the fields of one record. After the first fault it goes on,
// but reports only that one.
type decoder struct {
	ctx   context
	fault *SyntaxError
	owned bool         // the tree is the decoder's alone: identifiers and words in it may be rewritten for whoever hashes it
	into  *eventRecord // where an event goes; nil for memory of its own
}

// eventRecord is the record of an event, and the event: they live and die together.
type eventRecord struct {
	record Record
	event  Event
}

// place is where a value stands in its record, written out only for a fault:
// /name, then whichever of /list, /index and /member there are.
type place struct {
	name   string
	list   string
	index  int // -1: none
	member string
}

func top(name string) place { return place{name: name, index: -1} }

func (p place) in(index int) place { p.index = index; return p }

func (p place) of(list string) place { p.list = list; return p }

func (p place) at(member string) place { p.member = member; return p }

func (p place) pointer() string {
	if p.name == "" {
		return ""
	}
	s := pointerName(p.name)
	if p.list != "" {
		s += pointerName(p.list)
	}
	if p.index >= 0 {
		s += pointerIndex(p.index)
	}
	if p.member != "" {
		s += pointerName(p.member)
	}
	return s
}

func (d *decoder) fail(v *Value, p place, reason string) {
	if d.fault == nil {
		d.fault = &SyntaxError{Pointer: p.pointer(), Offset: v.Start, Reason: reason}
	}
}

// failAt reports a fault whose place is relative to p.
func (d *decoder) failAt(fault *SyntaxError, p place) {
	if d.fault == nil && fault != nil {
		fault.Pointer = p.pointer() + fault.Pointer
		d.fault = fault
	}
}

func (d *decoder) str(v *Value, p place) string {
	if v.Kind != String {
		d.fail(v, p, "must be a string")
		return ""
	}
	return v.Str
}

// uri reads an identifier as written: not empty, no control characters or
// spaces, in Unicode normalisation form C.
func (d *decoder) uri(v *Value, p place) string {
	if v.Kind != String || v.Str == "" {
		d.fail(v, p, "must be an identifier: a URI in a string")
		return ""
	}
	for i := range len(v.Str) {
		if c := v.Str[i]; c <= ' ' || c == 0x7f {
			d.fail(v, p, "an identifier holds no spaces or control characters")
			return ""
		} else if c >= utf8.RuneSelf {
			if !norm.NFC.IsNormalString(v.Str) {
				d.fail(v, p, "an identifier must be in Unicode normalisation form C")
				return ""
			}
			break
		}
	}
	return v.Str
}

func (d *decoder) id(v *Value, p place) ID {
	s := d.uri(v, p)
	if s == "" {
		return ID{}
	}
	id := Canonical(s)
	// A scheme in capitals is left alone: a context could define it as a prefix.
	if d.owned && id.Level != Opaque && strings.HasPrefix(id.URI, linkRoot) &&
		(strings.HasPrefix(s, "urn:epc:") || strings.HasPrefix(s, "http")) {
		v.Str, v.hashable = id.URI, true
	}
	return id
}

func (d *decoder) vocabulary(field string, v *Value, p place) string {
	s := d.uri(v, p)
	if s == "" {
		return ""
	}
	if word := expandedWord(vocabularyPrefix(field), s); word != "" {
		if d.owned {
			v.Str, v.hashable = word, true
		}
		return word
	}
	return ExpandVocabulary(field, d.ctx.compact(s))
}

func (d *decoder) instant(v *Value, p place) Instant {
	if v.Kind != String {
		d.fail(v, p, "must be a date-time in a string")
		return Instant{}
	}
	t, err := ParseInstant(v.Str)
	if err != nil {
		d.fail(v, p, plain(err))
	}
	return t
}

func (d *decoder) decimal(v *Value, p place) *Decimal {
	if v.Kind != Number {
		d.fail(v, p, "must be a number")
		return nil
	}
	n, err := ParseDecimal(v.Str)
	if err != nil {
		d.fail(v, p, plain(err))
		return nil
	}
	return &n
}

// plain is the innermost text of an error that a ground parser gave.
func plain(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}

func (d *decoder) items(v *Value, p place) []*Value {
	if v.Kind != Array {
		d.fail(v, p, "must be a list")
		return nil
	}
	return v.Items
}

func (d *decoder) ids(v *Value, name string) []ID {
	p := top(name)
	items := d.items(v, p)
	if len(items) == 0 {
		return nil
	}
	ids := make([]ID, len(items))
	for i, item := range items {
		ids[i] = d.id(item, p.in(i))
	}
	return ids
}

func (d *decoder) uris(v *Value, name string) []string {
	p := top(name)
	items := d.items(v, p)
	if len(items) == 0 {
		return nil
	}
	uris := make([]string, len(items))
	for i, item := range items {
		uris[i] = d.uri(item, p.in(i))
	}
	return uris
}

func (d *decoder) object(v *Value, p place) *Object {
	if v.Kind != ObjectValue {
		d.fail(v, p, "must be an object")
		return nil
	}
	return v.Obj
}

// unknown checks the name of a member that the standard does not name there.
func (d *decoder) unknown(m *Member, p place, names ...string) {
	if standard, near := nearStandard(m.Name, names); near {
		d.fail(m.Value, p.at(m.Name), "differs only in case from the standard's "+standard)
	}
}
