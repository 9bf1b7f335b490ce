package trace

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/waymark-ledger/waymark/epcis"
)

// PrintedID is how an identifier is printed on goods and papers: "serial A1",
// "container WMKU2047188", an MRN.
func PrintedID(id string) string { return shortID(id) }

// Told is the step in a few words: "inspecting: customs released".
func (s *Step) Told() string {
	what := cmp.Or(words(s.BizStep), s.What)
	if to := dispositions(s.Disposition, s.Set, s.Unset); to != "" {
		what += ": " + to
	}
	switch {
	case s.Refused:
		what += " (refused)"
	case s.Voided:
		what += " (declared wrong)"
	}
	if s.Compromised {
		what += " (signed with a compromised key)"
	}
	if s.Basis {
		what += " (others rest on it)"
	}
	return what
}

// dispositions are what an event did to its goods, for now and until that is taken
// back, but for what goes without saying: "recalled", "recall lifted".
func dispositions(now string, set, unset []string) string {
	var told []string
	for _, d := range append([]string{now}, set...) {
		if what := words(d); what != "" && !plain(d) && !slices.Contains(told, what) {
			told = append(told, what)
		}
	}
	for _, d := range unset {
		what := "no longer " + words(d)
		if d == dispositionRecalled {
			what = "recall lifted"
		}
		if words(d) != "" && !slices.Contains(told, what) {
			told = append(told, what)
		}
	}
	return strings.Join(told, ", ")
}

// happening is a step with what it did to the goods, unless that goes without
// saying.
func happening(step, disposition string) string {
	if d := words(disposition); d != "" && !plain(disposition) {
		return step + ": " + d
	}
	return step
}

// OneLine is a text from a record as it may be printed within a line: what ends
// lines, moves a terminal's cursor or turns the direction of writing becomes
// U+FFFD, so that no author can write a verdict of his own into somebody's.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// shortID is how a key is printed on goods: its application identifiers in
// brackets (GS1 General Specifications, section 7.8), else the last part.
func shortID(id string) string {
	if rest, ok := strings.CutPrefix(id, "https://id.gs1.org/"); ok {
		parts := strings.Split(rest, "/")
		switch {
		case len(parts) == 4 && parts[2] == "21":
			return "serial " + unescaped(parts[3])
		case len(parts) == 4 && parts[2] == "10":
			return "lot " + unescaped(parts[3])
		case len(parts) == 2 && parts[0] == "00":
			return "SSCC " + parts[1]
		case len(parts) == 2 && parts[0] == "253" && len(parts[1]) > 13:
			return unescaped(parts[1][13:])
		case len(parts)%2 == 0:
			var b strings.Builder
			for i := 0; i < len(parts); i += 2 {
				fmt.Fprintf(&b, "(%s)%s", parts[i], unescaped(parts[i+1]))
			}
			return b.String()
		}
		return id
	}
	if number, ok := strings.CutPrefix(id, "urn:epc:id:bic:"); ok {
		return "container " + number
	}
	if number, ok := strings.CutPrefix(id, "urn:epc:id:imovn:"); ok {
		return "IMO " + number
	}
	if strings.HasPrefix(id, "urn:epcglobal:cbv:bt:") {
		return id[strings.LastIndexByte(id, ':')+1:]
	}
	return id
}

func unescaped(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// local is the part of a name after its namespace.
func local(name string) string { return name[strings.LastIndexAny(name, "/#:")+1:] }

// words makes a vocabulary URI readable: "creating class instance".
func words(uri string) string {
	s := local(epcis.ShortVocabulary(uri))
	switch s {
	case "po":
		return "purchase order"
	case "desadv":
		return "despatch advice"
	case "inv":
		return "invoice"
	case "bol":
		return "bill of lading"
	case "hsCode":
		return "HS code"
	}
	for _, prefix := range [...]string{"Disp-", "BizStep-", "BTT-", "Scheme-"} {
		s = strings.TrimPrefix(s, prefix)
	}
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '_':
			b.WriteByte(' ')
		case r >= 'A' && r <= 'Z' && i > 0 && s[i-1] >= 'a' && s[i-1] <= 'z':
			b.WriteByte(' ')
			b.WriteRune(r + 'a' - 'A')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// dateText is "2026-09-12 08:30".
func dateText(t epcis.Instant) string {
	s := t.String()
	if len(s) < len("2006-01-02T15:04") {
		return s
	}
	return s[:10] + " " + s[11:16]
}

func quantityText(amount, unit string) string {
	switch unit {
	case "":
		return amount
	case "KGM":
		unit = "kg"
	case "GRM":
		unit = "g"
	case "TNE":
		unit = "t"
	case "LTR":
		unit = "l"
	case "MTR":
		unit = "m"
	}
	return amount + " " + unit
}
