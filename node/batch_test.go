package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"slices"
	"testing"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/types"
	"github.com/klauspost/compress/s2"
	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/identity"
)

// newBatches know of no wire.
func newBatches() batches { return batches{known: newMemo(1 << 20).same} }

// unpacked is what a transaction holds, read by who has not seen it before.
func unpacked(t testing.TB, tx []byte) [][]byte {
	t.Helper()
	b := newBatches()
	wires, err := b.unpack(tx)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	for _, w := range wires {
		if w.hash != identity.WireHash(w.bytes) {
			t.Fatal("a wire under another's hash")
		}
		out = append(out, w.bytes)
	}
	return out
}

// packed is one transaction of these wires.
func packed(t testing.TB, list ...[]byte) []byte {
	t.Helper()
	b := newBatches()
	txs := b.pack(wiresOf(list...))
	if len(txs) != 1 {
		t.Fatalf("%d transactions", len(txs))
	}
	return txs[0]
}

func wiresOf(list ...[]byte) []wire {
	wires := make([]wire, len(list))
	for i, w := range list {
		wires[i] = newWire(w)
	}
	return wires
}

// Whatever the wires, they come back in order, and take no more of a block than the
// room that the pool keeps to: resisting ones and the largest, too.
func TestBatchesHoldTheirWiresAndTheirRoom(t *testing.T) {
	noise := make([]byte, batchBytes+12)
	if _, err := rand.Read(noise); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		sizes := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(1, 2000), rapid.IntRange(1, identity.MaxEnvelopeBytes)), 1, 12).Draw(rt, "sizes")
		var list [][]byte
		room := int64(0)
		for i, n := range sizes {
			w := bytes.Repeat([]byte{byte(i)}, n)
			if rapid.Bool().Draw(rt, "noise") {
				w = noise[i : i+n]
			}
			list = append(list, w)
			room += int64(batchHead + len(w))
		}
		b := newBatches()
		txs := b.pack(wiresOf(list...))
		var back, cached [][]byte
		taken := int64(0)
		for _, tx := range txs {
			back = append(back, unpacked(t, tx)...)
			wires, err := b.unpack(tx)
			if err != nil {
				rt.Fatal(err)
			}
			for _, w := range wires {
				cached = append(cached, w.bytes)
			}
			taken += types.ComputeProtoSizeForTxs([]types.Tx{tx})
		}
		if !slices.EqualFunc(back, list, bytes.Equal) || !slices.EqualFunc(cached, list, bytes.Equal) {
			rt.Fatal("other wires came back")
		}
		if limit := room + batchesMargin(room); taken > limit {
			rt.Fatalf("%d batches take %d bytes of a block, of %d", len(txs), taken, limit)
		}
	})
}

func TestWhatIsNoBatch(t *testing.T) {
	one := func(b ...byte) []byte { return append([]byte{txBatch}, b...) }
	good := packed(t, []byte("wire"), []byte("another"))
	head := func(n uint32, rest string) []byte {
		return one(s2.Encode(nil, append(binary.BigEndian.AppendUint32(nil, n), rest...))...)
	}
	for name, tx := range map[string][]byte{
		"only its first byte":           one(),
		"not packed":                    one([]byte("\x00\x00\x00\x04wire")...),
		"cut short":                     good[:len(good)-1],
		"a byte too many":               append(bytes.Clone(good), 0),
		"empty":                         one(s2.Encode(nil, nil)...),
		"zeros without end":             one(s2.Encode(nil, make([]byte, 64<<20))...),
		"more than it may hold":         one(s2.Encode(nil, make([]byte, batchBytes+1))...),
		"says it is larger than memory": one(binary.AppendUvarint(nil, 1<<40)...),
		"half a head":                   one(s2.Encode(nil, []byte{0, 0, 1})...),
		"a wire longer than the rest":   head(5, "wire"),
		"a rest after a wire":           head(3, "wire"),
		"a length that is none":         head(1<<31, "wire"),
	} {
		b := newBatches()
		for range 2 { // what was read once is remembered, not what failed
			if wires, err := b.unpack(tx); !errors.Is(err, errBatch) {
				t.Errorf("%s: %d wires, %v", name, len(wires), err)
			}
		}
	}
	if wires := unpacked(t, []byte("an envelope")); len(wires) != 1 || string(wires[0]) != "an envelope" {
		t.Errorf("a transaction of before: %q", wires)
	}
}

// The validators' ledgers do not depend on how envelopes stand in a block's
// transactions, nor on what a node remembers of the proposal.
func TestABlockIsItsEnvelopes(t *testing.T) {
	b := newBench(t)
	w := [][]byte{
		b.wire(t, time.Hour, observation(t, 1), observation(t, 2)),
		b.wire(t, time.Hour, []byte(`{"type":"ObjectEvent","type":"again"}`), observation(t, 3)),
		b.wire(t, time.Hour, observation(t, 4)),
	}
	nodes := []*bench{twin(t, b), twin(t, b), twin(t, b), twin(t, b)}
	for _, wire := range w {
		nodes[0].takes(t, wire)
	}
	p, err := nodes[0].PrepareProposal(context.Background(), &abci.RequestPrepareProposal{Height: 1, Time: b.time, MaxTxBytes: 1 << 20})
	if err != nil || len(p.Txs) != 1 || len(unpacked(t, p.Txs[0])) != 3 {
		t.Fatalf("%d transactions, %v", len(p.Txs), err)
	}
	for _, n := range nodes[:2] {
		if !n.accepts(t, p.Txs...) {
			t.Fatal("an honest proposal is refused")
		}
		if !n.accepts(t) { // another round's
			t.Fatal("an empty proposal is refused")
		}
	}
	list := unpacked(t, p.Txs[0])
	var roots [][]byte
	var data [][]byte
	for i, txs := range [][][]byte{p.Txs, p.Txs, {packed(t, list[0]), packed(t, list[1:]...)}, list} {
		r := nodes[i].decide(t, txs...)
		roots = append(roots, r.AppHash)
		data = append(data, r.TxResults[0].Data)
		for _, result := range r.TxResults {
			if result.Code != 0 {
				t.Errorf("node %d: %+v", i, result)
			}
		}
	}
	for i := range roots {
		if !bytes.Equal(roots[i], roots[0]) {
			t.Errorf("node %d has another app hash", i)
		}
	}
	if !bytes.Equal(data[0], data[1]) {
		t.Error("the same block, another result")
	}
	var out []outcome
	if err := identity.UnmarshalStrict(data[0], &out); err != nil || len(out) != 3 {
		t.Fatalf("%d outcomes, %v", len(out), err)
	}
	first := uint64(0)
	for i, o := range out {
		if o.Code != CodeAdmitted || o.First != first {
			t.Errorf("outcome %d: %+v", i, o)
		}
		first += uint64(len(o.Codes))
	}
}

