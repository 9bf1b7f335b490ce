package contracts_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// desk is a ledger of a few records, all of which have one eventID.
type desk struct {
	records []*trace.Recorded
	states  map[trace.Key][]byte
}

func (d *desk) State(k trace.Key) ([]byte, error)          { return d.states[k], nil }
func (d *desk) Record(seq uint64) (*trace.Recorded, error) { return d.records[seq], nil }
func (d *desk) History(trace.Key, uint64, int) ([]uint64, error) {
	return nil, nil
}
func (d *desk) ByEventID(_ string, limit int) (s []uint64, _ error) {
	for _, r := range d.records {
		if !r.Rejected() {
			s = append(s, r.Seq)
		}
	}
	return s[:min(limit, len(s))], nil
}

// What settles an alert is its author's own declaration, made after the record with a good
// key; a declaration that is flagged itself stays for somebody to look at.
func TestWhatSettlesAnAlert(t *testing.T) {
	const fields = `{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],"type":"ObjectEvent","action":"OBSERVE","eventID":"urn:uuid:7d6a2f2e-1c1e-4b43-9a4b-1f0a5a2f5d01",` +
		`"eventTime":"2026-05-01T00:00:00Z","eventTimeZoneOffset":"+00:00","epcList":["https://id.gs1.org/00/095211010000000014"]`
	d := &desk{states: map[trace.Key][]byte{}}
	flag, info := trace.Finding{Severity: trace.Flag, Rule: "A5", Code: 502}, trace.Finding{Severity: trace.Info, Rule: "A6", Code: 603}
	add := func(organisation, more string, findings ...trace.Finding) *trace.Recorded {
		r := &trace.Recorded{Seq: uint64(len(d.records)), Time: epcis.Instant{Seconds: 1_000_000 + int64(len(d.records))}, Kind: epcis.KindEvent, Organisation: organisation,
			Findings: findings, Bytes: []byte(fields + more + "}")}
		d.records = append(d.records, r)
		return r
	}
	const wrong = `,"errorDeclaration":{"declarationTime":"2026-05-02T00:00:00Z"}`
	expect := func(r *trace.Recorded, want ...string) {
		t.Helper()
		alerts, err := contracts.AlertsOf(d, r)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, a := range alerts {
			by := "nothing"
			if a.Settled != nil {
				by = fmt.Sprint(a.Settled.Seq, " ", a.Settled.Resolution)
			}
			got = append(got, fmt.Sprintf("%d.%d of %s due %d settled by %s", a.Seq, a.At, a.Owner, a.Due-a.Opened, by))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q, not %q", got, want)
		}
	}
	add("a", wrong) // before it
	event := add("a", "", info, flag, info, flag)
	expect(add("a", "", info))
	expect(add("a", "", flag, trace.Finding{Severity: trace.Reject, Rule: "C1", Code: 1101}))
	add("b", wrong)
	add("a", wrong).Compromised = true
	add("a", wrong, trace.Finding{Severity: trace.Reject, Rule: "C1", Code: 1101})
	expect(event, "1.1 of a due 604800 settled by nothing", "1.3 of a due 604800 settled by nothing")
	declaration := add("a", wrong, flag)
	add("a", wrong)
	expect(event, "1.1 of a due 604800 settled by 7 correct", "1.3 of a due 604800 settled by 7 correct")
	expect(declaration, "7.0 of a due 604800 settled by nothing")
	p := identity.DefaultParameters()
	p.AlertDeadline = 3600
	d.states[trace.ParametersKey()] = p.Encode()
	expect(declaration, "7.0 of a due 3600 settled by nothing")
}
