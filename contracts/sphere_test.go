package contracts

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/trace"
)

func at(t testing.TB, uri string) trace.Position {
	t.Helper()
	p, ok := geoURI(uri)
	if !ok || p == nil {
		t.Fatalf("%s is no position", uri)
	}
	return *p
}

// The distances are geodesics on WGS 84 (Vincenty's inverse formula), in metres:
// the sphere has to be within half a percent of them.
func TestDistancesOfCities(t *testing.T) {
	for _, c := range []struct {
		a, b, from, to string
		metres         int64
	}{
		{"London", "New York", "geo:51.5074,-0.1278", "geo:40.7128,-74.006", 5585234},
		{"Paris", "Tokyo", "geo:48.8566,2.3522", "geo:35.6762,139.6503", 9735309},
		{"Sydney", "Cape Town", "geo:-33.8688,151.2093", "geo:-33.9249,18.4241", 11033728},
		{"Santos", "Hamburg", "geo:-23.9608,-46.3336", "geo:53.5511,9.9937", 10148579},
		{"Djibouti", "Hamburg", "geo:11.5721,43.1456", "geo:53.5511,9.9937", 5504189},
		{"Victoria", "Trieste", "geo:-4.6191,55.4513", "geo:45.6495,13.7768", 6928202},
		{"Anchorage", "Tokyo", "geo:61.2181,-149.9003", "geo:35.6762,139.6503", 5578043},
		{"Suva", "Apia", "geo:-18.1248,178.4501", "geo:-13.8507,-171.7514", 1150185},
		{"Berlin", "Potsdam", "geo:52.52,13.405", "geo:52.3906,13.0645", 27260},
	} {
		got := metres(at(t, c.from), at(t, c.to))
		if off := abs(got - c.metres); off*200 > c.metres {
			t.Errorf("%s to %s: %d m, want %d within 0.5%%", c.a, c.b, got, c.metres)
		}
	}
}

func drawPosition(t *rapid.T, name string) trace.Position {
	return trace.Position{
		Latitude:  rapid.Int32Range(-90*degree, 90*degree).Draw(t, name+" latitude"),
		Longitude: rapid.Int32Range(-180*degree, 180*degree).Draw(t, name+" longitude"),
	}
}

// Against the same formula in floating point, and between 0 and half the Earth.
func TestDistanceIsTheHaversine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		a, b := drawPosition(rt, "a"), drawPosition(rt, "b")
		radians := func(n int32) float64 { return float64(n) * math.Pi / 180e6 }
		h := math.Pow(math.Sin((radians(a.Latitude)-radians(b.Latitude))/2), 2) +
			math.Cos(radians(a.Latitude))*math.Cos(radians(b.Latitude))*math.Pow(math.Sin((radians(a.Longitude)-radians(b.Longitude))/2), 2)
		want := 2 * 6371008.8 * math.Asin(math.Min(1, math.Sqrt(h)))
		got := float64(metres(a, b))
		tolerance := 2 + want*1e-6
		if want > 19_900_000 { // the arcsine is steep at the antipode
			tolerance = 1500
		}
		if math.Abs(got-want) > tolerance {
			rt.Fatalf("%v to %v: %.0f m, want %.1f", a, b, got, want)
		}
		if back := metres(b, a); back != metres(a, b) {
			rt.Fatalf("%v to %v is %.0f m, and %d back", a, b, got, back)
		}
		if metres(a, a) != 0 {
			rt.Fatalf("%v is %d m from itself", a, metres(a, a))
		}
	})
}

// Further along a parallel, up to half way round, is never nearer.
func TestDistanceGrows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		latitude := rapid.Int32Range(-89*degree, 89*degree).Draw(rt, "latitude")
		near := rapid.Int32Range(0, 179*degree).Draw(rt, "near")
		far := rapid.Int32Range(near, 179*degree).Draw(rt, "far")
		from := trace.Position{Latitude: latitude}
		d1 := metres(from, trace.Position{Latitude: latitude, Longitude: near})
		d2 := metres(from, trace.Position{Latitude: latitude, Longitude: far})
		if d1 > d2+20 { // billionths of a sine
			rt.Fatalf("at %d: %d m to %d, %d m to %d", latitude, d1, near, d2, far)
		}
	})
}

func TestSineAndRoot(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		angle := rapid.Int64Range(0, 90*degree).Draw(rt, "angle")
		if got, want := float64(sine(angle)), 1e9*math.Sin(float64(angle)*math.Pi/180e6); math.Abs(got-want) > 4 {
			rt.Fatalf("sine of %d is %.0f, want %.2f", angle, got, want)
		}
		n := rapid.Int64Range(0, 2*unit*unit).Draw(rt, "n")
		if r := root(n); r*r > n || (r+1)*(r+1) <= n {
			rt.Fatalf("root of %d is %d", n, r)
		}
	})
}

func TestPositions(t *testing.T) {
	for uri, want := range map[string]*trace.Position{
		"geo:48.2010,16.3695,183;u=40":        {Latitude: 48_201_000, Longitude: 16_369_500},
		"GEO:-0.5,-180":                       {Latitude: -500_000, Longitude: -180_000_000},
		"geo:90.0000001,0":                    {Latitude: 90_000_000},
		"geo:91,0":                            nil,
		"geo:1e1,0":                           nil,
		"geo:12":                              nil,
		"geo:1,2;crs=wgs84;u=1":               {Latitude: 1_000_000, Longitude: 2_000_000},
		"geo:1,2;crs=nad27":                   nil,
		"geo:1.12345678901234567890,2.000000": nil,
	} {
		got, ok := geoURI(uri)
		if !ok || (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s: %v, want %v", uri, got, want)
		}
	}
	if _, ok := geoURI("https://id.gs1.org/414/9521102000008"); ok {
		t.Error("a GLN is a geo URI")
	}
}
