package epcis

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// readVectors reads a JSON file of testdata.
func readVectors(t testing.TB, path string, into any) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", path))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

type canonicalVector struct {
	Input      string  `json:"input"`
	Canonical  *string `json:"constrainedCanonicalDL"`
	GCPLength  int     `json:"gcpLength"`
	Reversible bool    `json:"reversible"`
}

func TestCanonicalVectors(t *testing.T) {
	var vectors []canonicalVector
	readVectors(t, "identifiers/epc-and-dl-to-constrained-canonical-dl.json", &vectors)
	if len(vectors) != 42 {
		t.Fatalf("%d vectors", len(vectors))
	}
	// The reference implementation does not verify check digits; a wrong one is a
	// malformed identifier here.
	wrong := map[string]bool{
		"http://example.de/gtin-8/01/97803111":              true,
		"http://example.de/01/040123451234/cpv/344/lot/ABD": true,
	}
	for _, v := range vectors {
		id := Canonical(v.Input)
		if wrong[v.Input] {
			if id.Level != Opaque || id.URI != v.Input || id.Malformed != "GTIN has a wrong check digit" {
				t.Errorf("%s: %+v", v.Input, id)
			}
			continue
		}
		if v.Canonical == nil {
			if id.Level != Opaque || id.URI != v.Input {
				t.Errorf("%s: %+v, want it verbatim and opaque", v.Input, id)
			}
			continue
		}
		if id.URI != *v.Canonical || id.Level == Opaque || id.Malformed != "" {
			t.Errorf("%s: %+v, want %s", v.Input, id, *v.Canonical)
		}
		if v.Reversible {
			if urn, ok := id.URN(v.GCPLength); !ok || urn != v.Input {
				t.Errorf("%s: back with %d digits: %q %v", id, v.GCPLength, urn, ok)
			}
		}
	}
}

// TestDigitalLinkParse runs the vectors of GS1's barcode syntax engine. It reads
// whole element strings; an identifier needs the path only, so the key and its
// finest qualifier are compared.
func TestDigitalLinkParse(t *testing.T) {
	var vectors []struct {
		URI     string
		Valid   bool
		Element *string `json:"aiElementString"`
		Options []string
	}
	readVectors(t, "digital-link/parse.json", &vectors)
	// What the engine refuses and an identifier does not, and why.
	accepted := map[string]string{
		"https://a/01/2112345678900":                             "zero-suppressed GTINs are allowed (the engine's option zeroSuppressedGTIN)",
		"https://a/01/416000336108":                              "zero-suppressed GTINs are allowed",
		"https://a/gtin/12312312312333":                          "short names are allowed (option convenienceAlphas)",
		"https://a/01/12312312312333?99=":                        "the query is dropped unread",
		"https://a/01/12312312312333?99=ABC%00DEF":               "the query is dropped unread",
		"https://a/01/12312312312333?99=ABC&999=faux":            "the query is dropped unread",
		"https://example.com/01/09520123456788?99=XYZ&89=ABC123": "the query is dropped unread",
		"https://a/8004/9520614141234567?01=2112345678900":       "the query is dropped unread",
		"HtTp://a/b/00/006141411234567890":                       "a scheme has no case (RFC 3986, section 3.1)",
	}
	compared := 0
	for _, v := range vectors {
		id := Canonical(v.URI)
		if !v.Valid && len(v.Options) == 0 {
			if _, ok := accepted[v.URI]; ok != (id.Level != Opaque) {
				t.Errorf("%s: refused by the engine, here %+v", v.URI, id)
			}
			delete(accepted, v.URI)
			continue
		}
		if !v.Valid {
			if id.Level != Opaque {
				t.Errorf("%s: refused by the engine, here %+v", v.URI, id)
			}
			continue
		}
		compared++
		ai, value, qualifier, qvalue, ok := id.parts()
		if !ok {
			t.Errorf("%s: %+v", v.URI, id)
			continue
		}
		if !strings.Contains(*v.Element, "^"+ai+value) {
			t.Errorf("%s: %s, the engine reads %s", v.URI, id, *v.Element)
		}
		if qualifier != "" && !strings.Contains(*v.Element, qualifier+qvalue) {
			t.Errorf("%s: %s, the engine reads %s", v.URI, id, *v.Element)
		}
	}
	if len(accepted) > 0 && testing.Verbose() {
		t.Logf("not among the vectors without options: %v", accepted)
	}
	if compared < 40 {
		t.Errorf("only %d valid vectors", compared)
	}
}

