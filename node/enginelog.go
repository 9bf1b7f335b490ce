package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	cmtlog "github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/libs/service"
)

// engineLog hands CometBFT's messages to slog. Values that print themselves
// are printed only when the message is wanted: CometBFT passes lazy ones.
type engineLog struct {
	log *slog.Logger
	// failed is told when consensus has stopped for good. CometBFT recovers the
	// panic and says so in its log only.
	failed func(reason string)
}

// consensusFailure is the message with which CometBFT's consensus dies.
const consensusFailure = "CONSENSUS FAILURE!!!"

var _ cmtlog.Logger = engineLog{}

func (l engineLog) Debug(msg string, keyvals ...any) { l.write(slog.LevelDebug, msg, keyvals) }
func (l engineLog) Info(msg string, keyvals ...any)  { l.write(slog.LevelInfo, msg, keyvals) }
func (l engineLog) Warn(msg string, keyvals ...any)  { l.write(slog.LevelWarn, msg, keyvals) }

func (l engineLog) Error(msg string, keyvals ...any) {
	level := slog.LevelError
	if ofStopping(msg, keyvals) {
		level = slog.LevelDebug
	}
	l.write(level, msg, keyvals)
	if msg == consensusFailure && l.failed != nil {
		reason := "see the log"
		if len(keyvals) > 1 {
			reason = fmt.Sprint(keyvals[1])
		}
		l.failed(reason)
	}
}

// ofStopping reports whether a message belongs to every stop: CometBFT calls it an
// error that its own transport is closed, and that a part is to be stopped which was
// not started yet or has ended by itself.
func ofStopping(msg string, keyvals []any) bool {
	if msg == transportClosed || strings.HasPrefix(msg, notStopping) {
		return true
	}
	return slices.ContainsFunc(keyvals, func(v any) bool {
		err, ok := v.(error)
		return ok && (errors.Is(err, service.ErrNotStarted) || errors.Is(err, service.ErrAlreadyStopped))
	})
}

// What CometBFT v0.40 says in p2p/switch.go and libs/service/service.go.
const (
	transportClosed = "Stopped accept routine, as transport is closed"
	notStopping     = "Not stopping "
)

func (l engineLog) With(keyvals ...any) cmtlog.Logger {
	return engineLog{l.log.With(attributes(keyvals)...), l.failed}
}

func (l engineLog) write(level slog.Level, msg string, keyvals []any) {
	ctx := context.Background()
	if l.log.Enabled(ctx, level) {
		l.log.Log(ctx, level, msg, attributes(keyvals)...)
	}
}

// attributes turns key, value, … into slog's form. A key without a value is
// kept under its own name.
func attributes(keyvals []any) []any {
	out := make([]any, 0, len(keyvals)/2)
	for i := 0; i < len(keyvals); i += 2 {
		key, ok := keyvals[i].(string)
		if !ok {
			key = fmt.Sprint(keyvals[i])
		}
		var v any
		if i+1 < len(keyvals) {
			v = keyvals[i+1]
		}
		if s, ok := v.(fmt.Stringer); ok {
			v = stringer{s}
		}
		out = append(out, slog.Any(key, v))
	}
	return out
}

// stringer defers String until the record is handled.
type stringer struct{ s fmt.Stringer }

func (s stringer) LogValue() slog.Value { return slog.StringValue(fmt.Sprint(s.s)) }

// levelled drops what is below the level, whatever the handler would keep.
type levelled struct {
	slog.Handler
	level slog.Level
}

func (h levelled) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.level && h.Handler.Enabled(ctx, l)
}

func (h levelled) WithAttrs(a []slog.Attr) slog.Handler {
	return levelled{h.Handler.WithAttrs(a), h.level}
}

func (h levelled) WithGroup(name string) slog.Handler {
	return levelled{h.Handler.WithGroup(name), h.level}
}
