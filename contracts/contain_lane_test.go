package contracts_test

import (
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// Two containers of the coffee lane, as its parties record them: no rule of bonds
// or of ownership finds anything wrong, and in the end the goods are unpacked.
func TestCoffeeLaneKeepsTheRulesOfBonds(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	m := newMemory()
	m.time = epcis.Instant{Seconds: now.Unix()}
	m.admitLanes()
	acts, err := lane.Coffee.Ground(now)
	if err != nil {
		t.Fatal(err)
	}
	var container string
	for n := range 2 {
		s, err := lane.Coffee.Script(now, n)
		if err != nil {
			t.Fatal(err)
		}
		acts, container = append(acts, s.Honest()...), s.Container
	}
	for _, act := range acts {
		records, err := act.Signed()
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range records {
			for _, f := range m.judge(t, act.Member, act.Kind, record).Findings {
				if f.Rule == "C7" || f.Rule == "C8" || f.Rule == "C9" {
					t.Errorf("%s: %+v", act.Title, f)
				}
			}
		}
	}
	s := m.state(container)
	if s.Contents == nil || s.Contents.Now.Count != 0 {
		t.Errorf("the container holds %+v", s.Contents)
	}
}
