package client

import (
	"context"
	"strconv"

	"github.com/waymark-ledger/waymark/trace"
)

// Explanation is why a record was judged as it was, as the node tells it.
type Explanation struct {
	AsOf AsOf `json:"asOf"`
	trace.Explanation
}

// Explain asks why the record at seq was judged as it was. The error is a
// [*Problem] with status 404 when the ledger has no such record. Scope query.
func (c *Client) Explain(ctx context.Context, seq uint64) (*Explanation, error) {
	e := new(Explanation)
	return e, c.get(ctx, "/v1/explain/"+strconv.FormatUint(seq, 10), nil, e)
}
