package trace

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// A recall of a product class, or its end, may be limited to ranges of serials (our
// serials): "SN000100..SN000199" is those from the first to the last that are as long as
// both, and go on in digits after what both begin with. Serials are text (GS1 General
// Specifications, AI 21), in which 7 is not 007: of two that differ in length, or in
// letters, nobody can say what lies between. EPC patterns have no ranges: a part of one is
// given or is *, and those of ALE are of RFID tags that hold numbers alone.
//
// The class is what such a record touches, and every journey of an item reads what is said
// of its class: it finds the recalls of ranges with those of all.

// MaxSerials is how many ranges one record may give.
const MaxSerials = 16

const (
	serialsMember = "serials"
	serialsTerm   = "wm:" + serialsMember // where the record's context does not define the prefix
	serialSpan    = ".."
	gtinRoot      = "https://id.gs1.org/01/"
	serialPath    = "/21/"
)

// Serials are the ranges that a recall of product classes, or its end, gives: in order, each
// once; nil for all serials.
func Serials(e *epcis.Event) []string {
	list := extension(e.Extensions, serialsMember, serialsTerm)
	if len(list) < 2 {
		return list
	}
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// serialsOf are those for one of the things that the event names: it limits classes alone.
func serialsOf(e *epcis.Event, id string) []string {
	if epcis.Canonical(id).Level != epcis.Class {
		return nil
	}
	return Serials(e)
}

// SerialsFault says why the ranges of a recall, or of its end, cannot be used; "" where they
// can, or there are none. classes are those that it names.
func SerialsFault(e *epcis.Event, classes []string) string {
	stated := false
	for i := range membersOf(e.Extensions) {
		m := &e.Extensions.Members[i]
		if name := strings.TrimPrefix(m.Name, epcis.Vocabulary); name != serialsMember && name != serialsTerm {
			continue
		}
		stated = true
		if !areTexts(m.Value) {
			return "a range is no text"
		}
	}
	if !stated {
		return ""
	}
	ranges := Serials(e)
	switch {
	case len(ranges) == 0 || len(ranges) > MaxSerials:
		return fmt.Sprintf("there are %d ranges, and there may be 1 to %d", len(ranges), MaxSerials)
	case len(classes) == 0:
		return "no product class is named whose serials they are"
	}
	for _, class := range classes {
		if !strings.HasPrefix(class, gtinRoot) {
			return class + " is no GTIN"
		}
	}
	for _, r := range ranges {
		if _, _, _, ok := span(r); !ok {
			return r + " is no range"
		}
	}
	return ""
}

func membersOf(o *epcis.Object) []epcis.Member {
	if o == nil {
		return nil
	}
	return o.Members
}

func areTexts(v *epcis.Value) bool {
	switch {
	case v == nil:
		return false
	case v.Kind == epcis.Array:
		return !slices.ContainsFunc(v.Items, func(item *epcis.Value) bool { return item.Kind != epcis.String })
	}
	return v.Kind == epcis.String
}

// span reads a range: what both ends begin with, and what they go on with.
func span(text string) (prefix, first, last string, ok bool) {
	first, last, ok = strings.Cut(text, serialSpan)
	if !ok || len(first) != len(last) || len(first) == 0 || len(first) > 20 || !plainSerial(first) || !plainSerial(last) {
		return "", "", "", false
	}
	n := 0
	for n < len(first) && first[n] == last[n] {
		n++
	}
	prefix, first, last = first[:n], first[n:], last[n:]
	return prefix, first, last, isDigits(first) && isDigits(last) && first <= last
}

// SerialsIn lists the items of a product class in the ranges, each once and in order; false
// where they may be more than so many.
func SerialsIn(ranges []string, class string, most int) (ids []string, ok bool) {
	for _, r := range ranges {
		prefix, first, last, ok := span(r)
		if !ok {
			continue
		}
		for serial := []byte(first); ; {
			if len(ids) == most {
				return nil, false
			}
			ids = append(ids, class+serialPath+prefix+string(serial))
			if string(serial) == last {
				break
			}
			following(serial)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), true
}

// following counts digits up by one.
func following(digits []byte) {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] != '9' {
			digits[i]++
			return
		}
		digits[i] = '0'
	}
}

// plainSerial: of characters that stand in a Digital Link as they are.
func plainSerial(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// InSerials reports whether an item lies in one of the ranges; without any all do.
func InSerials(ranges []string, id epcis.ID) bool {
	if len(ranges) == 0 {
		return true
	}
	if id.Level != epcis.Item || !strings.HasPrefix(id.URI, gtinRoot) {
		return false
	}
	serial, ok := strings.CutPrefix(id.URI, id.Class().URI+serialPath)
	return ok && slices.ContainsFunc(ranges, func(r string) bool {
		prefix, first, last, ok := span(r)
		rest, begins := strings.CutPrefix(serial, prefix)
		return ok && begins && len(rest) == len(first) && isDigits(rest) && first <= rest && rest <= last
	})
}
