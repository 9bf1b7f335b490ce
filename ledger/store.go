package ledger

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// pebbleFormat is pinned: a newer library must not upgrade a store by itself,
// or the previous binary could not open it again. It is the first version
// whose log can tell a torn tail from corruption, with checksummed table
// footers.
const pebbleFormat = pebble.FormatTableFormatV6

const (
	defaultCacheBytes = 128 << 20
	defaultMapBytes   = 256 << 20
	memTableBytes     = 64 << 20
	bloomBitsPerKey   = 10
	keptBatchBytes    = 32 << 20 // a block's buffer up to this size is used again
)

func options(fs vfs.FS, cacheBytes int64, log *slog.Logger, f *failure) *pebble.Options {
	o := &pebble.Options{
		FS:                 fs,
		FormatMajorVersion: pebbleFormat,
		// Pebble takes its memtables' room out of the cache: one is written, one
		// flushed.
		CacheSize:                   cacheBytes + 2*memTableBytes,
		Merger:                      pageMerger,
		MemTableSize:                memTableBytes,
		MemTableStopWritesThreshold: 3,
		// A compaction out of L0 writes the whole next level again, for hashes lie
		// everywhere: the more it brings at once, the fewer there are. Few large
		// memtables bring as much as many small ones, and whoever reads a bucket
		// looks into each of L0's layers. Pebble counts a layer twice: these are three.
		L0CompactionThreshold: 6,
		L0StopWritesThreshold: 16,
		LBaseMaxBytes:         128 << 20,
		MaxOpenFiles:          1024,
		Logger:                pebbleLogger{log, f},
		EventListener: &pebble.EventListener{
			DiskSlow: func(i pebble.DiskSlowInfo) {
				log.Warn("disk is slow", "path", i.Path, "operation", i.OpType.String(), "duration", i.Duration)
			},
			WriteStallBegin: func(i pebble.WriteStallBeginInfo) {
				log.Warn("ledger writes wait for compaction", "reason", i.Reason)
			},
			BackgroundError: func(err error) {
				log.Error("ledger background work failed", "error", err.Error()) // the error itself would print its stacks
			},
			DataCorruption: func(i pebble.DataCorruptionInfo) {
				// The reader gets the error too; but corruption is never one
				// reader's matter.
				f.set(fmt.Errorf("corruption in %s: %w", i.Path, i.Details))
			},
		},
	}
	// Map keys are random, so that reads and compactions go everywhere: fewer and
	// larger tables.
	o.TargetFileSizes[0] = 16 << 20
	// Without filters every key that is new, and most are, costs a probe of
	// every level.
	for i := range o.Levels {
		o.Levels[i].FilterPolicy = bloom.FilterPolicy(bloomBitsPerKey)
		o.Levels[i].BlockSize = 8 << 10
	}
	return o
}

// failure is the first thing after which the store cannot go on.
type failure struct {
	once sync.Once
	done chan struct{}
	err  error // written before done is closed

	// fatal is closed when Pebble called Fatalf: a goroutine of its own, or of
	// guard's, ended with Pebble's locks held, so that no call need ever return.
	fatalOnce sync.Once
	fatal     chan struct{}
}

func newFailure() *failure {
	return &failure{done: make(chan struct{}), fatal: make(chan struct{})}
}

func (f *failure) set(err error) {
	f.once.Do(func() {
		f.err = err
		close(f.done)
	})
}

func (f *failure) setFatal(err error) {
	f.set(err)
	f.fatalOnce.Do(func() { close(f.fatal) })
}

func (f *failure) get() error {
	select {
	case <-f.done:
		return fmt.Errorf("%w: %w", ErrFailed, f.err)
	default:
		return nil
	}
}

// isFatal tells whether Pebble is still there to be called.
func (f *failure) isFatal() bool {
	select {
	case <-f.fatal:
		return true
	default:
		return false
	}
}

// guard runs work that may end in Fatalf. Whichever comes first, its end or
// Fatalf, is the answer; after Fatalf the goroutine of work has ended or never
// will, and the process is about to end.
func (f *failure) guard(work func() error) error {
	done := make(chan error, 1)
	go func() { done <- work() }()
	select {
	case err := <-done:
		return err
	case <-f.fatal:
		return f.get()
	}
}

// pebbleLogger hands Pebble's errors to slog, drops its chatter, and makes
// Fatalf a failure of the ledger.
type pebbleLogger struct {
	log     *slog.Logger
	failure *failure
}

func (l pebbleLogger) Infof(string, ...any) {}

func (l pebbleLogger) Errorf(format string, args ...any) {
	l.log.Error("pebble", "message", fmt.Sprintf(format, args...))
}

// Fatalf must not return: Pebble would go on with state that it knows to be
// wrong. It must not exit either: the node has other stores to close. So it
// ends the goroutine that it was called on, which is one of Pebble's own or
// one of guard's.
func (l pebbleLogger) Fatalf(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	l.log.Error("the ledger's store failed; the process has to end", "error", err.Error())
	l.failure.setFatal(err)
	runtime.Goexit()
}

// getter is a Pebble database, or a snapshot of one.
type getter interface {
	pebble.Reader
}

// get returns a copy of the row's value, nil when there is none. Values are
// never empty, but for those whose presence is the fact; those are asked for
// with has.
func get(r getter, key []byte) ([]byte, error) {
	row, closer, err := r.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, rowError(key, err)
	}
	v, err := unseal(key, row)
	if err != nil {
		return nil, errors.Join(err, closer.Close())
	}
	v = append([]byte(nil), v...)
	return v, closer.Close()
}

func has(r getter, key []byte) (bool, error) {
	_, closer, err := r.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, rowError(key, err)
	}
	return true, closer.Close()
}
