package ledger

import (
	"errors"
	"fmt"
	"math/bits"
	"sort"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// history reads the entries of one key: positions 0 … count-1, in chunks, the
// last of which stands in the key's index row itself. It is for one goroutine.
type history struct {
	index
	hash   identity.Hash // map key
	log    logView
	chunks *pebble.Iterator // over the H rows, once one is read

	at   uint64 // the chunk whose seqs and root these are; none while seqs is nil
	seqs []uint64
	root identity.Hash // not of the last
}

// withHistory hands the history of k to read. A key that the ledger does not
// know has an empty one.
func (s *Snapshot) withHistory(k trace.Key, read func(*history) error) error {
	store, err := s.store()
	if err != nil {
		return err
	}
	h := &history{hash: proof.MapKey(k), log: s.log(store)}
	if h.index, err = readIndex(store, k, h.hash); err == nil {
		err = read(h)
	}
	if h.chunks != nil {
		err = errors.Join(err, h.chunks.Close())
	}
	if err != nil {
		return fmt.Errorf("history of %s %q: %w", k.NS, k.ID, err)
	}
	return nil
}

// chunk makes seqs and root those of chunk c.
func (h *history) chunk(c uint64) (err error) {
	if h.seqs != nil && h.at == c {
		return nil
	}
	part := h.tail
	if full := h.count / chunkLen; c < full {
		key := hashSeqKey(rowHistory, h.hash, c)
		next := false
		switch {
		case h.chunks == nil:
			h.chunks, err = h.log.store.NewIter(&pebble.IterOptions{
				LowerBound: hashSeqKey(rowHistory, h.hash, 0), UpperBound: hashSeqKey(rowHistory, h.hash, full)})
			if err != nil {
				return err
			}
		case h.seqs != nil && h.at+1 == c && h.chunks.Valid():
			next = true
		}
		if next && !h.chunks.Next() || !next && !h.chunks.SeekGE(key) {
			return errors.Join(rowError(key, pebble.ErrNotFound), h.chunks.Error())
		}
		if string(h.chunks.Key()) != string(key) {
			return rowError(key, pebble.ErrNotFound)
		}
		row, err := unseal(key, h.chunks.Value())
		if err != nil {
			return err
		}
		if h.root, part, err = chunkRow(row); err != nil {
			return rowError(key, err)
		}
	}
	seqs, err := decodeSeqs(part)
	if err != nil {
		return err
	}
	if want := min(chunkLen, h.count-c*chunkLen); uint64(len(seqs)) != want {
		return fmt.Errorf("chunk %d has %d entries, not %d: %w", c, len(seqs), want, errRow)
	}
	h.at, h.seqs = c, seqs
	return nil
}

// seq is the seq at a position.
func (h *history) seq(at uint64) (uint64, error) {
	if at >= h.count {
		return 0, fmt.Errorf("position %d of %d: %w", at, h.count, trace.ErrUnknown)
	}
	if err := h.chunk(at / chunkLen); err != nil {
		return 0, err
	}
	return h.seqs[at%chunkLen], nil
}

// positions returns the seqs at [from, to).
func (h *history) positions(from, to uint64) ([]uint64, error) {
	if from > to || to > h.count {
		return nil, fmt.Errorf("positions %d to %d of %d: %w", from, to, h.count, trace.ErrUnknown)
	}
	if from == to {
		return nil, nil
	}
	seqs := make([]uint64, 0, to-from)
	for at := from; at < to; at = from + uint64(len(seqs)) {
		if err := h.chunk(at / chunkLen); err != nil {
			return nil, err
		}
		end := min(chunkLen, to-at/chunkLen*chunkLen)
		seqs = append(seqs, h.seqs[at%chunkLen:end]...)
	}
	return seqs, nil
}

// first is the first position in [low, high) whose seq is reached, else high:
// what is reached at one position is reached at all that follow.
func (h *history) first(low, high uint64, reached func(seq uint64) (bool, error)) (uint64, error) {
	var failed error
	n := sort.Search(int(high-low), func(i int) (yes bool) {
		var seq uint64
		if failed == nil {
			seq, failed = h.seq(low + uint64(i))
		}
		if failed == nil {
			yes, failed = reached(seq)
		}
		return yes || failed != nil
	})
	return low + uint64(n), failed
}

// node is the root of a complete subtree of the history's tree.
func (h *history) node(begin, end uint64) (identity.Hash, error) {
	size := end - begin
	switch level := bits.TrailingZeros64(size); {
	case h.count>>level == begin>>level+1 && begin>>level&1 == 0: // a peak
		return h.peaks[bits.OnesCount64(h.count>>level)-1], nil
	case size > chunkLen:
		return join(begin, begin+size/2, end, h.node)
	case size == chunkLen:
		err := h.chunk(begin / chunkLen)
		return h.root, err
	}
	seqs, err := h.positions(begin, end)
	if err != nil {
		return identity.Hash{}, err
	}
	leaves := make([]identity.Hash, len(seqs))
	for i, seq := range seqs {
		if leaves[i], err = h.log.leaf(seq); err != nil {
			return identity.Hash{}, err
		}
	}
	return identity.TreeRoot(leaves), nil
}

// History implements trace.Reader.
func (s *Snapshot) History(k trace.Key, from uint64, limit int) (seqs []uint64, err error) {
	err = s.withHistory(k, func(h *history) error {
		low := uint64(0)
		if from > 0 {
			var err error
			if low, err = h.first(0, h.count, func(seq uint64) (bool, error) { return seq >= from, nil }); err != nil {
				return err
			}
		}
		if low == h.count || limit <= 0 {
			return nil
		}
		seqs, err = h.positions(low, min(h.count, low+uint64(limit)))
		return err
	})
	return seqs, err
}

// Window implements trace.Reader. Block times ascend with the seqs.
func (s *Snapshot) Window(k trace.Key, since epcis.Instant, until *epcis.Instant, lead, limit int) (before, within []uint64, err error) {
	err = s.withHistory(k, func(h *history) error {
		low, err := h.first(0, h.count, func(seq uint64) (bool, error) {
			t, err := s.timeOf(seq)
			return !t.Before(since), err
		})
		if err != nil {
			return err
		}
		high := min(h.count, low+uint64(max(limit, 0)))
		if until != nil {
			high, err = h.first(low, high, func(seq uint64) (bool, error) {
				t, err := s.timeOf(seq)
				return until.Before(t), err
			})
			if err != nil {
				return err
			}
		}
		start := low - min(low, uint64(max(lead, 0)))
		seqs, err := h.positions(start, high)
		if err != nil {
			return err
		}
		before, within = seqs[:low-start], seqs[low-start:]
		return nil
	})
	return before, within, err
}

// timeOf is the block time of the record at seq.
func (s *Snapshot) timeOf(seq uint64) (epcis.Instant, error) {
	e, err := s.Entry(seq)
	if err != nil {
		return epcis.Instant{}, err
	}
	return epcis.InstantFromUnixNano(e.Time), nil
}
