package trace

import (
	"math"

	"github.com/waymark-ledger/waymark/epcis"
)

// The statuses of a certificate, as journeys and findings print them. The first
// three are recorded; the others follow from time, the accreditation and what an
// event names.
const (
	CertificateActive       = "active"
	CertificateSuspended    = "suspended"
	CertificateRevoked      = "revoked"
	CertificateNotYetValid  = "not yet valid"
	CertificateExpired      = "expired"
	CertificateUnknown      = "unknown"
	CertificateOutOfScope   = "out of scope"
	CertificateUnaccredited = "not accredited" // an accreditation that it rests on does not hold
)

// CertificateState is the canonical state of a certificate's key: what was
// issued, and every interval of its status.
type CertificateState struct {
	Issuer        string                `cbor:"1,keyasint"` // organisation id
	Scheme        string                `cbor:"2,keyasint"`
	Subject       string                `cbor:"3,keyasint"`
	Scope         []string              `cbor:"4,keyasint"` // canonical ids
	ValidFrom     Moment                `cbor:"5,keyasint"`
	ValidUntil    Moment                `cbor:"6,keyasint"`
	Intervals     []CertificateInterval `cbor:"7,keyasint"`
	HSCodes       []string              `cbor:"8,keyasint,omitempty"`
	Accredits     []string              `cbor:"9,keyasint,omitempty"`  // schemes; of an accreditation
	Accreditation string                `cbor:"10,keyasint,omitempty"` // canonical id of the certificate it was issued under
	Activities    []string              `cbor:"11,keyasint,omitempty"` // business steps
}

