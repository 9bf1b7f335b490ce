package intact

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A manifest is a file of blocks of 32 KiB, and a block one of chunks: a masked CRC-32C
// of what follows the length (4 bytes), the payload's length (2), the chunk's type (1),
// the payload. What is left of a block is zero (pebble/v2/record, the legacy format).
const (
	blockLen     = 32 << 10
	chunkHeadLen = 7
	chunkTypes   = 4 // whole record, first, middle and last of one
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// checkManifest says what is damaged in a manifest, "" for nothing. A power loss leaves
// a last chunk that ends too early, or in zeros, and nothing after it.
func checkManifest(b []byte) string {
	at := 0
	for at < len(b) {
		block := b[at:min(len(b), (at/blockLen+1)*blockLen)]
		if len(block) < chunkHeadLen && zero(block) {
			at += len(block)
			continue
		}
		n := chunkAt(block)
		if n == 0 {
			break
		}
		at += n
	}
	rest := b[at:]
	switch {
	case at == 0:
		return "holds no record that can be read"
	case zero(rest):
		return ""
	}
	damaged := fmt.Sprintf("what is written at byte %d of %d is not what was", at, len(b))
	for i := at + 1; i < len(b); i++ {
		if chunkAt(b[i:min(len(b), (i/blockLen+1)*blockLen)]) > 0 {
			return damaged // something was written after it, and is whole
		}
	}
	block := rest[:min(len(rest), blockLen-at%blockLen)]
	switch {
	case len(block) < chunkHeadLen: // not even its head is there
		return ""
	case whole(block, len(block)-chunkHeadLen): // its length alone is wrong
		return damaged
	case chunkHeadLen+int(binary.LittleEndian.Uint16(block[4:])) > len(block), rest[len(rest)-1] == 0 && rest[len(rest)-2] == 0:
		return ""
	}
	return damaged
}

// chunkAt is the length of the chunk that begins the bytes left of a block, 0 when
// there is none, or another than was written.
func chunkAt(block []byte) int {
	if len(block) < chunkHeadLen {
		return 0
	}
	n := int(binary.LittleEndian.Uint16(block[4:]))
	if chunkHeadLen+n > len(block) || !whole(block, n) {
		return 0
	}
	return chunkHeadLen + n
}

// whole tells whether the chunk has the checksum of a payload of n bytes.
func whole(chunk []byte, n int) bool {
	if kind := chunk[6]; kind == 0 || kind > chunkTypes {
		return false
	}
	c := crc32.Checksum(chunk[6:chunkHeadLen+n], castagnoli)
	return binary.LittleEndian.Uint32(chunk) == (c>>15|c<<17)+0xa282ead8
}

func zero(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }
