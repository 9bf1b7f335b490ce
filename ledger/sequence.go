package ledger

import (
	"encoding/binary"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// Judged is a record and its verdict as the ledger keeps them. Nothing in it is to
// be changed.
type Judged struct {
	Entry        *proof.Entry
	Organisation string // of the signer, "" when unknown
	Findings     []byte // as proof.EncodeFindings wrote them
	Bytes        []byte // of the record, exactly as signed
}

// Range calls f for the records from one seq to another, which it leaves out, in
// their order, and returns the first error. Whoever reads much of the log reads each
// row once, and does not push out what others read. trace.ErrUnknown when the log
// ends before.
func (s *Snapshot) Range(from, to uint64, f func(*Judged) error) error {
	if _, err := s.store(); err != nil || from >= to {
		return err
	}
	if to > s.g.roots.LogSize {
		return fmt.Errorf("record %d: %w", to-1, trace.ErrUnknown)
	}
	return s.rows(from, to, func(u *unpacked) error {
		for i := range u.lines {
			seq := u.first + uint64(i)
			if seq < from || seq >= to {
				continue
			}
			l := u.lines[i]
			e, err := proof.DecodeEntry(l.entry)
			if err != nil {
				return rowError(seqKey(rowEntry, seq), err)
			}
			b, err := s.bytes(seq, l)
			if err != nil {
				return err
			}
			if err := f(&Judged{Entry: e, Organisation: string(l.organisation), Findings: l.findings, Bytes: b}); err != nil {
				return err
			}
		}
		return nil
	})
}

// rows reads the E rows that have the lines of the seqs from one to another, and
// fails where one is missing.
func (s *Snapshot) rows(from, to uint64, f func(*unpacked) error) error {
	next := from
	var stopped error // by f: no fault of a row
	err := s.between(seqKey(rowEntry, from), seqKey(rowEntry, to-1+packLines), func(key, row []byte) (bool, error) {
		u, err := unpack(binary.BigEndian.Uint64(key[1:]), row)
		if err != nil {
			return false, err
		}
		if _, ok := u.line(next); !ok {
			return false, errRow
		}
		next = u.first + uint64(len(u.lines))
		stopped = f(u)
		return stopped == nil && next < to, nil
	})
	if stopped != nil {
		return stopped
	}
	if err == nil && next < to {
		err = rowError(seqKey(rowEntry, next), pebble.ErrNotFound)
	}
	return err
}
