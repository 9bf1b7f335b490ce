package trace

import (
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"github.com/waymark-ledger/waymark/epcis"
)

// AsOf returns the ledger as its first logSize entries were: histories end
// there, later records are unknown. Histories only grow, so the cut is as
// complete as r is, and that a key was compromised is known once a record says so. States
// are those of today: those of organisations, keys and certificates hold every interval by
// seq, the bonds of things the records by which they began and ended, and a description is
// today's name.
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
	rec, err := r.Reader.Record(seq)
	if err != nil || !rec.Compromised {
		return rec, err
	}
	known, err := r.compromised(rec)
	if err != nil || known {
		return rec, err
	}
	then := *rec
	then.Compromised = false
	return &then, nil
}

// standingKey is what the cut reads of a key's state (identity.KeyState).
type standingKey struct {
	Intervals []struct {
		From  uint64 `cbor:"1,keyasint"` // seq of the record that began it
		Value struct {
			CompromisedSince *int64 `cbor:"4,keyasint"`
		} `cbor:"3,keyasint"`
	} `cbor:"1,keyasint"`
}

// compromised reports whether a record before the cut says that the key of rec was
// compromised by then. It reads that record: only who has it knows on which side of the cut it is.
func (r asOf) compromised(rec *Recorded) (bool, error) {
	k := Key{NSKey, rec.Signer}
	state, err := r.Reader.State(k)
	if err != nil || state == nil {
		return true, err
	}
	var s standingKey
	if err := cbor.Unmarshal(state, &s); err != nil {
		return false, fmt.Errorf("state of %s %s: %w", k.NS, k.ID, err)
	}
	for _, in := range slices.Backward(s.Intervals) {
		since := in.Value.CompromisedSince
		if since == nil {
			return false, nil
		}
		switch _, err := r.Record(in.From); {
		case err == nil:
			return rec.Time.Seconds >= *since, nil
		case !errors.Is(err, ErrUnknown):
			return false, err
		}
	}
	return false, nil
}
