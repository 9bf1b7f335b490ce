package trace

import (
	"cmp"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// certificates says how every certificate stands that a record of the journey
// cites, and takes its own records into the journey. The status is folded from
// those records.
func (w *walker) certificates() ([]CertificateStatus, error) {
	cited := map[string][]*entry{}
	var ids []string
	now := w.o.Now
	for _, e := range w.records {
		if w.o.Now.IsZero() && now.Before(e.rec.Time) {
			now = e.rec.Time
		}
		if e.other != nil && e.other.Certificate != nil { // a walk that starts at one
			if id := e.other.Certificate.ID.URI; !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
		if e.event == nil || e.rec.Rejected() || e.voided {
			continue
		}
		for _, c := range e.event.Certificates {
			id := epcis.Canonical(c).URI
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
			if !slices.Contains(cited[id], e) {
				cited[id] = append(cited[id], e)
			}
		}
	}
	slices.Sort(ids)
	var out []CertificateStatus
	for _, id := range ids {
		status, err := w.certificate(id, cited[id], now)
		if err != nil {
			return nil, err
		}
		out = append(out, status)
	}
	return out, nil
}

func (w *walker) certificate(id string, cited []*entry, now epcis.Instant) (CertificateStatus, error) {
	s := CertificateStatus{ID: id, CitedBy: []uint64{}, Seqs: []uint64{}}
	entries, err := w.history(Key{NSCertificate, id})
	if err != nil {
		return s, err
	}
	var state CertificateState
	for _, e := range entries {
		w.include(e, id)
		s.Seqs = append(s.Seqs, e.rec.Seq)
		if e.other != nil && e.other.Certificate != nil {
			state.Apply(e.other.Certificate, e.rec.Seq, e.rec.Organisation)
		}
	}
	if len(state.Intervals) > 0 {
		from, until := state.ValidFrom.Instant(), state.ValidUntil.Instant()
		s.Scheme, s.Subject, s.Scope, s.Issuer = state.Scheme, state.Subject, state.Scope, state.Issuer
		s.ValidFrom, s.ValidTo = &from, &until
	}
	if err := w.refusals(Key{NSCertificate, id}); err != nil {
		return s, err
	}
	s.Today = state.At(now, now, Latest)
	s.AtEvent = s.Today
	for i, e := range happened(cited) {
		s.CitedBy = append(s.CitedBy, e.rec.Seq)
		at := state.At(e.event.Time, e.rec.Time, e.rec.Seq)
		if at == CertificateActive && !state.Covers(e.event) {
			at = CertificateOutOfScope
		}
		// The first citation that does not hold is the one that counts.
		if i == 0 || s.AtEvent == CertificateActive {
			s.AtEvent = at
		}
	}
	slices.SortFunc(s.CitedBy, cmp.Compare[uint64])
	return s, nil
}
