package contracts

import (
	"cmp"
	"slices"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// Founding is what a genesis document says of members and validators, as far as
// rules need all of them at once and no key of the ledger lists them yet.
type Founding struct {
	Members    []Membership // by id
	Validators []ValidatorShare
}

// FoundingOf reads a genesis document.
func FoundingOf(g *identity.Genesis) *Founding {
	f := &Founding{}
	for i := range g.Organisations {
		f.Members = append(f.Members, Membership{ID: g.Organisations[i].ID, Active: true})
	}
	slices.SortFunc(f.Members, func(a, b Membership) int { return cmp.Compare(a.ID, b.ID) })
	for i, v := range g.Validators {
		f.Validators = append(f.Validators, ValidatorShare{Key: v.Key, Power: uint64(v.Power), Organisation: g.Operators[i]})
	}
	slices.SortFunc(f.Validators, compareShares)
	return f
}

// MembersKey is where the ledger lists its members, once a vote has changed them:
// the canonical CBOR of a [MembersState].
func MembersKey() trace.Key { return trace.Key{NS: trace.NSParam, ID: "members"} }

// MembersState lists every organisation that was ever admitted, by id.
type MembersState struct {
	Members []Membership `cbor:"1,keyasint"`
}

// Membership is one organisation; who is suspended or removed has no vote.
type Membership struct {
	ID     string `cbor:"1,keyasint"`
	Active bool   `cbor:"2,keyasint"`
}

// ValidatorsKey is where the ledger keeps the validators, once a vote has changed
// them: the canonical CBOR of a [ValidatorsState].
func ValidatorsKey() trace.Key { return trace.Key{NS: trace.NSParam, ID: "validators"} }

// ValidatorsState is the validators by key. They vote on blocks two heights after
// the one that changed them.
type ValidatorsState struct {
	Validators []ValidatorShare `cbor:"1,keyasint"`
}

// ValidatorShare is a validator, its power and the organisation that runs it.
type ValidatorShare struct {
	Key          identity.ValidatorKey `cbor:"1,keyasint"`
	Power        uint64                `cbor:"2,keyasint"`
	Organisation string                `cbor:"3,keyasint"`
}

func compareShares(a, b ValidatorShare) int { return slices.Compare(a.Key[:], b.Key[:]) }

// RulesetKey is where the ledger keeps which ruleset judges from which height on,
// once the members have voted on one: the canonical CBOR of a [RulesetState].
func RulesetKey() trace.Key { return trace.Key{NS: trace.NSParam, ID: "ruleset"} }

// RulesetState lists activations by height; the genesis ruleset is not in it.
type RulesetState struct {
	Activations []Activation `cbor:"1,keyasint"`
}

// Activation is a ruleset and the height from which it judges.
type Activation struct {
	Height  uint64 `cbor:"1,keyasint"`
	Name    string `cbor:"2,keyasint"`
	Release string `cbor:"3,keyasint"` // of Waymark that has it
}

// At is the activation that holds at a height, false while the first ruleset does.
func (s *RulesetState) At(height uint64) (Activation, bool) {
	for i := len(s.Activations) - 1; i >= 0; i-- {
		if s.Activations[i].Height <= height {
			return s.Activations[i], true
		}
	}
	return Activation{}, false
}

// Name is the ruleset that judges a height, "" where so many were put in force since that
// the list no longer has it.
func (s *RulesetState) Name(height uint64) string {
	switch a, ok := s.At(height); {
	case ok:
		return a.Name
	case len(s.Activations) == maxActivations:
		return ""
	}
	return firstRuleset
}

// After are the activations that begin above a height, the next one first.
func (s *RulesetState) After(height uint64) []Activation {
	for i, a := range s.Activations {
		if a.Height > height {
			return s.Activations[i:]
		}
	}
	return nil
}

// ProposalsKey is where the ledger lists the open proposals: the canonical CBOR
// of a [ProposalsState].
func ProposalsKey() trace.Key { return trace.Key{NS: trace.NSParam, ID: "proposals"} }

// ProposalsState is the ids of the open proposals, the oldest first.
type ProposalsState struct {
	Open []string `cbor:"1,keyasint"`
}

// ProposalState is the state of a proposal's key.
type ProposalState struct {
	Proposer string         `cbor:"1,keyasint" json:"proposer"` // organisation id
	Seq      uint64         `cbor:"2,keyasint" json:"seq"`      // of the record that proposes it
	Change   string         `cbor:"3,keyasint" json:"change"`
	Until    int64          `cbor:"4,keyasint" json:"until"` // block time, Unix seconds, after which it has lapsed
	Votes    []Ballot       `cbor:"5,keyasint" json:"votes"` // by organisation
	Status   ProposalStatus `cbor:"6,keyasint" json:"status"`
	Decided  *uint64        `cbor:"7,keyasint,omitempty" json:"decided,omitempty"` // seq of the record that decided it
	Record   []byte         `cbor:"8,keyasint" json:"-"`                           // the proposal's record, which says what changes
}

// Ballot is one organisation's vote.
type Ballot struct {
	Organisation string `cbor:"1,keyasint" json:"organisation"`
	Yes          bool   `cbor:"2,keyasint" json:"yes"`
	Seq          uint64 `cbor:"3,keyasint" json:"seq"`
}

// ProposalStatus is how a proposal stands. One that is open after its time has
// lapsed: nothing is written for that.
type ProposalStatus string

// The statuses of a proposal.
const (
	ProposalOpen      ProposalStatus = "open"
	ProposalAdopted   ProposalStatus = "adopted"
	ProposalRejected  ProposalStatus = "rejected"
	ProposalWithdrawn ProposalStatus = "withdrawn"
	ProposalVoid      ProposalStatus = "void"   // adopted when it could no longer be carried out
	ProposalLapsed    ProposalStatus = "lapsed" // as read; never stored
)

// At is the status at a block time, Unix seconds.
func (s *ProposalState) At(seconds int64) ProposalStatus {
	if s.Status == ProposalOpen && seconds > s.Until {
		return ProposalLapsed
	}
	return s.Status
}

// closed ends what holds of a list of intervals with a record, and goes on with
// another standing from the next one: who signs that record does so under the old.
func closed[T any](list []identity.Interval[T], seq uint64, next T) []identity.Interval[T] {
	list = slices.Clone(list)
	from := seq + 1
	if n := len(list); n > 0 {
		if list[n-1].FromSeq == from {
			list[n-1].Value = next
			return list
		}
		list[n-1].ToSeq = &from
	}
	return append(list, identity.Interval[T]{FromSeq: from, Value: next})
}
