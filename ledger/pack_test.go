package ledger

import (
	"bytes"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"
)

// Rows of any cut are read back in any order, kept or not.
func TestLinesReadInAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l, err := Open(Config{FS: vfs.NewMem(), Dir: "ledger"})
		if err != nil {
			rt.Fatal(err)
		}
		defer l.Close()
		var want [][]byte
		for range rapid.IntRange(1, 12).Draw(rt, "rows") {
			var p pack
			for range rapid.IntRange(1, packLines).Draw(rt, "lines") {
				seq := uint64(len(want))
				b := bytes.Repeat([]byte{byte(seq)}, rapid.SampledFrom([]int{1, 900, 2 * keptLineBytes}).Draw(rt, "bytes"))
				want = append(want, b)
				p.add(&line{at: seq, bytes: b}, nil)
			}
			key := seqKey(rowEntry, uint64(len(want)-1))
			if err := l.db.Set(key, seal(key, p.row()), nil); err != nil {
				rt.Fatal(err)
			}
		}
		kept, err := keepRows(rapid.Int64Range(0, 1<<20).Draw(rt, "room"))
		if err != nil {
			rt.Fatal(err)
		}
		for _, rows := range []*lines{{}, {kept: kept}} {
			for range 3 * len(want) {
				seq := rapid.Uint64Range(0, uint64(len(want))-1).Draw(rt, "seq")
				got, err := rows.read(l.db, seq)
				if err != nil || got.at != seq || !bytes.Equal(got.bytes, want[seq]) {
					rt.Fatalf("record %d: %+v, %v", seq, got, err)
				}
			}
			if _, err := rows.read(l.db, uint64(len(want))); err == nil {
				rt.Fatal("a record that is not there was read")
			}
		}
	})
}
