package testnet_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// liar rewrites one answer. Its methods panic where the answer is not as the
// lie expects; see world.lie.
type liar struct {
	*world
	honest []byte         // what the node answered
	d      *proof.Dossier // what becomes of it
	data   []byte         // sent instead of d, where the lie is in the text

	fixed  map[uint64]bool      // records of d that something else than a history names
	denied map[trace.Key]bool   // keys that are said to be absent, and are there
	hidden map[trace.Key]uint64 // records that are left out of a history
}

// lie is what the liar makes of an honest answer.
func (w *world) lie(f falsehood, honest []byte) (data []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: %v", f.name, r)
		}
	}()
	l := &liar{world: w, honest: honest, denied: map[trace.Key]bool{}, hidden: map[trace.Key]uint64{}}
	l.take(honest)
	f.tell(l)
	if l.data != nil {
		return l.data, nil
	}
	return l.d.Encode()
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func dossierOf(data []byte) *proof.Dossier { return must(proof.ParseDossier(data)) }

// take begins with another answer.
func (l *liar) take(data []byte) {
	l.d, l.fixed = dossierOf(data), map[uint64]bool{}
	for _, r := range l.d.Records {
		l.fixed[r.Seq] = !l.held(r.Seq)
	}
}

// held reports whether a history of the dossier has the record.
func (l *liar) held(seq uint64) bool {
	return slices.ContainsFunc(l.d.Keys, func(k proof.DossierKey) bool {
		_, seqs := positions(&k)
		return slices.Contains(seqs, seq)
	})
}

func (l *liar) key(k trace.Key) *proof.DossierKey {
	i := slices.IndexFunc(l.d.Keys, func(x proof.DossierKey) bool { return x.Key() == k })
	if i < 0 {
		panic(fmt.Sprintf("the dossier has no key %v", k))
	}
	return &l.d.Keys[i]
}

func (l *liar) record(seq uint64) *proof.DossierRecord {
	return &l.d.Records[l.find(func(r *proof.DossierRecord) bool { return r.Seq == seq })]
}

// says is the first record with this text.
func (l *liar) says(text string) *proof.DossierRecord {
	return &l.d.Records[l.find(func(r *proof.DossierRecord) bool { return bytes.Contains(r.Bytes, []byte(text)) })]
}

func (l *liar) find(is func(*proof.DossierRecord) bool) int {
	for i := range l.d.Records {
		if is(&l.d.Records[i]) {
			return i
		}
	}
	panic("the dossier has no such record")
}

// signerOf is the key that the ledger keeps of a record's signer.
func (l *liar) signerOf(r *proof.DossierRecord) *proof.DossierKey {
	return l.key(trace.Key{NS: trace.NSKey, ID: l.d.Envelopes[r.Envelope].Signer.Hex()})
}

// positions are those of a history that the dossier opens, with their seqs.
func positions(k *proof.DossierKey) (at, seqs []uint64) {
	for _, h := range k.History {
		for i, s := range h.Seqs {
			at, seqs = append(at, h.From+uint64(i)), append(seqs, s)
		}
	}
	return at, seqs
}

func ranges(at, seqs []uint64) (out []proof.DossierRange) {
	for i := range at {
		if i == 0 || at[i] != at[i-1]+1 {
			out = append(out, proof.DossierRange{From: at[i]})
		}
		last := &out[len(out)-1]
		last.Seqs = append(last.Seqs, seqs[i])
	}
	return out
}

// drop removes a key.
func (l *liar) drop(k trace.Key) {
	l.key(k)
	l.d.Keys = slices.DeleteFunc(l.d.Keys, func(x proof.DossierKey) bool { return x.Key() == k })
}

// deny says that the ledger holds nothing of a key that it does hold.
func (l *liar) deny(k trace.Key) {
	l.drop(k)
	l.d.Absent = append(l.d.Absent, proof.KeyName{NS: k.NS, ID: k.ID})
	l.denied[k] = true
}

// close removes a record from where a history has it open.
func (l *liar) close(k *proof.DossierKey, seq uint64) (position uint64, was bool) {
	at, seqs := positions(k)
	n := slices.Index(seqs, seq)
	if n < 0 {
		return 0, false
	}
	position = at[n]
	k.History = ranges(slices.Delete(at, n, n+1), slices.Delete(seqs, n, n+1))
	return position, true
}

// forget leaves a record out, and what only it needs.
func (l *liar) forget(seq uint64) {
	for i := range l.d.Keys {
		l.close(&l.d.Keys[i], seq)
	}
	l.prove()
}

// without leaves a record out of a history as if it had never been there.
func (l *liar) without(k trace.Key, seq uint64) {
	x := l.key(k)
	gone, was := l.close(x, seq)
	if !was {
		panic(fmt.Sprintf("%v has no record %d", k, seq))
	}
	at, seqs := positions(x)
	for i := range at {
		if at[i] > gone {
			at[i]--
		}
	}
	x.History, x.Count = ranges(at, seqs), x.Count-1
	l.hidden[k] = seq
	l.prove()
}

