// Package client talks to a node's API from Go.
//
// Its promise: an answer is either what its type says or an error; a refusal
// of the node arrives as a [*Problem] with everything the node said. What the
// ledger says of a thing ([Client.Trace], [Client.Prove]) is verified before it is
// returned, with what the caller trusts ([Client.WithAnchor]); every other answer
// is the node's word, as its comment says. Every call takes a context and
// honours it.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// maxAnswer bounds what an answer may make the client hold in memory.
const maxAnswer = 256 << 20

// AnswerTimeout is how long a node may take before its answer begins: a node that was
// frozen takes connections and says nothing. By its own defaults it answers within a
// minute.
const AnswerTimeout = 2 * time.Minute

// Client speaks to one node. It is safe for concurrent use.
type Client struct {
	base   string
	key    string
	http   *http.Client
	anchor *proof.Anchor // nil: nothing is verified
}

// New makes a client of the node at base, "http://127.0.0.1:8080". The API key
// may be empty: public pages and health then still answer.
func New(base, apiKey string) *Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	transport.ResponseHeaderTimeout = AnswerTimeout
	return &Client{base: strings.TrimRight(base, "/"), key: apiKey, http: &http.Client{Transport: transport}}
}

// Base is the address the client was made with.
func (c *Client) Base() string { return c.base }

// Close lets idle connections go.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// request is one call. accept lists the status codes that carry a body of the
// expected shape.
type request struct {
	method, path string
	query        url.Values
	contentType  string
	body         []byte
	header       map[string]string
	accept       []int
}

// do sends a request and decodes its JSON answer into out (nil ignores it; a
// *[]byte takes the bytes as they are). It returns the status and the Location.
func (c *Client) do(ctx context.Context, r request, out any) (status int, location string, err error) {
	target := c.base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, body)
	if err != nil {
		return 0, "", fmt.Errorf("make a request for %s: %w", target, err)
	}
	req.Header.Set("Accept", "application/json")
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, "", fmt.Errorf("ask the node: %w", err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return resp.StatusCode, "", fmt.Errorf("read the answer to %s %s: %w", r.method, r.path, err)
	}
	if len(data) > maxAnswer {
		return resp.StatusCode, "", fmt.Errorf("the answer to %s %s is larger than %d bytes", r.method, r.path, maxAnswer)
	}
	accepted := false
	for _, s := range r.accept {
		accepted = accepted || s == resp.StatusCode
	}
	if !accepted {
		return resp.StatusCode, "", problemOf(resp, data)
	}
	location = resp.Header.Get("Location")
	switch out := out.(type) {
	case nil:
	case *[]byte:
		*out = data
	default:
		if err := json.Unmarshal(data, out); err != nil {
			return resp.StatusCode, location, fmt.Errorf("understand the answer to %s %s: %w", r.method, r.path, err)
		}
	}
	return resp.StatusCode, location, nil
}

func (c *Client) get(ctx context.Context, path string, query url.Values, out any) error {
	_, _, err := c.do(ctx, request{method: http.MethodGet, path: path, query: query, accept: []int{http.StatusOK}}, out)
	return err
}

// Ready reports whether the node serves; the error says why not.
func (c *Client) Ready(ctx context.Context) error { return c.get(ctx, "/readyz", nil, nil) }

// Status asks how the node stands. Scope query.
func (c *Client) Status(ctx context.Context) (*Status, error) {
	s := new(Status)
	return s, c.get(ctx, "/v1/status", nil, s)
}

// Genesis asks for the network's genesis document. No scope: every node shows it to
// everybody, and it is what this node tells.
func (c *Client) Genesis(ctx context.Context) (*identity.Genesis, error) {
	var doc []byte
	if err := c.get(ctx, "/v1/genesis", nil, &doc); err != nil {
		return nil, err
	}
	return identity.ParseGenesis(doc)
}

// Network asks who takes part. Scope query.
func (c *Client) Network(ctx context.Context) (*Network, error) {
	n := new(Network)
	return n, c.get(ctx, "/v1/network", nil, n)
}

// Proposals are the open proposals, or the one with this id, whatever became of it.
func (c *Client) Proposals(ctx context.Context, id string) ([]Proposal, error) {
	query := url.Values{}
	if id != "" {
		query.Set("id", id)
	}
	var out struct{ Proposals []Proposal }
	err := c.get(ctx, "/v1/proposals", query, &out)
	return out.Proposals, err
}

