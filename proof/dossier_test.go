package proof

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
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
// continuation can go on with it.
func TestJourneyThatIsNotReadToItsEndIsNotComplete(t *testing.T) {
	o := newOrchard(t)
	var many []string
	for range 200 {
		many = append(many, event("2026-03-12T08:00:00Z", object("OBSERVE", "storing", itemOf(3, "X"))+citing(declaration)))
	}
	for i := range many {
		many[i] = strings.Replace(many[i], "08:00:00Z", fmt.Sprintf("08:%02d:%02dZ", i/60, i%60), 1)
	}
	o.block(t, shop, epcis.KindEvent, many...)
	v := o.verify(t, o.dossier(t, bag, BuildOptions{}), Options{ID: bag})
	if v.Complete || v.Rest != nil || !slices.ContainsFunc(v.Journey.Gaps, func(g trace.Gap) bool { return g.ID == declaration }) {
		t.Errorf("complete: %v, gaps %+v", v.Complete, v.Journey.Gaps)
	}
}
