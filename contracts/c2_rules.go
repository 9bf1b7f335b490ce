package contracts

import (
	"github.com/waymark-ledger/waymark/trace"
)

// handing is what the rules of hand-overs read.
func handing() []trace.Namespace {
	return append(bondStates(), trace.NSTransfer, trace.NSCase)
}

// handingWrites is what they write.
func handingWrites() []trace.Namespace {
	return []trace.Namespace{trace.NSItem, trace.NSTransfer, trace.NSCase}
}

// handingOf is what the rules of shipping and receiving read: who refuses asks whether lots were
// born here.
func handingOf(p gapPolicy) []trace.Namespace {
	if p == refuseGaps {
		return append(handing(), trace.NSBalance)
	}
	return handing()
}

func custodianContract(p gapPolicy) Contract {
	return Contract{
		Rule: "C2", Version: p.version(), Name: "single custodian", Kinds: eventKind(), judge: func(c *hearing) error { return c.custodian(p) },
		Says: "An item has at most one holder: the member that gave birth to it or last signed a receipt for it; a logistic unit of which nobody knows has who packs into it what it signed to hold. Who records an " +
			"event about what another is known to hold " + p.either("gets a flag, and ends nothing that the other signed to have received.",
			"is refused: of what was born here, and of a member's logistic unit, while the holder's own birth or receipt says that it holds it; "+
				"of anything else, and of what happened before that, it is a flag. A hand-over in the name of others is such an event, and so is the use of an input.") + " What is " +
			"in a container is held, and on its way, as the outermost that was handed over with it, unless it was handed over by itself since " +
			"or who packed it did not have it; where nobody is known to hold it, by who holds the container. The " +
			"parties of a shipment and the carrier that it names may record what happens on the way, but for its use, which is flagged; customs and certifiers inspect " +
			"what others hold. An errorDeclaration of a hand-over undoes it, unless the goods moved on: the goods of a " +
			"receipt are on their way again, also in a shipment that was recorded after it.",
		Source: "EPCIS 2.0, section 7.4 (who, what, where); CBV 2.0, section 7.4 (possessing_party)",
		Reads:  handing(),
		Writes: handingWrites(),
		Finds: p.finds([]Declared{
			{CodeCustodyGap, trace.Flag, "another is known to hold the item"},
			{CodeHeldByOther, trace.Reject, "another member signed to have received the item"},
			{CodeCustodyOfOther, trace.Reject, "only its author may declare a hand-over wrong"},
			{CodeCustodyCorrected, trace.Info, "a hand-over is declared wrong"},
			{CodeCustodyOrphaned, trace.Flag, "a later hand-over rests on what is declared wrong"},
			{CodeUsedOnItsWay, trace.Flag, "used while it is on its way"},
		}, Declared{CodeCustodyGap, trace.Reject, "another holds the item"}),
	}
}

func shipContract(p gapPolicy) Contract {
	return Contract{
		Rule: "C3", Version: p.version(), Name: "ship", Kinds: eventKind(), judge: func(c *hearing) error { return c.ship(p) },
		Says: "A shipment names one source, its author, and one destination of type possessing_party, and opens a transfer of its " +
			"top-level units and of its lots by quantity; what it names beside its container goes with that. The sender stays the holder until the destination signs. Refused is what " +
			"is on its way from the sender already, what another member signed to have received, by itself or in a container, and what an open case locks." +
			p.either("", " So is what rule C2 refuses to others than its holder: who is to receive goods ships them on after its receipt. So is, of what was born here and of "+
				"a member's logistic unit, the shipment that does not name one source, its author, and one destination."),
		Source: "CBV 2.0, sections 7.1.2 (shipping) and 7.4 (source and destination types)",
		Reads:  handingOf(p),
		Writes: handingWrites(),
		Finds: p.finds([]Declared{
			{CodeShipParties, trace.Flag, "does not say who ships to whom"},
			{CodeShipForOther, trace.Flag, "the source is not the signer"},
			{CodeShipLocked, trace.Reject, "an open case locks the item"},
			{CodeShipGap, trace.Flag, "the sender is not known to hold the item"},
			{CodeShippedTwice, trace.Reject, "the item is on its way already"},
			{CodeShipNotHeld, trace.Reject, "another member signed to have received the item"},
			{CodeShipLeaves, trace.Info, "handed to who is no member"},
			{CodeShipped, trace.Info, "on its way until the receiver signs"},
			{CodeShipMatched, trace.Info, "its receipt was recorded before"},
			{CodeShipUncounted, trace.Flag, "quantities that no transfer keeps"},
		}, Declared{CodeShipParties, trace.Reject, "does not say who ships to whom what was born here"},
			Declared{CodeShipForOther, trace.Reject, "the source of what was born here is not the signer"},
			Declared{CodeShipGap, trace.Reject, "another holds the item"}),
	}
}

