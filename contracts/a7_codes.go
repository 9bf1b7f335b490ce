package contracts

// A7 findings.
const (
	CodeRestsOnCompromised   uint32 = 701 // FLAG: a hand-over or birth that the event rests on was signed with a compromised key
	CodeUsesCompromised      uint32 = 702 // REJECT: moves or uses what a compromised key created
	CodeAttested             uint32 = 703 // INFO
	CodeAttestsNothing       uint32 = 704 // FLAG: says that it attests, and cannot
	CodeCitesCompromised     uint32 = 705 // FLAG: a certificate that a compromised key issued
	CodeUsesCompromisedFlag  uint32 = 706 // FLAG: what would be 702 of a foreign thing, or is its end
	CodeAttestationWithdrawn uint32 = 707 // INFO: an attestation is declared wrong
	CodeRestsOnDecision      uint32 = 708 // FLAG: a customs decision that a compromised key signed
	CodeRestsOnMasterData    uint32 = 709 // FLAG: master data that a compromised key signed
	CodeBearerForgotten      uint32 = 710 // FLAG: more keys signed births of a lot than are remembered
	CodeRestsOnRecall        uint32 = 711 // FLAG: a recall, or its end, that a compromised key signed
	CodeRestsOnReference     uint32 = 712 // FLAG: a due-diligence reference that a compromised key gave
	CodeCitesReinstated      uint32 = 713 // FLAG: a certificate that a compromised key reinstated
)
