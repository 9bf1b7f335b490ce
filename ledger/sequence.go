package ledger

import (
	"fmt"

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
	store, err := s.store()
	if err != nil {
		return err
	}
	if to > s.g.roots.LogSize {
		return fmt.Errorf("record %d: %w", to-1, trace.ErrUnknown)
	}
	var own lines
	for seq := from; seq < to; seq++ {
		l, err := own.read(store, seq)
		if err != nil {
			return err
		}
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
}
