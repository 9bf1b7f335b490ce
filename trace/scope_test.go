package trace_test

import (
	"testing"

	"github.com/waymark-ledger/waymark/trace"
)

// A certificate that is issued under an accreditation names of each kind of thing what
// that names, also of parties and of URIs of no known scheme.
func TestWhatLiesBeyondAnAccreditation(t *testing.T) {
	const process, another = "https://example.org/process/drying", "https://example.org/process/roasting"
	for name, c := range map[string]struct {
		own, limit []string
		beyond     string
	}{
		"the same":             {[]string{process, orgA}, []string{orgA, process}, ""},
		"less":                 {[]string{process}, []string{process, another}, ""},
		"another process":      {[]string{process, another}, []string{process}, another},
		"another party":        {[]string{orgB}, []string{orgA}, orgB},
		"no process":           {[]string{gtin(1)}, []string{gtin(1), process}, "it names no other things"},
		"no goods":             {[]string{process}, []string{gtin(1), process}, "it names no goods"},
		"what does not limit":  {[]string{gtin(1), process}, []string{process}, ""},
		"a lot of a class":     {[]string{lot(1, "L")}, []string{gtin(1)}, ""},
		"a class of which lot": {[]string{gtin(1)}, []string{lot(1, "L")}, gtin(1)},
	} {
		own, limit := trace.CertificateState{Scope: c.own}, trace.CertificateState{Scope: c.limit}
		if what, beyond := own.Beyond(&limit); what != c.beyond || beyond != (c.beyond != "") {
			t.Errorf("%s: %q, %v, want %q", name, what, beyond, c.beyond)
		}
	}
}
