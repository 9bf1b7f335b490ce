package contracts

import (
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
)

// Pieces of one weight are multiplied, others added: the sum is what adding each gives.
func TestTheSumOfASide(t *testing.T) {
	s, sum := side{unit: kilogram}, epcis.Decimal{}
	put := func(text string, piece bool) {
		t.Helper()
		p := portion{id: &epcis.ID{}, amount: decimal(text), unit: kilogram, clear: true}
		if piece {
			p.weight = text
		}
		if !s.put(&p) {
			t.Fatalf("%s does not count", text)
		}
		if sum = sum.Add(p.amount); s.total().Cmp(sum) != 0 || s.total().String() != sum.String() {
			t.Fatalf("after %s: %s, not %s", text, s.total(), sum)
		}
	}
	for range 400 {
		put("0.25", true)
	}
	put("60", false)
	put("60", false)
	for _, text := range []string{"0.25", "0.25", "123456789012345678.000000001", "123456789012345678.000000001", "1", "0.25"} {
		put(text, true)
	}
	if s.clear != 408 || s.unclear != 0 {
		t.Errorf("%d portions count, %d do not", s.clear, s.unclear)
	}
	if s.put(&portion{id: &epcis.ID{}, what: "no amount"}) || s.unclear != 1 || s.total().Cmp(sum) != 0 {
		t.Error("what states no amount counts")
	}
}
