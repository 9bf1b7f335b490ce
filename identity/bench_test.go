package identity

import (
	"strings"
	"testing"
)

// benchEnvelope has n records of about 600 bytes, as an ordinary event.
func benchEnvelope(b *testing.B, n int) (*Envelope, []byte, []byte) {
	records := numbered(n)
	for i := range records {
		records[i] += strings.Repeat(" ", 600)
	}
	e := signed(b, "bench", "epcis", 5, records...)
	wire, err := e.Encode()
	if err != nil {
		b.Fatal(err)
	}
	return e, wire, testKey(b, "bench").PublicKey()
}

func forSizes(b *testing.B, f func(b *testing.B, e *Envelope, wire, key []byte)) {
	for name, n := range map[string]int{"1record": 1, "100records": 100} {
		b.Run(name, func(b *testing.B) {
			e, wire, key := benchEnvelope(b, n)
			b.ReportAllocs()
			b.ResetTimer()
			f(b, e, wire, key)
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	forSizes(b, func(b *testing.B, _ *Envelope, wire, _ []byte) {
		for b.Loop() {
			if _, err := DecodeEnvelope(wire); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkID(b *testing.B) {
	forSizes(b, func(b *testing.B, e *Envelope, _, _ []byte) {
		for b.Loop() {
			e.ID()
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	forSizes(b, func(b *testing.B, e *Envelope, _, key []byte) {
		for b.Loop() {
			if err := e.Verify(key); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkSign(b *testing.B) {
	k := testKey(b, "bench")
	forSizes(b, func(b *testing.B, e *Envelope, _, _ []byte) {
		for b.Loop() {
			if err := k.SignEnvelope(e); err != nil {
				b.Fatal(err)
			}
		}
	})
}
