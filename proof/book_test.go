package proof

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// book is a ledger in memory, made as slowly and plainly as the formats are
// written down. It is the prover of the tests, and judges nothing: a record is
// refused when the test says so.
type book struct {
	chain    *chain
	keys     map[string]*identity.Key // by organisation
	entries  []*Entry
	recorded []*trace.Recorded
	leaves   tree // of the log
	infos    map[identity.Hash]EnvelopeInfo
	sealed   map[identity.Hash]*identity.Envelope
	history  map[trace.Key][]uint64
	states   map[trace.Key][]byte
	height   uint64
	time     epcis.Instant
	roots    Roots

	leaf map[trace.Key]MapLeaf // of roots; nil after a record
	all  trie
}

var _ Prover = (*book)(nil)

// newBook is a ledger at genesis, whose members are these organisations.
func newBook(t testing.TB, at string, names map[string]string) *book {
	t.Helper()
	return newBookOf(t, at, names, validators(10, "a", "b", "c", "d"))
}

// newBookOf is newBook with genesis listing these validators: the chain's, in any order.
func newBookOf(t testing.TB, at string, names map[string]string, listed []identity.Validator) *book {
	t.Helper()
	b := &book{
		chain: newChain(t), keys: map[string]*identity.Key{}, infos: map[identity.Hash]EnvelopeInfo{}, sealed: map[identity.Hash]*identity.Envelope{},
		history: map[trace.Key][]uint64{}, states: map[trace.Key][]byte{}, time: instant(t, at),
	}
	var members []identity.Organisation
	for i, id := range sorted(names) {
		b.keys[id] = testKey(t, i+1)
		members = append(members, identity.Organisation{ID: id, Name: names[id], Country: "DE", Roles: []identity.Role{identity.Producer},
			Keys: []string{identity.FormatPublicKey(b.keys[id].PublicKey())}})
	}
	doc, err := json.Marshal(map[string]any{
		"genesis_time": at, "chain_id": "", "initial_height": "1", "validators": genesisValidators(listed),
		"app_state": map[string]any{"organisations": members, "parameters": identity.DefaultParameters()},
	})
	if err != nil {
		t.Fatal(err)
	}
	if doc, err = identity.SealGenesis(doc); err != nil {
		t.Fatal(err)
	}
	if b.chain.genesis, err = identity.ParseGenesis(doc); err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		b.states[trace.Key{NS: trace.NSOrganisation, ID: m.ID}] = identity.OrganisationState{Intervals: []identity.Interval[identity.OrganisationStanding]{
			{Value: identity.OrganisationStanding{Status: identity.Active, Organisation: m}}}}.Encode()
		b.register(b.keys[m.ID], m.ID, 0, nil)
	}
	b.states[trace.ParametersKey()] = b.chain.genesis.Parameters.Encode()
	b.roots = Roots{AppHash: identity.Hash(b.chain.genesis.Network)}
	return b
}

func genesisValidators(vs []identity.Validator) (out []any) {
	for _, v := range vs {
		out = append(out, map[string]any{"pub_key": map[string]any{"type": "tendermint/PubKeyEd25519", "value": base64Of(v.Key[:])}, "power": fmt.Sprint(v.Power)})
	}
	return out
}

