package contracts_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
)

// Whatever a refusal rests on stands in the journeys of what is refused: before the record is
// on the ledger by what the states say, and after that for good, as does what a flag rests on.
func TestJourneysTellWhatHandOversAreRefusedFor(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := market()
		for n := range rapid.IntRange(1, 40).Draw(rt, "records") {
			m.time.Seconds += int64(rapid.SampledFrom([]int{1, 1, 1, 86_400, 60 * 86_400}).Draw(rt, "later"))
			member, e := handing(rt, m, n)
			if e["parentID"] != nil {
				nested(rt, e)
			}
			record := m.written(rt, e)
			r, err := epcis.Decode(epcis.KindEvent, record)
			if err != nil {
				rt.Fatal(err)
			}
			v, err := contracts.Judge(m, m.block(), m.position(member, epcis.KindEvent), r)
			if err != nil {
				rt.Fatal(err)
			}
			rt.Logf("%d %s %s %s", m.seq, member, record, words(v))
			if missing, err := m.untoldReasons(r, v); err != nil || len(missing) > 0 {
				rt.Fatalf("no journey tells of %v (%v)", missing, err)
			}
			m.judge(t, member, epcis.KindEvent, record)
			if missing, err := m.untoldReasons(r, v); err != nil || len(missing) > 0 {
				rt.Fatalf("on the ledger, no journey tells of %v (%v)", missing, err)
			}
		}
	})
}

// nested has a packing or unpacking be of a box, too, or of all at once.
func nested(t *rapid.T, e map[string]any) {
	const pallet, box = "https://id.gs1.org/00/395211020000000016", "https://id.gs1.org/00/395211020000000023"
	contents := [][]string{{itemURI(0)}, {itemURI(0), itemURI(1)}, {}}
	if rapid.Bool().Draw(t, "box") {
		e["parentID"] = box
		contents = [][]string{{pallet}, {itemURI(0)}, {pallet, itemURI(1)}, {}}
	}
	if e["action"] != "DELETE" {
		contents = contents[:len(contents)-1]
	}
	e["childEPCs"] = rapid.SampledFrom(contents).Draw(t, "contents")
}
