package contracts

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/trace"
)

// G1 findings.
const (
	CodeProposalExists   uint32 = 9101 // REJECT
	CodeProposalUnknown  uint32 = 9102 // REJECT
	CodeProposalClosed   uint32 = 9103 // REJECT
	CodeNotProposer      uint32 = 9104 // REJECT
	CodeChangeImpossible uint32 = 9105 // REJECT
	CodeTooManyProposals uint32 = 9106 // REJECT
	CodeVoteCounted      uint32 = 9107 // INFO
	CodeAdopted          uint32 = 9108 // INFO
	CodeVotedDown        uint32 = 9109 // INFO
	CodeAdoptedInVain    uint32 = 9110 // FLAG
)

const (
	maxProposals      = 64       // that are open at a time
	maxProposalsOfOne = 16       // of one member: no one alone takes all the room, and keeps the others from voting on it
	maxProposal       = 16 << 10 // bytes: the state of an open one holds its record
)

// G1 proposals and votes. A proposal is its proposer's yes. It is decided with the
// record that brings the majority, and takes effect with the one after it: who is
// removed by a vote has still cast it.
func (c *hearing) governance() error {
	g := c.record.Governance
	switch g.Action {
	case epcis.Propose:
		return c.propose(g)
	case epcis.Vote, epcis.Withdraw:
		return c.cast(g)
	}
	return nil // the signer's keys: G2
}

func (c *hearing) propose(g *epcis.Governance) error {
	key := trace.GovernanceKey(g)
	var p ProposalState
	there, err := c.read(key, &p)
	if err != nil {
		return err
	}
	if there {
		c.govern(CodeProposalExists, "Give the proposal an id of its own.",
			factAt(g.ID.URI, string(p.At(c.block.Time.Seconds)), p.Seq))
		return nil
	}
	open, own, err := c.openProposals()
	switch {
	case err != nil:
		return err
	case own >= maxProposalsOfOne:
		c.govern(CodeTooManyProposals, "Take one of your own back, or have the members decide it, first.", fact("open and your own", fmt.Sprint(own)))
		return nil
	case len(open) >= maxProposals:
		c.govern(CodeTooManyProposals, "Vote on those first.", fact("open", fmt.Sprint(len(open))))
		return nil
	}
	change, err := c.change(g)
	if err != nil {
		return err
	}
	if fault := sizeFault(len(c.record.Bytes)); fault != "" {
		change.fault = fault
	}
	if change.fault != "" {
		c.govern(CodeChangeImpossible, "Correct the proposal and record it under a new id.",
			fact(g.Change, change.fault))
		return nil
	}
	p = ProposalState{
		Proposer: c.signer.ID, Seq: c.position.Seq, Change: g.Change, Until: c.block.Time.Seconds + int64(c.limits.ProposalTerm),
		Votes: []Ballot{{c.signer.ID, true, c.position.Seq}}, Status: ProposalOpen, Record: bytes.Clone(c.record.Bytes),
	}
	return c.decide(g, &p, append(open, g.ID.URI))
}

// cast counts a vote, or takes the proposal back.
func (c *hearing) cast(v *epcis.Governance) error {
	var p ProposalState
	there, err := c.read(trace.GovernanceKey(v), &p)
	if err != nil {
		return err
	}
	if !there {
		c.govern(CodeProposalUnknown, "Check the id: waymark members lists the open ones.",
			fact("proposal", v.ID.URI))
		return nil
	}
	if status := p.At(c.block.Time.Seconds); status != ProposalOpen {
		seq := p.Seq
		if p.Decided != nil {
			seq = *p.Decided
		}
		c.govern(CodeProposalClosed, "Propose the change again.", factAt(v.ID.URI, string(status), seq))
		return nil
	}
	open, _, err := c.openProposals()
	if err != nil {
		return err
	}
	if v.Action == epcis.Withdraw {
		if p.Proposer != c.signer.ID {
			c.govern(CodeNotProposer, "Vote no.", factAt("proposer", p.Proposer, p.Seq))
			return nil
		}
		p.Status, p.Decided = ProposalWithdrawn, &c.position.Seq
		return c.keepProposal(v.ID.URI, &p, open)
	}
	ballot := Ballot{c.signer.ID, v.Yes, c.position.Seq}
	at, voted := slices.BinarySearchFunc(p.Votes, ballot.Organisation, func(b Ballot, id string) int { return strings.Compare(b.Organisation, id) })
	if voted {
		p.Votes[at] = ballot
	} else {
		p.Votes = slices.Insert(p.Votes, at, ballot)
	}
	proposal, err := epcis.Decode(epcis.KindGovernance, p.Record)
	if err != nil {
		return fmt.Errorf("proposal %s: %w", v.ID.URI, err)
	}
	return c.decide(proposal.Governance, &p, open)
}

