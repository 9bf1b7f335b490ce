package contracts

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// ProposalFault says why a proposal of so many bytes can be carried out on no ledger,
// "" where that depends on the ledger. What is judged is what the proposal says by
// itself: forms of ids and keys, roles, the bounds of parameters.
func ProposalFault(g *epcis.Governance, size int) string {
	if fault := sizeFault(size); fault != "" {
		return fault
	}
	return changeFault(g)
}

func sizeFault(size int) string {
	if size > maxProposal {
		return fmt.Sprintf("the proposal has %d bytes, more than %d", size, maxProposal)
	}
	return ""
}

func changeFault(g *epcis.Governance) string {
	switch g.Change {
	case epcis.ChangeAdmit:
		o := proposedMember(g.Member)
		return faultOf(o.Validate())
	case epcis.ChangeAmend:
		return amendmentFault(g)
	case epcis.ChangeSuspend, epcis.ChangeReinstate, epcis.ChangeRemove:
		return organisationFault(g.Subject.URI)
	case epcis.ChangeParameters:
		p := identity.DefaultParameters() // each has its bounds whatever the others are
		return reparameterFault(&p, g.Parameters)
	case epcis.ChangeValidator:
		return validatorFault(g.Validator)
	case epcis.ChangeRuleset:
		return rulesetFault(g.Ruleset)
	case epcis.ChangeScheme:
		_, fault := mandatoryOf(g.Scheme)
		return fault
	case epcis.ChangePrefix:
		return licenceFault(g.Prefix)
	case epcis.ChangePlace:
		return placeFault(g.Place)
	}
	return "no such change"
}

func faultOf(err error) string {
	if err != nil {
		return err.Error()
	}
	return ""
}

func organisationFault(id string) string {
	if !identity.PartyID(id) {
		return id + " is no organisation's id: that is https://id.gs1.org/417/ and the 13 digits of its party GLN, the last of which is a check digit"
	}
	return ""
}

func amendmentFault(g *epcis.Governance) string {
	o := proposedMember(g.Member)
	switch {
	case o.ID != g.Subject.URI && o.ID != "":
		return "the member's id is not the subject"
	case len(o.Keys) > 0:
		return "an organisation adds and revokes its keys itself"
	}
	o.ID = g.Subject.URI
	return faultOf(o.ValidateDescription())
}

// reparameterFault sets parameters, as far as it finds no fault.
func reparameterFault(p *identity.Parameters, set []epcis.GovernedParameter) string {
	for _, one := range set {
		if err := p.Set(one.Name, one.Value); err != nil {
			return err.Error()
		}
	}
	return faultOf(p.Validate())
}

func validatorFault(v *epcis.GovernedValidator) string {
	switch _, ok := validatorKey(v.Key); {
	case !ok:
		return "the validator's key does not have 64 hex digits"
	case v.Power > maxValidatorPower:
		return fmt.Sprintf("a validator has at most %d of power", maxValidatorPower)
	case v.Power > 0:
		return organisationFault(v.Organisation)
	}
	return ""
}

func validatorKey(text string) (key identity.ValidatorKey, ok bool) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(key) {
		return key, false
	}
	copy(key[:], b)
	return key, true
}

func rulesetFault(r *epcis.GovernedRuleset) string {
	switch {
	case strings.TrimSpace(r.Name) == "" || strings.TrimSpace(r.Release) == "" || len(r.Name)+len(r.Release) > 200:
		return "name the ruleset and the release that has it, in at most 200 bytes"
	case r.Height == 0:
		return "height 0 is ahead of none"
	}
	return ""
}
