package contracts_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A claiming is an event under mass balance: kilograms of certified input, and of claimed output.
type claiming struct {
	in, out    int
	stands     bool
	seq        uint64
	at, closes int64 // when it overdrew the account, and until when it might; 0: it did not
}

// Whatever is claimed and brought, in whatever order, and declared wrong in whatever period: the
// account is overdrawn since the record that a model names, never past the close of that
// record's period without a lock once a record touches it, and locked no longer than it is overdrawn.
func TestNeverOverdrawnPastTheCloseWithoutALock(t *testing.T) {
	const day = 86_400
	rapid.Check(t, func(rt *rapid.T) {
		m := certified(t)
		p := identity.DefaultParameters()
		p.BalancePeriod = day
		m.states[trace.ParametersKey()] = p.Encode()
		var events []*claiming     // that were accepted, by their eventID
		var drawn []claiming       // what the account is overdrawn by, in order
		var owed int               // claimed and not brought
		bySelf := map[uint64]int{} // of drawn by seq, the event that drew
		locked := false
		for range rapid.IntRange(1, 25).Draw(rt, "records") {
			m.time.Seconds += int64(rapid.SampledFrom([]int{1, 3600, day / 2, day - 1, day}).Draw(rt, "later"))
			now, closes := m.time.Seconds, (m.time.Seconds/day+1)*day
			wrong := -1
			c := &claiming{in: rapid.IntRange(0, 3).Draw(rt, "in"), out: rapid.IntRange(0, 4).Draw(rt, "out"), stands: true}
			id := len(events)
			if id > 0 && rapid.IntRange(0, 2).Draw(rt, "wrong") == 0 {
				wrong = rapid.IntRange(0, id-1).Draw(rt, "which")
				c, id = events[wrong], wrong
			}
			if wrong >= 0 && !c.stands || c.in+c.out == 0 {
				continue
			}
			v := m.judge(t, "exporter", epcis.KindEvent, claimEvent(m.time, id, c, wrong >= 0))
			found := words(v)
			change, draws := c.out-c.in, c.out > c.in
			if wrong >= 0 {
				change, draws = -change, false
			}
			late := func() bool { return len(drawn) > 0 && now >= drawn[0].closes }
			if refuse := draws && late() && owed+change > 0; refuse != v.Rejected() || refuse != slices.Contains(found, "REJECT 3307") {
				rt.Fatalf("owed %d, then %+d at %d, drawn %v: %v", owed, change, now, drawn, found)
			} else if refuse {
				continue
			}
			owed += change
			if wrong >= 0 {
				c.stands = false
				drawn = slices.DeleteFunc(drawn, func(d claiming) bool { return bySelf[d.seq] == id+1 })
			} else {
				c.seq = m.seq - 1
				events = append(events, c)
			}
			switch {
			case owed <= 0:
				drawn = nil
			case draws || len(drawn) == 0:
				drawn = append(drawn, claiming{seq: m.seq - 1, at: now, closes: closes})
				if wrong < 0 {
					bySelf[m.seq-1] = id + 1
				}
			}
			if len(drawn) > 8 {
				rt.Skip("more than an account remembers")
			}
			if wasLocked := locked; wasLocked && !late() != slices.Contains(found, "INFO 3308") || !wasLocked && late() != slices.Contains(found, "LOCK 3306") {
				rt.Fatalf("locked %v, owed %d, drawn %v at %d: %v", wasLocked, owed, drawn, now, found)
			}
			locked = late()
			overdrawnAsModelled(rt, m, drawn, locked)
		}
	})
}

func claimEvent(at epcis.Instant, id int, c *claiming, wrong bool) []byte {
	kilograms := func(lot string, n int) any {
		return map[string]any{"epcClass": lot, "quantity": json.Number(fmt.Sprint(n)), "uom": "KGM"}
	}
	e := map[string]any{
		"@context": []any{epcis.ContextURL, map[string]string{"wm": epcis.Vocabulary}}, "type": "TransformationEvent", "eventID": fmt.Sprintf("urn:uuid:%d", id),
		"eventTime": at.String(), "eventTimeZoneOffset": "+00:00", "certificationInfo": dealtCertificate, "wm:chainOfCustody": "mass_balance",
		"readPoint":         map[string]string{"id": "https://id.gs1.org/414/9521102000015"},
		"inputQuantityList": []any{kilograms(dealtLots[0], c.in), kilograms(dealtLots[2], 100)}, "outputQuantityList": []any{kilograms(dealtLots[1], c.out)},
	}
	if wrong {
		e["errorDeclaration"] = map[string]any{"declarationTime": at.String(), "reason": "did_not_occur"}
	}
	b, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return b
}

func overdrawnAsModelled(t *rapid.T, m *memory, drawn []claiming, locked bool) {
	id := "claim:https://id.gs1.org/414/9521102000015|https://example.org/organic||mass_balance|" + organisationOf("exporter")
	var a contracts.Account
	if err := identity.UnmarshalStrict(m.states[trace.Key{NS: trace.NSBalance, ID: id}], &a); err != nil {
		t.Fatal(err)
	}
	var got []claiming
	if o := a.Overdrawn; o != nil {
		got = append(got, claiming{seq: o.By.Seq, at: o.Time, closes: o.Close})
	}
	for _, o := range a.OverdrawnAgain {
		got = append(got, claiming{seq: o.By.Seq, at: o.Time, closes: o.Close})
	}
	if !slices.Equal(got, drawn) || (a.Lock != nil) != locked || (a.Out.Cmp(a.In) > 0) != (len(drawn) > 0) {
		t.Fatalf("overdrawn by %v, not %v; lock %v", got, drawn, a.Lock)
	}
}
