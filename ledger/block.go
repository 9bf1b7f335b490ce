package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// Block is a block being staged. Everything stays in memory until Commit. Its
// reads see the committed ledger and, before it, what the block has staged, so
// that it is the view a contract judges the next record against. It belongs to
// the committer.
type Block struct {
	ledger *Ledger
	height uint64
	time   int64       // block time, Unix nanoseconds
	prev   proof.Roots // AppHash is the predecessor of this block's
	tree   *tree
	*desk

	keys     bucketRows          // the committed ones
	unheard  identity.Hash       // the record that was asked for last, when nothing is known of it
	envelope *proof.EnvelopeInfo // the one being appended
	next     uint32              // index of its next record
	groups   []byte              // roots of its complete groups of records
	group    []identity.Hash     // hashes of the records since

	genesis  *identity.Genesis // of block 0
	changed  bool              // a record, or a state that differs
	mapped   bool              // the ledger's trie has the block's changes
	roots    *proof.Roots      // once computed; nothing can be staged after it
	finished bool
}

// stagedKey is a key's index row as the open block will leave it, or as it was
// committed.
type stagedKey struct {
	mark  uint64 // of its key
	hash  identity.Hash
	index index
	dirty bool       // it is in the open block's list
	next  *stagedKey // among the rows
}

type eventRow struct {
	id  identity.Hash // SHA-256 of the eventID
	seq uint64
}

// State is the new canonical state of a key. Bytes are never empty.
type State struct {
	Key   trace.Key
	Bytes []byte
}

// Append is one judged record.
type Append struct {
	Envelope     *identity.Envelope
	EnvelopeID   identity.Hash
	Index        uint32 // of the record in its envelope
	Kind         epcis.Kind
	Organisation string // of the signer, "" when unknown
	Bytes        []byte
	RecordHash   identity.Hash // of Bytes; the caller has checked it
	Findings     []trace.Finding
	Touches      []trace.Key // of the record, whatever the verdict
	States       []State
	ContentHash  string        // CBV event hash, of a refused event as well; "" for none
	EventID      string        // "" for none
	EventIDHash  identity.Hash // SHA-256 of it, or zero for the ledger to take it
	Forward      trace.Forward
}

// Begin opens the block of a height, which is one more than the last committed
// one; genesis is height 0. One block is open at a time.
func (l *Ledger) Begin(height uint64, t epcis.Instant) (*Block, error) {
	s := l.Snapshot()
	defer s.Close()
	if s.g == nil {
		return nil, ErrClosed
	}
	if !s.g.genesis {
		return nil, ErrNoGenesis
	}
	if l.Outdated() {
		return nil, ErrOutdated
	}
	prev := s.g.roots
	if height != prev.Height+1 {
		return nil, fmt.Errorf("%w: %d after %d", ErrHeight, height, prev.Height)
	}
	return l.begin(prev, height, t.UnixNano())
}

func (l *Ledger) begin(prev proof.Roots, height uint64, time int64) (*Block, error) {
	if err := l.failure.get(); err != nil {
		return nil, err
	}
	if l.open != nil {
		return nil, fmt.Errorf("%w: height %d", ErrBlockOpen, l.open.height)
	}
	t, err := l.tree.clone()
	if err != nil {
		return nil, err
	}
	l.rows.age()
	l.desk.clear()
	l.open = &Block{
		ledger: l, height: height, time: time, prev: prev, tree: t, desk: &l.desk,
		keys: bucketRows{store: l.db},
	}
	return l.open, nil
}

// NextSeq is the seq that the next record will have.
func (b *Block) NextSeq() uint64 { return b.tree.size() }

// Height is the height the block was begun with.
func (b *Block) Height() uint64 { return b.height }

// Signed is [Ledger.Signed]: of what was committed before the block.
func (b *Block) Signed(seq uint64) (identity.Address, int64, error) { return b.ledger.Signed(seq) }

