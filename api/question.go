package api

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// question is what a trace or a dossier is asked about.
type question struct {
	id           string // as typed or printed
	direction    trace.Direction
	continuation string
	at           *uint64 // a past height; nil for now
}

const maxIDBytes = 2048

// questionOf reads the parameters of a question about an id. Without a direction
// it goes both ways.
func questionOf(c echo.Context, id string) (question, error) {
	q := question{id: id, direction: trace.Direction(c.QueryParam("direction")), continuation: c.QueryParam("continue")}
	switch q.direction {
	case "":
		q.direction = trace.Both
	case trace.Upstream, trace.Downstream, trace.Both:
	default:
		return q, fail(reasonQueryParameter, "direction is %q, and should be upstream, downstream or both", q.direction)
	}
	if len(id) > maxIDBytes {
		return q, fail(reasonQueryParameter, "the id has %d bytes, the limit is %d", len(id), maxIDBytes)
	}
	var err error
	q.at, err = heightParameter(c, "at")
	return q, err
}

// strictQuestion reads a question whose id is a parameter, and refuses parameters
// that are neither of every question nor among also.
func strictQuestion(c echo.Context, also ...string) (question, error) {
	if err := onlyParameters(c, append(also, "id", "direction", "at")...); err != nil {
		return question{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(c.QueryParams())) {
		if name != "id" && c.QueryParam(name) == "" {
			return question{}, emptyParameter(name)
		}
	}
	id := c.QueryParam("id")
	if strings.TrimSpace(id) == "" {
		f := fail(reasonQueryParameter, "id is missing")
		f.next = "Name an item, lot, container or business document: ?id=https://id.gs1.org/01/…"
		return question{}, f
	}
	return questionOf(c, id)
}

// onlyParameters refuses every other parameter, and one that is given twice: who
// asks with it would take the answer for another than it is.
func onlyParameters(c echo.Context, names ...string) error {
	given := c.QueryParams()
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(names, name) {
			return unknownParameter(name, names...)
		}
		if _, err := oneValue(name, given[name]); err != nil {
			return err
		}
	}
	return nil
}

// emptyParameter refuses a parameter without a value, which who asks with it does not
// mean to leave out.
func emptyParameter(name string) error {
	f := fail(reasonQueryParameter, "%s is empty", name)
	f.next = "Give it a value, or leave it out."
	return f
}

// takes has a path refuse the parameters that it does not take.
func takes(names ...string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := onlyParameters(c, names...); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// unknownParameter refuses a parameter, and says which the path takes.
func unknownParameter(name string, names ...string) error {
	f := fail(reasonQueryParameter, "%q is no parameter of this path", name)
	f.next = "This path takes no parameters."
	if len(names) > 0 {
		names = slices.Sorted(slices.Values(names))
		f.next = "This path takes " + strings.Join(names, ", ") + "."
	}
	return f
}

// heightParameter reads a parameter that is a height; nil when it is not given.
func heightParameter(c echo.Context, name string) (*uint64, error) {
	text := c.QueryParam(name)
	if text == "" {
		return nil, nil
	}
	height, err := strconv.ParseUint(text, 10, 53) // what JSON keeps exactly
	if err != nil {
		return nil, fail(reasonQueryParameter, "%s is %q, and should be a height", name, text)
	}
	return &height, nil
}

// snapshotAt opens the ledger as of a height, nil for its last.
func (a *API) snapshotAt(height *uint64) (Snapshot, error) {
	s, err := a.snapshot()
	if err != nil || height == nil {
		return s, err
	}
	roots, err := rootsAt(s, *height)
	if err != nil {
		a.closeSnapshot(s)
		return nil, err
	}
	return &past{Snapshot: s, reader: trace.AsOf(s, roots.LogSize), roots: roots}, nil
}

// rootsAt are the roots of a past height.
func rootsAt(s Snapshot, height uint64) (proof.Roots, error) {
	roots, ok, err := s.Block(height)
	if err != nil {
		return roots, fmt.Errorf("read block %d: %w", height, err)
	}
	if !ok {
		return roots, fail(reasonAhead, "this node's ledger stands at height %d", s.Roots().Height)
	}
	return roots, nil
}

// past is a snapshot cut at a past height: histories only grow, so what the
// ledger was then is the beginning of what it is.
type past struct {
	Snapshot
	reader trace.Reader
	roots  proof.Roots
}

func (p *past) Roots() proof.Roots { return p.roots }

func (p *past) History(k trace.Key, from uint64, limit int) ([]uint64, error) {
	return p.reader.History(k, from, limit)
}

func (p *past) Window(k trace.Key, since epcis.Instant, until *epcis.Instant, lead, limit int) (before, within []uint64, err error) {
	return p.reader.Window(k, since, until, lead, limit)
}

func (p *past) Record(seq uint64) (*trace.Recorded, error) { return p.reader.Record(seq) }

// organisationParameter takes the id of an organisation.
func organisationParameter(name, value string) (string, error) {
	if value == "" {
		return "", emptyParameter(name)
	}
	id := epcis.Canonical(value).URI
	if !identity.PartyID(id) {
		f := fail(reasonQueryParameter, "%s is %q, which is no organisation's id: that is https://id.gs1.org/417/ and a party GLN", name, value)
		f.next = "Name one of those that /v1/network and waymark members list."
		return "", f
	}
	return id, nil
}

// instantParameter takes a date and time.
func instantParameter(name, value string) (*epcis.Instant, error) {
	t, err := epcis.ParseInstant(value)
	if err != nil {
		f := fail(reasonQueryParameter, "%s is %q, and should be a date and time with its zone, such as 2026-11-22T09:00:00Z", name, value)
		if strings.Contains(value, " ") {
			f.next = "In a URL the sign + is written %2B: by itself it stands for a space."
		}
		return nil, f
	}
	return &t, nil
}
