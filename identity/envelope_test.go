package identity

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/common/hexutil"
	"github.com/ethereum/go-ethereum/common/math"
	"github.com/ethereum/go-ethereum/crypto"
	"github.com/ethereum/go-ethereum/signer/core/apitypes"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/merkle/testonly"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares got with a file, or writes the file under -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got\n%s", path, got)
	}
}

// testKey is the same key for the same seed, everywhere.
func testKey(t testing.TB, seed string) *Key {
	t.Helper()
	h := sha256.Sum256([]byte("waymark test key " + seed))
	k, err := ParseKey(hex.EncodeToString(h[:]))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func testNetwork(seed string) Network { return sha256.Sum256([]byte("waymark test network " + seed)) }

func signed(t testing.TB, seed, kind string, notAfter uint64, records ...string) *Envelope {
	t.Helper()
	k := testKey(t, seed)
	var bs [][]byte
	for _, r := range records {
		bs = append(bs, []byte(r))
	}
	e := NewEnvelope(testNetwork(seed), kind, k.Address(), notAfter, bs)
	if err := k.SignEnvelope(e); err != nil {
		t.Fatal(err)
	}
	return e
}

func numbered(n int) []string {
	records := make([]string, n)
	for i := range records {
		records[i] = fmt.Sprintf(`{"n":%d}`, i)
	}
	return records
}

func TestGoldenEnvelopes(t *testing.T) {
	type vector struct {
		Name, PrivateKey, PublicKey string
		Network                     Network
		Kind                        string
		Signer                      Address
		NotAfter                    uint64
		Records                     []string
		RecordHashes                []Hash
		RecordsRoot, ID             Hash
		Signature, Wire             string
		WireHash                    Hash
	}
	var vectors []vector
	for _, c := range []struct {
		name, kind string
		notAfter   uint64
		records    []string
	}{
		{"one record", "epcis", 1_795_305_600, []string{`{"type":"ObjectEvent"}`}},
		{"two records", "epcis", 1_795_305_600, []string{`{"type":"ObjectEvent"}`, `{"type":"AggregationEvent"}`}},
		{"bytes kept as written", "masterdata", 0, []string{"{ \"name\" : \"Būnna ☕\" }\n"}},
		{"nine records, largest deadline", "certificate", 1<<64 - 1, numbered(9)},
	} {
		k, e := testKey(t, c.name), signed(t, c.name, c.kind, c.notAfter, c.records...)
		wire, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		v := vector{Name: c.name, PrivateKey: hex.EncodeToString(k.Bytes()), PublicKey: FormatPublicKey(k.PublicKey()),
			Network: e.Network, Kind: e.Kind, Signer: e.Signer, NotAfter: e.NotAfter, Records: c.records,
			RecordsRoot: e.RecordsRoot(), ID: e.ID(), Signature: hex.EncodeToString(e.Signature[:]),
			Wire: hex.EncodeToString(wire), WireHash: WireHash(wire)}
		for _, r := range e.Records {
			v.RecordHashes = append(v.RecordHashes, RecordHash(r))
		}
		vectors = append(vectors, v)

		decoded, err := DecodeEnvelope(wire)
		if err != nil {
			t.Fatal(err)
		}
		if err := decoded.Verify(k.PublicKey()); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	out, err := json.MarshalIndent(vectors, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "envelopes.json", append(out, '\n'))
}

// An envelope that a stranger's EIP-712 code signed is the envelope that we sign.
func TestEthersVectors(t *testing.T) {
	b, err := os.ReadFile("testdata/ethers/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Vectors []struct {
			Name, PrivateKey, PublicKey, Network, Kind, Signer string
			NotAfter                                           uint64 `json:",string"`
			Records                                            []string
			RecordsRoot, Digest, Signature                     string
		}
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) != 4 {
		t.Fatalf("%d vectors", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			k, err := ParseKey(v.PrivateKey)
			if err != nil {
				t.Fatal(err)
			}
			if got := FormatPublicKey(k.PublicKey()); got != v.PublicKey {
				t.Errorf("public key %s, not %s", got, v.PublicKey)
			}
			if k.Address().Hex() != v.Signer {
				t.Errorf("address %s, not %s", k.Address(), v.Signer)
			}
			network, err := ParseNetwork(v.Network)
			if err != nil {
				t.Fatal(err)
			}
			var records [][]byte
			for _, r := range v.Records {
				records = append(records, []byte(r))
			}
			e := NewEnvelope(network, v.Kind, common.HexToAddress(v.Signer), v.NotAfter, records)
			if got := "0x" + e.RecordsRoot().String(); got != v.RecordsRoot {
				t.Errorf("records root %s, not %s", got, v.RecordsRoot)
			}
			if got := "0x" + e.ID().String(); got != v.Digest {
				t.Errorf("digest %s, not %s", got, v.Digest)
			}
			copy(e.Signature[:], common.FromHex(v.Signature))
			if err := e.Verify(common.FromHex(v.PublicKey)); err != nil {
				t.Errorf("the signature of ethers: %v", err)
			}
			if err := k.SignEnvelope(e); err != nil {
				t.Fatal(err)
			}
			if got := hexutil.Encode(e.Signature[:]); got != v.Signature {
				t.Errorf("signature %s, not %s", got, v.Signature)
			}
		})
	}
}

