package testnet_test

import (
	"bytes"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

func allFalsehoods() []falsehood {
	return slices.Concat(omissions(), forgeries(), misplacements(), substitutions(), disagreements())
}

func (l *liar) bag() trace.Key {
	return trace.Key{NS: trace.NSItem, ID: epcis.Canonical(l.script.Item).URI}
}

func (l *liar) container() trace.Key {
	return trace.Key{NS: trace.NSItem, ID: epcis.Canonical(l.script.Container).URI}
}

func (l *liar) certificate() trace.Key {
	return trace.Key{NS: trace.NSCertificate, ID: epcis.Canonical(l.script.Certificate).URI}
}

// An omitter leaves out what the reader should not see.
func omissions() []falsehood {
	return []falsehood{
		{"a record left out", proof.ReasonNotProved, func(l *liar) { l.forget(l.says(`"retail_selling"`).Seq) }},
		{"a record left out and not counted", proof.ReasonMap, func(l *liar) { l.without(l.bag(), l.says(`"retail_selling"`).Seq) }},
		{"a container's history left out", proof.ReasonNotProved, func(l *liar) { l.drop(l.container()); l.prove() }},
		{"a container's history said to be none", proof.ReasonMap, func(l *liar) { l.deny(l.container()); l.prove() }},
		{"a container's range cut short", proof.ReasonNotProved, func(l *liar) {
			h := l.key(l.container()).History
			last := &h[len(h)-1].Seqs
			*last = (*last)[:len(*last)-2]
			l.prove()
		}},
		{"a certificate's revocation left out", proof.ReasonNotProved, func(l *liar) { l.forget(l.revoked) }},
		{"a certificate's revocation left out and not counted", proof.ReasonMap, func(l *liar) { l.without(l.certificate(), l.revoked) }},
		{"a refusal not mentioned", proof.ReasonNotProved, func(l *liar) { l.drop(l.bag().Refused()); l.prove() }},
		{"a refusal said not to be", proof.ReasonMap, func(l *liar) { l.deny(l.bag().Refused()); l.prove() }},
		{"a declaration's history left out", proof.ReasonNotProved, func(l *liar) { l.drop(trace.Key{NS: trace.NSTransaction, ID: l.script.MRN}); l.prove() }},
		{"an item said to be unknown", proof.ReasonMap, func(l *liar) {
			l.take(l.unknown)
			other := l.d.ID
			l.d.ID = l.bag().ID
			for i := range l.d.Absent {
				k := &l.d.Absent[i]
				k.ID = strings.Replace(k.ID, other, l.d.ID, 1)
			}
			l.arrange()
		}},
		{"an answer cut off", unusable, func(l *liar) { l.data = l.honest[:len(l.honest)*2/3] }},
		{"an answer that ends early, in good form", proof.ReasonNotProved, func(l *liar) {
			for _, r := range l.d.Records[len(l.d.Records)*2/3:] {
				for i := range l.d.Keys {
					l.close(&l.d.Keys[i], r.Seq)
				}
			}
			l.prove()
		}},
	}
}

// A forger changes what somebody signed, or who did.
func forgeries() []falsehood {
	alter := func(r *proof.DossierRecord) {
		r.Bytes = bytes.Replace(r.Bytes, []byte(`"departing"`), []byte(`"storing"`), 1)
	}
	stranger := func() *identity.Key { return must(identity.GenerateKey()) }
	return []falsehood{
		{"an altered record", proof.ReasonEnvelope, func(l *liar) { alter(l.says(`"departing"`)) }},
		{"an altered record with the true one's hash elsewhere", proof.ReasonEnvelope, func(l *liar) {
			// The first of five events in one envelope, of which the bag needs two.
			r := l.says(`"packing"`)
			e := &l.d.Envelopes[r.Envelope]
			e.Path = append([]identity.Hash{identity.RecordHash(r.Bytes)}, e.Path[1:]...)
			r.Bytes = bytes.Replace(r.Bytes, []byte(`"packing"`), []byte(`"storing"`), 1)
		}},
		{"a record signed by a stranger", proof.ReasonNotProved, func(l *liar) {
			r := l.says(`"departing"`)
			alter(r)
			l.sign(r, stranger())
		}},
		{"a record signed by a stranger, who is shown as a member", proof.ReasonLog, func(l *liar) {
			r, key := l.says(`"departing"`), stranger()
			state := must(identity.DecodeKeyState(l.signerOf(r).State))
			state.Intervals[0].Value.PublicKey = key.PublicKey()
			alter(r)
			l.sign(r, key)
			l.d.Keys = append(l.d.Keys, proof.DossierKey{NS: trace.NSKey, ID: key.Address().Hex(), State: state.Encode()})
			l.prove()
		}},
		{"a key used after its revocation", proof.ReasonSigner, func(l *liar) {
			r := l.says(`"retail_selling"`)
			k := l.signerOf(r)
			state := must(identity.DecodeKeyState(k.State))
			first := state.Intervals[0]
			state.Intervals[0].ToSeq = &r.Seq
			first.FromSeq, first.Value.Status = r.Seq, identity.Revoked
			state.Intervals = append(state.Intervals, first)
			k.State = state.Encode()
		}},
		{"an organisation that there is not", proof.ReasonMap, func(l *liar) {
			k := l.signerOf(l.says(`"departing"`))
			state := must(identity.DecodeKeyState(k.State))
			member := l.key(trace.Key{NS: trace.NSOrganisation, ID: state.Intervals[0].Value.Organisation})
			made := must(identity.DecodeOrganisationState(member.State))
			made.Intervals[0].Value.Organisation.ID = "https://id.gs1.org/417/9521999000002"
			made.Intervals[0].Value.Organisation.Name = "Seven Seas Container Line"
			state.Intervals[0].Value.Organisation = made.Intervals[0].Value.Organisation.ID
			k.State = state.Encode()
			*member = proof.DossierKey{NS: trace.NSOrganisation, ID: made.Intervals[0].Value.Organisation.ID, State: made.Encode()}
			l.prove()
		}},
		{"a member's records as another member's", proof.ReasonMap, func(l *liar) {
			k, other := l.signerOf(l.says(`"departing"`)), l.signerOf(l.says(`"retail_selling"`))
			state := must(identity.DecodeKeyState(k.State))
			state.Intervals[0].Value.Organisation = must(identity.DecodeKeyState(other.State)).Intervals[0].Value.Organisation
			k.State = state.Encode()
		}},
		{"a false state: a certificate that is not revoked", proof.ReasonMap, func(l *liar) {
			k := l.key(l.certificate())
			var state trace.CertificateState
			if err := identity.UnmarshalStrict(k.State, &state); err != nil {
				panic(err)
			}
			state.Intervals = state.Intervals[:1]
			state.Intervals[0].ToSeq = nil
			k.State = must(identity.MarshalCanonical(state))
		}},
		{"a refused record without its refusal", proof.ReasonLog, func(l *liar) { l.record(l.cloned).Findings = nil }},
		{"another block time of a record", proof.ReasonLog, func(l *liar) { l.says(`"departing"`).Time++ }},
	}
}

// A misplacer shows true things in the wrong place, order or number.
func misplacements() []falsehood {
	return []falsehood{
		{"two records in each other's place", proof.ReasonOrder, func(l *liar) {
			l.d.Records[4], l.d.Records[5] = l.d.Records[5], l.d.Records[4]
		}},
		{"two records with each other's bytes", proof.ReasonEnvelope, func(l *liar) {
			a, b := l.says(`"departing"`), l.says(`"unloading"`)
			a.Bytes, b.Bytes = b.Bytes, a.Bytes
		}},
		{"a history in another order", proof.ReasonOrder, func(l *liar) {
			h := l.key(l.container()).History[0].Seqs
			h[0], h[1] = h[1], h[0]
		}},
		{"keys in another order", proof.ReasonOrder, func(l *liar) { slices.Reverse(l.d.Keys) }},
		{"one more in a count", proof.ReasonHistory, func(l *liar) { l.key(l.bag()).Count++ }},
		{"a branch bit moved", proof.ReasonMap, func(l *liar) { l.d.Map[1]++ }},
		{"a true key that was not asked for", proof.ReasonSurplus, func(l *liar) {
			k := trace.Key{NS: trace.NSItem, ID: dossierOf(l.sibling).ID}
			leaf, state, _, err := l.all.Leaf(k)
			l.d.Keys = append(l.d.Keys, proof.DossierKey{NS: k.NS, ID: k.ID, Count: must(leaf, err).Count, State: state})
			l.prove()
		}},
	}
}

// A substituter answers another question, or with another's proof.
func substitutions() []falsehood {
	return []falsehood{
		{"a genuine dossier of another item", proof.ReasonID, func(l *liar) { l.data = l.sibling }},
		{"a genuine dossier of another item under this one's id", proof.ReasonNotProved, func(l *liar) {
			l.take(l.sibling)
			l.d.ID = l.bag().ID
		}},
		{"the map proof of another item", proof.ReasonMap, func(l *liar) { l.d.Map = dossierOf(l.sibling).Map }},
		{"a genuine dossier of the other direction", proof.ReasonID, func(l *liar) { l.data = l.onward }},
		{"a genuine dossier of before there was anything to tell", proof.ReasonStale, func(l *liar) { l.data = l.before }},
		{"yesterday's dossier under today's checkpoint", proof.ReasonLog, func(l *liar) {
			today := l.d.Checkpoint
			l.take(l.yesterday)
			l.d.Checkpoint = today
		}},
		{"yesterday's roots under today's block", proof.ReasonRoots, func(l *liar) {
			today := l.d.Checkpoint
			l.take(l.yesterday)
			today.Roots = l.d.Checkpoint.Roots
			l.d.Checkpoint = today
		}},
		{"a genuine dossier of another network", proof.ReasonNetwork, func(l *liar) { l.data = l.foreign }},
		{"a genuine dossier of another network under this one's name", proof.ReasonVote, func(l *liar) {
			l.take(l.foreign)
			l.d.Checkpoint.Network, l.d.Checkpoint.Block.Header.ChainID = l.anchor.Network, l.anchor.Network.ChainID()
		}},
	}
}

// A false validator shows an agreement that there was not.
func disagreements() []falsehood {
	return []falsehood{
		{"a wrong validator set", proof.ReasonValidators, func(l *liar) {
			hash := l.d.Checkpoint.Block.Header.ValidatorsHash
			l.elect()
			l.d.Checkpoint.Block.Header.ValidatorsHash = hash
		}},
		{"a wrong validator set that agrees with itself", proof.ReasonAnchor, (*liar).elect},
		{"two thirds of the power minus one", proof.ReasonPower, func(l *liar) {
			s := &l.d.Checkpoint.Block.Commit.Signatures
			*s = (*s)[:len(*s)-1]
		}},
		{"a vote counted twice", proof.ReasonVote, func(l *liar) {
			s := l.d.Checkpoint.Block.Commit.Signatures
			s[len(s)-1] = s[len(s)-2]
		}},
		{"a later time of the block", proof.ReasonVote, func(l *liar) { l.d.Checkpoint.Block.Header.Time += int64(3600e9) }},
		{"a longer log", proof.ReasonRoots, func(l *liar) { l.d.Checkpoint.Roots.LogSize++ }},
	}
}
