package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// reason is one row of the table from error to answer.
type reason int

const (
	reasonBug reason = iota // anything not named below
	reasonValidation
	reasonQueryParameter
	reasonPageGone
	reasonBadRequest
	reasonNoKey
	reasonWrongScope
	reasonNoResource
	reasonUnknownThing
	reasonNoIdentifier
	reasonAhead
	reasonMethod
	reasonNotAcceptable
	reasonMediaType
	reasonTooLarge
	reasonLongURI
	reasonRefused
	reasonEnvelope
	reasonTooMany
	reasonBusy
	reasonStorage
	reasonStopping
	reasonNotReady
	reasonUnproved
	reasonReadOnly
	reasonExpired
	reasonTimeout
	reasonCanceled
	reasons // how many
)

// answer is what a reason looks like outside. typ is the EPCIS 2.0 problem
// type where the standard has one (EPCIS 2.0, section 12.6), else ours.
type answer struct {
	status int
	typ    string
	title  string
	next   string // what the caller can do, unless the error knows better
}

const problems = "https://waymark-ledger.github.io/problems/"

// table is the only place where an error becomes an HTTP status.
var table = [reasons]answer{
	reasonBug:            {500, "epcisException:ImplementationException", "The node made a mistake", "Try again; if it happens again, give the instance to whoever runs the node."},
	reasonValidation:     {400, "epcisException:ValidationException", "The document is not valid", "Correct what errors names and send it again; nothing was stored."},
	reasonQueryParameter: {400, "epcisException:QueryParameterException", "A query parameter is not understood", "See /openapi.json for the parameters of this path."},
	reasonPageGone:       {410, problems + "page-gone", "The pages of that answer are over", "Ask again without the cursor: a new answer begins."},
	reasonBadRequest:     {400, problems + "bad-request", "The request is not understood", "See /openapi.json for what this path takes."},
	reasonNoKey:          {401, "epcisException:SecurityException", "No valid API key", "Send the header Authorization: Bearer <API key>."},
	reasonWrongScope:     {403, "epcisException:SecurityException", "This API key may not do that", "Ask whoever runs the node for a key with the scope named in detail."},
	reasonNoResource:     {404, "epcisException:NoSuchResourceException", "There is nothing here", "See /openapi.json for the paths."},
	reasonUnknownThing:   {404, "epcisException:NoSuchResourceException", "No record names this", "Check the identifier; a record made elsewhere may not have reached this node yet."},
	reasonNoIdentifier:   {404, "epcisException:NoSuchResourceException", "This is no GS1 identifier", "Check the code: a digit may be wrong."},
	reasonAhead:          {404, "epcisException:NoSuchResourceException", "The ledger does not reach that height", "Ask for an earlier height, or again when the node has come further."},
	reasonMethod:         {405, problems + "method-not-allowed", "The method is not allowed here", "See the header Allow."},
	reasonNotAcceptable:  {406, "epcisException:NotAcceptableException", "The node cannot answer in that form", "Ask for application/json, EPCIS and CBV 2.0, and identifiers as they were signed."},
	reasonMediaType:      {415, "epcisException:UnsupportedMediaTypeException", "The content type is not supported", "Send what /openapi.json names for this path, plain or with Content-Encoding: gzip."},
	reasonTooLarge:       {413, "epcisException:CaptureLimitExceededException", "The body is too large", "Send fewer events at a time."},
	reasonLongURI:        {414, "epcisException:URITooLongException", "The URL is too long", "Ask for fewer identifiers at a time."},
	reasonRefused:        {422, problems + "record-refused", "The record was refused", "Read the verdicts; the refusal is on the ledger and stays provable."},
	reasonEnvelope:       {422, problems + "envelope-refused", "The envelope was refused", "Sign it again for this network with an active key and a later deadline."},
	reasonTooMany:        {429, problems + "too-many-requests", "Too many requests", "Wait a little and send fewer at a time."},
	reasonBusy:           {503, problems + "busy", "The node has too much to do", "Send the same request again after the header Retry-After."},
	reasonStorage:        {507, problems + "storage-low", "The node's disk is nearly full", "Use another node, and tell whoever runs this one."},
	reasonStopping:       {503, problems + "stopping", "The node is shutting down", "Send the same request again, or use another node."},
	reasonNotReady:       {503, problems + "not-ready", "The node is not ready", "Try again shortly, or use another node."},
	reasonUnproved:       {503, problems + "unproved", "Nothing is proved yet", "Try again when the network has made its next block."},
	reasonReadOnly:       {501, "epcisException:ImplementationException", "This node signs for no organisation", "Sign the records yourself and send them to /v1/envelopes, or use your organisation's node."},
	reasonExpired:        {503, problems + "expired", "The envelope expired before it was ordered", "Send the records again."},
	reasonTimeout:        {503, problems + "timeout", "The answer took too long", "Ask for less at a time, or try again."},
	reasonCanceled:       {408, problems + "request-timeout", "The request did not arrive", "Send it again."},
}