// CertificateInterval is a span of ledger positions, [FromSeq, ToSeq), with one
// status. ToSeq is nil while it lasts. A change may take effect from another
// moment than it is recorded.
type CertificateInterval struct {
	FromSeq       uint64  `cbor:"1,keyasint"`
	ToSeq         *uint64 `cbor:"2,keyasint,omitempty"`
	Status        string  `cbor:"3,keyasint"` // CertificateActive, CertificateSuspended or CertificateRevoked
	Reason        string  `cbor:"4,keyasint,omitempty"`
	EffectiveFrom *Moment `cbor:"5,keyasint,omitempty"` // a reinstatement always has one: its block time, where it names none
	ReasonCode    string  `cbor:"6,keyasint,omitempty"`
	By            string  `cbor:"7,keyasint,omitempty"` // the organisation that recorded it, where it is not the issuer
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

// Apply folds one accepted certificate record, which stands at seq and block time
// recorded, into the state. It judges nothing: an issue begins the state, every
// other action ends the last interval and begins one.
func (s *CertificateState) Apply(c *epcis.Certificate, seq uint64, recorded epcis.Instant, organisation string) {
	switch c.Action {
	case epcis.IssueCertificate:
		scope := make([]string, len(c.Scope))
		for i, id := range c.Scope {
			scope[i] = id.URI
		}
		*s = CertificateState{
			Issuer: organisation, Scheme: c.Scheme, Subject: c.Subject.URI, Scope: scope,
			ValidFrom: moment(c.ValidFrom), ValidUntil: moment(c.ValidUntil),
			Intervals: []CertificateInterval{{FromSeq: seq, Status: CertificateActive}},
			HSCodes:   c.HSCodes, Activities: c.Activities, Accredits: c.Accredits, Accreditation: c.Accreditation.URI,
		}
	case epcis.SuspendCertificate:
		s.change(c, seq, CertificateSuspended, c.EffectiveFrom, organisation)
	case epcis.ReinstateCertificate:
		from := c.EffectiveFrom
		if from == nil {
			from = &recorded
		}
		s.change(c, seq, CertificateActive, from, organisation)
	case epcis.RevokeCertificate:
		s.change(c, seq, CertificateRevoked, c.EffectiveFrom, organisation)
	}
}

func (s *CertificateState) change(c *epcis.Certificate, seq uint64, status string, from *epcis.Instant, organisation string) {
	next := CertificateInterval{FromSeq: seq, Status: status, Reason: clip(c.Reason, 256), ReasonCode: clip(c.ReasonCode, 64)}
	if from != nil {
		m := moment(*from)
		next.EffectiveFrom = &m
	}
	if organisation != s.Issuer {
		next.By = organisation
	}
	if n := len(s.Intervals); n > 0 {
		s.Intervals[n-1].ToSeq = &seq
	}
	s.Intervals = append(s.Intervals, next)
}

// Unreinstated takes from the state the reinstatements that are doubted: what was before
// them holds on. The intervals are changed in place.
func (s *CertificateState) Unreinstated(doubted func(seq uint64, by string) (bool, error)) error {
	for i := len(s.Intervals) - 1; i > 0; i-- {
		reinstated := s.Intervals[i]
		if reinstated.Status != CertificateActive {
			continue
		}
		by := reinstated.By
		if by == "" {
			by = s.Issuer
		}
		switch doubts, err := doubted(reinstated.FromSeq, by); {
		case err != nil:
			return err
		case !doubts:
			continue
		}
		s.Intervals[i-1].ToSeq = reinstated.ToSeq
		s.Intervals = append(s.Intervals[:i], s.Intervals[i+1:]...)
	}
	return nil
}

// UnreinstatedIn is Unreinstated for whoever reads records that say whether a compromised key
// signed them.
func (s *CertificateState) UnreinstatedIn(records interface {
	Record(seq uint64) (*Recorded, error)
}) error {
	return s.Unreinstated(func(seq uint64, _ string) (bool, error) {
		record, err := records.Record(seq)
		return err == nil && record.Compromised, err
	})
}

// At is the status of the certificate for something that happened at t and was
// recorded at seq, at block time recorded. Both times count (rule catalogue,
// section 0), so that neither a back-dated event nor a late revocation slips
// through: it has to be valid at t, and neither suspended nor revoked when the
// event was recorded. A change recorded later reaches back only as far as its
// effectiveFrom, and a suspension that names one ends, for what happened, when the
// reinstatement takes effect. For the status today, t and recorded are the present
// block time and seq is [Latest].
func (s *CertificateState) At(t, recorded epcis.Instant, seq uint64) string {
	known, then := CertificateActive, CertificateActive // when it was recorded, when it happened
	for _, i := range s.Intervals {
		if i.FromSeq < seq && (i.EffectiveFrom == nil || !recorded.Before(i.EffectiveFrom.Instant())) {
			known = i.Status
		}
		if i.EffectiveFrom != nil && !t.Before(i.EffectiveFrom.Instant()) {
			then = i.Status
		}
	}
	switch {
	case known == CertificateRevoked || then == CertificateRevoked:
		return CertificateRevoked
	case len(s.Intervals) == 0 || s.Intervals[0].FromSeq >= seq:
		return CertificateUnknown
	case t.Before(s.ValidFrom.Instant()):
		return CertificateNotYetValid
	case s.ValidUntil.Instant().Before(t):
		return CertificateExpired
	case known == CertificateSuspended || then == CertificateSuspended:
		return CertificateSuspended
	}
	return CertificateActive
}

// MaxAccreditations is how many accreditations may stand between a certificate
// and an organisation whose schemes genesis names.
const MaxAccreditations = 4

// Standing is [CertificateState.At] together with the accreditations that the
// certificate rests on, from the one it was issued under upwards: it holds only
// while each of them does. The state of one that was never issued is empty. That
// an accreditation covers what is issued under it is judged once, at the issue.
func (s *CertificateState) Standing(t, recorded epcis.Instant, seq uint64, above []*CertificateState) string {
	status := s.At(t, recorded, seq)
	if status != CertificateActive {
		return status
	}
	if len(above) > MaxAccreditations {
		return CertificateUnaccredited
	}
	for _, a := range above {
		if a.At(t, recorded, seq) != CertificateActive {
			return CertificateUnaccredited
		}
	}
	return CertificateActive
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
