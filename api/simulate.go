package api

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// simulationJSON is how records would be judged now.
type simulationJSON struct {
	AsOf    asOf            `json:"asOf"`
	Time    epcis.Instant   `json:"time"` // block time that was judged at
	Signer  signerJSON      `json:"signer"`
	Success bool            `json:"success"` // no error, and every record accepted now or before
	Errors  []*Problem      `json:"errors"`  // events left out under proceed
	Records []simulatedJSON `json:"records"`
}

// simulatedJSON is the verdict that one record would get.
type simulatedJSON struct {
	Seq        uint64          `json:"seq"`  // where it would stand if nothing else came first
	Body       int             `json:"body"` // of several bodies: which one it is from
	Kind       epcis.Kind      `json:"kind"`
	RecordHash string          `json:"recordHash"`
	EventID    string          `json:"eventID,omitempty"`
	Rejected   bool            `json:"rejected"`
	Verdicts   []trace.Finding `json:"verdicts"`
}

// postSimulate takes what capture takes and answers how each record would be
// judged now. Nothing of it is signed, kept or sent.
func (a *API) postSimulate(c echo.Context) error {
	t, err := trialOf(c)
	if err != nil {
		return err
	}
	body, release, err := a.readBody(c, jsonTypes...)
	if err != nil {
		return err
	}
	defer release()
	if err := t.cut(body); err != nil {
		return err
	}
	parts := make([]Part, len(t.parts))
	for i := range t.parts {
		parts[i] = t.parts[i].Part
	}
	made, err := a.backend.Simulate(c.Request().Context(), t.signer, t.set, parts)
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	answer, err := a.simulated(t, made)
	if err != nil {
		return err
	}
	return answerJSON(c, http.StatusOK, answer)
}

// simulated puts the verdicts beside their records.
func (a *API) simulated(t *trial, made *Simulation) (*simulationJSON, error) {
	s, err := a.snapshot()
	if err != nil {
		return nil, err
	}
	defer a.closeSnapshot(s)
	name, err := namesIn(s).name(made.Organisation)
	if err != nil {
		return nil, err
	}
	out := &simulationJSON{AsOf: stoodAt(made.Roots), Time: made.Time, Success: len(t.refused) == 0,
		Signer: signerJSON{Address: made.Signer.Hex(), Organisation: made.Organisation, Name: name},
		Errors: orEmpty(t.refused), Records: make([]simulatedJSON, 0, len(made.Findings))}
	for _, part := range t.parts {
		for _, b := range part.Records {
			i := len(out.Records)
			r := simulatedJSON{Seq: made.Roots.LogSize + uint64(i), Body: part.body, Kind: part.Kind, RecordHash: identity.RecordHash(b).String(),
				Rejected: trace.Rejected(made.Findings[i]), Verdicts: orEmpty(made.Findings[i])}
			if parsed, err := epcis.ParseJSON(b); err == nil && part.Kind == epcis.KindEvent {
				r.EventID = memberOf(parsed, "eventID")
			}
			if _, duplicate := contracts.FirstReceipt(r.Verdicts); r.Rejected && !duplicate {
				out.Success = false
			}
			out.Records = append(out.Records, r)
		}
	}
	return out, nil
}
