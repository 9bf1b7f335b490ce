package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// event is a valid bare event with this id.
func event(id string) string {
	return `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"ObjectEvent","eventID":"` + id +
		`","eventTime":"2026-11-20T08:00:00Z","eventTimeZoneOffset":"+00:00","epcList":["urn:epc:id:sgtin:9521104.000001.1"],"action":"OBSERVE","bizStep":"storing"}`
}

func documentOf(events ...string) string {
	return `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"EPCISDocument","schemaVersion":"2.0",` +
		`"creationDate":"2026-11-20T09:00:00Z","epcisBody":{"eventList":[` + strings.Join(events, ",") + `]}}`
}

// call is one request; do answers it and checks what holds of every answer.
type call struct {
	method, path, key, body string
	header                  map[string]string
}

func do(t testing.TB, h http.Handler, c call) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
	if c.body == "" {
		r.Body = http.NoBody
	}
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	if c.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for k, v := range c.header {
		if v == "" {
			r.Header.Del(k)
			continue
		}
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Header().Get("X-Request-Id") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s %s: the answer lacks its request id or nosniff: %v", c.method, c.path, w.Header())
	}
	if w.Code >= 400 && !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		var p api.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Fatalf("%s %s: %d is no problem: %v %q", c.method, c.path, w.Code, err, w.Body)
		}
		if p.Status != w.Code || p.Type == "" || p.Title == "" || p.Instance == "" {
			t.Errorf("%s %s: problem %+v of a %d lacks something", c.method, c.path, p, w.Code)
		}
	}
	checkAnswer(t, c, w)
	return w
}

func decode[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, w.Body)
	}
	return v
}

