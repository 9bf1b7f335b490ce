package contracts

import (
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A3 role scope: what the roles of the signer's organisation let it write. An
// organisation with several roles may do what any of them may.
//
//	producer, manufacturer, trader,   epcis, masterdata
//	platform, merchant, retailer
//	carrier, warehouse                epcis; masterdata but of products
//	certifier                         certificate; epcis inspecting; masterdata but of products
//	accreditor                        certificate; masterdata but of products
//	customs:XX                        epcis inspecting, holding, accepting; masterdata but of products
//	bank                              masterdata but of products
//	every member                      governance; acknowledgement
//
// A customs record that declares or withdraws is for who makes or sells products,
// and for customs. What an authority decides, and its border gate, are for customs:XX
// of the record's country alone.
//
// Whatever its roles are by now, an organisation declares its own event wrong.
//
// Whose things master data may describe is rule A2. Every member may say what
// its own places and party are called, and describe its assets (GRAI, GIAI); products are
// for those who make or sell.
// Customs decisions (dispositions released, held, seized in our vocabulary) are
// for customs alone, each in its own country: at a readPoint whose master data says another
// country they are refused. Where nobody says in which country a place is, nothing is judged.
func (c *hearing) roleScope() error {
	switch c.record.Kind {
	case epcis.KindEvent:
		return c.eventScope(c.record.Event)
	case epcis.KindCertificate:
		if !c.signer.Has(identity.Certifier) && !c.signer.Has(identity.Accreditor) {
			c.kindNotAllowed("Certificates are issued and revoked by certifiers and accreditors.")
		}
	case epcis.KindMasterData:
		ns := trace.MasterDataKey(c.record.MasterData).NS
		product := (ns == trace.NSClass || ns == trace.NSLot || ns == trace.NSItem) && !isAsset(c.record.MasterData.ID)
		if product && !slices.ContainsFunc(c.signer.Roles, trades) {
			c.kindNotAllowed("Products are described by the organisation that makes or sells them.")
		}
	case epcis.KindGovernance, epcis.KindAcknowledgement: // every member
	case epcis.KindCustoms:
		c.customsScope(c.record.Customs)
	default:
		c.kindNotAllowed("This version of the rules knows no such records.")
	}
	return nil
}

func (c *hearing) eventScope(e *epcis.Event) error {
	term := customsTerm(e)
	foreign := term != "" && !slices.ContainsFunc(c.signer.Roles, isCustoms)
	may := slices.ContainsFunc(c.signer.Roles, func(r identity.Role) bool { return mayRecord(r, e.BizStep) })
	var abroad *trace.Fact
	if term != "" && !foreign {
		var err error
		if abroad, err = c.abroad(e); err != nil {
			return err
		}
	}
	if may && !foreign && abroad == nil {
		return nil
	}
	if own, err := c.correctsOwn(e); err != nil || own {
		return err
	}
	if abroad != nil {
		c.find(trace.Finding{
			Code:  CodeNotThatCustoms,
			Facts: append(c.roleFacts(), fact("disposition", term), *abroad),
			Next:  "The authority of that country records its own decision. If the place is in this one, have its member correct the place's master data.",
		})
	}
	if foreign {
		c.find(trace.Finding{
			Code:  CodeCustomsTerm,
			Facts: append(c.roleFacts(), fact("disposition", term)),
			Next:  "Record what you observed with a disposition of the CBV; the authority records its own decision.",
		})
	}
	if may {
		return nil
	}
	if !slices.ContainsFunc(c.signer.Roles, recordsEvents) {
		c.kindNotAllowed("The roles of the organisation do not include events.")
		return nil
	}
	c.find(trace.Finding{
		Code:  CodeStepNotAllowed,
		Facts: append(c.roleFacts(), fact("bizStep", e.BizStep)),
		Next:  "A certifier records inspecting; customs record inspecting, holding and accepting.",
	})
	return nil
}

// abroad says that the event is read at a place which is, by its master data, in the country of
// another authority; nil otherwise.
func (c *hearing) abroad(e *epcis.Event) (*trace.Fact, error) {
	if e.ReadPoint.IsZero() {
		return nil, nil
	}
	key := trace.Key{NS: trace.NSPlace, ID: e.ReadPoint.URI}
	place, err := c.described(key)
	if err != nil || place == nil || place.Country == "" {
		return nil, err
	}
	if err := c.relies(key, place, "its country"); err != nil || c.authority(place.Country) {
		return nil, err
	}
	is := factAt(e.ReadPoint.URI, "in "+place.Country, place.Seq)
	return &is, nil
}

// correctsOwn reports an event that declares one wrong which the signer's organisation
// recorded, when its roles were others: the first with its content, for a correction
// repeats that.
func (c *hearing) correctsOwn(e *epcis.Event) (bool, error) {
	if e.Correction == nil {
		return false, nil
	}
	hash := c.contentHash()
	if hash == "" {
		return false, nil
	}
	seq, ok, err := c.view.SameContent(hash)
	if err != nil {
		return false, fmt.Errorf("look for the event that is declared wrong: %w", err)
	}
	if !ok {
		return false, nil
	}
	return c.isOwn(seq)
}

// isOwn reports whether the signer's organisation recorded what stands at a seq.
func (c *hearing) isOwn(seq uint64) (bool, error) {
	key, _, err := c.signed(seq)
	if err != nil {
		return false, err
	}
	organisation, err := c.organisationOfKey(key)
	return organisation == c.signer.ID, err
}

func (c *hearing) customsScope(r *epcis.Customs) {
	if c.authority(r.Country) {
		return
	}
	if r.Action == epcis.CustomsDeclared || r.Action == epcis.CustomsWithdrawn {
		if !slices.ContainsFunc(c.signer.Roles, trades) {
			c.kindNotAllowed("Goods are declared by who makes or sells them, or by customs of the country itself.")
		}
		return
	}
	c.find(trace.Finding{
		Code:  CodeNotThatCustoms,
		Facts: append(c.roleFacts(), fact("country", r.Country), fact("action", r.Action)),
		Next:  "The authority records its own decision. Record what you observed as an event.",
	})
}

func (c *hearing) kindNotAllowed(next string) {
	c.find(trace.Finding{
		Code:  CodeKindNotAllowed,
		Facts: append(c.roleFacts(), fact("kind", string(c.record.Kind))),
		Next:  next,
	})
}

func (c *hearing) roleFacts() []trace.Fact {
	roles := make([]string, len(c.signer.Roles))
	for i, r := range c.signer.Roles {
		roles[i] = string(r)
	}
	return []trace.Fact{fact("organisation", c.signer.ID), fact("roles", strings.Join(roles, ", "))}
}

// trades reports whether a role makes or sells products.
func trades(r identity.Role) bool {
	switch r {
	case identity.Producer, identity.Manufacturer, identity.Trader, identity.Platform, identity.Merchant, identity.Retailer:
		return true
	}
	return false
}

// isAsset reports whether an identifier is of what a business uses and does not sell: a
// returnable asset (GRAI) or an individual one (GIAI), such as a crate or a data logger.
func isAsset(id epcis.ID) bool {
	return strings.HasPrefix(id.URI, "https://id.gs1.org/8003/") || strings.HasPrefix(id.URI, "https://id.gs1.org/8004/")
}

func isCustoms(r identity.Role) bool {
	_, ok := r.Customs()
	return ok
}

func recordsEvents(r identity.Role) bool {
	return r != identity.Bank && r != identity.Accreditor
}

func mayRecord(r identity.Role, bizStep string) bool {
	switch {
	case trades(r), r == identity.Carrier, r == identity.Warehouse:
		return true
	case r == identity.Certifier:
		return bizStep == stepInspecting
	case isCustoms(r):
		return bizStep == stepInspecting || bizStep == stepHolding || bizStep == stepAccepting
	}
	return false
}

// The business steps that rules know (CBV 2.0, section 7.1.2).
const (
	stepInspecting      = epcis.NamespaceCBV + "BizStep-inspecting"
	stepHolding         = epcis.NamespaceCBV + "BizStep-holding"
	stepAccepting       = epcis.NamespaceCBV + "BizStep-accepting"
	stepDestroying      = epcis.NamespaceCBV + "BizStep-destroying"
	stepDecommissioning = epcis.NamespaceCBV + "BizStep-decommissioning"
)

// customsTerm returns the event's disposition when it is a customs decision of
// our vocabulary, in any of the forms and places in which it may be written.
func customsTerm(e *epcis.Event) string {
	words := append([]string{e.Disposition}, e.Set...)
	if e.Misplaced != nil {
		words = append(words, e.Misplaced.Set...)
	}
	for _, d := range words {
		term, ok := strings.CutPrefix(d, epcis.Vocabulary)
		if !ok {
			continue
		}
		switch strings.TrimPrefix(strings.TrimPrefix(term, "Disp-"), "customs_") {
		case "released", "held", "seized":
			return d
		}
	}
	return ""
}

func roleContract() Contract {
	return Contract{
		Rule: "A3", Version: 1, Name: "role scope", Kinds: everyKind(), judge: (*hearing).roleScope,
		Says: "The roles of the signer's organisation say which kinds of records and which business steps it may record. Products are described by " +
			"who makes or sells them, assets (GRAI, GIAI) by every member. What " +
			"customs of a country decide, that authority alone records, at places of its country. An organisation whose roles have changed still declares " +
			"wrong what it recorded itself.",
		Source: "UNTP Digital Identity Anchor, registration scope",
		Reads:  []trace.Namespace{trace.NSPlace},
		Finds: []Declared{
			{CodeKindNotAllowed, trace.Reject, "the organisation's role does not allow this kind of record"},
			{CodeStepNotAllowed, trace.Reject, "the organisation's role does not allow this business step"},
			{CodeCustomsTerm, trace.Reject, "only customs may record this decision"},
			{CodeNotThatCustoms, trace.Reject, "only the customs authority of the country may record this"},
		},
	}
}