// Problem is the body of every refusal (RFC 9457).
type Problem struct {
	Type     string          `json:"type"`
	Title    string          `json:"title"`
	Status   int             `json:"status"`
	Detail   string          `json:"detail,omitempty"`
	Instance string          `json:"instance,omitempty"` // names the request in the node's log
	Next     string          `json:"next,omitempty"`     // what to do now
	Errors   []Place         `json:"errors,omitempty"`   // of a document that does not validate
	Seq      *uint64         `json:"seq,omitempty"`      // of a refused record
	Verdicts []trace.Finding `json:"verdicts,omitempty"` // of a refused record
}

// Place is one thing wrong with a submitted document.
type Place struct {
	Pointer string `json:"pointer"` // JSON pointer (RFC 6901) into it
	Detail  string `json:"detail"`
}

// fault is an error that knows its row of the table.
type fault struct {
	reason   reason
	detail   string
	next     string // instead of the table's
	errors   []Place
	seq      *uint64
	verdicts []trace.Finding
	cause    error
}

func (f *fault) Error() string {
	if f.cause != nil {
		return fmt.Sprintf("%s: %s: %v", table[f.reason].title, f.detail, f.cause)
	}
	return table[f.reason].title + ": " + f.detail
}

func (f *fault) Unwrap() error { return f.cause }

func fail(r reason, format string, args ...any) *fault {
	return &fault{reason: r, detail: fmt.Sprintf(format, args...)}
}

// problem is the fault as a body, without its instance.
func (f *fault) problem() *Problem {
	row := table[f.reason]
	next := f.next
	if next == "" {
		next = row.next
	}
	return &Problem{Type: row.typ, Title: row.title, Status: row.status, Detail: f.detail, Next: next,
		Errors: f.errors, Seq: f.seq, Verdicts: f.verdicts}
}