func TestStatusCodes(t *testing.T) {
	m := newMemory(t)
	script := m.play(t)
	h := newAPI(t, m, api.Limits{BodyBytes: 64 << 10})
	m.block((start + 100) * 1e9)
	foreign := identity.NewEnvelope(identity.Network{9}, "epcis", m.key.Address(), uint64(start), [][]byte{[]byte(event("x:1"))})
	if err := m.key.SignEnvelope(foreign); err != nil {
		t.Fatal(err)
	}
	wire, err := foreign.Encode()
	if err != nil {
		t.Fatal(err)
	}
	cbor := map[string]string{"Content-Type": "application/cbor"}
	for _, c := range []struct {
		name string
		call call
		want int
		typ  string
	}{
		{"no key", call{"GET", "/v1/status", "", "", nil}, 401, "epcisException:SecurityException"},
		{"unknown key", call{"GET", "/v1/status", "guess", "", nil}, 401, "epcisException:SecurityException"},
		{"not bearer", call{"GET", "/v1/status", "", "", map[string]string{"Authorization": "Basic " + queryKey}}, 401, ""},
		{"no key on capture", call{"POST", "/epcis/capture", "", documentOf(event("x:1")), nil}, 401, ""},
		{"query key may not capture", call{"POST", "/epcis/capture", queryKey, documentOf(event("x:1")), nil}, 403, "epcisException:SecurityException"},
		{"query key may not record", call{"POST", "/epcis/events", queryKey, event("x:1"), nil}, 403, ""},
		{"query key may not hand in", call{"POST", "/v1/envelopes", queryKey, "x", cbor}, 403, ""},
		{"capture key may not query", call{"GET", "/epcis/events", captureKey, "", nil}, 403, ""},
		{"capture key may not trace", call{"GET", "/v1/trace?id=x", captureKey, "", nil}, 403, ""},
		{"query key sees no metrics", call{"GET", "/metrics", queryKey, "", nil}, 403, ""},
		{"admin sees metrics", call{"GET", "/metrics", adminKey, "", nil}, 200, ""},
		{"status", call{"GET", "/v1/status", queryKey, "", nil}, 200, ""},
		{"network", call{"GET", "/v1/network", queryKey, "", nil}, 200, ""},
		{"healthz is public", call{"GET", "/healthz", "", "", nil}, 200, ""},
		{"readyz is public", call{"GET", "/readyz", "", "", nil}, 200, ""},
		{"openapi is public", call{"GET", "/openapi.json", "", "", nil}, 200, ""},
		{"HEAD", call{"HEAD", "/healthz", "", "", nil}, 200, ""},
		{"unknown path", call{"GET", "/v2/x", "", "", nil}, 404, "epcisException:NoSuchResourceException"},
		{"wrong method", call{"DELETE", "/epcis/events", queryKey, "", nil}, 405, ""},
		{"wrong type", call{"POST", "/epcis/capture", captureKey, documentOf(event("x:1")), map[string]string{"Content-Type": "text/plain"}}, 415, "epcisException:UnsupportedMediaTypeException"},
		{"XML", call{"POST", "/epcis/capture", captureKey, "<x/>", map[string]string{"Content-Type": "application/xml"}}, 415, ""},
		{"no type", call{"POST", "/epcis/events", captureKey, event("x:1"), map[string]string{"Content-Type": ""}}, 415, ""},
		{"other charset", call{"POST", "/epcis/events", captureKey, event("x:1"), map[string]string{"Content-Type": "application/json; charset=latin1"}}, 415, ""},
		{"other encoding", call{"POST", "/epcis/events", captureKey, event("x:1"), map[string]string{"Content-Encoding": "br"}}, 415, ""},
		{"JSON to envelopes", call{"POST", "/v1/envelopes", captureKey, "{}", nil}, 415, ""},
		{"too large", call{"POST", "/epcis/capture", captureKey, strings.Repeat(" ", 64<<10+1), nil}, 413, "epcisException:CaptureLimitExceededException"},
		{"no gzip", call{"POST", "/epcis/capture", captureKey, "{}", map[string]string{"Content-Encoding": "gzip"}}, 400, ""},
		{"no JSON", call{"POST", "/epcis/capture", captureKey, "{", nil}, 400, "epcisException:ValidationException"},
		{"empty body", call{"POST", "/epcis/capture", captureKey, "", map[string]string{"Content-Type": "application/json"}}, 400, "epcisException:ValidationException"},
		{"no EPCIS", call{"POST", "/epcis/capture", captureKey, `{"a":1}`, nil}, 400, "epcisException:ValidationException"},
		{"bad behaviour", call{"POST", "/epcis/capture", captureKey, documentOf(event("x:1")), map[string]string{"GS1-Capture-Error-Behaviour": "hope"}}, 400, ""},
		{"other EPCIS", call{"POST", "/epcis/capture", captureKey, documentOf(event("x:1")), map[string]string{"GS1-EPCIS-Version": "1.2"}}, 406, "epcisException:NotAcceptableException"},
		{"later EPCIS", call{"GET", "/epcis/events", queryKey, "", map[string]string{"GS1-EPCIS-Min": "2.1"}}, 406, ""},
		{"our EPCIS", call{"GET", "/epcis/events", queryKey, "", map[string]string{"GS1-EPCIS-Min": "1.2", "GS1-EPCIS-Max": "2.0.0", "GS1-CBV-Version": "2.0"}}, 200, ""},
		{"document to events", call{"POST", "/epcis/events", captureKey, documentOf(event("x:1")), nil}, 400, "epcisException:ValidationException"},
		{"new event", call{"POST", "/epcis/events", captureKey, event("x:new"), nil}, 201, ""},
		{"the same again", call{"POST", "/epcis/events", captureKey, event("x:new"), nil}, 200, ""},
		{"a document", call{"POST", "/epcis/capture", captureKey, documentOf(event("x:2"), event("x:3")), nil}, 202, ""},
		{"ld+json", call{"POST", "/epcis/capture", captureKey, documentOf(event("x:4")), map[string]string{"Content-Type": "application/ld+json; charset=UTF-8"}}, 202, ""},
		{"no job", call{"GET", "/epcis/capture/6b1a5a0e-0000-4000-8000-000000000000", captureKey, "", nil}, 404, ""},
		{"no job id", call{"GET", "/epcis/capture/x", captureKey, "", nil}, 404, ""},
		{"unknown parameter", call{"GET", "/epcis/events?EQ_color=red", queryKey, "", nil}, 400, "epcisException:QueryParameterException"},
		{"unknown event type", call{"GET", "/epcis/events?eventType=Event", queryKey, "", nil}, 400, "epcisException:QueryParameterException"},
		{"bad time", call{"GET", "/epcis/events?GE_eventTime=yesterday", queryKey, "", nil}, 400, "epcisException:QueryParameterException"},
		{"bad page size", call{"GET", "/epcis/events?perPage=0", queryKey, "", nil}, 400, ""},
		{"bad token", call{"GET", "/epcis/events?nextPageToken=x", queryKey, "", nil}, 400, ""},
		{"pattern", call{"GET", "/epcis/events?MATCH_anyEPC=urn:epc:idpat:sgtin:9521104.000001.*", queryKey, "", nil}, 200, ""},
		{"no pattern", call{"GET", "/epcis/events?MATCH_anyEPC=urn:epc:idpat:sgtin:9521104.*.1", queryKey, "", nil}, 400, "epcisException:QueryParameterException"},
		{"pattern of documents", call{"GET", "/epcis/events?EQ_bizTransaction_po=urn:epc:idpat:gdti:9521104.*.*", queryKey, "", nil}, 400, ""},
		{"too long a URL", call{"GET", "/epcis/events?MATCH_anyEPC=urn:x:" + strings.Repeat("a", 32<<10), queryKey, "", nil}, 414, "epcisException:URITooLongException"},
		{"no type of document", call{"GET", "/epcis/events?EQ_bizTransaction_=x", queryKey, "", nil}, 400, ""},
		{"translated ids", call{"GET", "/epcis/events", queryKey, "", map[string]string{"GS1-EPC-Format": "Always_EPC_URN"}}, 406, "epcisException:NotAcceptableException"},
		{"ids as signed", call{"GET", "/epcis/events", queryKey, "", map[string]string{"GS1-EPC-Format": "Never_Translates"}}, 200, ""},
		{"XML answer", call{"GET", "/epcis/events", queryKey, "", map[string]string{"Accept": "application/xml"}}, 406, ""},
		{"no such event", call{"GET", "/epcis/events/urn:x", queryKey, "", nil}, 404, "epcisException:NoSuchResourceException"},
		{"an event", call{"GET", "/epcis/events/x:new", queryKey, "", nil}, 200, ""},
		{"options", call{"OPTIONS", "/epcis/capture", "", "", nil}, 204, ""},
		{"no envelope", call{"POST", "/v1/envelopes", captureKey, "x", cbor}, 400, ""},
		{"foreign envelope", call{"POST", "/v1/envelopes", captureKey, string(wire), cbor}, 422, ""},
		{"bad wait", call{"POST", "/v1/envelopes?wait=long", captureKey, string(wire), cbor}, 400, ""},
		{"bad envelope id", call{"GET", "/v1/envelopes/x", queryKey, "", nil}, 400, ""},
		{"unjudged envelope", call{"GET", "/v1/envelopes/" + strings.Repeat("0a", 32), queryKey, "", nil}, 404, ""},
		{"bad kind", call{"POST", "/v1/records?kind=epcis", captureKey, event("x:1"), nil}, 400, ""},
		{"bad certificate", call{"POST", "/v1/records?kind=certificate", captureKey, `[{"type":"wm:Certificate"}]`, nil}, 400, "epcisException:ValidationException"},
		{"no record in the array", call{"POST", "/v1/records?kind=certificate", captureKey, `[]`, nil}, 400, ""},
		{"a block", call{"GET", "/v1/blocks/1", queryKey, "", nil}, 200, ""},
		{"block ahead", call{"GET", "/v1/blocks/99999", queryKey, "", nil}, 404, ""},
		{"block 0", call{"GET", "/v1/blocks/0", queryKey, "", nil}, 404, ""},
		{"no height", call{"GET", "/v1/blocks/last", queryKey, "", nil}, 400, ""},
		{"a record", call{"GET", "/v1/records/0", queryKey, "", nil}, 200, ""},
		{"record ahead", call{"GET", "/v1/records/99999", queryKey, "", nil}, 404, ""},
		{"no seq", call{"GET", "/v1/records/-1", queryKey, "", nil}, 400, ""},
		{"a trace", call{"GET", "/v1/trace?id=" + url.QueryEscape(script.Item), queryKey, "", nil}, 200, ""},
		{"trace of nothing", call{"GET", "/v1/trace", queryKey, "", nil}, 400, "epcisException:QueryParameterException"},
		{"trace twice", call{"GET", "/v1/trace?id=a&id=b", queryKey, "", nil}, 400, ""},
		{"trace sideways", call{"GET", "/v1/trace?id=" + url.QueryEscape(script.Item) + "&direction=left", queryKey, "", nil}, 400, ""},
		{"trace with a typo", call{"GET", "/v1/trace?id=x&dir=both", queryKey, "", nil}, 400, ""},
		{"trace with a bad continuation", call{"GET", "/v1/trace?id=" + url.QueryEscape(script.Item) + "&continue=x", queryKey, "", nil}, 400, ""},
		{"trace of the unknown", call{"GET", "/v1/trace?id=urn:uuid:0", queryKey, "", nil}, 404, "epcisException:NoSuchResourceException"},
		{"link of the unknown as JSON", call{"GET", "/01/09521104999994", "", "", map[string]string{"Accept": "application/json"}}, 404, ""},
		{"link of the unknown", call{"GET", "/01/09521104999994", "", "", map[string]string{"Accept": "text/html"}}, 404, ""},
		{"link with a wrong check digit", call{"GET", "/01/09521104999990", "", "", nil}, 404, ""},
		{"page", call{"GET", strings.TrimPrefix(script.Item, "https://id.gs1.org"), "", "", map[string]string{"Accept": "text/html,*/*;q=0.8"}}, 200, ""},
		{"start page", call{"GET", "/", "", "", nil}, 200, ""},
		{"page of a container", call{"GET", "/trace?id=" + url.QueryEscape(script.Container), "", "", nil}, 200, ""},
		{"page of a declaration", call{"GET", "/trace?id=" + url.QueryEscape(script.MRN), "", "", nil}, 200, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := do(t, h, c.call)
			if w.Code != c.want {
				t.Fatalf("%d, not %d: %.500s", w.Code, c.want, w.Body)
			}
			if c.typ != "" && decode[api.Problem](t, w).Type != c.typ {
				t.Errorf("%s, not type %s", w.Body, c.typ)
			}
			if w.Code == 401 && w.Header().Get("WWW-Authenticate") == "" {
				t.Error("a 401 without WWW-Authenticate")
			}
		})
	}
}

