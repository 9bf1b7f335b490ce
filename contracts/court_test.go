package contracts_test

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/testnet/lane"
)

// Within one block, too, a declaration means the event of its eventID.
func TestADeclarationMeansAnEventOfItsOwnBlock(t *testing.T) {
	m := market()
	court := contracts.Convene(m, m.block()).HoldToDeclarations()
	flags := func(id string, wrong bool) int {
		t.Helper()
		declared := ""
		if wrong {
			declared = `"errorDeclaration":{"declarationTime":"` + m.time.String() + `"},`
		}
		b := fmt.Sprintf(`{"@context":%q,"type":"ObjectEvent","action":"OBSERVE",%s"eventTime":%q,"eventTimeZoneOffset":"+00:00","eventID":%q,"bizStep":"storing","epcList":[%q]}`,
			epcis.ContextURL, declared, m.time.String(), id, itemURI(0))
		r, err := epcis.Decode(epcis.KindEvent, []byte(b))
		if err != nil {
			t.Fatal(err)
		}
		v, err := court.Judge(m.position("exporter", epcis.KindEvent), r)
		if err != nil || v.Rejected() {
			t.Fatalf("%+v, %v", v, err)
		}
		for _, w := range v.Writes {
			m.states[w.Key] = bytes.Clone(w.State)
		}
		if _, ok := m.content[v.ContentHash]; !ok {
			m.content[v.ContentHash] = m.seq
		}
		m.seq++
		n := 0
		for _, f := range v.Findings {
			if f.Code == contracts.CodeSameContent {
				n++
			}
		}
		return n
	}
	flags("urn:uuid:1", false)
	flags("urn:uuid:9", true)
	if flags("urn:uuid:2", false) != 1 {
		t.Error("an eventID that nobody recorded stands for another")
	}
	flags("urn:uuid:2", true)
	flags("urn:uuid:1", true)
	if flags("urn:uuid:3", false) != 0 {
		t.Error("what was declared wrong stands")
	}
}

// A court uses its memory again and remembers what seldom changes: of none of that
// does a verdict depend. Blocks of the lanes get the verdicts, and leave the states,
// that a court of its own for each record gives them.
func TestCourtJudgesABlockAsItsRecordsOneByOne(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, l := range lane.All() {
		block, alone := newMemory(), newMemory()
		for _, m := range []*memory{block, alone} {
			m.admitLanes()
			m.time = epcis.InstantFromUnixNano(noon.UnixNano())
		}
		acts, err := l.Ground(noon)
		if err != nil {
			t.Fatal(err)
		}
		for n := range 2 {
			s, err := l.Script(noon, n)
			if err != nil {
				t.Fatal(err)
			}
			acts = append(append(acts, s.Acts...), s.Acts[len(s.Acts)/2:]...) // some again: refused
		}
		var court *contracts.Court
		refused := 0
		for i, r := range decodedLane(t, acts) {
			if i%50 == 0 {
				court = contracts.Convene(block, block.block()).HoldToDeclarations()
			}
			got, err := court.Judge(block.position(r.member, r.record.Kind), r.record)
			if err != nil {
				t.Fatal(err)
			}
			want := alone.judge(t, r.member, r.record.Kind, r.record.Bytes)
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s, record %d: %+v\ninstead of %+v", l.Name, i, got, want)
			}
			if got.Rejected() {
				refused++
			}
			for _, w := range got.Writes {
				block.states[w.Key] = bytes.Clone(w.State)
			}
			block.accepted, block.content, block.seq = alone.accepted, alone.content, alone.seq
		}
		if len(block.states) != len(alone.states) {
			t.Fatalf("%s: %d states, %d", l.Name, len(block.states), len(alone.states))
		}
		for k, want := range alone.states {
			if !bytes.Equal(block.states[k], want) {
				t.Errorf("%s: the state of %v is %x, %x", l.Name, k, block.states[k], want)
			}
		}
		if refused == 0 {
			t.Errorf("%s: nothing was refused", l.Name)
		}
	}
}