// IsEvent is [Ledger.IsEvent]: of what was committed before the block.
func (b *Block) IsEvent(seq uint64, eventID string) (bool, error) {
	return b.ledger.IsEvent(seq, eventID)
}

// hashOf is the SHA-256 of an event's hash or id. The one is asked for when a record is
// judged and when it is appended, and most ids are what the event's hash is.
func (b *Block) hashOf(text string) identity.Hash {
	if text != b.text {
		b.scratch = append(b.scratch[:0], text...)
		b.text, b.textHash = text, sha256.Sum256(b.scratch)
	}
	return b.textHash
}

// EnvelopeJudged reports whether an envelope with this id was committed, or is
// staged in this block.
func (b *Block) EnvelopeJudged(id identity.Hash) (bool, error) {
	if b.envelopes[id] {
		return true, nil
	}
	if b.ledger.absent.has(id) {
		return false, nil
	}
	return has(b.ledger.db, hashKey(rowEnvelope, id))
}

// Append stages one record and its verdict, and returns its seq. The records
// of an envelope are appended one after the other, all of them, from index 0.
//
// A record that any finding refuses stays provable and changes nothing else:
// it gets its entry, and it is appended to the history of key.Refused() for
// each key it touches, not to the key's own; its States are not written, and
// no index of accepted records, contents or eventIDs learns of it.
//
// After an error the block can only be discarded.
func (b *Block) Append(a Append) (uint64, error) {
	seq := b.NextSeq()
	if err := b.appendRecord(seq, &a); err != nil {
		b.Discard()
		return 0, fmt.Errorf("append record %d: %w", seq, err)
	}
	return seq, nil
}

func (b *Block) appendRecord(seq uint64, a *Append) error {
	if b.finished || b.roots != nil {
		return ErrBlockDone
	}
	if err := b.enterEnvelope(seq, a); err != nil {
		return err
	}
	refused := trace.Rejected(a.Findings)
	findings := proof.EncodeFindings(a.Findings)
	entry := proof.Entry{
		Height: b.height, Time: b.time, Seq: seq,
		Envelope: a.EnvelopeID, Index: a.Index, Kind: string(a.Kind), Signer: a.Envelope.Signer,
		Record: a.RecordHash, Codes: proof.Codes(a.Findings), FindingsHash: sha256.Sum256(findings),
	}
	// The leaf hash is over 0 and the entry (RFC 6962, section 2.1).
	b.leaf = entry.Append(append(b.leaf[:0], 0))
	leaf := identity.Hash(sha256.Sum256(b.leaf))
	if err := b.tree.append(leaf); err != nil {
		return err
	}
	b.changed = true

	first, err := b.keepBytes(seq, a, refused)
	if err != nil {
		return err
	}
	l := line{entry: b.leaf[1:], organisation: []byte(a.Organisation), findings: findings, at: first}
	if first == seq {
		l.bytes = a.Bytes
	}
	b.scratch = b.pack.add(&l, b.scratch)
	if b.pack.full() {
		b.set(seqKey(rowEntry, seq), b.pack.row())
	}

	for _, k := range a.Touches {
		if refused {
			k = k.Refused()
		}
		s, err := b.key(k)
		if err != nil {
			return err
		}
		if s.index.count > 0 && s.index.last == seq {
			continue // named twice
		}
		if chunk, number, full := s.index.append(seq, leaf); full {
			b.set(hashSeqKey(rowHistory, s.hash, number), chunk)
		}
		b.touch(s)
	}
	if refused {
		return nil
	}
	for _, st := range a.States {
		if err := b.list(seq, st.Key); err != nil {
			return err
		}
		if err := b.setState(st); err != nil {
			return err
		}
	}
	if err := b.forward(seq, &a.Forward); err != nil {
		return err
	}
	if flagged(a.Findings) {
		b.set(seqKey(rowFlagged, seq), nil)
	}
	if a.EventID != "" && !b.named(seq) {
		id := a.EventIDHash
		if id == (identity.Hash{}) {
			id = b.hashOf(a.EventID)
		}
		b.events = append(b.events, eventRow{id, seq})
	}
	return nil
}

