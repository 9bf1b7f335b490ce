// Package p2p carries signed envelopes between the nodes of a network: a
// libp2p [Host] that talks to nobody but members, and an [Outbox] with its
// [Dispatcher] that keeps what the node accepted until the ledger has it.
//
// Its promises: no byte of a peer that the gate refuses reaches the node;
// peers are dialled at their configured addresses only, whatever they say of
// themselves; nothing is forwarded or delivered before it was validated, and
// nothing is validated twice; and what [Outbox.Put] returned for is gossiped,
// again and again, across crashes and partitions, until it is removed or its
// deadline passes.
//
// Gossip is best effort by design. A full queue drops a message rather than
// slow a peer down, because the outbox of its author will send it again.
package p2p
