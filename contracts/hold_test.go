package contracts

import (
	"encoding/json"
	"testing"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// states is a view of item states alone, for what other contracts read of bonds.
type states map[trace.Key][]byte

func (s states) State(k trace.Key) ([]byte, error) { return s[k], nil }

func (s states) Accepted(string, identity.Hash, string) (uint64, bool, error) { return 0, false, nil }

func (s states) Signed(uint64) (identity.Address, int64, error) { return identity.Address{}, 0, nil }

func (s states) IsEvent(uint64, string) (bool, error) { return false, nil }

func (s states) SameContent(string) (uint64, bool, error) { return 0, false, nil }

// hearing is one in which the contract of that rule judges.
func (s states) hearing(r *epcis.Record, seq uint64) *hearing {
	court := Convene(s, Block{Time: epcis.Instant{Seconds: 1_780_000_000}})
	c := court.hear(Position{Seq: seq}, r)
	c.signer.ID = "https://example.org/party/a"
	for i := range court.rules.contracts {
		if court.rules.contracts[i].Rule == "C7" {
			c.contract = &court.rules.contracts[i]
		}
	}
	return c
}

// judge plays an event before C7 alone and keeps what it writes.
func (s states) judge(t *testing.T, seq uint64, e map[string]any) {
	t.Helper()
	e["@context"], e["eventTimeZoneOffset"], e["eventTime"] = epcis.ContextURL, "+00:00", "2026-05-01T00:00:00Z"
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	r, err := epcis.Decode(epcis.KindEvent, b)
	if err != nil {
		t.Fatal(err)
	}
	c := s.hearing(r, seq)
	if err := c.containment(); err != nil || c.fault != nil || len(c.verdict.Findings) > 0 {
		t.Fatal(err, c.fault, c.verdict.Findings)
	}
	if err := c.writeItems(); err != nil {
		t.Fatal(err)
	}
	for _, w := range c.deliver() {
		s[w.Key] = w.State
	}
}

func packing(action, parent string, children ...string) map[string]any {
	return map[string]any{"type": "AggregationEvent", "action": action, "parentID": parent, "childEPCs": append([]string{}, children...)}
}

func TestAboveEndsWithTheOutermostContainer(t *testing.T) {
	s := states{}
	s.judge(t, 1, packing("ADD", "urn:x:pallet", "urn:x:bag"))
	s.judge(t, 2, packing("ADD", "urn:x:container", "urn:x:pallet"))
	s.judge(t, 3, packing("ADD", "urn:epc:id:imovn:9521100", "urn:x:container"))
	for step, want := range []string{"urn:x:container", "urn:x:pallet", "urn:x:bag"} {
		switch step {
		case 1: // all at once
			s.judge(t, 4, packing("DELETE", "urn:x:container"))
		case 2:
			s.judge(t, 5, packing("DELETE", "urn:x:pallet", "urn:x:bag"))
		}
		c := s.hearing(nil, 9)
		bag, err := c.itemAt("urn:x:bag")
		if err != nil {
			t.Fatal(err)
		}
		if chain, err := c.above(bag); err != nil || chain[len(chain)-1].id != want {
			t.Errorf("step %d: the outermost of %v, want %s (%v)", step, chain, want, err)
		}
	}
}
