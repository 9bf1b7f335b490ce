package contracts

import (
	"fmt"
	"strings"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// A1 signature: the envelope's key is registered and active for its
// organisation at the record's position, and for records of that kind, and the
// organisation is an active member. That the signature verifies was checked before the envelope was
// ordered. It reads the network's parameters for the rules after it.
func (c *hearing) signature() error {
	c.done = true // unless the signer turns out to be somebody
	key, err := c.key(c.position.Signer)
	if err != nil {
		return err
	}
	address := key.address
	standing, ok := key.state.At(c.position.Seq)
	if !ok {
		c.find(trace.Finding{
			Code:  CodeUnknownKey,
			Facts: []trace.Fact{fact("signer", address)},
			Next:  "Sign with an operating key of a member, or have this key registered by your organisation.",
		})
		return nil
	}
	c.verdict.Organisation = standing.Organisation
	if standing.Status != identity.Active {
		c.find(trace.Finding{
			Severity: trace.Reject, Code: CodeRevokedKey,
			Title: "the signing key is " + string(standing.Status),
			Facts: []trace.Fact{fact("signer", address), fact("organisation", standing.Organisation)},
			Next:  "Sign with an active operating key of the organisation.",
		})
		return nil
	}
	if kind := string(c.position.Kind); !standing.Signs(kind) {
		c.find(trace.Finding{
			Code: CodeKeyKind,
			Facts: []trace.Fact{fact("signer", address), fact("organisation", standing.Organisation),
				fact("kind", kind), fact("signs", strings.Join(standing.Kinds, ", "))},
			Next: "Sign with a key of the organisation that is registered for such records.",
		})
		return nil
	}
	member, err := c.member(standing.Organisation)
	if err != nil {
		return err
	}
	m, ok := member.At(c.position.Seq)
	if !ok || m.Status != identity.Active {
		status := "unknown"
		if ok {
			status = string(m.Status)
		}
		c.find(trace.Finding{
			Code:  CodeInactiveMember,
			Facts: []trace.Fact{fact("organisation", standing.Organisation), fact("status", status)},
			Next:  "Ask the members to admit or reinstate the organisation.",
		})
		return nil
	}
	c.signer = m.Organisation
	c.done = false
	return c.readLimits()
}

// keyRecord is an operating key as the ledger has it, with its address in
// EIP-55 text form.
type keyRecord struct {
	address string
	state   identity.KeyState
}

func (court *Court) key(signer identity.Address) (keyRecord, error) {
	if k, ok := court.keys[signer]; ok {
		return k, nil
	}
	k := keyRecord{address: signer.Hex()}
	if _, err := court.read(trace.Key{NS: trace.NSKey, ID: k.address}, &k.state); err != nil {
		return k, err
	}
	court.keys[signer] = k
	return k, nil
}

func (court *Court) member(organisation string) (identity.OrganisationState, error) {
	if m, ok := court.members[organisation]; ok {
		return m, nil
	}
	var m identity.OrganisationState
	if _, err := court.read(trace.Key{NS: trace.NSOrganisation, ID: organisation}, &m); err != nil {
		return m, err
	}
	if len(court.members) < maxLicensees { // an author can make parties up
		court.members[organisation] = m
	}
	return m, nil
}

func (court *Court) readLimits() error {
	if court.limits != nil {
		return nil
	}
	var limits identity.Parameters
	found, err := court.read(trace.ParametersKey(), &limits)
	if err != nil {
		return fmt.Errorf("parameters: %w", err)
	}
	if !found {
		limits = identity.DefaultParameters()
	}
	court.limits = &limits
	court.received, court.made = scales{fraction(limits.ReceiptTolerance)}, scales{fraction(limits.MassTolerance)}
	return nil
}

func signatureContract() Contract {
	return Contract{
		Rule: "A1", Version: 1, Name: "signature", Kinds: everyKind(), judge: (*hearing).signature,
		Says: "The envelope's key is registered and active for its organisation at the record's position, and for records of that kind, " +
			"and the organisation is an active member.",
		Source: "practice of ledgers that keep identities on the ledger (Canton topology)",
		Finds: []Declared{
			{CodeUnknownKey, trace.Reject, "the signing key is not registered"},
			{CodeRevokedKey, trace.Reject, "the signing key is not active"},
			{CodeInactiveMember, trace.Reject, "the organisation is not an active member"},
			{CodeKeyKind, trace.Reject, "the signing key is not registered for such records"},
		},
	}
}
