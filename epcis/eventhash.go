package epcis

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
)

var errNotEvent = errors.New("the CBV event hash is defined for one EPCIS event with a type")

// EventHash returns the CBV 2.0 event hash of one self-contained event,
// "ni:///sha-256;<hex>?ver=CBV2.0" (CBV 2.0, section 8.9). Two writings of the
// same event, in other orders, time zones or forms of identifier, hash alike.
//
// It is a means of comparison and no identity: it leaves out errorDeclaration
// and certificationInfo, and different events can be made to collide, because
// nothing separates one value from the next. The record hash is the identity.
func EventHash(record []byte) (string, error) {
	v, err := ParseJSON(record)
	if err != nil {
		return "", err
	}
	return HashValue(v)
}

// HashValue is [EventHash] of an event that has been parsed already.
//
// It follows the reference implementation of mid-2026 (RalphTro,
// epcis-event-hash-generator) with one deliberate difference: numbers are always
// written plainly, where the reference keeps the exponent of a text like "1e3"
// and the sign of "-0".
func HashValue(v *Value) (string, error) {
	var h hasher
	return h.hash(v)
}

func (h *hasher) hash(v *Value) (string, error) {
	if err := h.event(v); err != nil {
		return "", err
	}
	sum := sha256.Sum256(h.buf)
	var b [len("ni:///sha-256;") + 2*sha256.Size + len("?ver=CBV2.0")]byte
	n := copy(b[:], "ni:///sha-256;")
	n += hex.Encode(b[n:], sum[:])
	copy(b[n:], "?ver=CBV2.0")
	return string(b[:]), nil
}

// preHash is the string whose SHA-256 the event hash is.
func preHash(v *Value) ([]byte, error) {
	var h hasher
	err := h.event(v)
	return h.buf, err
}

// event writes the pre-hash string of an event in place of whatever h held.
func (h *hasher) event(v *Value) error {
	if v == nil || v.Kind != ObjectValue {
		return errNotEvent
	}
	e := v.Obj
	typ := e.Get("type")
	if typ == nil || typ.Kind != String {
		return errNotEvent
	}
	// The string is about as long as the event was written, and held by nobody.
	if size := max(512, v.End-v.Start); cap(h.buf) < size || cap(h.buf) > 2*MaxRecordBytes {
		h.buf = make([]byte, 0, size)
	}
	if h.marks == nil {
		h.marks = make([]int32, 0, 32)
	}
	h.buf, h.marks, h.scope = h.buf[:0], h.marks[:0], nil
	h.enter(e)
	h.put("eventType=")
	h.put(typ.Str)
	var named hashed
	named.members(e)
	h.standard(&named)
	h.siblings(func() { h.extension("ilmd", named[atIlmd]) })
	h.inner(&named)
	h.extensions(e, hashedField)
	return nil
}

// hasher writes the pre-hash string of one event.
type hasher struct {
	buf   []byte
	marks []int32 // where the entries of the lists being written begin
	scope *scope  // the contexts in force; nil for none

	outermost scope // the event's own, where it has one
}

func (h *hasher) put(s string) { h.buf = append(h.buf, s...) }

// inner writes the extensions inside standard fields, each behind the names of
// its parents.
func (h *hasher) inner(e *hashed) {
	h.innerQuantities("quantityList", e[atQuantityList])
	h.innerQuantities("childQuantityList", e[atChildQuantityList])
	h.innerQuantities("inputQuantityList", e[atInputQuantityList])
	h.innerQuantities("outputQuantityList", e[atOutputQuantityList])
	h.innerPlace("readPoint", e[atReadPoint])
	h.innerPlace("bizLocation", e[atBizLocation])
	h.list("", e[atSensorElementList], func(v *Value) {
		o := object(v)
		if o == nil {
			return
		}
		h.parent("sensorElement", func() {
			if m := object(o.Get("sensorMetadata")); m != nil {
				h.parent("sensorMetadata", func() { h.extensions(m, metadataField) })
			}
			h.list("", o.Get("sensorReport"), func(v *Value) {
				if r := object(v); r != nil {
					h.parent("sensorReport", func() { h.extensions(r, reportField) })
				}
			})
			h.extensions(o, func(name string) bool { return name == "sensorMetadata" || name == "sensorReport" })
		})
	})
}

func (h *hasher) innerQuantities(name string, v *Value) {
	h.list(name, v, func(v *Value) {
		if o := object(v); o != nil {
			h.parent("quantityElement", func() { h.extensions(o, quantityField) })
		}
	})
}

func (h *hasher) innerPlace(name string, v *Value) {
	if o := object(v); o != nil {
		h.parent(name, func() { h.extensions(o, func(name string) bool { return name == "id" }) })
	}
}

func quantityField(name string) bool {
	return name == "epcClass" || name == "quantity" || name == "uom"
}

func metadataField(name string) bool { return slices.Contains(metadataFields(), name) }

func reportField(name string) bool { return slices.Contains(reportFields(), name) }

// metadataFields and reportFields are in the order in which they are hashed.
func metadataFields() []string {
	return []string{"time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"}
}