// One envelope that is not admitted makes a proposal none; in a block that is decided
// all the same it alone touches nothing.
func TestABatchWithAnEnvelopeThatIsNotAdmitted(t *testing.T) {
	b := newBench(t)
	good, late := b.wire(t, time.Hour, observation(t, 1)), b.wire(t, time.Hour, observation(t, 2))
	forged := bytes.Clone(late)
	forged[len(forged)-1] ^= 1
	for name, txs := range map[string][][]byte{
		"forged": {packed(t, good, forged)}, "twice in one": {packed(t, good, good)},
		"twice in two": {packed(t, good), packed(t, good)}, "alone and in a batch": {good, packed(t, good)},
		"no batch": {packed(t, good), {txBatch}}, "garbage in it": {packed(t, good, []byte("hello"))},
	} {
		if b.accepts(t, txs...) {
			t.Errorf("%s: accepted", name)
		}
	}
	r := b.decide(t, packed(t, forged, good, good, []byte("hello")), []byte{txBatch, 0xff}, packed(t, late))
	if got := r.TxResults[1]; Code(got.Code) != CodeMalformed || got.Data != nil {
		t.Errorf("what is no batch: %+v", got)
	}
	var out, next []outcome
	if err := errors.Join(identity.UnmarshalStrict(r.TxResults[0].Data, &out), identity.UnmarshalStrict(r.TxResults[2].Data, &next)); err != nil {
		t.Fatal(err)
	}
	var codes []Code
	for _, o := range slices.Concat(out, next) {
		codes = append(codes, o.Code)
	}
	if want := []Code{CodeBadSignature, CodeAdmitted, CodeRepeated, CodeMalformed, CodeAdmitted}; !slices.Equal(codes, want) {
		t.Errorf("codes %v, want %v", codes, want)
	}
	if roots := b.ledger.Roots(); roots.LogSize != 2 || next[0].First != 1 {
		t.Errorf("%d records, the last envelope's first is %d", roots.LogSize, next[0].First)
	}
}

// What has come by gossip is taken from there, what has not is copied out of the memory
// that the next transaction is unpacked into, and bytes that only share a mark with
// something known are not taken for it.
func TestWiresOfABatchAreThoseThatAreKnown(t *testing.T) {
	m := newMemo(1 << 20)
	b := batches{known: m.same}
	heard := m.put(&checked{wire: newWire([]byte("came by gossip"))})
	again, err := b.unpack(packed(t, []byte("came by gossip"), []byte("came with the block")))
	if err != nil {
		t.Fatal(err)
	}
	if &again[0].bytes[0] != &heard.wire.bytes[0] {
		t.Error("a wire that is known was copied")
	}
	if _, err := b.unpack(packed(t, bytes.Repeat([]byte{'x'}, 100))); err != nil {
		t.Fatal(err)
	}
	if want := newWire([]byte("came with the block")); again[1].hash != want.hash || !bytes.Equal(again[1].bytes, want.bytes) {
		t.Errorf("a later transaction made %q of a wire", again[1].bytes)
	}

	other := []byte("never heard of")
	m.byMark[maphash.Bytes(m.seed, other)] = heard
	if w := m.same(other); w.hash != identity.WireHash(other) || !bytes.Equal(w.bytes, other) {
		t.Errorf("bytes that share a mark with %q are taken for it", w.bytes)
	}
	m.settle(nil, []identity.Hash{heard.wire.hash})
	if len(m.byMark) != 1 || len(m.byWire) != 0 {
		t.Errorf("%d marks and %d wires are left", len(m.byMark), len(m.byWire))
	}
}

func FuzzUnpackBatch(f *testing.F) {
	f.Add(packed(f, []byte("wire"), []byte("another")))
	f.Add([]byte{txBatch, 0})
	f.Add([]byte("an envelope"))
	f.Fuzz(func(t *testing.T, tx []byte) {
		b := newBatches()
		wires, err := b.unpack(tx)
		if err != nil {
			return
		}
		var list [][]byte
		total := 0
		for _, w := range wires {
			list, total = append(list, w.bytes), total+len(w.bytes)
		}
		if len(list) == 0 || isBatch(tx) && total > batchBytes {
			t.Fatalf("%d wires of %d bytes", len(list), total)
		}
		if isBatch(tx) && !slices.EqualFunc(unpacked(t, packed(t, list...)), list, bytes.Equal) {
			t.Fatal("packed again it holds other wires")
		}
	})
}
