package contracts

import (
	"math/bits"

	"github.com/waymark-ledger/waymark/trace"
)

// Distances on the Earth in integers alone, so that every machine finds the same
// metre. Angles are millionths of a degree, sines and cosines billionths.

const (
	degree = 1_000_000
	unit   = 1_000_000_000
)

// wholeSine is the sine of 0 to 90 whole degrees in billionths, rounded to the
// nearest.
func wholeSine(degrees int64) int64 {
	return [...]int64{
		0, 17452406, 34899497, 52335956, 69756474, 87155743, 104528463,
		121869343, 139173101, 156434465, 173648178, 190808995, 207911691, 224951054,
		241921896, 258819045, 275637356, 292371705, 309016994, 325568154, 342020143,
		358367950, 374606593, 390731128, 406736643, 422618262, 438371147, 453990500,
		469471563, 484809620, 500000000, 515038075, 529919264, 544639035, 559192903,
		573576436, 587785252, 601815023, 615661475, 629320391, 642787610, 656059029,
		669130606, 681998360, 694658370, 707106781, 719339800, 731353702, 743144825,
		754709580, 766044443, 777145961, 788010754, 798635510, 809016994, 819152044,
		829037573, 838670568, 848048096, 857167301, 866025404, 874619707, 882947593,
		891006524, 898794046, 906307787, 913545458, 920504853, 927183855, 933580426,
		939692621, 945518576, 951056516, 956304756, 961261696, 965925826, 970295726,
		974370065, 978147601, 981627183, 984807753, 987688341, 990268069, 992546152,
		994521895, 996194698, 997564050, 998629535, 999390827, 999847695, 1000000000,
	}[degrees]
}

// sine of an angle of 0 to 90 degrees: sin(d+r) = sin d cos r + cos d sin r,
// with the whole degrees d from the table and the rest r, below one degree, by
// its series. It is off by less than four billionths.
func sine(angle int64) int64 {
	d, rest := angle/degree, angle%degree
	if rest == 0 {
		return wholeSine(d)
	}
	r := rest * 17_453_292_520 / unit // radians in billionths: pi/180 = 0.017453292520
	square := r * r / unit
	sinR := r - r*square/(6*unit)
	cosR := unit - square/2 + square*square/(24*unit)
	return (wholeSine(d)*cosR + wholeSine(90-d)*sinR) / unit
}

func cosine(angle int64) int64 { return sine(90*degree - abs(angle)) }

// arcsine is the angle of 0 to 90 degrees whose sine is s.
func arcsine(s int64) int64 {
	low, high := int64(0), int64(90*degree)
	for low < high {
		middle := (low + high + 1) / 2
		if sine(middle) <= s {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// metres is the great-circle distance of two positions on a sphere of the Earth's
// mean radius, 6,371,008.8 m (IUGG), by the haversine formula. The sphere is
// within 0.6% of the ellipsoid; the integers add a metre or two, near the antipode
// up to a kilometre.
func metres(a, b trace.Position) int64 {
	north := abs(int64(a.Latitude) - int64(b.Latitude))
	east := abs(int64(a.Longitude) - int64(b.Longitude))
	if east > 180*degree {
		east = 360*degree - east
	}
	s1 := sine(north / 2)
	s2 := sine(east/2) * root(cosine(int64(a.Latitude))*cosine(int64(b.Latitude))) / unit
	half := arcsine(min(unit, root(s1*s1+s2*s2)))
	// Twice the half angle, times the radius, times pi/180: 0.22239016 m for each
	// millionth of a degree.
	return half * 22_239_016 / 100_000_000
}

// root is the integer square root of a number that is not negative.
func root(n int64) int64 {
	if n < 2 {
		return n
	}
	x := int64(1) << ((bits.Len64(uint64(n)) + 1) / 2) // not below the root
	for {
		y := (x + n/x) / 2
		if y >= x {
			return x
		}
		x = y
	}
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
