package ledger

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// Roots computes what the block commits to. It can be called again; nothing
// can be appended after it. A block without records and without a state that
// changed keeps the app hash of the block before.
func (b *Block) Roots() (proof.Roots, error) {
	if b.roots != nil {
		return *b.roots, nil
	}
	if b.finished {
		return proof.Roots{}, ErrBlockDone
	}
	if b.envelope != nil {
		return proof.Roots{}, fmt.Errorf("block %d: envelope %x has %d records, %d were appended",
			b.height, b.envelope.ID[:], b.envelope.Count, b.next)
	}
	r := b.prev
	r.Height, r.Time = b.height, b.time
	b.sortKeys()
	if b.changed || b.genesis != nil {
		var err error
		if r.LogRoot, err = b.tree.root(); err != nil {
			return proof.Roots{}, fmt.Errorf("block %d: %w", b.height, err)
		}
		if r.MapRoot, err = b.updateMap(); err != nil {
			return proof.Roots{}, fmt.Errorf("block %d: map root: %w", b.height, err)
		}
		r.LogSize, r.StateHeight, r.Previous = b.tree.size(), b.height, b.prev.AppHash
		r.AppHash = proof.AppHash(b.height, b.prev.AppHash, r.LogSize, r.LogRoot, r.MapRoot)
	}
	b.roots = &r
	return r, nil
}

// sortKeys puts the keys that changed in the order of their rows.
func (b *Block) sortKeys() {
	slices.SortFunc(b.dirty, func(x, y *stagedKey) int { return bytes.Compare(x.hash[:], y.hash[:]) })
}

// updateMap brings the authenticated map up to the keys that changed, which are
// sorted, stages its pages, and returns its root.
func (b *Block) updateMap() (identity.Hash, error) {
	b.mapped = true
	for _, s := range b.dirty {
		b.changes = append(b.changes, change{leaf{s.hash, s.index.mapLeaf(s.hash).Hash()}, &s.index})
	}
	root, err := b.ledger.trie.update(&b.keys, b.prev.MapRoot, b.changes, b.setPage)
	return root, errors.Join(err, b.keys.Close())
}

// Commit writes the block in one batch and returns when it is on disk. From
// then on snapshots see it. After an error the ledger has failed; whether the
// block is on disk is known after the next start.
func (b *Block) Commit() error {
	roots, err := b.Roots()
	if err != nil {
		return err
	}
	if b.finished {
		return ErrBlockDone
	}
	l := b.ledger
	b.stageRows(roots)
	sync := pebble.Sync
	if l.cfg.unsynced {
		sync = pebble.NoSync
	}
	if err := l.failure.guard(func() error { return l.db.Apply(b.batch, sync) }); err != nil {
		l.failure.set(err)
		b.finished, l.open = true, nil
		b.forget()
		return fmt.Errorf("commit block %d: %w", b.height, err)
	}
	b.tree.full = nil
	l.tree, b.mapped = b.tree, false
	l.trie.sweep(l.cfg.MapBytes)
	b.remember()
	network := l.Network()
	if b.genesis != nil {
		network = b.genesis.Network
	}
	l.publish(network, true, roots)
	b.Discard()
	return nil
}

// stageRows stages what is one row per key, in the order of the rows: the next
// place in Pebble's memory is then found from the one before.
func (b *Block) stageRows(roots proof.Roots) {
	if b.pack.count > 0 {
		b.set(seqKey(rowEntry, roots.LogSize-1), b.pack.row())
	}
	slices.SortFunc(b.accepted, func(x, y *stagedBytes) int { return bytes.Compare(x.hash[:], y.hash[:]) })
	for _, s := range b.accepted {
		b.scratch = s.encode(b.scratch[:0])
		b.set(b.hashKey(rowBytes, &s.hash), b.scratch)
	}
	for _, i := range b.ordered(len(b.contents), func(i int32) []byte { return b.contents[i].hash[:] }) {
		c := &b.contents[i]
		b.scratch = c.encode(b.scratch[:0])
		b.set(b.hashKey(rowContent, &c.hash), b.scratch)
	}
	slices.SortFunc(b.events, func(x, y eventRow) int {
		if c := bytes.Compare(x.id[:], y.id[:]); c != 0 {
			return c
		}
		return cmp.Compare(x.seq, y.seq)
	})
	for i := range b.events {
		e := &b.events[i]
		b.set(binary.BigEndian.AppendUint64(b.hashKey(rowEvent, &e.id), e.seq), nil)
	}
	b.stageListed()
	b.stagePlaces()
	for _, s := range b.dirty { // sorted by Roots
		b.scratch = s.index.encode(b.scratch[:0])
		b.set(b.hashKey(rowIndex, &s.hash), b.scratch)
	}
	for _, t := range b.tree.full {
		b.set(tileKey(t.level, t.index), t.encode())
	}
	if g := b.genesis; g != nil {
		b.set(metaKey(metaFormat), binary.BigEndian.AppendUint32(nil, formatVersion))
		b.set(metaKey(metaNetwork), g.Network[:])
		b.set(metaKey(metaGenesis), g.Doc)
	}
	b.set(seqKey(rowBlock, b.height), encodeBlock(roots, b.prev.LogSize))
	b.set(metaKey(metaHeight), binary.BigEndian.AppendUint64(nil, b.height))
}

// remember tells the ledger's memory what was committed.
func (b *Block) remember() {
	l := b.ledger
	for _, s := range b.dirty {
		s.dirty = false
	}
	b.dirty = b.dirty[:0]
	for _, s := range b.accepted {
		l.absent.remove(s.hash)
	}
	for i := range b.contents {
		l.absent.remove(b.contents[i].hash)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for h := range b.envelopes {
		l.absent.remove(h)
		l.seen.add(h)
	}
}

// Discard drops the block. After Commit or a second time it does nothing.
func (b *Block) Discard() {
	if b.finished {
		return
	}
	b.finished = true
	b.ledger.open = nil
	b.forget()
	b.batch.Reset()
	b.pack.empty()
}

// forget drops the rows and pages that the block changed and did not commit.
func (b *Block) forget() {
	if b.mapped {
		b.ledger.trie.forget()
	}
	_ = b.keys.Close() // its errors were those of the reads
	for _, s := range b.dirty {
		b.ledger.rows.drop(s)
	}
	b.dirty = b.dirty[:0]
}