// classify finds the row of an error, whoever made it.
func classify(err error) *fault {
	var (
		known    *fault
		invalid  *epcis.InvalidError
		syntax   *epcis.SyntaxError
		envelope *EnvelopeError
		large    *http.MaxBytesError
		routed   *echo.HTTPError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &invalid):
		f := fail(reasonValidation, "%d places in the document are not valid EPCIS 2.0", len(invalid.Problems))
		if len(invalid.Problems) == 1 {
			f.detail = invalid.Problems[0].Reason
		}
		for _, p := range invalid.Problems {
			f.errors = append(f.errors, Place{Pointer: p.Pointer, Detail: p.Reason})
		}
		return f
	case errors.As(err, &syntax):
		f := fail(reasonValidation, "%s", syntax.Sentence())
		f.errors = []Place{{Pointer: syntax.Pointer, Detail: syntax.Reason}}
		return f
	case errors.As(err, &envelope):
		f := fail(reasonEnvelope, "%s", envelope.Reason)
		f.next = envelope.Next
		return f
	case errors.As(err, &large):
		return fail(reasonTooLarge, "the limit is %d bytes", large.Limit)
	case errors.Is(err, trace.ErrUnknown), errors.Is(err, ErrNotFound):
		return &fault{reason: reasonUnknownThing, detail: "this ledger holds nothing of it", cause: err}
	case errors.Is(err, trace.ErrContinuation):
		f := fail(reasonQueryParameter, "continue is not the continuation of a trace of this id and direction")
		f.next = "Start again without continue."
		return f
	case errors.Is(err, ErrBusy):
		return fail(reasonBusy, "%v", ErrBusy)
	case errors.Is(err, ErrStorageLow):
		return fail(reasonStorage, "%v", ErrStorageLow)
	case errors.Is(err, ErrUnproved):
		return fail(reasonUnproved, "%v", ErrUnproved)
	case errors.Is(err, ErrStopping):
		return fail(reasonStopping, "%v", ErrStopping)
	case errors.Is(err, ErrReadOnly):
		return fail(reasonReadOnly, "%v", ErrReadOnly)
	case errors.Is(err, ErrExpired):
		return fail(reasonExpired, "%v", ErrExpired)
	case errors.Is(err, context.DeadlineExceeded):
		return &fault{reason: reasonTimeout, detail: "the node stopped working on it", cause: err}
	case errors.Is(err, context.Canceled):
		return &fault{reason: reasonCanceled, cause: err}
	case errors.As(err, &routed):
		return classifyRouting(routed)
	}
	return &fault{reason: reasonBug, detail: "the cause is in the node's log", cause: err}
}

// classifyRouting takes over what the router itself refuses.
func classifyRouting(err *echo.HTTPError) *fault {
	switch err.Code {
	case http.StatusNotFound:
		return fail(reasonNoResource, "no such path")
	case http.StatusMethodNotAllowed:
		return fail(reasonMethod, "this path does not take that method")
	case http.StatusRequestEntityTooLarge:
		return fail(reasonTooLarge, "the body is over the limit")
	case http.StatusUnsupportedMediaType:
		return fail(reasonMediaType, "the content type is not known here")
	case http.StatusTooManyRequests:
		return fail(reasonTooMany, "more than the node's configuration allows")
	case http.StatusBadRequest:
		return fail(reasonBadRequest, "the request does not parse")
	}
	return &fault{reason: reasonBug, detail: "the cause is in the node's log", cause: err}
}

// answerError is the router's error handler: every error that leaves a handler
// ends here, once.
func (a *API) answerError(err error, c echo.Context) {
	f := classify(err)
	p := f.problem()
	p.Instance = "urn:uuid:" + requestID(c)
	switch {
	case f.reason == reasonBug:
		a.log.Error("request failed", "request", requestID(c), "method", c.Request().Method, "route", c.Path(), "error", err)
	case c.Path() == "/readyz": // whoever probes it does so again and again, and is answered
	case p.Status >= 500:
		a.log.Warn("request not served", "request", requestID(c), "route", c.Path(), "status", p.Status, "error", err)
	}
	if c.Response().Committed {
		return
	}
	if f.reason != reasonCanceled {
		a.readOut(c)
	}
	h := c.Response().Header()
	if allowed := h.Get("Allow"); f.reason == reasonMethod && allowed != "" { // by the router
		p.Detail, p.Next = "this path does not take "+c.Request().Method, "It takes "+allowed+"."
	}
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="waymark"`)
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		h.Set("Retry-After", "1")
	}
	h.Set("Cache-Control", "no-store")
	if wantsPage(c) {
		if err := a.answerPageError(c, p); err != nil {
			a.log.Debug("error page not sent", "request", requestID(c), "error", err)
		}
		return
	}
	body, err := marshal(p)
	if err != nil { // a Problem holds nothing that cannot be marshalled
		a.log.Error("problem not written", "request", requestID(c), "error", err)
		body = []byte(`{"type":"about:blank","title":"Internal Server Error","status":500}`)
	}
	if err := c.Blob(p.Status, "application/problem+json", body); err != nil {
		a.log.Debug("answer not sent", "request", requestID(c), "error", err)
	}
}
