package proof

import (
	"fmt"
	"slices"
	"sort"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// replay is the verified dossier as a ledger. What the closure asks for and the
// dossier does not hold refutes it.
type replay struct{ *checker }

var _ trace.Reader = (*replay)(nil)

// key returns what is proved of k: nil when it is proved absent.
func (r *replay) key(k trace.Key) (*checkedKey, error) {
	if x, ok := r.keys[k]; ok {
		x.used = true
		return x, nil
	}
	if a, ok := r.absent[k]; ok {
		a.used = true
		return nil, nil
	}
	return nil, Refute(ReasonNotProved, "the journey needs its history or state").OfKey(k)
}

// State implements trace.Reader.
func (r *replay) State(k trace.Key) ([]byte, error) {
	x, err := r.key(k)
	if x == nil {
		return nil, err
	}
	return x.State, nil
}

// Record implements trace.Reader.
func (r *replay) Record(seq uint64) (*trace.Recorded, error) {
	i, ok := r.find(seq)
	if !ok {
		if size := r.d.Checkpoint.Roots.LogSize; seq >= size {
			return nil, fmt.Errorf("record %d of %d: %w", seq, size, trace.ErrUnknown)
		}
		return nil, Refute(ReasonNotProved, "the journey needs it").OfRecord(seq)
	}
	r.lines[i].used = true
	return &r.lines[i].Recorded, nil
}

// History implements trace.Reader. Where from is not the beginning, the position
// before has to be opened too: it shows that nothing lies between.
func (r *replay) History(k trace.Key, from uint64, limit int) ([]uint64, error) {
	x, err := r.key(k)
	if x == nil || x.Count == 0 || limit <= 0 {
		return nil, err
	}
	low := uint64(0)
	if from > 0 {
		if low, err = r.position(x, func(i int) bool { return x.seqs[i] >= from }); err != nil {
			return nil, err
		}
	}
	return r.read(x, low, min(x.Count, low+uint64(limit)))
}

// Window implements trace.Reader.
func (r *replay) Window(k trace.Key, since epcis.Instant, until *epcis.Instant, lead, limit int) (before, within []uint64, err error) {
	x, err := r.key(k)
	if x == nil || x.Count == 0 {
		return nil, nil, err
	}
	low, err := r.position(x, func(i int) bool { return !r.timeOf(x.seqs[i]).Before(since) })
	if err != nil {
		return nil, nil, err
	}
	high := x.Count
	if until != nil {
		// The first behind the window is opened, or the limit comes before it.
		high = low
		for high < x.Count && high-low < uint64(limit) {
			next, err := r.read(x, high, high+1)
			if err != nil {
				return nil, nil, err
			}
			if until.Before(r.timeOf(next[0])) {
				break
			}
			high++
		}
	}
	high = min(high, low+uint64(limit))
	if within, err = r.read(x, low, high); err != nil {
		return nil, nil, err
	}
	before, err = r.read(x, low-min(low, uint64(lead)), low)
	return before, within, err
}

// position is the first position of the history that has the property, which
// all behind it have too. The position before it, or at the end the last one,
// shows that it is the first.
func (r *replay) position(x *checkedKey, property func(i int) bool) (uint64, error) {
	i := sort.Search(len(x.seqs), property)
	p := x.Count
	if i < len(x.at) {
		p = x.at[i]
	}
	if p == 0 {
		return 0, nil
	}
	if i == 0 || x.at[i-1] != p-1 {
		return 0, Refute(ReasonNotProved, "position %d of its history is needed", p-1).OfKey(x.Key())
	}
	r.use(x, i-1)
	return p, nil
}

// read returns the seqs at the positions [from, to).
func (r *replay) read(x *checkedKey, from, to uint64) ([]uint64, error) {
	if from == to {
		return nil, nil
	}
	i, ok := slices.BinarySearch(x.at, from)
	n := i + int(to-from)
	if !ok || n > len(x.at) || x.at[n-1] != to-1 {
		return nil, Refute(ReasonNotProved, "the positions %d to %d of its history are needed", from, to-1).OfKey(x.Key())
	}
	for at := i; at < n; at++ {
		r.use(x, at)
	}
	return x.seqs[i:n:n], nil
}

// use notes that the opened position number i, and the record there, is needed.
func (r *replay) use(x *checkedKey, i int) {
	x.usedAt[i] = true
	if at, ok := r.find(x.seqs[i]); ok {
		r.lines[at].used = true
	}
}

// timeOf is the block time of an opened record.
func (r *replay) timeOf(seq uint64) epcis.Instant {
	i, _ := r.find(seq)
	return r.lines[i].Time
}
