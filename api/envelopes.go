package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// receiptJSON is how an envelope was judged.
type receiptJSON struct {
	Envelope  string         `json:"envelope"`
	Status    string         `json:"status"` // "pending" or "judged"
	Kind      string         `json:"kind,omitempty"`
	Signer    *signerJSON    `json:"signer,omitempty"`
	NotAfter  uint64         `json:"notAfter,omitempty"`
	Height    uint64         `json:"height,omitempty"`
	Time      *epcis.Instant `json:"time,omitempty"`
	FirstSeq  *uint64        `json:"firstSeq,omitempty"` // nil while it is pending
	Count     uint32         `json:"count,omitempty"`
	Duplicate bool           `json:"duplicate,omitempty"`
	Records   []recordJSON   `json:"records,omitempty"`
}

// postEnvelope takes an envelope that its author signed elsewhere: 202 once it
// is durable in the outbox, or with ?wait 200 and its receipt once it is judged.
func (a *API) postEnvelope(c echo.Context) error {
	wait, err := a.waitOf(c)
	if err != nil {
		return err
	}
	wire, release, err := a.readBody(c, "application/cbor")
	if err != nil {
		return err
	}
	id, err := a.submit(c, wire)
	release()
	if err != nil {
		return err
	}
	c.Response().Header().Set("Location", "/v1/envelopes/"+id.String())
	if wait > 0 {
		info, judged, err := a.await(c, id, wait)
		if err != nil {
			return err
		}
		if judged {
			if err := a.answerReceipt(c, info); !errors.Is(err, ErrStopping) {
				return err
			}
		}
	}
	return answerJSON(c, http.StatusAccepted, receiptJSON{Envelope: id.String(), Status: "pending"})
}

// submit refuses what is no envelope at all before it reaches the node.
func (a *API) submit(c echo.Context, wire []byte) (identity.Hash, error) {
	if len(wire) > identity.MaxEnvelopeBytes {
		return identity.Hash{}, fail(reasonTooLarge, "an envelope has at most %d bytes", identity.MaxEnvelopeBytes)
	}
	if _, err := identity.DecodeEnvelope(wire); err != nil {
		f := fail(reasonBadRequest, "the body is no envelope: %v", err)
		f.next = "Send the deterministic CBOR of a signed envelope."
		return identity.Hash{}, f
	}
	id, err := a.backend.Submit(c.Request().Context(), wire)
	if err != nil {
		return identity.Hash{}, fmt.Errorf("submit an envelope: %w", err)
	}
	return id, nil
}

// waitOf reads ?wait: a duration such as 5s, or nothing for the longest.
func (a *API) waitOf(c echo.Context) (time.Duration, error) {
	values := c.QueryParams()
	if !values.Has("wait") {
		return 0, nil
	}
	text := values.Get("wait")
	if text == "" || text == "true" {
		return a.limits.EventWait, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fail(reasonQueryParameter, "wait is %q, and should be a duration such as 5s", text)
	}
	return min(d, a.limits.EventWait), nil
}

// await waits for a receipt; judged is false when the time is over first, or the node
// stops: its outbox holds the envelope, which is ordered after the restart.
func (a *API) await(c echo.Context, id identity.Hash, wait time.Duration) (info proof.EnvelopeInfo, judged bool, err error) {
	ctx, cancel := context.WithTimeout(c.Request().Context(), wait)
	defer cancel()
	info, err = a.backend.Wait(ctx, id)
	if err == nil {
		return info, true, nil
	}
	if errors.Is(err, ErrStopping) {
		return info, false, nil
	}
	if errors.Is(err, context.DeadlineExceeded) && c.Request().Context().Err() == nil {
		return info, false, nil
	}
	return info, false, fmt.Errorf("wait for envelope %v: %w", id, err)
}

// getEnvelope answers the receipt of an envelope that this node has judged.
func (a *API) getEnvelope(c echo.Context) error {
	id, err := identity.ParseHash(c.Param("id"))
	if err != nil {
		return fail(reasonBadRequest, "%q is not an envelope id: %v", c.Param("id"), err)
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	info, ok, err := s.Envelope(id)
	if err != nil {
		return fmt.Errorf("read envelope %v: %w", id, err)
	}
	if !ok {
		f := fail(reasonUnknownThing, "this node has not judged the envelope")
		f.next = "Ask again: an envelope that was accepted is judged by its deadline, or never."
		return f
	}
	receipt, err := receiptOf(s, info)
	if err != nil {
		return err
	}
	return answerJSON(c, http.StatusOK, receipt)
}

func (a *API) answerReceipt(c echo.Context, info proof.EnvelopeInfo) error {
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	receipt, err := receiptOf(s, info)
	if err != nil {
		return err
	}
	return answerJSON(c, http.StatusOK, receipt)
}

// receiptOf reads what became of each record of an envelope.
func receiptOf(s Snapshot, info proof.EnvelopeInfo) (*receiptJSON, error) {
	receipt := &receiptJSON{Envelope: info.ID.String(), Status: "judged", Kind: info.Kind, NotAfter: info.NotAfter,
		Height: info.Height, FirstSeq: &info.FirstSeq, Count: info.Count}
	n := namesIn(s)
	for i := range uint64(info.Count) {
		r, err := s.Record(info.FirstSeq + i)
		if err != nil {
			return nil, fmt.Errorf("read record %d: %w", info.FirstSeq+i, err)
		}
		head, err := n.describe(r)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			receipt.Signer, receipt.Time = &head.Signer, &head.Time
		}
		receipt.Records = append(receipt.Records, head)
	}
	return receipt, nil
}
