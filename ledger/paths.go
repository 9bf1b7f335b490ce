package ledger

import (
	"errors"
	"fmt"
	"io"
	"math/bits"

	"github.com/transparency-dev/merkle/compact"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// What a dossier needs of a snapshot: subset proofs (proof.RootOf) of a key's
// history, of the log and of an envelope's records.

// LogSizeAt returns how many entries the log had after the block of a height;
// trace.ErrUnknown when the snapshot has no such block.
func (s *Snapshot) LogSizeAt(height uint64) (uint64, error) {
	r, ok, err := s.Block(height)
	if err == nil && !ok {
		err = fmt.Errorf("height %d: %w", height, trace.ErrUnknown)
	}
	return r.LogSize, err
}

// Positions returns the seqs at the positions [from, to) of k's history.
func (s *Snapshot) Positions(k trace.Key, from, to uint64) (seqs []uint64, err error) {
	err = s.withHistory(k, func(h *history) (err error) {
		seqs, err = h.positions(from, to)
		return err
	})
	return seqs, err
}

// HistoryPath returns the subset proof (proof.RootOf) that the entries at these
// positions, which ascend, are k's under its head.
func (s *Snapshot) HistoryPath(k trace.Key, at []uint64) (path []identity.Hash, err error) {
	err = s.withHistory(k, func(h *history) error {
		return proof.Outside(h.count, at, func(begin, end uint64) error {
			n, err := subtree(begin, end, h.node)
			path = append(path, n)
			return err
		})
	})
	return path, err
}

// LogPath returns the subset proof that the entries at these seqs, which ascend,
// are the log's under its root.
func (s *Snapshot) LogPath(seqs []uint64) (path []identity.Hash, err error) {
	store, err := s.store()
	if err != nil {
		return nil, err
	}
	r := tileReader{logView: s.log(store)}
	err = proof.Outside(r.size, seqs, func(begin, end uint64) error {
		n, err := subtree(begin, end, r.node)
		path = append(path, n)
		return err
	})
	if err = errors.Join(err, r.Close()); err != nil {
		return nil, fmt.Errorf("prove %d entries of the log: %w", len(seqs), err)
	}
	return path, nil
}

// tileReader reads nodes from left to right, each tile once.
type tileReader struct {
	logView
	tiles [64 / tileHeight]struct {
		index  uint64
		nodes  []byte
		closer io.Closer // nil while no tile is open
	}
}

func (r *tileReader) node(begin, end uint64) (h identity.Hash, err error) {
	level := bits.TrailingZeros64(end - begin)
	foot, up := level/tileHeight, uint(level%tileHeight)
	index := begin >> (tileHeight * (foot + 1))
	if index == r.size>>(tileHeight*(foot+1)) { // at the edge
		return r.logView.node(compact.NewNodeID(uint(level), begin>>level))
	}
	t := &r.tiles[foot]
	if t.closer == nil || t.index != index {
		if t.closer != nil {
			err, t.closer = t.closer.Close(), nil
		}
		if err == nil {
			t.index = index
			t.nodes, t.closer, err = r.tile(foot, index)
		}
		if err != nil {
			return h, err
		}
	}
	copy(h[:], t.nodes[tilePlace(up, begin>>level&(tileWidth>>up-1)):])
	return h, nil
}

// Close lets go of the tiles.
func (r *tileReader) Close() (err error) {
	for i := range r.tiles {
		if c := r.tiles[i].closer; c != nil {
			err = errors.Join(err, c.Close())
		}
	}
	return err
}

// RecordsPath returns the subset proof that the records at these indexes, which
// ascend, are the envelope's under its records root.
func (s *Snapshot) RecordsPath(e proof.EnvelopeInfo, at []uint64) (path []identity.Hash, err error) {
	store, err := s.store()
	if err != nil {
		return nil, err
	}
	r, err := newRecordsReader(store, e.ID)
	if err == nil {
		err = proof.Outside(uint64(e.Count), at, func(begin, end uint64) error {
			n, err := subtree(begin, end, r.node)
			path = append(path, n)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("prove %d records of envelope %s: %w", len(at), e.ID, err)
	}
	return path, nil
}

// recordsReader reads the nodes of the tree over an envelope's records: those of
// groups from its V row, those beneath from the records themselves.
type recordsReader struct {
	info   proof.EnvelopeInfo
	groups []byte
	store  getter
	lines  lines // its records'
}

func newRecordsReader(store getter, id identity.Hash) (*recordsReader, error) {
	key := hashKey(rowEnvelope, id)
	row, err := get(store, key)
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, trace.ErrUnknown
	}
	r := &recordsReader{store: store}
	if r.info, r.groups, err = decodeEnvelope(id, row); err != nil {
		return nil, rowError(key, err)
	}
	return r, nil
}

func (r *recordsReader) node(begin, end uint64) (identity.Hash, error) {
	size := end - begin
	switch {
	case size > groupLen:
		return join(begin, begin+size/2, end, r.node)
	case size == groupLen:
		return identity.Hash(r.groups[begin/groupLen*32:][:32]), nil
	}
	leaves := make([]identity.Hash, size)
	for i := range leaves {
		seq := r.info.FirstSeq + begin + uint64(i)
		l, err := r.lines.read(r.store, seq)
		if err != nil {
			return identity.Hash{}, err
		}
		e, err := proof.DecodeEntry(l.entry)
		if err != nil {
			return identity.Hash{}, rowError(seqKey(rowEntry, seq), err)
		}
		leaves[i] = e.Record
	}
	return identity.TreeRoot(leaves), nil
}
