package ledger

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// Rows whose keys share a mark are told apart, and go one by one, from either generation.
func TestRowsOfOneMark(t *testing.T) {
	const mark = 7
	var r rows
	r.age()
	named := func(i int) trace.Key { return trace.Key{NS: trace.NSItem, ID: string(rune('a' + i))} }
	keys := make([]*stagedKey, 3)
	for i := range keys {
		keys[i] = r.add(named(i), mark, identity.Hash{31: byte(i)})
	}
	r.young, r.old = r.old, r.young // as age does when there are many
	there := func(want ...bool) {
		t.Helper()
		for i, s := range keys {
			if got := r.get(named(i), mark); want[i] != (got == s) || got != nil && got != s {
				t.Errorf("row %d: found %v, expected to be there: %t", i, got, want[i])
			}
		}
	}
	if r.get(named(1), mark) != keys[1] { // from the middle of the older ones to the younger
		t.Fatal("the second row is not found")
	}
	r.drop(keys[0])
	there(false, true, true)
	if len(r.old) != 0 || len(r.young) != 1 {
		t.Errorf("%d chains of the older, %d of the younger: what was asked for is to be young", len(r.old), len(r.young))
	}
	r.drop(keys[2])
	there(false, true, false)
	r.drop(keys[2])
	r.drop(keys[1])
	there(false, false, false)
	if len(r.old)+len(r.young) != 0 {
		t.Error("something is left of rows that were dropped")
	}
	if r.get(named(9), mark) != nil {
		t.Error("a row that nobody put there")
	}
}

// Keys that a block only asks for get no rows; one that it writes has the state that
// was written, until a block that is discarded forgets it.
func TestReadingMakesNoRow(t *testing.T) {
	n := newNetwork(t, "reading")
	l := n.openAt(t, vfs.NewMem())
	l.built.Wait()                  // for the filter: until then every key may be there
	keys := make([]trace.Key, 3000) // more than there are places
	for i, random := 0, rand.New(rand.NewPCG(1, 1)); i < len(keys); i++ {
		keys[i] = trace.Key{NS: trace.NSItem, ID: fmt.Sprintf("item-%d-%08x", i, random.Uint32())}
	}
	b := begin(t, l)
	before := len(l.rows.young) + len(l.rows.old)
	none := func(but int) {
		t.Helper()
		for i, k := range keys {
			if state, err := b.State(k); err != nil || (len(state) > 0) != (i == but) {
				t.Fatalf("state of %s: %q, %v", k.ID, state, err)
			}
		}
		for i := range l.rows.last {
			if s := l.rows.last[i].row; s != nil && s.hash != proof.MapKey(s.index.key) {
				t.Fatalf("place %d: the hash is not that of its key", i)
			}
		}
	}
	write := func(i int) {
		t.Helper()
		e := n.envelope(t, 0, []byte(keys[i].ID))
		n.appendAll(t, b, 0, e, func(int) judged {
			return judged{touches: keys[i : i+1], states: []State{{Key: keys[i], Bytes: []byte{0xa0}}}}
		})
	}
	none(-1)
	if got := len(l.rows.young) + len(l.rows.old); got != before {
		t.Errorf("%d rows after keys without any were asked for, %d before", got, before)
	}
	write(2999)
	none(2999)
	b.Discard()
	b = begin(t, l)
	none(-1)
	write(0)
	none(0)
	commit(t, b)
	b = begin(t, l)
	none(0)
	b.Discard()
}

// The serials of one record are asked for one after the other: of a group of which none is
// there, those that a record makes are found by the next, and the others stay unknown, before
// the ledger is opened again and after it.
func TestSerialsOfOneGroup(t *testing.T) {
	n := newNetwork(t, "serials")
	fs := vfs.NewMem()
	l := n.openAt(t, fs)
	l.built.Wait()
	serial := func(group, i int) trace.Key {
		return trace.Key{NS: trace.NSItem, ID: fmt.Sprintf("https://id.gs1.org/01/04012345123456/21/%d%02d", group, i)}
	}
	made := map[trace.Key]bool{}
	b := begin(t, l)
	look := func() {
		t.Helper()
		for group := range 3 {
			for i := range 100 {
				k := serial(group, i)
				if state, err := b.State(k); err != nil || (len(state) > 0) != made[k] {
					t.Fatalf("state of %s: %q, %v; made: %t", k.ID, state, err, made[k])
				}
			}
		}
	}
	write := func(k trace.Key, keep bool) {
		t.Helper()
		e := n.envelope(t, 0, fmt.Appendf(nil, "%s %d %t", k.ID, b.Height(), keep))
		n.appendAll(t, b, 0, e, func(int) judged {
			return judged{touches: []trace.Key{k}, states: []State{{Key: k, Bytes: []byte{0xa0}}}}
		})
		made[k] = true
	}
	look()
	write(serial(2, 7), true) // of the group that was asked for last
	look()
	write(serial(2, 8), true)
	write(serial(0, 0), true)
	look()
	commit(t, b)
	b = begin(t, l)
	look()
	write(serial(1, 50), false)
	look()
	b.Discard()
	delete(made, serial(1, 50))
	b = begin(t, l)
	look()
	write(serial(1, 51), true)
	look()
	commit(t, b)
	for _, wait := range []bool{false, true} {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		l = open(t, fs)
		if wait {
			l.built.Wait()
		}
		b = begin(t, l)
		look()
		b.Discard()
	}
}
