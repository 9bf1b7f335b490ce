package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

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
	asked, err := proposalAsked(c.QueryParams())
	if err != nil {
		return err
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	var ids []string
	if asked != "" {
		ids = []string{asked}
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
		status := p.At(epcis.InstantFromUnixNano(s.Roots().Time).Seconds)
		if asked == "" && status != contracts.ProposalOpen {
			continue // it has lapsed, and no vote has dropped it from the list since
		}
		list = append(list, proposalJSON{ID: id, ProposalState: p, Status: status, Until: epcis.Instant{Seconds: p.Until}, Record: p.Record})
	}
	return answerJSON(c, http.StatusOK, map[string]any{"proposals": list})
}

// proposalAsked is the id that is asked for, "" for all that are open.
func proposalAsked(values url.Values) (id string, err error) {
	for name, v := range values {
		if name != "id" {
			return "", unknownParameter(name, "id")
		}
		if id, err = oneValue(name, v); err != nil {
			return "", err
		}
		if id == "" {
			return "", fail(reasonQueryParameter, "id is empty: name a proposal, or leave it out for those that are open")
		}
		id = epcis.Canonical(id).URI
	}
	return id, nil
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
