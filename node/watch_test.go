package node

import (
	"testing"
	"time"
)

// A record that comes to a network which idled has not waited that long: a warning is
// due when it is not in a block a while later, and again each such while.
func TestStallIsOfWhatWaits(t *testing.T) {
	began := time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return began.Add(time.Duration(seconds) * time.Second) }
	s := stall{after: 15 * time.Second}
	for _, step := range []struct {
		second, moved, waiting int
		warn                   bool
	}{
		{0, 0, 0, false}, {28, 0, 0, false},
		{29, 0, 1, false}, {43, 0, 1, false}, {44, 0, 1, true}, {45, 0, 2, false}, {60, 0, 2, true}, // nothing moves
		{61, 61, 1, false}, {76, 61, 1, false}, {77, 61, 1, true}, // one is left over
		{78, 78, 0, false}, {120, 78, 0, false}, {121, 78, 1, false},
	} {
		if _, warn := s.look(at(step.second), at(step.moved), step.waiting); warn != step.warn {
			t.Errorf("second %d: %v", step.second, warn)
		}
	}
}

// A small disk is nearly full by its share, a large one by what is left of it.
func TestNearlyFull(t *testing.T) {
	const gib = 1 << 30
	usual := DefaultConfig(t.TempDir()).Storage
	shareAlone, never := usual, usual
	shareAlone.MinFreeBytes, never.MinFreePercent = 0, 0
	for _, d := range []struct {
		of          string
		c           StorageConfig
		free, total uint64
		full        bool
	}{
		{"a small disk with room", usual, 3 * gib, 20 * gib, false},
		{"a small disk", usual, 1 * gib, 20 * gib, true},
		{"a large disk with room", usual, 24 * gib, 252 * gib, false},
		{"a large disk", usual, 7 * gib, 252 * gib, true},
		{"the share alone", shareAlone, 24 * gib, 252 * gib, true},
		{"whoever wants no limit", never, 0, 252 * gib, false},
		{"a disk that cannot be seen", usual, 0, 0, false},
	} {
		if full := d.c.nearlyFull(d.free, d.total); full != d.full {
			t.Errorf("%s: nearly full %t", d.of, full)
		}
	}
}
