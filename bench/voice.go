package main

import (
	"context"
	"log/slog"
	"os"
	"sync/atomic"
)

// voice lets nodes log while they are measured. Before that they complain of
// peers that are not up yet, and after it of peers that have stopped.
type voice struct {
	slog.Handler
	on *atomic.Bool
}

// newVoice returns the loggers' handler, still silent, and its switch.
func newVoice() (*slog.Logger, *atomic.Bool) {
	on := &atomic.Bool{}
	return slog.New(voice{slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}), on}), on
}

func (v voice) Enabled(ctx context.Context, l slog.Level) bool {
	return v.on.Load() && v.Handler.Enabled(ctx, l)
}

func (v voice) WithAttrs(a []slog.Attr) slog.Handler { return voice{v.Handler.WithAttrs(a), v.on} }
func (v voice) WithGroup(g string) slog.Handler      { return voice{v.Handler.WithGroup(g), v.on} }
