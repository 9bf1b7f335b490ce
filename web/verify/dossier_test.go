package verify_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// A dossierVector is one of proof/testdata/vectors; its README says what it holds.
type dossierVector struct {
	Name    string
	Trust   struct{ Genesis, Checkpoint string }
	Options struct {
		ID          string
		Direction   trace.Direction
		At          uint64
		From        *identity.Hash
		MaxAge, Now int64
	}
	Dossier  string
	Expected struct {
		OK     bool
		Reason proof.Reason
		Seq    *uint64
		Key    *proof.KeyName
	}
}

// dossierVectors are all of them: those that verify and those that lie.
func dossierVectors(t testing.TB) []dossierVector {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "proof", "testdata", "vectors", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []dossierVector
	for _, f := range files {
		var v dossierVector
		vectors(t, &v, "proof", "testdata", "vectors", filepath.Base(f))
		all = append(all, v)
	}
	z, err := gzip.NewReader(bytes.NewReader(readFile(t, "proof", "testdata", "vectors", "lies.json.gz")))
	if err != nil {
		t.Fatal(err)
	}
	var lies []dossierVector
	if err := json.NewDecoder(z).Decode(&lies); err != nil {
		t.Fatal(err)
	}
	return append(all, lies...)
}

// anchor is what the vector trusts.
func (v *dossierVector) anchor(t testing.TB) (a proof.Anchor) {
	t.Helper()
	var err error
	if v.Trust.Genesis != "" {
		var g *identity.Genesis
		if g, err = identity.ParseGenesis([]byte(v.Trust.Genesis)); err == nil {
			a, err = proof.AnchorOfGenesis(g)
		}
	} else {
		var c *proof.Checkpoint
		if c, err = proof.ParseCheckpoint([]byte(v.Trust.Checkpoint)); err == nil {
			a, err = proof.AnchorOfCheckpoint(c)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// trust tells the verifier what the vector trusts.
func (v *dossierVector) trust(t testing.TB, n *engine) {
	t.Helper()
	question := map[string]string{"genesis": base64Of([]byte(v.Trust.Genesis))}
	if v.Trust.Checkpoint != "" {
		question["trusted"] = base64Of([]byte(v.Trust.Checkpoint))
	}
	var said string
	n.ask(t, &said, "trust", question)
}

func (v *dossierVector) options(a proof.Anchor) proof.Options {
	o := proof.Options{Anchor: a, ID: v.Options.ID, Direction: v.Options.Direction, At: v.Options.At, From: v.Options.From, MaxAge: v.Options.MaxAge}
	if v.Options.Now != 0 {
		o.Now = epcis.Instant{Seconds: v.Options.Now}
	}
	return o
}

// said is what the verifier says of a dossier.
type said struct {
	Verdict json.RawMessage
	// Consignments are what the records of the verdict's journey carry.
	Consignments json.RawMessage
	Reason       proof.Reason
	Seq          *uint64
	Key          *proof.KeyName
	Detail       string
}

func (v *dossierVector) said(t testing.TB, n *engine, dossier []byte) (s said) {
	t.Helper()
	question := map[string]any{"id": v.Options.ID, "direction": v.Options.Direction, "at": v.Options.At, "maxAge": v.Options.MaxAge, "now": v.Options.Now,
		"dossier": map[string]string{"base64": base64Of(dossier)}}
	if v.Options.From != nil {
		question["from"] = v.Options.From
	}
	n.ask(t, &s, "verify", question)
	return s
}

// agrees holds what the verifier says to what Go says.
func (s said) agrees(t *testing.T, name string, verdict *proof.Verdict, err error) {
	t.Helper()
	want := said{}
	var r *proof.Refutation
	switch {
	case err == nil:
	case errors.Is(err, proof.ErrUnusable):
		want.Reason = "unusable"
	case errors.As(err, &r):
		want.Reason, want.Seq = r.Reason, r.Seq
		if r.Key != (trace.Key{}) {
			want.Key = &proof.KeyName{NS: r.Key.NS, ID: r.Key.ID}
		}
	default:
		t.Fatalf("%s: %v", name, err)
	}
	if s.Reason != want.Reason || !equal(s.Seq, want.Seq) || !equal(s.Key, want.Key) {
		t.Errorf("%s: %s (%s), but Go says %v", name, s.Reason, s.Detail, err)
		return
	}
	if err == nil {
		equalJSON(t, name, s.Verdict, shownVerdict(t, verdict))
		if verdict.Journey != nil {
			consignments, err := verdict.Journey.Consignments()
			if err != nil {
				t.Fatal(err)
			}
			equalJSON(t, name, s.Consignments, consignments)
		}
	}
}

func equal[T comparable](a, b *T) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// shownVerdict is the verdict's JSON, with journeys as the verifier has them.
func shownVerdict(t testing.TB, v *proof.Verdict) any {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	if v.Journey != nil {
		m["journey"] = shownJourney(t, v.Journey)
	}
	if v.Then != nil && v.Then.Journey != nil {
		m["then"].(map[string]any)["journey"] = shownJourney(t, v.Then.Journey)
	}
	return m
}

// Go and the verifier say the same of every dossier, true or forged, and give the
// same verdict to the last name in it.
func TestDossiers(t *testing.T) {
	n := node(t)
	verified, refuted := 0, map[proof.Reason]int{}
	for _, v := range dossierVectors(t) {
		v.trust(t, n)
		s := v.said(t, n, []byte(v.Dossier))
		verdict, err := proof.Verify([]byte(v.Dossier), v.options(v.anchor(t)))
		s.agrees(t, v.Name, verdict, err)
		if s.Reason != v.Expected.Reason || (s.Reason == "") != v.Expected.OK || !equal(s.Seq, v.Expected.Seq) || !equal(s.Key, v.Expected.Key) {
			t.Errorf("%s: %s (%s), but its file says %+v", v.Name, s.Reason, s.Detail, v.Expected)
		}
		if s.Reason == "" {
			verified++
		} else {
			refuted[s.Reason]++
		}
	}
	t.Logf("%d verified, refuted %v", verified, refuted)
	if verified < 15 || len(refuted) < 15 {
		t.Error("too few vectors")
	}
}

// Whatever place of a dossier is changed, both say the same of it, and neither
// verifies it.
func TestChangedDossiers(t *testing.T) {
	n := node(t)
	random := rand.New(rand.NewPCG(11, 12))
	rounds := 10
	if testing.Short() {
		rounds = 6
	}
	for _, v := range dossierVectors(t) {
		if !v.Expected.OK {
			continue
		}
		v.trust(t, n)
		o := v.options(v.anchor(t))
		for range rounds {
			changed := changedDossier(t, random, v.Dossier)
			s := v.said(t, n, changed)
			verdict, err := proof.Verify(changed, o)
			s.agrees(t, v.Name, verdict, err)
			if same := string(changed) == v.Dossier; err == nil && !same {
				t.Errorf("%s: a changed dossier verifies", v.Name)
			}
			if t.Failed() {
				t.Fatalf("%s\n%.4000s", v.Name, changed)
			}
		}
	}
}

// changedDossier changes a byte, or a value, or leaves one out, doubles it, or
// exchanges it with its neighbour.
func changedDossier(t testing.TB, random *rand.Rand, dossier string) []byte {
	t.Helper()
	if random.IntN(8) == 0 {
		b := []byte(dossier)
		b[random.IntN(len(b))] ^= 1 << random.IntN(7)
		return b
	}
	d := json.NewDecoder(strings.NewReader(dossier))
	d.UseNumber()
	root, err := readOrdered(d)
	if err != nil {
		t.Fatal(err)
	}
	places := root.places(nil)
	places[random.IntN(len(places))].change(random)
	return []byte(root.text())
}

// ordered is a JSON value that remembers the order of its members.
type ordered struct {
	leaf    any // a string, number or bool
	names   []string
	items   []*ordered
	isArray bool
}

func readOrdered(d *json.Decoder) (*ordered, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return &ordered{leaf: token}, nil
	}
	v := &ordered{isArray: delim == '['}
	for d.More() {
		if !v.isArray {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			v.names = append(v.names, name.(string))
		}
		item, err := readOrdered(d)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
	}
	_, err = d.Token()
	return v, err
}

func (v *ordered) text() string {
	if v.leaf != nil {
		b, _ := json.Marshal(v.leaf)
		return string(b)
	}
	parts := make([]string, len(v.items))
	for i, item := range v.items {
		parts[i] = item.text()
		if !v.isArray {
			name, _ := json.Marshal(v.names[i])
			parts[i] = string(name) + ":" + parts[i]
		}
	}
	if v.isArray {
		return "[" + strings.Join(parts, ",") + "]"
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// places are all values that hold others, and all leaves.
func (v *ordered) places(all []*ordered) []*ordered {
	all = append(all, v)
	for _, item := range v.items {
		all = item.places(all)
	}
	return all
}

func (v *ordered) change(random *rand.Rand) {
	switch leaf := v.leaf.(type) {
	case json.Number:
		v.leaf = json.Number(pickText(random, leaf.String()+"0", "0", "1", leaf.String()+"1", "9007199254740991"))
		return
	case string:
		v.leaf = changedText(random, leaf)
		return
	}
	if len(v.items) == 0 {
		return
	}
	i := random.IntN(len(v.items))
	j := (i + 1) % len(v.items)
	switch random.IntN(3) {
	case 0: // left out
		v.items = slices.Delete(v.items, i, i+1)
		if !v.isArray {
			v.names = slices.Delete(v.names, i, i+1)
		}
	case 1: // doubled
		v.items = slices.Insert(v.items, i, v.items[i])
		if !v.isArray {
			v.names = slices.Insert(v.names, i, v.names[i])
		}
	default: // exchanged
		v.items[i], v.items[j] = v.items[j], v.items[i]
	}
}

func pickText(random *rand.Rand, of ...string) string { return of[random.IntN(len(of))] }

// changedText keeps what it can of a text's form: hexadecimal stays that.
func changedText(random *rand.Rand, s string) string {
	if s == "" {
		return "x"
	}
	b := []byte(s)
	i := random.IntN(len(b))
	switch c := b[i]; {
	case c >= '0' && c <= '8', c >= 'a' && c <= 'e', c >= 'A' && c <= 'Y':
		b[i]++
	case c == '9':
		b[i] = '0'
	default:
		b[i] = 'a'
	}
	if random.IntN(6) == 0 {
		return s[:i]
	}
	return string(b)
}
