// Package ledger keeps what the network agreed on: entries, the bytes of their
// records, the verdicts, the history and state of every key, and over them the
// RFC 6962 log, the authenticated map and the app hash chain, in one Pebble store.
//
// Its promise: a block is on disk whole or not at all. A block is staged in
// memory ([Block]) and written in ONE synced batch; nobody reads it before it
// is synced; and what was committed never changes. The same blocks give the
// same roots on every machine.
//
// # Who owns what
//
// One goroutine at a time, the committer, begins, fills and commits blocks.
// Any number of goroutines read through a [Snapshot], which stays at one
// height, and through the read methods of [Ledger], which follow the last
// committed height. Readers and the committer never wait for each other's I/O.
//
// # Failure
//
// Pebble cannot go on after a failed write to its log or manifest: it calls
// its logger's Fatalf and expects the process to end. The ledger turns that
// into an error of [Block.Commit] and closes [Ledger.Failed]; corruption that
// is found while reading closes it too. From then on the ledger refuses
// blocks, and its owner has to end the process: what was acknowledged is on
// disk, and a restart reads it back.
package ledger
