package contracts

import (
	"strconv"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// A box is what two meridians and two parallels enclose, in whole 10^-15 degrees.
type box struct{ west, south, east, north int64 }

// reach extends the box to a position; the first one makes it.
func (b *box) reach(at vertex, first bool) {
	if first {
		*b = box{at.x, at.y, at.x, at.y}
		return
	}
	b.west, b.east = min(b.west, at.x), max(b.east, at.x)
	b.south, b.north = min(b.south, at.y), max(b.north, at.y)
}

// inside reports whether the box lies in another.
func (b box) inside(o box) bool {
	return b.west >= o.west && b.east <= o.east && b.south >= o.south && b.north <= o.north
}

// exchanged is the box as it is when longitude and latitude are taken for each other.
func (b box) exchanged() box { return box{b.south, b.west, b.north, b.east} }

// astray says that a plot does not lie in the country that it is said to lie in, "" when it
// may. The ledger has no shapes of countries, but the box around each: it finds exchanged
// coordinates and a wrong sign, and not a plot that is a little beyond the border.
func astray(plot box, country string) string {
	around, known := countryBox(country)
	switch {
	case !known || plot.inside(around):
		return ""
	case plot.exchanged().inside(around):
		return "is not in " + country + ": longitude and latitude seem to be exchanged"
	}
	return "is not in " + country
}

// countryOf is the country, ISO 3166-1 alpha-2, that an object says a plot lies in, "" for
// none: as the information system under Regulation (EU) 2023/1115 names it, or as is usual.
func countryOf(v *epcis.Value) string {
	for _, name := range [...]string{"ProducerCountry", "country", "countryCode", "country_code", "COUNTRY_CODE"} {
		if s := textOf(inside(v, name)); isCountry(s) {
			return s
		}
	}
	return ""
}

// countryBox is the box around a country with its islands, false for one that is not
// in the list.
func countryBox(country string) (b box, known bool) {
	_, row, known := strings.Cut(countryBoxes, country+" ")
	if !isCountry(country) || !known {
		return b, false
	}
	row, _, _ = strings.Cut(row, ";")
	for i, text := range strings.Fields(row) {
		degrees, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return b, false
		}
		*[...]*int64{&b.west, &b.south, &b.east, &b.north}[i] = degrees * wholeDegree
	}
	return b, true
}

// wholeDegree is a degree, as coordinates are counted.
const wholeDegree = 1_000_000_000_000_000

