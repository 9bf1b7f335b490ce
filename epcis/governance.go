package epcis

import (
	"slices"
	"strings"
)

// GovernanceType is the type of governance records in JSON.
const GovernanceType = Vocabulary + "Governance"

// The actions of a governance record.
const (
	Propose  = "propose"  // a change that the members vote on
	Vote     = "vote"     // for or against a proposal
	Withdraw = "withdraw" // the proposer takes its proposal back
	// The signer's own operating keys, without a vote.
	AddKey    = "addKey"
	RevokeKey = "revokeKey"
	CommitKey = "commitKey" // publishes the hash of the next key
)

// The changes that can be proposed.
const (
	ChangeAdmit      = "admit"      // Member becomes a member
	ChangeAmend      = "amend"      // Subject's roles, prefixes, schemes, name, node ids become Member's
	ChangeSuspend    = "suspend"    // Subject writes nothing until it is reinstated
	ChangeReinstate  = "reinstate"  // Subject writes again
	ChangeRemove     = "remove"     // Subject is no member any more
	ChangeParameters = "parameters" // the network's parameters that Parameters names
	ChangeValidator  = "validator"  // the power of Validator; 0 takes it out
	ChangeRuleset    = "ruleset"    // Ruleset judges from its height on
	ChangeScheme     = "scheme"     // Scheme is mandatory for the goods that it names, and no others
	ChangePrefix     = "prefix"     // Prefix is licensed by the member that it names, or by none any more
	ChangePlace      = "place"      // members that Place names may use it, or may no longer
)

// Governance is a governance record: members propose changes of the network and
// vote on them, and look after their own keys.
//
// JSON: {"@context":…,"type":"wm:Governance","action":"propose"|"vote"|"withdraw"|"addKey"|"revokeKey"|"commitKey",
// "id":"<URI of the proposal>","change":"admit"|…,"subject":"<organisation>","member":{"id":…,"name":…,
// "country":…,"roles":[…],"schemes":[…],"prefixes":[…],"keys":[…],"peer":…,"nodeId":…},
// "parameters":{"<name>":<whole number, decimal or word>},"validator":{"organisation":…,"key":"<64 hex digits>","power":<number>},
// "ruleset":{"name":…,"release":…,"height":<number>},"scheme":{"scheme":<URI>,"hsCodes":[…],"classes":[…]},
// "prefix":{"prefix":…,"licensee":…},"place":{"id":<GLN>,"grant":[…],"withdraw":[…]},"vote":"yes"|"no","key":"0x…","kinds":[…],"compromisedSince":"…","next":"0x…",
// "reason":"…"}. An action has the members that it needs and no others.
type Governance struct {
	Action           string
	ID               ID // of the proposal
	Change           string
	Subject          ID // the organisation that a change is about
	Member           *GovernedMember
	Parameters       []GovernedParameter // sorted as written
	Validator        *GovernedValidator
	Ruleset          *GovernedRuleset
	Scheme           *GovernedScheme
	Prefix           *GovernedPrefix
	Place            *GovernedPlace
	Yes              bool     // of a vote
	Key              string   // of addKey: the compressed public key; of revokeKey: the address; 0x hex
	Kinds            []string // of addKey: the kinds of records that it signs, each once; none: all
	CompromisedSince *Instant
	Next             string // of addKey and commitKey: the hash of the key that is added next, 0x and 64 hex digits
	Reason           string
}

// GovernedMember is an organisation as a proposal describes it.
type GovernedMember struct {
	ID, Name, Country              string
	Roles, Schemes, Prefixes, Keys []string
	Peer, NodeID                   string
}

// GovernedParameter is a network parameter and its proposed value, a whole number,
// an exact decimal or a word, as text: "604800", "0.005", "reject".
type GovernedParameter struct {
	Name, Value string
}

// GovernedValidator is a validator and its proposed power.
type GovernedValidator struct {
	Organisation string
	Key          string // Ed25519 public key, 64 hex digits
	Power        uint64
}

