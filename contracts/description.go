package contracts

import (
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// describe keeps of master data what other rules read: the country and position
// of a place (CBV 2.0, section 9.2: countryCode, latitude, longitude), the
// commodity code and the temperature limits of a product, who may make it, and who may
// use a place (our hsCode, temperatureLimits, madeBy and usedBy). What does not read is as if it were not there.
func (c *hearing) describe(state *trace.DescriptionState, attributes []epcis.Attribute, isPlace bool) {
	var latitude, longitude string
	for _, a := range attributes {
		switch {
		case isMasterData(a.ID, "latitude"):
			latitude = textOf(a.Value)
		case isMasterData(a.ID, "longitude"):
			longitude = textOf(a.Value)
		case isOurs(a.ID, "hsCode"):
			state.HS = commodity(textOf(a.Value))
		case isOurs(a.ID, "usedBy") && isPlace, isOurs(a.ID, "madeBy") && !isPlace:
			state.Allowed = allowedOf(a.Value)
		case isOurs(a.ID, "temperatureLimits"):
			if limits, err := c.temperatureLimits(a.Value); err == nil {
				state.Temperatures = limits
			}
		}
	}
	state.Position = positionOf(latitude, longitude)
}

// isMasterData knows an attribute of the CBV in both spellings of its URN.
func isMasterData(name, word string) bool {
	rest, ok := strings.CutPrefix(name, "urn:epcglobal:cbv:mda")
	return ok && len(rest) > 1 && (rest[0] == ':' || rest[0] == '#') && rest[1:] == word
}

// maxDescriptions bounds what a court remembers: an author can make names up.
const maxDescriptions = 4096

// described is the master data of a class, lot or place, as far as the ledger
// keeps it; nil when it has none. The court remembers it until a masterdata record
// comes. It belongs to whoever reads next as well: nobody changes it.
func (c *hearing) described(k trace.Key) (*trace.DescriptionState, error) {
	if d, ok := c.descriptions[k]; ok {
		return d, nil
	}
	var d *trace.DescriptionState
	var state trace.DescriptionState
	found, err := c.read(k, &state)
	if err != nil {
		return nil, err
	}
	if found {
		d = &state
	}
	if c.descriptions == nil {
		c.descriptions = make(map[trace.Key]*trace.DescriptionState)
	}
	if len(c.descriptions) < maxDescriptions {
		c.descriptions[k] = d
	}
	return d, nil
}

// commodity is a code of the Harmonized System in digits alone, "" for text that
// is none: two to twelve digits, written with or without points and spaces.
func commodity(s string) string {
	var digits [12]byte
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.' || c == ' ':
		case c < '0' || c > '9' || n == len(digits):
			return ""
		default:
			digits[n] = c
			n++
		}
	}
	if n < 2 {
		return ""
	}
	return string(digits[:n])
}
