package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/api"
	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/testnet/lane"
	"github.com/waymark-ledger/waymark/trace"
)

// memory is a node whose ledger is a slice: each captured envelope is a block
// of its own, judged at once unless held.
type memory struct {
	mu       sync.Mutex
	network  identity.Network
	keys     map[string]*identity.Key // by the member's short name
	key      *identity.Key            // the node's: the roaster's
	status   api.Status
	info     api.NetworkInfo
	records  []*trace.Recorded
	states   map[trace.Key][]byte
	history  map[trace.Key][]uint64
	eventIDs map[string][]uint64
	content  map[string]uint64
	envelope map[identity.Hash]proof.EnvelopeInfo
	blocks   []proof.Roots // by height-1
	forward  *forwardIndex
	jobs     map[string][]byte
	pending  []*identity.Envelope

	hold     bool          // judge nothing until release
	failWith error         // of Capture, Submit and Snapshot
	panics   bool          // in Status
	stopping chan struct{} // closed when the node begins to stop; nil for never
	judge    func(r *epcis.Record) []trace.Finding
	captured int
	kept     int // calls of Keep
}

func newMemory(t testing.TB) *memory {
	t.Helper()
	m := &memory{keys: map[string]*identity.Key{}, states: map[trace.Key][]byte{}, history: map[trace.Key][]uint64{},
		eventIDs: map[string][]uint64{}, content: map[string]uint64{}, envelope: map[identity.Hash]proof.EnvelopeInfo{}, jobs: map[string][]byte{},
		forward: newForwardIndex()}
	m.network[0] = 7
	m.states[trace.ParametersKey()] = identity.DefaultParameters().Encode()
	for _, member := range lane.Members(4) {
		o := member.Organisation
		secret := sha256.Sum256([]byte(member.Name))
		key, err := identity.ParseKey(hex.EncodeToString(secret[:]))
		if err != nil {
			t.Fatal(err)
		}
		m.keys[member.Name] = key
		m.states[trace.Key{NS: trace.NSOrganisation, ID: o.ID}] = identity.OrganisationState{Intervals: []identity.Interval[identity.OrganisationStanding]{
			{Value: identity.OrganisationStanding{Status: identity.Active, Organisation: o}}}}.Encode()
		m.states[trace.Key{NS: trace.NSKey, ID: key.Address().Hex()}] = identity.KeyState{Intervals: []identity.Interval[identity.KeyStanding]{
			{Value: identity.KeyStanding{Status: identity.Active, Organisation: o.ID, PublicKey: key.PublicKey()}}}}.Encode()
		for _, prefix := range o.Prefixes {
			b, err := identity.MarshalCanonical(trace.PrefixState{Organisation: o.ID})
			if err != nil {
				t.Fatal(err)
			}
			m.states[trace.PrefixKey(prefix)] = b
		}
		m.info.Organisations = append(m.info.Organisations, api.OrganisationInfo{Organisation: o, Status: identity.Active, Addresses: []string{}})
		if member.Name == "roaster" {
			m.key, m.status = key, api.Status{Organisation: o.ID, OrganisationName: o.Name}
		}
	}
	m.status.Ready, m.status.Started, m.status.Version = true, time.Unix(1_790_000_000, 0).UTC(), "test"
	m.status.Network, m.status.Address = m.network.String(), m.key.Address().Hex()
	m.info.Network, m.info.GenesisTime, m.info.Parameters = m.network.String(), "2026-11-22T00:00:00Z", identity.DefaultParameters()
	return m
}

