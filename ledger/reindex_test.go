package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/intact"
	"github.com/waymark-ledger/waymark/trace"
)

// placed is what a test's ledger says of an item whose state says where it is.
func placed(i int, state []byte) trace.Move {
	return trace.Move{Batch: trace.Batch{Of: trace.Key{NS: trace.NSLot, ID: fmt.Sprint("lot", i%3)}, Born: uint64(i % 7)}, Place: trace.Place{Holder: string(state)}, By: 1}
}

// said is what a record of it adds besides.
func said(seq uint64) trace.Forward {
	lot, class := trace.Key{NS: trace.NSLot, ID: fmt.Sprint("lot", seq%3)}, trace.Key{NS: trace.NSClass, ID: "class"}
	f := trace.Forward{Lots: []trace.Kin{{Class: class, Lot: lot}}}
	switch seq % 4 {
	case 0:
		f.Uses = []trace.Taken{{Batch: trace.Batch{Of: lot, Born: seq / 2}, Count: seq}}
	case 1:
		f.Made, f.Strays = []trace.Batch{{Of: lot, Born: seq}}, []trace.Batch{{Of: class, Born: seq}}
	case 2: // somebody who may have some: told by each record again
		f.Moves = []trace.Move{{Batch: trace.Batch{Of: lot, Born: trace.Unmarked}, Place: trace.Place{Holder: fmt.Sprint(seq % 5)}, By: 1}}
	}
	return f
}

// found are the findings of a record: some are flagged.
func found(seq uint64) []trace.Finding {
	if seq%7 == 3 {
		return flagging
	}
	return nil
}

