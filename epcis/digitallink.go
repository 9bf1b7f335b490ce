package epcis

import (
	"errors"
	"strings"
)

// linkRoot begins every canonical GS1 Digital Link.
const linkRoot = "https://id.gs1.org"

// ErrNotLink is what [PathID] returns for a path that holds no GS1 key.
var ErrNotLink = errors.New("not the path of a GS1 Digital Link")

// LinkError says why the path of a Digital Link does not parse.
type LinkError struct {
	Path   string
	Reason string
}

func (e *LinkError) Error() string { return "GS1 Digital Link " + e.Path + ": " + e.Reason }

// PathID reads the path of a request for a Digital Link, still percent-encoded:
// "/01/09521101000012/21/abc", with or without a stem before the key. It
// returns ErrNotLink when there is no GS1 key in it and a *LinkError when there
// is one that does not parse. A key without a canonical form is answered as it
// stands on id.gs1.org.
func PathID(path string) (ID, error) {
	var k gs1Key
	reason, found := k.link(path, true)
	switch {
	case !found && len(path) > 1 && otherKey(path):
		if _, value, _ := strings.Cut(path[1:], "/"); value == "" {
			return ID{}, ErrNotLink
		}
		return Canonical(linkRoot + path), nil
	case !found:
		return ID{}, ErrNotLink
	case reason != "":
		return ID{}, &LinkError{Path: path, Reason: reason}
	}
	return k.id(""), nil
}

// digitalLink reads an http or https URI. ok is false when it is not a GS1
// Digital Link at all; reason is why it is a broken one.
func (k *gs1Key) digitalLink(uri string) (reason string, ok bool) {
	_, rest, _ := strings.Cut(uri, "://")
	slash := strings.IndexByte(rest, '/')
	if slash < 0 {
		return "", false
	}
	host, path := rest[:slash], rest[slash:]
	if host != linkRoot[len("https://"):] && !validHost(host) { // no ? and no # either
		return "", false
	}
	for i := range len(path) {
		if path[i] == '?' || path[i] == '#' {
			path = path[:i]
			break
		}
	}
	own := strings.EqualFold(host, "id.gs1.org")
	reason, found := k.link(path, own)
	if !found && own && len(path) > 1 && !otherKey(path) {
		return "no GS1 key in a Digital Link of id.gs1.org", true
	}
	return reason, found
}

// validHost admits names, IPv4 and IPv6 addresses and a port.
func validHost(host string) bool {
	for i := range len(host) {
		c := host[i]
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') && strings.IndexByte("-._~:[]%", c) < 0 {
			return false
		}
	}
	return host != ""
}

// otherKey reports whether a path names a key that has no constrained canonical
// form (GMN, payment slips); those stay as they are.
func otherKey(path string) bool {
	code, _, _ := strings.Cut(path[1:], "/")
	return code == "8013" || code == "gmn" || code == "415" || code == "payTo"
}

// link finds the GS1 key of a path: the rightmost primary key that is
// followed by nothing but pairs (GS1 Digital Link 1.2, grammar rule gs1path).
// Whatever stands before it is the stem. own says that the path is known to be
// a Digital Link, so that a value of the wrong shape is a broken key and not
// somebody's web page.
func (k *gs1Key) link(path string, own bool) (reason string, found bool) {
	end := len(path)
	var code, value string
	for {
		v := strings.LastIndexByte(path[:end], '/')
		if v < 0 {
			return "", false
		}
		c := strings.LastIndexByte(path[:v], '/')
		if c < 0 {
			return "", false
		}
		code, value = path[c+1:v], path[v+1:end]
		if k.spec, found = primaryKey(code); found {
			break
		}
		end = c
	}
	if !own && !looksGS1(k.spec, value) {
		return "", false
	}
	if reason = k.primaryValue(value); reason != "" {
		return reason, true
	}
	rank := 0
	for rest := path[end:]; rest != ""; {
		code, tail, _ := strings.Cut(rest[1:], "/")
		value := tail
		if i := strings.IndexByte(tail, '/'); i >= 0 {
			value, rest = tail[:i], tail[i:]
		} else {
			rest = ""
		}
		if code == "7040" {
			return "", false // EU tobacco facility and operator ids stay as they are
		}
		q, ok := qualifier(k.spec.ai, code)
		switch {
		case !ok:
			return "AI " + code + " does not qualify a " + k.spec.name, true
		case q.rank <= rank || q.rank == 4 && rank > 0:
			return "qualifiers are in the wrong order", true
		}
		rank = q.rank
		var t text
		if reason = unescapeLink(&t, value); reason == "" {
			reason = k.qualify(q, t)
		}
		if reason != "" {
			return reason, true
		}
	}
	return "", true
}

