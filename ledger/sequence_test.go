package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

func TestRangeReadsWhatRecordAndEntryRead(t *testing.T) {
	n := newNetwork(t, "range")
	l := n.openAt(t, vfs.NewMem())
	for block := range 3 {
		b := begin(t, l)
		records := [][]byte{record("the same in every block")}
		for i := range 30 {
			records = append(records, record(fmt.Sprintf("%d of %d", i, block)))
		}
		n.appendAll(t, b, block%2, n.envelope(t, block%2, records...), func(i int) judged {
			if i%7 == 3 {
				return judged{findings: rejection}
			}
			return judged{touches: []trace.Key{item(i)}}
		})
		commit(t, b)
	}
	s := l.Snapshot()
	defer s.Close()
	size := s.Roots().LogSize
	for _, part := range [][2]uint64{{0, size}, {5, 50}, {size, size}} {
		next := part[0]
		err := s.Range(part[0], part[1], func(j *Judged) error {
			r, err := s.Record(next)
			if err != nil {
				return err
			}
			e, err := s.Entry(next)
			if err != nil {
				return err
			}
			if !reflect.DeepEqual(j.Entry, e) || e.Seq != next || j.Organisation != r.Organisation || !bytes.Equal(j.Bytes, r.Bytes) ||
				!bytes.Equal(j.Findings, proof.EncodeFindings(r.Findings)) {
				t.Errorf("record %d is %+v", next, j)
			}
			next++
			return nil
		})
		if err != nil || next != part[1] {
			t.Errorf("read from %d to %d instead of %d: %v", part[0], next, part[1], err)
		}
	}
	if err := s.Range(0, size+1, func(*Judged) error { return nil }); !errors.Is(err, trace.ErrUnknown) {
		t.Errorf("beyond the end: %v", err)
	}
	stop := errors.New("stop")
	if err := s.Range(0, size, func(*Judged) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("stopped: %v", err)
	}
}