// GovernedRuleset is a ruleset and the height from which it is to judge.
type GovernedRuleset struct {
	Name    string
	Release string // of Waymark that has it, for whoever lacks it
	Height  uint64
}

// GovernedScheme is a certification scheme and the goods for which it is to be
// mandatory: by commodity code and by product class; none lifts it.
type GovernedScheme struct {
	Scheme           string
	HSCodes, Classes []string
}

// GovernedPrefix is a GS1 company prefix and the member that is to license it, "" for none.
type GovernedPrefix struct {
	Prefix, Licensee string
}

// GovernedPlace is a place, by its GLN, and the members that are to use it, or no longer.
type GovernedPlace struct {
	ID              string
	Grant, Withdraw []string
}

func (d *decoder) governance(v *Value) *Governance {
	d.ownType(v, GovernanceType)
	g := &Governance{}
	for i := range v.Obj.Members {
		m := &v.Obj.Members[i]
		switch m.Name {
		case "@context", "type":
		case "action":
			g.Action = d.str(m.Value, top(m.Name))
		case "id":
			g.ID = d.id(m.Value, top(m.Name))
		case "change":
			g.Change = d.str(m.Value, top(m.Name))
		case "subject":
			g.Subject = d.id(m.Value, top(m.Name))
		case "member":
			g.Member = d.governedMember(m.Value)
		case "parameters":
			g.Parameters = d.governedParameters(m.Value)
		case "validator":
			g.Validator = d.governedValidator(m.Value)
		case "ruleset":
			g.Ruleset = d.governedRuleset(m.Value)
		case "scheme":
			g.Scheme = d.governedScheme(m.Value)
		case "prefix":
			g.Prefix = d.governedPrefix(m.Value)
		case "place":
			g.Place = d.governedPlace(m.Value)
		case "vote":
			vote := d.str(m.Value, top(m.Name))
			if g.Yes = vote == "yes"; !g.Yes && vote != "no" {
				d.fail(m.Value, top(m.Name), "must be yes or no")
			}
		case "key":
			g.Key = d.str(m.Value, top(m.Name))
		case "kinds":
			g.Kinds = d.kinds(m.Value)
		case "compromisedSince":
			t := d.instant(m.Value, top(m.Name))
			g.CompromisedSince = &t
		case "next":
			g.Next = d.str(m.Value, top(m.Name))
		case "reason":
			g.Reason = d.str(m.Value, top(m.Name))
		default:
			d.unknown(m, place{}, "@context", "type", "action", "id", "change", "subject", "member", "parameters",
				"validator", "ruleset", "scheme", "prefix", "place", "vote", "key", "kinds", "compromisedSince", "next", "reason")
		}
		if d.fault != nil {
			return nil
		}
	}
	d.wholeGovernance(g, v)
	return g
}

// wholeGovernance checks that an action, and a change, has just what it needs.
func (d *decoder) wholeGovernance(g *Governance, v *Value) {
	var needs, may []string
	switch g.Action {
	case Propose:
		needs, may = []string{"id", "change"}, []string{"reason"}
		switch g.Change {
		case ChangeAdmit:
			needs = append(needs, "member")
		case ChangeAmend:
			needs = append(needs, "subject", "member")
		case ChangeSuspend, ChangeReinstate, ChangeRemove:
			needs = append(needs, "subject")
		case ChangeParameters, ChangeValidator, ChangeRuleset, ChangeScheme, ChangePrefix, ChangePlace:
			needs = append(needs, g.Change)
		default:
			if change := v.Obj.Get("change"); change != nil {
				d.fail(change, top("change"), "must be admit, amend, suspend, reinstate, remove, parameters, validator, ruleset, scheme, prefix or place")
			}
		}
	case Vote:
		needs, may = []string{"id", "vote"}, []string{"reason"}
	case Withdraw:
		needs, may = []string{"id"}, []string{"reason"}
	case AddKey:
		needs, may = []string{"key"}, []string{"kinds", "next", "reason"}
	case CommitKey:
		needs, may = []string{"next"}, []string{"reason"}
	case RevokeKey:
		needs, may = []string{"key", "reason"}, []string{"compromisedSince"}
	default:
		if action := v.Obj.Get("action"); action != nil {
			d.fail(action, top("action"), "must be propose, vote, withdraw, addKey, revokeKey or commitKey")
		} else {
			d.fail(v, place{}, "a governance record needs an action")
		}
		return
	}
	d.need(v, "a governance record", needs...)
	for i := range v.Obj.Members {
		m := &v.Obj.Members[i]
		if !slices.Contains(needs, m.Name) && !slices.Contains(may, m.Name) && m.Name != "@context" && m.Name != "type" && m.Name != "action" {
			d.fail(m.Value, top(m.Name), "does not belong to a governance record with this action")
		}
	}
}