// looksGS1 tells a key from the page of a web site that happens to have /01/ in
// its path: /2026/01/15 is a date.
func looksGS1(s keySpec, value string) bool {
	n := 0
	for n < len(value) && isDigit(value[n]) {
		n++
	}
	switch {
	case s.digits == 0:
		return n >= 4
	case s.tail > 0:
		return n >= 13
	}
	return n >= 8 && n == len(value)
}

// primaryValue sets the key's value, a GTIN padded to 14 digits.
func (k *gs1Key) primaryValue(value string) string {
	if k.spec.ai == "01" {
		switch len(value) {
		case 8, 12, 13:
			for i := len(value); i < 14; i++ {
				k.value.add('0')
			}
		}
	}
	if reason := unescapeLink(&k.value, value); reason != "" {
		return reason
	}
	return k.check()
}

// qualify takes one qualifier. The finest one wins, a lot beside a serial
// number is kept apart, and what is no part of the identity is dropped.
func (k *gs1Key) qualify(q qualifierSpec, t text) string {
	if reason := checkQualifier(q, &t); reason != "" {
		return reason
	}
	switch q.ai {
	case "22", "8019":
		return ""
	case "254":
		if t.n == 1 && t.b[0] == '0' {
			return "" // the EPC of a GLN without extension writes one of 0
		}
	case "21":
		if k.qualifier == "10" {
			k.lot = k.qvalue
		}
	}
	k.qualifier, k.qvalue = q.ai, t
	return ""
}

// id is the identifier in its canonical form. uri is what it was read from; it
// is used again when it is canonical already.
func (k *gs1Key) id(uri string) ID {
	var buf [192]byte
	b := k.appendURI(buf[:0])
	id := ID{URI: uri, Level: k.level()}
	if string(b) != uri {
		id.URI = string(b)
	}
	if k.lot.n > 0 {
		id.Lot = string(k.lot.bytes())
	}
	return id
}

// appendURI appends the canonical Digital Link.
func (k *gs1Key) appendURI(b []byte) []byte {
	b = append(b, linkRoot...)
	b = append(append(append(b, '/'), k.spec.ai...), '/')
	b = appendLink(b, k.value.bytes())
	if k.qualifier != "" {
		b = append(append(append(b, '/'), k.qualifier...), '/')
		b = appendLink(b, k.qvalue.bytes())
	}
	return b
}

// appendLink percent-encodes what the reference implementation of the CBV event
// hash encodes (GS1 Digital Link 1.2, table "characters that must be encoded"):
// everything but the unreserved characters of RFC 3986 and ' ; =, which it
// leaves alone.
func appendLink(b, value []byte) []byte {
	for _, c := range value {
		if isDigit(c) || isAlpha(c) || strings.IndexByte("-._~';=", c) >= 0 {
			b = append(b, c)
		} else {
			b = appendEscape(b, c)
		}
	}
	return b
}

func appendEscape(b []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	return append(b, '%', hex[c>>4], hex[c&15])
}

// unescapeLink decodes one path segment.
func unescapeLink(t *text, s string) string {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+2 >= len(s) {
				return "broken percent-encoding"
			}
			h, l := unhex(s[i+1]), unhex(s[i+2])
			if h < 0 || l < 0 {
				return "broken percent-encoding"
			}
			c = byte(h<<4 | l)
			i += 2
		}
		t.add(c)
	}
	return ""
}

func unhex(c byte) int {
	switch {
	case isDigit(c):
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
