package proof

import (
	"slices"

	"github.com/waymark-ledger/waymark/identity"
)

// AnchorKind says what a verifier's trust begins with.
type AnchorKind string

// The kinds of anchor.
const (
	AnchorGenesis    AnchorKind = "genesis"
	AnchorCheckpoint AnchorKind = "checkpoint"
)

// Anchor is what a verifier trusts before it looks at an answer: the genesis
// document, or a checkpoint that it verified or was handed before.
type Anchor struct {
	Kind    AnchorKind
	Network identity.Network
	Height  uint64        // of the trusted block; 0 of genesis
	Time    int64         // of that block or of genesis, Unix nanoseconds
	Header  identity.Hash // of that block; zero of genesis
	// Validators are that block's, in the engine's order; of genesis, the first
	// block's. NextValidators is the hash of the set one block later.
	Validators     []identity.Validator
	NextValidators identity.Hash
}

// AnchorOfGenesis trusts a genesis document. Its error is an ErrUnusable: a
// network without validators in its genesis cannot be verified.
func AnchorOfGenesis(g *identity.Genesis) (Anchor, error) {
	vs := slices.Clone(g.Validators)
	SortValidators(vs)
	if err := checkValidators(vs); err != nil {
		return Anchor{}, unusable("genesis: %v", err)
	}
	return Anchor{
		Kind: AnchorGenesis, Network: g.Network, Time: g.Time,
		Validators: vs, NextValidators: ValidatorsHash(vs),
	}, nil
}

// AnchorOfCheckpoint trusts a checkpoint because the caller does. It checks only
// that the checkpoint is whole: its own votes, its own roots. Its error is a
// *Refutation.
func AnchorOfCheckpoint(c *Checkpoint) (Anchor, error) {
	if r := c.Block.check(c.Network); r != nil {
		return Anchor{}, r
	}
	if r := c.checkRoots(); r != nil {
		return Anchor{}, r
	}
	return anchorAt(c.Network, &c.Block), nil
}

func anchorAt(n identity.Network, b *LightBlock) Anchor {
	return Anchor{
		Kind: AnchorCheckpoint, Network: n, Height: b.Header.Height, Time: b.Header.Time, Header: b.Header.Hash(),
		Validators: b.Validators, NextValidators: b.Header.NextValidatorsHash,
	}
}

// verifyChain checks that blocks, in ascending order, lead from the anchor to
// the last of them, and that all but the last are needed.
//
// A chain is made from genesis, because who makes it does not know what its
// reader trusts. To one who trusts a checkpoint alone, blocks at or below its
// height only have to fit together, and whether the first is needed, or one before
// it is missing, shows only from genesis.
func verifyChain(a Anchor, blocks []*LightBlock) *Refutation {
	for i, b := range blocks {
		if i > 0 && b.Header.Height <= blocks[i-1].Header.Height {
			return Refute(ReasonOrder, "block %d after block %d", b.Header.Height, blocks[i-1].Header.Height)
		}
	}
	links := make([]Anchor, len(blocks))
	for i, b := range blocks {
		if r := b.check(a.Network); r != nil {
			return r
		}
		links[i] = anchorAt(a.Network, b)
		if i > 0 {
			if r := links[i-1].accepts(b); r != nil {
				return r
			}
		}
		last, first := i == len(blocks)-1, i == 0 || links[i-1].Height <= a.Height
		if first && (last || b.Header.Height > a.Height) {
			if r := a.accepts(b); r != nil {
				return r
			}
		}
	}
	for i := 1; i < len(blocks); i++ {
		before := a
		if i > 1 {
			before = links[i-2]
		} else if a.Kind != AnchorGenesis {
			continue
		}
		if before.accepts(blocks[i]) == nil {
			return Refute(ReasonSurplus, "block %d leads to block %d without the block %d between them",
				before.Height, blocks[i].Header.Height, blocks[i-1].Header.Height)
		}
	}
	return nil
}

// accepts reports whether trust in the anchor extends to a block whose own votes
// have been checked (CometBFT's light client, "skipping verification"). The
// block is one of these:
//
//   - the anchor's own;
//   - signed by a set that the anchor knows, its own or the next one;
//   - signed by validators with more than 1/3 of the power of the anchor's set,
//     so by an honest one of them, and not the very next block, whose set is known.
//
// An earlier block than the anchor's is accepted on the same terms.
func (a Anchor) accepts(b *LightBlock) *Refutation {
	h := &b.Header
	if h.Height == a.Height && a.Height > 0 {
		if h.Hash() != a.Header {
			return Refute(ReasonAnchor, "another block %d than the trusted one: the history has forked", h.Height)
		}
		return nil
	}
	switch {
	case h.Height < a.Height && h.Time >= a.Time,
		h.Height > a.Height && (h.Time < a.Time || h.Time == a.Time && a.Kind != AnchorGenesis): // the first block has the time of genesis
		return Refute(ReasonAnchor, "block %d and the trusted block %d have their times in another order than their heights", h.Height, a.Height)
	}
	if h.ValidatorsHash == a.NextValidators {
		return nil
	}
	if h.Height == a.Height+1 {
		return Refute(ReasonAnchor, "block %d has other validators than block %d appointed", h.Height, a.Height)
	}
	if h.ValidatorsHash == ValidatorsHash(a.Validators) {
		return nil
	}
	voted := int64(0)
	for _, v := range a.Validators {
		if slices.ContainsFunc(b.Commit.Signatures, func(s CommitSignature) bool { return b.Validators[s.Validator].Key == v.Key }) {
			voted += v.Power
		}
	}
	if total := totalPower(a.Validators); !exceeds(voted, 1, total) {
		return Refute(ReasonAnchor, "validators with %d of the %d in power that are trusted signed block %d, not more than 1/3", voted, total, h.Height)
	}
	return nil
}
