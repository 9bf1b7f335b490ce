package proof

import (
	"strings"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// stated is a reader of the network's parameters alone.
type stated struct {
	trace.Reader
	parameters identity.Parameters
}

func (s stated) State(trace.Key) ([]byte, error) { return s.parameters.Encode(), nil }

// A closure looks as far past the end of a packing as the role with the longest lateness
// limit may be late, however short the others' are.
func TestClosureLooksAsFarAsTheLongestLateness(t *testing.T) {
	for set, want := range map[string]int64{
		"lateness=60": 60, "latenessCarrier=8000000": 8_000_000, "latenessCarrier=60": 90 * 86_400, "latenessCustoms=9000000": 9_000_000,
	} {
		p := identity.DefaultParameters()
		name, value, _ := strings.Cut(set, "=")
		if err := p.Set(name, value); err != nil {
			t.Fatal(err)
		}
		o, err := ClosureOptions(stated{parameters: p}, epcis.Instant{})
		if err != nil || o.Lateness != want {
			t.Errorf("%s: it looks %d s ahead, %v", set, o.Lateness, err)
		}
	}
}
