package ledger

import (
	"errors"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

func TestGenesisGivesMembersTheirStandingAtHeightZero(t *testing.T) {
	n := newNetwork(t, "")
	l := n.openAt(t, vfs.NewMem())
	r := l.Roots()
	want := proof.AppHash(0, identity.Hash(n.genesis.Network), 0, proof.EmptyLogRoot(), r.MapRoot)
	if r.AppHash != want || r.MapRoot == (identity.Hash{}) || r.LogSize != 0 || l.Network() != n.genesis.Network {
		t.Fatalf("roots %+v", r)
	}
	state, err := l.State(trace.Key{NS: trace.NSKey, ID: n.keys[1].Address().Hex()})
	if err != nil {
		t.Fatal(err)
	}
	k, err := identity.DecodeKeyState(state)
	if err != nil {
		t.Fatal(err)
	}
	if s, ok := k.At(0); !ok || s.Organisation != n.orgs[1] || s.Status != identity.Active {
		t.Fatalf("standing %+v", s)
	}
	for _, key := range []trace.Key{trace.ParametersKey(), trace.PrefixKey("0614141"), {NS: trace.NSOrganisation, ID: n.orgs[0]}} {
		if b, err := l.State(key); err != nil || len(b) == 0 {
			t.Errorf("%v: %x, %v", key, b, err)
		}
	}
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatalf("the same genesis again: %v", err)
	}
	if err := l.InitGenesis(newNetwork(t, "other").genesis); !errors.Is(err, ErrOtherNetwork) {
		t.Fatalf("another genesis: %v", err)
	}
}

func TestBlockIsReadByContractsBeforeAndByReadersAfterCommit(t *testing.T) {
	n := newNetwork(t, "")
	l := n.openAt(t, vfs.NewMem())
	before := l.Snapshot()
	defer before.Close()

	b := begin(t, l)
	e := n.envelope(t, 0, record("a"), record("b"), record("c"))
	seqs := n.appendAll(t, b, 0, e, func(i int) judged {
		v := judged{touches: []trace.Key{item(1), item(i + 10)}, states: []State{{item(i + 10), []byte{1}}},
			contentHash: "ni:///same", eventID: "urn:event"}
		if i == 1 {
			v.findings = rejection
		}
		return v
	})
	if !slices.Equal(seqs, []uint64{0, 1, 2}) {
		t.Fatalf("seqs %v", seqs)
	}
	if seq, ok, err := b.Accepted(n.orgs[0], hashOf(record("c")), "ni:///same"); err != nil || !ok || seq != 2 {
		t.Errorf("staged acceptance: %d %v %v", seq, ok, err)
	}
	if _, ok, _ := b.Accepted(n.orgs[1], hashOf(record("c")), "ni:///same"); ok {
		t.Error("accepted from an organisation that never sent it")
	}
	if _, ok, _ := b.Accepted("", hashOf(record("b")), "ni:///same"); ok {
		t.Error("a refused record is accepted")
	}
	if seq, ok, err := b.SameContent("ni:///same"); err != nil || !ok || seq != 0 {
		t.Errorf("staged content: %d %v %v", seq, ok, err)
	}
	if st, err := b.State(item(12)); err != nil || len(st) != 1 {
		t.Errorf("staged state: %x %v", st, err)
	}
	if st, err := b.State(item(11)); err != nil || st != nil {
		t.Errorf("state of a refused record: %x %v", st, err)
	}
	if st, _ := l.State(item(12)); st != nil {
		t.Error("a reader sees a staged state")
	}
	if h := historyOf(t, l, item(1)); h != nil {
		t.Error("a reader sees a staged record")
	}
	commit(t, b)

	if h, _ := before.History(item(1), 0, 10); h != nil || before.Height() != 0 {
		t.Error("an older snapshot sees the new block")
	}
	s := l.Snapshot()
	defer s.Close()
	for _, c := range []struct {
		key  trace.Key
		from uint64
		want []uint64
	}{
		{item(1), 0, []uint64{0, 2}}, {item(1), 1, []uint64{2}}, {item(1), 3, nil}, {item(10), 0, []uint64{0}},
		{item(11), 0, nil}, {item(11).Refused(), 0, []uint64{1}}, {item(1).Refused(), 0, []uint64{1}}, {item(99), 0, nil},
	} {
		if got, err := s.History(c.key, c.from, 10); err != nil || !slices.Equal(got, c.want) {
			t.Errorf("history of %v from %d: %v, %v; want %v", c.key, c.from, got, err, c.want)
		}
	}
	if got, err := s.ByEventID("urn:event", 10); err != nil || !slices.Equal(got, []uint64{0, 2}) {
		t.Errorf("by eventID: %v %v", got, err)
	}
	r, err := s.Record(1)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Rejected() || string(r.Bytes) != string(record("b")) || r.Organisation != n.orgs[0] || r.Height != 1 ||
		r.Time != (epcis.Instant{Seconds: 1_800_000_001}) || r.Signer != n.keys[0].Address().Hex() {
		t.Errorf("record %+v", r)
	}
	if _, err := s.Record(3); !errors.Is(err, trace.ErrUnknown) {
		t.Errorf("record that is not there: %v", err)
	}
	info, ok, err := s.Envelope(e.ID())
	if err != nil || !ok || info.Count != 3 || info.FirstSeq != 0 || info.Signature != e.Signature || info.Height != 1 {
		t.Errorf("envelope %+v %v %v", info, ok, err)
	}
	if from, to, err := s.BlockSeqs(1); err != nil || from != 0 || to != 3 {
		t.Errorf("block 1 has %d to %d, %v", from, to, err)
	}
	if err := l.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

func hashOf(b []byte) identity.Hash { return identity.RecordHash(b) }

func historyOf(t *testing.T, l *Ledger, k trace.Key) []uint64 {
	t.Helper()
	s := l.Snapshot()
	defer s.Close()
	h, err := s.History(k, 0, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return h
}
