package node

import (
	"log/slog"
	"strings"
	"testing"
)

// A node that is refused each time it dials is logged once a while, each node for itself.
func TestStrangersDoNotFillTheLog(t *testing.T) {
	var log syncedLog
	g := &gate{log: slog.New(slog.NewTextHandler(&log, nil))}
	for range 100 {
		g.refused("a")
		g.refused("b")
	}
	if n := strings.Count(log.String(), "refused a stranger"); n != 2 {
		t.Errorf("%d lines", n)
	}
}
