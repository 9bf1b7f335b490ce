package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
	"pgregory.net/rapid"
)

// model is the ledger kept naively in memory.
type model struct {
	orgs      []string
	entries   [][]byte
	bytes     [][]byte
	histories map[trace.Key][]uint64
	states    map[trace.Key]string
	accepted  map[string]uint64 // organisation + record, and record alone
	content   map[string]uint64
	events    map[string][]uint64
	flagged   []uint64
	roots     []proof.Roots // by height
}

// naiveRoot is RFC 6962, section 2.1, word for word.
func naiveRoot(entries [][]byte) identity.Hash {
	switch n := len(entries); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, entries[0]...))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		l, r := naiveRoot(entries[:k]), naiveRoot(entries[k:])
		return sha256.Sum256(slices.Concat([]byte{1}, l[:], r[:]))
	}
}

// naiveAppHash follows the table of formats by itself.
func naiveAppHash(height uint64, prev identity.Hash, size uint64, log, keys identity.Hash) identity.Hash {
	b := binary.BigEndian.AppendUint64([]byte{0x15}, height)
	b = binary.BigEndian.AppendUint64(append(b, prev[:]...), size)
	b = append(append(b, log[:]...), keys[:]...)
	return sha256.Sum256(b)
}

// naiveMap is the root of the map by its definition: leaf hashes by map key, no
// order, no pages.
func naiveMap(leaves map[identity.Hash]identity.Hash, bit int) identity.Hash {
	switch len(leaves) {
	case 0:
		return identity.Hash{}
	case 1:
		for _, h := range leaves {
			return h
		}
	}
	var side [2]map[identity.Hash]identity.Hash
	side[0], side[1] = map[identity.Hash]identity.Hash{}, map[identity.Hash]identity.Hash{}
	for k, h := range leaves {
		side[k[bit/8]>>(7-bit%8)&1][k] = h
	}
	if len(side[0]) == 0 || len(side[1]) == 0 {
		return naiveMap(leaves, bit+1)
	}
	l, r := naiveMap(side[0], bit+1), naiveMap(side[1], bit+1)
	return sha256.Sum256(slices.Concat([]byte{0x11, byte(bit)}, l[:], r[:]))
}

// naiveLeaf follows the table of formats by itself.
func naiveLeaf(k trace.Key, entries [][]byte, state string) (key, leaf identity.Hash) {
	b := binary.BigEndian.AppendUint16([]byte{0x13}, uint16(len(k.NS)))
	key = sha256.Sum256(append(append(b, k.NS...), k.ID...))
	head, states := naiveRoot(entries), sha256.Sum256(append([]byte{0x14}, state...))
	b = binary.BigEndian.AppendUint64(append([]byte{0x10}, key[:]...), uint64(len(entries)))
	return key, sha256.Sum256(slices.Concat(b, head[:], states[:]))
}

func (m *model) mapRoot() identity.Hash {
	leaves := map[identity.Hash]identity.Hash{}
	for k, seqs := range m.histories {
		var entries [][]byte
		for _, seq := range seqs {
			entries = append(entries, m.entries[seq])
		}
		key, leaf := naiveLeaf(k, entries, m.states[k])
		leaves[key] = leaf
	}
	for k, state := range m.states {
		if _, ok := m.histories[k]; !ok {
			key, leaf := naiveLeaf(k, nil, state)
			leaves[key] = leaf
		}
	}
	return naiveMap(leaves, 0)
}

