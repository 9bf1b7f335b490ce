package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/proof"
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

func (a *API) getTrace(c echo.Context) error {
	q, err := strictQuestion(c, "continue")
	if err != nil {
		return err
	}
	return a.answerTrace(c, q)
}

// answerTrace answers the JSON of a journey.
func (a *API) answerTrace(c echo.Context, q question) error {
	s, err := a.snapshotAt(q.at)
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	j, err := a.walk(c, s, q)
	if err != nil {
		return err
	}
	b, err := traceJSON(s, j)
	if err != nil {
		return err
	}
	return answerBytes(c, b)
}

// budget says when one answer has taken long enough, or nobody waits for it.
func (a *API) budget(ctx context.Context) (spent func() bool) {
	ends := a.now().Add(a.limits.TraceTime)
	return func() bool { return ctx.Err() != nil || a.now().After(ends) }
}

// walk makes a journey within the configured bounds.
func (a *API) walk(c echo.Context, s Snapshot, q question) (*trace.Journey, error) {
	ctx := c.Request().Context()
	o, err := proof.ClosureOptions(s, epcis.InstantFromUnixNano(s.Roots().Time))
	if err != nil {
		return nil, fmt.Errorf("read the network's parameters: %w", err)
	}
	o.Direction, o.Continue = q.direction, q.continuation
	o.MaxNodes, o.MaxDepth, o.Stop = a.limits.TraceNodes, a.limits.TraceDepth, a.budget(ctx)
	id, err := a.asked(s, q.id)
	if err != nil {
		return nil, err
	}
	j, err := trace.Walk(s, id, o)
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil, fmt.Errorf("trace: %w", ctx.Err())
	}
	if errors.Is(err, trace.ErrUnknown) {
		known := epcis.Canonical(id)
		f := fail(reasonUnknownThing, "this ledger holds no record of %s", known.URI)
		if q.at != nil {
			f = fail(reasonUnknownThing, "at height %d this ledger held no record of %s", *q.at, known.URI)
		}
		switch {
		case known.Malformed != "":
			f.next = "Check the identifier: " + known.Malformed + "."
		case known.IsGLN():
			f.detail += " itself"
			f.next = "Master data describes a place or party. Records that only name it are about goods: ask for those, or query /epcis/events."
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
