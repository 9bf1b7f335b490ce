package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// ErrNoAnchor: the client was given nothing to verify answers with.
var ErrNoAnchor = errors.New("the client trusts no genesis document or checkpoint to verify with")

// WithAnchor makes a client of the same node that verifies what the node tells
// it, starting from what the caller trusts: see [proof.AnchorOfGenesis] and
// [proof.AnchorOfCheckpoint]. An answer that does not verify is a
// [*proof.Refutation].
func (c *Client) WithAnchor(a proof.Anchor) *Client {
	with := *c
	with.anchor = &a
	return &with
}

// Checkpoint asks for what the node's network agreed on last. With an anchor it
// is verified, and returned beside the refutation when it does not verify: then
// it is evidence. Without one it is as the node gave it. Scope query.
func (c *Client) Checkpoint(ctx context.Context) (*proof.Checkpoint, error) {
	var data []byte
	if err := c.get(ctx, "/v1/checkpoint", nil, &data); err != nil {
		return nil, err
	}
	p, err := proof.ParseCheckpoint(data)
	if err != nil {
		return nil, fmt.Errorf("understand the checkpoint: %w", err)
	}
	if c.anchor != nil {
		return p, p.Verify(*c.anchor)
	}
	return p, nil
}

// Consistency asks for the proof that the log of size to begins with the log of
// size from. It proves nothing by itself: [proof.Checkpoint.CheckExtends] takes
// it together with the two checkpoints. Scope query.
func (c *Client) Consistency(ctx context.Context, from, to uint64) ([]identity.Hash, error) {
	var answer struct {
		From, To uint64
		Path     []identity.Hash
	}
	query := url.Values{"from": {strconv.FormatUint(from, 10)}, "to": {strconv.FormatUint(to, 10)}}
	err := c.get(ctx, "/v1/proofs/consistency", query, &answer)
	return answer.Path, err
}

// Extended asks for the node's checkpoint, verifies it, and verifies that its
// history goes on from that of an earlier one. When it does not, the checkpoint
// is returned beside the refutation. Scope query.
func (c *Client) Extended(ctx context.Context, earlier *proof.Checkpoint) (*proof.Checkpoint, error) {
	if c.anchor == nil {
		return nil, ErrNoAnchor
	}
	now, err := c.Checkpoint(ctx)
	if err != nil {
		return now, err
	}
	var path []identity.Hash
	if from, to := earlier.Roots.LogSize, now.Roots.LogSize; from < to {
		if path, err = c.Consistency(ctx, from, to); err != nil {
			return nil, err
		}
	}
	return now, now.CheckExtends(earlier, path)
}
