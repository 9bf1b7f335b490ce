package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/epcis"
)

type operation struct {
	Security   []map[string][]string
	Parameters []struct{ Name, In string }
	Responses  map[string]response
}

// response is described where it stands, or is the one that Ref points to.
type response struct {
	Ref     string `json:"$ref"`
	Content map[string]any
}

// surface is /openapi.json read once, with a compiler for its schemas.
type surface struct {
	paths    map[string]map[string]operation
	shared   map[string]response
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
	mu       sync.Mutex
}

var described = sync.OnceValues(func() (*surface, error) {
	raw := api.OpenAPI()
	var document struct {
		Paths      map[string]map[string]operation
		Components struct{ Responses map[string]response }
	}
	if err := json.Unmarshal(raw, &document); err != nil {
		return nil, err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("openapi.json", value); err != nil {
		return nil, err
	}
	return &surface{paths: document.Paths, shared: document.Components.Responses, compiler: c, schemas: map[string]*jsonschema.Schema{}}, nil
})

// template is the path of /openapi.json that a request's path falls under.
func (s *surface) template(path string) (string, bool) {
	path, _, _ = strings.Cut(path, "?")
	if _, ok := s.paths[path]; ok {
		return path, true
	}
	for _, t := range []string{"/assets/", "/epcis/capture/", "/epcis/events/", "/v1/envelopes/", "/v1/records/", "/v1/explain/", "/v1/blocks/", "/v1/certificates/"} {
		if rest, ok := strings.CutPrefix(path, t); ok && rest != "" {
			for template := range s.paths {
				if strings.HasPrefix(template, t+"{") {
					return template, true
				}
			}
		}
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	_, err := strconv.Atoi(first)
	_, link := epcis.PathID(path)
	return "/{key}/{value}", err == nil || !errors.Is(link, epcis.ErrNotLink)
}

func pointerTo(parts ...string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	var b strings.Builder
	b.WriteString("openapi.json#")
	for _, p := range parts {
		b.WriteString("/" + escape.Replace(p))
	}
	return b.String()
}

// checkAnswer holds an answer to /openapi.json: its status is listed, its
// media type too, and its body has the schema.
func checkAnswer(t testing.TB, c call, w *httptest.ResponseRecorder) {
	t.Helper()
	s, err := described()
	if err != nil {
		t.Fatal(err)
	}
	template, ok := s.template(c.path)
	method := strings.ToLower(c.method)
	if method == "head" {
		method = "get"
	}
	op, described := s.paths[template][method]
	if !ok || !described {
		if w.Code != 404 && w.Code != 405 {
			t.Errorf("%s %s answers %d and is not described", c.method, c.path, w.Code)
		}
		return
	}
	code := strconv.Itoa(w.Code)
	response, ok := op.Responses[code]
	if !ok {
		t.Errorf("%s %s answers %d, which is not described", c.method, template, w.Code)
		return
	}
	media, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
	if w.Code == 204 || w.Code == 304 {
		return
	}
	at := pointerTo("paths", template, method, "responses", code, "content", media, "schema")
	if name, ok := strings.CutPrefix(response.Ref, "#/components/responses/"); ok {
		at, response = pointerTo("components", "responses", name, "content", media, "schema"), s.shared[name]
	}
	if _, ok := response.Content[media]; !ok {
		t.Errorf("%s %s answers %d as %q, which is not described", c.method, template, w.Code, media)
		return
	}
	if strings.HasPrefix(media, "text/") {
		return // no schema to hold it to
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	schema := s.schemas[at]
	if schema == nil {
		if schema, err = s.compiler.Compile(at); err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		s.schemas[at] = schema
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Errorf("%s %s: %v", c.method, template, err)
		return
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%s %s answers what is not described: %v", c.method, template, err)
	}
}

// /openapi.json and the router name the same operations, and the same scopes.
func TestOpenAPIMatchesRoutes(t *testing.T) {
	s, err := described()
	if err != nil {
		t.Fatal(err)
	}
	a, err := api.New(api.Config{Backend: newMemory(t)})
	if err != nil {
		t.Fatal(err)
	}
	routed := map[string]bool{}
	for _, r := range api.Routes(a) {
		path := r.Path
		switch {
		case strings.HasPrefix(path, "/epcis/events/"):
			path = "/epcis/events/{eventID}"
		case strings.HasPrefix(path, "/v1/certificates/"):
			path = "/v1/certificates/{id}"
		case strings.HasSuffix(path, "/*"):
			path = "/{key}/{value}"
		}
		segments := strings.Split(path, "/")
		for i, segment := range segments {
			if name, ok := strings.CutPrefix(segment, ":"); ok {
				segments[i] = "{" + name + "}"
			}
		}
		routed[r.Method+" "+strings.Join(segments, "/")] = true
	}
	written := map[string]bool{}
	for path, operations := range s.paths {
		for method, op := range operations {
			name := strings.ToUpper(method) + " " + path
			written[name] = true
			if !routed[name] {
				t.Errorf("%s is described and not routed", name)
			}
			if _, ok := op.Responses["500"]; !ok && method != "options" {
				t.Errorf("%s does not say what a mistake of the node looks like", name)
			}
			checkSecurity(t, name, path, method, op)
		}
	}
	for name := range routed {
		if !written[name] {
			t.Errorf("%s is routed and not described", name)
		}
	}
}

// checkSecurity asks without a key: exactly what is described as public
// answers.
func checkSecurity(t *testing.T, name, path, method string, op operation) {
	t.Helper()
	path = strings.NewReplacer("{key}", "01", "{value}", "09521104000013", "{seq}", "0", "{height}", "1", "{eventID}", "x",
		"{captureID}", "6b1a5a0e-0000-4000-8000-000000000000", "{id}", strings.Repeat("00", 32), "{hash}", "0", "{file}", "verify.js").Replace(path)
	w := do(t, newAPI(t, newMemory(t), api.Limits{}), call{strings.ToUpper(method), path, "", "", nil})
	if public := len(op.Security) == 0; public == (w.Code == 401) {
		t.Errorf("%s: public is %v, and without a key it answers %d", name, public, w.Code)
	}
	if _, ok := op.Responses["401"]; ok != (len(op.Security) > 0) {
		t.Errorf("%s: 401 is described: %v", name, ok)
	}
}

// A parameter that a path does not take is refused on every path of /epcis and /v1,
// before the answer and before what is in the body.
func TestEveryPathRefusesParametersThatItDoesNotTake(t *testing.T) {
	s, err := described()
	if err != nil {
		t.Fatal(err)
	}
	h := newAPI(t, newMemory(t), api.Limits{})
	fill := strings.NewReplacer("{seq}", "0", "{height}", "1", "{eventID}", "x", "{captureID}", "6b1a5a0e-0000-4000-8000-000000000000",
		"{id}", strings.Repeat("00", 32))
	for path, operations := range s.paths {
		for method := range operations {
			if !strings.HasPrefix(path, "/epcis/") && !strings.HasPrefix(path, "/v1/") || method == "options" {
				continue
			}
			key := queryKey
			if method == "post" || strings.HasPrefix(path, "/epcis/capture") {
				key = captureKey
			}
			w := do(t, h, call{strings.ToUpper(method), fill.Replace(path) + "?colour=red", key, "", nil})
			if w.Code != 400 || !strings.Contains(w.Body.String(), "colour") || !strings.Contains(w.Body.String(), "QueryParameterException") {
				t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
			}
		}
	}
}

// Who asks wrongly is told what was wrong, and what to do.
func TestMistakesAreToldByName(t *testing.T) {
	m := newMemory(t)
	m.play(t)
	h := newAPI(t, m, api.Limits{})
	plain := map[string]string{"Content-Type": ""}
	for _, c := range []struct {
		call call
		code int
		want string
	}{
		{call{"DELETE", "/v1/status", queryKey, "", nil}, 405, `this path does not take DELETE`},
		{call{"DELETE", "/v1/status", queryKey, "", nil}, 405, `It takes OPTIONS, GET.`},
		{call{"GET", "/v1/records/999", queryKey, "", nil}, 404, "there is no record 999: the last one"},
		{call{"GET", "/v1/records/18446744073709551616", queryKey, "", nil}, 400, "not too large"},
		{call{"GET", "/epcis/capture/6b1a5a0e-0000-4000-8000-000000000000", captureKey, "", nil}, 404, "no capture job"},
		{call{"GET", "/v1/certificates/x", queryKey, "", map[string]string{"Accept": "image/png"}}, 406, "Ask for one of these."},
		{call{"GET", "/v1/trace?id=%20", queryKey, "", nil}, 400, "id is missing"},
		{call{"GET", "/v1/trace?id=x&at=", queryKey, "", nil}, 400, "at is empty"},
		{call{"GET", "/v1/trace?id=x&direction=", queryKey, "", nil}, 400, "direction is empty"},
		{call{"GET", "/v1/dossier?id=x&continue=", queryKey, "", nil}, 400, "continue is empty"},
		{call{"GET", "/v1/proofs/consistency?from=1", queryKey, "", nil}, 400, "to is missing"},
		{call{"POST", "/v1/simulate?signer=", captureKey, "{}", nil}, 400, "signer is empty"},
		{call{"POST", "/v1/simulate?kind=", captureKey, "{}", nil}, 400, "kind is empty"},
		{call{"POST", "/v1/records?kind=certificate", captureKey, "", map[string]string{"Content-Type": "application/json"}}, 400, "the request has no body"},
		{call{"POST", "/epcis/capture", captureKey, "", map[string]string{"Content-Type": "application/json"}}, 400, `"errors":[{"pointer":"","detail":"the request has no body"}]`},
		{call{"POST", "/v1/records?kind=certificate", captureKey, "{", nil}, 400, "This ends inside an object."},
		{call{"POST", "/epcis/capture", captureKey, "{}", plain}, 415, "names no content type"},
	} {
		if w := do(t, h, c.call); w.Code != c.code || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s %s: %d %s", c.call.method, c.call.path, w.Code, w.Body)
		}
	}
}

// Every parameter that the query takes is described, and the other way round.
func TestOpenAPIDescribesParameters(t *testing.T) {
	s, err := described()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range s.paths["/epcis/events"]["get"].Parameters {
		if p.In == "query" {
			names = append(names, p.Name)
		}
	}
	want := []string{"EQ_bizStep", "EQ_bizTransaction_{type}", "GE_eventTime", "GE_recordTime", "LT_eventTime", "LT_recordTime",
		"MATCH_anyEPC", "eventType", "nextPageToken", "perPage"}
	slices.Sort(names)
	if !slices.Equal(names, want) {
		t.Errorf("%v, not %v", names, want)
	}
}
