package p2p

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain fails the package when a host leaves goroutines behind.
func TestMain(m *testing.M) {
	code := m.Run()
	if code == 0 {
		err := goleak.Find()
		for range 60 { // what was closed may still be on its way out, on a busy machine
			if err == nil {
				break
			}
			time.Sleep(time.Second)
			err = goleak.Find()
		}
		if err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}