// prove removes what nothing needs any more, and makes every proof anew that the
// ledger can give of the rest: this liar makes no careless mistakes.
func (l *liar) prove() {
	l.d.Records = slices.DeleteFunc(l.d.Records, func(r proof.DossierRecord) bool { return !l.fixed[r.Seq] && !l.held(r.Seq) })
	l.arrange()
	var present, absent []identity.Hash
	for i := range l.d.Keys {
		k := &l.d.Keys[i]
		if k.Count > 0 {
			k.Path = l.historyPath(k)
		}
		if _, _, there, err := l.all.Leaf(k.Key()); must(there, err) {
			present = append(present, proof.MapKey(k.Key()))
		}
	}
	for i := range l.d.Absent {
		if k := l.d.Absent[i].Key(); !l.denied[k] {
			absent = append(absent, proof.MapKey(k))
		}
	}
	l.d.Map = must(l.all.MapProof(present, absent))
	seqs := make([]uint64, len(l.d.Records))
	of := make([][]uint64, len(l.d.Envelopes))
	for i, r := range l.d.Records {
		seqs[i] = r.Seq
		of[r.Envelope] = append(of[r.Envelope], uint64(r.Index))
	}
	l.d.Log = must(l.all.LogPath(seqs))
	for i := range l.d.Records {
		r := &l.d.Records[i]
		if at := of[r.Envelope]; at != nil {
			info, _, err := l.all.Envelope(must(l.all.Entry(r.Seq)).Envelope)
			l.d.Envelopes[r.Envelope].Path = must(l.all.RecordsPath(must(info, err), at))
			of[r.Envelope] = nil
		}
	}
}

// arrange puts everything in the order of the format.
func (l *liar) arrange() {
	order := func(a, b trace.Key) int {
		x, y := proof.MapKey(a), proof.MapKey(b)
		return bytes.Compare(x[:], y[:])
	}
	slices.SortFunc(l.d.Keys, func(a, b proof.DossierKey) int { return order(a.Key(), b.Key()) })
	slices.SortFunc(l.d.Absent, func(a, b proof.KeyName) int { return order(a.Key(), b.Key()) })
	slices.SortFunc(l.d.Records, func(a, b proof.DossierRecord) int { return int(a.Seq) - int(b.Seq) })
	number := map[int]int{}
	var envelopes []proof.DossierEnvelope
	for i := range l.d.Records {
		r := &l.d.Records[i]
		n, known := number[r.Envelope]
		if !known {
			n = len(envelopes)
			number[r.Envelope] = n
			envelopes = append(envelopes, l.d.Envelopes[r.Envelope])
		}
		r.Envelope = n
	}
	l.d.Envelopes = envelopes
}

// historyPath is the subset proof of what is open of a history, from which a
// hidden record is missing.
func (l *liar) historyPath(k *proof.DossierKey) (path []identity.Hash) {
	seqs := must(l.all.History(k.Key(), 0, 1<<20))
	if hidden, lying := l.hidden[k.Key()]; lying {
		seqs = slices.DeleteFunc(seqs, func(s uint64) bool { return s == hidden })
	}
	leaves, every := make([]identity.Hash, len(seqs)), make([]uint64, len(seqs))
	for i, s := range seqs {
		leaves[i], every[i] = proof.LeafHash(must(l.all.EntryBytes(s))), uint64(i)
	}
	at, _ := positions(k)
	err := proof.Outside(uint64(len(seqs)), at, func(begin, end uint64) error {
		h, err := proof.RootOf(end-begin, every[:end-begin], leaves[begin:end], nil)
		path = append(path, h)
		return err
	})
	if err != nil && !errors.Is(err, proof.ErrProof) { // a position that there is not cannot be proved
		panic(err)
	}
	return path
}

// sign signs the envelope of a record that is alone in it.
func (l *liar) sign(r *proof.DossierRecord, key *identity.Key) {
	e := &l.d.Envelopes[r.Envelope]
	made := identity.NewEnvelope(l.anchor.Network, e.Kind, key.Address(), e.NotAfter, [][]byte{r.Bytes})
	if err := key.SignEnvelope(made); err != nil {
		panic(err)
	}
	e.Signer, e.Signature = made.Signer, proof.EnvelopeSignature(made.Signature)
}

// elect replaces the validators, and has the new ones sign the block.
func (l *liar) elect() {
	b := &l.d.Checkpoint.Block
	keys := map[identity.ValidatorKey]ed25519.PrivateKey{}
	for i := range b.Validators {
		public, private, err := ed25519.GenerateKey(nil)
		b.Validators[i].Key = identity.ValidatorKey(must(public, err))
		keys[b.Validators[i].Key] = private
	}
	proof.SortValidators(b.Validators)
	b.Header.ValidatorsHash = proof.ValidatorsHash(b.Validators)
	b.Header.NextValidatorsHash = b.Header.ValidatorsHash
	for i := range b.Commit.Signatures {
		s := &b.Commit.Signatures[i]
		s.Validator = uint32(i)
		s.Signature = proof.VoteSignature(ed25519.Sign(keys[b.Validators[i].Key], b.VoteBytes(i)))
	}
}
