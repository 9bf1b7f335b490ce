package ledger

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
	"pgregory.net/rapid"
)

// A row that the log still has is the one that was put last, whatever the room;
// the room is never exceeded, and what was put last is there when it can be.
func TestRowLogKeepsWhatWasPutLast(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var l rowLog
		rows := make([][]byte, rapid.IntRange(1, 300).Draw(rt, "rows"))
		places := make([]rowPlace, len(rows))
		most := 0
		for step := range rapid.IntRange(1, 400).Draw(rt, "steps") {
			if rapid.IntRange(0, 20).Draw(rt, "hold") == 0 || step == 0 {
				l.hold(rapid.IntRange(-1, 4*chunkBytes).Draw(rt, "limit"))
				most = l.limit
			}
			i := rapid.IntRange(0, len(rows)-1).Draw(rt, "row")
			n := rapid.SampledFrom([]int{0, 1, 28, 29, 200, 3000, keptRow - 1, keptRow, keptRow + 1}).Draw(rt, "bytes")
			rows[i] = bytes.Repeat([]byte{byte(step)}, n)
			places[i] = l.put(places[i], rows[i])
			if _, ok := l.get(places[i]); ok != (n <= keptRow && most >= chunkBytes) {
				rt.Fatalf("a row of %d bytes in a log of %d: %v", n, most, ok)
			}
			size := 0
			for _, c := range l.chunks {
				size += cap(c)
			}
			if size > most {
				rt.Fatalf("%d bytes, %d allowed", size, most)
			}
			for j, at := range places {
				if got, ok := l.get(at); ok && !bytes.Equal(got, rows[j]) {
					rt.Fatalf("row %d has %d bytes, %d were put", j, len(got), len(rows[j]))
				}
			}
		}
	})
}

// The committer reads a key from memory as long as there is room for its row, and
// then from the store, where Verify always looks.
func TestKeptRowsSpareTheStoreAndHideNothingFromVerify(t *testing.T) {
	n := newNetwork(t, "")
	l := n.openAt(t, vfs.NewMem())
	b := begin(t, l)
	var records [][]byte
	for i := range 100 {
		records = append(records, record(fmt.Sprint(i)))
	}
	n.appendAll(t, b, 0, n.envelope(t, 0, records...), func(i int) judged {
		return judged{touches: []trace.Key{item(i)}, states: []State{{item(i), []byte("born")}}}
	})
	commit(t, b)
	see := func(i int) {
		b := begin(t, l)
		seq := b.NextSeq()
		n.appendAll(t, b, 0, n.envelope(t, 0, record(fmt.Sprint(seq))), func(int) judged {
			return judged{touches: []trace.Key{item(i)}, states: []State{{item(i), fmt.Append(nil, "seen ", seq)}}}
		})
		commit(t, b)
	}
	see(7) // there is room for rows since the first commit
	key := hashKey(rowIndex, proof.MapKey(item(7)))
	row, err := get(l.db, key)
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Replace(row, []byte("seen"), []byte("gone"), 1)
	if err := l.db.Set(key, seal(key, other), pebble.Sync); err != nil {
		t.Fatal(err)
	}
	read := func() string {
		l.rows = rows{}
		b := begin(t, l)
		defer b.Discard()
		state, err := b.State(item(7))
		if err != nil {
			t.Fatal(err)
		}
		return string(state)
	}
	if got := read(); got != "seen 100" {
		t.Errorf("with the row in memory: %q", got)
	}
	see(8) // what is verified is what a commit left
	if err := l.Verify(t.Context(), nil); err == nil {
		t.Error("Verify did not see the row in the store")
	}
	l.trie.sweep(l.trie.bytes)
	if got := read(); got != "gone 100" {
		t.Errorf("without room for the row: %q", got)
	}
}
