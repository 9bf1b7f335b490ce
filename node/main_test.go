package node

import (
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain finds goroutines that outlive their node.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := leaks(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// leaks waits for CometBFT's gossip routines, which end when they next look:
// after a second's sleep, or a few of them in a row, and on a busy machine later.
func leaks() (err error) {
	for range 50 {
		time.Sleep(1200 * time.Millisecond)
		if err = goleak.Find(
			// CometBFT's WAL leaves these behind for each file it opened.
			goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.OpenAutoFile.func1"),
			goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.(*AutoFile).closeFileRoutine"),
		); err == nil {
			return nil
		}
	}
	return err
}
