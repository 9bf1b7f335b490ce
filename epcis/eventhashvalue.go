package epcis

import "strings"

// scalar writes the normalised value of a field; false when it is empty.
func (h *hasher) scalar(name, field string, v *Value) bool {
	switch v.Kind {
	case Bool:
		if v.Bool {
			h.put("true")
		} else {
			h.put("false")
		}
		return true
	case Number:
		if !h.number(v.Str) {
			h.put(v.Str)
		}
		return true
	case String:
		if v.hashable {
			h.put(v.Str)
			return true
		}
		s := strings.TrimSpace(v.Str)
		if s != "" {
			h.text(name, field, s)
		}
		return s != ""
	}
	return false
}

// text writes the normalised form of a string.
func (h *hasher) text(name, field, s string) {
	switch name {
	case "eventTime", "time", "startTime", "endTime":
		if t, err := ParseInstant(s); err == nil {
			h.millisecond(t)
			return
		}
	}
	if field != "" {
		h.put(h.expand(ExpandVocabulary(field, s)))
		return
	}
	if h.number(s) {
		return
	}
	colon := strings.IndexByte(s, ':')
	switch {
	case colon < 0:
		h.put(s)
	case strings.HasPrefix(s, "urn:epcglobal:"):
		h.put(ExpandVocabulary("", s))
	default:
		h.id(h.expand(s))
	}
}

// id writes the canonical form of an identifier, and that of a Digital Link with
// a wrong check digit too: the reference does not verify them.
func (h *hasher) id(s string) {
	var k gs1Key
	_, reason := k.read(s)
	if reason != "" {
		k = gs1Key{lenient: true}
		reason, ok := k.digitalLink(s)
		k.valid = ok && reason == ""
	}
	if k.valid {
		h.buf = k.appendURI(h.buf)
	} else {
		h.put(normalised(s))
	}
}

// expand expands a compact IRI of the standard's namespaces. Those of a user
// stay as they are, as they do in XML.
func (h *hasher) expand(s string) string {
	prefix, local, ok := strings.Cut(s, ":")
	if !ok || prefix == "urn" || strings.HasPrefix(local, "//") {
		return s
	}
	ns := h.namespace(prefix)
	if strings.HasPrefix(ns, "https://ref.gs1.org/") || strings.HasPrefix(ns, "https://gs1.org/") {
		return ns + local
	}
	return s
}

// millisecond writes an instant in UTC with exactly three fraction digits,
// rounded half up.
func (h *hasher) millisecond(t Instant) {
	ms := (int(t.Nanos) + 500_000) / 1_000_000
	if ms == 1000 {
		t.Seconds, ms = t.Seconds+1, 0
	}
	h.buf = appendSecond(h.buf, t.Seconds)
	h.buf = appendPadded(append(h.buf, '.'), ms, 3)
	h.buf = append(h.buf, 'Z')
}

// number writes s as a plain decimal without superfluous zeros; false, and
// nothing written, when s is no number. It works on the text, so that it is exact
// at any length.
func (h *hasher) number(s string) bool {
	rest, negative := s, false
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		negative = rest[0] == '-'
		rest = rest[1:]
	}
	n, point := 0, -1
	for ; n < len(rest) && (isDigit(rest[n]) || rest[n] == '.' && point < 0); n++ {
		if rest[n] == '.' {
			point = n
		}
	}
	if n == 0 || n == 1 && point == 0 {
		return false
	}
	if n < len(rest) {
		if rest[n] != 'e' && rest[n] != 'E' {
			return false
		}
		d, err := ParseDecimal(s)
		if err != nil {
			return false // no number, or one beyond what a record may hold
		}
		h.put(d.String())
		return true
	}
	whole, fraction := rest, ""
	if point >= 0 {
		whole, fraction = rest[:point], strings.TrimRight(rest[point+1:], "0")
	}
	whole = strings.TrimLeft(whole, "0")
	if negative && (whole != "" || fraction != "") {
		h.put("-")
	}
	if whole == "" {
		whole = "0"
	}
	h.put(whole)
	if fraction != "" {
		h.put(".")
		h.put(fraction)
	}
	return true
}
