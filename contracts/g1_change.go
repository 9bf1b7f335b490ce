package contracts

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A change is what a proposal would do to the network as it is now.
type change struct {
	fault       string   // why it cannot be carried out
	validators  bool     // it is one of validators
	authorities []string // organisations whose yes it needs
	unanimous   bool     // it needs the yes of every active member
	apply       func() error
}

const (
	maxMembers        = 1024
	maxValidators     = 128
	maxValidatorPower = 1_000_000
	maxActivations    = 32
)

// change works out what a proposal does, and writes nothing before it is applied.
func (c *hearing) change(g *epcis.Governance) (*change, error) {
	ch := &change{fault: changeFault(g), validators: g.Change == epcis.ChangeValidator}
	if ch.fault != "" {
		return ch, nil
	}
	var err error
	switch g.Change {
	case epcis.ChangeAdmit:
		err = c.admit(ch, g.Member)
	case epcis.ChangeAmend:
		err = c.amend(ch, g.Subject.URI, g.Member)
	case epcis.ChangeSuspend:
		err = c.restand(ch, g.Subject.URI, identity.Suspended, identity.Active)
	case epcis.ChangeReinstate:
		err = c.restand(ch, g.Subject.URI, identity.Active, identity.Suspended)
	case epcis.ChangeRemove:
		err = c.restand(ch, g.Subject.URI, identity.Removed, identity.Active, identity.Suspended)
	case epcis.ChangeParameters:
		err = c.reparameter(ch, g.Parameters)
	case epcis.ChangeValidator:
		err = c.empower(ch, g.Validator)
	case epcis.ChangeRuleset:
		err = c.activate(ch, g.Ruleset)
	case epcis.ChangeScheme:
		err = c.mandate(ch, g.Scheme)
	case epcis.ChangePrefix:
		err = c.transferLicence(ch, g.Prefix)
	case epcis.ChangePlace:
		err = c.letUse(ch, g.Place)
	}
	return ch, err
}

func proposedMember(m *epcis.GovernedMember) identity.Organisation {
	o := identity.Organisation{ID: m.ID, Name: m.Name, Country: m.Country, Schemes: m.Schemes, Prefixes: m.Prefixes, Keys: m.Keys, Peer: m.Peer, NodeID: m.NodeID}
	for _, r := range m.Roles {
		o.Roles = append(o.Roles, identity.Role(r))
	}
	return o
}

// admit makes an organisation a member that is none, or that was removed.
func (c *hearing) admit(ch *change, m *epcis.GovernedMember) error {
	o := proposedMember(m)
	state, standing, known, err := c.organisation(o.ID)
	if err != nil {
		return err
	}
	if known && standing.Status != identity.Removed {
		ch.fault = o.ID + " is a member already"
		return nil
	}
	members, err := c.listMembers()
	if err != nil {
		return err
	}
	if len(members) >= maxMembers {
		ch.fault = fmt.Sprintf("there are %d members", len(members))
		return nil
	}
	keys, err := c.freeKeys(ch, &o)
	if err != nil || ch.fault != "" {
		return err
	}
	if err := c.free(ch, &o, members); err != nil || ch.fault != "" {
		return err
	}
	if err := c.needAuthorities(ch, o.Roles, nil, members); err != nil {
		return err
	}
	ch.apply = func() error {
		for _, k := range keys {
			state := identity.KeyState{Intervals: closed(nil, c.position.Seq, identity.KeyStanding{
				Status: identity.Active, Organisation: o.ID, PublicKey: k.public})}
			if err := c.write(k.key(), state); err != nil {
				return err
			}
		}
		state.Intervals = closed(state.Intervals, c.position.Seq, identity.OrganisationStanding{Status: identity.Active, Organisation: o})
		return errors.Join(c.unpublish(o.ID), c.license(&o, nil), c.enrol(members, o.ID, true), c.write(trace.Key{NS: trace.NSOrganisation, ID: o.ID}, state))
	}
	return nil
}

// amend describes a member anew; its keys are its own matter.
func (c *hearing) amend(ch *change, id string, m *epcis.GovernedMember) error {
	state, standing, known, err := c.organisation(id)
	if err != nil {
		return err
	}
	if !known || standing.Status == identity.Removed {
		ch.fault = id + " is no member"
		return nil
	}
	o := proposedMember(m)
	o.ID, o.Keys = id, standing.Organisation.Keys
	members, err := c.listMembers()
	if err != nil {
		return err
	}
	if err := c.free(ch, &o, members); err != nil || ch.fault != "" {
		return err
	}
	if err := c.needAuthorities(ch, o.Roles, standing.Organisation.Roles, members); err != nil {
		return err
	}
	before := standing.Organisation
	standing.Organisation = o
	ch.apply = func() error {
		state.Intervals = closed(state.Intervals, c.position.Seq, standing)
		return errors.Join(c.license(&o, before.Prefixes), c.write(trace.Key{NS: trace.NSOrganisation, ID: id}, state))
	}
	return nil
}

