package trace_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// A serial lies in a range if it is the same up to a number of as many digits, which is
// none smaller and none larger than those of the ends.
func TestWhatLiesInARangeOfSerials(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SampledFrom([]string{"", "SN", "A-", "x_1"}).Draw(t, "prefix")
		width := rapid.IntRange(1, 6).Draw(t, "width")
		first := rapid.IntRange(0, 120).Draw(t, "first")
		last := first + rapid.IntRange(0, 120).Draw(t, "more")
		number := func(n int) string { return fmt.Sprintf("%0*d", width, n) }
		if len(number(last)) > width {
			return
		}
		ranges := []string{"Z0..Z9", prefix + number(first) + ".." + prefix + number(last)}
		digits := rapid.StringMatching(`[0-9]{1,7}`).Draw(t, "digits")
		if rapid.Bool().Draw(t, "near") {
			digits = number(rapid.IntRange(max(0, first-2), last+2).Draw(t, "number"))
		}
		n, err := strconv.Atoi(digits)
		if err != nil {
			t.Fatal(err)
		}
		want := len(digits) == width && first <= n && n <= last
		if got := trace.InSerials(ranges, epcis.Canonical(item(1, prefix+digits))); got != want {
			t.Fatalf("%s in %s: %v", prefix+digits, ranges[1], got)
		}
		if trace.InSerials(ranges, epcis.Canonical(item(1, "Q"+prefix+digits))) {
			t.Fatalf("Q%s in %s", prefix+digits, ranges[1])
		}
	})
}

func TestWhatHasNoSerialLiesInNoRange(t *testing.T) {
	ranges := []string{"1..9"}
	for _, id := range []string{gtin(1), lot(1, "1"), sscc(1), "urn:x:1", "https://id.gs1.org/8004/95211021"} {
		if trace.InSerials(ranges, epcis.Canonical(id)) {
			t.Errorf("%s is in the range", id)
		}
		if !trace.InSerials(nil, epcis.Canonical(id)) {
			t.Errorf("%s is not among all", id)
		}
	}
}

// Whatever item of the range is asked for, its journey tells of the recall, and that of no
// other item does, whenever the item was first told of.
func TestARecallOfSerialsIsToldOfThose(t *testing.T) {
	m := newMemory()
	ranged := func(list string) string { return `,"wm:serials":` + list }
	m.event(t, orgA, object("ADD", "commissioning", at(2, 0), item(1, "S099"), item(1, "S100"), item(1, "S199"), item(1, "S200"))+`,"ilmd":{"cbvmda:lotNumber":"L"}`)
	recall := m.event(t, orgA, holding(gtin(1), at(4, 0), calledBack+ranged(`["S100..S199","S900..S900"]`)))
	line := fmt.Sprintf("%s %d by %s", gtin(1), recall, orgA)
	m.event(t, orgB, object("OBSERVE", "storing", at(5, 0), item(1, "S150"), item(1, "S201")))
	for _, serial := range []string{"S100", "S150", "S199"} {
		j := walk(t, m, item(1, serial), trace.Options{})
		wantRecalls(t, j, line)
		if !slices.Equal(j.Recalls[0].Serials, []string{"S100..S199", "S900..S900"}) {
			t.Errorf("of %s: serials %v", serial, j.Recalls[0].Serials)
		}
	}
	for _, id := range []string{item(1, "S099"), item(1, "S200"), item(1, "S201"), lot(1, "L")} {
		j := walk(t, m, id, trace.Options{Direction: trace.Upstream})
		if slices.Contains(seqs(j), recall) {
			t.Errorf("%s: its journey tells of %v", id, seqs(j))
		}
		wantRecalls(t, j)
	}
	wantRecalls(t, walk(t, m, gtin(1), trace.Options{}), line)
	// Another range is another recall; what ends neither leaves both.
	other := m.event(t, orgA, holding(gtin(1), at(6, 0), calledBack+ranged(`["S200..S209"]`)))
	m.event(t, orgA, holding(gtin(1), at(7, 0), liftedNow))
	m.event(t, orgA, holding(gtin(1), at(7, 1), liftedNow+ranged(`["S100..S199"]`)))
	wantRecalls(t, walk(t, m, item(1, "S201"), trace.Options{}), fmt.Sprintf("%s %d by %s", gtin(1), other, orgA))
	lifted := m.event(t, orgA, holding(gtin(1), at(8, 0), liftedNow+ranged(`["S900..S900","S100..S199"]`)))
	wantRecalls(t, walk(t, m, item(1, "S150"), trace.Options{}), line+fmt.Sprintf(" lifted %d", lifted))
	wantRecalls(t, walk(t, m, item(1, "S201"), trace.Options{}), fmt.Sprintf("%s %d by %s", gtin(1), other, orgA))
}
