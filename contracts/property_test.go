package contracts_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// submission is one record of a random history.
type submission struct {
	member string
	record []byte
}

// histories draws histories for what must never happen on a ledger: the same n each time, so
// that a change is what makes them fail, or others where -rapid.checks asks for more of them,
// or -rapid.seed for those of a seed.
func histories(t *testing.T, n int, play func(*rapid.T)) {
	t.Helper()
	if asked, err := strconv.Atoi(flag.Lookup("rapid.checks").Value.String()); err == nil && asked < n && !testing.Short() {
		set(t, "rapid.checks", strconv.Itoa(n))
		if flag.Lookup("rapid.seed").Value.String() == "0" {
			set(t, "rapid.seed", "1")
		}
	}
	rapid.Check(t, play)
}

// set gives a flag another value until the test ends.
func set(t *testing.T, name, value string) {
	t.Helper()
	f := flag.Lookup(name).Value
	was := f.String()
	if err := f.Set(value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Set(was) })
}

const worldStart = 1_780_000_000 // block time of the first record, Unix seconds

func world() *memory {
	m := newMemory()
	for name, prefix := range map[string]string{"exporter": "9521102", "roaster": "9521104"} {
		m.admit(name, identity.Organisation{ID: partyID(prefix), Name: name, Roles: []identity.Role{identity.Trader}, Prefixes: []string{prefix}},
			identity.Active, identity.Active)
	}
	return m
}

func itemURI(i int) string { return fmt.Sprintf("https://id.gs1.org/01/09521102000015/21/%d", i) }

// submissions draws a history over few items, so that they collide.
func submissions(t *rapid.T) []submission {
	item := rapid.Custom(func(t *rapid.T) string { return itemURI(rapid.IntRange(0, 3).Draw(t, "item")) })
	items := rapid.SliceOfNDistinct(item, 1, 2, rapid.ID)
	n := rapid.IntRange(1, 30).Draw(t, "records")
	var out []submission
	for i := range n {
		e := map[string]any{
			"@context": epcis.ContextURL, "eventTimeZoneOffset": "+00:00",
			"eventTime": epcis.Instant{Seconds: worldStart + int64(i) + int64(rapid.IntRange(-10, 3).Draw(t, "offset"))}.String(),
			"eventID":   fmt.Sprintf("urn:uuid:%d", rapid.IntRange(0, 9).Draw(t, "eventID")),
		}
		switch rapid.IntRange(0, 3).Draw(t, "type") {
		case 0:
			e["type"] = "TransformationEvent"
			e["inputEPCList"], e["outputEPCList"] = items.Draw(t, "inputs"), items.Draw(t, "outputs")
		case 1:
			e["type"], e["parentID"] = "AggregationEvent", "https://id.gs1.org/00/395211020000000016"
			e["action"] = rapid.SampledFrom([]string{"ADD", "OBSERVE", "DELETE"}).Draw(t, "action")
			e["childEPCs"] = items.Draw(t, "children")
		default:
			e["type"], e["epcList"] = "ObjectEvent", items.Draw(t, "objects")
			e["action"] = rapid.SampledFrom([]string{"ADD", "OBSERVE", "OBSERVE", "DELETE"}).Draw(t, "action")
			e["bizStep"] = rapid.SampledFrom([]string{"storing", "storing", "destroying", "decommissioning"}).Draw(t, "bizStep")
		}
		if rapid.IntRange(0, 9).Draw(t, "wrong") == 0 {
			e["errorDeclaration"] = map[string]any{"declarationTime": e["eventTime"]}
		}
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, submission{rapid.SampledFrom([]string{"exporter", "roaster"}).Draw(t, "member"), b})
	}
	return out
}

// life is what the property knows of an item by itself.
type life struct {
	born  bool
	ended *epcis.Instant
}

func TestEndedItemsStayEndedAndNothingIsBornTwice(t *testing.T) {
	histories(t, 2000, func(rt *rapid.T) {
		m := world()
		lives := map[string]life{}
		for i, s := range submissions(rt) {
			m.time = epcis.Instant{Seconds: worldStart + int64(i)}
			r, err := epcis.Decode(epcis.KindEvent, s.record)
			if err != nil {
				rt.Fatal(err)
			}
			if m.judge(t, s.member, epcis.KindEvent, s.record).Rejected() {
				continue
			}
			e := r.Event
			if e.Correction != nil { // starts over from what the ledger says
				for i := range 4 {
					lives[itemURI(i)] = lifeOf(rt, m, itemURI(i))
				}
				continue
			}
			check := func(id epcis.ID, born, ends bool) {
				l := lives[id.URI]
				if l.ended != nil && (ends || !e.Time.Before(*l.ended)) {
					rt.Fatalf("%s ended at %s and was accepted again at %s: %s", id, l.ended, e.Time, s.record)
				}
				if born && l.born {
					rt.Fatalf("%s is born twice: %s", id, s.record)
				}
			}
			ending := e.Action == epcis.Delete || e.BizStep == epcis.NamespaceCBV+"BizStep-destroying" || e.BizStep == epcis.NamespaceCBV+"BizStep-decommissioning"
			apply := func(ids []epcis.ID, born, ends bool) {
				for _, id := range ids {
					check(id, born, ends)
					l := lives[id.URI]
					l.born = l.born || born
					if ends {
						l.ended = &e.Time
					}
					lives[id.URI] = l
				}
			}
			adds := e.Type == epcis.ObjectEvent && e.Action == epcis.Add
			apply(e.EPCs, adds, ending && !adds)
			apply(e.Children, false, false)
			apply(e.Outputs, true, false)
			apply(e.Inputs, false, true)
			for i := range 4 {
				if got, want := lifeOf(rt, m, itemURI(i)), lives[itemURI(i)]; got.born != want.born || (got.ended == nil) != (want.ended == nil) {
					rt.Fatalf("%s: ledger says %+v, history says %+v", itemURI(i), got, want)
				}
			}
		}
	})
}

