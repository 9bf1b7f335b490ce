package node

import (
	"runtime/debug"

	"github.com/pbnjay/memory"
)

// What the map's share of the memory is, unless the configuration says.
const (
	mapShare    = 8
	minMapBytes = 256 << 20
	maxMapBytes = 4 << 30
)

// MapBytes is LedgerMapBytes, or what stands for 0 on this machine.
func (s StorageConfig) MapBytes() int {
	if s.LedgerMapBytes != 0 {
		return int(s.LedgerMapBytes)
	}
	limit := debug.SetMemoryLimit(-1) // reads it
	return mapBytesOf(memory.TotalMemory(), uint64(limit))
}

// mapBytesOf is the map's share of the machine's memory, 0 if that is not known,
// or of Go's soft limit for this process.
func mapBytesOf(machine, limit uint64) int {
	return int(min(max(min(machine, limit)/mapShare, minMapBytes), maxMapBytes))
}
