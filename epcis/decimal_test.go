package epcis

import (
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "0.000": "0", "0e99999999999999999999": "0", "1": "1", "+1": "1", "-1.50": "-1.5", "007": "7", "100": "100",
		".5": "0.5", "5.": "5", "1e3": "1000", "1E+3": "1000", "25.60": "25.6", "256e-1": "25.6", "1e-7": "0.0000001", "120e-1": "12",
		"12345678901234567890": "12345678901234567890", "0.3000000000000000000000000000000004": "0.3000000000000000000000000000000004",
		"9999999999999999999999999999999999":  "9999999999999999999999999999999999",
		"99999999999999999999999999999999990": "99999999999999999999999999999999990",
		"1e63":                                "1" + strings.Repeat("0", 63),
		"1e-64":                               "0." + strings.Repeat("0", 63) + "1",
		strings.Repeat("0", 5000) + "1." + strings.Repeat("0", 5000): "1",
	} {
		d, err := ParseDecimal(in)
		if err != nil || d.String() != want {
			t.Errorf("%.80s: %s %v, want %s", in, d, err, want)
		}
		if again, err := ParseDecimal(d.String()); err != nil || again.Cmp(d) != 0 || again.String() != d.String() {
			t.Errorf("%.80s: again %s %v", in, again, err)
		}
	}
}

func TestParseDecimalRefuses(t *testing.T) {
	for _, in := range []string{
		"", "-", ".", "e3", "1e", "1e+", "1.2.3", "1,5", "0x10", "1_000", " 1", "1 ", "NaN", "INF", "Infinity", "--1", "1e3.5", "1e3e4", "१",
		"1e64", "1e-65", "1e999999999", "1e-999999999", "1e99999999999999999999", "1" + strings.Repeat("0", 64),
		"12345678901234567890123456789012345", "0." + strings.Repeat("0", 64) + "1",
	} {
		if d, err := ParseDecimal(in); err == nil {
			t.Errorf("%q: %s", in, d)
		}
	}
}

func TestDecimalArithmetic(t *testing.T) {
	must := func(s string) Decimal {
		d, err := ParseDecimal(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if sum := must("0.1").Add(must("0.2")); sum.Cmp(must("0.3")) != 0 || sum.String() != "0.3" {
		t.Errorf("0.1 + 0.2 = %s", sum)
	}
	if diff := must("100.80").Sub(must("100.8")); !diff.IsZero() || diff.String() != "0" || diff.Sign() != 0 {
		t.Errorf("%s", diff)
	}
	if tolerance := must("6003").Mul(must("0.005")); tolerance.String() != "30.015" {
		t.Errorf("%s", tolerance)
	}
	if far := must("1e63").Add(must("1e-64")); far.String() != "1"+strings.Repeat("0", 63)+"."+strings.Repeat("0", 63)+"1" {
		t.Errorf("%s", far)
	}
	if DecimalFromInt(-400).String() != "-400" || DecimalFromInt(0).String() != "0" || (Decimal{}).String() != "0" {
		t.Error("DecimalFromInt")
	}
	x := must("12345678901234567890123456789")
	y := x
	x.Add(must("1"))
	if x.Cmp(y) != 0 {
		t.Error("Add changed its operand")
	}
}

func TestDecimalEncodings(t *testing.T) {
	d, _ := ParseDecimal("1.250e2")
	b, err := json.Marshal(map[string]any{"d": d, "p": &d})
	if err != nil || string(b) != `{"d":125,"p":125}` {
		t.Fatalf("%s %v", b, err)
	}
	var back struct {
		D Decimal
		P *Decimal
	}
	if err := json.Unmarshal(b, &back); err != nil || back.D.Cmp(d) != 0 || back.P.Cmp(d) != 0 {
		t.Errorf("%v %v", back, err)
	}
	if err := json.Unmarshal([]byte(`{"d":"1"}`), &back); err == nil {
		t.Error("a string is a number")
	}
	var binary Decimal
	if b, err = d.MarshalBinary(); err != nil || binary.UnmarshalBinary(b) != nil || binary.Cmp(d) != 0 {
		t.Errorf("%s %v", binary, err)
	}
}

// TestDecimalAgainstRationals compares with exact rationals.
func TestDecimalAgainstRationals(t *testing.T) {
	number := rapid.StringMatching(`-?[0-9]{1,12}(\.[0-9]{1,12})?([eE][+-]?[0-9])?`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		x, err := ParseDecimal(a)
		if err != nil {
			t.Fatal(err)
		}
		y, err := ParseDecimal(b)
		if err != nil {
			t.Fatal(err)
		}
		rat := func(s string) *big.Rat {
			r, ok := new(big.Rat).SetString(s)
			if !ok {
				t.Fatalf("%q", s)
			}
			return r
		}
		p, q := rat(a), rat(b)
		if rat(x.String()).Cmp(p) != 0 {
			t.Fatalf("%s reads as %s", a, x)
		}
		if x.Cmp(y) != p.Cmp(q) || x.Sign() != p.Sign() {
			t.Fatalf("%s and %s compare as %d", a, b, x.Cmp(y))
		}
		for _, r := range []struct {
			got  Decimal
			want *big.Rat
		}{
			{x.Add(y), new(big.Rat).Add(p, q)}, {x.Sub(y), new(big.Rat).Sub(p, q)}, {x.Mul(y), new(big.Rat).Mul(p, q)},
		} {
			if back, err := ParseDecimal(r.got.String()); err == nil && !reflect.DeepEqual(back, r.got) {
				t.Fatalf("%s, %s: %#v is not the one form of %s", a, b, r.got, r.got)
			}
			if rat(r.got.String()).Cmp(r.want) != 0 {
				t.Fatalf("%s, %s: %s, want %s", a, b, r.got, r.want)
			}
		}
	})
}

func FuzzDecimal(f *testing.F) {
	for _, s := range []string{"0", "-1.50", "1e-7", "1e999999999", ".5", "12345678901234567890123456789012345"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDecimal(s)
		if err != nil {
			return
		}
		text := d.String()
		if len(text) > 2*MaxDecimalPlaces+2 || strings.ContainsAny(text, "eE+") {
			t.Fatalf("%q: %s", s, text)
		}
		back, err := ParseDecimal(text)
		if err != nil || back.Cmp(d) != 0 || back.String() != text {
			t.Fatalf("%q: %s, back %s %v", s, text, back, err)
		}
		if !d.Sub(back).IsZero() || d.Add(d).Cmp(d.Mul(DecimalFromInt(2))) != 0 {
			t.Fatalf("%q: arithmetic", s)
		}
	})
}
