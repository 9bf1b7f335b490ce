package api

import (
	"fmt"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// asked turns what a person reads off a label or a paper into the identifier
// that the records use: of what epcis.Printed reads in it, the first one that the
// ledger has records of.
func (a *API) asked(s Snapshot, text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" || epcis.BareURI(text) {
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
	var issuers []string
	for _, o := range a.backend.Network().Organisations {
		_, gln, _ := strings.Cut(o.ID, "/417/")
		issuers = append(issuers, gln)
	}
	var keys []trace.Key
	for _, id := range epcis.Printed(text, issuers) {
		if strings.HasPrefix(id.URI, "urn:epcglobal:cbv:bt:") {
			keys = append(keys, trace.Key{NS: trace.NSTransaction, ID: id.URI})
		} else {
			// A GDTI may number a certificate, or an invoice that events cite.
			keys = append(keys, trace.ObjectKey(id), trace.Key{NS: trace.NSCertificate, ID: id.URI},
				trace.Key{NS: trace.NSTransaction, ID: id.URI})
		}
	}
	return keys
}