// indexRows are all rows of the forward index and of flagged records.
func indexRows(t testing.TB, l *Ledger) map[string]string {
	t.Helper()
	rows := map[string]string{}
	it, err := l.db.NewIter(&pebble.IterOptions{LowerBound: []byte{rowForward}, UpperBound: []byte{rowFlagged + 1}})
	if err != nil {
		t.Fatal(err)
	}
	for ok := it.First(); ok; ok = it.Next() {
		rows[string(it.Key())] = string(it.Value())
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// A ledger of an older version takes no block, and answers nothing from its indexes, until
// they are made again; wherever the power fails meanwhile, they are in the end those that
// were kept by differences.
func TestAnOlderIndexIsMadeAgain(t *testing.T) {
	for older := uint32(oldestFormat); older < formatVersion; older++ {
		t.Run(fmt.Sprint("format ", older), func(t *testing.T) { remakes(t, older, nil) })
	}
	// A program of format 8 was making the forward index, one of format 9 had made its own.
	t.Run("left off", func(t *testing.T) { remakes(t, 8, seqKey(refileRecords, 0)) })
	t.Run("left off with flags", func(t *testing.T) { remakes(t, 9, seqKey(refileFlags, 5_000)) })
}

// remakes makes the indexes again of a store of an older format, from a step on where an
// older program left off there.
func remakes(t *testing.T, older uint32, step []byte) {
	forward := older < forwardFormat || step != nil
	n, fs := newNetwork(t, "R"), vfs.NewCrashableMem()
	l := n.openAt(t, fs)
	random := rand.New(rand.NewPCG(3, 3))
	where := map[int][]byte{}
	for range 60 {
		b := begin(t, l)
		var records [][]byte
		for i := range 100 {
			records = append(records, record(fmt.Sprint(b.NextSeq(), i)))
		}
		e := n.envelope(t, 0, records...)
		for i, r := range records {
			f, k := said(b.NextSeq()), random.IntN(500)
			if old, ok := where[k]; ok {
				m := placed(k, old)
				m.By = -1
				f.Moves = append(f.Moves, m)
			}
			where[k] = fmt.Append(nil, random.IntN(9))
			f.Moves = append(f.Moves, placed(k, where[k]))
			if _, err := b.Append(Append{Envelope: e, EnvelopeID: e.ID(), Index: uint32(i), Kind: epcis.KindEvent, Organisation: n.orgs[0],
				Bytes: r, RecordHash: identity.RecordHash(r), Findings: found(b.NextSeq()), States: []State{{item(k), where[k]}}, Forward: f}); err != nil {
				t.Fatal(err)
			}
		}
		commit(t, b)
	}
	want, app := indexRows(t, l), l.Roots()
	// What an older version leaves: its format, and rows that are not these.
	b := l.db.NewBatch()
	sealed := func(key, value []byte) {
		if err := b.Set(key, binary.BigEndian.AppendUint32(append([]byte(nil), value...), rowSum(key, value)), nil); err != nil {
			t.Fatal(err)
		}
	}
	sealed(metaKey(metaFormat), binary.BigEndian.AppendUint32(nil, older))
	if step != nil {
		sealed(metaKey(metaReindex), step)
	}
	for key := range want {
		if key[0] == rowForward && !forward {
			continue
		}
		if key[0] == rowFlagged || step != nil || random.IntN(2) == 0 {
			if err := b.Delete([]byte(key), nil); err != nil {
				t.Fatal(err)
			}
		} else {
			sealed([]byte(key), []byte("other"))
		}
	}
	if err := l.db.Apply(b, pebble.Sync); err != nil {
		t.Fatal(err)
	}
	refiling := Refiling{
		Record: func(r *trace.Recorded) (trace.Forward, error) { return said(r.Seq), nil },
		State: func(k trace.Key, state []byte) (f trace.Forward, err error) {
			if k.NS == trace.NSItem {
				var i int
				_, err = fmt.Sscanf(k.ID, "item-%d", &i)
				f.Moves = []trace.Move{placed(i, state)}
			}
			return f, err
		},
	}
	reopen := func() *Ledger {
		t.Helper()
		fs = fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: random.IntN(3) * 50, RNG: random})
		l, err := Open(Config{Dir: "ledger", FS: fs, CacheBytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	stops := 0
	for {
		l := reopen()
		if !l.Outdated() {
			t.Fatal("it is not outdated")
		}
		if _, err := l.Begin(app.Height+1, epcis.Instant{Seconds: 2_000_000_000}); !errors.Is(err, ErrOutdated) {
			t.Fatalf("a block of an outdated ledger: %v", err)
		}
		s := l.Snapshot()
		if _, err := s.Lots(trace.Key{NS: trace.NSClass, ID: "class"}, 1); !errors.Is(err, ErrOutdated) || !strings.Contains(err.Error(), "waymark start") {
			t.Errorf("an answer from an outdated index: %v", err)
		}
		if _, err := s.Stray(trace.Key{NS: trace.NSClass, ID: "class"}, 1); !errors.Is(err, ErrOutdated) {
			t.Errorf("an answer from an outdated index: %v", err)
		}
		if _, err := s.Flagged(0, 1); !errors.Is(err, ErrOutdated) {
			t.Errorf("an answer from an outdated index: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		// It is stopped after every batch.
		ctx, cancel := context.WithCancel(t.Context())
		told := ""
		refiling.Progress = func(what string, done, of uint64) { told = fmt.Sprint(what, done, of); cancel() }
		err := l.Reindex(ctx, refiling)
		cancel()
		if err == nil {
			if l.Outdated() || told != "verdicts6000 6000" {
				t.Errorf("it is outdated still, told of %q", told)
			}
			if got := indexRows(t, l); !maps.Equal(got, want) {
				t.Errorf("%d rows, want %d", len(got), len(want))
			}
			commit(t, begin(t, l)) // and blocks go on
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			break
		}
		if stops++; !errors.Is(err, context.Canceled) || stops > 12 {
			t.Fatal(err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if stops < 1 || forward && stops < 5 {
		t.Errorf("it was stopped %d times", stops)
	}
	l = reopen()
	defer l.Close()
	if l.Outdated() || l.Roots().MapRoot != app.MapRoot {
		t.Errorf("opened again: outdated %v", l.Outdated())
	}
	if err := l.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// A store of format 6 has a row for every eventID. Those stay, and what is written from
// then on needs fewer.
func TestAStoreWithARowForEveryEventIDIsBroughtUpToDate(t *testing.T) {
	n, fs := newNetwork(t, "R"), vfs.NewMem()
	l := open(t, fs)
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	named := func(id string) func(int) judged {
		return func(int) judged { return judged{contentHash: id, eventID: id} }
	}
	b := begin(t, l)
	n.appendAll(t, b, 0, n.envelope(t, 0, record("a"), record("b")), named("ni:///old"))
	commit(t, b)
	// The rows as they were.
	older := l.db.NewBatch()
	set := func(key, value []byte) {
		if err := older.Set(key, seal(key, value), nil); err != nil {
			t.Fatal(err)
		}
	}
	old := identity.Hash(sha256.Sum256([]byte("ni:///old")))
	set(metaKey(metaFormat), binary.BigEndian.AppendUint32(nil, 6))
	set(hashKey(rowContent, old), binary.BigEndian.AppendUint64(nil, 0))
	set(hashSeqKey(rowEvent, old, 0), nil)
	if err := errors.Join(older.Commit(pebble.Sync), l.Close()); err != nil {
		t.Fatal(err)
	}

	l, err := Open(Config{Dir: "ledger", FS: fs, CacheBytes: 1 << 20, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if format, err := l.format(); err != nil || format != 6 {
		t.Errorf("whoever only reads it finds format %d, %v", format, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	l = open(t, fs)
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	nothing := func(*trace.Recorded) (trace.Forward, error) { return trace.Forward{}, nil }
	if err := l.Reindex(t.Context(), Refiling{Record: nothing, State: func(trace.Key, []byte) (trace.Forward, error) { return trace.Forward{}, nil }}); err != nil {
		t.Error(err)
	}
	if format, err := l.format(); err != nil || format != formatVersion {
		t.Errorf("format %d, %v", format, err)
	}
	b = begin(t, l)
	n.appendAll(t, b, 0, n.envelope(t, 0, record("c")), named("ni:///new"))
	n.appendAll(t, b, 0, n.envelope(t, 0, record("d")), named("ni:///old"))
	commit(t, b)
	s := l.Snapshot()
	defer s.Close()
	for id, want := range map[string][]uint64{"ni:///old": {0, 1, 3}, "ni:///new": {2}} {
		if got, err := s.ByEventID(id, 9); err != nil || !slices.Equal(got, want) {
			t.Errorf("event %s: %v, %v; want %v", id, got, err, want)
		}
	}
	if row, err := get(l.db, hashSeqKey(rowEvent, sha256.Sum256([]byte("ni:///new")), 2)); err != nil || row != nil {
		t.Errorf("the eventID that is the event's hash has a row of its own: %x, %v", row, err)
	}
}

// A ledger that this version cannot read says what to do.
func TestALedgerOfAnUnknownFormatIsNotOpened(t *testing.T) {
	n, fs := newNetwork(t, "R"), vfs.NewMem()
	l := open(t, fs)
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for _, format := range []uint32{3, 99} {
		if err := intact.Open(fs, "ledger"); err != nil {
			t.Fatal(err)
		}
		db, err := pebble.Open("ledger", options(fs, 1<<20, l.log, newFailure()))
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Set(metaKey(metaFormat), binary.BigEndian.AppendUint32(nil, format), pebble.Sync), db.Close()); err != nil {
			t.Fatal(err)
		}
		_, err = Open(Config{Dir: "ledger", FS: fs, CacheBytes: 1 << 20})
		if !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), fmt.Sprintf("its format is version %d, this program reads %d", format, formatVersion)) {
			t.Fatalf("format %d: %v", format, err)
		}
	}
}
