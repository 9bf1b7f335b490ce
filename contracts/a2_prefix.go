package contracts

import (
	"fmt"
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
// by naming them in its master data (wm:madeBy, "*" for everybody). A licence that the
// members transfer, or end, is judged by the time test of credentials: the birth happened
// in the licence's time, and the licence holds when it is recorded. What was born before stays
// as it is, and of a licence that has ended its last holder still describes it. SSCC, GRAI and whatever else needs no
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
	foreign, left, err := c.foreign(c.record)
	if err != nil {
		return err
	}
	if left > 0 {
		c.find(trace.Finding{
			Code:  CodePrefixesLeft,
			Facts: []trace.Fact{fact("looked up", fmt.Sprintf("%d prefixes", maxPrefixes)), fact("not looked up", fmt.Sprintf("those of %d more products, places or documents", left))},
			Next:  "Whether anybody here licenses these is not judged: record so many in several records.",
		})
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

// bornUnderOther finds births under another member's prefix, or outside the time in which
// the author licensed it, where the network's policy asks for that.
func (c *hearing) bornUnderOther() error {
	e := c.record.Event
	if e == nil || c.limits.PrefixAuthority == identity.PolicyOff || e.Correction != nil || e.Type != epcis.ObjectEvent ||
		e.Action != epcis.Add || !step(e, "commissioning") && !step(e, "creating_class_instance") {
		return nil
	}
	var found births
	for i := range e.EPCs {
		if err := c.bornAs(&found, &e.EPCs[i]); err != nil {
			return err
		}
	}
	for i := range e.Quantities {
		if err := c.bornAs(&found, &e.Quantities[i].Class); err != nil {
			return err
		}
	}
	severity := trace.Flag
	if c.limits.PrefixAuthority == identity.PolicyReject {
		severity = trace.Reject
	}
	for i, f := range [...]trace.Finding{
		{Code: CodeBornUnderOther, Title: "born under the prefix of another member",
			Next: "Have the licensee of the prefix record the birth, or name you in the master data of the product (wm:madeBy)."},
		{Code: CodeBornAfterLicence, Title: "born under a licence that has ended",
			Next: "Number it under a prefix that somebody licenses. What was born before stays as it is."},
		{Code: CodeBornBeforeLicence, Title: "born before the licence began",
			Next: "Check the date. What was born before belongs to who licensed the prefix then."},
	} {
		f.Severity = severity
		found.facts[i].found(c, f)
	}
	return nil
}

// births are those of one event that the licence of a prefix does not cover.
type births struct {
	class string // the one that was asked for last
	what  string // is the matter with it, "" for nothing
	seq   *uint64
	which int
	facts [3]tally // under another's prefix, after the licence, before it
}

// bornAs judges one of the things that an event brings into being.
func (c *hearing) bornAs(found *births, id *epcis.ID) error {
	if !needsBirth(id.URI) {
		return nil
	}
	if !isOfClass(id, found.class) {
		if err := c.bornOfClass(found, id); err != nil {
			return err
		}
	}
	if found.what != "" {
		found.facts[found.which].add(trace.Fact{Name: short(id.URI), Value: found.what, Seq: found.seq})
	}
	return nil
}

func (c *hearing) bornOfClass(found *births, id *epcis.ID) error {
	class := id.Class().URI
	found.class, found.what, found.seq = class, "", nil
	l, err := c.licence(*id)
	if err != nil || l == nil {
		return err
	}
	if l.Organisation == "" {
		found.which, found.what, found.seq = 1, fmt.Sprintf("licensed by %s until %s", l.Last(), licenceEnd(l)), l.Seq
		return nil
	}
	if l.Organisation != c.signer.ID {
		key := trace.Key{NS: trace.NSClass, ID: class}
		d, err := c.described(key)
		if err != nil {
			return err
		}
		if !allows(d, l.Organisation, c.signer.ID) {
			found.which, found.what, found.seq = 0, "licensed by "+l.Organisation, l.Seq
			return nil
		}
		if err := c.relies(key, d, "who may make it"); err != nil {
			return err
		}
	}
	if !l.Holds(c.record.Event.Time) {
		found.which, found.what, found.seq = 2, fmt.Sprintf("licensed by %s from %s on", l.Organisation, epcis.Instant{Seconds: *l.Since}), l.Seq
	}
	return nil
}

// licenceEnd is when the last licence ended.
func licenceEnd(l *trace.PrefixState) epcis.Instant {
	return epcis.Instant{Seconds: l.Past[len(l.Past)-1].Until}
}

// foreign lists, of the things that a record is about and that have a GS1 company
// prefix, those of a prefix that no member licenses, one for each product class; left is how
// many classes of other prefixes were not looked up.
func (c *hearing) foreign(r *epcis.Record) (out []string, left int, err error) {
	var checked []string // what stands before the serial
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
			left++
			continue
		}
		checked = append(checked, digits)
		licensee, err := c.licensee(*id)
		if err != nil {
			return nil, 0, err
		}
		if licensee == "" {
			out = append(out, id.URI)
		}
	}
	return out, left, nil
}

