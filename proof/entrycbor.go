package proof

import "encoding/binary"

// Append appends what Encode returns. It is written by hand because every
// record has an entry, and the library takes ten times as long over it.
func (e *Entry) Append(b []byte) []byte {
	b = appendHead(b, majorArray, 10)
	b = appendHead(b, majorUint, e.Height)
	if e.Time < 0 {
		b = appendHead(b, majorNegative, uint64(^e.Time))
	} else {
		b = appendHead(b, majorUint, uint64(e.Time))
	}
	b = appendHead(b, majorUint, e.Seq)
	b = append(appendHead(b, majorBytes, uint64(len(e.Envelope))), e.Envelope[:]...)
	b = appendHead(b, majorUint, uint64(e.Index))
	b = append(appendHead(b, majorText, uint64(len(e.Kind))), e.Kind...)
	b = append(appendHead(b, majorBytes, uint64(len(e.Signer))), e.Signer[:]...)
	b = append(appendHead(b, majorBytes, uint64(len(e.Record))), e.Record[:]...)
	b = appendHead(b, majorArray, uint64(len(e.Codes)))
	for _, c := range e.Codes {
		b = appendHead(b, majorUint, uint64(c))
	}
	return append(appendHead(b, majorBytes, uint64(len(e.FindingsHash))), e.FindingsHash[:]...)
}

// The major types of RFC 8949, section 3.1, in their place in the first byte.
const (
	majorUint     = 0 << 5
	majorNegative = 1 << 5
	majorBytes    = 2 << 5
	majorText     = 3 << 5
	majorArray    = 4 << 5
)

// appendHead appends a data item's head in its shortest form (RFC 8949, section
// 4.2.1).
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}
