package contracts

import (
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/trace"
)

// K2 use: an event cites certificates in certificationInfo, or as business
// transactions of type cert. Each has to be known to the ledger, active now with
// every accreditation that it rests on, in its validity when the event happened,
// and about what the event names: the goods, the site, the commodity code, what its holder does. An
// event whose certificate does not hold is accepted and flagged: the journey shows
// the certificate with its status, and no badge. A certificate issued elsewhere is
// simply unknown here. An event that declares another wrong cites nothing.
//
// Where the members have made a scheme mandatory for goods (a product class, or a
// commodity code and all finer ones), whoever brings such goods into being cites a
// certificate of the scheme that holds; without one the event is refused, from the
// moment of the vote on.
func (c *hearing) citations() error {
	e := c.record.Event
	if e == nil {
		return nil
	}
	holding, err := c.held()
	if err != nil {
		return err
	}
	var good tally
	ids := c.citedIDs()
	if n := len(ids); n > maxCitations {
		c.cited(CodeCitedTooMany, "cites more certificates than are judged",
			fmt.Sprintf("Only the first %d are judged: cite no more in one event.", maxCitations), fact("certificates", fmt.Sprint(n)))
		ids = ids[:maxCitations]
	}
	for _, id := range ids {
		state, err := c.issued(id)
		if err != nil {
			return err
		}
		if state == nil {
			c.cited(CodeCitedUnknown, "cites a certificate that this ledger does not know",
				"Ask the certifier to record the certificate here, or check the id.", fact("certificate", id))
			continue
		}
		holds := slices.ContainsFunc(holding, func(h heldCertificate) bool { return h.id == id })
		if !holds {
			above, err := c.accreditations(state.CertificateState)
			if err != nil {
				return err
			}
			holds = c.citedStanding(id, state.CertificateState, above) && c.citedScope(id, state)
		}
		if holds {
			good.add(factAt("certificate", id, state.Intervals[len(state.Intervals)-1].FromSeq))
		}
	}
	if books(e) {
		holding = nil // what comes out has no claim any more
	}
	if err := c.mandatoryFor(e, holding); err != nil {
		return err
	}
	good.found(c, trace.Finding{
		Code: CodeCited,
	})
	return nil
}

// maxCertificates bounds what a court remembers: an author can make ids up.
const maxCertificates = 4096

// An issuedCertificate is a certificate's state, as good keys left it, and its limits.
type issuedCertificate struct {
	*trace.CertificateState
	limits *trace.Limits
}

// issued is a certificate; nil for one that nobody issued. The court remembers it until a
// certificate record comes. It belongs to whoever reads next as well: nobody changes it.
func (c *hearing) issued(id string) (*issuedCertificate, error) {
	if s, ok := c.certificates[id]; ok {
		return s, nil
	}
	state := new(trace.CertificateState)
	issued, err := c.read(trace.Key{NS: trace.NSCertificate, ID: id}, state)
	if err != nil {
		return nil, err
	}
	var s *issuedCertificate
	if issued {
		if _, err := c.reinstatements(id, state); err != nil {
			return nil, err
		}
		s = &issuedCertificate{state, state.Limits()}
	}
	if c.certificates == nil {
		c.certificates = make(map[string]*issuedCertificate)
	}
	if len(c.certificates) < maxCertificates {
		c.certificates[id] = s
	}
	return s, nil
}

// citedStanding reports whether a cited certificate is active for the event, and
// flags it otherwise.
func (c *hearing) citedStanding(id string, state *trace.CertificateState, above []*trace.CertificateState) bool {
	e := c.record.Event
	last := state.Intervals[len(state.Intervals)-1]
	switch status := state.Standing(e.Time, c.block.Time, c.position.Seq, above); status {
	case trace.CertificateActive:
		return true
	case trace.CertificateRevoked:
		c.cited(CodeCitedRevoked, "cites a certificate that is revoked",
			"Do not claim it for these goods.", factAt(id, last.Reason, last.FromSeq))
	case trace.CertificateSuspended:
		c.cited(CodeCitedSuspended, "cites a certificate that is suspended",
			"Do not claim it until its issuer reinstates it.", factAt(id, last.Reason, last.FromSeq))
	case trace.CertificateUnaccredited:
		c.cited(CodeCitedUnaccredited, "cites a certificate whose accreditation does not hold",
			"Ask the certifier under which accreditation it stands now.", factAt(id, state.Accreditation, state.Intervals[0].FromSeq))
	default:
		c.cited(CodeCitedOutOfTime, "cites a certificate outside its validity",
			"Cite the certificate that was valid when the event happened.",
			factAt(id, status, last.FromSeq), fact("validFrom", state.ValidFrom.Instant().String()),
			fact("validUntil", state.ValidUntil.Instant().String()), fact("eventTime", e.Time.String()))
	}
	return false
}

