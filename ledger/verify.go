package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// Verify reads the whole ledger as of the last committed height and recomputes
// what it commits to: every record hash, the findings and codes of every
// verdict, the id and signature of every envelope, the order of the entries,
// the log root and the app hash of every height, the tiles, and that every
// history is in order and as long as its key says. The indexes of contents and
// eventIDs and the seqs in the histories are not recomputed, for that takes the
// records' meaning.
//
// It returns the first damage: a *DifferenceError where a recomputed value
// differs, another error where a row cannot be read. Progress, when not nil, is
// told after each height; it must be quick. Blocks are committed meanwhile.
func (l *Ledger) Verify(ctx context.Context, progress func(height, of uint64)) error {
	s := l.Snapshot()
	defer s.Close()
	if s.g == nil {
		return ErrClosed
	}
	if !s.g.genesis {
		return ErrNoGenesis
	}
	v := &verifier{s: s, tree: newTree(), prev: proof.Roots{AppHash: identity.Hash(s.g.network)}}
	if err := v.genesis(); err != nil {
		return fmt.Errorf("verify the ledger: %w", err)
	}
	if err := v.blocks(ctx, progress); err != nil {
		return fmt.Errorf("verify the ledger: %w", err)
	}
	if err := v.histories(ctx); err != nil {
		return fmt.Errorf("verify the ledger: %w", err)
	}
	return nil
}

// verifier recomputes the ledger block by block.
type verifier struct {
	s    *Snapshot
	tree *tree
	prev proof.Roots // of the height before
	next uint64      // seq

	signer identity.Address // of the record before
	key    identity.KeyState

	envelope *proof.EnvelopeInfo // the one whose records are being read
	records  [][]byte
	accepted bool // whether one of them was
}

func (v *verifier) genesis() error {
	doc, err := get(v.s.g.store, metaKey(metaGenesis))
	if err != nil {
		return err
	}
	g, err := identity.ParseGenesis(doc)
	if err != nil {
		return fmt.Errorf("genesis: %w", err)
	}
	return v.same(0, "network", v.s.g.network.String(), g.Network.String())
}

func (v *verifier) same(height uint64, what, ledger, expected string) error {
	if ledger != expected {
		return &DifferenceError{height, what, ledger, expected}
	}
	return nil
}

func (v *verifier) blocks(ctx context.Context, progress func(height, of uint64)) error {
	it, err := v.s.g.store.NewIter(&pebble.IterOptions{LowerBound: []byte{rowBlock}, UpperBound: []byte{rowBlock + 1}})
	if err != nil {
		return fmt.Errorf("blocks: %w", err)
	}
	last := v.s.Roots()
	read := func() error {
		expect := uint64(0)
		for ok := it.First(); ok; ok = it.Next() {
			if err := ctx.Err(); err != nil {
				return err
			}
			height, err := decodeSeq(it.Key()[1:])
			if err != nil {
				return rowError(it.Key(), err)
			}
			if height != expect {
				return &DifferenceError{expect, "block", "missing", "there"}
			}
			expect++
			row, err := unseal(it.Key(), it.Value())
			if err != nil {
				return err
			}
			roots, first, err := decodeBlock(height, row)
			if err != nil {
				return rowError(it.Key(), err)
			}
			if err := v.block(roots, first); err != nil {
				return fmt.Errorf("height %d: %w", height, err)
			}
			if progress != nil {
				progress(height, last.Height)
			}
		}
		if v.prev != last {
			return &DifferenceError{last.Height, "last block", fmt.Sprint(v.prev.Height), fmt.Sprint(last.Height)}
		}
		return it.Error()
	}
	return errors.Join(read(), it.Close())
}

func (v *verifier) block(r proof.Roots, first uint64) error {
	if first != v.next || r.LogSize < first {
		return &DifferenceError{r.Height, "first seq", fmt.Sprint(first), fmt.Sprint(v.next)}
	}
	for ; v.next < r.LogSize; v.next++ {
		if err := v.record(r); err != nil {
			return fmt.Errorf("record %d: %w", v.next, err)
		}
	}
	if v.envelope != nil {
		return &DifferenceError{r.Height, "envelope " + v.envelope.ID.String(), "unfinished", "complete"}
	}
	root, err := v.tree.root()
	if err != nil {
		return err
	}
	if err := v.same(r.Height, "log root", r.LogRoot.String(), root.String()); err != nil {
		return err
	}
	for _, t := range v.tree.full {
		stored, err := get(v.s.g.store, tileKey(t.level, t.index))
		if err != nil {
			return err
		}
		if !bytes.Equal(stored, t.encode()) {
			return &DifferenceError{r.Height, fmt.Sprintf("tile %d/%d", t.level, t.index), "another", "that of the entries"}
		}
	}
	v.tree.full = nil
	// A height without records either changed a state, and then its app hash
	// follows from its own roots, or it left everything as it was.
	expect, previous := v.prev.AppHash, v.prev.Previous
	if r.StateHeight == r.Height {
		expect = proof.AppHash(r.Height, v.prev.AppHash, r.LogSize, r.LogRoot, r.MapRoot)
		previous = v.prev.AppHash
	} else if r.LogSize != first || r.StateHeight != v.prev.StateHeight || r.MapRoot != v.prev.MapRoot {
		return &DifferenceError{r.Height, "state height", fmt.Sprint(r.StateHeight), fmt.Sprint(r.Height)}
	}
	if err := v.same(r.Height, "app hash", r.AppHash.String(), expect.String()); err != nil {
		return err
	}
	if err := v.same(r.Height, "previous app hash", r.Previous.String(), previous.String()); err != nil {
		return err
	}
	v.prev = r
	return nil
}

