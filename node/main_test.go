package node

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain finds goroutines that outlive their node.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// CometBFT's WAL leaves these behind for each file it opened.
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.OpenAutoFile.func1"),
		goleak.IgnoreAnyFunction("github.com/cometbft/cometbft/libs/autofile.(*AutoFile).closeFileRoutine"),
	)
}