// Who has XML is told what to send instead; an envelope is no EPCIS in any form.
func TestXMLIsToldItsWayOut(t *testing.T) {
	h := newAPI(t, newMemory(t), api.Limits{})
	xml := map[string]string{"Content-Type": "application/xml; charset=utf-8"}
	for path, told := range map[string]bool{"/epcis/capture": true, "/epcis/events": true, "/v1/simulate": true, "/v1/envelopes": false} {
		p := decode[api.Problem](t, do(t, h, call{"POST", path, captureKey, "<x/>", xml}))
		if p.Status != http.StatusUnsupportedMediaType || strings.Contains(p.Next, "Convert the document") != told {
			t.Errorf("%s: %+v", path, p)
		}
		if !told {
			continue
		}
		p = decode[api.Problem](t, do(t, h, call{"POST", path, captureKey, "\n<x/>", nil})) // as JSON
		if p.Status != http.StatusBadRequest || len(p.Errors) != 1 || !strings.Contains(p.Next, "Convert the document") {
			t.Errorf("%s: %+v", path, p)
		}
	}
}

// What the node cannot do now has its own answers.
func TestBackendErrors(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{api.ErrBusy, 503}, {api.ErrStorageLow, 507}, {api.ErrReadOnly, 501}, {api.ErrStopping, 503}, {api.ErrExpired, 503},
		{errors.New("disk on fire"), 500}, {context.DeadlineExceeded, 503},
		{&api.EnvelopeError{Reason: "no key", Next: "make one"}, 422},
	} {
		m := newMemory(t)
		m.status.Organisation = "" // no look for an earlier receipt
		h := newAPI(t, m, api.Limits{})
		m.failWith = c.err
		w := do(t, h, call{"POST", "/epcis/capture", captureKey, documentOf(event("x:1")), nil})
		if w.Code != c.want {
			t.Errorf("%v: %d, not %d", c.err, w.Code, c.want)
		}
		if w.Code == 503 && w.Header().Get("Retry-After") == "" {
			t.Errorf("%v: no Retry-After", c.err)
		}
		if strings.Contains(w.Body.String(), "disk on fire") {
			t.Errorf("the node's own trouble goes out: %s", w.Body)
		}
	}
}

