package contracts

import (
	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/trace"
)

// K2 use: an event cites certificates in certificationInfo. Each has to be
// known to the ledger, active now, in its validity when the event happened, and
// about what the event names. An event whose certificate does not hold is
// accepted and flagged: the journey shows the certificate with its status, and
// no badge. A certificate issued elsewhere is simply unknown here.
func (c *hearing) citations() error {
	e := c.record.Event
	if e == nil || len(e.Certificates) == 0 {
		return nil
	}
	var good []trace.Fact
	n := 0
	for i, cited := range e.Certificates {
		if i == maxCitations {
			break
		}
		id := epcis.Canonical(cited).URI
		var state trace.CertificateState
		issued, err := c.read(trace.Key{NS: trace.NSCertificate, ID: id}, &state)
		if err != nil {
			return err
		}
		if !issued {
			c.cited(CodeCitedUnknown, "cites a certificate that this ledger does not know",
				"Ask the certifier to record the certificate here, or check the id.", fact("certificate", id))
			continue
		}
		last := state.Intervals[len(state.Intervals)-1]
		switch status := state.At(e.Time, c.block.Time, c.position.Seq); {
		case status == trace.CertificateRevoked:
			c.cited(CodeCitedRevoked, "cites a certificate that is revoked",
				"Do not claim it for these goods.", factAt(id, last.Reason, last.FromSeq))
		case status != trace.CertificateActive:
			c.cited(CodeCitedOutOfTime, "cites a certificate outside its validity",
				"Cite the certificate that was valid when the event happened.",
				factAt(id, status, last.FromSeq), fact("validFrom", state.ValidFrom.Instant().String()),
				fact("validUntil", state.ValidUntil.Instant().String()), fact("eventTime", e.Time.String()))
		case !state.Covers(e):
			c.cited(CodeCitedOutOfScope, "cites a certificate that does not cover the goods",
				"Cite a certificate whose scope names one of the product classes of this event.", factAt(id, "scope", last.FromSeq))
		default:
			n++
			good = some(good, n, factAt("certificate", id, last.FromSeq))
		}
	}
	if n > 0 {
		c.find(trace.Finding{
			Severity: trace.Info, Code: CodeCited,
			Title: "the certificate holds", Facts: good,
		})
	}
	return nil
}

// maxCitations bounds the look-ups, and the findings, of one event.
const maxCitations = 16

func (c *hearing) cited(code uint32, title, next string, facts ...trace.Fact) {
	c.find(trace.Finding{Severity: trace.Flag, Code: code, Title: title, Facts: facts, Next: next})
}