// kinds reads the kinds of records that a key is for.
func (d *decoder) kinds(v *Value) []string {
	list := d.texts(v, top("kinds"))
	for i, kind := range list {
		if !Kind(kind).Known() || slices.Contains(list[:i], kind) {
			d.fail(v, top("kinds"), "must name kinds of records, each once: "+strings.Join(KindNames(), ", "))
		}
	}
	if d.fault == nil && len(list) == 0 {
		d.fail(v, top("kinds"), "names no kind of records; leave it out for a key that signs all")
	}
	return list
}

func (d *decoder) governedMember(v *Value) *GovernedMember {
	o := d.object(v, top("member"))
	if o == nil {
		return nil
	}
	g := &GovernedMember{}
	for i := range o.Members {
		m := &o.Members[i]
		p := top("member").at(m.Name)
		switch m.Name {
		case "id":
			g.ID = d.id(m.Value, p).URI
		case "name":
			g.Name = d.str(m.Value, p)
		case "country":
			g.Country = d.str(m.Value, p)
		case "roles":
			g.Roles = d.texts(m.Value, p)
		case "schemes":
			g.Schemes = d.texts(m.Value, p)
		case "prefixes":
			g.Prefixes = d.texts(m.Value, p)
		case "keys":
			g.Keys = d.texts(m.Value, p)
		case "peer":
			g.Peer = d.str(m.Value, p)
		case "nodeId":
			g.NodeID = d.str(m.Value, p)
		default:
			d.notKnown(m, top("member").at(m.Name), "id", "name", "country", "roles", "schemes", "prefixes", "keys", "peer", "nodeId")
		}
	}
	return g
}

func (d *decoder) governedParameters(v *Value) []GovernedParameter {
	o := d.object(v, top("parameters"))
	if o == nil {
		return nil
	}
	if len(o.Members) == 0 {
		d.fail(v, top("parameters"), "names no parameter")
	}
	list := make([]GovernedParameter, 0, len(o.Members))
	for i := range o.Members {
		m := &o.Members[i]
		list = append(list, GovernedParameter{m.Name, d.parameter(m.Value, top("parameters").at(m.Name))})
	}
	return list
}

// maxParameter is how many characters the value of a parameter may have.
const maxParameter = 32

// parameter reads a parameter's value. Numbers are not negative and short enough
// to be written out.
func (d *decoder) parameter(v *Value, p place) string {
	if v != nil && v.Kind == String {
		text := d.str(v, p)
		if text == "" || len(text) > maxParameter {
			d.fail(v, p, "must have 1 to 32 characters")
		}
		return text
	}
	n := d.decimal(v, p)
	if n == nil {
		return ""
	}
	text := n.String()
	if whole, _, _ := strings.Cut(text, "."); text[0] == '-' || len(whole) > 16 || len(text) > maxParameter {
		d.fail(v, p, "must be a number that is not negative, of at most 16 digits before the point")
		return ""
	}
	return text
}

func (d *decoder) governedValidator(v *Value) *GovernedValidator {
	o := d.object(v, top("validator"))
	if o == nil {
		return nil
	}
	g := &GovernedValidator{}
	for i := range o.Members {
		m := &o.Members[i]
		p := top("validator").at(m.Name)
		switch m.Name {
		case "organisation":
			g.Organisation = d.id(m.Value, p).URI
		case "key":
			g.Key = d.str(m.Value, p)
		case "power":
			g.Power = d.whole(m.Value, p)
		default:
			d.notKnown(m, top("validator").at(m.Name), "organisation", "key", "power")
		}
	}
	return g
}

