package contracts_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/trace"
)

// A recall of ranges of a class's serials reaches the items in them, what was made of those and
// what is in them: not the rest of the class, and not who has amounts of it alone.
func TestImpactOfRangesOfSerials(t *testing.T) {
	const class = "https://id.gs1.org/01/09521104000013"
	for _, recalled := range []string{
		`"SN0010..SN0019","SN0015..SN0021"`,
		`"SN0010..SN0021","X00000000..X99999999"`, // too many to look up one by one
	} {
		s := impactLedger(t)
		s.play(t, `grower event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+green+`A","quantity":60,"uom":"KGM"}]}`)
		s.play(t, `roaster event {"action":"ADD","bizStep":"commissioning","epcList":["`+bag+`SN0009","`+bag+`SN0010"],"ilmd":{"cbvmda:lotNumber":"R"}}`)
		s.play(t, `roaster event {"action":"ADD","bizStep":"commissioning","epcList":["`+bag+`SN0011","`+bag+`SN0012"],"ilmd":{"cbvmda:lotNumber":"R"}}`)
		s.play(t, `roaster event {"action":"ADD","bizStep":"commissioning","epcList":["`+bag+`SN0021","`+bag+`SN0022"]}`)
		s.play(t, `roaster event {"action":"ADD","bizStep":"commissioning","quantityList":[{"epcClass":"`+roasted+`Q","quantity":60,"uom":"KGM"}]}`)
		s.play(t, `shop event {"bizStep":"receiving","epcList":["`+bag+`SN0013","`+bag+`SN0023"]}`)
		s.play(t, `roaster event {"type":"TransformationEvent","inputEPCList":["`+bag+`SN0010"],"outputEPCList":["`+bag+`M1"]}`)
		s.play(t, `roaster event {"type":"TransformationEvent","inputEPCList":["`+bag+`SN0009"],"outputEPCList":["`+bag+`M2"]}`)
		if i := s.impact(t, class); i.Totals.Items != 10 {
			t.Errorf("before any recall: %+v", i.Totals)
		}
		s.play(t, `roaster event {"disposition":"recalled","bizStep":"holding","quantityList":[{"epcClass":"`+class+`"}],"wm:serials":[`+recalled+`]}`)
		i := s.impact(t, class)
		lines := strings.Split(told(t, s, i), "\n")
		slices.Sort(lines)
		same(t, strings.Join(lines[1:], "\n")+"\n", `
			item M1 1 certain roaster active
			item SN0010 1 certain roaster consumed
			item SN0011 1 certain roaster active
			item SN0012 1 certain roaster active
			item SN0013 1 certain shop seen
			item SN0021 1 certain roaster active
			roaster has 4 items, 0 lots, open
			shop has 1 items, 0 lots, open
`)
		if i.Totals.Items != 6 || i.Totals.Transformations != 1 {
			t.Errorf("totals %+v", i.Totals)
		}
		// A recall of all of it is about all of it.
		s.play(t, `customs event {"disposition":"recalled","bizStep":"holding","quantityList":[{"epcClass":"`+class+`"}]}`)
		if i := s.impact(t, class); i.Totals.Items != 10 || len(i.Matters) != 2 {
			t.Errorf("totals %+v, matters %+v", i.Totals, i.Matters)
		}
	}
}

// try is a line of a script that may be refused.
func (s *script) try(t *testing.T, line string) {
	t.Helper()
	s.expected = true
	if err := s.line(t, line); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
}

// However a range is found, serial by serial or batch by batch, the impact is the same: each
// item in it once.
func TestImpactOfRangesIsTheSameHoweverTheyAreFound(t *testing.T) {
	const class = "https://id.gs1.org/01/09521104000013"
	rapid.Check(t, func(rt *rapid.T) {
		s := impactLedger(t)
		s.play(t, `roaster event {"action":"ADD","bizStep":"commissioning","epcList":["`+bag+`0"]}`)
		for n := range rapid.IntRange(1, 12).Draw(rt, "records") {
			ids := rapid.SliceOfNDistinct(rapid.IntRange(10, 40), 1, 8, rapid.ID).Draw(rt, "serials")
			var list []string
			for _, id := range ids {
				list = append(list, fmt.Sprintf("%q", bag+fmt.Sprint(id)))
			}
			what := rapid.SampledFrom([]string{
				`roaster event {"action":"ADD","bizStep":"commissioning","epcList":[%s],"ilmd":{"cbvmda:lotNumber":"R"}%s}`,
				`roaster event {"action":"ADD","bizStep":"commissioning","epcList":[%s]%s}`,
				`shop event {"bizStep":"receiving","epcList":[%s]%s}`,
				`roaster event {"type":"TransformationEvent","inputEPCList":[%s],"outputQuantityList":[{"epcClass":"` + green + `Z","quantity":1,"uom":"KGM"}]%s}`,
			}).Draw(rt, "what")
			s.try(t, fmt.Sprintf(what, strings.Join(list, ","), fmt.Sprintf(`,"eventID":"urn:uuid:%d"`, n)))
		}
		s.play(t, `roaster event {"disposition":"recalled","bizStep":"holding","eventID":"urn:uuid:a","quantityList":[{"epcClass":"`+class+`"}],"wm:serials":["15..30"]}`)
		one := told(t, s, s.impact(t, class))
		s.play(t, `roaster event {"disposition":"recalled","bizStep":"holding","eventID":"urn:uuid:b","quantityList":[{"epcClass":"`+class+`"}],"wm:serials":["X00000000..X99999999"]}`)
		two := told(t, s, s.impact(t, class))
		sorted := func(text string) string {
			lines := strings.Split(text, "\n")
			slices.Sort(lines)
			return strings.Join(lines, "\n")
		}
		if sorted(one) != sorted(two) {
			rt.Fatalf("serial by serial\n%s\nbatch by batch\n%s", one, two)
		}
		for id := 10; id <= 40; id++ {
			known := s.memory.states[trace.Key{NS: trace.NSItem, ID: bag + fmt.Sprint(id)}] != nil
			if n := strings.Count(one, fmt.Sprintf("item %d ", id)); n != 0 && (id < 15 || id > 30 || n > 1) || n == 0 && known && id >= 15 && id <= 30 {
				rt.Fatalf("item %d, known %v, %d times:\n%s", id, known, n, one)
			}
		}
	})
}
