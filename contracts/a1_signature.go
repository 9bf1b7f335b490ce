package contracts

import (
	"fmt"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A1 signature: the envelope's key is registered and active for its
// organisation at the record's position, and the organisation is an active
// member. That the signature verifies was checked before the envelope was
// ordered. It reads the network's parameters for the rules after it.
func (c *hearing) signature() (bool, error) {
	address := c.position.Signer.Hex()
	var key identity.KeyState
	if _, err := c.read(trace.Key{NS: trace.NSKey, ID: address}, &key); err != nil {
		return false, err
	}
	standing, ok := key.At(c.position.Seq)
	if !ok {
		c.find(trace.Finding{
			Severity: trace.Reject, Rule: "A1", Code: CodeUnknownKey,
			Title: "the signing key is not registered",
			Facts: []trace.Fact{fact("signer", address)},
			Next:  "Sign with an operating key of a member, or have this key registered by your organisation.",
		})
		return false, nil
	}
	c.verdict.Organisation = standing.Organisation
	if standing.Status != identity.Active {
		c.find(trace.Finding{
			Severity: trace.Reject, Rule: "A1", Code: CodeRevokedKey,
			Title: "the signing key is " + string(standing.Status),
			Facts: []trace.Fact{fact("signer", address), fact("organisation", standing.Organisation)},
			Next:  "Sign with an active operating key of the organisation.",
		})
		return false, nil
	}
	var member identity.OrganisationState
	if _, err := c.read(trace.Key{NS: trace.NSOrganisation, ID: standing.Organisation}, &member); err != nil {
		return false, err
	}
	m, ok := member.At(c.position.Seq)
	if !ok || m.Status != identity.Active {
		status := "unknown"
		if ok {
			status = string(m.Status)
		}
		c.find(trace.Finding{
			Severity: trace.Reject, Rule: "A1", Code: CodeInactiveMember,
			Title: "the organisation is not an active member",
			Facts: []trace.Fact{fact("organisation", standing.Organisation), fact("status", status)},
			Next:  "Ask the members to admit or reinstate the organisation.",
		})
		return false, nil
	}
	c.signer = m.Organisation
	found, err := c.read(trace.ParametersKey(), &c.limits)
	if err != nil {
		return false, fmt.Errorf("parameters: %w", err)
	}
	if !found {
		c.limits = identity.DefaultParameters()
	}
	return true, nil
}
