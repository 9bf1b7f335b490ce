package contracts

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/epcis"
)

// plotsOf searches the ilmd of an event that carries this GeoJSON.
func plotsOf(t testing.TB, geojson string) plotCheck {
	t.Helper()
	record := fmt.Sprintf(`{"@context":[%q,{"wm":%q}],"type":"ObjectEvent","action":"ADD","eventTime":"2026-06-01T10:00:00Z",
		"eventTimeZoneOffset":"+00:00","epcList":["https://id.gs1.org/01/09521102000015/21/A"],"ilmd":{"wm:plots":%s}}`,
		epcis.ContextURL, epcis.Vocabulary, geojson)
	r, err := epcis.Decode(epcis.KindEvent, []byte(record))
	if err != nil {
		t.Fatal(err)
	}
	var check plotCheck
	check.search(&epcis.Value{Kind: epcis.ObjectValue, Obj: r.Event.ILMD}, "", maxPlotDepth)
	return check
}

// Each fixture is as its file says it is. Two name what this rule cannot see or
// only flags: exchanged coordinates that are in range, where nothing says in which
// country they should lie (TestPlacesAreInTheirCountries), and a plot without an id.
func TestPlotFixtures(t *testing.T) {
	want := map[string]string{
		"duplicate-ring":            "has holes as large as itself",
		"feature-without-geometry":  "has no geometry",
		"latitude-out-of-range":     "latitude 200.123456 is beyond 90 degrees",
		"missing-plot-id":           "flag: has no id",
		"multipolygon-farm":         "",
		"point-under-4ha":           "",
		"polygon-over-4ha":          "",
		"reversed-lat-lon":          "",
		"self-intersecting-polygon": "has a ring that crosses or touches itself",
		"unclosed-ring":             "has a ring that is not closed",
	}
	files, err := filepath.Glob("testdata/eudr-geometry/*.geojson")
	if err != nil || len(files) != len(want) {
		t.Fatalf("%d fixtures, want %d: %v", len(files), len(want), err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		check := plotsOf(t, string(b))
		var got []string
		for _, f := range check.bad.facts {
			got = append(got, f.Value)
		}
		for _, f := range check.vague.facts {
			got = append(got, "flag: "+f.Value)
		}
		if name := strings.TrimSuffix(filepath.Base(file), ".geojson"); check.plots != 1 || strings.Join(got, "; ") != want[name] {
			t.Errorf("%s: %d plots, %q, want %q", name, check.plots, got, want[name])
		}
	}
}

func TestGeometryBoundaries(t *testing.T) {
	polygon := func(rings string) string {
		return `{"type":"Feature","properties":{"plot_id":"P"},"geometry":{"type":"Polygon","coordinates":[` + rings + `]}}`
	}
	point := func(area, coordinates string) string {
		return `{"type":"Feature","properties":{"plot_id":"P"` + area + `},"geometry":{"type":"Point","coordinates":` + coordinates + `}}`
	}
	const outline = `[[0.000000,0.000000],[1.000000,0.000000],[1.000000,1.000000],[0.000000,1.000000],[0.000000,0.000000]]`
	for _, c := range []struct{ name, geojson, want string }{
		{"four hectares are a point", point(`,"area_ha":4.0`, `[1.000000,2.000000]`), ""},
		{"a little more is none", point(`,"area_ha":"4.0001"`, `[1.000000,2.000000]`), "is a point, and 4.0001 hectares large"},
		{"a height is passed over", point(`,"area_ha":1`, `[1.000000,2.000000,900]`), ""},
		{"five decimals", point(`,"area_ha":1`, `[1.00000,2.000000]`), "longitude 1.00000 has fewer than 6 decimals"},
		{"sixteen decimals", point(`,"area_ha":1`, `[1.0000000000000000,2.000000]`), "longitude 1.0000000000000000 has more than 15 decimals"},
		{"an exponent", point(`,"area_ha":1`, `[1.000000e0,2.000000]`), "longitude 1.000000e0 is no plain decimal number of degrees"},
		{"a text", point(`,"area_ha":1`, `["1.000000",2.000000]`), "longitude 1.000000 is no plain decimal number of degrees"},
		{"the edge of the world", point(`,"area_ha":1`, `[-180.000000,90.000000]`), ""},
		{"beyond it", point(`,"area_ha":1`, `[-180.000000000000001,90.000000]`), "longitude -180.000000000000001 is beyond 180 degrees"},
		{"a position too short", point(`,"area_ha":1`, `[1.000000]`), "has a position that is not [longitude, latitude]"},
		{"a line", `{"type":"LineString","coordinates":[[0.000000,0.000000],[1.000000,0.000000]]}`, "is a LineString, which has no area"},
		{"an outline", polygon(outline), ""},
		{"three positions", polygon(`[[0.000000,0.000000],[1.000000,0.000000],[0.000000,0.000000]]`), "has a ring of fewer than four positions"},
		{"a line there and back", polygon(`[[0.000000,0.000000],[1.000000,0.000000],[2.000000,0.000000],[0.000000,0.000000]]`), "has a ring that crosses or touches itself"},
		{"two places", polygon(`[[0.000000,0.000000],[0.000000,0.000000],[1.000000,0.000000],[0.000000,0.000000]]`), "has a ring without area"},
		{"a spike", polygon(`[[0.000000,0.000000],[1.000000,0.000000],[2.000000,0.000000],[1.000000,0.000000],[1.000000,1.000000],[0.000000,0.000000]]`),
			"has a ring that crosses or touches itself"},
		{"a corner on a side", polygon(`[[0.000000,0.000000],[2.000000,0.000000],[2.000000,1.000000],[1.000000,0.000000],[0.000000,1.000000],[0.000000,0.000000]]`),
			"has a ring that crosses or touches itself"},
		{"a corner a digit above the side", polygon(`[[0.000000,0.000000],[2.000000,0.000000],[2.000000,1.000000],[1.000000,0.000000000000001],[0.000000,1.000000],[0.000000,0.000000]]`), ""},
		{"a position twice in a row", polygon(`[[0.000000,0.000000],[1.000000,0.000000],[1.000000,0.000000],[1.000000,1.000000],[0.000000,0.000000]]`), ""},
		{"a corner in a straight side", polygon(`[[0.000000,0.000000],[0.500000,0.000000],[1.000000,0.000000],[1.000000,1.000000],[0.000000,0.000000]]`), ""},
		{"a hole", polygon(outline + `,[[0.200000,0.200000],[0.400000,0.200000],[0.400000,0.400000],[0.200000,0.200000]]`), ""},
		{"a hole through the outline", polygon(outline + `,[[0.200000,0.200000],[1.400000,0.200000],[0.400000,0.400000],[0.200000,0.200000]]`),
			"has a hole that crosses its outline"},
		{"a hole outside", polygon(outline + `,[[2.200000,0.200000],[2.400000,0.200000],[2.400000,0.400000],[2.200000,0.200000]]`),
			"has a hole outside of its outline"},
		{"a hole that touches the outline from within", polygon(outline + `,[[0.000000,0.200000],[0.400000,0.200000],[0.400000,0.400000],[0.000000,0.200000]]`), ""},
		{"no rings", polygon(""), "has no ring"},
		{"an empty collection", `{"type":"GeometryCollection","geometries":[]}`, "has no coordinates"},
	} {
		check := plotsOf(t, c.geojson)
		got := ""
		if check.bad.n > 0 {
			got = check.bad.facts[0].Value
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// A ring is simple exactly when no two of its sides meet but neighbours at their
// corner, tried pair by pair with exact fractions.
func TestSimpleRings(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(3, 8).Draw(rt, "corners")
		ring := make([]vertex, n)
		for i := range ring {
			ring[i] = vertex{rapid.Int64Range(0, 6).Draw(rt, "x"), rapid.Int64Range(0, 6).Draw(rt, "y")}
			if i > 0 && ring[i] == ring[i-1] {
				rt.Skip("a position twice")
			}
		}
		if ring[0] == ring[n-1] {
			rt.Skip("a position twice")
		}
		ring = append(ring, ring[0])
		want := true
		for i := range n {
			for j := i + 1; j < n; j++ {
				shared := commonPoints(ring[i], ring[i+1], ring[j], ring[j+1])
				neighbours := j == i+1 || i == 0 && j == n-1
				if neighbours && shared > 1 || !neighbours && shared > 0 {
					want = false
				}
			}
		}
		var s survey
		if got := s.simple(ring) == ""; got != want {
			rt.Fatalf("%v: simple %v, want %v", ring, got, want)
		}
	})
}

// commonPoints counts the points that two segments share: 0, 1, or 2 for more.
func commonPoints(a, b, c, d vertex) int {
	// Parameters s and t of the crossing: a + s(b-a) = c + t(d-c), by Cramer.
	det := (b.x-a.x)*(c.y-d.y) - (b.y-a.y)*(c.x-d.x)
	if det != 0 {
		s := (c.x-a.x)*(c.y-d.y) - (c.y-a.y)*(c.x-d.x)
		u := (b.x-a.x)*(c.y-a.y) - (b.y-a.y)*(c.x-a.x)
		if det < 0 {
			det, s, u = -det, -s, -u
		}
		if s >= 0 && s <= det && u >= 0 && u <= det {
			return 1
		}
		return 0
	}
	if (b.x-a.x)*(c.y-a.y) != (b.y-a.y)*(c.x-a.x) { // parallel
		return 0
	}
	along := func(v vertex) int64 { return v.x*7 + v.y } // grows strictly along any one line but 7x+y constant
	if (b.x-a.x)*7+(b.y-a.y) == 0 {
		along = func(v vertex) int64 { return v.x }
	}
	low, high := max(min(along(a), along(b)), min(along(c), along(d))), min(max(along(a), along(b)), max(along(c), along(d)))
	switch {
	case low > high:
		return 0
	case low == high:
		return 1
	}
	return 2
}

// An outline of thousands of corners is checked quickly, and one made to be slow
// is refused instead.
func TestIntricateOutlines(t *testing.T) {
	comb := make([]vertex, 0, 6000)
	for i := range 1500 { // teeth from west to east: every side spans all longitudes
		y := int64(i * 4)
		comb = append(comb, vertex{0, y}, vertex{1_000_000, y + 1}, vertex{1_000_000, y + 2}, vertex{1, y + 3})
	}
	comb = append(comb, vertex{-1, 6001}, vertex{-1, 0}, vertex{0, 0})
	var s survey
	if fault := s.simple(comb); fault != "is too intricate to be checked" {
		t.Errorf("a comb of %d corners: %q", len(comb), fault)
	}
	if s.steps > maxSteps+1 {
		t.Errorf("it took %d steps", s.steps)
	}
	saw := make([]vertex, 0, 6000)
	for i := range 5000 {
		saw = append(saw, vertex{int64(i) * 10, int64(i % 2 * 1000)})
	}
	saw = append(saw, vertex{50_000, -5}, vertex{-5, -5}, vertex{0, 0})
	s = survey{}
	if fault := s.simple(saw); fault != "" {
		t.Errorf("a saw of %d corners: %q after %d steps", len(saw), fault, s.steps)
	}
}

// Coordinates are compared as they stand, not as floats would have them.
func TestExactCoordinates(t *testing.T) {
	for _, c := range []struct {
		text string
		n    int64
		ok   bool
	}{
		{"0.1", 100_000_000_000_000, true}, {"-179.999999999999999", -179_999_999_999_999_999, true},
		{"12", 12_000_000_000_000_000, true}, {"1234.5", 0, false}, {".5", 0, false}, {"", 0, false}, {"1.2.3", 0, false}, {"+1", 0, false},
	} {
		if n, _, ok := scaled(c.text, 15); ok != c.ok || ok && n != c.n {
			t.Errorf("%q: %d %v, want %d %v", c.text, n, ok, c.n, c.ok)
		}
	}
}
