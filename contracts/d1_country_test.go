package contracts

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/identity"
)

// The list has countries that there are, in order, each once, and boxes that enclose something.
func TestCountryBoxes(t *testing.T) {
	var codes []string
	for row := range strings.SplitSeq(countryBoxes, ";") {
		if row = strings.TrimSpace(row); row == "" {
			continue
		}
		if !regexp.MustCompile(`^[A-Z]{2}( -?\d{1,3}){4}$`).MatchString(row) {
			t.Errorf("row %q", row)
		}
		code := row[:2]
		codes = append(codes, code)
		b, known := countryBox(code)
		if !known || !identity.KnownCountry(code) || b.west >= b.east || b.south >= b.north ||
			b.west < -180*wholeDegree || b.east > 180*wholeDegree || b.south < -90*wholeDegree || b.north > 90*wholeDegree {
			t.Errorf("%s: %+v, %t", code, b, known)
		}
	}
	if len(codes) < 150 || !slices.IsSorted(codes) || len(slices.Compact(slices.Clone(codes))) != len(codes) {
		t.Errorf("%d countries: %v", len(codes), codes)
	}
	for _, none := range []string{"", "XX", "E", "et", "-4 ", "15;"} {
		if b, known := countryBox(none); known {
			t.Errorf("%q: %+v", none, b)
		}
	}
}

// Towns where such goods grow are in their countries, and would be somewhere else with
// longitude and latitude exchanged.
func TestPlacesAreInTheirCountries(t *testing.T) {
	for _, place := range []struct {
		country string
		x, y    string // longitude, latitude
	}{
		{"BR", "-45.433333", "-21.550000"}, {"BR", "-60.025000", "-3.100000"}, {"CI", "-6.650000", "6.733333"},
		{"CM", "11.516667", "3.866667"}, {"CO", "-75.681111", "4.813333"}, {"CR", "-84.083333", "9.933333"},
		{"EC", "-79.450000", "-1.000000"}, {"EC", "-90.316667", "-0.750000"}, {"ES", "-16.250000", "28.466667"},
		{"ET", "38.203000", "6.162000"}, {"FR", "-52.333333", "4.933333"}, {"GH", "-1.616667", "6.683333"},
		{"GT", "-91.516667", "14.833333"}, {"HN", "-88.783333", "14.766667"}, {"ID", "98.666667", "3.583333"},
		{"IN", "75.733333", "12.416667"}, {"KE", "37.083333", "-0.416667"}, {"LR", "-10.800000", "6.316667"},
		{"MG", "47.516667", "-18.916667"}, {"MX", "-92.633333", "16.733333"}, {"MY", "101.450000", "3.033333"},
		{"NI", "-85.916667", "13.100000"}, {"PE", "-75.000000", "-11.050000"},
		{"PG", "145.383333", "-6.083333"}, {"PY", "-55.866667", "-27.333333"}, {"RW", "29.733333", "-2.600000"},
		{"SE", "20.266667", "63.833333"}, {"ST", "6.733333", "0.333333"}, {"TZ", "37.333333", "-3.333333"},
		{"UG", "34.166667", "1.083333"}, {"US", "-155.983333", "19.650000"}, {"VN", "108.050000", "12.666667"},
	} {
		check := plotsOf(t, `{"type":"Feature","properties":{"plot_id":"P","Area":1,"ProducerCountry":"`+place.country+
			`"},"geometry":{"type":"Point","coordinates":[`+place.x+`,`+place.y+`]}}`)
		if len(check.abroad.facts)+len(check.bad.facts)+len(check.vague.facts) > 0 {
			t.Errorf("%+v: %+v", place, check)
		}
		check = plotsOf(t, `{"type":"FeatureCollection","country":"`+place.country+`","features":[{"type":"Feature","properties":{"plot_id":"P","Area":1},`+
			`"geometry":{"type":"Point","coordinates":[`+place.y+`,`+place.x+`]}}]}`)
		longitude, err := strconv.ParseFloat(place.x, 64)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case longitude < -90 || longitude > 90: // no latitude
			if len(check.bad.facts) != 1 {
				t.Errorf("%+v exchanged: %+v", place, check)
			}
		case len(check.abroad.facts) != 1 || !strings.HasSuffix(check.abroad.facts[0].Value, "exchanged"):
			t.Errorf("%+v exchanged: %+v", place, check.abroad)
		}
	}
}

// An outline is judged by its farthest corners, each plot by itself, and at the very degree.
func TestPlotsAreWithinTheBox(t *testing.T) {
	square := func(country, east string) string {
		return `{"type":"Feature","properties":{"plot_id":"P","country":"` + country + `"},"geometry":{"type":"Polygon","coordinates":[[` +
			`[48.900000,6.000000],[` + east + `,6.000000],[` + east + `,6.100000],[48.900000,6.000000]]]}}`
	}
	for _, c := range []struct {
		plots string
		want  []string
	}{
		{square("ET", "49.000000"), nil},
		{square("ET", "49.000001"), []string{"is not in ET"}},
		{square("CL", "49.000000"), []string{"is not in CL"}},
		{square("DE", "49.000000"), []string{"is not in DE: longitude and latitude seem to be exchanged"}},
		{square("KI", "49.000000"), nil}, // not in the list
		{square("Ethiopia", "49.000000"), nil},
		{`{"type":"FeatureCollection","features":[` + square("SO", "49.000000") + `,` + square("ET", "49.000001") + `,` + square("SO", "49.100000") + `]}`,
			[]string{"is not in ET"}},
		{`{"type":"FeatureCollection","country":"GH","features":[` + square("SO", "49.000000") + `]}`, nil},
	} {
		var got []string
		check := plotsOf(t, c.plots)
		for _, f := range check.abroad.facts {
			got = append(got, f.Value)
		}
		if !slices.Equal(got, c.want) || len(check.bad.facts) > 0 {
			t.Errorf("%s: %v, want %v; %v", c.plots, got, c.want, check.bad.facts)
		}
	}
}
