package node

import (
	"context"
	"io"
	"log/slog"
	"runtime/debug"
	"time"

	"encoding/hex"

	"github.com/waymark-ledger/waymark/api"
)

// watch notices what nobody reports: that the node has caught up, that the
// disk fills, that records wait and the height does not move.
func (n *Node) watch(ctx context.Context) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	n.moved.Store(time.Now().UnixNano())
	var disk time.Time
	stalls := stall{after: n.config.Consensus.StallWarning.Duration}
	isReady := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if !isReady && n.unready() == "" {
			isReady = true
			close(n.ready)
			n.log.Info("the node is ready", "height", n.app.height.Load())
		}
		t := time.Now()
		n.shelf.sweep(t)
		if t.Sub(disk) > time.Second {
			disk = t
			n.checkDisk()
		}
		waiting := n.app.pool.size()
		if still, warn := stalls.look(t, time.Unix(0, n.moved.Load()), waiting); warn {
			n.log.Warn("the height does not move while records wait: are more than two thirds of the validators reachable?",
				"height", n.app.height.Load(), "seconds", int(still.Seconds()), "waiting", waiting, "peers", len(n.engine.peers()))
		}
	}
}

// stall says when records wait and the height does not move. An idle network stands
// still as well: what comes then has not waited since the last block.
type stall struct {
	after        time.Duration
	idle, warned time.Time // when last nothing waited, and a warning was due
}

// look takes how things stand, and says for how long records have waited without a
// block, and whether to warn of it.
func (s *stall) look(now, moved time.Time, waiting int) (still time.Duration, warn bool) {
	if waiting == 0 {
		s.idle = now
	}
	still = min(now.Sub(moved), now.Sub(s.idle))
	if still <= s.after || now.Sub(s.warned) <= s.after {
		return still, false
	}
	s.warned = now
	return still, true
}

func (n *Node) checkDisk() {
	if n.config.Storage.MinFreePercent == 0 {
		return
	}
	free, total, err := n.ledger.DiskFree()
	if err != nil {
		n.log.Error("cannot see how full the disk is", "error", err)
		return
	}
	low := n.config.Storage.nearlyFull(free, total)
	if low != n.diskLow.Swap(low) {
		if low {
			n.log.Error("the disk is nearly full: capture is refused", "free", free, "total", total)
		} else {
			n.log.Info("the disk has room again: capture is accepted", "free", free, "total", total)
		}
	}
}

// nearlyFull says of a disk's free and all bytes whether capture is refused. A tenth of a
// large disk is plenty.
func (c StorageConfig) nearlyFull(free, total uint64) bool {
	return total > 0 && free*100/total < uint64(c.MinFreePercent) && (c.MinFreeBytes == 0 || free < uint64(c.MinFreeBytes))
}

// paceGC sets Go's garbage collector, which is the whole process's: of several
// nodes in one, the last to start decides.
func (c StorageConfig) paceGC() {
	if c.GCPercent > 0 {
		debug.SetGCPercent(c.GCPercent)
	}
}

// logger writes as configured.
func (c LogConfig) logger(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: level(c.Level)}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

func level(name string) slog.Level {
	var l slog.Level
	if err := l.UnmarshalText([]byte(name)); err != nil {
		return slog.LevelInfo
	}
	return l
}

// engineLogger keeps of CometBFT's messages what is at least at the level.
func engineLogger(log *slog.Logger, name string) *slog.Logger {
	return slog.New(levelled{log.Handler(), level(name)})
}

// keys is the configured keys as the API takes them. Validate has checked them.
func (c APIConfig) keys() []api.APIKey {
	var out []api.APIKey
	for _, k := range c.Keys {
		key := api.APIKey{}
		raw, err := hex.DecodeString(k.Hash)
		if err != nil || len(raw) != len(key.Hash) {
			continue
		}
		copy(key.Hash[:], raw)
		for _, s := range k.Scopes {
			key.Scopes = append(key.Scopes, api.Scope(s))
		}
		out = append(out, key)
	}
	return out
}
