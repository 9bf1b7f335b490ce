package epcis

import "strings"

// The namespaces of the standard vocabularies (CBV 2.0, section 6.1; EPCIS 2.0
// JSON-LD context).
const (
	NamespaceEPCIS = "https://ref.gs1.org/epcis/"
	NamespaceCBV   = "https://ref.gs1.org/cbv/"
	NamespaceGS1   = "https://ref.gs1.org/voc/"
	NamespaceCBVMD = "urn:epcglobal:cbv:mda:"
)

// The fields whose values are words of a CBV vocabulary: what
// [ExpandVocabulary] takes as its first argument. The others are named as in
// EPCIS JSON.
const (
	FieldBizStep           = "bizStep"
	FieldDisposition       = "disposition"
	FieldTransactionType   = "bizTransaction"    // the type of a bizTransactionList entry
	FieldSourceDestination = "sourceDestination" // the type of a sourceList or destinationList entry
	FieldErrorReason       = "reason"            // of an errorDeclaration
	FieldSensorType        = "sensorType"        // type of a sensorReport
	FieldSensorException   = "exception"         // of a sensorReport
	FieldComponent         = "component"         // of a sensorReport
)

// vocabularyPrefix is what stands before a bare word of a field, "" for a field
// that has no vocabulary.
func vocabularyPrefix(field string) string {
	switch field {
	case FieldBizStep:
		return NamespaceCBV + "BizStep-"
	case FieldDisposition, "set", "unset", "persistentDisposition":
		return NamespaceCBV + "Disp-"
	case FieldTransactionType, "bizTransactionType":
		return NamespaceCBV + "BTT-"
	case FieldSourceDestination, "source", "destination":
		return NamespaceCBV + "SDT-"
	case FieldErrorReason:
		return NamespaceCBV + "ER-"
	case FieldComponent:
		return NamespaceCBV + "Comp-"
	case FieldSensorType, FieldSensorException:
		return NamespaceGS1
	}
	return ""
}

// ExpandVocabulary returns the full URI of a vocabulary value of a field: a
// bare CBV word ("shipping"), its EPCIS 1.x URN
// ("urn:epcglobal:cbv:bizstep:shipping") or a CURIE of the standard context
// ("cbv:BizStep-shipping") all become
// https://ref.gs1.org/cbv/BizStep-shipping. Any other URI stays as it is.
func ExpandVocabulary(field, value string) string {
	colon := strings.IndexByte(value, ':')
	if colon < 0 {
		if p := vocabularyPrefix(field); p != "" && value != "" && !strings.ContainsAny(value, "/ ") {
			return expanded(p, value)
		}
		return value
	}
	switch value[:colon] {
	case "urn":
		if rest, ok := strings.CutPrefix(value, "urn:epcglobal:cbv:"); ok {
			if kind, word, ok := strings.Cut(rest, ":"); ok && word != "" {
				if p := urnPrefix(kind); p != "" {
					return expanded(p, word)
				}
			}
		}
	case "cbv", "gs1", "epcis":
		return ExpandCURIE(value)
	}
	return value
}

func expanded(prefix, word string) string {
	if s := expandedWord(prefix, word); s != "" {
		return s
	}
	return prefix + word
}

// urnPrefix maps the kinds of the URNs of CBV 1.x to their prefix in CBV 2.0.
func urnPrefix(kind string) string {
	switch kind {
	case "bizstep":
		return NamespaceCBV + "BizStep-"
	case "disp":
		return NamespaceCBV + "Disp-"
	case "btt":
		return NamespaceCBV + "BTT-"
	case "sdt":
		return NamespaceCBV + "SDT-"
	case "er":
		return NamespaceCBV + "ER-"
	}
	return ""
}

// ExpandCURIE expands the prefixes that the EPCIS context itself defines (gs1,
// cbv, epcis, cbvmda); anything else stays as it is.
func ExpandCURIE(value string) string {
	prefix, rest, ok := strings.Cut(value, ":")
	if !ok || strings.HasPrefix(rest, "//") {
		return value
	}
	switch prefix {
	case "gs1":
		return NamespaceGS1 + rest
	case "cbv":
		return NamespaceCBV + rest
	case "epcis":
		return NamespaceEPCIS + rest
	case "cbvmda":
		return NamespaceCBVMD + rest
	}
	return value
}

// ShortVocabulary is the reverse of [ExpandVocabulary], for people: the bare
// word of a CBV or GS1 vocabulary URI ("shipping"), any other URI as it is.
func ShortVocabulary(uri string) string {
	if rest, ok := strings.CutPrefix(uri, NamespaceCBV); ok {
		switch kind, word, _ := strings.Cut(rest, "-"); kind {
		case "BizStep", "Disp", "BTT", "SDT", "ER", "Comp":
			if word != "" {
				return word
			}
		}
		return uri
	}
	if rest, ok := strings.CutPrefix(uri, NamespaceGS1); ok && rest != "" {
		return rest
	}
	return uri
}
