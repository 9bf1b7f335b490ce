package contracts

import (
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// K1 issue, the accreditation chain. A certificate that names an accreditation is
// issued under it: the accreditation is about the signer's organisation, for the
// certificate's scheme, by an active member that is an accreditor, as are those of
// all that it was itself issued under, and neither it nor any of these is suspended,
// revoked or out of its validity at the record's position. The chain ends at an organisation whose
// schemes genesis names. What the certificate is limited to lies within what the
// accreditation is limited to.
//
// An accreditation that lapses later does not undo the issue; whoever cites the
// certificate from then on is flagged (K2).
func (c *hearing) accreditation(record *epcis.Certificate, schemes []string) error {
	id := record.Accreditation.URI
	var state trace.CertificateState
	issued, err := c.read(trace.Key{NS: trace.NSCertificate, ID: id}, &state)
	if err == nil {
		_, err = c.reinstatements(id, &state)
	}
	if err != nil {
		return err
	}
	if !issued || len(state.Accredits) == 0 {
		c.refuseIssue(CodeNoAccreditation, "names an accreditation that this ledger does not know",
			"Have the accreditor record it first, or check the id.", fact("accreditation", id))
		return nil
	}
	since := state.Intervals[0].FromSeq
	if state.Subject != c.signer.ID {
		c.refuseIssue(CodeNoAccreditation, "the accreditation is that of another organisation",
			"Name the accreditation of the signing organisation.", factAt("subject", state.Subject, since), fact("signer", c.signer.ID))
		return nil
	}
	for _, scheme := range schemes {
		if !slices.Contains(state.Accredits, scheme) {
			c.refuseIssue(CodeNotAccredited, "the accreditation does not include the scheme",
				"Have the accreditor record one that does.", factAt("accreditation", id, since), fact("scheme", scheme))
			break
		}
	}
	if thing, beyond := issuedAs(record).Beyond(&state); beyond {
		c.refuseIssue(CodeBeyondAccreditation, "the certificate is wider than the accreditation",
			"Name only what lies within the accreditation's scope, and of each kind of thing that it names at least one.",
			factAt("accreditation", id, since), fact("beyond it", thing))
	}
	return c.accreditationHolds(id, &state)
}

func (c *hearing) accreditationHolds(id string, state *trace.CertificateState) error {
	above, err := c.accreditations(state)
	if err != nil {
		return err
	}
	last := state.Intervals[len(state.Intervals)-1]
	if status := state.Standing(c.block.Time, c.block.Time, c.position.Seq, above); status != trace.CertificateActive {
		c.refuseIssue(CodeAccreditationLapsed, "the accreditation does not hold",
			"Have it reinstated, or a new one recorded.", factAt("accreditation", id, last.FromSeq), fact("status", status))
	}
	if len(above) == trace.MaxAccreditations {
		c.refuseIssue(CodeAccreditationLapsed, "the chain of accreditations is too long",
			"Have an accreditor nearer to the network's genesis record the accreditation.", factAt("accreditation", id, last.FromSeq))
	}
	for _, a := range append([]*trace.CertificateState{state}, above...) {
		if a.Issuer == "" {
			break // it is unknown, and holds nothing
		}
		issuer, err := c.member(a.Issuer)
		if err != nil {
			return err
		}
		if m, ok := issuer.At(c.position.Seq); !ok || m.Status != identity.Active || !m.Organisation.Has(identity.Accreditor) {
			c.refuseIssue(CodeAccreditationLapsed, "who issued the accreditation is no longer an accreditor here",
				"Have another accreditor record the accreditation.", factAt("issuer", a.Issuer, a.Intervals[0].FromSeq))
			break
		}
	}
	return nil
}

// accreditations reads those that a certificate rests on, from the one it was
// issued under upwards. No chain that was accepted is longer than may be.
func (c *hearing) accreditations(s *trace.CertificateState) ([]*trace.CertificateState, error) {
	var above []*trace.CertificateState
	for id := s.Accreditation; id != ""; {
		a, err := c.issued(id)
		if err != nil {
			return nil, err
		}
		if a == nil {
			above = append(above, &trace.CertificateState{})
			break
		}
		above = append(above, a.CertificateState)
		id = a.Accreditation
	}
	return above, nil
}

// issuedAs is the state that the issue would leave, as far as its scope goes.
func issuedAs(record *epcis.Certificate) *trace.CertificateState {
	s := &trace.CertificateState{Subject: record.Subject.URI, HSCodes: record.HSCodes, Activities: record.Activities}
	for _, id := range record.Scope {
		s.Scope = append(s.Scope, id.URI)
	}
	return s
}