// citedScope reports whether the event lies in the certificate's scope, and flags
// it otherwise.
func (c *hearing) citedScope(id string, state *issuedCertificate) bool {
	scope := factAt(id, "scope", state.Intervals[len(state.Intervals)-1].FromSeq)
	switch state.limits.Outside(c.record.Event, c.signer.ID) {
	case trace.OutsideGoods:
		c.cited(CodeCitedOutOfScope, "cites a certificate that does not cover the goods",
			"Cite a certificate whose scope names one of the product classes or lots of this event.", scope)
	case trace.OutsideHolder:
		c.cited(CodeCitedOtherHolder, "brings goods into being under the certificate of another organisation",
			"Cite a certificate of your own, or one whose scope names the goods.", scope, factAt("holder", state.Subject, state.Intervals[0].FromSeq))
	case trace.OutsideSite:
		c.cited(CodeCitedOtherSite, "cites a certificate that does not cover the site",
			"Cite a certificate whose scope names the place of this event.", scope,
			fact("readPoint", c.record.Event.ReadPoint.URI), fact("bizLocation", c.record.Event.BizLocation.URI))
	case trace.OutsideHS:
		c.cited(CodeCitedOtherHS, "cites a certificate that does not cover the commodity code",
			"Cite a certificate whose scope includes the code, or correct the code.", scope)
	case trace.OutsideSteps:
		c.cited(CodeCitedOtherStep, "cites a certificate that does not cover the activity",
			"Cite a certificate whose activities include what was done (bizStep).", scope, fact("bizStep", c.record.Event.BizStep))
	default:
		return true
	}
	return false
}

// maxCitations bounds the look-ups, and the findings, of one event.
const maxCitations = 16

func (c *hearing) cited(code uint32, title, next string, facts ...trace.Fact) {
	c.find(trace.Finding{Severity: trace.Flag, Code: code, Title: title, Facts: facts, Next: next})
}

func citationContract() Contract {
	return Contract{
		Rule: "K2", Version: 1, Name: "use of certificates", Kinds: eventKind(), judge: (*hearing).citations,
		Says: "A certificate that an event cites in certificationInfo is known here, active now, valid when the event happened " +
			"and about what the event names: the goods, the commodity code, and of its holder the site and the activity (bizStep). Under one that names no goods its holder alone brings goods into being. Otherwise the event is accepted and flagged, and shows no badge; nor do goods that it names beside those of the certificate. " +
			"Goods for which the members have made a scheme mandatory are brought into being only under a certificate of it that holds.",
		Source: "EPCIS 2.0, section 7.4.1 (certificationInfo)",
		Reads:  []trace.Namespace{trace.NSCertificate, trace.NSClass},
		Finds: []Declared{
			{CodeCitedUnknown, trace.Flag, "cites a certificate that this ledger does not know"},
			{CodeCitedRevoked, trace.Flag, "cites a certificate that is revoked"},
			{CodeCitedOutOfTime, trace.Flag, "cites a certificate outside its validity"},
			{CodeCitedOutOfScope, trace.Flag, "cites a certificate that does not cover the goods"},
			{CodeCited, trace.Info, "the certificate holds"},
			{CodeCitedSuspended, trace.Flag, "cites a certificate that is suspended"},
			{CodeCitedUnaccredited, trace.Flag, "cites a certificate whose accreditation does not hold"},
			{CodeCitedOtherSite, trace.Flag, "cites a certificate that does not cover the site"},
			{CodeCitedOtherHS, trace.Flag, "cites a certificate that does not cover the commodity code"},
			{CodeCitedOtherStep, trace.Flag, "cites a certificate that does not cover the activity"},
			{CodeCitedOtherHolder, trace.Flag, "brings goods into being under the certificate of another organisation"},
			{CodeCitedTooMany, trace.Flag, "cites more certificates than are judged"},
			{CodeSchemeMissing, trace.Reject, "goods without the certificate that is mandatory for them"},
			{CodeSchemeMissing, trace.Flag, "foreign goods without the certificate that is mandatory for them"},
		},
	}
}
