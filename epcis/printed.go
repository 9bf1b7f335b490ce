package epcis

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// printedAI is one AI of an element string, as GS1 prints it under a barcode:
// (01)09521104000020(21)R2600000001.
var printedAI = regexp.MustCompile(`\(\d{2,4}\)`)

// BareURI reports whether a text is a URI and nothing that Printed reads. A serial
// number may hold a colon or a slash, but then its AI stands before it.
func BareURI(text string) bool {
	return strings.ContainsAny(text, ":/") && !strings.HasPrefix(text, "(")
}

// Printed lists what a text that people read off a label or a paper may stand
// for, in the order in which a reader tries them: a GS1 element string, an SSCC or
// GTIN, a container number (ISO 6346), or the number of a business document (an
// MRN, a bill of lading) that one of the issuers, party GLNs, gave it. A URI
// stands for itself and gives none.
func Printed(text string, issuers []string) []ID {
	text = strings.TrimSpace(text)
	if text == "" || BareURI(text) {
		return nil
	}
	var ids []ID
	add := func(uri string) {
		if id := Canonical(uri); id.Malformed == "" && id.Level != Opaque {
			ids = append(ids, id)
		}
	}
	if places := printedAI.FindAllStringIndex(text, -1); len(places) > 0 {
		path := ""
		for i, at := range places {
			end := len(text)
			if i+1 < len(places) {
				end = places[i+1][0]
			}
			path += "/" + text[at[0]+1:at[1]-1] + "/" + url.PathEscape(strings.TrimSpace(text[at[1]:end]))
		}
		add("https://id.gs1.org" + path)
		return ids
	}
	number := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(text))
	switch digits := strings.Trim(number, "0123456789") == ""; {
	case digits && len(number) == 18:
		add("https://id.gs1.org/00/" + number)
	case digits && len(number) >= 8 && len(number) <= 14:
		add("https://id.gs1.org/01/" + number)
	case len(number) == 11:
		add("urn:epc:id:bic:" + number)
	}
	for _, gln := range issuers {
		ids = append(ids, Canonical("urn:epcglobal:cbv:bt:"+gln+":"+text))
	}
	return ids
}

// StandsFor reports whether a text that somebody typed or read off a label can
// mean the canonical identifier: as the same URI in any spelling, or as Printed
// reads it, whoever issued a document's number.
func StandsFor(text, canonical string) bool {
	if Canonical(text).URI == canonical {
		return true
	}
	var issuers []string
	if rest, ok := strings.CutPrefix(canonical, "urn:epcglobal:cbv:bt:"); ok {
		gln, _, _ := strings.Cut(rest, ":")
		issuers = append(issuers, gln)
	}
	return slices.ContainsFunc(Printed(text, issuers), func(id ID) bool { return id.URI == canonical })
}
