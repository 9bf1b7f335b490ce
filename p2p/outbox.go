package p2p

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/intact"
)

// MaxJobBytes is the largest state of a capture job.
const MaxJobBytes = 1 << 20

// OutboxLimits bound what an outbox takes. What it holds already stays where a
// later start sets them lower. Zero values stand for the defaults that are named.
type OutboxLimits struct {
	Items int   // envelopes (200,000)
	Bytes int64 // of their wires (1 GiB)
	Jobs  int   // capture jobs, of which the oldest are dropped (10,000)
}

func (l OutboxLimits) withDefaults() OutboxLimits {
	setDefault(&l.Items, 200_000)
	setDefault(&l.Bytes, 1<<30)
	setDefault(&l.Jobs, 10_000)
	return l
}

// ErrOutboxFull is returned by Put when the outbox holds as much as it may:
// the network is not committing, and the node has to stop accepting.
var ErrOutboxFull = errors.New("outbox is full")

// ErrNoJob is returned by Job for an id that was never put or was dropped.
var ErrNoJob = errors.New("no such job")

// Item is an envelope on its way to the ledger.
type Item struct {
	ID       identity.Hash // the envelope's
	Wire     []byte        // the envelope's encoding
	NotAfter uint64        // the envelope's deadline, Unix seconds of block time
}

// Outbox keeps what this node accepted until it is removed. What Put or PutJob
// returned for survives a crash or a power loss. What was removed may come
// back after one: the ledger, which knows what was judged, has the last word.
//
// Keys: 'i' seq8 -> id32 notAfter8 wire, in order of arrival; 'j' job id ->
// seq8 job; 'q' seq8 -> job id, in order of the jobs' first writing.
type Outbox struct {
	db      *pebble.DB
	dir     string
	options *pebble.Options // of db
	limits  OutboxLimits

	// mu orders the writes: under it a batch enters Pebble's log, outside it a
	// writer waits for the log's sync, which all who wait share.
	mu      sync.Mutex
	items   map[identity.Hash]slot
	bytes   int64
	nextSeq uint64 // of items and jobs alike
	jobs    int
}

type slot struct {
	seq      uint64
	notAfter uint64
	bytes    int
}

const itemHead = 32 + 8 // of an 'i' value

// OpenOutbox opens the outbox in dir, which it creates. A nil fs is the
// operating system's.
func OpenOutbox(dir string, fs vfs.FS, limits OutboxLimits) (*Outbox, error) {
	if fs == nil {
		fs = vfs.Default
	}
	if err := intact.Open(fs, dir); err != nil {
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	o, err := openOutbox(dir, &pebble.Options{FS: fs})
	if err != nil {
		return nil, err
	}
	o.limits = limits.withDefaults()
	if err := o.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("read the outbox: %w", err), o.db.Close())
	}
	return o, nil
}

func openOutbox(dir string, options *pebble.Options) (*Outbox, error) {
	options.Cache = pebble.NewCache(4 << 20)
	defer options.Cache.Unref()
	options.MemTableSize = 4 << 20
	options.FormatMajorVersion = pebble.FormatNewest
	options.Logger = outboxLogger{}
	db, err := pebble.Open(dir, options)
	if err != nil {
		return nil, fmt.Errorf("open the outbox: %w", err)
	}
	return &Outbox{db: db, dir: dir, options: options, items: make(map[identity.Hash]slot)}, nil
}

