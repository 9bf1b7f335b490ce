package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// Alert is a FLAG of an accepted record: a record that is on the ledger, and that somebody
// has to look at. It is derived from the verdict and what came after, and no rule judges
// by it.
type Alert struct {
	Seq     uint64
	At      int // of the finding among the record's
	Finding trace.Finding
	Signer  string      // organisation that signed the record
	Touches []trace.Key // of the record
	// Owner has to look: the owner of the finding's case where there is one, else who
	// signed the record.
	Owner       string
	Opened, Due int64 // block time, Unix seconds
	// Settled is the record that settled it, as alert_settled.go says, or closed its case;
	// nil for none.
	Settled *Closing
}

// Overdue reports whether nobody settled it in time.
func (a *Alert) Overdue(now int64) bool { return a.Settled == nil && now > a.Due }

// AlertReader is what the alerts of a record follow from, at one height.
type AlertReader interface {
	// State returns the canonical state of k, nil when it has none.
	State(k trace.Key) ([]byte, error)
	// Record returns the record at seq.
	Record(seq uint64) (*trace.Recorded, error)
	// ByEventID returns up to limit accepted records with this eventID, ascending.
	ByEventID(eventID string, limit int) ([]uint64, error)
	// History returns up to limit of the records that touch a key, ascending, from a seq on.
	History(k trace.Key, from uint64, limit int) ([]uint64, error)
}

// maxNamesakes is how many events of one eventID, or records of one declaration, are looked
// through for what settles an alert. Past it an alert stays open, which hides nothing.
const maxNamesakes = 1024

// AlertsOf are the alerts of a record, in the order of its findings; none of a refused one.
func AlertsOf(reader AlertReader, r *trace.Recorded) ([]Alert, error) {
	if r.Rejected() {
		return nil, nil
	}
	p, err := parametersIn(reader)
	if err != nil {
		return nil, err
	}
	record, err := decoded(r)
	if err != nil {
		return nil, err
	}
	settled, err := settlingOf(reader, r, record)
	if err != nil {
		return nil, fmt.Errorf("what settles the alerts of record %d: %w", r.Seq, err)
	}
	var alerts []Alert
	for at, f := range r.Findings {
		if f.Severity != trace.Flag {
			continue
		}
		a := Alert{Seq: r.Seq, At: at, Finding: f, Signer: r.Organisation, Touches: trace.Touches(record), Owner: r.Organisation,
			Opened: r.Time.Seconds, Due: r.Time.Seconds + int64(p.AlertDeadline), Settled: settled(f.Code)}
		if err := a.asCase(reader); err != nil {
			return nil, err
		}
		alerts = append(alerts, a)
	}
	return alerts, nil
}

// asCase has the alert of an exception go by its case (rule C5).
func (a *Alert) asCase(reader AlertReader) error {
	class, ok := classOf(a.Finding.Code)
	if !ok {
		return nil
	}
	id := CaseID{a.Seq, class}
	b, err := reader.State(id.Key())
	if err != nil || b == nil {
		return err
	}
	var state CaseState
	if err := decodeState(b, &state); err != nil {
		return fmt.Errorf("case %s: %w", id, err)
	}
	if state.Owner != "" {
		a.Owner = state.Owner
	}
	a.Due = state.Deadline
	if state.Closed != nil {
		a.Settled = state.Closed
	}
	return nil
}

// declaredWrong is the first record by which the author of an event declares it wrong, nil
// for none. One by a key that was compromised then is in doubt, and settles nothing.
func declaredWrong(reader AlertReader, r *trace.Recorded, e *epcis.Event) (*Closing, error) {
	if e.ID == "" || e.Correction != nil {
		return nil, nil
	}
	seqs, err := reader.ByEventID(e.ID, maxNamesakes)
	if err != nil {
		return nil, err
	}
	for _, seq := range seqs {
		if seq <= r.Seq {
			continue
		}
		later, err := reader.Record(seq)
		if err != nil {
			return nil, err
		}
		if later.Organisation != r.Organisation || later.Compromised {
			continue
		}
		record, err := decoded(later)
		if err != nil {
			return nil, err
		}
		if record.Event != nil && record.Event.Correction != nil {
			return closingBy(later, Correct), nil
		}
	}
	return nil, nil
}

// decoded is what an accepted record says.
func decoded(r *trace.Recorded) (*epcis.Record, error) {
	if r.Decoded != nil {
		return r.Decoded, nil
	}
	record, err := epcis.Decode(r.Kind, r.Bytes)
	if err != nil {
		return nil, fmt.Errorf("record %d was accepted and does not decode: %w", r.Seq, err)
	}
	return record, nil
}

// parametersIn are the network's parameters at a height.
func parametersIn(reader interface {
	State(trace.Key) ([]byte, error)
}) (identity.Parameters, error) {
	b, err := reader.State(trace.ParametersKey())
	if err != nil {
		return identity.Parameters{}, fmt.Errorf("read the parameters: %w", err)
	}
	if b == nil {
		return identity.DefaultParameters(), nil
	}
	return identity.DecodeParameters(b)
}