func TestPanicIsAnswered(t *testing.T) {
	m := newMemory(t)
	m.panics = true
	if w := do(t, newAPI(t, m, api.Limits{}), call{"GET", "/v1/status", queryKey, "", nil}); w.Code != 500 || strings.Contains(w.Body.String(), "a bug of ours") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

// A node that is not ready answers its probes, and fills no log with them.
func TestNotReady(t *testing.T) {
	m := newMemory(t)
	m.status.Ready, m.status.Reason = false, "catching up"
	var log bytes.Buffer
	a, err := api.New(api.Config{Backend: m, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	w := do(t, a.Handler(), call{"GET", "/readyz", "", "", nil})
	if p := decode[api.Problem](t, w); w.Code != 503 || p.Detail != "catching up" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if log.Len() > 0 {
		t.Errorf("it logged %s", &log)
	}
}

func TestRateLimit(t *testing.T) {
	h := newAPI(t, newMemory(t), api.Limits{RequestsPerSec: 0.001, Burst: 2})
	var codes []int
	for range 3 {
		codes = append(codes, do(t, h, call{"GET", "/v1/status", queryKey, "", nil}).Code)
	}
	if fmt.Sprint(codes) != "[200 200 429]" {
		t.Fatal(codes)
	}
	if w := do(t, h, call{"GET", "/v1/status", adminKey, "", nil}); w.Code != 403 {
		t.Errorf("one key's haste is another's 429: %d", w.Code)
	}
	if w := do(t, h, call{"GET", "/healthz", "", "", nil}); w.Code != 200 {
		t.Errorf("health is limited: %d", w.Code)
	}
}

// An invalid document stores nothing and names the place.
func TestInvalidDocumentNamesThePlace(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{})
	bad := strings.Replace(event("x:2"), "2026-11-20T08:00:00Z", "yesterday", 1)
	w := do(t, h, call{"POST", "/epcis/capture", captureKey, documentOf(event("x:1"), bad), nil})
	p := decode[api.Problem](t, w)
	if w.Code != 400 || len(p.Errors) == 0 || p.Errors[0].Pointer != "/epcisBody/eventList/1/eventTime" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if m.captured != 0 {
		t.Errorf("%d records of an invalid document were kept", m.captured)
	}
	// Under proceed the good event goes on, and the job says what was left out.
	w = do(t, h, call{"POST", "/epcis/capture", captureKey, documentOf(event("x:1"), bad), map[string]string{"GS1-Capture-Error-Behaviour": "proceed"}})
	j := decode[jobAnswer](t, w)
	if w.Code != 202 || m.captured != 1 || j.Success || len(j.Errors) != 1 || len(j.Errors[0].Errors) == 0 ||
		strings.Contains(j.Errors[0].Next, "nothing was stored") {
		t.Fatalf("%d, %d kept: %s", w.Code, m.captured, w.Body)
	}
	w = do(t, h, call{"POST", "/epcis/capture", captureKey, documentOf(bad), map[string]string{"GS1-Capture-Error-Behaviour": "proceed"}})
	if w.Code != 400 {
		t.Errorf("a document with nothing left is accepted: %d", w.Code)
	}
}

type jobAnswer struct {
	CaptureID  string
	Running    bool
	Success    bool
	CreatedAt  string
	FinishedAt string
	Errors     []api.Problem
	Envelopes  []string
	Records    []struct{ Seq uint64 }
}

// A job runs until its envelope is judged or can no longer be.
func TestCaptureJob(t *testing.T) {
	m := newMemory(t)
	m.hold = true
	m.block(start * 1e9)
	h := newAPI(t, m, api.Limits{})
	w := do(t, h, call{"POST", "/epcis/capture", captureKey, documentOf(event("x:1"), event("x:2")), nil})
	location := w.Header().Get("Location")
	state := func() jobAnswer {
		return decode[jobAnswer](t, do(t, h, call{"GET", location, captureKey, "", nil}))
	}
	if j := state(); !j.Running || j.Success || j.FinishedAt != "" || location != "/epcis/capture/"+j.CaptureID {
		t.Fatalf("%+v", j)
	}
	m.judge = func(r *epcis.Record) []trace.Finding {
		if r.Event.ID == "x:2" {
			return []trace.Finding{{Severity: trace.Reject, Rule: "C1", Version: 1, Code: 1102, Title: "the item has ended", Next: "Check the serial."}}
		}
		return nil
	}
	const later = 4_000_000_000 // in the year 2096, after any clock of who runs this
	m.append(m.pending[0], (later+5)*1e9)
	j := state()
	if j.Running || j.Success || len(j.Records) != 2 || len(j.Errors) != 1 || j.Errors[0].Seq == nil || *j.Errors[0].Seq != 1 ||
		!trace.Rejected(j.Errors[0].Verdicts) || j.FinishedAt != "2096-10-02T07:06:45Z" {
		t.Fatalf("%+v", j)
	}

	w = do(t, h, call{"POST", "/epcis/capture", captureKey, documentOf(event("x:3")), nil})
	location = w.Header().Get("Location")
	m.block((later + 7200) * 1e9) // past the deadline, unjudged
	if j := state(); j.Running || j.Success || len(j.Errors) != 1 || !strings.HasSuffix(j.Errors[0].Type, "expired") {
		t.Fatalf("%+v", j)
	}
}

// The block after a rest has the time of the one before it, and a document that is
// handed in once more was judged before: a job ends no earlier than it began.
func TestCaptureJobEndsAfterItBegan(t *testing.T) {
	m := newMemory(t)
	m.hold = true
	m.block(1e9 * 1e9)
	h := newAPI(t, m, api.Limits{})
	w := do(t, h, call{"POST", "/epcis/capture", captureKey, documentOf(event("x:1")), nil})
	m.append(m.pending[0], 1e9*1e9+1) // in the year 2001
	j := decode[jobAnswer](t, do(t, h, call{"GET", w.Header().Get("Location"), captureKey, "", nil}))
	if j.Running || len(j.Records) != 1 || j.FinishedAt != j.CreatedAt || j.CreatedAt == "" {
		t.Errorf("%+v", j)
	}
}

func TestEventRefused(t *testing.T) {
	m := newMemory(t)
	m.judge = func(*epcis.Record) []trace.Finding {
		return []trace.Finding{{Severity: trace.Reject, Rule: "A5", Version: 1, Code: 501, Title: "eventTime is in the future"}}
	}
	w := do(t, newAPI(t, m, api.Limits{}), call{"POST", "/epcis/events", captureKey, event("x:1"), nil})
	p := decode[api.Problem](t, w)
	// The item was never born either, which refuses nothing.
	if w.Code != 422 || p.Seq == nil || len(p.Verdicts) != 2 || p.Verdicts[0].Rule != "C1" || p.Verdicts[1].Rule != "A5" || p.Detail != "A5: eventTime is in the future" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

// The same bytes again answer the first receipt and write nothing.
func TestEventTwice(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{})
	first := do(t, h, call{"POST", "/epcis/events", captureKey, event("ni:///sha-256;ab?ver=CBV2.0"), nil})
	second := do(t, h, call{"POST", "/epcis/events", captureKey, event("ni:///sha-256;ab?ver=CBV2.0"), nil})
	if first.Code != 201 || second.Code != 200 || len(m.records) != 1 {
		t.Fatalf("%d then %d, %d records", first.Code, second.Code, len(m.records))
	}
	if location := second.Header().Get("Location"); location != first.Header().Get("Location") {
		t.Errorf("%q, then %q", first.Header().Get("Location"), location)
	}
	// The Location leads back to the event, slashes and all.
	w := do(t, h, call{"GET", first.Header().Get("Location"), queryKey, "", nil})
	if w.Code != 200 || !strings.Contains(w.Body.String(), "ni:///sha-256;ab?ver=CBV2.0") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w := do(t, h, call{"GET", "/epcis/events/ni:///sha-256;ab%3Fver=CBV2.0", queryKey, "", nil}); w.Code != 200 {
		t.Errorf("with plain slashes: %d", w.Code)
	}
}

func TestEventNotJudgedInTime(t *testing.T) {
	m := newMemory(t)
	m.hold = true
	m.block(start * 1e9)
	h := newAPI(t, m, api.Limits{EventWait: 20 * time.Millisecond})
	w := do(t, h, call{"POST", "/epcis/events", captureKey, event("x:1"), nil})
	if w.Code != 202 || !strings.HasPrefix(w.Header().Get("Location"), "/epcis/capture/") {
		t.Fatalf("%d %s", w.Code, w.Header())
	}
	if j := decode[jobAnswer](t, do(t, h, call{"GET", w.Header().Get("Location"), captureKey, "", nil})); !j.Running {
		t.Fatalf("%+v", j)
	}
}

// What the outbox holds is committed after the restart: whoever waits while the node
// stops is not told to send it again.
func TestWhatIsKeptWhenTheNodeStopsIsAccepted(t *testing.T) {
	m := newMemory(t)
	m.hold = true
	m.block(start * 1e9)
	h := newAPI(t, m, api.Limits{EventWait: time.Minute})
	m.stopping = make(chan struct{})
	e, err := m.envelopeOf(epcis.KindEvent, [][]byte{[]byte(event("x:2"))})
	if err != nil {
		t.Fatal(err)
	}
	wire, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var answers sync.WaitGroup
	answered := make([]*httptest.ResponseRecorder, 2)
	for i, c := range []call{
		{"POST", "/epcis/events", captureKey, event("x:1"), nil},
		{"POST", "/v1/envelopes?wait", captureKey, string(wire), map[string]string{"Content-Type": "application/cbor"}},
	} {
		answers.Go(func() { answered[i] = do(t, h, c) })
	}
	for held := 0; held < 2; time.Sleep(time.Millisecond) {
		m.mu.Lock()
		held = len(m.pending)
		m.mu.Unlock()
	}
	close(m.stopping)
	answers.Wait()
	w := answered[0]
	if j := decode[jobAnswer](t, w); w.Code != 202 || !j.Running || len(j.Envelopes) != 1 {
		t.Fatalf("an event: %d %s", w.Code, w.Body)
	}
	if envelope := answered[1]; envelope.Code != 202 || !strings.Contains(envelope.Body.String(), "pending") || envelope.Header().Get("Location") != "/v1/envelopes/"+e.ID().String() {
		t.Errorf("an envelope: %d %s %s", envelope.Code, envelope.Header(), envelope.Body)
	}
	// A document was kept before it could be told how it stands.
	document := do(t, h, call{"POST", "/epcis/capture", captureKey, documentOf(event("x:3")), nil})
	if document.Code != 202 {
		t.Errorf("a document: %d %s", document.Code, document.Body)
	}
	m.stopping = nil // started again
	for _, location := range []string{w.Header().Get("Location"), document.Header().Get("Location")} {
		if j := do(t, h, call{"GET", location, captureKey, "", nil}); j.Code != 200 {
			t.Errorf("the job %q: %d %s", location, j.Code, j.Body)
		}
	}
}

func TestEnvelope(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{EventWait: 50 * time.Millisecond})
	e, err := m.envelopeOf(epcis.KindEvent, [][]byte{[]byte(event("x:1")), []byte(`{"broken":`)})
	if err != nil {
		t.Fatal(err)
	}
	wire, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	cbor := map[string]string{"Content-Type": "application/cbor"}
	m.hold = true
	w := do(t, h, call{"POST", "/v1/envelopes?wait=1ms", captureKey, string(wire), cbor})
	if w.Code != 202 || !strings.Contains(w.Body.String(), "pending") || strings.Contains(w.Body.String(), "firstSeq") {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	location := w.Header().Get("Location")
	m.hold = false
	w = do(t, h, call{"POST", "/v1/envelopes?wait", captureKey, string(wire), cbor})
	if w.Code != 200 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w = do(t, h, call{"GET", location, captureKey, "", nil})
	var receipt struct {
		Status  string
		Records []struct {
			Rejected bool
			EventID  string
		}
	}
	if receipt = decode[struct {
		Status  string
		Records []struct {
			Rejected bool
			EventID  string
		}
	}](t, w); receipt.Status != "judged" || len(receipt.Records) != 2 || receipt.Records[0].EventID != "x:1" || !receipt.Records[1].Rejected {
		t.Fatalf("%s", w.Body)
	}
	// Bytes that are no JSON are shown as base64.
	if w := do(t, h, call{"GET", "/v1/records/1", queryKey, "", nil}); !strings.Contains(w.Body.String(), `"recordBytes":"eyJicm9rZW4iOg=="`) {
		t.Errorf("%s", w.Body)
	}
}

func TestRecordsOfOurOwnKinds(t *testing.T) {
	m := newMemory(t)
	record := `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"wm":"https://waymark-ledger.github.io/voc/"}],` +
		`"type":"wm:MasterData","vocabulary":"urn:epcglobal:epcis:vtype:EPCClass","id":"https://id.gs1.org/01/09521104000013",` +
		`"attributes":[{"id":"urn:epcglobal:cbv:mda#descriptionShort","attribute":"Coffee"}]}`
	h := newAPI(t, m, api.Limits{})
	w := do(t, h, call{"POST", "/v1/records?kind=masterdata", captureKey, "[" + record + " , " + record + "]", nil})
	if w.Code != 202 || m.captured != 2 || string(m.records[0].Bytes) != record {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
}

// A customs declaration goes in as the example shows it; what is wrong has a place.
func TestCustomsRecordsAreCaptured(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{})
	b, err := os.ReadFile(filepath.Join("..", "docs", "examples", "declaration.json"))
	if err != nil {
		t.Fatal(err)
	}
	record := strings.TrimSpace(string(b))
	w := do(t, h, call{"POST", "/v1/records?kind=customs", captureKey, record, nil})
	if w.Code != 202 || m.captured != 1 || string(m.records[0].Bytes) != record || m.records[0].Kind != epcis.KindCustoms {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w = do(t, h, call{"POST", "/v1/records?kind=customs", captureKey, strings.Replace(record, `"ET"`, `"Ethiopia"`, 1), nil})
	if w.Code != 400 || !strings.Contains(w.Body.String(), `"/origin"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w = do(t, h, call{"POST", "/v1/records?kind=unheard-of", captureKey, record, nil}); w.Code != 400 || !strings.Contains(w.Body.String(), "customs") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// An acknowledgement goes in as the example shows it.
func TestAcknowledgementsAreCaptured(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{})
	b, err := os.ReadFile(filepath.Join("..", "docs", "examples", "acknowledgement.json"))
	if err != nil {
		t.Fatal(err)
	}
	record := strings.TrimSpace(string(b))
	w := do(t, h, call{"POST", "/v1/records?kind=acknowledgement", captureKey, record, nil})
	if w.Code != 202 || m.captured != 1 || string(m.records[0].Bytes) != record || m.records[0].Kind != epcis.KindAcknowledgement {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w = do(t, h, call{"POST", "/v1/records?kind=acknowledgement", captureKey, strings.Replace(record, `"quarantined"`, `"kept"`, 1), nil})
	if w.Code != 400 || !strings.Contains(w.Body.String(), `"/measure"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Whoever may capture may not vote in the organisation's name.
func TestGovernanceNeedsAdmin(t *testing.T) {
	m := newMemory(t)
	h := newAPI(t, m, api.Limits{})
	vote := `{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"wm":"https://waymark-ledger.github.io/voc/"}],` +
		`"type":"wm:Governance","action":"vote","id":"urn:uuid:p1","vote":"yes"}`
	if w := do(t, h, call{"POST", "/v1/records?kind=governance", captureKey, vote, nil}); w.Code != 403 || m.captured != 0 {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

// The bytes of a record are never rewritten on their way out.
func TestRecordBytesAreExact(t *testing.T) {
	m := newMemory(t)
	odd := strings.Replace(event("x:<&>"), `"action"`, "\n\t \"wm\\u003ax\" : 1.50e1 ,\"action\"", 1)
	e, err := m.envelopeOf(epcis.KindEvent, [][]byte{[]byte(odd)})
	if err != nil {
		t.Fatal(err)
	}
	m.append(e, start*1e9)
	h := newAPI(t, m, api.Limits{})
	var got struct{ Record json.RawMessage }
	if err := json.Unmarshal(do(t, h, call{"GET", "/v1/records/0", queryKey, "", nil}).Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if string(got.Record) != odd {
		t.Errorf("%s\nis not\n%s", got.Record, odd)
	}
}
