package proof

import (
	"bytes"
	"math/big"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// altered is the record with other words in it.
func altered(r *DossierRecord) {
	r.Bytes = bytes.Replace(r.Bytes, []byte(`"departing"`), []byte(`"storing"`), 1)
}

// departs is the seq of the carrier's record.
func (l *liar) departs() uint64 {
	l.t.Helper()
	for _, r := range l.recorded {
		if bytes.Contains(r.Bytes, []byte(`"departing"`)) {
			return r.Seq
		}
	}
	l.t.Fatal("nothing departs")
	return 0
}

// sign signs an envelope of the dossier, whose only record is r, with a key.
func (l *liar) sign(r *DossierRecord, key *identity.Key) {
	l.t.Helper()
	e := &l.d.Envelopes[r.Envelope]
	made := identity.NewEnvelope(l.chain.genesis.Network, e.Kind, key.Address(), e.NotAfter, [][]byte{r.Bytes})
	if err := key.SignEnvelope(made); err != nil {
		l.t.Fatal(err)
	}
	e.Signer, e.Signature = made.Signer, EnvelopeSignature(made.Signature)
}

// standings says of a key of the dossier that it had these.
func (l *liar) standings(key *identity.Key, of ...identity.Interval[identity.KeyStanding]) {
	l.key(trace.Key{NS: trace.NSKey, ID: key.Address().Hex()}).State = identity.KeyState{Intervals: of}.Encode()
}

// A forger changes what somebody signed, or who did.
func forgeries() []falsehood {
	return []falsehood{
		{"an altered record", ReasonEnvelope, func(l *liar) { altered(l.record(l.departs())) }},
		{"an altered record beside others of its envelope", ReasonEnvelope, func(l *liar) {
			r := l.record(4) // the first of three
			r.Bytes = bytes.Replace(r.Bytes, []byte(`"quantity":500`), []byte(`"quantity":900`), 1)
		}},
		{"an altered record with the true one's hash beside it", ReasonEnvelope, func(l *liar) {
			r := l.record(4)
			e := &l.d.Envelopes[r.Envelope]
			e.Path = append([]identity.Hash{identity.RecordHash(r.Bytes)}, e.Path[1:]...)
			r.Bytes = bytes.Replace(r.Bytes, []byte(`"quantity":500`), []byte(`"quantity":900`), 1)
			r.Index = 1
		}},
		{"an altered record signed by its signer's key in other hands", ReasonLog, func(l *liar) {
			r := l.record(l.departs())
			altered(r)
			l.sign(r, l.keys[carrier])
		}},
		{"a record signed by a stranger", ReasonNotProved, func(l *liar) { l.sign(l.record(l.departs()), testKey(l.t, 666)) }},
		{"a record signed by a stranger, who is shown as a member's key", ReasonLog, func(l *liar) {
			key := testKey(l.t, 666)
			l.sign(l.record(l.departs()), key)
			b := &book{states: map[trace.Key][]byte{}}
			b.register(key, carrier, 0, nil)
			k := trace.Key{NS: trace.NSKey, ID: key.Address().Hex()}
			l.d.Keys = append(l.d.Keys, DossierKey{NS: k.NS, ID: k.ID, State: b.states[k]})
			l.prove()
		}},
		{"another key in the state of a member's key", ReasonEnvelope, func(l *liar) {
			k := l.key(trace.Key{NS: trace.NSKey, ID: l.keys[carrier].Address().Hex()})
			b := &book{states: map[trace.Key][]byte{}}
			b.register(testKey(l.t, 666), carrier, 0, nil)
			k.State = b.states[trace.Key{NS: trace.NSKey, ID: testKey(l.t, 666).Address().Hex()}]
		}},
		{"a revocation that is not in the state of a key", ReasonMap, func(l *liar) {
			k := l.key(trace.Key{NS: trace.NSKey, ID: testKey(l.t, 100).Address().Hex()})
			b := &book{states: map[trace.Key][]byte{}}
			b.register(testKey(l.t, 100), grower, 0, nil)
			k.State = b.states[k.Key()]
		}},
		{"an organisation under another name", ReasonMap, func(l *liar) {
			k := l.key(trace.Key{NS: trace.NSOrganisation, ID: carrier})
			k.State = bytes.Replace(k.State, []byte("Two Seas"), []byte("Two Airs"), 1)
		}},
		{"a state that is none", ReasonState, func(l *liar) { l.key(trace.Key{NS: trace.NSOrganisation, ID: carrier}).State = []byte{0xff} }},
		{"a state of a signing key that is none", ReasonState, func(l *liar) {
			l.key(trace.Key{NS: trace.NSKey, ID: l.keys[carrier].Address().Hex()}).State = []byte{0xff}
		}},
		{"a signing key that is no point of the curve", ReasonEnvelope, func(l *liar) {
			l.standings(l.keys[carrier], identity.Interval[identity.KeyStanding]{
				Value: identity.KeyStanding{Status: identity.Active, Organisation: carrier, PublicKey: make([]byte, identity.PublicKeyBytes)}})
		}},
		{"a signing key of no bytes", ReasonEnvelope, func(l *liar) {
			l.standings(l.keys[carrier], identity.Interval[identity.KeyStanding]{
				Value: identity.KeyStanding{Status: identity.Active, Organisation: carrier, PublicKey: []byte{}}})
		}},
		{"another key in the state of a member's key, from its envelope's second record on", ReasonEnvelope, func(l *liar) {
			_, second := l.twoOfOneEnvelope()
			standing := identity.KeyStanding{Status: identity.Active, Organisation: grower, PublicKey: l.keys[grower].PublicKey()}
			later := standing
			later.PublicKey = testKey(l.t, 666).PublicKey()
			l.standings(l.keys[grower], identity.Interval[identity.KeyStanding]{ToSeq: &second.Seq, Value: standing},
				identity.Interval[identity.KeyStanding]{FromSeq: second.Seq, Value: later})
		}},
		{"a refused record from a time when its key had no standing", ReasonSigner, func(l *liar) {
			standing := identity.KeyStanding{Status: identity.Active, Organisation: carrier, PublicKey: l.keys[carrier].PublicKey()}
			l.standings(l.keys[carrier], identity.Interval[identity.KeyStanding]{ToSeq: &l.cloned, Value: standing},
				identity.Interval[identity.KeyStanding]{FromSeq: l.cloned + 1, Value: standing})
		}},
		{"a name that is not the product's", ReasonMap, func(l *liar) {
			k := l.key(trace.Key{NS: trace.NSClass, ID: class(2)})
			k.State = bytes.Replace(k.State, []byte("Apples"), []byte("Pears!"), 1)
		}},
		{"another deadline of an envelope", ReasonEnvelope, func(l *liar) { l.d.Envelopes[2].NotAfter++ }},
		{"another kind of an envelope", ReasonEnvelope, func(l *liar) { l.d.Envelopes[2].Kind = string(epcis.KindEvent) }},
		{"a signature with the higher s", ReasonEnvelope, func(l *liar) {
			order, _ := new(big.Int).SetString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", 16)
			s := l.d.Envelopes[2].Signature[32:]
			new(big.Int).Sub(order, new(big.Int).SetBytes(s)).FillBytes(s)
		}},
		{"a refused record without its refusal", ReasonLog, func(l *liar) { l.record(l.cloned).Findings = nil }},
		{"another reason for a refusal", ReasonLog, func(l *liar) {
			r := l.record(l.cloned)
			r.Findings = bytes.Replace(r.Findings, []byte("it exists already"), []byte("it exists perhaps"), 1)
		}},
		{"findings that are none", ReasonFindings, func(l *liar) { l.record(l.cloned).Findings = []byte{0x80} }},
		{"what is no record, that validators let pass", ReasonFindings, func(l *liar) {
			at := l.at(l.t, "2026-07-20T08:00:00Z").refuse(l.t, shop, epcis.KindEvent, `{"type":"nothing"}`)
			l.entries[at].Codes, l.entries[at].FindingsHash, l.recorded[at].Findings = nil, FindingsHash(nil), nil
			l.leaves[at] = LeafHash(l.entries[at].Encode())
			l.commit()
			l.build(bag, BuildOptions{Direction: trace.Upstream})
			l.show(at)
			l.prove()
		}},
		{"a refusal of what was accepted", ReasonLog, func(l *liar) {
			l.record(l.departs()).Findings = EncodeFindings([]trace.Finding{{Severity: trace.Reject, Rule: "C1", Version: 1, Code: 101}})
		}},
		{"another block time of a record", ReasonLog, func(l *liar) { l.record(l.departs()).Time++ }},
		{"another height of a record", ReasonLog, func(l *liar) { r := l.record(l.pressed); r.Height-- }},
		{"a record of a key after its revocation, that validators let pass", ReasonSigner, func(l *liar) {
			when := "2026-07-20T08:00:00Z"
			l.at(l.t, when).judged(l.t, testKey(l.t, 100), grower, epcis.KindEvent, nil, event(when, object("OBSERVE", "storing", bag)))
			l.build(bag, BuildOptions{Direction: trace.Upstream})
		}},
		{"a record of an organisation after its suspension, that validators let pass", ReasonOrganisation, func(l *liar) {
			l.suspend(l.t, shop)
			when := "2026-07-20T08:00:00Z"
			l.at(l.t, when).block(l.t, shop, epcis.KindEvent, event(when, object("OBSERVE", "storing", bag)))
			l.build(bag, BuildOptions{Direction: trace.Upstream})
		}},
	}
}
