package ledger

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// The forward index counts what is added to it, over blocks, what a block discards
// left out, and after the ledger was opened again.
func TestForwardIndex(t *testing.T) {
	n, fs := newNetwork(t, "F"), vfs.NewMem()
	l := open(t, fs)
	if err := l.InitGenesis(n.genesis); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 7))
	lots := []trace.Key{{NS: trace.NSLot, ID: "A"}, {NS: trace.NSLot, ID: "B"}}
	class := trace.Key{NS: trace.NSClass, ID: "C"}
	holders := []string{"", "P", "Q"}
	counts := map[trace.Move]int64{} // By 0
	var used []trace.Use
	var strayed []uint64         // records with strays, sighted items and late uses
	named := map[string]uint64{} // the first record of a lot, and one
	record := 0
	for height := uint64(1); height <= 40; height++ {
		b, err := l.Begin(height, epcis.Instant{Seconds: int64(height)})
		if err != nil {
			t.Fatal(err)
		}
		staged := map[trace.Move]int64{}
		var uses []trace.Use
		var strays []uint64
		firsts := maps.Clone(named)
		records := make([][]byte, 1+random.IntN(4))
		for i := range records {
			records[i] = fmt.Appendf(nil, `{"n":%d}`, record)
			record++
		}
		e := n.envelope(t, 0, records...)
		for i, r := range records {
			var f trace.Forward
			for range random.IntN(4) {
				m := trace.Move{Batch: trace.Batch{Of: lots[random.IntN(2)], Born: random.Uint64N(3)},
					Place: trace.Place{Condition: "active", Holder: holders[random.IntN(3)], Bond: random.Uint64N(2), Apart: random.IntN(4) == 0, Way: random.Uint64N(2), Beside: random.IntN(4) == 0}}
				by := 1 + random.Int64N(5)
				if have := counts[m] + staged[m]; have > 0 && random.IntN(2) == 0 {
					by = -1 - random.Int64N(have)
				}
				staged[m] += by
				m.By = by
				f.Moves = append(f.Moves, m)
			}
			f.Lots = []trace.Kin{{Class: class, Lot: lots[random.IntN(2)]}}
			if lot := f.Lots[0].Lot.ID; firsts[lot] == 0 {
				firsts[lot] = b.NextSeq() + 1
			}
			if random.IntN(3) == 0 {
				born := b.NextSeq() | trace.Sighted
				f.Sighted = []trace.Batch{{Of: class, Born: born}, {Of: class, Born: born}}
				f.Strays = []trace.Batch{{Of: lots[0], Born: b.NextSeq()}}
				f.Late = []trace.Late{{Batch: trace.Batch{Of: lots[1], Born: b.NextSeq()}, Seq: 7, Count: 2}}
				strays = append(strays, b.NextSeq())
			}
			if random.IntN(3) == 0 {
				f.Uses = []trace.Taken{{Batch: trace.Batch{Of: lots[0], Born: trace.Unmarked}, Count: 3}}
				f.Made = []trace.Batch{{Of: lots[1], Born: b.NextSeq()}}
				uses = append(uses, trace.Use{Born: trace.Unmarked, Seq: b.NextSeq(), Count: 3})
			}
			if _, err := b.Append(Append{Envelope: e, EnvelopeID: e.ID(), Index: uint32(i), Kind: epcis.KindEvent, Organisation: n.orgs[0],
				Bytes: r, RecordHash: identity.RecordHash(r), Forward: f}); err != nil {
				t.Fatal(err)
			}
		}
		if random.IntN(4) == 0 {
			b.Discard()
			height--
			continue
		}
		if err := b.Commit(); err != nil {
			t.Fatal(err)
		}
		for m, by := range staged {
			counts[m] += by
		}
		used, strayed, named = append(used, uses...), append(strayed, strays...), firsts
		if height%10 == 0 {
			if err := l.Verify(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			l = open(t, fs)
		}
	}
	s := l.Snapshot()
	found := 0
	for _, lot := range lots {
		var all, later []trace.Move
		if err := s.Places(lot, 0, func(m trace.Move) (bool, error) { all = append(all, m); return true, nil }); err != nil {
			t.Fatal(err)
		}
		err := s.Places(lot, 1, func(m trace.Move) (bool, error) { later = append(later, m); return false, nil })
		if err != nil || len(later) != 1 || later[0].Born < 1 {
			t.Errorf("from the second batch on: %v, %v", later, err)
		}
		for _, m := range all {
			by := m.By
			m.By = 0
			if counts[m] != by {
				t.Errorf("%d of %+v, want %d", by, m, counts[m])
			}
			found++
		}
	}
	each := 0
	if err := s.EachPlace(func(of identity.Hash, m trace.Move) error {
		i := slices.IndexFunc(lots, func(k trace.Key) bool { return proof.MapKey(k) == of })
		by := m.By
		m.Of, m.By = lots[i], 0
		if each++; counts[m] != by {
			t.Errorf("%d of %+v, want %d", by, m, counts[m])
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, by := range counts {
		if by > 0 {
			found, each = found-1, each-1
		}
	}
	if found != 0 || each != 0 {
		t.Errorf("%d places too many by lot, %d in all", found, each)
	}
	var got []trace.Use
	for after := (*trace.Use)(nil); ; after = &got[len(got)-1] {
		page, err := s.Uses(lots[0], after, 3)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page...)
		if len(page) == 0 {
			break
		}
	}
	if !slices.Equal(got, used) || len(used) < 4 {
		t.Errorf("uses are %v, want %v", got, used)
	}
	var made []uint64
	for _, u := range used {
		made = append(made, u.Seq)
	}
	if born, err := s.Made(lots[1], 1000); err != nil || !slices.Equal(born, made) {
		t.Errorf("batches that transformations bore: %v, %v", born, err)
	}
	if len(strayed) < 4 {
		t.Errorf("%d strays", len(strayed))
	}
	for n, seq := range strayed {
		if stray, err := s.Stray(lots[0], seq); err != nil || !stray {
			t.Errorf("record %d has no strays: %v", seq, err)
		}
		if stray, err := s.Stray(lots[1], seq); err != nil || stray {
			t.Errorf("record %d has strays of another lot: %v", seq, err)
		}
		if born, err := s.Sighted(class, seq|trace.Sighted, 1); err != nil || len(born) != 1 || born[0] != seq|trace.Sighted {
			t.Errorf("sighted from record %d on: %v, %v", seq, born, err)
		}
		page, err := s.Uses(lots[1], nil, 1000)
		if err != nil || len(page) != len(strayed) || page[n] != (trace.Use{Born: seq, Seq: 7, Count: 2}) {
			t.Errorf("late uses: %v, %v", page, err)
		}
	}
	if ids, err := s.Lots(class, 10); err != nil || len(ids) != 2 || ids[0].ID != "A" || ids[1].ID != "B" || ids[0].Seq+1 != named["A"] || ids[1].Seq+1 != named["B"] {
		t.Errorf("lots of the class: %v, %v", ids, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
}
