package api_test

import (
	"compress/gzip"
	"io"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/proof"
)

func dossier(t *testing.T, b []byte) *proof.Dossier {
	t.Helper()
	d, err := proof.ParseDossier(b)
	if err != nil {
		t.Fatalf("%v: %s", err, b[:min(len(b), 300)])
	}
	return d
}

// That dossiers verify is shown over a real node, in package node; here, what
// HTTP adds.
func TestDossier(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	bag := url.QueryEscape(script.Item)
	for _, c := range []struct {
		path, key string
		header    map[string]string
	}{
		{"/v1/dossier?id=" + bag, queryKey, nil},
		{"/v1/dossier?direction=both&id=" + bag, queryKey, nil},
		{linkPath(script.Item) + "?proof", "", map[string]string{"Accept": browser}},
		{linkPath(script.Item), "", map[string]string{"Accept": api.DossierMedia}},
		{"/trace?proof&id=" + bag, "", nil},
	} {
		w := do(t, h, call{"GET", c.path, c.key, "", c.header})
		if w.Code != 200 || w.Header().Get("Content-Type") != api.DossierMedia {
			t.Fatalf("%s: %d %s", c.path, w.Code, w.Header())
		}
		d := dossier(t, w.Body.Bytes())
		if d.ID != script.Item || len(d.Records) < 30 || d.At != 0 || d.Rest != nil {
			t.Errorf("%s: %s with %d records", c.path, d.ID, len(d.Records))
		}
	}
	if m.kept != 0 {
		t.Error("a state is kept for nobody")
	}

	then := dossier(t, do(t, h, call{"GET", "/v1/dossier?direction=upstream&at=30&id=" + bag, queryKey, "", nil}).Body.Bytes())
	if then.At != 30 || then.Direction != "upstream" {
		t.Errorf("%d %s", then.At, then.Direction)
	}
	unknown := dossier(t, do(t, h, call{"GET", "/v1/dossier?id=https://id.gs1.org/01/09521104000020/21/none", queryKey, "", nil}).Body.Bytes())
	if len(unknown.Records) != 0 || len(unknown.Absent) == 0 {
		t.Errorf("of an unknown item: %+v", unknown)
	}
	// What is printed on papers is found as in a trace.
	if d := dossier(t, do(t, h, call{"GET", "/v1/dossier?id=WMKU+2047188", queryKey, "", nil}).Body.Bytes()); d.ID != script.Container {
		t.Errorf("%s", d.ID)
	}
}

func TestDossierIsPacked(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	path := "/v1/dossier?id=" + url.QueryEscape(script.Item)
	plain := do(t, h, call{"GET", path, queryKey, "", map[string]string{"Accept-Encoding": "br, gzip;q=0"}})
	if plain.Header().Get("Content-Encoding") != "" {
		t.Error("packed for who does not take it")
	}
	// The answer's schema is not checked here: it is packed.
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Authorization", "Bearer "+queryKey)
	r.Header.Set("Accept-Encoding", "gzip, deflate")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") != "gzip" || !slices.Contains(w.Header().Values("Vary"), "Accept-Encoding") {
		t.Fatalf("%v", w.Header())
	}
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil || string(b) != plain.Body.String() {
		t.Fatalf("%v: %d bytes, not %d", err, len(b), plain.Body.Len())
	}
}

// A journey that does not fit comes in parts, and the node is asked to keep
// what the next part is read from.
func TestDossierInParts(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{DossierRecords: 8, TraceTime: time.Minute})
	w := do(t, h, call{"GET", "/v1/dossier?id=" + url.QueryEscape(script.Item), queryKey, "", nil})
	if d := dossier(t, w.Body.Bytes()); d.Rest == nil || m.kept != 1 {
		t.Errorf("rest %v, kept %d", d.Rest, m.kept)
	}
}

func TestDossierIsRefused(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	bag := "&id=" + url.QueryEscape(script.Item)
	for query, want := range map[string]int{
		"": 400, "?direction=up" + bag: 400, "?at=x" + bag: 400, "?at=0" + bag: 404, "?at=100000" + bag: 404, "?continue=nonsense" + bag: 400,
		"?at=5&continue=nonsense" + bag: 400, "?more=1" + bag: 400, "?height=-1" + bag: 400, "?height=3" + bag: 200,
	} {
		if w := do(t, h, call{"GET", "/v1/dossier" + query, queryKey, "", nil}); w.Code != want {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	// Whoever asks for a dossier gets a problem, never a page.
	w := do(t, h, call{"GET", linkPath(script.Item) + "?proof&at=100000", "", "", map[string]string{"Accept": browser}})
	if w.Code != 404 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
