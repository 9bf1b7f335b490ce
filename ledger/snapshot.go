package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// Snapshot is the ledger at one height. It is safe for concurrent use until it
// is closed. Closing late holds back compaction, so a snapshot lives for one
// request.
type Snapshot struct {
	ledger *Ledger
	g      *generation // nil when the ledger was closed
	closed atomic.Bool
	lines  lines
	keys   sync.Map // identity.Address to identity.KeyState, of signers
}

var _ trace.Reader = (*Snapshot)(nil)

// Close lets go of the snapshot. A second time it does nothing.
func (s *Snapshot) Close() error {
	if s.g != nil && !s.closed.Swap(true) {
		s.ledger.release(s.g)
	}
	return nil
}

func (s *Snapshot) store() (getter, error) {
	if s.g == nil || s.closed.Load() {
		return nil, ErrClosed
	}
	return s.g.store, nil
}

// Roots returns the roots of the snapshot's height.
func (s *Snapshot) Roots() proof.Roots {
	if s.g == nil {
		return proof.Roots{}
	}
	return s.g.roots
}

// Height is the snapshot's height.
func (s *Snapshot) Height() uint64 { return s.Roots().Height }

// Count returns how many records touch k.
func (s *Snapshot) Count(k trace.Key) (uint64, error) {
	store, err := s.store()
	if err != nil {
		return 0, err
	}
	x, err := readIndex(store, k, proof.MapKey(k))
	return x.count, err
}

// State implements trace.Reader.
func (s *Snapshot) State(k trace.Key) ([]byte, error) {
	store, err := s.store()
	if err != nil {
		return nil, err
	}
	x, err := readIndex(store, k, proof.MapKey(k))
	return x.state, err
}

// Accepted returns the seq of the record with this hash that was accepted from
// this organisation, "" for any. The content is its CBV event hash, "" for none.
func (s *Snapshot) Accepted(organisation string, record identity.Hash, content string) (uint64, bool, error) {
	store, err := s.store()
	if err != nil {
		return 0, false, err
	}
	row, known, err := readStored(store, record)
	if err == nil && !known && content != "" {
		var first uint64
		if first, known, err = s.SameContent(content); known {
			row, _, err = s.storedAt(first, record)
		}
	}
	if err != nil {
		return 0, false, err
	}
	seq, ok := row.find(organisation)
	return seq, ok, nil
}

// storedAt is what an A row would have of a record, when it is the one at this seq.
func (s *Snapshot) storedAt(seq uint64, record identity.Hash) (stored, bool, error) {
	l, err := s.line(seq)
	if err != nil {
		return stored{}, false, err
	}
	e, err := proof.DecodeEntry(l.entry)
	if err != nil {
		return stored{}, false, rowError(seqKey(rowEntry, seq), err)
	}
	if e.Record != record {
		return stored{}, false, nil
	}
	return only(l.at, seq, string(l.organisation)), true, nil
}

// SameContent returns the first accepted event with this CBV event hash.
func (s *Snapshot) SameContent(cbvHash string) (uint64, bool, error) {
	store, err := s.store()
	if err != nil {
		return 0, false, err
	}
	c, ok, err := readContent(store, sha256.Sum256([]byte(cbvHash)))
	return c.seq, ok, err
}

// Signed returns who signed the record at seq, and its block's time in Unix seconds.
func (s *Snapshot) Signed(seq uint64) (identity.Address, int64, error) {
	e, err := s.Entry(seq)
	if err != nil {
		return identity.Address{}, 0, err
	}
	return e.Signer, epcis.InstantFromUnixNano(e.Time).Seconds, nil
}

// Record implements trace.Reader: the entry, its verdict and the bytes.
func (s *Snapshot) Record(seq uint64) (*trace.Recorded, error) {
	l, err := s.line(seq)
	if err != nil {
		return nil, err
	}
	e, err := proof.DecodeEntry(l.entry)
	if err != nil {
		return nil, rowError(seqKey(rowEntry, seq), err)
	}
	findings, err := proof.DecodeFindings(l.findings)
	if err != nil {
		return nil, rowError(seqKey(rowEntry, seq), err)
	}
	b, err := s.bytes(seq, l)
	if err != nil {
		return nil, err
	}
	compromised, err := s.compromised(e)
	if err != nil {
		return nil, err
	}
	return &trace.Recorded{
		Seq: seq, Compromised: compromised, Height: e.Height, Time: epcis.InstantFromUnixNano(e.Time), Kind: epcis.Kind(e.Kind),
		Signer: e.Signer.Hex(), Organisation: string(l.organisation), Envelope: e.Envelope, Index: e.Index,
		Findings: findings, Bytes: b,
	}, nil
}

