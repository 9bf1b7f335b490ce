package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
	dbm "github.com/cometbft/cometbft-db"

	"github.com/waymark-ledger/waymark/intact"
)

// engineStore is the one Pebble under CometBFT's block store, state and
// evidence. It is apart from the ledger's: sharing would give no atomicity
// across the stores and would grow the ledger's compactions.
type engineStore struct {
	db      *pebble.DB
	dir     string
	options *pebble.Options // of db

	// mu keeps the store open while a read is in it. CometBFT's gossip
	// goroutines outlive its Stop by a moment and may still ask; a closed store
	// answers that it holds nothing, where Pebble would panic.
	mu     sync.RWMutex
	closed bool

	once    sync.Once
	corrupt chan struct{} // closed when a file of the store is found damaged
	damage  error         // which; written before corrupt is closed
}

// openEngineStore opens the store in dir, and creates it when there is none. It looks
// first whether its files are whole: an *[intact.Damage] names the one that is not.
func openEngineStore(dir string, fs vfs.FS, cacheBytes int64, readOnly bool, log *slog.Logger) (*engineStore, error) {
	look := intact.Open
	if readOnly {
		look = intact.Look
	}
	if err := look(fs, dir); err != nil {
		return nil, fmt.Errorf("open the engine's store: %w", err)
	}
	s := &engineStore{dir: dir, corrupt: make(chan struct{})}
	s.options = &pebble.Options{
		ReadOnly:           readOnly,
		FS:                 fs,
		CacheSize:          cacheBytes,
		FormatMajorVersion: pebble.FormatNewest,
		// A block is written in one batch of up to 4 MiB: a small memtable would
		// make each wait for a flush, a large one is memory touched for the first
		// time for long.
		MemTableSize:                16 << 20,
		MemTableStopWritesThreshold: 4,
		Logger:                      pebbleLog{log},
		EventListener: &pebble.EventListener{
			// Pebble's own way is Fatalf, on whichever goroutine came upon it. The
			// reader, if any, gets the error too.
			DataCorruption: func(i pebble.DataCorruptionInfo) {
				s.once.Do(func() {
					s.damage = fmt.Errorf("corruption in %s: %w", i.Path, i.Details)
					close(s.corrupt)
				})
			},
		},
		Levels: [7]pebble.LevelOptions{{FilterPolicy: bloom.FilterPolicy(10)}},
	}
	db, err := pebble.Open(dir, s.options)
	if err != nil {
		return nil, fmt.Errorf("open the engine's store: %w", err)
	}
	s.db = db
	return s, nil
}

// err is what is damaged, nil while nothing was found to be.
func (s *engineStore) err() error {
	select {
	case <-s.corrupt:
		return fmt.Errorf("the engine's store: %w", s.damage)
	default:
		return nil
	}
}

// view returns the database called name. Closing it does nothing: the engine
// closes the store once CometBFT has stopped using all of its views.
func (s *engineStore) view(name string) dbm.DB {
	return &engineDB{s: s, prefix: []byte(name + "/")}
}

func (s *engineStore) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.db.Close()
	if err == nil && !s.options.ReadOnly && s.err() == nil { // what is damaged is not sealed
		err = intact.Close(s.options.FS, s.dir)
	}
	if err != nil {
		return fmt.Errorf("close the engine's store: %w", err)
	}
	return nil
}

// checkTables compares the blocks of the store's tables with their checksums: all of
// them, or those by which others are found.
func (s *engineStore) checkTables(ctx context.Context, all bool, progress func(done, of uint64)) error {
	return intact.Store{DB: s.db, Options: s.options, Dir: s.dir}.Tables(ctx, all, progress)
}

// pebbleLog passes Pebble's messages on. Fatalf must not return.
type pebbleLog struct{ log *slog.Logger }

func (l pebbleLog) Infof(format string, args ...any) { l.log.Debug(fmt.Sprintf(format, args...)) }
func (l pebbleLog) Errorf(format string, args ...any) {
	l.log.Error(fmt.Sprintf(format, args...))
}
func (l pebbleLog) Fatalf(format string, args ...any) {
	panic("engine store: " + fmt.Sprintf(format, args...))
}

var (
	errEmptyKey    = errors.New("engine store: key is empty")
	errNilValue    = errors.New("engine store: value is nil")
	errStoreClosed = errors.New("engine store: closed")
	errBatchClosed = errors.New("engine store: batch was written or closed")
)

// engineDB is CometBFT's key-value interface over one prefix of the store.
type engineDB struct {
	s      *engineStore
	prefix []byte
}

func (d *engineDB) key(k []byte) []byte {
	return append(d.prefix[:len(d.prefix):len(d.prefix)], k...)
}

// end is the first key past the prefix. The prefix ends in '/'.
func (d *engineDB) end() []byte {
	e := append([]byte(nil), d.prefix...)
	e[len(e)-1]++
	return e
}

func (d *engineDB) Get(key []byte) ([]byte, error) {
	if len(key) == 0 {
		return nil, errEmptyKey
	}
	d.s.mu.RLock()
	defer d.s.mu.RUnlock()
	if d.s.closed {
		return nil, nil
	}
	v, closer, err := d.s.db.Get(d.key(key))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := append([]byte{}, v...)
	return out, closer.Close()
}

func (d *engineDB) Has(key []byte) (bool, error) {
	v, err := d.Get(key)
	return v != nil, err
}

