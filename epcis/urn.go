package epcis

import "strings"

// epcURN reads what follows "urn:epc:" (GS1 EPC Tag Data Standard, section 6).
// A GS1 key is left in k; a valid EPC of another scheme (a BIC container, an
// IMO number, …) has a level and no key and stays as it is; reason says why a
// broken one does not parse.
func (k *gs1Key) epcURN(rest string) (level Level, reason string) {
	kind, rest, _ := strings.Cut(rest, ":")
	scheme, body, ok := strings.Cut(rest, ":")
	if !ok || body == "" {
		return Opaque, "not of the form urn:epc:id:scheme:value"
	}
	switch kind {
	case "id":
		if level, reason, ok := otherEPC(scheme, body); ok {
			return level, reason
		}
	case "class":
		if scheme != "lgtin" {
			return Opaque, "unknown EPC class scheme"
		}
	case "idpat":
		if reason = k.epcPattern(scheme, body); reason != "" {
			return Opaque, reason
		}
		return k.level(), ""
	case "tag", "raw", "pat":
		return Opaque, "" // the contents of an RFID tag; they name no key by themselves
	default:
		return Opaque, "not of the form urn:epc:id:scheme:value"
	}
	if reason = k.epcKey(kind, scheme, body); reason != "" {
		return Opaque, reason
	}
	return k.level(), ""
}

// epcKey reads the body of urn:epc:id:<scheme>: or urn:epc:class:lgtin:.
func (k *gs1Key) epcKey(kind, scheme, body string) (reason string) {
	if (scheme == "lgtin") != (kind == "class") {
		return "lgtin is a class, urn:epc:class:lgtin:"
	}
	var rest string
	switch scheme {
	case "sgtin", "upui", "lgtin", "itip":
		code := "01"
		if scheme == "itip" {
			code = "8006"
		}
		k.spec, _ = primaryKey(code)
		if rest, reason = k.partition(body, 13, true); reason != "" {
			return reason
		}
		ai := gtinQualifier(scheme)
		if scheme == "itip" {
			if rest, reason = k.pieces(rest); reason != "" {
				return reason
			}
		}
		return k.ending(rest, ai)
	case "sscc":
		k.spec, _ = primaryKey("00")
		rest, reason = k.partition(body, 17, true)
		return whole(rest, reason)
	case "gsrn", "gsrnp":
		k.spec, _ = primaryKey(scheme)
		rest, reason = k.partition(body, 17, false)
		return whole(rest, reason)
	case "gsin":
		k.spec, _ = primaryKey("402")
		rest, reason = k.partition(body, 16, false)
		return whole(rest, reason)
	case "pgln":
		k.spec, _ = primaryKey("417")
		rest, reason = k.partition(body, 12, false)
		return whole(rest, reason)
	case "sgln":
		k.spec, _ = primaryKey("414")
		if rest, reason = k.partition(body, 12, false); reason != "" {
			return reason
		}
		return k.ending(rest, "254")
	case "grai", "gdti", "sgcn":
		k.spec = documentKey(scheme)
		if scheme == "grai" {
			k.value.add('0')
		}
		if rest, reason = k.partition(body, 12, false); reason != "" {
			return reason
		}
		if rest == "" || rest == "." {
			return "the serial number is missing"
		}
		if reason = unescapeURN(&k.value, rest[1:]); reason != "" {
			return reason
		}
		return k.check()
	case "giai", "ginc":
		k.spec, _ = primaryKey(scheme)
		return k.prefixed(body)
	case "cpi":
		k.spec, _ = primaryKey("8010")
		dot := strings.LastIndexByte(body, '.')
		if dot < 0 {
			return "the serial number is missing"
		}
		if reason = k.prefixed(body[:dot]); reason != "" {
			return reason
		}
		return k.ending(body[dot:], "8011")
	}
	return "unknown EPC scheme"
}

// gtinQualifier names the qualifier that ends an EPC built on a GTIN.
func gtinQualifier(scheme string) string {
	switch scheme {
	case "upui":
		return "235"
	case "lgtin":
		return "10"
	}
	return "21"
}

