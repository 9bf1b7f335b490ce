package contracts

// The codes of findings. They stand in ledger entries: a number never changes
// its meaning and is never used again. The hundreds are the rule.
const (
	CodeMalformed uint32 = 1 // the bytes do not decode as a record of their kind

	// A1, the signature's key and membership.
	CodeUnknownKey     uint32 = 101
	CodeRevokedKey     uint32 = 102
	CodeInactiveMember uint32 = 103
	// A2, prefix authority.
	CodeForeign         uint32 = 201 // FLAG: no member licenses the prefix
	CodeNotPrefixHolder uint32 = 202 // REJECT: master data of another member's prefix
	CodeMalformedID     uint32 = 203 // FLAG: a GS1-shaped identifier that does not parse
	// A3, role scope.
	CodeKindNotAllowed uint32 = 301
	CodeStepNotAllowed uint32 = 302
	CodeCustomsTerm    uint32 = 303
	// A5, time.
	CodeFuture uint32 = 501
	CodeLate   uint32 = 502
	// A6, duplicates.
	CodeDuplicate    uint32 = 601 // REJECT; Verdict.FirstSeq names the first receipt
	CodeCorroborates uint32 = 602
	CodeSameContent  uint32 = 603
	// C1, lifecycle.
	CodeBornTwice         uint32 = 1101
	CodeEnded             uint32 = 1102
	CodeOtherLot          uint32 = 1103
	CodeBornAfterSeen     uint32 = 1104
	CodeBeforeEnd         uint32 = 1105 // FLAG: recorded after the item's end, but happened before
	CodeCorrection        uint32 = 1106 // INFO: what an errorDeclaration undid
	CodeCorrectionOfOther uint32 = 1107
	CodeOrphaned          uint32 = 1108 // FLAG: later events rested on what was declared wrong
	// K, certificates.
	CodeNotAccredited      uint32 = 2101
	CodeCertificateExists  uint32 = 2102
	CodeCertificateUnknown uint32 = 2103
	CodeNotIssuer          uint32 = 2104
	CodeCertificateEnded   uint32 = 2105
	CodeCertificateInvalid uint32 = 2106
	CodeCitedUnknown       uint32 = 2201
	CodeCitedRevoked       uint32 = 2202
	CodeCitedOutOfTime     uint32 = 2203
	CodeCitedOutOfScope    uint32 = 2204
)
