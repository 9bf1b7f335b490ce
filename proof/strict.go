package proof

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Checkpoints and dossiers are JSON (RFC 8259) of which a value has one text,
// white space apart: the fields of an object in the order of its format, those
// that say nothing left out, no null, hashes in lower-case hexadecimal, numbers
// whole and not negative, in decimal without exponent, at most 2^53-1, strings
// escaped only where JSON must (as ECMAScript's JSON.stringify does). A text is
// read by decoding it, writing the result again and comparing: whatever was
// unknown, doubled, missing, out of order or written otherwise shows.

// maxJSONNumber is the greatest integer that every JSON reader keeps exactly.
const maxJSONNumber = 1<<53 - 1

// DecodeStrict reads JSON into v, a pointer, and refuses every text that
// EncodeStrict would not have written for the result, white space apart. Its
// error is an ErrUnusable.
func DecodeStrict(data []byte, v any) error {
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%w: %v", ErrUnusable, err)
	}
	var given bytes.Buffer
	given.Grow(len(data))
	if err := json.Compact(&given, data); err != nil {
		return fmt.Errorf("%w: %v", ErrUnusable, err)
	}
	want, err := EncodeStrict(v)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrUnusable, err)
	}
	if got := given.Bytes(); !bytes.Equal(got, want) {
		return fmt.Errorf("%w: not in the one form of its content, at %q", ErrUnusable, differsAt(got, want))
	}
	return nil
}

// formatOf is the format that an object says it has: of a file of another kind,
// which is told so; false for what is no object.
func formatOf(data []byte) (format string, ok bool) {
	var v struct {
		Format json.RawMessage `json:"format"`
	}
	if json.Unmarshal(data, &v) != nil {
		return "", false
	}
	if json.Unmarshal(v.Format, &format) != nil {
		format = ""
	}
	return format, true
}

// differsAt is a little of got around the first byte in which it differs.
func differsAt(got, want []byte) []byte {
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	return got[max(0, at-20):min(len(got), at+20)]
}

// EncodeStrict writes v as its one JSON text, without white space. It fails on
// what the form does not have: null, and numbers that are negative, fractions or
// above 2^53-1.
func EncodeStrict(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	text := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if err := checkBare(text); err != nil {
		return nil, fmt.Errorf("encode %T: %w", v, err)
	}
	return unescapeSeparators(text), nil
}

// checkBare looks at what stands outside strings.
func checkBare(text []byte) error {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			for i++; text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		case c == 'n':
			return fmt.Errorf("null has no place here, at byte %d", i)
		case c == '-' || c >= '0' && c <= '9':
			n, from := uint64(0), i
			for ; i < len(text) && text[i] >= '0' && text[i] <= '9' && n <= maxJSONNumber; i++ {
				n = n*10 + uint64(text[i]-'0')
			}
			if n > maxJSONNumber || i == from || i < len(text) && bytes.IndexByte([]byte(",]}"), text[i]) < 0 {
				return fmt.Errorf("not a whole number between 0 and 2^53-1, at byte %d", from)
			}
			i--
		}
	}
	return nil
}

// unescapeSeparators writes U+2028 and U+2029 as themselves, which the library
// escapes for JavaScript of before 2019.
func unescapeSeparators(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u202`)) {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			out = append(out, text[i])
			continue
		}
		switch rest := text[i:]; {
		case bytes.HasPrefix(rest, []byte(`\u2028`)):
			out = append(out, "\u2028"...)
			i += 5
		case bytes.HasPrefix(rest, []byte(`\u2029`)):
			out = append(out, "\u2029"...)
			i += 5
		default:
			out = append(out, rest[:2]...)
			i++
		}
	}
	return out
}

// decodeHex fills to with the bytes that as many hex digits stand for.
func decodeHex(to, digits []byte) error {
	if len(digits) != 2*len(to) {
		return fmt.Errorf("%d hex digits wanted", 2*len(to))
	}
	_, err := hex.Decode(to, digits)
	return err
}
