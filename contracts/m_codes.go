package contracts

// The codes of transformations and balances.
const (
	// M1, transform inputs.
	CodeInputLocked        uint32 = 3101 // REJECT
	CodeInputUnknown       uint32 = 3102 // FLAG: no record here says how the input came to be
	CodeInputBeforeBirth   uint32 = 3103 // REJECT: the signer itself recorded a birth that is later
	CodeInputBeforeOthers  uint32 = 3104 // FLAG: another organisation recorded a birth that is later
	CodeTransformationDone uint32 = 3105 // FLAG: an event under a transformationID that is closed
	CodeForeignLocked      uint32 = 3106 // FLAG: what would be 3101 of an input whose prefix no member licenses, or of one of many in a container
	CodeInputLockedSince   uint32 = 3107 // FLAG: what would be 3101, but the lot was locked by an event that happened later

	// M2, physical balance.
	CodeOverYield         uint32 = 3201 // REJECT: more weight out than in
	CodeVolumeOver        uint32 = 3202 // FLAG: more volume out than in
	CodeNotComputable     uint32 = 3203 // INFO
	CodeUnbalanced        uint32 = 3204 // FLAG: a correction leaves a closed transformation with more out than in
	CodeWeightUndone      uint32 = 3205 // INFO: a correction took weights out of a transformation
	CodeYieldOutsideRange uint32 = 3206 // FLAG

	// M3, claim balance.
	CodeClaimOverdrawn     uint32 = 3301 // REJECT: identity preserved, segregated
	CodeClaimOverBalance   uint32 = 3302 // FLAG: mass balance
	CodeClaimNotComputable uint32 = 3303 // INFO
	CodeClaimOrphaned      uint32 = 3304 // FLAG: a correction leaves an account with more claimed than certified
	CodeClaimUndone        uint32 = 3305 // INFO
	CodeClaimLocked        uint32 = 3306 // LOCK: mass balance, overdrawn at the close of the period
	CodeClaimAfterClose    uint32 = 3307 // REJECT: a further claim on such an account
	CodeClaimFreed         uint32 = 3308 // INFO
	CodeCreditUnclear      uint32 = 3309 // REJECT
	CodeCreditTaken        uint32 = 3310 // REJECT: an id is booked once
	CodeCreditUnknown      uint32 = 3311 // REJECT: never booked, or its booking is declared wrong
	CodeCreditOverdrawn    uint32 = 3312 // REJECT: by who has none or less, or has used it
	CodeCreditGoods        uint32 = 3313 // REJECT: what a booking makes needs a lot of its own
	CodeCreditDoubted      uint32 = 3314 // FLAG: its certificate does not hold for the booking, or a compromised key booked it
	CodeCreditOrphaned     uint32 = 3315 // FLAG
	CodeCredit             uint32 = 3316 // INFO: what became of a credit
	CodeCreditUndone       uint32 = 3317 // INFO

	CodeClaimsForgotten uint32 = 3318 // FLAG: a lot claimed above the balances of more accounts than are kept

	// W1, stock.
	CodeOverUse          uint32 = 8101 // FLAG
	CodeOverUseCertified uint32 = 8102 // LOCK
	CodeNotCounted       uint32 = 8103 // INFO: an amount that the lot's balance cannot take
	CodeStockOrphaned    uint32 = 8104 // FLAG: a correction leaves a balance below nothing
	CodeStockUndone      uint32 = 8105 // INFO
	CodeStockSettled     uint32 = 8106 // INFO: a lot that was locked is within its balance again
	CodeSchemesForgotten uint32 = 8108 // INFO: more schemes of one lot than are kept
	CodeNotKept          uint32 = 8107 // INFO: more postings than a correction takes back
)
