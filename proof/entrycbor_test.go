package proof

import (
	"bytes"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/identity"
)

func TestAppendWritesWhatTheLibraryWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Lengths of heads change at these.
		edge := rapid.SampledFrom([]uint64{0, 1, 23, 24, 255, 256, 1<<16 - 1, 1 << 16, 1<<32 - 1, 1 << 32, math.MaxInt64, math.MaxUint64})
		number := rapid.OneOf(edge, rapid.Uint64())
		e := Entry{
			Height: number.Draw(t, "height"), Time: int64(number.Draw(t, "time")), Seq: number.Draw(t, "seq"),
			Index: uint32(number.Draw(t, "index")), Kind: rapid.StringN(0, 300, 300).Draw(t, "kind"),
			Codes: rapid.SliceOfN(rapid.Uint32(), 0, 300).Draw(t, "codes"),
		}
		fill := rapid.SliceOfN(rapid.Byte(), 32, 32)
		copy(e.Envelope[:], fill.Draw(t, "envelope"))
		copy(e.Signer[:], fill.Draw(t, "signer"))
		copy(e.Record[:], fill.Draw(t, "record"))
		copy(e.FindingsHash[:], fill.Draw(t, "findings hash"))
		library, err := identity.MarshalCanonical(&e)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := e.Append([]byte("before")), append([]byte("before"), library...); !bytes.Equal(got, want) {
			t.Fatalf("got  %x\nwant %x", got, want)
		}
	})
}
