package proof

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"

	"github.com/waymark-ledger/waymark/identity"
)

// A light block is the part of a CometBFT v0.40 block that shows its validators'
// agreement: the header, the validator set that the header commits, and enough
// of their precommit votes. Nothing of CometBFT is used to check it; golden
// blocks that CometBFT made hold both to the same hashes and vote bytes.
type LightBlock struct {
	Header     Header               `json:"header"`
	Commit     Commit               `json:"commit"`
	Validators []identity.Validator `json:"validators"` // in the engine's order: by power, then address
}

// Header is a block's header: the 14 fields that its hash covers. Unlike the
// engine's, its hashes are never empty.
type Header struct {
	VersionBlock       uint64                    `json:"versionBlock"`
	VersionApp         uint64                    `json:"versionApp"`
	ChainID            string                    `json:"chainId"`
	Height             uint64                    `json:"height"`
	Time               int64                     `json:"time,string"`         // Unix nanoseconds
	LastBlock          *BlockID                  `json:"lastBlock,omitempty"` // nil in the first block alone
	LastCommitHash     identity.Hash             `json:"lastCommitHash"`
	DataHash           identity.Hash             `json:"dataHash"`
	ValidatorsHash     identity.Hash             `json:"validatorsHash"`
	NextValidatorsHash identity.Hash             `json:"nextValidatorsHash"`
	ConsensusHash      identity.Hash             `json:"consensusHash"`
	AppHash            identity.Hash             `json:"appHash"` // of the height before
	LastResultsHash    identity.Hash             `json:"lastResultsHash"`
	EvidenceHash       identity.Hash             `json:"evidenceHash"`
	Proposer           identity.ValidatorAddress `json:"proposer"`
}

// BlockID names a block: its header's hash and the Merkle root of its parts.
type BlockID struct {
	Hash      identity.Hash `json:"hash"`
	Parts     uint32        `json:"parts"`
	PartsHash identity.Hash `json:"partsHash"`
}

// Commit is the agreement on a block. The block's hash is computed, not carried.
type Commit struct {
	Round     uint32        `json:"round"`
	Parts     uint32        `json:"parts"`
	PartsHash identity.Hash `json:"partsHash"`
	// Signatures are the first votes for the block, in validator order, and no
	// more of them than exceed 2/3 of the power: with any left out, the commit
	// does not verify.
	Signatures []CommitSignature `json:"signatures"`
}

// CommitSignature is one validator's precommit vote for the block.
type CommitSignature struct {
	Validator uint32        `json:"validator"`   // its index in the set
	Time      int64         `json:"time,string"` // of its vote, Unix nanoseconds
	Signature VoteSignature `json:"signature"`
}

// VoteSignature is an Ed25519 signature (RFC 8032). Its text form is 128
// lower-case hex digits.
type VoteSignature [ed25519.SignatureSize]byte

// MarshalText writes 128 lower-case hex digits.
func (s VoteSignature) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, s[:]), nil }

// UnmarshalText reads 128 hex digits.
func (s *VoteSignature) UnmarshalText(b []byte) error { return decodeHex(s[:], b) }

// Trim cuts the commit's signatures, which stand in validator order, to those
// that a verifier wants. It reports whether they exceed 2/3 of the power at all.
func (b *LightBlock) Trim() bool {
	total, voted := totalPower(b.Validators), int64(0)
	for i, s := range b.Commit.Signatures {
		if int(s.Validator) >= len(b.Validators) {
			return false
		}
		voted += b.Validators[s.Validator].Power
		if exceeds(voted, 2, total) {
			b.Commit.Signatures = b.Commit.Signatures[:i+1]
			return true
		}
	}
	return false
}

// VoteBytes are what the validator of signature number i signed.
func (b *LightBlock) VoteBytes(i int) []byte {
	return voteBytes(b.Header.ChainID, b.Header.Height, b.Commit.Round, b.id(), b.Commit.Signatures[i].Time)
}

func (b *LightBlock) id() BlockID {
	return BlockID{Hash: b.Header.Hash(), Parts: b.Commit.Parts, PartsHash: b.Commit.PartsHash}
}

// check verifies everything of the block that it shows by itself: that it is of
// the network, that its validators are those that the header commits, and that
// more than 2/3 of their power voted for this header. It does not say whether
// anybody should trust these validators.
func (b *LightBlock) check(n identity.Network) *Refutation {
	h := &b.Header
	if want := n.ChainID(); h.ChainID != want {
		return Refute(ReasonNetwork, "the block is of chain %q, not %s", h.ChainID, want)
	}
	if h.Height == 0 || (h.LastBlock == nil) != (h.Height == 1) {
		return Refute(ReasonHeader, "the header of height %d does not name the block before it", h.Height)
	}
	if err := checkValidators(b.Validators); err != nil {
		return Refute(ReasonValidators, "block %d: %v", h.Height, err)
	}
	if got := ValidatorsHash(b.Validators); got != h.ValidatorsHash {
		return Refute(ReasonValidators, "the validators hash to %s, the header of block %d says %s", got, h.Height, h.ValidatorsHash)
	}
	return b.checkCommit()
}

func (b *LightBlock) checkCommit() *Refutation {
	height := b.Header.Height
	id := b.id()
	total, voted := totalPower(b.Validators), int64(0)
	for i, s := range b.Commit.Signatures {
		switch {
		case int(s.Validator) >= len(b.Validators):
			return Refute(ReasonVote, "block %d has a vote of validator %d of %d", height, s.Validator, len(b.Validators))
		case i > 0 && s.Validator == b.Commit.Signatures[i-1].Validator:
			return Refute(ReasonVote, "block %d has two votes of validator %d", height, s.Validator)
		case i > 0 && s.Validator < b.Commit.Signatures[i-1].Validator:
			return Refute(ReasonOrder, "block %d has the vote of validator %d after that of %d", height, s.Validator, b.Commit.Signatures[i-1].Validator)
		case exceeds(voted, 2, total):
			return Refute(ReasonSurplus, "block %d has more votes than exceed 2/3 of the power", height)
		}
		v := b.Validators[s.Validator]
		if !ed25519.Verify(v.Key[:], voteBytes(b.Header.ChainID, height, b.Commit.Round, id, s.Time), s.Signature[:]) {
			return Refute(ReasonVote, "block %d: the vote of validator %d (%s) does not verify", height, s.Validator, v.Key.Address())
		}
		voted += v.Power
	}
	if !exceeds(voted, 2, total) {
		return Refute(ReasonPower, "block %d: %d of %d in voting power, not more than 2/3", height, voted, total)
	}
	return nil
}

func checkValidators(vs []identity.Validator) error {
	if len(vs) == 0 {
		return errors.New("it has no validators")
	}
	total := int64(0)
	for _, v := range vs {
		if v.Power < 1 || v.Power > identity.MaxValidatorPower || total > identity.MaxValidatorPower-v.Power {
			return errors.New("the voting power of its validators is out of range")
		}
		total += v.Power
	}
	return nil
}

func totalPower(vs []identity.Validator) (total int64) {
	for _, v := range vs {
		total += v.Power
	}
	return total
}

// exceeds reports whether power is more than thirds/3 of total. Neither is more
// than identity.MaxValidatorPower.
func exceeds(power, thirds, total int64) bool { return 3*power > thirds*total }
