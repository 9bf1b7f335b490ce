package ledger

import (
	"context"
	"fmt"

	"github.com/waymark-ledger/waymark/identity"
)

// Expected is what somebody else remembers of the ledger: the engine's block
// store, whose header of a height carries the app hash of the height before.
type Expected struct {
	Network identity.Network // zero to leave it out
	Height  uint64
	AppHash identity.Hash
}

// DifferenceError says that the ledger and what it is compared with are not
// the same. The node must not serve: one of the two was damaged, restored
// from an older copy, or belongs to another node.
type DifferenceError struct {
	Height   uint64
	What     string // "network", "height", "app hash", "log root", …
	Ledger   string // what the ledger holds
	Expected string
}

func (e *DifferenceError) Error() string {
	return fmt.Sprintf("the ledger differs at height %d: its %s is %s, expected %s", e.Height, e.What, e.Ledger, e.Expected)
}

// Check compares the ledger with what the engine remembers. It is quick: it
// reads one row. It returns a *DifferenceError naming the first difference. A
// ledger that is behind has the difference "height": flipped bits in the tail
// of Pebble's log look like that, and so does a restored copy. The caller
// decides by how much it may be behind (the engine replays at most what it
// has not seen committed).
func (l *Ledger) Check(ctx context.Context, want Expected) error {
	s := l.Snapshot()
	defer s.Close()
	if s.g == nil {
		return ErrClosed
	}
	if err := l.failure.get(); err != nil {
		return err
	}
	if n := s.g.network; want.Network != (identity.Network{}) && n != want.Network {
		return &DifferenceError{want.Height, "network", n.String(), want.Network.String()}
	}
	if s.Height() < want.Height {
		return &DifferenceError{want.Height, "height", fmt.Sprint(s.Height()), fmt.Sprint(want.Height)}
	}
	r, ok, err := s.Block(want.Height)
	if err != nil {
		return err
	}
	if !ok {
		return &DifferenceError{want.Height, "block", "missing", "there"}
	}
	if r.AppHash != want.AppHash {
		return &DifferenceError{want.Height, "app hash", r.AppHash.String(), want.AppHash.String()}
	}
	return ctx.Err()
}
