package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"reflect"
	"testing"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/merkle/testonly"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func hash(s string) identity.Hash { return sha256.Sum256([]byte(s)) }

func seq(v uint64) *uint64 { return &v }

func testFindings() []trace.Finding {
	return []trace.Finding{
		{Severity: trace.Reject, Rule: "C1", Version: 1, Code: 101, Title: "the item exists already",
			Facts: []trace.Fact{{Name: "birth", Value: "2026-11-20T08:00:00Z", Seq: seq(7)}, {Name: "item", Value: "https://id.gs1.org/01/09521101530001/21/1"}},
			Next:  "look at record 7"},
		{Severity: trace.Info, Rule: "A5", Version: 2, Code: 1 << 31, Title: "late"},
	}
}

func testEntry() *Entry {
	f := testFindings()
	return &Entry{Height: 300, Time: 1_795_305_600_123_456_789, Seq: 1 << 40, Envelope: hash("envelope"), Index: 999, Kind: "epcis",
		Signer: identity.Address{0xaa, 19: 0xbb}, Record: identity.RecordHash([]byte("{}")), Codes: Codes(f), FindingsHash: FindingsHash(f)}
}

func TestGoldenFormats(t *testing.T) {
	first := &Entry{Height: 1, Time: -1, Kind: "masterdata", FindingsHash: FindingsHash(nil)}
	var got struct {
		Entry, EntryLeafHash               string
		FirstEntry, FirstEntryLeafHash     string
		Findings, FindingsHash             string
		NoFindings, NoFindingsHash         string
		AppHash, AppHashOfFirst, EmptyRoot string
	}
	got.Entry, got.EntryLeafHash = hex.EncodeToString(testEntry().Encode()), LeafHash(testEntry().Encode()).String()
	got.FirstEntry, got.FirstEntryLeafHash = hex.EncodeToString(first.Encode()), LeafHash(first.Encode()).String()
	got.Findings, got.FindingsHash = hex.EncodeToString(EncodeFindings(testFindings())), FindingsHash(testFindings()).String()
	got.NoFindings, got.NoFindingsHash = hex.EncodeToString(EncodeFindings(nil)), FindingsHash(nil).String()
	got.AppHash = AppHash(0x0102030405060708, hash("previous"), 0x1112131415161718, hash("log"), hash("map")).String()
	got.AppHashOfFirst = AppHash(1, hash("network"), 1, LeafHash(first.Encode()), identity.Hash{}).String()
	got.EmptyRoot = EmptyLogRoot().String()
	b, err := json.MarshalIndent(got, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	if *update {
		if err := os.WriteFile("testdata/formats.json", b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/formats.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b, want) {
		t.Errorf("testdata/formats.json differs; got\n%s", b)
	}
}

// The app hash, the leaf hash and the entry, built by hand from the design's text.
func TestFormatsByHand(t *testing.T) {
	prev, logRoot, mapRoot := hash("a"), hash("b"), hash("c")
	pre := []byte{0x15}
	pre = binary.BigEndian.AppendUint64(pre, 9)
	pre = append(pre, prev[:]...)
	pre = binary.BigEndian.AppendUint64(pre, 70)
	pre = append(append(pre, logRoot[:]...), mapRoot[:]...)
	if AppHash(9, prev, 70, logRoot, mapRoot) != sha256.Sum256(pre) {
		t.Error("app hash")
	}
	if LeafHash([]byte("x")) != sha256.Sum256([]byte{0, 'x'}) {
		t.Error("leaf hash")
	}
	if NodeHash(prev, logRoot) != sha256.Sum256(append(append([]byte{1}, prev[:]...), logRoot[:]...)) {
		t.Error("node hash")
	}
	if FindingsHash(nil) != sha256.Sum256([]byte{0x80}) || FindingsHash([]trace.Finding{}) != FindingsHash(nil) {
		t.Error("no findings are not the empty array")
	}

	e := testEntry()
	want := []byte{0x8a, 0x19, 0x01, 0x2c, 0x1b} // array of 10; height 300; time
	want = binary.BigEndian.AppendUint64(want, uint64(e.Time))
	want = binary.BigEndian.AppendUint64(append(want, 0x1b), e.Seq)
	want = append(append(want, 0x58, 0x20), e.Envelope[:]...)
	want = append(want, 0x19, 0x03, 0xe7, 0x65)
	want = append(append(want, "epcis"...), 0x54)
	want = append(append(want, e.Signer[:]...), 0x58, 0x20)
	want = append(append(want, e.Record[:]...), 0x82, 0x18, 101, 0x1a, 0x80, 0, 0, 0, 0x58, 0x20)
	want = append(want, e.FindingsHash[:]...)
	if got := e.Encode(); !bytes.Equal(got, want) {
		t.Errorf("entry\n%x, not\n%x", got, want)
	}
}

func TestEntryRoundTrip(t *testing.T) {
	for _, e := range []*Entry{testEntry(), {}, {Codes: []uint32{0}}} {
		d, err := DecodeEntry(e.Encode())
		if err != nil || !reflect.DeepEqual(d, e) {
			t.Errorf("%+v, %v", d, err)
		}
	}
	b := testEntry().Encode()
	for name, bad := range map[string][]byte{
		"empty": nil, "cut": b[:len(b)-1], "trailing": append(bytes.Clone(b), 0), "array of 11": append([]byte{0x8b}, append(bytes.Clone(b[1:]), 0)...),
		"longer head": append([]byte{0x98, 0x0a}, b[1:]...), "longer height": append([]byte{0x8a, 0x1a, 0, 0, 1, 0x2c}, b[4:]...),
	} {
		if _, err := DecodeEntry(bad); !errors.Is(err, identity.ErrEncoding) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFindingsRoundTrip(t *testing.T) {
	for _, f := range [][]trace.Finding{nil, testFindings(), {{}}} {
		d, err := DecodeFindings(EncodeFindings(f))
		if err != nil || !reflect.DeepEqual(d, f) {
			t.Errorf("%+v, %v", d, err)
		}
	}
	// A finding that quotes a malformed record can still be read back.
	quoting := []trace.Finding{{Title: "a\xffb", Facts: []trace.Fact{{Name: "bytes", Value: "\xc3("}}}}
	d, err := DecodeFindings(EncodeFindings(quoting))
	if err != nil || d[0].Title != "a\uFFFDb" || d[0].Facts[0].Value != "\uFFFD(" {
		t.Errorf("%+v, %v", d, err)
	}
	if quoting[0].Facts[0].Value != "\xc3(" {
		t.Error("EncodeFindings changed its argument")
	}
	if FindingsHash(d) != FindingsHash(quoting) {
		t.Error("read back, the findings have another hash")
	}
	if FindingsHash(testFindings()) == FindingsHash(testFindings()[:1]) {
		t.Error("two findings hash as one")
	}
}

// hashes turns the reference tree's proof into ours.
func hashes(path [][]byte) []identity.Hash {
	var hs []identity.Hash
	for _, p := range path {
		hs = append(hs, identity.Hash(p))
	}
	return hs
}

func TestLogProofs(t *testing.T) {
	const most = 40
	tree := testonly.New(rfc6962.DefaultHasher)
	var entries [][]byte
	for i := range uint64(most) {
		e := (&Entry{Seq: i, Kind: "epcis"}).Encode()
		entries = append(entries, e)
		tree.AppendData(e)
	}
	root := func(n uint64) identity.Hash { return identity.Hash(tree.HashAt(n)) }
	if root(0) != EmptyLogRoot() {
		t.Error("empty root")
	}
	for size := uint64(1); size <= most; size++ {
		for i := range size {
			p, err := tree.InclusionProof(i, size)
			if err != nil {
				t.Fatal(err)
			}
			path := hashes(p)
			if err := VerifyInclusion(entries[i], i, size, path, root(size)); err != nil {
				t.Fatal(err)
			}
			if err := VerifyRecord(entries[i], uint32(i), uint32(size), path, root(size)); err != nil {
				t.Fatal(err)
			}
			other := (i + 1) % size
			for name, err := range map[string]error{
				"another root":    VerifyInclusion(entries[i], i, size, path, hash("x")),
				"past the end":    VerifyInclusion(entries[i], size, size, path, root(size)),
				"a longer path":   VerifyInclusion(entries[i], i, size, append(path[:len(path):len(path)], hash("x")), root(size)),
				"another entry":   VerifyInclusion(append(bytes.Clone(entries[i]), 0), i, size, path, root(size)),
				"another's place": differs(other != i, VerifyInclusion(entries[i], other, size, path, root(size))),
				"a shorter path":  differs(len(path) > 0, VerifyInclusion(entries[i], i, size, path[:max(0, len(path)-1)], root(size))),
			} {
				if !errors.Is(err, ErrProof) {
					t.Fatalf("%s, entry %d of %d: %v", name, i, size, err)
				}
			}
		}
		for from := range size + 1 {
			p, err := tree.ConsistencyProof(from, size)
			if err != nil {
				t.Fatal(err)
			}
			path := hashes(p)
			if err := VerifyConsistency(from, size, path, root(from), root(size)); err != nil {
				t.Fatal(err)
			}
			for name, err := range map[string]error{
				"another first root":  VerifyConsistency(from, size, path, hash("x"), root(size)),
				"another second root": differs(from > 0, VerifyConsistency(from, size, path, root(from), hash("x"))),
				"a longer path":       VerifyConsistency(from, size, append(path[:len(path):len(path)], hash("x")), root(from), root(size)),
				"backwards":           differs(from < size, VerifyConsistency(size, from, path, root(size), root(from))),
			} {
				if !errors.Is(err, ErrProof) {
					t.Fatalf("%s, %d in %d: %v", name, from, size, err)
				}
			}
		}
	}
}

// differs keeps err where the case makes a difference at all.
func differs(applies bool, err error) error {
	if !applies {
		return ErrProof
	}
	return err
}

// One signature covers many records: one of them is proved from the envelope's
// header, the signature, and a path.
func ExampleVerifyRecord() {
	key, _ := identity.ParseKey("0101010101010101010101010101010101010101010101010101010101010101")
	records := [][]byte{[]byte(`{"a":1}`), []byte(`{"b":2}`)}
	e := identity.NewEnvelope(identity.Network{}, "epcis", key.Address(), 0, records)

	path := []identity.Hash{identity.RecordHash(records[0])}
	fmt.Println(VerifyRecord(records[1], 1, 2, path, e.RecordsRoot()))
	fmt.Println(e.ID() == identity.EnvelopeID(e.Network, e.Kind, e.Signer, e.NotAfter, 2, e.RecordsRoot()))
	// Output:
	// <nil>
	// true
}

func FuzzDecodeEntry(f *testing.F) {
	f.Add(testEntry().Encode())
	f.Add((&Entry{}).Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := DecodeEntry(b)
		if err == nil && !bytes.Equal(e.Encode(), b) {
			t.Fatalf("%x encodes to %x", b, e.Encode())
		}
	})
}

func FuzzDecodeFindings(f *testing.F) {
	f.Add(EncodeFindings(testFindings()))
	f.Add(EncodeFindings(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		findings, err := DecodeFindings(b)
		if err == nil && !bytes.Equal(EncodeFindings(findings), b) {
			t.Fatalf("%x encodes to %x", b, EncodeFindings(findings))
		}
	})
}

func BenchmarkEntry(b *testing.B) {
	e := testEntry()
	b.ReportAllocs()
	for b.Loop() {
		LeafHash(e.Encode())
	}
}
