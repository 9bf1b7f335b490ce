package proof

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

func keysOf(d *Dossier) (out []identity.Hash) {
	for i := range d.Keys {
		out = append(out, MapKey(d.Keys[i].Key()))
	}
	for i := range d.Absent {
		out = append(out, MapKey(d.Absent[i].Key()))
	}
	return out
}

// A misplacer shows true things in the wrong place, order or number.
func misplacements() []falsehood {
	return []falsehood{
		{"two records in each other's place", ReasonOrder, func(l *liar) { l.d.Records[4], l.d.Records[5] = l.d.Records[5], l.d.Records[4] }},
		{"two records with each other's bytes", ReasonEnvelope, func(l *liar) {
			a, b := l.record(l.pressed), l.record(l.departs())
			a.Bytes, b.Bytes = b.Bytes, a.Bytes
		}},
		{"two records with each other's seq", ReasonOrder, func(l *liar) {
			a, b := l.record(l.pressed), l.record(l.departs())
			a.Seq, b.Seq = b.Seq, a.Seq
		}},
		{"another index in the envelope", ReasonEnvelope, func(l *liar) { l.record(4).Index = 1 }},
		{"another number of records in an envelope", ReasonRecordsRoot, func(l *liar) { l.d.Envelopes[l.record(4).Envelope].Count = 9 }},
		{"a record twice", ReasonOrder, func(l *liar) { l.d.Records = slices.Insert(l.d.Records, 4, l.d.Records[4]) }},
		{"a record of an earlier block than the one before it", ReasonOrder, func(l *liar) { l.record(l.pressed).Height = 0 }},
		{"a record of an earlier time than the one before it", ReasonOrder, func(l *liar) { l.record(l.pressed).Time = 1 }},
		{"a record of an envelope that is not there", ReasonOrder, func(l *liar) { l.d.Envelopes = l.d.Envelopes[:len(l.d.Envelopes)-1] }},
		{"two records of an envelope with each other's index", ReasonRecordsRoot, func(l *liar) {
			a, b := l.twoOfOneEnvelope()
			a.Index, b.Index = b.Index, a.Index
		}},
		{"two records of an envelope with one index", ReasonRecordsRoot, func(l *liar) {
			a, b := l.twoOfOneEnvelope()
			b.Index = a.Index
		}},
		{"envelopes in another order", ReasonOrder, func(l *liar) {
			slices.Reverse(l.d.Envelopes)
			for i := range l.d.Records {
				l.d.Records[i].Envelope = len(l.d.Envelopes) - 1 - l.d.Records[i].Envelope
			}
		}},
		{"two records in each other's place in a history", ReasonOrder, func(l *liar) {
			h := l.key(crateKey).History[0].Seqs
			h[2], h[3] = h[3], h[2]
		}},
		{"a record twice in a history", ReasonOrder, func(l *liar) {
			h := &l.key(crateKey).History[0]
			h.Seqs = slices.Insert(h.Seqs, 2, h.Seqs[2])
		}},
		{"a history in two ranges that are one", ReasonOrder, func(l *liar) {
			x := l.key(crateKey)
			h := x.History[0]
			x.History = []DossierRange{{From: h.From, Seqs: h.Seqs[:2]}, {From: h.From + 2, Seqs: h.Seqs[2:]}}
		}},
		{"two ranges of a history that overlap", ReasonOrder, func(l *liar) {
			x := l.key(crateKey)
			h := x.History[0]
			x.History = []DossierRange{{From: h.From, Seqs: h.Seqs[:2]}, {From: h.From + 1, Seqs: h.Seqs[2:]}}
		}},
		{"a range of a history with nothing in it", ReasonOrder, func(l *liar) {
			x := l.key(crateKey)
			x.History = append(x.History, DossierRange{From: 100, Seqs: []uint64{}})
		}},
		{"a record at another position of a history", ReasonMap, func(l *liar) {
			x := l.key(bagKey)
			at, seqs := positionsOf(x)
			for i := range at {
				at[i]++
			}
			x.Count++
			x.History = ranges(at, seqs)
			x.Path = []identity.Hash{l.leaves[0], l.leaves[1]}[:1]
		}},
		{"one more in a count", ReasonHistory, func(l *liar) { l.key(bagKey).Count++ }},
		{"one less in a count", ReasonHistory, func(l *liar) { l.key(bagKey).Count-- }},
		{"another count of a key that is not opened", ReasonMap, func(l *liar) {
			k := l.key(trace.Key{NS: trace.NSOrganisation, ID: carrier})
			k.Count, k.Path = 1, []identity.Hash{hash("x")}
		}},
		{"keys in another order", ReasonOrder, func(l *liar) { slices.Reverse(l.d.Keys) }},
		{"absent keys in another order", ReasonOrder, func(l *liar) { slices.Reverse(l.d.Absent) }},
		{"an absent key twice", ReasonOrder, func(l *liar) { l.d.Absent = slices.Insert(l.d.Absent, 0, l.d.Absent[0]) }},
		{"a path of a history that has no records", ReasonHistory, func(l *liar) {
			l.key(trace.Key{NS: trace.NSOrganisation, ID: carrier}).Path = []identity.Hash{hash("x")}
		}},
		{"a key twice", ReasonOrder, func(l *liar) { l.d.Keys = slices.Insert(l.d.Keys, 3, l.d.Keys[3]) }},
		{"a branch bit moved", ReasonMap, func(l *liar) { l.d.Map[0]++ }},
		{"a side of a branch exchanged for the other", ReasonMap, func(l *liar) {
			for i, b := range l.d.Map { // the first node with one side pruned: those above begin with both
				if sides := b &^ maxStep; sides == nodeRight || sides == nodeLeft {
					l.d.Map[i] ^= nodeRight ^ nodeLeft
					return
				}
			}
		}},
		{"bytes behind the map proof", ReasonMap, func(l *liar) { l.d.Map = append(l.d.Map, nodeAsked) }},
		{"a hash too many under the log root", ReasonLog, func(l *liar) { l.d.Log = append(l.d.Log, hash("x")) }},
		{"a proof of no records", ReasonSurplus, func(l *liar) {
			l.build(itemOf(2, "NONE"), BuildOptions{})
			l.ask.ID, l.ask.Direction = itemOf(2, "NONE"), trace.Both
			l.d.Log = []identity.Hash{hash("x")}
		}},
		{"a hash too few under the log root", ReasonLog, func(l *liar) { l.d.Log = l.d.Log[1:] }},
		{"a true record that is not asked for", ReasonSurplus, func(l *liar) {
			l.build(crate, BuildOptions{})
			l.d.ID, l.d.Direction = bag, trace.Upstream
		}},
		{"a history opened further than needed", ReasonSurplus, func(l *liar) {
			l.build(crate, BuildOptions{}) // knows all of the crate's
			all, records, envelopes := *l.key(crateKey), l.d.Records, l.d.Envelopes
			l.build(bag, BuildOptions{Direction: trace.Upstream})
			*l.key(crateKey) = all
			l.merge(records, envelopes)
			l.prove()
		}},
		{"a true key that is not asked for", ReasonSurplus, func(l *liar) {
			k := trace.Key{NS: trace.NSItem, ID: sibling}
			l.d.Keys = append(l.d.Keys, DossierKey{NS: k.NS, ID: k.ID, Count: l.leaf[k].Count})
			l.prove()
		}},
		{"a true vote of a member, which no journey reads", ReasonSurplus, func(l *liar) {
			const proposal = "urn:waymark:proposal:1"
			at := l.at(l.t, "2026-07-20T08:00:00Z").block(l.t, shop, epcis.KindGovernance, own("Governance", `"action":"vote","id":"`+proposal+`","vote":"yes"`))
			l.build(bag, BuildOptions{Direction: trace.Upstream})
			l.d.Keys = append(l.d.Keys, DossierKey{NS: trace.NSGovernance, ID: proposal, Count: 1, History: []DossierRange{{Seqs: []uint64{at}}}})
			l.show(at)
			l.prove()
		}},
		{"a true record that stands in no history shown", ReasonSurplus, func(l *liar) {
			at := l.at(l.t, "2026-07-20T08:00:00Z").block(l.t, shop, epcis.KindEvent, event("2026-07-20T08:00:00Z", object("OBSERVE", "storing", itemOf(3, "LATE"))))
			l.build(bag, BuildOptions{Direction: trace.Upstream})
			l.show(at)
			l.prove()
		}},
		{"a truly refused text that is no record", ReasonSurplus, func(l *liar) {
			at := l.at(l.t, "2026-07-20T08:00:00Z").refuse(l.t, shop, epcis.KindEvent, `{"type":"nothing"}`)
			l.build(bag, BuildOptions{Direction: trace.Upstream})
			l.show(at)
			l.prove()
		}},
		{"a key of refusals that names no key", ReasonTouches, func(l *liar) {
			l.d.Keys = append(l.d.Keys, DossierKey{NS: trace.NSRefused, ID: "nothing"})
			l.prove()
		}},
		{"a truly absent key that is not asked for", ReasonSurplus, func(l *liar) {
			l.sayAbsent(trace.Key{NS: trace.NSItem, ID: "urn:nothing"})
			l.prove()
		}},
		{"an envelope without records", ReasonSurplus, func(l *liar) { l.d.Envelopes = append(l.d.Envelopes, l.d.Envelopes[0]) }},
		{"a field that no format has", "unusable", func(l *liar) { l.data = append([]byte(`{"note":"",`), l.text()[1:]...) }},
	}
}

