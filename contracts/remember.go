package contracts

import "github.com/waymark-ledger/waymark/trace"

// Remembers reports whether a court may answer from memory what it read of a
// namespace for an earlier record. What it may remember is what it would have to be
// told of, were it changed by other than the records that it judges. It reads the
// states of all other namespaces anew for each record.
func Remembers(ns trace.Namespace) bool {
	switch ns {
	case trace.NSItem, trace.NSBalance, trace.NSTransfer, trace.NSCase, trace.NSRecall, trace.NSColdChain, trace.NSDiligence,
		trace.NSAcknowledged, trace.NSRefused, trace.NSTransaction, trace.NSEmptied, trace.NSContent, trace.NSNumber:
		return false
	}
	return true
}

// Proceed has the court judge a later block over the same view. It still remembers
// what it read: that must have changed by nothing but the records it judged.
func (court *Court) Proceed(b Block) {
	clear(court.heard) // they hold on to the texts of records
	court.block, court.heard = b, court.heard[:0]
}

// WithoutForward leaves the forward index out of verdicts, for who keeps none.
func (court *Court) WithoutForward() *Court {
	court.noForward = true
	return court
}
