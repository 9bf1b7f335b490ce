package ledger

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/trace"
)

// isListed names the namespaces whose keys can be enumerated: states that somebody
// has to find without knowing their ids.
func isListed(ns trace.Namespace) bool { return ns == trace.NSCase || ns == trace.NSTransfer }

// listedKey is an S row that the open block will write.
type listedKey struct {
	seq uint64 // of the record that gave the key its first state
	key trace.Key
}

// row is the S row's key; what follows its first byte is a listing's place.
func (k *listedKey) row() []byte {
	b := seqKey(rowListed, k.seq)
	b = append(append(b, k.key.NS...), 0)
	return append(b, k.key.ID...)
}

// list stages the row of a key that gets its first state.
func (b *Block) list(seq uint64, k trace.Key) error {
	if !isListed(k.NS) {
		return nil
	}
	s, err := b.key(k)
	if err == nil && len(s.index.state) == 0 {
		b.listed = append(b.listed, listedKey{seq, s.index.key})
	}
	return err
}

func (b *Block) stageListed() {
	rows := make([][]byte, len(b.listed))
	for i := range b.listed {
		rows[i] = b.listed[i].row()
	}
	slices.SortFunc(rows, bytes.Compare)
	for _, row := range rows {
		b.set(row, nil)
	}
}

// Listed returns up to limit keys of the namespaces case and transfer that have a
// state, in the order of the records that gave them their first, and the place of
// each; after is such a place, or empty to begin.
func (s *Snapshot) Listed(after []byte, limit int) (keys []trace.Key, places [][]byte, err error) {
	if _, err := s.store(); err != nil || limit <= 0 {
		return nil, nil, err
	}
	from := append([]byte{rowListed}, after...)
	if len(after) > 0 {
		from = append(from, 0) // the first key behind it
	}
	err = s.between(from, []byte{rowListed + 1}, func(key, _ []byte) (bool, error) {
		place := key[1:]
		ns, id, ok := strings.Cut(string(place[min(8, len(place)):]), "\x00")
		if !ok {
			return false, errRow
		}
		keys = append(keys, trace.Key{NS: trace.Namespace(ns), ID: id})
		places = append(places, bytes.Clone(place))
		return len(keys) < limit, nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("list states: %w", err)
	}
	return keys, places, nil
}