func (m *model) compare(t *rapid.T, s *Snapshot) {
	if got, want := s.Roots(), m.roots[len(m.roots)-1]; got != want {
		t.Fatalf("roots %+v, want %+v", got, want)
	}
	for k, want := range m.histories {
		got, err := s.History(k, 0, 1<<20)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("history of %v: %v, %v; want %v", k, got, err, want)
		}
		from, limit := want[len(want)/2]+1, 1+len(want)/3
		i, _ := slices.BinarySearch(want, from)
		want = want[i:]
		want = want[:min(len(want), limit)]
		if got, err = s.History(k, from, limit); err != nil || !slices.Equal(got, want) {
			t.Fatalf("history of %v from %d, at most %d: %v, %v; want %v", k, from, limit, got, err, want)
		}
	}
	for k, want := range m.states {
		if got, err := s.State(k); err != nil || string(got) != want {
			t.Fatalf("state of %v: %q, %v; want %q", k, got, err, want)
		}
	}
	for id, want := range m.events {
		if got, err := s.ByEventID(id, 1<<20); err != nil || !slices.Equal(got, want) {
			t.Fatalf("event %s: %v, %v; want %v", id, got, err, want)
		}
		few := 1 + len(want)/2
		if got, err := s.ByEventID(id, few); err != nil || !slices.Equal(got, want[:few]) {
			t.Fatalf("event %s, at most %d: %v, %v; want %v", id, few, got, err, want[:few])
		}
		for seq := range uint64(len(m.bytes)) {
			if is, err := s.IsEvent(seq, id); err != nil || is != slices.Contains(want, seq) {
				t.Fatalf("record %d is event %s: %v, %v; want %v", seq, id, is, err, want)
			}
		}
	}
	for hash, want := range m.content {
		if got, ok, err := s.SameContent(hash); err != nil || !ok || got != want {
			t.Fatalf("content %s: %d %v %v; want %d", hash, got, ok, err, want)
		}
	}
	if got, err := s.Flagged(0, 1<<20); err != nil || !slices.Equal(got, m.flagged) {
		t.Fatalf("flagged: %v, %v; want %v", got, err, m.flagged)
	}
	if some := len(m.flagged) / 2; some > 0 {
		if got, err := s.Flagged(m.flagged[some-1]+1, some); err != nil || !slices.Equal(got, m.flagged[some:2*some]) {
			t.Fatalf("flagged from %d, at most %d: %v, %v; want %v", m.flagged[some-1]+1, some, got, err, m.flagged[some:2*some])
		}
	}
	for i, want := range m.bytes {
		r, err := s.Record(uint64(i))
		if err != nil || !bytes.Equal(r.Bytes, want) {
			t.Fatalf("record %d: %v", i, err)
		}
		for _, org := range append(m.orgs, "") {
			want, is := m.accepted[org+string(r.Bytes)]
			if got, ok, err := s.Accepted(org, identity.RecordHash(r.Bytes), contentOf(r.Bytes)); err != nil || ok != is || got != want {
				t.Fatalf("record %d accepted from %q: %d %v %v; want %d %v", i, org, got, ok, err, want, is)
			}
		}
	}
}

// TestLedgerIsItsModel plays random blocks, some discarded, some empty, some
// across a restart, against the model.
func TestLedgerIsItsModel(t *testing.T) {
	n := newNetwork(t, "")
	rapid.Check(t, func(rt *rapid.T) {
		fs := vfs.NewMem()
		l := open(t, fs)
		defer func() {
			if err := l.Close(); err != nil {
				rt.Fatal(err)
			}
		}()
		if err := l.InitGenesis(n.genesis); err != nil {
			rt.Fatal(err)
		}
		m := &model{orgs: n.orgs, histories: map[trace.Key][]uint64{}, states: map[trace.Key]string{}, accepted: map[string]uint64{},
			content: map[string]uint64{}, events: map[string][]uint64{}, roots: []proof.Roots{l.Roots()}}
		states, err := GenesisStates(n.genesis)
		if err != nil {
			rt.Fatal(err)
		}
		for _, s := range states {
			m.states[s.Key] = string(s.Bytes)
		}
		if root := m.mapRoot(); m.roots[0].MapRoot != root {
			rt.Fatalf("map root of genesis %s, want %s", m.roots[0].MapRoot, root)
		}
		unique := 0
		for range rapid.IntRange(1, 8).Draw(rt, "blocks") {
			if rapid.IntRange(0, 9).Draw(rt, "discard") == 0 {
				b := begin(t, l)
				n.appendAll(t, b, 0, n.envelope(t, 0, record("dropped")), func(int) judged {
					return judged{touches: []trace.Key{item(0)}, states: []State{{item(0), []byte("dropped")}}}
				})
				if rapid.Bool().Draw(rt, "with roots") { // what the map learned of it is forgotten
					if _, err := b.Roots(); err != nil {
						rt.Fatal(err)
					}
				}
				b.Discard()
			}
			if rapid.Bool().Draw(rt, "rows forgotten") {
				l.rows = rows{} // then they come out of the map's memory, or from the store
			}
			b := begin(t, l)
			changed := false
			for range rapid.SampledFrom([]int{0, 1, 3}).Draw(rt, "envelopes") {
				who := rapid.IntRange(0, 1).Draw(rt, "member")
				var records [][]byte
				for range rapid.SampledFrom([]int{1, 2, 70, 300}).Draw(rt, "records") {
					unique++
					name := fmt.Sprint("r", unique)
					if rapid.IntRange(0, 4).Draw(rt, "same") == 0 {
						name = "same"
					}
					records = append(records, record(name))
				}
				// The nonce keeps envelopes of the same records apart.
				e := n.envelope(t, who, records...)
				e.NotAfter += uint64(unique)
				if err := n.keys[who].SignEnvelope(e); err != nil {
					rt.Fatal(err)
				}
				seed := rapid.Uint64().Draw(rt, "verdicts")
				n.appendAll(t, b, who, e, func(i int) judged { return m.judge(n.orgs[who], seed+uint64(i)*7919, e.Records[i]) })
				changed = true
			}
			// Staged state is what the next record is judged against.
			for k, want := range m.states {
				if got, err := b.State(k); err != nil || string(got) != want {
					rt.Fatalf("staged state of %v: %q, %v; want %q", k, got, err, want)
				}
			}
			for _, org := range append(n.orgs, "") {
				want, ok := m.accepted[org+string(record("same"))]
				got, is, err := b.Accepted(org, hashOf(record("same")), contentOf(record("same")))
				if err != nil || is != ok || got != want {
					rt.Fatalf("accepted from %q: %d %v %v; want %d %v", org, got, is, err, want, ok)
				}
			}
			prev := m.roots[len(m.roots)-1]
			want := prev
			want.Height++
			want.Time = (1_800_000_000 + int64(want.Height)) * 1e9
			roots, err := b.Roots()
			if err != nil {
				rt.Fatal(err)
			}
			commit(t, b)
			s := l.Snapshot()
			if changed {
				for seq := prev.LogSize; seq < uint64(len(m.bytes)); seq++ {
					e, err := s.EntryBytes(seq)
					if err != nil {
						rt.Fatal(err)
					}
					m.entries = append(m.entries, e)
				}
				want.LogSize, want.LogRoot, want.StateHeight = uint64(len(m.bytes)), naiveRoot(m.entries), want.Height
				want.Previous = prev.AppHash
				want.MapRoot = m.mapRoot()
				want.AppHash = naiveAppHash(want.Height, prev.AppHash, want.LogSize, want.LogRoot, want.MapRoot)
			}
			if roots != want {
				rt.Fatalf("roots %+v, want %+v", roots, want)
			}
			m.roots = append(m.roots, want)
			m.compare(rt, s)
			s.Close()
			if rapid.IntRange(0, 3).Draw(rt, "restart") == 0 {
				if err := l.Close(); err != nil {
					rt.Fatal(err)
				}
				l = open(t, fs)
				if l.Roots() != want {
					rt.Fatalf("after a restart %+v, want %+v", l.Roots(), want)
				}
			}
		}
		m.prove(rt, l)
		if err := l.Verify(t.Context(), nil); err != nil {
			rt.Fatal(err)
		}
	})
}

