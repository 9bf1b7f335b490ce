package ledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// mapVerifier goes from the committed root of the map down to the I rows, so
// that the first row that is not what the one above it says is the damaged one.
// It meets the I rows and their histories in the order of the store.
type mapVerifier struct {
	ctx   context.Context
	store getter
	log   logView
	keys  *pebble.Iterator // I rows, at the next that no page has led to yet
	parts *pebble.Iterator // H rows, at the first of the next key
	pages map[string]bool  // keys of the N rows
}

// verifyMap checks every page, that every I row is what the map says of its key
// and follows from the entries of its history, and that there are no other rows.
func (v *verifier) verifyMap(ctx context.Context) error {
	store := v.s.g.store
	m := mapVerifier{ctx: ctx, store: store, log: v.s.log(store), pages: map[string]bool{}}
	var err error
	if m.keys, err = store.NewIter(&pebble.IterOptions{LowerBound: []byte{rowIndex}, UpperBound: []byte{rowIndex + 1}}); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if m.parts, err = store.NewIter(&pebble.IterOptions{LowerBound: []byte{rowHistory}, UpperBound: []byte{rowHistory + 1}}); err != nil {
		return errors.Join(fmt.Errorf("histories: %w", err), m.keys.Close())
	}
	return errors.Join(m.run(v.prev.MapRoot), m.keys.Close(), m.parts.Close())
}

func (m *mapVerifier) run(root identity.Hash) error {
	m.keys.First()
	m.parts.First()
	isPage, err := has(m.store, pageKey(0, &identity.Hash{}))
	if err != nil {
		return err
	}
	if _, err := m.part(0, identity.Hash{}, isPage, root); err != nil {
		return err
	}
	for _, rest := range []*pebble.Iterator{m.keys, m.parts} {
		if rest.Valid() {
			return rowError(rest.Key(), errors.New("the map does not lead to it"))
		}
		if err := rest.Error(); err != nil {
			return err
		}
	}
	it, err := m.store.NewIter(&pebble.IterOptions{LowerBound: []byte{rowPage}, UpperBound: []byte{rowPage + 1}})
	if err != nil {
		return fmt.Errorf("pages: %w", err)
	}
	for ok := it.First(); ok; ok = it.Next() {
		if !m.pages[string(it.Key())] {
			return errors.Join(rowError(it.Key(), errors.New("the map does not lead to it")), it.Close())
		}
	}
	return errors.Join(it.Error(), it.Close())
}

// part checks what is beneath a path, and returns how many keys are.
func (m *mapVerifier) part(depth int, path identity.Hash, isPage bool, hash identity.Hash) (keys int, err error) {
	if !isPage {
		return m.bucket(depth, &path, hash)
	}
	p, err := readPage(m.store, depth, &path, hash)
	if err != nil {
		return 0, err
	}
	m.pages[string(pageKey(depth, &path))] = true
	for c := range fanout {
		if p.there>>(fanout+c)&1 == 0 {
			continue
		}
		n, err := m.part(depth+1, childPath(path, depth, c), p.deep>>c&1 == 1, p.nodes[fanout+c])
		if err != nil {
			return 0, err
		}
		keys += n
	}
	if keys <= bucketLen {
		return 0, rowError(pageKey(depth, &path), fmt.Errorf("a page of %d keys", keys))
	}
	return keys, nil
}

// bucket checks the keys beneath a path, which come next.
func (m *mapVerifier) bucket(depth int, path *identity.Hash, hash identity.Hash) (int, error) {
	if err := m.ctx.Err(); err != nil {
		return 0, err
	}
	var b bucket
	for ; m.keys.Valid() && beneath(m.keys.Key()[1:], path, depth); m.keys.Next() {
		key, err := rowHash(m.keys.Key())
		if err != nil {
			return 0, err
		}
		row, err := unseal(m.keys.Key(), m.keys.Value())
		if err != nil {
			return 0, err
		}
		l, err := leafOf(key, row)
		if err != nil {
			return 0, rowError(m.keys.Key(), err)
		}
		if err := m.history(key, row); err != nil {
			return 0, err
		}
		b.leaves = append(b.leaves, kept{leaf: leaf{key, l.Hash()}})
	}
	return len(b.leaves), b.check(depth, path, hash)
}

// history makes the rows of a key again from the seqs that they hold.
func (m *mapVerifier) history(key identity.Hash, row []byte) error {
	about := hashKey(rowIndex, key)
	r, err := parseIndex(row)
	if err != nil {
		return rowError(about, err)
	}
	k := trace.Key{NS: trace.Namespace(r.ns), ID: string(r.id)}
	if proof.MapKey(k) != key {
		return rowError(about, fmt.Errorf("it is of %s %q, which belongs elsewhere", k.NS, k.ID))
	}
	again := index{key: k, state: r.state}
	var chunks uint64
	for ; m.parts.Valid() && bytes.HasPrefix(m.parts.Key()[1:], key[:]); m.parts.Next() {
		part := m.parts.Key()
		value, err := unseal(part, m.parts.Value())
		if err != nil {
			return err
		}
		_, seqs, err := chunkRow(value)
		if err != nil {
			return rowError(part, err)
		}
		chunk, err := m.replay(&again, seqs)
		if err != nil {
			return rowError(part, err)
		}
		if len(part) != 41 || binary.BigEndian.Uint64(part[33:]) != chunks || !bytes.Equal(chunk, value) {
			return rowError(part, fmt.Errorf("the history of %s %q says otherwise", k.NS, k.ID))
		}
		chunks++
	}
	if _, err := m.replay(&again, r.tail); err != nil {
		return rowError(about, err)
	}
	if !bytes.Equal(again.encode(nil), row) {
		return rowError(about, fmt.Errorf("the %d entries of the history of %s %q say otherwise", again.count, k.NS, k.ID))
	}
	return nil
}

// replay appends the entries at these seqs, and returns the last chunk they fill.
func (m *mapVerifier) replay(x *index, list []byte) (chunk []byte, err error) {
	seqs, err := decodeSeqs(list)
	if err != nil {
		return nil, err
	}
	for _, seq := range seqs {
		if seq >= m.log.size || x.count > 0 && seq <= x.last {
			return nil, fmt.Errorf("entry %d is out of order: %w", seq, errRow)
		}
		leaf, err := m.log.leaf(seq)
		if err != nil {
			return nil, err
		}
		if c, _, full := x.append(seq, leaf); full {
			chunk = c
		}
	}
	return chunk, nil
}

// genesisRoot is the root of the map that a genesis document makes.
func genesisRoot(g *identity.Genesis) (identity.Hash, error) {
	states, err := GenesisStates(g)
	if err != nil {
		return identity.Hash{}, err
	}
	var leaves []change
	for _, s := range states {
		x := index{state: s.Bytes}
		key := proof.MapKey(s.Key)
		leaves = append(leaves, change{leaf: leaf{key, x.mapLeaf(key).Hash()}})
	}
	slices.SortFunc(leaves, func(a, b change) int { return bytes.Compare(a.key[:], b.key[:]) })
	// Pages and rows are of no interest: nothing is read, and nothing kept.
	var t trie
	t.root.bucket = &bucket{}
	return t.update(nil, identity.Hash{}, leaves, func([]byte, *pageRow) {})
}
