package client

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// Body is what would be handed in at one time: of KindEvent what
// [Client.Capture] takes, of another kind what [Client.CaptureRecords] takes.
type Body struct {
	Kind epcis.Kind
	JSON []byte // valid JSON
}

// Simulation is how records would be judged now, as the node tells it.
type Simulation struct {
	AsOf    AsOf          `json:"asOf"`
	Time    epcis.Instant `json:"time"` // block time that was judged at
	Signer  Signer        `json:"signer"`
	Success bool          `json:"success"` // every record would be accepted, or was before
	Errors  []Problem     `json:"errors"`
	Records []Simulated   `json:"records"`
}

// Simulated is the verdict that one record would get.
type Simulated struct {
	Seq        uint64          `json:"seq"`  // where it would stand if nothing else came first
	Body       int             `json:"body"` // index of the body it is from
	Kind       epcis.Kind      `json:"kind"`
	RecordHash string          `json:"recordHash"`
	EventID    string          `json:"eventID,omitempty"`
	Rejected   bool            `json:"rejected"`
	Verdicts   []trace.Finding `json:"verdicts"`
}

// Simulate asks how records would be judged now, the bodies as if handed in one
// after the other, signed with the key of this address; "" is the node's own. The
// ledger does not change. In a [*Problem] about several bodies the places are
// below /<index>/body. Scope capture.
func (c *Client) Simulate(ctx context.Context, signer string, bodies ...Body) (*Simulation, error) {
	return c.SimulateUnder(ctx, signer, nil, bodies...)
}

// SimulateUnder is Simulate with some of the network's parameters set otherwise, by
// their names.
func (c *Client) SimulateUnder(ctx context.Context, signer string, set map[string]string, bodies ...Body) (*Simulation, error) {
	query := url.Values{}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		query.Add("param", name+"="+set[name])
	}
	if signer != "" {
		query.Set("signer", signer)
	}
	var body []byte
	if len(bodies) == 1 {
		body = bodies[0].JSON
		if kind := bodies[0].Kind; kind != epcis.KindEvent {
			query.Set("kind", string(kind))
		}
	} else {
		body = several(bodies)
	}
	s := new(Simulation)
	_, _, err := c.do(ctx, request{method: http.MethodPost, path: "/v1/simulate", query: query,
		contentType: "application/json", body: body, accept: []int{http.StatusOK}}, s)
	return s, err
}

// several writes the bodies as one, each byte for byte.
func several(bodies []Body) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, body := range bodies {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"kind":"` + string(body.Kind) + `","body":`)
		b.Write(body.JSON)
		b.WriteByte('}')
	}
	b.WriteByte(']')
	return b.Bytes()
}
