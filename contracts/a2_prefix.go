package contracts

import (
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A2 prefix authority. Master data is signed by the member that licenses the
// identifier's GS1 company prefix: another member's is refused. What no member
// licenses is foreign and flagged, master data and events alike.
//
// A birth (an ObjectEvent ADD at commissioning or creating_class_instance) of what
// another member's prefix identifies is taken as the network's parameter
// prefixAuthority says: off, flag or reject. The licensee lets others make a product
// by naming them in its master data (wm:madeBy, "*" for everybody). SSCC, GRAI and whatever else needs no
// birth is not judged. A GS1-shaped identifier that does not parse is kept as it
// stands, and flagged or refused as malformedIdentifiers says.
func (c *hearing) prefixAuthority() error {
	if c.record.MasterData != nil {
		return c.description(c.record.MasterData)
	}
	if err := c.bornUnderOther(); err != nil {
		return err
	}
	c.malformedIDs(c.record)
	foreign, err := c.foreign(c.record)
	if err != nil {
		return err
	}
	if len(foreign) > 0 {
		var facts tally
		for _, id := range foreign {
			facts.add(fact("identifier", id))
		}
		c.find(trace.Finding{
			Code:  CodeForeign,
			Facts: facts.facts,
			Next:  "Nothing here vouches for the identifier: check with the brand owner that it issued it.",
		})
	}
	return nil
}

// description judges a masterdata record and keeps the name it gives.
func (c *hearing) description(m *epcis.MasterData) error {
	c.malformedIDs(c.record)
	licensee, err := c.licensee(m.ID)
	if err != nil {
		return err
	}
	if licensee != "" && licensee != c.signer.ID {
		c.find(trace.Finding{
			Code:  CodeNotPrefixHolder,
			Facts: []trace.Fact{fact("identifier", m.ID.URI), fact("licensee", licensee), fact("signer", c.signer.ID)},
			Next:  "Ask the licensee to describe it.",
		})
		return nil
	}
	if licensee == "" {
		c.find(trace.Finding{
			Code:  CodeForeign,
			Facts: []trace.Fact{fact("identifier", m.ID.URI)},
			Next:  "Nothing here vouches for the description: check it with the brand owner.",
		})
	}
	key := trace.MasterDataKey(m)
	if !trace.KeepsDescription(key.NS) {
		return nil
	}
	var before trace.DescriptionState
	found, err := c.read(key, &before)
	if err != nil {
		return err
	}
	if found && licensee == "" && before.Organisation != c.signer.ID {
		c.find(trace.Finding{
			Code:  CodeOtherDescriber,
			Facts: []trace.Fact{factAt("described by", before.Organisation, before.Seq)},
			Next:  "The first description keeps naming it.",
		})
		return nil
	}
	state := trace.DescriptionState{Seq: c.position.Seq, Organisation: c.signer.ID, Name: short(m.Name)}
	if key.NS == trace.NSPlace {
		state.Country = countryOfPlace(m)
	}
	if key.NS == trace.NSClass {
		weigh(&state, m)
	}
	c.describe(&state, m.Attributes, key.NS == trace.NSPlace)
	return c.write(key, state)
}

func (c *hearing) malformedIDs(r *epcis.Record) {
	var malformed tally
	for id := range r.Named() {
		if id.Malformed != "" {
			malformed.add(fact(short(id.URI), id.Malformed))
		}
	}
	if malformed.n > 0 && c.limits.MalformedIdentifiers == identity.PolicyReject {
		c.find(trace.Finding{
			Severity: trace.Reject, Code: CodeMalformedID,
			Title: "a GS1 identifier does not parse",
			Facts: malformed.facts,
			Next:  "Correct the identifier: this network takes none that looks like a GS1 key and is none.",
		})
	} else if malformed.n > 0 {
		c.find(trace.Finding{
			Severity: trace.Flag, Code: CodeMalformedID,
			Title: "a GS1 identifier does not parse",
			Facts: malformed.facts,
			Next:  "It is kept as it stands and matches nothing else. If it is a typing error, declare the event wrong and record it again.",
		})
	}
}

// bornUnderOther finds births under another member's prefix, where the network's
// policy asks for that.
func (c *hearing) bornUnderOther() error {
	e := c.record.Event
	if e == nil || c.limits.PrefixAuthority == identity.PolicyOff || e.Correction != nil || e.Type != epcis.ObjectEvent ||
		e.Action != epcis.Add || !step(e, "commissioning") && !step(e, "creating_class_instance") {
		return nil
	}
	var others tally
	ids := slices.Clone(e.EPCs)
	for i := range e.Quantities {
		ids = append(ids, e.Quantities[i].Class)
	}
	for _, id := range ids {
		if !needsBirth(id.URI) {
			continue
		}
		licensee, err := c.licensee(id)
		if err != nil {
			return err
		}
		if licensee == "" || licensee == c.signer.ID {
			continue
		}
		key := trace.Key{NS: trace.NSClass, ID: id.Class().URI}
		d, err := c.described(key)
		if err != nil {
			return err
		}
		if !allows(d, licensee, c.signer.ID) {
			others.add(fact(id.URI, "licensed by "+licensee))
		} else if err := c.relies(key, d, "who may make it"); err != nil {
			return err
		}
	}
	severity, next := trace.Flag, "Have the licensee of the prefix name you in the master data of the product (wm:madeBy), or record the birth itself."
	if c.limits.PrefixAuthority == identity.PolicyReject {
		severity, next = trace.Reject, "Have the licensee of the prefix record the birth, or name you in the master data of the product (wm:madeBy)."
	}
	others.found(c, trace.Finding{Severity: severity, Code: CodeBornUnderOther, Title: "born under the prefix of another member", Next: next})
	return nil
}

// foreign lists, of the things that a record is about and that have a GS1 company
// prefix, those of a prefix that no member licenses, one for each product class.
func (c *hearing) foreign(r *epcis.Record) ([]string, error) {
	var checked, out []string // checked holds what stands before the serial
	class := ""
	for id := range r.Named() {
		if isOfClass(id, class) {
			continue
		}
		class = id.Class().URI
		digits := id.KeyDigits()
		if digits == "" {
			continue
		}
		if len(digits) > 12 {
			digits = digits[:12]
		}
		if slices.Contains(checked, digits) || c.ownPrefix(digits) {
			continue
		}
		if len(checked) == maxPrefixes {
			break
		}
		checked = append(checked, digits)
		licensee, err := c.licensee(*id)
		if err != nil {
			return nil, err
		}
		if licensee == "" {
			out = append(out, id.URI)
		}
	}
	return out, nil
}

// maxPrefixes bounds the look-ups of one record.
const maxPrefixes = 64

func (c *hearing) ownPrefix(digits string) bool {
	return slices.ContainsFunc(c.signer.Prefixes, func(p string) bool { return p != "" && strings.HasPrefix(digits, p) })
}

// licensee is the organisation that licenses the identifier's prefix, "" when
// no member does or it has none. The longest prefix counts: GS1 company
// prefixes have 4 to 12 digits.
func (c *hearing) licensee(id epcis.ID) (string, error) {
	digits := id.KeyDigits()
	if digits == "" {
		return "", nil
	}
	if c.ownPrefix(digits) {
		return c.signer.ID, nil
	}
	for n := min(12, len(digits)); n >= 4; n-- {
		organisation, err := c.licenseeOf(digits[:n])
		if err != nil || organisation != "" {
			return organisation, err
		}
	}
	return "", nil
}

// maxLicensees bounds what a court remembers: an author can make prefixes up.
const maxLicensees = 4096

func (court *Court) licenseeOf(prefix string) (string, error) {
	if organisation, ok := court.licensees[prefix]; ok {
		return organisation, nil
	}
	var s trace.PrefixState
	if _, err := court.read(trace.PrefixKey(prefix), &s); err != nil {
		return "", err
	}
	if len(court.licensees) < maxLicensees {
		court.licensees[prefix] = s.Organisation
	}
	return s.Organisation, nil
}

// isForeign reports whether the identifier has a GS1 company prefix that no
// member licenses.
func (c *hearing) isForeign(id epcis.ID) (bool, error) {
	if id.KeyDigits() == "" {
		return false, nil
	}
	licensee, err := c.licensee(id)
	return licensee == "", err
}

func prefixContract() Contract {
	return Contract{
		Rule: "A2", Version: 1, Name: "prefix authority", Kinds: thingKinds(), judge: (*hearing).prefixAuthority,
		Says: "Master data is signed by the member that licenses the identifier's GS1 company prefix. What no member " +
			"licenses, and what does not parse as the GS1 key that it looks like, is accepted and flagged. What is born under the " +
			"prefix of another member, which does not name the author in the product's master data (wm:madeBy), is not judged, flagged " +
			"or refused as the network's parameter prefixAuthority says; " +
			"malformedIdentifiers may say that what does not parse is refused.",
		Source: "GS1 General Specifications (GS1 Company Prefix); W3C vc-use-cases#146",
		Reads:  []trace.Namespace{trace.NSClass, trace.NSLot, trace.NSPlace},
		Writes: []trace.Namespace{trace.NSClass, trace.NSLot, trace.NSPlace},
		Finds: []Declared{
			{CodeForeign, trace.Flag, "no member licenses the prefix"},
			{CodeNotPrefixHolder, trace.Reject, "master data is signed by the member that licenses the prefix"},
			{CodeMalformedID, trace.Flag, "a GS1 identifier does not parse"},
			{CodeMalformedID, trace.Reject, "a GS1 identifier does not parse, and the network refuses that"},
			{CodeOtherDescriber, trace.Flag, "another organisation described it first"},
			{CodeBornUnderOther, trace.Flag, "born under the prefix of another member"},
			{CodeBornUnderOther, trace.Reject, "born under the prefix of another member, and the network refuses that"},
		},
	}
}
