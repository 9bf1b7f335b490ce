/** The names of EPCIS 2.0's JSON binding: mirrors epcis/standard.go. */

const standardNames = new Set(
  ("@context id type schemaVersion creationDate instanceIdentifier sender receiver " +
    "epcisHeader epcisMasterData vocabularyList vocabularyElementList attributes attribute children " +
    "epcisBody eventList queryResults queryName subscriptionID resultsBody " +
    "eventID eventTime eventTimeZoneOffset recordTime certificationInfo errorDeclaration " +
    "declarationTime reason correctiveEventIDs " +
    "action bizStep disposition persistentDisposition set unset " +
    "epcList quantityList epcClass quantity uom " +
    "parentID childEPCs childQuantityList " +
    "inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID " +
    "readPoint bizLocation bizTransactionList bizTransaction " +
    "sourceList source destinationList destination " +
    "sensorElementList sensorMetadata sensorReport ilmd").split(" "),
);

/** standardName reports whether EPCIS 2.0's JSON binding names a member so, anywhere in a document. */
export const standardName = (name: string): boolean => standardNames.has(name);

/** eventNames are the members that the standard names in an event, of any type (EPCIS 2.0, section 7.4). */
export const eventNames =
  ("@context type eventID eventTime eventTimeZoneOffset recordTime certificationInfo errorDeclaration " +
    "action bizStep disposition persistentDisposition epcList quantityList parentID childEPCs childQuantityList " +
    "inputEPCList inputQuantityList outputEPCList outputQuantityList transformationID readPoint bizLocation " +
    "bizTransactionList sourceList destinationList sensorElementList ilmd").split(" ");

/**
 * nearStandard is the standard's name from which this one differs only in case,
 * if any. Such a member is refused: one reader would take it for the standard's,
 * another would not.
 */
export function nearStandard(name: string, names: string[]): string | undefined {
  if (name.includes(":")) return undefined;
  const folded = fold(name);
  return names.find((standard) => name !== standard && folded === fold(standard));
}

/**
 * fold is lower case by Unicode's simple folding, as far as it leads to ASCII:
 * the Kelvin sign and the long s are the only others that do.
 */
const fold = (s: string): string =>
  s.replace(/[A-Z]/g, (c) => c.toLowerCase()).replaceAll("\u212a", "k").replaceAll("\u017f", "s");
