package testnet_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"testing"

	"github.com/waymark-ledger/waymark/node"
)

// TestMain lets the test binary be a node too: the supervisor starts it with
// the arguments of `waymark start`.
func TestMain(m *testing.M) {
	if slices.Contains(os.Args, "--until-stdin-closes") {
		if err := runNode(os.Args[len(os.Args)-1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runNode(home string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	c, err := node.LoadConfig(home, os.Environ(), nil)
	if err != nil {
		return err
	}
	n, err := node.New(c, node.Deps{})
	if err != nil {
		return err
	}
	return n.Run(ctx)
}
