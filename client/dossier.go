package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// Question is what a dossier is asked about.
type Question struct {
	// ID is an item, lot, container or business document: a URI in any spelling, or
	// what is printed on a label or a paper. Of a number that several could mean
	// the node chooses which; the verdict's ID says what was proved.
	ID        string
	Direction trace.Direction // "" is both
	At        uint64          // a past height to tell the journey as of, beside today; 0 for today alone. What follows a part is of today
	MaxAge    time.Duration   // how old the answer may be, in whole seconds; 0 for any age
	After     *proof.Verdict  // the part before, which has a Rest
}

// Dossier asks for the proof of a journey, as bytes to keep or to hand on:
// nothing of it is verified here. Without an API key it is asked for where the
// public asks. Scope query.
func (c *Client) Dossier(ctx context.Context, q Question) ([]byte, error) {
	path, query := "/v1/dossier", url.Values{"id": {q.ID}}
	if c.key == "" {
		path = "/trace"
		query.Set("proof", "")
	}
	if q.Direction != "" {
		query.Set("direction", string(q.Direction))
	}
	if q.At != 0 && q.After == nil {
		query.Set("at", strconv.FormatUint(q.At, 10))
	}
	if q.After != nil {
		if q.After.Rest == nil {
			return nil, errNothingFollows
		}
		token, err := trace.ShortToken(q.After.Journey.Rest)
		if err != nil {
			return nil, fmt.Errorf("ask for the next part of %s: %w", q.ID, err)
		}
		query.Set("continue", token)
		query.Set("height", strconv.FormatUint(q.After.Checkpoint.StateHeight, 10))
	}
	var data []byte
	return data, c.get(ctx, path, query, &data)
}

var errNothingFollows = errors.New("nothing follows this part of the journey")

// Prove asks for a dossier, verifies it, and returns what it proves beside the
// dossier itself. Of a thing without records it proves that. An answer that does
// not verify is a [*proof.Refutation], beside which the dossier is evidence.
// ErrNoAnchor without an anchor. Scope query.
func (c *Client) Prove(ctx context.Context, q Question) (*proof.Verdict, []byte, error) {
	if c.anchor == nil {
		return nil, nil, ErrNoAnchor
	}
	data, err := c.Dossier(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	o := proof.Options{Anchor: *c.anchor, ID: q.ID, Direction: q.Direction, At: q.At, MaxAge: int64(q.MaxAge / time.Second),
		Now: epcis.InstantFromUnixNano(time.Now().UnixNano())}
	d, err := proof.ParseDossier(data)
	if err != nil {
		return nil, data, err
	}
	// What is printed may mean several things. It has to mean the dossier's.
	if !epcis.BareURI(q.ID) && epcis.StandsFor(q.ID, d.ID) {
		o.ID = d.ID
	}
	if q.After != nil {
		o.ID = q.After.ID
		o.From, o.At = &q.After.Rest.Hash, 0
	}
	v, err := d.Verify(o)
	return v, data, err
}

// Trace tells the journey of an item, lot, container or business document, from
// a verified dossier alone; direction "" means both. A journey that is too long
// for one answer has a Continuation: Next tells what follows. Of a thing without
// records, proved, the error wraps [trace.ErrUnknown]; of an answer that does not
// verify it is a [*proof.Refutation]; ErrNoAnchor without an anchor. Scope query.
func (c *Client) Trace(ctx context.Context, id, direction string) (*Trace, error) {
	return c.prove(ctx, Question{ID: id, Direction: trace.Direction(direction)})
}

// Next tells what follows a trace that has a Continuation.
func (c *Client) Next(ctx context.Context, t *Trace) (*Trace, error) {
	if t.Verdict == nil || t.Verdict.Rest == nil {
		return nil, errNothingFollows
	}
	return c.prove(ctx, Question{ID: t.ID, Direction: t.Direction, After: t.Verdict})
}

func (c *Client) prove(ctx context.Context, q Question) (*Trace, error) {
	v, _, err := c.Prove(ctx, q)
	if err != nil {
		return nil, err
	}
	if !v.Known {
		return nil, fmt.Errorf("the ledger holds no record of %s, as of block %d: %w", v.ID, v.Checkpoint.Height, trace.ErrUnknown)
	}
	return verifiedTrace(v), nil
}

// verifiedTrace is a verdict in the shape of the API's trace.
func verifiedTrace(v *proof.Verdict) *Trace {
	j := v.Journey
	t := &Trace{ID: v.ID, Direction: v.Direction, AsOf: AsOf{Height: v.Checkpoint.Height, Time: v.Checkpoint.Time, AppHash: v.Checkpoint.AppHash.String()},
		Records: []Record{}, Graph: j.Graph, Steps: j.Steps, Gaps: j.Gaps, Certificates: j.Certificates, Plots: j.Plots,
		Names: j.Names, Continuation: j.Continuation, Verdict: v}
	for i, r := range j.Records {
		says := &v.Records[i]
		record := Record{Seq: r.Seq, Height: r.Height, Time: r.Time, Kind: r.Kind,
			Signer:   Signer{Address: r.Signer, Organisation: r.Organisation, Name: says.Name},
			Envelope: identity.Hash(r.Envelope).String(), Index: r.Index, RecordHash: says.Record.String(), Rejected: says.Refused, Verdicts: r.Findings}
		if record.Verdicts == nil {
			record.Verdicts = []trace.Finding{}
		}
		if json.Valid(r.Bytes) {
			record.Record = r.Bytes
		} else { // which only a refused record can be
			record.Bytes = r.Bytes
		}
		if parsed, err := epcis.ParseJSON(r.Bytes); err == nil && r.Kind == epcis.KindEvent {
			if id := parsed.Obj.Get("eventID"); id != nil && id.Kind == epcis.String {
				record.EventID = id.Str
			}
		}
		t.Records = append(t.Records, record)
	}
	return t
}
