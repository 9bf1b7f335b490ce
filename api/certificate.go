package api

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// The media types of a Verifiable Credential: as the data model 2.0 registers it
// (section C.1), and as many clients ask for it.
const (
	CredentialMedia     = "application/vc"
	CredentialJSONMedia = "application/vc+ld+json"
)

// certificateJSON is how a certificate stands.
type certificateJSON struct {
	ID            string         `json:"id"`
	Issuer        string         `json:"issuer"`
	Scheme        string         `json:"scheme"`
	Subject       string         `json:"subject"`
	Scope         []string       `json:"scope"`
	HSCodes       []string       `json:"hsCodes,omitempty"`
	Activities    []string       `json:"activities,omitempty"`
	Accredits     []string       `json:"accredits,omitempty"`
	Accreditation string         `json:"accreditation,omitempty"`
	ValidFrom     epcis.Instant  `json:"validFrom"`
	ValidUntil    epcis.Instant  `json:"validUntil"`
	Status        string         `json:"status"` // at the height that was read
	Changes       []changeJSON   `json:"changes"`
	Chain         []standingJSON `json:"accreditations,omitempty"` // from its own upwards
	AsOf          asOf           `json:"asOf"`
}

// changeJSON is one recorded status; the first is the issue.
type changeJSON struct {
	Seq           uint64         `json:"seq"`
	Status        string         `json:"status"`
	By            string         `json:"by"` // organisation id
	Reason        string         `json:"reason,omitempty"`
	ReasonCode    string         `json:"reasonCode,omitempty"`
	EffectiveFrom *epcis.Instant `json:"effectiveFrom,omitempty"`
}

type standingJSON struct {
	ID     string `json:"id"`
	Issuer string `json:"issuer"`
	Status string `json:"status"`
}

// getCertificate answers how a certificate stands, or, where the client would
// rather have that, the certificate as a Verifiable Credential.
func (a *API) getCertificate(c echo.Context) error {
	media, err := certificateMedia(c.Request())
	if err != nil {
		return err
	}
	path, err := restOfPath(c)
	if err != nil {
		return err
	}
	s, err := a.snapshot()
	if err != nil {
		return err
	}
	defer a.closeSnapshot(s)
	id, err := a.asked(s, path)
	if err != nil {
		return err
	}
	certificate, err := certificateIn(s, epcis.Canonical(id).URI)
	if err != nil {
		return err
	}
	c.Response().Header().Add("Vary", "Accept")
	if media == "application/json" {
		return answerJSON(c, http.StatusOK, certificate.standing(s))
	}
	b, err := a.credential(s, certificate)
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, media, b)
}

// certificateMedia is the form that a client asks for.
func certificateMedia(r *http.Request) (string, error) {
	accept := r.Header.Get("Accept")
	best, form := quality(accept, "application/json"), "application/json"
	if accept == "" {
		return form, nil
	}
	for _, media := range [...]string{CredentialJSONMedia, CredentialMedia} {
		if q := quality(accept, media); q > best {
			best, form = q, media
		}
	}
	if best == 0 {
		f := fail(reasonNotAcceptable, "Accept is %q, and this path answers application/json, %s or %s", accept, CredentialJSONMedia, CredentialMedia)
		f.next = "Ask for one of these."
		return "", f
	}
	return form, nil
}

// held is a certificate as the ledger holds it, with what it rests on.
type held struct {
	id     string
	state  *trace.CertificateState
	chain  []string // ids of the accreditations, from its own upwards
	above  []*trace.CertificateState
	status string
}

func certificateIn(s Snapshot, id string) (*held, error) {
	state, err := certificateState(s, id)
	if err != nil {
		return nil, err
	}
	if len(state.Intervals) == 0 {
		return nil, fail(reasonUnknownThing, "no certificate with the id %q was issued here", id)
	}
	h := &held{id: id, state: state}
	for next := state.Accreditation; next != "" && len(h.above) <= trace.MaxAccreditations; {
		above, err := certificateState(s, next)
		if err != nil {
			return nil, err
		}
		h.chain, h.above = append(h.chain, next), append(h.above, above)
		next = above.Accreditation
	}
	now := epcis.InstantFromUnixNano(s.Roots().Time)
	h.status = state.Standing(now, now, trace.Latest, h.above)
	return h, nil
}

// certificateState is empty for a certificate that was never issued. What a compromised key
// reinstated is as it was before (rule A7).
func certificateState(s Snapshot, id string) (*trace.CertificateState, error) {
	state := &trace.CertificateState{}
	b, err := s.State(trace.Key{NS: trace.NSCertificate, ID: id})
	if err == nil && b != nil {
		err = identity.UnmarshalStrict(b, state)
	}
	if err != nil {
		return nil, fmt.Errorf("read certificate %s: %w", id, err)
	}
	return state, state.UnreinstatedIn(s)
}

func (h *held) standing(s Snapshot) certificateJSON {
	state := h.state
	v := certificateJSON{ID: h.id, Issuer: state.Issuer, Scheme: state.Scheme, Subject: state.Subject, Scope: orEmpty(state.Scope),
		HSCodes: state.HSCodes, Activities: state.Activities, Accredits: state.Accredits, Accreditation: state.Accreditation,
		ValidFrom: state.ValidFrom.Instant(), ValidUntil: state.ValidUntil.Instant(), Status: h.status, AsOf: readAt(s)}
	for _, i := range state.Intervals {
		change := changeJSON{Seq: i.FromSeq, Status: i.Status, By: i.By, Reason: i.Reason, ReasonCode: i.ReasonCode}
		if change.By == "" {
			change.By = state.Issuer
		}
		if i.EffectiveFrom != nil {
			from := i.EffectiveFrom.Instant()
			change.EffectiveFrom = &from
		}
		v.Changes = append(v.Changes, change)
	}
	now := v.AsOf.Time
	for i, above := range h.above {
		v.Chain = append(v.Chain, standingJSON{ID: h.chain[i], Issuer: above.Issuer, Status: above.At(now, now, trace.Latest)})
	}
	return v
}

// credential writes the record that issued a certificate as a credential.
func (a *API) credential(s Snapshot, h *held) ([]byte, error) {
	seq := h.state.Intervals[0].FromSeq
	recorded, err := s.Record(seq)
	if err != nil {
		return nil, fmt.Errorf("read record %d: %w", seq, err)
	}
	record, err := epcis.Decode(recorded.Kind, recorded.Bytes)
	if err != nil || record.Certificate == nil {
		return nil, fmt.Errorf("record %d issues no certificate: %w", seq, err)
	}
	issuer, err := namesIn(s).member(h.state.Issuer)
	if err != nil {
		return nil, err
	}
	facts := epcis.CredentialFacts{Issuer: h.state.Issuer, IssuerName: h.state.Issuer, Status: h.status,
		Network: a.backend.Status().Network, Height: s.Roots().Height, Seq: seq}
	if issuer != nil {
		facts.IssuerName = issuer.Name
	}
	if len(h.above) > 0 {
		facts.Accreditor = h.above[0].Issuer
	}
	return record.Certificate.Credential(facts)
}
