package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/intact"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// What callers branch on.
var (
	ErrClosed       = errors.New("the ledger is closed")
	ErrFailed       = errors.New("the ledger's store failed")
	ErrNoGenesis    = errors.New("the ledger has no genesis yet")
	ErrOtherNetwork = errors.New("the ledger belongs to another network")
	ErrBlockOpen    = errors.New("a block is open already")
	ErrBlockDone    = errors.New("the block was committed, discarded or failed")
	ErrHeight       = errors.New("the block does not follow the last committed one")
	ErrFormat       = errors.New("move the ledger's and the engine's folders away, and waymark start gets all blocks again from the other nodes; " +
		"or run the release that wrote it")
)

// Config says where the ledger is.
type Config struct {
	Dir        string
	FS         vfs.FS       // nil for the operating system's
	CacheBytes int64        // of Pebble's cache for blocks, a quarter as much of records, and a sixteenth of pages that proofs pass; 0 for 128 MiB
	MapBytes   int          // of the authenticated map kept in memory, and of rows in what it leaves; 0 for 256 MiB
	Logger     *slog.Logger // nil for none
	ReadOnly   bool         // the ledger has to be there, and nothing on disk is changed

	// unsynced leaves the sync out of Commit. Only the control of the power
	// loss test sets it.
	unsynced bool
}

// Ledger is an open store. Its methods are safe for concurrent use, but for
// InitGenesis, Begin, Close and the methods of the Block, which belong to the
// committer.
type Ledger struct {
	cfg     Config
	log     *slog.Logger
	db      *pebble.DB
	options *pebble.Options // of db
	failure *failure
	kept    *lru.Cache[uint64, *unpacked] // of the E rows that snapshots read
	pages   *lru.Cache[pageID, *page]     // that proofs passed

	// The committer's.
	tree   *tree // of the last committed block
	trie   trie  // of the last committed block, or of the one whose roots are known
	open   *Block
	desk   desk
	absent absent
	rows   rows

	outdated atomic.Bool // an index has to be made again

	// The goroutine that fills absent; Close stops it and waits.
	stop     chan struct{}
	stopOnce sync.Once
	built    sync.WaitGroup

	mu      sync.Mutex // protects what follows, and the generations' refs
	current *generation
	alive   int // generations not yet released
	seen    seen
}

// generation is the ledger at one height. The current one is kept open; a
// Snapshot holds on to the one it was taken from. Because it is made after the
// block was synced, no reader sees what a power loss could take back.
type generation struct {
	store   *pebble.Snapshot
	network identity.Network
	genesis bool // whether there is one
	roots   proof.Roots
	edge    [][]identity.Hash
	refs    int
}

