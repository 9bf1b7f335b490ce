package proof

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

var (
	bagKey         = trace.Key{NS: trace.NSItem, ID: bag}
	crateKey       = trace.Key{NS: trace.NSItem, ID: crate}
	declarationKey = trace.Key{NS: trace.NSTransaction, ID: declaration}
	organicKey     = trace.Key{NS: trace.NSCertificate, ID: organic}
)

// place finds a record in a key's history: its n-th, of records at these positions.
func (l *liar) place(k trace.Key, seq uint64) (x *DossierKey, at, seqs []uint64, n int) {
	l.t.Helper()
	x = l.key(k)
	at, seqs = positionsOf(x)
	if n = slices.Index(seqs, seq); n < 0 {
		l.t.Fatalf("%v has no record %d", k, seq)
	}
	return x, at, seqs, n
}

// without removes the record from the key's history, as if its place had never
// been, with the count to match.
func (l *liar) without(k trace.Key, seq uint64) {
	x, at, seqs, n := l.place(k, seq)
	for i := n; i < len(at); i++ {
		at[i]--
	}
	x.Count--
	l.hidden[k] = seq
	x.History = ranges(slices.Delete(at, n, n+1), slices.Delete(seqs, n, n+1))
}

// forgetOf removes the record from the key's history, and leaves its place open.
func (l *liar) forgetOf(k trace.Key, seq uint64) {
	x, at, seqs, n := l.place(k, seq)
	x.History = ranges(slices.Delete(at, n, n+1), slices.Delete(seqs, n, n+1))
}

// reused begins with the dossier of what was put into the crate long after that was recalled
// and locked.
func (l *liar) reused() reused {
	r := l.reuse(l.t)
	l.ask.ID = late
	l.build(late, BuildOptions{Direction: trace.Upstream})
	return r
}