// compromised says that the key of an entry is revoked, and was compromised by then.
func (s *Snapshot) compromised(e *proof.Entry) (bool, error) {
	if state, ok := s.keys.Load(e.Signer); ok {
		return state.(identity.KeyState).Doubtful(epcis.InstantFromUnixNano(e.Time).Seconds), nil
	}
	k := trace.Key{NS: trace.NSKey, ID: e.Signer.Hex()}
	b, err := s.State(k)
	if err != nil {
		return false, err
	}
	var state identity.KeyState
	if b != nil { // a refused record's key may be nobody's
		if state, err = identity.DecodeKeyState(b); err != nil {
			return false, fmt.Errorf("state of %s %s: %w", k.NS, k.ID, err)
		}
	}
	s.keys.Store(e.Signer, state)
	return state.Doubtful(epcis.InstantFromUnixNano(e.Time).Seconds), nil
}

// line reads what an E row has of a seq.
func (s *Snapshot) line(seq uint64) (line, error) {
	store, err := s.store()
	if err != nil {
		return line{}, err
	}
	if seq >= s.g.roots.LogSize {
		return line{}, fmt.Errorf("record %d: %w", seq, trace.ErrUnknown)
	}
	return s.lines.read(store, seq)
}

// bytes returns the bytes of the record of a line, which may stand in the line
// of an earlier record.
func (s *Snapshot) bytes(seq uint64, l line) ([]byte, error) {
	if l.at == seq {
		return l.bytes, nil
	}
	first, err := s.line(l.at)
	if err != nil {
		return nil, err
	}
	if first.at != l.at {
		return nil, rowError(seqKey(rowEntry, seq), errRow)
	}
	return first.bytes, nil
}

// EntryBytes returns the entry at seq as it was hashed into the log;
// trace.ErrUnknown when there is none.
func (s *Snapshot) EntryBytes(seq uint64) ([]byte, error) {
	l, err := s.line(seq)
	return l.entry, err
}

// Entry returns the entry at seq; trace.ErrUnknown when there is none.
func (s *Snapshot) Entry(seq uint64) (*proof.Entry, error) {
	b, err := s.EntryBytes(seq)
	if err != nil {
		return nil, err
	}
	e, err := proof.DecodeEntry(b)
	if err != nil {
		return nil, rowError(seqKey(rowEntry, seq), err)
	}
	return e, nil
}

// Block returns the roots of a height. Genesis is height 0.
func (s *Snapshot) Block(height uint64) (proof.Roots, bool, error) {
	r, _, ok, err := s.block(height)
	return r, ok, err
}

// BlockSeqs returns the seqs of the records of a height: from, up to but not
// including to. They are equal when it has none, or is unknown.
func (s *Snapshot) BlockSeqs(height uint64) (from, to uint64, err error) {
	r, first, _, err := s.block(height)
	return first, r.LogSize, err
}

func (s *Snapshot) block(height uint64) (proof.Roots, uint64, bool, error) {
	store, err := s.store()
	if err != nil {
		return proof.Roots{}, 0, false, err
	}
	b, err := get(store, seqKey(rowBlock, height))
	if err != nil || b == nil {
		return proof.Roots{}, 0, false, err
	}
	r, first, err := decodeBlock(height, b)
	if err != nil {
		return proof.Roots{}, 0, false, rowError(seqKey(rowBlock, height), err)
	}
	return r, first, true, nil
}

// Envelope returns what is kept of an envelope, false when it was not judged.
func (s *Snapshot) Envelope(id identity.Hash) (proof.EnvelopeInfo, bool, error) {
	store, err := s.store()
	if err != nil {
		return proof.EnvelopeInfo{}, false, err
	}
	b, err := get(store, hashKey(rowEnvelope, id))
	if err != nil || b == nil {
		return proof.EnvelopeInfo{}, false, err
	}
	e, _, err := decodeEnvelope(id, b)
	if err != nil {
		return proof.EnvelopeInfo{}, false, rowError(hashKey(rowEnvelope, id), err)
	}
	return e, true, nil
}