// append puts records on the ledger as one envelope in a block of its own,
// judged by the real contracts and then by m.judge.
func (m *memory) append(e *identity.Envelope, blockTime int64) {
	height := uint64(len(m.blocks)) + 1
	info := proof.EnvelopeInfo{ID: e.ID(), Network: e.Network, Kind: e.Kind, Signer: e.Signer, NotAfter: e.NotAfter, Signature: e.Signature,
		FirstSeq: uint64(len(m.records)), Count: uint32(len(e.Records)), Height: height}
	for i, b := range e.Records {
		seq := uint64(len(m.records))
		r := &trace.Recorded{Seq: seq, Height: height, Time: epcis.InstantFromUnixNano(blockTime), Kind: epcis.Kind(e.Kind), Signer: e.Signer.Hex(),
			Envelope: info.ID, Bytes: b}
		block := contracts.Block{Network: m.network, Height: height, Time: r.Time}
		position := contracts.Position{Seq: seq, Envelope: info.ID, Index: uint32(i), Kind: r.Kind, Signer: e.Signer}
		decoded, err := epcis.Decode(r.Kind, b)
		var verdict *contracts.Verdict
		if err != nil {
			verdict, err = contracts.First().Convene(judging{m}, block).JudgeMalformed(position, err)
		} else {
			verdict, err = contracts.First().Convene(judging{m}, block).HoldToDeclarations().Judge(position, decoded)
		}
		if err != nil {
			panic(err)
		}
		r.Findings, r.Organisation = verdict.Findings, verdict.Organisation
		if m.judge != nil && decoded != nil && !r.Rejected() {
			r.Findings = append(r.Findings, m.judge(decoded)...)
		}
		m.records = append(m.records, r)
		for _, k := range trace.Touches(decoded) {
			if r.Rejected() {
				k = k.Refused()
			}
			m.history[k] = append(m.history[k], seq)
		}
		if r.Rejected() {
			continue
		}
		for _, w := range verdict.Writes {
			m.states[w.Key] = w.State
		}
		m.forward.add(seq, &verdict.Forward)
		if decoded.Event != nil {
			m.eventIDs[decoded.Event.ID] = append(m.eventIDs[decoded.Event.ID], seq)
			if _, ok := m.content[verdict.ContentHash]; !ok {
				m.content[verdict.ContentHash] = seq
			}
		}
	}
	m.envelope[info.ID] = info
	m.block(blockTime)
}

// judging is the ledger as contracts see it.
type judging struct{ m *memory }

func (j judging) State(k trace.Key) ([]byte, error) { return j.m.states[k], nil }

func (j judging) Accepted(organisation string, h identity.Hash, _ string) (uint64, bool, error) {
	seq, ok := j.m.accepted(organisation, h)
	return seq, ok, nil
}

func (j judging) Signed(seq uint64) (identity.Address, int64, error) {
	r := j.m.records[seq]
	signer, err := identity.ParseAddress(r.Signer)
	return signer, r.Time.Seconds, err
}

func (j judging) IsEvent(seq uint64, eventID string) (bool, error) {
	return slices.Contains(j.m.eventIDs[eventID], seq), nil
}

func (j judging) SameContent(hash string) (uint64, bool, error) {
	seq, ok := j.m.content[hash]
	return seq, ok, nil
}

func (m *memory) block(blockTime int64) {
	roots := proof.Roots{Height: uint64(len(m.blocks)) + 1, Time: blockTime, LogSize: uint64(len(m.records)), StateHeight: uint64(len(m.blocks)) + 1}
	roots.AppHash[0] = byte(roots.Height)
	m.blocks = append(m.blocks, roots)
}

func (m *memory) accepted(organisation string, h identity.Hash) (uint64, bool) {
	for _, r := range m.records {
		if (organisation == "" || r.Organisation == organisation) && !r.Rejected() && identity.RecordHash(r.Bytes) == h {
			return r.Seq, true
		}
	}
	return 0, false
}

const start = int64(1_795_348_800) // 2026-11-22T12:00:00Z

