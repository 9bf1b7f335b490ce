package node

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/cometbft/cometbft/libs/service"
)

// What CometBFT calls an error in every clean stop is none to an operator; what it
// calls one otherwise is.
func TestEngineLogOfAStop(t *testing.T) {
	for _, c := range []struct {
		msg   string
		value any
		told  bool
	}{
		{"Stopped accept routine, as transport is closed", 0, false},
		{"Not stopping State service -- has not been started yet", "impl", false},
		{"Error stopping consensus state", service.ErrNotStarted, false},
		{"Error stopping pool", service.ErrAlreadyStopped, false},
		{"Error stopping pool", errors.New("disk"), true},
		{consensusFailure, service.ErrNotStarted.Error(), true},
	} {
		var log bytes.Buffer
		engineLog{log: slog.New(slog.NewTextHandler(&log, nil))}.Error(c.msg, "err", c.value)
		if told := strings.Contains(log.String(), "level=ERROR"); told != c.told {
			t.Errorf("%s (%v): the log has %q", c.msg, c.value, log.String())
		}
	}
}

// A node that is started and stopped logs no error, whether it makes blocks alone or
// waits for others; one that has to wait says that it knows none of them.
func TestAStopLogsNoError(t *testing.T) {
	for _, c := range []struct {
		validators int
		warned     bool
	}{{1, false}, {2, true}} {
		config := network(t, c.validators, nil)[0]
		config.Consensus.Peers, config.P2P.Peers = nil, nil
		var log syncedLog
		n, err := New(config, Deps{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- n.Run(ctx) }()
		if c.validators == 1 {
			(&running{Node: n}).awaitReady(t)
		}
		eventually(t, "the node is up", func() bool { return strings.Contains(log.String(), "the node is up") })
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if text := log.String(); strings.Contains(text, "level=ERROR") || strings.Contains(text, "empty=consensus.peers,p2p.peers") != c.warned {
			t.Errorf("%d validators: the log:\n%s", c.validators, text)
		}
	}
}