// restand gives a member another standing.
func (c *hearing) restand(ch *change, id string, to identity.Status, from ...identity.Status) error {
	state, standing, known, err := c.organisation(id)
	if err != nil {
		return err
	}
	if !known {
		ch.fault = id + " is no member"
		return nil
	}
	if !slices.Contains(from, standing.Status) {
		ch.fault = id + " is " + string(standing.Status)
		return nil
	}
	members, err := c.listMembers()
	if err != nil {
		return err
	}
	left := 0
	for _, m := range members {
		if m.Active && m.ID != id {
			left++
		}
	}
	if to != identity.Active && left == 0 {
		ch.fault = "nobody would be left"
		return nil
	}
	if to != identity.Active {
		shares, err := c.listValidators()
		if err != nil {
			return err
		}
		if ch.fault = outvoted(shares, members, id); ch.fault != "" {
			return nil
		}
	}
	if to == identity.Removed {
		if err := c.needAuthorities(ch, nil, standing.Organisation.Roles, members); err != nil {
			return err
		}
		if standing.Status == identity.Suspended { // it cannot agree
			asked := len(ch.authorities)
			ch.authorities = slices.DeleteFunc(ch.authorities, func(a string) bool { return a == id })
			ch.unanimous = len(ch.authorities) < asked
		}
	}
	standing.Status = to
	ch.apply = func() error {
		if to == identity.Removed {
			gone := identity.Organisation{ID: id}
			if err := errors.Join(c.revokeKeysOf(&standing.Organisation), c.license(&gone, standing.Organisation.Prefixes)); err != nil {
				return err
			}
		}
		state.Intervals = closed(state.Intervals, c.position.Seq, standing)
		return errors.Join(c.enrol(members, id, to == identity.Active), c.write(trace.Key{NS: trace.NSOrganisation, ID: id}, state))
	}
	return nil
}

// outvoted says that active members, but for one that is to leave, would run no more
// than two thirds of the validators' power, "" when they run more. The nodes of others
// are cut off: no block would follow, and with none no vote that mends it.
func outvoted(shares []ValidatorShare, members []Membership, leaves string) string {
	var all, behind uint64
	for _, s := range shares {
		all += s.Power
		at, there := slices.BinarySearchFunc(members, s.Organisation, func(m Membership, id string) int { return strings.Compare(m.ID, id) })
		if there && members[at].Active && s.Organisation != leaves {
			behind += s.Power
		}
	}
	if all == 0 || 3*behind > 2*all {
		return ""
	}
	return fmt.Sprintf("active members would run %d of %d of the validators' power, and more than two thirds make a block: change the validators first", behind, all)
}

func (c *hearing) reparameter(ch *change, set []epcis.GovernedParameter) error {
	p := *c.limits
	if ch.fault = reparameterFault(&p, set); ch.fault != "" {
		return nil
	}
	ch.apply = func() error { return c.write(trace.ParametersKey(), p) }
	return nil
}

// empower gives a validator its power; none takes it out.
func (c *hearing) empower(ch *change, v *epcis.GovernedValidator) error {
	key, _ := validatorKey(v.Key)
	shares, err := c.listValidators()
	if err != nil {
		return err
	}
	_, standing, known, err := c.organisation(v.Organisation)
	if err != nil {
		return err
	}
	at, there := slices.BinarySearchFunc(shares, ValidatorShare{Key: key}, compareShares)
	switch {
	case v.Power > 0 && (!known || standing.Status != identity.Active):
		ch.fault = "the organisation that runs it is no active member"
	case v.Power == 0 && !there:
		ch.fault = "there is no such validator"
	case v.Power == 0 && len(shares) == 1:
		ch.fault = "no validator would be left"
	case !there && len(shares) >= maxValidators:
		ch.fault = fmt.Sprintf("there are %d validators", len(shares))
	}
	if ch.fault != "" {
		return nil
	}
	share := ValidatorShare{Key: key, Power: v.Power, Organisation: v.Organisation}
	switch {
	case v.Power == 0:
		shares = slices.Delete(shares, at, at+1)
	case there:
		shares[at] = share
	default:
		shares = slices.Insert(shares, at, share)
	}
	members, err := c.listMembers()
	if err != nil {
		return err
	}
	ch.fault = outvoted(shares, members, "")
	ch.apply = func() error { return c.write(ValidatorsKey(), ValidatorsState{shares}) }
	return nil
}

// activate has another ruleset judge from a height on that leaves the nodes time. It
// takes the place of those that were to judge from there on and have not begun: what
// was voted by mistake is voted away by naming, before it, the ruleset that judges now.
func (c *hearing) activate(ch *change, r *epcis.GovernedRuleset) error {
	var s RulesetState
	if _, err := c.read(RulesetKey(), &s); err != nil {
		return err
	}
	if r.Height <= c.block.Height+1 {
		ch.fault = fmt.Sprintf("height %d is not ahead of this one, %d", r.Height, c.block.Height)
		return nil
	}
	s.Activations = slices.DeleteFunc(s.Activations, func(a Activation) bool { return a.Height >= r.Height })
	if len(s.Activations) == maxActivations {
		s.Activations = s.Activations[1:]
	}
	s.Activations = append(s.Activations, Activation{r.Height, r.Name, r.Release})
	ch.apply = func() error { return c.write(RulesetKey(), s) }
	return nil
}