// maxPrefixes bounds the look-ups of one record; that there are more is flagged.
const maxPrefixes = 64

func (c *hearing) ownPrefix(digits string) bool {
	return slices.ContainsFunc(c.signer.Prefixes, func(p string) bool { return p != "" && strings.HasPrefix(digits, p) })
}

// licensee is the organisation that licenses the identifier's prefix, or did last: what it
// issued stays its own. It is "" when no member ever did or it has none.
func (c *hearing) licensee(id epcis.ID) (string, error) {
	digits := id.KeyDigits()
	if digits == "" {
		return "", nil
	}
	if c.ownPrefix(digits) {
		return c.signer.ID, nil
	}
	l, err := c.licenceOf(digits)
	if l == nil {
		return "", err
	}
	return l.Last(), nil
}

// licence is that of the identifier's prefix, which may have ended; nil when no member
// ever had one or it has none.
func (c *hearing) licence(id epcis.ID) (*trace.PrefixState, error) {
	digits := id.KeyDigits()
	if digits == "" {
		return nil, nil
	}
	own := ""
	for _, p := range c.signer.Prefixes {
		if len(p) > len(own) && strings.HasPrefix(digits, p) {
			own = p
		}
	}
	if own != "" {
		return c.prefix(own)
	}
	return c.licenceOf(digits)
}

// licenceOf finds the longest prefix that somebody licenses, else the longest that somebody
// did: GS1 company prefixes have 4 to 12 digits.
func (court *Court) licenceOf(digits string) (*trace.PrefixState, error) {
	var past *trace.PrefixState
	for n := min(12, len(digits)); n >= 4; n-- {
		l, err := court.prefix(digits[:n])
		if err != nil || l != nil && l.Organisation != "" {
			return l, err
		}
		if past == nil {
			past = l
		}
	}
	return past, nil
}

// maxLicensees bounds what a court remembers: an author can make prefixes up.
const maxLicensees = 4096

// prefix is the state of a prefix, nil where nobody ever licensed it.
func (court *Court) prefix(digits string) (*trace.PrefixState, error) {
	if l, ok := court.licences[digits]; ok {
		return l, nil
	}
	l := new(trace.PrefixState)
	if _, err := court.read(trace.PrefixKey(digits), l); err != nil {
		return nil, err
	}
	if l.Last() == "" {
		l = nil
	}
	if len(court.licences) < maxLicensees {
		court.licences[digits] = l
	}
	return l, nil
}

// isForeign reports whether the identifier has a GS1 company prefix that no
// member licenses, or ever did.
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
			"malformedIdentifiers may say that what does not parse is refused. So is what is born, or recorded, after the author's licence " +
			"has ended or gone to another, and what was born before it came from another: both hold for their time, and what was born " +
			"in it stays valid.",
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
			{CodeBornAfterLicence, trace.Flag, "born under a licence that has ended"},
			{CodeBornAfterLicence, trace.Reject, "born under a licence that has ended, and the network refuses that"},
			{CodeBornBeforeLicence, trace.Flag, "born before the licence began"},
			{CodeBornBeforeLicence, trace.Reject, "born before the licence began, and the network refuses that"},
			{CodePrefixesLeft, trace.Flag, "more prefixes than are looked up"},
		},
	}
}
