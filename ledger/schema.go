package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// The rows of the store. Integers in keys are big-endian, so that Pebble's
// order is theirs. The app hash answers for E, and will for I; H and I follow
// from the records, T from E; A, C and D are indexes that the roots say nothing
// about.
//
// A record's entry, verdict and bytes stand together in one row, and a short
// history in its key's index row, because a block costs the processor about the
// same for each row, whatever its size: separate rows for each of these cost
// twice as much (docs and numbers: BenchmarkCommit).
const (
	rowEntry    = 'E' // seq8 -> entry, organisation, findings, the record's bytes
	rowEnvelope = 'V' // envelope id -> header, signature, place
	rowBlock    = 'B' // height8 -> roots and first seq
	rowTile     = 'T' // level1 index8 -> the nodes of a full tile
	rowHistory  = 'H' // map key, c8 -> the seqs chunkLen·c … of its history
	rowIndex    = 'I' // map key -> count, head, key, state, the history's last seqs
	rowPage     = 'N' // path -> page of the authenticated map; reserved
	rowMeta     = 'M' // name -> value
	rowBytes    = 'A' // record hash -> where its bytes are, who had it accepted where
	rowContent  = 'C' // SHA-256 of the CBV event hash -> first seq
	rowEvent    = 'D' // SHA-256 of the eventID, seq8 -> nothing
)

// chunkLen is how many seqs an H row holds; the rest are in the I row.
const chunkLen = 64

// The names of the M rows.
const (
	metaFormat  = "format"  // formatVersion, uint32
	metaNetwork = "network" // network id
	metaGenesis = "genesis" // the genesis document, exactly
	metaHeight  = "height"  // last committed height, uint64
)

// formatVersion is the version of these rows. A store of another version is
// not opened.
const formatVersion = 2

var errRow = errors.New("row is damaged")

func seqKey(kind byte, seq uint64) []byte {
	k := make([]byte, 1, 9)
	k[0] = kind
	return binary.BigEndian.AppendUint64(k, seq)
}

func hashKey(kind byte, h [32]byte) []byte {
	k := make([]byte, 1, 33)
	k[0] = kind
	return append(k, h[:]...)
}

func hashSeqKey(kind byte, h [32]byte, n uint64) []byte {
	k := make([]byte, 1, 41)
	k[0] = kind
	k = append(k, h[:]...)
	return binary.BigEndian.AppendUint64(k, n)
}

func tileKey(level int, index uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{rowTile, byte(level)}, index)
}

func metaKey(name string) []byte { return append([]byte{rowMeta}, name...) }

// mapKey is the key of k in the authenticated map, and so in H and I:
// SHA-256(0x13 ‖ len16(ns) ‖ ns ‖ id).
func mapKey(k trace.Key) identity.Hash {
	var space [128]byte
	b := append(space[:0], 0x13)
	b = binary.BigEndian.AppendUint16(b, uint16(len(k.NS)))
	b = append(b, k.NS...)
	b = append(b, k.ID...)
	return sha256.Sum256(b)
}

// index is an I row: what the authenticated map will commit to, the key in the
// clear, and the end of its history.
type index struct {
	count uint64
	head  identity.Hash // zero until the authenticated map exists
	key   trace.Key
	state []byte // nil for none
	last  uint64 // the history's last seq
	tail  []byte // its last count mod chunkLen seqs, as appendSeq writes them
}

// append adds a seq to the history. When that fills a chunk, it returns the
// chunk and its number.
func (x *index) append(seq uint64) (chunk []byte, number uint64, full bool) {
	x.tail = appendSeq(x.tail, x.last, seq)
	x.last = seq
	x.count++
	if x.count%chunkLen != 0 {
		return nil, 0, false
	}
	chunk, x.tail = x.tail, nil
	return chunk, x.count/chunkLen - 1, true
}

// appendSeq writes a chunk's first seq as it is and each other as the
// difference from the one before.
func appendSeq(chunk []byte, last, seq uint64) []byte {
	if len(chunk) == 0 {
		last = 0
	}
	return binary.AppendUvarint(chunk, seq-last)
}

// decodeSeqs reads a chunk.
func decodeSeqs(b []byte) ([]uint64, error) {
	seqs := make([]uint64, 0, chunkLen)
	last := uint64(0)
	for len(b) > 0 {
		d, n := binary.Uvarint(b)
		if n <= 0 || len(seqs) > 0 && d == 0 || last+d < last {
			return nil, errRow
		}
		last += d
		seqs = append(seqs, last)
		b = b[n:]
	}
	return seqs, nil
}

// encode appends the row.
func (x *index) encode(b []byte) []byte {
	b = binary.AppendUvarint(b, x.count)
	b = binary.AppendUvarint(b, x.last)
	if x.head == (identity.Hash{}) {
		b = append(b, 0)
	} else {
		b = append(append(b, 32), x.head[:]...)
	}
	b = appendString(b, x.key.NS)
	b = appendString(b, x.key.ID)
	b = appendString(b, x.state)
	return append(b, x.tail...)
}

func decodeIndex(b []byte) (index, error) {
	var x index
	r := reader{b: b}
	x.count, x.last = r.uvarint(), r.uvarint()
	head := r.field()
	x.key = trace.Key{NS: trace.Namespace(r.field()), ID: string(r.field())}
	state := r.field()
	if r.err != nil || len(head) != 0 && len(head) != 32 {
		return index{}, errRow
	}
	copy(x.head[:], head)
	if len(state) > 0 {
		x.state = append([]byte(nil), state...)
	}
	x.tail = append([]byte(nil), r.b...)
	return x, nil
}

