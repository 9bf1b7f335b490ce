package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// maxScope bounds a certificate's scope, and so the state it leaves.
const maxScope = 256

// K1 issue and K3 status, first form. A certificate is issued by a certifier
// that is accredited for its scheme, under an id that was never issued before.
// Its issuer alone revokes it, once. (That the signer is a certifier is rule A3,
// that the validity begins before it ends the decoder's. Accreditation chains,
// suspension and the match of scopes against the accreditation are later
// versions.)
func (c *hearing) certificate() error {
	record := c.record.Certificate
	if record == nil {
		return nil
	}
	key := trace.Key{NS: trace.NSCertificate, ID: record.ID.URI}
	var state trace.CertificateState
	issued, err := c.read(key, &state)
	if err != nil {
		return err
	}
	switch record.Action {
	case "issue":
		c.mayIssue(record, issued, state)
	case "revoke":
		c.mayRevoke(record, issued, state)
	default:
		c.certificateProblem(CodeCertificateInvalid, "a certificate is issued or revoked",
			"Write the action as issue or revoke.", fact("action", record.Action))
	}
	if c.verdict.Rejected() {
		return nil
	}
	state.Apply(record, c.position.Seq, c.signer.ID)
	return c.write(key, state)
}

func (c *hearing) mayIssue(record *epcis.Certificate, issued bool, state trace.CertificateState) {
	if issued {
		c.certificateProblem(CodeCertificateExists, "the certificate was issued before",
			"Issue a new certificate under an id of its own.", factAt("issuer", state.Issuer, state.Intervals[0].FromSeq))
		return
	}
	if !slices.Contains(c.signer.Schemes, record.Scheme) {
		c.certificateProblem(CodeNotAccredited, "the certifier is not accredited for the scheme",
			"Have the members record the accreditation, then issue the certificate.",
			fact("organisation", c.signer.ID), fact("scheme", record.Scheme))
	}
	if len(record.Scope) > maxScope {
		c.certificateProblem(CodeCertificateInvalid, "the scope is too long",
			fmt.Sprintf("Name at most %d classes and places; split the certificate.", maxScope),
			fact("scope", fmt.Sprint(len(record.Scope))))
	}
}

func (c *hearing) mayRevoke(record *epcis.Certificate, issued bool, state trace.CertificateState) {
	if !issued {
		c.certificateProblem(CodeCertificateUnknown, "no such certificate was issued here",
			"Check the id.", fact("certificate", record.ID.URI))
		return
	}
	if state.Issuer != c.signer.ID {
		c.certificateProblem(CodeNotIssuer, "only its issuer revokes a certificate",
			"Ask the issuer.", factAt("issuer", state.Issuer, state.Intervals[0].FromSeq))
	}
	if last := state.Intervals[len(state.Intervals)-1]; last.Status == trace.CertificateRevoked {
		c.certificateProblem(CodeCertificateRevoked, "the certificate is revoked already",
			"Nothing to do.", factAt("status", last.Status, last.FromSeq))
	}
}

func (c *hearing) certificateProblem(code uint32, title, next string, facts ...trace.Fact) {
	rule := "K1"
	if code == CodeCertificateUnknown || code == CodeNotIssuer || code == CodeCertificateRevoked {
		rule = "K3"
	}
	c.find(trace.Finding{Severity: trace.Reject, Rule: rule, Code: code, Title: title, Facts: facts, Next: next})
}
