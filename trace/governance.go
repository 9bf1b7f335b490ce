package trace

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
)

// governancePhrase is a governance record in a few words: "the proposal to set lateness to 604800".
func governancePhrase(g *epcis.Governance) string {
	var what string
	switch g.Action {
	case epcis.Propose:
		what = "the proposal to " + ProposedChange(g)
	case epcis.Vote:
		what = "a vote against the proposal " + g.ID.URI
		if g.Yes {
			what = "a vote for the proposal " + g.ID.URI
		}
	case epcis.Withdraw:
		what = "the withdrawal of the proposal " + g.ID.URI
	case epcis.AddKey:
		what = "the registration of the key " + g.Key
		if len(g.Kinds) > 0 {
			what += " for the kinds " + strings.Join(g.Kinds, ", ")
		}
		if g.Next != "" {
			what += ", of the next one by its hash " + g.Next
		}
	case epcis.RevokeKey:
		what = "the revocation of the key " + g.Key
		if g.CompromisedSince != nil {
			what += ", compromised since " + g.CompromisedSince.String()
		}
	case epcis.CommitKey:
		what = "the announcement of the next key by its hash " + g.Next
	default:
		what = g.Action + " of the kind governance"
	}
	if g.Reason != "" {
		what += " (" + g.Reason + ")"
	}
	return what
}

// ProposedChange says what a proposal is to change, as a sentence that begins with "to"
// would go on: all that somebody who votes on it decides about.
func ProposedChange(g *epcis.Governance) string {
	switch {
	case g.Member != nil:
		return memberChange(g)
	case g.Validator != nil && g.Validator.Power == 0:
		return fmt.Sprintf("take out the validator %s of %s", g.Validator.Key, g.Validator.Organisation)
	case g.Validator != nil:
		return fmt.Sprintf("give the validator %s of %s the power %d", g.Validator.Key, g.Validator.Organisation, g.Validator.Power)
	case g.Ruleset != nil:
		return fmt.Sprintf("have the ruleset %s of release %s judge from height %d on", g.Ruleset.Name, g.Ruleset.Release, g.Ruleset.Height)
	case g.Scheme != nil:
		var goods []string
		for _, code := range g.Scheme.HSCodes {
			goods = append(goods, "HS "+code)
		}
		goods = append(goods, g.Scheme.Classes...)
		return fmt.Sprintf("make the scheme %s mandatory for %s", g.Scheme.Scheme, cmp.Or(strings.Join(goods, ", "), "no goods any more"))
	case g.Prefix != nil:
		return fmt.Sprintf("have %s license the prefix %s", cmp.Or(g.Prefix.Licensee, "nobody any more"), g.Prefix.Prefix)
	case g.Place != nil:
		var parts []string
		if len(g.Place.Grant) > 0 {
			parts = append(parts, fmt.Sprintf("let %s use the place %s", strings.Join(g.Place.Grant, ", "), g.Place.ID))
		}
		if len(g.Place.Withdraw) > 0 {
			parts = append(parts, fmt.Sprintf("let %s no longer use the place %s", strings.Join(g.Place.Withdraw, ", "), g.Place.ID))
		}
		return strings.Join(parts, " and ")
	case len(g.Parameters) > 0:
		values := make([]string, len(g.Parameters))
		for i, p := range g.Parameters {
			values[i] = p.Name + " to " + p.Value
		}
		return "set " + strings.Join(values, ", ")
	}
	return strings.TrimSpace(g.Change + " " + g.Subject.URI)
}

// memberChange says who is admitted, or as what a member is described anew.
func memberChange(g *epcis.Governance) string {
	m := g.Member
	what := fmt.Sprintf("admit %s, %s", m.Name, m.ID)
	if g.Change != epcis.ChangeAdmit {
		what = fmt.Sprintf("describe %s anew as %s", g.Subject.URI, m.Name)
	}
	for _, part := range []struct {
		name   string
		values []string
	}{{"roles", m.Roles}, {"country", []string{m.Country}}, {"prefixes", m.Prefixes}, {"schemes", m.Schemes}, {"keys", m.Keys},
		{"peer", []string{m.Peer}}, {"node", []string{m.NodeID}}} {
		if all := strings.Join(part.values, ", "); all != "" {
			what += "; " + part.name + " " + all
		}
	}
	return what
}
