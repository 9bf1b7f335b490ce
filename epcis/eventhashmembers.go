package epcis

// hashed is the members of an event that are hashed by their names, nil where
// there is none.
type hashed [atOther]*Value

// The places of the members in hashed.
const (
	atEventTime = iota
	atEventTimeZoneOffset
	atEpcList
	atParentID
	atInputEPCList
	atChildEPCs
	atQuantityList
	atChildQuantityList
	atInputQuantityList
	atOutputEPCList
	atOutputQuantityList
	atAction
	atTransformationID
	atBizStep
	atDisposition
	atPersistentDisposition
	atReadPoint
	atBizLocation
	atBizTransactionList
	atSourceList
	atDestinationList
	atSensorElementList
	atIlmd
	atOther // whatever is hashed as an extension
	atNothing
)

// hashedAt is the place of a member. Some are not hashed at all, and the type
// stands before all others.
func hashedAt(name string) int {
	switch name {
	case "recordTime", "eventID", "errorDeclaration", "certificationInfo", "type":
		return atNothing
	case "eventTime":
		return atEventTime
	case "eventTimeZoneOffset":
		return atEventTimeZoneOffset
	case "epcList":
		return atEpcList
	case "parentID":
		return atParentID
	case "inputEPCList":
		return atInputEPCList
	case "childEPCs":
		return atChildEPCs
	case "quantityList":
		return atQuantityList
	case "childQuantityList":
		return atChildQuantityList
	case "inputQuantityList":
		return atInputQuantityList
	case "outputEPCList":
		return atOutputEPCList
	case "outputQuantityList":
		return atOutputQuantityList
	case "action":
		return atAction
	case "transformationID":
		return atTransformationID
	case "bizStep":
		return atBizStep
	case "disposition":
		return atDisposition
	case "persistentDisposition":
		return atPersistentDisposition
	case "readPoint":
		return atReadPoint
	case "bizLocation":
		return atBizLocation
	case "bizTransactionList":
		return atBizTransactionList
	case "sourceList":
		return atSourceList
	case "destinationList":
		return atDestinationList
	case "sensorElementList":
		return atSensorElementList
	case "ilmd":
		return atIlmd
	}
	return atOther
}

// members finds what is hashed by its name, in one pass over the event.
func (h *hashed) members(e *Object) {
	for i := range e.Members {
		if at := hashedAt(e.Members[i].Name); at < atOther {
			h[at] = e.Members[i].Value
		}
	}
}

func hashedField(name string) bool { return hashedAt(name) != atOther }

// standard writes the fields that the standard names, in its order.
func (h *hasher) standard(e *hashed) {
	h.leaf("eventTime", e[atEventTime])
	h.leaf("eventTimeZoneOffset", e[atEventTimeZoneOffset])
	h.epcs("epcList", e[atEpcList])
	h.leaf("parentID", e[atParentID])
	h.epcs("inputEPCList", e[atInputEPCList])
	h.epcs("childEPCs", e[atChildEPCs])
	h.quantities("quantityList", e[atQuantityList])
	h.quantities("childQuantityList", e[atChildQuantityList])
	h.quantities("inputQuantityList", e[atInputQuantityList])
	h.epcs("outputEPCList", e[atOutputEPCList])
	h.quantities("outputQuantityList", e[atOutputQuantityList])
	h.leaf("action", e[atAction])
	h.leaf("transformationID", e[atTransformationID])
	h.word("bizStep", FieldBizStep, e[atBizStep])
	h.word("disposition", FieldDisposition, e[atDisposition])
	if p := object(e[atPersistentDisposition]); p != nil {
		h.parent("persistentDisposition", func() {
			for _, name := range [2]string{"set", "unset"} {
				h.list("", p.Get(name), func(v *Value) { h.word(name, FieldDisposition, v) })
			}
		})
	}
	h.place("readPoint", e[atReadPoint])
	h.place("bizLocation", e[atBizLocation])
	h.typed("bizTransactionList", "bizTransaction", FieldTransactionType, e[atBizTransactionList])
	h.typed("sourceList", "source", FieldSourceDestination, e[atSourceList])
	h.typed("destinationList", "destination", FieldSourceDestination, e[atDestinationList])
	h.list("", e[atSensorElementList], h.sensorElement)
}
