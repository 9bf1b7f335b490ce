package proof

import (
	"fmt"

	"github.com/waymark-ledger/waymark/epcis"
	"github.com/waymark-ledger/waymark/identity"
)

// CheckpointFormat is the format and version of a Checkpoint's JSON.
const CheckpointFormat = "waymark-checkpoint/1"

// Checkpoint is what the validators of a network agreed on at one height: the
// roots of its log and map, and the block that carries their hash. It is what a
// reader keeps, to compare later answers with.
type Checkpoint struct {
	Format  string           `json:"format"`
	Network identity.Network `json:"network"`
	Roots   CheckpointRoots  `json:"roots"`
	// Bridge leads from the validators of genesis to those of Block, where they
	// have changed.
	Bridge []LightBlock `json:"bridge,omitempty"`
	// Block carries the roots' app hash: a block later than Roots.Height. The
	// later it is, the fresher the checkpoint; the roots stay while no record comes.
	Block LightBlock `json:"block"`
}

// CheckpointRoots are the parts of an app hash.
type CheckpointRoots struct {
	Height   uint64        `json:"height"`   // the last that changed state; 0 for genesis
	Previous identity.Hash `json:"previous"` // the app hash before that; of genesis the network
	LogSize  uint64        `json:"logSize"`
	LogRoot  identity.Hash `json:"logRoot"`
	MapRoot  identity.Hash `json:"mapRoot"`
}

// AppHash is the app hash that commits the roots.
func (r CheckpointRoots) AppHash() identity.Hash {
	return AppHash(r.Height, r.Previous, r.LogSize, r.LogRoot, r.MapRoot)
}

// NewCheckpoint is the checkpoint of a ledger's roots with the block that
// carries their app hash.
func NewCheckpoint(n identity.Network, r Roots, bridge []LightBlock, block LightBlock) *Checkpoint {
	return &Checkpoint{
		Format: CheckpointFormat, Network: n, Bridge: bridge, Block: block,
		Roots: CheckpointRoots{Height: r.StateHeight, Previous: r.Previous, LogSize: r.LogSize, LogRoot: r.LogRoot, MapRoot: r.MapRoot},
	}
}

// ParseCheckpoint reads a checkpoint's JSON; ErrUnusable for anything else. It
// verifies nothing.
func ParseCheckpoint(data []byte) (*Checkpoint, error) {
	var c Checkpoint
	if err := DecodeStrict(data, &c); err != nil {
		if format, ok := formatOf(data); ok && format != CheckpointFormat {
			return nil, fmt.Errorf("checkpoint: %w", unusable("its format is %q, not %s", format, CheckpointFormat))
		}
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	if c.Format != CheckpointFormat {
		return nil, unusable("checkpoint: its format is %q, not %s", c.Format, CheckpointFormat)
	}
	return &c, nil
}

// Encode is the checkpoint's JSON.
func (c *Checkpoint) Encode() ([]byte, error) { return EncodeStrict(c) }

// Verify checks that trust in the anchor extends to the checkpoint: its block is
// signed, and carries its roots. Its error is a *Refutation.
func (c *Checkpoint) Verify(a Anchor) error {
	if c.Network != a.Network {
		return Refute(ReasonNetwork, "it is of network %s, not %s", c.Network, a.Network)
	}
	chain := make([]*LightBlock, 0, len(c.Bridge)+1)
	for i := range c.Bridge {
		chain = append(chain, &c.Bridge[i])
	}
	if r := verifyChain(a, append(chain, &c.Block)); r != nil {
		return r
	}
	if r := c.checkRoots(); r != nil {
		return r
	}
	return nil
}

func (c *Checkpoint) checkRoots() *Refutation {
	h := &c.Block.Header
	if h.Height <= c.Roots.Height {
		return Refute(ReasonHeader, "block %d cannot carry the state of height %d", h.Height, c.Roots.Height)
	}
	if got := c.Roots.AppHash(); got != h.AppHash {
		return Refute(ReasonRoots, "the roots lead to app hash %s, block %d carries %s", got, h.Height, h.AppHash)
	}
	return nil
}

// Time is the time of the checkpoint's block, Unix nanoseconds: as of when the
// roots were known to be the last.
func (c *Checkpoint) Time() int64 { return c.Block.Header.Time }

// maxClockAhead is how many seconds a block may be ahead of the verifier's
// clock when it judges a block's age.
const maxClockAhead = 600

// CheckAge refuses a checkpoint whose block is more than maxAge seconds older
// than now. A verifier whose clock is far behind the block's cannot judge age
// and refuses too. Its error is a *Refutation.
func (c *Checkpoint) CheckAge(now epcis.Instant, maxAge int64) error {
	nanos := c.Time()
	seconds := nanos / nanosPerSecond
	if nanos%nanosPerSecond < 0 {
		seconds--
	}
	switch age := now.Seconds - seconds; {
	case age > maxAge:
		return Refute(ReasonStale, "the block is %d seconds old, %d are allowed", age, maxAge)
	case age < -maxClockAhead:
		return Refute(ReasonStale, "the block is %d seconds ahead of this clock, which cannot judge its age", -age)
	}
	return nil
}

// CheckExtends checks that the history of this checkpoint begins with that of an
// earlier one; path is an RFC 6962 consistency proof between their log sizes.
// Both have been verified. Its error is a *Refutation: then the two together are
// the evidence that validators signed two histories.
func (c *Checkpoint) CheckExtends(earlier *Checkpoint, path []identity.Hash) error {
	from, to := &earlier.Roots, &c.Roots
	if c.Network != earlier.Network {
		return Refute(ReasonNetwork, "they are of two networks")
	}
	if to.Height < from.Height || to.LogSize < from.LogSize {
		return Refute(ReasonLog, "height %d with %d entries is no extension of height %d with %d", to.Height, to.LogSize, from.Height, from.LogSize)
	}
	if to.Height == from.Height && *to != *from {
		return Refute(ReasonRoots, "two states of height %d", to.Height)
	}
	if err := VerifyConsistency(from.LogSize, to.LogSize, path, from.LogRoot, to.LogRoot); err != nil {
		return Refute(ReasonLog, "%v", err)
	}
	return nil
}
