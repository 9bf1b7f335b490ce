package epcis

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Level says what an identifier names.
type Level uint8

// The levels. They are persisted nowhere and may be reordered.
const (
	Opaque   Level = iota // any other URI, or a GS1-shaped one that does not parse
	Item                  // one physical object: GTIN+serial, SSCC, GRAI or GIAI with serial, CPID+serial, BIC container
	Lot                   // a batch: GTIN+lot
	Class                 // a product class: GTIN
	Place                 // GLN, with or without extension
	PartyID               // party GLN (AI 417)
	Document              // GDTI, GSIN, GINC and other document or relation keys
)

// String is the level in one lower-case word.
func (l Level) String() string {
	switch l {
	case Item:
		return "item"
	case Lot:
		return "lot"
	case Class:
		return "class"
	case Place:
		return "place"
	case PartyID:
		return "party"
	case Document:
		return "document"
	}
	return "opaque"
}

// ID is an identifier in its one canonical form: for a GS1 key the constrained
// canonical Digital Link on https://id.gs1.org at its finest level, for
// everything else the URI as it stands. The zero ID names nothing.
//
// Lot carries the lot that a serial-level Digital Link states beside its serial
// (AI 10 with AI 21), decoded; it is not part of the identity.
type ID struct {
	URI   string
	Level Level
	Lot   string
	// Malformed says why a GS1-shaped identifier does not parse (a wrong check
	// digit included); the identifier is then kept verbatim as Opaque.
	Malformed string
}

// IsZero reports whether the ID names nothing.
func (id ID) IsZero() bool { return id.URI == "" }

// IsGLN reports the GLN of a place, with or without an extension, or of a party.
func (id ID) IsGLN() bool { return id.Level == Place || id.Level == PartyID }

// String is the canonical URI.
func (id ID) String() string { return id.URI }

// Canonical reads any identifier: an EPC URN, class or pattern, a GS1 Digital
// Link on any host and with any stem, or any other URI. It never fails, and the
// canonical URI of a canonical URI is itself. What is no GS1 key stays as it is
// but for Unicode normalisation (NFC).
//
// The canonical form is the constrained canonical GS1 Digital Link that the CBV
// event hash uses: only the finest level of identification, on
// https://id.gs1.org, GTINs with 14 digits, percent-encoding in one form.
func Canonical(uri string) ID {
	var k gs1Key
	level, reason := k.read(uri)
	if k.valid {
		return k.id(uri)
	}
	return ID{URI: normalised(uri), Level: level, Malformed: reason}
}

// read reads any identifier: a GS1 key is valid then, and says its level itself.
// What is none has a level and, when it is shaped like one, a reason.
func (k *gs1Key) read(uri string) (level Level, reason string) {
	switch {
	case hasPrefixFold(uri, "urn:epc:"):
		level, reason = k.epcURN(uri[len("urn:epc:"):])
		k.valid = level != Opaque && k.spec.ai != ""
	case hasPrefixFold(uri, "https://"), hasPrefixFold(uri, "http://"):
		var ok bool
		reason, ok = k.digitalLink(uri)
		k.valid = ok && reason == ""
		if !ok {
			reason = ""
		}
	}
	return level, reason
}

// hasPrefixFold reports whether s begins with prefix, whatever the case of its
// ASCII letters.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && (s[:len(prefix)] == prefix || strings.EqualFold(s[:len(prefix)], prefix))
}

// normalised is s in NFC.
func normalised(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return norm.NFC.String(s)
		}
	}
	return s
}

// parts takes a canonical Digital Link apart. Values are decoded. ok is false
// for an identifier that is no GS1 key.
func (id ID) parts() (ai, value, qualifier, qvalue string, ok bool) {
	rest, ok := strings.CutPrefix(id.URI, linkRoot+"/")
	if !ok || id.Level == Opaque {
		return "", "", "", "", false
	}
	ai, rest, _ = strings.Cut(rest, "/")
	value, rest, _ = strings.Cut(rest, "/")
	qualifier, qvalue, _ = strings.Cut(rest, "/")
	return ai, unescaped(value), qualifier, unescaped(qvalue), true
}

// unescaped decodes a value of a canonical Digital Link.
func unescaped(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	var t text
	unescapeLink(&t, s)
	return string(t.bytes())
}

// KeyDigits returns the digits of a GS1 key from its company prefix on, without
// the indicator or extension digit before it; "" when id is no GS1 key. For keys
// that go on with letters it ends before those.
func (id ID) KeyDigits() string {
	rest, ok := strings.CutPrefix(id.URI, linkRoot+"/")
	if !ok || id.Level == Opaque {
		return ""
	}
	ai, value, _ := strings.Cut(rest, "/")
	switch ai {
	case "00", "01", "8003", "8006":
		value = value[1:]
	}
	n := 0
	for n < len(value) && isDigit(value[n]) {
		n++
	}
	return value[:n]
}

// HasCompanyPrefix reports whether a GS1 key begins with that GS1 company
// prefix. It is false for whatever is no GS1 key.
func (id ID) HasCompanyPrefix(prefix string) bool {
	return prefix != "" && strings.HasPrefix(id.KeyDigits(), prefix)
}

// Class returns the product class of an item or lot (its GTIN, ITIP, GRAI
// without serial or CPID); a class is its own. The zero ID means that it has
// none: an SSCC, a GIAI, anything that is no product.
func (id ID) Class() ID {
	if id.Level == Class {
		return id
	}
	if id.Level != Item && id.Level != Lot {
		return ID{}
	}
	rest, ok := strings.CutPrefix(id.URI, linkRoot+"/")
	if !ok {
		return ID{}
	}
	ai, value, _ := strings.Cut(rest, "/")
	value, _, _ = strings.Cut(value, "/")
	switch ai {
	case "8003":
		value = value[:14]
	case "01", "8006", "8010":
	default:
		return ID{}
	}
	return ID{URI: id.URI[:len(linkRoot)+1+len(ai)+1+len(value)], Level: Class}
}

// isPlainLot reports whether a lot number, which GS1 allows, is written in a Digital Link
// as it is. False says nothing: there are others.
func isPlainLot(lot string) bool {
	if lot == "" || len(lot) > 20 {
		return false
	}
	for i := range len(lot) {
		if c := lot[i]; !isDigit(c) && !isAlpha(c) && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return true
}

// InLot returns the lot of a product: id is a GTIN or ITIP, or an item of it,
// and lot the number that its Digital Link, or its master data, states. ok is
// false when id has no lots or the number is none that GS1 allows.
func (id ID) InLot(lot string) (batch ID, ok bool) {
	class := id.Class()
	if strings.HasPrefix(class.URI, linkRoot+"/01/") && isPlainLot(lot) {
		return ID{URI: class.URI + "/10/" + lot, Level: Lot}, true
	}
	ai, value, _, _, ok := class.parts()
	if !ok || ai != "01" && ai != "8006" {
		return ID{}, false
	}
	var k gs1Key
	k.spec, _ = primaryKey(ai)
	k.value.addString(value)
	k.qualifier = "10"
	k.qvalue.addString(lot)
	q, _ := qualifier(ai, "10")
	if checkQualifier(q, &k.qvalue) != "" {
		return ID{}, false
	}
	return k.id(""), true
}