// Capture hands in an EPCIS document, query document or bare event. The
// records are durable in the node's outbox when it returns, and judged when
// [Client.WaitJob] does. Scope capture.
func (c *Client) Capture(ctx context.Context, body []byte) (*Job, error) {
	return c.capture(ctx, "/epcis/capture", nil, body)
}

// CaptureRecords hands in records of one of Waymark's own kinds, "certificate"
// or "masterdata": one JSON object, or an array of them. Scope capture.
func (c *Client) CaptureRecords(ctx context.Context, kind string, body []byte) (*Job, error) {
	return c.capture(ctx, "/v1/records", url.Values{"kind": {kind}}, body)
}

func (c *Client) capture(ctx context.Context, path string, query url.Values, body []byte) (*Job, error) {
	j := new(Job)
	_, _, err := c.do(ctx, request{method: http.MethodPost, path: path, query: query,
		contentType: "application/json", body: body, accept: []int{http.StatusAccepted}}, j)
	return j, err
}

// Job asks how a capture stands. Scope capture.
func (c *Client) Job(ctx context.Context, id string) (*Job, error) {
	j := new(Job)
	return j, c.get(ctx, "/epcis/capture/"+url.PathEscape(id), nil, j)
}

// ErrUnjudged is returned where a wait ended before the verdict was there. The node has
// the records, and they may still be judged.
var ErrUnjudged = errors.New("no verdict came in time")

// unjudged is ErrUnjudged with the reason and the path to ask at later. The wait may have
// ended while a question was on its way.
func unjudged(ctx context.Context, path string) error {
	return fmt.Errorf("%w (GET %s tells how it stands): %w", ErrUnjudged, path, ctx.Err())
}

// WaitJob asks until the job no longer runs, or the context ends.
func (c *Client) WaitJob(ctx context.Context, id string) (*Job, error) {
	pause := 20 * time.Millisecond
	for {
		j, err := c.Job(ctx, id)
		switch {
		case err == nil && !j.Running:
			return j, nil
		case ctx.Err() != nil:
			return j, unjudged(ctx, "/epcis/capture/"+id)
		case err != nil:
			return j, err
		}
		select {
		case <-ctx.Done():
			return j, unjudged(ctx, "/epcis/capture/"+id)
		case <-time.After(pause):
		}
		pause = min(pause*3/2, time.Second)
	}
}

// CaptureAndWait hands in records of one kind, as [Client.Capture] takes events
// and [Client.CaptureRecords] the other kinds, and returns each as it was
// judged. What is refused is no error: see the records' verdicts. Records that
// were never judged (their envelope expired) are.
func (c *Client) CaptureAndWait(ctx context.Context, kind epcis.Kind, body []byte) ([]Record, error) {
	var job *Job
	var err error
	if kind == epcis.KindEvent {
		job, err = c.Capture(ctx, body)
	} else {
		job, err = c.CaptureRecords(ctx, string(kind), body)
	}
	if err != nil {
		return nil, err
	}
	if job, err = c.WaitJob(ctx, job.CaptureID); err != nil {
		return nil, err
	}
	if len(job.Records) == 0 && !job.Success && len(job.Errors) > 0 {
		return nil, &job.Errors[0]
	}
	return job.Records, nil
}

// Event hands in one bare EPCIS event and waits for its receipt. When the node
// answers before the event is judged, Receipt is nil and Job follows it.
// A refused record is a [*Problem] with status 422 and its verdicts.
// Scope capture.
func (c *Client) Event(ctx context.Context, body []byte) (*Receipt, *Job, error) {
	var data []byte
	status, _, err := c.do(ctx, request{method: http.MethodPost, path: "/epcis/events", contentType: "application/json",
		body: body, accept: []int{http.StatusCreated, http.StatusOK, http.StatusAccepted}}, &data)
	if err != nil {
		return nil, nil, err
	}
	receipt, job := new(Receipt), new(Job)
	if status == http.StatusAccepted {
		if err := json.Unmarshal(data, job); err != nil {
			return nil, nil, fmt.Errorf("understand a capture job: %w", err)
		}
		return nil, job, nil
	}
	if err := json.Unmarshal(data, receipt); err != nil {
		return nil, nil, fmt.Errorf("understand a receipt: %w", err)
	}
	return receipt, nil, nil
}

