package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/ledger"
)

// tracedEvents is how long the traced journey is.
const tracedEvents = 120

// traceResult is what runTrace reports.
type traceResult struct {
	Records  int     `json:"records"`
	Events   int     `json:"events"`
	Requests int     `json:"requests"`
	Bytes    int     `json:"bytes"`    // of one answer
	First    float64 `json:"first_ms"` // of the first one, which finds nothing kept
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`
}

// runTrace measures GET /v1/trace over HTTP on loopback: the upstream journey
// of one retail bag, one request after another.
func runTrace(ctx context.Context, o *options, stdout io.Writer) error {
	began := machine()
	m, bag, err := tracedMill(ctx, o)
	if err != nil {
		return err
	}
	defer m.ledger.Close()
	r, err := traceOver(ctx, o, m.ledger, bag)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("GET /v1/trace of %d events upstream on a ledger of %d records, over HTTP on loopback, one at a time: "+
		"the first %.1f ms, then p50 %.1f ms, p99 %.1f ms (%d requests, %d KiB an answer).\n", r.Events, r.Records, r.First, r.P50, r.P99, r.Requests, r.Bytes>>10)
	return o.report(stdout, sectionTrace, began, text, r)
}

// tracedMill fills a ledger with a journey to ask for, and returns the bag that it is of.
// The caller closes the ledger.
func tracedMill(ctx context.Context, o *options) (*mill, string, error) {
	m, err := newMill(filepath.Join(o.dir, "trace"))
	if err != nil {
		return nil, "", err
	}
	bag, err := m.fill(ctx, o)
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("fill the ledger: %w", err), m.ledger.Close())
	}
	return m, bag, nil
}

func traceOver(ctx context.Context, o *options, l *ledger.Ledger, bag string) (*traceResult, error) {
	s, err := serve(reader{ledger: l})
	if err != nil {
		return nil, err
	}
	defer s.close()
	query := url.Values{"id": {bag}, "direction": {"upstream"}}
	r := &traceResult{Records: int(l.Roots().LogSize), Requests: o.requests}
	took := make([]time.Duration, 0, o.requests)
	stop, err := startProfile(o.profile)
	if err != nil {
		return nil, err
	}
	defer stop()
	for i := -20; i < o.requests; i++ { // the first ones warm up
		from := time.Now()
		body, err := s.get(ctx, "/v1/trace", query)
		if err != nil {
			return nil, fmt.Errorf("trace %s: %w", bag, err)
		}
		if i >= 0 {
			took = append(took, time.Since(from))
			continue
		}
		if i == -20 {
			r.First = round(micro(time.Since(from))/1000, 1)
		}
		var answer struct {
			Records      []json.RawMessage `json:"records"`
			Continuation string            `json:"continuation"`
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return nil, err
		}
		if len(answer.Records) != tracedEvents || answer.Continuation != "" {
			return nil, fmt.Errorf("the trace has %d records, and should have %d", len(answer.Records), tracedEvents)
		}
		r.Events, r.Bytes = len(answer.Records), len(body)
	}
	r.P50, r.P99 = percentiles(took)
	return r, nil
}

// serving is the API of a ledger, on loopback.
type serving struct {
	base   string
	server *http.Server
	served chan error
}

const apiKey = "bench"

func serve(b api.Backend) (*serving, error) {
	a, err := api.New(api.Config{
		Backend: b, Logger: slog.New(slog.DiscardHandler),
		Keys: []api.APIKey{{Hash: api.HashKey(apiKey), Scopes: []api.Scope{api.ScopeQuery}}},
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &serving{base: "http://" + listener.Addr().String(), server: a.Server(), served: make(chan error, 1)}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

func (s *serving) close() {
	_ = s.server.Close() // its listener
	<-s.served
}

func (s *serving) get(ctx context.Context, path string, query url.Values) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+path+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, body)
	}
	return body, err
}

// reader is a node that only serves its ledger.
type reader struct {
	api.Backend // nil: nothing else is called
	ledger      *ledger.Ledger
}

var errNoLedger = errors.New("the ledger is closed")

func (r reader) Snapshot() (api.Snapshot, error) {
	s := r.ledger.Snapshot()
	if s.Height() == 0 {
		return nil, errors.Join(errNoLedger, s.Close())
	}
	return s, nil
}

func (r reader) Status() api.Status { return api.Status{} }