// documentKey is the key of an EPC whose serial number is part of its value.
func documentKey(scheme string) keySpec {
	if scheme == "sgcn" {
		scheme = "gcn"
	}
	s, _ := primaryKey(scheme)
	return s
}

// epcPattern reads a pattern that leaves open nothing but the serial number, the
// way EPCIS writes a class.
func (k *gs1Key) epcPattern(scheme, body string) (reason string) {
	head, ok := strings.CutSuffix(body, ".*")
	if !ok || strings.ContainsRune(head, '*') {
		return "a pattern that names no class"
	}
	var rest string
	switch scheme {
	case "sgtin", "upui":
		k.spec, _ = primaryKey("01")
		rest, reason = k.partition(head, 13, true)
	case "itip":
		k.spec, _ = primaryKey("8006")
		if rest, reason = k.partition(head, 13, true); reason == "" {
			if rest, reason = k.pieces(rest); reason == "" {
				return whole(rest, k.check())
			}
		}
	case "sgln":
		k.spec, _ = primaryKey("414")
		rest, reason = k.partition(head, 12, false)
	case "grai", "gdti", "sgcn":
		k.spec = documentKey(scheme)
		if scheme == "grai" {
			k.value.add('0')
		}
		rest, reason = k.partition(head, 12, false)
	case "cpi":
		k.spec, _ = primaryKey("8010")
		reason = k.prefixed(head)
	default:
		reason = "a pattern of a scheme that has no class"
	}
	return whole(rest, reason)
}

// partition reads "prefix.reference", total digits between them, and adds the
// check digit. The prefix has 6 to 12 digits; with indicator, the reference's
// first digit stands before the prefix in the key. rest is what follows, with
// the point before it.
func (k *gs1Key) partition(body string, total int, indicator bool) (rest, reason string) {
	prefix, ref, ok := strings.Cut(body, ".")
	if !ok || len(prefix) < 6 || len(prefix) > 12 {
		return "", "the company prefix does not have 6 to 12 digits"
	}
	n := total - len(prefix)
	if len(ref) < n {
		return "", k.spec.name + " does not have the right number of digits"
	}
	ref, rest = ref[:n], ref[n:]
	if rest != "" && rest[0] != '.' {
		return "", k.spec.name + " does not have the right number of digits"
	}
	if digits(prefix) < 0 || digits(ref) < 0 {
		return "", k.spec.name + " has a letter where a digit belongs"
	}
	if indicator {
		k.value.add(ref[0])
		ref = ref[1:]
	}
	k.value.addString(prefix)
	k.value.addString(ref)
	k.value.add(checkDigit(k.value.bytes()))
	return rest, ""
}

// pieces reads the ".piece.total" of an ITIP.
func (k *gs1Key) pieces(s string) (rest, reason string) {
	if len(s) < 6 || s[0] != '.' || s[3] != '.' || digits(s[1:3]) < 0 || digits(s[4:6]) < 0 {
		return "", "ITIP without piece and total"
	}
	k.value.addString(s[1:3])
	k.value.addString(s[4:6])
	return s[6:], ""
}

// prefixed reads "prefix.reference" where the reference may hold letters.
func (k *gs1Key) prefixed(body string) string {
	prefix, ref, ok := strings.Cut(body, ".")
	if !ok || len(prefix) < 6 || len(prefix) > 12 || digits(prefix) < 0 {
		return "the company prefix does not have 6 to 12 digits"
	}
	if ref == "" {
		return k.spec.name + " is too short"
	}
	k.value.addString(prefix)
	if reason := unescapeURN(&k.value, ref); reason != "" {
		return reason
	}
	return k.check()
}

// ending reads ".serial" as the qualifier ai, and checks the whole key.
func (k *gs1Key) ending(rest, ai string) string {
	if rest == "" || rest[0] != '.' {
		return "the serial number is missing"
	}
	if reason := k.check(); reason != "" {
		return reason
	}
	q, _ := qualifier(k.spec.ai, ai)
	var t text
	if reason := unescapeURN(&t, rest[1:]); reason != "" {
		return reason
	}
	return k.qualify(q, t)
}

