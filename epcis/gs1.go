package epcis

import "errors"

// keySpec is one GS1 identification key: its application identifier and the
// form of its value (GS1 General Specifications, section 3; GS1 Barcode Syntax
// Dictionary).
type keySpec struct {
	ai, name string
	digits   int // leading digits, the last of them a check digit
	tail     int // most characters after those
	set      charset
}

// charset says which characters a value may hold.
type charset uint8

const (
	set82      charset = iota // GS1 AI encodable character set 82
	set39                     // GS1 AI encodable character set 39
	setNumeric                // digits
)

func (s charset) holds(c byte) bool {
	switch {
	case isDigit(c):
		return true
	case s == setNumeric:
		return false
	case c >= 'A' && c <= 'Z':
		return true
	case s == set39:
		return c == '#' || c == '-' || c == '/'
	case c >= 'a' && c <= 'z':
		return true
	case c == '_' || c == '!' || c == '"':
		return true
	}
	// % & ' ( ) * + , - . / and : ; < = > ?
	return c >= '%' && c <= '/' || c >= ':' && c <= '?'
}

// primaryKey returns the key that an application identifier or its short name
// in a Digital Link stands for (GS1 Digital Link 1.2, section "Primary
// identification keys").
func primaryKey(code string) (keySpec, bool) {
	switch code {
	case "00", "sscc":
		return keySpec{ai: "00", name: "SSCC", digits: 18}, true
	case "01", "gtin":
		return keySpec{ai: "01", name: "GTIN", digits: 14}, true
	case "253", "gdti":
		return keySpec{ai: "253", name: "GDTI", digits: 13, tail: 17}, true
	case "255", "gcn":
		return keySpec{ai: "255", name: "GCN", digits: 13, tail: 12, set: setNumeric}, true
	case "401", "ginc":
		return keySpec{ai: "401", name: "GINC", tail: 30}, true
	case "402", "gsin":
		return keySpec{ai: "402", name: "GSIN", digits: 17}, true
	case "414", "gln":
		return keySpec{ai: "414", name: "GLN", digits: 13}, true
	case "417", "party":
		return keySpec{ai: "417", name: "party GLN", digits: 13}, true
	case "8003", "grai":
		return keySpec{ai: "8003", name: "GRAI", digits: 14, tail: 16}, true
	case "8004", "giai":
		return keySpec{ai: "8004", name: "GIAI", tail: 30}, true
	case "8006", "itip":
		return keySpec{ai: "8006", name: "ITIP", digits: 14, tail: 4, set: setNumeric}, true
	case "8010", "cpid":
		return keySpec{ai: "8010", name: "CPID", tail: 30, set: set39}, true
	case "8017", "gsrnp":
		return keySpec{ai: "8017", name: "GSRN of a provider", digits: 18}, true
	case "8018", "gsrn":
		return keySpec{ai: "8018", name: "GSRN of a recipient", digits: 18}, true
	}
	return keySpec{}, false
}

// qualifierSpec is one key qualifier.
type qualifierSpec struct {
	ai, name string
	most     int // characters
	set      charset
	rank     int // of the order in which a Digital Link states them
}

// qualifier returns the key qualifier that an application identifier or its
// short name stands for beside a primary key.
func qualifier(primary, code string) (qualifierSpec, bool) {
	switch primary {
	case "01", "8006":
		switch code {
		case "22", "cpv":
			return qualifierSpec{ai: "22", name: "consumer product variant", most: 20, rank: 1}, true
		case "10", "lot":
			return qualifierSpec{ai: "10", name: "lot", most: 20, rank: 2}, true
		case "21", "ser":
			return qualifierSpec{ai: "21", name: "serial number", most: 20, rank: 3}, true
		case "235":
			// It stands alone: nothing may precede or follow it.
			return qualifierSpec{ai: "235", name: "third-party serial number", most: 28, rank: 4}, primary == "01"
		}
	case "414":
		if code == "254" || code == "glnx" {
			return qualifierSpec{ai: "254", name: "GLN extension", most: 20, rank: 1}, true
		}
	case "8010":
		if code == "8011" || code == "cpsn" {
			return qualifierSpec{ai: "8011", name: "CPID serial number", most: 12, set: setNumeric, rank: 1}, true
		}
	case "8017", "8018":
		if code == "8019" || code == "srin" {
			return qualifierSpec{ai: "8019", name: "service relation instance number", most: 10, set: setNumeric, rank: 1}, true
		}
	}
	return qualifierSpec{}, false
}