// countryBoxes are, of each country, its western and southern, eastern and northern end in
// whole degrees, rounded outwards, with the islands that belong to it (after Natural Earth,
// public domain). A country that lies on both sides of the 180th meridian goes all around.
const countryBoxes = "" +
	"AE 51 22 57 27; AF 60 29 76 39; AG -62 16 -61 18; AL 19 39 22 43; AM 43 38 47 42; AO 11 -19 25 -4; " +
	"AR -74 -56 -53 -21; AT 9 46 18 50; AU 112 -45 155 -9; AZ 44 38 51 42; BA 15 42 20 46; BB -60 12 -59 14; " +
	"BD 87 20 93 27; BE 2 49 7 52; BF -6 9 3 16; BG 22 41 29 45; BI 28 -5 31 -2; BJ 0 6 4 13; BN 113 3 116 6; " +
	"BO -70 -23 -57 -9; BR -75 -35 -28 6; BS -81 20 -72 28; BT 88 26 93 29; BW 19 -27 30 -17; BY 23 51 33 57; " +
	"BZ -90 15 -87 19; CA -142 41 -52 84; CD 12 -14 32 6; CF 14 2 28 12; CG 11 -6 19 4; CH 5 45 11 48; CI -9 4 -2 11; " +
	"CL -110 -57 -66 -17; CM 8 1 17 14; CN 73 17 136 54; CO -82 -5 -66 14; CR -88 5 -82 12; CU -86 19 -73 24; " +
	"CV -26 14 -22 18; CY 32 34 35 36; CZ 12 48 19 52; DE 5 47 16 56; DJ 41 10 44 13; DK 7 54 16 58; DM -62 15 -61 16; " +
	"DO -73 17 -68 20; DZ -9 18 13 38; EC -93 -6 -75 2; EE 21 57 29 60; EG 24 21 37 32; ER 36 12 44 19; " +
	"ES -19 27 5 44; ET 32 3 49 15; FI 19 59 32 71; FJ -180 -22 180 -12; FR -64 -22 56 52; GA 8 -5 15 3; " +
	"GB -9 49 2 61; GD -62 11 -61 13; GE 39 41 47 44; GF -55 2 -51 6; GH -4 4 2 12; GM -17 13 -13 14; GN -16 7 -7 13; " +
	"GP -62 15 -60 17; GQ 5 -2 12 4; GR 19 34 30 42; GT -93 13 -88 18; GW -17 10 -13 13; GY -62 1 -56 9; " +
	"HN -90 12 -82 18; HR 13 42 20 47; HT -75 17 -71 21; HU 16 45 23 49; ID 94 -12 142 7; IE -11 51 -5 56; " +
	"IL 34 29 36 34; IN 68 6 98 38; IQ 38 28 49 38; IR 43 24 64 40; IS -25 63 -13 67; IT 6 35 19 48; JM -79 17 -76 19; " +
	"JO 34 29 40 34; JP 122 20 154 46; KE 33 -5 42 6; KG 69 39 81 44; KH 102 9 108 15; KM 43 -13 45 -11; " +
	"KP 124 37 131 44; KR 124 33 132 39; KW 46 28 49 31; KZ 46 40 88 56; LA 99 13 108 23; LB 35 32 37 35; " +
	"LC -62 13 -60 15; LK 79 5 82 10; LR -12 4 -7 9; LS 26 -31 30 -28; LT 20 53 27 57; LU 5 49 7 51; LV 20 55 29 59; " +
	"LY 9 19 26 34; MA -18 20 0 36; MD 26 45 31 49; ME 18 41 21 44; MG 43 -26 51 -11; MK 20 40 24 43; ML -13 10 5 26; " +
	"MM 92 9 102 29; MN 87 41 120 53; MQ -62 14 -60 15; MR -18 14 -4 28; MT 14 35 15 37; MU 56 -21 64 -10; " +
	"MW 32 -18 36 -9; MX -119 14 -86 33; MY 99 0 120 8; MZ 30 -27 41 -10; NA 11 -30 26 -16; NC 158 -23 173 -17; " +
	"NE 0 11 17 24; NG 2 4 15 14; NI -88 10 -82 16; NL 3 50 8 54; NO 4 57 32 81; NP 79 26 89 31; NZ -180 -53 180 -29; " +
	"OM 51 16 60 27; PA -84 7 -77 10; PE -82 -19 -68 1; PG 140 -12 160 0; PH 116 4 128 22; PK 60 23 78 38; " +
	"PL 14 48 25 55; PR -69 17 -65 19; PT -32 32 -6 43; PY -63 -28 -54 -19; QA 50 24 52 27; RE 55 -22 56 -20; " +
	"RO 20 43 30 49; RS 18 41 24 47; RU -180 41 180 82; RW 28 -3 31 0; SA 34 16 56 33; SB 155 -13 171 -6; " +
	"SC 46 -11 57 -3; SD 21 8 39 24; SE 10 55 25 70; SG 103 1 105 2; SI 13 45 17 47; SK 16 47 23 50; SL -14 6 -10 11; " +
	"SN -18 12 -11 17; SO 40 -2 52 13; SR -59 1 -53 7; SS 23 3 36 13; ST 6 -1 8 2; SV -91 13 -87 15; SY 35 32 43 38; " +
	"SZ 30 -28 33 -25; TD 13 7 25 24; TG -1 5 2 12; TH 97 5 106 21; TJ 67 36 76 42; TL 123 -10 128 -8; TM 52 35 67 43; " +
	"TN 7 30 12 38; TR 25 35 45 43; TT -62 9 -60 12; TW 118 21 123 27; TZ 29 -12 41 0; UA 22 44 41 53; UG 29 -2 36 5; " +
	"US -180 18 -66 72; UY -59 -36 -53 -29; UZ 55 37 74 46; VC -62 12 -60 14; VE -74 0 -59 16; VN 102 8 110 24; " +
	"VU 166 -21 171 -13; WS -173 -15 -171 -13; YE 41 12 55 20; YT 44 -14 46 -12; ZA 16 -36 34 -22; ZM 21 -19 34 -8; " +
	"ZW 25 -23 34 -15; "
