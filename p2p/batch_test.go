package p2p

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/klauspost/compress/s2"
	"pgregory.net/rapid"
)

func TestBatchRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := &batch{
			Attempt: rapid.Uint32().Draw(t, "attempt"),
			Wires:   rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 1, 300), 1, 300).Draw(t, "wires"),
		}
		data, err := b.encode()
		if err != nil {
			t.Fatal(err)
		}
		size := 1 + headBytes(uint64(b.Attempt)) + headBytes(uint64(len(b.Wires)))
		for _, w := range b.Wires {
			size += wireBytes(len(w))
		}
		if len(data) != size {
			t.Fatalf("wireBytes says %d, encoded are %d", size, len(data))
		}
		back, err := decodeBatch(data)
		if err != nil {
			t.Fatal(err)
		}
		if back.Attempt != b.Attempt || len(back.Wires) != len(b.Wires) {
			t.Fatalf("came back as %d, %d wires", back.Attempt, len(back.Wires))
		}
		for i := range b.Wires {
			if !bytes.Equal(b.Wires[i], back.Wires[i]) {
				t.Fatalf("wire %d changed", i)
			}
		}
	})
}

func TestBatchRefusals(t *testing.T) {
	good := []byte{0x82, 0x00, 0x81, 0x41, 'x'}
	if _, err := decodeBatch(good); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"nothing":            {},
		"no wires":           {0x82, 0x00, 0x80},
		"empty wire":         {0x82, 0x00, 0x81, 0x40},
		"long attempt":       {0x82, 0x18, 0x00, 0x81, 0x41, 'x'},
		"long array head":    {0x82, 0x00, 0x98, 0x01, 0x41, 'x'},
		"long wire head":     {0x82, 0x00, 0x81, 0x58, 0x01, 'x'},
		"indefinite array":   {0x82, 0x00, 0x9f, 0x41, 'x', 0xff},
		"indefinite wire":    {0x82, 0x00, 0x81, 0x5f, 0x41, 'x', 0xff},
		"trailing byte":      append(bytes.Clone(good), 0),
		"truncated":          good[:4],
		"three elements":     {0x83, 0x00, 0x81, 0x41, 'x', 0x00},
		"one element":        {0x81, 0x00},
		"text for a wire":    {0x82, 0x00, 0x81, 0x61, 'x'},
		"negative attempt":   {0x82, 0x20, 0x81, 0x41, 'x'},
		"attempt of 33 bits": {0x82, 0x1b, 0, 0, 0, 1, 0, 0, 0, 0, 0x81, 0x41, 'x'},
		"a tag":              {0xc1, 0x82, 0x00, 0x81, 0x41, 'x'},
		"claims 2^32 wires":  {0x82, 0x00, 0x9b, 0, 0, 0, 1, 0, 0, 0, 0},
		"array for a wire":   {0x82, 0x00, 0x81, 0x81, 0x01},
		"null for the wires": {0x82, 0x00, 0xf6},
		"null for the batch": {0xf6},
		"null for a wire":    {0x82, 0x00, 0x81, 0xf6},
	} {
		if b, err := decodeBatch(data); err == nil {
			t.Errorf("%s: decoded as %+v", name, b)
		}
	}
}

func TestMessages(t *testing.T) {
	large := &batch{Wires: [][]byte{make([]byte, MaxWireBytes)}}
	if _, err := rand.Read(large.Wires[0]); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*batch{
		"one wire":                       {Attempt: 7, Wires: [][]byte{[]byte("x")}},
		"a large one of nothing but one": {Wires: [][]byte{make([]byte, MaxWireBytes)}},
		"a large one that resists":       large,
	} {
		message, err := b.pack()
		if err != nil {
			t.Fatal(err)
		}
		back, err := unpackBatch(message)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if back.Attempt != b.Attempt || !slices.EqualFunc(back.Wires, b.Wires, bytes.Equal) {
			t.Errorf("%s came back changed", name)
		}
	}
	good, err := (&batch{Wires: [][]byte{[]byte("x")}}).pack()
	if err != nil {
		t.Fatal(err)
	}
	tooLarge := binary.AppendUvarint(nil, maxBatchBytes+1)
	for name, message := range map[string][]byte{
		"nothing":                    {},
		"not packed":                 {0x82, 0x00, 0x81, 0x41, 'x'},
		"cut short":                  good[:len(good)-1],
		"a byte too many":            append(bytes.Clone(good), 0),
		"zeros without end":          s2.Encode(nil, make([]byte, 64<<20)),
		"says it is too large":       append(tooLarge, good[1:]...),
		"of what encode never wrote": s2.Encode(nil, []byte{0x82, 0x18, 0x00, 0x81, 0x41, 'x'}),
		"larger than allowed":        make([]byte, MaxMessageBytes+1),
	} {
		if b, err := unpackBatch(message); err == nil {
			t.Errorf("%s: unpacked as %+v", name, b)
		}
	}
}

// What is unpacked is what some sender packed, and no message takes much memory.
func FuzzUnpackBatch(f *testing.F) {
	good, err := (&batch{Attempt: 3, Wires: [][]byte{[]byte("x"), []byte("yz")}}).pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:3])
	f.Fuzz(func(t *testing.T, message []byte) {
		b, err := unpackBatch(message)
		if err != nil {
			return
		}
		again, err := b.pack()
		if err != nil {
			t.Fatal(err)
		}
		back, err := unpackBatch(again)
		if err != nil || back.Attempt != b.Attempt || !slices.EqualFunc(back.Wires, b.Wires, bytes.Equal) {
			t.Fatalf("%x unpacks and packs as %x (%v)", message, again, err)
		}
	})
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add([]byte{0x82, 0x00, 0x81, 0x41, 'x'})
	f.Add([]byte{0x82, 0x18, 0x20, 0x82, 0x41, 'x', 0x42, 'y', 'z'})
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := decodeBatch(data)
		if err != nil {
			return
		}
		again, err := b.encode()
		if err != nil || !bytes.Equal(again, data) {
			t.Fatalf("%x decodes and encodes as %x (%v)", data, again, err)
		}
	})
}
