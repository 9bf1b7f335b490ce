/** The typed meaning of records: mirrors epcis/event.go and record.go. */

import type { Decimal } from "./decimal.ts";
import type { ID } from "./id.ts";
import type { Instant } from "./instant.ts";
import type { Member, Value } from "./value.ts";

/** EventType is one of the five event types of EPCIS 2.0, section 7.4. */
export type EventType = "ObjectEvent" | "AggregationEvent" | "TransactionEvent" | "TransformationEvent" | "AssociationEvent";

/** Action says how an event relates to the lifecycle of its objects (EPCIS 2.0, section 7.3.3.1). */
export type Action = "ADD" | "OBSERVE" | "DELETE";

/**
 * Event is one EPCIS event. Identifiers are canonical, vocabulary is expanded,
 * instants and quantities are exact; "" and none stand for what it does not say.
 */
export interface Event {
  type: EventType;
  id: string; // eventID as written
  time: Instant;
  zoneOffset: string;
  recordTime?: Instant;
  action: Action | ""; // "" for a TransformationEvent
  bizStep: string;
  disposition: string;
  set: string[];
  unset: string[];
  epcs: ID[];
  parent: ID;
  children: ID[];
  inputs: ID[];
  outputs: ID[];
  quantities: Quantity[];
  childQuantities: Quantity[];
  inputQuantities: Quantity[];
  outputQuantities: Quantity[];
  transformationID: string;
  readPoint: ID;
  bizLocation: ID;
  transactions: Transaction[];
  sources: Party[];
  destinations: Party[];
  certificates: string[]; // certificationInfo, as written
  correction?: ErrorDeclaration;
  /** Every field that the standard does not name, keyed by its expanded IRI. */
  ilmd: Member[];
  extensions: Member[];
  sensors?: Value; // sensorElementList, as read
}

/** Quantity is a QuantityElement (EPCIS 2.0, section 7.3.3.3). unit is the UN/ECE Recommendation 20 code. */
export interface Quantity {
  cls: ID;
  amount?: Decimal;
  unit: string;
}

/** Transaction is a business document that an event cites. */
export interface Transaction {
  type: string;
  id: ID;
}

/** Party is an entry of sourceList or destinationList. */
export interface Party {
  type: string;
  id: ID;
}

/** ErrorDeclaration says that an earlier event was wrong (EPCIS 2.0, section 7.4.1.4). */
export interface ErrorDeclaration {
  time: Instant;
  reason: string;
  correctiveEvents: string[];
}

/** Kind is what a record is about. */
export type Kind = "epcis" | "certificate" | "masterdata" | "governance" | "customs" | "acknowledgement";

/** RecordOf is one record: exactly one of the typed fields is set, the one of its kind. */
export interface Record {
  kind: Kind;
  text: string; // exactly as signed
  event?: Event;
  certificate?: Certificate;
  masterData?: MasterData;
  governance?: Governance;
  customs?: Customs;
  acknowledgement?: Acknowledgement;
}

/** Governance is what decides which key a governance record touches. */
export interface Governance {
  action: string;
  id: ID; // of the proposal
  change: string;
  key: string; // of addKey and revokeKey
  next: string; // of addKey and commitKey
}

/**
 * Certificate is a certificate record: a certifier issues a certificate of
 * conformity, or an accreditor an accreditation; later records change its status.
 */
export interface Certificate {
  action: string; // "issue", "suspend", "reinstate" or "revoke"
  id: ID;
  scheme: string;
  subject: ID;
  scope: ID[];
  hsCodes: string[];
  activities: string[]; // business steps
  accredits: string[]; // schemes; of an accreditation
  accreditation: ID; // that it is issued under
  validFrom: Instant;
  validUntil: Instant;
  reason: string;
  reasonCode: string;
  effectiveFrom?: Instant;
}

/** MasterData describes one product class, place or party. */
export interface MasterData {
  vocabulary: string;
  id: ID;
  name: string; // the best readable name among the attributes, or ""
  attributes: Attribute[];
  children: ID[];
}

/** Attribute is one master data attribute; id is the expanded attribute URI. */
export interface Attribute {
  id: string;
  value?: Value;
}

/** Customs is a customs record: a declaration, what the authority decided on it, or how its border gate stands. */
export interface Customs {
  action: string;
  mrn: ID; // identifies the declaration, as events cite it
  country: string; // of the authority; ISO 3166-1 alpha-2
  time: Instant;
  place: ID; // readPoint
  reason: string;
  hsCode: string;
  dueDiligence: string;
  documents: Transaction[];
  flow: string; // "import", "export" or "transit"
  procedure: string;
  origin: string;
  parties: CustomsParty[];
  goods: ID[]; // items, lots and containers
  quantities: Quantity[];
  valueCommitment: string; // to the value of the goods, "" for none
  policy: string; // of a gate
}

/** CustomsParty is a party to a declaration, in the words of the WCO Data Model. */
export interface CustomsParty {
  role: string;
  id: ID;
}

/** Acknowledgement is a holder's answer to a recall, to a certificate's end, or to a hold or seizure by customs. */
export interface Acknowledgement {
  matter: string; // "recall", "certificate" or "customs"
  about: ID;
  time: Instant;
  measure: string;
  note: string;
  goods: ID[]; // items, lots and containers
  quantities: Quantity[];
}