func TestCheckDigitVectors(t *testing.T) {
	var vectors []struct {
		Linter, Value string
		Valid         bool
	}
	readVectors(t, "identifiers/check-digit.json", &vectors)
	compared, alphanumeric := 0, 0
	for _, v := range vectors {
		if v.Linter != "gs1_lint_csum" {
			alphanumeric++ // check characters of the GMN, a key that is kept as it stands
			continue
		}
		compared++
		n := len(v.Value) - 1
		got, err := CheckDigit(v.Value[:n])
		if valid := err == nil && got == v.Value[n]; valid != v.Valid {
			t.Errorf("%q: valid %v, want %v (%v)", v.Value, valid, v.Valid, err)
		}
	}
	if compared != 9 || alphanumeric != 26 {
		t.Errorf("%d and %d vectors", compared, alphanumeric)
	}
	if _, err := CheckDigit(""); err == nil {
		t.Error("no digits have a check digit")
	}
}

func TestCanonical(t *testing.T) {
	tests := []struct {
		in, want string
		level    Level
	}{
		{"urn:epc:id:sscc:9521102.0000000014", "https://id.gs1.org/00/095211020000000145", Item},
		{"URN:EPC:id:sscc:9521102.0000000014", "https://id.gs1.org/00/095211020000000145", Item},
		{"urn:epc:id:sgtin:4012345.012345.a.b", "https://id.gs1.org/01/04012345123456/21/a.b", Item},
		{"urn:epc:id:grai:999999999999..s1", "https://id.gs1.org/8003/09999999999994s1", Item},
		{"urn:epc:idpat:grai:4012345.99999.*", "https://id.gs1.org/8003/04012345999990", Class},
		{"urn:epc:id:sgcn:4012345.00002.7", "https://id.gs1.org/255/40123450000237", Document},
		{"urn:epc:idpat:sgln:4012345.00005.*", "https://id.gs1.org/414/4012345000054", Place},
		{"urn:epc:id:pgln:4000001.00000", "https://id.gs1.org/417/4000001000005", PartyID},
		{"urn:epc:id:itip:4012345.011111.01.02.987", "https://id.gs1.org/8006/040123451111180102/21/987", Item},
		{"urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB", "https://id.gs1.org/01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7'SDB", Item},
		{"urn:epc:id:ginc:0614141.xyz47%2F11", "https://id.gs1.org/401/0614141xyz47%2F11", Document},
		{"urn:epc:id:bic:WMKU2047188", "urn:epc:id:bic:WMKU2047188", Item},
		{"urn:epc:id:bic:CSQU3054383", "urn:epc:id:bic:CSQU3054383", Item},
		{"urn:epc:id:imovn:9074729", "urn:epc:id:imovn:9074729", Item},
		{"urn:epc:id:adi:2S194.12345ABC.6789", "urn:epc:id:adi:2S194.12345ABC.6789", Item},
		{"urn:epc:id:usdod:2S194.12345678901", "urn:epc:id:usdod:2S194.12345678901", Item},
		{"https://id.gs1.org/414/4012345000054/254/0", "https://id.gs1.org/414/4012345000054", Place},
		{"https://id.gs1.org/414/4012345000054/254/a%2fb", "https://id.gs1.org/414/4012345000054/254/a%2Fb", Place},
		{"https://shop.example:8443/x/y/gtin/4012345123456/lot/L%2D1?17=261122#top", "https://id.gs1.org/01/04012345123456/10/L-1", Lot},
		{"https://id.gs1.org/8010/4012345AB12/8011/7", "https://id.gs1.org/8010/4012345AB12/8011/7", Item},
		{"https://id.gs1.org/8010/4012345AB12", "https://id.gs1.org/8010/4012345AB12", Class},
		{"https://id.gs1.org/8018/401234500000067657/8019/12", "https://id.gs1.org/8018/401234500000067657", Document},
		{"https://id.gs1.org/8013/1987654Ad4X4bL5ttr2310c2K", "https://id.gs1.org/8013/1987654Ad4X4bL5ttr2310c2K", Opaque},
		{"https://example.com/2026/01/15", "https://example.com/2026/01/15", Opaque},
		{"https://example.com/party/people", "https://example.com/party/people", Opaque},
		{"https://ref.gs1.org/cbv/BizStep-shipping", "https://ref.gs1.org/cbv/BizStep-shipping", Opaque},
		{"urn:uuid:7f21cd8c-9c0f-4d5a-8d3a-8e6b3f0f6a51", "urn:uuid:7f21cd8c-9c0f-4d5a-8d3a-8e6b3f0f6a51", Opaque},
		{"http://example.com/cafe\u0301", "http://example.com/caf\u00e9", Opaque},
		{"", "", Opaque},
	}
	for _, test := range tests {
		id := Canonical(test.in)
		if id.URI != test.want || id.Level != test.level || id.Malformed != "" {
			t.Errorf("%s: %+v, want %s (%s)", test.in, id, test.want, test.level)
		}
	}
}

