package client

import (
	"context"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// Author signs with a member's own key and hands in through any node: what a
// member without a node does. The node is trusted with nothing but delivery.
type Author struct {
	Client  *Client
	Network identity.Network
	Key     *identity.Key
	// Valid is how long an envelope may wait for its block; 0 means an hour.
	Valid time.Duration
}

// Capture signs records of one kind, in as few envelopes as the limits allow,
// hands them in, and returns each as it was judged. What is refused is no
// error: see the records' verdicts.
func (a *Author) Capture(ctx context.Context, kind epcis.Kind, records [][]byte) ([]Record, error) {
	valid := a.Valid
	if valid == 0 {
		valid = time.Hour
	}
	notAfter := uint64(time.Now().Add(valid).Unix())
	var judged []Record
	for _, bundle := range identity.Bundles(records) {
		e := identity.NewEnvelope(a.Network, string(kind), a.Key.Address(), notAfter, bundle)
		if err := a.Key.SignEnvelope(e); err != nil {
			return judged, err
		}
		wire, err := e.Encode()
		if err != nil {
			return judged, err
		}
		wait := 10 * time.Second
		if ends, ok := ctx.Deadline(); ok { // the node answers in time that it has the envelope
			wait = min(wait, time.Until(ends)/2)
		}
		receipt, err := a.Client.Envelope(ctx, wire, wait)
		if err == nil && receipt.Records == nil {
			receipt, err = a.Client.WaitEnvelope(ctx, receipt.Envelope)
		}
		if err != nil {
			return judged, err
		}
		judged = append(judged, receipt.Records...)
	}
	return judged, nil
}

// CaptureDocument splits an EPCIS document or bare event here, as a node would,
// and captures its master data, then its events.
func (a *Author) CaptureDocument(ctx context.Context, body []byte) ([]Record, error) {
	doc, err := epcis.Split(body)
	if err != nil {
		return nil, err
	}
	judged, err := a.Capture(ctx, epcis.KindMasterData, doc.MasterData)
	if err != nil {
		return judged, err
	}
	events, err := a.Capture(ctx, epcis.KindEvent, doc.Events)
	return append(judged, events...), err
}
