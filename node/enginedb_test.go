package node

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	dbm "github.com/cometbft/cometbft-db"
	"pgregory.net/rapid"
)

// TestEngineStoreBehavesAsMemDB drives the adapter and CometBFT's own
// in-memory database alike, two views at once, and compares what they answer.
func TestEngineStoreBehavesAsMemDB(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store, err := openEngineStore("db", vfs.NewMem(), 1<<20, false, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer store.close()
		type pair struct{ ours, model dbm.DB }
		views := []pair{{store.view("a"), dbm.NewMemDB()}, {store.view("b"), dbm.NewMemDB()}}
		key := rapid.SliceOfN(rapid.ByteRange(0, 3), 0, 3)
		value := rapid.SliceOfN(rapid.Byte(), 0, 4)
		same := func(what string, a, b error) {
			if (a == nil) != (b == nil) {
				t.Fatalf("%s: %v and %v", what, a, b)
			}
		}
		walk := func(db dbm.DB, start, end []byte, reverse bool) (out [][2]string, err error) {
			it, err := db.Iterator(start, end)
			if reverse {
				if err == nil {
					it.Close()
				}
				it, err = db.ReverseIterator(start, end)
			}
			if err != nil {
				return nil, err
			}
			defer it.Close()
			for ; it.Valid(); it.Next() {
				out = append(out, [2]string{string(it.Key()), string(it.Value())})
			}
			return out, it.Error()
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			v := views[rapid.IntRange(0, 1).Draw(t, "view")]
			k, val := key.Draw(t, "key"), value.Draw(t, "value")
			switch rapid.IntRange(0, 6).Draw(t, "op") {
			case 0:
				same("set", v.ours.Set(k, val), v.model.Set(k, val))
			case 1:
				same("set sync", v.ours.SetSync(k, val), v.model.SetSync(k, val))
			case 2:
				same("delete", v.ours.Delete(k), v.model.Delete(k))
			case 3:
				a, errA := v.ours.Get(k)
				b, errB := v.model.Get(k)
				same("get", errA, errB)
				if !bytes.Equal(a, b) || (a == nil) != (b == nil) {
					t.Fatalf("get %x: %x and %x", k, a, b)
				}
				hasA, _ := v.ours.Has(k)
				hasB, _ := v.model.Has(k)
				if hasA != hasB {
					t.Fatalf("has %x: %v and %v", k, hasA, hasB)
				}
			case 4, 5:
				var start, end []byte
				if rapid.Bool().Draw(t, "start") {
					start = k
				}
				if rapid.Bool().Draw(t, "end") {
					end = key.Draw(t, "to")
				}
				if start != nil && end != nil && bytes.Compare(start, end) >= 0 {
					continue // outside the contract
				}
				reverse := rapid.Bool().Draw(t, "reverse")
				a, errA := walk(v.ours, start, end, reverse)
				b, errB := walk(v.model, start, end, reverse)
				same("iterate", errA, errB)
				if len(a) != len(b) {
					t.Fatalf("iterate %x %x: %x and %x", start, end, a, b)
				}
				for i := range a {
					if a[i] != b[i] {
						t.Fatalf("iterate %x %x: %x and %x", start, end, a, b)
					}
				}
			case 6:
				a, b := v.ours.NewBatch(), v.model.NewBatch()
				for range rapid.IntRange(0, 4).Draw(t, "batch") {
					k, val := key.Draw(t, "key"), value.Draw(t, "value")
					if rapid.Bool().Draw(t, "delete") {
						same("batch delete", a.Delete(k), b.Delete(k))
					} else {
						same("batch set", a.Set(k, val), b.Set(k, val))
					}
				}
				same("write", a.WriteSync(), b.WriteSync())
				same("set after write", a.Set([]byte("x"), []byte{1}), b.Set([]byte("x"), []byte{1}))
				same("close", a.Close(), b.Close())
				same("close again", a.Close(), b.Close())
			}
		}
	})
}

func TestClosedEngineStoreHoldsNothing(t *testing.T) {
	store, err := openEngineStore("db", vfs.NewMem(), 1<<20, false, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	db := store.view("a")
	if err := db.SetSync([]byte("k"), []byte("v")); err != nil {
		t.Fatal(err)
	}
	batch := db.NewBatch()
	if err := batch.Set([]byte("k2"), []byte("v")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.close(), store.close()); err != nil {
		t.Fatal(err)
	}
	if v, err := db.Get([]byte("k")); v != nil || err != nil {
		t.Errorf("get after close: %q, %v", v, err)
	}
	if err := db.Set([]byte("k"), []byte("v")); err == nil {
		t.Error("set after close succeeds")
	}
	if err := batch.Write(); err == nil {
		t.Error("batch after close succeeds")
	}
	if _, err := db.Iterator(nil, nil); err == nil {
		t.Error("iterate after close succeeds")
	}
}