// CheckOutbox reads the outbox in dir, if there is one, and changes nothing: its files,
// the checksums of its tables (all of them, or those by which others are found), its
// rows. A nil fs is the operating system's.
func CheckOutbox(ctx context.Context, dir string, fs vfs.FS, all bool) (err error) {
	if fs == nil {
		fs = vfs.Default
	}
	if err := intact.Look(fs, dir); err != nil {
		return fmt.Errorf("check the outbox: %w", err)
	}
	if there, err := intact.Holds(fs, dir); err != nil || !there {
		return err
	}
	o, err := openOutbox(dir, &pebble.Options{FS: fs, ReadOnly: true,
		EventListener: &pebble.EventListener{DataCorruption: func(pebble.DataCorruptionInfo) {}}, // the reader gets it, too
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	if err := (intact.Store{DB: o.db, Options: o.options, Dir: dir}).Tables(ctx, all, nil); err != nil {
		return fmt.Errorf("check the outbox: %w", err)
	}
	if err := o.load(); err != nil {
		return fmt.Errorf("check the outbox: %w", err)
	}
	return nil
}

// load rebuilds the index from the items and counts the jobs.
func (o *Outbox) load() error {
	err := o.scan('i', func(seq uint64, value []byte) (bool, error) {
		it, err := decodeItem(value)
		if err != nil {
			return false, fmt.Errorf("item %d: %w", seq, err)
		}
		o.items[it.ID] = slot{seq, it.NotAfter, len(it.Wire)}
		o.bytes += int64(len(it.Wire))
		o.nextSeq = max(o.nextSeq, seq+1)
		return true, nil
	})
	if err != nil {
		return err
	}
	return o.scan('q', func(seq uint64, _ []byte) (bool, error) {
		o.jobs++
		o.nextSeq = max(o.nextSeq, seq+1)
		return true, nil
	})
}

// scan visits the values under prefix, seq8 in order of seq, while visit
// returns true. A value is valid during the visit only.
func (o *Outbox) scan(prefix byte, visit func(seq uint64, value []byte) (bool, error)) error {
	it, err := o.db.NewIter(&pebble.IterOptions{LowerBound: []byte{prefix}, UpperBound: []byte{prefix + 1}})
	if err != nil {
		return err
	}
	for valid := it.First(); valid; valid = it.Next() {
		if len(it.Key()) != 9 {
			return errors.Join(fmt.Errorf("key %x is not ours", it.Key()), it.Close())
		}
		more, err := visit(binary.BigEndian.Uint64(it.Key()[1:]), it.Value())
		if err != nil {
			return errors.Join(err, it.Close())
		}
		if !more {
			break
		}
	}
	return errors.Join(it.Error(), it.Close())
}

func seqKey(prefix byte, seq uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{prefix}, seq)
}

func jobKey(id string) []byte { return append([]byte{'j'}, id...) }

func encodeItem(it Item) []byte {
	b := make([]byte, 0, itemHead+len(it.Wire))
	b = append(b, it.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, it.NotAfter)
	return append(b, it.Wire...)
}

// decodeItem copies the wire.
func decodeItem(value []byte) (Item, error) {
	if len(value) < itemHead {
		return Item{}, fmt.Errorf("value of %d bytes", len(value))
	}
	return Item{
		ID:       identity.Hash(value[:32]),
		NotAfter: binary.BigEndian.Uint64(value[32:]),
		Wire:     append([]byte(nil), value[itemHead:]...),
	}, nil
}

// Put stores items, all or none, and returns once they are on disk. An item
// that is already there stays as it is, and Put returns once that one is on
// disk.
func (o *Outbox) Put(items ...Item) error {
	for _, it := range items {
		if len(it.Wire) == 0 || len(it.Wire) > MaxWireBytes {
			return fmt.Errorf("put into the outbox: a wire of %d bytes, at most %d", len(it.Wire), MaxWireBytes)
		}
	}
	o.mu.Lock()
	b := o.db.NewBatch()
	added := make(map[identity.Hash]slot, len(items))
	bytes, seq := o.bytes, o.nextSeq
	for _, it := range items {
		if _, known := o.items[it.ID]; known {
			continue
		}
		if _, twice := added[it.ID]; twice {
			continue
		}
		added[it.ID] = slot{seq, it.NotAfter, len(it.Wire)}
		bytes += int64(len(it.Wire))
		if err := b.Set(seqKey('i', seq), encodeItem(it), nil); err != nil {
			o.mu.Unlock()
			return fmt.Errorf("put into the outbox: %w", errors.Join(err, b.Close()))
		}
		seq++
	}
	if len(added) > 0 && (len(o.items)+len(added) > o.limits.Items || bytes > o.limits.Bytes) {
		o.mu.Unlock()
		return errors.Join(ErrOutboxFull, b.Close())
	}
	if err := o.apply(b); err != nil {
		o.mu.Unlock()
		return fmt.Errorf("put into the outbox: %w", err)
	}
	for id, s := range added {
		o.items[id] = s
	}
	o.bytes, o.nextSeq = bytes, seq
	o.mu.Unlock()
	return o.wait(b)
}

// apply enters a batch into the log, with mu held. A batch without writes
// becomes a mark in the log, whose sync covers every write before it.
func (o *Outbox) apply(b *pebble.Batch) error {
	if b.Empty() {
		if err := b.LogData([]byte{0}, nil); err != nil {
			return errors.Join(err, b.Close())
		}
	}
	if err := o.db.ApplyNoSyncWait(b, pebble.Sync); err != nil {
		return errors.Join(err, b.Close())
	}
	return nil
}

// wait returns once an applied batch is on disk. It is called without mu.
func (o *Outbox) wait(b *pebble.Batch) error {
	if err := errors.Join(b.SyncWait(), b.Close()); err != nil {
		return fmt.Errorf("sync the outbox: %w", err)
	}
	return nil
}

// Remove forgets items, at the latest when they are on the ledger. Ids that
// are not there are passed over. It does not wait for the disk.
func (o *Outbox) Remove(ids ...identity.Hash) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	b := o.db.NewBatch()
	defer b.Close()
	for _, id := range ids {
		if s, ok := o.items[id]; ok {
			if err := b.Delete(seqKey('i', s.seq), nil); err != nil {
				return fmt.Errorf("remove from the outbox: %w", err)
			}
		}
	}
	if b.Empty() {
		return nil
	}
	if err := o.db.Apply(b, pebble.NoSync); err != nil {
		return fmt.Errorf("remove from the outbox: %w", err)
	}
	for _, id := range ids {
		if s, ok := o.items[id]; ok {
			o.bytes -= int64(s.bytes)
			delete(o.items, id)
		}
	}
	return nil
}

