package epcis

import "strings"

// standardName reports whether EPCIS 2.0's JSON binding names a member so,
// anywhere in a document.
func standardName(name string) bool {
	switch name {
	case "@context", "id", "type", "schemaVersion", "creationDate", "instanceIdentifier", "sender", "receiver",
		"epcisHeader", "epcisMasterData", "vocabularyList", "vocabularyElementList", "attributes", "attribute", "children",
		"epcisBody", "eventList", "queryResults", "queryName", "subscriptionID", "resultsBody",
		"eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "certificationInfo", "errorDeclaration",
		"declarationTime", "reason", "correctiveEventIDs",
		"action", "bizStep", "disposition", "persistentDisposition", "set", "unset",
		"epcList", "quantityList", "epcClass", "quantity", "uom",
		"parentID", "childEPCs", "childQuantityList",
		"inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID",
		"readPoint", "bizLocation", "bizTransactionList", "bizTransaction",
		"sourceList", "source", "destinationList", "destination",
		"sensorElementList", "sensorMetadata", "sensorReport", "ilmd":
		return true
	}
	return false
}

// standardNames returns every name for which standardName is true.
func standardNames() []string {
	return []string{"@context", "id", "type", "schemaVersion", "creationDate", "instanceIdentifier", "sender", "receiver",
		"epcisHeader", "epcisMasterData", "vocabularyList", "vocabularyElementList", "attributes", "attribute", "children",
		"epcisBody", "eventList", "queryResults", "queryName", "subscriptionID", "resultsBody",
		"eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "certificationInfo", "errorDeclaration",
		"declarationTime", "reason", "correctiveEventIDs",
		"action", "bizStep", "disposition", "persistentDisposition", "set", "unset",
		"epcList", "quantityList", "epcClass", "quantity", "uom",
		"parentID", "childEPCs", "childQuantityList",
		"inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID",
		"readPoint", "bizLocation", "bizTransactionList", "bizTransaction",
		"sourceList", "source", "destinationList", "destination",
		"sensorElementList", "sensorMetadata", "sensorReport", "ilmd"}
}

// nearStandard reports whether a name differs from one of the given standard
// names only in case. Such a member is refused: one reader would take it for
// the standard's, another would not.
func nearStandard(name string, names []string) (string, bool) {
	if strings.Contains(name, ":") {
		return "", false
	}
	for _, standard := range names {
		if name != standard && strings.EqualFold(name, standard) {
			return standard, true
		}
	}
	return "", false
}

// eventNames returns the members that the standard names in an event, of any
// type (EPCIS 2.0, section 7.4).
func eventNames() []string {
	return []string{"@context", "type", "eventID", "eventTime", "eventTimeZoneOffset", "recordTime", "certificationInfo", "errorDeclaration",
		"action", "bizStep", "disposition", "persistentDisposition", "epcList", "quantityList", "parentID", "childEPCs", "childQuantityList",
		"inputEPCList", "inputQuantityList", "outputEPCList", "outputQuantityList", "transformationID", "readPoint", "bizLocation",
		"bizTransactionList", "sourceList", "destinationList", "sensorElementList", "ilmd"}
}
