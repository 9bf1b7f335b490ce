package ledger

import "github.com/waymark-ledger/waymark/identity"

// updateMap is where the authenticated map joins: it gets every key that the
// block changed, sorted by map key and each once, with what the map's leaf will
// hold of it, H(0x10 ‖ map key ‖ count8 ‖ head ‖ H(0x14 ‖ state)), before the block's roots are
// computed; it will set their heads, stage its N pages into the block's batch
// and return the map's root. The map is not kept yet: the root is zero.
func (b *Block) updateMap([]*stagedKey) (identity.Hash, error) {
	return identity.Hash{}, nil
}
