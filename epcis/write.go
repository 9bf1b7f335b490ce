package epcis

import (
	"unicode/utf8"
)

// Text returns a JSON string value.
func Text(s string) *Value { return &Value{Kind: String, Str: s} }

// NumberValue returns a JSON number value.
func NumberValue(n Decimal) *Value { return &Value{Kind: Number, Str: n.String()} }

// writer writes a record of Waymark's own, member by member.
type writer struct{ b []byte }

// newWriter begins a record with the contexts that its members need.
func newWriter() *writer {
	w := &writer{b: make([]byte, 0, 512)}
	w.b = append(w.b, `{"@context":["`+ContextURL+`",{"wm":"`+Vocabulary+`"}]`...)
	return w
}

func (w *writer) name(name string) {
	w.b = append(w.b, ',')
	w.b = appendText(w.b, name)
	w.b = append(w.b, ':')
}

func (w *writer) member(name, value string) {
	w.name(name)
	w.b = appendText(w.b, value)
}

func (w *writer) optional(name, value string) {
	if value != "" {
		w.member(name, value)
	}
}

func (w *writer) ids(name string, ids []ID) {
	uris := make([]string, len(ids))
	for i, id := range ids {
		uris[i] = id.URI
	}
	w.texts(name, uris)
}

func (w *writer) texts(name string, texts []string) {
	w.name(name)
	w.b = append(w.b, '[')
	for i, s := range texts {
		if i > 0 {
			w.b = append(w.b, ',')
		}
		w.b = appendText(w.b, s)
	}
	w.b = append(w.b, ']')
}

func (w *writer) optionalTexts(name string, texts []string) {
	if len(texts) > 0 {
		w.texts(name, texts)
	}
}

func (w *writer) end() []byte { return append(w.b, '}') }

// appendValue appends v as compact JSON, members in their order.
func appendValue(b []byte, v *Value) []byte {
	switch v.Kind {
	case Bool:
		if v.Bool {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	case Number:
		return append(b, v.Str...)
	case String:
		return appendText(b, v.Str)
	case Array:
		b = append(b, '[')
		for i, item := range v.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendValue(b, item)
		}
		return append(b, ']')
	case ObjectValue:
		b = append(b, '{')
		for i := range v.Obj.Members {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, v.Obj.Members[i].Name)
			b = append(b, ':')
			b = appendValue(b, v.Obj.Members[i].Value)
		}
		return append(b, '}')
	default:
		return append(b, "null"...)
	}
}

// appendText appends s as a JSON string with the fewest escapes: quotes,
// backslashes and control characters (as RFC 8785, section 3.2.2.2). Bytes
// that are not UTF-8 become U+FFFD.
func appendText(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
			i++
		case c == '\n':
			b = append(b, `\n`...)
			i++
		case c == '\t':
			b = append(b, `\t`...)
			i++
		case c == '\r':
			b = append(b, `\r`...)
			i++
		case c == '\b':
			b = append(b, `\b`...)
			i++
		case c == '\f':
			b = append(b, `\f`...)
			i++
		case c < 0x20:
			b = append(b, `\u00`...)
			b = append(b, hex[c>>4], hex[c&15])
			i++
		case c < utf8.RuneSelf:
			b = append(b, c)
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			b = utf8.AppendRune(b, r)
			i += n
		}
	}
	return append(b, '"')
}
