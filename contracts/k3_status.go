package contracts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// K3 status. A certificate is active from its issue on. Its issuer, or the
// accreditor whose accreditation it was issued under, may change that:
//
//	active     suspend    suspended
//	suspended  reinstate  active
//	active     revoke     revoked
//	suspended  revoke     revoked
//
// Everything else is refused. A revocation is the end. What the accreditor has
// suspended the issuer cannot reinstate. Expiry needs no record: it follows from
// the validity, and an expired certificate changes no more, but for a revocation
// that takes effect from within its validity. A change may take effect from
// another moment than it is recorded (effectiveFrom) and names a reason.
func (c *hearing) certificateStatus() error {
	record := c.record.Certificate
	if record.Action == epcis.IssueCertificate {
		return nil // K1
	}
	return c.settleCertificate(record, c.mayChange)
}

func (c *hearing) mayChange(record *epcis.Certificate, issued bool, state *trace.CertificateState) error {
	if !issued {
		c.refuseChange(CodeCertificateUnknown, "no such certificate was issued here",
			"Check the id.", fact("certificate", record.ID.URI))
		return nil
	}
	accreditor, err := c.accreditorOf(state)
	if err != nil {
		return err
	}
	good, err := c.believed(record.ID.URI, state)
	if err != nil {
		return err
	}
	last := good.Intervals[len(good.Intervals)-1]
	if c.signer.ID != state.Issuer && c.signer.ID != accreditor {
		c.refuseChange(CodeNotIssuer, "only its issuer, or the issuer's accreditor, changes a certificate",
			"Ask the issuer.", factAt("issuer", state.Issuer, state.Intervals[0].FromSeq))
	} else if record.Action == epcis.ReinstateCertificate && last.By != "" && last.By != c.signer.ID {
		c.refuseChange(CodeSuspendedByOther, "the accreditor suspended it",
			"Ask the accreditor to reinstate it.", factAt("suspended by", last.By, last.FromSeq))
	}
	c.transition(record, state, last)
	if len(state.Intervals) >= maxChanges && record.Action != epcis.RevokeCertificate {
		c.refuseChange(CodeTooManyChanges, "the certificate has changed too often",
			"Revoke it and issue a new one.", fact("changes", fmt.Sprint(len(state.Intervals))))
	}
	if record.ReasonCode != "" && !slices.Contains(strings.Fields(reasonCodes), record.ReasonCode) {
		c.refuseChange(CodeReasonUnknown, "there is no such reason code",
			"Write one of: "+reasonCodes+".", fact("reasonCode", record.ReasonCode))
	}
	return nil
}

// maxChanges bounds the intervals of one certificate.
const maxChanges = 64

// reasonCodes are the reasons that a change may name. A change without one gives
// its reason in words alone.
const reasonCodes = "nonconformity fraud issued_in_error scope_change holder_request accreditation_lapsed resolved administrative"

// transition checks the change against the status and the validity.
func (c *hearing) transition(record *epcis.Certificate, state *trace.CertificateState, last trace.CertificateInterval) {
	status := factAt("status", last.Status, last.FromSeq)
	if last.Status == trace.CertificateRevoked {
		c.refuseChange(CodeCertificateRevoked, "the certificate is revoked already",
			"Nothing to do; a revocation is the end of a certificate. Issue a new one.", status)
		return
	}
	switch {
	case record.Action == epcis.SuspendCertificate && last.Status != trace.CertificateActive:
		c.refuseChange(CodeNoTransition, "the certificate is suspended already", "Reinstate or revoke it.", status)
	case record.Action == epcis.ReinstateCertificate && last.Status != trace.CertificateSuspended:
		c.refuseChange(CodeNoTransition, "the certificate is not suspended", "Nothing to do.", status)
	}
	until := state.ValidUntil.Instant()
	if !until.Before(c.block.Time) {
		return
	}
	if record.Action == epcis.RevokeCertificate && record.EffectiveFrom != nil && !until.Before(*record.EffectiveFrom) {
		return
	}
	c.refuseChange(CodeCertificateExpired, "the certificate has expired",
		"Nothing to do, unless it should not have held before: then revoke it with an effectiveFrom within its validity.",
		fact("validUntil", until.String()))
}

// accreditorOf is the organisation that issued the accreditation which a
// certificate was issued under, "" for none.
func (c *hearing) accreditorOf(state *trace.CertificateState) (string, error) {
	if state.Accreditation == "" {
		return "", nil
	}
	var above trace.CertificateState
	_, err := c.read(trace.Key{NS: trace.NSCertificate, ID: state.Accreditation}, &above)
	return above.Issuer, err
}

func (c *hearing) refuseChange(code uint32, title, next string, facts ...trace.Fact) {
	c.find(trace.Finding{Severity: trace.Reject, Code: code, Title: title, Facts: facts, Next: next})
}

func statusContract() Contract {
	return Contract{
		Rule: "K3", Version: 1, Name: "status of certificates", Kinds: []epcis.Kind{epcis.KindCertificate}, judge: (*hearing).certificateStatus,
		Says: "Its issuer, or the accreditor whose accreditation it names, suspends, reinstates and revokes a certificate. What " +
			"the accreditor has suspended the issuer cannot reinstate, and a revocation is the end.",
		Source: "UNTP Digital Conformity Credential (status); W3C Bitstring Status List",
		Reads:  []trace.Namespace{trace.NSCertificate},
		Writes: []trace.Namespace{trace.NSCertificate},
		Finds: []Declared{
			{CodeCertificateUnknown, trace.Reject, "no such certificate was issued here"},
			{CodeNotIssuer, trace.Reject, "only its issuer, or the issuer's accreditor, changes a certificate"},
			{CodeCertificateRevoked, trace.Reject, "the certificate is revoked already"},
			{CodeNoTransition, trace.Reject, "the certificate's status does not allow the change"},
			{CodeCertificateExpired, trace.Reject, "the certificate has expired"},
			{CodeSuspendedByOther, trace.Reject, "the accreditor suspended it"},
			{CodeTooManyChanges, trace.Reject, "the certificate has changed too often"},
			{CodeReasonUnknown, trace.Reject, "there is no such reason code"},
		},
	}
}