// contentOf is the content that a record has: several share one.
func contentOf(record []byte) string { return fmt.Sprint("content", identity.RecordHash(record)[0]%11) }

// judge makes up a verdict and applies it to the model.
func (m *model) judge(org string, seed uint64, record []byte) judged {
	seq := uint64(len(m.bytes))
	m.bytes = append(m.bytes, record)
	v := judged{
		touches:     []trace.Key{item(int(seed % 5)), item(5 + int(seed/5%50))},
		states:      []State{{item(int(seed % 3)), fmt.Append(nil, seed)}},
		contentHash: contentOf(record), eventID: fmt.Sprint("event", seed%11+seed/7%2),
	}
	if seed%2 == 0 {
		v.eventID = contentOf(record)
	}
	if seed%4 == 0 {
		v.findings = slices.Concat(flagging, rejection)
		for _, k := range v.touches {
			m.histories[k.Refused()] = append(m.histories[k.Refused()], seq)
		}
		return v
	}
	for _, k := range v.touches {
		m.histories[k] = append(m.histories[k], seq)
	}
	m.states[v.states[0].Key] = string(v.states[0].Bytes)
	for _, k := range []string{org + string(record), string(record)} {
		if _, ok := m.accepted[k]; !ok {
			m.accepted[k] = seq
		}
	}
	if _, ok := m.content[v.contentHash]; !ok {
		m.content[v.contentHash] = seq
	}
	m.events[v.eventID] = append(m.events[v.eventID], seq)
	if seed%4 == 1 {
		v.findings = flagging
		m.flagged = append(m.flagged, seq)
	}
	return v
}

