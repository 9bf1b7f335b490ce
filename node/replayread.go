package node

import (
	"context"
	"hash/maphash"
	"sync/atomic"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/ledger"
)

// replayed is one record as it was recorded, and as it reads.
type replayed struct {
	ledger.Judged
	record *epcis.Record
	reason error    // why it is malformed
	things []uint64 // marks of what it is about; see [marks]
	opinion
}

func (one *replayed) position() contracts.Position {
	e := one.Entry
	return contracts.Position{Seq: e.Seq, Envelope: e.Envelope, Index: e.Index, Kind: epcis.Kind(e.Kind), Signer: e.Signer, Record: e.Record}
}

// window is a part of the history that is read together, in pieces.
type window struct {
	records []replayed
	faults  []error // of the pieces
	left    atomic.Int64
	read    chan struct{} // closed when nothing is left
}

// How much of a history is read ahead: windows, and pieces of them, each by one
// goroutine. A piece is short enough to be waited for.
const (
	windowsAhead = 2
	pieceRecords = 64
)

// historian reads a ledger's history ahead, with a crew.
type historian struct {
	snapshot *ledger.Snapshot
	crew     *crew
	size     uint64 // records in a window
	next     uint64 // the seq up to which reading has begun
	windows  []*window
	marks    marks
}

// piecesAhead is how many pieces a historian gives its crew to do ahead.
func piecesAhead(size uint64) int { return windowsAhead * int((size+pieceRecords-1)/pieceRecords) }

func newHistorian(s *ledger.Snapshot, c *crew, size uint64) *historian {
	return &historian{snapshot: s, crew: c, size: size, marks: marks{maphash.MakeSeed()}}
}

// window is the next part of the history, nil at its end.
func (h *historian) window(ctx context.Context) ([]replayed, error) {
	for end := h.snapshot.Roots().LogSize; h.next < end && len(h.windows) < windowsAhead; {
		to := min(h.next+h.size, end)
		h.begin(ctx, h.next, to)
		h.next = to
	}
	if len(h.windows) == 0 {
		return nil, nil
	}
	w := h.windows[0]
	h.windows = h.windows[1:]
	h.crew.await(w.read)
	for _, err := range w.faults {
		if err != nil {
			return nil, err
		}
	}
	return w.records, nil
}

func (h *historian) begin(ctx context.Context, from, to uint64) {
	pieces := (to - from + pieceRecords - 1) / pieceRecords
	w := &window{records: make([]replayed, to-from), faults: make([]error, pieces), read: make(chan struct{})}
	w.left.Store(int64(pieces))
	for i := range pieces {
		at := i * pieceRecords
		into := w.records[at:min(at+pieceRecords, to-from)]
		h.crew.ahead <- func() {
			if w.faults[i] = ctx.Err(); w.faults[i] == nil {
				w.faults[i] = h.read(from+at, into)
			}
			if w.left.Add(-1) == 0 {
				close(w.read)
			}
		}
	}
	h.windows = append(h.windows, w)
}

// read reads and decodes records from a seq on.
func (h *historian) read(from uint64, into []replayed) error {
	var decoder epcis.Decoder
	var things []uint64
	i := 0
	return h.snapshot.Range(from, from+uint64(len(into)), func(j *ledger.Judged) error {
		one := &into[i]
		i++
		one.Judged = *j
		one.record, one.reason = decoder.DecodeHashed(epcis.Kind(j.Entry.Kind), j.Bytes)
		before := len(things)
		things = h.marks.of(one.record, things)
		one.things = things[before:len(things):len(things)]
		return nil
	})
}
