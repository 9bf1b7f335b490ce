package contracts

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A shelf of boxes: things of more lots than a holder has room for are put into boxes and taken
// out, and boxes into pallets. What a holder names of a lot is never more than there is, what
// it counts in all is exact, and while it counts no others it names all.
func TestHoldersCountLotsExactly(t *testing.T) {
	const boxes, pallets = 3, 2
	full := false
	rapid.Check(t, func(rt *rapid.T) {
		var box [boxes]Tally
		var pallet [pallets]Tally
		var on [boxes]int // the pallet that a box is on, -1 for none
		var in [boxes]map[string]uint64
		for i := range in {
			in[i], on[i] = map[string]uint64{}, -1
		}
		all := func(t *Tally) *shares { return &shares{goods: slices.Clone(t.Goods), others: t.Others} }
		for range rapid.IntRange(1, 200).Draw(rt, "steps") {
			b := rapid.IntRange(0, boxes-1).Draw(rt, "box")
			switch rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0:
				if on[b] < 0 {
					on[b] = rapid.IntRange(0, pallets-1).Draw(rt, "pallet")
					pallet[on[b]].put(all(&box[b]))
				} else {
					pallet[on[b]].take(all(&box[b]))
					on[b] = -1
				}
			case 1, 2:
				var lots []string
				for lot := range in[b] {
					lots = append(lots, lot)
				}
				if len(lots) == 0 {
					continue
				}
				slices.Sort(lots)
				lot := rapid.SampledFrom(lots).Draw(rt, "out")
				n := min(in[b][lot], rapid.Uint64Range(1, 3).Draw(rt, "how many"))
				s := &shares{goods: []Goods{{lot, n}}}
				box[b].take(s)
				if on[b] >= 0 {
					pallet[on[b]].take(s)
				}
				if in[b][lot] -= n; in[b][lot] == 0 {
					delete(in[b], lot)
				}
			default:
				first := rapid.IntRange(0, 50).Draw(rt, "lot")
				for i := range rapid.IntRange(1, 20).Draw(rt, "lots") {
					lot := fmt.Sprint("lot ", first+i)
					s := &shares{goods: []Goods{{lot, 2}}}
					box[b].put(s)
					if on[b] >= 0 {
						pallet[on[b]].put(s)
					}
					in[b][lot] += 2
				}
			}
			for i := range box {
				full = full || box[i].Others > 0
				holdsExactly(rt, &box[i], in[i])
			}
			for p := range pallet {
				goods := map[string]uint64{}
				for i := range on {
					for lot, n := range in[i] {
						if on[i] == p {
							goods[lot] += n
						}
					}
				}
				holdsExactly(rt, &pallet[p], goods)
			}
		}
	})
	if !full {
		t.Error("no box was ever full")
	}
}

func holdsExactly(t *rapid.T, tally *Tally, goods map[string]uint64) {
	var all uint64
	for _, n := range goods {
		all += n
	}
	sum := tally.Others
	for _, g := range tally.Goods {
		if g.Count == 0 || g.Count > goods[g.Of] {
			t.Fatalf("%+v of %v", g, goods)
		}
		sum += g.Count
	}
	if sum != all || len(tally.Goods) > maxGoods || tally.Others == 0 && len(tally.Goods) != len(goods) {
		t.Fatalf("%d are counted of %d: %+v", sum, all, tally)
	}
}

// What goes beyond the marks that a holder names is counted, and what is named leaves room.
func TestHoldersCountMarksBeyondThoseTheyName(t *testing.T) {
	var tally Tally
	for i := range maxMarks + 2 {
		tally.mark(fmt.Sprint(i))
	}
	if tally.Marked != maxMarks+2 || len(tally.Marks) != maxMarks {
		t.Fatalf("%d of %d", len(tally.Marks), tally.Marked)
	}
	tally.unmark("0")
	tally.unmark(fmt.Sprint(maxMarks)) // not named
	if tally.Marked != maxMarks || len(tally.Marks) != maxMarks-1 {
		t.Fatalf("%d of %d", len(tally.Marks), tally.Marked)
	}
	more := Tally{Marked: 3, Marks: []string{"x", "y", "z"}}
	tally.merge(&more)
	if tally.Marked != maxMarks+3 || len(tally.Marks) != maxMarks || len(more.Marks) != 3 {
		t.Fatalf("%d of %d", len(tally.Marks), tally.Marked)
	}
}

// Amounts are put into boxes and taken out, more than there are as well, and boxes onto a
// pallet: that knows of each lot what the boxes on it know together.
func TestHoldersCountAmountsAlike(t *testing.T) {
	lots := []string{"a", "b", "c"}
	rapid.Check(t, func(rt *rapid.T) {
		var box [3]Tally
		var on [3]bool
		var pallet Tally
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			b := rapid.IntRange(0, 2).Draw(rt, "box")
			s := &shares{}
			p := Packed{Of: rapid.SampledFrom(lots).Draw(rt, "lot")}
			if n := rapid.IntRange(0, 4).Draw(rt, "amount"); n > 0 {
				p.Amount, p.Unit = decimal(fmt.Sprint(n)), "KGM"
			} else {
				p.By = &Turn{Event: [16]byte{byte(rapid.IntRange(0, 2).Draw(rt, "event"))}, Organisation: fmt.Sprint(b)}
			}
			s.packed = []Packed{p}
			count := (*Tally).put
			switch rapid.IntRange(0, 4).Draw(rt, "step") {
			case 0:
				s.clear()
				s.tally(&box[b])
				if on[b] {
					count = (*Tally).take
				}
				count(&pallet, s)
				on[b] = !on[b]
				continue
			case 1, 2:
				count = (*Tally).take
			}
			count(&box[b], s)
			if on[b] {
				count(&pallet, s)
			}
			var sum Tally
			for i := range box {
				if on[i] {
					all := &shares{}
					all.tally(&box[i])
					sum.put(all)
				}
			}
			if len(sum.Packed) != len(pallet.Packed) || sum.Unlisted || pallet.Unlisted {
				rt.Fatalf("%+v on the pallet, %+v in the boxes", pallet.Packed, sum.Packed)
			}
			for _, p := range pallet.Packed {
				if at := sum.packedAs(&p); at < 0 || sum.Packed[at].Amount.Cmp(p.Amount) != 0 {
					rt.Fatalf("%+v on the pallet, %+v in the boxes", pallet.Packed, sum.Packed)
				}
			}
		}
	})
}

// What was packed before states counted it comes out of a holder that knows nothing of it.
func TestWhatWasNeverCountedIsTakenOut(t *testing.T) {
	tally := Tally{Goods: []Goods{{"a", 1}}, Others: 1}
	s := &shares{goods: []Goods{{"a", 2}, {"b", 1}}, others: 1}
	tally.take(s)
	if len(tally.Goods) != 0 || tally.Others != 0 || s.others != 1 || len(s.goods) != 1 || s.goods[0] != (Goods{"a", 1}) {
		t.Errorf("%+v %+v", tally, s)
	}
}
