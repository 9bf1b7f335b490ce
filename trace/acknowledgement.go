package trace

import (
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// AcknowledgedKey is the key of what an acknowledgement is about: a serial, lot or
// class that was recalled, a certificate, or a customs declaration. The record
// touches it, so whoever asks for it finds who answered.
func AcknowledgedKey(a *epcis.Acknowledgement) Key {
	switch a.Matter {
	case epcis.MatterCertificate:
		return Key{NSCertificate, a.About.URI}
	case epcis.MatterCustoms:
		return DeclarationKey(a.About)
	}
	return ObjectKey(a.About)
}

// AnswerKey is the key of an organisation's answer to what happened to k. Its state
// is the contracts' own.
func AnswerKey(k Key, organisation string) Key {
	return Key{NSAcknowledged, string(k.NS) + ":" + k.ID + "|" + organisation}
}

func acknowledgementKeys(a *epcis.Acknowledgement) []Key {
	keys := make([]Key, 0, 1+len(a.Goods)+len(a.Quantities))
	keys = append(keys, AcknowledgedKey(a))
	for _, p := range appendParts(nil, a.Goods, a.Quantities) {
		if p.key.NS != NSClass {
			keys = append(keys, p.key)
		}
	}
	return keys
}

// acknowledgement is the acknowledgement, nil for other kinds.
func (e *entry) acknowledgement() *epcis.Acknowledgement {
	if e.other == nil {
		return nil
	}
	return e.other.Acknowledgement
}

// acknowledgement tells an acknowledgement as a step.
func (s *Step) acknowledgement(a *epcis.Acknowledgement) {
	s.What = "acknowledgement (" + a.Matter + "): " + a.Measure
	if a.Note != "" && len(a.Note) <= 200 {
		s.Details = []Detail{{epcis.Vocabulary + "note", a.Note}}
	}
}

// acknowledgementPhrase is an acknowledgement in a few words: "acknowledgement of the
// recall of lot L1: quarantined".
func acknowledgementPhrase(a *epcis.Acknowledgement) string {
	about := "the recall of "
	switch a.Matter {
	case epcis.MatterCertificate:
		about = "the status of certificate "
	case epcis.MatterCustoms:
		about = "the customs decision on "
	}
	return "acknowledgement of " + about + shortID(a.About.URI) + ": " + strings.ReplaceAll(a.Measure, "_", " ")
}