// enterEnvelope checks that the record is the next one of its envelope, and
// stages the envelope's row with its last.
func (b *Block) enterEnvelope(seq uint64, a *Append) error {
	switch {
	case a.Envelope == nil:
		return errors.New("it has no envelope")
	case b.envelope == nil && a.Index == 0 && len(a.Envelope.Records) > 0:
		judged, err := b.EnvelopeJudged(a.EnvelopeID)
		if err != nil {
			return err
		}
		if judged {
			id := a.EnvelopeID // so that a need not be on the heap
			return fmt.Errorf("envelope %x was judged before", id[:])
		}
		b.envelope = &proof.EnvelopeInfo{
			ID: a.EnvelopeID, Network: a.Envelope.Network, Kind: a.Envelope.Kind, Signer: a.Envelope.Signer,
			NotAfter: a.Envelope.NotAfter, Signature: a.Envelope.Signature,
			FirstSeq: seq, Count: uint32(len(a.Envelope.Records)), Height: b.height,
		}
		b.envelopes[a.EnvelopeID] = true
		b.next, b.groups, b.group = 0, b.groups[:0], b.group[:0]
	case b.envelope == nil || b.envelope.ID != a.EnvelopeID || b.next != a.Index:
		id := a.EnvelopeID
		return fmt.Errorf("record %d of envelope %x is out of order", a.Index, id[:])
	}
	b.next++
	if b.group = append(b.group, a.RecordHash); len(b.group) == groupLen {
		root := identity.TreeRoot(b.group)
		b.groups, b.group = append(b.groups, root[:]...), b.group[:0]
	}
	if b.next == b.envelope.Count {
		b.set(hashKey(rowEnvelope, a.EnvelopeID), encodeEnvelope(*b.envelope, b.groups))
		b.envelope = nil
	}
	return nil
}

func (b *Block) setState(st State) error {
	if len(st.Bytes) == 0 {
		return fmt.Errorf("state of %s %q is empty", st.Key.NS, st.Key.ID)
	}
	s, err := b.key(st.Key)
	if err != nil {
		return err
	}
	if !bytes.Equal(s.index.state, st.Bytes) {
		s.index.state = b.ledger.rows.clone(st.Bytes)
		b.touch(s)
		b.changed = true
	}
	return nil
}

func (b *Block) touch(s *stagedKey) {
	if !s.dirty {
		s.dirty = true
		b.dirty = append(b.dirty, s)
	}
}

// hashKey is the key of a row by a hash, good until the next key.
func (b *Block) hashKey(kind byte, h *identity.Hash) []byte {
	b.rowKey = append(append(b.rowKey[:0], kind), h[:]...)
	return b.rowKey
}

// set stages a row. A batch that no one reads grows in memory only, so it
// cannot fail; Commit writes it.
func (b *Block) set(key, value []byte) {
	fill(b.batch.SetDeferred(len(key), len(value)+sumBytes), key, value)
}

// unset stages that a row goes.
func (b *Block) unset(key []byte) {
	op := b.batch.DeleteDeferred(len(key))
	copy(op.Key, key)
	finish(op)
}

// setPage stages a page of the map, or the part of it that changed.
func (b *Block) setPage(key []byte, r *pageRow) {
	b.scratch = r.encode(b.scratch[:0])
	if r.whole {
		b.set(key, b.scratch)
		return
	}
	fill(b.batch.MergeDeferred(len(key), len(b.scratch)+sumBytes), key, b.scratch)
}

func fill(op *pebble.DeferredBatchOp, key, value []byte) {
	copy(op.Key, key)
	copy(op.Value, value)
	binary.BigEndian.PutUint32(op.Value[len(value):], rowSum(key, value))
	finish(op)
}

func finish(op *pebble.DeferredBatchOp) {
	if err := op.Finish(); err != nil {
		panic(fmt.Sprintf("stage row %c: %v", op.Key[0], err))
	}
}