// show adds the ledger's last record, whose envelope has no other.
func (l *liar) show(seq uint64) {
	entry, info := l.entries[seq], l.infos[l.entries[seq].Envelope]
	r := DossierRecord{Seq: seq, Height: entry.Height, Time: entry.Time, Envelope: len(l.d.Envelopes), Bytes: l.recorded[seq].Bytes}
	if findings := l.recorded[seq].Findings; len(findings) > 0 {
		r.Findings = EncodeFindings(findings)
	}
	l.d.Records = append(l.d.Records, r)
	l.d.Envelopes = append(l.d.Envelopes, DossierEnvelope{Kind: info.Kind, Signer: info.Signer, NotAfter: info.NotAfter, Count: info.Count,
		Signature: EnvelopeSignature(info.Signature)})
}

// twoOfOneEnvelope are neighbours of the dossier that were signed together.
func (l *liar) twoOfOneEnvelope() (a, b *DossierRecord) {
	l.t.Helper()
	for i := 1; i < len(l.d.Records); i++ {
		if a, b = &l.d.Records[i-1], &l.d.Records[i]; a.Envelope == b.Envelope {
			return a, b
		}
	}
	l.t.Fatal("no two records are of one envelope")
	return nil, nil
}

// merge adds the records that the dossier lacks, with their envelopes.
func (l *liar) merge(records []DossierRecord, envelopes []DossierEnvelope) {
	for _, r := range records {
		if !slices.ContainsFunc(l.d.Records, func(have DossierRecord) bool { return have.Seq == r.Seq }) {
			at := slices.IndexFunc(l.d.Envelopes, func(e DossierEnvelope) bool { return e.Signature == envelopes[r.Envelope].Signature })
			if at < 0 {
				at = len(l.d.Envelopes)
				l.d.Envelopes = append(l.d.Envelopes, envelopes[r.Envelope])
			}
			r.Envelope = at
			l.d.Records = append(l.d.Records, r)
		}
	}
	slices.SortFunc(l.d.Records, func(a, b DossierRecord) int { return int(a.Seq) - int(b.Seq) })
	l.tidy(0, 1)
}
