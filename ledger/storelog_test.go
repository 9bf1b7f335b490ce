package ledger

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// withStacks is an error as Pebble's are: printed at length it shows every stack.
type withStacks struct{}

func (withStacks) Error() string { return "checksum mismatch" }

func (e withStacks) Format(s fmt.State, verb rune) {
	_, _ = io.WriteString(s, e.Error())
	if s.Flag('+') {
		_, _ = io.WriteString(s, "\n-- stack trace:")
	}
}

// What the store cannot do is one line of the log.
func TestStoreErrorsAreLoggedWithoutStacks(t *testing.T) {
	var log bytes.Buffer
	o := options(vfs.NewMem(), 1<<20, slog.New(slog.NewTextHandler(&log, nil)), newFailure())
	o.EventListener.BackgroundError(withStacks{})
	if text := log.String(); !strings.Contains(text, "checksum mismatch") || strings.Contains(text, "stack trace") {
		t.Error(text)
	}
}
