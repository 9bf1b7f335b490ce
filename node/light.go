package node

import (
	"fmt"

	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/types"

	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/proof"
)

// lightBlock is what a verifier needs of a block that CometBFT agreed on: its
// header, as many votes of its commit as are wanted, and its validators.
func lightBlock(h *types.Header, c *types.Commit, validators []identity.Validator) (*proof.LightBlock, error) {
	header, err := lightHeader(h)
	if err != nil {
		return nil, fmt.Errorf("block %d: %w", h.Height, err)
	}
	b := &proof.LightBlock{Header: header, Validators: validators}
	b.Commit = proof.Commit{Round: uint32(c.Round), Parts: c.BlockID.PartSetHeader.Total, Signatures: []proof.CommitSignature{}}
	if err := fill(b.Commit.PartsHash[:], c.BlockID.PartSetHeader.Hash, "parts of the block"); err != nil {
		return nil, fmt.Errorf("commit of block %d: %w", h.Height, err)
	}
	for i, s := range c.Signatures {
		if s.BlockIDFlag != types.BlockIDFlagCommit {
			continue // absent, or a vote for no block
		}
		vote := proof.CommitSignature{Validator: uint32(i), Time: s.Timestamp.UnixNano()}
		if err := fill(vote.Signature[:], s.Signature, "vote"); err != nil {
			return nil, fmt.Errorf("commit of block %d: %w", h.Height, err)
		}
		b.Commit.Signatures = append(b.Commit.Signatures, vote)
	}
	if !b.Trim() {
		return nil, fmt.Errorf("commit of block %d: its votes do not exceed 2/3 of the power", h.Height)
	}
	return b, nil
}

func lightHeader(h *types.Header) (proof.Header, error) {
	out := proof.Header{
		VersionBlock: h.Version.Block, VersionApp: h.Version.App, ChainID: h.ChainID,
		Height: uint64(h.Height), Time: h.Time.UnixNano(),
	}
	if !h.LastBlockID.IsZero() {
		out.LastBlock = &proof.BlockID{Parts: h.LastBlockID.PartSetHeader.Total}
		if err := fill(out.LastBlock.Hash[:], h.LastBlockID.Hash, "last block"); err != nil {
			return out, err
		}
		if err := fill(out.LastBlock.PartsHash[:], h.LastBlockID.PartSetHeader.Hash, "parts of the last block"); err != nil {
			return out, err
		}
	}
	for _, f := range []struct {
		to   []byte
		from []byte
		what string
	}{
		{out.LastCommitHash[:], h.LastCommitHash, "last commit"},
		{out.DataHash[:], h.DataHash, "data"},
		{out.ValidatorsHash[:], h.ValidatorsHash, "validators"},
		{out.NextValidatorsHash[:], h.NextValidatorsHash, "next validators"},
		{out.ConsensusHash[:], h.ConsensusHash, "consensus parameters"},
		{out.AppHash[:], h.AppHash, "application"},
		{out.LastResultsHash[:], h.LastResultsHash, "last results"},
		{out.EvidenceHash[:], h.EvidenceHash, "evidence"},
		{out.Proposer[:], h.ProposerAddress, "proposer"},
	} {
		if err := fill(f.to, f.from, f.what); err != nil {
			return out, err
		}
	}
	return out, nil
}

// fill copies a value of fixed length. CometBFT's are slices, and empty where
// something is missing.
func fill(to, from []byte, what string) error {
	if len(from) != len(to) {
		return fmt.Errorf("the hash or signature of its %s has %d bytes, not %d", what, len(from), len(to))
	}
	copy(to, from)
	return nil
}

// lightValidators is a validator set in its own order.
func lightValidators(vs *types.ValidatorSet) ([]identity.Validator, error) {
	out := make([]identity.Validator, len(vs.Validators))
	for i, v := range vs.Validators {
		if _, ok := v.PubKey.(ed25519.PubKey); !ok {
			return nil, fmt.Errorf("validator %s has a key of type %s", v.Address, v.PubKey.Type())
		}
		out[i].Power = v.VotingPower
		if err := fill(out[i].Key[:], v.PubKey.Bytes(), "validator's key"); err != nil {
			return nil, err
		}
	}
	return out, nil
}