func sorted[V any](m map[string]V) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func testKey(t testing.TB, n int) *identity.Key {
	t.Helper()
	k, err := identity.ParseKey(fmt.Sprintf("%064x", n))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func instant(t testing.TB, s string) epcis.Instant {
	t.Helper()
	i, err := epcis.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// register writes the standing of a key: active in [from, to), revoked after.
func (b *book) register(k *identity.Key, organisation string, from uint64, to *uint64) {
	standing := identity.KeyStanding{Status: identity.Active, Organisation: organisation, PublicKey: k.PublicKey()}
	s := identity.KeyState{Intervals: []identity.Interval[identity.KeyStanding]{{FromSeq: from, ToSeq: to, Value: standing}}}
	if to != nil {
		standing.Status = identity.Revoked
		s.Intervals = append(s.Intervals, identity.Interval[identity.KeyStanding]{FromSeq: *to, Value: standing})
	}
	b.states[trace.Key{NS: trace.NSKey, ID: k.Address().Hex()}] = s.Encode()
}

// compromise has the revocation of a key say since when it was compromised.
func (b *book) compromise(k *identity.Key, since int64) {
	key := trace.Key{NS: trace.NSKey, ID: k.Address().Hex()}
	s, err := identity.DecodeKeyState(b.states[key])
	if err != nil {
		panic(err)
	}
	s.Intervals[len(s.Intervals)-1].Value.CompromisedSince = &since
	b.states[key] = s.Encode()
}

// suspend has the standing of an organisation end with the last record.
func (b *book) suspend(t testing.TB, organisation string) {
	t.Helper()
	k := trace.Key{NS: trace.NSOrganisation, ID: organisation}
	s, err := identity.DecodeOrganisationState(b.states[k])
	if err != nil {
		t.Fatal(err)
	}
	from := uint64(len(b.entries))
	s.Intervals[0].ToSeq = &from
	suspended := s.Intervals[0].Value
	suspended.Status = identity.Suspended
	s.Intervals = append(s.Intervals, identity.Interval[identity.OrganisationStanding]{FromSeq: from, Value: suspended})
	b.states[k] = s.Encode()
}

// at moves block time on.
func (b *book) at(t testing.TB, when string) *book {
	if next := instant(t, when); b.time.Before(next) {
		b.time = next
	}
	return b
}

// block appends one block with one envelope of these records, and returns the
// first seq.
func (b *book) block(t testing.TB, organisation string, kind epcis.Kind, records ...string) uint64 {
	t.Helper()
	return b.judged(t, b.keys[organisation], organisation, kind, nil, records...)
}

// refuse appends records that the contracts refuse.
func (b *book) refuse(t testing.TB, organisation string, kind epcis.Kind, records ...string) uint64 {
	t.Helper()
	return b.judged(t, b.keys[organisation], organisation, kind, []trace.Finding{{Severity: trace.Reject, Rule: "C1", Version: 1, Code: 101,
		Title: "it exists already", Facts: []trace.Fact{{Name: "birth", Value: "record 0", Seq: seq(0)}}}}, records...)
}

func (b *book) judged(t testing.TB, key *identity.Key, organisation string, kind epcis.Kind, findings []trace.Finding, records ...string) uint64 {
	t.Helper()
	b.height++
	first := uint64(len(b.entries))
	var bodies [][]byte
	for _, r := range records {
		bodies = append(bodies, []byte(r))
	}
	e := identity.NewEnvelope(b.chain.genesis.Network, string(kind), key.Address(), uint64(b.time.Seconds+3600), bodies)
	if err := key.SignEnvelope(e); err != nil {
		t.Fatal(err)
	}
	id := e.ID()
	b.sealed[id] = e
	b.infos[id] = EnvelopeInfo{ID: id, Network: e.Network, Kind: e.Kind, Signer: e.Signer, NotAfter: e.NotAfter, Signature: e.Signature,
		FirstSeq: first, Count: uint32(len(bodies)), Height: b.height}
	for i, body := range bodies {
		s := uint64(len(b.entries))
		r, err := epcis.Decode(kind, body)
		findings := findings
		if err == nil && findings == nil {
			findings = binding(r)
		}
		entry := &Entry{Height: b.height, Time: b.time.UnixNano(), Seq: s, Envelope: id, Index: uint32(i), Kind: e.Kind, Signer: e.Signer,
			Record: identity.RecordHash(body), Codes: Codes(findings), FindingsHash: FindingsHash(findings)}
		rec := &trace.Recorded{Seq: s, Height: b.height, Time: b.time, Kind: kind, Signer: e.Signer.Hex(), Organisation: organisation,
			Envelope: id, Index: uint32(i), Findings: findings, Bytes: body}
		b.entries, b.recorded, b.leaves = append(b.entries, entry), append(b.recorded, rec), append(b.leaves, LeafHash(entry.Encode()))
		if err != nil {
			if !rec.Rejected() {
				t.Fatalf("%v\n%s", err, body)
			}
			continue
		}
		for _, k := range trace.Touches(r) {
			if rec.Rejected() {
				k = k.Refused()
			}
			b.history[k] = append(b.history[k], s)
		}
		if m := r.MasterData; m != nil && !rec.Rejected() {
			if k := trace.MasterDataKey(m); trace.KeepsDescription(k.NS) {
				b.states[k] = mustMarshal(trace.DescriptionState{Seq: s, Organisation: organisation, Name: m.Name})
			}
		}
	}
	b.commit()
	return first
}

// binding is what rule K5 finds of a recall by who may recall what it names.
func binding(r *epcis.Record) []trace.Finding {
	const recalled = epcis.NamespaceCBV + "Disp-recalled"
	if r.Event == nil || r.Event.Correction != nil || r.Event.Disposition != recalled && !slices.Contains(r.Event.Set, recalled) {
		return nil
	}
	f := trace.Finding{Severity: trace.Lock, Rule: "K5", Version: 1, Code: trace.CodeRecalled, Title: "recalled"}
	for _, k := range trace.Touches(r) {
		if ns, id, _ := strings.Cut(k.ID, ":"); k.NS == trace.NSRecall {
			f.Facts = append(f.Facts, trace.Fact{Name: ns, Value: id})
		}
	}
	return []trace.Finding{f}
}

// commit computes the roots of the height, all anew.
func (b *book) commit() {
	b.leaf = map[trace.Key]MapLeaf{}
	var all []MapLeaf
	add := func(k trace.Key) {
		if _, known := b.leaf[k]; known {
			return
		}
		b.leaf[k] = MapLeaf{Key: MapKey(k), Count: uint64(len(b.history[k])), Head: b.heads(k).root(), State: StateHash(b.states[k])}
		all = append(all, b.leaf[k])
	}
	for k := range b.history {
		add(k)
	}
	for k := range b.states {
		add(k)
	}
	b.all = newTrie(all)
	r := Roots{Height: b.height, Time: b.time.UnixNano(), LogSize: uint64(len(b.entries)), LogRoot: b.leaves.root(), MapRoot: b.all.root(),
		Previous: b.roots.AppHash, StateHeight: b.height}
	r.AppHash = AppHash(r.StateHeight, r.Previous, r.LogSize, r.LogRoot, r.MapRoot)
	b.roots = r
	b.chain.roots[b.height] = r
}

func (b *book) heads(k trace.Key) tree {
	var t tree
	for _, s := range b.history[k] {
		t = append(t, b.leaves[s])
	}
	return t
}

// checkpoint is that of the book's height, signed some seconds later.
func (b *book) checkpoint(t testing.TB) *Checkpoint {
	t.Helper()
	block := b.chain.unsigned(b.height + 3)
	block.Header.Time = b.time.UnixNano() + 7*second
	b.chain.sign(block)
	block.Trim()
	bridge, err := Bridge(b.chain.genesis.Network, b.anchor(t), block, func(h uint64) (*LightBlock, error) { return b.chain.block(h), nil })
	if err != nil {
		t.Fatal(err)
	}
	return NewCheckpoint(b.chain.genesis.Network, b.roots, bridge, *block)
}

func (b *book) anchor(t testing.TB) Anchor {
	t.Helper()
	return b.chain.anchor(t)
}

// The rest is the book as a Prover.

func (b *book) Roots() Roots { return b.roots }

func (b *book) History(k trace.Key, from uint64, limit int) ([]uint64, error) {
	i, _ := slices.BinarySearch(b.history[k], from)
	rest := b.history[k][i:]
	return rest[:min(len(rest), limit)], nil
}

func (b *book) Window(k trace.Key, since epcis.Instant, until *epcis.Instant, lead, limit int) (before, within []uint64, err error) {
	for _, s := range b.history[k] {
		switch t := b.recorded[s].Time; {
		case t.Before(since):
			before = append(before, s)
		case until == nil || !until.Before(t):
			within = append(within, s)
		}
	}
	return before[max(0, len(before)-lead):], within[:min(len(within), limit)], nil
}

func (b *book) Record(seq uint64) (*trace.Recorded, error) {
	if seq >= uint64(len(b.recorded)) {
		return nil, fmt.Errorf("record %d: %w", seq, trace.ErrUnknown)
	}
	return b.recorded[seq], nil
}

func (b *book) State(k trace.Key) ([]byte, error) { return b.states[k], nil }

func (b *book) Entry(seq uint64) (*Entry, error) {
	if seq >= uint64(len(b.entries)) {
		return nil, fmt.Errorf("record %d: %w", seq, trace.ErrUnknown)
	}
	return b.entries[seq], nil
}

func (b *book) LogSizeAt(height uint64) (uint64, error) {
	n := slices.IndexFunc(b.entries, func(e *Entry) bool { return e.Height > height })
	if n < 0 {
		n = len(b.entries)
	}
	return uint64(n), nil
}

func (b *book) Envelope(id identity.Hash) (EnvelopeInfo, bool, error) {
	e, ok := b.infos[id]
	return e, ok, nil
}

func (b *book) Leaf(k trace.Key) (MapLeaf, []byte, bool, error) {
	l, ok := b.leaf[k]
	return l, b.states[k], ok, nil
}

func (b *book) Positions(k trace.Key, from, to uint64) ([]uint64, error) {
	return b.history[k][from:min(to, uint64(len(b.history[k])))], nil
}

func (b *book) HistoryPath(k trace.Key, at []uint64) ([]identity.Hash, error) {
	_, path := b.heads(k).prove(at)
	return path, nil
}

func (b *book) LogPath(seqs []uint64) ([]identity.Hash, error) {
	_, path := b.leaves.prove(seqs)
	return path, nil
}

func (b *book) RecordsPath(e EnvelopeInfo, at []uint64) ([]identity.Hash, error) {
	var t tree
	for _, r := range b.sealed[e.ID].Records {
		t = append(t, identity.RecordHash(r))
	}
	_, path := t.prove(at)
	return path, nil
}

func (b *book) MapProof(present, absent []identity.Hash) ([]byte, error) {
	proof, _, _ := b.all.prove(append(slices.Clone(present), absent...))
	return proof, nil
}

// dossier builds and encodes.
func (b *book) dossier(t testing.TB, id string, o BuildOptions) []byte {
	t.Helper()
	d, err := Build(b, b.checkpoint(t), id, o)
	if err != nil {
		t.Fatal(err)
	}
	data, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}