// decide carries a proposal out as soon as the majority is for it, and closes it
// as soon as none can be.
func (c *hearing) decide(g *epcis.Governance, p *ProposalState, open []string) error {
	members, err := c.listMembers()
	if err != nil {
		return err
	}
	active, yes, no := 0, 0, 0
	for _, m := range members {
		if !m.Active {
			continue
		}
		active++
		for _, b := range p.Votes {
			if b.Organisation == m.ID {
				if b.Yes {
					yes++
				} else {
					no++
				}
			}
		}
	}
	count := fact("votes", fmt.Sprintf("%d yes, %d no, of %d members", yes, no, active))
	proposed := factAt("proposal", g.ID.URI, p.Seq)
	switch {
	case 2*yes > active:
		change, err := c.change(g)
		if err != nil {
			return err
		}
		if change.fault != "" {
			c.govern(CodeAdoptedInVain, "Something changed since it was proposed: propose what is still wanted.", proposed, fact(g.Change, change.fault))
			p.Status, p.Decided = ProposalVoid, &c.position.Seq
			break
		}
		missing, err := c.consent(change, p.Votes, members)
		if err != nil {
			return err
		}
		if missing != "" {
			c.govern(CodeVoteCounted, "", proposed, count, fact("still needs", missing))
			break
		}
		if err := change.apply(); err != nil {
			return err
		}
		c.governed = true
		c.govern(CodeAdopted, "", proposed, count)
		p.Status, p.Decided = ProposalAdopted, &c.position.Seq
	case 2*no >= active:
		c.govern(CodeVotedDown, "", proposed, count)
		p.Status, p.Decided = ProposalRejected, &c.position.Seq
	default:
		c.govern(CodeVoteCounted, "", proposed, count)
	}
	return c.keepProposal(g.ID.URI, p, open)
}

// consent says whose yes a change needs beside the majority's and has not, "" when
// it has all. As for the majority, what a member said before it was suspended does not count.
func (c *hearing) consent(change *change, votes []Ballot, members []Membership) (missing string, err error) {
	yes := func(organisation string) bool {
		return slices.ContainsFunc(votes, func(b Ballot) bool { return b.Yes && b.Organisation == organisation }) &&
			slices.Contains(members, Membership{ID: organisation, Active: true})
	}
	for _, authority := range change.authorities {
		if !yes(authority) {
			return "the yes of " + authority, nil
		}
	}
	if change.unanimous {
		for _, m := range members {
			if m.Active && !yes(m.ID) {
				return "the yes of every active member, also of " + m.ID, nil
			}
		}
	}
	if !change.validators {
		return "", nil
	}
	shares, err := c.listValidators()
	if err != nil {
		return "", err
	}
	var all, behind uint64
	for _, s := range shares {
		all += s.Power
		if yes(s.Organisation) {
			behind += s.Power
		}
	}
	if 3*behind <= 2*all {
		return fmt.Sprintf("members that run more than two thirds of the validators' power (%d of %d say yes)", behind, all), nil
	}
	return "", nil
}

// keepProposal writes a proposal, and the list of those that are open and have not lapsed.
func (c *hearing) keepProposal(id string, p *ProposalState, open []string) error {
	if p.Status != ProposalOpen {
		open = slices.DeleteFunc(open, func(o string) bool { return o == id })
	}
	if err := c.write(ProposalsKey(), ProposalsState{open}); err != nil {
		return err
	}
	return c.write(trace.Key{NS: trace.NSGovernance, ID: id}, *p)
}

