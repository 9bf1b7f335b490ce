package proof

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A vector is one dossier with what a verifier is asked and trusts, and what it
// answers: testdata/vectors, for verifiers in every language. See the README
// there.
type vector struct {
	Name    string        `json:"name"`
	Trust   vectorTrust   `json:"trust"`
	Options vectorOptions `json:"options"`
	Dossier string        `json:"dossier"`
	Expect  vectorExpect  `json:"expected"`
}

// vectorTrust is one of two texts, byte for byte.
type vectorTrust struct {
	Genesis    string `json:"genesis,omitempty"`
	Checkpoint string `json:"checkpoint,omitempty"`
}

type vectorOptions struct {
	ID        string          `json:"id"`
	Direction trace.Direction `json:"direction"`
	At        uint64          `json:"at,omitempty"`
	From      *identity.Hash  `json:"from,omitempty"`
	MaxAge    int64           `json:"maxAge,omitempty"` // seconds
	Now       int64           `json:"now,omitempty"`    // Unix seconds
}

type vectorExpect struct {
	OK      bool           `json:"ok"`
	Reason  Reason         `json:"reason,omitempty"` // or "unusable"
	Seq     *uint64        `json:"seq,omitempty"`
	Key     *KeyName       `json:"key,omitempty"`
	Summary *vectorSummary `json:"summary,omitempty"`
	Verdict *Verdict       `json:"verdict,omitempty"`
}

// vectorSummary is the least that two verifiers have to agree on; the verdict is
// the most.
type vectorSummary struct {
	ID      string      `json:"id"`
	Known   bool        `json:"known"`
	Records []uint64    `json:"records"`
	Steps   []uint64    `json:"steps"`
	Gaps    []trace.Gap `json:"gaps"`
	Nodes   []string    `json:"nodes"`
	Edges   [][]any     `json:"edges"` // kind, from, to, seq
}

func summary(v *Verdict) *vectorSummary {
	s := &vectorSummary{ID: v.ID, Known: v.Known, Records: []uint64{}, Steps: []uint64{}, Gaps: []trace.Gap{}, Nodes: []string{}, Edges: [][]any{}}
	for _, r := range v.Records {
		s.Records = append(s.Records, r.Seq)
	}
	if v.Journey == nil {
		return s
	}
	for _, step := range v.Journey.Steps {
		s.Steps = append(s.Steps, step.Seq)
	}
	s.Gaps = v.Journey.Gaps
	for _, n := range v.Journey.Graph.Nodes {
		s.Nodes = append(s.Nodes, n.ID)
	}
	for _, e := range v.Journey.Graph.Edges {
		s.Edges = append(s.Edges, []any{e.Kind, e.From, e.To, e.Seq})
	}
	return s
}

