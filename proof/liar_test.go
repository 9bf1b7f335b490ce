package proof

import (
	"bytes"
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A falsehood is what somebody between a ledger and its reader makes of the
// dossier of the orchard's bag, and why the reader refuses it. They live in the
// files liar…_test.go, one for each kind of liar.
type falsehood struct {
	name   string
	reason Reason
	tell   func(l *liar)
}

// liar has an honest dossier to begin with, all of the ledger to prove things
// from, and every key but the validators' and the members'.
type liar struct {
	*orchard
	t    testing.TB
	d    *Dossier
	data []byte        // set instead of d, where the lie is in the text
	ask  vectorOptions // as the reader asks
	kept *Checkpoint   // what the reader trusts instead of genesis

	hidden map[trace.Key]uint64 // records that prove leaves out of a history
}

func newLiar(t testing.TB) *liar {
	t.Helper()
	l := &liar{orchard: newOrchard(t), t: t, ask: vectorOptions{ID: bag, Direction: trace.Upstream}, hidden: map[trace.Key]uint64{}}
	l.build(bag, BuildOptions{Direction: trace.Upstream})
	return l
}

// build begins with another honest dossier.
func (l *liar) build(id string, o BuildOptions) {
	l.t.Helper()
	d, err := ParseDossier(l.dossier(l.t, id, o))
	if err != nil {
		l.t.Fatal(err)
	}
	l.d = d
}

func (l *liar) text() []byte {
	l.t.Helper()
	if l.data != nil {
		return l.data
	}
	data, err := l.d.Encode()
	if err != nil {
		l.t.Fatal(err)
	}
	return data
}

// key finds a key of the dossier; nil for none.
func (l *liar) key(k trace.Key) *DossierKey {
	for i := range l.d.Keys {
		if l.d.Keys[i].Key() == k {
			return &l.d.Keys[i]
		}
	}
	return nil
}

// record finds a record of the dossier.
func (l *liar) record(seq uint64) *DossierRecord {
	l.t.Helper()
	for i := range l.d.Records {
		if l.d.Records[i].Seq == seq {
			return &l.d.Records[i]
		}
	}
	l.t.Fatalf("the dossier has no record %d", seq)
	return nil
}

// drop removes a key from the dossier.
func (l *liar) drop(k trace.Key) {
	l.t.Helper()
	before := len(l.d.Keys) + len(l.d.Absent)
	l.d.Keys = slices.DeleteFunc(l.d.Keys, func(x DossierKey) bool { return x.Key() == k })
	l.d.Absent = slices.DeleteFunc(l.d.Absent, func(x KeyName) bool { return x.Key() == k })
	if len(l.d.Keys)+len(l.d.Absent) == before {
		l.t.Fatalf("the dossier has no key %v", k)
	}
}

// sayAbsent claims that the ledger has nothing of a key.
func (l *liar) sayAbsent(k trace.Key) {
	l.d.Absent = append(l.d.Absent, KeyName{NS: k.NS, ID: k.ID})
}

// positions are those of a key that the dossier opens.
func positionsOf(k *DossierKey) (at, seqs []uint64) {
	for _, h := range k.History {
		for i, s := range h.Seqs {
			at, seqs = append(at, h.From+uint64(i)), append(seqs, s)
		}
	}
	return at, seqs
}

// forget removes the record from every history and from the dossier.
func (l *liar) forget(seq uint64) {
	for i := range l.d.Keys {
		k := &l.d.Keys[i]
		at, seqs := positionsOf(k)
		for n, s := range seqs {
			if s == seq {
				k.History = ranges(append(slices.Clone(at[:n]), at[n+1:]...), append(slices.Clone(seqs[:n]), seqs[n+1:]...))
				break
			}
		}
	}
	l.d.Records = slices.DeleteFunc(l.d.Records, func(r DossierRecord) bool { return r.Seq == seq })
}

func ranges(at, seqs []uint64) (out []DossierRange) {
	for i := range at {
		if i == 0 || at[i] != at[i-1]+1 {
			out = append(out, DossierRange{From: at[i]})
		}
		last := &out[len(out)-1]
		last.Seqs = append(last.Seqs, seqs[i])
	}
	return out
}

// tidy removes the records that no history holds any more, but for those that
// something else names, and the envelopes that no record is of.
func (l *liar) tidy(but ...uint64) {
	held := map[uint64]bool{}
	for i := range l.d.Keys {
		_, seqs := positionsOf(&l.d.Keys[i])
		for _, s := range seqs {
			held[s] = true
		}
	}
	for _, s := range but {
		held[s] = true
	}
	l.d.Records = slices.DeleteFunc(l.d.Records, func(r DossierRecord) bool { return !held[r.Seq] })
	number := map[int]int{}
	var envelopes []DossierEnvelope
	for i := range l.d.Records {
		r := &l.d.Records[i]
		n, ok := number[r.Envelope]
		if !ok {
			n = len(envelopes)
			number[r.Envelope] = n
			envelopes = append(envelopes, l.d.Envelopes[r.Envelope])
		}
		r.Envelope = n
	}
	l.d.Envelopes = envelopes
}

// prove makes every proof anew that the ledger can give for what the dossier now
// holds: this liar makes no careless mistakes.
func (l *liar) prove() {
	sort := func(k trace.Key) identity.Hash { return MapKey(k) }
	less := func(a, b trace.Key) int { x, y := sort(a), sort(b); return bytes.Compare(x[:], y[:]) }
	slices.SortFunc(l.d.Keys, func(a, b DossierKey) int { return less(a.Key(), b.Key()) })
	slices.SortFunc(l.d.Absent, func(a, b KeyName) int { return less(a.Key(), b.Key()) })
	var asked []identity.Hash
	for i := range l.d.Keys {
		k := &l.d.Keys[i]
		at, _ := positionsOf(k)
		heads := l.heads(k.Key())
		if seq, lying := l.hidden[k.Key()]; lying {
			n := slices.Index(l.history[k.Key()], seq)
			heads = slices.Delete(heads, n, n+1)
		}
		if k.Count > 0 && len(heads) > 0 && (len(at) == 0 || at[len(at)-1] < uint64(len(heads))) {
			_, k.Path = heads.prove(at)
		}
		asked = append(asked, MapKey(k.Key()))
	}
	for i := range l.d.Absent {
		asked = append(asked, MapKey(l.d.Absent[i].Key()))
	}
	l.d.Map, _, _ = l.all.prove(asked)
	var seqs []uint64
	byEnvelope := map[int][]uint64{}
	for _, r := range l.d.Records {
		seqs = append(seqs, r.Seq)
		byEnvelope[r.Envelope] = append(byEnvelope[r.Envelope], uint64(r.Index))
	}
	l.d.Log = nil
	if len(seqs) > 0 {
		_, l.d.Log = l.leaves.prove(seqs)
	}
	for i := range l.d.Envelopes {
		first := slices.IndexFunc(l.d.Records, func(r DossierRecord) bool { return r.Envelope == i })
		path, err := l.RecordsPath(l.infos[l.entries[l.d.Records[first].Seq].Envelope], byEnvelope[i])
		if err != nil {
			l.t.Fatal(err)
		}
		l.d.Envelopes[i].Path = path
	}
}

func allFalsehoods() []falsehood {
	return slices.Concat(omissions(), forgeries(), misplacements(), substitutions(), disagreements())
}

// The lies begin with what verifies, also when the liar proves it anew. The lies
// themselves are told in TestFalseVectors.
func TestLiarsBeginHonestly(t *testing.T) {
	honest := newLiar(t)
	if v := vectorOf(t, honest.book, "honest", honest.text(), honest.ask); !v.Expect.OK {
		t.Fatalf("the honest dossier is refused: %+v", v.Expect)
	}
	honest.prove()
	if v := vectorOf(t, honest.book, "proved again", honest.text(), honest.ask); !v.Expect.OK {
		t.Fatalf("proved again by the liar, the honest dossier is refused: %+v", v.Expect)
	}
}

// falseVectors are dossiers that do not verify, each refused for its own reason.
func falseVectors(t testing.TB) (out []*vector) {
	for _, f := range allFalsehoods() {
		l := newLiar(t)
		f.tell(l)
		v := vectorOf(t, l.book, f.name, l.text(), l.ask)
		if l.kept != nil {
			v.trust(t, l.kept)
		}
		if v.Expect.Reason != f.reason {
			t.Errorf("%s: refused as %q, want %q", f.name, v.Expect.Reason, f.reason)
			_, err := Verify(l.text(), v.options(t))
			t.Log(err)
		}
		out = append(out, v)
	}
	return out
}
