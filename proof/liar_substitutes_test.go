package proof

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A substituter answers another question, or with another's proof.
func substitutions() []falsehood {
	return []falsehood{
		{"a genuine dossier of another item", ReasonID, func(l *liar) { l.build(sibling, BuildOptions{Direction: trace.Upstream}) }},
		{"a genuine dossier of the other direction", ReasonID, func(l *liar) { l.build(bag, BuildOptions{Direction: trace.Downstream}) }},
		{"a genuine dossier of today alone, asked as of a past day", ReasonID, func(l *liar) { l.ask.At = l.sold }},
		{"a genuine dossier as of a past day, asked of today alone", ReasonID, func(l *liar) {
			l.build(bag, BuildOptions{Direction: trace.Upstream, At: l.sold})
		}},
		{"today's journey told as of a block after the signed one", ReasonID, func(l *liar) {
			l.d.At = l.d.Checkpoint.Block.Header.Height + 1000
			l.ask.At = l.d.At
		}},
		{"today's journey told as of the signed block, which says nothing of its own records", ReasonID, func(l *liar) {
			l.d.At = l.d.Checkpoint.Block.Header.Height
			l.ask.At = l.d.At
		}},
		{"a genuine dossier as of another day", ReasonID, func(l *liar) {
			l.build(bag, BuildOptions{Direction: trace.Upstream, At: l.sold})
			l.ask.At = l.sold + 1
		}},
		{"the other item's dossier under this one's id", ReasonNotProved, func(l *liar) {
			l.build(sibling, BuildOptions{Direction: trace.Upstream})
			l.d.ID = bag
			k := l.key(trace.Key{NS: trace.NSItem, ID: sibling})
			l.d.Keys = append(l.d.Keys, DossierKey{NS: bagKey.NS, ID: bagKey.ID, Count: l.leaf[bagKey].Count, History: k.History})
			l.prove()
		}},
		{"the other item's history as this one's", ReasonMap, func(l *liar) {
			k := trace.Key{NS: trace.NSItem, ID: sibling}
			x := l.key(bagKey)
			x.Count = uint64(len(l.history[k]))
			x.History = []DossierRange{{Seqs: slices.Clone(l.history[k])}}
			l.tidy(0, 1)
			l.prove()
			x = l.key(bagKey)
			x.Path = nil
		}},
		{"a record in the history of a key that it does not touch", ReasonTouches, func(l *liar) {
			x := l.key(trace.Key{NS: trace.NSItem, ID: bag})
			x.History[0].Seqs[len(x.History[0].Seqs)-2] = l.departs()
			slices.Sort(x.History[0].Seqs)
		}},
		{"a refused record among the accepted ones", ReasonTouches, func(l *liar) {
			x := l.key(bagKey)
			x.History[0].Seqs = append(x.History[0].Seqs, l.cloned)
			slices.Sort(x.History[0].Seqs)
			x.Count++
		}},
		{"the map proof of another id", ReasonMap, func(l *liar) {
			other, err := ParseDossier(l.dossier(l.t, sibling, BuildOptions{Direction: trace.Upstream}))
			if err != nil {
				l.t.Fatal(err)
			}
			l.d.Map = other.Map
		}},
		{"a proof at another height", ReasonRoots, func(l *liar) {
			stale := l.d.Checkpoint.Roots
			when := "2026-07-20T08:00:00Z"
			l.at(l.t, when).block(l.t, shop, epcis.KindEvent, event(when, object("OBSERVE", "storing", bag)))
			l.d.Checkpoint = *l.checkpoint(l.t)
			l.d.Checkpoint.Roots = stale
		}},
		{"yesterday's answer under today's checkpoint", ReasonLog, func(l *liar) {
			when := "2026-07-20T08:00:00Z"
			l.at(l.t, when).block(l.t, shop, epcis.KindEvent, event(when, object("OBSERVE", "storing", bag)))
			l.d.Checkpoint = *l.checkpoint(l.t)
		}},
		{"yesterday's answer", ReasonStale, func(l *liar) {
			l.ask.Now, l.ask.MaxAge = l.time.Seconds+86_400, 3600
		}},
		{"an answer one second older than allowed", ReasonStale, func(l *liar) {
			l.ask.Now, l.ask.MaxAge = l.d.Checkpoint.Time()/second+3601, 3600
		}},
		{"an answer judged by a clock that is far behind", ReasonStale, func(l *liar) {
			l.ask.Now, l.ask.MaxAge = l.d.Checkpoint.Time()/second-maxClockAhead-1, 3600
		}},
		{"the middle of a journey as its beginning", ReasonContinuation, func(l *liar) {
			l.build(bag, BuildOptions{Direction: trace.Upstream, MaxNodes: 1})
			l.build(bag, BuildOptions{Direction: trace.Upstream, Continue: l.rest()})
		}},
		{"the beginning of a journey as its second part", ReasonContinuation, func(l *liar) { from := hash("rest"); l.ask.From = &from }},
		{"the beginning of a journey as its second part, by the hash of nothing", ReasonContinuation, func(l *liar) {
			from := identity.Hash(sha256.Sum256(nil))
			l.ask.From = &from
		}},
		{"a second part as of a past day", ReasonContinuation, func(l *liar) {
			l.build(bag, BuildOptions{Direction: trace.Upstream, MaxNodes: 1})
			l.ask.From, l.ask.At = l.d.Rest, l.sold
			l.build(bag, BuildOptions{Direction: trace.Upstream, Continue: l.rest()})
			l.d.At = l.sold
		}},
		{"a part that continues what no walk has left", ReasonContinuation, func(l *liar) {
			l.d.From = []byte("nothing that a walk has left")
			from := identity.Hash(sha256.Sum256(l.d.From))
			l.ask.From = &from
		}},
		{"another second part", ReasonContinuation, func(l *liar) {
			l.build(bag, BuildOptions{Direction: trace.Upstream, MaxNodes: 1})
			l.ask.From = l.d.Rest
			l.build(bag, BuildOptions{Direction: trace.Upstream, MaxNodes: 2})
			l.build(bag, BuildOptions{Direction: trace.Upstream, Continue: l.rest()})
		}},
		{"a part that says it is the whole", ReasonContinuation, func(l *liar) {
			l.build(bag, BuildOptions{Direction: trace.Upstream, MaxNodes: 2})
			l.d.Rest = nil
		}},
		{"a part without its bound", ReasonNotProved, func(l *liar) {
			l.build(bag, BuildOptions{Direction: trace.Upstream, MaxNodes: 2})
			l.d.Nodes = 0
		}},
		{"a bound that bounds nothing", ReasonContinuation, func(l *liar) { l.d.Nodes = 100 }},
		{"a bound as wide as the reader's own", ReasonContinuation, func(l *liar) {
			l.build(bag, BuildOptions{Direction: trace.Upstream, MaxNodes: 2})
			l.d.Nodes = trace.DefaultMaxNodes
		}},
		{"a bound of tasks that bounds nothing", ReasonContinuation, func(l *liar) { l.d.Tasks = 1000 }},
		{"a whole journey that says it leaves a rest", ReasonContinuation, func(l *liar) { rest := hash("rest"); l.d.Rest = &rest }},
		{"a part that ends earlier than it says", ReasonContinuation, func(l *liar) {
			l.build(bag, BuildOptions{Direction: trace.Upstream, MaxRecords: 1})
			l.d.Tasks = 1
			rest := bytes.Repeat([]byte{7}, 32)
			copy(l.d.Rest[:], rest)
		}},
	}
}

// rest is the continuation of the dossier at hand.
func (l *liar) rest() string {
	l.t.Helper()
	data := l.text()
	v := vectorOf(l.t, l.book, "", data, vectorOptions{ID: l.d.ID, Direction: l.d.Direction})
	if !v.Expect.OK || v.Expect.Verdict.Rest == nil {
		l.t.Fatalf("no part: %+v", v.Expect)
	}
	return v.Expect.Verdict.Rest.Continue
}
