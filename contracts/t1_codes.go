package contracts

// T1, cold chain.
const (
	CodeNonConformant   uint32 = 6101 // LOCK: longer outside the limits than they allow, or too warm in the mean
	CodeConformant      uint32 = 6102 // INFO: received within the limits
	CodeColdUnknown     uint32 = 6103 // FLAG: received, and nobody can say
	CodeLimitsInvalid   uint32 = 6104 // FLAG
	CodeColdReleased    uint32 = 6105 // INFO: somebody entitled finds it conformant
	CodeColdInherited   uint32 = 6106 // LOCK: comes out of what is locked
	CodeColdWithdrawn   uint32 = 6107 // INFO: reports, or the limits, declared wrong
	CodeOutsideTheLimit uint32 = 6108 // INFO: outside, within what is allowed
	CodeColdKept        uint32 = 6109 // FLAG: an unpacking declared wrong, and too many are remembered
	CodeColdMixed       uint32 = 6110 // FLAG: reports declared wrong that others of the device have followed
	CodeLimitsUnbound   uint32 = 6111 // INFO: the event ships or moves nothing, and its limits bind nothing
)

// T2, sensor trust. Each makes the verdict of T1 unknown.
const (
	CodeOtherDevice   uint32 = 6201 // FLAG
	CodeNotCalibrated uint32 = 6202 // FLAG
	CodeGap           uint32 = 6203 // FLAG
	CodeFlatLine      uint32 = 6204 // FLAG
	CodeJump          uint32 = 6205 // FLAG
	CodeLateReport    uint32 = 6206 // FLAG
	CodeBadReport     uint32 = 6207 // FLAG
	CodeReadOutLate   uint32 = 6208 // FLAG: counted, but recorded after the receipt
	CodeUncertified   uint32 = 6209 // FLAG: no certificate is named; NotCalibrated: none of those that are holds
	CodeNoDevice      uint32 = 6210 // FLAG
	CodeManyDevices   uint32 = 6211 // FLAG
)
