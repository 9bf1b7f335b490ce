package epcis

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep JSON objects and arrays may nest, the outermost counted.
const MaxDepth = 32

// ParseJSON reads exactly one JSON text (RFC 8259), strictly: valid UTF-8
// without a byte order mark, no duplicate member names (compared after
// unescaping), no lone surrogates, nesting up to [MaxDepth], nothing after the
// value. Numbers keep the literal that was written. An error is always a
// *[SyntaxError].
//
// Strings of the result share one copy of b; b itself may be reused.
func ParseJSON(b []byte) (*Value, error) {
	var p parser
	return p.parse(b)
}

// parse is ParseJSON. The tree is cut from the parser's slabs and good until
// the next parse.
func (p *parser) parse(b []byte) (*Value, error) {
	if bytes.HasPrefix(b, []byte("\xef\xbb\xbf")) {
		return nil, &SyntaxError{Reason: "starts with a byte order mark; JSON is sent without one"}
	}
	p.s, p.i, p.bad, p.even = string(b), 0, -1, isEven(b)
	if !utf8.Valid(b) {
		p.bad = firstInvalid(b)
	}
	p.reserve(b)
	p.space()
	v, fault := p.value(1)
	if fault == nil {
		p.space()
		if p.i < len(p.s) {
			fault = p.fault("something follows the JSON value")
		}
	}
	if fault != nil {
		return nil, fault
	}
	return v, nil
}

// LooksLikeXML tells a document in EPCIS's other syntax, also with a byte order mark:
// no JSON text begins so.
func LooksLikeXML(b []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")), " \t\r\n"), []byte("<"))
}

// parser is the state of one parse. Values, objects, members and item lists
// are cut from slabs: an event has a hundred of them, and they live and die
// together. A slab is never grown in place, so pointers into it stay good until
// the parser begins another text.
type parser struct {
	s       string
	i       int
	bad     int  // offset of the first byte that is not UTF-8, or -1
	even    bool // no control character and no escape in all of s
	values  []Value
	objects []Object
	members []Member
	items   []*Value
	// open collections, innermost last: their length is not known before they close.
	openMembers []Member
	openItems   []*Value
}

// The largest slab made at once, so that hostile input (a megabyte of commas)
// costs no more memory than what it really holds.
const maxSlab = 512

// reserve sizes the slabs by what the text can hold at most: a value stands
// first in a collection or behind a comma, a member has a colon.
func (p *parser) reserve(b []byte) {
	opens := bytes.Count(b, []byte{'{'})
	values := 1 + bytes.Count(b, []byte{','}) + opens + bytes.Count(b, []byte{'['})
	members := min(values, bytes.Count(b, []byte{':'}))
	p.values = emptied(p.values, values)
	p.objects = emptied(p.objects, opens)
	p.members = emptied(p.members, members)
	p.openMembers = emptied(p.openMembers, min(members, 16))
	p.items, p.openItems = emptied(p.items, 0), emptied(p.openItems, 0) // few texts have lists
}

// emptied is a slab for n entries or maxSlab: the one of the text before, if
// that is large enough and not one that a huge text has left.
func emptied[T any](slab []T, n int) []T {
	if n = min(n, maxSlab); cap(slab) < n || cap(slab) > maxSlab {
		return make([]T, 0, n)
	}
	return slab[:0]
}

func (p *parser) newValue(kind ValueKind) *Value {
	if len(p.values) == cap(p.values) {
		p.values = make([]Value, 0, maxSlab)
	}
	n := len(p.values)
	p.values = p.values[:n+1]
	v := &p.values[n]
	*v = Value{Kind: kind, Start: p.i}
	return v
}

func (p *parser) newObject(members []Member) *Object {
	if len(p.objects) == cap(p.objects) {
		p.objects = make([]Object, 0, maxSlab)
	}
	if len(p.members)+len(members) > cap(p.members) {
		p.members = make([]Member, 0, max(maxSlab, len(members)))
	}
	from := len(p.members)
	p.members = append(p.members, members...)
	p.objects = append(p.objects, Object{Members: p.members[from:len(p.members):len(p.members)]})
	return &p.objects[len(p.objects)-1]
}

func (p *parser) newItems(items []*Value) []*Value {
	if len(p.items)+len(items) > cap(p.items) {
		p.items = make([]*Value, 0, max(64, len(items)))
	}
	from := len(p.items)
	p.items = append(p.items, items...)
	return p.items[from:len(p.items):len(p.items)]
}

func (p *parser) fault(reason string) *SyntaxError {
	return &SyntaxError{Offset: p.i, Reason: reason}
}

