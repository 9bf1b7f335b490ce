package identity

import (
	"strings"
	"testing"
)

func TestKnownCountries(t *testing.T) {
	if n := len(strings.Fields(countries)); n != 249+1 {
		t.Errorf("there are %d codes, and ISO 3166-1 has 249 beside XK", n)
	}
	for _, code := range strings.Fields(countries) {
		if !KnownCountry(code) {
			t.Errorf("%s is none", code)
		}
	}
	for _, code := range []string{"", " ", "XX", "UK", "EU", "ZZ", "de", "DEU", "D", " D", "D E", "DE "} {
		if KnownCountry(code) {
			t.Errorf("%q is one", code)
		}
	}
}
