package p2p

import (
	"bytes"
	"testing"

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
		"nothing":             {},
		"no wires":            {0x82, 0x00, 0x80},
		"empty wire":          {0x82, 0x00, 0x81, 0x40},
		"long attempt":        {0x82, 0x18, 0x00, 0x81, 0x41, 'x'},
		"long array head":     {0x82, 0x00, 0x98, 0x01, 0x41, 'x'},
		"long wire head":      {0x82, 0x00, 0x81, 0x58, 0x01, 'x'},
		"indefinite array":    {0x82, 0x00, 0x9f, 0x41, 'x', 0xff},
		"indefinite wire":     {0x82, 0x00, 0x81, 0x5f, 0x41, 'x', 0xff},
		"trailing byte":       append(bytes.Clone(good), 0),
		"truncated":           good[:4],
		"three elements":      {0x83, 0x00, 0x81, 0x41, 'x', 0x00},
		"one element":         {0x81, 0x00},
		"text for a wire":     {0x82, 0x00, 0x81, 0x61, 'x'},
		"negative attempt":    {0x82, 0x20, 0x81, 0x41, 'x'},
		"attempt of 33 bits":  {0x82, 0x1b, 0, 0, 0, 1, 0, 0, 0, 0, 0x81, 0x41, 'x'},
		"a tag":               {0xc1, 0x82, 0x00, 0x81, 0x41, 'x'},
		"claims 2^32 wires":   {0x82, 0x00, 0x9b, 0, 0, 0, 1, 0, 0, 0, 0},
		"array for a wire":    {0x82, 0x00, 0x81, 0x81, 0x01},
		"null for the wires":  {0x82, 0x00, 0xf6},
		"null for the batch":  {0xf6},
		"null for a wire":     {0x82, 0x00, 0x81, 0xf6},
		"larger than allowed": make([]byte, MaxMessageBytes+1),
	} {
		if b, err := decodeBatch(data); err == nil {
			t.Errorf("%s: decoded as %+v", name, b)
		}
	}
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