func TestCanonicalMalformed(t *testing.T) {
	for _, in := range []string{
		"https://id.gs1.org/01/04012345123457",
		"https://shop.example/01/04012345123457/21/x",
		"https://shop.example/01/04012345123456/21/",
		"https://shop.example/01/04012345123456/21/x/10/y",
		"https://shop.example/01/04012345123456/235/x/10/y",
		"https://shop.example/01/04012345123456/99/x",
		"https://shop.example/01/04012345123456/21/123456789012345678901",
		"https://shop.example/01/04012345123456/21/%C3%A9",
		"https://shop.example/01/04012345123456/21/%4",
		"https://id.gs1.org/00/4012345",
		"https://id.gs1.org/99/9780345418913",
		"https://id.gs1.org/8006/040123451234560302",
		"https://id.gs1.org/8003/14012345000221334455",
		"https://id.gs1.org/8010/4012345AB12/8011/07",
		"urn:epc:id:sgtin:4012345.12345.1",
		"urn:epc:id:sgtin:4012345.0123456.1",
		"urn:epc:id:sgtin:4012345.012345",
		"urn:epc:id:sgtin:4012345.012345.",
		"urn:epc:id:sgtin:4012345.012345.a/b",
		"urn:epc:id:sgtin:40123.01234567.1",
		"urn:epc:id:sgtin:4012345.01234x.1",
		"urn:epc:id:sscc:4012345.00000000111",
		"urn:epc:id:sscc:4012345.0000000011.1",
		"urn:epc:id:lgtin:4012345.012345.L",
		"urn:epc:class:sgtin:4012345.012345.L",
		"urn:epc:idpat:sgtin:4012345.*.*",
		"urn:epc:idpat:giai:4012345.*",
		"urn:epc:id:gdti:4012345.00009",
		"urn:epc:id:cpi:0614141.abc.1",
		"urn:epc:id:nonsense:1",
		"urn:epc:id:bic:WMKU2047189",
		"urn:epc:id:bic:wmku2047188",
		"urn:epc:id:imovn:9074728",
		"urn:epc:id:imovn:907472",
		"urn:epc:id:adi:2S194.12345ABC",
		"urn:epc:id:usdod:2S194",
		"urn:epc:id:gid:95100000.12345",
		"urn:epc:id:giai:4012345.",
		"urn:epc:id:giai:401234.1234567890123456789012345",
		"urn:epc:id:itip:4012345.012345.1.2.9",
		"urn:epc:id:sgln:4012345.00005",
		"urn:epc:po:123",
		"urn:epc:",
	} {
		id := Canonical(in)
		if id.URI != in || id.Level != Opaque || id.Malformed == "" {
			t.Errorf("%s: %+v, want it verbatim with a reason", in, id)
		}
	}
}

func TestCanonicalKeepsTheLotBesideTheSerial(t *testing.T) {
	id := Canonical("https://shop.example/01/04012345123456/22/v/10/L%2F7/21/abc")
	if id.URI != "https://id.gs1.org/01/04012345123456/21/abc" || id.Level != Item || id.Lot != "L/7" {
		t.Fatalf("%+v", id)
	}
	lot, ok := id.InLot(id.Lot)
	if !ok || lot != Canonical("urn:epc:class:lgtin:4012345.012345.L%2F7") {
		t.Errorf("lot %+v", lot)
	}
	for _, number := range []string{"7", "Lb-00.2_9", "a'b", "x+y", strings.Repeat("L", 20)} {
		want := Canonical("https://id.gs1.org/01/04012345123456/10/" + url.PathEscape(number))
		if lot, ok := id.InLot(number); !ok || lot != want {
			t.Errorf("lot %s is %+v, not %+v", number, lot, want)
		}
	}
	if class := id.Class(); class != Canonical("urn:epc:idpat:sgtin:4012345.012345.*") {
		t.Errorf("class %+v", class)
	}
	if _, ok := id.InLot(strings.Repeat("x", 21)); ok {
		t.Error("a lot of 21 characters")
	}
	if _, ok := Canonical("urn:epc:id:sscc:4012345.0000000011").InLot("x"); ok {
		t.Error("a pallet has a lot")
	}
}