func (v *vector) options(t testing.TB) Options {
	t.Helper()
	o := Options{ID: v.Options.ID, Direction: v.Options.Direction, At: v.Options.At, From: v.Options.From, MaxAge: v.Options.MaxAge}
	if v.Options.Now != 0 {
		o.Now = epcis.Instant{Seconds: v.Options.Now}
	}
	var err error
	if v.Trust.Genesis != "" {
		var g *identity.Genesis
		if g, err = identity.ParseGenesis([]byte(v.Trust.Genesis)); err == nil {
			o.Anchor, err = AnchorOfGenesis(g)
		}
	} else {
		var c *Checkpoint
		if c, err = ParseCheckpoint([]byte(v.Trust.Checkpoint)); err == nil {
			o.Anchor, err = AnchorOfCheckpoint(c)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// answer verifies the vector's dossier and says what came of it.
func (v *vector) answer(t testing.TB) vectorExpect {
	t.Helper()
	verdict, err := Verify([]byte(v.Dossier), v.options(t))
	if err == nil {
		return vectorExpect{OK: true, Summary: summary(verdict), Verdict: verdict}
	}
	e := vectorExpect{Reason: reasonOf(err)}
	var r *Refutation
	if errors.As(err, &r) {
		e.Seq = r.Seq
		if r.Key != (trace.Key{}) {
			e.Key = &KeyName{NS: r.Key.NS, ID: r.Key.ID}
		}
	}
	return e
}

// trust has the reader trust a checkpoint instead of genesis.
func (v *vector) trust(t testing.TB, c *Checkpoint) {
	t.Helper()
	text, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	v.Trust = vectorTrust{Checkpoint: string(text)}
	v.Expect = v.answer(t)
}

// vectorOf is a vector of the book, answered.
func vectorOf(t testing.TB, b *book, name string, data []byte, o vectorOptions) *vector {
	t.Helper()
	v := &vector{Name: name, Trust: vectorTrust{Genesis: string(b.chain.genesis.Doc)}, Options: o, Dossier: string(data)}
	if v.Options.Direction == "" {
		v.Options.Direction = trace.Both
	}
	v.Expect = v.answer(t)
	return v
}

// goodVectors are dossiers that verify.
func goodVectors(t testing.TB) []*vector {
	o := newOrchard(t)
	var out []*vector
	add := func(b *book, name, id string, build BuildOptions, ask vectorOptions) *Verdict {
		ask.ID, ask.Direction, ask.At = id, build.Direction, build.At
		v := vectorOf(t, b, name, b.dossier(t, id, build), ask)
		if !v.Expect.OK {
			t.Fatalf("%s: %s", name, v.Expect.Reason)
		}
		out = append(out, v)
		return v.Expect.Verdict
	}
	add(o.book, "bag upstream", bag, BuildOptions{Direction: trace.Upstream}, vectorOptions{})
	add(o.book, "bag both ways, fresh", bag, BuildOptions{}, vectorOptions{MaxAge: 60, Now: o.checkpoint(t).Time()/second + 60})
	add(o.book, "bag as of the day of sale", bag, BuildOptions{At: o.sold}, vectorOptions{})
	add(o.book, "bag as of before it was", bag, BuildOptions{At: 1}, vectorOptions{})
	add(o.book, "lot downstream, one record of three in its envelope", apples, BuildOptions{Direction: trace.Downstream}, vectorOptions{})
	add(o.book, "container", crate, BuildOptions{}, vectorOptions{})
	add(o.book, "declaration", declaration, BuildOptions{}, vectorOptions{})
	add(o.book, "revoked certificate", organic, BuildOptions{}, vectorOptions{})
	add(o.book, "product class", class(2), BuildOptions{}, vectorOptions{})
	add(o.book, "item in another spelling", strings.Replace(bag, "https://id.gs1.org/", "https://example.com/", 1), BuildOptions{}, vectorOptions{})
	add(o.book, "unknown item", itemOf(2, "NONE"), BuildOptions{}, vectorOptions{})
	add(o.book, "unknown id of no scheme, by a clock that is behind", "urn:nothing", BuildOptions{At: 4},
		vectorOptions{MaxAge: 60, Now: o.checkpoint(t).Time()/second - maxClockAhead})

	unsorted := validators(10, "a", "b", "c", "d")
	slices.Reverse(unsorted)
	listed := newBookOf(t, "2026-03-01T00:00:00Z", map[string]string{grower: "Hill Orchard"}, unsorted)
	listed.block(t, grower, epcis.KindMasterData, named(epcis.VocabularyClass, class(2), "Apples, bag of 1 kg"))
	add(listed, "validators in another order in genesis", class(2), BuildOptions{}, vectorOptions{})

	bridged := newOrchard(t)
	bridged.chain.sets[5], bridged.chain.sets[9] = validators(10, "c", "d", "e", "f"), validators(10, "f", "g", "h", "i")
	bridged.chain.sets[24] = validators(10, "f", "g", "h", "a") // from the block after the one that is kept
	add(bridged.book, "validators changed since genesis", sibling, BuildOptions{}, vectorOptions{})
	kept := bridged.checkpoint(t)
	when := "2026-07-20T08:00:00Z"
	bridged.at(t, when).block(t, shop, epcis.KindEvent, event(when, object("OBSERVE", "storing", itemOf(3, "LATE"))))
	after := vectorOf(t, bridged.book, "trusting a checkpoint", bridged.dossier(t, sibling, BuildOptions{}), vectorOptions{ID: sibling})
	after.trust(t, kept)
	if !after.Expect.OK {
		t.Fatalf("%s: %s", after.Name, after.Expect.Reason)
	}
	out = append(out, after)

	doubted := newOrchard(t)
	doubted.compromise(testKey(t, 100), instant(t, "2026-03-03T00:00:00Z").Seconds)
	doubted.commit()
	if v := add(doubted.book, "bag born with a compromised key", bag, BuildOptions{Direction: trace.Upstream}, vectorOptions{}); !slices.ContainsFunc(v.Journey.Steps,
		func(s trace.Step) bool {
			return s.Compromised && strings.HasSuffix(s.Told(), "(signed with a compromised key)")
		}) {
		t.Fatal("no step tells that its key was compromised")
	}

	for name, at := range map[string]uint64{"before that was known": doubted.entries[doubted.pressed].Height, "after that was known": doubted.sold} {
		v := add(doubted.book, "bag born with a compromised key, as of "+name, bag, BuildOptions{Direction: trace.Upstream, At: at}, vectorOptions{})
		if slices.ContainsFunc(v.Then.Journey.Steps, func(s trace.Step) bool { return s.Compromised }) != (at == doubted.sold) {
			t.Fatalf("%s: %+v", name, v.Then.Journey.Steps)
		}
	}

	barred := newOrchard(t)
	refusal := []trace.Finding{{Severity: trace.Reject, Rule: "A2", Version: 1, Code: 1, Title: "no standing"}}
	barred.suspend(t, shop)
	for i, key := range []*identity.Key{testKey(t, 100), barred.keys[shop]} { // revoked, and of the suspended member
		when := fmt.Sprintf("2026-07-2%dT08:00:00Z", i)
		barred.at(t, when).judged(t, key, []string{grower, shop}[i], epcis.KindEvent, refusal, event(when, object("OBSERVE", "storing", bag)))
	}
	add(barred.book, "bag, refused records of who had no standing", bag, BuildOptions{Direction: trace.Upstream}, vectorOptions{})

	seasonal := newOrchard(t)
	season := link + "253/" + checked("952110600000") + "SEASON"
	seasonal.at(t, "2026-07-20T08:00:00Z").block(t, certifier, epcis.KindCertificate, own("Certificate", fmt.Sprintf(
		`"action":"issue","id":%q,"scheme":%q,"subject":%q,"validFrom":"2026-07-01T00:00:00Z","validUntil":"2026-07-31T00:00:00Z"`,
		season, epcis.Vocabulary+"Scheme-organic", grower)))
	issued := seasonal.height
	seasonal.at(t, "2026-08-20T08:00:00Z").block(t, carrier, epcis.KindEvent, event("2026-08-20T08:00:00Z", object("OBSERVE", "storing", crate)))
	if v := add(seasonal.book, "expired certificate, as of its issue", season, BuildOptions{At: issued}, vectorOptions{}); v.Then.Journey == nil ||
		v.Journey.Certificates[0].Today == v.Then.Journey.Certificates[0].Today {
		t.Fatal("the certificate stands as it stood when it was issued")
	}

	covering := newOrchard(t)
	part := link + "253/" + checked("952110600000") + "PART"
	covering.at(t, "2026-07-20T08:00:00Z").block(t, certifier, epcis.KindCertificate, own("Certificate", fmt.Sprintf(
		`"action":"issue","id":%q,"scheme":%q,"subject":%q,"scope":[%q,%q],"validFrom":"2026-07-01T00:00:00Z","validUntil":"2026-07-31T00:00:00Z"`,
		part, epcis.Vocabulary+"Scheme-organic", grower, class(5), lotOf(7, "L"))))
	for _, serials := range [][]string{{itemOf(5, "P1"), itemOf(6, "P2")}, {itemOf(5, "P1"), itemOf(7, "P3")}} {
		covering.at(t, "2026-07-21T08:00:00Z").block(t, grower, epcis.KindEvent,
			event("2026-07-21T07:00:00Z", object("OBSERVE", "inspecting", serials...)+fmt.Sprintf(`,"certificationInfo":%q`, part)))
	}
	for id, want := range map[string]string{itemOf(5, "P1"): trace.CertificateActive, itemOf(6, "P2"): trace.CertificateOutOfScope, itemOf(7, "P3"): trace.CertificateActive} {
		if v := add(covering.book, "goods of and beside a certificate, "+id[strings.LastIndexByte(id, '/')+1:], id, BuildOptions{}, vectorOptions{}); v.Journey.Certificates[0].AtEvent != want {
			t.Fatalf("the certificate is told as %s of %s", v.Journey.Certificates[0].AtEvent, id)
		}
	}

	first := add(o.book, "first part of three", crate, BuildOptions{MaxNodes: 3}, vectorOptions{})
	if dated := add(o.book, "first part of three, as of the day of sale", crate, BuildOptions{MaxNodes: 3, At: o.sold}, vectorOptions{}); dated.Rest.Hash != first.Rest.Hash {
		t.Fatal("as of a past height, it leaves another rest")
	}
	second := add(o.book, "second part, ended early", crate, BuildOptions{MaxRecords: 1, Continue: first.Rest.Continue}, vectorOptions{From: &first.Rest.Hash})
	last := add(o.book, "third part", crate, BuildOptions{Continue: second.Rest.Continue}, vectorOptions{From: &second.Rest.Hash})
	if !last.Complete {
		t.Fatal("there is more than three parts")
	}
	attic := newAttic(t)
	for name, id := range map[string]string{"jar": jam, "split lot": fruit, "lot of two origins": juice, "reusable box": box, "name hard to write": odd,
		"pallet": pallet, "class recalled": class(5), "blanket order": wide} {
		add(attic, "attic, "+name, id, BuildOptions{}, vectorOptions{})
	}
	blanket(t, attic)
	add(attic, "attic, document cited too often", jam, BuildOptions{Direction: trace.Upstream}, vectorOptions{})
	add(attic, "attic, document of many records", wide, BuildOptions{Direction: trace.Upstream}, vectorOptions{})

	lifted := newAttic(t)
	lift(t, lifted)
	if v := add(lifted, "attic, recall of the class lifted", jam, BuildOptions{}, vectorOptions{}); !slices.ContainsFunc(v.Journey.Recalls,
		func(r trace.Recall) bool { return r.Of == class(5) && r.Lifted != nil }) {
		t.Fatal("the journey does not tell that the recall was lifted")
	}

	stolen := newAttic(t)
	steal(t, stolen)
	if v := add(stolen, "attic, recalls and their ends by a compromised key", jam, BuildOptions{}, vectorOptions{}); len(v.Journey.Recalls) != 3 ||
		v.Journey.Recalls[0].DoubtfulEnd == nil || v.Journey.Recalls[1].DoubtfulEnd == nil || !v.Journey.Recalls[2].Compromised {
		t.Fatalf("the journey takes a thief's word for a recall: %+v", v.Journey.Recalls)
	}

	meddled := newAttic(t)
	meddle(t, meddled)
	var theirs []string
	for _, r := range add(meddled, "attic, recalls by who may not recall", jam, BuildOptions{}, vectorOptions{}).Journey.Recalls {
		theirs = append(theirs, fmt.Sprint(r.Of == jam, r.Organisation == carrier, r.OfOthers))
	}
	if want := []string{"false false false", "false true true", "true true true", "false true false"}; !slices.Equal(theirs, want) {
		t.Fatalf("the journey tells of the recalls %q, want %q", theirs, want)
	}

	again := newOrchard(t)
	since := again.reuse(t)
	has := func(v *Verdict, seq uint64) bool {
		return slices.ContainsFunc(v.Records, func(r VerifiedRecord) bool { return r.Seq == seq })
	}
	if v := add(again.book, "item put into a crate long after that was recalled, locked and put elsewhere", late, BuildOptions{}, vectorOptions{}); len(v.Journey.Recalls) != 2 ||
		v.Journey.Recalls[0].Seq != since.rack || v.Journey.Recalls[1].Seq != since.recall || !has(v, since.locked) || !has(v, since.held) ||
		!slices.ContainsFunc(v.Journey.Graph.Nodes, func(n trace.Node) bool { return n.ID == stack }) || !v.Complete {
		t.Fatalf("the journey leaves out what was long before: %+v", v.Journey)
	}

	office, held := newOffice(t)
	add(office, "crate released by customs", crate, BuildOptions{}, vectorOptions{})
	add(office, "bag in a crate held by customs", bag, BuildOptions{Direction: trace.Upstream, At: held}, vectorOptions{})
	add(office, "import declaration", importMRN, BuildOptions{}, vectorOptions{})

	divided := newDividedOffice(t)
	add(divided, "bag released beside what customs hold", bag, BuildOptions{}, vectorOptions{})
	add(divided, "bag held beside what customs released", sibling, BuildOptions{}, vectorOptions{})
	add(divided, "declaration decided in parts", importMRN, BuildOptions{}, vectorOptions{})

	add(newLane(t), "coffee bag upstream", laneBag, BuildOptions{Direction: trace.Upstream}, vectorOptions{})
	return out
}

// TestFalseVectors tells every lie, and holds them to their file, which is one and compressed: they
// differ little. With -update it is written.
func TestFalseVectors(t *testing.T) {
	path := filepath.Join("testdata", "vectors", "lies.json.gz")
	b, err := json.MarshalIndent(falseVectors(t), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		var out bytes.Buffer
		z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
		if err == nil {
			_, err = z.Write(append(b, '\n'))
		}
		if err := cmp.Or(err, z.Close(), os.WriteFile(path, out.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	want, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(b)+"\n" {
		t.Errorf("%s differs; -update and read the diff of what gunzip makes of it", path)
	}
}

// TestVectors holds every vector to its file. With -update it writes them and
// removes those that are no more.
func TestVectors(t *testing.T) {
	dir := filepath.Join("testdata", "vectors")
	vectors := goodVectors(t)
	if *update {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var files []string
	for _, v := range vectors {
		name := strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(v.Name) + ".json"
		if slices.Contains(files, name) {
			t.Errorf("two vectors are called %s", v.Name)
		}
		files = append(files, name)
		b, err := json.MarshalIndent(v, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name)
		if *update {
			if err := os.WriteFile(path, append(b, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != string(b)+"\n" {
			t.Errorf("%s differs; -update and read the diff", path)
		}
		var kept vector
		if err := json.Unmarshal(want, &kept); err != nil {
			t.Fatal(err)
		}
		if got := kept.answer(t); !sameJSON(t, got, kept.Expect) {
			t.Errorf("%s: read from its file, it is answered otherwise", v.Name)
		}
	}
	there, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range there {
		if slices.Contains(files, filepath.Base(path)) {
			continue
		}
		if !*update {
			t.Errorf("%s is no vector any more", path)
		} else if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
