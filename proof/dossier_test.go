package proof

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

func (b *book) verify(t testing.TB, data []byte, o Options) *Verdict {
	t.Helper()
	o.Anchor = b.anchor(t)
	v, err := Verify(data, o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func sameJSON(t testing.TB, a, b any) bool {
	t.Helper()
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
}

// What a dossier proves is the journey that the ledger itself tells.
func TestVerifiedJourneyIsTheLedgersOwn(t *testing.T) {
	o := newOrchard(t)
	lane := newLane(t)
	for _, c := range []struct {
		book *book
		id   string
	}{
		{o.book, bag}, {o.book, sibling}, {o.book, apples}, {o.book, crate}, {o.book, class(2)}, {o.book, declaration}, {o.book, organic}, {o.book, place("9521101")}, {o.book, shop},
		{lane, laneBag}, {lane, laneContainer}, {lane, laneMRN},
	} {
		for _, d := range []trace.Direction{trace.Upstream, trace.Downstream, trace.Both} {
			data := c.book.dossier(t, c.id, BuildOptions{Direction: d})
			v := c.book.verify(t, data, Options{ID: c.id, Direction: d})
			want, err := trace.Walk(c.book, c.id, trace.Options{Direction: d, Now: v.Checkpoint.Time})
			if err != nil {
				t.Fatal(err)
			}
			if !v.Known || !v.Complete || !sameJSON(t, v.Journey, want) || len(v.Records) != len(want.Records) {
				t.Errorf("%s %s: the verdict tells another journey", c.id, d)
			}
			for i, r := range v.Records {
				if w := want.Records[i]; r.Seq != w.Seq || r.Organisation != w.Organisation || r.Envelope != w.Envelope || r.Name == "" {
					t.Errorf("%s: record %+v, want %+v", c.id, r, w)
				}
			}
			if c.id == laneBag || c.id == bag {
				t.Logf("%s %s: %d records in the journey, %d bytes, %d with gzip", c.id, d, len(v.Records), len(data), gzipped(data))
			}
		}
	}
}

func gzipped(data []byte) int {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(data)
	z.Close()
	return out.Len()
}

func TestVerdictShowsWhatCameAfter(t *testing.T) {
	o := newOrchard(t)
	v := o.verify(t, o.dossier(t, bag, BuildOptions{At: o.sold}), Options{ID: bag, At: o.sold})
	seqs := func(j *trace.Journey) (out []uint64) {
		for _, r := range j.Records {
			out = append(out, r.Seq)
		}
		return out
	}
	for _, s := range []uint64{o.held, o.revoked} {
		if !slices.Contains(seqs(v.Journey), s) || slices.Contains(seqs(v.Then.Journey), s) || !slices.Contains(v.Then.Since, s) {
			t.Errorf("record %d: today %v, then %v, since %v", s, seqs(v.Journey), seqs(v.Then.Journey), v.Then.Since)
		}
	}
	if len(v.Then.Since) != 2 {
		t.Errorf("since %v", v.Then.Since)
	}
	if got := v.Journey.Certificates[0].AtEvent + ", " + v.Then.Journey.Certificates[0].AtEvent; got != "revoked, active" {
		t.Errorf("the certificate was, as told today and then: %s", got)
	}
	if !slices.Contains(seqs(v.Then.Journey), o.cloned) || !slices.ContainsFunc(v.Refused, func(k KeyCount) bool { return k.ID == "item:"+bag && k.Count == 1 }) {
		t.Errorf("refusals %+v", v.Refused)
	}
	before := o.verify(t, o.dossier(t, bag, BuildOptions{At: 1}), Options{ID: bag, At: 1})
	if before.Then.Known || before.Then.Journey != nil {
		t.Errorf("before it was made: %+v", before.Then)
	}
}

// Everything that was not asked for about an unknown id is absent, and that is proved.
func TestUnknownIDIsProved(t *testing.T) {
	o := newOrchard(t)
	for _, id := range []string{itemOf(2, "NONE"), "urn:nothing", lotOf(9, "X"), "https://example.org/cert/9", ""} {
		data := o.dossier(t, id, BuildOptions{})
		v := o.verify(t, data, Options{ID: id})
		if v.Known || v.Journey != nil || len(v.Records) != 0 || !v.Complete {
			t.Errorf("%s: %+v", id, v)
		}
	}
	if v := o.verify(t, o.dossier(t, itemOf(2, "NONE"), BuildOptions{At: 3}), Options{ID: itemOf(2, "NONE"), At: 3}); v.Then == nil || v.Then.Known {
		t.Errorf("%+v", v)
	}
}

// A journey in parts is, together, the whole one, and each part is verified to
// begin where the one before ended.
func TestPartsOfAJourney(t *testing.T) {
	b := newLane(t)
	for _, bounds := range []BuildOptions{{MaxNodes: 150}, {MaxNodes: 100, MaxRecords: 100}} {
		whole := b.verify(t, b.dossier(t, laneMRN, BuildOptions{}), Options{ID: laneMRN})
		records, nodes := map[uint64]bool{}, map[string]bool{}
		parts, o := 0, Options{ID: laneMRN}
		for {
			parts++
			v := b.verify(t, b.dossier(t, laneMRN, bounds), o)
			for _, r := range v.Records {
				records[r.Seq] = true
			}
			for _, n := range v.Journey.Graph.Nodes {
				nodes[n.ID] = true
			}
			if v.Complete {
				break
			}
			if len(v.Rest.Keys) == 0 || parts > 200 {
				t.Fatalf("part %d leaves %+v", parts, v.Rest)
			}
			bounds.Continue, o.From = v.Rest.Continue, &v.Rest.Hash
		}
		if parts < 3 {
			t.Errorf("%d parts", parts)
		}
		for _, r := range whole.Records {
			if !records[r.Seq] {
				t.Errorf("%+v: record %d is in no part", bounds, r.Seq)
			}
		}
		for _, n := range whole.Journey.Graph.Nodes {
			if !nodes[n.ID] {
				t.Errorf("%s is in no part", n.ID)
			}
		}
	}
}

// A journey that is longer than a walk reads is not called complete, though no
// continuation can go on with it: it says up to which record it is, of 250 records about
// a document as of 2,000. The dossier of the document itself has all of them.
func TestJourneyThatIsNotReadToItsEndIsNotComplete(t *testing.T) {
	for _, records := range []int{250, 2000} {
		o := newOrchard(t)
		for from := 0; from < records; from += 500 {
			var many []string
			for i := from; i < min(records, from+500); i++ {
				when := fmt.Sprintf("2026-03-12T08:%02d:%02dZ", i/60, i%60)
				many = append(many, event(when, object("OBSERVE", "storing", itemOf(3, "X"))+citing(declaration)))
			}
			o.block(t, shop, epcis.KindEvent, many...)
		}
		o.block(t, customs, epcis.KindEvent, event("2026-03-12T09:00:00Z", `"type":"TransactionEvent","action":"OBSERVE","bizStep":"holding","epcList":[]`+citing(declaration)))
		hold := uint64(len(o.recorded) - 1)
		data := o.dossier(t, bag, BuildOptions{})
		v := o.verify(t, data, Options{ID: bag})
		at := slices.IndexFunc(v.Journey.Gaps, func(g trace.Gap) bool { return g.ID == declaration && g.Unread })
		if v.Complete || v.Rest != nil || at < 0 || v.Journey.Gaps[at].Seq == 0 || v.Journey.Gaps[at].Seq >= hold {
			t.Errorf("%d records: complete: %v, gaps %+v", records, v.Complete, v.Journey.Gaps)
		}
		if slices.ContainsFunc(v.Records, func(r VerifiedRecord) bool { return r.Seq == hold }) {
			t.Errorf("the hold is told, and the journey says that it is not")
		}
		if len(data) > 1<<20 {
			t.Errorf("%d records: the bag's dossier has %d bytes", records, len(data))
		}

		told, o2 := map[uint64]bool{}, Options{ID: declaration}
		var build BuildOptions
		for parts := 1; ; parts++ {
			v := o.verify(t, o.dossier(t, declaration, build), o2)
			for _, r := range v.Records {
				told[r.Seq] = true
			}
			if slices.ContainsFunc(v.Journey.Gaps, func(g trace.Gap) bool { return g.Unread }) || parts > 10 {
				t.Fatalf("part %d: gaps %+v", parts, v.Journey.Gaps)
			}
			if v.Rest == nil {
				break
			}
			build.Continue, o2.From = v.Rest.Continue, &v.Rest.Hash
		}
		if !told[hold] || len(told) < records {
			t.Errorf("the document's own dossier tells %d of %d records, the hold: %v", len(told), records, told[hold])
		}
	}
}
