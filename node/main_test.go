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
		// CometBFT's gossip routines end when they next look, a second later at most.
		time.Sleep(1200 * time.Millisecond)
		if err := goleak.Find(
			// CometBFT's WAL leaves these behind for each file it opened.
			goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.OpenAutoFile.func1"),
			goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.(*AutoFile).closeFileRoutine"),
		); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
