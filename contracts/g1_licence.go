package contracts

import (
	"errors"
	"fmt"
	"slices"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

func licenceFault(p *epcis.GovernedPrefix) string {
	switch {
	case !identity.IsPrefix(p.Prefix):
		return fmt.Sprintf("prefix %q does not have 4 to 12 digits", p.Prefix)
	case p.Licensee != "":
		return organisationFault(p.Licensee)
	}
	return ""
}

// transferLicence has a member license a prefix, in the place of who did, or nobody. Both
// descriptions follow: the prefix leaves one and stands in the other.
func (c *hearing) transferLicence(ch *change, p *epcis.GovernedPrefix) error {
	var licence trace.PrefixState
	if _, err := c.read(trace.PrefixKey(p.Prefix), &licence); err != nil {
		return err
	}
	switch {
	case licence.Organisation == p.Licensee && p.Licensee == "":
		ch.fault = "no member licenses prefix " + p.Prefix
	case licence.Organisation == p.Licensee:
		ch.fault = fmt.Sprintf("prefix %s is that of %s", p.Prefix, p.Licensee)
	}
	if ch.fault != "" {
		return nil
	}
	from, holder, held, err := c.organisation(licence.Organisation)
	if err != nil {
		return err
	}
	var to identity.OrganisationState
	var licensee identity.OrganisationStanding
	if p.Licensee != "" {
		var known bool
		if to, licensee, known, err = c.organisation(p.Licensee); err != nil {
			return err
		}
		if !known || licensee.Status == identity.Removed {
			ch.fault = p.Licensee + " is no member"
			return nil
		}
		members, err := c.listMembers()
		if err != nil {
			return err
		}
		licensee.Organisation.Prefixes = append(slices.Clone(licensee.Organisation.Prefixes), p.Prefix)
		if err := c.apart(ch, &licensee.Organisation, members); err != nil || ch.fault != "" {
			return err
		}
	}
	holder.Organisation.Prefixes = slices.DeleteFunc(slices.Clone(holder.Organisation.Prefixes), func(one string) bool { return one == p.Prefix })
	ch.apply = func() error {
		err := c.relicense(p.Prefix, p.Licensee)
		if held && holder.Status != identity.Removed {
			from.Intervals = closed(from.Intervals, c.position.Seq, holder)
			err = errors.Join(err, c.write(trace.Key{NS: trace.NSOrganisation, ID: licence.Organisation}, from))
		}
		if p.Licensee != "" {
			to.Intervals = closed(to.Intervals, c.position.Seq, licensee)
			err = errors.Join(err, c.write(trace.Key{NS: trace.NSOrganisation, ID: p.Licensee}, to))
		}
		return err
	}
	return nil
}