// text is a decoded value. It lives on the stack: identifiers are read for every
// record in consensus.
type text struct {
	b    [36]byte // the longest value has 30 characters
	n    int
	over bool // more than fits
}

func (t *text) add(c byte) {
	if t.n == len(t.b) {
		t.over = true
		return
	}
	t.b[t.n] = c
	t.n++
}

func (t *text) addString(s string) {
	for i := range len(s) {
		t.add(s[i])
	}
}

func (t *text) bytes() []byte { return t.b[:t.n] }

// gs1Key is a GS1 key as it is being read: decoded values.
type gs1Key struct {
	spec      keySpec
	value     text
	qualifier string // application identifier of the finest qualifier, "" when there is none
	qvalue    text
	lot       text // stated beside a serial number
	valid     bool // read through to its end
	lenient   bool // check digits are not verified
}

// check validates the primary value and returns why it is wrong, "" when it is
// right.
func (k *gs1Key) check() string {
	s, v := k.spec, k.value.bytes()
	if k.value.over || len(v) > s.digits+s.tail {
		return s.name + " is too long"
	}
	if s.digits == 0 {
		// The value begins with a GS1 company prefix, of four digits at the least.
		if len(v) < 4 || !allDigits(v[:4]) {
			return s.name + " does not begin with a GS1 company prefix"
		}
	} else {
		if len(v) < s.digits {
			return s.name + " is too short"
		}
		if !allDigits(v[:s.digits]) {
			return s.name + " has a letter where a digit belongs"
		}
		if !k.lenient && checkDigit(v[:s.digits-1]) != v[s.digits-1] {
			return s.name + " has a wrong check digit"
		}
	}
	for _, c := range v[s.digits:] {
		if !s.set.holds(c) {
			return s.name + " has a character that GS1 does not allow there"
		}
	}
	switch s.ai {
	case "8003":
		if v[0] != '0' {
			return "GRAI does not begin with 0"
		}
	case "8006":
		if len(v) != 18 {
			return "ITIP is too short"
		}
		piece, total := string(v[14:16]), string(v[16:18])
		if piece == "00" || piece > total {
			return "ITIP counts a piece that its total does not have"
		}
	}
	return ""
}

// checkQualifier validates the value of a qualifier.
func checkQualifier(q qualifierSpec, t *text) string {
	v := t.bytes()
	switch {
	case len(v) == 0:
		return q.name + " is empty"
	case t.over || len(v) > q.most:
		return q.name + " is too long"
	}
	for _, c := range v {
		if !q.set.holds(c) {
			return q.name + " has a character that GS1 does not allow there"
		}
	}
	if q.ai == "8011" && v[0] == '0' {
		return "CPID serial number begins with 0"
	}
	return ""
}

// level says what a valid key names.
func (k *gs1Key) level() Level {
	switch k.spec.ai {
	case "00", "8004":
		return Item
	case "01", "8006":
		switch k.qualifier {
		case "21", "235":
			return Item
		case "10":
			return Lot
		}
		return Class
	case "8003":
		if k.value.n > 14 {
			return Item
		}
		return Class
	case "8010":
		if k.qualifier != "" {
			return Item
		}
		return Class
	case "414":
		return Place
	case "417":
		return PartyID
	}
	return Document
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

var errCheckDigit = errors.New("a check digit is computed from digits only")

// CheckDigit returns the GS1 check digit, an ASCII digit, of the digits that
// stand before it (GS1 General Specifications, section 7.9.1).
func CheckDigit(digits string) (byte, error) {
	if digits == "" {
		return 0, errCheckDigit
	}
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return 0, errCheckDigit
		}
	}
	return checkDigit([]byte(digits)), nil
}

// checkDigit weighs the digits 3, 1, 3, … from the right.
func checkDigit(digits []byte) byte {
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += weight * int(digits[i]-'0')
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}
