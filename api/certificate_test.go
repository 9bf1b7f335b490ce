package api_test

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

type certificateAnswer struct {
	ID, Issuer, Scheme, Status string
	Scope                      []string
	Changes                    []struct {
		Seq        uint64
		Status, By string
	}
	AsOf struct{ Height uint64 }
}

func TestCertificateStatus(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	printed := "(253)" + strings.TrimPrefix(script.Certificate, "https://id.gs1.org/253/")
	for _, path := range []string{url.PathEscape(script.Certificate), script.Certificate, url.PathEscape(printed)} {
		w := do(t, h, call{"GET", "/v1/certificates/" + path, queryKey, "", nil})
		var got certificateAnswer
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
		if w.Header().Get("Content-Type") != "application/json" || got.ID != script.Certificate || got.Status != "active" || len(got.Scope) != 6 ||
			len(got.Changes) != 1 || got.Changes[0].By != got.Issuer || got.AsOf.Height == 0 {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
	own := url.PathEscape(script.Certificate)
	for _, c := range []struct {
		path, key, accept string
		code              int
	}{
		{"urn:cert:none", queryKey, "", 404},
		{script.Item, queryKey, "", 404},
		{own, captureKey, "", 403},
		{own, queryKey, "text/csv", 406},
	} {
		if w := do(t, h, call{"GET", "/v1/certificates/" + c.path, c.key, "", map[string]string{"Accept": c.accept}}); w.Code != c.code {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
	}
}

func TestCertificateAsCredential(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	path := "/v1/certificates/" + url.PathEscape(script.Certificate)
	for accept, media := range map[string]string{
		api.CredentialJSONMedia:                          api.CredentialJSONMedia,
		"application/vc, application/json;q=0.5":         api.CredentialMedia,
		"application/json, application/vc+ld+json;q=0.5": "application/json",
		"*/*": "application/json",
	} {
		if w := do(t, h, call{"GET", path, queryKey, "", map[string]string{"Accept": accept}}); w.Code != 200 || w.Header().Get("Content-Type") != media {
			t.Errorf("%s: %d %s", accept, w.Code, w.Header().Get("Content-Type"))
		}
	}
	w := do(t, h, call{"GET", path, queryKey, "", map[string]string{"Accept": api.CredentialJSONMedia}})
	i := slices.IndexFunc(m.records, func(r *trace.Recorded) bool { return r.Kind == epcis.KindCertificate })
	issued, err := epcis.Decode(epcis.KindCertificate, m.records[i].Bytes)
	if err != nil {
		t.Fatal(err)
	}
	back, err := epcis.ParseCredential(w.Body.Bytes(), epcis.CredentialOptions{Issuer: m.records[i].Organisation})
	if err != nil || !bytes.Equal(back.JSON(), issued.Certificate.JSON()) {
		t.Fatalf("%v: it was\n%s and is\n%s by\n%s", err, issued.Certificate.JSON(), back.JSON(), w.Body)
	}
}
