package proof

import (
	"slices"

	"github.com/waymark-ledger/waymark/identity"
)

// Bridge finds the light blocks that lead from the anchor to a
// block that the anchor does not accept by itself, because the validators have
// changed; none where it does. at returns the light block of a height, trimmed.
// Blocks that carry no agreement end in a *Refutation.
func Bridge(n identity.Network, a Anchor, to *LightBlock, at func(height uint64) (*LightBlock, error)) ([]LightBlock, error) {
	var bridge []*LightBlock
	for from := a; from.accepts(to) != nil; {
		// The next block is accepted, to is not: find a last one that is.
		yes, no := from.Height+1, to.Header.Height
		block, err := at(yes)
		if err != nil {
			return nil, err
		}
		for no-yes > 1 {
			middle := yes + (no-yes)/2
			b, err := at(middle)
			if err != nil {
				return nil, err
			}
			if from.accepts(b) != nil {
				no = middle
				continue
			}
			yes, block = middle, b
		}
		bridge = append(bridge, block)
		from = anchorAt(n, block)
	}
	bridge = withoutNeedless(n, a, bridge, to)
	if r := verifyChain(a, append(slices.Clone(bridge), to)); r != nil {
		return nil, r
	}
	var out []LightBlock
	for _, b := range bridge {
		out = append(out, *b)
	}
	return out, nil
}

// withoutNeedless leaves out blocks whose neighbours do without them.
func withoutNeedless(n identity.Network, a Anchor, bridge []*LightBlock, to *LightBlock) []*LightBlock {
	for i := 0; i < len(bridge); {
		before, after := a, to
		if i > 0 {
			before = anchorAt(n, bridge[i-1])
		}
		if i+1 < len(bridge) {
			after = bridge[i+1]
		}
		if before.accepts(after) != nil {
			i++
			continue
		}
		bridge = slices.Delete(bridge, i, i+1)
		i = max(0, i-1)
	}
	return bridge
}
