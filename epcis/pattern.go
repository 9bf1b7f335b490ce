package epcis

import (
	"errors"
	"net/url"
	"strings"
)

// patternPrefix begins the URN of a pattern.
const patternPrefix = "urn:epc:idpat:"

// Why a pattern is none.
var (
	ErrPatternScheme = errors.New("it is of no scheme that has patterns")
	ErrPatternForm   = errors.New("it does not have the parts of its scheme, of which each from the first * on is *")
)

// Pattern stands for the EPCs of one scheme whose first parts are given (GS1 EPC
// Tag Data Standard, "Pure Identity Pattern URIs"): urn:epc:idpat:sgtin:9521101.*.*
// is every item of that company.
type Pattern struct {
	scheme string
	parts  []string // of the URN's body, escaped one way; "*" for any
	digits int      // of the company prefix
}

// IsPattern reports whether a URI is meant as a pattern.
func IsPattern(uri string) bool { return hasPrefixFold(uri, patternPrefix) }

// ParsePattern reads a pattern. ErrPatternScheme, ErrPatternForm.
func ParsePattern(uri string) (Pattern, error) {
	if !IsPattern(uri) {
		return Pattern{}, ErrPatternForm
	}
	scheme, body, _ := strings.Cut(uri[len(patternPrefix):], ":")
	n, digitsInAll, ok := patternParts(scheme)
	if !ok {
		return Pattern{}, ErrPatternScheme
	}
	p := Pattern{scheme: scheme, parts: urnParts(body, n), digits: 6}
	if len(p.parts) != n {
		return Pattern{}, ErrPatternForm
	}
	open := false
	for _, part := range p.parts {
		if part == "" || open && part != "*" {
			return Pattern{}, ErrPatternForm
		}
		open = open || part == "*"
	}
	if n == 1 || p.parts[0] == "*" || notGS1(scheme) {
		return p, nil
	}
	p.digits = len(p.parts[0])
	if p.digits < 6 || p.digits > 12 || digits(p.parts[0]) < 0 {
		return Pattern{}, ErrPatternForm
	}
	if ref := p.parts[1]; digitsInAll > 0 && ref != "*" && (p.digits+len(ref) != digitsInAll || digits(ref) < 0) {
		return Pattern{}, ErrPatternForm
	}
	return p, nil
}

// patternParts is how many parts the EPCs of a scheme have, and how many digits the
// first two where that is fixed.
func patternParts(scheme string) (n, digits int, ok bool) {
	switch scheme {
	case "sgtin", "upui":
		return 3, 13, true
	case "itip":
		return 5, 13, true
	case "sgln", "grai", "gdti", "sgcn":
		return 3, 12, true
	case "sscc", "gsrn", "gsrnp":
		return 2, 17, true
	case "gsin":
		return 2, 16, true
	case "pgln":
		return 2, 12, true
	case "giai", "ginc", "usdod":
		return 2, 0, true
	case "cpi", "adi", "gid":
		return 3, 0, true
	case "bic", "imovn":
		return 1, 0, true
	}
	return 0, 0, false
}

// notGS1 tells the schemes whose EPCs do not begin with a company prefix.
func notGS1(scheme string) bool {
	return scheme == "usdod" || scheme == "adi" || scheme == "gid"
}

// urnParts cuts the body of an EPC into n parts; the last may hold points.
func urnParts(body string, n int) []string {
	parts := strings.SplitN(body, ".", n)
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil && strings.IndexByte(part, '%') >= 0 {
			parts[i] = escapeURN(plain)
		}
	}
	return parts
}

// Matches reports whether an identifier is an EPC that the pattern stands for,
// whatever form it was written in.
func (p Pattern) Matches(id ID) bool {
	urn := id.URI
	if made, ok := id.URN(p.digits); ok {
		urn = made
	}
	body, ok := strings.CutPrefix(urn, "urn:epc:id:")
	if ok {
		body, ok = strings.CutPrefix(body, p.scheme+":")
	}
	if !ok {
		return false
	}
	parts := urnParts(body, len(p.parts))
	if len(parts) != len(p.parts) {
		return false
	}
	for i, part := range p.parts {
		if part != "*" && part != parts[i] {
			return false
		}
	}
	return true
}
