package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// snapshot opens the ledger at its last committed height; closeSnapshot ends
// it. A snapshot that does not close is the node's bug, so it is logged there.
func (a *API) snapshot() (Snapshot, error) {
	s, err := a.backend.Snapshot()
	if err != nil {
		return nil, fmt.Errorf("open a snapshot of the ledger: %w", err)
	}
	return s, nil
}

func (a *API) closeSnapshot(s Snapshot) {
	if err := s.Close(); err != nil {
		a.log.Error("snapshot not closed", "error", err)
	}
}

func (a *API) getStatus(c echo.Context) error {
	status := a.backend.Status()
	if status.Activations == nil {
		status.Activations = []ActivationInfo{}
	}
	return answerJSON(c, http.StatusOK, status)
}

func (a *API) getNetwork(c echo.Context) error {
	info := a.backend.Network()
	if info.Organisations == nil {
		info.Organisations = []OrganisationInfo{}
	}
	if info.Validators == nil {
		info.Validators = []ValidatorInfo{}
	}
	if info.Peers == nil {
		info.Peers = []PeerInfo{}
	}
	if info.Activations == nil {
		info.Activations = []ActivationInfo{}
	}
	return answerJSON(c, http.StatusOK, info)
}

// blockJSON is the ledger at one height and the records of that block.
type blockJSON struct {
	Height      uint64        `json:"height"`
	Time        epcis.Instant `json:"time"`
	AppHash     string        `json:"appHash"`
	LogSize     uint64        `json:"logSize"`
	LogRoot     string        `json:"logRoot"`
	MapRoot     string        `json:"mapRoot"`
	StateHeight uint64        `json:"stateHeight"`
	From        uint64        `json:"from"` // its records are [from, to)
	To          uint64        `json:"to"`
}

func (a *API) getBlock(c echo.Context) error {
	height, err := number(c, "height")
	if err != nil {
		return err
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	roots, ok, err := s.Block(height)
	if err != nil {
		return fmt.Errorf("read block %d: %w", height, err)
	}
	if !ok {
		return fail(reasonAhead, "this node's ledger stands at height %d", s.Roots().Height)
	}
	from, to, err := s.BlockSeqs(height)
	if err != nil {
		return fmt.Errorf("read the records of block %d: %w", height, err)
	}
	return answerJSON(c, http.StatusOK, blockJSON{Height: roots.Height, Time: epcis.InstantFromUnixNano(roots.Time),
		AppHash: roots.AppHash.String(), LogSize: roots.LogSize, LogRoot: roots.LogRoot.String(), MapRoot: roots.MapRoot.String(),
		StateHeight: roots.StateHeight, From: from, To: to})
}

func (a *API) getRecord(c echo.Context) error {
	seq, err := number(c, "seq")
	if err != nil {
		return err
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	r, err := s.Record(seq)
	if errors.Is(err, trace.ErrUnknown) {
		return noRecord(s, seq)
	}
	if err != nil {
		return fmt.Errorf("read record %d: %w", seq, err)
	}
	head, err := namesIn(s).describe(r)
	if err != nil {
		return err
	}
	b, err := appendRecord(nil, head, r.Bytes)
	if err != nil {
		return err
	}
	return answerBytes(c, b)
}

// noRecord says that a ledger does not reach to a record.
func noRecord(s Snapshot, seq uint64) error {
	size := s.Roots().LogSize
	if size == 0 {
		return fail(reasonUnknownThing, "there is no record %d: this node's ledger holds none yet", seq)
	}
	return fail(reasonUnknownThing, "there is no record %d: the last one of this node's ledger is %d", seq, size-1)
}

// number reads a path parameter that counts.
func number(c echo.Context, name string) (uint64, error) {
	n, err := strconv.ParseUint(c.Param(name), 10, 64)
	if err != nil {
		return 0, fail(reasonBadRequest, "%s is %q, and should be a whole number, not too large", name, c.Param(name))
	}
	return n, nil
}
