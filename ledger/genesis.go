package ledger

import (
	"fmt"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// GenesisStates are the states that a genesis document gives: the network's
// parameters, each organisation, its operating keys and its GS1 prefixes, all
// from seq 0 on, in the document's order.
func GenesisStates(g *identity.Genesis) ([]State, error) {
	states := []State{{trace.ParametersKey(), g.Parameters.Encode()}}
	for _, o := range g.Organisations {
		s := identity.OrganisationState{Intervals: []identity.Interval[identity.OrganisationStanding]{{
			Value: identity.OrganisationStanding{Status: identity.Active, Organisation: o},
		}}}
		states = append(states, State{trace.Key{NS: trace.NSOrganisation, ID: o.ID}, s.Encode()})
		for _, text := range o.Keys {
			public, address, err := identity.ParsePublicKey(text)
			if err != nil {
				return nil, fmt.Errorf("key %s of %s: %w", text, o.ID, err)
			}
			k := identity.KeyState{Intervals: []identity.Interval[identity.KeyStanding]{{
				Value: identity.KeyStanding{Status: identity.Active, Organisation: o.ID, PublicKey: public},
			}}}
			states = append(states, State{trace.Key{NS: trace.NSKey, ID: address.Hex()}, k.Encode()})
		}
		for _, prefix := range o.Prefixes {
			b, err := identity.MarshalCanonical(trace.PrefixState{Organisation: o.ID})
			if err != nil {
				return nil, fmt.Errorf("prefix %s of %s: %w", prefix, o.ID, err)
			}
			states = append(states, State{trace.PrefixKey(prefix), b})
		}
	}
	return states, nil
}