func drawEnvelope(t *rapid.T) *Envelope {
	return &Envelope{
		Network:  Network(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "network")),
		Kind:     rapid.StringMatching(`[a-z]{1,32}`).Draw(t, "kind"),
		Signer:   Address(rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "signer")),
		NotAfter: rapid.Uint64().Draw(t, "notAfter"),
		Records: rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 1, 300), 1, 40).
			Draw(t, "records"),
		Signature: [64]byte(rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(t, "signature")),
	}
}

// go-ethereum's general EIP-712 code gives the same digest as ours.
func TestIDIsTypedDataHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEnvelope(t)
		root := e.RecordsRoot()
		want, _, err := apitypes.TypedDataAndHash(apitypes.TypedData{
			Types: apitypes.Types{
				"EIP712Domain": {{Name: "name", Type: "string"}, {Name: "version", Type: "string"}, {Name: "salt", Type: "bytes32"}},
				"Envelope": {{Name: "kind", Type: "string"}, {Name: "signer", Type: "address"}, {Name: "notAfter", Type: "uint64"},
					{Name: "count", Type: "uint32"}, {Name: "recordsRoot", Type: "bytes32"}},
			},
			PrimaryType: "Envelope",
			Domain:      apitypes.TypedDataDomain{Name: "Waymark", Version: "1", Salt: hexutil.Encode(e.Network[:])},
			Message: apitypes.TypedDataMessage{
				"kind":        e.Kind,
				"signer":      e.Signer.Hex(),
				"notAfter":    (*math.HexOrDecimal256)(new(big.Int).SetUint64(e.NotAfter)),
				"count":       math.NewHexOrDecimal256(int64(len(e.Records))),
				"recordsRoot": hexutil.Encode(root[:]),
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if id := e.ID(); !bytes.Equal(id[:], want) {
			t.Fatalf("id %s, TypedDataAndHash %x", id, want)
		}
		if EnvelopeID(e.Network, e.Kind, e.Signer, e.NotAfter, uint32(len(e.Records)), root) != e.ID() {
			t.Fatal("EnvelopeID differs from ID")
		}
	})
}

func TestRecordsRootIsRFC6962(t *testing.T) {
	tree := testonly.New(rfc6962.DefaultHasher)
	e := &Envelope{}
	for i := range 70 {
		if got := e.RecordsRoot(); !bytes.Equal(got[:], tree.Hash()) {
			t.Fatalf("%d records: %s, the reference tree has %x", i, got, tree.Hash())
		}
		r := []byte(fmt.Sprintf(`{"n":%d}`, i))
		e.Records = append(e.Records, r)
		tree.AppendData(r)
	}
}

func TestEncodeDecode(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := drawEnvelope(t)
		b, err := e.Encode()
		if err != nil {
			t.Fatal(err)
		}
		d, err := DecodeEnvelope(b)
		if err != nil {
			t.Fatal(err)
		}
		if d.ID() != e.ID() || d.Signature != e.Signature {
			t.Fatal("decoded to another envelope")
		}
		for i, r := range d.Records {
			if !bytes.Equal(r, e.Records[i]) || cap(r) != len(r) {
				t.Fatal("a record is not cut off from the wire behind it")
			}
		}
	})
}

