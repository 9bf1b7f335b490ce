package testnet

import (
	"context"
	"fmt"
	"time"

	"github.com/waymark-ledger/waymark/client"
)

// Agree compares the app hashes of the nodes at every height that all of them
// have, and returns the last of these heights. A difference is an error that
// names it. Nodes that lag are given a moment to reach the first one's height.
func Agree(ctx context.Context, nodes []*client.Client) (uint64, error) {
	first, err := nodes[0].Status(ctx)
	if err != nil {
		return 0, err
	}
	for _, c := range nodes[1:] {
		if err := awaitHeight(ctx, c, first.Height); err != nil {
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

func awaitHeight(ctx context.Context, c *client.Client, height uint64) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		status, err := c.Status(ctx)
		if err == nil && status.Height >= height {
			return nil
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = fmt.Errorf("it is at height %d", status.Height)
			}
			return fmt.Errorf("%s does not reach height %d: %w", c.Base(), height, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
