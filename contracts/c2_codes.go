package contracts

// The codes of the custody rules C2 to C6, whose hundreds they are.
const (
	// C2, single custodian.
	CodeCustodyGap       uint32 = 1201 // FLAG, or REJECT by gapPolicy: the signer is not known to hold it
	CodeHeldByOther      uint32 = 1202 // REJECT: an end of what another member signed to have received
	CodeCustodyOfOther   uint32 = 1203 // REJECT: a hand-over is declared wrong by who did not record it
	CodeCustodyCorrected uint32 = 1204 // INFO: what an errorDeclaration undid
	CodeCustodyOrphaned  uint32 = 1205 // FLAG: a later hand-over rests on what is declared wrong
	CodeUsedOnItsWay     uint32 = 1206 // FLAG: by its sender

	// C3, ship.
	CodeShipParties   uint32 = 1301 // FLAG, or REJECT by gapPolicy: not exactly one source and one destination
	CodeShipForOther  uint32 = 1302 // FLAG, or REJECT by gapPolicy: the source is not the signer
	CodeShipLocked    uint32 = 1303 // REJECT
	CodeShipGap       uint32 = 1304 // FLAG, or REJECT by gapPolicy: the signer is not known to hold it
	CodeShippedTwice  uint32 = 1305 // REJECT
	CodeShipNotHeld   uint32 = 1306 // REJECT: another member signed to have received it
	CodeShipLeaves    uint32 = 1307 // INFO: handed to who is no member
	CodeShipped       uint32 = 1308 // INFO: the transfer that it opens
	CodeShipMatched   uint32 = 1309 // INFO: its receipt was recorded before
	CodeShipUncounted uint32 = 1310 // FLAG: quantities that no transfer can keep

	// C4, receive.
	CodeReceived          uint32 = 1401 // INFO
	CodeReceivedForOther  uint32 = 1402 // FLAG, or REJECT by gapPolicy: the destination is not the signer
	CodeReceivedUnshipped uint32 = 1403 // FLAG, or REJECT by gapPolicy: no shipment to the signer is known
	CodeReceiptGap        uint32 = 1404 // FLAG, or REJECT by gapPolicy: on its way to another, or held by another; custody stays
	CodeReceiptLocked     uint32 = 1405 // REJECT
	CodeReceivedByOther   uint32 = 1406 // REJECT: another member has received it since
	CodeReceiptUncounted  uint32 = 1407 // FLAG: quantities that cannot be compared

	// C5, exceptions. The first four are the classes, in the order of ClassNumber.
	CodeProductWithoutData uint32 = 1501 // LOCK, FLAG of lots
	CodeDataWithoutProduct uint32 = 1502 // INFO: received after the deadline; the case itself follows from the transfer
	CodeDataError          uint32 = 1503 // LOCK, FLAG of lots
	CodeDamage             uint32 = 1504 // LOCK, FLAG of lots
	CodeCaseSettled        uint32 = 1505 // INFO
	CodeCaseNotSettled     uint32 = 1506 // FLAG: what the record says does not settle the case

	// C6, void shipping.
	CodeVoidReceived  uint32 = 1601 // REJECT: it was received before
	CodeVoidOfOther   uint32 = 1602 // REJECT: only the sender voids
	CodeVoidNothing   uint32 = 1603 // FLAG: no open shipment
	CodeShipmentVoid  uint32 = 1604 // INFO
	CodeVoidUncounted uint32 = 1605 // FLAG: quantities that cannot be compared
)