func TestLimits(t *testing.T) {
	record := func(n int) []byte { return bytes.Repeat([]byte{'x'}, n) }
	many := func(n, size int) (records [][]byte) {
		for range n {
			records = append(records, record(size))
		}
		return records
	}
	for _, c := range []struct {
		name    string
		kind    string
		records [][]byte
		want    error
	}{
		{"one record of the largest size", "epcis", many(1, MaxRecordBytes), nil},
		{"record too large", "epcis", many(1, MaxRecordBytes+1), ErrLimit},
		{"empty record", "epcis", [][]byte{{}}, ErrLimit},
		{"no record", "epcis", nil, ErrLimit},
		{"most records", "epcis", many(MaxRecords, 1), nil},
		{"too many records", "epcis", many(MaxRecords+1, 1), ErrLimit},
		{"too large together", "epcis", many(4, MaxRecordBytes), ErrLimit},
		{"no kind", "", many(1, 1), ErrKind},
		{"kind in capitals", "EPCIS", many(1, 1), ErrKind},
		{"longest kind", strings.Repeat("z", MaxKindBytes), many(1, 1), nil},
		{"kind of what is behind z", "epcis{", many(1, 1), ErrKind},
		{"kind too long", strings.Repeat("k", MaxKindBytes+1), many(1, 1), ErrKind},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := NewEnvelope(Network{}, c.kind, Address{}, 0, c.records)
			if _, err := e.Encode(); !errors.Is(err, c.want) {
				t.Errorf("encode: %v", err)
			}
			wire, err := encMode.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			_, err = DecodeEnvelope(wire)
			if !errors.Is(err, c.want) {
				t.Errorf("decode: %v", err)
			}
		})
	}
	var limit *LimitError
	_, err := NewEnvelope(Network{}, "epcis", Address{}, 0, many(1, MaxRecordBytes+1)).Encode()
	if !errors.As(err, &limit) || limit.Got != MaxRecordBytes+1 || limit.Max != MaxRecordBytes {
		t.Errorf("%v does not carry its facts", err)
	}
}

// An envelope of exactly MaxEnvelopeBytes is read, one byte more is not.
func TestLargestEnvelope(t *testing.T) {
	e := NewEnvelope(Network{}, "epcis", Address{}, 0, nil)
	for range 4 {
		e.Records = append(e.Records, bytes.Repeat([]byte{'x'}, MaxRecordBytes-200))
	}
	e.Records = append(e.Records, bytes.Repeat([]byte{'x'}, 300)) // its length takes 3 bytes, as the final one does
	short := MaxEnvelopeBytes - len(mustMarshal(e))
	e.Records[4] = append(e.Records[4], bytes.Repeat([]byte{'y'}, short)...)
	wire, err := e.Encode()
	if err != nil || len(wire) != MaxEnvelopeBytes {
		t.Fatalf("%d bytes: %v", len(wire), err)
	}
	if _, err := DecodeEnvelope(wire); err != nil {
		t.Fatal(err)
	}
	e.Records[4] = append(e.Records[4], 'z')
	if _, err := e.Encode(); !errors.Is(err, ErrLimit) {
		t.Fatalf("one byte more: %v", err)
	}
	if _, err := DecodeEnvelope(mustMarshal(e)); !errors.Is(err, ErrLimit) {
		t.Fatalf("one byte more: %v", err)
	}
}