// Open opens the ledger in cfg.Dir, and creates it when there is none. It looks
// whether its files are whole (an *[intact.Damage] names the one that is not),
// rebuilds the edge of the log and reads the top of the authenticated map, and
// compares both with the last committed roots.
func Open(cfg Config) (*Ledger, error) {
	if cfg.FS == nil {
		cfg.FS = vfs.Default
	}
	if cfg.CacheBytes == 0 {
		cfg.CacheBytes = defaultCacheBytes
	}
	if cfg.MapBytes == 0 {
		cfg.MapBytes = defaultMapBytes
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	l := &Ledger{cfg: cfg, log: cfg.Logger, failure: newFailure(), stop: make(chan struct{})}
	var err error
	if l.kept, err = keepRows(cfg.CacheBytes / 4); err != nil {
		return nil, err
	}
	if l.pages, err = keepPages(cfg.CacheBytes / 16); err != nil {
		return nil, err
	}
	look := intact.Open
	if cfg.ReadOnly {
		look = intact.Look
	}
	if err := look(cfg.FS, cfg.Dir); err != nil {
		return nil, fmt.Errorf("open the ledger: %w", err)
	}
	l.options = options(cfg.FS, cfg.CacheBytes, l.log, l.failure)
	l.options.ReadOnly = cfg.ReadOnly
	err = l.failure.guard(func() error {
		db, err := pebble.Open(cfg.Dir, l.options)
		if err != nil {
			return err
		}
		l.db = db
		l.desk.batch = db.NewBatch(pebble.WithMaxRetainedSizeBytes(keptBatchBytes))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("open the ledger in %s: %w", cfg.Dir, err)
	}
	if err := l.load(); err != nil {
		// Pebble names the damaged table by its number, if at all.
		var damage *intact.Damage
		if errors.As(l.CheckTables(context.Background(), true, nil), &damage) {
			err = damage
		}
		return nil, errors.Join(fmt.Errorf("open the ledger in %s: %w", cfg.Dir, err), l.closeStore())
	}
	l.learn()
	return l, nil
}

// learn reads the keys of a ledger that was there before, beside the first
// blocks; a failure costs time only.
func (l *Ledger) learn() {
	g := l.acquire()
	if !g.genesis {
		l.absent.stored.Store(&storedRows{hashes: newBloom(pageBlocks * 64)})
		l.release(g)
		return
	}
	l.built.Go(func() {
		defer l.release(g)
		if err := l.absent.build(g.store, g.roots.LogSize, l.stop); err != nil {
			l.log.Warn("blocks will be slower: the ledger's keys could not be read", "error", err)
		}
	})
}

// load reads the last committed height and makes the first generation.
func (l *Ledger) load() error {
	format, err := l.format()
	if err != nil {
		return err
	}
	if format == 0 {
		l.tree = newTree()
		l.publish(identity.Network{}, false, proof.Roots{})
		return nil
	}
	if !readable(format) {
		return fmt.Errorf("its format is version %d, this program reads %d: %w", format, formatVersion, ErrFormat)
	}
	making, err := has(l.db, metaKey(metaReindex))
	if err != nil {
		return err
	}
	l.outdated.Store(outdated(format) || making)
	network, err := get(l.db, metaKey(metaNetwork))
	if err != nil {
		return err
	}
	if len(network) != 32 {
		return rowError(metaKey(metaNetwork), errRow)
	}
	b, err := get(l.db, metaKey(metaHeight))
	if err != nil {
		return err
	}
	height, err := decodeSeq(b)
	if err != nil {
		return rowError(metaKey(metaHeight), err)
	}
	if b, err = get(l.db, seqKey(rowBlock, height)); err != nil {
		return err
	}
	roots, _, err := decodeBlock(height, b)
	if err != nil {
		return rowError(seqKey(rowBlock, height), err)
	}
	var rows lines
	l.tree, err = loadTree(l.db, roots.LogSize, func(seq uint64) (identity.Hash, error) {
		line, err := rows.read(l.db, seq)
		return proof.LeafHash(line.entry), err
	})
	if err != nil {
		return err
	}
	root, err := l.tree.root()
	if err != nil {
		return err
	}
	if root != roots.LogRoot {
		return &DifferenceError{Height: height, What: "log root", Ledger: root.String(), Expected: roots.LogRoot.String()}
	}
	if err := l.loadMap(roots.MapRoot); err != nil {
		return err
	}
	l.publish(identity.Network(network), true, roots)
	return nil
}

// loadMap reads the top of the map, which must have the committed root.
func (l *Ledger) loadMap(root identity.Hash) error {
	rows := bucketRows{store: l.db}
	err := l.trie.loadRoot(&rows, root, nil)
	return errors.Join(err, rows.Close())
}

// publish makes a generation of what the store holds now, and lets readers
// see it.
func (l *Ledger) publish(n identity.Network, genesis bool, r proof.Roots) {
	g := &generation{
		store: l.db.NewSnapshot(), network: n, genesis: genesis, roots: r,
		edge: append([][]identity.Hash(nil), l.tree.edge...), refs: 1,
	}
	l.mu.Lock()
	old := l.current
	l.current = g
	l.alive++
	l.mu.Unlock()
	if old != nil {
		l.release(old)
	}
}

// acquire returns the current generation; release must follow. It is nil when
// the ledger is closed.
func (l *Ledger) acquire() *generation {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current != nil {
		l.current.refs++
	}
	return l.current
}

func (l *Ledger) release(g *generation) {
	l.mu.Lock()
	g.refs--
	last := g.refs == 0
	if last {
		l.alive--
	}
	l.mu.Unlock()
	if last {
		if err := g.store.Close(); err != nil {
			l.failure.set(fmt.Errorf("close a snapshot: %w", err))
		}
	}
}

// Close closes the ledger. The snapshots have to be closed before: otherwise
// it says so and leaves the ledger open. After a failure it is the failure that it
// answers; where Pebble itself gave up, the store ends with the process.
func (l *Ledger) Close() error {
	if l.open != nil {
		l.open.Discard()
	}
	l.stopOnce.Do(func() { close(l.stop) })
	l.built.Wait()
	l.mu.Lock()
	g := l.current
	if g == nil {
		l.mu.Unlock()
		return nil
	}
	if readers := l.alive - 1 + g.refs - 1; readers > 0 {
		l.mu.Unlock()
		return fmt.Errorf("close the ledger: %d snapshots or blocks behind them are still open", readers)
	}
	l.current = nil
	l.mu.Unlock()
	failed := l.failure.get()
	if !l.failure.isFatal() {
		l.release(g)
		failed = errors.Join(failed, l.failure.guard(l.closeStore))
	}
	if failed != nil {
		return fmt.Errorf("close the ledger: %w", failed)
	}
	return nil
}

// closeStore closes the store and seals its files. One that failed is not sealed:
// the next to open it looks closer.
func (l *Ledger) closeStore() error {
	if err := l.db.Close(); err != nil || l.cfg.ReadOnly {
		return err
	}
	if l.failure.get() != nil {
		return nil
	}
	return intact.Close(l.cfg.FS, l.cfg.Dir)
}

// CheckTables compares the blocks of the store's tables with their checksums: all of
// them, or those by which others are found. See [intact.Store].
func (l *Ledger) CheckTables(ctx context.Context, all bool, progress func(done, of uint64)) error {
	return intact.Store{DB: l.db, Options: l.options, Dir: l.cfg.Dir}.Tables(ctx, all, progress)
}

// Failed is closed when the store failed or corruption was read. The process
// has to end then; Err says why.
func (l *Ledger) Failed() <-chan struct{} { return l.failure.done }

// Err is nil, or wraps ErrFailed.
func (l *Ledger) Err() error { return l.failure.get() }

// DiskFree returns the bytes that are free to this process and the size of the
// file system that the ledger is on. Pebble cannot survive a full disk: capture
// is refused well before.
func (l *Ledger) DiskFree() (free, total uint64, err error) {
	u, err := l.cfg.FS.GetDiskUsage(l.cfg.Dir)
	if err != nil {
		return 0, 0, fmt.Errorf("free space of %s: %w", l.cfg.Dir, err)
	}
	return u.AvailBytes, u.TotalBytes, nil
}

// Metrics is Pebble's own account of the store, for the operator.
func (l *Ledger) Metrics() *pebble.Metrics { return l.db.Metrics() }

// Roots returns the last committed roots; the zero value before genesis.
func (l *Ledger) Roots() proof.Roots {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current == nil {
		return proof.Roots{}
	}
	return l.current.roots
}

// Network returns the network the ledger belongs to, zero before genesis.
func (l *Ledger) Network() identity.Network {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.current == nil {
		return identity.Network{}
	}
	return l.current.network
}

// EnvelopeJudged reports whether an envelope with this id has been committed.
func (l *Ledger) EnvelopeJudged(id identity.Hash) (bool, error) {
	l.mu.Lock()
	committed, known := l.seen.ask(l.absent.before(), id)
	known = known && l.current != nil
	l.mu.Unlock()
	if known {
		return committed, nil
	}
	s := l.Snapshot()
	defer s.Close()
	if s.g == nil {
		return false, ErrClosed
	}
	return has(s.g.store, hashKey(rowEnvelope, id))
}

// State returns the committed canonical state of k, nil when it has none.
func (l *Ledger) State(k trace.Key) ([]byte, error) {
	s := l.Snapshot()
	defer s.Close()
	return s.State(k)
}

// Accepted returns the seq of the committed record with this hash that was
// accepted from this organisation, "" for any. The content is its CBV event hash, ""
// for none.
func (l *Ledger) Accepted(organisation string, record identity.Hash, content string) (uint64, bool, error) {
	s := l.Snapshot()
	defer s.Close()
	return s.Accepted(organisation, record, content)
}

// Signed returns who signed the committed record at seq, and its block's time in
// Unix seconds.
func (l *Ledger) Signed(seq uint64) (identity.Address, int64, error) {
	s := l.Snapshot()
	defer s.Close()
	return s.Signed(seq)
}

// IsEvent reports whether the committed record at seq is an accepted event with this
// eventID.
func (l *Ledger) IsEvent(seq uint64, eventID string) (bool, error) {
	s := l.Snapshot()
	defer s.Close()
	return s.IsEvent(seq, eventID)
}

// InitGenesis writes the genesis document and the states of its members and
// their keys, at height 0 and with count 0, so that the app hash of height 0
// follows from the document alone. Again with the same document it does
// nothing; with another it returns ErrOtherNetwork.
func (l *Ledger) InitGenesis(g *identity.Genesis) error {
	s := l.Snapshot()
	defer s.Close()
	if s.g == nil {
		return ErrClosed
	}
	if s.g.genesis {
		doc, err := get(s.g.store, metaKey(metaGenesis))
		if err != nil {
			return err
		}
		if s.g.network != g.Network || !bytes.Equal(doc, g.Doc) {
			return fmt.Errorf("%w: %x, not %x", ErrOtherNetwork, s.g.network[:], g.Network[:])
		}
		return nil
	}
	states, err := GenesisStates(g)
	if err != nil {
		return fmt.Errorf("write genesis: %w", err)
	}
	b, err := l.begin(proof.Roots{AppHash: identity.Hash(g.Network)}, 0, g.Time)
	if err != nil {
		return fmt.Errorf("write genesis: %w", err)
	}
	defer b.Discard()
	b.genesis = g
	for _, st := range states {
		if err := b.setState(st); err != nil {
			return fmt.Errorf("write genesis: %w", err)
		}
	}
	return b.Commit()
}

// Genesis returns the genesis document, nil before InitGenesis.
func (l *Ledger) Genesis() ([]byte, error) {
	s := l.Snapshot()
	defer s.Close()
	if s.g == nil {
		return nil, ErrClosed
	}
	return get(s.g.store, metaKey(metaGenesis))
}

// Snapshot returns the ledger at the last committed height. It costs no I/O.
// The caller closes it. On a closed ledger its methods return ErrClosed.
func (l *Ledger) Snapshot() *Snapshot {
	return &Snapshot{ledger: l, g: l.acquire(), lines: lines{kept: l.kept}}
}