func (d *decoder) governedRuleset(v *Value) *GovernedRuleset {
	o := d.object(v, top("ruleset"))
	if o == nil {
		return nil
	}
	g := &GovernedRuleset{}
	for i := range o.Members {
		m := &o.Members[i]
		p := top("ruleset").at(m.Name)
		switch m.Name {
		case "name":
			g.Name = d.str(m.Value, p)
		case "release":
			g.Release = d.str(m.Value, p)
		case "height":
			g.Height = d.whole(m.Value, p)
		default:
			d.notKnown(m, top("ruleset").at(m.Name), "name", "release", "height")
		}
	}
	return g
}

func (d *decoder) governedScheme(v *Value) *GovernedScheme {
	o := d.object(v, top("scheme"))
	if o == nil {
		return nil
	}
	g := &GovernedScheme{}
	for i := range o.Members {
		m := &o.Members[i]
		p := top("scheme").at(m.Name)
		switch m.Name {
		case "scheme":
			g.Scheme = d.uri(m.Value, p) // what a certificate can name
		case "hsCodes":
			g.HSCodes = d.texts(m.Value, p)
		case "classes":
			g.Classes = d.texts(m.Value, p)
		default:
			d.notKnown(m, p, "scheme", "hsCodes", "classes")
		}
	}
	return g
}

func (d *decoder) governedPrefix(v *Value) *GovernedPrefix {
	o := d.object(v, top("prefix"))
	if o == nil {
		return nil
	}
	g := &GovernedPrefix{}
	for i := range o.Members {
		m := &o.Members[i]
		p := top("prefix").at(m.Name)
		switch m.Name {
		case "prefix":
			g.Prefix = d.str(m.Value, p)
		case "licensee":
			g.Licensee = d.id(m.Value, p).URI
		default:
			d.notKnown(m, p, "prefix", "licensee")
		}
	}
	return g
}

func (d *decoder) governedPlace(v *Value) *GovernedPlace {
	o := d.object(v, top("place"))
	if o == nil {
		return nil
	}
	g := &GovernedPlace{}
	for i := range o.Members {
		m := &o.Members[i]
		p := top("place").at(m.Name)
		switch m.Name {
		case "id":
			g.ID = d.id(m.Value, p).URI
		case "grant":
			g.Grant = d.organisations(m.Value, p)
		case "withdraw":
			g.Withdraw = d.organisations(m.Value, p)
		default:
			d.notKnown(m, p, "id", "grant", "withdraw")
		}
	}
	return g
}

// organisations reads a list of them, by id.
func (d *decoder) organisations(v *Value, p place) []string {
	items := d.items(v, p)
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = d.id(item, p).URI
	}
	return out
}

// notKnown refuses a member of a part in which a slip of the pen would change what
// is voted on.
func (d *decoder) notKnown(m *Member, p place, names ...string) {
	d.fail(m.Value, p, "is not known here; known are "+strings.Join(names, ", "))
}

// whole reads a number without a fraction, from 0 to 2^53, which every reader of
// JSON has exactly.
func (d *decoder) whole(v *Value, p place) uint64 {
	n := d.decimal(v, p)
	if n == nil {
		return 0
	}
	var out uint64
	text := n.String()
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' || out > 1<<53 {
			d.fail(v, p, "must be a whole number from 0 to 9007199254740992")
			return 0
		}
		out = out*10 + uint64(text[i]-'0')
	}
	if out > 1<<53 {
		d.fail(v, p, "must be a whole number from 0 to 9007199254740992")
	}
	return out
}

// texts reads a list of strings.
func (d *decoder) texts(v *Value, p place) []string {
	items := d.items(v, p)
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = d.str(item, p)
	}
	return out
}
