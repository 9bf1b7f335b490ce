package testnet_test

import (
	"os"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/testnet"
)

func TestMain(m *testing.M) { os.Exit(testnet.Main(m.Run)) }

// A test binary that was started as a node, and whose TestMain does not make it one,
// starts no nodes itself: they would start theirs, and so on.
func TestANodeThatRunsTestsStartsNoNodes(t *testing.T) {
	t.Setenv("TESTNET_NODE", "1")
	s, err := testnet.Up(t.Context(), testnet.Options{Dir: t.TempDir(), Nodes: 1, Command: []string{"false"}})
	if err == nil {
		t.Fatal("a network is up", s.Down())
	}
	if !strings.Contains(err.Error(), "testnet.Main(m.Run)") {
		t.Errorf("the error does not say what to do: %v", err)
	}
}