// openProposals are those that are open now, and how many of them are the signer's: what
// has lapsed is dropped from the list when it is next written.
func (c *hearing) openProposals() (open []string, own int, err error) {
	var s ProposalsState
	if _, err := c.read(ProposalsKey(), &s); err != nil {
		return nil, 0, err
	}
	open = s.Open[:0]
	for _, id := range s.Open {
		var p ProposalState
		if _, err := c.read(trace.Key{NS: trace.NSGovernance, ID: id}, &p); err != nil {
			return nil, 0, err
		}
		if p.At(c.block.Time.Seconds) == ProposalOpen {
			open = append(open, id)
			if p.Proposer == c.signer.ID {
				own++
			}
		}
	}
	return open, own, nil
}

func (c *hearing) listMembers() ([]Membership, error) {
	var s MembersState
	changed, err := c.read(MembersKey(), &s)
	if err == nil && !changed && c.block.Founding != nil {
		s.Members = slices.Clone(c.block.Founding.Members)
	}
	return s.Members, err
}

func (c *hearing) listValidators() ([]ValidatorShare, error) {
	var s ValidatorsState
	changed, err := c.read(ValidatorsKey(), &s)
	if err == nil && !changed && c.block.Founding != nil {
		s.Validators = slices.Clone(c.block.Founding.Validators)
	}
	return s.Validators, err
}

func (c *hearing) govern(code uint32, next string, facts ...trace.Fact) {
	c.find(trace.Finding{Code: code, Facts: facts, Next: next})
}

// organisation is the latest standing of an organisation, false when it was never
// a member.
func (c *hearing) organisation(id string) (identity.OrganisationState, identity.OrganisationStanding, bool, error) {
	var s identity.OrganisationState
	found, err := c.read(trace.Key{NS: trace.NSOrganisation, ID: id}, &s)
	if err != nil || !found {
		return s, identity.OrganisationStanding{}, false, err
	}
	return s, s.Intervals[len(s.Intervals)-1].Value, true, nil
}

func voteContract() Contract {
	return Contract{
		Rule: "G1", Version: 1, Name: "proposals and votes", Kinds: []epcis.Kind{epcis.KindGovernance}, judge: (*hearing).governance,
		Says: "Members change the network by vote: who is a member, with which roles, prefixes and nodes; the parameters; " +
			"the schemes that goods need; who licenses a GS1 prefix, from then on; whose places others may use; " +
			"the validators; the ruleset from a height on. A proposal is adopted when more than half of the active members " +
			"say yes. A change of validators also needs members that run more than two thirds of the present power, and a " +
			"role of a country's customs the yes of that country's authority, where there is one, also to its own removal: while it is suspended " +
			"nobody takes its place, and only all active members together remove it. A proposal lapses after " +
			"the network's proposalTerm, 30 days unless it says otherwise. At most 64 are open, 16 of them one member's. Votes are recorded; the last one of a member counts.",
		Source: "practice of consortium ledgers; design of this network",
		Reads:  []trace.Namespace{trace.NSGovernance, trace.NSParam, trace.NSOrganisation, trace.NSKey},
		Writes: []trace.Namespace{trace.NSGovernance, trace.NSParam, trace.NSOrganisation, trace.NSKey},
		Finds: []Declared{
			{CodeProposalExists, trace.Reject, "the proposal exists already"},
			{CodeProposalUnknown, trace.Reject, "no such proposal was recorded here"},
			{CodeProposalClosed, trace.Reject, "the proposal is not open"},
			{CodeNotProposer, trace.Reject, "only its proposer withdraws a proposal"},
			{CodeChangeImpossible, trace.Reject, "the change cannot be carried out"},
			{CodeTooManyProposals, trace.Reject, "too many proposals are open"},
			{CodeVoteCounted, trace.Info, "the vote is counted"},
			{CodeAdopted, trace.Info, "the proposal is adopted"},
			{CodeVotedDown, trace.Info, "the proposal is rejected"},
			{CodeAdoptedInVain, trace.Flag, "the proposal is adopted and can no longer be carried out"},
		},
	}
}
