package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/klauspost/compress/s2"
)

// The records of a block that follow each other share an E row, compressed
// together: they come from few authors, about much the same things. What a block
// costs is above all what it writes, several times over, to the log, to memory and
// to tables; packed like this, documents are a quarter of that.
const (
	packLines = 16       // at most in a row
	packBytes = 64 << 10 // from which size on a row takes no further line
	// maxPackBytes bounds what is unpacked: the last line of a row holds a record,
	// the text of its verdict and little else.
	maxPackBytes = 16 << 20
)

// pack gathers the lines of the next E row.
type pack struct {
	lines  []byte // each with its length before it
	count  int
	packed []byte // where the row is made
}

func (p *pack) add(l *line, scratch []byte) []byte {
	scratch = l.encode(scratch[:0])
	p.lines = appendString(p.lines, scratch)
	p.count++
	return scratch
}

func (p *pack) full() bool { return p.count >= packLines || len(p.lines) >= packBytes }

// row is the value of the row, good until the next; the pack is empty then. The
// row's key is the seq of its last line.
func (p *pack) row() []byte {
	p.packed = append(p.packed[:0], byte(p.count))
	n := len(p.packed)
	if room := n + s2.MaxEncodedLen(len(p.lines)); cap(p.packed) < room {
		p.packed = append(make([]byte, 0, room), p.packed...)
	}
	out := s2.Encode(p.packed[n:cap(p.packed)], p.lines)
	p.packed = p.packed[:n+len(out)]
	p.empty()
	return p.packed
}

func (p *pack) empty() { p.lines, p.count = p.lines[:0], 0 }

// unpacked is an E row: the lines of the seqs from first on.
type unpacked struct {
	first uint64
	lines []line
	size  int // bytes of the lines
}

// unpack reads the E row whose last line is of seq last. The lines are parts of
// what is unpacked.
func unpack(last uint64, row []byte) (*unpacked, error) {
	if len(row) == 0 || row[0] == 0 || row[0] > packLines || uint64(row[0]) > last+1 {
		return nil, errRow
	}
	n, err := s2.DecodedLen(row[1:])
	if err != nil || n > maxPackBytes {
		return nil, errRow
	}
	b, err := s2.Decode(make([]byte, n), row[1:])
	if err != nil {
		return nil, errRow
	}
	u := &unpacked{first: last + 1 - uint64(row[0]), lines: make([]line, row[0]), size: n}
	r := reader{b: b}
	for i := range u.lines {
		if u.lines[i], err = decodeLine(r.field()); err != nil {
			return nil, err
		}
	}
	if r.err != nil || len(r.b) > 0 {
		return nil, errRow
	}
	return u, nil
}

// line returns the line of a seq, false when it stands in another row.
func (u *unpacked) line(seq uint64) (line, bool) {
	if u == nil || seq < u.first || seq-u.first >= uint64(len(u.lines)) {
		return line{}, false
	}
	return u.lines[seq-u.first], true
}

// lines reads E rows and keeps the last one: whoever reads a record often reads
// its neighbours. It is safe for concurrent use.
type lines struct {
	last atomic.Pointer[unpacked]
	kept *lru.Cache[uint64, *unpacked] // by seq; nil to read from the store alone
}

// Rows that were read are kept unpacked: they never change. A line of them counts
// as so many bytes; a row that takes more is not kept.
const keptLineBytes = 4 << 10

// keepRows keeps rows unpacked, of about so many bytes.
func keepRows(bytes int64) (*lru.Cache[uint64, *unpacked], error) {
	return lru.New[uint64, *unpacked](int(max(bytes/keptLineBytes, packLines)))
}

func (c *lines) read(r getter, seq uint64) (line, error) {
	if l, ok := c.last.Load().line(seq); ok {
		return l, nil
	}
	var u *unpacked
	if c.kept != nil {
		u, _ = c.kept.Get(seq)
	}
	if u == nil {
		var err error
		if u, err = readPack(r, seq); err != nil {
			return line{}, err
		}
		if c.kept != nil && u.size <= len(u.lines)*keptLineBytes {
			for i := range u.lines {
				c.kept.Add(u.first+uint64(i), u)
			}
		}
	}
	c.last.Store(u)
	l, _ := u.line(seq)
	return l, nil
}

// readPack reads the row that has the line of a seq.
func readPack(r getter, seq uint64) (u *unpacked, err error) {
	key := seqKey(rowEntry, seq)
	it, err := r.NewIter(&pebble.IterOptions{LowerBound: key, UpperBound: seqKey(rowEntry, seq+packLines)})
	if err != nil {
		return nil, fmt.Errorf("record %d: %w", seq, err)
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	if !it.First() {
		return nil, errors.Join(rowError(key, pebble.ErrNotFound), it.Error())
	}
	key = append(key[:0], it.Key()...)
	row, err := unseal(key, it.Value())
	if err != nil {
		return nil, err
	}
	if u, err = unpack(binary.BigEndian.Uint64(key[1:]), row); err == nil {
		if _, ok := u.line(seq); !ok {
			err = errRow
		}
	}
	if err != nil {
		return nil, rowError(key, err)
	}
	return u, nil
}
