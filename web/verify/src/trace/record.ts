/** Keys and records of the ledger: mirrors trace/record.go and keys.go. */

import type { Record as Decoded } from "../epcis/event.ts";
import type { Instant } from "../epcis/instant.ts";

/** Namespace is the kind of thing a key names on the ledger. */
export type Namespace =
  | "item"
  | "lot"
  | "class"
  | "place"
  | "transaction" // any business document: order, invoice, bill of lading, declaration
  | "certificate"
  | "organisation"
  | "key" // an operating key, by its 0x address
  | "param"
  | "governance" // a proposal, or a change of one operating key
  | "recall" // the recalls of a serial, lot or class: see recallsKey
  | "refused"; // the refused records of another key; id is "<namespace>:<id>"

/** Key names one history on the ledger. */
export interface Key {
  readonly ns: string;
  readonly id: string;
}

/** refused is the key under which refused records that touch k are kept. */
export const refused = (k: Key): Key => ({ ns: "refused", id: `${k.ns}:${k.id}` });

/** recallsKey is the key of the recalls of k: its history is the events that recall k, end that or declare such an event wrong. */
export const recallsKey = (k: Key): Key => ({ ns: "recall", id: `${k.ns}:${k.id}` });

/** accepted is the key whose refused records k keeps; undefined when k is of another namespace or names none. */
export function accepted(k: Key): Key | undefined {
  const colon = k.id.indexOf(":");
  const ns = k.id.slice(0, colon);
  return k.ns === "refused" && colon > 0 && ns !== "refused" ? { ns, id: k.id.slice(colon + 1) } : undefined;
}

/** keyText tells keys apart in sets and maps; no namespace has a space. */
export const keyText = (k: Key): string => `${k.ns} ${k.id}`;

export const sameKey = (a: Key, b: Key): boolean => a.ns === b.ns && a.id === b.id;

/** Severity is what a finding does to its record. */
export type Severity = "REJECT" | "LOCK" | "FLAG" | "INFO";

/** Finding is one thing a contract says of a record. */
export interface Finding {
  severity: Severity;
  rule: string; // as in the rule catalogue: "C1"
  version: number; // of the rule
  code: number; // numbered, stable; part of the ledger entry
  title: string; // one short phrase
  facts?: Fact[];
  next?: string; // what the author can do now
}

/** andMore is the name of the last fact of a finding that has no room for more. */
export const andMore = "and more";

/** Fact is one value a contract rested on. seq is the record it was read from. */
export interface Fact {
  name: string;
  value: string;
  seq?: number;
}

/** Recorded is a record as it stands on the ledger. */
export interface Recorded {
  seq: number;
  height: number;
  time: Instant; // block time; EPCIS calls it recordTime
  kind: string;
  signer: string; // 0x address, EIP-55
  organisation: string; // canonical id of the signer's organisation, "" when unknown
  envelope: Uint8Array; // its id
  findings: Finding[];
  bytes: Uint8Array; // exactly as signed
  compromised?: true; // its organisation says that the key was compromised when the record was made
  /** What bytes say, where the reader has decoded them already; null when they do not decode. */
  decoded?: Decoded | null;
}

/** isRejected reports whether the record was refused. */
export const isRejected = (r: Recorded): boolean => r.findings.some((f) => f.severity === "REJECT");

/** Reader is what a walk needs of a ledger at one height. */
export interface Reader {
  /** history is up to limit sequence numbers of the records that touch k, ascending, those from from on. */
  history(k: Key, from: number, limit: number): number[];
  /**
   * window is the contiguous part of k's history whose records have block times
   * in [since, until], up to limit of them from the first on, and up to lead of
   * those before it, both ascending. Without until it goes to the end.
   */
  window(k: Key, since: Instant, until: Instant | undefined, lead: number, limit: number): { before: number[]; within: number[] };
  /** record is one record. It throws Unknown when there is none at seq. */
  record(seq: number): Recorded;
  /** state is the canonical state bytes of k, undefined when it has none. */
  state(k: Key): Uint8Array | undefined;
}

/** Unknown is thrown for an id, or a seq, that the ledger holds nothing of. */
export class Unknown extends Error {
  override name = "Unknown";
}

/** WalkError is thrown for states and accepted records that cannot be read. */
export class WalkError extends Error {
  override name = "WalkError";
}

/** ContinuationError is thrown for a continuation that no walk of this id and direction has issued. */
export class ContinuationError extends Error {
  override name = "ContinuationError";
}

/** parametersKey is where the ledger keeps the network's parameters. */
export const parametersKey: Key = { ns: "param", id: "parameters" };

/** keepsDescription reports whether keys of the namespace have a description as their state. */
export const keepsDescription = (ns: string): boolean => ns === "class" || ns === "lot" || ns === "place";