// Get returns an item, and whether it is there.
func (o *Outbox) Get(id identity.Hash) (Item, bool, error) {
	o.mu.Lock()
	s, ok := o.items[id]
	o.mu.Unlock()
	if !ok {
		return Item{}, false, nil
	}
	value, closer, err := o.db.Get(seqKey('i', s.seq))
	if errors.Is(err, pebble.ErrNotFound) {
		return Item{}, false, nil // removed meanwhile
	}
	if err != nil {
		return Item{}, false, fmt.Errorf("read the outbox: %w", err)
	}
	defer closer.Close()
	it, err := decodeItem(value)
	if err != nil {
		return Item{}, false, fmt.Errorf("read the outbox, item %d: %w", s.seq, err)
	}
	return it, true, nil
}

// Pending returns items in order of arrival, at most limit of them; 0 is no
// limit.
func (o *Outbox) Pending(limit int) ([]Item, error) {
	var out []Item
	err := o.scan('i', func(seq uint64, value []byte) (bool, error) {
		it, err := decodeItem(value)
		if err != nil {
			return false, fmt.Errorf("item %d: %w", seq, err)
		}
		out = append(out, it)
		return limit <= 0 || len(out) < limit, nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the outbox: %w", err)
	}
	return out, nil
}

// Len is the number of items.
func (o *Outbox) Len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.items)
}

// Bytes is the size of the items' wires.
func (o *Outbox) Bytes() int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes
}

// PutJob stores a small named value, the state of a capture job, and returns
// once it is on disk. Writing an id again replaces its value. Of more jobs than
// the limit, those first written the longest ago are dropped.
func (o *Outbox) PutJob(id string, job []byte) error {
	if id == "" || len(job) > MaxJobBytes {
		return fmt.Errorf("put job %q: id must not be empty, and %d bytes are at most %d", id, len(job), MaxJobBytes)
	}
	o.mu.Lock()
	b := o.db.NewBatch()
	seq, jobs, err := o.stageJob(b, id, job)
	if err == nil {
		err = o.apply(b)
	} else {
		err = errors.Join(err, b.Close())
	}
	if err != nil {
		o.mu.Unlock()
		return fmt.Errorf("put job %q: %w", id, err)
	}
	o.nextSeq, o.jobs = max(o.nextSeq, seq+1), jobs
	o.mu.Unlock()
	return o.wait(b)
}

// stageJob is called with mu held. It returns the job's seq and how many jobs
// there are once the batch is applied.
func (o *Outbox) stageJob(b *pebble.Batch, id string, job []byte) (seq uint64, jobs int, err error) {
	old, closer, err := o.db.Get(jobKey(id))
	switch {
	case err == nil:
		seq, jobs = binary.BigEndian.Uint64(old), o.jobs
		err = closer.Close()
	case errors.Is(err, pebble.ErrNotFound):
		seq, jobs = o.nextSeq, o.jobs+1
		err = b.Set(seqKey('q', seq), []byte(id), nil)
	}
	if err != nil {
		return 0, 0, err
	}
	if err := b.Set(jobKey(id), append(binary.BigEndian.AppendUint64(nil, seq), job...), nil); err != nil {
		return 0, 0, err
	}
	if jobs <= o.limits.Jobs {
		return seq, jobs, nil
	}
	err = o.scan('q', func(oldest uint64, value []byte) (bool, error) {
		jobs--
		return jobs > o.limits.Jobs, errors.Join(b.Delete(seqKey('q', oldest), nil), b.Delete(jobKey(string(value)), nil))
	})
	return seq, jobs, err
}

// Job returns a stored job, or ErrNoJob.
func (o *Outbox) Job(id string) ([]byte, error) {
	value, closer, err := o.db.Get(jobKey(id))
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, fmt.Errorf("%w: %q", ErrNoJob, id)
	}
	if err != nil {
		return nil, fmt.Errorf("read job %q: %w", id, err)
	}
	defer closer.Close()
	return append([]byte(nil), value[8:]...), nil
}

// Close waits for writes under way. Nothing may be called afterwards.
func (o *Outbox) Close() error {
	if err := o.db.Close(); err != nil {
		return fmt.Errorf("close the outbox: %w", err)
	}
	if o.options.ReadOnly {
		return nil
	}
	if err := intact.Close(o.options.FS, o.dir); err != nil {
		return fmt.Errorf("close the outbox: %w", err)
	}
	return nil
}

// outboxLogger leaves out Pebble's account of its compactions. Fatalf must not
// return: Pebble calls it when it cannot keep its word, with a full disk.
type outboxLogger struct{}

func (outboxLogger) Infof(string, ...any) {}

func (outboxLogger) Errorf(format string, args ...any) {
	slog.Error("outbox", "err", fmt.Sprintf(format, args...))
}

func (outboxLogger) Fatalf(format string, args ...any) {
	slog.Error("outbox store failed, the process ends", "err", fmt.Sprintf(format, args...))
	os.Exit(1)
}
