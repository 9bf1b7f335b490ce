package ledger

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// No row makes a decoder panic, and what a decoder of the map's rows accepts is
// what its encoder writes.
func FuzzRows(f *testing.F) {
	x := index{key: trace.Key{NS: trace.NSItem, ID: "x"}, state: []byte{1, 2}}
	for seq := range uint64(3) {
		x.append(seq*300, identity.Hash{byte(seq)})
	}
	page := pageRow{whole: true, there: 0x8001, deep: 1}
	part := pageRow{there: 2, deep: 2}
	entry := line{entry: []byte("entry"), organisation: []byte("o"), findings: []byte{0x80}, at: 7, bytes: []byte("{}")}
	var two pack
	two.add(&entry, nil)
	two.add(&entry, nil)
	place := stored{at: 3, accepted: []acceptance{{3, "o"}, {9, ""}}}
	envelope := proof.EnvelopeInfo{Kind: "epcis", Count: 17}
	for _, row := range [][]byte{
		x.encode(nil), page.encode(nil), part.encode(nil), entry.encode(nil), two.row(), place.encode(nil),
		encodeEnvelope(envelope, make([]byte, 32)), encodeBlock(proof.Roots{LogSize: 1}, 1), append(make([]byte, 32), 1, 1),
	} {
		f.Add(row)
		f.Add(seal([]byte("Ikey"), row))
	}
	f.Fuzz(func(t *testing.T, row []byte) {
		if v, err := unseal([]byte("Ikey"), row); err == nil && !bytes.Equal(seal([]byte("Ikey"), bytes.Clone(v)), row) {
			t.Errorf("row %x is sealed otherwise", row)
		}
		if r, err := decodePageRow(row); err == nil && !bytes.Equal(r.encode(nil), row) {
			t.Errorf("page %x is written as %x", row, r.encode(nil))
		}
		if l, err := leafOf(identity.Hash{}, row); err == nil {
			r, err := parseIndex(row)
			if err != nil {
				t.Fatalf("index %x: %v", row, err)
			}
			x := r.index(trace.Key{NS: trace.Namespace(r.ns), ID: string(r.id)})
			if x.mapLeaf(identity.Hash{}) != l {
				t.Errorf("index %x has two leaves", row)
			}
			again, err := parseIndex(x.encode(nil))
			if err != nil || !bytes.Equal(again.peaks, r.peaks) || !bytes.Equal(again.tail, r.tail) || !bytes.Equal(again.state, r.state) {
				t.Errorf("index %x is written as %x", row, x.encode(nil))
			}
		}
		if _, seqs, err := chunkRow(row); err == nil {
			_, _ = decodeSeqs(seqs)
		}
		_, _ = decodeLine(row)
		if u, err := unpack(30, row); err == nil {
			var p pack
			for i := range u.lines {
				p.add(&u.lines[i], nil)
			}
			if again, err := unpack(30, p.row()); err != nil || !reflect.DeepEqual(again, u) {
				t.Errorf("lines %x are packed as others", row)
			}
		}
		_, _ = decodeStored(row)
		_, _, _ = decodeEnvelope(identity.Hash{}, row)
		_, _, _ = decodeBlock(1, row)
	})
}
