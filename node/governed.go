//waymark:deterministic

package node

import (
	"bytes"
	"errors"
	"fmt"

	abci "github.com/cometbft/cometbft/abci/types"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// ErrLacksRuleset is returned where the members have put in force a ruleset that
// this build does not have. The node must not judge by another one.
var ErrLacksRuleset = errors.New("this release lacks the ruleset in force")

// governed is what members vote on, as of one state of the ledger. It is never
// written: a commit that changes the state replaces it before the next block is
// begun.
type governed struct {
	parameters identity.Parameters
	ruleset    contracts.RulesetState
	signers    *signers
}

// stateOf reads states of a ledger, or of a block being staged.
type stateOf interface {
	State(k trace.Key) ([]byte, error)
}

func readGoverned(state stateOf, genesis *identity.Genesis) (*governed, error) {
	g := &governed{parameters: genesis.Parameters, signers: newSigners()}
	raw, err := state.State(trace.ParametersKey())
	if err == nil && raw != nil {
		g.parameters, err = identity.DecodeParameters(raw)
	}
	if err != nil {
		return nil, fmt.Errorf("read the network's parameters: %w", err)
	}
	if err := readState(state, contracts.RulesetKey(), &g.ruleset); err != nil {
		return nil, err
	}
	return g, nil
}

// readState decodes the state of a key that governance alone writes, and leaves v
// as it is where there is none.
func readState(state stateOf, k trace.Key, v any) error {
	raw, err := state.State(k)
	if err == nil && raw != nil {
		err = identity.UnmarshalStrict(raw, v)
	}
	if err != nil {
		return fmt.Errorf("read %s %s: %w", k.NS, k.ID, err)
	}
	return nil
}

// judges fails where another ruleset than this build's judges a height.
func (g *governed) judges(height uint64) error {
	if a, ok := g.ruleset.At(height); ok && !present(a) {
		return fmt.Errorf("%w: from height %d on the members judge by %s, and this release has %s: install release %s and start again; nothing is lost",
			ErrLacksRuleset, a.Height, a.Name, contracts.RulesetName, a.Release)
	}
	return nil
}

// present says whether this build has the ruleset that an activation puts in force.
func present(a contracts.Activation) bool { return a.Name == contracts.RulesetName }

// lacks is the first ruleset that is to judge above a height and that this build does
// not have, false for none: before it the node stops.
func (g *governed) lacks(height uint64) (contracts.Activation, bool) {
	for _, a := range g.ruleset.After(height) {
		if !present(a) {
			return a, true
		}
	}
	return contracts.Activation{}, false
}

// validatorUpdates are the changes of validators in a block for the engine, which
// follows them two heights later: the ledger's list before it and after it.
func validatorUpdates(before, after stateOf, founding *contracts.Founding) ([]abci.ValidatorUpdate, error) {
	was, err := before.State(contracts.ValidatorsKey())
	if err != nil {
		return nil, err
	}
	now, err := after.State(contracts.ValidatorsKey())
	if err != nil || bytes.Equal(was, now) {
		return nil, err
	}
	old, next := contracts.ValidatorsState{Validators: founding.Validators}, contracts.ValidatorsState{}
	if err := readState(before, contracts.ValidatorsKey(), &old); err != nil {
		return nil, err
	}
	if err := readState(after, contracts.ValidatorsKey(), &next); err != nil {
		return nil, err
	}
	var updates []abci.ValidatorUpdate
	power := func(list []contracts.ValidatorShare, key identity.ValidatorKey) uint64 {
		for _, v := range list {
			if v.Key == key {
				return v.Power
			}
		}
		return 0
	}
	for _, v := range old.Validators {
		if power(next.Validators, v.Key) == 0 {
			updates = append(updates, abci.Ed25519ValidatorUpdate(v.Key[:], 0))
		}
	}
	for _, v := range next.Validators {
		if power(old.Validators, v.Key) != v.Power {
			updates = append(updates, abci.Ed25519ValidatorUpdate(v.Key[:], int64(v.Power)))
		}
	}
	return updates, nil
}
