package contracts

// The codes of findings. They stand in ledger entries: a number never changes
// its meaning and is never used again. The hundreds are the rule: 1xx is A1,
// 11xx C1, 21xx K1.
const (
	// CodeMalformed: the bytes do not decode as a record of their kind.
	CodeMalformed uint32 = 1

	// A1, signature.
	CodeUnknownKey     uint32 = 101 // REJECT
	CodeRevokedKey     uint32 = 102 // REJECT
	CodeInactiveMember uint32 = 103 // REJECT

	// A2, prefix authority.
	CodeForeign         uint32 = 201 // FLAG: no member licenses the prefix
	CodeNotPrefixHolder uint32 = 202 // REJECT: master data of another member's prefix
	CodeMalformedID     uint32 = 203 // FLAG: a GS1-shaped identifier that does not parse
	CodeOtherDescriber  uint32 = 204 // FLAG: another organisation described this foreign thing first

	// A3, role scope.
	CodeKindNotAllowed uint32 = 301 // REJECT
	CodeStepNotAllowed uint32 = 302 // REJECT
	CodeCustomsTerm    uint32 = 303 // REJECT: a customs decision by who is not customs

	// A5, time.
	CodeFuture uint32 = 501 // REJECT
	CodeLate   uint32 = 502 // INFO

	// A6, duplicates.
	CodeDuplicate    uint32 = 601 // REJECT; Verdict.FirstSeq names the first receipt
	CodeCorroborates uint32 = 602 // INFO
	CodeSameContent  uint32 = 603 // FLAG

	// C1, lifecycle.
	CodeBornTwice         uint32 = 1101 // REJECT
	CodeEnded             uint32 = 1102 // REJECT
	CodeOtherLot          uint32 = 1103 // REJECT
	CodeBornAfterSeen     uint32 = 1104 // FLAG
	CodeBeforeEnd         uint32 = 1105 // FLAG: recorded after the item's end, but happened before it
	CodeCorrected         uint32 = 1106 // INFO: what an errorDeclaration undid
	CodeCorrectionOfOther uint32 = 1107 // REJECT
	CodeOrphaned          uint32 = 1108 // FLAG: something later rests on what was declared wrong
	CodeNothingCorrected  uint32 = 1109 // INFO: an errorDeclaration that undid no birth or end
	CodeForeignLife       uint32 = 1110 // FLAG: what would be 1101 to 1103 of an item whose prefix no member licenses

	// K1 and K3, certificates.
	CodeNotAccredited      uint32 = 2101 // REJECT
	CodeCertificateExists  uint32 = 2102 // REJECT
	CodeCertificateUnknown uint32 = 2103 // REJECT
	CodeNotIssuer          uint32 = 2104 // REJECT
	CodeCertificateRevoked uint32 = 2105 // REJECT
	CodeCertificateInvalid uint32 = 2106 // REJECT

	// K2, use of certificates.
	CodeCitedUnknown    uint32 = 2201 // FLAG
	CodeCitedRevoked    uint32 = 2202 // FLAG
	CodeCitedOutOfTime  uint32 = 2203 // FLAG
	CodeCitedOutOfScope uint32 = 2204 // FLAG
	CodeCited           uint32 = 2205 // INFO: cited certificates that hold
)
