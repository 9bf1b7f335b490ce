package testnet

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/waymark-ledger/waymark/client"
)

// lagPatience is how long a node may take to reach what the others have.
const lagPatience = 2 * time.Minute

// Settle waits until every node holds, and can prove, what any of them holds now. A
// record is judged at its author's node a moment before it is at the others, and
// proved by the block after it. The clients verify, as those of [NodeState.Client] do.
func Settle(ctx context.Context, nodes []*client.Client) error {
	var records uint64
	for _, c := range nodes {
		status, err := c.Status(ctx)
		if err != nil {
			return err
		}
		records = max(records, status.Records)
	}
	for _, c := range nodes {
		if err := await(ctx, c, fmt.Sprintf("prove %d records", records), func(ctx context.Context) (bool, string, error) {
			point, err := c.Checkpoint(ctx)
			if err != nil {
				return false, "", err
			}
			return point.Roots.LogSize >= records, fmt.Sprintf("it proves %d", point.Roots.LogSize), nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// Agree compares the app hashes of the nodes at every height that all of them
// have, and returns the last of these heights. A difference is an error that
// names it. Nodes that lag are given a moment to reach the first one's height.
func Agree(ctx context.Context, nodes []*client.Client) (uint64, error) {
	first, err := nodes[0].Status(ctx)
	if err != nil {
		return 0, err
	}
	for _, c := range nodes[1:] {
		if err := await(ctx, c, fmt.Sprintf("reach height %d", first.Height), func(ctx context.Context) (bool, string, error) {
			status, err := c.Status(ctx)
			if err != nil {
				return false, "", err
			}
			return status.Height >= first.Height, fmt.Sprintf("it is at height %d", status.Height), nil
		}); err != nil {
			return 0, err
		}
	}
	for height := uint64(1); height <= first.Height; height++ {
		want, err := nodes[0].Block(ctx, height)
		if err != nil {
			return 0, err
		}
		for _, c := range nodes[1:] {
			got, err := c.Block(ctx, height)
			if err != nil {
				return 0, err
			}
			if got.AppHash != want.AppHash || got.LogSize != want.LogSize {
				return 0, fmt.Errorf("height %d: %s has app hash %s after %d records, %s has %s after %d",
					height, nodes[0].Base(), want.AppHash, want.LogSize, c.Base(), got.AppHash, got.LogSize)
			}
		}
	}
	return first.Height, nil
}

// await asks a node until it has done something, and says how it stands when it has
// not within the patience.
func await(ctx context.Context, c *client.Client, what string, done func(context.Context) (bool, string, error)) error {
	ctx, cancel := context.WithTimeout(ctx, lagPatience)
	defer cancel()
	for {
		ok, stands, err := done(ctx)
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = errors.New(stands)
			}
			return fmt.Errorf("%s does not %s: %w", c.Base(), what, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