// prove checks proofs between random places and heights.
func (m *model) prove(t *rapid.T, l *Ledger) {
	s := l.Snapshot()
	defer s.Close()
	for range 20 {
		to := m.roots[rapid.IntRange(0, len(m.roots)-1).Draw(t, "to")]
		if to.LogSize == 0 {
			continue
		}
		seq := rapid.Uint64Range(0, to.LogSize-1).Draw(t, "seq")
		path, err := s.InclusionProof(seq, to.LogSize)
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyInclusion(m.entries[seq], seq, to.LogSize, path, to.LogRoot); err != nil {
			t.Fatalf("record %d in %d: %v", seq, to.LogSize, err)
		}
		from := m.roots[rapid.IntRange(0, int(to.Height)).Draw(t, "from")]
		if path, err = s.ConsistencyProof(from.LogSize, to.LogSize); err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyConsistency(from.LogSize, to.LogSize, path, from.LogRoot, to.LogRoot); err != nil {
			t.Fatalf("%d continues %d: %v", to.LogSize, from.LogSize, err)
		}
	}
}

// The tiles of a log past two levels, rebuilt at start, and proofs through
// them.
func TestLogOfManyTilesIsReadBackAndProved(t *testing.T) {
	const size = tileWidth*tileWidth + 3*tileWidth + 77
	store := open(t, vfs.NewMem())
	defer store.Close()
	grown := newTree()
	leaf := func(seq uint64) (identity.Hash, error) { return proof.LeafHash(fmt.Append(nil, seq)), nil }
	for i := range uint64(size) {
		h, _ := leaf(i)
		if err := grown.append(h); err != nil {
			t.Fatal(err)
		}
	}
	for _, tile := range grown.full {
		key := tileKey(tile.level, tile.index)
		if err := store.db.Set(key, seal(key, tile.encode()), nil); err != nil {
			t.Fatal(err)
		}
	}
	loaded, err := loadTree(store.db, size, leaf)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := grown.root()
	if got, _ := loaded.root(); got != want {
		t.Fatalf("root %s, want %s", got, want)
	}
	s := Snapshot{ledger: store, g: &generation{store: store.db.NewSnapshot(), roots: proof.Roots{LogSize: size}, edge: loaded.edge}}
	defer s.g.store.Close()
	for seq := uint64(0); seq < size; seq += 997 {
		path, err := s.InclusionProof(seq, size)
		if err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyInclusion(fmt.Append(nil, seq), seq, size, path, want); err != nil {
			t.Fatalf("record %d: %v", seq, err)
		}
	}
	if _, err := s.InclusionProof(size, size); err == nil {
		t.Error("a proof of a record that is not there")
	}
}

func TestGoldenRoots(t *testing.T) {
	n := newNetwork(t, "golden")
	l := n.openAt(t, vfs.NewMem())
	got := fmt.Sprintf("0 %s\n", l.Roots().AppHash)
	for h, e := range []*identity.Envelope{n.envelope(t, 0, record("a"), record("b")), nil, n.envelope(t, 1, record("a"), record("c"), record("d")), n.envelope(t, 1, record("e"))} {
		b := begin(t, l)
		if e != nil {
			n.appendAll(t, b, h/2, e, func(i int) judged {
				if h == 3 {
					return judged{touches: []trace.Key{item(9)}, findings: flagging, contentHash: "content of " + string(e.Records[i])}
				}
				v := judged{touches: []trace.Key{item(i), item(9)}, contentHash: "content of " + string(e.Records[i])}
				if i == 2 {
					v.findings = rejection
				}
				return v
			})
		}
		commit(t, b)
		got += fmt.Sprintf("%d %s %s\n", l.Roots().Height, l.Roots().LogRoot, l.Roots().AppHash)
	}
	golden(t, "roots.txt", got)
	var rows bytes.Buffer
	it, err := l.db.NewIter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for ok := it.First(); ok; ok = it.Next() {
		if it.Key()[0] != rowEntry {
			fmt.Fprintf(&rows, "%c %x %x\n", it.Key()[0], it.Key()[1:], it.Value())
			continue
		}
		// How it is compressed is the library's matter.
		u, err := unpack(binary.BigEndian.Uint64(it.Key()[1:]), it.Value()[:len(it.Value())-sumBytes])
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&rows, "E %x\n", it.Key()[1:])
		for i := range u.lines {
			fmt.Fprintf(&rows, "  %x\n", u.lines[i].encode(nil))
		}
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	golden(t, "rows.txt", rows.String())
}

// A chain with refusals, states, empty blocks and pages gives these roots for
// ever.
func TestGoldenChain(t *testing.T) {
	l := open(t, vfs.NewMem())
	s := script{newNetwork(t, "golden"), 3, 16}
	s.play(t, l)
	var chain bytes.Buffer
	for _, r := range rootsOf(t, l) {
		fmt.Fprintf(&chain, "%d entries %d log %s map %s app hash %s\n", r.Height, r.LogSize, r.LogRoot, r.MapRoot, r.AppHash)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	golden(t, "chain.txt", chain.String())
}