// Events queries EPCIS events by the parameters of the standard's
// SimpleEventQuery and returns one page; next is the query of the page after,
// nil on the last. Scope query.
func (c *Client) Events(ctx context.Context, query url.Values) (document json.RawMessage, next url.Values, err error) {
	target := c.base + "/epcis/events"
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, nil, fmt.Errorf("make a request for events: %w", err)
	}
	if c.key != "" {
		req.Header.Set("Authorization", "Bearer "+c.key)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, fmt.Errorf("ask the node: %w", err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, nil, fmt.Errorf("read events: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, nil, problemOf(resp, data)
	}
	next, err = nextPage(resp.Header.Get("Link"))
	return data, next, err
}

// nextPage reads the target of a Link header whose relation is next.
func nextPage(link string) (url.Values, error) {
	target, rest, ok := strings.Cut(strings.TrimPrefix(link, "<"), ">")
	if !ok || !strings.Contains(rest, `rel="next"`) {
		return nil, nil
	}
	u, err := url.Parse(target)
	if err != nil {
		return nil, fmt.Errorf("understand the Link to the next page: %w", err)
	}
	return u.Query(), nil
}

// EventsByID asks for the events with this eventID, as a query document: a
// correction keeps the id of what it corrects, so there may be several. Scope
// query.
func (c *Client) EventsByID(ctx context.Context, eventID string) (document json.RawMessage, err error) {
	err = c.get(ctx, "/epcis/events/"+url.PathEscape(eventID), nil, &document)
	return document, err
}

// TraceAsTold asks for the journey of an item, lot, container or business
// document in the node's own words: nothing of it is verified, so it is for whoever
// runs the node, and for measuring it. [Client.Trace] verifies. Direction ""
// means both. Scope query.
func (c *Client) TraceAsTold(ctx context.Context, id, direction string) (*Trace, error) {
	query := url.Values{"id": {id}}
	if direction != "" {
		query.Set("direction", direction)
	}
	t := new(Trace)
	return t, c.get(ctx, "/v1/trace", query, t)
}

// NextAsTold asks for what follows a journey in the node's own words that has a
// Continuation. Scope query.
func (c *Client) NextAsTold(ctx context.Context, t *Trace) (*Trace, error) {
	if t.Continuation == "" {
		return nil, errNothingFollows
	}
	next := new(Trace)
	return next, c.get(ctx, "/v1/trace", url.Values{"id": {t.ID}, "direction": {string(t.Direction)}, "continue": {t.Continuation}}, next)
}

// Record asks for one record of the ledger, as the node tells it. Scope query.
func (c *Client) Record(ctx context.Context, seq uint64) (*Record, error) {
	r := new(Record)
	return r, c.get(ctx, "/v1/records/"+strconv.FormatUint(seq, 10), nil, r)
}

// Block asks for the roots of a height and which records it holds. Scope query.
func (c *Client) Block(ctx context.Context, height uint64) (*Block, error) {
	b := new(Block)
	return b, c.get(ctx, "/v1/blocks/"+strconv.FormatUint(height, 10), nil, b)
}

// Envelope hands in an envelope signed elsewhere, as wire bytes. With wait
// above zero the node is asked to answer once it is judged, at most that long;
// Records of the receipt is nil when it was not. Scope capture.
func (c *Client) Envelope(ctx context.Context, wire []byte, wait time.Duration) (*Receipt, error) {
	var query url.Values
	if wait > 0 {
		query = url.Values{"wait": {wait.String()}}
	}
	r := new(Receipt)
	_, _, err := c.do(ctx, request{method: http.MethodPost, path: "/v1/envelopes", query: query,
		contentType: "application/cbor", body: wire, accept: []int{http.StatusOK, http.StatusAccepted}}, r)
	return r, err
}

// EnvelopeReceipt asks how an envelope was judged. The error is a [*Problem]
// with status 404 while it is not. Scope capture or query.
func (c *Client) EnvelopeReceipt(ctx context.Context, id string) (*Receipt, error) {
	r := new(Receipt)
	return r, c.get(ctx, "/v1/envelopes/"+url.PathEscape(id), nil, r)
}

// WaitEnvelope asks until the envelope is judged, or the context ends.
func (c *Client) WaitEnvelope(ctx context.Context, id string) (*Receipt, error) {
	pause := 20 * time.Millisecond
	for {
		r, err := c.EnvelopeReceipt(ctx, id)
		var p *Problem
		switch {
		case err == nil:
			return r, nil
		case ctx.Err() != nil:
			return nil, unjudged(ctx, "/v1/envelopes/"+id)
		case !errors.As(err, &p) || p.Status != http.StatusNotFound:
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, unjudged(ctx, "/v1/envelopes/"+id)
		case <-time.After(pause):
		}
		pause = min(pause*3/2, time.Second)
	}
}
