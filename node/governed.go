//waymark:deterministic

package node

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

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
	rulesets   rulesets // of this build
	signers    *signers
}

// stateOf reads states of a ledger, or of a block being staged.
type stateOf interface {
	State(k trace.Key) ([]byte, error)
}

func readGoverned(state stateOf, genesis *identity.Genesis, have rulesets) (*governed, error) {
	g := &governed{parameters: genesis.Parameters, rulesets: have, signers: newSigners()}
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

// judging is the ruleset that judges a height, ErrLacksRuleset where this build has not
// the one that the members put in force.
func (g *governed) judging(height uint64) (*contracts.Ruleset, error) {
	return g.rulesets.at(&g.ruleset, height)
}

// lacks is the first ruleset that is to judge above a height and that this build does
// not have, false for none: before it the node stops.
func (g *governed) lacks(height uint64) (contracts.Activation, bool) {
	for _, a := range g.ruleset.After(height) {
		if g.rulesets.named(a.Name) == nil {
			return a, true
		}
	}
	return contracts.Activation{}, false
}

// rulesets are those of this build, the one that judges from genesis on first. They are made
// once, at start.
type rulesets []*contracts.Ruleset

// named is the ruleset of a name, nil where this build has it not.
func (l rulesets) named(name string) *contracts.Ruleset {
	for _, r := range l {
		if r.Name() == name {
			return r
		}
	}
	return nil
}

// at is the ruleset that judges a height by what the members voted for.
func (l rulesets) at(voted *contracts.RulesetState, height uint64) (*contracts.Ruleset, error) {
	a, ok := voted.At(height)
	if !ok {
		return l[0], nil
	}
	if r := l.named(a.Name); r != nil {
		return r, nil
	}
	return nil, fmt.Errorf("%w: from height %d on the members judge by %s, and this release has %s: install release %s and start again; nothing is lost",
		ErrLacksRuleset, a.Height, a.Name, l, a.Release)
}

// String names them in a sentence.
func (l rulesets) String() string {
	names := make([]string, len(l))
	for i, r := range l {
		names[i] = r.Name()
	}
	return strings.Join(names, ", ")
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
