package contracts_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// old is a ledger on which every container has more records, before something is put into
// it, than a walk looks back.
type old struct{ trace.Reader }

func (o old) Window(k trace.Key, since epcis.Instant, until *epcis.Instant, _, limit int) (before, within []uint64, err error) {
	return o.Reader.Window(k, since, until, 0, limit)
}

// untoldReasons are what a record was refused, flagged or locks something for that no journey
// of what it names tells: whoever reads those is told what binds the thing, also where it was
// said of what the thing is in, however long ago. Of a record that is not on the ledger yet,
// what it would be refused for.
func (m *memory) untoldReasons(r *epcis.Record, v *contracts.Verdict) (missing []string, err error) {
	recorded := m.seq > 0 && bytes.Equal(m.records[m.seq-1].Bytes, r.Bytes)
	for name, reader := range map[string]trace.Reader{"": m, ", where containers are old": old{m}} {
		told := map[uint64]bool{}
		for _, k := range trace.Touches(r) {
			j, err := trace.Walk(reader, k.ID, trace.Options{})
			if errors.Is(err, trace.ErrUnknown) {
				continue
			}
			if err != nil {
				return nil, err
			}
			for _, r := range j.Records {
				told[r.Seq] = true
			}
		}
		for _, f := range v.Findings {
			for _, fact := range f.Facts {
				if (f.Severity == trace.Reject || recorded && f.Severity != trace.Info) && fact.Seq != nil && !told[*fact.Seq] {
					missing = append(missing, fmt.Sprintf("%s %d, %s: %s, record %d%s", f.Rule, f.Code, fact.Name, fact.Value, *fact.Seq, name))
				}
			}
		}
	}
	return missing, nil
}

// Whoever says that something is recalled while it is, and may not recall it, recalls nothing: once
// the recall has ended, nothing is told to stand.
func TestWhoRepeatsARecallBindsNobody(t *testing.T) {
	m := world()
	m.time = epcis.Instant{Seconds: worldStart}
	recall := func() map[string]any {
		return map[string]any{"bizStep": "holding", "disposition": "recalled", "epcList": []string{itemURI(0)}}
	}
	m.record(t, "exporter", map[string]any{"action": "ADD", "bizStep": "commissioning", "epcList": []string{itemURI(0)}})
	m.record(t, "exporter", recall())
	m.record(t, "roaster", recall())
	m.record(t, "exporter", map[string]any{"bizStep": "holding", "persistentDisposition": map[string]any{"unset": []string{"recalled"}}, "epcList": []string{itemURI(0)}})
	j, err := trace.Walk(m, itemURI(0), trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r := j.Recalls; len(r) != 2 || r[0].OfOthers || r[0].Lifted == nil || !r[1].OfOthers || r[1].Lifted != nil {
		t.Errorf("recalls %+v", r)
	}
}
