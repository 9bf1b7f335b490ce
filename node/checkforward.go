package node

import (
	"context"
	"fmt"

	"github.com/waymark-ledger/waymark/contracts"
	"github.com/waymark-ledger/waymark/identity"
	"github.com/waymark-ledger/waymark/ledger"
	"github.com/waymark-ledger/waymark/proof"
	"github.com/waymark-ledger/waymark/trace"
)

// counted is what the forward index counts items by: the map key of their lot or
// class, the record that bore them, and where they are.
type counted struct {
	of    identity.Hash
	born  uint64
	place trace.Place
}

// places counts all items by their states and compares that with the forward index.
// It keeps one number for each place of each batch in memory.
func (k *checker) places(ctx context.Context, s *ledger.Snapshot) error {
	count := map[counted]int64{}
	err := s.EachState(trace.NSItem, func(key trace.Key, state []byte) error {
		batch, place, ok, err := contracts.Located(key.ID, state)
		if err != nil {
			return fmt.Errorf("state of %s %q: %w", key.NS, key.ID, err)
		}
		if ok {
			count[counted{proof.MapKey(batch.Of), batch.Born, place}]++
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	err = s.EachPlace(func(of identity.Hash, m trace.Move) error {
		if m.Born == trace.Unmarked { // an amount: who has an account of the lot
			return ctx.Err()
		}
		at := counted{of, m.Born, m.Place}
		if count[at] != m.By {
			return fmt.Errorf("the forward index counts %d items of record %d %s with %q, their states %d", m.By, m.Born, m.Condition, m.Holder, count[at])
		}
		delete(count, at)
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	for at, n := range count {
		return fmt.Errorf("the forward index lacks %d items of record %d %s with %q", n, at.born, at.place.Condition, at.place.Holder)
	}
	return nil
}
