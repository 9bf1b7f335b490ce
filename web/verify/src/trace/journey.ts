/** What a walk tells, as its JSON: mirrors trace/journey.go. */

import type { Instant } from "../epcis/instant.ts";
import type { Key, Recorded } from "./record.ts";

/** Direction is which way a walk goes through transformations. */
export type Direction = "upstream" | "downstream" | "both";

/** Options bound a walk. What is left out, or not positive, is the default. */
export interface Options {
  direction?: Direction | undefined; // default both
  maxNodes?: number | undefined; // default 2,000
  maxDepth?: number | undefined; // transformations and nested containers; default 32
  maxTasks?: number | undefined; // things done before the walk ends with a continuation; default none
  from?: Uint8Array | undefined; // the rest of an earlier walk of the same id
  /** The ledger's block time: "today" for the status of certificates. Default: the latest among the records. */
  now?: Instant | undefined;
  /** The network's parameters, in seconds; defaults 600 and 90 days. */
  futureSkew?: number | undefined;
  lateness?: number | undefined;
}

/** Journey is where an item came from, what became of it, and every record that says so. */
export interface Journey {
  id: string; // canonical
  direction: Direction;
  graph: Graph;
  steps: Step[]; // in eventTime order, then seq
  gaps: Gap[];
  certificates: CertificateStatus[];
  recalls?: Recall[]; // in seq order
  plots: Plot[];
  names: { [id: string]: string }; // canonical id to the name its master data gives it
  continuation?: string;
}

/** Walked is a journey with how its walk ended. */
export interface Walked {
  journey: Journey;
  records: Recorded[]; // in seq order
  tasks: number; // done
  stopped: boolean; // by maxTasks
  full: boolean; // maxNodes left something out
  cut: boolean; // maxDepth did, or a history is longer than is read: gaps say where, no continuation goes on there
  rest?: Uint8Array; // what was not walked, as canonical CBOR
  unwalked: Key[]; // what the rest begins with, in its order, each once
}

/** Graph is the things of a journey and how they hang together. */
export interface Graph {
  nodes: Node[]; // by depth, then id
  edges: Edge[];
}

/** Node is one thing: an item, lot, class, container or document. */
export interface Node {
  id: string;
  namespace: string;
  name?: string;
  depth: number;
}

/** Certainty says how sure a class-level edge is: a lot that was split may have gone elsewhere. */
export type Certainty = "certain" | "possible";

/** Edge joins two nodes: from was transformed into to, was inside it, is an item of it, is named by it. */
export interface Edge {
  kind: "input" | "inside" | "lot" | "document";
  from: string;
  to: string;
  seq: number; // of the record that says so
  certainty: Certainty;
  quantity?: string; // exact decimal
  unit?: string; // UN/ECE Rec 20
  since?: Instant; // of inside
  until?: Instant; // absent while inside, or when no record ends it
}

/** Recall is a recall of a thing of the journey, or of its class, as the records tell it. */
export interface Recall {
  of: string; // the serial, lot or class that it names
  serials?: string[]; // of the class, the ranges that it is limited to: "first..last"
  seq: number;
  eventTime: Instant;
  organisation: string; // who recalled it
  ofOthers?: true; // the contracts found that its author may not recall that: it binds nobody
  lifted?: Lifting; // the event by which its author ended it
  compromised?: true; // with a key that was compromised by then; it stands until its author says otherwise with a good key
  again?: Lifting; // recalled again by its author, with a good key, after something was doubtful about it
  doubtfulEnd?: Lifting; // would have ended it, or declared it wrong, but for the compromised key that signed it
}

/** Lifting is an event by which the author of a recall ended it, or of the like. */
export interface Lifting {
  seq: number;
  eventTime: Instant;
}

/** Step is one record seen from the item: what happened, where, by whom. */
export interface Step {
  seq: number;
  eventTime: Instant;
  about: string[]; // nodes it concerns
  what: string; // "ObjectEvent OBSERVE", "certificate issue", …
  bizStep?: string;
  disposition?: string;
  dispositionsSet?: string[]; // persistentDisposition: from here on
  dispositionsUnset?: string[]; // and what holds no longer: a recall that is lifted
  place?: string; // readPoint, else bizLocation
  organisation: string;
  refused?: true;
  voided?: true; // its author declared it wrong
  compromised?: true; // signed with a key that its organisation says was compromised by then
  basis?: true; // told because a verdict, or who has the thing, rests on it: a later declaration that it was wrong is not looked for
  documents?: { type?: string; id: string }[];
  details?: { name: string; value: string }[]; // the record's own extensions that are one short value
}

/**
 * Plot is a piece of land that the birth record of a lot or item describes.
 * geometry is GeoJSON (RFC 7946) as text, as signed; nobody has judged it.
 */
export interface Plot {
  id?: string;
  area?: string; // as written
  of: string[]; // lots and items, of the journey, that come from it
  seq: number;
  geometry: string;
}

/** Gap is something the records do not say. */
export interface Gap {
  id: string;
  seq?: number;
  about: string; // a sentence
  unread?: boolean; // not the records but the walk leaves it: it read no further here, and no continuation does
}

/** CertificateStatus is a certificate that a record of the journey cites, or an accreditation that one of those rests on. */
export interface CertificateStatus {
  id: string;
  scheme?: string;
  subject?: string;
  scope?: string[];
  issuer?: string; // organisation id
  hsCodes?: string[];
  activities?: string[]; // business steps
  accredits?: string[]; // schemes; of an accreditation
  accreditation?: string; // the certificate it was issued under, listed beside it
  validFrom?: Instant;
  validUntil?: Instant;
  citedBy: number[];
  statusAtEvent: string; // "active", "suspended", "revoked", "not yet valid", "expired", "unknown", "out of scope", "not accredited"
  statusToday: string; // the same words, at the ledger's block time
  records: number[]; // its own records
}