func TestClass(t *testing.T) {
	for in, want := range map[string]string{
		"urn:epc:id:grai:4012345.00022.334455":               "https://id.gs1.org/8003/04012345000221",
		"urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234": "https://id.gs1.org/8010/061414111111111111111-A%23%2F",
		"urn:epc:id:upui:1234567.098765.51":                  "https://id.gs1.org/01/01234567987651",
		"urn:epc:id:giai:4012345.ABC345":                     "",
		"urn:epc:id:bic:CSQU3054383":                         "",
		"urn:epc:id:pgln:4000001.00000":                      "",
	} {
		class := Canonical(in).Class()
		if class.URI != want || want != "" && class != Canonical(want) {
			t.Errorf("%s: %+v, want %s", in, class, want)
		}
	}
}

func TestHasCompanyPrefix(t *testing.T) {
	for _, in := range []string{
		"urn:epc:id:sgtin:9521101.312345.1",
		"urn:epc:class:lgtin:9521101.112345.L",
		"urn:epc:id:sscc:9521101.3111111111",
		"urn:epc:id:sgln:9521101.00005.1",
		"urn:epc:id:pgln:9521101.00005",
		"urn:epc:id:grai:9521101.00022.x",
		"urn:epc:id:giai:9521101.A",
		"urn:epc:id:gdti:9521101.00009.PO",
		"urn:epc:id:cpi:9521101.AB.1",
		"urn:epc:id:gsrn:9521101.0000006765",
		"urn:epc:id:itip:9521101.311111.01.02.987",
		"urn:epc:id:ginc:9521101.x",
		"urn:epc:id:gsin:9521101.222333444",
		"urn:epc:id:sgcn:9521101.00002.7",
	} {
		id := Canonical(in)
		if !id.HasCompanyPrefix("9521101") || id.HasCompanyPrefix("9521102") || id.HasCompanyPrefix("") {
			t.Errorf("%s: digits %q", in, id.KeyDigits())
		}
	}
	for _, in := range []string{"https://id.gs1.org/01/95211010000011", "urn:epc:id:bic:CSQU3054383", "urn:uuid:x", ""} {
		if d := Canonical(in).KeyDigits(); d != "" {
			t.Errorf("%s: digits %q", in, d)
		}
	}
}