func reportFields() []string {
	return []string{"type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time",
		"microorganism", "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue",
		"uriValue", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem"}
}

func (h *hasher) epcs(name string, v *Value) {
	h.list(name, v, func(v *Value) { h.leaf("epc", v) })
}

func (h *hasher) quantities(name string, v *Value) {
	h.list(name, v, func(v *Value) {
		o := object(v)
		if o == nil {
			return
		}
		h.parent("quantityElement", func() {
			h.leaf("epcClass", o.Get("epcClass"))
			h.leaf("quantity", o.Get("quantity"))
			h.leaf("uom", o.Get("uom"))
		})
	})
}

func (h *hasher) place(name string, v *Value) {
	if o := object(v); o != nil {
		h.parent(name, func() { h.leaf("id", o.Get("id")) })
	}
}

// typed writes a list whose entries are a type and a value.
func (h *hasher) typed(list, name, field string, v *Value) {
	h.list(list, v, func(v *Value) {
		if o := object(v); o != nil {
			h.word("type", field, o.Get("type"))
			h.leaf(name, o.Get(name))
		}
	})
}

func (h *hasher) sensorElement(v *Value) {
	o := object(v)
	if o == nil {
		return
	}
	h.parent("sensorElement", func() {
		if m := object(o.Get("sensorMetadata")); m != nil {
			h.parent("sensorMetadata", func() {
				for _, name := range metadataFields() {
					h.leaf(name, m.Get(name))
				}
			})
		}
		h.list("", o.Get("sensorReport"), h.sensorReport)
	})
}

func (h *hasher) sensorReport(v *Value) {
	o := object(v)
	if o == nil {
		return
	}
	h.parent("sensorReport", func() {
		for _, name := range reportFields() {
			v := o.Get(name)
			switch name {
			case "type":
				h.word(name, FieldSensorType, v)
			case "exception":
				h.word(name, FieldSensorException, v)
			case "component":
				h.word(name, FieldComponent, v)
			default:
				h.leaf(name, v)
			}
		}
	})
}

// object is v's object, nil when v is none.
func object(v *Value) *Object {
	if v == nil || v.Kind != ObjectValue {
		return nil
	}
	return v.Obj
}

// parent writes a name and what children write; nothing when they write
// nothing.
func (h *hasher) parent(name string, children func()) {
	start := len(h.buf)
	h.put(name)
	begun := len(h.buf)
	if children(); len(h.buf) == begun {
		h.buf = h.buf[:start]
	}
}

// list writes a name once and then the entries of an array, sorted; nothing when
// they come to nothing. What should be an array and is not counts as its only
// entry.
func (h *hasher) list(name string, v *Value, entry func(*Value)) {
	if v == nil {
		return
	}
	h.parent(name, func() {
		h.siblings(func() {
			if v.Kind != Array {
				entry(v)
				return
			}
			for _, item := range v.Items {
				h.mark()
				entry(item)
			}
		})
	})
}

// siblings sorts the entries that write marks, by code point.
func (h *hasher) siblings(write func()) {
	base := len(h.marks)
	write()
	h.sorted(base)
	h.marks = h.marks[:base]
}

// mark says that an entry begins here.
func (h *hasher) mark() { h.marks = append(h.marks, int32(len(h.buf))) }

// sorted sorts the entries that begin at the marks from base on. UTF-8 sorts as
// its code points do.
func (h *hasher) sorted(base int) {
	marks := h.marks[base:]
	if len(marks) < 2 {
		return
	}
	entry := func(i int) []byte {
		if i+1 < len(marks) {
			return h.buf[marks[i]:marks[i+1]]
		}
		return h.buf[marks[i]:]
	}
	ordered := true
	for i := 1; i < len(marks) && ordered; i++ {
		ordered = bytes.Compare(entry(i-1), entry(i)) <= 0
	}
	if ordered {
		return
	}
	var few [16][]byte
	entries := few[:0]
	for i := range marks {
		entries = append(entries, entry(i))
	}
	slices.SortFunc(entries, bytes.Compare)
	// In their order behind the string, and from there to where they belong.
	end := len(h.buf)
	for _, e := range entries {
		h.buf = append(h.buf, e...)
	}
	copy(h.buf[marks[0]:end], h.buf[end:])
	h.buf = h.buf[:end]
}

// extensions writes the members of an object that known does not name.
func (h *hasher) extensions(o *Object, known func(string) bool) {
	h.siblings(func() {
		for i := range o.Members {
			if m := &o.Members[i]; !known(m.Name) {
				h.extension(m.Name, m.Value)
			}
		}
	})
}

// extension writes one member that the standard does not name: {namespace}local,
// its value or its children. Each value of an array is an entry of its own.
func (h *hasher) extension(name string, v *Value) {
	if v == nil || name == "@context" || name == "rdfs:comment" || name == "comment" {
		return
	}
	if v.Kind == Array {
		for _, item := range v.Items {
			if item.Kind == Array {
				h.mark()
				h.name(name)
				h.siblings(func() { h.extension("", item) })
			} else {
				h.extension(name, item)
			}
		}
		return
	}
	h.mark()
	if v.Kind == ObjectValue {
		outer := h.scope
		h.enter(v.Obj)
		h.name(name)
		h.extensions(v.Obj, func(string) bool { return false })
		h.scope = outer
		return
	}
	h.name(name)
	start := len(h.buf)
	h.put("=")
	if !h.scalar("", "", v) {
		h.buf = h.buf[:start]
	}
}

// leaf writes name=value, nothing when the value is empty.
func (h *hasher) leaf(name string, v *Value) { h.word(name, "", v) }

// word is leaf for a value of a vocabulary.
func (h *hasher) word(name, field string, v *Value) {
	if v == nil {
		return
	}
	start := len(h.buf)
	h.put(name)
	h.put("=")
	if !h.scalar(name, field, v) {
		h.buf = h.buf[:start]
	}
}

// name writes the name of a member, {namespace}local where its prefix is
// defined.
func (h *hasher) name(name string) {
	if prefix, local, ok := strings.Cut(name, ":"); ok {
		if ns := h.namespace(prefix); ns != "" {
			h.put("{")
			h.put(ns)
			h.put("}")
			h.put(local)
			return
		}
	}
	h.put(name)
}
