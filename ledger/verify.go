package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// Verify reads the whole ledger as of the last committed height and recomputes
// what it commits to: every record hash, the findings and codes of every
// verdict and the rows of flagged records, the id and signature of every envelope,
// the order of the entries, the log root and the app hash of every height, the map
// root of the first and of the last, and every tile, page and history beneath them.
// Rows that no root answers for are read and checked against themselves. Whether records touch the keys
// that they should, and what the indexes of contents and eventIDs say, takes the
// records' meaning and is left to the node's scrub.
//
// It returns the first damage, naming the row: a *DifferenceError where values
// that follow from each other differ. Progress, when not nil, is told after each
// height; it must be quick. Blocks are committed meanwhile.
func (l *Ledger) Verify(ctx context.Context, progress func(height, of uint64)) error {
	s := l.Snapshot()
	defer s.Close()
	s.lines.kept = nil // what is kept was right when it was read; the store is asked
	if s.g == nil {
		return ErrClosed
	}
	if !s.g.genesis {
		return ErrNoGenesis
	}
	v := &verifier{s: s, tree: newTree(), prev: proof.Roots{AppHash: identity.Hash(s.g.network)}}
	for _, check := range []func() error{
		v.genesis,
		func() error { return v.blocks(ctx, progress) },
		func() error { return v.verifyMap(ctx) },
		func() error { return v.others(ctx) },
		func() error { return v.flags(ctx) },
	} {
		if err := check(); err != nil {
			return fmt.Errorf("verify the ledger: %w", err)
		}
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
	if err := v.same(0, "network", v.s.g.network.String(), g.Network.String()); err != nil {
		return err
	}
	root, err := genesisRoot(g)
	if err != nil {
		return fmt.Errorf("genesis: %w", err)
	}
	first, _, err := v.s.Block(0)
	if err != nil {
		return err
	}
	return v.same(0, "map root", first.MapRoot.String(), root.String())
}

// others reads the rows that nothing else has led to, of which there may be any
// number: each answers for itself.
func (v *verifier) others(ctx context.Context) error {
	for _, kind := range []byte{rowBytes, rowContent, rowEvent, rowListed, rowFlagged, rowForward, rowMeta, rowTile, rowEnvelope} {
		it, err := v.s.g.store.NewIter(&pebble.IterOptions{LowerBound: []byte{kind}, UpperBound: []byte{kind + 1}})
		if err != nil {
			return fmt.Errorf("rows %c: %w", kind, err)
		}
		for ok := it.First(); ok && err == nil; ok = it.Next() {
			if _, err = unseal(it.Key(), it.Value()); err == nil {
				err = ctx.Err()
			}
		}
		if err := errors.Join(err, it.Error(), it.Close()); err != nil {
			return err
		}
	}
	return nil
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
	if root != r.LogRoot {
		return errors.Join(v.changed(first), v.same(r.Height, "log root", r.LogRoot.String(), root.String()))
	}
	for _, t := range v.tree.full {
		stored, err := get(v.s.g.store, tileKey(t.level, t.index))
		if err != nil {
			return err
		}
		if !bytes.Equal(stored, t.encode()) {
			return rowError(tileKey(t.level, t.index), fmt.Errorf("the entries say otherwise: %w", errRow))
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

// changed names the first entry, from seq on, that is not the one in the tiles.
func (v *verifier) changed(seq uint64) error {
	for ; seq < v.next; seq++ {
		b, err := v.s.EntryBytes(seq)
		if err != nil {
			return err
		}
		leaf, err := v.s.log(v.s.g.store).leaf(seq)
		if err != nil {
			return err
		}
		if leaf != proof.LeafHash(b) {
			return rowError(seqKey(rowEntry, seq), errRow)
		}
	}
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
	if err := v.flag(e, list); err != nil {
		return err
	}
	accepted := !trace.Rejected(list)
	if err := v.indexed(e, l, accepted); err != nil {
		return err
	}
	return v.envelopeOf(e, record, accepted)
}

// indexed checks what no hash covers: the organisation beside the entry, and
// the row that later duplicates are judged by. That of a record without one is the
// row of its content, which takes the record's meaning.
func (v *verifier) indexed(e *proof.Entry, l line, accepted bool) error {
	organisation := string(l.organisation)
	if err := v.loadKey(e.Signer); err != nil {
		return err
	}
	if standing, _ := v.key.At(e.Seq); (organisation != "" || accepted) && organisation != standing.Organisation {
		return &DifferenceError{e.Height, "organisation", organisation, standing.Organisation}
	}
	row, known, err := readStored(v.s.g.store, e.Record)
	switch {
	case err != nil:
		return err
	case !known && e.Kind == string(epcis.KindEvent) && accepted == (l.at == e.Seq):
		return nil // the first with its content, or refused as the same again
	case !known:
		return &DifferenceError{e.Height, "row of the record's bytes", "missing", "there"}
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
		if root := identity.TreeRoot(hashes[i*groupLen : (i+1)*groupLen]); !bytes.Equal(root[:], groups[32*i:][:32]) {
			return rowError(key, errRow)
		}
	}
	return nil
}
