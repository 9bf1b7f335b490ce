package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// flagged reports whether a record has a G row: it was accepted, and somebody has to
// look at it.
func flagged(findings []trace.Finding) bool {
	return !trace.Rejected(findings) && slices.ContainsFunc(findings, func(f trace.Finding) bool { return f.Severity == trace.Flag })
}

// Flagged returns up to limit seqs of the accepted records with a finding that is a
// FLAG, ascending, those from a seq on.
func (s *Snapshot) Flagged(from uint64, limit int) ([]uint64, error) {
	if s.g != nil && s.ledger.Outdated() {
		return nil, ErrOutdated
	}
	if limit <= 0 {
		return nil, nil
	}
	var seqs []uint64
	err := s.between(seqKey(rowFlagged, from), []byte{rowFlagged + 1}, func(key, _ []byte) (bool, error) {
		seq, err := decodeSeq(key[1:])
		seqs = append(seqs, seq)
		return len(seqs) < limit, err
	})
	if err != nil {
		return nil, fmt.Errorf("flagged records: %w", err)
	}
	return seqs, nil
}

// flag checks that a flagged record has its row.
func (v *verifier) flag(e *proof.Entry, findings []trace.Finding) error {
	if v.s.ledger.Outdated() || !flagged(findings) {
		return nil
	}
	there, err := has(v.s.g.store, seqKey(rowFlagged, e.Seq))
	if err == nil && !there {
		err = &DifferenceError{e.Height, "row of a flagged record", "missing", "there"}
	}
	return err
}

// flags checks that each G row is a flagged record's.
func (v *verifier) flags(ctx context.Context) error {
	if v.s.ledger.Outdated() {
		return nil
	}
	return v.s.between([]byte{rowFlagged}, []byte{rowFlagged + 1}, func(key, _ []byte) (bool, error) {
		seq, err := decodeSeq(key[1:])
		if err != nil {
			return false, err
		}
		l, err := v.s.line(seq)
		if err != nil {
			return false, err
		}
		findings, err := proof.DecodeFindings(l.findings)
		if err == nil && !flagged(findings) {
			err = fmt.Errorf("record %d is not flagged: %w", seq, errRow)
		}
		return true, errors.Join(err, ctx.Err())
	})
}
