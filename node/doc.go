// Package node is one Waymark node: the ledger, the contracts, the two
// networks and the API, wired in start order around a CometBFT engine that
// runs in the same process. It is the only importer of CometBFT.
//
// Its promise: what it acknowledges is judged, committed and synced to its own
// disk; what it proposes and accepts in consensus depends on nothing but the
// ledger's state at the height before, the block's header and the block's
// transactions; and it refuses to serve from stores that contradict each other.
package node