// ByEventID returns up to limit seqs of the accepted events with this eventID,
// ascending: a correction keeps the eventID of what it corrects.
func (s *Snapshot) ByEventID(eventID string, limit int) ([]uint64, error) {
	store, err := s.store()
	if err != nil || limit <= 0 {
		return nil, err
	}
	id := identity.Hash(sha256.Sum256([]byte(eventID)))
	prefix := hashKey(rowEvent, id)
	var seqs []uint64
	err = s.between(prefix, append(bytes.Clone(prefix), bytes.Repeat([]byte{0xff}, 9)...), func(key, _ []byte) (bool, error) {
		seqs = append(seqs, binary.BigEndian.Uint64(key[len(prefix):]))
		return len(seqs) < limit, nil
	})
	c, _, contentErr := readContent(store, id)
	if err = errors.Join(err, contentErr); err != nil {
		return nil, fmt.Errorf("records of event %q: %w", eventID, err)
	}
	if c.named {
		at, _ := slices.BinarySearch(seqs, c.seq)
		seqs = slices.Insert(seqs, at, c.seq)
	}
	return seqs[:min(limit, len(seqs))], nil
}

// IsEvent reports whether the record at seq is an accepted event with this eventID.
func (s *Snapshot) IsEvent(seq uint64, eventID string) (bool, error) {
	store, err := s.store()
	if err != nil {
		return false, err
	}
	id := identity.Hash(sha256.Sum256([]byte(eventID)))
	if c, _, err := readContent(store, id); err != nil || c.named && c.seq == seq {
		return err == nil, err
	}
	return has(store, hashSeqKey(rowEvent, id, seq))
}

// between reads the rows from a key on, up to but not including to, until each says no.
func (s *Snapshot) between(from, to []byte, each func(key, row []byte) (more bool, err error)) error {
	store, err := s.store()
	if err != nil {
		return err
	}
	it, err := store.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return err
	}
	more := true
	for ok := it.First(); ok && more && err == nil; ok = it.Next() {
		var row []byte
		if row, err = unseal(it.Key(), it.Value()); err == nil {
			if more, err = each(it.Key(), row); err != nil {
				err = rowError(it.Key(), err)
			}
		}
	}
	return errors.Join(err, it.Error(), it.Close())
}

// InclusionProof returns the RFC 6962 audit path (section 2.1.1) of the entry
// at seq in the log of this size, which is at most the snapshot's.
func (s *Snapshot) InclusionProof(seq, size uint64) ([]identity.Hash, error) {
	v, err := s.logView(size)
	if err != nil {
		return nil, err
	}
	nodes, err := merkle.Inclusion(seq, size)
	if err != nil {
		return nil, fmt.Errorf("prove record %d in a log of %d: %w: %w", seq, size, trace.ErrUnknown, err)
	}
	return v.path(nodes)
}

// ConsistencyProof returns the RFC 6962 proof (section 2.1.2) that the log of
// size to begins with that of size from. It is empty when from is 0 or to.
func (s *Snapshot) ConsistencyProof(from, to uint64) ([]identity.Hash, error) {
	v, err := s.logView(to)
	if err != nil {
		return nil, err
	}
	nodes, err := merkle.Consistency(from, to)
	if err != nil {
		return nil, fmt.Errorf("prove that a log of %d continues one of %d: %w", to, from, err)
	}
	return v.path(nodes)
}

func (s *Snapshot) logView(size uint64) (logView, error) {
	store, err := s.store()
	if err != nil {
		return logView{}, err
	}
	if size > s.g.roots.LogSize {
		return logView{}, fmt.Errorf("a log of %d: %w, the log has %d", size, trace.ErrUnknown, s.g.roots.LogSize)
	}
	return s.log(store), nil
}

// log is the log of the snapshot's height.
func (s *Snapshot) log(store getter) logView {
	return logView{store: store, size: s.g.roots.LogSize, edge: s.g.edge}
}

// readIndex returns the index row of k, an empty one when there is none.
func readIndex(r getter, k trace.Key, h identity.Hash) (index, error) {
	b, err := get(r, hashKey(rowIndex, h))
	if err != nil || b == nil {
		return index{key: k}, err
	}
	x, err := decodeIndex(k, b)
	if err != nil {
		return index{}, rowError(hashKey(rowIndex, h), err)
	}
	return x, nil
}

func readStored(r getter, record identity.Hash) (stored, bool, error) {
	key := hashKey(rowBytes, record)
	b, err := get(r, key)
	if err != nil || b == nil {
		return stored{}, false, err
	}
	s, err := decodeStored(b)
	if err != nil {
		return stored{}, false, rowError(key, err)
	}
	return s, true, nil
}

func readContent(r getter, contentHash identity.Hash) (content, bool, error) {
	key := hashKey(rowContent, contentHash)
	b, err := get(r, key)
	if err != nil || b == nil {
		return content{}, false, err
	}
	c, err := decodeContent(b)
	if err != nil {
		return content{}, false, rowError(key, err)
	}
	return c, true, nil
}