// There is one wire form: every other spelling of the same envelope is refused.
func TestOneWireForm(t *testing.T) {
	e := signed(t, "wire", "epcis", 5, `{"a":1}`)
	wire, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	// 86 | 58 20 network | 65 "epcis" | 54 signer | 05 | 81 47 record | 58 40 signature
	const kindAt, notAfterAt, recordsAt = 35, 62, 63
	splice := func(at, remove int, with string) []byte {
		b, err := hex.DecodeString(with)
		if err != nil {
			t.Fatal(err)
		}
		return append(append(append([]byte{}, wire[:at]...), b...), wire[at+remove:]...)
	}
	signature := hex.EncodeToString(e.Signature[:])
	for name, b := range map[string][]byte{
		"empty":                         nil,
		"a byte after the end":          append(bytes.Clone(wire), 0),
		"cut short":                     wire[:len(wire)-1],
		"array of five":                 splice(0, 1, "85"),
		"array of seven":                append(splice(0, 1, "87"), 0),
		"indefinite array":              append(splice(0, 1, "9f"), 0xff),
		"longer array head":             splice(0, 1, "9806"),
		"longer integer":                splice(notAfterAt, 1, "1805"),
		"float for an integer":          splice(notAfterAt, 1, "f94500"),
		"negative deadline":             splice(notAfterAt, 1, "20"),
		"tag before the deadline":       splice(notAfterAt, 1, "c105"),
		"bignum deadline":               splice(notAfterAt, 1, "c24105"),
		"kind as bytes":                 splice(kindAt, 1, "45"),
		"kind indefinite":               splice(kindAt, 6, "7f656570636973ff"),
		"kind not UTF-8":                splice(kindAt, 6, "65ff70636973"),
		"longer kind head":              splice(kindAt, 1, "7805"),
		"signer of 19 bytes":            splice(kindAt+6, 2, "53"),
		"signer of 21 bytes":            splice(kindAt+6, 1, "5500"),
		"network of 31 bytes":           splice(1, 3, "581f"),
		"network null":                  splice(1, 34, "f6"),
		"records null":                  splice(recordsAt, 9, "f6"),
		"record null":                   splice(recordsAt, 9, "81f6"),
		"record as text":                splice(recordsAt+1, 1, "67"),
		"records as a map":              splice(recordsAt, 1, "a1"),
		"signature with recovery byte":  splice(recordsAt+9, 66, "5841"+signature+"00"),
		"signature of 63 bytes":         splice(recordsAt+9, 66, "583f"+signature[:126]),
		"signature as array of numbers": splice(recordsAt+9, 66, "9840"+strings.Repeat("01", 64)),
	} {
		if _, err := DecodeEnvelope(b); !errors.Is(err, ErrEncoding) && !errors.Is(err, ErrLimit) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := DecodeEnvelope(splice(notAfterAt, 1, "06")); err != nil {
		t.Errorf("the offsets of this test are wrong: %v", err)
	}
}

// A signature has one form, for one envelope, one network and one signer.
func TestMalleability(t *testing.T) {
	k := testKey(t, "mallory")
	fresh := func() *Envelope { return signed(t, "mallory", "epcis", 5, `{"a":1}`, `{"b":2}`) }
	if err := fresh().Verify(k.PublicKey()); err != nil {
		t.Fatal(err)
	}
	order := crypto.S256().Params().N
	for _, c := range []struct {
		name   string
		change func(*Envelope)
		want   error
	}{
		{"s flipped to n-s", func(e *Envelope) {
			s := new(big.Int).SetBytes(e.Signature[32:])
			s.Sub(order, s).FillBytes(e.Signature[32:])
		}, ErrHighS},
		{"s plus n", func(e *Envelope) { // 2^256 wraps, so only s=n itself can be written
			order.FillBytes(e.Signature[32:])
		}, ErrHighS},
		{"s zero", func(e *Envelope) { clear(e.Signature[32:]) }, ErrSignature},
		{"r zero", func(e *Envelope) { clear(e.Signature[:32]) }, ErrSignature},
		{"all zero", func(e *Envelope) { clear(e.Signature[:]) }, ErrSignature},
		{"r is n", func(e *Envelope) { order.FillBytes(e.Signature[:32]) }, ErrSignature},
		{"one bit of r", func(e *Envelope) { e.Signature[7] ^= 1 }, ErrSignature},
		{"one bit of s", func(e *Envelope) { e.Signature[63] ^= 1 }, ErrSignature},
		{"other network", func(e *Envelope) { e.Network = testNetwork("another") }, ErrSignature},
		{"other kind", func(e *Envelope) { e.Kind = "customs" }, ErrSignature},
		{"other deadline", func(e *Envelope) { e.NotAfter++ }, ErrSignature},
		{"record changed", func(e *Envelope) { e.Records[0] = []byte(`{"a": 1}`) }, ErrSignature},
		{"records swapped", func(e *Envelope) { e.Records[0], e.Records[1] = e.Records[1], e.Records[0] }, ErrSignature},
		{"record left out", func(e *Envelope) { e.Records = e.Records[:1] }, ErrSignature},
		{"record twice", func(e *Envelope) { e.Records = append(e.Records, e.Records[1]) }, ErrSignature},
		// Two records joined into the preimage of their node: the count is signed
		// and leaves have a prefix of their own.
		{"inner node as a record", func(e *Envelope) {
			l, r := RecordHash(e.Records[0]), RecordHash(e.Records[1])
			e.Records = [][]byte{append(l[:], r[:]...)}
		}, ErrSignature},
		{"other signer named", func(e *Envelope) { e.Signer = testKey(t, "bob").Address() }, ErrSigner},
	} {
		e := fresh()
		c.change(e)
		if err := e.Verify(k.PublicKey()); !errors.Is(err, c.want) || !errors.Is(err, ErrSignature) && c.want != ErrSigner {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	e := fresh()
	if err := e.Verify(testKey(t, "bob").PublicKey()); !errors.Is(err, ErrSigner) {
		t.Errorf("another's key: %v", err)
	}
	for name, key := range map[string][]byte{
		"none": nil, "uncompressed": crypto.FromECDSAPub(&k.private.PublicKey), "hybrid": append([]byte{6}, k.PublicKey()[1:]...),
		"not on the curve": append([]byte{2}, bytes.Repeat([]byte{0xff}, 32)...),
	} {
		if err := e.Verify(key); !errors.Is(err, ErrPublicKey) {
			t.Errorf("key %s: %v", name, err)
		}
	}
	if err := testKey(t, "bob").SignEnvelope(e); !errors.Is(err, ErrSigner) {
		t.Errorf("signing for somebody else: %v", err)
	}
}

// The same id with a garbage signature has another wire hash.
func TestWireHashCoversTheSignature(t *testing.T) {
	a, b := signed(t, "x", "epcis", 5, `{}`), signed(t, "x", "epcis", 5, `{}`)
	b.Signature[0] ^= 1
	wa, wb := mustMarshal(a), mustMarshal(b)
	if a.ID() != b.ID() || WireHash(wa) == WireHash(wb) {
		t.Fatal("the signature is in the id, or not in the wire hash")
	}
}
