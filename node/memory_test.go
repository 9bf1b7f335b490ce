package node

import (
	"math"
	"testing"
)

func TestMapTakesAShareOfTheMemory(t *testing.T) {
	for _, c := range []struct {
		machine, limit uint64
		want           int
	}{
		{0, math.MaxInt64, 256 << 20}, // not known
		{1 << 30, math.MaxInt64, 256 << 20},
		{16 << 30, math.MaxInt64, 2 << 30},
		{16 << 30, 8 << 30, 1 << 30},
		{1 << 40, math.MaxInt64, 4 << 30},
	} {
		if got := mapBytesOf(c.machine, c.limit); got != c.want {
			t.Errorf("of %d with a limit of %d: %d, want %d", c.machine, c.limit, got, c.want)
		}
	}
	if got := (StorageConfig{LedgerMapBytes: 5 << 20}).MapBytes(); got != 5<<20 {
		t.Errorf("what the configuration says: %d", got)
	}
	if got := (StorageConfig{}).MapBytes(); got < 256<<20 || got > 4<<30 {
		t.Errorf("of this machine: %d", got)
	}
}
