package contracts

// The codes of findings. They stand in ledger entries: a number never changes
// its meaning and is never used again. The hundreds are the rule: 1xx is A1,
// 11xx C1, 21xx K1.
const (
	// CodeMalformed: the bytes do not decode as a record of their kind.
	CodeMalformed uint32 = 1
	// CodeMisplaced, FLAG or REJECT by gapPolicy: a persistentDisposition in an event that has none.
	CodeMisplaced uint32 = 2

	// A1, signature.
	CodeUnknownKey     uint32 = 101 // REJECT
	CodeRevokedKey     uint32 = 102 // REJECT
	CodeInactiveMember uint32 = 103 // REJECT
	CodeKeyKind        uint32 = 104 // REJECT: a key that is for other kinds of records

	// A2, prefix authority.
	CodeForeign         uint32 = 201 // FLAG: no member licenses the prefix
	CodeNotPrefixHolder uint32 = 202 // REJECT: master data of another member's prefix
	CodeMalformedID     uint32 = 203 // FLAG or REJECT by policy: a GS1-shaped identifier that does not parse
	CodeOtherDescriber  uint32 = 204 // FLAG: another organisation described this foreign thing first
	CodeBornUnderOther  uint32 = 205 // FLAG or REJECT by policy: a birth under another member's prefix
	// The same, by the time of the licence.
	CodeBornAfterLicence  uint32 = 206
	CodeBornBeforeLicence uint32 = 207
	CodePrefixesLeft      uint32 = 208 // FLAG: more prefixes than are looked up

	// A3, role scope.
	CodeKindNotAllowed uint32 = 301 // REJECT
	CodeStepNotAllowed uint32 = 302 // REJECT
	CodeCustomsTerm    uint32 = 303 // REJECT: a customs decision by who is not customs

	// A5, time.
	CodeFuture uint32 = 501 // REJECT
	CodeLate   uint32 = 502 // FLAG

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
	CodeUnborn            uint32 = 1111 // FLAG: named for the first time, and not by its birth

	// K1 and K3, certificates: issue, and the first form of status.
	CodeNotAccredited       uint32 = 2101 // REJECT
	CodeCertificateExists   uint32 = 2102 // REJECT
	CodeCertificateUnknown  uint32 = 2103 // REJECT, K3
	CodeNotIssuer           uint32 = 2104 // REJECT, K3
	CodeCertificateRevoked  uint32 = 2105 // REJECT, K3
	CodeCertificateInvalid  uint32 = 2106 // REJECT
	CodeNoAccreditation     uint32 = 2107 // REJECT: names an accreditation that is unknown, or another's
	CodeAccreditationLapsed uint32 = 2108 // REJECT: the chain of accreditations does not hold now
	CodeBeyondAccreditation uint32 = 2109 // REJECT: a scope wider than the accreditation's
	CodeNotAccreditor       uint32 = 2110 // REJECT

	// K2, use of certificates.
	CodeCitedUnknown      uint32 = 2201 // FLAG
	CodeCitedRevoked      uint32 = 2202 // FLAG
	CodeCitedOutOfTime    uint32 = 2203 // FLAG
	CodeCitedOutOfScope   uint32 = 2204 // FLAG: the goods
	CodeCited             uint32 = 2205 // INFO: cited certificates that hold
	CodeCitedSuspended    uint32 = 2206 // FLAG
	CodeCitedUnaccredited uint32 = 2207 // FLAG
	CodeCitedOtherSite    uint32 = 2208 // FLAG
	CodeCitedOtherHS      uint32 = 2209 // FLAG
	CodeCitedOtherStep    uint32 = 2211 // FLAG: the activity
	CodeCitedOtherHolder  uint32 = 2212 // FLAG: the certificate is another organisation's
	CodeCitedTooMany      uint32 = 2213 // FLAG: more than are judged

	// K3, status of certificates.
	CodeNoTransition       uint32 = 2301 // REJECT
	CodeCertificateExpired uint32 = 2302 // REJECT
	CodeSuspendedByOther   uint32 = 2303 // REJECT
	CodeTooManyChanges     uint32 = 2304 // REJECT
	CodeReasonUnknown      uint32 = 2305 // REJECT

	// K4, acknowledgement of recalls and their like.
	CodeNothingToAcknowledge uint32 = 2401 // REJECT
	CodeNotConcerned         uint32 = 2402 // REJECT: what it says it holds, or held, another holds
	CodeAcknowledged         uint32 = 2403 // INFO
	CodeAcknowledgedAgain    uint32 = 2404 // INFO: a later answer of the same organisation
	CodeTooManyAnswers       uint32 = 2405 // REJECT

	// K4, use of what is locked.
	CodeSellsLocked  uint32 = 2406 // REJECT
	CodeMovesLocked  uint32 = 2407 // FLAG: ships what is locked, or sells what is locked for one market or foreign
	CodeMovedUnaware uint32 = 2408 // FLAG: shipped or sold before the event that locked its lot
)
