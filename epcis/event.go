package epcis

// EventType is one of the five event types of EPCIS 2.0, section 7.4.
type EventType string

// The event types of EPCIS 2.0.
const (
	ObjectEvent         EventType = "ObjectEvent"
	AggregationEvent    EventType = "AggregationEvent"
	TransactionEvent    EventType = "TransactionEvent"
	TransformationEvent EventType = "TransformationEvent"
	AssociationEvent    EventType = "AssociationEvent"
)

// Action says how an event relates to the lifecycle of its objects
// (EPCIS 2.0, section 7.3.3.1). A TransformationEvent has none.
type Action string

// The actions of EPCIS 2.0.
const (
	Add     Action = "ADD"
	Observe Action = "OBSERVE"
	Delete  Action = "DELETE"
)

// Event is the typed meaning of one EPCIS event. Identifiers are canonical,
// vocabulary is expanded (a bare CBV word becomes its
// https://ref.gs1.org/cbv/ URI), instants and quantities are exact. The bytes
// it was read from stay with the caller; an Event is never written back.
type Event struct {
	Type       EventType
	ID         string  // eventID as written, or "" when the event has none
	Time       Instant // eventTime
	ZoneOffset string  // eventTimeZoneOffset, as written
	RecordTime *Instant

	Action      Action // empty for a TransformationEvent
	BizStep     string // expanded URI, or ""
	Disposition string // expanded URI, or ""
	Set, Unset  []string

	// Misplaced is a persistentDisposition in an event that can have none: it says nothing
	// of its things. Only an ObjectEvent and a TransformationEvent have one (gs1/EPCIS#440),
	// though the schema takes it in any.
	Misplaced *Misplaced

	EPCs             []ID // epcList
	Parent           ID   // parentID
	Children         []ID // childEPCs
	Inputs, Outputs  []ID // inputEPCList, outputEPCList
	Quantities       []Quantity
	ChildQuantities  []Quantity
	InputQuantities  []Quantity
	OutputQuantities []Quantity
	TransformationID string

	ReadPoint, BizLocation ID
	Transactions           []Transaction
	Sources, Destinations  []Party
	Certificates           []string // certificationInfo, as written
	Correction             *ErrorDeclaration

	// ILMD and Extensions keep every field that the standard does not name,
	// keyed by its expanded IRI where the record's context defines the prefix.
	ILMD       *Object
	Extensions *Object
	Sensors    *Value // sensorElementList, as read
}

// Misplaced is what a persistentDisposition says where it says nothing.
type Misplaced struct{ Set, Unset []string }

// Quantity is a QuantityElement (EPCIS 2.0, section 7.3.3.3): an amount of a
// class or lot. Amount is nil when the event states none. Unit is the UN/ECE
// Recommendation 20 code, "" for a count.
type Quantity struct {
	Class  ID
	Amount *Decimal
	Unit   string
}

// Transaction is a business document that an event cites. Type is the
// expanded CBV BTT URI, "" when the event states none. ID is canonical.
type Transaction struct {
	Type string
	ID   ID
}

// Party is an entry of sourceList or destinationList. Type is the expanded
// CBV SDT URI (owning_party, possessing_party, location).
type Party struct {
	Type string
	ID   ID
}

// ErrorDeclaration says that an earlier event was wrong (EPCIS 2.0, section
// 7.4.1.4). The correcting event keeps the eventID of the event it declares
// wrong.
type ErrorDeclaration struct {
	Time             Instant
	Reason           string   // expanded CBV ER URI, or ""
	CorrectiveEvents []string // correctiveEventIDs
}
