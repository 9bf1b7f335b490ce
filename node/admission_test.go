package node

import (
	"fmt"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// ledgerOf is a state for admission: members, and what was judged.
type ledgerOf struct {
	states map[trace.Key][]byte
	judged map[identity.Hash]bool
}

func (l *ledgerOf) State(k trace.Key) ([]byte, error)             { return l.states[k], nil }
func (l *ledgerOf) EnvelopeJudged(id identity.Hash) (bool, error) { return l.judged[id], nil }

func (l *ledgerOf) member(k *identity.Key, org string, key, standing identity.Status) {
	l.states[trace.Key{NS: trace.NSKey, ID: k.Address().Hex()}] = identity.KeyState{
		Intervals: []identity.Interval[identity.KeyStanding]{{Value: identity.KeyStanding{Status: key, Organisation: org, PublicKey: k.PublicKey()}}},
	}.Encode()
	l.states[trace.Key{NS: trace.NSOrganisation, ID: org}] = identity.OrganisationState{
		Intervals: []identity.Interval[identity.OrganisationStanding]{{Value: identity.OrganisationStanding{Status: standing}}},
	}.Encode()
}

func mustKey(t testing.TB) *identity.Key {
	t.Helper()
	k, err := identity.GenerateKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

const blockTime = 1_800_000_000

var testNetwork = identity.Network{7}

// envelope signs records; change may spoil the envelope before or the wire after.
func envelope(t testing.TB, k *identity.Key, change func(*identity.Envelope), records ...string) []byte {
	t.Helper()
	var raw [][]byte
	for _, r := range records {
		raw = append(raw, []byte(r))
	}
	e := identity.NewEnvelope(testNetwork, "epcis", k.Address(), blockTime+60, raw)
	if change != nil {
		change(e)
	}
	if err := k.SignEnvelope(e); err != nil {
		t.Fatal(err)
	}
	wire, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return wire
}

func TestAdmission(t *testing.T) {
	state := &ledgerOf{map[trace.Key][]byte{}, map[identity.Hash]bool{}}
	good, other, revoked, suspended, stranger := mustKey(t), mustKey(t), mustKey(t), mustKey(t), mustKey(t)
	state.member(good, "org:a", identity.Active, identity.Active)
	state.member(other, "org:b", identity.Active, identity.Active)
	state.member(revoked, "org:c", identity.Revoked, identity.Active)
	state.member(suspended, "org:d", identity.Active, identity.Suspended)

	judged := envelope(t, good, nil, `{"n":"judged"}`)
	e, err := identity.DecodeEnvelope(judged)
	if err != nil {
		t.Fatal(err)
	}
	state.judged[e.ID()] = true
	first := envelope(t, good, nil, `{"n":1}`)
	garbage := append([]byte(nil), first...)
	garbage[len(garbage)-1] ^= 1

	p := identity.DefaultParameters()
	p.MaxRecordsPerMember, p.MaxRecordsPerBlock = 1000, 1200
	thousand := make([]string, 999)
	for i := range thousand {
		thousand[i] = `{}`
	}
	type step struct {
		name string
		wire []byte
		code Code
	}
	until := func(d int) func(*identity.Envelope) {
		return func(e *identity.Envelope) { e.NotAfter = uint64(int(blockTime) + d) }
	}
	steps := []step{
		{"garbage signature first", garbage, CodeBadSignature},
		{"then the true one", first, CodeAdmitted},
		{"twice in a block", first, CodeRepeated},
		{"garbage after the true one", garbage, CodeBadSignature},
		{"trailing byte", append(append([]byte(nil), first...), 0), CodeMalformed},
		{"nothing", nil, CodeMalformed},
		{"judged", judged, CodeJudged},
		{"other network", envelope(t, good, func(e *identity.Envelope) { e.Network[0]++ }, `{}`), CodeOtherNetwork},
		{"unknown kind", envelope(t, good, func(e *identity.Envelope) { e.Kind = "poetry" }, `{}`), CodeUnknownKind},
		{"expired", envelope(t, good, until(-1), `{}`), CodeExpired},
		{"expires now", envelope(t, good, until(0), `{"last":"second"}`), CodeAdmitted},
		{"as far ahead as allowed", envelope(t, good, until(int(p.MaxNotAfterAhead)), `{"far":1}`), CodeAdmitted},
		{"too far ahead", envelope(t, good, until(int(p.MaxNotAfterAhead)+1), `{}`), CodeTooFarAhead},
		{"stranger", envelope(t, stranger, nil, `{}`), CodeUnknownSigner},
		{"revoked key", envelope(t, revoked, nil, `{}`), CodeInactive},
		{"suspended organisation", envelope(t, suspended, nil, `{}`), CodeInactive},
		{"over the member's share", envelope(t, good, nil, thousand...), CodeMemberFull},
		{"another member's", envelope(t, other, nil, thousand...), CodeAdmitted},
		{"fits the member but not the block", envelope(t, good, until(30), thousand[:300]...), CodeBlockFull},
		{"fits both", envelope(t, good, until(31), thousand[:30]...), CodeAdmitted},
	}
	// The caches may only save time: none, shared, and as small as can be.
	for name, m := range map[string]*memo{"roomy": newMemo(1 << 20), "tiny": newMemo(1)} {
		for round := range 2 {
			a := newAdmission(rules{testNetwork, p, m, newSigners()}, state, epcis.Instant{Seconds: blockTime, Nanos: 5})
			for _, s := range steps {
				_, code, err := a.admit(newWire(s.wire))
				if err != nil || code != s.code {
					t.Errorf("%s memo, round %d, %s: %q, %v; want %q", name, round, s.name, code, err, s.code)
				}
			}
		}
	}
}

// TestMemoLearnsOfCommits is the race that a cached "not judged" must not lose:
// two valid signatures over one id, one committed.
func TestMemoLearnsOfCommits(t *testing.T) {
	state := &ledgerOf{map[trace.Key][]byte{}, map[identity.Hash]bool{}}
	k := mustKey(t)
	state.member(k, "org:a", identity.Active, identity.Active)
	m := newMemo(1 << 20)
	r := rules{testNetwork, identity.DefaultParameters(), m, newSigners()}
	at := epcis.Instant{Seconds: blockTime}
	wire := envelope(t, k, nil, `{}`)
	adm, code, err := newAdmission(r, state, at).admit(newWire(wire))
	if code != CodeAdmitted || err != nil {
		t.Fatal(code, err)
	}
	state.judged[adm.id] = true
	m.settle(map[identity.Hash]struct{}{adm.id: {}}, nil) // carried by another wire
	if _, code, _ := newAdmission(r, state, at).admit(newWire(wire)); code != CodeJudged {
		t.Fatalf("after the commit: %q", code)
	}
}

func TestPoolGivesMembersTurns(t *testing.T) {
	state := &ledgerOf{map[trace.Key][]byte{}, map[identity.Hash]bool{}}
	flooder, quiet := mustKey(t), mustKey(t)
	state.member(flooder, "org:a", identity.Active, identity.Active)
	state.member(quiet, "org:b", identity.Active, identity.Active)
	r := rules{testNetwork, identity.DefaultParameters(), newMemo(1 << 20), newSigners()}
	at := epcis.Instant{Seconds: blockTime}
	p := newPool(PoolConfig{Envelopes: 100, Bytes: 1 << 20, MemberShare: 50})
	put := func(k *identity.Key, n int) bool {
		wire := envelope(t, k, nil, `{"n":`+string(rune('0'+n/10))+`.`+string(rune('0'+n%10))+`}`)
		adm, code, err := newAdmission(r, state, at).admit(newWire(wire))
		if code != CodeAdmitted || err != nil {
			t.Fatal(code, err)
		}
		if first := p.add(adm); first != (p.size() == 1) {
			t.Fatal("only the first one has to wake consensus")
		}
		return p.has(adm.wire.hash)
	}
	for i := range 50 {
		if !put(flooder, i) {
			t.Fatalf("no room for the %dth", i)
		}
	}
	if put(flooder, 51) {
		t.Fatal("one member fills more than its share")
	}
	for i := range 3 {
		if !put(quiet, i) {
			t.Fatal("the flooder keeps the other out")
		}
	}
	if p.size() != 53 {
		t.Fatalf("%d wait", p.size())
	}
	wire := envelope(t, quiet, nil, `{"n":0.0}`)
	proposed, never, err := p.propose(newAdmission(r, state, at), 8*int64(batchHead+len(wire)))
	if err != nil || len(never) != 0 || len(proposed) != 8 {
		t.Fatalf("%d wires, %d never, %v", len(proposed), len(never), err)
	}
	of := map[identity.Address]int{}
	var wires []identity.Hash
	judged := map[identity.Hash]struct{}{}
	for _, w := range proposed {
		e, err := identity.DecodeEnvelope(w.bytes)
		if err != nil {
			t.Fatal(err)
		}
		of[e.Signer]++
		wires = append(wires, w.hash)
		judged[e.ID()] = struct{}{}
	}
	if of[quiet.Address()] != 3 || of[flooder.Address()] != 5 {
		t.Fatalf("shares %v", of)
	}
	if left := p.settle(wires, judged, blockTime); left != 45 || p.size() != 45 {
		t.Fatalf("%d are left, %d wait", left, p.size())
	}
	if left := p.settle(nil, nil, blockTime+3600); left != 0 || p.size() != 0 || p.bytes != 0 || len(p.queues) != 0 {
		t.Fatalf("%d are left, %d wait, %d bytes", left, p.size(), p.bytes)
	}
}

// Of many that wait a block takes half, the oldest; of few it takes all.
func TestProposalTakesAPortion(t *testing.T) {
	state := &ledgerOf{map[trace.Key][]byte{}, map[identity.Hash]bool{}}
	k := mustKey(t)
	state.member(k, "org:a", identity.Active, identity.Active)
	r := rules{testNetwork, identity.DefaultParameters(), newMemo(1 << 30), newSigners()}
	at := epcis.Instant{Seconds: blockTime}
	p := newPool(PoolConfig{Envelopes: 10_000, Bytes: 1 << 30, MemberShare: 100})
	for i := range 4 * fullRecords / 2 {
		wire := envelope(t, k, nil, fmt.Sprintf(`{"n":%d}`, 2*i), fmt.Sprintf(`{"n":%d}`, 2*i+1))
		adm, code, err := newAdmission(r, state, at).admit(newWire(wire))
		if code != CodeAdmitted || err != nil {
			t.Fatal(code, err)
		}
		p.add(adm)
	}
	left := 4 * fullRecords
	for block, want := range []int{2 * fullRecords, fullRecords, fullRecords, 0} {
		if left -= want; left < 0 {
			t.Fatal("more than there are")
		}
		a := newAdmission(r, state, at)
		proposed, _, err := p.propose(a, 1<<30)
		if err != nil || int(a.records) != want || 2*len(proposed) != want {
			t.Fatalf("block %d has %d records in %d envelopes, %v; want %d", block, a.records, len(proposed), err, want)
		}
		var wires []identity.Hash
		for i, w := range proposed {
			wires = append(wires, w.hash)
			if i == 0 && block > 0 && p.queues["org:a"].items[0].wire.hash != wires[0] {
				t.Fatalf("block %d does not begin with the oldest", block)
			}
		}
		p.settle(wires, nil, blockTime)
		if 2*p.size() != left {
			t.Fatalf("after block %d %d envelopes wait", block, p.size())
		}
	}
}