// play records a whole lane, every act by its own member.
func (m *memory) play(t testing.TB) *lane.Script {
	t.Helper()
	now := time.Unix(start, 0).UTC()
	ground, err := lane.Coffee.Ground(now)
	if err != nil {
		t.Fatal(err)
	}
	script, err := lane.Coffee.Script(now, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, act := range append(ground, script.Acts...) {
		records, err := act.Signed()
		if err != nil {
			t.Fatal(err)
		}
		key := m.keys[act.Member]
		e := identity.NewEnvelope(m.network, string(act.Kind), key.Address(), uint64(start)+uint64(i), records)
		if err := key.SignEnvelope(e); err != nil {
			t.Fatal(err)
		}
		m.append(e, (start+int64(i))*1e9)
	}
	return script
}

func (m *memory) envelopeOf(kind epcis.Kind, records [][]byte) (*identity.Envelope, error) {
	e := identity.NewEnvelope(m.network, string(kind), m.key.Address(), uint64(start)+3600, records)
	return e, m.key.SignEnvelope(e)
}

func (m *memory) Capture(_ context.Context, kind epcis.Kind, records [][]byte) ([]api.Accepted, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failWith != nil {
		return nil, fmt.Errorf("sign and keep: %w", m.failWith)
	}
	e, err := m.envelopeOf(kind, slices.Clone(records))
	if err != nil {
		return nil, err
	}
	m.captured += len(records)
	m.take(e)
	return []api.Accepted{{ID: e.ID(), NotAfter: e.NotAfter, Records: len(records)}}, nil
}

// Simulate appends to a copy of itself.
func (m *memory) Simulate(_ context.Context, signer *identity.Address, _ map[string]string, parts []api.Part) (*api.Simulation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failWith != nil {
		return nil, m.failWith
	}
	author := m.key.Address()
	if signer != nil {
		author = *signer
	}
	if m.states[trace.Key{NS: trace.NSKey, ID: author.Hex()}] == nil {
		return nil, &api.EnvelopeError{Reason: "the signer's key is not on the ledger", Next: "Have it registered."}
	}
	tried := &memory{network: m.network, judge: m.judge, records: slices.Clone(m.records), blocks: slices.Clone(m.blocks),
		states: maps.Clone(m.states), history: maps.Clone(m.history), eventIDs: maps.Clone(m.eventIDs), content: maps.Clone(m.content),
		envelope: maps.Clone(m.envelope), forward: newForwardIndex()}
	out := &api.Simulation{Signer: author, Time: epcis.Instant{Seconds: start + 20}}
	if len(m.blocks) > 0 {
		out.Roots = m.blocks[len(m.blocks)-1]
	}
	for _, part := range parts {
		if len(part.Records) > 0 {
			tried.append(identity.NewEnvelope(m.network, string(part.Kind), author, uint64(start)+3600, part.Records), out.Time.UnixNano())
		}
	}
	for _, r := range tried.records[len(m.records):] {
		out.Organisation, out.Findings = r.Organisation, append(out.Findings, r.Findings)
	}
	return out, nil
}

func (m *memory) take(e *identity.Envelope) {
	if m.hold {
		m.pending = append(m.pending, e)
		return
	}
	m.append(e, (start+10)*1e9+int64(len(m.blocks)))
}

func (m *memory) Submit(_ context.Context, wire []byte) (identity.Hash, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failWith != nil {
		return identity.Hash{}, m.failWith
	}
	e, err := identity.DecodeEnvelope(wire)
	if err != nil {
		return identity.Hash{}, err
	}
	if e.Network != m.network {
		return identity.Hash{}, &api.EnvelopeError{Reason: "it belongs to another network", Next: "Sign it for this one."}
	}
	m.take(e)
	return e.ID(), nil
}

func (m *memory) Wait(ctx context.Context, id identity.Hash) (proof.EnvelopeInfo, error) {
	m.mu.Lock()
	info, ok := m.envelope[id]
	m.mu.Unlock()
	if ok {
		return info, nil
	}
	select {
	case <-ctx.Done():
		return info, ctx.Err()
	case <-m.stopping:
		return info, api.ErrStopping
	}
}

func (m *memory) SaveJob(id string, job []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.jobs[id] = slices.Clone(job)
	return nil
}

func (m *memory) Job(id string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b, ok := m.jobs[id]; ok {
		return b, nil
	}
	return nil, api.ErrNotFound
}

func (m *memory) Status() api.Status {
	if m.panics {
		panic("a bug of ours")
	}
	return m.status
}

func (m *memory) Network() api.NetworkInfo { return m.info }

func (m *memory) Genesis() []byte { return []byte(`{"chain_id":"` + m.network.ChainID() + `"}`) }

// Snapshot copies the slices, as a snapshot does not see what comes after it.
func (m *memory) Snapshot() (api.Snapshot, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failWith != nil {
		return nil, m.failWith
	}
	select {
	case <-m.stopping:
		return nil, api.ErrStopping
	default:
	}
	return view{m.forward, m, slices.Clone(m.records), slices.Clone(m.blocks)}, nil
}

// Provable proves nothing: it has the shape of a proof.
func (m *memory) Provable(context.Context, *uint64) (*api.Provable, error) {
	s, err := m.Snapshot()
	if err != nil {
		return nil, err
	}
	roots := s.Roots()
	if roots.Height == 0 {
		return nil, api.ErrUnproved
	}
	block := proof.LightBlock{
		Header:     proof.Header{ChainID: m.network.ChainID(), Height: roots.Height + 1, LastBlock: &proof.BlockID{}, AppHash: roots.AppHash},
		Commit:     proof.Commit{Signatures: []proof.CommitSignature{{}}},
		Validators: []identity.Validator{{Power: 1}},
	}
	return &api.Provable{ProvableSnapshot: s.(view), Checkpoint: proof.NewCheckpoint(m.network, roots, nil, block), Keep: func() { m.kept++ }}, nil
}

type view struct {
	*forwardIndex
	m       *memory
	records []*trace.Recorded
	blocks  []proof.Roots
}

func (v view) Close() error { return nil }

func (v view) Roots() proof.Roots {
	if len(v.blocks) == 0 {
		return proof.Roots{}
	}
	return v.blocks[len(v.blocks)-1]
}

func (v view) Record(seq uint64) (*trace.Recorded, error) {
	if seq >= uint64(len(v.records)) {
		return nil, fmt.Errorf("record %d: %w", seq, trace.ErrUnknown)
	}
	return v.records[seq], nil
}

func (v view) Entry(seq uint64) (*proof.Entry, error) {
	r, err := v.Record(seq)
	if err != nil {
		return nil, err
	}
	var signer identity.Address
	err = signer.UnmarshalText([]byte(r.Signer))
	return &proof.Entry{Seq: seq, Time: r.Time.UnixNano(), Height: r.Height, Envelope: r.Envelope, Signer: signer}, err
}

func (v view) History(k trace.Key, from uint64, limit int) ([]uint64, error) {
	v.m.mu.Lock()
	defer v.m.mu.Unlock()
	var out []uint64
	for _, seq := range v.m.history[k] {
		if seq >= from && seq < uint64(len(v.records)) && len(out) < limit {
			out = append(out, seq)
		}
	}
	return out, nil
}

func (v view) Window(k trace.Key, since epcis.Instant, until *epcis.Instant, lead, limit int) (before, within []uint64, err error) {
	seqs, err := v.History(k, 0, len(v.records))
	for _, seq := range seqs {
		switch t := v.records[seq].Time; {
		case t.Before(since):
			before = append(before, seq)
		case (until == nil || !until.Before(t)) && len(within) < limit:
			within = append(within, seq)
		}
	}
	return before[max(0, len(before)-lead):], within, err
}

func (v view) State(k trace.Key) ([]byte, error) { return v.m.states[k], nil }

func (v view) Accepted(organisation string, h identity.Hash, _ string) (uint64, bool, error) {
	v.m.mu.Lock()
	defer v.m.mu.Unlock()
	seq, ok := v.m.accepted(organisation, h)
	return seq, ok, nil
}

func (v view) Block(height uint64) (proof.Roots, bool, error) {
	if height == 0 || height > uint64(len(v.blocks)) {
		return proof.Roots{}, false, nil
	}
	return v.blocks[height-1], true, nil
}

func (v view) BlockSeqs(height uint64) (from, to uint64, err error) {
	if height > 1 {
		from = v.blocks[height-2].LogSize
	}
	return from, v.blocks[height-1].LogSize, nil
}

func (v view) Envelope(id identity.Hash) (proof.EnvelopeInfo, bool, error) {
	v.m.mu.Lock()
	defer v.m.mu.Unlock()
	info, ok := v.m.envelope[id]
	return info, ok, nil
}

// What follows has the shape of proof and proves nothing.

func (v view) Leaf(k trace.Key) (proof.MapLeaf, []byte, bool, error) {
	seqs, err := v.History(k, 0, len(v.records))
	state := v.m.states[k]
	return proof.MapLeaf{Key: proof.MapKey(k), Count: uint64(len(seqs))}, state, len(seqs) > 0 || state != nil, err
}

func (v view) Positions(k trace.Key, from, to uint64) ([]uint64, error) {
	seqs, err := v.History(k, 0, len(v.records))
	return seqs[from:to], err
}

func (view) HistoryPath(trace.Key, []uint64) ([]identity.Hash, error)          { return nil, nil }
func (view) LogPath([]uint64) ([]identity.Hash, error)                         { return nil, nil }
func (view) LogSizeAt(uint64) (uint64, error)                                  { return 0, nil }
func (view) RecordsPath(proof.EnvelopeInfo, []uint64) ([]identity.Hash, error) { return nil, nil }
func (view) MapProof(_, _ []identity.Hash) ([]byte, error)                     { return nil, nil }

// ConsistencyProof is as long as the real one and as true as Provable.
func (v view) ConsistencyProof(from, to uint64) ([]identity.Hash, error) {
	if from == 0 || from == to {
		return nil, nil
	}
	return make([]identity.Hash, 3), nil
}

func (v view) ByEventID(eventID string, limit int) ([]uint64, error) {
	v.m.mu.Lock()
	defer v.m.mu.Unlock()
	seqs := v.m.eventIDs[eventID]
	return seqs[:min(len(seqs), limit)], nil
}

// Listed has the place of a key be its name.
func (v view) Listed(after []byte, limit int) (keys []trace.Key, places [][]byte, err error) {
	v.m.mu.Lock()
	defer v.m.mu.Unlock()
	place := func(k trace.Key) string {
		seq, _, _ := strings.Cut(k.ID, ".")
		return fmt.Sprintf("%20s %s %s", seq, k.NS, k.ID)
	}
	var all []trace.Key
	for k := range v.m.states {
		if (k.NS == trace.NSCase || k.NS == trace.NSTransfer) && place(k) > string(after) {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b trace.Key) int { return strings.Compare(place(a), place(b)) })
	for _, k := range all[:min(limit, len(all))] {
		keys, places = append(keys, k), append(places, []byte(place(k)))
	}
	return keys, places, nil
}

func (v view) Flagged(from uint64, limit int) (seqs []uint64, err error) {
	v.m.mu.Lock()
	defer v.m.mu.Unlock()
	for _, r := range v.m.records {
		flag := slices.ContainsFunc(r.Findings, func(f trace.Finding) bool { return f.Severity == trace.Flag })
		if flag && r.Seq >= from && !r.Rejected() && len(seqs) < limit {
			seqs = append(seqs, r.Seq)
		}
	}
	return seqs, nil
}

// The keys of the tests, one a scope.
const (
	captureKey = "capture-key"
	queryKey   = "query-key"
	adminKey   = "admin-key"
)

func newAPI(t testing.TB, m *memory, limits api.Limits) http.Handler {
	t.Helper()
	if limits.TraceTime == 0 {
		limits.TraceTime = time.Minute // or a slow machine answers in parts
	}
	a, err := api.New(api.Config{Backend: m, Version: "test", Limits: limits, Keys: []api.APIKey{
		{Hash: api.HashKey(captureKey), Scopes: []api.Scope{api.ScopeCapture}},
		{Hash: api.HashKey(queryKey), Scopes: []api.Scope{api.ScopeQuery}},
		{Hash: api.HashKey(adminKey), Scopes: []api.Scope{api.ScopeAdmin}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return a.Handler()
}
