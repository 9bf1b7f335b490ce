package contracts

// F1, clone.
const (
	CodeSoldTwice         uint32 = 7101 // FLAG: and the serial is disputed
	CodeBornElsewhere     uint32 = 7102 // FLAG: a second birth that no rule refused
	CodeTwoPlaces         uint32 = 7103 // FLAG: at two places at the same time
	CodeDisputed          uint32 = 7104 // INFO: the serial was disputed before
	CodeDisputeSettled    uint32 = 7105 // INFO
	CodeTwoCustodians     uint32 = 7106 // FLAG: seen by another than its holder, and nobody handed it over
	CodeDisputeHandedOver uint32 = 7107 // INFO: the hand-over is recorded
)

// F2, impossible travel.
const CodeTooFast uint32 = 7201 // FLAG
