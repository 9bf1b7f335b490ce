package trace

import (
	"math"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
)

// The statuses of a certificate, as journeys and findings print them.
const (
	CertificateActive      = "active"
	CertificateRevoked     = "revoked"
	CertificateNotYetValid = "not yet valid"
	CertificateExpired     = "expired"
	CertificateUnknown     = "unknown"
	CertificateOutOfScope  = "out of scope"
)

// CertificateState is the canonical state of a certificate's key: what was
// issued, and every interval of its status.
type CertificateState struct {
	Issuer     string                `cbor:"1,keyasint"` // organisation id
	Scheme     string                `cbor:"2,keyasint"`
	Subject    string                `cbor:"3,keyasint"`
	Scope      []string              `cbor:"4,keyasint"` // canonical ids
	ValidFrom  Moment                `cbor:"5,keyasint"`
	ValidUntil Moment                `cbor:"6,keyasint"`
	Intervals  []CertificateInterval `cbor:"7,keyasint"`
}

// CertificateInterval is a span of ledger positions, [FromSeq, ToSeq), with one
// status. ToSeq is nil while it lasts. A revocation may take effect from an
// earlier moment than it is recorded.
type CertificateInterval struct {
	FromSeq       uint64  `cbor:"1,keyasint"`
	ToSeq         *uint64 `cbor:"2,keyasint,omitempty"`
	Status        string  `cbor:"3,keyasint"` // CertificateActive or CertificateRevoked
	Reason        string  `cbor:"4,keyasint,omitempty"`
	EffectiveFrom *Moment `cbor:"5,keyasint,omitempty"`
}

// Moment is an epcis.Instant in canonical state: the array [seconds, nanos].
type Moment struct {
	_       struct{} `cbor:",toarray"`
	Seconds int64
	Nanos   int32
}

// Instant is the moment as the rest of the module has it.
func (m Moment) Instant() epcis.Instant { return epcis.Instant{Seconds: m.Seconds, Nanos: m.Nanos} }

func moment(t epcis.Instant) Moment { return Moment{Seconds: t.Seconds, Nanos: t.Nanos} }

// Latest, as a seq, is after everything recorded so far.
const Latest = uint64(math.MaxUint64)

// Apply folds one accepted certificate record into the state. It judges
// nothing: an issue begins the state, a revocation ends the last interval.
func (s *CertificateState) Apply(c *epcis.Certificate, seq uint64, organisation string) {
	switch c.Action {
	case "issue":
		scope := make([]string, len(c.Scope))
		for i, id := range c.Scope {
			scope[i] = id.URI
		}
		*s = CertificateState{
			Issuer: organisation, Scheme: c.Scheme, Subject: c.Subject.URI, Scope: scope,
			ValidFrom: moment(c.ValidFrom), ValidUntil: moment(c.ValidUntil),
			Intervals: []CertificateInterval{{FromSeq: seq, Status: CertificateActive}},
		}
	case "revoke":
		next := CertificateInterval{FromSeq: seq, Status: CertificateRevoked, Reason: clip(c.Reason, 256)}
		if c.EffectiveFrom != nil {
			m := moment(*c.EffectiveFrom)
			next.EffectiveFrom = &m
		}
		if n := len(s.Intervals); n > 0 {
			s.Intervals[n-1].ToSeq = &seq
		}
		s.Intervals = append(s.Intervals, next)
	}
}

// At is the status of the certificate for something that happened at t and was
// recorded at seq, at block time recorded. Both times count (rule catalogue,
// section 0), so that neither a back-dated event nor a late revocation slips
// through: it has to be valid at t, and not revoked when the event was recorded. A
// revocation recorded later reaches back only as far as its effectiveFrom. For
// the status today, t and recorded are the present block time and seq is [Latest].
func (s *CertificateState) At(t, recorded epcis.Instant, seq uint64) string {
	for _, i := range s.Intervals {
		if i.Status != CertificateRevoked {
			continue
		}
		if i.FromSeq < seq && (i.EffectiveFrom == nil || !recorded.Before(i.EffectiveFrom.Instant())) {
			return CertificateRevoked
		}
		if i.EffectiveFrom != nil && !t.Before(i.EffectiveFrom.Instant()) {
			return CertificateRevoked
		}
	}
	switch {
	case len(s.Intervals) == 0 || s.Intervals[0].FromSeq >= seq:
		return CertificateUnknown
	case t.Before(s.ValidFrom.Instant()):
		return CertificateNotYetValid
	case s.ValidUntil.Instant().Before(t):
		return CertificateExpired
	}
	return CertificateActive
}

// Covers reports whether the scope admits what the event names. A scope that
// names product classes or lots admits an event that names at least one of them;
// an event that names only things without a class (pallets), and a scope of
// places alone, are not judged by it.
func (s *CertificateState) Covers(e *epcis.Event) bool {
	if !slices.ContainsFunc(s.Scope, func(uri string) bool { return !epcis.Canonical(uri).Class().IsZero() }) {
		return true
	}
	judged := false
	for _, ids := range [...][]epcis.ID{e.EPCs, e.Children, e.Inputs, e.Outputs} {
		for i := range ids {
			if s.names(ids[i], &judged) {
				return true
			}
		}
	}
	for _, quantities := range [...][]epcis.Quantity{e.Quantities, e.ChildQuantities, e.InputQuantities, e.OutputQuantities} {
		for i := range quantities {
			if s.names(quantities[i].Class, &judged) {
				return true
			}
		}
	}
	return !judged
}

// names reports whether the scope names the thing or its class, and sets judged
// when the thing has a class at all.
func (s *CertificateState) names(id epcis.ID, judged *bool) bool {
	class := id.Class()
	if class.IsZero() {
		return false
	}
	*judged = true
	return slices.Contains(s.Scope, class.URI) || slices.Contains(s.Scope, id.URI)
}

// clip cuts a string at most n bytes long, between UTF-8 sequences.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
