package contracts_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// Of a lot there is never more left in a transfer than went in, nor less than
// nothing, whatever is shipped, received, voided and declared wrong; and a receipt
// takes no more from the transfers than it says.
func TestLotsAreCountedExactly(t *testing.T) {
	const lot = "https://id.gs1.org/01/09521102000015/10/L1"
	rapid.Check(t, func(rt *rapid.T) {
		m := market()
		for n := range rapid.IntRange(1, 30).Draw(rt, "records") {
			m.time.Seconds++
			member := rapid.SampledFrom(traders[:2]).Draw(rt, "member")
			other := traders[0]
			if member == other {
				other = traders[1]
			}
			step := rapid.SampledFrom([]string{"shipping", "receiving", "void_shipping"}).Draw(rt, "step")
			e := handOver(m.party(member), m.party(other))
			if step == "receiving" {
				e = handOver(m.party(other), m.party(member))
			}
			e["bizStep"], e["eventID"] = step, fmt.Sprintf("urn:uuid:%d", rapid.IntRange(0, n).Draw(rt, "eventID"))
			amount := rapid.IntRange(1, 2000).Draw(rt, "amount")
			q := map[string]any{"epcClass": lot, "quantity": amount}
			if unit := rapid.SampledFrom([]string{"", "KGM", "GRM", "TNE"}).Draw(rt, "unit"); unit != "" {
				q["uom"] = unit
			}
			e["quantityList"] = []any{q}
			wrong := rapid.IntRange(0, 5).Draw(rt, "wrong") == 0
			if wrong {
				e["errorDeclaration"] = map[string]any{"declarationTime": m.time.String()}
			}
			before := lotsLeft(rt, m)
			if m.record(t, member, e).Rejected() || wrong || step == "shipping" {
				lotsLeft(rt, m)
				continue
			}
			taken := epcis.DecimalFromInt(0)
			after := lotsLeft(rt, m)
			for part, left := range before {
				taken = taken.Add(left.Sub(after[part]))
			}
			most := epcis.DecimalFromInt(int64(amount))
			switch q["uom"] {
			case "TNE":
				most = most.Mul(epcis.DecimalFromInt(1000))
			case "GRM":
				taken = taken.Mul(epcis.DecimalFromInt(1000))
			}
			if taken.Sign() < 0 || taken.Cmp(most) > 0 {
				rt.Fatalf("%s of %v took %s", step, q, taken)
			}
		}
	})
}

// lotsLeft is what is left of each part of each transfer.
func lotsLeft(t *rapid.T, m *memory) map[string]epcis.Decimal {
	left := map[string]epcis.Decimal{}
	for k, b := range m.states {
		if k.NS != trace.NSTransfer || k.ID[0] == 't' {
			continue
		}
		var state contracts.TransferState
		if err := identity.UnmarshalStrict(b, &state); err != nil {
			t.Fatal(err)
		}
		for i, p := range state.Lots {
			if p.Left.Sign() < 0 || p.Left.Cmp(p.Amount) > 0 {
				t.Fatalf("transfer %s has %s left of %s", k.ID, p.Left, p.Amount)
			}
			left[fmt.Sprint(k.ID, " ", i)] = p.Left
		}
	}
	return left
}

// A thousand items and a hundred lots are one transfer of bounded size, and what it
// cannot keep is said.
func TestTransfersAreBounded(t *testing.T) {
	m := market()
	items, lots := make([]string, 1000), make([]any, 100)
	for i := range items {
		items[i] = itemURI(i)
	}
	for i := range lots {
		lots[i] = map[string]any{"epcClass": fmt.Sprintf("https://id.gs1.org/01/09521102000015/10/L%d", i), "quantity": 1, "uom": "KGM"}
	}
	ship := handOver(m.party("exporter"), m.party("roaster"))
	ship["bizStep"], ship["epcList"], ship["quantityList"] = "shipping", items, lots
	v := m.record(t, "exporter", ship)
	if got := words(v); fmt.Sprint(got) != "[FLAG 1111 INFO 1308 FLAG 1310]" {
		t.Fatal(got)
	}
	state, err := m.transferState(0)
	if err != nil || state.Count != 1000 || state.Left != 1000 || len(state.Lots) != 64 || len(state.Items) != 16 {
		t.Fatalf("%+v, %v", state, err)
	}
	if n := len(m.states[contracts.TransferKey(0)]); n > 8192 {
		t.Errorf("a state of %d bytes", n)
	}
	receive := handOver(m.party("exporter"), m.party("roaster"))
	receive["bizStep"], receive["epcList"], receive["disposition"] = "receiving", items, "damaged"
	if got := words(m.record(t, "roaster", receive)); fmt.Sprint(got) != "[INFO 1401 LOCK 1504]" {
		t.Fatal(got)
	}
	if state, err = m.transferState(0); err != nil || state.Left != 0 || !state.Open() {
		t.Fatalf("%+v, %v", state, err)
	}
	if n := len(m.states[contracts.CaseID{Seq: 1, Class: contracts.Damage}.Key()]); n == 0 || n > 2048 {
		t.Errorf("the case's state has %d bytes", n)
	}
}