func (p *parser) space() {
	for p.i < len(p.s) {
		switch p.s[p.i] {
		case ' ', '\n', '\t', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *parser) value(depth int) (*Value, *SyntaxError) {
	if p.i >= len(p.s) {
		return nil, p.fault("ends where a value is expected")
	}
	switch c := p.s[p.i]; c {
	case '{':
		return p.object(depth)
	case '[':
		return p.array(depth)
	case '"':
		v := p.newValue(String)
		s, fault := p.text()
		if fault != nil {
			return nil, fault
		}
		v.Str, v.End = s, p.i
		return v, nil
	case 't':
		return p.word("true", Bool, true)
	case 'f':
		return p.word("false", Bool, false)
	case 'n':
		return p.word("null", Null, false)
	default:
		if c == '-' || c >= '0' && c <= '9' {
			return p.number()
		}
		return nil, p.fault("a value is expected here")
	}
}

func (p *parser) word(word string, kind ValueKind, is bool) (*Value, *SyntaxError) {
	if !strings.HasPrefix(p.s[p.i:], word) {
		return nil, p.fault("a value is expected here")
	}
	v := p.newValue(kind)
	p.i += len(word)
	v.Bool, v.End = is, p.i
	return v, nil
}

// number reads -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (p *parser) number() (*Value, *SyntaxError) {
	v := p.newValue(Number)
	if p.s[p.i] == '-' {
		p.i++
	}
	if p.i < len(p.s) && p.s[p.i] == '0' {
		p.i++
	} else if !p.digits() {
		return nil, p.fault("a number needs a digit here")
	}
	if p.i < len(p.s) && p.s[p.i] == '.' {
		p.i++
		if !p.digits() {
			return nil, p.fault("a number needs a digit after its point")
		}
	}
	if p.i < len(p.s) && p.s[p.i]|0x20 == 'e' {
		p.i++
		if p.i < len(p.s) && (p.s[p.i] == '+' || p.s[p.i] == '-') {
			p.i++
		}
		if !p.digits() {
			return nil, p.fault("a number needs a digit in its exponent")
		}
	}
	v.Str, v.End = p.s[v.Start:p.i], p.i
	return v, nil
}

func (p *parser) digits() bool {
	from := p.i
	for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
		p.i++
	}
	return p.i > from
}

func (p *parser) array(depth int) (*Value, *SyntaxError) {
	if depth > MaxDepth {
		return nil, p.fault("nests deeper than 32 levels")
	}
	v := p.newValue(Array)
	p.i++
	p.space()
	if p.i < len(p.s) && p.s[p.i] == ']' {
		p.i++
		v.End = p.i
		return v, nil
	}
	base := len(p.openItems)
	for {
		p.space()
		index := len(p.openItems) - base // a fault inside leaves items of its own behind
		item, fault := p.value(depth + 1)
		if fault != nil {
			fault.Pointer = pointerIndex(index) + fault.Pointer
			return nil, fault
		}
		p.openItems = append(p.openItems, item)
		p.space()
		if p.i >= len(p.s) {
			return nil, p.fault("ends inside an array")
		}
		c := p.s[p.i]
		if c != ',' && c != ']' {
			return nil, p.fault("an array goes on with a comma or ends with ]")
		}
		p.i++
		if c == ']' {
			break
		}
	}
	v.Items = p.newItems(p.openItems[base:])
	p.openItems = p.openItems[:base]
	v.End = p.i
	return v, nil
}

func (p *parser) object(depth int) (*Value, *SyntaxError) {
	if depth > MaxDepth {
		return nil, p.fault("nests deeper than 32 levels")
	}
	v := p.newValue(ObjectValue)
	p.i++
	base := len(p.openMembers)
	p.space()
	if p.i < len(p.s) && p.s[p.i] == '}' {
		p.i++
		v.Obj, v.End = p.newObject(nil), p.i
		return v, nil
	}
	for {
		p.space()
		if p.i >= len(p.s) {
			return nil, p.fault("ends inside an object")
		}
		if p.s[p.i] != '"' {
			return nil, p.fault("a member name in double quotes is expected here")
		}
		at := p.i
		name, fault := p.text()
		if fault != nil {
			return nil, fault
		}
		if repeated(p.openMembers[base:], name) {
			return nil, &SyntaxError{Pointer: pointerName(name), Offset: at, Reason: "the member name occurs twice in one object"}
		}
		p.space()
		if p.i >= len(p.s) || p.s[p.i] != ':' {
			fault = p.fault("a colon is expected after a member name")
			fault.Pointer = pointerName(name)
			return nil, fault
		}
		p.i++
		p.space()
		member, fault := p.value(depth + 1)
		if fault != nil {
			fault.Pointer = pointerName(name) + fault.Pointer
			return nil, fault
		}
		p.openMembers = append(p.openMembers, Member{Name: name, Value: member})
		p.space()
		if p.i >= len(p.s) {
			return nil, p.fault("ends inside an object")
		}
		c := p.s[p.i]
		if c != ',' && c != '}' {
			return nil, p.fault("an object goes on with a comma or ends with }")
		}
		p.i++
		if c == '}' {
			break
		}
	}
	if members := p.openMembers[base:]; len(members) > smallObject {
		if name, value := repeatedInLarge(members); value != nil {
			return nil, &SyntaxError{Pointer: pointerName(name), Offset: value.Start, Reason: "the member name occurs twice in one object"}
		}
	}
	v.Obj = p.newObject(p.openMembers[base:])
	p.openMembers = p.openMembers[:base]
	v.End = p.i
	return v, nil
}

// Up to this many members, names are compared one with another as they come;
// larger objects are checked once, when they end.
const smallObject = 24

func repeated(members []Member, name string) bool {
	if len(members) > smallObject {
		return false
	}
	for i := range members {
		if members[i].Name == name {
			return true
		}
	}
	return false
}

func repeatedInLarge(members []Member) (string, *Value) {
	seen := make(map[string]struct{}, len(members))
	for _, m := range members {
		if _, ok := seen[m.Name]; ok {
			return m.Name, m.Value
		}
		seen[m.Name] = struct{}{}
	}
	return "", nil
}

// isEven reports whether a text, as most are written, has no control character and no
// escape: each of its strings ends at the next quotation mark.
func isEven(b []byte) bool {
	if bytes.IndexByte(b, '\\') >= 0 {
		return false
	}
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; len(b) >= 8; b = b[8:] {
		// Of each byte the top bit: below 0x20, when the subtraction borrows and the
		// byte itself had none.
		if w := binary.LittleEndian.Uint64(b); (w-0x20*ones)&^w&tops != 0 {
			return false
		}
	}
	for _, c := range b {
		if c < 0x20 {
			return false
		}
	}
	return true
}

func firstInvalid(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}
