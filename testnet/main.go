package testnet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/waymark-ledger/waymark/node"
)

// leash is the argument by which a supervisor starts a node that stops with it.
const leash = "--until-stdin-closes"

// nodeMark is set in the environment of the processes that a supervisor starts.
const nodeMark = "TESTNET_NODE"

// errNodeWithoutMain keeps a test binary that was started as a node from running its
// tests, which would start nodes, which would run their tests.
var errNodeWithoutMain = errors.New("this process was started as a node of a testnet and runs tests instead: " +
	"the package's TestMain has to be func TestMain(m *testing.M) { os.Exit(testnet.Main(m.Run)) }")

// Main runs a test binary: as a node where a supervisor started it as one, else its
// tests. Unless Options.Command names another program, a network that a test brings up
// is made of processes of the test's own binary, so its package needs
//
//	func TestMain(m *testing.M) { os.Exit(testnet.Main(m.Run)) }
func Main(tests func() int) (code int) {
	if !slices.Contains(os.Args, leash) {
		return tests()
	}
	if err := runNode(os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// runNode is what `waymark start` does with this home, until SIGTERM or the end of
// standard input.
func runNode(home string) error {
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	go func() { // ends with the process: a read of stdin cannot be interrupted
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
