package identity

import (
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// The wire form of an envelope is read by hand, for every node reads each
// envelope: the library's way, to decode by reflection, encode again and
// compare, takes three times as long. It stays the writer, and the measure of
// this reader in the tests.

// Major types of CBOR (RFC 8949, section 3.1).
const (
	cborUint  = 0
	cborBytes = 2
	cborText  = 3
	cborArray = 4
)

// envelopeFields is the length of an envelope's array.
const envelopeFields = 6

// wireReader reads deterministic CBOR: only the shortest heads, only definite
// lengths. After the first mistake it is bad, and what it returns is empty.
type wireReader struct {
	rest []byte
	bad  bool
}

// head reads the head of an item of this major type and returns its argument.
func (r *wireReader) head(major byte) uint64 {
	if r.bad || len(r.rest) == 0 || r.rest[0]>>5 != major {
		r.bad = true
		return 0
	}
	short := r.rest[0] & 0x1f
	if short < 24 {
		r.rest = r.rest[1:]
		return uint64(short)
	}
	if short > 27 {
		r.bad = true // reserved, or an indefinite length
		return 0
	}
	size := 1 << (short - 24)
	if len(r.rest) < 1+size {
		r.bad = true
		return 0
	}
	var word [8]byte
	copy(word[8-size:], r.rest[1:1+size])
	n := binary.BigEndian.Uint64(word[:])
	r.rest = r.rest[1+size:]
	switch size {
	case 1:
		r.bad = n < 24
	case 2:
		r.bad = n <= math.MaxUint8
	case 4:
		r.bad = n <= math.MaxUint16
	default:
		r.bad = n <= math.MaxUint32
	}
	return n
}

// text reads a string of this major type. It aliases the input.
func (r *wireReader) text(major byte) []byte {
	n := r.head(major)
	if r.bad || n > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// fixed reads a byte string of exactly dst's length.
func (r *wireReader) fixed(dst []byte) {
	s := r.text(cborBytes)
	if len(s) != len(dst) {
		r.bad = true
		return
	}
	copy(dst, s)
}

// parseEnvelope reads what Encode writes, but for the limits of what it holds.
// The records alias b. ErrEncoding, or ErrLimit for more records than are made room for.
func parseEnvelope(b []byte) (*Envelope, error) {
	r := wireReader{rest: b}
	e := new(Envelope)
	if r.head(cborArray) != envelopeFields {
		return nil, ErrEncoding
	}
	r.fixed(e.Network[:])
	kind := r.text(cborText)
	r.bad = r.bad || !utf8.Valid(kind)
	e.Kind = string(kind)
	r.fixed(e.Signer[:])
	e.NotAfter = r.head(cborUint)
	count := r.head(cborArray)
	if r.bad {
		return nil, ErrEncoding
	}
	if count > MaxRecords {
		return nil, &LimitError{"records", int(min(count, math.MaxInt32)), 1, MaxRecords}
	}
	e.Records = make([][]byte, count)
	for i := range e.Records {
		record := r.text(cborBytes)
		e.Records[i] = record[:len(record):len(record)]
	}
	r.fixed(e.Signature[:])
	if r.bad || len(r.rest) > 0 {
		return nil, ErrEncoding
	}
	return e, nil
}
