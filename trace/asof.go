package trace

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// AsOf returns the ledger as its first logSize entries were: histories end
// there, later records are unknown. Histories only grow, so the cut is as
// complete as r is. States are those of today: those of organisations, keys and
// certificates hold every interval by seq, and a description is today's name.
func AsOf(r Reader, logSize uint64) Reader { return asOf{r, logSize} }

type asOf struct {
	Reader
	size uint64
}

func (r asOf) cut(seqs []uint64) []uint64 {
	n, _ := slices.BinarySearch(seqs, r.size)
	return seqs[:n]
}

func (r asOf) History(k Key, from uint64, limit int) ([]uint64, error) {
	seqs, err := r.Reader.History(k, from, limit)
	return r.cut(seqs), err
}

// Window's lead is counted from where the window begins in r, cut or not.
func (r asOf) Window(k Key, since epcis.Instant, until *epcis.Instant, lead, limit int) (before, within []uint64, err error) {
	before, within, err = r.Reader.Window(k, since, until, lead, limit)
	return r.cut(before), r.cut(within), err
}

func (r asOf) Record(seq uint64) (*Recorded, error) {
	if seq >= r.size {
		return nil, fmt.Errorf("record %d, as of the first %d: %w", seq, r.size, ErrUnknown)
	}
	return r.Reader.Record(seq)
}