func (d *engineDB) set(key, value []byte, o *pebble.WriteOptions) error {
	if len(key) == 0 {
		return errEmptyKey
	}
	if value == nil {
		return errNilValue
	}
	d.s.mu.RLock()
	defer d.s.mu.RUnlock()
	if d.s.closed {
		return errStoreClosed
	}
	return d.s.db.Set(d.key(key), value, o)
}

func (d *engineDB) Set(key, value []byte) error     { return d.set(key, value, pebble.NoSync) }
func (d *engineDB) SetSync(key, value []byte) error { return d.set(key, value, pebble.Sync) }

func (d *engineDB) delete(key []byte, o *pebble.WriteOptions) error {
	if len(key) == 0 {
		return errEmptyKey
	}
	d.s.mu.RLock()
	defer d.s.mu.RUnlock()
	if d.s.closed {
		return errStoreClosed
	}
	return d.s.db.Delete(d.key(key), o)
}

func (d *engineDB) Delete(key []byte) error     { return d.delete(key, pebble.NoSync) }
func (d *engineDB) DeleteSync(key []byte) error { return d.delete(key, pebble.Sync) }

func (d *engineDB) Iterator(start, end []byte) (dbm.Iterator, error) {
	return d.iterate(start, end, false)
}

func (d *engineDB) ReverseIterator(start, end []byte) (dbm.Iterator, error) {
	return d.iterate(start, end, true)
}

func (d *engineDB) iterate(start, end []byte, reverse bool) (dbm.Iterator, error) {
	if (start != nil && len(start) == 0) || (end != nil && len(end) == 0) {
		return nil, errEmptyKey
	}
	o := &pebble.IterOptions{LowerBound: d.prefix, UpperBound: d.end()}
	if start != nil {
		o.LowerBound = d.key(start)
	}
	if end != nil {
		o.UpperBound = d.key(end)
	}
	d.s.mu.RLock()
	defer d.s.mu.RUnlock()
	if d.s.closed {
		return nil, errStoreClosed
	}
	it, err := d.s.db.NewIter(o)
	if err != nil {
		return nil, err
	}
	if reverse {
		it.Last()
	} else {
		it.First()
	}
	return &engineIterator{it: it, start: start, end: end, reverse: reverse, skip: len(d.prefix)}, nil
}

func (d *engineDB) Close() error { return nil }
func (d *engineDB) NewBatch() dbm.Batch {
	return &engineBatch{d: d, b: d.s.db.NewBatch(pebble.WithMaxRetainedSizeBytes(maxRetainedBatch))}
}
func (d *engineDB) Print() error             { return nil }
func (d *engineDB) Stats() map[string]string { return nil }

func (d *engineDB) Compact(start, end []byte) error {
	low, high := d.prefix, d.end()
	if start != nil {
		low = d.key(start)
	}
	if end != nil {
		high = d.key(end)
	}
	return d.s.db.Compact(context.Background(), low, high, false)
}

// maxRetainedBatch is how large a batch's memory may be to be used again: a
// block's does not grow from nothing for each block.
const maxRetainedBatch = 8 << 20

// engineBatch is one atomic write. It is owned by one goroutine.
type engineBatch struct {
	d *engineDB
	b *pebble.Batch
}

func (b *engineBatch) Set(key, value []byte) error {
	switch {
	case len(key) == 0:
		return errEmptyKey
	case value == nil:
		return errNilValue
	case b.b == nil:
		return errBatchClosed
	}
	return b.b.Set(b.d.key(key), value, nil)
}

func (b *engineBatch) Delete(key []byte) error {
	switch {
	case len(key) == 0:
		return errEmptyKey
	case b.b == nil:
		return errBatchClosed
	}
	return b.b.Delete(b.d.key(key), nil)
}

func (b *engineBatch) write(o *pebble.WriteOptions) error {
	if b.b == nil {
		return errBatchClosed
	}
	b.d.s.mu.RLock()
	defer b.d.s.mu.RUnlock()
	if b.d.s.closed {
		return errStoreClosed
	}
	if err := b.b.Commit(o); err != nil {
		return err
	}
	return b.Close()
}

func (b *engineBatch) Write() error     { return b.write(pebble.NoSync) }
func (b *engineBatch) WriteSync() error { return b.write(pebble.Sync) }

func (b *engineBatch) Close() error {
	if b.b == nil {
		return nil
	}
	err := b.b.Close()
	b.b = nil
	return err
}

// engineIterator walks a range. Once invalid it stays so.
type engineIterator struct {
	it         *pebble.Iterator
	start, end []byte
	reverse    bool
	skip       int
}

func (i *engineIterator) Domain() (start, end []byte) { return i.start, i.end }
func (i *engineIterator) Valid() bool                 { return i.it.Valid() && i.it.Error() == nil }

func (i *engineIterator) must() {
	if !i.Valid() {
		panic("engine store: iterator is not valid")
	}
}

func (i *engineIterator) Next() {
	i.must()
	if i.reverse {
		i.it.Prev()
	} else {
		i.it.Next()
	}
}

// Key copies: CometBFT keeps keys past the next step in places.
func (i *engineIterator) Key() []byte {
	i.must()
	return append([]byte{}, i.it.Key()[i.skip:]...)
}

func (i *engineIterator) Value() []byte {
	i.must()
	return append([]byte{}, i.it.Value()...)
}

func (i *engineIterator) Error() error { return i.it.Error() }
func (i *engineIterator) Close() error { return i.it.Close() }
