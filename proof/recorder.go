package proof

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// recorder is the ledger as a walk reads it, and remembers what was read.
type recorder struct {
	prover  Prover
	records map[uint64]*trace.Recorded
	keys    map[trace.Key]*reads
	signers map[string]identity.KeyState // by address
}

// reads is what was read of one key.
type reads struct {
	ok     bool // the map holds the key
	leaf   MapLeaf
	state  []byte
	opened []span // positions, in the order of reading
}

// span is the positions [from, to) of a history and the seqs that stand there.
type span struct {
	from uint64
	seqs []uint64
}

func (s span) to() uint64 { return s.from + uint64(len(s.seqs)) }

func (r *recorder) key(k trace.Key) (*reads, error) {
	if x, ok := r.keys[k]; ok {
		return x, nil
	}
	x := &reads{}
	var err error
	if x.leaf, x.state, x.ok, err = r.prover.Leaf(k); err != nil {
		return nil, err
	}
	r.keys[k] = x
	return x, nil
}

// State implements trace.Reader.
func (r *recorder) State(k trace.Key) ([]byte, error) {
	x, err := r.key(k)
	if err != nil {
		return nil, err
	}
	return x.state, nil
}

// Record implements trace.Reader.
func (r *recorder) Record(seq uint64) (*trace.Recorded, error) {
	if rec, ok := r.records[seq]; ok {
		return rec, nil
	}
	rec, err := r.prover.Record(seq)
	if err != nil {
		return nil, err
	}
	r.records[seq] = rec
	return rec, nil
}

// History implements trace.Reader. It opens what it returns, and where from is
// not the beginning the position before.
func (r *recorder) History(k trace.Key, from uint64, limit int) ([]uint64, error) {
	x, err := r.key(k)
	if err != nil || !x.ok || x.leaf.Count == 0 || limit <= 0 {
		return nil, err
	}
	low := uint64(0)
	if from > 0 {
		if low, err = r.search(k, x.leaf.Count, func(seq uint64) (bool, error) { return seq >= from, nil }); err != nil {
			return nil, err
		}
	}
	seqs, err := r.open(k, x, low-min(low, 1), min(x.leaf.Count, low+uint64(limit)))
	if err != nil {
		return nil, err
	}
	return seqs[min(low, 1):], nil
}

// Window implements trace.Reader. It opens what it returns and both neighbours.
func (r *recorder) Window(k trace.Key, since epcis.Instant, until *epcis.Instant, lead, limit int) (before, within []uint64, err error) {
	x, err := r.key(k)
	if err != nil || !x.ok || x.leaf.Count == 0 {
		return nil, nil, err
	}
	before, within, err = r.prover.Window(k, since, until, lead, limit)
	if err != nil {
		return nil, nil, err
	}
	// low is the position of the first that is returned, or of the first that would be.
	first := func(seq uint64) (bool, error) { return r.isSince(seq, since) }
	if all := slices.Concat(before, within); len(all) > 0 {
		first = func(seq uint64) (bool, error) { return seq >= all[0], nil }
	}
	low, err := r.search(k, x.leaf.Count, first)
	if err != nil {
		return nil, nil, err
	}
	high := low + uint64(len(before)+len(within))
	if len(before) == 0 {
		low -= min(low, 1)
	}
	if len(within) < limit {
		high = min(high+1, x.leaf.Count)
	}
	if _, err := r.open(k, x, low, high); err != nil {
		return nil, nil, err
	}
	return before, within, nil
}

// isSince reports whether a record's block time is not before t.
func (r *recorder) isSince(seq uint64, t epcis.Instant) (bool, error) {
	e, err := r.prover.Entry(seq)
	if err != nil {
		return false, err
	}
	return !epcis.InstantFromUnixNano(e.Time).Before(t), nil
}

// search is the first of count positions in k's history whose seq has the
// property, which all behind it have too; count when none has.
func (r *recorder) search(k trace.Key, count uint64, property func(seq uint64) (bool, error)) (uint64, error) {
	var fault error
	n := sort.Search(int(count), func(i int) bool {
		if fault != nil {
			return true
		}
		seqs, err := r.prover.Positions(k, uint64(i), uint64(i)+1)
		if err == nil && len(seqs) != 1 {
			err = fmt.Errorf("position %d of %s %s is missing", i, k.NS, k.ID)
		}
		if err != nil {
			fault = err
			return true
		}
		has, err := property(seqs[0])
		if err != nil {
			fault = err
		}
		return has
	})
	return uint64(n), fault
}

// open notes that the positions [from, to) were read, and returns their seqs.
func (r *recorder) open(k trace.Key, x *reads, from, to uint64) ([]uint64, error) {
	for _, s := range x.opened {
		if s.from <= from && to <= s.to() {
			return s.seqs[from-s.from : to-s.from], nil
		}
	}
	seqs, err := r.prover.Positions(k, from, to)
	if err != nil {
		return nil, err
	}
	if uint64(len(seqs)) != to-from {
		return nil, fmt.Errorf("%d of the positions %d to %d of %s %s", len(seqs), from, to, k.NS, k.ID)
	}
	x.opened = append(x.opened, span{from, seqs})
	return seqs, nil
}

// merged joins spans that overlap or touch, ascending.
func merged(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var out []span
	for _, s := range spans {
		if len(s.seqs) == 0 {
			continue
		}
		if n := len(out); n > 0 && s.from <= out[n-1].to() {
			if last := &out[n-1]; s.to() > last.to() {
				last.seqs = append(slices.Clip(last.seqs), s.seqs[last.to()-s.from:]...)
			}
			continue
		}
		out = append(out, s)
	}
	return out
}