// whole is the reason why a body that ought to be finished is not.
func whole(rest, reason string) string {
	if reason == "" && rest != "" {
		return "something follows the key"
	}
	return reason
}

// unescapeURN decodes a component of an EPC URN: " % & / < > ? and # are
// escaped there and nothing else may be left out (TDS, section 6.3.1).
func unescapeURN(t *text, s string) string {
	if strings.ContainsAny(s, "\"&/<>?#") {
		return "a character that an EPC URN must escape"
	}
	return unescapeLink(t, s)
}

// URN is the EPC URN of a GS1 key, given how many digits of it are the company
// prefix: what labels and older systems write. ok is false for an identifier
// that has none, or not with that prefix.
func (id ID) URN(prefixDigits int) (urn string, ok bool) {
	ai, value, qualifier, qvalue, ok := id.parts()
	n := prefixDigits
	if !ok || n < 6 || n > 12 {
		return "", false
	}
	// The key's digits before its check digit, from the company prefix on.
	ref := func(from, to int) string { return value[from:from+n] + "." + value[from+n:to] }
	gtin := func() string { return value[1:1+n] + "." + value[:1] + value[1+n:13] }
	switch {
	case ai == "00":
		return "urn:epc:id:sscc:" + value[1:1+n] + "." + value[:1] + value[1+n:17], true
	case ai == "01" && qualifier == "":
		return "urn:epc:idpat:sgtin:" + gtin() + ".*", true
	case ai == "01" && qualifier == "10":
		return "urn:epc:class:lgtin:" + gtin() + "." + escapeURN(qvalue), true
	case ai == "01" && qualifier == "21":
		return "urn:epc:id:sgtin:" + gtin() + "." + escapeURN(qvalue), true
	case ai == "01" && qualifier == "235":
		return "urn:epc:id:upui:" + gtin() + "." + escapeURN(qvalue), true
	case ai == "402":
		return "urn:epc:id:gsin:" + ref(0, 16), true
	case ai == "414" && qualifier == "":
		return "urn:epc:id:sgln:" + ref(0, 12) + ".0", true
	case ai == "414":
		return "urn:epc:id:sgln:" + ref(0, 12) + "." + escapeURN(qvalue), true
	case ai == "417":
		return "urn:epc:id:pgln:" + ref(0, 12), true
	case ai == "8017":
		return "urn:epc:id:gsrnp:" + ref(0, 17), true
	case ai == "8018":
		return "urn:epc:id:gsrn:" + ref(0, 17), true
	case ai == "253":
		return serialised("gdti", ref(0, 12), value[13:]), true
	case ai == "255":
		return serialised("sgcn", ref(0, 12), value[13:]), true
	case ai == "8003":
		return serialised("grai", ref(1, 13), value[14:]), true
	case ai == "8006" && qualifier == "10":
		return "", false
	case ai == "8006":
		return serialised("itip", gtin()+"."+value[14:16]+"."+value[16:18], qvalue), true
	}
	// 401, 8004, 8010: the prefix is followed by anything.
	if len(value) <= n || digits(value[:n]) < 0 {
		return "", false
	}
	reference := value[:n] + "." + escapeURN(value[n:])
	switch ai {
	case "401":
		return "urn:epc:id:ginc:" + reference, true
	case "8004":
		return "urn:epc:id:giai:" + reference, true
	}
	return serialised("cpi", reference, qvalue), true
}

// serialised is an EPC with its serial number, or the pattern without one.
func serialised(scheme, key, serial string) string {
	if serial == "" {
		return "urn:epc:idpat:" + scheme + ":" + key + ".*"
	}
	return "urn:epc:id:" + scheme + ":" + key + "." + escapeURN(serial)
}

// escapeURN is the reverse of unescapeURN.
func escapeURN(s string) string {
	if !strings.ContainsAny(s, "\"%&/<>?#") {
		return s
	}
	var b []byte
	for i := range len(s) {
		if strings.IndexByte("\"%&/<>?#", s[i]) >= 0 {
			b = appendEscape(b, s[i])
		} else {
			b = append(b, s[i])
		}
	}
	return string(b)
}
