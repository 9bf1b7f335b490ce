package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// maxScope bounds what a certificate names, and so the state it leaves.
const maxScope = 256

// K1 issue. A certifier issues a certificate of conformity under an id that was
// never issued before. It is entitled to its scheme by the network's genesis or by
// an accreditation that the certificate names (see accreditation). An accreditor
// issues accreditations in the same way. What happens to a certificate later is
// rule K3. (That only certifiers and accreditors write such records is rule A3,
// that the validity begins before it ends the decoder's.)
func (c *hearing) certificate() error {
	record := c.record.Certificate
	if record.Action != epcis.IssueCertificate {
		return nil // K3
	}
	return c.settleCertificate(record, c.mayIssue)
}

// settleCertificate writes the certificate's state as the record leaves it, unless
// the record is refused.
func (c *hearing) settleCertificate(record *epcis.Certificate, may func(r *epcis.Certificate, issued bool, s *trace.CertificateState) error) error {
	key := trace.Key{NS: trace.NSCertificate, ID: record.ID.URI}
	var state trace.CertificateState
	issued, err := c.read(key, &state)
	if err != nil {
		return err
	}
	if err := may(record, issued, &state); err != nil || c.verdict.Rejected() {
		return err
	}
	state.Apply(record, c.position.Seq, c.block.Time, c.signer.ID)
	return c.write(key, state)
}

func (c *hearing) mayIssue(record *epcis.Certificate, issued bool, state *trace.CertificateState) error {
	if issued {
		c.refuseIssue(CodeCertificateExists, "the certificate was issued before",
			"Issue a new certificate under an id of its own.", factAt("issuer", state.Issuer, state.Intervals[0].FromSeq))
		return nil
	}
	if n := len(record.Scope) + len(record.HSCodes) + len(record.Activities) + len(record.Accredits); n > maxScope {
		c.refuseIssue(CodeCertificateInvalid, "the scope is too long",
			fmt.Sprintf("Name at most %d things, commodity codes, activities and schemes; split the certificate.", maxScope),
			fact("scope", fmt.Sprint(n)))
	}
	schemes := []string{record.Scheme}
	if len(record.Accredits) > 0 {
		schemes = record.Accredits
		if !c.signer.Has(identity.Accreditor) {
			c.refuseIssue(CodeNotAccreditor, "only an accreditor accredits",
				"Ask the accreditation body to record the accreditation.", fact("organisation", c.signer.ID))
		}
		if record.Subject.Level != epcis.PartyID {
			c.refuseIssue(CodeCertificateInvalid, "the subject of an accreditation is an organisation",
				"Name the organisation by its party GLN.", fact("subject", record.Subject.URI))
		}
	} else if c.signer.Has(identity.Accreditor) && !c.signer.Has(identity.Certifier) {
		c.refuseIssue(CodeNotAccredited, "an accreditor issues accreditations alone",
			"Name in accredits the schemes that the subject may certify for, or leave the certificate to a certifier.",
			fact("organisation", c.signer.ID))
	}
	if !record.Accreditation.IsZero() {
		return c.accreditation(record, schemes)
	}
	for _, scheme := range schemes {
		if !slices.Contains(c.signer.Schemes, scheme) {
			c.refuseIssue(CodeNotAccredited, "the issuer is not accredited for the scheme",
				"Name the accreditation that the certificate is issued under, once an accreditor has recorded it.",
				fact("organisation", c.signer.ID), fact("scheme", scheme))
			break
		}
	}
	return nil
}

func (c *hearing) refuseIssue(code uint32, title, next string, facts ...trace.Fact) {
	c.find(trace.Finding{Severity: trace.Reject, Code: code, Title: title, Facts: facts, Next: next})
}

func certificateContract() Contract {
	return Contract{
		Rule: "K1", Version: 1, Name: "issue of certificates", Kinds: []epcis.Kind{epcis.KindCertificate}, judge: (*hearing).certificate,
		Says: "A certificate is issued under an id never issued before, by a certifier that is entitled to its scheme: by the " +
			"genesis document, or by an accreditation that the certificate names. The chain of accreditations is live at the " +
			"record's position, and the certificate's scope (goods, sites, commodity codes, activities) lies within the accreditation's.",
		Source: "UNTP Digital Conformity Credential (authorisation); ISO/IEC 17011 (scope of accreditation)",
		Reads:  []trace.Namespace{trace.NSCertificate},
		Writes: []trace.Namespace{trace.NSCertificate},
		Finds: []Declared{
			{CodeNotAccredited, trace.Reject, "the issuer is not accredited for the scheme"},
			{CodeCertificateExists, trace.Reject, "the certificate was issued before"},
			{CodeCertificateInvalid, trace.Reject, "the certificate's record does not hold together"},
			{CodeNoAccreditation, trace.Reject, "names an accreditation that is unknown here, or another organisation's"},
			{CodeAccreditationLapsed, trace.Reject, "the chain of accreditations does not hold"},
			{CodeBeyondAccreditation, trace.Reject, "the certificate is wider than the accreditation"},
			{CodeNotAccreditor, trace.Reject, "only an accreditor accredits"},
		},
	}
}
