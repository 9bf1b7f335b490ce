package ledger

import (
	"testing"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// Rows whose map keys begin alike are told apart, and go one by one, from either
// generation.
func TestRowsThatBeginAlike(t *testing.T) {
	var r rows
	r.age()
	keys := make([]*stagedKey, 3)
	for i := range keys {
		keys[i] = r.add(trace.Key{NS: trace.NSItem, ID: string(rune('a' + i))}, identity.Hash{7, 31: byte(i)})
	}
	r.young, r.old = r.old, r.young // as age does when there are many
	there := func(want ...bool) {
		t.Helper()
		for i, s := range keys {
			if got := r.get(s.hash); want[i] != (got == s) || got != nil && got != s {
				t.Errorf("row %d: found %v, expected to be there: %t", i, got, want[i])
			}
		}
	}
	if r.get(keys[1].hash) != keys[1] { // from the middle of the older ones to the younger
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
	if r.get(identity.Hash{7, 31: 9}) != nil {
		t.Error("a row that nobody put there")
	}
}
