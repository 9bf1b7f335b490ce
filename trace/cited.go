package trace

import (
	"cmp"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// certificates says how every certificate stands that a record of the journey
// cites, and every accreditation that one of them rests on, and takes their own
// records into the journey. The status is folded from those records.
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
		for _, id := range Cited(e.event) {
			if !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
			if !slices.Contains(cited[id], e) {
				cited[id] = append(cited[id], e)
			}
		}
	}
	book := map[string]*certificate{}
	for i := 0; i < len(ids); i++ { // the accreditations come behind
		c, err := w.certificate(ids[i])
		if err != nil {
			return nil, err
		}
		book[ids[i]] = c
		if above := c.state.Accreditation; above != "" && !slices.Contains(ids, above) {
			ids = append(ids, above)
		}
	}
	slices.Sort(ids)
	resting := map[string][]*entry{} // by accreditation: events that cite what rests on it
	for _, id := range ids {
		for _, above := range accreditations(book, id) {
			resting[above] = append(resting[above], cited[id]...)
		}
	}
	out := make([]CertificateStatus, 0, len(ids))
	for _, id := range ids {
		var above []*CertificateState
		for _, a := range accreditations(book, id) {
			above = append(above, &book[a].state)
		}
		out = append(out, book[id].status(id, now, above, cited[id], resting[id], w.id))
	}
	return out, nil
}

// accreditations are the ids of those that a certificate rests on, from its own
// upwards; one more than may be ends the list.
func accreditations(book map[string]*certificate, id string) []string {
	var above []string
	for next := book[id].state.Accreditation; next != "" && len(above) <= MaxAccreditations; next = book[next].state.Accreditation {
		above = append(above, next)
	}
	return above
}

// certificate is what a certificate's own records say.
type certificate struct {
	state CertificateState
	seqs  []uint64
}

// certificate folds a certificate out of its records and takes them into the
// journey, those that were refused too.
func (w *walker) certificate(id string) (*certificate, error) {
	c := &certificate{seqs: []uint64{}}
	entries, err := w.history(Key{NSCertificate, id})
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		w.include(e, id)
		c.seqs = append(c.seqs, e.rec.Seq)
		if e.other != nil && e.other.Certificate != nil && !reinstatesInDoubt(e) {
			c.state.Apply(e.other.Certificate, e.rec.Seq, e.rec.Time, e.rec.Organisation)
		}
	}
	return c, w.refusals(Key{NSCertificate, id})
}

// reinstatesInDoubt reports a reinstatement that a compromised key signed: it frees nothing
// (rule A7).
func reinstatesInDoubt(e *entry) bool {
	return e.rec.Compromised && e.other.Certificate.Action == epcis.ReinstateCertificate
}

// status is how the certificate stands, and stood at the events that cite it or a
// certificate that rests on it, for the journey from start.
func (c *certificate) status(id string, now epcis.Instant, above []*CertificateState, cited, resting []*entry, start string) CertificateStatus {
	s := CertificateStatus{ID: id, CitedBy: []uint64{}, Seqs: c.seqs}
	state := &c.state
	if len(state.Intervals) > 0 {
		from, until := state.ValidFrom.Instant(), state.ValidUntil.Instant()
		s.Scheme, s.Subject, s.Scope, s.Issuer = state.Scheme, state.Subject, state.Scope, state.Issuer
		s.HSCodes, s.Activities, s.Accredits, s.Accreditation = state.HSCodes, state.Activities, state.Accredits, state.Accreditation
		s.ValidFrom, s.ValidTo = &from, &until
	}
	s.Today = state.Standing(now, now, Latest, above)
	s.AtEvent = s.Today
	for _, e := range cited {
		s.CitedBy = append(s.CitedBy, e.rec.Seq)
	}
	slices.SortFunc(s.CitedBy, cmp.Compare[uint64])
	for i, e := range happened(slices.Concat(cited, resting)) {
		at := state.Standing(e.event.Time, e.rec.Time, e.rec.Seq, above)
		direct := len(resting) == 0 || slices.Contains(cited, e)
		if at == CertificateActive && direct && (state.Outside(e.event, e.rec.Organisation) != "" || state.uncovered(e.event, e.about, start)) {
			at = CertificateOutOfScope
		}
		// The first citation that does not hold is the one that counts.
		if i == 0 || s.AtEvent == CertificateActive {
			s.AtEvent = at
		}
	}
	return s
}
