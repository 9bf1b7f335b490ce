package api

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// elementString is one AI with its value, as GS1 prints it under a barcode:
// (01)09521104000020(21)R2600000001.
var elementString = regexp.MustCompile(`\((\d{2,4})\)([^(]+)`)

// asked turns what a person reads off a label or a paper into the identifier
// that the records use. A URI stays as it is. Without a scheme it may be an
// element string, an SSCC or GTIN, a container number (ISO 6346), or the number
// of a business document that some member issued (an MRN, a bill of lading): of
// these, the first one that the ledger has records of.
func (a *API) asked(s Snapshot, text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.ContainsAny(text, ":/") {
		return text, nil
	}
	for _, key := range a.readings(text) {
		seqs, err := s.History(key, 0, 1)
		if err != nil {
			return "", fmt.Errorf("look for %s: %w", key.ID, err)
		}
		if len(seqs) > 0 {
			return key.ID, nil
		}
	}
	return text, nil
}

// readings are the keys that the text may stand for.
func (a *API) readings(text string) []trace.Key {
	if parts := elementString.FindAllStringSubmatch(text, -1); len(parts) > 0 {
		path := ""
		for _, p := range parts {
			path += "/" + p[1] + "/" + strings.TrimSpace(p[2])
		}
		return keysOf(epcis.Canonical("https://id.gs1.org" + path))
	}
	var keys []trace.Key
	number := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(text))
	switch {
	case len(number) == 18 && strings.Trim(number, "0123456789") == "":
		keys = keysOf(epcis.Canonical("https://id.gs1.org/00/" + number))
	case len(number) >= 8 && len(number) <= 14 && strings.Trim(number, "0123456789") == "":
		keys = keysOf(epcis.Canonical("https://id.gs1.org/01/" + number))
	case len(number) == 11:
		keys = keysOf(epcis.Canonical("urn:epc:id:bic:" + number))
	}
	for _, o := range a.backend.Network().Organisations {
		_, gln, _ := strings.Cut(o.ID, "/417/")
		keys = append(keys, trace.Key{NS: trace.NSTransaction, ID: epcis.Canonical("urn:epcglobal:cbv:bt:" + gln + ":" + text).URI})
	}
	return keys
}

func keysOf(id epcis.ID) []trace.Key {
	if id.Malformed != "" || id.Level == epcis.Opaque {
		return nil
	}
	return []trace.Key{trace.ObjectKey(id)}
}