// An omitter leaves out what the reader should not see.
func omissions() []falsehood {
	return []falsehood{
		{"a record left out of the item's history", ReasonNotProved, func(l *liar) { l.forget(l.pressed); l.tidy(); l.prove() }},
		{"a record left out, and one less counted", ReasonMap, func(l *liar) {
			l.without(bagKey, l.pressed)
			l.prove()
		}},
		{"a record left out that a history still names", ReasonNotProved, func(l *liar) {
			l.d.Records = slices.DeleteFunc(l.d.Records, func(r DossierRecord) bool { return r.Seq == l.pressed })
			l.tidy()
			l.prove()
		}},
		{"a container's history left out", ReasonNotProved, func(l *liar) { l.drop(crateKey); l.tidy(0, 1); l.prove() }},
		{"a container's history said to be none", ReasonMap, func(l *liar) {
			l.drop(crateKey)
			l.sayAbsent(crateKey)
			l.tidy(0, 1)
			l.prove()
		}},
		{"a container's range cut short at its end", ReasonNotProved, func(l *liar) {
			h := &l.key(crateKey).History[0]
			h.Seqs = h.Seqs[:len(h.Seqs)-2]
			l.tidy(0, 1)
			l.prove()
		}},
		{"the record behind a container's range left out", ReasonNotProved, func(l *liar) {
			h := &l.key(crateKey).History[0]
			h.Seqs = h.Seqs[:len(h.Seqs)-1]
			l.tidy(0, 1)
			l.prove()
		}},
		{"a hole in a container's range", ReasonNotProved, func(l *liar) {
			x := l.key(crateKey)
			at, seqs := positionsOf(x)
			x.History = ranges(slices.Delete(at, 2, 3), slices.Delete(seqs, 2, 3))
			l.tidy(0, 1)
			l.prove()
		}},
		{"a record left out of what a container did before", ReasonNotProved, func(l *liar) {
			when := "2026-07-20T08:00:00Z"
			l.at(l.t, when).block(l.t, carrier, epcis.KindEvent, event(when, pack("ADD", crate, late)))
			l.ask.ID = late
			l.build(late, BuildOptions{Direction: trace.Upstream})
			l.forgetOf(crateKey, l.history[crateKey][1])
			l.tidy()
			l.prove()
		}},
		{"a container's recall of long before left out", ReasonNotProved, func(l *liar) {
			r := l.reused()
			l.forget(r.recall)
			l.tidy(r.locked, r.held)
			l.prove()
		}},
		{"a container's recall of long before left out, and one less counted", ReasonMap, func(l *liar) {
			r := l.reused()
			l.without(crateKey.Recalls(), r.recall)
			l.tidy(r.locked, r.held)
			l.prove()
		}},
		{"the recalls of a container left out", ReasonNotProved, func(l *liar) {
			r := l.reused()
			l.drop(crateKey.Recalls())
			l.tidy(r.locked, r.held)
			l.prove()
		}},
		{"a container said to have no recalls", ReasonMap, func(l *liar) {
			r := l.reused()
			l.drop(crateKey.Recalls())
			l.sayAbsent(crateKey.Recalls())
			l.tidy(r.locked, r.held)
			l.prove()
		}},
		{"what locked a container long before left out", ReasonNotProved, func(l *liar) {
			l.tidy(l.reused().held)
			l.prove()
		}},
		{"the record by which a container is held left out", ReasonNotProved, func(l *liar) {
			l.tidy(l.reused().locked)
			l.prove()
		}},
		{"the recall of what a container came out of left out", ReasonNotProved, func(l *liar) {
			r := l.reused()
			l.forget(r.rack)
			l.tidy(r.locked, r.held)
			l.prove()
		}},
		{"an emptying that another followed left out", ReasonNotProved, func(l *liar) {
			r := l.reused()
			l.drop(rackEmptied)
			l.tidy(r.locked, r.held)
			l.prove()
		}},
		{"an emptying said not to have been", ReasonMap, func(l *liar) {
			r := l.reused()
			l.drop(rackEmptied)
			l.sayAbsent(rackEmptied)
			l.tidy(r.locked, r.held)
			l.prove()
		}},
		{"what a refusal rests on left out", ReasonNotProved, func(l *liar) {
			why := l.history[crateKey][0]
			when := "2026-07-20T08:00:00Z"
			l.at(l.t, when).judged(l.t, l.keys[shop], shop, epcis.KindEvent, []trace.Finding{{Severity: trace.Reject, Rule: "C3", Version: 1, Code: 1306,
				Title: "it is another's", Facts: []trace.Fact{{Name: late, Value: "packed by another", Seq: &why}}}}, event(when, object("OBSERVE", "shipping", late)))
			l.ask.ID = late
			l.build(late, BuildOptions{Direction: trace.Upstream})
			l.record(why)
			l.tidy()
			l.prove()
		}},
		{"a container said not to be locked", ReasonMap, func(l *liar) {
			r := l.reused()
			l.key(crateKey).State = nil
			l.tidy(r.held)
			l.prove()
		}},
		{"a recall left out of a class of many records", ReasonNotProved, func(l *liar) {
			of := func(disposition string) string {
				return event("2026-07-20T08:00:00Z", fmt.Sprintf(`"type":"ObjectEvent","action":"OBSERVE","bizStep":"holding","disposition":%q,"quantityList":[{"epcClass":%q}]`, disposition, class(2)))
			}
			l.at(l.t, "2026-07-20T08:00:00Z").block(l.t, shop, epcis.KindEvent, slices.Repeat([]string{of("active")}, 205)...) // more than are read from the first on
			late := itemOf(2, "LATE")
			l.block(l.t, shop, epcis.KindEvent, event("2026-07-20T08:00:00Z", object("OBSERVE", "storing", late)))
			recall := l.block(l.t, grower, epcis.KindEvent, of("recalled"))
			l.block(l.t, shop, epcis.KindEvent, of("active"))
			l.ask.ID = late
			l.build(late, BuildOptions{Direction: trace.Upstream})
			l.forgetOf(trace.Key{NS: trace.NSClass, ID: class(2)}, recall)
			l.tidy()
			l.prove()
		}},
		{"a certificate's revocation left out", ReasonNotProved, func(l *liar) { l.forget(l.revoked); l.tidy(0, 1); l.prove() }},
		{"a certificate's revocation left out and not counted", ReasonMap, func(l *liar) {
			l.without(organicKey, l.revoked)
			l.tidy(0, 1)
			l.prove()
		}},
		{"a certificate left out", ReasonNotProved, func(l *liar) { l.drop(organicKey); l.tidy(0, 1); l.prove() }},
		{"a refusal said not to be", ReasonMap, func(l *liar) {
			l.drop(bagKey.Refused())
			l.sayAbsent(bagKey.Refused())
			l.tidy(0, 1)
			l.prove()
		}},
		{"a refusal not mentioned", ReasonNotProved, func(l *liar) { l.drop(bagKey.Refused()); l.tidy(0, 1); l.prove() }},
		{"a hold on the declaration left out", ReasonNotProved, func(l *liar) { l.forget(l.held); l.tidy(0, 1); l.prove() }},
		{"a declaration's history left out", ReasonNotProved, func(l *liar) { l.drop(declarationKey); l.tidy(0, 1); l.prove() }},
		{"the recalls of a product class left out", ReasonNotProved, func(l *liar) { l.drop(trace.Key{NS: trace.NSClass, ID: class(2)}); l.prove() }},
		{"the input left out", ReasonNotProved, func(l *liar) { l.drop(trace.Key{NS: trace.NSLot, ID: apples}); l.tidy(0, 1); l.prove() }},
		{"a signing key left out", ReasonNotProved, func(l *liar) {
			l.drop(trace.Key{NS: trace.NSKey, ID: l.keys[carrier].Address().Hex()})
			l.prove()
		}},
		{"an organisation left out", ReasonNotProved, func(l *liar) { l.drop(trace.Key{NS: trace.NSOrganisation, ID: carrier}); l.prove() }},
		{"an organisation said to be unknown", ReasonOrganisation, func(l *liar) {
			k := trace.Key{NS: trace.NSOrganisation, ID: carrier}
			l.drop(k)
			l.sayAbsent(k)
			l.prove()
		}},
		{"the network's parameters left out", ReasonNotProved, func(l *liar) { l.drop(trace.ParametersKey()); l.prove() }},
		{"an unknown key not proved to be unknown", ReasonNotProved, func(l *liar) {
			k := l.d.Absent[0].Key()
			l.drop(k)
			l.prove()
		}},
		{"an item said to be unknown", ReasonMap, func(l *liar) {
			l.d.Envelopes, l.d.Records, l.d.Keys = nil, nil, nil
			l.d.Absent = []KeyName{{NS: bagKey.NS, ID: bagKey.ID}, {NS: trace.NSRefused, ID: bagKey.Refused().ID}}
			l.prove()
			l.d.Map = forgeAbsent(l.all, keysOf(l.d), MapKey(bagKey))
		}},
		{"a file that ends too early", "unusable", func(l *liar) { data := l.text(); l.data = data[:len(data)*2/3] }},
	}
}
