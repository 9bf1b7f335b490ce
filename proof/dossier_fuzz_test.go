package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// Of all bytes, only the honest dossier verifies.
func FuzzVerify(f *testing.F) {
	l := newLiar(f)
	honest := l.text()
	f.Add(honest)
	for _, lie := range allFalsehoods() {
		l := newLiar(f)
		lie.tell(l)
		if l.kept == nil { // what a kept checkpoint refutes may hold from genesis
			f.Add(l.text())
		}
	}
	o := Options{Anchor: l.anchor(f), ID: bag, Direction: trace.Upstream}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Verify(data, o)
		var refuted *Refutation
		switch {
		case errors.As(err, &refuted) && refuted.Reason != "", errors.Is(err, ErrUnusable):
		case err != nil:
			t.Fatalf("an error of no kind: %v", err)
		default:
			var text bytes.Buffer
			if json.Compact(&text, data) != nil || !bytes.Equal(text.Bytes(), honest) {
				t.Fatal("another dossier than the honest one verifies")
			}
		}
	})
}

func FuzzParseDossier(f *testing.F) {
	o := newOrchard(f)
	f.Add(o.dossier(f, bag, BuildOptions{At: o.sold}))
	f.Add(o.dossier(f, crate, BuildOptions{MaxNodes: 3}))
	f.Add(o.dossier(f, "urn:nothing", BuildOptions{}))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ParseDossier(data)
		if err != nil {
			if !errors.Is(err, ErrUnusable) {
				t.Fatal(err)
			}
			return
		}
		text, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		var given bytes.Buffer
		if json.Compact(&given, data) != nil || !bytes.Equal(text, given.Bytes()) {
			t.Fatalf("%s encodes to %s", data, text)
		}
	})
}

// busyBag is the coffee lane whose bag was looked at so often that its journey
// upstream is 120 records.
func busyBag(b *testing.B) *book {
	l := newLane(b)
	v := l.verify(b, l.dossier(b, laneBag, BuildOptions{Direction: trace.Upstream}), Options{ID: laneBag, Direction: trace.Upstream})
	shop := l.recorded[len(l.recorded)-1].Organisation
	for i := len(v.Records); i < 120; i++ {
		when := fmt.Sprintf("2026-11-21T%02d:%02d:00Z", i/60, i%60)
		l.at(b, when).block(b, shop, epcis.KindEvent, event(when, object("OBSERVE", "storing", laneBag)))
	}
	return l
}

func BenchmarkVerifyDossierOf120Records(b *testing.B) {
	l := busyBag(b)
	data := l.dossier(b, laneBag, BuildOptions{Direction: trace.Upstream})
	o := Options{Anchor: l.anchor(b), ID: laneBag, Direction: trace.Upstream}
	v, err := Verify(data, o)
	if err != nil || len(v.Records) != 120 {
		b.Fatal(err, len(v.Records))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Verify(data, o); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(data)), "bytes")
	b.ReportMetric(float64(gzipped(data)), "gzip-bytes")
}

func TestWhatIsNoJSONIsToldAsThat(t *testing.T) {
	for text, want := range map[string]string{"# Operating": "it is no JSON", `{"format":`: "it is no JSON", `{"format":"x"}`: `its format is "x"`} {
		if _, err := ParseDossier([]byte(text)); !errors.Is(err, ErrUnusable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}
