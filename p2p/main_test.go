package p2p

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails the package when a host leaves goroutines behind.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}
