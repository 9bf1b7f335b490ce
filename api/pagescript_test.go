package api_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/web/verify"
)

// fetch asks as a browser does, without a schema to hold the answer to.
func fetch(h http.Handler, path string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func unpack(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The page of a journey names one script; from there every module that is
// imported is served, to keep, by this node alone.
func TestScripts(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{})
	page := fetch(h, linkPath(script.Item), map[string]string{"Accept": browser})
	policy := page.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'; ", "; script-src 'self'; ", "; worker-src 'self'; ", "; connect-src 'self'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy %q lacks %q", policy, want)
		}
	}
	if regexp.MustCompile(`unsafe|https?:|\*|data: *script`).MatchString(policy) {
		t.Errorf("policy %q", policy)
	}
	found := ownScript.FindStringSubmatch(page.Body.String())
	if found == nil {
		t.Fatal("the page has no script")
	}
	imports := regexp.MustCompile(`(?:from "|import\("|new URL\(")\./([a-z]+\.js)"|new URL\("([a-z]+\.js)"`)
	todo, seen := []string{path.Base(found[1])}, map[string]bool{}
	for len(todo) > 0 {
		name := todo[0]
		if todo = todo[1:]; seen[name] {
			continue
		}
		seen[name] = true
		at := path.Dir(found[1]) + "/" + name
		plain := do(t, h, call{"GET", at, "", "", nil})
		packed := fetch(h, at, map[string]string{"Accept-Encoding": "gzip, br"})
		for _, w := range []*httptest.ResponseRecorder{plain, packed} {
			if w.Code != 200 || w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" || w.Header().Get("Vary") != "Accept-Encoding" ||
				w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || w.Header().Get("X-Content-Type-Options") != "nosniff" ||
				w.Header().Get("Content-Security-Policy") != "default-src 'none'; script-src 'self'; frame-ancestors 'none'" {
				t.Fatalf("%s: %d %v", at, w.Code, w.Header())
			}
			again := fetch(h, at, map[string]string{"Accept-Encoding": w.Header().Get("Content-Encoding"), "If-None-Match": `"x", W/` + w.Header().Get("ETag")})
			if again.Code != 304 || again.Body.Len() != 0 || again.Header().Get("ETag") != w.Header().Get("ETag") {
				t.Errorf("%s again: %d %v", at, again.Code, again.Header())
			}
		}
		size := packed.Body.Len()
		if packed.Header().Get("ETag") == plain.Header().Get("ETag") || packed.Header().Get("Content-Encoding") != "gzip" || unpack(t, packed) != plain.Body.String() {
			t.Errorf("%s with gzip: %v", at, packed.Header())
		}
		if name == "check.js" && size > 4<<10 {
			t.Errorf("what every page loads has %d bytes", size)
		}
		if name == "verify.js" && plain.Body.String() != string(verify.Module) {
			t.Error("the verifier is another")
		} else if name != "verify.js" {
			for _, i := range imports.FindAllStringSubmatch(plain.Body.String(), -1) {
				todo = append(todo, i[1]+i[2])
			}
		}
	}
	for _, want := range []string{"check.js", "judge.js", "told.js", "kept.js", "verify.js"} {
		if !seen[want] {
			t.Errorf("%s is not reached", want)
		}
	}
	for _, wrong := range []string{"/assets/" + strings.Repeat("0", 32) + "/check.js", path.Dir(found[1]) + "/none.js", path.Dir(found[1]) + "/..%2fweb.go"} {
		if w := fetch(h, wrong, nil); w.Code != 404 {
			t.Errorf("%s: %d", wrong, w.Code)
		}
	}
}

// Pages that check nothing run nothing.
func TestOtherPagesHaveNoScript(t *testing.T) {
	h := newAPI(t, newMemory(t), api.Limits{})
	for _, path := range []string{"/", "/01/09521104000013/21/none"} {
		w := fetch(h, path, map[string]string{"Accept": browser})
		if strings.Contains(w.Body.String(), "<script") || strings.Contains(w.Header().Get("Content-Security-Policy"), "script-src") {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
}

func TestGenesis(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{})
	w := do(t, h, call{"GET", "/v1/genesis", "", "", nil})
	if w.Code != 200 || w.Body.String() != string(m.Genesis()) || w.Header().Get("Cache-Control") != "public, no-cache" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w := do(t, h, call{"GET", "/v1/genesis", "", "", map[string]string{"If-None-Match": w.Header().Get("ETag")}}); w.Code != 304 {
		t.Errorf("again: %d", w.Code)
	}
	if packed := fetch(h, "/v1/genesis", map[string]string{"Accept-Encoding": "gzip"}); unpack(t, packed) != string(m.Genesis()) {
		t.Error("the packed document is another")
	}
}
