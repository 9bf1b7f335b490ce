package contracts

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

func placeFault(p *epcis.GovernedPlace) string {
	if id := epcis.Canonical(p.ID); !id.IsGLN() || id.URI != p.ID {
		return cmp.Or(p.ID, "what is named") + " is no place: that is https://id.gs1.org/414/ and the 13 digits of its GLN, and its extension if it has one"
	}
	all := slices.Concat(p.Grant, p.Withdraw)
	if len(all) == 0 {
		return "name the members that may use the place, or may no longer"
	}
	for i, organisation := range all {
		if fault := organisationFault(organisation); fault != "" {
			return fault
		}
		if slices.Contains(all[:i], organisation) {
			return organisation + " is named twice"
		}
	}
	return ""
}

// letUse has members use a place, whosever it is, or takes that back. What the place's own
// member says in its master data stands beside it.
func (c *hearing) letUse(ch *change, p *epcis.GovernedPlace) error {
	var s trace.PlaceState
	if _, err := c.read(trace.PlaceKey(p.ID), &s); err != nil {
		return err
	}
	for _, organisation := range p.Grant {
		_, standing, known, err := c.organisation(organisation)
		if err != nil {
			return err
		}
		at, there := slices.BinarySearch(s.Users, organisation)
		switch {
		case !known || standing.Status == identity.Removed:
			ch.fault = organisation + " is no member"
			return nil
		case there:
			ch.fault = organisation + " may use it by vote already"
			return nil
		}
		s.Users = slices.Insert(s.Users, at, organisation)
	}
	for _, organisation := range p.Withdraw {
		at, there := slices.BinarySearch(s.Users, organisation)
		if !there {
			ch.fault = "no vote lets " + organisation + " use it"
			return nil
		}
		s.Users = slices.Delete(s.Users, at, at+1)
	}
	if len(s.Users) > maxAllowed {
		ch.fault = fmt.Sprintf("%d members would use it by vote, more than %d", len(s.Users), maxAllowed)
		return nil
	}
	ch.apply = func() error { return c.write(trace.PlaceKey(p.ID), s) }
	return nil
}
