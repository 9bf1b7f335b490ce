package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// traceHead is the part of a trace's JSON before its records.
type traceHead struct {
	ID        string          `json:"id"`
	Direction trace.Direction `json:"direction"`
	AsOf      asOf            `json:"asOf"`
}

// traceTail is the part after them.
type traceTail struct {
	Graph        trace.Graph               `json:"graph"`
	Steps        []trace.Step              `json:"steps"`
	Gaps         []trace.Gap               `json:"gaps"`
	Certificates []trace.CertificateStatus `json:"certificates"`
	Plots        []trace.Plot              `json:"plots"`
	Names        map[string]string         `json:"names"`
	Continuation string                    `json:"continuation,omitempty"`
}

const maxIDBytes = 2048

func (a *API) getTrace(c echo.Context) error {
	query := c.QueryParams()
	for name, values := range query {
		switch {
		case name != "id" && name != "direction" && name != "continue":
			return fail(reasonQueryParameter, "%q is no parameter of a trace", name)
		case len(values) != 1:
			return fail(reasonQueryParameter, "%s is given %d times", name, len(values))
		}
	}
	id := query.Get("id")
	if id == "" {
		f := fail(reasonQueryParameter, "id is missing")
		f.next = "Name an item, lot, container or business document: ?id=https://id.gs1.org/01/…"
		return f
	}
	return a.answerTrace(c, id, query.Get("direction"), query.Get("continue"))
}

// answerTrace answers the JSON of a journey.
func (a *API) answerTrace(c echo.Context, id, direction, continuation string) error {
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	j, err := a.walk(c, s, id, direction, continuation)
	if err != nil {
		return err
	}
	b, err := traceJSON(s, j)
	if err != nil {
		return err
	}
	return answerBytes(c, b)
}

// walk makes a journey within the configured bounds. Without a direction it
// goes both ways.
func (a *API) walk(c echo.Context, s Snapshot, id, direction, continuation string) (*trace.Journey, error) {
	d := trace.Direction(direction)
	switch d {
	case "":
		d = trace.Both
	case trace.Upstream, trace.Downstream, trace.Both:
	default:
		return nil, fail(reasonQueryParameter, "direction is %q, and should be upstream, downstream or both", direction)
	}
	if len(id) > maxIDBytes {
		return nil, fail(reasonQueryParameter, "the id has %d bytes, the limit is %d", len(id), maxIDBytes)
	}
	ctx := c.Request().Context()
	ends := a.now().Add(a.limits.TraceTime)
	o := trace.Options{Direction: d, MaxNodes: a.limits.TraceNodes, MaxDepth: a.limits.TraceDepth,
		Stop: func() bool { return ctx.Err() != nil || a.now().After(ends) }, Continue: continuation,
		Now: epcis.InstantFromUnixNano(s.Roots().Time)}
	state, err := s.State(trace.ParametersKey())
	if err != nil {
		return nil, fmt.Errorf("read the network's parameters: %w", err)
	}
	if state != nil {
		p, err := identity.DecodeParameters(state)
		if err != nil {
			return nil, fmt.Errorf("read the network's parameters: %w", err)
		}
		o.FutureSkew, o.Lateness = int64(p.FutureSkew), int64(p.Lateness)
	}
	if id, err = a.asked(s, id); err != nil {
		return nil, err
	}
	j, err := trace.Walk(s, id, o)
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, fmt.Errorf("trace: %w", ctx.Err())
	}
	if errors.Is(err, trace.ErrUnknown) {
		f := fail(reasonUnknownThing, "this ledger holds no record of %s", epcis.Canonical(id).URI)
		if reason := epcis.Canonical(id).Malformed; reason != "" {
			f.next = "Check the identifier: " + reason + "."
		}
		return nil, f
	}
	if err != nil {
		return nil, fmt.Errorf("trace: %w", err)
	}
	return j, nil
}

// traceJSON writes a journey with the exact bytes of its records.
func traceJSON(s Snapshot, j *trace.Journey) ([]byte, error) {
	head, err := marshal(traceHead{ID: j.ID, Direction: j.Direction, AsOf: readAt(s)})
	if err != nil {
		return nil, err
	}
	size := 4096
	for _, r := range j.Records {
		size += len(r.Bytes) + 1024
	}
	b := append(make([]byte, 0, size), head[:len(head)-1]...)
	b = append(b, `,"records":[`...)
	n := namesIn(s)
	for i, r := range j.Records {
		if i > 0 {
			b = append(b, ',')
		}
		line, err := n.describe(r)
		if err != nil {
			return nil, err
		}
		if b, err = appendRecord(b, line, r.Bytes); err != nil {
			return nil, err
		}
	}
	tail, err := marshal(traceTail{Graph: trace.Graph{Nodes: orEmpty(j.Graph.Nodes), Edges: orEmpty(j.Graph.Edges)},
		Steps: orEmpty(j.Steps), Gaps: orEmpty(j.Gaps), Certificates: orEmpty(j.Certificates), Plots: orEmpty(j.Plots),
		Names: orEmptyMap(j.Names), Continuation: j.Continuation})
	if err != nil {
		return nil, err
	}
	b = append(b, `],`...)
	return append(b, tail[1:]...), nil
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func orEmptyMap(m map[string]string) map[string]string {
	if m == nil {
		return map[string]string{}
	}
	return m
}

// clock is where the API takes time from: only for budgets and createdAt.
type clock func() time.Time