func lifeOf(t *rapid.T, m *memory, uri string) life {
	b := m.states[trace.Key{NS: trace.NSItem, ID: uri}]
	if b == nil {
		return life{}
	}
	s, err := contracts.ReadItem(b)
	if err != nil {
		t.Fatal(err)
	}
	l := life{born: s.Born != nil}
	if s.Ended != nil {
		at := s.Ended.Time()
		l.ended = &at
	}
	if len(b) > 2048 {
		t.Fatalf("a state of %d bytes", len(b))
	}
	return l
}

func TestReplayGivesTheSameVerdictsAndStates(t *testing.T) {
	histories(t, 2000, func(rt *rapid.T) {
		history := submissions(rt)
		play := func() []byte {
			m := world()
			var out bytes.Buffer
			for i, s := range history {
				m.time = epcis.Instant{Seconds: worldStart + int64(i)}
				v := m.judge(t, s.member, epcis.KindEvent, s.record)
				b, err := identity.MarshalCanonical(v.Findings)
				if err != nil {
					rt.Fatal(err)
				}
				fmt.Fprintf(&out, "%x %x %s\n", b, v.Writes, v.ContentHash)
			}
			return out.Bytes()
		}
		if !bytes.Equal(play(), play()) {
			rt.Fatal("a replay differs")
		}
	})
}

func TestFindingsAreBoundedAndCanonical(t *testing.T) {
	m := world()
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprintf("https://id.gs1.org/01/04012345999990/21/%d", i)
	}
	for range 2 {
		b, err := json.Marshal(map[string]any{
			"@context": epcis.ContextURL, "type": "ObjectEvent", "action": "ADD", "eventTimeZoneOffset": "+00:00",
			"eventTime": epcis.Instant{Seconds: worldStart + int64(m.seq)}.String(), "epcList": ids,
		})
		if err != nil {
			t.Fatal(err)
		}
		m.time = epcis.Instant{Seconds: worldStart + 10}
		v := m.judge(t, "exporter", epcis.KindEvent, b)
		f, err := identity.MarshalCanonical(v.Findings)
		if err != nil {
			t.Fatal(err)
		}
		if len(f) > 4096 {
			t.Errorf("findings of %d bytes", len(f))
		}
	}
}

func benchmarkJudge(b *testing.B, event map[string]any) {
	m := world()
	m.time = epcis.Instant{Seconds: worldStart}
	event["@context"], event["eventTimeZoneOffset"] = epcis.ContextURL, "+00:00"
	event["eventTime"] = m.time.String()
	bytes, err := json.Marshal(event)
	if err != nil {
		b.Fatal(err)
	}
	r, err := epcis.DecodeHashed(epcis.KindEvent, bytes)
	if err != nil {
		b.Fatal(err)
	}
	p := m.position("exporter", epcis.KindEvent)
	p.Record = identity.RecordHash(bytes)
	court := contracts.Convene(m, m.block())
	b.ReportAllocs()
	b.SetBytes(int64(len(bytes)))
	for b.Loop() {
		v, err := court.Judge(p, r)
		if err != nil || v.Rejected() {
			b.Fatal(err, v)
		}
	}
}

func BenchmarkJudgeOneItem(b *testing.B) {
	benchmarkJudge(b, map[string]any{
		"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "disposition": "active", "eventID": "urn:uuid:1",
		"readPoint": map[string]any{"id": "https://id.gs1.org/414/9521102000008"}, "epcList": []string{itemURI(1)},
		"bizTransactionList": []map[string]any{{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:9521102000008:PO1"}},
	})
}

func BenchmarkJudgeHundredItems(b *testing.B) {
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = itemURI(i)
	}
	benchmarkJudge(b, map[string]any{"type": "ObjectEvent", "action": "ADD", "bizStep": "commissioning", "eventID": "urn:uuid:1", "epcList": ids})
}
