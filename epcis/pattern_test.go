package epcis

import (
	"errors"
	"testing"
)

func TestPatternMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, id string
		want        bool
	}{
		{"urn:epc:idpat:sgtin:9521101.000001.*", "urn:epc:id:sgtin:9521101.000001.A1", true},
		{"urn:epc:idpat:sgtin:9521101.000001.*", "https://shop.example/01/09521101000016/10/L/21/A1", true},
		{"urn:epc:idpat:sgtin:9521101.000001.*", "https://id.gs1.org/01/09521101000016", false}, // the class is no item
		{"urn:epc:idpat:sgtin:9521101.000001.*", "https://id.gs1.org/01/09521101000016/10/L", false},
		{"urn:epc:idpat:sgtin:9521101.000001.*", "urn:epc:id:sgtin:9521101.000002.A1", false},
		{"urn:epc:idpat:sgtin:9521101.100001.*", "urn:epc:id:sgtin:9521101.000001.A1", false}, // another packaging level
		{"urn:epc:idpat:sgtin:9521101.*.*", "https://id.gs1.org/01/19521101000013/21/x.y", true},
		{"urn:epc:idpat:sgtin:952110.*.*", "https://id.gs1.org/01/19521101000013/21/x.y", true}, // a shorter prefix begins the same
		{"urn:epc:idpat:sgtin:9521102.*.*", "https://id.gs1.org/01/19521101000013/21/x.y", false},
		{"urn:epc:idpat:sgtin:*.*.*", "https://id.gs1.org/01/19521101000013/21/x.y", true},
		{"urn:epc:idpat:sgtin:*.*.*", "https://id.gs1.org/00/395211020000000023", false},
		{"urn:epc:idpat:sgtin:9521101.000001.a%2fb", "https://id.gs1.org/01/09521101000016/21/a%2Fb", true},
		{"urn:epc:idpat:sgtin:9521101.000001.a.b", "https://id.gs1.org/01/09521101000016/21/a.b", true},
		{"urn:epc:idpat:sscc:9521102.*", "https://id.gs1.org/00/395211020000000023", true},
		{"urn:epc:idpat:sscc:9521102.3000000002", "https://id.gs1.org/00/395211020000000023", true},
		{"urn:epc:idpat:sscc:9521102.4000000002", "https://id.gs1.org/00/395211020000000023", false},
		{"urn:epc:idpat:grai:9521102.00001.*", "urn:epc:id:grai:9521102.00001.7", true},
		{"urn:epc:idpat:grai:9521102.*.*", "urn:epc:idpat:grai:9521102.00001.*", false}, // a class
		{"urn:epc:idpat:giai:9521102.*", "urn:epc:id:giai:9521102.T.7", true},
		{"urn:epc:idpat:itip:9521102.000001.01.*.*", "urn:epc:id:itip:9521102.000001.01.02.S", true},
		{"urn:epc:idpat:itip:9521102.000001.02.*.*", "urn:epc:id:itip:9521102.000001.01.02.S", false},
		{"urn:epc:idpat:upui:9521102.000001.*", "https://id.gs1.org/01/09521102000015/235/T", true},
		{"urn:epc:idpat:bic:*", "urn:epc:id:bic:WMKU2047188", true},
		{"urn:epc:idpat:bic:WMKU2047188", "urn:epc:id:bic:WMKU2047188", true},
		{"urn:epc:idpat:imovn:*", "urn:epc:id:bic:WMKU2047188", false},
		{"urn:epc:idpat:gid:95100000.12345.*", "urn:epc:id:gid:95100000.12345.400", true},
		{"urn:epc:idpat:sgtin:*.*.*", "https://example.com/thing", false},
	} {
		p, err := ParsePattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if got := p.Matches(Canonical(c.id)); got != c.want {
			t.Errorf("%s matches %s: %v", c.pattern, c.id, got)
		}
	}
}

func TestPatternIsRefused(t *testing.T) {
	for uri, want := range map[string]error{
		"urn:epc:id:sgtin:9521101.000001.1":    ErrPatternForm,
		"urn:epc:idpat:lgtin:9521101.000001.*": ErrPatternScheme,
		"urn:epc:idpat:":                       ErrPatternScheme,
		"urn:epc:idpat:sgtin:":                 ErrPatternForm,
		"urn:epc:idpat:sgtin:9521101.000001":   ErrPatternForm,
		"urn:epc:idpat:sgtin:9521101.*.A1":     ErrPatternForm,
		"urn:epc:idpat:sgtin:*.000001.*":       ErrPatternForm,
		"urn:epc:idpat:sgtin:9521101.00001.*":  ErrPatternForm, // twelve digits
		"urn:epc:idpat:sgtin:95211.00000001.*": ErrPatternForm,
		"urn:epc:idpat:sgtin:952110A.000001.*": ErrPatternForm,
		"urn:epc:idpat:sgtin:9521101.00000A.*": ErrPatternForm,
		"urn:epc:idpat:sgtin:9521101..*":       ErrPatternForm,
	} {
		if _, err := ParsePattern(uri); !errors.Is(err, want) {
			t.Errorf("%s: %v, not %v", uri, err, want)
		}
	}
}
