package ledger

import (
	"encoding/binary"

	"github.com/waymark-ledger/waymark/trace"
)

// rowLog keeps rows of keys in memory, one after the other in chunks: no pointer
// leads into them, so that the garbage collector has nothing to do with as many
// as there is room for. When the room is used up, the oldest chunk is filled
// again. A row that is written again stays where it is while it fits there.
type rowLog struct {
	chunks [][]byte // the oldest first
	number uint64   // of the oldest; 0 as long as there is none
	limit  int      // bytes of all chunks
	row    []byte   // the one that is put
}

// rowPlace is where a rowLog has a row: the number of its chunk, and the offset
// there. 0 is nowhere; a place whose chunk is no more is nowhere, too.
type rowPlace uint64

const (
	chunkBits   = 18
	chunkBytes  = 1 << chunkBits
	keptRow     = chunkBytes / 16 // a longer row is not kept
	slotBytes   = 4               // before a row: its room and its length
	slotRoom    = 32              // a row's room is a multiple of it
	chunkOffset = rowPlace(chunkBytes - 1)
)

// slot returns a place's bytes from its head on.
func (l *rowLog) slot(at rowPlace) ([]byte, bool) {
	n := uint64(at >> chunkBits)
	if at == 0 || n < l.number || n-l.number >= uint64(len(l.chunks)) {
		return nil, false
	}
	return l.chunks[n-l.number][at&chunkOffset:], true
}

// get returns the row at a place, a part of the log that is good until the next put.
func (l *rowLog) get(at rowPlace) ([]byte, bool) {
	s, ok := l.slot(at)
	if !ok {
		return nil, false
	}
	return s[slotBytes:][:binary.BigEndian.Uint16(s[2:])], true
}

// put keeps a row, which had the place at, and returns its place now.
func (l *rowLog) put(at rowPlace, row []byte) rowPlace {
	if len(row) > keptRow {
		return 0
	}
	s, ok := l.slot(at)
	if !ok || int(binary.BigEndian.Uint16(s)) < len(row) {
		room := (slotBytes+len(row)+slotRoom-1)/slotRoom*slotRoom - slotBytes
		if s, at = l.grow(slotBytes + room); at == 0 {
			return 0
		}
		binary.BigEndian.PutUint16(s, uint16(room))
	}
	binary.BigEndian.PutUint16(s[2:], uint16(len(row)))
	copy(s[slotBytes:], row)
	return at
}

// grow makes room for so many bytes.
func (l *rowLog) grow(n int) ([]byte, rowPlace) {
	last := len(l.chunks) - 1
	if last < 0 || len(l.chunks[last])+n > chunkBytes {
		switch {
		case l.limit < chunkBytes:
			return nil, 0
		case (len(l.chunks)+1)*chunkBytes <= l.limit:
			l.chunks = append(l.chunks, make([]byte, 0, chunkBytes))
			l.number = max(l.number, 1)
		default:
			oldest := l.chunks[0][:0]
			copy(l.chunks, l.chunks[1:])
			l.chunks[len(l.chunks)-1] = oldest
			l.number++
		}
		last = len(l.chunks) - 1
	}
	c := l.chunks[last]
	at := rowPlace(l.number+uint64(last))<<chunkBits | rowPlace(len(c))
	l.chunks[last] = c[:len(c)+n]
	return l.chunks[last][len(c):], at
}

// hold sets how many bytes there is room for, and drops what is too much.
func (l *rowLog) hold(limit int) {
	l.limit = max(limit, 0)
	if over := len(l.chunks) - l.limit/chunkBytes; over > 0 {
		l.chunks = append([][]byte(nil), l.chunks[over:]...)
		l.number += uint64(over)
	}
}

// keep keeps the row of a key that had the place at, without the key's name; a
// nil one is forgotten.
func (l *rowLog) keep(at rowPlace, x *index) rowPlace {
	if x == nil || l.limit < chunkBytes {
		return 0
	}
	l.row = x.encodeAs(&trace.Key{}, l.row[:0])
	return l.put(at, l.row)
}

// keptIndex reads a row that keep kept of k; parts of it stay in the index.
func keptIndex(k trace.Key, row []byte) (index, error) {
	r, err := parseIndex(row)
	return r.index(k), err
}
