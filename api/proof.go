package api

import (
	"fmt"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/identity"
)

// provable opens the ledger at a height that can be proved. closeSnapshot ends
// it.
func (a *API) provable(c echo.Context, stateHeight *uint64) (*Provable, error) {
	p, err := a.backend.Provable(c.Request().Context(), stateHeight)
	if err != nil {
		return nil, fmt.Errorf("prove the ledger's state: %w", err)
	}
	return p, nil
}

// getCheckpoint answers what a reader keeps to compare later answers with: its
// bytes are the checkpoint's one JSON form.
func (a *API) getCheckpoint(c echo.Context) error {
	p, err := a.provable(c, nil)
	if err != nil {
		return err
	}
	defer a.closeSnapshot(p)
	b, err := p.Checkpoint.Encode()
	if err != nil {
		return fmt.Errorf("write the checkpoint: %w", err)
	}
	return answerBytes(c, b)
}

// consistencyJSON proves that one log continues another.
type consistencyJSON struct {
	From uint64          `json:"from"` // size of the earlier log
	To   uint64          `json:"to"`
	Path []identity.Hash `json:"path"` // RFC 6962, section 2.1.2
}

func (a *API) getConsistency(c echo.Context) error {
	var sizes [2]uint64
	for i, name := range [...]string{"from", "to"} {
		if !c.QueryParams().Has(name) {
			return fail(reasonQueryParameter, "%s is missing: the size of a log, as a checkpoint has it", name)
		}
		size, err := strconv.ParseUint(c.QueryParam(name), 10, 53)
		if err != nil {
			return fail(reasonQueryParameter, "%s is %q, and should be the size of a log", name, c.QueryParam(name))
		}
		sizes[i] = size
	}
	from, to := sizes[0], sizes[1]
	if from > to {
		return fail(reasonQueryParameter, "a log of %d entries cannot begin with one of %d", to, from)
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	if size := s.Roots().LogSize; to > size {
		f := fail(reasonUnknownThing, "this node's log has %d entries", size)
		f.next = "See /v1/checkpoint for how far this node has come, or ask a node that has come further."
		return f
	}
	path, err := s.ConsistencyProof(from, to)
	if err != nil {
		return fmt.Errorf("prove that a log of %d continues one of %d: %w", to, from, err)
	}
	return answerJSON(c, 200, consistencyJSON{From: from, To: to, Path: orEmpty(path)})
}