func (v *verifier) record(r proof.Roots) error {
	l, err := v.s.line(v.next)
	if err != nil {
		return err
	}
	e, err := proof.DecodeEntry(l.entry)
	if err != nil {
		return err
	}
	if e.Height != r.Height || e.Time != r.Time || e.Seq != v.next {
		return &DifferenceError{r.Height, "entry's place",
			fmt.Sprintf("%d/%d/%d", e.Height, e.Time, e.Seq), fmt.Sprintf("%d/%d/%d", r.Height, r.Time, v.next)}
	}
	if err := v.tree.append(proof.LeafHash(l.entry)); err != nil {
		return err
	}
	record, err := v.s.bytes(v.next, l)
	if err != nil {
		return err
	}
	if err := v.same(r.Height, "record hash", identity.RecordHash(record).String(), e.Record.String()); err != nil {
		return err
	}
	hash := identity.Hash(sha256.Sum256(l.findings))
	if err := v.same(r.Height, "findings hash", hash.String(), e.FindingsHash.String()); err != nil {
		return err
	}
	list, err := proof.DecodeFindings(l.findings)
	if err != nil {
		return err
	}
	if codes := proof.Codes(list); !slices.Equal(codes, e.Codes) {
		return &DifferenceError{r.Height, "codes", fmt.Sprint(codes), fmt.Sprint(e.Codes)}
	}
	accepted := !trace.Rejected(list)
	if err := v.indexed(e, l, accepted); err != nil {
		return err
	}
	return v.envelopeOf(e, record, accepted)
}

// indexed checks what no hash covers: the organisation beside the entry, and
// the row that later duplicates are judged by.
func (v *verifier) indexed(e *proof.Entry, l line, accepted bool) error {
	organisation := string(l.organisation)
	if err := v.loadKey(e.Signer); err != nil {
		return err
	}
	if standing, _ := v.key.At(e.Seq); (organisation != "" || accepted) && organisation != standing.Organisation {
		return &DifferenceError{e.Height, "organisation", organisation, standing.Organisation}
	}
	row, _, err := readStored(v.s.g.store, e.Record)
	if err != nil {
		return err
	}
	if row.at != l.at {
		return &DifferenceError{e.Height, "place of the record's bytes", fmt.Sprint(row.at), fmt.Sprint(l.at)}
	}
	if !accepted {
		return nil
	}
	seq, ok := row.find(organisation)
	if ok && seq < e.Seq {
		earlier, err := v.s.Entry(seq)
		if err != nil {
			return err
		}
		ok = earlier.Record == e.Record
	}
	if !ok || seq > e.Seq {
		return &DifferenceError{e.Height, "first acceptance of the record", fmt.Sprint(seq), fmt.Sprint(e.Seq)}
	}
	return nil
}

func (v *verifier) loadKey(signer identity.Address) error {
	if signer == v.signer {
		return nil
	}
	state, err := v.s.State(trace.Key{NS: trace.NSKey, ID: signer.Hex()})
	if err != nil {
		return err
	}
	v.signer, v.key = signer, identity.KeyState{}
	if state != nil {
		if v.key, err = identity.DecodeKeyState(state); err != nil {
			return fmt.Errorf("key %s: %w", signer.Hex(), err)
		}
	}
	return nil
}

