package epcis

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// text reads a JSON string and leaves the parser behind its closing quote.
func (p *parser) text() (string, *SyntaxError) {
	start := p.i + 1
	i := start
	if p.even {
		if n := strings.IndexByte(p.s[start:], '"'); n >= 0 {
			i += n // no byte before it wants a look
		}
	}
	for i < len(p.s) {
		c := p.s[i]
		if c == '"' {
			if p.bad >= start && p.bad < i {
				p.i = p.bad
				return "", p.fault("a byte here is not UTF-8")
			}
			p.i = i + 1
			return p.s[start:i], nil
		}
		if c == '\\' {
			return p.escapedText(start, i)
		}
		if c < 0x20 {
			p.i = i
			return "", p.fault("a control character in a string must be escaped")
		}
		i++
	}
	p.i = len(p.s)
	return "", p.fault("ends inside a string")
}

// escapedText goes on with a string that holds escapes; the first stands at i.
func (p *parser) escapedText(start, i int) (string, *SyntaxError) {
	out := make([]byte, 0, i-start+32)
	from := start // of what was not copied yet
	for i < len(p.s) {
		c := p.s[i]
		switch {
		case c == '"':
			if p.bad >= start && p.bad < i {
				p.i = p.bad
				return "", p.fault("a byte here is not UTF-8")
			}
			p.i = i + 1
			return string(append(out, p.s[from:i]...)), nil
		case c == '\\':
			out = append(out, p.s[from:i]...)
			p.i = i
			var fault *SyntaxError
			if out, i, fault = p.escape(out, i); fault != nil {
				return "", fault
			}
			from = i
		case c < 0x20:
			p.i = i
			return "", p.fault("a control character in a string must be escaped")
		default:
			i++
		}
	}
	p.i = len(p.s)
	return "", p.fault("ends inside a string")
}

// escape appends the character whose escape stands at i and returns where the
// string goes on.
func (p *parser) escape(out []byte, i int) ([]byte, int, *SyntaxError) {
	if i+1 >= len(p.s) {
		return nil, 0, p.fault("ends inside a string")
	}
	switch c := p.s[i+1]; c {
	case '"', '\\', '/':
		return append(out, c), i + 2, nil
	case 'b':
		return append(out, '\b'), i + 2, nil
	case 'f':
		return append(out, '\f'), i + 2, nil
	case 'n':
		return append(out, '\n'), i + 2, nil
	case 'r':
		return append(out, '\r'), i + 2, nil
	case 't':
		return append(out, '\t'), i + 2, nil
	case 'u':
		r, ok := p.hex4(i + 2)
		if !ok {
			return nil, 0, p.fault(`\u needs four hexadecimal digits`)
		}
		i += 6
		if !utf16.IsSurrogate(r) {
			return utf8.AppendRune(out, r), i, nil
		}
		if i+1 < len(p.s) && p.s[i] == '\\' && p.s[i+1] == 'u' {
			if low, ok := p.hex4(i + 2); ok {
				if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
					return utf8.AppendRune(out, both), i + 6, nil
				}
			}
		}
		return nil, 0, p.fault("a lone surrogate is no character")
	default:
		return nil, 0, p.fault("no such escape in a JSON string")
	}
}

func (p *parser) hex4(i int) (rune, bool) {
	if i+4 > len(p.s) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(p.s[i : i+4]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
