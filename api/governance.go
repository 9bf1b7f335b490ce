package api

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// proposalJSON is a proposal as it stands at the snapshot's height.
type proposalJSON struct {
	ID string `json:"id"`
	contracts.ProposalState
	Status contracts.ProposalStatus `json:"status"` // lapsed ones say so
	Until  epcis.Instant            `json:"until"`
	Record json.RawMessage          `json:"record"` // as the proposer signed it
}

// getProposals answers the open proposals, or with ?id= one of any status.
func (a *API) getProposals(c echo.Context) error {
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	ids := []string{}
	if id := c.QueryParam("id"); id != "" {
		ids = append(ids, epcis.Canonical(id).URI)
	} else {
		var open contracts.ProposalsState
		if _, err := readState(s, contracts.ProposalsKey(), &open); err != nil {
			return err
		}
		ids = open.Open
	}
	list := []proposalJSON{}
	for _, id := range ids {
		var p contracts.ProposalState
		known, err := readState(s, trace.Key{NS: trace.NSGovernance, ID: id}, &p)
		if err != nil {
			return err
		}
		if !known {
			return fail(reasonUnknownThing, "no proposal %s was recorded here", id)
		}
		list = append(list, proposalJSON{
			ID: id, ProposalState: p, Status: p.At(epcis.InstantFromUnixNano(s.Roots().Time).Seconds),
			Until: epcis.Instant{Seconds: p.Until}, Record: p.Record,
		})
	}
	return answerJSON(c, http.StatusOK, map[string]any{"proposals": list})
}

// readState decodes a state that a contract wrote, and says whether there is one.
func readState(s Snapshot, k trace.Key, v any) (bool, error) {
	raw, err := s.State(k)
	if err == nil && raw != nil {
		err = identity.UnmarshalStrict(raw, v)
	}
	if err != nil {
		return false, fmt.Errorf("read %s %s: %w", k.NS, k.ID, err)
	}
	return raw != nil, nil
}