func receiveContract(p gapPolicy) Contract {
	return Contract{
		Rule: "C4", Version: p.version(), Name: "receive", Kinds: eventKind(), judge: func(c *hearing) error { return c.receive(p) },
		Says: "The destination of a transfer signs for what arrived and holds it from then on; the rest stays on its way. What no " +
			"shipment names is received with a flag, and its shipment may be recorded later. Of two members that sign for the same " +
			"goods exactly one wins: what another member has received, by itself or in a container, is refused. What is in a container that is " +
			"on its way is received by itself, and the container stays on its way; what the shipment named beside it comes with it. A weight may differ by 0.5%, or what " +
			"the network's receiptTolerance says, a count by nothing." +
			p.either("", " Of what rule C2 refuses to others than its holder, nobody receives what is on its way to another, or what its holder has not shipped where it is not named as the source. "+
				"Of what was born here nobody signs for another destination, and more of a lot than is on its way is received from a named source alone, with whom a case is opened."),
		Source: "CBV 2.0, section 7.1.2 (receiving, accepting)",
		Reads:  handingOf(p),
		Writes: handingWrites(),
		Finds: p.finds([]Declared{
			{CodeReceived, trace.Info, "received from its transfer"},
			{CodeReceivedForOther, trace.Flag, "the destination is not the signer"},
			{CodeReceivedUnshipped, trace.Flag, "no shipment to the signer is known"},
			{CodeReceiptGap, trace.Flag, "the ledger knows another receiver or holder; custody stays"},
			{CodeReceiptLocked, trace.Reject, "an open case locks the item"},
			{CodeReceivedByOther, trace.Reject, "another member has received the item"},
			{CodeReceiptUncounted, trace.Flag, "quantities that no transfer keeps"},
		}, Declared{CodeReceivedForOther, trace.Reject, "the destination of what was born here is not the signer"},
			Declared{CodeReceivedUnshipped, trace.Reject, "no shipment to the signer is known, and nobody is named as the source"},
			Declared{CodeReceiptGap, trace.Reject, "the ledger knows another receiver or holder"}),
	}
}

func exceptionsContract() Contract {
	return Contract{
		Rule: "C5", Version: 1, Name: "exceptions", Kinds: eventKind(), judge: (*hearing).exceptions,
		Says: "Where a shipment and its receipt differ a case is opened: product without data, data without product, data error or " +
			"damage. The sender owns it, it has a deadline in block time, and its items are locked until the missing record, a " +
			"correction, the goods' return or the owner's acceptance settles it. What was shipped and not received by the deadline " +
			"is a case without any record saying so.",
		Source: "practice under the US Drug Supply Chain Security Act (exception classes)",
		Reads:  handing(),
		Writes: handingWrites(),
		Finds: []Declared{
			{CodeProductWithoutData, trace.Lock, "goods arrived that no shipment says were sent"},
			{CodeProductWithoutData, trace.Flag, "goods of a lot arrived that no shipment says were sent"},
			{CodeDataWithoutProduct, trace.Info, "received after the deadline"},
			{CodeDataError, trace.Lock, "shipment and receipt contradict each other"},
			{CodeDataError, trace.Flag, "shipment and receipt of a lot contradict each other"},
			{CodeDamage, trace.Lock, "goods arrived damaged"},
			{CodeDamage, trace.Flag, "goods arrived damaged and were destroyed"},
			{CodeCaseSettled, trace.Info, "a case is settled, or a part of it"},
			{CodeCaseNotSettled, trace.Flag, "the record does not settle the case that it names"},
		},
	}
}

func endedInCasesContract() Contract {
	return Contract{
		Rule: "C5", Version: 1, Name: "cases of what has ended", Kinds: eventKind(), judge: (*hearing).endedInCases,
		Says: "What a case locks may be destroyed or taken out of use; used and sold it is not (rules M1, K4). The case stays " +
			"open, and its owner's record of it settles it.",
		Source: "practice under the US Drug Supply Chain Security Act (exception classes)",
		Reads:  []trace.Namespace{trace.NSCase},
		Writes: []trace.Namespace{trace.NSItem, trace.NSCase},
		Finds:  []Declared{{CodeCaseSettled, trace.Info, "a case is settled, or a part of it"}},
	}
}

func voidContract() Contract {
	return Contract{
		Rule: "C6", Version: 1, Name: "void shipping", Kinds: eventKind(), judge: (*hearing).void,
		Says:   "The sender voids a shipment, or a part of it, that nobody has received; nobody else does, and what was received is not voided. What is in a container is voided with it; by itself what the shipment named beside it.",
		Source: "CBV 2.0, section 7.1.2 (void_shipping)",
		Reads:  handing(),
		Writes: handingWrites(),
		Finds: []Declared{
			{CodeVoidReceived, trace.Reject, "the receiver has signed for it"},
			{CodeVoidOfOther, trace.Reject, "only its sender voids a shipment"},
			{CodeVoidNothing, trace.Flag, "there is no open shipment of it"},
			{CodeShipmentVoid, trace.Info, "no longer on its way; the sender holds it"},
			{CodeVoidUncounted, trace.Flag, "quantities that cannot be compared with a shipment"},
		},
	}
}
