package contracts

import (
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

func exactly(t *testing.T, s string) epcis.Decimal {
	t.Helper()
	x, err := epcis.ParseDecimal(s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Factors stand beside what they follow from: a pound is 16 ounces, a short ton
// 2000 pounds, a long ton 2240, a yard 3 feet of 12 inches, a gallon 231 cubic inches.
func TestUnitsConvertExactly(t *testing.T) {
	for _, c := range []struct{ amount, code, same, in string }{
		{"1", "TNE", "1000", "KGM"}, {"10", "DTN", "1", "TNE"}, {"1", "KGM", "1000000", "MGM"}, {"2.5", "GRM", "0.0025", "KGM"},
		{"1", "LBR", "16", "ONZ"}, {"1", "STN", "2000", "LBR"}, {"1", "LTN", "2240", "LBR"},
		{"1", "MTQ", "1000", "LTR"}, {"1", "HLT", "100000", "MLT"}, {"1", "LTR", "100", "CLT"}, {"1", "DMQ", "1000", "CMQ"},
		{"1", "GLL", "3.785411784", "LTR"}, {"1", "GLI", "4.54609", "LTR"},
		{"1", "YRD", "3", "FOT"}, {"1", "FOT", "12", "INH"}, {"1", "INH", "25.4", "MMT"}, {"1", "KMT", "100000", "CMT"},
		{"1", "HAR", "10000", "MTK"}, {"1", "MTK", "10000", "CMK"},
		{"1", "GRO", "12", "DZN"}, {"12", "EA", "1", "DZN"}, {"1", "C62", "1", "H87"},
	} {
		x, base, ok := convert(exactly(t, c.amount), c.code)
		y, other, also := convert(exactly(t, c.same), c.in)
		if !ok || !also || base != other || x.Cmp(y) != 0 {
			t.Errorf("%s %s is %s %s, and %s %s is %s %s", c.amount, c.code, x, base, c.same, c.in, y, other)
		}
	}
	for _, code := range []string{"", "CS", "PR", "kgm", "KG", "XYZ"} {
		if _, base, ok := convert(exactly(t, "1"), code); ok {
			t.Errorf("%q converts to %s", code, base)
		}
	}
}

// A balance takes nothing that would make its sum longer than a decimal may be.
func TestCountable(t *testing.T) {
	for text, want := range map[string]bool{
		"0": true, "-0.001": false, "999999999999": true, "1000000000000": false,
		"0.0000000000000000000001": true, "0.00000000000000000000001": false,
	} {
		if got := countable(exactly(t, text)); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	most := exactly(t, "999999999999").Add(exactly(t, "0.0000000000000000000001"))
	if _, err := epcis.ParseDecimal(most.String()); err != nil || !countable(most) {
		t.Errorf("the longest sum is not read again: %v", err)
	}
}

// A transfer that says nothing of its terms has those of a network that sets none.
func TestDefaultTerms(t *testing.T) {
	p := identity.DefaultParameters()
	if got := termsOf(&p); got != defaultTerms() {
		t.Errorf("%+v, not %+v", defaultTerms(), got)
	}
}
