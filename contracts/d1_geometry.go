package contracts

import (
	"cmp"
	"fmt"
	"math/big"
	"math/bits"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// Geometry of plots: GeoJSON (RFC 7946) with coordinates as they are written, in
// whole 10^-15 degrees. Nothing is rounded: what crosses, crosses by a digit.

const (
	coordinatePlaces = 15 // decimals that are read
	leastPlaces      = 6  // decimals that a plot needs, about 11 cm
)

// vertex is a position, longitude first.
type vertex struct{ x, y int64 }

// A survey checks the geometries of one record. Its budget bounds the work: two
// segments that share a span of longitude are one step.
type survey struct {
	steps    int
	vertices int
	around   box // the plot, of which so many positions are read
	read     int
}

const maxSteps = 200_000

// geometry says what is wrong with a GeoJSON geometry as the outline of a plot,
// "" when nothing is; points is set when there is a point in it.
func (s *survey) geometry(g *epcis.Value, depth int) (fault string, points bool) {
	coordinates := inside(g, "coordinates")
	switch kind := textOf(inside(g, "type")); kind {
	case "Point":
		_, fault = s.position(coordinates)
		return fault, true
	case "MultiPoint":
		for _, p := range listOf(coordinates) {
			if _, fault = s.position(p); fault != "" {
				return fault, true
			}
		}
		return none(coordinates), true
	case "Polygon":
		return s.polygon(coordinates), false
	case "MultiPolygon":
		for _, p := range listOf(coordinates) {
			if fault = s.polygon(p); fault != "" {
				return fault, false
			}
		}
		return none(coordinates), false
	case "GeometryCollection":
		if depth == 0 {
			return "is nested too deeply", false
		}
		members := inside(g, "geometries")
		for _, m := range listOf(members) {
			inner, point := s.geometry(m, depth-1)
			if points = points || point; inner != "" {
				return inner, points
			}
		}
		return none(members), points
	case "":
		return "has no geometry", false
	default:
		return "is a " + short(kind) + ", which has no area", false
	}
}

func listOf(v *epcis.Value) []*epcis.Value {
	if v == nil || v.Kind != epcis.Array {
		return nil
	}
	return v.Items
}

func none(v *epcis.Value) string {
	if len(listOf(v)) == 0 {
		return "has no coordinates"
	}
	return ""
}

// position reads a position of the plot.
func (s *survey) position(v *epcis.Value) (vertex, string) {
	at, fault := position(v)
	if fault == "" {
		s.around.reach(at, s.read == 0)
		s.read++
	}
	return at, fault
}

// position reads [longitude, latitude], a height after them is passed over.
func position(v *epcis.Value) (vertex, string) {
	c := listOf(v)
	if len(c) < 2 || len(c) > 3 {
		return vertex{}, "has a position that is not [longitude, latitude]"
	}
	var at [2]int64
	for i, most := range [...]int64{180, 90} {
		name := [...]string{"longitude", "latitude"}[i]
		n, places, ok := int64(0), 0, c[i].Kind == epcis.Number
		if ok {
			n, places, ok = scaled(c[i].Str, coordinatePlaces)
		}
		switch {
		case !ok:
			return vertex{}, name + " " + short(textOf(c[i])) + " is no plain decimal number of degrees"
		case places > coordinatePlaces:
			return vertex{}, fmt.Sprintf("%s %s has more than %d decimals", name, short(c[i].Str), coordinatePlaces)
		case abs(n) > most*wholeDegree:
			return vertex{}, fmt.Sprintf("%s %s is beyond %d degrees", name, c[i].Str, most)
		case places < leastPlaces:
			return vertex{}, fmt.Sprintf("%s %s has fewer than %d decimals", name, c[i].Str, leastPlaces)
		}
		at[i] = n
	}
	return vertex{at[0], at[1]}, ""
}

// polygon checks its rings: the outer one and its holes.
func (s *survey) polygon(v *epcis.Value) string {
	rings := listOf(v)
	if len(rings) == 0 {
		return "has no ring"
	}
	var outer []vertex
	var left *big.Int // of the area, doubled
	for i, ring := range rings {
		vertices, fault := s.ring(ring)
		if fault != "" {
			return fault
		}
		area := area2(vertices)
		if i == 0 {
			outer, left = vertices, area
			continue
		}
		if left.Sub(left, area).Sign() <= 0 {
			return "has holes as large as itself"
		}
		if fault := s.apart(outer, vertices); fault != "" {
			return fault
		}
		if s.beyond(outer, vertices) {
			return "has a hole outside of its outline"
		}
	}
	return ""
}

// beyond reports whether a hole that does not cross the outline lies outside of it: the first
// of its positions that is not on the outline says so.
func (s *survey) beyond(outer, hole []vertex) bool {
	for _, v := range hole {
		if s.steps += len(outer); s.steps > maxSteps {
			return false
		}
		if where := sideOf(outer, v); where != 0 {
			return where < 0
		}
	}
	return false
}

// sideOf is +1 for a position within a ring, -1 for one outside and 0 for one on it.
func sideOf(ring []vertex, v vertex) int {
	where := -1
	for i := range len(ring) - 1 {
		a, b := ring[i], ring[i+1]
		if a.y > b.y {
			a, b = b, a
		}
		turn := turnOf(a, b, v)
		switch {
		case turn == 0 && v.y >= a.y && v.y <= b.y && v.x >= min(a.x, b.x) && v.x <= max(a.x, b.x):
			return 0
		case v.y >= a.y && v.y < b.y && turn > 0: // a ray to the east meets this side
			where = -where
		}
	}
	return where
}

func (s *survey) ring(v *epcis.Value) ([]vertex, string) {
	list := listOf(v)
	vertices := make([]vertex, 0, len(list))
	for _, p := range list {
		at, fault := s.position(p)
		if fault != "" {
			return nil, fault
		}
		vertices = append(vertices, at)
	}
	n := len(vertices)
	switch {
	case n < 4:
		return nil, "has a ring of fewer than four positions"
	case vertices[0] != vertices[n-1]:
		return nil, "has a ring that is not closed"
	}
	s.vertices += n
	vertices = slices.Compact(vertices) // a position written twice in a row says nothing new
	if len(vertices) < 4 {
		return nil, "has a ring without area"
	}
	return vertices, s.simple(vertices)
}

// area2 is twice the area that a closed ring encloses, exact, in 10^-30 square
// degrees.
func area2(ring []vertex) *big.Int {
	sum, a, b := new(big.Int), new(big.Int), new(big.Int)
	o := ring[0]
	for i := 1; i+1 < len(ring); i++ {
		p, q := ring[i], ring[i+1]
		a.Mul(a.SetInt64(p.x-o.x), b.SetInt64(q.y-o.y))
		sum.Add(sum, a)
		a.Mul(a.SetInt64(p.y-o.y), b.SetInt64(q.x-o.x))
		sum.Sub(sum, a)
	}
	return sum.Abs(sum)
}

// segment is one side of a ring, of its vertices i and i+1, from west to east.
type segment struct {
	a, b vertex // a.x <= b.x
	of   int    // its ring
	i    int
}

func segments(list []segment, ring []vertex, of int) []segment {
	for i := range len(ring) - 1 {
		a, b := ring[i], ring[i+1]
		if b.x < a.x || b.x == a.x && b.y < a.y {
			a, b = b, a
		}
		list = append(list, segment{a, b, of, i})
	}
	return list
}

// meetings calls each for every pair of segments whose boxes meet, from west to
// east, while the budget lasts.
func (s *survey) meetings(list []segment, each func(p, q *segment) string) string {
	slices.SortFunc(list, func(p, q segment) int {
		return cmp.Or(cmp.Compare(p.a.x, q.a.x), cmp.Compare(p.a.y, q.a.y), cmp.Compare(p.of, q.of), cmp.Compare(p.i, q.i))
	})
	for i := range list {
		p := &list[i]
		for j := i + 1; j < len(list) && list[j].a.x <= p.b.x; j++ {
			if s.steps++; s.steps > maxSteps {
				return "is too intricate to be checked"
			}
			q := &list[j]
			if max(q.a.y, q.b.y) < min(p.a.y, p.b.y) || max(p.a.y, p.b.y) < min(q.a.y, q.b.y) {
				continue
			}
			if fault := each(p, q); fault != "" {
				return fault
			}
		}
	}
	return ""
}

// simple: no two sides of a ring have a point in common but neighbours their corner.
func (s *survey) simple(ring []vertex) string {
	sides := len(ring) - 1
	return s.meetings(segments(nil, ring, 0), func(p, q *segment) string {
		low, high := min(p.i, q.i), max(p.i, q.i)
		neighbours := high-low == 1 || low == 0 && high == sides-1
		if neighbours && !foldsBack(ring, low, high, sides) || !neighbours && !touch(p, q) {
			return ""
		}
		return "has a ring that crosses or touches itself"
	})
}

// foldsBack reports whether two neighbouring sides lie on one another.
func foldsBack(ring []vertex, low, high, sides int) bool {
	corner, before, after := ring[high], ring[low], ring[high+1]
	if high-low != 1 { // the last side and the first
		corner, before, after = ring[0], ring[sides-1], ring[1]
	}
	if turnOf(before, corner, after) != 0 {
		return false
	}
	return compareProducts(before.x-corner.x, after.x-corner.x, corner.y-before.y, after.y-corner.y) > 0
}

// apart: no side of one ring crosses one of the other. They may touch.
func (s *survey) apart(outer, hole []vertex) string {
	return s.meetings(segments(segments(nil, outer, 0), hole, 1), func(p, q *segment) string {
		if p.of == q.of || !cross(p, q) {
			return ""
		}
		return "has a hole that crosses its outline"
	})
}

// touch reports whether two segments whose boxes meet have a point in common.
func touch(p, q *segment) bool {
	return turnOf(p.a, p.b, q.a)*turnOf(p.a, p.b, q.b) <= 0 && turnOf(q.a, q.b, p.a)*turnOf(q.a, q.b, p.b) <= 0
}

// cross reports whether two segments cross within both.
func cross(p, q *segment) bool {
	return turnOf(p.a, p.b, q.a)*turnOf(p.a, p.b, q.b) < 0 && turnOf(q.a, q.b, p.a)*turnOf(q.a, q.b, p.b) < 0
}

// turnOf is +1 when a, b, c turn left, -1 when right, 0 when they are on a line.
func turnOf(a, b, c vertex) int {
	return compareProducts(b.x-a.x, c.y-a.y, b.y-a.y, c.x-a.x)
}

// compareProducts compares a*b with c*d in 128 bits.
func compareProducts(a, b, c, d int64) int {
	p, q := sign(a)*sign(b), sign(c)*sign(d)
	if p != q || p == 0 {
		return cmp.Compare(p, q)
	}
	hi1, lo1 := bits.Mul64(uint64(abs(a)), uint64(abs(b)))
	hi2, lo2 := bits.Mul64(uint64(abs(c)), uint64(abs(d)))
	return p * cmp.Or(cmp.Compare(hi1, hi2), cmp.Compare(lo1, lo2))
}

func sign(n int64) int { return cmp.Compare(n, 0) }
