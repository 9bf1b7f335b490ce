package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// The rows of the store. Integers in keys are big-endian, so that Pebble's
// order is theirs. The app hash answers for E and I; H and I follow from the
// records, N from I, T from E; A, C, D, S, F and G are indexes that the roots say nothing
// about. Each row ends in a checksum of its key and value, so that of two rows
// that disagree the damaged one is known.
//
// A record's entry, verdict and bytes stand together in one row, and a short
// history in its key's index row, because a block costs the processor about the
// same for each row, whatever its size: separate rows for each of these cost
// twice as much (docs and numbers: BenchmarkCommit).
const (
	rowEntry    = 'E' // last seq8 -> for up to 16 seqs: entry, organisation, findings, the record's bytes
	rowEnvelope = 'V' // envelope id -> header, signature, place, roots of its records
	rowBlock    = 'B' // height8 -> roots and first seq
	rowTile     = 'T' // level1 index8 -> the nodes of a full tile
	rowHistory  = 'H' // map key, c8 -> the seqs chunkLen·c … of its history, their subtree's root
	rowIndex    = 'I' // map key -> count, key, state, peaks of the head, the history's last seqs
	rowPage     = 'N' // path -> page of the authenticated map
	rowMeta     = 'M' // name -> value
	rowBytes    = 'A' // record hash -> where its bytes are, who had it accepted where; none where the C row says it
	rowContent  = 'C' // SHA-256 of the CBV event hash -> first seq, and whether the hash is its eventID
	rowEvent    = 'D' // SHA-256 of the eventID, seq8 -> nothing; none where the C row says it
	rowForward  = 'F' // map key, kind1, ... -> see forward.go: what came of a lot, class, certificate or plot
	rowListed   = 'S' // seq8, namespace, 0, id -> nothing: a key whose first state that record wrote
	rowFlagged  = 'G' // seq8 -> nothing: an accepted record with a finding that is a FLAG
)

// The names of the M rows.
const (
	metaFormat  = "format"  // formatVersion, uint32
	metaNetwork = "network" // network id
	metaGenesis = "genesis" // the genesis document, exactly
	metaHeight  = "height"  // last committed height, uint64
	metaReindex = "reindex" // there while indexes are made again: see reindex.go
)

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

// line is what an E row has of one record.
type line struct {
	entry        []byte // canonical CBOR; its leaf hash is the log's leaf
	organisation []byte
	findings     []byte // as proof.EncodeFindings writes them
	at           uint64 // the seq whose line has the bytes; often its own
	bytes        []byte // only when at is its own seq
}

// encode appends the line.
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
// that had them accepted did, in seq order. The first event with a content has
// none as long as nobody else had the same bytes accepted: its C row leads to it.
type stored struct {
	at       uint64
	accepted []acceptance
}

// only is what there is of a record that was accepted once.
func only(at, seq uint64, organisation string) stored {
	return stored{at, []acceptance{{seq, organisation}}}
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

const blockRowBytes = 8 + 8 + 32 + 32 + 32 + 32 + 8 + 8

// encodeBlock is a B row; the height is its key.
func encodeBlock(r proof.Roots, firstSeq uint64) []byte {
	b := make([]byte, 0, blockRowBytes)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time))
	b = binary.BigEndian.AppendUint64(b, r.LogSize)
	b = append(b, r.LogRoot[:]...)
	b = append(b, r.MapRoot[:]...)
	b = append(b, r.Previous[:]...)
	b = append(b, r.AppHash[:]...)
	b = binary.BigEndian.AppendUint64(b, r.StateHeight)
	return binary.BigEndian.AppendUint64(b, firstSeq)
}

func decodeBlock(height uint64, b []byte) (r proof.Roots, firstSeq uint64, err error) {
	if len(b) != blockRowBytes {
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

// groupLen is how many records of an envelope share a root in its V row, so
// that proving one record of a thousand reads sixteen and not all.
const groupLen = 16

const envelopeFixed = 32 + 20 + 8 + 64 + 8 + 4 + 8

// encodeEnvelope is a V row; the id is its key. groups are the subtree roots of
// the envelope's complete groups of records, one after the other.
func encodeEnvelope(e proof.EnvelopeInfo, groups []byte) []byte {
	b := make([]byte, 0, envelopeFixed+1+len(e.Kind)+len(groups))
	b = append(b, e.Network[:]...)
	b = append(b, e.Signer[:]...)
	b = binary.BigEndian.AppendUint64(b, e.NotAfter)
	b = append(b, e.Signature[:]...)
	b = binary.BigEndian.AppendUint64(b, e.FirstSeq)
	b = binary.BigEndian.AppendUint32(b, e.Count)
	b = binary.BigEndian.AppendUint64(b, e.Height)
	b = appendString(b, e.Kind)
	return append(b, groups...)
}

func decodeEnvelope(id identity.Hash, b []byte) (e proof.EnvelopeInfo, groups []byte, err error) {
	e.ID = id
	if len(b) < envelopeFixed {
		return e, nil, errRow
	}
	copy(e.Network[:], b)
	copy(e.Signer[:], b[32:])
	e.NotAfter = binary.BigEndian.Uint64(b[52:])
	copy(e.Signature[:], b[60:])
	e.FirstSeq = binary.BigEndian.Uint64(b[124:])
	e.Count = binary.BigEndian.Uint32(b[132:])
	e.Height = binary.BigEndian.Uint64(b[136:])
	r := reader{b: b[envelopeFixed:]}
	e.Kind = string(r.field())
	if r.err != nil || len(r.b) != int(e.Count/groupLen)*32 {
		return e, nil, errRow
	}
	return e, r.b, nil
}

// content is a C row.
type content struct {
	seq   uint64 // of the first event with the hash
	named bool   // the hash is its eventID
}

// encode appends the row.
func (c content) encode(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, c.seq)
	if c.named {
		b = append(b, 1)
	}
	return b
}

func decodeContent(b []byte) (content, error) {
	named := len(b) == 9 && b[8] == 1
	if named {
		b = b[:8]
	}
	seq, err := decodeSeq(b)
	return content{seq, named}, err
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

// sumBytes is what a row is longer than its value: the CRC-32C of key and value,
// big-endian.
const sumBytes = 4

func rowSum(key, value []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum(key, table), table, value)
}

// seal appends the checksum to a row's value.
func seal(key, value []byte) []byte { return binary.BigEndian.AppendUint32(value, rowSum(key, value)) }

// unseal returns a row's value, a part of the row.
func unseal(key, row []byte) ([]byte, error) {
	n := len(row) - sumBytes
	if n < 0 || binary.BigEndian.Uint32(row[n:]) != rowSum(key, row[:n]) {
		return nil, rowError(key, errRow)
	}
	return row[:n:n], nil
}

func rowError(key []byte, err error) error {
	return fmt.Errorf("row %c %x: %w", key[0], key[1:], err)
}