// line is an E row.
type line struct {
	entry        []byte // canonical CBOR; its leaf hash is the log's leaf
	organisation []byte
	findings     []byte // as proof.EncodeFindings writes them
	at           uint64 // the seq whose row has the bytes; often its own
	bytes        []byte // only when at is its own seq
}

// encode appends the row.
func (l *line) encode(b []byte) []byte {
	b = appendString(b, l.entry)
	b = appendString(b, l.organisation)
	b = appendString(b, l.findings)
	b = binary.AppendUvarint(b, l.at)
	return append(b, l.bytes...)
}

// decodeLine returns parts of b.
func decodeLine(b []byte) (line, error) {
	r := reader{b: b}
	l := line{entry: r.field(), organisation: r.field(), findings: r.field(), at: r.uvarint()}
	l.bytes = r.b
	return l, r.err
}

// stored is an A row: where a record's bytes are, and where each organisation
// that had them accepted did, in seq order.
type stored struct {
	at       uint64
	accepted []acceptance
}

type acceptance struct {
	seq          uint64
	organisation string
}

// encode appends the row.
func (s *stored) encode(b []byte) []byte {
	b = binary.AppendUvarint(b, s.at)
	for _, a := range s.accepted {
		b = binary.AppendUvarint(b, a.seq)
		b = appendString(b, a.organisation)
	}
	return b
}

func decodeStored(b []byte) (stored, error) {
	r := reader{b: b}
	s := stored{at: r.uvarint()}
	for r.err == nil && len(r.b) > 0 {
		s.accepted = append(s.accepted, acceptance{r.uvarint(), string(r.field())})
	}
	return s, r.err
}

// acceptedFrom reports whether the organisation, "" as well, is in the row.
func (s *stored) acceptedFrom(organisation string) bool {
	for _, a := range s.accepted {
		if a.organisation == organisation {
			return true
		}
	}
	return false
}

// find is [Ledger.Accepted] on one A row.
func (s *stored) find(organisation string) (uint64, bool) {
	for _, a := range s.accepted {
		if organisation == "" || a.organisation == organisation {
			return a.seq, true
		}
	}
	return 0, false
}

const (
	blockRoots    = 8 + 8 + 32 + 32 + 32 + 32 + 8 + 8
	blockRowBytes = blockRoots + 4
)

// encodeBlock is a B row; the height is its key. It ends in a CRC-32C: nothing
// else answers for the time of a block without records.
func encodeBlock(r proof.Roots, firstSeq uint64) []byte {
	b := make([]byte, 0, blockRowBytes)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time))
	b = binary.BigEndian.AppendUint64(b, r.LogSize)
	b = append(b, r.LogRoot[:]...)
	b = append(b, r.MapRoot[:]...)
	b = append(b, r.Previous[:]...)
	b = append(b, r.AppHash[:]...)
	b = binary.BigEndian.AppendUint64(b, r.StateHeight)
	b = binary.BigEndian.AppendUint64(b, firstSeq)
	return binary.BigEndian.AppendUint32(b, blockSum(b))
}

func blockSum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func decodeBlock(height uint64, b []byte) (r proof.Roots, firstSeq uint64, err error) {
	if len(b) != blockRowBytes || binary.BigEndian.Uint32(b[blockRoots:]) != blockSum(b[:blockRoots]) {
		return r, 0, errRow
	}
	r.Height = height
	r.Time = int64(binary.BigEndian.Uint64(b))
	r.LogSize = binary.BigEndian.Uint64(b[8:])
	copy(r.LogRoot[:], b[16:])
	copy(r.MapRoot[:], b[48:])
	copy(r.Previous[:], b[80:])
	copy(r.AppHash[:], b[112:])
	r.StateHeight = binary.BigEndian.Uint64(b[144:])
	return r, binary.BigEndian.Uint64(b[152:]), nil
}

// encodeEnvelope is a V row; the id is its key.
func encodeEnvelope(e proof.EnvelopeInfo) []byte {
	b := make([]byte, 0, 32+20+8+64+8+4+8+1+len(e.Kind))
	b = append(b, e.Network[:]...)
	b = append(b, e.Signer[:]...)
	b = binary.BigEndian.AppendUint64(b, e.NotAfter)
	b = append(b, e.Signature[:]...)
	b = binary.BigEndian.AppendUint64(b, e.FirstSeq)
	b = binary.BigEndian.AppendUint32(b, e.Count)
	b = binary.BigEndian.AppendUint64(b, e.Height)
	return append(b, e.Kind...)
}

func decodeEnvelope(id identity.Hash, b []byte) (proof.EnvelopeInfo, error) {
	e := proof.EnvelopeInfo{ID: id}
	if len(b) < 144 {
		return e, errRow
	}
	copy(e.Network[:], b)
	copy(e.Signer[:], b[32:])
	e.NotAfter = binary.BigEndian.Uint64(b[52:])
	copy(e.Signature[:], b[60:])
	e.FirstSeq = binary.BigEndian.Uint64(b[124:])
	e.Count = binary.BigEndian.Uint32(b[132:])
	e.Height = binary.BigEndian.Uint64(b[136:])
	e.Kind = string(b[144:])
	return e, nil
}

func decodeSeq(b []byte) (uint64, error) {
	if len(b) != 8 {
		return 0, errRow
	}
	return binary.BigEndian.Uint64(b), nil
}

func appendString[T ~string | ~[]byte](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// reader cuts a row into its fields; what it returns are parts of the row.
// After the first error it returns nothing more.
type reader struct {
	b   []byte
	err error
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.err = nil, errRow
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) field() []byte {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.b, r.err = nil, errRow
		return nil
	}
	f := r.b[:n]
	r.b = r.b[n:]
	return f
}

func rowError(key []byte, err error) error {
	return fmt.Errorf("row %c %x: %w", key[0], key[1:], err)
}
