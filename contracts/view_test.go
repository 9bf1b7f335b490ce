package contracts_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// memory is a ledger's state in memory: what Judge reads, and its writes applied.
type memory struct {
	seq      uint64
	time     epcis.Instant
	states   map[trace.Key][]byte
	accepted map[string]uint64 // organisation + hash, and hash alone
	content  map[string]uint64
	members  map[string]identity.Organisation
	signed   []signature                 // by seq
	keys     map[string]identity.Address // with which members sign, where it is not the one of their name
	founding contracts.Founding
}

type signature struct {
	signer  identity.Address
	seconds int64
}

func newMemory() *memory {
	return &memory{
		states: map[trace.Key][]byte{}, accepted: map[string]uint64{}, content: map[string]uint64{},
		members: map[string]identity.Organisation{}, keys: map[string]identity.Address{},
	}
}

func (m *memory) State(k trace.Key) ([]byte, error) { return m.states[k], nil }

func (m *memory) Accepted(organisation string, record identity.Hash) (uint64, bool, error) {
	seq, ok := m.accepted[organisation+record.String()]
	return seq, ok, nil
}

func (m *memory) Signed(seq uint64) (identity.Address, int64, error) {
	if seq >= uint64(len(m.signed)) {
		return identity.Address{}, 0, fmt.Errorf("no record %d", seq)
	}
	return m.signed[seq].signer, m.signed[seq].seconds, nil
}

func (m *memory) SameContent(hash string) (uint64, bool, error) {
	seq, ok := m.content[hash]
	return seq, ok, nil
}

// address is the made-up operating key of a member.
func address(name string) identity.Address {
	h := sha256.Sum256([]byte(name))
	return identity.Address(h[:20])
}

// signer is the key that a member signs with: of its name, or one that it has
// registered.
func (m *memory) signer(name string) identity.Address {
	if key, ok := m.keys[name]; ok {
		return key
	}
	return address(name)
}

func partyID(prefix string) string {
	digits := prefix + "00000"
	check, err := epcis.CheckDigit(digits)
	if err != nil {
		panic(err)
	}
	return "https://id.gs1.org/417/" + digits + string(check)
}

// admit writes what genesis writes for a member.
func (m *memory) admit(name string, o identity.Organisation, member, key identity.Status) {
	m.members[name] = o
	m.founding.Members = append(m.founding.Members, contracts.Membership{ID: o.ID, Active: member == identity.Active})
	slices.SortFunc(m.founding.Members, func(a, b contracts.Membership) int { return strings.Compare(a.ID, b.ID) })
	m.states[trace.Key{NS: trace.NSOrganisation, ID: o.ID}] = identity.OrganisationState{
		Intervals: []identity.Interval[identity.OrganisationStanding]{{Value: identity.OrganisationStanding{Status: member, Organisation: o}}},
	}.Encode()
	m.states[trace.Key{NS: trace.NSKey, ID: address(name).Hex()}] = identity.KeyState{
		Intervals: []identity.Interval[identity.KeyStanding]{{Value: identity.KeyStanding{Status: key, Organisation: o.ID, PublicKey: make([]byte, 33)}}},
	}.Encode()
	for _, p := range o.Prefixes {
		b, err := identity.MarshalCanonical(trace.PrefixState{Organisation: o.ID})
		if err != nil {
			panic(err)
		}
		m.states[trace.PrefixKey(p)] = b
	}
}

func (m *memory) block() contracts.Block {
	return contracts.Block{Height: m.seq + 1, Time: m.time, Founding: &m.founding}
}

func (m *memory) position(name string, kind epcis.Kind) contracts.Position {
	return contracts.Position{Seq: m.seq, Kind: kind, Signer: m.signer(name)}
}

// judge judges a record and, unless it is refused, applies the verdict as the
// ledger does.
func (m *memory) judge(t testing.TB, name string, kind epcis.Kind, record []byte) *contracts.Verdict {
	t.Helper()
	r, err := epcis.Decode(kind, record)
	var v *contracts.Verdict
	if err != nil {
		v, err = contracts.Convene(m, m.block()).JudgeMalformed(m.position(name, kind), err)
	} else {
		v, err = contracts.Judge(m, m.block(), m.position(name, kind), r)
	}
	if err != nil {
		t.Fatal(err)
	}
	if v.Rejected() && (len(v.Writes) > 0 || v.ContentHash != "") {
		t.Fatalf("a refused record leaves something behind: %+v", v)
	}
	if !v.Rejected() {
		for _, w := range v.Writes {
			m.states[w.Key] = w.State
		}
		hash := identity.RecordHash(record).String()
		m.accepted[v.Organisation+hash] = m.seq
		if _, ok := m.accepted[hash]; !ok {
			m.accepted[hash] = m.seq
		}
		if _, ok := m.content[v.ContentHash]; !ok && v.ContentHash != "" {
			m.content[v.ContentHash] = m.seq
		}
	}
	m.seq++
	m.signed = append(m.signed, signature{m.signer(name), m.time.Seconds})
	return v
}

// words lists a verdict's findings as scripts write them: "FLAG 201".
func words(v *contracts.Verdict) []string {
	out := make([]string, len(v.Findings))
	for i, f := range v.Findings {
		out[i] = fmt.Sprintf("%s %d", f.Severity, f.Code)
	}
	return out
}
