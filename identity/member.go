package identity

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	countryPattern = regexp.MustCompile(`^[A-Z]{2}$`)
	prefixPattern  = regexp.MustCompile(`^[0-9]{4,12}$`)
	nodeIDPattern  = regexp.MustCompile(`^[0-9a-f]{40}$`)
	peerPattern    = regexp.MustCompile(`^[1-9A-HJ-NP-Za-km-z]{40,64}$`)
	partyPattern   = regexp.MustCompile(`^https://id\.gs1\.org/417/[0-9]{13}$`)
)

// Customs returns the country of a customs authority's role, "customs:XX".
func (r Role) Customs() (country string, ok bool) {
	country, ok = strings.CutPrefix(string(r), "customs:")
	return country, ok && countryPattern.MatchString(country)
}

// CustomsOf is the role of a country's customs authority.
func CustomsOf(country string) Role { return Role("customs:" + country) }

// Known reports whether r is one of the roles, "customs:XX" included.
func (r Role) Known() bool {
	switch r {
	case Producer, Manufacturer, Trader, Platform, Merchant, Retailer, Carrier, Warehouse, Certifier, Accreditor, Bank:
		return true
	}
	_, ok := r.Customs()
	return ok
}

// Has reports whether the organisation has the role.
func (o *Organisation) Has(r Role) bool { return slices.Contains(o.Roles, r) }

// PartyID reports whether an id can be an organisation's: a party GLN, with its check
// digit, as a canonical Digital Link.
func PartyID(id string) bool {
	return partyPattern.MatchString(id) && checkDigitHolds(id[len(id)-13:])
}

// Validate reports every mistake in one organisation by itself.
func (o *Organisation) Validate() error { return o.validate(true) }

// ValidateDescription reports the same but for its keys, which an organisation that is
// described anew keeps.
func (o *Organisation) ValidateDescription() error { return o.validate(false) }

func (o *Organisation) validate(keys bool) error {
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("organisation %s: "+format, append([]any{o.ID}, args...)...))
	}
	if !partyPattern.MatchString(o.ID) {
		wrong("its id is not a party GLN as a canonical Digital Link, https://id.gs1.org/417/ and 13 digits")
	} else if !checkDigitHolds(o.ID[len(o.ID)-13:]) {
		wrong("its party GLN has a wrong check digit, the last one")
	}
	if o.Name == "" || len(o.Name) > 200 || !utf8.ValidString(o.Name) {
		wrong("its name does not have 1 to 200 bytes")
	}
	if !countryPattern.MatchString(o.Country) {
		wrong("country %q is not two capital letters", o.Country)
	}
	if len(o.Roles) == 0 {
		wrong("it has no role")
	}
	for i, r := range o.Roles {
		if !r.Known() {
			wrong("role %q is not known", r)
		}
		if slices.Contains(o.Roles[:i], r) {
			wrong("role %q stands there twice", r)
		}
	}
	for i, s := range o.Schemes {
		if s == "" || slices.Contains(o.Schemes[:i], s) {
			wrong("scheme %q is empty or stands there twice", s)
		}
	}
	if len(o.Schemes) > 0 && !o.Has(Certifier) && !o.Has(Accreditor) {
		wrong("it has schemes but is no certifier or accreditor")
	}
	for _, p := range o.Prefixes {
		if !prefixPattern.MatchString(p) {
			wrong("prefix %q does not have 4 to 12 digits", p)
		}
	}
	if keys && len(o.Keys) == 0 {
		wrong("it has no key")
	}
	if len(o.Keys) > MaxKeys {
		wrong("it has %d keys, and may have %d", len(o.Keys), MaxKeys)
	}
	for i, k := range o.Keys {
		if _, _, err := ParsePublicKey(k); err != nil {
			wrong("key %q: %w", k, err)
		}
		if slices.Contains(o.Keys[:i], k) {
			wrong("key %q stands there twice", k)
		}
	}
	if o.Peer != "" && !peerPattern.MatchString(o.Peer) {
		wrong("peer %q is not a libp2p peer id in base 58", o.Peer)
	}
	if o.NodeID != "" && !nodeIDPattern.MatchString(o.NodeID) {
		wrong("nodeId %q is not 40 lower-case hex digits", o.NodeID)
	}
	return errors.Join(errs...)
}

// checkDigitHolds checks the GS1 mod-10 check digit of a whole key (GS1 General
// Specifications, section 7.9.1). Package epcis has the full treatment; ground
// packages do not import each other for one sum.
func checkDigitHolds(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 3
		}
		sum += d
	}
	return sum%10 == 0
}

// IsPrefix reports whether a text has the form of a GS1 company prefix.
func IsPrefix(text string) bool { return prefixPattern.MatchString(text) }

// Overlapping is the first of an organisation's GS1 company prefixes that begins with
// prefix or that prefix begins with; empty when none does. GS1 issues no such two: of
// two organisations each would license what begins with the longer one.
func Overlapping(prefix string, prefixes []string) string {
	for _, p := range prefixes {
		if strings.HasPrefix(p, prefix) || strings.HasPrefix(prefix, p) {
			return p
		}
	}
	return ""
}

// Validate reports every mistake in the members and parameters: each
// organisation by itself, and whatever two of them may not share (id, key,
// prefix, peer, node id).
func (g *Genesis) Validate() error {
	errs := []error{g.Parameters.Validate()}
	if len(g.Organisations) == 0 {
		errs = append(errs, errors.New("there is no organisation"))
	}
	owners := map[string]string{}
	claim := func(what, value, owner string) {
		if value == "" {
			return
		}
		if other, taken := owners[what+" "+value]; taken {
			errs = append(errs, fmt.Errorf("organisation %s: %s %s is that of %s", owner, what, value, other))
			return
		}
		owners[what+" "+value] = owner
	}
	for i := range g.Organisations {
		o := &g.Organisations[i]
		errs = append(errs, o.Validate())
		claim("id", o.ID, o.ID)
		for _, k := range o.Keys {
			claim("key", k, o.ID)
		}
		for _, p := range o.Prefixes {
			claim("prefix", p, o.ID)
			for j := range g.Organisations[:i] {
				if other := Overlapping(p, g.Organisations[j].Prefixes); other != "" && other != p {
					errs = append(errs, fmt.Errorf("organisation %s: prefix %s overlaps with %s of %s", o.ID, p, other, g.Organisations[j].ID))
				}
			}
		}
		claim("peer", o.Peer, o.ID)
		claim("nodeId", o.NodeID, o.ID)
	}
	return errors.Join(errs...)
}
