package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// ErrOutdated is returned while indexes are an older program's, or are being made again:
// the ledger takes no block then, and answers nothing from them.
var ErrOutdated = errors.New("the indexes were kept by an older version: waymark start makes them again")

// A Refiling says what a forward index that is made again has. Both functions go by the
// states of the ledger as it is now.
type Refiling struct {
	// Record is what an accepted record adds, but for where its items are.
	Record func(*trace.Recorded) (trace.Forward, error)
	// State is what a state adds: where an item is.
	State func(k trace.Key, state []byte) (trace.Forward, error)
	// Progress, when not nil, is told how far it is. It must be quick.
	Progress func(what string, done, of uint64)
}

// The steps of a refiling, of which the M row reindex has the one that is next: a byte, and
// what of it is done. The first two make the forward index.
const (
	refileRecords = 1 // seq8: the next record
	refileStates  = 2 // map key: the last I row that was counted
	refileFlags   = 3 // seq8: the next record
)

// How much of it one batch has. Between two batches it can be stopped, and the power can
// fail: the next start goes on from there.
const (
	refiledRecords = 2_000
	refiledStates  = 20_000
	refiledFlags   = 5_000
)

// Outdated reports whether [Ledger.Reindex] has to be called before the first block.
func (l *Ledger) Outdated() bool { return l.outdated.Load() }

// Reindex makes the forward index and the rows of flagged records again where they are
// outdated. No block may be open. It stops with ctx, and goes on from there when it is called again, of a ledger that was
// opened again as well.
func (l *Ledger) Reindex(ctx context.Context, f Refiling) error {
	if !l.Outdated() {
		return nil
	}
	if err := l.reindex(ctx, &f); err != nil {
		return fmt.Errorf("make the indexes again: %w", err)
	}
	return nil
}

func (l *Ledger) reindex(ctx context.Context, f *Refiling) error {
	if f.Progress == nil {
		f.Progress = func(string, uint64, uint64) {}
	}
	s := l.Snapshot()
	defer s.Close()
	step, err := get(l.db, metaKey(metaReindex))
	if err != nil {
		return err
	}
	format, err := l.format()
	if err != nil {
		return err
	}
	if step == nil || format < formatVersion { // a step of an older program is of other rows
		if step, err = l.refileFirst(format); err != nil {
			return err
		}
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		switch {
		case len(step) == 9 && step[0] == refileRecords:
			step, err = l.refileRecords(s, f, binary.BigEndian.Uint64(step[1:]))
		case len(step) > 0 && step[0] == refileStates:
			step, err = l.refileStates(s, f, step[1:])
		case len(step) == 9 && step[0] == refileFlags:
			step, err = l.refileFlags(s, f, binary.BigEndian.Uint64(step[1:]))
		default:
			return rowError(metaKey(metaReindex), errRow)
		}
		if err != nil {
			return err
		}
		if step == nil {
			break
		}
	}
	l.outdated.Store(false)
	l.publish(l.Network(), true, s.Roots())
	return nil
}

// refileFirst begins with what the store's format lacks.
func (l *Ledger) refileFirst(format uint32) (next []byte, err error) {
	next = seqKey(refileFlags, 0)
	forward := outdatedForward(format)
	if forward {
		next = seqKey(refileRecords, 0)
	}
	return next, l.refiled(next, func(b *Block) error {
		if !forward {
			return nil
		}
		return b.batch.DeleteRange([]byte{rowForward}, []byte{rowForward + 1}, nil)
	})
}

// refiled writes what is staged, and the step that follows: nil for none. From the first
// on the store is for no program of before.
func (l *Ledger) refiled(next []byte, stage func(*Block) error) error {
	if err := l.failure.get(); err != nil {
		return err
	}
	l.desk.clear()
	b := &Block{ledger: l, desk: &l.desk}
	defer b.batch.Reset()
	if err := stage(b); err != nil {
		return err
	}
	b.stagePlaces()
	b.set(metaKey(metaFormat), binary.BigEndian.AppendUint32(nil, formatVersion))
	if next != nil {
		b.set(metaKey(metaReindex), next)
	} else {
		b.unset(metaKey(metaReindex))
	}
	err := l.failure.guard(func() error { return l.db.Apply(b.batch, pebble.Sync) })
	if err != nil {
		l.failure.set(err)
	}
	return err
}