// envelopeOf gathers the records of an envelope and checks it with its last.
func (v *verifier) envelopeOf(e *proof.Entry, record []byte, accepted bool) error {
	if v.envelope == nil {
		info, ok, err := v.s.Envelope(e.Envelope)
		if err != nil {
			return err
		}
		if !ok {
			return &DifferenceError{e.Height, "envelope " + e.Envelope.String(), "missing", "there"}
		}
		if info.FirstSeq != e.Seq || info.Height != e.Height || info.Count == 0 {
			return &DifferenceError{e.Height, "envelope's first seq", fmt.Sprint(info.FirstSeq), fmt.Sprint(e.Seq)}
		}
		v.envelope, v.records, v.accepted = &info, nil, false
	}
	info := v.envelope
	if e.Envelope != info.ID || uint64(e.Index) != e.Seq-info.FirstSeq || e.Signer != info.Signer || e.Kind != info.Kind {
		return &DifferenceError{e.Height, "entry's envelope", e.Envelope.String(), info.ID.String()}
	}
	v.records = append(v.records, record)
	v.accepted = v.accepted || accepted
	if len(v.records) < int(info.Count) {
		return nil
	}
	v.envelope = nil
	envelope := identity.NewEnvelope(info.Network, info.Kind, info.Signer, info.NotAfter, v.records)
	envelope.Signature = info.Signature
	if err := v.same(e.Height, "envelope id", envelope.ID().String(), info.ID.String()); err != nil {
		return err
	}
	if err := v.groups(envelope, info.ID); err != nil {
		return err
	}
	if !v.accepted {
		return nil // refused, perhaps because no member has that key
	}
	standing, _ := v.key.At(info.FirstSeq) // of the same signer as the record's
	if err := envelope.Verify(standing.PublicKey); err != nil {
		return &DifferenceError{e.Height, "signature of envelope " + info.ID.String(), err.Error(), "valid"}
	}
	return nil
}

// groups checks the roots of an envelope's groups of records.
func (v *verifier) groups(e *identity.Envelope, id identity.Hash) error {
	key := hashKey(rowEnvelope, id)
	row, err := get(v.s.g.store, key)
	if err != nil {
		return err
	}
	_, groups, err := decodeEnvelope(id, row)
	if err != nil {
		return rowError(key, err)
	}
	hashes := e.RecordHashes()
	for i := 0; i < len(groups)/32; i++ {
		if root := treeRoot(hashes[i*groupLen : (i+1)*groupLen]); !bytes.Equal(root[:], groups[32*i:][:32]) {
			return rowError(key, errRow)
		}
	}
	return nil
}

// histories checks that the histories and the index rows are one to one, that
// each history is dense in n and ascending in seq, and as long as its key says.
func (v *verifier) histories(ctx context.Context) error {
	store := v.s.g.store
	keys, err := store.NewIter(&pebble.IterOptions{LowerBound: []byte{rowIndex}, UpperBound: []byte{rowIndex + 1}})
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	history, err := store.NewIter(&pebble.IterOptions{LowerBound: []byte{rowHistory}, UpperBound: []byte{rowHistory + 1}})
	if err != nil {
		return errors.Join(fmt.Errorf("histories: %w", err), keys.Close())
	}
	read := func() error {
		more := history.First()
		for ok := keys.First(); ok; ok = keys.Next() {
			if err := ctx.Err(); err != nil {
				return err
			}
			row, err := unseal(keys.Key(), keys.Value())
			if err != nil {
				return err
			}
			r, err := parseIndex(bytes.Clone(row))
			if err != nil {
				return rowError(keys.Key(), err)
			}
			x := r.index(trace.Key{NS: trace.Namespace(r.ns), ID: string(r.id)})
			if h := proof.MapKey(x.key); !bytes.Equal(h[:], keys.Key()[1:]) {
				return &DifferenceError{v.prev.Height, "key", fmt.Sprintf("%s %q", x.key.NS, x.key.ID), fmt.Sprintf("%x", keys.Key()[1:])}
			}
			// The rows are made again from the seqs that they hold.
			var again index
			about := fmt.Sprintf("history of %s %q", x.key.NS, x.key.ID)
			var chunks uint64
			walk := func(part []byte) (chunk []byte, err error) {
				seqs, err := decodeSeqs(part)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", about, err)
				}
				for _, seq := range seqs {
					if seq >= v.next || again.count > 0 && seq <= again.last {
						return nil, &DifferenceError{v.prev.Height, about, "out of order", "in order"}
					}
					leaf, err := v.s.log(store).leaf(seq)
					if err != nil {
						return nil, err
					}
					chunk, _, _ = again.append(seq, leaf)
				}
				return chunk, nil
			}
			for ; more && bytes.HasPrefix(history.Key()[1:], keys.Key()[1:]); more = history.Next() {
				if len(history.Key()) != 41 || binary.BigEndian.Uint64(history.Key()[33:]) != chunks {
					return rowError(history.Key(), errRow)
				}
				row, err := unseal(history.Key(), history.Value())
				if err != nil {
					return err
				}
				_, part, err := chunkRow(row)
				if err != nil {
					return rowError(history.Key(), err)
				}
				chunk, err := walk(part)
				if err != nil {
					return err
				}
				if chunks++; !bytes.Equal(chunk, row) {
					return rowError(history.Key(), errRow)
				}
			}
			if _, err := walk(x.tail); err != nil {
				return err
			}
			again.key, again.state = x.key, x.state
			if !bytes.Equal(again.encode(nil), row) {
				return &DifferenceError{v.prev.Height, about, fmt.Sprint(x.count), fmt.Sprint(again.count)}
			}
		}
		if more {
			return rowError(history.Key(), errors.New("history of no key"))
		}
		return errors.Join(keys.Error(), history.Error())
	}
	return errors.Join(read(), keys.Close(), history.Close())
}
