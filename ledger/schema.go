package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// The rows of the store. Integers in keys and rows are big-endian, so that
// Pebble's order is theirs. Of these only E, R, F, V, H, I and B carry facts
// that the app hash answers for; T can be rebuilt from E, and A, C and D are
// indexes that the roots say nothing about.
const (
	rowEntry    = 'E' // seq8 -> the entry's canonical CBOR
	rowRecord   = 'R' // record hash -> the record's bytes, once whoever sent them
	rowSide     = 'F' // seq8 -> the signer's organisation and the findings
	rowEnvelope = 'V' // envelope id -> header, signature, place
	rowBlock    = 'B' // height8 -> roots and first seq
	rowTile     = 'T' // level1 index8 -> 256 hashes; only full tiles are written
	rowHistory  = 'H' // map key, n8 -> seq8
	rowIndex    = 'I' // map key -> count, head, key, state
	rowPage     = 'N' // path -> page of the authenticated map; reserved
	rowMeta     = 'M' // name -> value
	rowAccepted = 'A' // record hash -> who had it accepted, and where
	rowContent  = 'C' // SHA-256 of the CBV event hash -> first seq
	rowEvent    = 'D' // SHA-256 of the eventID, seq8 -> nothing
)

// The names of the M rows.
const (
	metaFormat  = "format"  // formatVersion, uint32
	metaNetwork = "network" // network id
	metaGenesis = "genesis" // the genesis document, exactly
	metaHeight  = "height"  // last committed height, uint64
)

// formatVersion is the version of these rows. A store of another version is
// not opened.
const formatVersion = 1

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

// index is an I row: what the authenticated map will commit to, and the key in
// the clear.
type index struct {
	count uint64
	head  identity.Hash // zero until the authenticated map exists
	key   trace.Key
	state []byte // nil for none
}

func (x *index) encode() []byte {
	b := make([]byte, 0, 8+32+4+len(x.key.NS)+len(x.key.ID)+len(x.state))
	b = binary.BigEndian.AppendUint64(b, x.count)
	b = append(b, x.head[:]...)
	b = appendString(b, string(x.key.NS))
	b = appendString(b, x.key.ID)
	return append(b, x.state...)
}

func decodeIndex(b []byte) (index, error) {
	var x index
	if len(b) < 40 {
		return x, errRow
	}
	x.count = binary.BigEndian.Uint64(b)
	copy(x.head[:], b[8:40])
	ns, rest, err := cutString(b[40:])
	if err != nil {
		return x, err
	}
	id, rest, err := cutString(rest)
	if err != nil {
		return x, err
	}
	x.key = trace.Key{NS: trace.Namespace(ns), ID: id}
	if len(rest) > 0 {
		x.state = append([]byte(nil), rest...)
	}
	return x, nil
}

// encodeSide is an F row: the organisation, then the findings as
// [proof.EncodeFindings] writes them.
func encodeSide(organisation string, findings []byte) []byte {
	b := make([]byte, 0, 2+len(organisation)+len(findings))
	return append(appendString(b, organisation), findings...)
}

func decodeSide(b []byte) (organisation string, findings []byte, err error) {
	return cutString(b)
}

// acceptance says where an organisation's copy of a record stands.
type acceptance struct {
	seq          uint64
	organisation string
}

// An A row lists the acceptances of one record, in seq order.
func encodeAccepted(list []acceptance) []byte {
	var b []byte
	for _, a := range list {
		b = binary.BigEndian.AppendUint64(b, a.seq)
		b = appendString(b, a.organisation)
	}
	return b
}

func decodeAccepted(b []byte) ([]acceptance, error) {
	var list []acceptance
	for len(b) > 0 {
		if len(b) < 8 {
			return nil, errRow
		}
		a := acceptance{seq: binary.BigEndian.Uint64(b)}
		var err error
		if a.organisation, b, err = cutString(b[8:]); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

// findAccepted is [Ledger.Accepted] on one A row.
func findAccepted(list []acceptance, organisation string) (uint64, bool) {
	for _, a := range list {
		if organisation == "" || a.organisation == organisation {
			return a.seq, true
		}
	}
	return 0, false
}

const blockRowBytes = 8 + 8 + 32 + 32 + 32 + 8 + 8

// encodeBlock is a B row; the height is its key.
func encodeBlock(r proof.Roots, firstSeq uint64) []byte {
	b := make([]byte, 0, blockRowBytes)
	b = binary.BigEndian.AppendUint64(b, uint64(r.Time))
	b = binary.BigEndian.AppendUint64(b, r.LogSize)
	b = append(b, r.LogRoot[:]...)
	b = append(b, r.MapRoot[:]...)
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
	copy(r.AppHash[:], b[80:])
	r.StateHeight = binary.BigEndian.Uint64(b[112:])
	return r, binary.BigEndian.Uint64(b[120:]), nil
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

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func cutString(b []byte) (string, []byte, error) {
	n, w := binary.Uvarint(b)
	if w <= 0 || n > uint64(len(b)-w) {
		return "", nil, errRow
	}
	return string(b[w : w+int(n)]), b[w+int(n):], nil
}

func rowError(key []byte, err error) error {
	return fmt.Errorf("row %c %x: %w", key[0], key[1:], err)
}
