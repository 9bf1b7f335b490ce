package contracts

// D1, plots.
const (
	CodeBadGeometry uint32 = 5101 // REJECT
	CodePlotVague   uint32 = 5102 // FLAG: a plot without its id, or a point without its area
	CodePlotAbroad  uint32 = 5103 // FLAG: a plot outside of the country that is named
	CodeCutOff      uint32 = 5104 // FLAG: a date, or what is attested, contradicts the cut-off
	CodeNoPlot      uint32 = 5105 // FLAG: goods come into being from nothing, and no plot is named
)

// D2, due-diligence statement.
const (
	CodeNoStatement      uint32 = 5201 // LOCK
	CodeStatement        uint32 = 5202 // INFO: a reference is recorded; what was locked for want of it is free
	CodeReleaseWithdrawn uint32 = 5203 // INFO: the release, or the reference, is declared wrong
	CodeReferenceNotKept uint32 = 5204 // FLAG: by the first downstream of the operator
)

// D3, no mixing.
const (
	CodeMixed         uint32 = 5301 // LOCK
	CodeMixWithdrawn  uint32 = 5302 // INFO: the transformation is declared wrong
	CodeMixedTooLate  uint32 = 5303 // FLAG: inputs recorded after outputs make them mixed
	CodeUnknownOrigin uint32 = 5304 // INFO: made from what nobody says on which plots it grew
)
