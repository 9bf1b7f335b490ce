package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// The capture error behaviours of EPCIS 2.0. Rollback covers everything that
// is checked before the signature; what a contract refuses later is reported
// record by record under either.
const (
	rollback = "rollback"
	proceed  = "proceed"
)

// job is what the node keeps of a capture. How it stands is read from the
// ledger whenever somebody asks.
type job struct {
	ID        string        `json:"id"`
	Created   time.Time     `json:"created"`
	Behaviour string        `json:"behaviour"`
	Envelopes []jobEnvelope `json:"envelopes"`
	Refused   []*Problem    `json:"refused,omitempty"` // events left out under proceed
}

type jobEnvelope struct {
	ID       identity.Hash `json:"id"`
	NotAfter uint64        `json:"notAfter"`
	Records  int           `json:"records"`
}

// jobJSON is a capture job as EPCIS 2.0 shows it, with the envelopes and
// records it became.
type jobJSON struct {
	CaptureID             string       `json:"captureID"`
	CreatedAt             time.Time    `json:"createdAt"`
	FinishedAt            string       `json:"finishedAt,omitempty"` // block time of the last envelope, or CreatedAt if that is later
	Running               bool         `json:"running"`
	Success               bool         `json:"success"` // finished, and every record accepted
	CaptureErrorBehaviour string       `json:"captureErrorBehaviour"`
	Errors                []*Problem   `json:"errors"`
	Envelopes             []string     `json:"envelopes"`
	Records               []recordJSON `json:"records"`
}

func (a *API) newJob(behaviour string) *job {
	return &job{ID: uuid.NewString(), Created: a.now().UTC(), Behaviour: behaviour}
}

func (a *API) getJob(c echo.Context) error {
	id, err := uuid.Parse(c.Param("captureID"))
	if err != nil {
		return fail(reasonNoResource, "a capture id is a UUID")
	}
	kept, err := a.backend.Job(id.String())
	if errors.Is(err, ErrNotFound) {
		f := fail(reasonUnknownThing, "this node has no capture job %s", id)
		f.next = "Ask the node that took the document: it alone keeps the job."
		return f
	}
	if err != nil {
		return fmt.Errorf("read capture job %s: %w", id, err)
	}
	j := new(job)
	if err := json.Unmarshal(kept, j); err != nil {
		return fmt.Errorf("understand capture job %s: %w", id, err)
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	state, err := j.state(s)
	if err != nil {
		return err
	}
	return answerJSON(c, http.StatusOK, state)
}

// kept is the job as it stands before anything is judged.
func (j *job) kept() *jobJSON {
	out := &jobJSON{CaptureID: j.ID, CreatedAt: j.Created, CaptureErrorBehaviour: j.Behaviour, Running: true,
		Errors: append([]*Problem{}, j.Refused...), Envelopes: []string{}, Records: []recordJSON{}}
	for _, e := range j.Envelopes {
		out.Envelopes = append(out.Envelopes, e.ID.String())
	}
	return out
}

// state derives how a job stands. It is finished when each envelope is judged
// or can no longer be, because block time has passed its deadline.
func (j *job) state(s Snapshot) (*jobJSON, error) {
	out := j.kept()
	out.Running = false
	// A network that rests writes its next block with the time of its last one, and
	// what was recorded before was judged before: no job ends before it begins.
	finished := epcis.InstantFromUnixNano(j.Created.UnixNano())
	roots := s.Roots()
	for _, e := range j.Envelopes {
		info, judged, err := s.Envelope(e.ID)
		if err != nil {
			return nil, fmt.Errorf("read envelope %v: %w", e.ID, err)
		}
		if !judged {
			if roots.Time <= 0 || uint64(roots.Time/int64(time.Second)) <= e.NotAfter {
				out.Running = true
				continue
			}
			f := fail(reasonExpired, "the %d records of envelope %v were never ordered", e.Records, e.ID)
			out.Errors = append(out.Errors, f.problem())
			continue
		}
		receipt, err := receiptOf(s, info)
		if err != nil {
			return nil, err
		}
		for _, r := range receipt.Records {
			out.Records = append(out.Records, r)
			if !r.Rejected {
				continue
			}
			if _, duplicate := contracts.FirstReceipt(r.Verdicts); duplicate {
				continue // this organisation had it accepted before: nothing is missing
			}
			f := fail(reasonRefused, "%s", refusal(r.Verdicts))
			f.seq, f.verdicts = &r.Seq, r.Verdicts
			out.Errors = append(out.Errors, f.problem())
		}
		if t := receipt.Time; t != nil && t.After(finished) {
			finished = *t
		}
	}
	if !out.Running {
		out.FinishedAt = finished.String()
	}
	out.Success = !out.Running && len(out.Errors) == 0
	return out, nil
}
