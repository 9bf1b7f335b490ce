package identity

import (
	"fmt"
	"slices"
	"strings"
)

// latenessRoles is how many roles may have a lateness limit of their own.
const latenessRoles = 12

// roleOfLateness is the role of each, in the order of their parameters. The customs
// authorities of all countries have one limit.
func roleOfLateness() [latenessRoles]Role {
	return [latenessRoles]Role{Producer, Manufacturer, Trader, Platform, Merchant, Retailer, Carrier, Warehouse, Certifier, Accreditor, Bank, "customs"}
}

// LatenessOf is how long after it happened an organisation of these roles may record an
// event without a flag, in seconds: the longest limit of its roles.
func (p *Parameters) LatenessOf(roles []Role) uint64 {
	most, found := uint64(0), false
	for _, r := range roles {
		if _, ok := r.Customs(); ok {
			r = "customs"
		}
		limit, all := p.Lateness, roleOfLateness()
		if i := slices.Index(all[:], r); i >= 0 && p.LatenessByRole[i] > 0 {
			limit = p.LatenessByRole[i]
		}
		most, found = max(most, limit), true
	}
	if !found {
		return p.Lateness
	}
	return most
}

// MaxLateness is the longest limit of all roles.
func (p *Parameters) MaxLateness() uint64 { return max(p.Lateness, slices.Max(p.LatenessByRole[:])) }

// latenessTable is a parameter for each role, from a key on.
func latenessTable(key, most uint64) []Parameter {
	var table []Parameter
	for i, r := range roleOfLateness() {
		table = append(table, Parameter{
			"lateness" + strings.ToUpper(string(r[:1])) + string(r[1:]), "s", 0, 0, most, "A5",
			fmt.Sprintf("The same as `lateness` where a member of the role %s records; of several roles the longest counts. 0: `lateness`.", r),
			key + uint64(i), func(p *Parameters) *uint64 { return &p.LatenessByRole[i] },
		})
	}
	return table
}
