package contracts

import (
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// describe keeps of master data what other rules read: the country and position
// of a place (CBV 2.0, section 9.2: countryCode, latitude, longitude), the
// commodity code and the temperature limits of a product (our hsCode and
// temperatureLimits). What does not read is as if it were not there.
func describe(state *trace.DescriptionState, attributes []epcis.Attribute) {
	var latitude, longitude string
	for _, a := range attributes {
		switch {
		case isMasterData(a.ID, "countryCode"):
			if country := textOf(a.Value); len(country) == 2 {
				state.Country = strings.ToUpper(country)
			}
		case isMasterData(a.ID, "latitude"):
			latitude = textOf(a.Value)
		case isMasterData(a.ID, "longitude"):
			longitude = textOf(a.Value)
		case isOurs(a.ID, "hsCode"):
			state.HS = commodity(textOf(a.Value))
		case isOurs(a.ID, "temperatureLimits"):
			if limits, err := temperatureLimits(a.Value); err == nil {
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

// described is the master data of a class, lot or place, as far as the ledger
// keeps it; nil when it has none.
func (c *hearing) described(k trace.Key) (*trace.DescriptionState, error) {
	var state trace.DescriptionState
	found, err := c.read(k, &state)
	if err != nil || !found {
		return nil, err
	}
	return &state, nil
}

// commodity is a code of the Harmonized System in digits alone, "" for text that
// is none: two to twelve digits, written with or without points and spaces.
func commodity(s string) string {
	s = strings.NewReplacer(".", "", " ", "").Replace(s)
	if len(s) < 2 || len(s) > 12 || strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}