func TestPathID(t *testing.T) {
	id, err := PathID("/shop/01/04012345123456/10/L/21/abc%2F1")
	if err != nil || id.URI != "https://id.gs1.org/01/04012345123456/21/abc%2F1" || id.Lot != "L" {
		t.Errorf("%+v %v", id, err)
	}
	if id, err = PathID("/01/4012345123456"); err != nil || id.Level != Class {
		t.Errorf("%+v %v", id, err)
	}
	for _, path := range []string{"/8013/1987654Ad4X4bL5ttr2310c2K", "/gmn/1987654Ad4X4bL5ttr2310c2K", "/415/9521102000008/8020/INV7"} {
		if id, err := PathID(path); err != nil || id.URI != "https://id.gs1.org"+path || id != Canonical(id.URI) {
			t.Errorf("%s: %+v %v", path, id, err)
		}
	}
	for _, path := range []string{"", "/", "/healthz", "/epcis/events", "/01", "/01/", "/8013", "/gmn/"} {
		if _, err := PathID(path); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
	var broken *LinkError
	if _, err := PathID("/01/04012345123457/21/x"); !errors.As(err, &broken) || broken.Reason != "GTIN has a wrong check digit" {
		t.Errorf("%v", err)
	}
	if _, err := PathID("/epcis/events"); !errors.Is(err, ErrNotLink) {
		t.Errorf("%v", err)
	}
}

func TestLevelString(t *testing.T) {
	for level, want := range map[Level]string{Opaque: "opaque", Item: "item", Lot: "lot", Class: "class", Place: "place", PartyID: "party", Document: "document"} {
		if level.String() != want {
			t.Errorf("%s, want %s", level, want)
		}
	}
}

// TestURNRoundTrip draws keys of every scheme: URN to Digital Link and back.
func TestURNRoundTrip(t *testing.T) {
	serial := rapid.StringOfN(rapid.RuneFrom([]rune(`0123456789ABCxyz!"%&'()*+,-./:;<=>?_`)), 1, 16, -1)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(6, 12).Draw(t, "prefix length")
		num := func(k int, name string) string {
			return rapid.StringOfN(rapid.RuneFrom([]rune("0123456789")), k, k, -1).Draw(t, name)
		}
		prefix, s := num(n, "prefix"), escapeURN(serial.Draw(t, "serial"))
		var urn string
		switch scheme := rapid.SampledFrom([]string{"sgtin", "upui", "lgtin", "sgtin*", "itip", "itip*", "sscc", "sgln", "grai", "grai*", "gdti", "giai", "ginc", "gsin", "gsrn", "gsrnp", "pgln", "sgcn", "cpi"}).Draw(t, "scheme"); scheme {
		case "sgtin", "upui":
			urn = "urn:epc:id:" + scheme + ":" + prefix + "." + num(13-n, "ref") + "." + s
		case "lgtin":
			urn = "urn:epc:class:lgtin:" + prefix + "." + num(13-n, "ref") + "." + s
		case "sgtin*":
			urn = "urn:epc:idpat:sgtin:" + prefix + "." + num(13-n, "ref") + ".*"
		case "itip":
			urn = "urn:epc:id:itip:" + prefix + "." + num(13-n, "ref") + ".02.03." + s
		case "itip*":
			urn = "urn:epc:idpat:itip:" + prefix + "." + num(13-n, "ref") + ".02.03.*"
		case "sscc", "gsrn", "gsrnp":
			urn = "urn:epc:id:" + scheme + ":" + prefix + "." + num(17-n, "ref")
		case "gsin":
			urn = "urn:epc:id:gsin:" + prefix + "." + num(16-n, "ref")
		case "pgln":
			urn = "urn:epc:id:pgln:" + prefix + "." + num(12-n, "ref")
		case "sgln", "grai", "gdti":
			urn = "urn:epc:id:" + scheme + ":" + prefix + "." + num(12-n, "ref") + "." + s
		case "grai*":
			urn = "urn:epc:idpat:grai:" + prefix + "." + num(12-n, "ref") + ".*"
		case "sgcn":
			urn = "urn:epc:id:sgcn:" + prefix + "." + num(12-n, "ref") + "." + num(5, "coupon")
		case "giai", "ginc":
			urn = "urn:epc:id:" + scheme + ":" + prefix + "." + s
		case "cpi":
			urn = "urn:epc:id:cpi:" + prefix + ".AB%23-%2F7.1" + num(3, "cpi serial")
		}
		id := Canonical(urn)
		if id.Level == Opaque {
			t.Fatalf("%s: %+v", urn, id)
		}
		back, ok := id.URN(n)
		if !ok || back != urn {
			t.Fatalf("%s: %s, back %s", urn, id, back)
		}
		if !id.HasCompanyPrefix(prefix) {
			t.Fatalf("%s does not begin with %s", id, prefix)
		}
		if again := Canonical(id.URI); again != id {
			t.Fatalf("%s: again %+v", id, again)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	var vectors []canonicalVector
	readVectors(f, "identifiers/epc-and-dl-to-constrained-canonical-dl.json", &vectors)
	for _, v := range vectors {
		f.Add(v.Input)
	}
	f.Add("urn:epc:id:bic:WMKU2047188")
	f.Add("https://a/01/12312312312333/22/test/10/abc/21/xyz#fragment")
	f.Add("http://example.com/e\u0301")
	f.Fuzz(func(t *testing.T, s string) {
		id := Canonical(s)
		again := Canonical(id.URI)
		if again.URI != id.URI || again.Level != id.Level || again.Malformed != id.Malformed {
			t.Fatalf("%q: %+v, again %+v", s, id, again)
		}
		if (id.Malformed != "" || id.Level == Opaque) && id.Lot != "" {
			t.Fatalf("%q: %+v", s, id)
		}
		id.Class()
		id.InLot(s)
		id.KeyDigits()
		for n := range 14 {
			if urn, ok := id.URN(n); ok && n >= 6 && n <= 12 {
				if back := Canonical(urn); back.URI != id.URI {
					t.Fatalf("%q: %s with %d digits is %s, back %+v", s, id, n, urn, back)
				}
			}
		}
	})
}

func BenchmarkCanonical(b *testing.B) {
	for name, uri := range map[string]string{
		"urn-sgtin": "urn:epc:id:sgtin:9521102.012345.A-000001",
		"canonical": "https://id.gs1.org/01/09521102123455/21/A-000001",
		"link":      "https://shop.example/x/01/9521102123455/10/L1/21/A-000001?17=261122",
		"opaque":    "urn:uuid:7f21cd8c-9c0f-4d5a-8d3a-8e6b3f0f6a51",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Canonical(uri)
			}
		})
	}
}