func (l *Ledger) refileRecords(s *Snapshot, f *Refiling, from uint64) (next []byte, err error) {
	size := s.Roots().LogSize
	to := min(size, from+refiledRecords)
	next = seqKey(refileRecords, to)
	if to == size {
		next = []byte{refileStates}
	}
	err = l.refiled(next, func(b *Block) error {
		for seq := from; seq < to; seq++ {
			r, err := s.Record(seq)
			if err != nil {
				return err
			}
			if r.Rejected() {
				continue
			}
			forward, err := f.Record(r)
			if err == nil {
				err = b.forward(seq, &forward)
			}
			if err != nil {
				return fmt.Errorf("record %d: %w", seq, err)
			}
		}
		return nil
	})
	f.Progress("records", to, size)
	return next, err
}

// states are told by how far their map keys are, which are hashes, in 1/65536.
func (l *Ledger) refileStates(s *Snapshot, f *Refiling, after []byte) (next []byte, err error) {
	from := append([]byte{rowIndex}, after...)
	if len(after) > 0 {
		from = append(from, 0)
	}
	done := uint64(1 << 16)
	next = seqKey(refileFlags, 0)
	err = l.refiledState(s, f, from, func(last []byte) []byte {
		if last != nil {
			next, done = append([]byte{refileStates}, last[1:]...), uint64(binary.BigEndian.Uint16(last[1:]))
		}
		return next
	})
	f.Progress("states", done, 1<<16)
	return next, err
}

// refileFlags writes the rows of flagged records: what is in a row follows from the verdict
// alone, so that no record is decoded.
func (l *Ledger) refileFlags(s *Snapshot, f *Refiling, from uint64) (next []byte, err error) {
	size := s.Roots().LogSize
	to := min(size, from+refiledFlags)
	if to < size {
		next = seqKey(refileFlags, to)
	}
	err = l.refiled(next, func(b *Block) error {
		for seq := from; seq < to; seq++ {
			line, err := s.line(seq)
			if err != nil {
				return err
			}
			findings, err := proof.DecodeFindings(line.findings)
			if err != nil {
				return rowError(seqKey(rowEntry, seq), err)
			}
			if flagged(findings) {
				b.set(seqKey(rowFlagged, seq), nil)
			}
		}
		return nil
	})
	f.Progress("verdicts", to, size)
	return next, err
}

// refiledState writes what the next rows add. last is told the key of the last of them, nil
// behind all, and returns the step that follows.
func (l *Ledger) refiledState(s *Snapshot, f *Refiling, from []byte, last func(key []byte) []byte) error {
	var found []trace.Forward
	n, end := 0, []byte(nil)
	err := s.between(from, []byte{rowIndex + 1}, func(key, row []byte) (bool, error) {
		x, err := parseIndex(row)
		if err != nil {
			return false, err
		}
		if len(x.state) > 0 {
			forward, err := f.State(trace.Key{NS: trace.Namespace(x.ns), ID: string(x.id)}, x.state)
			if err != nil {
				return false, fmt.Errorf("state of %s %q: %w", x.ns, x.id, err)
			}
			if len(forward.Moves) > 0 {
				found = append(found, forward)
			}
		}
		if n++; n == refiledStates {
			end = bytes.Clone(key)
		}
		return n < refiledStates, nil
	})
	if err != nil {
		return err
	}
	return l.refiled(last(end), func(b *Block) error {
		for i := range found {
			// No record is at hand: what is in the index is read, and added to.
			if err := b.forward(trace.Unmarked, &found[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
